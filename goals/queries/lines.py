"""The goals above a goal, up to the company's."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from goals.access import readable_of
from goals.models import Alignment, Goal
from perfsys.people.access import Viewer
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.scope import current_tenant_id

LEVELS = 5  # a line of sight ends there; departments may carry departments

# UNION: two goals may share the rest of their way.
UP = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, is_primary, 1 AS level FROM goals_alignment
    WHERE tenant_id = %s AND child_id = ANY(%s::bigint[])
    UNION
    SELECT above.id, above.parent_id, above.is_primary, up.level + 1 FROM up
    JOIN goals_alignment above
        ON above.tenant_id = %s AND above.child_id = up.parent_id AND above.is_primary
    WHERE up.is_primary AND up.level < %s
)
SELECT id FROM up
"""


def alignments_up(goal_ids: Collection[int]) -> list[Alignment]:
    """What each goal supports, and from what it supports first the way up to the company's; with the goals above and
    their units, the first of each goal first. One query, whatever the number of goals and levels."""
    return _up_from(list(goal_ids))


@prepared
def _up_from(goals: list[int]) -> QuerySet[Alignment]:
    tenant = current_tenant_id()
    way = RawSQL(UP, [tenant, goals, tenant, LEVELS])  # noqa: S611  # the text is ours, above
    return Alignment.objects.filter(pk__in=way).select_related("parent__unit").order_by("-is_primary", "pk")


def lines_above(who: Viewer, goal_ids: Collection[int]) -> dict[int, tuple[Goal, ...]]:
    """The path from each goal to the company's, the nearest first, as far as `who` may read it. One query, two where a
    goal above is not everybody's to read; none for none."""
    if not goal_ids:
        return {}
    found = alignments_up(goal_ids)
    return paths(goal_ids, found, readable_of(who, [one.parent for one in found]))


def paths(
    goal_ids: Collection[int], found: Iterable[Alignment], readable: Collection[int]
) -> dict[int, tuple[Goal, ...]]:
    """The same from alignments that are read."""
    parent = {one.child_id: one.parent for one in found if one.is_primary and one.parent_id in readable}
    return {pk: tuple(_up(pk, parent)) for pk in goal_ids if pk in parent}


def _up(pk: int, parent: Mapping[int, Goal]) -> Iterable[Goal]:
    for _level in range(LEVELS):
        if pk not in parent:
            return
        yield parent[pk]
        pk = parent[pk].pk
