"""How often goals moved, week by week (product.md §2.11): facts to be proud of, never a score."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from goals.models import CheckIn, Goal, Milestone
from perfsys.tenancy.prepared import prepared

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class HeatRow:
    goal: Goal
    cells: list[int]


@dataclass(frozen=True)
class Heat:
    """Check-ins and milestones of the goals, week by week; `weeks` are Mondays, the last one is this week's."""

    weeks: list[date]
    rows: list[HeatRow]

    @property
    def most(self) -> int:
        return max((cell for row in self.rows for cell in row.cells), default=0)

    @property
    def moved_this_week(self) -> int:
        """Number of goals."""
        return sum(row.cells[-1] > 0 for row in self.rows)


def heat(goals: Sequence[Goal], on: date, *, weeks: int) -> Heat:
    """Of so many weeks, that of `on` the last. Two queries."""
    monday = on - timedelta(days=on.weekday())
    mondays = [monday - n * WEEK for n in reversed(range(weeks))]
    ids = tuple(goal.pk for goal in goals)
    days = [*_moved(ids, mondays[0], on), *_ticked(ids, mondays[0], on)] if ids else []
    counts = Counter((goal_id, day - timedelta(days=day.weekday())) for goal_id, day in days)
    return Heat(mondays, [HeatRow(goal, [counts[goal.pk, start] for start in mondays]) for goal in goals])


@prepared
def _moved(goals: tuple[int, ...], first: date, last: date) -> QuerySet[CheckIn, tuple[int, date]]:
    return CheckIn.objects.filter(goal__in=goals, local_on__range=(first, last)).values_list("goal", "local_on")


@prepared
def _ticked(goals: tuple[int, ...], first: date, last: date) -> QuerySet[Milestone, Any]:
    return Milestone.objects.filter(goal__in=goals, done_on__range=(first, last)).values_list("goal", "done_on")


def weeks_of(starts_on: date, ends_on: date, *, most: int) -> int:
    """How many weeks touch the two days and all between, at most the last `most`."""
    first, last = (day - timedelta(days=day.weekday()) for day in (starts_on, ends_on))
    return max(1, min(most, (last - first).days // 7 + 1))
