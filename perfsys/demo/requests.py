"""A few requests to change goals, in different states, around the people whose pages show the circle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F

from goals.actions import adjusting as actions
from goals.actions.adjusting import Wanted
from goals.models import AdjustmentRequest, Direction, Field, Goal, Layer, Period, RequestState, Status
from goals.queries.adjusting import Whose, current_step, lines_of, mark_of, steps_of
from perfsys.people.models import Employee
from perfsys.people.queries import reports_of

STEP = Decimal(5)  # points of weight
FULL = Decimal(100)


@dataclass(frozen=True)
class Story:
    """Asked so many days ago, with this reason; answered after so many hours, or not yet."""

    days_ago: int
    reason: str
    answered: bool | None = None
    hours: int = 3
    note: str = ""


# What the employee asks for waits for the window where it is closed; the others are of the manager's team.
OWN = Story(1, "老客户的复购更快见效，想把力气多放一些过去。")
OF_THE_TEAM = (
    Story(2, "客户把样件评审推后了十天，排期跟着挪一下。"),
    Story(6, "上游图纸晚了一周，验收只能往后排。", answered=True, hours=5, note="同意，新日期我来同步给质量部。"),
    Story(9, "月底人手紧，想再留些时间。", answered=False, hours=26, note="展会日期不能动，我们一起看看谁能搭把手。"),
)


def ask_for_changes(employee: Employee, manager: Employee, period: Period, on: date, now: datetime) -> None:
    """Whoever has no goal that fits is passed over."""
    _move_weights(employee, period, now)
    team = [one for one in reports_of(manager, on, direct=True) if one.pk != employee.pk]
    stories = list(OF_THE_TEAM)
    for person in team:
        if stories and (goal := _goals(person, period)[:1]):
            _tell(person, goal[0], period, stories.pop(0), now)


def _goals(person: Employee, period: Period) -> list[Goal]:
    """The quietest first: what was changed reads so until it moves."""
    of_person = Goal.objects.filter(owner=person, layer=Layer.POSITION, period=period, status=Status.PUBLISHED)
    return list(of_person.order_by(F("last_activity_on").asc(nulls_first=True), "pk"))


def _move_weights(person: Employee, period: Period, now: datetime) -> None:
    goals = _goals(person, period)
    free = [goal for goal in goals if not goal.is_core and goal.weight is not None and goal.weight >= STEP]
    if len(free) < 2 or sum(goal.weight or 0 for goal in goals) != FULL:
        return
    less, more = free[:2]
    moved = [(less, -STEP), (more, STEP)]
    wanted = [Wanted(goal, Field.WEIGHT, (goal.weight or Decimal(0)) + by) for goal, by in moved]
    _ask(person, wanted, period, OWN, now)


def _tell(person: Employee, goal: Goal, period: Period, story: Story, now: datetime) -> None:
    request = _ask(person, [_later(goal, period)], period, story, now)
    if story.answered is None:
        return
    at = now - timedelta(days=story.days_ago, hours=-story.hours)
    while request.state == RequestState.SENT and (step := current_step(steps_of(request))) is not None:
        if story.answered:
            seen = mark_of(line.goal for line in lines_of(request))
            request = actions.approve(request=request, seen=seen, actor=step.approver, now=at, note=story.note)
        else:
            request = actions.refuse(request=request, reason=story.note, actor=step.approver, now=at)


def _later(goal: Goal, period: Period) -> Wanted:
    """Ten days later where the period has room for it; else a target a little lower; else three days before its end."""
    if goal.due_on < period.ends_on:
        return Wanted(goal, Field.DUE_ON, min(goal.due_on + timedelta(days=10), period.ends_on))
    if goal.target is not None and goal.counts_values:
        counts = goal.target >= 10 and goal.target == goal.target.to_integral_value()
        lower = goal.target - 1 if counts else (goal.target * Decimal("0.95")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if lower != goal.target and goal.direction != Direction.HOLD:
            return Wanted(goal, Field.TARGET, lower)
    return Wanted(goal, Field.DUE_ON, period.ends_on - timedelta(days=3))


def _ask(person: Employee, wanted: Sequence[Wanted], period: Period, story: Story, now: datetime) -> AdjustmentRequest:
    return actions.ask(
        whose=Whose(Layer.POSITION, person),
        period=period,
        wanted=wanted,
        reason=story.reason,
        actor=person,
        now=now - timedelta(days=story.days_ago),
    )
