"""The obstacle board (product.md §2.5): what stands in the way of published goals, by cause and one by one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from goals.models import Obstacle, ObstacleState
from perfsys.people.models import Employee
from perfsys.people.spans import holds

from .medians import Median

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
    named once by a goal, so their number is that of goals. One query."""
    post = Q(goal__owner__assignments__is_primary=True) & holds(on, "goal__owner__assignments__")
    rows = (
        obstacles.filter(post)
        .order_by()
        .values("cause__public_id", "cause__name")
        .annotate(
            goals=Count("pk"),
            units=Count("goal__owner__assignments__unit", distinct=True),
            waiting=Count("pk", filter=Q(state=ObstacleState.OPEN)),
            in_hand=Count("pk", filter=Q(state=ObstacleState.IN_HAND)),
            cleared=Count("pk", filter=Q(state=ObstacleState.CLEARED)),
            median=Median("answer_minutes"),
        )
        .order_by("cleared", "cause__name")
    )
    lines = [
        CauseLine(
            row["cause__public_id"],
            row["cause__name"],
            row["goals"],
            row["units"],
            row["waiting"],
            row["in_hand"],
            row["cleared"],
            row["median"],
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.cleared - line.goals, line.name))


@dataclass(frozen=True)
class Wanted:
    """What the query string narrows the board to. `state` "left" is all that is not cleared, "all" everything;
    `helper` "me", "nobody" or ""; `due` "past", "week" or ""."""

    cause: str = ""
    state: str = "left"
    helper: str = ""
    due: str = ""


def narrowed(obstacles: QuerySet[Obstacle], wanted: Wanted, *, me: Employee | None, on: date) -> QuerySet[Obstacle]:
    """What nobody works on first, then by day, then by cause."""
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
    in_order = obstacles.order_by(first, F("due_on").asc(nulls_last=True), "cause__name", "-pk")
    return in_order.select_related("cause", "helper", "goal__owner")
