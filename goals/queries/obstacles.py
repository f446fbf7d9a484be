"""The obstacle board (product.md §2.5): what stands in the way of published goals, by cause and one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When

from goals.models import Goal, Obstacle, ObstacleState
from perfsys.people.models import Assignment, Employee
from perfsys.people.queries import chain_above, hrbp_of
from perfsys.tenancy.scope import current_tenant_id

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


# Owners come with their units, and each is looked up once; what was met is counted by cause and unit first, as to tell
# units apart among all obstacles of a cause takes sorting them.
_BY_CAUSE = """
WITH post AS MATERIALIZED ({posts}), met AS MATERIALIZED (
    SELECT one.cause_id, post.unit_id, one.state, one.answer_minutes
    FROM post JOIN goals_obstacle one ON one.tenant_id = %s AND one.owner_id = post.employee_id
), place AS (
    SELECT cause_id, unit_id, count(*) AS goals, count(*) FILTER (WHERE state = 'open') AS waiting,
        count(*) FILTER (WHERE state = 'in_hand') AS in_hand, count(*) FILTER (WHERE state = 'cleared') AS cleared
    FROM met GROUP BY cause_id, unit_id
), answered AS (
    SELECT cause_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY answer_minutes) AS median_minutes
    FROM met WHERE answer_minutes IS NOT NULL GROUP BY cause_id
)
SELECT cause.public_id, cause.name, sum(goals)::integer, count(*), sum(waiting)::integer, sum(in_hand)::integer,
    sum(cleared)::integer, median_minutes
FROM place
JOIN goals_obstaclecause cause ON cause.tenant_id = %s AND cause.id = place.cause_id
LEFT JOIN answered USING (cause_id)
GROUP BY cause.id, median_minutes
"""


def by_cause(posts: QuerySet[Assignment]) -> list[CauseLine]:
    """The cause that most goals still meet comes first. `posts` are those of today whose people's obstacles count; an
    obstacle is named once by a goal, so their number is that of goals. One query."""
    sql, params = posts.order_by().values("employee_id", "unit_id").query.sql_with_params()
    tenant = current_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute(_BY_CAUSE.format(posts=sql), [*params, tenant, tenant])
        lines = [CauseLine(*row) for row in cursor.fetchall()]
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
