"""The parts of an .xlsx workbook, streamed through expat: cells, number formats, merges and what is hidden.

openpyxl's read-only mode knows no merged cells and builds an object per cell; this reader keeps one row in memory.
Runs in the reading child only. Document types are refused, so no entity is ever expanded.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from math import isfinite
from typing import IO, NoReturn
from xml.parsers import expat

from perfsys.imports.reading import formats, limits
from perfsys.imports.reading.errors import SaveAgain, SplitFile, SuspiciousFile

Attributes = dict[str, str]
Write = Callable[[bytes], object]

_DAMAGE = (LookupError, ValueError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error, expat.ExpatError)
_CHUNK_BYTES = 1 << 16
_LONGEST_TOKEN = 1 << 20
"""Bytes of one tag or comment. expat starts an unfinished token over with every chunk: unbounded, that is quadratic."""
_HIGHEST_ROW = 1_048_576
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::[A-Z]{1,3}(\d{1,7}))")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_DIGITS = "0123456789"
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SheetPart:
    name: str
    hidden: bool
    path: str


@dataclass(slots=True)
class SheetEnd:
    """What is known of a sheet once its last row is written."""

    rows: int = 0
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    """(0-based column, first row, last row), of merges over more than one row."""
    hidden_columns: list[int] = field(default_factory=list)


class Workbook:
    """An opened archive. Raises UnreadableFile (SaveAgain for every kind of damage) from each method."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._workbook = self._workbook_path()
        self._related = self._relations_of(self._workbook)
        self._from_1904 = False
        self.sheets = self._read_sheets()
        self._styles: list[str] | None = None
        self._strings: SharedStrings | None = None

    def write_rows(self, sheet: SheetPart, write: Write) -> SheetEnd:
        """Write every row of `sheet` that holds a value as a line of the spool (see `spool.py`)."""
        if self._styles is None or self._strings is None:
            self._styles = self._read_styles()
            self._strings = self._read_strings()
        reader = _SheetReader(self._styles, self._strings, self._from_1904, write)
        self._parse(sheet.path, reader)
        return reader.end

    def _workbook_path(self) -> str:
        for kind, target in self._relations_of("").values():
            if kind.endswith("/officeDocument"):
                return target
        return "xl/workbook.xml"

    def _relations_of(self, path: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (kind, path of the part)."""
        folder, name = posixpath.split(path)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[attributes.get("Id", "")] = (attributes.get("Type", ""), posixpath.normpath(joined))

        if self._has(relations):
            self._parse(relations, _Starts(start))
        return found

    def _read_sheets(self) -> list[SheetPart]:
        sheets: list[SheetPart] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                self._from_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                kind, path = self._related.get(relation, ("", ""))
                if kind.endswith("/worksheet"):  # a chart or macro sheet holds no rows
                    hidden = attributes.get("state", "visible") != "visible"
                    sheets.append(SheetPart(attributes.get("name", ""), hidden, path))

        self._parse(self._workbook, _Starts(start))
        if len(sheets) > limits.SHEETS:
            raise SplitFile(what="sheets", limit=limits.SHEETS)
        return sheets

    def _read_styles(self) -> list[str]:
        """Kind of number format (see `formats.py`) of each cell style."""
        codes: dict[str, str] = {}
        kinds: list[str] = []
        inside_cell_formats = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal inside_cell_formats
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                inside_cell_formats = True
            elif name in ("cellStyleXfs", "cellStyles", "dxfs"):
                inside_cell_formats = False
            elif name == "xf" and inside_cell_formats:
                if len(kinds) >= limits.STYLES:
                    raise SuspiciousFile(found="styles", limit=limits.STYLES)
                format_id = attributes.get("numFmtId", "0")
                kinds.append(formats.kind_of_format(int(format_id), codes.get(format_id)))

        for path in self._related_parts("/styles"):
            self._parse(path, _Starts(start))
        return kinds

    def _read_strings(self) -> SharedStrings:
        strings = SharedStrings()
        for path in self._related_parts("/sharedStrings"):
            # Counted before they are parsed: half a megabyte of nothing but empty texts would cost seconds.
            if self._count(path, b"<si") > limits.SHARED_STRINGS:
                raise SplitFile(what="texts", limit=limits.SHARED_STRINGS)
            self._parse(path, strings)
        return strings

    def _related_parts(self, kind: str) -> list[str]:
        return [path for related, path in self._related.values() if related.endswith(kind) and self._has(path)]

    def _count(self, path: str, word: bytes) -> int:
        count, rest = 0, b""
        try:
            with self._archive.open(path) as part:
                while chunk := part.read(_CHUNK_BYTES):
                    data = rest + chunk
                    count += data.count(word)
                    rest = data[1 - len(word) :]
        except _DAMAGE as damage:
            raise SaveAgain(found="xml") from damage
        return count

    def _has(self, path: str) -> bool:
        return path in self._archive.NameToInfo

    def _parse(self, path: str, elements: _Elements) -> None:
        try:
            with self._archive.open(path) as part:
                elements.parse(part)
        except _DAMAGE as damage:
            raise SaveAgain(found="xml") from damage


class _Elements:
    """One part run through expat; subclasses say what starts and ends. Names come without the part's own prefix."""

    def __init__(self) -> None:
        self.text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        raise NotImplementedError

    def finish(self, name: str) -> None:
        """Most parts carry everything in attributes."""

    def parse(self, part: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = _CHUNK_BYTES
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.CharacterDataHandler = self.text.append

        def root(name: str, attributes: Attributes) -> None:
            prefix, colon, _ = name.rpartition(":")
            if colon:
                parser.StartElementHandler = lambda name, held: self.start(name.removeprefix(prefix + colon), held)
                parser.EndElementHandler = lambda name: self.finish(name.removeprefix(prefix + colon))
            else:
                parser.StartElementHandler, parser.EndElementHandler = self.start, self.finish
            self.start(name.removeprefix(prefix + colon), attributes)

        parser.StartElementHandler = root
        fed = 0
        while chunk := part.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)
            fed += len(chunk)
            unfinished = fed - max(0, parser.CurrentByteIndex)
            if unfinished > _LONGEST_TOKEN:
                raise SuspiciousFile(found="token", limit=_LONGEST_TOKEN)
            if len(self.text) > 1 and sum(map(len, self.text)) > _LONGEST_TOKEN:
                raise SuspiciousFile(found="text", limit=_LONGEST_TOKEN)
        parser.Parse(b"", True)

    def taken(self) -> str:
        """The text since it was last taken or cleared, Excel's _x000D_ escapes resolved."""
        text = "".join(self.text)
        self.text.clear()
        if len(text) > limits.CELL_CHARACTERS:
            raise SplitFile(what="cell", limit=limits.CELL_CHARACTERS)
        return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def _refuse_document_type(*_: object) -> NoReturn:
    raise SuspiciousFile(found="entities")


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16)
    return "" if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


