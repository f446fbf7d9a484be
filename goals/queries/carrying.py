"""What a choice of goals becomes in another period, before and while it is carried over."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from goals.carrying import Candidate, left_behind
from goals.models import Alignment, CarryOver, Goal, Layer, Outcome, Period, Status
from perfsys.common.bulk import AnyOf
from perfsys.jobs.models import Job
from perfsys.people.models import Employee


@dataclass(frozen=True)
class Outlook:
    """`come` are the goals that can come along, `left` says of each other one why not; `loose` counts those whose goal
    above is not in the other period."""

    come: tuple[int, ...]
    left: dict[int, str]
    owners: int
    loose: int

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The most frequent first."""
        return Counter(self.left.values()).most_common()


def periods_to_carry_from() -> list[Period]:
    """The newest first."""
    published = Goal.objects.exclude(status=Status.DRAFT).values("period")
    return list(Period.objects.filter(pk__in=published).order_by("-starts_on", "ends_on"))


def outlook(goals: QuerySet[Goal], into: Period | None, days: tuple[date, date]) -> Outlook:
    """`into` is None as long as nobody wrote a goal in it; `days` are its own. Six queries."""
    found = candidates(goals)
    left = why_left(found, into)
    come = [one for one in found if one.pk not in left]
    ids = {one.pk for one in come}
    above = dict(
        Alignment.objects.filter(AnyOf(F("child_id"), list(ids)), is_primary=True).values_list("child_id", "parent_id")
    )
    held = ids | set(successors(set(above.values()) - ids, into, days))
    return Outlook(
        come=tuple(one.pk for one in come),
        left=left,
        owners=len({one.named[:3] for one in come}),
        loose=sum(parent not in held for parent in above.values()),
    )


def candidates(goals: QuerySet[Goal]) -> list[Candidate]:
    columns = ("pk", "title", "layer", "owner_id", "unit_id", "outcome", "owner__status", "unit__ends_on")
    return [
        Candidate(
            pk=pk,
            title=title,
            layer=layer,
            owner_id=owner,
            unit_id=unit,
            is_cancelled=outcome == Outcome.CANCELLED,
            is_owner_here=status == Employee.Status.ACTIVE,
            is_unit_open=ends_on is None,
        )
        for pk, title, layer, owner, unit, outcome, status, ends_on in goals.order_by("pk").values_list(*columns)
    ]


def why_left(found: Collection[Candidate], into: Period | None) -> dict[int, str]:
    """Two queries."""
    if into is None or not found:
        return left_behind(found, carried=(), standing=())
    there = Goal.objects.filter(period=into)
    carried = there.filter(AnyOf(F("carried_from_id"), [one.pk for one in found]))
    called = there.filter(AnyOf(F("title"), list({one.title for one in found}))).exclude(outcome=Outcome.CANCELLED)
    columns = called.values_list("pk", "title", "layer", "owner_id", "unit_id")
    standing = {
        Candidate(*column, is_cancelled=False, is_owner_here=True, is_unit_open=True).named for column in columns
    }
    return left_behind(found, carried=set(carried.values_list("carried_from_id", flat=True)), standing=standing)


def successors(parents: Collection[int], into: Period | None, days: tuple[date, date]) -> dict[int, int]:
    """By goal that was supported, which one a goal in the other period supports instead: the one that goes on with it,
    itself where its own period runs on, or one of the same owner that is called the same. Three queries."""
    if not parents:
        return {}
    starts_on, ends_on = days
    above = Goal.objects.filter(AnyOf(F("id"), list(parents)))
    going_on = above.filter(period__starts_on__lte=ends_on, period__ends_on__gte=starts_on)
    found = {pk: pk for pk in going_on.exclude(outcome=Outcome.CANCELLED).values_list("pk", flat=True)}
    if into is None:
        return found
    there = Goal.objects.filter(period=into).exclude(outcome=Outcome.CANCELLED)
    was = candidates(above)
    called = there.filter(AnyOf(F("title"), list({one.title for one in was})))
    by_name = {one.named: one.pk for one in candidates(called)}
    found |= {one.pk: by_name[one.named] for one in was if one.named in by_name}
    carried = there.filter(AnyOf(F("carried_from_id"), list(parents)))
    return found | dict(carried.values_list("carried_from_id", "pk"))


def drafts_waiting(
    run: CarryOver, *, owners: Collection[int], units: Collection[int], of_company: bool
) -> dict[tuple[str, int | None], int]:
    """How many drafts of the run are not published yet, by layer and owner or unit, of these. One query."""
    wanted = Q(layer=Layer.POSITION, owner__in=owners) | Q(layer=Layer.DEPARTMENT, unit__in=units)
    wanted |= Q(layer=Layer.COMPANY) if of_company else Q(pk__in=[])
    drafts = Goal.objects.filter(wanted, AnyOf(F("carried_from_id"), run.goals), period=run.into_period)
    drafts = drafts.filter(status=Status.DRAFT)
    counted: Any = drafts.order_by().values_list("layer", "owner", "unit").annotate(number=Count("pk"))
    found: Counter[tuple[str, int | None]] = Counter()
    for layer, owner, unit, number in counted:
        found[layer, {Layer.POSITION: owner, Layer.DEPARTMENT: unit}.get(layer)] += number
    return dict(found)


def few(ids: Iterable[int], most: int) -> list[Goal]:
    """The first of these with owner and unit, for a list that says how many more there are."""
    goals = Goal.objects.filter(pk__in=sorted(ids)[:most])
    return list(goals.select_related("owner", "unit").order_by("pk"))


def has_given_up(run: CarryOver) -> bool:
    """Whether its job failed too often to be tried again."""
    dead = Job.objects.filter(kind="goals.carry", key=f"{run.pk}", state=Job.State.DEAD)
    return run.finished_at is None and dead.exists()
