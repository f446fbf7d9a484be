"""The obstacle board (product.md §2.5): what stands in the way of published goals, by cause and one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from goals.models import Goal, Obstacle, ObstacleCause, ObstacleState
from perfsys.people.models import Employee
from perfsys.people.queries import chain_above, hrbp_of
from perfsys.people.spans import holds

from .medians import Median
from .settings import goal_settings

SOON = timedelta(days=7)


@dataclass(frozen=True)
class CauseLine:
    """What one cause touches. `median_minutes`: working minutes from a goal's publication until somebody took it in
    hand, None while nobody has."""

    public_id: UUID
    name: str
    goals: int
    units: int
    waiting: int
    in_hand: int
    cleared: int
    median_minutes: float | None


def by_cause(obstacles: QuerySet[Obstacle], on: date) -> list[CauseLine]:
    """The cause that most goals still meet comes first. Counted are those whose owner has a post today; an obstacle is
    named once by a goal, so their number is that of goals. Two queries: sums by the cause's key, then the names, so
    that no sentence is sorted once for each obstacle."""
    post = Q(owner__assignments__is_primary=True) & holds(on, "owner__assignments__")
    sums = (
        obstacles.filter(post)
        .order_by()
        .values("cause_id")
        .annotate(
            goals=Count("pk"),
            units=Count("owner__assignments__unit", distinct=True),
            waiting=Count("pk", filter=Q(state=ObstacleState.OPEN)),
            in_hand=Count("pk", filter=Q(state=ObstacleState.IN_HAND)),
            cleared=Count("pk", filter=Q(state=ObstacleState.CLEARED)),
            median_minutes=Median("answer_minutes"),
        )
    )
    found = {of_cause.pop("cause_id"): of_cause for of_cause in sums}
    causes = ObstacleCause.objects.in_bulk(found)
    lines = [CauseLine(causes[pk].public_id, causes[pk].name, **of_cause) for pk, of_cause in found.items()]
    return sorted(lines, key=lambda line: (line.cleared - line.goals, line.cleared, line.name))


@dataclass(frozen=True)
class Wanted:
    """What the query string narrows the board to. `state` "left" is all that is not cleared, "all" everything;
    `helper` "me", "nobody" or ""; `due` "past", "week" or ""."""

    cause: str = ""
    state: str = "left"
    helper: str = ""
    due: str = ""


def narrowed(obstacles: QuerySet[Obstacle], wanted: Wanted, *, me: Employee | None, on: date) -> QuerySet[Obstacle]:
    """What nobody works on first, then by day, each cause together."""
    if wanted.cause:
        obstacles = obstacles.filter(cause__public_id=wanted.cause)
    if wanted.state == "left":
        obstacles = obstacles.exclude(state=ObstacleState.CLEARED)
    elif wanted.state in ObstacleState.values:
        obstacles = obstacles.filter(state=wanted.state)
    if wanted.helper == "me":
        obstacles = obstacles.filter(helper=me)
    elif wanted.helper == "nobody":
        obstacles = obstacles.filter(helper=None)
    if wanted.due == "past":
        obstacles = obstacles.filter(due_on__lt=on).exclude(state=ObstacleState.CLEARED)
    elif wanted.due == "week":
        obstacles = obstacles.filter(due_on__range=(on, on + SOON))
    first: Any = Case(
        When(state=ObstacleState.OPEN, then=Value(0)),
        When(state=ObstacleState.IN_HAND, then=Value(1)),
        default=Value(2),
    )
    return obstacles.order_by(first, F("due_on").asc(nulls_last=True), "cause_id", "-pk")


def how_many(lines: list[CauseLine], wanted: Wanted) -> int | None:
    """Length of what `narrowed` finds where the sums by cause tell it already; None where it must be counted."""
    if wanted.helper or wanted.due:
        return None
    chosen = [line for line in lines if wanted.cause in {"", str(line.public_id)}]
    of_state = {
        ObstacleState.OPEN.value: sum(line.waiting for line in chosen),
        ObstacleState.IN_HAND.value: sum(line.in_hand for line in chosen),
        ObstacleState.CLEARED.value: sum(line.cleared for line in chosen),
        "all": sum(line.goals for line in chosen),
        "left": sum(line.goals - line.cleared for line in chosen),
    }
    return of_state[wanted.state]


def may_help(goal: Goal, person: Employee | None, on: date) -> bool:
    """Whether an obstacle of `goal` may be given to `person`: of a published goal that everybody reads to anybody, else
    to those of its line, who read it anyway: its owner, the managers above the owner, the owner's HR partner."""
    if person is None or not (goal.is_draft or goal.is_private):
        return True
    if goal.owner is None:
        return False
    partner = hrbp_of([goal.owner.pk], on).get(goal.owner.pk)
    levels = goal_settings().manager_levels or None  # 0: all of them
    return person in {goal.owner, partner, *chain_above(goal.owner, on)[:levels]}


def in_full(keys: Sequence[int]) -> list[Obstacle]:
    """These in their order, with what a line shows. The order is found with keys alone: goals and people of 28,000
    obstacles need not be read to show 25."""
    found = Obstacle.objects.select_related("cause", "helper", "goal__owner").in_bulk(keys)
    return [found[key] for key in keys if key in found]
