"""Rows written so that no cell becomes a formula and our own reader gets every value back (security.md §3 item 26)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from math import isfinite
from pathlib import Path
from typing import IO, Any

from perfsys.imports.reading import Cell, CellValue

# What a spreadsheet program takes for the start of a formula, or strips before it looks for one.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_MARKED_IN_CSV = re.compile(rf"'*(?:{_FORMULA.pattern})")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_EXACT_DIGITS = 10**15
_PERCENT, _DAY, _MOMENT = "0.00%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def write_xlsx(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str], path: Path) -> None:
    """One sheet: the headings, then the rows. Text stays text, whatever it starts with; blanks stay blank."""
    with path.open("wb") as file:
        _write_workbook(rows, headings, file)


def xlsx_bytes(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str]) -> bytes:
    """The same, for a response."""
    file = io.BytesIO()
    _write_workbook(rows, headings, file)
    return file.getvalue()


def write_csv(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str], path: Path) -> None:
    """UTF-8 with BOM, as Excel wants it. Text that would be a formula gets a leading ', which our reader takes off."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        _write_lines(rows, headings, file)


def csv_bytes(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str]) -> bytes:
    """The same, for a response."""
    file = io.StringIO(newline="")
    _write_lines(rows, headings, file)
    return file.getvalue().encode("utf-8-sig")


def _write_lines(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str], file: IO[str]) -> None:
    writer = csv.writer(file)
    writer.writerow([_csv_field(heading) for heading in headings])
    writer.writerows([_csv_field(_as_text(value)) for value in row] for row in rows)


def _write_workbook(rows: Iterable[Sequence[CellValue | Cell]], headings: Sequence[str], file: IO[bytes]) -> None:
    book = _classes()[0](write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_xlsx_cell(sheet, heading) for heading in headings])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    book.save(file)


def _as_text(value: CellValue | Cell) -> CellValue:
    """A percentage has no format to show it by in a file of text."""
    held = _held(value)
    if isinstance(value, Cell) and value.percent and isinstance(held, float):
        return f"{round(held * 100, 6):g}%"
    return held


def _held(value: CellValue | Cell) -> CellValue:
    return value.value if isinstance(value, Cell) else value


@cache
def _classes() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Of a book and of a cell; openpyxl has no types. Imported with the first book: with numpy, which it loads, that is
    a third of a second of every process's start, and few processes ever write one."""
    from openpyxl.cell.cell import WriteOnlyCell
    from openpyxl.workbook.workbook import Workbook

    return Workbook, WriteOnlyCell


def _xlsx_cell(sheet: Any, value: CellValue | Cell) -> Any:
    held = _held(value)
    if held is None or held == "":
        return None
    if isinstance(held, int | float) and not isinstance(held, bool) and not _fits_a_number(held):
        held = str(held)
    if isinstance(held, str):
        return _text_cell(sheet, held)
    cell = _classes()[1](sheet, held)
    if isinstance(held, datetime):
        cell.number_format = _MOMENT
    elif isinstance(held, date):
        cell.number_format = _DAY
    elif isinstance(value, Cell) and value.percent:
        cell.number_format = _PERCENT
    return cell


def _text_cell(sheet: Any, text: str) -> Any:
    escaped = _ESCAPE_LIKE.sub("_x005F_", text)
    cell = _classes()[1](sheet, _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", escaped))
    cell.data_type = "s"  # openpyxl makes "=1+1" a formula, and "#N/A" an error
    if _FORMULA.match(text):
        cell.quotePrefix = True  # or Excel makes it one as soon as somebody edits the cell
    return cell


def _fits_a_number(value: float) -> bool:
    """Excel keeps fifteen digits: a card number beyond them would come back as another."""
    return isfinite(value) and abs(value) < _EXACT_DIGITS


def _csv_field(value: CellValue) -> CellValue:
    if isinstance(value, str) and _MARKED_IN_CSV.match(value):
        return f"'{value}"
    return value
