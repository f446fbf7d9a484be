"""Who leads a unit. The organisation names no heads: what makes somebody one stands in `goals.access.units_led`."""

from datetime import date

from django.db.models import Exists, OuterRef

from perfsys.people.models import Assignment, Employee, OrgUnit, OrgUnitClosure, ReportingClosure
from perfsys.people.spans import holds


def heads_of(unit: OrgUnit, on: date) -> list[Employee]:
    """Those who lead it; where nobody does, those of the nearest unit above. Two queries."""
    depths = dict(OrgUnitClosure.objects.filter(holds(on), descendant=unit).values_list("ancestor_id", "depth"))
    leads = ReportingClosure.objects.filter(holds(on), manager=OuterRef("employee"), depth=1)
    managed_beside = ReportingClosure.objects.filter(  # the own manager has his post in the same unit
        holds(on),
        holds(on, "manager__assignments__"),
        employee=OuterRef("employee"),
        depth=1,
        manager__assignments__is_primary=True,
        manager__assignments__unit=OuterRef("unit"),
    )
    posts = (
        Assignment.objects.filter(holds(on), is_primary=True, unit__in=list(depths))
        .filter(Exists(leads), ~Exists(managed_beside))
        .select_related("employee")
        .order_by("employee_id")
    )
    found = [post for post in posts if post.employee.status == Employee.Status.ACTIVE]
    nearest = min((depths[post.unit_id] for post in found), default=None)
    return [post.employee for post in found if depths[post.unit_id] == nearest]