class _Starts(_Elements):
    """A part of which only the start tags matter."""

    def __init__(self, on_start: Callable[[str, Attributes], None]) -> None:
        super().__init__()
        self._on_start = on_start

    def start(self, name: str, attributes: Attributes) -> None:
        self.text.clear()
        self._on_start(name, attributes)


class SharedStrings(_Elements):
    """The workbook's texts as JSON in one block of bytes: a list of a million str would cost three times as much."""

    def __init__(self) -> None:
        super().__init__()
        self._block = bytearray()
        self._ends = array("Q", [0])
        self._runs: list[str] = []
        self._in_phonetic = False

    def __getitem__(self, index: int) -> bytes:
        if not 0 <= index < len(self._ends) - 1:
            raise SaveAgain(found="shared string")
        return bytes(self._block[self._ends[index] : self._ends[index + 1]])

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "t":
            self.text.clear()
        elif name == "si":
            self._runs.clear()
        elif name == "rPh":
            self._in_phonetic = True

    def finish(self, name: str) -> None:
        if name == "t":
            if not self._in_phonetic:
                self._runs.append(self.taken())
        elif name == "si":
            self._block += _json_text("".join(self._runs))
            self._ends.append(len(self._block))
            if len(self._ends) > limits.SHARED_STRINGS:
                raise SplitFile(what="texts", limit=limits.SHARED_STRINGS)
        elif name == "rPh":
            self._in_phonetic = False


