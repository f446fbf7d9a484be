"""What a change of a dated value does to its rows: one value an owner at a time, half-open spans. Pure.

A change made for a day holds from that day until the next change already known: what was planned for later stays,
what was true before stays. On the very day a row began it is corrected in place, for a span that never held is
no history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True)
class Span(Generic[V]):
    """One row: `owner` (an employee, a unit) has `value` from `starts_on` until `ends_on` (None: open)."""

    id: int
    owner: int
    value: V
    starts_on: date
    ends_on: date | None

    def holds(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass
class Edits(Generic[V]):
    """Rows to write, in this order: no two spans of an owner overlap at any moment between."""

    drop: list[int] = field(default_factory=list)
    end: list[tuple[int, date | None]] = field(default_factory=list)  # (id, ends_on)
    correct: list[tuple[int, V]] = field(default_factory=list)  # (id, value)
    add: list[tuple[int, V, date, date | None]] = field(default_factory=list)  # (owner, value, starts_on, ends_on)

    @property
    def owners_added(self) -> set[int]:
        return {owner for owner, *_ in self.add}

    def __len__(self) -> int:
        return len(self.drop) + len(self.end) + len(self.correct) + len(self.add)


def changed(rows: Iterable[Span[V]], wanted: Mapping[int, V | None], on: Mapping[int, date]) -> Edits[V]:
    """The edits after which each owner in `wanted` has that value from its day in `on` (None: nothing any more).

    `rows` are all rows of those owners that hold on that day or touch it or begin later.
    """
    edits: Edits[V] = Edits()
    by_owner = {
        owner: sorted(group, key=lambda row: row.starts_on)
        for owner, group in groupby(sorted(rows, key=lambda row: row.owner), key=lambda row: row.owner)
    }
    for owner, value in wanted.items():
        _change(edits, owner, by_owner.get(owner, []), value, on[owner])
    return edits


def _change(edits: Edits[V], owner: int, rows: list[Span[V]], value: V | None, day: date) -> None:
    current = next((row for row in rows if row.holds(day)), None)
    if current is not None and current.value == value:
        return
    before = next((row for row in rows if row.ends_on == day and row.value == value), None)
    until = current.ends_on if current else min((row.starts_on for row in rows if row.starts_on > day), default=None)
    if current is not None and current.starts_on < day:
        edits.end.append((current.id, day))
        current = None
    if value is None:
        if current is not None:
            edits.drop.append(current.id)
    elif before is not None:  # back to what it was until this morning: one span again
        if current is not None:
            edits.drop.append(current.id)
        edits.end.append((before.id, until))
    elif current is not None:
        edits.correct.append((current.id, value))
    else:
        edits.add.append((owner, value, day, until))
