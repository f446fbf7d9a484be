"""The goals above a goal, up to the company's."""

from collections.abc import Collection, Iterable, Mapping

from goals.access import readable_of
from goals.models import Alignment, Goal, Layer
from perfsys.people.access import Viewer

LEVELS = 5  # a line of sight ends there; departments may carry departments


def lines_above(
    who: Viewer, goal_ids: Collection[int], known: Mapping[int, Goal] | None = None
) -> dict[int, tuple[Goal, ...]]:
    """The path from each goal to the company's, the nearest first, as far as `who` may read it. One query a level;
    `known` are readable goals right above some of them, by the one below, that need not be asked for."""
    parent: dict[int, Goal] = dict(known or {})
    below = set(goal_ids) - set(parent)
    below |= {goal.pk for goal in parent.values() if goal.layer != Layer.COMPANY} - set(parent)
    for _level in range(LEVELS):
        found = _primary_parents(who, below) if below else {}
        parent |= found
        below = {goal.pk for goal in found.values() if goal.layer != Layer.COMPANY} - set(parent)
        if not below:
            break
    return {pk: tuple(_up(pk, parent)) for pk in goal_ids if pk in parent}


def _primary_parents(who: Viewer, goal_ids: Collection[int]) -> dict[int, Goal]:
    lines = list(Alignment.objects.filter(child__in=goal_ids, is_primary=True).select_related("parent"))
    readable = readable_of(who, [line.parent for line in lines])
    return {line.child_id: line.parent for line in lines if line.parent_id in readable}


def _up(pk: int, parent: Mapping[int, Goal]) -> Iterable[Goal]:
    for _level in range(LEVELS):
        if pk not in parent:
            return
        yield parent[pk]
        pk = parent[pk].pk
