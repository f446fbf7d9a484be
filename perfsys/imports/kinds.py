"""What a kind of import (people, goals, check-ins) declares; settings.IMPORT_KINDS names the kinds by dotted path,
because some of them live in apps above this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from perfsys.people.models import Employee

from .columns import FieldSpec
from .reading import SourceRow


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """The verdict on one row: `reasons` are (code, words that fill its sentence), `values` plain JSON, all that
    `apply` and the preview need."""

    sheet: str
    number: int
    action: str
    reasons: Sequence[tuple[str, Mapping[str, str]]]
    values: Mapping[str, Any] | None


@dataclass(slots=True)
class Judged:
    """Verdicts in the order of the file; `report` is what `apply` and the preview need of the file as a whole,
    `document` the whole conclusion as the command line writes it."""

    rows: Iterable[JudgedRow]
    report: Mapping[str, Any]
    document: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """Something an import wrote, by its id; `former` is what stood there, None where there was nothing. `became` is a
    mark of what the import left there, where nothing else tells that somebody changed it later."""

    target: int
    former: Mapping[str, Any] | None = None
    became: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """Rows written by one apply; `unchanged` were there already, letter by letter. `changes` and `marks` are what a
    kind that can be taken back needs for that; `marks` join the report."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    changes: Sequence[Change] = ()
    marks: Mapping[str, Any] = field(default_factory=dict)

    def __add__(self, other: Applied) -> Applied:
        return Applied(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)


class ImportKind(Protocol):
    name: str  # as in URLs and on the command line
    title: Promise | str
    says: Promise | str  # one line about what belongs into the file
    icon: str
    next_page: str  # name of the page that shows what was imported
    next_label: Promise | str
    fields: Sequence[FieldSpec]
    good: frozenset[str]  # actions whose rows are imported
    bad: frozenset[str]  # actions whose rows go back to the person as a file
    words: Mapping[str, Mapping[str, Promise]]  # what codes among the shown columns are called, by column

    def field_title(self, field_name: str) -> Promise | str: ...

    def reason(self, code: str, words: Mapping[str, str]) -> Promise | str:
        """The problem as a sentence that says what to do."""
        ...

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        """Keys of what is `shown` of each row in the preview, with their headings."""
        ...

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a row holds, by the keys of its columns."""
        ...

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        """Sentences about the file as a whole: a department whose weights do not add up."""
        ...

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged: ...

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        """Write the values of all good rows, set-based, in the caller's transaction. `progress` takes rows done."""
        ...


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a row would do. `differs` names the fields of what it changes, each with what stands there and what the row
    says, as plain JSON; both None where only that they differ can be told."""

    outcome: Outcome
    differs: Sequence[tuple[str, Any, Any]] = ()


Compare = Callable[[Sequence[Mapping[str, Any]]], Sequence[Effect]]


@runtime_checkable
class Comparable(Protocol):
    """A kind that can tell before an import what each row would change."""

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        """Of the values of good rows, a thousand at a time: one effect each, in as many queries however many rows."""
        ...


@runtime_checkable
class Closable(Protocol):
    """A kind whose ground may be closed after a file was judged, or was imported: a period."""

    def hindrance(self, report: Mapping[str, Any], *, hold: bool = False) -> str:
        """Why nothing may be written or taken back any more, as a sentence; empty where it may. With `hold` that stays
        so until the transaction ends."""
        ...


def hindrance(kind: ImportKind, report: Mapping[str, Any], *, hold: bool = False) -> str:
    return kind.hindrance(report, hold=hold) if isinstance(kind, Closable) else ""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back does: `removed` were new, `restored` get their former values, `left` stay as they are,
    each with a code of why. `partly` are restored ones of which something cannot be given back."""

    removed: Sequence[int] = ()
    restored: Sequence[int] = ()
    left: Mapping[int, str] = field(default_factory=dict)
    partly: Mapping[int, str] = field(default_factory=dict)


@runtime_checkable
class Undoable(Protocol):
    """A kind whose imports can be taken back."""

    def outlook(self, changes: Sequence[Change], *, report: Mapping[str, Any]) -> Undoing:
        """What `undo` would do now."""
        ...

    def undo(
        self, changes: Sequence[Change], *, report: Mapping[str, Any], actor: Employee | None, now: datetime
    ) -> Undoing:
        """In the caller's transaction."""
        ...

    def called(self, targets: Sequence[int]) -> Mapping[int, str]:
        """A line about each of these."""
        ...

    def why_left(self, code: str) -> Promise | str: ...


def kind_named(name: str) -> ImportKind:
    """Raises KeyError for a kind that does not exist."""
    made: Callable[[], ImportKind] = import_string(settings.IMPORT_KINDS[name])
    return made()


def all_kinds() -> list[ImportKind]:
    return [kind_named(name) for name in settings.IMPORT_KINDS]
