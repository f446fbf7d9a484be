"""Promises that stand on a goal's page (product.md §2.10)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from goals.models import Alignment, For, Goal, Incentive, IncentivePlace
from perfsys.common.beside import Rows
from perfsys.people.access import Viewer

MOST_PLACES = 50


@dataclass
class Promise:
    """`own` is the viewer's place in it; `places` are the first ones given, for whoever keeps the promise."""

    incentive: Incentive
    own: IncentivePlace | None = None
    places: list[IncentivePlace] = field(default_factory=list)


def promise_rows(who: Viewer, goal: Goal, *, keeps: bool) -> dict[str, Rows]:
    """Promises on the goal itself, and on those it carries for the owners of what carries them; the places in them that
    `who` may see."""
    carried = Alignment.objects.filter(child=goal.pk).values("parent")
    promises = Incentive.objects.filter(Q(goal=goal.pk) | Q(goal__in=carried, is_for=For.CHILDREN)).order_by("pk")
    wanted = Q(owner=who.employee_id)
    if keeps:
        wanted |= Q(incentive__goal=goal.pk, number__lte=MOST_PLACES)
    places = IncentivePlace.objects.filter(wanted, incentive__in=promises.order_by().values("pk"))
    return {
        "promises": Rows(promises, goal=("public_id", "title")),
        "places": Rows(places.order_by("incentive", "number"), owner=("name",)),
    }


def promises_of(
    who: Viewer, goal: Goal, found: Mapping[str, list[Any]], readable: Collection[int], *, keeps: bool
) -> list[Promise]:
    """From what `promise_rows` asked for, as far as `who` may read the goal it is on."""
    promises = {one.pk: Promise(one) for one in found["promises"] if one.goal_id in {goal.pk, *readable}}
    for place in found["places"]:
        promise = promises.get(place.incentive_id)
        if promise is not None and place.owner_id == who.employee_id:
            promise.own = place
        if promise is not None and keeps and promise.incentive.goal_id == goal.pk:
            promise.places.append(place)
    return list(promises.values())
