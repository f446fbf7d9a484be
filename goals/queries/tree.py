"""Rows of the goal tree (screen 2), top down: one query a level, however many goals stand in it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from goals.access import Shown
from goals.models import Goal, Layer
from goals.queries.board import without_parent
from goals.queries.lines import LEVELS
from goals.queries.support import support_of

MOST_BELOW = 50  # rows below one goal; its page leads to the others
MOST_OPEN = 100


@dataclass(frozen=True)
class Row:
    goal: Goal
    depth: int
    children: int  # goals below that the reader may see
    is_open: bool = False
    more: int = 0  # rows that are left out below this one, the last of many


def roots(shown: Shown, *, health: str = "", loose: bool = False) -> QuerySet[Goal]:
    """Where the tree of the `shown` goals (goals.access) begins: the company's; with a filter those it lets through."""
    goals = shown.goals.select_related("owner", "unit")
    if loose:
        found = without_parent(goals)
    elif health:
        found = goals.filter(health=health)
    else:
        found = goals.filter(layer=Layer.COMPANY)
    return found.order_by(F("weight").desc(nulls_last=True), "pk")


def rows_from(shown: Shown, tops: Sequence[Goal], *, opened: Collection[UUID], depth: int = 0) -> list[Row]:
    """`tops` and, below those that are `opened`, their branches."""
    below: dict[int, list[Goal]] = {}
    level = list(tops)
    for _level in range(LEVELS):
        wanted = [goal.pk for goal in level if goal.public_id in opened and goal.pk not in below]
        if not wanted:
            break
        found = children_of(shown, wanted)
        below |= {pk: found.get(pk, []) for pk in wanted}
        level = [goal for goals in below.values() for goal in goals]
    everybody = {goal.pk for goal in tops} | {goal.pk for goals in below.values() for goal in goals}
    return list(_walk(tops, depth, below, count_below(shown, everybody)))


def children_of(shown: Shown, parents: Collection[int]) -> dict[int, list[Goal]]:
    """Of each parent the first goals that carry it, by primary lines: in the tree each goal stands in one place. Two
    queries."""
    by_weight = [F("weight").desc(nulls_last=True), F("pk").asc()]
    lines: Any = shown.goals.filter(parents__parent__in=list(parents), parents__is_primary=True).order_by()
    lines = lines.annotate(nth=Window(RowNumber(), partition_by="parents__parent", order_by=by_weight))
    in_order = lines.filter(nth__lte=MOST_BELOW).order_by("parents__parent", "nth")
    first = list(in_order.values_list("parents__parent", "pk"))
    goals = Goal.objects.select_related("owner", "unit").in_bulk([child for _parent, child in first])
    found: defaultdict[int, list[Goal]] = defaultdict(list)
    for parent, child in first:
        found[parent].append(goals[child])
    return found


def count_below(shown: Shown, goal_ids: Collection[int]) -> dict[int, int]:
    """How many rows stand below each. One query, and one more for a reader of private goals."""
    return {goal: below.total() for goal, below in support_of(shown, goal_ids, primary=True).items()}


def _walk(goals: Sequence[Goal], depth: int, below: dict[int, list[Goal]], counts: dict[int, int]) -> Iterator[Row]:
    for goal in goals:
        branch = below.get(goal.pk, [])
        yield Row(goal, depth, counts.get(goal.pk, 0), is_open=goal.pk in below)
        yield from _walk(branch, depth + 1, below, counts)
        if goal.pk in below and (left_out := counts.get(goal.pk, 0) - len(branch)) > 0:
            yield Row(goal, depth + 1, 0, more=left_out)
