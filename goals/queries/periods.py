"""Which period a page is about, and what is still open in it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from goals import events
from goals.models import AdjustmentRequest, Closing, Goal, Layer, Period, RequestState, Status
from perfsys.audit.models import AuditEntry
from perfsys.tenancy.prepared import prepared


def all_periods() -> list[Period]:
    """The newest first."""
    return _all_periods()


@prepared
def _all_periods() -> QuerySet[Period]:
    return Period.objects.order_by("-starts_on", "ends_on")


def period_of(periods: list[Period], on: date, wanted: str = "") -> Period | None:
    """The period called `wanted`, else the shortest that covers `on`, else the last that has begun, else the next."""
    named = [period for period in periods if period.name == wanted]
    covering = sorted((p for p in periods if p.covers(on)), key=lambda p: p.ends_on - p.starts_on)
    begun = [period for period in periods if period.starts_on <= on]
    return next(iter([*named, *covering, *begun, *periods[::-1]]), None)


def current_period(on: date) -> Period | None:
    return period_of(all_periods(), on)


def period_called(name: str) -> Period | None:
    found: Period | None = Period.objects.filter(name=name).first() if name else None
    return found


@dataclass(frozen=True)
class StillOpen:
    """Goals of a period that have come to no end yet by layer, drafts, ends that their owners named and nobody settled,
    and requests that wait."""

    company: int = 0
    department: int = 0
    position: int = 0
    drafts: int = 0
    ends: int = 0
    requests: int = 0

    @property
    def goals(self) -> int:
        return self.company + self.department + self.position


def still_open(period: Period) -> StillOpen:
    """Three queries."""
    return open_in([period.pk])[period.pk]


def open_in(periods: Collection[int]) -> dict[int, StillOpen]:
    """By id of the period; three queries, however many they are."""
    published = Q(status=Status.PUBLISHED)
    layers = {"company": Layer.COMPANY, "department": Layer.DEPARTMENT, "position": Layer.POSITION}
    counts = {name: Count("pk", filter=published & Q(layer=layer)) for name, layer in layers.items()}
    unfinished = Goal.objects.filter(period__in=periods, status__in=[Status.DRAFT, Status.PUBLISHED])
    goals = unfinished.order_by().values("period")
    found = {
        row.pop("period"): row for row in goals.annotate(drafts=Count("pk", filter=Q(status=Status.DRAFT)), **counts)
    }
    ends = Closing.objects.filter(goal__period__in=periods, closed_at=None, undone_at=None).order_by()
    waiting = AdjustmentRequest.objects.filter(
        period__in=periods, state__in=[RequestState.WAITING, RequestState.SENT]
    ).order_by()
    ended = dict(ends.values("goal__period").annotate(n=Count("pk")).values_list("goal__period", "n"))
    asked = dict(waiting.values("period").annotate(n=Count("pk")).values_list("period", "n"))
    return {pk: StillOpen(**found.get(pk, {}), ends=ended.get(pk, 0), requests=asked.get(pk, 0)) for pk in periods}


def open_goals_of(period: Period, goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Those of `goals` that came to no end yet: the company's first, then by unit and owner."""
    left = goals.filter(period=period, status=Status.PUBLISHED).select_related("owner", "unit")
    return left.order_by("layer", "unit__path", "owner__employee_no", "id")


@dataclass(frozen=True)
class Step:
    """That a period was closed, or opened again with a reason."""

    at: datetime
    by: str
    is_closing: bool
    why: str


def steps_of(period: Period) -> list[Step]:
    """The newest first."""
    of_period = AuditEntry.objects.filter(subject_type=Period._meta.label_lower, subject_id=period.pk)
    told = of_period.filter(verb__in=[events.PERIOD_CLOSED, events.PERIOD_REOPENED]).order_by("-at", "-pk")
    return [
        Step(one.at, one.actor_name, one.verb == events.PERIOD_CLOSED, str(one.details.get("why", ""))) for one in told
    ]
