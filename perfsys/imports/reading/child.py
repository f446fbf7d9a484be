"""The process that opens somebody else's file: `python -m perfsys.imports.reading.child FILE SPOOL_FD NAME`.

It holds no secret, no socket and little memory; what it finds goes to the spool, how it ended to standard output as one
JSON object: {"sheets": [...]} or {"error": code, "details": {...}}. Started by `perfsys.imports.reading.opened` only.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from pathlib import PurePath
from typing import Any, BinaryIO

from perfsys.imports.reading import delimited, limits
from perfsys.imports.reading.archive import open_archive
from perfsys.imports.reading.errors import (
    FillInRows,
    RemovePassword,
    SaveAgain,
    SaveAsXlsx,
    SplitFile,
    SuspiciousFile,
    UnreadableFile,
)
from perfsys.imports.reading.workbook import SheetEnd, Workbook

_ZIP = b"PK"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old .xls, and the envelope Excel puts around an encrypted .xlsx."""
_ENVELOPE = "EncryptedPackage".encode("utf-16-le")


class Spool:
    """Counts what is written: one text shared by a million cells grows only here."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 18, closefd=False)
        self.position = 0

    def write(self, line: bytes) -> None:
        self.position += len(line)
        if self.position > limits.SPOOL_BYTES:
            raise SplitFile(what="text", limit=limits.SPOOL_BYTES)
        self._file.write(line)

    def flush(self) -> None:
        self._file.flush()


def read(file: BinaryIO, spool: Spool, name: str) -> list[dict[str, Any]]:
    """Write the rows of every visible sheet of `file` to `spool` and say where each sheet's rows stand in it."""
    head = file.read(4096)
    if head.startswith(_ZIP):
        sheets = _read_workbook(file, spool)
    elif head.startswith(_COMPOUND_FILE):
        file.seek(0)
        if _ENVELOPE in file.read():
            raise RemovePassword
        raise SaveAsXlsx(found="xls")
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SaveAsXlsx(found="html")  # many systems call a web page or an XML table .xls
    else:
        sheets = [_read_text(file, spool, name)]
    spool.flush()
    if all(sheet["start"] == sheet["end"] for sheet in sheets):
        raise FillInRows
    return sheets


def _read_workbook(file: BinaryIO, spool: Spool) -> list[dict[str, Any]]:
    found = []
    with open_archive(file) as archive:
        workbook = Workbook(archive)
        for sheet in workbook.sheets:
            start = spool.position
            end = SheetEnd() if sheet.hidden else workbook.write_rows(sheet, spool.write)
            found.append(
                {
                    "name": sheet.name,
                    "hidden": sheet.hidden,
                    "start": start,
                    "end": spool.position,
                    "merges": sorted(end.merges, key=lambda merge: merge[1]),
                    "hidden_columns": end.hidden_columns,
                }
            )
    return found


def _read_text(file: BinaryIO, spool: Spool, name: str) -> dict[str, Any]:
    for rows, (number, fields) in enumerate(delimited.records(file), start=1):
        if rows > limits.ROWS:
            raise SplitFile(what="rows", limit=limits.ROWS)
        if len(fields) > limits.COLUMNS:
            raise SplitFile(what="columns", limit=limits.COLUMNS)
        spool.write(json.dumps([number, 0, fields], ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return {
        "name": PurePath(name).stem,
        "hidden": False,
        "start": 0,
        "end": spool.position,
        "merges": [],
        "hidden_columns": [],
    }


def limit_myself() -> None:
    """No more memory, time, disk or core dumps than one file may cost. A platform without one of them goes without."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.CHILD_SECONDS),
        (resource.RLIMIT_FSIZE, limits.SPOOL_BYTES + limits.MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def main(arguments: list[str]) -> None:
    path, descriptor, name = arguments
    limit_myself()
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > limits.UPLOAD_BYTES:
                raise SplitFile(what="bytes", limit=limits.UPLOAD_BYTES)
            outcome: dict[str, Any] = {"sheets": read(file, Spool(int(descriptor)), name)}
    except UnreadableFile as refusal:
        outcome = {"error": refusal.code, "details": refusal.details}
    except MemoryError:
        outcome = {"error": SuspiciousFile.__name__, "details": {"found": "memory"}}
    except RecursionError:
        outcome = {"error": SaveAgain.__name__, "details": {"found": "xml"}}
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    main(sys.argv[1:])
