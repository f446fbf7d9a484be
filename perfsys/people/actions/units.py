"""Changing the tree of units, and who looks after them (product.md §1.3)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from perfsys.audit.actions import record

from .. import closure, events, spans, standing, writes
from ..models import Assignment, Employee, HrbpAssignment, OrgUnit, UnitLine
from ..roster import SEPARATOR
from .core import (
    CircleOfUnits,
    PathTaken,
    Refused,
    StaleVersion,
    changing_the_organisation,
    must_be_here,
    refusing,
    today_at,
)


class UnitNotEmpty(Refused):
    """People or units are still in it on that day."""


@transaction.atomic
def add_unit(
    *, name: str, parent: OrgUnit | None = None, starts_on: date, actor: Employee | None, now: datetime
) -> OrgUnit:
    """A new unit below `parent`. Raises PathTaken."""
    path = f"{parent.path}{SEPARATOR}{name}" if parent else name
    with changing_the_organisation(), refusing("people_unit_open_path", path_taken(path)):
        unit = OrgUnit.objects.create(name=name, path=path, parent=parent, starts_on=starts_on)
        writes.write_unit_parents({unit.pk: parent.pk if parent else None}, {unit.pk: starts_on})
        record(events.UNIT_ADDED, subject=unit, actor=actor, at=now)
        return unit


@transaction.atomic
def rename_unit(*, unit: OrgUnit, name: str, version: int, actor: Employee | None, now: datetime) -> OrgUnit:
    """Another name, at once; the units below carry it in their paths. Raises StaleVersion, PathTaken."""
    with changing_the_organisation(), refusing("people_unit_open_path", path_taken(name)):
        unit = _unit_to_change(unit, version)
        before, unit.name = unit.path, name
        unit.save(update_fields=["name", "version"])
        standing.settle(today_at(now))
        unit.refresh_from_db()
        record(events.UNIT_RENAMED, subject=unit, actor=actor, at=now, details={"before": before, "after": unit.path})
        return unit


@transaction.atomic
def move_unit(
    *, unit: OrgUnit, parent: OrgUnit | None, on: date, version: int, actor: Employee | None, now: datetime
) -> OrgUnit:
    """From `on` the unit, with all below it, stands below `parent`. Raises StaleVersion, CircleOfUnits, PathTaken."""
    circle = CircleOfUnits(_("%(unit)s cannot stand below itself.") % {"unit": unit.name})
    with changing_the_organisation(), refusing("people_unit_open_path", path_taken(unit.name)):
        unit = _unit_to_change(unit, version)
        try:
            writes.write_unit_parents({unit.pk: parent.pk if parent else None}, {unit.pk: on})
        except closure.Circle as error:
            raise circle from error
        unit.save(update_fields=["version"])
        standing.settle(today_at(now))
        unit.refresh_from_db()
        details = {"below": parent.path if parent else "", "on": str(on)}
        record(events.UNIT_MOVED, subject=unit, actor=actor, at=now, details=details)
        return unit


@transaction.atomic
def close_unit(*, unit: OrgUnit, on: date, version: int, actor: Employee | None, now: datetime) -> OrgUnit:
    """`on` is the first day the unit is no more. Raises StaleVersion, UnitNotEmpty."""
    with changing_the_organisation():
        unit = _unit_to_change(unit, version)
        after = spans.ends_after(on)
        if Assignment.objects.filter(after, unit=unit).exists() or UnitLine.objects.filter(after, parent=unit).exists():
            raise UnitNotEmpty(_("Move the people and the units below out of %(unit)s first.") % {"unit": unit.path})
        if on <= unit.starts_on:
            raise Refused(_("%(unit)s did not exist before that day.") % {"unit": unit.path})
        HrbpAssignment.objects.filter(unit=unit, starts_on__gte=on).delete()
        HrbpAssignment.objects.filter(after, unit=unit).update(ends_on=on)
        UnitLine.objects.filter(unit=unit, starts_on__gte=on).delete()
        UnitLine.objects.filter(after, unit=unit).update(ends_on=on)
        unit.ends_on = on
        unit.save(update_fields=["ends_on", "version"])
        closure.follow_unit_lines([unit.pk])
        record(events.UNIT_CLOSED, subject=unit, actor=actor, at=now, details={"on": str(on)})
        return unit


@transaction.atomic
def set_hrbp(*, unit: OrgUnit, hrbp: Employee | None, on: date, actor: Employee | None, now: datetime) -> None:
    """From `on` the unit has this HR partner (None: that of the unit above). Raises HasLeft."""
    with changing_the_organisation():
        if hrbp is not None:
            must_be_here(hrbp, on)
        written = writes.write_partners({unit.pk: hrbp.pk if hrbp else None}, {unit.pk: on})
        standing.refresh_derived_roles(today_at(now), only=written.values)
        record(events.HRBP_SET, subject=unit, about=hrbp, actor=actor, at=now, details={"on": str(on)})


def _unit_to_change(unit: OrgUnit, version: int) -> OrgUnit:
    found: OrgUnit = OrgUnit.objects.select_for_update().get(pk=unit.pk)
    if found.version != version:
        raise StaleVersion
    found.version += 1
    return found


def path_taken(path: str) -> PathTaken:
    return PathTaken(_("There is a unit called %(path)s already.") % {"path": path})
