"""Spreadsheets as plain values: what every import kind reads rows from (product.md §1.6, security.md §3 item 25).

`with opened(path, name=upload_name) as book: for sheet in book.sheets: for row in sheet.rows: ...`
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfsys.imports.reading import limits
from perfsys.imports.reading.errors import (
    BY_CODE,
    FillInRows,
    RemovePassword,
    SaveAgain,
    SaveAsUtf8,
    SaveAsXlsx,
    SplitFile,
    SuspiciousFile,
    UnpackArchive,
    UnreadableFile,
)
from perfsys.imports.reading.shape import BLANK, Cell, CellValue, Row, Sheet, SourceRow
from perfsys.imports.reading.spool import Merge, SpooledRows

__all__ = [
    "BLANK",
    "Book",
    "Cell",
    "CellValue",
    "FillInRows",
    "RemovePassword",
    "Row",
    "SaveAgain",
    "SaveAsUtf8",
    "SaveAsXlsx",
    "Sheet",
    "SourceRow",
    "SplitFile",
    "SuspiciousFile",
    "UnpackArchive",
    "UnreadableFile",
    "opened",
]

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Book:
    """A file's sheets in its order. A text file is one sheet, called as the file is without its ending."""

    sheets: tuple[Sheet, ...]


@contextlib.contextmanager
def opened(path: Path, *, name: str = "") -> Iterator[Book]:
    """The book in `path`, readable while the context is open; `name` is what the person called the file.

    What the file is shows in its first bytes, not in its name. Parsed in a child process with little memory and time,
    into a nameless temporary file that vanishes with this process whatever happens. Raises an UnreadableFile.
    """
    with tempfile.TemporaryFile() as spool:
        found = _read_in_child(path, spool.fileno(), name or path.name)
        yield Book(tuple(_sheet(described, spool.fileno()) for described in found))


def _read_in_child(path: Path, spool: int, name: str) -> list[dict[str, Any]]:
    # A new interpreter, not a fork: sockets and secrets of a web process or worker have no business near the file.
    try:
        child = subprocess.run(
            [sys.executable, "-m", "perfsys.imports.reading.child", str(path.resolve()), str(spool), name],
            cwd=_ROOT,
            env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=(spool,),
            timeout=limits.CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as timeout:
        raise SuspiciousFile(found="time", limit=limits.CHILD_SECONDS) from timeout
    try:
        outcome = json.loads(child.stdout)
    except ValueError as silence:
        if child.returncode < 0 or b"MemoryError" in child.stderr:
            # Killed by its limit on time, or out of memory where not even the answer could be written.
            raise SuspiciousFile(found="crash", signal=-child.returncode) from silence
        raise RuntimeError(child.stderr.decode(errors="replace")) from silence
    if "error" in outcome:
        raise BY_CODE[outcome["error"]](**outcome["details"])
    sheets: list[dict[str, Any]] = outcome["sheets"]
    return sheets


def _sheet(described: dict[str, Any], spool: int) -> Sheet:
    merges = tuple(Merge(*merge) for merge in described["merges"])
    rows = SpooledRows(spool, described["start"], described["end"], merges)
    return Sheet(described["name"], described["hidden"], rows, frozenset(described["hidden_columns"]))
