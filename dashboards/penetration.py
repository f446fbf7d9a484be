"""Where the resources of a month go, from the company's goals down to positions (product.md §6.2). Pure: no database.

Amounts are whole numbers of ten-thousandths (what the columns keep), so that nothing is lost to rounding. A goal passes
all it stands for upward: what it used itself, what the goals below it claim, and what it was given and has not broken
down. With several goals above it divides by the splits; what whole numbers leave over, less than one unit for each
goal above, goes to the primary one. Read downward, each node's in = out + own use + not broken down.
"""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

UNIT = 10_000  # ten-thousandths in one
NEGLIGIBLE = 100  # a hundredth: what spreading a period over its months may differ by
WHOLE = 10_000  # a split of 100 %
WIDEST_GAP = 30  # thousandths of the picture's height: a label has room above and below

Key = Hashable
COMPANY = "company"
ROOT: Key = "root"  # all that is spent
LOOSE: Key = "loose"  # goals without one above, as a source of their own


class CircularGoals(ValueError):
    """Goals carry each other in a circle; the database refuses that, so the facts were put together wrongly."""


@dataclass(frozen=True, slots=True)
class GoalAmounts:
    """One goal and one kind of resource in the month. `actual` is None where nobody stated it; no plan is 0."""

    id: int
    layer: str
    planned: int = 0
    actual: int | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """`split` in percent: the part of the child's resources that goes to this parent; None: not said."""

    child: int
    parent: int
    is_primary: bool = True
    split: Decimal | None = None


@dataclass(slots=True)
class Balance:
    """What becomes of the resources at a node, beside what it passes on. `over` is what it and those below claim
    beyond its plan; `plan_only` the part of its own use that is the plan, because nobody stated the actual."""

    own: int = 0
    left: int = 0
    planned: int = 0
    over: int = 0
    plan_only: int = 0


@dataclass
class Flow:
    """`links` are amounts > 0 by (from, to), downward. All but ROOT balance."""

    links: dict[tuple[Key, Key], int]
    balances: dict[Key, Balance]
    received: defaultdict[Key, int] = field(init=False)
    passed: defaultdict[Key, int] = field(init=False)

    def __post_init__(self) -> None:
        self.received, self.passed = defaultdict(int), defaultdict(int)
        for (above, below), amount in self.links.items():
            self.received[below] += amount
            self.passed[above] += amount

    @property
    def total(self) -> int:
        return self.passed[ROOT]

    def unbalanced(self) -> list[Key]:
        """Nodes where in is not out + own use + not broken down; there are none."""
        return [
            key
            for key, balance in self.balances.items()
            if key != ROOT and self.received[key] != self.passed[key] + balance.own + balance.left
        ]


def month_part(amount: int, place: int, months: int) -> int:
    """The part of an amount over a whole period that falls on its month `place` (0 the first): equal parts that add
    up to the amount exactly."""
    return amount * (place + 1) // months - amount * place // months


def months_between(first: date, last: date) -> int:
    """How many months after `first` the month of `last` is."""
    return (last.year - first.year) * 12 + last.month - first.month


def in_units(amount: Decimal) -> int:
    return int((amount * UNIT).to_integral_value(ROUND_HALF_UP))


def divided(amount: int, supports: Sequence[Support]) -> list[int]:
    """How `amount` divides over the parents, in their order; it adds up. Nothing said: all to the primary one. Less
    than 100 % said: the primary one takes the rest. More: in proportion."""
    main = next((place for place, line in enumerate(supports) if line.is_primary), 0)
    weights = [0 if line.split is None else int(line.split * 100) for line in supports]
    weights[main] += max(0, WHOLE - sum(weights))
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    parts[main] += amount - sum(parts)
    return parts


