"""Promises that stand on a goal's page (product.md §2.10)."""

from dataclasses import dataclass, field

from django.db.models import Q

from goals.access import readable_of
from goals.models import For, Goal, Incentive, IncentivePlace
from perfsys.people.access import Viewer

MOST_PLACES = 50


@dataclass
class Promise:
    """`own` is the viewer's place in it; `places` are the first ones given, for whoever keeps the promise."""

    incentive: Incentive
    own: IncentivePlace | None = None
    places: list[IncentivePlace] = field(default_factory=list)


def promises_on(who: Viewer, goal: Goal, *, keeps: bool) -> list[Promise]:
    """On the goal itself, and on those it carries for the owners of what carries them, as far as `who` may read them.
    One query, and one more where there is a promise."""
    on_it = Q(goal=goal) | Q(goal__children__child=goal, is_for=For.CHILDREN)
    found = list(Incentive.objects.filter(on_it).select_related("goal").order_by("pk").distinct())
    readable = readable_of(who, [one.goal for one in found])
    promises = {one.pk: Promise(one) for one in found if one.goal_id in readable}
    if not promises:
        return []
    wanted = Q(owner=who.employee_id)
    if keeps:
        wanted |= Q(incentive__goal=goal, number__lte=MOST_PLACES)
    places = IncentivePlace.objects.filter(wanted, incentive__in=list(promises)).select_related("owner")
    for place in places.order_by("incentive", "number"):
        promise = promises[place.incentive_id]
        if place.owner_id == who.employee_id:
            promise.own = place
        if keeps and promise.incentive.goal_id == goal.pk:
            promise.places.append(place)
    return list(promises.values())
