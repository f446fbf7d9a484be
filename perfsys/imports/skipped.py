"""Rows between the data that are none: subtotals, footers, blank lines inside a merge."""

from __future__ import annotations

import re
from collections.abc import Collection

from perfsys.imports.reading import Cell, SourceRow
from perfsys.imports.text import line, number

BLANK_ROW = "blank_row"
SUBTOTAL_ROW = "subtotal_row"
FOOTER_NOTE = "footer_note"

_TOTAL = re.compile(
    r".{0,40}(?:小计|合计|总计|共计|累计)\s*[:(]?\s*[\d,.]*\s*[人名位个项条]?\)?"
    r"|共\s*\d+\s*[人名位个项条].{0,10}|(?:sub\s?|grand\s?)?totals?\b.{0,40}",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:注|备注|说明|附注|制表|制表人|审核|审核人|批准|批准人|填表|填表人|编制|复核|打印|日期|以上|以下|填报|声明|第\s*\d+\s*页|"
    r"note|remark|prepared by|approved by|printed|page\s*\d+)",
    re.IGNORECASE,
)
_NO_NAME = 8
"""Characters of a text that starts like a note and is no word of data."""
_SENTENCE = 40


def why_skipped(row: SourceRow, *, telling: Collection[str]) -> str | None:
    """BLANK_ROW, SUBTOTAL_ROW, FOOTER_NOTE, or None for a row of data.

    `telling` names the fields one of which every row of data fills, with something other than a total.
    """
    texts = {name: line(cell) for name, cell in row.cells.items() if _own(cell)}
    rest = [line(cell) for cell in row.rest if _own(cell) and number(cell) is None]
    said = [text for text in (*texts.values(), *rest) if text]
    if not said:
        return BLANK_ROW
    total = any(_TOTAL.fullmatch(text) for text in said)
    if any(texts.get(name) and not _TOTAL.fullmatch(texts[name]) for name in telling) and not (total and len(said) < 3):
        return FOOTER_NOTE if len(said) == 1 and _is_note(said[0]) else None
    if total:
        return SUBTOTAL_ROW
    if len(said) <= 2 and (not any(texts.values()) or any(_is_note(text) for text in said)):
        return FOOTER_NOTE
    return None


def _own(cell: Cell) -> bool:
    """A value of the row's own: what a merge shows in it belongs to the first row of the merge."""
    return cell.value is not None and not cell.merged


def is_titled_note(text: str) -> bool:
    """One that says by its first word that it is a note."""
    return bool(_NOTE.match(text)) and (":" in text or len(text) > _NO_NAME)


def _is_note(text: str) -> bool:
    return is_titled_note(text) or len(text) > _SENTENCE
