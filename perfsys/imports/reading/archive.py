"""The zip around a workbook, judged by its directory before anything is unpacked (security.md §3 item 25)."""

from __future__ import annotations

import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from perfsys.imports.reading import limits
from perfsys.imports.reading.errors import (
    RemovePassword,
    SaveAgain,
    SaveAsXlsx,
    SplitFile,
    SuspiciousFile,
    UnpackArchive,
)

_ENTRY = b"PK\x01\x02"
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1
_SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".zip"})


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """The workbook's parts, safe to open one by one. Raises an UnreadableFile for anything but a sane workbook."""
    _check_entry_count(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as damage:
        raise SaveAgain(found="zip") from damage
    parts = archive.infolist()
    if len(parts) > limits.ZIP_ENTRIES:
        raise SuspiciousFile(found="entries", entries=len(parts), limit=limits.ZIP_ENTRIES)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise RemovePassword
    _check_packing(parts)
    _check_kind({part.filename for part in parts})
    return archive


def _check_entry_count(file: BinaryIO) -> None:
    """zipfile builds an object per entry for as long as the directory lasts, and believes what a zip64 tail says of it.

    A million entries would be a gigabyte, so their signatures are counted first: no directory has more entries.
    """
    file.seek(0)
    count, rest = 0, b""
    while chunk := file.read(_CHUNK_BYTES):
        data = rest + chunk
        count += data.count(_ENTRY)
        rest = data[-len(_ENTRY) + 1 :]
    # Workbooks inside a plain zip bring entries of their own; those are told apart by their names later.
    if count > 20 * limits.ZIP_ENTRIES:
        raise SuspiciousFile(found="entries", entries=count, limit=limits.ZIP_ENTRIES)


def _check_packing(parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SuspiciousFile(found="packing")
        if part.file_size > limits.RATIO_FLOOR_BYTES and part.file_size > limits.ZIP_RATIO * part.compress_size:
            raise SuspiciousFile(found="ratio", limit=limits.ZIP_RATIO)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > limits.RATIO_FLOOR_BYTES and unpacked > limits.ZIP_RATIO * packed:
        raise SuspiciousFile(found="ratio", limit=limits.ZIP_RATIO)
    if unpacked > limits.UNPACKED_BYTES:
        raise SplitFile(what="unpacked", limit=limits.UNPACKED_BYTES)


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise SaveAsXlsx(found="xlsb")
    if "content.xml" in names and "mimetype" in names:
        raise SaveAsXlsx(found="ods")
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return
    if any(PurePosixPath(name).suffix.lower() in _SPREADSHEETS for name in names):
        raise UnpackArchive
    raise SaveAgain(found="zip")
