"""Who leads a unit. The organisation names no heads: what makes somebody one stands in `goals.access.units_led`."""

from collections.abc import Collection
from datetime import date

from goals.access import posts_of_heads
from perfsys.people.models import Employee, OrgUnit, OrgUnitClosure
from perfsys.people.spans import holds


def heads_of(unit: OrgUnit, on: date) -> list[Employee]:
    """Those who lead it; where nobody does, those of the nearest unit above. Two queries."""
    depths = dict(OrgUnitClosure.objects.filter(holds(on), descendant=unit).values_list("ancestor_id", "depth"))
    found = list(posts_of_heads(on).filter(unit__in=list(depths)).select_related("employee"))
    nearest = min((depths[post.unit_id] for post in found), default=None)
    return [post.employee for post in found if depths[post.unit_id] == nearest]


def head_by_unit(units: Collection[int], on: date) -> dict[int, Employee]:
    """Who leads each of `units` (ids), where somebody does: of several the one with the lowest number. One query."""
    found = posts_of_heads(on).filter(unit__in=units).select_related("employee").order_by("-employee__employee_no")
    return {post.unit_id: post.employee for post in found}
