"""One delimited file of a day as rows, or the reason why none of it is believed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import UNREADABLE
from ..values import storable

FILE_BYTES = 10 * 1024 * 1024
MOST_COLUMNS = 500
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Content:
    """`refused` is a code of `integrations.wording`, and then there are no rows. `counted` and `declared` are what was
    in the file and what its last line says."""

    rows: Sequence[Mapping[str, Any]]
    counted: int
    declared: int | None = None
    refused: str = ""


def read_content(content: bytes, *, separator: str = ",", trailer: str = "", needed: Sequence[str] = ()) -> Content:
    """`trailer` is the last line with {n} for the number of rows, "" where a file has none; `needed` are the columns
    without which no row means anything. The number of rows is believed before anything else: a cut off file also has
    half a letter or an open quote at its end, and what is to be said is that it is cut off."""
    if len(content) > FILE_BYTES:
        return Content((), 0, refused="file_too_large")
    if content.startswith(_UTF16_MARKS):
        return Content((), 0, refused="encoding")
    text = _decoded(content)
    if text is None:
        cut_off = bool(trailer) and not _ends_with(content, trailer)
        return Content((), 0, refused="truncated" if cut_off else "encoding")
    try:
        lines = _cells(text, separator)
    except csv.Error:
        cut_off = bool(trailer) and not _ends_with(content, trailer)
        return Content((), 0, refused="truncated" if cut_off else "not_csv")
    declared = None
    if trailer:
        declared = _declared(lines[-1], trailer, separator) if lines else None
        if declared is None:
            return Content((), max(0, len(lines) - 1), refused="truncated")
        lines.pop()
    if not lines:
        return Content((), 0, declared, "columns_missing")
    heading, rows = [name.strip() for name in lines[0]], lines[1:]
    while heading and not heading[-1]:  # a spreadsheet program saved it with empty columns behind
        heading.pop()
    if declared is not None and declared != len(rows):
        return Content((), len(rows), declared, "truncated")
    if len(set(heading)) != len(heading) or "" in heading or len(heading) > MOST_COLUMNS:
        return Content((), len(rows), declared, "columns_twice")
    if set(needed) - set(heading):
        return Content((), len(rows), declared, "columns_missing")
    return Content([_row(heading, cells) for cells in rows], len(rows), declared)


def _decoded(content: bytes) -> str | None:
    """UTF-8 before GB18030, which takes almost any bytes for letters; None for neither, and for UTF-8 that was damaged
    on its way: read as GB18030 every word of it would be another."""
    for encoding in ("utf-8-sig",) if content.startswith(_UTF8_MARK) else ("utf-8", "gb18030"):
        try:
            return str(storable(content.decode(encoding)))
        except UnicodeDecodeError:
            if _is_damaged_utf8(content):
                return None
    return None


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether most of what is no ASCII are letters of UTF-8. Two bytes of GB18030 happen to be one, three hardly."""
    text = content.decode("utf-8", "replace")
    letters = sum(letter > "\u07ff" and letter != "\ufffd" for letter in text)
    return letters > text.count("\ufffd")


def _cells(text: str, separator: str) -> list[list[str]]:
    """Lines with something in them. Raises csv.Error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return [line for line in reader if any(cell.strip() for cell in line)]


def _row(heading: Sequence[str], cells: list[str]) -> Mapping[str, Any]:
    while len(cells) > len(heading) and not cells[-1]:
        cells.pop()
    if len(cells) != len(heading):  # a comma too many somewhere: every cell behind it would stand in a wrong column
        return {UNREADABLE: cells}
    return dict(zip(heading, cells, strict=True))


def _declared(line: Sequence[str], trailer: str, separator: str) -> int | None:
    said = separator.join(cell.strip() for cell in line).rstrip(separator + " ")
    found = _trailer(trailer).fullmatch(said)
    return int(found[1]) if found else None


def _ends_with(content: bytes, trailer: str) -> bool:
    last = content.rstrip().rpartition(b"\n")[2].decode("ascii", "replace").strip().rstrip(",; ")
    return bool(_trailer(trailer).fullmatch(last))


def _trailer(trailer: str) -> re.Pattern[str]:
    before, _, behind = trailer.partition("{n}")
    return re.compile(rf"{re.escape(before)}([0-9]{{1,9}}){re.escape(behind)}")
