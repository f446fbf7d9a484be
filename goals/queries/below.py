"""How many goals carry a goal, and how they stand, for one reader."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from goals.models import Goal


@dataclass
class Below:
    """The goals that carry one: by layer how they stand, and how many of them stand under it in the tree."""

    layers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    branches: int = 0

    @classmethod
    def kept(cls, goal: Goal) -> "Below":
        """The public ones, as the goal itself keeps them."""
        return cls(defaultdict(Counter, {layer: Counter(mix) for layer, mix in goal.below.items()}), goal.branches)

    @property
    def mix(self) -> Counter[str]:
        return sum(self.layers.values(), Counter())

    def number(self, layer: str) -> int:
        return self.layers[layer].total()


def count_below(shown: QuerySet[Goal], goals: Iterable[Goal], period_id: int | None) -> dict[int, Below]:
    """By id of the `goals`, what carries them out of the `shown` goals (goals.access) of the period. One query.

    A goal keeps count of the public ones in its own period. Private ones are counted here, for who may see them, and
    all of them below a goal of another period.
    """
    listed = {goal.pk: goal for goal in goals}
    elsewhere = [pk for pk, goal in listed.items() if goal.period_id != period_id]
    found = {pk: Below() if pk in elsewhere else Below.kept(goal) for pk, goal in listed.items()}
    not_kept = Q(is_private=True) | Q(parents__parent__in=elsewhere) if elsewhere else Q(is_private=True)
    rows = shown.filter(not_kept, parents__parent__in=list(listed)).order_by()
    of_parent = rows.values_list("parents__parent", "parents__is_primary", "layer", "health")
    for parent, is_primary, layer, health, number in of_parent.annotate(number=Count("pk")):
        found[parent].layers[layer][health] += number
        found[parent].branches += number * is_primary
    return found
