"""What a goal becomes for many people, before and while their drafts are made."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from goals.models import Cascade, Goal, Layer, Outcome, Period
from goals.queries.writing import Span
from perfsys.common.bulk import AnyOf
from perfsys.jobs.models import Job
from perfsys.people.models import Assignment, Employee
from perfsys.people.spans import holds

SUPPORTS, CALLED = "supports", "called"
WHY = {
    SUPPORTS: _("Has a goal that supports this one already."),
    CALLED: _("Has a goal of this name in the period already."),
}
MOST_POSTS = 200


@dataclass(frozen=True)
class Outlook:
    """`come` get a draft, `left` says of each other one why not; both by the employee's id."""

    come: tuple[int, ...]
    left: dict[int, str]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return Counter(self.left.values()).most_common()


def outlook(goal: Goal, people: Sequence[int], period: Period | None, title: str) -> Outlook:
    """`period` is None as long as nobody wrote a goal in it. One query."""
    left = why_left(goal, people, period, title)
    return Outlook(tuple(one for one in people if one not in left), left)


def why_left(goal: Goal, people: Collection[int], period: Period | None, title: str) -> dict[int, str]:
    if period is None:
        return {}
    there = Goal.objects.filter(AnyOf(F("owner_id"), list(people)), period=period, layer=Layer.POSITION)
    standing = there.exclude(outcome=Outcome.CANCELLED)
    supporting = Q(parents__parent=goal, parents__is_primary=True)
    found = standing.filter(Q(title=title) | supporting).values_list("owner_id", "title", "parents__parent_id")
    told: dict[int, str] = {}
    for owner, called, parent in found:
        why = SUPPORTS if parent == goal.pk else CALLED if called == title else None
        if why and told.get(owner) != SUPPORTS:
            told[owner] = why
    return told


def spans_inside(spans: Sequence[Span], goal: Goal) -> list[Span]:
    """In which of these periods a goal can support it; its own first, and alone where none of them runs beside it."""
    period = goal.period
    running = [one for one in spans if one.starts_on <= period.ends_on and one.ends_on >= period.starts_on]
    running.sort(key=lambda one: (one.starts_on, one.ends_on) != (period.starts_on, period.ends_on))
    return running or [Span.of(period)]


def days_of(goal: Goal, starts_on: date, ends_on: date) -> tuple[date, date]:
    """From when to when a draft runs: inside the goal above where that leaves a day."""
    first, last = max(starts_on, goal.starts_on), min(ends_on, goal.due_on)
    return (first, last) if first <= last else (starts_on, ends_on)


def posts_of(people: QuerySet[Employee], on: date) -> list[str]:
    """Positions to choose from."""
    posts = Assignment.objects.filter(holds(on), employee__in=people.values("pk")).exclude(position="")
    return list(posts.order_by("position").values_list("position", flat=True).distinct()[:MOST_POSTS])


def some(ids: Collection[int], most: int) -> list[Employee]:
    return list(Employee.objects.filter(pk__in=list(ids)[:most]).order_by("name_key", "pk"))


def has_given_up(run: Cascade) -> bool:
    """Whether its job failed too often to be tried again."""
    dead = Job.objects.filter(kind="goals.cascade", key=f"{run.pk}", state=Job.State.DEAD)
    return run.finished_at is None and dead.exists()
