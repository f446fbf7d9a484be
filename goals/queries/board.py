"""The goals of a period by layer, and what carries the chosen one (screen 2): a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Window

from goals.access import shown_goals
from goals.models import Alignment, Goal, Layer, Period
from goals.queries.lines import lines_above
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

    def count(self, layer: Layer) -> int:
        """Public goals of the layer, as the period keeps them."""
        if self.period is None:
            return 0
        counts = (self.period.company_goals, self.period.department_goals, self.period.position_goals)
        return counts[LAYERS.index(layer)]


def without_parent(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Department and position goals that support nothing yet."""
    aligned = Alignment.objects.filter(child=OuterRef("pk"), is_primary=True)
    return goals.exclude(layer=Layer.COMPANY).exclude(Exists(aligned))


def board(who: Viewer, period: Period | None, *, chosen: Goal | None, loose: bool, more: str = "") -> Board:
    """With `loose` the goals without one above; else all of them by layer, and below the `chosen` one what carries it.
    `more` names the layer whose long column is asked for."""
    shown = shown_goals(who, period)
    trail = (*reversed(lines_above(who, [chosen.pk]).get(chosen.pk, ())), chosen) if chosen else ()
    place = _Place(period, more, loose)
    part = without_parent(shown) if loose else shown
    columns = [_column(part, layer, _above(trail, layer), _of(trail, layer), place) for layer in LAYERS]
    return Board(columns, trail, health_below(shown, [goal.pk for one in columns for goal in one.goals]))


def _of(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """The chosen goal of the layer; of several, as departments carry departments, the lowest."""
    return next((goal for goal in reversed(list(trail)) if goal.layer == layer), None)


def _above(trail: Collection[Goal], layer: Layer) -> Goal | None:
    """What the layer's column is about: the chosen goal of the layer above it."""
    above = LAYERS[: LAYERS.index(layer)]
    return next((goal for goal in reversed(list(trail)) if goal.layer in above), None)


def _column(goals: QuerySet[Goal], layer: Layer, above: Goal | None, chosen: Goal | None, place: _Place) -> Column:
    found: Any = goals.filter(layer=layer).select_related("owner", "unit")
    most = MOST if place.more == layer else AT_FIRST
    if above is not None:
        listed, whole = _heaviest(found.filter(parents__parent=above), most)
    elif place.loose:
        listed = list(found.annotate(whole=Window(Count("pk"))).order_by(*BY_WEIGHT)[:most])
        whole = listed[0].whole if listed else 0
    else:  # the whole layer: in the order of its index, and counted already
        listed = list(found.order_by("unit_id", "pk")[:most])
        whole = place.count(layer) if len(listed) == most else len(listed)
    keys = [goal.pk for goal in listed]
    if chosen is not None and chosen.pk not in keys:  # it stands further down: show it in place of the last
        kept = listed[: most - 1]
        listed, keys = [chosen, *kept], [chosen.pk, *keys[: most - 1]]
    return Column(layer, listed, max(whole, len(listed)), keys.index(chosen.pk) if chosen else None)


def _heaviest(goals: QuerySet[Goal], most: int) -> tuple[list[Any], int]:
    """The first of them by weight, and how many there are. One query, which reads no more of 2,000 goals than it takes
    to put them in order; they are looked for twice, so it is for goals that are found by an index."""
    keys = goals.select_related(None).order_by(*BY_WEIGHT).values("pk")[:most]
    whole = goals.order_by().values("period").annotate(number=Count("pk")).values("number")
    found: Any = Goal.objects.filter(pk__in=keys).annotate(whole=Subquery(whole))
    listed = list(found.select_related("owner", "unit").order_by(*BY_WEIGHT))
    return listed, listed[0].whole if listed else 0


def health_below(shown: QuerySet[Goal], goal_ids: Iterable[int]) -> dict[int, Counter[str]]:
    """How those of the `shown` goals stand that carry each of these. One query."""
    below = shown.filter(parents__parent__in=list(goal_ids)).order_by()
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for parent, health, number in below.values_list("parents__parent", "health").annotate(number=Count("pk")):
        found[parent][health] = number
    return dict(found)
