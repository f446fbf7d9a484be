"""How many goals carry each goal, and how they stand: out of the counts that are kept, never over the goals."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Sum

from goals.access import Shown
from goals.models import Alignment, SupportCount

Below = Counter[tuple[str, str]]  # by layer and health


def support_of(shown: Shown, goal_ids: Collection[int], *, primary: bool = False) -> dict[int, Below]:
    """The `shown` goals that carry each of these; with `primary` those alone that support it first, as in the tree each
    stands in one place. One query, and one more for a reader of private goals."""
    if shown.period is None or not goal_ids:
        return {}
    lines = "primary_lines" if primary else "lines"
    kept: Any = SupportCount.objects.filter(of_goal__in=goal_ids, in_period=shown.period.pk).order_by()
    found: dict[int, Below] = {}
    for goal, *key, number in kept.values_list("of_goal", "layer", "health").annotate(number=Sum(lines)):
        found.setdefault(goal, Counter())[tuple(key)] += number
    if shown.private is not None:  # a question not yet asked, where they are many
        private: Any = Alignment.objects.filter(parent__in=goal_ids, child__in=shown.private).order_by()
        private = private.filter(is_primary=True) if primary else private
        counted = private.values_list("parent", "child__layer", "child__health").annotate(number=Count("pk"))
        for goal, *key, number in counted:
            found.setdefault(goal, Counter())[tuple(key)] += number
    return found


def by_health(below: Below) -> Counter[str]:
    """The words that any of them has."""
    found: Counter[str] = Counter()
    for (_layer, health), number in below.items():
        found[health] += number
    return +found
