"""Rows of the goal tree (screen 2), top down: one query a level, however many goals stand in it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from goals.models import Goal, Layer
from goals.queries.below import count_below
from goals.queries.board import without_parent
from goals.queries.lines import LEVELS

MOST_BELOW = 50  # rows below one goal; its page leads to the others
MOST_OPEN = 100


@dataclass(frozen=True)
class Row:
    goal: Goal
    depth: int
    children: int  # goals below that the reader may see
    is_open: bool = False
    more: int = 0  # rows that are left out below this one, the last of many


def roots(shown: QuerySet[Goal], *, health: str = "", loose: bool = False) -> QuerySet[Goal]:
    """Where the tree of the `shown` goals (goals.access) begins: the company's; with a filter those it lets through."""
    shown = shown.select_related("owner", "unit")
    if loose:
        found = without_parent(shown)
    elif health:
        found = shown.filter(health=health)
    else:
        found = shown.filter(layer=Layer.COMPANY)
    return found.order_by(F("weight").desc(nulls_last=True), "pk")


def rows_from(shown: QuerySet[Goal], tops: Sequence[Goal], *, opened: Collection[UUID], depth: int = 0) -> list[Row]:
    """`tops` and, below those that are `opened`, their branches."""
    below: dict[int, list[Goal]] = {}
    level = list(tops)
    for _level in range(LEVELS):
        wanted = [goal.pk for goal in level if goal.public_id in opened and goal.pk not in below]
        if not wanted:
            break
        found = children_of(shown, wanted)
        below |= found
        level = [goal for goals in found.values() for goal in goals]
    return list(
        _walk(tops, depth, below, _counts(shown, [*tops, *(goal for goals in below.values() for goal in goals)]))
    )


def rows_below(shown: QuerySet[Goal], parent: Goal, depth: int) -> list[Row]:
    """The branches of one goal, which stands outside."""
    below = children_of(shown, [parent.pk])
    rows = list(_walk([parent], depth - 1, below, _counts(shown, [parent, *below[parent.pk]])))
    return rows[1:]


def children_of(shown: QuerySet[Goal], parents: Collection[int]) -> dict[int, list[Goal]]:
    """Of each parent the first goals that carry it by primary lines: in the tree each goal stands in one place. Two
    queries."""
    by_weight = [F("weight").desc(nulls_last=True), F("pk").asc()]
    lines: Any = shown.filter(parents__parent__in=list(parents), parents__is_primary=True).annotate(
        nth=Window(RowNumber(), partition_by="parents__parent", order_by=by_weight)
    )
    in_order = lines.filter(nth__lte=MOST_BELOW).order_by("parents__parent", "nth")
    first = list(in_order.values_list("parents__parent", "pk"))
    goals = Goal.objects.select_related("owner", "unit").in_bulk([child for _parent, child in first])
    found: dict[int, list[Goal]] = {parent: [] for parent in parents}
    for parent, child in first:
        found[parent].append(goals[child])
    return found


def _counts(shown: QuerySet[Goal], goals: Sequence[Goal]) -> dict[int, int]:
    """How many branches each has. The goals of a tree are of one period."""
    found = count_below(shown, goals, goals[0].period_id if goals else None)
    return {pk: below.branches for pk, below in found.items()}


def _walk(goals: Sequence[Goal], depth: int, below: dict[int, list[Goal]], counts: dict[int, int]) -> Iterator[Row]:
    for goal in goals:
        yield Row(goal, depth, counts[goal.pk], is_open=goal.pk in below)
        if goal.pk not in below:
            continue
        branch = below[goal.pk]
        yield from _walk(branch, depth + 1, below, counts)
        if left_out := counts[goal.pk] - len(branch):
            yield Row(goal, depth + 1, 0, more=left_out)
