"""Progress from the leaves up: level by level, one GROUP BY a level (performance.md; formulas of product.md §2.6).

The same mean as `goals.progress.roll_up`: by contribution, by the child's weight where none is stated, alike where all
are 0; a child counts with its own progress, else with its own roll-up, each clamped.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection

from goals.models import Layer, Period
from perfsys.tenancy.scope import current_tenant_id

_MEAN = """
    SELECT part.parent_id, round(CASE WHEN sum(part.counts) > 0 THEN sum(part.counts * part.progress) / sum(part.counts)
                                 ELSE avg(part.progress) END, 6) AS rolled
    FROM (
        SELECT a.parent_id, coalesce(a.contribution, child.weight, 0) AS counts,
               least(greatest(coalesce(child.own_progress, child.rolled_progress, 0), 0), 100) AS progress
        FROM goals_alignment a
        JOIN goals_goal child ON child.tenant_id = a.tenant_id AND child.id = a.child_id
        JOIN goals_goal parent ON parent.tenant_id = a.tenant_id AND parent.id = a.parent_id
        WHERE a.tenant_id = %(tenant)s AND child.status <> 'draft' AND child.outcome <> 'cancelled'
"""
_ONE_LEVEL = (
    "WITH mean AS ("
    + _MEAN
    + """
              AND parent.period_id = %(period)s AND parent.layer = ANY(%(layers)s)
    ) part GROUP BY part.parent_id
)
UPDATE goals_goal goal SET rolled_progress = mean.rolled
FROM mean WHERE goal.tenant_id = %(tenant)s AND goal.id = mean.parent_id
    AND goal.rolled_progress IS DISTINCT FROM mean.rolled
RETURNING goal.id
"""
)
# Locked in the order of ids: two check-ins that meet in two parents must not wait for each other.
_ABOVE = (
    """
WITH above AS MATERIALIZED (
    SELECT DISTINCT parent_id AS id FROM goals_alignment
    WHERE tenant_id = %(tenant)s AND child_id = ANY(%(changed)s)
), locked AS MATERIALIZED (
    SELECT id FROM goals_goal WHERE tenant_id = %(tenant)s AND id IN (SELECT id FROM above) ORDER BY id FOR UPDATE
), mean AS ("""
    + _MEAN
    + """
              AND a.parent_id IN (SELECT id FROM locked)
    ) part GROUP BY part.parent_id
)
UPDATE goals_goal goal SET rolled_progress = mean.rolled
FROM locked LEFT JOIN mean ON mean.parent_id = locked.id
WHERE goal.tenant_id = %(tenant)s AND goal.id = locked.id AND goal.rolled_progress IS DISTINCT FROM mean.rolled
RETURNING goal.id
"""
)
_CHILDLESS = """
UPDATE goals_goal goal SET rolled_progress = NULL
WHERE goal.tenant_id = %(tenant)s AND goal.period_id = %(period)s AND goal.rolled_progress IS NOT NULL AND NOT EXISTS (
    SELECT FROM goals_alignment a
    JOIN goals_goal child ON child.tenant_id = a.tenant_id AND child.id = a.child_id
    WHERE a.tenant_id = goal.tenant_id AND a.parent_id = goal.id
        AND child.status <> 'draft' AND child.outcome <> 'cancelled'
)
"""


def roll_up_period(period: Period) -> None:
    """Every goal of the period anew; only rows that differ are written."""
    with connection.cursor() as cursor:
        scope = {"tenant": current_tenant_id(), "period": period.pk}
        cursor.execute(_CHILDLESS, scope)
        below = {**scope, "layers": [Layer.DEPARTMENT.value, Layer.POSITION.value]}
        changed = _changed(cursor, _ONE_LEVEL, below)
        if changed:
            _roll_up_above(cursor, changed)  # departments that carry departments, then the company
        _changed(cursor, _ONE_LEVEL, {**scope, "layers": [Layer.COMPANY.value]})


def roll_up_above(goal_ids: Collection[int]) -> None:
    """The goals above `goal_ids`, level by level, until nothing changes. For a check-in: a handful of rows."""
    with connection.cursor() as cursor:
        _roll_up_above(cursor, list(goal_ids))


def _roll_up_above(cursor: Any, changed: list[int]) -> None:
    while changed:
        changed = _changed(cursor, _ABOVE, {"tenant": current_tenant_id(), "changed": changed})


def _changed(cursor: Any, sql: str, parameters: dict[str, Any]) -> list[int]:
    cursor.execute(sql, parameters)
    return [row[0] for row in cursor.fetchall()]
