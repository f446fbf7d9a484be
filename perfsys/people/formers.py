"""People and units as they stand, with their dated rows, as plain JSON: what an import keeps of what it replaces, and
gives back when it is taken back (product.md §1.6). A row of a list is written as its columns, dates as text."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F

from perfsys.common.bulk import AnyOf

from .models import Assignment, Employee, HrbpAssignment, OrgUnit, ReportingLine, RoleGrant, UnitLine

TOLD = ("name", "position", "grade", "job_family", "email", "mobile", "hired_on", "left_on", "status")
OF_UNIT = ("name", "starts_on", "ends_on")
LINE = ("manager_id", "starts_on", "ends_on")
POST = ("unit_id", "position", "is_primary", "starts_on", "ends_on")
PARTNER = ("hrbp_id", "starts_on", "ends_on")
PARENT = ("parent_id", "starts_on", "ends_on")
GRANT = ("public_id", "role", "unit_id", "reason", "granted_by_id", "starts_on", "ends_on")
Record = dict[str, Any]  # the fields by name, and a list of rows for each kind of dated rows


class What(StrEnum):
    PERSON = "person"
    UNIT = "unit"


Node = tuple[What, int]  # with its id


@dataclass(frozen=True, slots=True)
class Replaced:
    """One person or unit that a roster changed: `former` holds those parts of its record that read otherwise before,
    None where it was not there; `became` tells what the roster left from what somebody changed later."""

    node: Node
    former: Mapping[str, Any] | None
    became: str


def people(ids: Collection[int]) -> dict[int, Record]:
    """By id, of those that are there; four queries. `seat_open` says whether the person may sign in, None without an
    account."""
    found: dict[int, Record] = {}
    by_seat: dict[int, int] = {}
    rows = Employee.objects.filter(AnyOf(F("id"), list(ids)))
    for pk, seat, is_open, *told in rows.values_list("pk", "membership_id", "membership__is_active", *TOLD):
        found[pk] = {"fields": dict(zip(TOLD, plain(told), strict=True)), "seat_open": is_open}
        if seat:
            by_seat[seat] = pk
    _add(found, "managers", ReportingLine.objects.filter(AnyOf(F("employee_id"), list(found))), "employee_id", LINE)
    _add(found, "posts", Assignment.objects.filter(AnyOf(F("employee_id"), list(found))), "employee_id", POST)
    grants = RoleGrant.objects.filter(AnyOf(F("membership_id"), list(by_seat)))
    _add(found, "grants", grants, "membership_id", GRANT, by_seat)
    return found


def units(ids: Collection[int]) -> dict[int, Record]:
    """By id, of those that are there; three queries. The path follows from names and parents, and is none of it."""
    found: dict[int, Record] = {
        pk: {"fields": dict(zip(OF_UNIT, plain(told), strict=True))}
        for pk, *told in OrgUnit.objects.filter(AnyOf(F("id"), list(ids))).values_list("pk", *OF_UNIT)
    }
    _add(found, "parents", UnitLine.objects.filter(AnyOf(F("unit_id"), list(found))), "unit_id", PARENT)
    _add(found, "partners", HrbpAssignment.objects.filter(AnyOf(F("unit_id"), list(found))), "unit_id", PARTNER)
    return found


def _add(
    found: dict[int, Record],
    part: str,
    rows: Any,
    owner: str,
    columns: Sequence[str],
    owner_of: Mapping[int, int] | None = None,
) -> None:
    listed: defaultdict[int, list[Any]] = defaultdict(list)
    for pk, *values in rows.values_list(owner, *columns):
        listed[owner_of[pk] if owner_of else pk].append(plain(values))
    for pk, kept in found.items():
        kept[part] = sorted(listed[pk], key=str)


def plain(values: Iterable[Any]) -> list[Any]:
    """As JSON keeps them."""
    return [str(value) if isinstance(value, date | UUID) else value for value in values]


def what_differs(before: Record, after: Record) -> Record:
    """The parts of `before` that read otherwise in `after`."""
    return {part: value for part, value in before.items() if after.get(part) != value}


def mark_of(what: What, record: Record) -> str:
    """The same as long as nobody changes the person or the unit. What comes true by itself on its day changes nothing:
    whoever was to leave has left, a position follows from the post; neither do roles and seats, which are given and
    taken by themselves."""
    told = {part: value for part, value in record.items() if part not in ("grants", "seat_open")}
    if what is What.PERSON:
        fields = dict(record["fields"])
        if fields["left_on"]:
            del fields["status"]
        if any(post[POST.index("is_primary")] for post in record["posts"]):
            del fields["position"]
        told["fields"] = fields
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def compared(
    what: What, before: Mapping[int, Record], after: Mapping[int, Record], new: Collection[int]
) -> Iterator[Replaced]:
    """What has to be kept of each that is new or differs."""
    for pk, record in after.items():
        if pk in new:
            yield Replaced((what, pk), None, mark_of(what, record))
        elif former := what_differs(before[pk], record):
            yield Replaced((what, pk), former, mark_of(what, record))
