"""Leaving: what a person had ends on the first day away, and who reported to him gets the next manager above."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from perfsys.audit.actions import record

from .. import events, spans, standing, writes
from ..closure import follow_reporting_lines
from ..models import Assignment, Employee, HrbpAssignment, ReportingClosure, ReportingLine, RoleGrant
from .core import HasLeft, changing_the_organisation, must_be_here, no_circle_of_managers, today_at


@transaction.atomic
def leave(
    *,
    employee: Employee,
    on: date,
    hand_over_to: Employee | None = None,
    actor: Employee | None,
    now: datetime,
) -> None:
    """`on` is the first day the person no longer works here; it may be planned. Reports go to `hand_over_to`, else to
    the next manager above who is still here; HR units go back to the partner above.
    Raises HasLeft, CircleOfManagers."""
    if employee.status == Employee.Status.LEFT:
        raise HasLeft(_("%(name)s has left already.") % {"name": employee.name})
    with changing_the_organisation(), no_circle_of_managers():
        if hand_over_to is not None:
            must_be_here(hand_over_to, on)
        Employee.objects.filter(pk=employee.pk).update(left_on=on, version=F("version") + 1)
        handed = part_from([employee], on=on, successor=hand_over_to)
        standing.settle(today_at(now))
        employee.refresh_from_db()
        details = {"on": str(on), "reports": len(handed.owners - {employee.pk})}
        record(events.EMPLOYEE_LEFT, subject=employee, about=employee, actor=actor, at=now, details=details)


def part_from_those_due(today: date) -> set[int]:
    """End what is left of people whose planned last day has come: a roster plans a leaving by its date alone. Returns
    employees and managers concerned."""
    due = Employee.objects.filter(status=Employee.Status.ACTIVE, left_on__lte=today).order_by("left_on", "pk")
    touched: set[int] = set()
    for on, gone in groupby(due, key=lambda employee: employee.left_on):
        touched |= part_from(list(gone), on=on).owners
    return touched


def part_from(gone: Collection[Employee], *, on: date, successor: Employee | None = None) -> writes.Written:
    """End all that `gone` have on `on`, drop what was planned for later, and hand their reports over. Two to three
    statements a kind of row, however many leave. Returns employees and managers concerned."""
    ids = {employee.pk for employee in gone}
    to = {pk: successor.pk if successor else above for pk, above in _next_above(ids, on).items()}
    handed = _hand_over_reports(to, _next_above(ids, on), on)
    _end(Assignment, "employee", ids, on)
    _end(ReportingLine, "employee", ids, on)
    _end(HrbpAssignment, "hrbp", ids, on)
    _end(RoleGrant, "membership", {e.membership_id for e in gone if e.membership_id}, on)
    touched = follow_reporting_lines(ids)
    return writes.Written(handed.owners | ids, handed.values | ids, handed.closure.plus(touched))


def _next_above(ids: Collection[int], on: date) -> dict[int, int | None]:
    """The nearest manager above each who stays."""
    rows = ReportingClosure.objects.filter(spans.holds(on), employee__in=ids).order_by("-depth")
    here = Q(manager__status=Employee.Status.ACTIVE) & (Q(manager__left_on=None) | Q(manager__left_on__gt=on))
    stay = rows.filter(here).exclude(manager__in=ids)
    return dict.fromkeys(ids) | dict(stay.values_list("employee", "manager"))  # the nearest is written last


def _hand_over_reports(to: Mapping[int, int | None], above: Mapping[int, int | None], on: date) -> writes.Written:
    """Every line to one of `to` that holds on `on` or later goes to the successor from then on."""
    wanted: dict[int, int | None] = {}
    since: dict[int, date] = {}
    void = []
    lines = ReportingLine.objects.filter(spans.ends_after(on), manager__in=to).exclude(employee__in=to)
    for line in lines.order_by("employee", "starts_on"):
        if line.employee_id in wanted:
            void.append(line.pk)  # planned to come back to who will be gone
            continue
        heir = to[line.manager_id]
        # A report who takes over answers to whom the leaver answered to.
        wanted[line.employee_id] = above[line.manager_id] if heir == line.employee_id else heir
        since[line.employee_id] = max(on, line.starts_on)
    ReportingLine.objects.filter(pk__in=void).delete()
    return writes.write_managers(wanted, since)


def _end(model: Any, owner: str, ids: Collection[int], on: date) -> None:
    held = model.objects.filter(**{f"{owner}__in": ids})
    held.filter(starts_on__gte=on).delete()
    held.filter(spans.holds(on)).update(ends_on=on)
