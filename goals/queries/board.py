"""The goals of a period by layer, and what carries the chosen one (screen 2): a fixed number of queries."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import F, QuerySet

from goals.access import shown_goals
from goals.models import Goal, Layer, Period
from goals.queries.lines import lines_above
from goals.queries.support import by_health, support_of
from perfsys.people.access import Viewer

AT_FIRST, MOST = 20, 400  # cards of a column: before and after "show the other …"
LAYERS = (Layer.COMPANY, Layer.DEPARTMENT, Layer.POSITION)
BY_WEIGHT = (F("weight").desc(nulls_last=True), "pk")


@dataclass(frozen=True)
class Column:
    """Goals of one layer, `whole` of them in all; `chosen` is the index of the one the next column is about."""

    layer: Layer
    goals: list[Goal]
    whole: int
    chosen: int | None = None

    @property
    def more(self) -> int:
        return self.whole - len(self.goals)


@dataclass(frozen=True)
class Board:
    columns: list[Column]
    trail: tuple[Goal, ...]  # the goals chosen, from the company down
    below: dict[int, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """What of the period is asked for."""

    period: Period | None
    more: str
    loose: bool

    def most(self, layer: Layer) -> int:
        """Cards of the layer's column."""
        return MOST if self.more == layer else AT_FIRST

    def count(self, layer: Layer) -> int:
        """Public goals of the layer, as the period keeps them."""
        if self.period is None:
            return 0
        counts = (self.period.company_goals, self.period.department_goals, self.period.position_goals)
        return counts[LAYERS.index(layer)]


def without_parent(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Department and position goals that support nothing yet."""
    return goals.filter(is_aligned=False).exclude(layer=Layer.COMPANY)


def board(who: Viewer, period: Period | None, *, chosen: Goal | None, loose: bool, more: str = "") -> Board:
    """With `loose` the goals without one above; else all of them by layer, and below the `chosen` one what carries it.
    `more` names the layer whose long column is asked for."""
    shown = shown_goals(who, period)
    trail = (*reversed(lines_above(who, [chosen.pk]).get(chosen.pk, ())), chosen) if chosen else ()
    place = _Place(period, more, loose)
    part = without_parent(shown.goals) if loose else shown.goals
    above = {layer: _above(trail, layer) for layer in LAYERS}
    listed = {layer: _listed(part.filter(layer=layer), layer, above[layer], place) for layer in LAYERS}
    cards = [goal.pk for goals in listed.values() for goal in goals]
    below = support_of(shown, {goal.pk for goal in trail}.union(cards))
    columns = []
    for layer, goals in listed.items():
        over = above[layer]
        if over is not None:
            whole = sum(number for (of, _health), number in below.get(over.pk, Counter()).items() if of == layer)
        else:
            whole = _whole(part.filter(layer=layer), goals, layer, place)
        columns.append(_column(layer, goals, _of(trail, layer), whole, place))
    return Board(columns, trail, {goal: by_health(found) for goal, found in below.items()})


def _of(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """The chosen goal of the layer; of several, as departments carry departments, the lowest."""
    return next((goal for goal in reversed(list(trail)) if goal.layer == layer), None)


def _above(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """What the layer's column is about: the chosen goal of the layer above it."""
    above = LAYERS[: LAYERS.index(layer)]
    return next((goal for goal in reversed(list(trail)) if goal.layer in above), None)


def _listed(goals: QuerySet[Goal], layer: Layer, above: Goal | None, place: _Place) -> list[Goal]:
    """The first of the layer, with owner and unit."""
    found = goals.select_related("owner", "unit")
    if above is not None:
        return _heaviest(goals.filter(parents__parent=above), place.most(layer))
    if place.loose:
        return _heaviest(goals, place.most(layer))
    return list(found.order_by("unit_id", "pk")[: place.most(layer)])  # the whole layer, in the order of its index


def _heaviest(goals: QuerySet[Goal], most: int) -> list[Goal]:
    """The first of them by weight. One query, which reads no more of 2,000 goals than it takes to put them in order."""
    keys = goals.order_by(*BY_WEIGHT).values("pk")[:most]
    return list(Goal.objects.filter(pk__in=keys).select_related("owner", "unit").order_by(*BY_WEIGHT))


def _whole(goals: QuerySet[Goal], listed: list[Goal], layer: Layer, place: _Place) -> int:
    """How many there are of those that nobody chose from: asked only where the first of them are not all."""
    if len(listed) < place.most(layer):
        return len(listed)
    return goals.count() if place.loose else place.count(layer)


def _column(layer: Layer, listed: list[Goal], chosen: Goal | None, whole: int, place: _Place) -> Column:
    keys = [goal.pk for goal in listed]
    if chosen is not None and chosen.pk not in keys:  # it stands further down: show it in place of the last
        kept = listed[: place.most(layer) - 1]
        listed, keys = [chosen, *kept], [chosen.pk, *keys[: place.most(layer) - 1]]
    return Column(layer, listed, max(whole, len(listed)), keys.index(chosen.pk) if chosen else None)
