"""Files built to harm cost less than a second and 300 MB, and are refused by name (security.md §3 item 25, T17).

The child's memory is the peak of a process of its own that opens one file: a child's peak counts only once it ended.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from perfsys.imports.reading import (
    RemovePassword,
    SaveAgain,
    SaveAsXlsx,
    SplitFile,
    SuspiciousFile,
    UnpackArchive,
    UnreadableFile,
    limits,
    opened,
)
from tests.imports.books import MAIN, text_row, worksheet, write_book
from tests.imports.rosters import DATA

MEGABYTE = 1024 * 1024
ROOT = Path(__file__).parent.parent.parent

OPEN_AND_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from perfsys.imports.reading import UnreadableFile, opened
started = time.monotonic()
try:
    with opened(Path(sys.argv[1])) as book:
        outcome = [sum(1 for _ in sheet.rows) for sheet in book.sheets]
except UnreadableFile as refusal:
    outcome = [refusal.code, refusal.details.get("found") or refusal.details.get("what")]
children, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps([outcome, children.ru_maxrss // 1024, int(peak.split()[1]) // 1024, children.ru_utime + own.ru_utime]))
"""


class Cost(NamedTuple):
    outcome: list[object]
    child_megabytes: int
    own_megabytes: int
    processor_seconds: float


def cost_of(path: Path) -> Cost:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_MEASURE, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=90,
    )
    return Cost(*json.loads(done.stdout))


def bomb_of_ratio_400(path: Path) -> None:
    blank = '<c r="A1" s="1"/>' * 1000
    write_book(path, {"s": worksheet(f'<row r="1">{blank}</row>' * 13_000)})


def bomb_below_the_ratio_limit(path: Path) -> None:
    """Blanks thinned out with noise until every part passes for less than 100 to 1."""
    dice = random.Random(1)
    noise = "".join(f"<!--{dice.randbytes(20).hex()}-->" + " " * 2500 for _ in range(60_000))
    write_book(path, {"s": worksheet(text_row(1, ["a", "b"]), before=noise)})


def ten_thousand_entries(path: Path) -> None:
    write_book(path, {"s": worksheet(text_row(1, ["a"]))}, extra={f"xl/media/{n}.png": b"" for n in range(10_000)})


def two_hundred_entries_too_many(path: Path) -> None:
    write_book(path, {"s": worksheet(text_row(1, ["a"]))}, extra={f"xl/media/{n}.png": b"" for n in range(201)})


def billion_laughs(path: Path) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    write_book(path, {"s": f"<!DOCTYPE x [{entities}]>" + worksheet(text_row(1, ["&a9;"]))})


def quadratic_entities(path: Path) -> None:
    doctype = f'<!DOCTYPE x [<!ENTITY a "{"x" * 50_000}">]>'
    write_book(path, {"s": doctype + worksheet(f'<row r="1"><c r="A1" t="str"><v>{"&a;" * 50_000}</v></c></row>')})


def external_entity(path: Path) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    write_book(path, {"s": doctype + worksheet('<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>')})


def endless_comment(path: Path) -> None:
    """One token that a parser fed in pieces starts over with every piece."""
    dice = random.Random(1)
    comment = "".join(dice.randbytes(32).hex() for _ in range(150_000))
    write_book(path, {"s": worksheet(text_row(1, ["a"]), before=f"<!--{comment}-->")})


def endless_text(path: Path) -> None:
    dice = random.Random(1)
    text = "".join(dice.randbytes(32).hex() for _ in range(150_000))
    write_book(path, {"s": worksheet(f'<row r="1"><c r="A1" t="str"><v>{text}</v></c></row>')})


def deep_nesting(path: Path) -> None:
    dice = random.Random(1)
    deep = "".join(f"<a{dice.randrange(10**9)}>" for _ in range(1_500_000))
    write_book(path, {"s": worksheet(text_row(1, ["a"])) + deep})


def lying_dimension(path: Path) -> None:
    write_book(path, {"s": worksheet(text_row(1, ["a", "b"]), before='<dimension ref="A1:XFD1048576"/>')})


def one_long_text_in_a_million_cells(path: Path) -> None:
    dice = random.Random(1)
    strings = f"<sst {MAIN}><si><t>{dice.randbytes(16_000).hex()}</t></si></sst>"
    row = "<row>{}</row>".format('<c t="s"><v>0</v></c>' * 100)
    rows = "".join(f"{row}<!--{dice.randbytes(20).hex()}-->" for _ in range(10_000))
    write_book(path, {"s": worksheet(rows)}, strings=strings)


def millions_of_shared_texts(path: Path) -> None:
    dice = random.Random(1)
    block = "<si><t/></si>" * 260
    strings = f"<sst {MAIN}>{''.join(f'{block}<!--{dice.randbytes(20).hex()}-->' for _ in range(12_000))}</sst>"
    write_book(path, {"s": worksheet(text_row(1, ["a"]))}, strings=strings)


def millions_of_merges(path: Path) -> None:
    merges = "".join(f'<mergeCell ref="A{n}:B{n + 9}"/>' for n in range(1, 400_000))
    write_book(path, {"s": worksheet(text_row(1, ["a"]), after=f"<mergeCells>{merges}</mergeCells>")})


