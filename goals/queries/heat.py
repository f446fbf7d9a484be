"""How often goals moved, week by week (product.md §2.11): facts to be proud of, never a score."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from goals.models import CheckIn, Goal, Milestone

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
    ids, span = [goal.pk for goal in goals], (mondays[0], on)
    moved = list(CheckIn.objects.filter(goal__in=ids, local_on__range=span).values_list("goal", "local_on"))
    ticked = Milestone.objects.filter(goal__in=ids, done_on__range=span).values_list("goal", "done_on")
    days = moved + [(goal_id, day) for goal_id, day in ticked if day is not None]
    counts = Counter((goal_id, day - timedelta(days=day.weekday())) for goal_id, day in days)
    return Heat(mondays, [HeatRow(goal, [counts[goal.pk, start] for start in mondays]) for goal in goals])


def weeks_of(starts_on: date, ends_on: date, *, most: int) -> int:
    """How many weeks touch the two days and all between, at most the last `most`."""
    first, last = (day - timedelta(days=day.weekday()) for day in (starts_on, ends_on))
    return max(1, min(most, (last - first).days // 7 + 1))
