"""Expected progress and pace of goals on a day, over the tenant's working days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from goals import progress, standing
from goals.models import Direction, Goal, Kind, Milestone
from goals.scoring import Rule, Score, score
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.workdays import WorkCalendar
from perfsys.tenancy.prepared import prepared


@dataclass
class Expectations:
    """What is expected of goals by the end of `day`: by milestones where a goal has some, else by working days."""

    day: date
    calendar: WorkCalendar
    stages: Mapping[int, list[progress.Milestone]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known: dict[tuple[object, ...], Decimal] = {}
        self._work_days = standing.counter(self.calendar)

    def of(self, goal: Goal) -> Decimal:
        away = goal.spans_away
        if stages := self.stages.get(goal.pk):
            return progress.expected_by_milestones(self.day, stages, away)
        return self.between(goal.starts_on, goal.due_on, away)

    def between(self, starts_on: date, due_on: date, away: progress.Away = ()) -> Decimal:
        span = (starts_on, due_on, *away)
        if span not in self._known:
            self._known[span] = progress.expected_progress(
                self.day, start=starts_on, due=due_on, work_days=self._work_days, away=away
            )
        return self._known[span]


def expectations(goals: Iterable[Goal], day: date, milestones: Iterable[Milestone] | None = None) -> Expectations:
    """Two queries, whatever the number of goals; one for whoever has read their `milestones` already."""
    listed = list(goals)
    if milestones is None:
        milestones = _standing_stages(tuple(goal.pk for goal in listed)) if listed else []
    stages: defaultdict[int, list[progress.Milestone]] = defaultdict(list)
    for stage in milestones:
        stages[stage.goal_id].append(progress.Milestone(stage.due_on, stage.weight, stage.done_on is not None))
    return Expectations(day, calendar_over([(goal.starts_on, goal.due_on) for goal in listed], day), stages)


@prepared
def _standing_stages(goals: tuple[int, ...]) -> QuerySet[Milestone]:
    return Milestone.objects.filter(goal__in=goals, adopted="")


def calendar_over(spans: Sequence[tuple[date, date]], day: date) -> WorkCalendar:
    """The calendar that covers the spans and `day`; one query."""
    return calendar_for(min([day, *(span[0] for span in spans)]), max([day, *(span[1] for span in spans)]))


def shown_progress(goal: Goal) -> Decimal | None:
    """What screens show beside a goal: its own progress, else that of the goals that carry it."""
    return standing.effective(goal.own_progress, goal.rolled_progress)


@dataclass(frozen=True)
class Prorated:
    """What is asked of an owner who is there on `there` of the `whole` working days of the goal."""

    there: int
    whole: int
    target: Decimal | None  # of a figure to raise or lower, where its way has begun

    @property
    def share(self) -> Fraction:
        return Fraction(self.there, self.whole) if self.whole else progress.WHOLE


def prorated(goal: Goal, calendar: WorkCalendar, first_reading: Decimal | None = None) -> Prorated | None:
    """None where the owner is there all the time (product.md §1.3). No query."""
    if not goal.away:
        return None
    there, whole = progress.share_present(
        goal.starts_on, goal.due_on, work_days=standing.counter(calendar), away=goal.spans_away
    )
    found = Prorated(there, whole, None)
    if goal.kind != Kind.KPI or goal.direction == Direction.HOLD or goal.target is None:
        return found
    readings = [] if first_reading is None else [first_reading]
    start = progress.start_of(readings, direction=progress.Direction(goal.direction), baseline=goal.baseline)
    if goal.direction == Direction.LOWER and goal.baseline is None and not readings:
        return found
    return Prorated(there, whole, progress.prorated_target(goal.target, start, found.share))


def score_of(goal: Goal, asked: Prorated | None = None) -> Score | None:
    """The goal's score by its own rule, an input to reviews; None while nothing is known of its progress."""
    standing_at = shown_progress(goal)
    if standing_at is None or goal.is_draft:
        return None
    target = goal.target if asked is None or asked.target is None else asked.target
    missing = None
    if goal.kind == Kind.KPI and goal.direction != Direction.HOLD and None not in (target, goal.last_value):
        short = target - goal.last_value  # type: ignore[operator]  # neither is None
        missing = short if goal.direction == Direction.RAISE else -short
    return score(
        Rule(goal.scoring), standing_at, figure=goal.scoring_figure, missing=missing, unit=goal.unit_of_measure
    )
