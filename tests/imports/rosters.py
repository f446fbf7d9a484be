"""The example company's roster as values, to be told again the way other companies would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from perfsys.imports.columns import recognise, recognise_all, source_rows
from perfsys.imports.people_fields import PEOPLE_FIELDS
from perfsys.imports.people_rows import PeopleJudgement, judge_people
from perfsys.imports.reading import BLANK, Cell, Row, Sheet, opened

NUMBERING = "numbering"
DATA = Path(__file__).parent.parent / "data"


@cache
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / "people.expected.json").read_text())
    return loaded


def judge_sheets(sheets: Sequence[Sheet]) -> PeopleJudgement:
    """From recognition to verdicts, as an import does it without anybody's correction."""
    recognised = list(zip(sheets, recognise_all(sheets, PEOPLE_FIELDS), strict=True))
    rows = (row for sheet, found in recognised if found.is_data for row in source_rows(sheet, found))
    ignored = [sheet.name for sheet, found in recognised if not found.is_data]
    return judge_people(rows, ignored_sheets=ignored)


def judge_file(path: Path) -> PeopleJudgement:
    with opened(path) as book:
        return judge_sheets(book.sheets)


@dataclass(frozen=True)
class Line:
    """A row of the original file: its number there, and its cells by field."""

    number: int
    cells: dict[str, Cell]

    def without(self, *names: str) -> Line:
        return replace(self, cells={name: cell for name, cell in self.cells.items() if name not in names})

    def with_text(self, name: str, text: str | None) -> Line:
        return replace(self, cells={**self.cells, name: Cell(text)})


@cache
def original_lines() -> tuple[Line, ...]:
    """All rows below the heading, merged cells filled down; the numbering, which footers stand in, is a field too."""
    with opened(DATA / "people.xlsx") as book:
        sheet = book.sheets[0]
        recognition = recognise(sheet, PEOPLE_FIELDS)
        return tuple(
            Line(row.number, {**row.cells, NUMBERING: row.rest[0] if row.rest else BLANK})
            for row in source_rows(sheet, recognition)
        )


def sheet_of(
    name: str, lines: Sequence[Line], columns: Sequence[tuple[str, str]], *, titles: Sequence[str] = ()
) -> tuple[Sheet, dict[int, int]]:
    """A sheet with `columns` of (heading, field), and which original row each of its rows tells.

    A field nobody has is a column of its own content: its values are what the heading's pool says, or blank.
    """
    rows = [Row(number, (Cell(title),)) for number, title in enumerate(titles, start=1)]
    rows.append(Row(len(titles) + 2, tuple(Cell(heading or None) for heading, _ in columns)))
    origin: dict[int, int] = {}
    for number, told in enumerate(lines, start=len(titles) + 3):
        cells = tuple(told.cells.get(field, BLANK) for _, field in columns)
        rows.append(Row(number, cells))
        origin[number] = told.number
    return Sheet(name, hidden=False, rows=rows), origin
