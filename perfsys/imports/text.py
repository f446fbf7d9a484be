"""Normalisers shared by every import kind: what a person typed -> what is compared and stored (product.md §1.6)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from perfsys.imports.reading import Cell, CellValue

# Zero-width characters and byte order marks travel with text copied out of chat windows and web pages; PostgreSQL
# refuses NUL, and no control character but tab and line break has a meaning in a cell.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.年])(\d{1,2})(?:\2|月)(\d{1,2})[日号]?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED_MONTH = re.compile(r"(?:(\d{1,2})[- ]?)?([A-Za-z]{3,9})[-. ]*(?:(\d{1,2}),?)?[- ]*(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SERIALS_END = 100_000
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def clean(value: CellValue | Cell) -> str:
    """Text in NFKC without invisible characters, trimmed; inner line breaks kept. None and formulas become ""."""
    if isinstance(value, Cell):
        value = None if value.formula else value.value
    if value is None:
        return ""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip()
        if value.isprintable() and unicodedata.is_normalized("NFKC", value):
            return value.strip()  # what is invisible is not printable
        return INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != datetime.min.time() else value.date().isoformat()
    return str(value) if not isinstance(value, date) else value.isoformat()


def compact(value: CellValue | Cell) -> str:
    """`clean`, with inner blanks removed too: names, numbers of employees and goals."""
    text = _BLANKS.sub("", clean(value))
    # A blank between a letter and its accent gone, the two become one letter.
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


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


def day(value: CellValue | Cell) -> date | None:
    """The complete day a cell means; None where it cannot be read ("2017年9月", "2021-02-30", 3/4/2026).

    Numbers below 100,000 are Excel serials, eight digits are yyyymmdd.
    """
    held = value.value if isinstance(value, Cell) else value
    if isinstance(held, datetime):
        return held.date()
    if isinstance(held, date):
        return held
    text = clean(value)
    if len(text) > 40:
        return None
    if text.isdigit() or isinstance(held, float):
        return _day_of_digits(text)
    return _day_of_text(_CLOCK.sub("", text))


def _day_of_digits(text: str) -> date | None:
    figure = number(text)
    if figure is None:
        return None
    if 60 < figure < _SERIALS_END:  # earlier ones fall before 1 March 1900, where Excel's count is off
        return date(1899, 12, 30) + timedelta(days=int(figure))
    return _existing(text[:4], text[4:6], text[6:]) if len(text) == 8 and text.isdigit() else None


def _day_of_text(text: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(_BLANKS.sub("", text)):
        return _existing(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = found[1], found[3], found[4]
        # 12/31/2026 and 31/12/2026 read one way only; 3/4/2026 reads two ways and is left to a person.
        if int(first) > 12 or first == second:
            return _existing(year, second, first)
        return _existing(year, first, second) if int(second) > 12 else None
    if (found := _NAMED_MONTH.fullmatch(text)) and bool(found[1]) != bool(found[3]):
        month = found[2][:3].lower()
        return _existing(found[4], str(_MONTHS.index(month) + 1), found[1] or found[3]) if month in _MONTHS else None
    return None


def _existing(year: str, month: str, day_of_month: str) -> date | None:
    try:
        return date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None
