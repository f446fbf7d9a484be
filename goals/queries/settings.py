"""What a tenant has set about goals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery

from goals.models import GoalSettings, Layer, Obstacle, ObstacleCause, Status
from goals.publishing import Bounds
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.scope import current_tenant_id

MOST_COUNTED = 100  # nobody needs to know more exactly how common an obstacle is


def goal_settings() -> GoalSettings:
    """The tenant's settings, or the defaults where nobody has set any; one query."""
    return next(iter(_set()), None) or GoalSettings()


@prepared
def _set() -> QuerySet[GoalSettings]:
    return GoalSettings.objects.order_by("pk")[:1]


def bounds(settings: GoalSettings) -> Mapping[str, Bounds]:
    return {
        Layer.COMPANY: Bounds(settings.company_least, settings.company_most),
        Layer.DEPARTMENT: Bounds(settings.department_least, settings.department_most),
        Layer.POSITION: Bounds(settings.position_least, settings.position_most),
    }


def tenant_zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))


def tenant_slug() -> str:
    """What stands in the addresses of the open tenant's pages."""
    found: str = Tenant.objects.values_list("slug", flat=True).get(pk=current_tenant_id())
    return found


def local_date(now: datetime) -> date:
    """The open tenant's date at `now`; one query. Views know the zone already: `request.seat.zone`."""
    return now.astimezone(tenant_zone()).date()


@dataclass(frozen=True)
class CauseRow:
    """A line of the list of obstacles, and how many goals that are not closed name it, counted up to MOST_COUNTED."""

    cause: ObstacleCause
    used: int

    @property
    def is_more(self) -> bool:
        return self.used >= MOST_COUNTED


def causes_offered(also: Collection[int] = ()) -> list[ObstacleCause]:
    """What an owner chooses from: the list, and what the goal names already (by id)."""
    return list(ObstacleCause.objects.filter(Q(is_listed=True) | Q(pk__in=also)).order_by("name"))


def cause_rows(*, listed: bool, most: int) -> list[CauseRow]:
    """The list, or what owners have added in their own words; the most named first. One query."""
    naming = Obstacle.objects.filter(cause=OuterRef("pk")).exclude(goal__status=Status.CLOSED).order_by()
    counted = _Number(naming.values("pk")[:MOST_COUNTED])
    causes: Any = ObstacleCause.objects.filter(is_listed=listed).annotate(used=counted)
    return [CauseRow(cause, cause.used) for cause in causes.order_by("-used", "name")[:most]]


class _Number(Subquery):
    """How many rows a subquery gives, a LIMIT in it honoured."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
