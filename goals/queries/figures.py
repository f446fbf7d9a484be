"""Expected progress and pace of goals on a day, over the tenant's working days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from goals import progress, standing
from goals.models import Goal, Milestone
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.workdays import WorkCalendar


@dataclass
class Expectations:
    """What is expected of goals by the end of `day`: by milestones where a goal has some, else by working days."""

    day: date
    calendar: WorkCalendar
    stages: Mapping[int, list[progress.Milestone]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known: dict[tuple[date, date], Decimal] = {}
        self._work_days = standing.counter(self.calendar)

    def of(self, goal: Goal) -> Decimal:
        if stages := self.stages.get(goal.pk):
            return progress.expected_by_milestones(self.day, stages)
        return self.between(goal.starts_on, goal.due_on)

    def between(self, starts_on: date, due_on: date) -> Decimal:
        span = (starts_on, due_on)
        if span not in self._known:
            self._known[span] = progress.expected_progress(
                self.day, start=starts_on, due=due_on, work_days=self._work_days
            )
        return self._known[span]


def expectations(goals: Iterable[Goal], day: date, milestones: Iterable[Milestone] | None = None) -> Expectations:
    """Two queries, whatever the number of goals; one for whoever has read their `milestones` already."""
    listed = list(goals)
    if milestones is None:
        milestones = Milestone.objects.filter(goal__in=[goal.pk for goal in listed], adopted="")
    stages: defaultdict[int, list[progress.Milestone]] = defaultdict(list)
    for stage in milestones:
        stages[stage.goal_id].append(progress.Milestone(stage.due_on, stage.weight, stage.done_on is not None))
    return Expectations(day, calendar_over([(goal.starts_on, goal.due_on) for goal in listed], day), stages)


def calendar_over(spans: Sequence[tuple[date, date]], day: date) -> WorkCalendar:
    """The calendar that covers the spans and `day`; one query."""
    return calendar_for(min([day, *(span[0] for span in spans)]), max([day, *(span[1] for span in spans)]))


def shown_progress(goal: Goal) -> Decimal | None:
    """What screens show beside a goal: its own progress, else that of the goals that carry it."""
    return standing.effective(goal.own_progress, goal.rolled_progress)
