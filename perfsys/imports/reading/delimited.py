"""Delimited text as HR systems and Excel write it: UTF-8, UTF-16 or GB18030; commas, semicolons, tabs or bars."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from perfsys.imports.reading import limits
from perfsys.imports.reading.errors import SaveAgain, SaveAsUtf8, SplitFile

_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 100
_CHUNK_BYTES = 1 << 20
_CERTAINLY_UTF8 = 30
"""So many bytes outside ASCII that happen to be valid UTF-8 are no GB18030."""
_TEXT_MARK = re.compile(r"'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
"""As `perfsys.imports.writing` puts it, one apostrophe a round."""
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


def encoding_of(file: BinaryIO) -> str:
    """The codec that reads the whole file without an error. Raises SaveAsUtf8, SaveAgain."""
    file.seek(0)
    head = file.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for codec in ("utf-8", "gb18030"):
        if _decodes(file, codec):
            return codec
    raise SaveAsUtf8


def _decodes(file: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    file.seek(0)
    beyond_ascii = 0
    while True:
        chunk = file.read(_CHUNK_BYTES)
        if b"\0" in chunk:
            raise SaveAgain(found="binary")
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as broken:
            beyond_ascii += _count_beyond_ascii(broken.object[: broken.start])
            if codec == "utf-8" and beyond_ascii > _CERTAINLY_UTF8:
                raise SaveAgain(found="utf-8") from broken  # cut off, or glued together from two encodings
            return False
        if not chunk:
            return True
        beyond_ascii += _count_beyond_ascii(chunk)


def _count_beyond_ascii(data: bytes) -> int:
    return 0 if data.isascii() else len(data) - len(data.translate(None, bytes(range(128, 256))))


def records(file: BinaryIO) -> Iterator[tuple[int, list[str | None]]]:
    """(number, fields) of every record that holds something, numbered as Excel numbers its rows when it opens the file.

    Raises SplitFile, SaveAsUtf8, SaveAgain.
    """
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield from _records(text)
    except UnicodeDecodeError as broken:
        raise SaveAgain(found=encoding) from broken
    except csv.Error as broken:
        if "field larger" in str(broken):
            raise SplitFile(what="cell", limit=limits.CELL_CHARACTERS) from broken
        raise SaveAgain(found="csv") from broken
    finally:
        text.detach()


def _records(text: io.TextIOWrapper) -> Iterator[tuple[int, list[str | None]]]:
    csv.field_size_limit(limits.CELL_CHARACTERS)
    sample = text.read(_SAMPLE_CHARACTERS)
    text.seek(0)
    told = re.match(r"sep=(.)\r?\n", sample)
    if told:
        text.readline()
    delimiter = told[1] if told else _delimiter_of(sample)
    for number, fields in enumerate(csv.reader(text, delimiter=delimiter), start=1):
        held = [_unmarked(field) if field else None for field in fields]
        while held and held[-1] is None:
            held.pop()
        if held:
            yield number, held


def _delimiter_of(sample: str) -> str:
    """The delimiter that cuts most records into the same, greatest number of fields."""

    def fitness(delimiter: str) -> float:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(fields) for fields in islice(reader, _SAMPLE_RECORDS) if fields)
        except csv.Error:  # a quote opened by another delimiter's field
            return 0
        total = widths.total()
        return max(((width - 1) * count / total for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=fitness)


def _unmarked(field: str) -> str:
    """What a field means to the person: '=1 and ="007" are how text is kept from becoming a formula or a number."""
    if field[0] == "'" and _TEXT_MARK.match(field):
        return field[1:]
    quoted = _QUOTED_FORMULA.fullmatch(field) if field[0] == "=" else None
    return quoted[1] if quoted else field
