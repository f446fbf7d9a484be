"""Cells of an .xlsx as the person sees them: values, dates, percentages, merges, what is hidden."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from perfsys.imports.reading import (
    BLANK,
    Cell,
    FillInRows,
    Row,
    SaveAgain,
    SaveAsXlsx,
    SplitFile,
    UnpackArchive,
    opened,
)
from perfsys.imports.reading.formats import DATE, PERCENT, PLAIN, TIME, kind_of_format
from tests.imports.books import MAIN, cell_styles, text_row, worksheet, write_book
from tests.imports.rosters import DATA


def rows_of(path: Path, sheet: int = 0) -> list[Row]:
    with opened(path) as book:
        return list(book.sheets[sheet].rows)


def first_row(path: Path) -> list[Cell]:
    return list(rows_of(path)[0].cells)


def test_it_agrees_with_openpyxl_cell_by_cell() -> None:
    theirs = openpyxl.load_workbook(DATA / "people.xlsx")
    with opened(DATA / "people.xlsx") as book:
        assert [sheet.name for sheet in book.sheets] == theirs.sheetnames
        compared = 0
        for sheet in book.sheets:
            for row in sheet.rows:
                for column, cell in enumerate(row.cells, start=1):
                    held = theirs[sheet.name].cell(row.number, column).value
                    if not cell.merged:
                        assert cell.value == held
                        assert cell.formula == (isinstance(held, str) and held.startswith("="))
                        compared += 1
    assert compared > 6000


def test_a_hidden_sheet_is_known_by_its_name_alone() -> None:
    with opened(DATA / "people.xlsx") as book:
        pay = book.sheets[-1]
        assert (pay.name, pay.hidden, list(pay.rows)) == ("薪资核对_勿外发", True, [])
        assert [sheet.hidden for sheet in book.sheets] == [False, False, False, True]


def test_a_very_hidden_sheet_is_hidden_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["x"])
    book.create_sheet("pay").sheet_state = "veryHidden"
    book["pay"].append([1])
    book.save(tmp_path / "a.xlsx")
    with opened(tmp_path / "a.xlsx") as read:
        assert [(sheet.hidden, list(sheet.rows)) for sheet in read.sheets][1] == (True, [])


def test_every_row_of_a_merge_shows_its_first_cell(tmp_path: Path) -> None:
    rows = text_row(1, ["title"]) + text_row(2, ["n1", "unit"]) + text_row(3, ["n2", None, "z"]) + text_row(4, ["n3"])
    merges = '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="B2:B3"/></mergeCells>'
    read = rows_of(write_book(tmp_path / "a.xlsx", {"s": worksheet(rows + text_row(5, ["n4"]), after=merges)}))
    assert [cell.value for cell in read[0].cells] == ["title"]  # nothing is filled to the right
    assert read[1].cells[1] == Cell("unit")
    assert read[2].cells[1] == Cell("unit", merged=True)
    assert [len(row.cells) for row in read] == [1, 2, 3, 1, 1]


def test_a_merge_over_more_rows_than_the_sheet_has_is_harmless(tmp_path: Path) -> None:
    rows = text_row(1, ["unit", "a"]) + text_row(7, [None, "b"])
    merges = '<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="A3:A9"/></mergeCells>'
    read = rows_of(write_book(tmp_path / "a.xlsx", {"s": worksheet(rows, after=merges)}))
    assert [row.cells[0].value for row in read] == ["unit", None]  # the later, empty merge wins


def test_rows_may_be_walked_twice_and_side_by_side() -> None:
    with opened(DATA / "people.xlsx") as book:
        rows = book.sheets[0].rows
        assert list(rows) == [one for one, _ in zip(rows, rows, strict=True)]


@pytest.mark.parametrize(
    ("code", "number", "cell"),
    [
        ("yyyy/m/d", "43295", Cell(datetime(2018, 7, 14))),  # noqa: DTZ001
        ('yyyy"年"m"月"d"日"', "43295.5", Cell(datetime(2018, 7, 14, 12))),  # noqa: DTZ001
        ("[$-804]m月d日;@", "1", Cell(datetime(1900, 1, 1))),  # noqa: DTZ001
        ("h:mm:ss", "0.25", Cell("06:00:00")),
        ("0.00%", "0.955", Cell(0.955, percent=True)),
        ("0%", "1", Cell(1, percent=True)),
        ('0"%"', "95", Cell(95)),
        ("00000", "123", Cell("00123")),
        ("#,##0.00", "1.2E+3", Cell(1200.0)),
        ("General", "18600001002", Cell(18600001002)),
        ("General", "1E999", Cell("1E999")),
        ("yyyy-mm-dd", "-5", Cell(-5)),
        ("[Red]0.0", "1.5", Cell(1.5)),
    ],
)
def test_the_number_format_says_what_a_number_is(tmp_path: Path, code: str, number: str, cell: Cell) -> None:
    sheet = worksheet(f'<row r="1"><c r="A1" s="1"><v>{number}</v></c></row>')
    assert first_row(write_book(tmp_path / "a.xlsx", {"s": sheet}, styles=cell_styles(code))) == [cell]


@pytest.mark.parametrize(
    ("format_id", "kind"), [(0, PLAIN), (9, PERCENT), (10, PERCENT), (14, DATE), (20, TIME), (31, DATE), (57, DATE)]
)
def test_formats_without_a_code_are_excels_own(format_id: int, kind: str) -> None:
    assert kind_of_format(format_id, None) == kind


def test_workbooks_that_count_from_1904_are_four_years_off(tmp_path: Path) -> None:
    sheet = worksheet('<row r="1"><c r="A1" s="1"><v>0</v></c></row>')
    path = write_book(
        tmp_path / "a.xlsx", {"s": sheet}, styles=cell_styles("yyyy-mm-dd"), properties='<workbookPr date1904="1"/>'
    )
    assert first_row(path) == [Cell(datetime(1904, 1, 1))]  # noqa: DTZ001


def test_a_formula_shows_its_cached_result_and_is_never_evaluated(tmp_path: Path) -> None:
    sheet = worksheet(
        '<row r="1"><c r="A1"><f>ROW()-4</f><v>7</v></c><c r="B1"><f>1+1</f></c>'
        '<c r="C1" t="str"><f>A1&amp;"x"</f><v>7x</v></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    cells = first_row(write_book(tmp_path / "a.xlsx", {"s": sheet}))
    assert cells == [Cell(7), Cell("=1+1", formula=True), Cell("7x"), Cell("#DIV/0!")]


def test_shared_texts_lose_their_reading_aids_and_keep_their_runs(tmp_path: Path) -> None:
    strings = (
        f"<sst {MAIN}><si><t>部门</t></si><si><r><t>张</t></r><r><t>伟</t></r><rPh sb='0'><t>ZHANG</t></rPh></si>"
        "<si><t xml:space='preserve'> a_x000D_b_x005F_x000A_ </t></si></sst>"
    )
    sheet = worksheet(
        '<row r="3" hidden="1"><c r="A3" t="s"><v>1</v></c><c r="C3" t="s"><v>2</v></c>'
        '<c r="D3" t="b"><v>1</v></c></row>'
    )
    (row,) = rows_of(write_book(tmp_path / "a.xlsx", {"s": sheet}, strings=strings))
    assert row == Row(3, (Cell("张伟"), BLANK, Cell(" a\rb_x000A_ "), Cell(True)), hidden=True)


def test_prefixed_names_and_missing_addresses_are_read(tmp_path: Path) -> None:
    sheet = f"<x:worksheet {MAIN.replace('xmlns=', 'xmlns:x=')}><x:sheetData><x:row><x:c><x:v>1</x:v></x:c>"
    sheet += '<x:c t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'
    assert rows_of(write_book(tmp_path / "a.xlsx", {"s": sheet})) == [Row(1, (Cell(1), Cell("b")))]


def test_rows_and_columns_without_values_do_not_count(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/><c r="XFD{number}"/></row>' for number in range(2, 900))
    read = rows_of(write_book(tmp_path / "a.xlsx", {"s": worksheet(text_row(1, ["a"]) + blank + text_row(900, ["b"]))}))
    assert [row.number for row in read] == [1, 900]


def test_hidden_columns_are_named(tmp_path: Path) -> None:
    sheet = worksheet(text_row(1, ["a"]), before='<cols><col min="2" max="3" hidden="1"/><col min="4" max="4"/></cols>')
    with opened(write_book(tmp_path / "a.xlsx", {"s": sheet})) as book:
        assert book.sheets[0].hidden_columns == {1, 2}


@pytest.mark.parametrize(
    ("rows", "error", "what"),
    [
        (text_row(1, [None] * 100 + ["x"]), SplitFile, "columns"),
        (text_row(1, ["x" * 32_768]), SplitFile, "cell"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', SaveAgain, None),
        ('<row r="1"><c r="A1" t="s"><v>5</v></c></row>', SaveAgain, None),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', SaveAgain, None),
        ('<row r="1"><c r="A1"><v>1</v></row>', SaveAgain, None),
        ("", FillInRows, None),
    ],
)
def test_it_says_what_to_do_about_a_sheet_it_cannot_take(
    tmp_path: Path, rows: str, error: type[Exception], what: str | None
) -> None:
    path = write_book(tmp_path / "a.xlsx", {"s": worksheet(rows)})
    with pytest.raises(error) as refused, opened(path):
        pass
    assert getattr(refused.value, "details", {}).get("what") == what


def test_more_than_a_hundred_thousand_rows_are_to_be_split(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>' for number in range(1, 101_002))
    with pytest.raises(SplitFile, match="rows"), opened(write_book(tmp_path / "a.xlsx", {"s": worksheet(rows)})):
        pass


def test_a_file_cut_off_is_to_be_saved_again(tmp_path: Path) -> None:
    whole = (DATA / "people.xlsx").read_bytes()
    for size in (4, 1000, len(whole) // 2, len(whole) - 30):
        (tmp_path / "a.xlsx").write_bytes(whole[:size])
        with pytest.raises(SaveAgain), opened(tmp_path / "a.xlsx"):
            pass


def test_a_damaged_byte_is_noticed(tmp_path: Path) -> None:
    whole = bytearray((DATA / "people.xlsx").read_bytes())
    with zipfile.ZipFile(DATA / "people.xlsx") as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    whole[start + 5000] ^= 0xFF
    (tmp_path / "a.xlsx").write_bytes(whole)
    with pytest.raises(SaveAgain), opened(tmp_path / "a.xlsx"):
        pass


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"xl/workbook.bin": b"x"}, SaveAsXlsx),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}, SaveAsXlsx),
        ({"list.xlsx": (DATA / "people.xlsx").read_bytes()}, UnpackArchive),
        ({"word/document.xml": b"<x/>"}, SaveAgain),
    ],
)
def test_other_archives_are_told_apart(tmp_path: Path, parts: dict[str, bytes], error: type[Exception]) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(error), opened(tmp_path / "a.xlsx"):
        pass