def flow_of(goals: Collection[GoalAmounts], supports: Iterable[Support]) -> Flow:
    """The flow between goals. Supports that name a goal outside `goals` count for nothing; a goal that is no goal of
    the company and has none above it hangs on LOOSE. Raises CircularGoals."""
    by_id = {goal.id: goal for goal in goals}
    above: defaultdict[int, list[Support]] = defaultdict(list)
    waiting: defaultdict[int, int] = defaultdict(int)  # goals below that are not summed up yet
    for line in supports:
        if line.child in by_id and line.parent in by_id:
            above[line.child].append(line)
            waiting[line.parent] += 1
    carried, claims = set(waiting), defaultdict(int, dict.fromkeys(by_id, 0))
    links: defaultdict[tuple[Key, Key], int] = defaultdict(int)
    balances: dict[Key, Balance] = {ROOT: Balance(), LOOSE: Balance()}
    ready = deque(pk for pk in by_id if not waiting[pk])
    while ready:
        goal = by_id[ready.popleft()]
        balance = balances[goal.id] = _balance(goal, claims[goal.id], is_carried=goal.id in carried)
        amount = balance.own + balance.left + claims[goal.id]
        lines = above[goal.id]
        for line, part in zip(lines, divided(amount, lines) if lines else [], strict=True):
            claims[line.parent] += part
            if part:
                links[line.parent, goal.id] += part
            waiting[line.parent] -= 1
            if not waiting[line.parent]:
                ready.append(line.parent)
        if not lines and amount:
            links[ROOT if goal.layer == COMPANY else LOOSE, goal.id] = amount
            if goal.layer != COMPANY:
                links[ROOT, LOOSE] += amount
    if len(balances) - 2 != len(by_id):
        raise CircularGoals
    return Flow(dict(links), balances)


def _balance(goal: GoalAmounts, claims: int, *, is_carried: bool) -> Balance:
    """The plan of a goal that others carry is what it was given to hand on; of one at the end it stands for the actual
    until somebody states it."""
    own = goal.actual if goal.actual is not None else 0 if is_carried else goal.planned
    balance = Balance(own=own, planned=goal.planned, plan_only=own if goal.actual is None else 0)
    if is_carried and goal.planned:
        difference = goal.planned - own - claims
        balance.left = max(0, difference)
        balance.over = -difference if -difference > NEGLIGIBLE else 0
    return balance


def fold(flow: Flow, bucket: Callable[[Key], Key]) -> Flow:
    """The same flow between groups: what passes inside one is not seen. Whatever the groups, they balance."""
    links: defaultdict[tuple[Key, Key], int] = defaultdict(int)
    for (above, below), amount in flow.links.items():
        ends = bucket(above), bucket(below)
        if ends[0] != ends[1]:
            links[ends] += amount
    balances: dict[Key, Balance] = {}
    for key, one in flow.balances.items():
        to = balances.setdefault(bucket(key), Balance())
        to.own += one.own
        to.left += one.left
        to.planned += one.planned
        to.over += one.over
        to.plan_only += one.plan_only
    return Flow(dict(links), balances)


def without_circles(flow: Flow) -> Flow:
    """Groups that carry each other, netted: along a circle everybody gives and takes the smallest amount less, so that
    all still balance and the picture runs from left to right."""
    links = dict(flow.links)
    while circle := _circle(links):
        least = min(links[link] for link in circle)
        for link in circle:
            links[link] -= least
        links = {link: amount for link, amount in links.items() if amount}
    return Flow(links, flow.balances)


def _circle(links: Mapping[tuple[Key, Key], int]) -> list[tuple[Key, Key]]:
    below: defaultdict[Key, list[Key]] = defaultdict(list)
    for upper, lower in links:
        below[upper].append(lower)
    done: set[Key] = set()
    for start in list(below):
        path: list[Key] = []
        turns = [iter([start])]
        while turns:
            key = next(turns[-1], None)
            if key is None:
                turns.pop()
                if path:
                    done.add(path.pop())
            elif key in path:
                circle = [*path[path.index(key) :], key]
                return list(itertools.pairwise(circle))
            elif key not in done:
                path.append(key)
                turns.append(iter(below[key]))
    return []


