"""Rows between the reading child and its parent: one line of JSON a row, so that neither ever holds a whole sheet.

A line is `[number, hidden, [cell, ...]]`. A cell is null, a JSON text, number or boolean, or a pair of a letter and
what it marks: ["d", ISO moment], ["p", number shown as a percentage], ["f", text of a formula].
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perfsys.imports.reading.shape import BLANK, Cell, Row

_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Merge:
    """Rows `first`..`last` of the 0-based `column` show what its cell in row `first` holds."""

    column: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SpooledRows:
    """The rows of one sheet in a spool file; every iteration reads them anew, several may run at once."""

    spool: int
    """File descriptor; belongs to whoever opened the workbook."""
    start: int
    end: int
    merges: tuple[Merge, ...]
    """By first row."""

    def __iter__(self) -> Iterator[Row]:
        rows = (_row(json.loads(line)) for line in self._lines())
        return _filled(rows, self.merges) if self.merges else rows

    def _lines(self) -> Iterator[bytes]:
        position, rest = self.start, b""
        while position < self.end:
            chunk = os.pread(self.spool, min(_CHUNK_BYTES, self.end - position), position)
            if not chunk:
                return
            position += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines


def _row(line: list[Any]) -> Row:
    number, hidden, values = line
    return Row(number, tuple([BLANK if value is None else _cell(value) for value in values]), bool(hidden))


def _cell(value: Any) -> Cell:
    if type(value) is not list:
        return Cell(value)
    mark, held = value
    if mark == "d":
        return Cell(datetime.fromisoformat(held))
    return Cell(held, percent=mark == "p", formula=mark == "f")


def _filled(rows: Iterator[Row], merges: tuple[Merge, ...]) -> Iterator[Row]:
    """Rows with what a merge shows in each of its rows. Where merges overlap, which Excel forbids, the later wins."""
    waiting = list(reversed(merges))
    open_merges: dict[int, tuple[int, Cell]] = {}  # column -> last row, cell
    for row in rows:
        while waiting and waiting[-1].first <= row.number:
            merge = waiting.pop()
            # The row holding the shown value may be absent from the file: then the merge is empty.
            held = row.cells[merge.column] if merge.first == row.number and merge.column < len(row.cells) else BLANK
            open_merges[merge.column] = (merge.last, Cell(held.value, held.percent, held.formula, merged=True))
        yield _with_open_merges(row, open_merges) if open_merges else row


def _with_open_merges(row: Row, open_merges: dict[int, tuple[int, Cell]]) -> Row:
    cells = list(row.cells)
    for column, (last, shown) in list(open_merges.items()):
        if row.number > last:
            del open_merges[column]
        elif shown.value is not None:
            cells.extend([BLANK] * (column + 1 - len(cells)))
            if cells[column].value is None:
                cells[column] = shown
    return Row(row.number, tuple(cells), row.hidden)
