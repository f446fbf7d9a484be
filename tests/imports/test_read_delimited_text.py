"""CSV in the encodings and with the delimiters that HR systems and Excel write."""

from __future__ import annotations

import csv
import random
from contextlib import suppress
from pathlib import Path

import pytest

from perfsys.imports.reading import Cell, FillInRows, Row, SaveAgain, SaveAsUtf8, SplitFile, UnreadableFile, opened
from tests.imports.rosters import DATA


def rows_of(path: Path) -> list[Row]:
    with opened(path) as book:
        return list(book.sheets[0].rows)


def values_of(path: Path) -> list[list[object]]:
    return [[cell.value for cell in row.cells] for row in rows_of(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [
        ["工号", "姓名", "说明"],
        ["HR0001", "万琪欣", "排产,可以按期;等热处理"],
        ["HR0002", "邹毅璐", '他说"好"\n第二行'],
        ["HR0003", "李铭诗", ""],
    ]
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert values_of(tmp_path / "a.csv") == [*rows[:3], ["HR0003", "李铭诗"]]


def test_a_record_is_a_row_whatever_its_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "在职员工.csv").write_bytes(b'a,b\r\n"1\r\n2",3\r\n\r\n,,\r\n4,5\r\n')
    with opened(tmp_path / "在职员工.csv") as book:
        (sheet,) = book.sheets
        assert (sheet.name, sheet.hidden) == ("在职员工", False)
        assert [row.number for row in sheet.rows] == [1, 2, 5]
        assert next(iter(sheet.rows)) == Row(1, (Cell("a"), Cell("b")))


def test_the_name_of_the_upload_names_the_sheet(tmp_path: Path) -> None:
    (tmp_path / "upload-17").write_text("a,b\n")
    with opened(tmp_path / "upload-17", name="质量部.csv") as book:
        assert book.sheets[0].name == "质量部"


def test_it_agrees_with_the_csv_module_on_real_check_ins() -> None:
    with (DATA / "progress_2026Q4.csv").open(encoding="utf-8-sig", newline="") as file:
        theirs = [[field or None for field in record] for record in csv.reader(file)]
    ours = [[*values, *[None] * (8 - len(values))] for values in values_of(DATA / "progress_2026Q4.csv")]
    assert ours == theirs
    assert len(ours) > 10_000


def test_tables_called_xls_that_are_text_are_read(tmp_path: Path) -> None:
    (tmp_path / "export.xls").write_text("工号\t姓名\nHR1\t张三\n", encoding="gb18030")
    assert values_of(tmp_path / "export.xls") == [["工号", "姓名"], ["HR1", "张三"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("'=1+1", "=1+1"),
        ("'+86 138", "+86 138"),
        ("''=x", "'=x"),
        ("'hello'", "'hello'"),
        ('="00123"', "00123"),
        ("=1+1", "=1+1"),
        ("' =x", " =x"),
    ],
)
def test_marks_that_keep_text_from_becoming_a_formula_are_taken_off(tmp_path: Path, field: str, value: str) -> None:
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b"], [field, "x"]])
    assert values_of(tmp_path / "a.csv")[1] == [value, "x"]


def test_excels_own_hint_names_the_delimiter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\r\na;b,c\r\n")
    assert rows_of(tmp_path / "a.csv") == [Row(1, (Cell("a"), Cell("b,c")))]


def test_a_single_column_is_not_cut_up(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名\n张三\n李四\n")
    assert values_of(tmp_path / "a.csv") == [["姓名"], ["张三"], ["李四"]]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", FillInRows),
        (b"\xef\xbb\xbf\n\n", FillInRows),
        (b"a,b\n\xff\xff\xff", SaveAsUtf8),
        ("工号,姓名\n".encode() * 20 + "张".encode()[:2], SaveAgain),
        ("工号,姓名\n".encode() * 20 + "张三\n".encode("gb18030"), SaveAgain),
        (b"a,b\n\x00\x01", SaveAgain),
        (b'a,b\n"' + b"x" * 40_000, SplitFile),
        (b"," * 101 + b"x\n", SplitFile),
        (b"\xff\xfea\x00\x00\xd8", SaveAgain),
    ],
)
def test_it_says_what_to_do_about_text_it_cannot_read(
    tmp_path: Path, content: bytes, error: type[UnreadableFile]
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(error), opened(tmp_path / "a.csv"):
        pass


def test_more_rows_than_one_file_may_have_are_to_be_split(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n" * 101_001)
    with pytest.raises(SplitFile, match="rows"), opened(tmp_path / "a.csv"):
        pass


def test_no_bytes_make_it_fail_without_a_name(tmp_path: Path) -> None:
    dice = random.Random(7)
    starts = [b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
    for number in range(12):
        (tmp_path / "a.csv").write_bytes(dice.choice(starts) + dice.randbytes(300))
        with suppress(UnreadableFile), opened(tmp_path / "a.csv") as book:
            assert all(row.number for row in book.sheets[0].rows), number
