"""Rows of the goal tree (screen 2), top down: one query a level, however many goals stand in it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from goals.models import Goal, Layer
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
    whole: dict[int, int] = {}
    level = list(tops)
    for _level in range(LEVELS):
        wanted = [goal.pk for goal in level if goal.public_id in opened and goal.pk not in below]
        if not wanted:
            break
        found = children_of(shown, wanted)
        below |= {pk: [goal for goal, _whole in found.get(pk, [])] for pk in wanted}
        whole |= {pk: number for pk in wanted for _goal, number in found.get(pk, [])[:1]}
        level = [goal for goals in below.values() for goal in goals]
    everybody = {goal.pk for goal in tops} | {goal.pk for goals in below.values() for goal in goals}
    counts = count_below(shown, everybody)
    return list(_walk(tops, depth, below, whole, counts))


def children_of(shown: QuerySet[Goal], parents: Collection[int]) -> dict[int, list[tuple[Goal, int]]]:
    """Of each parent the first goals that carry it, and how many there are in all. Two queries."""
    by_weight = [F("weight").desc(nulls_last=True), F("pk").asc()]
    lines: Any = _below(shown, parents).annotate(
        nth=Window(RowNumber(), partition_by="parents__parent", order_by=by_weight),
        whole=Window(Count("pk"), partition_by="parents__parent"),
    )
    in_order = lines.filter(nth__lte=MOST_BELOW).order_by("parents__parent", "nth")
    first = list(in_order.values_list("parents__parent", "pk", "whole"))
    goals = Goal.objects.select_related("owner", "unit").in_bulk([child for _parent, child, _whole in first])
    found: defaultdict[int, list[tuple[Goal, int]]] = defaultdict(list)
    for parent, child, whole in first:
        found[parent].append((goals[child], whole))
    return found


def count_below(shown: QuerySet[Goal], goal_ids: Collection[int]) -> dict[int, int]:
    """One query."""
    counts = _below(shown, goal_ids).values_list("parents__parent").annotate(number=Count("pk"))
    return dict(counts)


def _below(shown: QuerySet[Goal], parents: Collection[int]) -> QuerySet[Goal]:
    """By primary lines: in the tree each goal stands in one place."""
    return shown.filter(parents__parent__in=list(parents), parents__is_primary=True).order_by()


def _walk(
    goals: Sequence[Goal], depth: int, below: dict[int, list[Goal]], whole: dict[int, int], counts: dict[int, int]
) -> Iterator[Row]:
    for goal in goals:
        branch = below.get(goal.pk, [])
        yield Row(goal, depth, counts.get(goal.pk, 0), is_open=goal.pk in below)
        yield from _walk(branch, depth + 1, below, whole, counts)
        if left_out := whole.get(goal.pk, 0) - len(branch):
            yield Row(goal, depth + 1, 0, more=left_out)
