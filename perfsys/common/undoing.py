"""Which of the rows that an import made can be removed again (product.md §1.6)."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import F, Q

from .bulk import AnyOf

T = TypeVar("T", bound=Hashable)
NONE_OF_THEM = Q(pk__in=[])
FEW = 500  # ids that are sent to each of sixty tables; of more, all that lies between them is asked for


def belongs_to(of: Any, ids: Collection[int], by_itself: Mapping[Any, Q | None]) -> set[int]:
    """Of these rows of a model, those that something of another table belongs to, whichever app it is of. What comes
    `by_itself` does not count, here or as the other model says (`comes_by_itself`); None is the whole table."""
    wanted, found = set(ids), set[int]()
    if not wanted:
        return found
    for relation in of._meta.get_fields(include_hidden=True):
        if relation.concrete or not relation.auto_created or not (relation.one_to_many or relation.one_to_one):
            continue
        model: Any = relation.related_model
        uncounted = by_itself.get(model, getattr(model, "comes_by_itself", NONE_OF_THEM))
        if uncounted is None or hasattr(model, "pgh_label"):
            continue
        name = relation.field.attname
        of_them = {f"{name}__gte": min(wanted), f"{name}__lte": max(wanted)}
        rows = model.objects.filter(**of_them) if len(wanted) > FEW else model.objects.filter(AnyOf(F(name), [*wanted]))
        found |= wanted.intersection(rows.exclude(uncounted).order_by().values_list(name, flat=True).distinct())
    return found


def supported(kept: Iterable[T], lines: Iterable[tuple[T, T]], removable: Collection[T]) -> set[T]:
    """Those of `removable` that must stay because something that stays stands on them, however many layers between.
    `lines` are (what stands on it, what it stands on); `kept` is what stays."""
    above: defaultdict[T, list[T]] = defaultdict(list)
    for child, parent in lines:
        above[child].append(parent)
    found: set[T] = set()
    waiting = list(kept)
    while waiting:
        for parent in above[waiting.pop()]:
            if parent in removable and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
