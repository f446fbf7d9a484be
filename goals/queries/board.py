"""The goals of a period by layer, and what carries the chosen one (screen 2): a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window

from goals.access import shown_goals
from goals.models import Goal, Layer, Period
from goals.queries.below import Below, count_below
from goals.queries.lines import lines_above
from perfsys.people.access import Viewer

AT_FIRST, MOST = 20, 400  # cards of a column: before and after "show the other …"
LAYERS = (Layer.COMPANY, Layer.DEPARTMENT, Layer.POSITION)


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
    below: Mapping[int, Below] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """What of the period is asked for."""

    period: Period | None
    more: str
    loose: bool

    def most(self, layer: Layer) -> int:
        return MOST if self.more == layer else AT_FIRST

    def count(self, layer: Layer) -> int:
        """Public goals of the layer, as the period keeps them."""
        if self.period is None:
            return 0
        counts = (self.period.company_goals, self.period.department_goals, self.period.position_goals)
        return counts[LAYERS.index(layer)]


def without_parent(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Department and position goals that support nothing yet."""
    return goals.filter(~Q(layer=Layer.COMPANY), is_aligned=False)


def board(who: Viewer, period: Period | None, *, chosen: Goal | None, loose: bool, more: str = "") -> Board:
    """With `loose` the goals without one above; else all of them by layer, and below the `chosen` one what carries it.
    `more` names the layer whose long column is asked for."""
    shown = shown_goals(who, period)
    trail = (*reversed(lines_above(who, [chosen.pk]).get(chosen.pk, ())), chosen) if chosen else ()
    place = _Place(period, more, loose)
    part = without_parent(shown) if loose else shown
    cards = {layer: _cards(part, layer, _above(trail, layer), place) for layer in LAYERS}
    in_sight = [*trail, *(goal for listed in cards.values() for goal in listed)]
    below = count_below(shown, in_sight, period.pk if period else None)
    return Board([_column(layer, cards[layer], trail, place, below) for layer in LAYERS], trail, below)


def _of(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """The chosen goal of the layer; of several, as departments carry departments, the lowest."""
    return next((goal for goal in reversed(list(trail)) if goal.layer == layer), None)


def _above(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """What the layer's column is about: the chosen goal of the layer above it."""
    above = LAYERS[: LAYERS.index(layer)]
    return next((goal for goal in reversed(list(trail)) if goal.layer in above), None)


def _cards(goals: QuerySet[Goal], layer: Layer, above: Goal | None, place: _Place) -> list[Any]:
    """The first of a column; loose ones with `whole`, how many there are."""
    found: Any = goals.filter(layer=layer)
    if above is None and not place.loose:  # the whole layer: in the order of its index
        return list(found.select_related("owner", "unit").order_by("unit_id", "pk")[: place.most(layer)])
    by_weight = (F("weight").desc(nulls_last=True), "pk")
    if above is not None:  # sorted without owners and units: a company's goal is carried by thousands
        first = found.filter(parents__parent=above).order_by(*by_weight).values("pk")[: place.most(layer)]
        return list(Goal.objects.filter(pk__in=first).select_related("owner", "unit").order_by(*by_weight))
    counted = found.select_related("owner", "unit").annotate(whole=Window(Count("pk")))
    return list(counted.order_by(*by_weight)[: place.most(layer)])


def _column(
    layer: Layer, listed: Sequence[Any], trail: tuple[Goal, ...], place: _Place, below: Mapping[int, Below]
) -> Column:
    chosen, above = _of(trail, layer), _above(trail, layer)
    goals, most = list(listed), place.most(layer)
    whole = len(goals)
    if above is not None:
        whole = below[above.pk].number(layer)
    elif place.loose:
        whole = goals[0].whole if goals else 0
    elif len(goals) == most:
        whole = place.count(layer)
    keys = [goal.pk for goal in goals]
    if chosen is not None and chosen.pk not in keys:  # it stands further down: show it in place of the last
        goals, keys = [chosen, *goals[: most - 1]], [chosen.pk, *keys[: most - 1]]
    return Column(layer, goals, max(whole, len(goals)), keys.index(chosen.pk) if chosen else None)
