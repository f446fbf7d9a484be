"""Changing who works where and for whom. Each change is dated, and none forgets what was (product.md §1.3)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from perfsys.audit.actions import record, record_many
from perfsys.common.bulk import writing_in_bulk

from .. import events, names, standing, writes
from ..models import Employee, EmployeeSpan, OrgUnit
from .core import (
    NumberTaken,
    Refused,
    StaleVersion,
    changing_the_organisation,
    must_be_here,
    no_circle_of_managers,
    refusing,
    tenant_now,
    today_at,
)

EDITABLE = frozenset({"name", "email", "mobile", "job_family", "grade", "hired_on"})


class Reorganised(NamedTuple):
    """How many changed, and the rows of the closure written for it."""

    managers: int
    units: int
    closure_rows: int


class OverlappingSpan(Refused):
    """The person has a span of this kind at that time already."""


@transaction.atomic
def add_employee(
    *,
    employee_no: str,
    name: str,
    hired_on: date,
    unit: OrgUnit | None = None,
    manager: Employee | None = None,
    position: str = "",
    grade: str = "",
    job_family: str = "",
    email: str = "",
    mobile: str = "",
    actor: Employee | None,
    now: datetime,
) -> Employee:
    """A new person from `hired_on`. Raises NumberTaken, HasLeft."""
    taken = NumberTaken(_("The number %(number)s belongs to somebody else already.") % {"number": employee_no})
    with changing_the_organisation(), refusing("people_employee_no", taken):
        employee = Employee.objects.create(
            employee_no=employee_no,
            name=name,
            name_key=names.name_key(name),
            search_key=names.search_key(name),
            position=position,
            grade=grade,
            job_family=job_family,
            email=email,
            mobile=mobile,
            hired_on=hired_on,
        )
        on = {employee.pk: hired_on}
        if unit is not None:
            writes.write_posts({employee.pk: (unit.pk, position)}, on)
        if manager is not None:
            must_be_here(manager, hired_on)
            written = writes.write_managers({employee.pk: manager.pk}, on)
            standing.refresh_derived_roles(today_at(now), only=written.values)
        standing.refresh_withheld(today_at(now))
        record(events.EMPLOYEE_ADDED, subject=employee, about=employee, actor=actor, at=now)
        return employee


@transaction.atomic
def change_employee(
    *, employee: Employee, version: int, actor: Employee | None, now: datetime, **fields: Any
) -> Employee:
    """Change the record itself: any of EDITABLE. `version` is what the editor saw. Raises StaleVersion."""
    if unknown := set(fields) - EDITABLE:
        raise TypeError(f"not to be changed here: {sorted(unknown)}")
    employee = Employee.objects.select_for_update().get(pk=employee.pk)
    if employee.version != version:
        raise StaleVersion
    changed = {name: value for name, value in fields.items() if getattr(employee, name) != value}
    if not changed:
        return employee
    if "name" in changed:
        changed |= {"name_key": names.name_key(changed["name"]), "search_key": names.search_key(changed["name"])}
    for name, value in changed.items():
        setattr(employee, name, value)
    employee.version += 1
    employee.save(update_fields=[*changed, "version"])
    about_fields = sorted(set(changed) & EDITABLE)  # which, not what: addresses do not belong in the record
    record(
        events.EMPLOYEE_CHANGED, subject=employee, about=employee, actor=actor, at=now, details={"fields": about_fields}
    )
    return employee


@transaction.atomic
def change_managers(
    *,
    employees: Collection[Employee],
    manager: Employee | None,
    on: date,
    actor: Employee | None,
    now: datetime,
) -> Reorganised:
    """From `on` all of them report to `manager` (None: to nobody). Raises CircleOfManagers, HasLeft."""
    with changing_the_organisation(), no_circle_of_managers():
        if manager is not None:
            must_be_here(manager, on)
        wanted = {employee.pk: manager.pk if manager else None for employee in employees}
        written = writes.write_managers(wanted, dict.fromkeys(wanted, on))
        standing.refresh_derived_roles(today_at(now), only=written.values)
        _record_each(events.MANAGER_CHANGED, employees, written.owners, actor, now)
        return Reorganised(len(written.owners), 0, written.closure.total)


def change_manager(
    *, employee: Employee, manager: Employee | None, on: date, actor: Employee | None, now: datetime
) -> Reorganised:
    """One person's manager from `on`. Raises CircleOfManagers, HasLeft."""
    return change_managers(employees=[employee], manager=manager, on=on, actor=actor, now=now)


@transaction.atomic
def move_employees(
    *,
    employees: Collection[Employee],
    unit: OrgUnit,
    on: date,
    position: str | None = None,
    actor: Employee | None,
    now: datetime,
) -> Reorganised:
    """From `on` the primary post of each is in `unit`; the position stays where none is given."""
    with changing_the_organisation():
        _must_be_open(unit, on)
        wanted = {e.pk: (unit.pk, e.position if position is None else position) for e in employees}
        moved = writes.write_posts(wanted, dict.fromkeys(wanted, on))
        if position is not None and on <= today_at(now):
            Employee.objects.filter(pk__in=moved).update(position=position, version=F("version") + 1)
        standing.refresh_withheld(today_at(now))
        _record_each(events.UNIT_CHANGED, employees, moved, actor, now)
        return Reorganised(0, len(moved), 0)


@transaction.atomic
def reorganise(
    *,
    managers: Mapping[int, int | None],
    units: Mapping[int, int],
    on: date,
    actor: Employee | None,
    now: datetime,
) -> Reorganised:
    """Many at once: manager by employee and unit by employee (ids), all from `on`. One entry in the record; the dated
    rows themselves say who moved. Raises CircleOfManagers."""
    with changing_the_organisation(), no_circle_of_managers(), writing_in_bulk():
        position = dict(Employee.objects.filter(pk__in=units).values_list("pk", "position"))
        moved = writes.write_posts({pk: (unit, position[pk]) for pk, unit in units.items()}, dict.fromkeys(units, on))
        written = writes.write_managers(managers, dict.fromkeys(managers, on))
        standing.refresh_derived_roles(today_at(now), only=written.values)
        standing.refresh_withheld(today_at(now))
        done = Reorganised(len(written.owners), len(moved), written.closure.total)
        record(events.REORGANISED, subject=tenant_now(), actor=actor, at=now, details=done._asdict())
        return done


@transaction.atomic
def add_span(
    *, employee: Employee, kind: str, starts_on: date, ends_on: date | None, actor: Employee | None, now: datetime
) -> EmployeeSpan:
    """A probation or long leave: targets are prorated, alerts pause. Raises OverlappingSpan."""
    overlap = OverlappingSpan(_("There is one of this kind at that time already."))
    with refusing("people_span_one_of_a_kind", overlap):
        span = EmployeeSpan.objects.create(employee=employee, kind=kind, starts_on=starts_on, ends_on=ends_on)
    record(events.SPAN_ADDED, subject=span, about=employee, actor=actor, at=now, details={"kind": kind})
    return span


def _must_be_open(unit: OrgUnit, on: date) -> None:
    if unit.ends_on is not None and unit.ends_on <= on:
        raise Refused(_("%(unit)s is closed on that day. Choose another unit.") % {"unit": unit.path})
    if unit.starts_on > on:
        raise Refused(_("%(unit)s does not exist yet on that day.") % {"unit": unit.path})


def _record_each(
    verb: str, employees: Collection[Employee], changed: set[int], actor: Employee | None, now: datetime
) -> None:
    record_many(verb, subjects=[(e, e) for e in employees if e.pk in changed], actor=actor, at=now)
