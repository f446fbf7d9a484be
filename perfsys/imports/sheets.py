"""What was recognised of each sheet, as the run keeps it and the columns page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from .columns import Recognition
from .models import ImportRun
from .reading import Row, Sheet
from .text import line

SAMPLES = 3  # values shown beside each heading
LOOKED_THROUGH = 500  # rows, for a column that is empty in the first ones


def _samples(rows: Iterable[Row]) -> list[list[str]]:
    """The first values of each column, whichever rows they stand in."""
    found: list[list[str]] = []
    for row in rows:
        found += [[] for _missing in range(len(row.cells) - len(found))]
        for values, cell in zip(found, row.cells, strict=False):
            if len(values) < SAMPLES and (text := line(cell)[:60]) and text not in values:
                values.append(text)
    return [[values[n] if n < len(values) else "" for values in found] for n in range(SAMPLES)]


def describe_sheet(sheet: Sheet, recognition: Recognition) -> dict[str, Any]:
    """JSON: name, hidden, is_data, reason, header_row (1-based or None), headings, samples,
    columns {field: {index, confidence, why}}. A hidden sheet is described by its name alone."""
    described: dict[str, Any] = {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "is_data": recognition.is_data,
        "reason": recognition.reason,
        "header_row": recognition.header_row,
        "headings": list(recognition.headings),
        "samples": [],
        "columns": {
            name: {"index": guess.index, "confidence": guess.confidence, "why": guess.why}
            for name, guess in recognition.columns.items()
        },
    }
    if not sheet.hidden:
        below = (row for row in sheet.rows if row.number > (recognition.header_row or 0))
        described["samples"] = _samples(islice(below, LOOKED_THROUGH))
        width = max(map(len, [recognition.headings, *described["samples"]]))
        described["headings"] += [""] * (width - len(recognition.headings))  # columns without any heading
    return described


def used_sheets(run: ImportRun) -> set[str]:
    """Names of the sheets whose rows are imported: what a person chose, else what was recognised. Hidden ones never."""
    return {
        sheet["name"]
        for sheet in run.sheets
        if not sheet["hidden"] and run.choices.get(sheet["name"], {}).get("use", sheet["is_data"])
    }


def overrides_of(run: ImportRun, sheet: str) -> Mapping[int, str | None] | None:
    """Column index -> field, None for a column to leave out; None when nobody corrected anything."""
    chosen = run.choices.get(sheet, {}).get("columns")
    return {int(index): field or None for index, field in chosen.items()} if chosen else None