def quine_of_overlapping_entries(path: Path) -> None:
    """Every entry of the directory points at the same packed megabytes (Fifield's better zip bomb)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    dice = random.Random(1)
    plain = b"".join(dice.randbytes(64) + b" " * 3000 for _ in range(3000))
    packed = packer.compress(plain) + packer.flush()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", plain)
        kept = archive.getinfo("xl/workbook.xml")
        assert kept.compress_size <= len(packed) * 2
        for number in range(150):
            twin = zipfile.ZipInfo(f"xl/worksheets/s{number}.xml")
            twin.compress_type, twin.CRC = kept.compress_type, kept.CRC
            twin.compress_size, twin.file_size, twin.header_offset = kept.compress_size, kept.file_size, 0
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    path.write_bytes(file.getvalue())


HOSTILE: list[tuple[Callable[[Path], None], list[object]]] = [
    (bomb_of_ratio_400, ["SuspiciousFile", "ratio"]),
    (bomb_below_the_ratio_limit, ["SuspiciousFile", "text"]),
    (ten_thousand_entries, ["SuspiciousFile", "entries"]),
    (two_hundred_entries_too_many, ["SuspiciousFile", "entries"]),
    (billion_laughs, ["SuspiciousFile", "entities"]),
    (quadratic_entities, ["SuspiciousFile", "entities"]),
    (external_entity, ["SuspiciousFile", "entities"]),
    (endless_comment, ["SuspiciousFile", "token"]),
    (endless_text, ["SuspiciousFile", "text"]),
    (deep_nesting, ["SaveAgain", "xml"]),
    (lying_dimension, [1]),
    (one_long_text_in_a_million_cells, ["SplitFile", "text"]),
    (millions_of_shared_texts, ["SplitFile", "texts"]),
    (millions_of_merges, ["SplitFile", "merges"]),
    (quine_of_overlapping_entries, ["SplitFile", "unpacked"]),
]


@pytest.mark.parametrize(("build", "outcome"), HOSTILE, ids=[build.__name__ for build, _ in HOSTILE])
def test_a_hostile_workbook_costs_little(tmp_path: Path, build: Callable[[Path], None], outcome: list[object]) -> None:
    build(tmp_path / "a.xlsx")
    cost = cost_of(tmp_path / "a.xlsx")
    assert cost.outcome == outcome
    assert cost.child_megabytes < 300
    assert cost.own_megabytes < 60
    assert cost.processor_seconds < 2  # measured 0.1-0.5


@pytest.mark.slow
def test_a_hundred_thousand_goals_are_no_bomb(tmp_path: Path) -> None:
    """Twenty columns, as told in `limits`: neither ratio nor size nor memory stands in their way."""
    dice = random.Random(1)
    rows = [
        text_row(
            number, [f"HR{number:05}", "把出口件一次交检合格率提到 98.6%", *[dice.randrange(10**6) for _ in range(18)]]
        )
        for number in range(1, 100_001)
    ]
    write_book(tmp_path / "a.xlsx", {"s": worksheet("".join(rows))})
    cost = cost_of(tmp_path / "a.xlsx")
    assert cost.outcome == [100_000]
    assert cost.child_megabytes < 100
    assert cost.own_megabytes < 60
    assert cost.processor_seconds < 40  # measured 10


def refusal_of(path: Path, content: bytes) -> UnreadableFile:
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused, opened(path):
        pass
    return refused.value


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (COMPOUND + "Workbook".encode("utf-16-le") + b"\0" * 99, SaveAsXlsx),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), RemovePassword),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", SaveAsXlsx),
        (b'<?xml version="1.0"?><Workbook/>', SaveAsXlsx),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, SaveAgain),
        (b"%PDF-1.7\n\x00\x01", SaveAgain),
        (b"PK", SaveAgain),
    ],
)
def test_a_file_that_is_no_workbook_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, error: type[UnreadableFile]
) -> None:
    assert type(refusal_of(tmp_path / "people.xlsx", content)) is error


def test_an_encrypted_archive_needs_its_password_removed(tmp_path: Path) -> None:
    whole = bytearray((DATA / "people.xlsx").read_bytes())
    entry = whole.find(b"PK\x01\x02")
    whole[entry + 8] |= 1
    assert type(refusal_of(tmp_path / "a.xlsx", bytes(whole))) is RemovePassword


def test_a_workbook_inside_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("花名册/people.xlsx", (DATA / "people.xlsx").read_bytes())
    assert type(refusal_of(tmp_path / "a.xlsx", file.getvalue())) is UnpackArchive


def test_an_upload_too_big_is_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(limits.UPLOAD_BYTES + 1)
    with pytest.raises(SplitFile, match="bytes"), opened(tmp_path / "a.csv"):
        pass


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHILD_SECONDS", 0.001)
    with pytest.raises(SuspiciousFile, match="time"), opened(DATA / "people.xlsx"):
        pass


def test_the_child_knows_nothing_of_its_parents_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(command: list[str], **how: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(how)
        return subprocess.CompletedProcess(command, 0, b'{"error": "FillInRows", "details": {}}', b"")

    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setattr("perfsys.imports.reading.subprocess.run", run)
    with pytest.raises(UnreadableFile), opened(DATA / "people.xlsx"):
        pass
    assert set(seen["env"]) == {"PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"}


def test_a_child_that_dies_is_named_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bug in the XML parser would look like. In a folder of its own: others use the common one meanwhile."""
    (spool := tmp_path / "spool").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    with pytest.raises(RuntimeError, match="No such file"), opened(tmp_path / "gone.xlsx"):
        pass
    assert os.listdir(spool) == []
