"""Progress from the leaves up: level by level, one GROUP BY a level (performance.md; formulas of product.md §2.6).

The same mean as `goals.progress.roll_up`: by contribution, by the child's weight where none is stated, alike where all
are 0; a child counts with its own progress, else with its own roll-up, each clamped.
"""

from collections.abc import Collection

from django.db import connection
from django.db.models import Exists, OuterRef

from goals.models import Alignment, Goal, Layer, Period
from perfsys.tenancy.scope import current_tenant_id

_ROLL_UP = """
WITH part AS (
    SELECT a.parent_id, coalesce(a.contribution, child.weight, 0) AS counts,
           least(greatest(coalesce(child.own_progress, child.rolled_progress, 0), 0), 100) AS progress
    FROM goals_alignment a JOIN goals_goal child ON child.tenant_id = a.tenant_id AND child.id = a.child_id
    WHERE a.tenant_id = %(tenant)s AND a.parent_id = ANY(%(parents)s::bigint[])
        AND child.status <> 'draft' AND child.outcome <> 'cancelled'
), mean AS (
    SELECT parent_id, round(CASE WHEN sum(counts) > 0 THEN sum(counts * progress) / sum(counts)
                            ELSE avg(progress) END, 6) AS rolled
    FROM part GROUP BY parent_id
)
UPDATE goals_goal goal SET rolled_progress = mean.rolled
FROM unnest(%(parents)s::bigint[]) AS asked(id) LEFT JOIN mean ON mean.parent_id = asked.id
WHERE goal.tenant_id = %(tenant)s AND goal.id = asked.id AND goal.rolled_progress IS DISTINCT FROM mean.rolled
RETURNING goal.id
"""


def roll_up_period(period: Period) -> None:
    """Every goal of the period anew; only rows that differ are written."""
    goals = Goal.objects.filter(period=period)
    below = goals.exclude(layer=Layer.COMPANY).filter(_carried())
    lone = goals.filter(rolled_progress__isnull=False).exclude(_carried())
    changed = _roll_up(list(below.values_list("pk", flat=True)) + list(lone.values_list("pk", flat=True)))
    if changed:
        roll_up_above(changed)  # departments that carry departments
    _roll_up(list(goals.filter(layer=Layer.COMPANY).values_list("pk", flat=True)))


def roll_up_above(goal_ids: Collection[int]) -> None:
    """The goals above `goal_ids`, level by level, until nothing changes. For a check-in: a handful of rows."""
    changed = list(goal_ids)
    while changed:
        above = Goal.objects.filter(pk__in=Alignment.objects.filter(child__in=changed).values("parent"))
        # Locked in the order of ids: two check-ins that meet in two parents must not wait for each other.
        parents = list(above.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        changed = _roll_up(parents) if parents else []


def roll_up_these(goal_ids: Collection[int]) -> None:
    """Goals that something else carries now, and those above them."""
    if changed := _roll_up(list(goal_ids)):
        roll_up_above(changed)


def _carried() -> Exists:
    return Exists(Alignment.objects.filter(parent=OuterRef("pk")))


def _roll_up(parents: list[int]) -> list[int]:
    """The ids of those whose roll-up changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, {"tenant": current_tenant_id(), "parents": parents})
        return [row[0] for row in cursor.fetchall()]
