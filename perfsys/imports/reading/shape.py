"""What a spreadsheet looks like to the import rules, whichever file it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

CellValue = str | int | float | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the file holds it; text is not yet normalised (see `perfsys.imports.text`)."""

    value: CellValue
    percent: bool = False
    """The number format shows a percentage: 0.95 is what the person sees as 95 %."""
    formula: bool = False
    """`value` is the text of a formula that carries no cached result; nothing is ever evaluated."""
    merged: bool = False
    """`value` was filled down from the top-left cell of a merged range."""


BLANK = Cell(None)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """1-based, as the person sees it in Excel."""
    cells: tuple[Cell, ...]
    """From column A to the last cell that holds something; shorter than the sheet is wide."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows without any value are left out; `Row.number` tells the gap. A hidden sheet has no rows: it is not read."""

    name: str
    hidden: bool
    rows: Iterable[Row]
    """May be walked any number of times; each walk reads from disk, so that memory stays flat."""
    hidden_columns: frozenset[int] = frozenset()
    """0-based. What somebody hid is used only where its heading says what it is, never guessed from its content."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row after column recognition."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    """Field name -> cell; an absent column is an absent key."""
    rest: tuple[Cell, ...] = ()
    """Cells with a value in columns that stand for no field: footers and subtotals are told by them."""