class _SheetReader(_Elements):
    """Rows of one sheet, written as they end. Columns and rows come from cell addresses, never from <dimension>."""

    def __init__(self, styles: list[str], strings: SharedStrings, from_1904: bool, write: Write) -> None:
        super().__init__()
        self.end = SheetEnd()
        self._styles, self._strings, self._from_1904, self._write = styles, strings, from_1904, write
        self._row, self._row_hidden = 0, False
        self._cells: list[bytes] = []
        self._column = -1
        self._type = self._style = ""
        self._value = self._formula = ""
        self._in_phonetic = False
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t", "f"):
            self.text.clear()
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            if not 0 < self._row <= _HIGHEST_ROW:
                raise SaveAgain(found="row")
            self._row_hidden = attributes.get("hidden") in ("1", "true")
            self._cells = []
            self._column = -1
        elif name == "rPh":
            self._in_phonetic = True
        elif name == "mergeCell":
            self._add_merge(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.end.hidden_columns.extend(range(max(0, first - 1), min(last, limits.COLUMNS)))

    def _start_cell(self, attributes: Attributes) -> None:
        address = attributes.get("r")
        self._column = self._column + 1 if address is None else self._column_of(address.rstrip(_DIGITS))
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value = self._formula = ""

    def _column_of(self, letters: str) -> int:
        """0-based; "A" -> 0, "AA" -> 26."""
        found = self._columns.get(letters)
        if found is None:
            if not re.fullmatch("[A-Z]{1,3}", letters):
                raise SaveAgain(found="address")
            found = -1
            for letter in letters:
                found = (found + 1) * 26 + ord(letter) - ord("A")
            self._columns[letters] = found
        return found

    def finish(self, name: str) -> None:
        if name == "v":
            self._value = self.taken()
        elif name == "c":
            if self._value or self._formula:
                self._finish_cell()
        elif name == "t":
            if not self._in_phonetic:
                self._value += self.taken()
        elif name == "f":
            self._formula = "=" + self.taken()
        elif name == "row":
            if self._cells:
                self._finish_row()
        elif name == "rPh":
            self._in_phonetic = False
        self.text.clear()

    def _finish_cell(self) -> None:
        if self._column >= limits.COLUMNS:
            raise SplitFile(what="columns", limit=limits.COLUMNS)
        gap = self._column - len(self._cells)
        if gap < 0:
            raise SaveAgain(found="address")  # cells out of order, or twice
        if gap:
            self._cells.extend([b"null"] * gap)
        self._cells.append(self._encoded())

    def _encoded(self) -> bytes:
        value, kind = self._value, self._type
        if not value:
            return b'["f",' + _json_text(self._formula) + b"]"
        if kind == "s":
            return self._strings[int(value)]
        if kind == "n":
            return self._encoded_number(value)
        if kind == "b":
            return b"true" if value in ("1", "true") else b"false"
        return _json_text(value)  # inlineStr, str, e (an error such as #N/A), d

    def _encoded_number(self, value: str) -> bytes:
        style = int(self._style)
        kind = self._styles[style] if 0 <= style < len(self._styles) else formats.PLAIN
        if not _NUMBER.fullmatch(value):
            return _json_text(value)
        if kind in (formats.DATE, formats.TIME):
            return self._encoded_moment(value, kind)
        if kind.startswith(formats.ZEROS) and value.isdigit():
            return _json_text(value.zfill(int(kind.removeprefix(formats.ZEROS))))
        number = _json_number(value)
        return b'["p",' + number + b"]" if kind == formats.PERCENT else number

    def _encoded_moment(self, value: str, kind: str) -> bytes:
        moment = formats.date_of_serial(float(value), from_1904=self._from_1904)
        if moment is None:
            return _json_number(value)
        if kind == formats.TIME and float(value) < 1:
            return _json_text(moment.time().isoformat())
        return b'["d","' + moment.isoformat().encode() + b'"]'

    def _finish_row(self) -> None:
        self.end.rows += 1
        if self.end.rows > limits.ROWS:
            raise SplitFile(what="rows", limit=limits.ROWS)
        head = f"[{self._row},{int(self._row_hidden)},[".encode()
        self._write(head + b",".join(self._cells) + b"]]\n")

    def _add_merge(self, reference: str) -> None:
        corners = _RANGE.fullmatch(reference)
        if not corners:
            raise SaveAgain(found="merge")
        column, first, last = self._column_of(corners[1]), int(corners[2]), int(corners[3])
        if last > first and column < limits.COLUMNS:
            self.end.merges.append((column, first, last))
        if len(self.end.merges) > limits.MERGES:
            raise SplitFile(what="merges", limit=limits.MERGES)


def _json_text(text: str) -> bytes:
    return encode_basestring(text).encode()


def _json_number(value: str) -> bytes:
    """`value` matches _NUMBER; beyond what a float holds it stays the text it is."""
    if len(value) < 19 and value.isdigit() and (value[0] != "0" or value == "0"):
        return value.encode()
    if _WHOLE.fullmatch(value):
        return str(int(value)).encode()
    number = float(value)
    return repr(number).encode() if isfinite(number) else _json_text(value)
