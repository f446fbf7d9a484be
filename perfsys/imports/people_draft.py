"""One row of a roster, read on its own: a person, or one of a person's posts (product.md §1.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeVar

from perfsys.imports import people_values as values
from perfsys.imports.people_fields import PEOPLE_FIELDS, UNITS
from perfsys.imports.people_values import LEFT, Reference
from perfsys.imports.reading import BLANK, Cell, SourceRow
from perfsys.imports.text import clean, day, line

Action = Literal["accept", "accept_with_warning", "merge", "reject", "skip"]
Path = tuple[str, ...]
_Value = TypeVar("_Value")

ROOT_MARK = "/"
_NOBODY = frozenset({"-", "--", "—", "——", "无", "暂无", "空", "n/a", "na", "none", "null", "#n/a", "\\"})
_LEAVERS_SHEET = re.compile("离职|退休|left|former|leavers", re.IGNORECASE)
_UNIT_ORDER = (UNITS[0], "department", *UNITS[1:])
_ALL_FIELDS = frozenset(spec.name for spec in PEOPLE_FIELDS)


@dataclass(frozen=True, slots=True)
class KnownEmployee:
    """Somebody the company has already, whom a later file may name without listing."""

    employee_no: str
    name: str
    departments: tuple[str, ...] = ()
    """Paths such as "制造中心/一车间", the primary one first."""
    active: bool = True
    manager_no: str | None = None
    email: str | None = None
    mobile: str | None = None


@dataclass(slots=True)
class PersonRow:
    """The verdict on one row. `normalized` has the shape of people.expected.json; None for reject and skip.

    Columns the sheet does not have are named in `absent`: their None means "not told", not "none".
    """

    sheet: str
    number: int
    action: Action = "accept"
    reasons: list[str] = field(default_factory=list)
    normalized: dict[str, Any] | None = None
    absent: frozenset[str] = frozenset()

    def refuse(self, action: Literal["reject", "skip"], *reasons: str) -> None:
        self.action, self.reasons, self.normalized = action, list(reasons), None

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.number,
            "action": self.action,
            "reasons": self.reasons,
            "normalized": self.normalized,
        }


@dataclass(slots=True)
class Draft:
    """What a row says. After `people_identity` a person's one draft, with the departments of all posts."""

    verdict: PersonRow
    employee_no: str
    name: str
    departments: list[Path]
    position: str
    level: str
    concurrent: bool
    """Marked as a further post: never the primary one while there is another."""
    status: str
    hire_date: date | None
    email: str | None
    mobile: str | None
    manager_text: str
    """"" for nobody, ROOT_MARK for the top of the company."""
    manager: Reference
    hrbp_text: str
    hrbp: Reference
    told: dict[str, str | None]
    """Values of columns only some companies keep: leave_date, job_family."""
    posts: list[Draft] = field(default_factory=list)
    """Rows of the same person in other departments."""
    key: str = ""
    """Employee number, or what stands for it in a file without numbers."""

    @property
    def department(self) -> str | None:
        """Path of the primary post."""
        return "/".join(self.departments[0]) if self.departments else None

    @property
    def is_active(self) -> bool:
        return self.status != LEFT

    @property
    def name_key(self) -> str:
        return values.name_key(self.name)


def absent_columns(row: SourceRow) -> frozenset[str]:
    return _ALL_FIELDS - row.cells.keys()


def read_draft(row: SourceRow, verdict: PersonRow, *, as_of: date | None) -> Draft:
    """The values of `row`; what cannot be read becomes None and a reason of `verdict`."""
    cells, reasons = row.cells, verdict.reasons
    departments = _departments(cells)
    if not departments and has_department(row):
        reasons.append("department_missing")
    told = _told(cells, reasons)
    position = line(cells.get("position", BLANK))
    manager_text, manager = _reference(cells, "manager")
    hrbp_text, hrbp = _reference(cells, "hrbp")
    return Draft(
        verdict=verdict,
        employee_no=values.employee_no_in(cells.get("employee_no", BLANK)),
        name=values.name_in(cells.get("name", BLANK)),
        departments=departments,
        position=position,
        level=values.employee_no_in(cells.get("level", BLANK)),
        concurrent=values.is_concurrent(position, line(cells.get("remark", BLANK))),
        status=_status(row, told.get("leave_date"), as_of, reasons),
        hire_date=_read(cells, "hire_date", _plausible_day, reasons),
        email=_read(cells, "email", values.email_in, reasons),
        mobile=_read(cells, "mobile", values.mobile_in, reasons),
        manager_text=manager_text,
        manager=manager,
        hrbp_text=hrbp_text,
        hrbp=hrbp,
        told=told,
    )


def has_department(row: SourceRow) -> bool:
    """Whether the sheet has any column for the department."""
    return any(name in row.cells for name in _UNIT_ORDER)


def _departments(cells: Mapping[str, Cell]) -> list[Path]:
    path: Path = ()
    for name in _UNIT_ORDER:
        part = values.path_in(clean(cells.get(name, BLANK)))
        if part[: len(path)] == path:  # a lower column may repeat the path so far,
            path = part
        elif part != path[-len(part) :]:  # or its last part
            path += part
    return [path] if path else []


def _status(row: SourceRow, left_on: str | None, as_of: date | None, reasons: list[str]) -> str:
    text = clean(row.cells.get("status", BLANK))
    status = values.status_in(text)
    if status is not None:
        return status
    if text:
        reasons.append("unknown_status")
    elif left_on:
        return LEFT if as_of is None or date.fromisoformat(left_on) < as_of else values.ACTIVE
    elif "status" not in row.cells and _LEAVERS_SHEET.search(row.sheet):
        return LEFT
    return values.ACTIVE


def _told(cells: Mapping[str, Cell], reasons: list[str]) -> dict[str, str | None]:
    told: dict[str, str | None] = {}
    if "leave_date" in cells:
        left_on = _read(cells, "leave_date", _plausible_day, reasons)
        told["leave_date"] = left_on.isoformat() if left_on else None
    if "job_family" in cells:
        told["job_family"] = line(cells["job_family"]) or None
    return told


def _read(
    cells: Mapping[str, Cell], name: str, reader: Callable[[Cell], _Value | None], reasons: list[str]
) -> _Value | None:
    cell = cells.get(name, BLANK)
    if clean(cell).lower() in _NOBODY or not clean(cell):
        return None
    found = reader(cell)
    if found is None:
        reasons.append(f"invalid_{name}")
    return found


def _plausible_day(cell: Cell) -> date | None:
    found = day(cell)
    return found if found is not None and 1940 <= found.year <= 2100 else None


def _reference(cells: Mapping[str, Cell], name: str) -> tuple[str, Reference]:
    """Somebody by one column or by two, the second for the number."""
    texts = [line(cells.get(column, BLANK)) for column in (name, f"{name}_no")]
    told, number = ("" if text.lower() in _NOBODY else text for text in texts)
    if not number or number == ROOT_MARK:
        return told or number, values.reference_in(told)
    by_name = values.reference_in("" if told == ROOT_MARK else told)
    return f"{by_name.name} {number}".strip(), Reference(values.employee_no_in(number), by_name.name)
