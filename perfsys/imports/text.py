"""Normalisers shared by every import kind: what a person typed -> what is compared and stored (product.md §1.6)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from perfsys.imports.reading import Cell, CellValue

# Zero-width characters and byte order marks travel with text copied out of chat windows and web pages.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def clean(value: CellValue | Cell) -> str:
    """Text in NFKC without invisible characters, trimmed; inner line breaks kept. None and formulas become ""."""
    if isinstance(value, Cell):
        value = None if value.formula else value.value
    if value is None:
        return ""
    if isinstance(value, str):
        if value.isascii():
            return value.strip()
        return _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != datetime.min.time() else value.date().isoformat()
    return str(value) if not isinstance(value, date) else value.isoformat()


def compact(value: CellValue | Cell) -> str:
    """`clean`, with inner blanks removed too: names, numbers of employees and goals."""
    return _BLANKS.sub("", clean(value))


def line(value: CellValue | Cell) -> str:
    """`clean` on one line: every run of blanks and line breaks is one space."""
    return _BLANKS.sub(" ", clean(value))


def number(value: CellValue | Cell) -> Decimal | None:
    """The number a cell holds, exact; None where it holds none.

    Text may carry blanks, thousands separators and a percent sign: "1,200" -> 1200, "95%" -> 95.
    A cell *formatted* as a percentage is returned as the file holds it (0.95): the caller knows the unit.
    """
    held = value.value if isinstance(value, Cell) else value
    if isinstance(held, bool) or held is None or isinstance(held, date):
        return None
    if isinstance(held, int):
        return Decimal(held)
    if isinstance(held, float):
        found = Decimal(repr(held))
        return found if found.is_finite() else None
    text = _THOUSANDS.sub("", compact(value)).removesuffix("%")
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
