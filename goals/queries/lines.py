"""The goals above a goal, up to the company's."""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from goals.access import readable_of
from goals.models import Goal, Layer
from perfsys.people.access import Viewer
from perfsys.tenancy.scope import current_tenant_id

LEVELS = 5  # a line of sight ends there; departments may carry departments
_LINES = """
WITH RECURSIVE line(child_id, parent_id, level) AS (
    SELECT a.child_id, a.parent_id, 1 FROM goals_alignment a
    WHERE a.tenant_id = %(tenant)s AND a.is_primary AND a.child_id = ANY(%(goals)s::bigint[])
    UNION
    SELECT a.child_id, a.parent_id, line.level + 1 FROM line
    JOIN goals_alignment a ON a.tenant_id = %(tenant)s AND a.is_primary AND a.child_id = line.parent_id
    WHERE line.level < %(levels)s
)
SELECT child_id, parent_id FROM line
"""


def lines_above(who: Viewer, goal_ids: Collection[int]) -> dict[int, tuple[Goal, ...]]:
    """The path from each goal to the company's, the nearest first, as far as `who` may read it. Two queries, and one
    more where some are hidden."""
    if not goal_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"tenant": current_tenant_id(), "goals": list(goal_ids), "levels": LEVELS})
        lines: dict[int, int] = dict(cursor.fetchall())
    above = Goal.objects.in_bulk(set(lines.values()))
    readable = readable_of(who, above.values())
    parent = {child: above[pk] for child, pk in lines.items() if pk in readable}
    return {pk: tuple(_up(pk, parent)) for pk in goal_ids if pk in parent}


def _up(pk: int, parent: Mapping[int, Goal]) -> Iterable[Goal]:
    for _level in range(LEVELS):
        if pk not in parent:
            return
        yield parent[pk]
        if parent[pk].layer == Layer.COMPANY:
            return
        pk = parent[pk].pk
