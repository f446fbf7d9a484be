"""What was recognised of each sheet, as the run keeps it and the columns page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from .columns import Recognition
from .models import ImportRun
from .reading import Sheet
from .text import line

SAMPLES = 3  # rows shown under each heading


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
        described["samples"] = [[line(cell)[:60] for cell in row.cells] for row in islice(below, SAMPLES)]
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
