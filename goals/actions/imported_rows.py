"""Good rows of imported files as actions take them, and as plain JSON that an import keeps until it is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from goals.importing import words
from goals.importing.check_in_rows import CheckInRow
from goals.importing.goal_judgement import GoalRow
from perfsys.imports.kinds import Change

BATCH = 1000  # rows a statement

T = TypeVar("T")
Tick = Callable[[int], None]
"""Is told the number of rows done."""
Remember = Callable[[Sequence[Change]], None]


class Applied(NamedTuple):
    """Rows of one import by what became of them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, created: int, changed: int, unchanged: int) -> Applied:
        return Applied(self.created + created, self.changed + changed, self.unchanged + unchanged)


@dataclass(frozen=True, slots=True)
class ImportedGoal:
    """A good row of a goal file. `known` is the number of the goal that stands already, where this row renames it;
    `owner` an employee number, a unit's path, or "" for the company; `flags` are the codes of its warnings.
    `said` are its cells of extra fields, `answers` what the goal keeps of them, None where that stays as it is;
    `made_from` of a new one the version of the template that asks them."""

    key: str
    layer: str
    owner: str
    title: str
    known: str | None = None
    parents: tuple[str, ...] = ()
    weight: Decimal | None = None
    core: bool = False
    measure: str = ""
    target: Decimal | None = None
    unit: str = ""
    direction: str | None = None
    evidence_label: str = ""
    evidence_kind: str | None = None
    evidence_no: str = ""
    budget: Decimal = Decimal(0)
    headcount: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    due: date | None = None
    obstacles: tuple[str, ...] = ()
    status: str = words.PUBLISHED
    flags: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    answers: tuple[Mapping[str, Any], ...] | None = None
    made_from: int | None = None

    @classmethod
    def of_row(cls, row: GoalRow) -> ImportedGoal:
        """Of a judged row that was not rejected."""
        values = row.values
        if values is None:
            raise ValueError(f"row {row.number} of {row.sheet} was rejected")
        return cls(
            key=row.key,
            known=row.known,
            layer=values.layer,
            owner=values.owner_key,
            title=values.title,
            parents=tuple(filter(None, (values.parent, *values.further_parents))),
            weight=values.weight,
            core=values.core,
            measure=values.measure,
            target=values.target,
            unit=values.unit,
            direction=values.direction,
            evidence_label=values.evidence_type,
            evidence_kind=values.evidence_kind,
            evidence_no=values.evidence_no,
            budget=values.budget_wan,
            headcount=values.headcount,
            hours=values.hours,
            due=values.due,
            obstacles=values.obstacles,
            status=values.status,
            flags=tuple(dict.fromkeys(issue.code for issue in row.issues)),
            said=tuple((name, text) for name, text in values.extra if text),
            answers=row.answers,
            made_from=row.made_from,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON that `from_json` takes back without loss."""
        return {name: plain(getattr(self, name)) for name in _GOAL}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ImportedGoal:
        """Also of rows that were kept before there were extra fields in files."""
        return cls(**{name: _typed(name, values[name]) for name in _GOAL if name in values})

    def digest(self) -> str:
        """The same for the same row, whatever number the goal had before."""
        values = {name: getattr(self, name) for name in _GOAL if name not in NO_PART_OF_THE_ROW}
        # Before goals had extra fields rows said nothing about them: those are the same rows still.
        said = [f"{name}={value!r}" for name, value in values.items() if name != "said" or value]
        return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportedEntry:
    """A good row of a check-in file; `goal` is a goal's number, `kind` check_in, evidence or comment."""

    key: str
    goal: str
    employee_no: str
    at: datetime
    on: date
    kind: str
    percent: Decimal | None = None
    note: str = ""
    evidence_no: str = ""

    @classmethod
    def of_row(cls, row: CheckInRow) -> ImportedEntry:
        values = row.values
        if values is None:
            raise ValueError(f"row {row.number} of {row.sheet} is not to be imported")
        return cls(
            key=row.key,
            goal=values.goal,
            employee_no=values.employee_no,
            at=values.at,
            on=values.on,
            kind=values.kind,
            percent=values.percent,
            note=values.note,
            evidence_no=values.evidence_no,
        )

    def as_json(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in _ENTRY}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ImportedEntry:
        return cls(**{name: _typed(name, values[name]) for name in _ENTRY})


# Looked up once: of a hundred thousand rows each is asked for its fields several times.
_GOAL = tuple(spec.name for spec in fields(ImportedGoal))
_ENTRY = tuple(spec.name for spec in fields(ImportedEntry))
NO_PART_OF_THE_ROW = frozenset({"known", "answers", "made_from"})
DECIMALS = frozenset({"weight", "target", "budget", "headcount", "hours", "percent"})
DATES = frozenset({"due", "on"})
TUPLES = frozenset({"parents", "obstacles", "flags", "answers"})


def plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DECIMALS:
        return Decimal(value)
    if name == "said":
        return tuple((column, text) for column, text in value)
    if name in DATES:
        return date.fromisoformat(value)
    if name == "at":
        return datetime.fromisoformat(value)
    return tuple(value) if name in TUPLES else value


def chunks(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, size)):
        yield chunk