# --- what a page shows of it ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """A node of a folded view: one goal, a department, or the rest of either. `kind` is "goal" (`of` its id), "unit"
    (`of` the department's), "rest" (smaller position goals of department `of`), "goals" or "units" (smaller ones)."""

    kind: str
    of: int | None = None


@dataclass(frozen=True)
class Limits:
    company: int = 8
    departments: int = 10
    positions: int = 8
    least: int = 50  # a position goal shows on the first page from one in so many parts of the whole
    below: int = 15  # goals shown under one node, for each kind of resource


def overview(
    flow: Flow, layer_of: Mapping[int, str], department_of: Mapping[int, int | None], limits: Limits
) -> Callable[[Key], Key]:
    """The grouping of the first page: the company's goals, departments, the largest position goals, and the rest of
    these by department. `layer_of` and `department_of` are by goal id."""
    by_layer: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    of_department: defaultdict[int | None, int] = defaultdict(int)
    for pk, layer in layer_of.items():
        by_layer[layer].append((-flow.received[pk], pk))
        if layer != COMPANY:
            of_department[department_of[pk]] += flow.received[pk]
    largest = {pk for _amount, pk in sorted(by_layer[COMPANY])[: limits.company]}
    shown_from = flow.total / limits.least
    largest |= {
        pk for amount, pk in sorted(by_layer["position"])[: limits.positions] if amount and -amount >= shown_from
    }
    ranked = sorted(of_department, key=lambda of: (-of_department[of], str(of)))
    shown = set(ranked[: limits.departments])

    def bucket(key: Key) -> Key:
        if not isinstance(key, int):
            return key
        layer, department = layer_of[key], department_of[key]
        if key in largest:
            return Group("goal", key)
        if layer == COMPANY:
            return Group("goals")
        if department not in shown:
            return Group("rest") if layer == "position" else Group("units")
        return Group("rest" if layer == "position" else "unit", department)

    return bucket


@dataclass(frozen=True)
class Placed:
    """Where a node is drawn: the middle, from the left and from the top, and its height, in thousandths."""

    column: int  # from 0
    x: int
    y: int
    tall: int = 0


def placed(flow: Flow, *, last: Collection[Key] = ()) -> dict[Key, Placed]:
    """Nodes in columns by their longest way from the source, `last` at the right edge; in a column those that hang on
    the same node above stand together, the largest first. The links have no circles.

    One scale holds for all columns, that of the fullest: plotly draws with it, and nodes placed by another would lie
    over each other. What a column does not need stands between its nodes.
    """
    column: dict[Key, int] = {}
    for key in _downward(flow):
        column[key] = max((column[up] + 1 for (up, low) in flow.links if low == key), default=0)
    widest = max(column.values(), default=0)
    for key in last:
        if key in column:
            column[key] = widest = max(widest, column[key])
    for key in last:
        if key in column:
            column[key] = widest
    weight = {key: max(flow.received[key], flow.passed[key]) for key in column}
    columns = [[key for key in column if column[key] == place] for place in range(widest + 1)]
    gap = gap_of(max((len(here) for here in columns), default=1))
    scale = min(
        ((1000 - gap * (len(here) - 1)) / max(1, sum(weight[key] for key in here)) for here in columns), default=1
    )
    found: dict[Key, Placed] = {}
    for place, here in enumerate(columns):

        def height_above(key: Key) -> tuple[float, int]:
            lines = [(up, amount) for (up, low), amount in flow.links.items() if low == key and up in found]
            whole = sum(amount for _up, amount in lines)
            middle = sum(found[up].y * amount for up, amount in lines) / whole if whole else 0.0
            return middle, -weight[key]

        here.sort(key=height_above)
        spare = (1000 - gap * (len(here) - 1) - scale * sum(weight[key] for key in here)) / max(1, len(here))
        top = spare / 2
        for key in here:
            tall = weight[key] * scale
            found[key] = Placed(
                place, min(999, max(1, 1000 * place // max(1, widest))), round(top + tall / 2), round(tall)
            )
            top += tall + gap + spare
    return found


def gap_of(nodes: int) -> int:
    """What stands between two nodes of a column of so many, in thousandths of the height."""
    return min(WIDEST_GAP, 600 // max(1, nodes))


def _downward(flow: Flow) -> list[Key]:
    """Every node after those above it."""
    waiting: defaultdict[Key, int] = defaultdict(int)
    below: defaultdict[Key, list[Key]] = defaultdict(list)
    for up, low in flow.links:
        waiting[low] += 1
        below[up].append(low)
    ready = deque(key for key in below if not waiting[key])
    ordered: list[Key] = []
    while ready:
        key = ready.popleft()
        ordered.append(key)
        for low in below[key]:
            waiting[low] -= 1
            if not waiting[low]:
                ready.append(low)
    return ordered
