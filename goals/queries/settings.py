"""What a tenant has set about goals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from goals.models import GoalSettings, Layer, ObstacleCause, Status
from goals.publishing import Bounds
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import current_tenant_id


def goal_settings() -> GoalSettings:
    """The tenant's settings, or the defaults where nobody has set any; one query."""
    found: GoalSettings | None = GoalSettings.objects.first()
    return found or GoalSettings()


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
    """A line of the list of obstacles, and how many goals that are not closed name it."""

    cause: ObstacleCause
    used: int


def causes_offered(also: Collection[int] = ()) -> list[ObstacleCause]:
    """What an owner chooses from: the list, and what the goal names already (by id)."""
    return list(ObstacleCause.objects.filter(Q(is_listed=True) | Q(pk__in=also)).order_by("name"))


def cause_rows(*, listed: bool, most: int) -> list[CauseRow]:
    """The list, or what owners have added in their own words; the most named first. One query."""
    is_open = ~Q(obstacles__goal__status=Status.CLOSED)
    causes = ObstacleCause.objects.filter(is_listed=listed).annotate(used=Count("obstacles", filter=is_open))
    return [CauseRow(cause, cause.used) for cause in causes.order_by("-used", "name")[:most]]
