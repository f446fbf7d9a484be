"""Spreadsheets as plain values: what every import kind reads rows from (product.md §1.6, security.md §3 item 25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

CellValue = str | int | float | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the file holds it; text is not yet normalised (see `text.py`)."""

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
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    hidden: bool
    rows: Iterable[Row]
    """May be walked any number of times; each walk reads from disk, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row after column recognition."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    """Field name -> cell; an absent column is an absent key."""
