"""The organisation as files name it: what the company has already, for rows that refer to it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from perfsys.people.models import Assignment, Employee, OrgUnit, ReportingLine
from perfsys.people.spans import holds


@dataclass(frozen=True, slots=True)
class Colleague:
    """`units` are paths, the primary one first; `manager_no` the direct manager's number."""

    employee_no: str
    name: str
    units: tuple[str, ...]
    has_left: bool
    manager_no: str | None
    email: str | None
    mobile: str | None


def colleagues_on(on: date) -> list[Colleague]:
    """Everybody, leavers too, in three queries."""
    units: defaultdict[int, list[str]] = defaultdict(list)
    posts = Assignment.objects.filter(holds(on)).order_by("-is_primary", "id")
    for employee, path in posts.values_list("employee_id", "unit__path").iterator(chunk_size=2000):
        units[employee].append(path)
    lines = ReportingLine.objects.filter(holds(on)).values_list("employee_id", "manager__employee_no")
    managers = dict(lines.iterator(chunk_size=2000))
    people = Employee.objects.values_list("pk", "employee_no", "name", "status", "email", "mobile")
    return [
        Colleague(
            number,
            name,
            tuple(units[pk]),
            status == Employee.Status.LEFT,
            managers.get(pk),
            email or None,
            mobile or None,
        )
        for pk, number, name, status, email, mobile in people.iterator(chunk_size=2000)
    ]


def unit_paths() -> list[str]:
    """Paths of the open units."""
    return list(OrgUnit.objects.filter(ends_on=None).values_list("path", flat=True))
