"""Which row holds the headings, which column is which field, and which sheets are data at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from perfsys.imports.columns import FieldSpec, Recognition, corrected, recognise, recognise_all, source_rows
from perfsys.imports.headings import KnownHeadings, folded_heading, is_foreign_heading
from perfsys.imports.people_fields import PEOPLE_FIELDS
from perfsys.imports.reading import Cell, CellValue, Row, Sheet, opened
from tests.imports.books import text_row, worksheet, write_book
from tests.imports.rosters import DATA

PEOPLE = [
    ("HR0001", "万琪欣", "总经办", "总经理", "18600001002"),
    ("HR0002", "邹毅璐", "研发中心", "研发总监", "18500001001"),
    ("HR0003", "李铭诗", "研发中心/产品开发部", "设计工程师", "15800001414"),
    ("HR0004", "徐瑶静", "研发中心/产品开发部", "设计工程师", "15900001353"),
]
FIELDS = ("employee_no", "name", "department", "position", "mobile")
MANY = [
    (f"HR{number:04}", f"王{chr(0x4E8C + number)}", unit, position, f"1380000{number:04}")
    for number, (_, _, unit, position, _) in enumerate(PEOPLE * 8, start=1)
]
HEAD = ("工号", "姓名", "部门", "岗位", "手机")


def sheet(*rows: Sequence[CellValue], name: str = "花名册", hidden: bool = False, start: int = 1) -> Sheet:
    return Sheet(
        name,
        hidden,
        [Row(number, tuple(map(Cell, values))) for number, values in enumerate(rows, start=start) if values],
    )


def columns_of(found: Recognition) -> dict[str, int]:
    return {name: guess.index for name, guess in found.columns.items()}


def test_titles_above_and_blank_rows_between_do_not_matter() -> None:
    found = recognise(sheet(("公司花名册",), ("制表部门:人力资源部",), (), HEAD, *PEOPLE), PEOPLE_FIELDS)
    assert (found.is_data, found.header_row, found.reason) == (True, 4, "")
    assert columns_of(found) == {"employee_no": 0, "name": 1, "department": 2, "position": 3, "mobile": 4}
    assert {guess.why for guess in found.columns.values()} == {"heading"}


@pytest.mark.parametrize(
    "heading",
    [
        "工号",
        " 工　号 ",
        "*工号",
        "工号:",
        "工号（必填）",
        "工号\n(HR+4位数字)",
        "员工编号",
        "EMPLOYEE_ID",
        "Employee No.",
    ],
)
def test_spelling_of_a_heading_does_not_matter(heading: str) -> None:
    found = recognise(sheet((heading, *HEAD[1:]), *PEOPLE), PEOPLE_FIELDS)
    assert found.columns["employee_no"].index == 0
    assert found.columns["employee_no"].confidence >= 0.9


@pytest.mark.parametrize(
    ("heading", "other"),
    [
        ("入职日期", "离职日期"),
        ("岗位", "上级岗位"),
        ("部门", "部门编码"),
        ("姓名", "导师"),
        ("直属上级", "部门负责人"),
    ],
)
def test_headings_alike_in_letters_are_not_alike_in_meaning(heading: str, other: str) -> None:
    known = KnownHeadings({spec.name: spec.headings for spec in PEOPLE_FIELDS})
    assert known.fitness(heading)
    assert not known.fitness(heading).keys() & known.fitness(other).keys()


def test_a_misspelt_heading_is_recognised_with_less_confidence() -> None:
    found = recognise(sheet(("Employe Number", "姓名", "部门", "岗位", "手机"), *PEOPLE), PEOPLE_FIELDS)
    guess = found.columns["employee_no"]
    assert (guess.index, guess.why) == (0, "similar_heading")
    assert guess.confidence < 0.75


def test_two_rows_of_headings_are_one() -> None:
    found = recognise(
        sheet(
            ("工号", "姓名", "任职信息", None, "联系方式"),
            ("工号", "姓名", "部门", "岗位", "手机"),
            *PEOPLE,
        ),
        PEOPLE_FIELDS,
    )
    assert found.header_row == 2
    assert columns_of(found) == {"employee_no": 0, "name": 1, "department": 2, "position": 3, "mobile": 4}


def test_a_group_heading_gives_its_columns_their_meaning() -> None:
    found = recognise(
        sheet(("工号", "姓名", "部门", "直属上级", None), (None, None, None, "工号", "姓名"), *PEOPLE), PEOPLE_FIELDS
    )
    assert columns_of(found) == {"employee_no": 0, "name": 1, "department": 2, "manager_no": 3, "manager": 4}


def test_a_first_row_of_data_is_no_second_row_of_headings() -> None:
    found = recognise(sheet(HEAD, ("HR0001", "姓名", "部门", None, None), *PEOPLE), PEOPLE_FIELDS)
    assert found.header_row == 1


def test_headings_repeated_for_printing_are_no_rows() -> None:
    table = sheet(HEAD, *PEOPLE[:2], ("工号", "姓 名", "部门", "岗位", "手机"), *PEOPLE[2:])
    numbers = [row.number for row in source_rows(table, recognise(table, PEOPLE_FIELDS))]
    assert numbers == [2, 3, 5, 6]


@pytest.mark.parametrize("column", range(5))
def test_a_heading_nobody_knows_is_told_by_what_stands_below(column: int) -> None:
    heads = [("栏目X" if index == column else heading) for index, heading in enumerate(HEAD)]
    found = recognise(sheet(heads, *MANY), PEOPLE_FIELDS)
    assert columns_of(found)[FIELDS[column]] == column
    assert "content" in {guess.why for guess in found.columns.values()}
    assert all(guess.confidence <= 0.8 for guess in found.columns.values() if guess.why == "content")


def test_no_heading_at_all_is_still_a_roster() -> None:
    found = recognise(sheet(*PEOPLE), PEOPLE_FIELDS)
    assert (found.is_data, found.header_row) == (True, None)
    assert columns_of(found) == {"employee_no": 0, "name": 1, "department": 2, "position": 3, "mobile": 4}
    assert [row.number for row in source_rows(sheet(*PEOPLE), found)] == [1, 2, 3, 4]


def test_only_unknown_headings_are_still_headings() -> None:
    found = recognise(sheet(("甲", "乙", "丙", "丁", "戊"), *PEOPLE), PEOPLE_FIELDS)
    assert (found.is_data, found.header_row) == (True, 1)
    assert columns_of(found) == {"employee_no": 0, "name": 1, "department": 2, "position": 3, "mobile": 4}


@pytest.mark.parametrize(
    "heading", ["身份证号", "基本工资", "绩效基数", "银行卡号", "出生日期", "紧急联系电话", "导师", "Salary"]
)
def test_what_nobody_asked_for_is_never_guessed_from_its_content(heading: str) -> None:
    assert is_foreign_heading(heading)
    people = [(*person[:4], person[4]) for person in PEOPLE]
    found = recognise(sheet((*HEAD[:4], heading), *people), PEOPLE_FIELDS)
    assert 4 not in columns_of(found).values()


def test_a_hidden_column_is_not_guessed_from_its_content() -> None:
    table = sheet((*HEAD[:4], "栏目"), *PEOPLE)
    assert "mobile" in recognise(table, PEOPLE_FIELDS).columns
    assert "mobile" not in recognise(Sheet("s", False, table.rows, frozenset({4})), PEOPLE_FIELDS).columns


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (
            sheet(("编码", "部门全称"), ("D001", "人力资源部"), ("D002", "信息部"), ("D003", "制造中心")),
            "columns_missing",
        ),
        (sheet(("一、工号为HR+4位数字,不得重复;",), ("二、直属上级可填姓名或工号;",)), "columns_missing"),
        (sheet(("工号", "姓名", "基本工资", "绩效基数"), ("HR0003", "万琪欣", 17800, 1800)), "identifiers_only"),
        (sheet(), "empty"),
        (sheet(HEAD, *PEOPLE, hidden=True), "hidden"),
    ],
)
def test_foreign_sheets_are_no_data(other: Sheet, reason: str) -> None:
    found = recognise(other, PEOPLE_FIELDS)
    assert (found.is_data, found.reason) == (False, reason)


def test_no_value_of_the_hidden_pay_sheet_is_ever_read() -> None:
    with opened(DATA / "people.xlsx") as book:
        pay = book.sheets[-1]
        assert recognise(pay, PEOPLE_FIELDS) == Recognition(None, {}, is_data=False, reason="hidden")
        by_hand = source_rows(pay, recognise(pay, PEOPLE_FIELDS), {0: "employee_no", 1: "name", 2: "level"})
        assert list(by_hand) == []


def test_sheets_of_one_book_explain_each_others_headings() -> None:
    large = sheet(("栏目甲", "姓名", "栏目乙"), *[(person[0], person[1], person[3]) for person in MANY], name="a")
    small = sheet(("栏目甲", "姓名", "栏目乙"), ("临1", "王一", "顾问团"), name="b")
    assert "position" not in recognise(small, PEOPLE_FIELDS).columns
    _, found = recognise_all([large, small], PEOPLE_FIELDS)
    assert columns_of(found) == {"employee_no": 0, "name": 1, "position": 2}


def test_a_correction_wins_and_frees_what_stood_there() -> None:
    found = recognise(sheet(HEAD, *PEOPLE), PEOPLE_FIELDS)
    assert corrected(found, {3: "level"}) == {"employee_no": 0, "name": 1, "department": 2, "level": 3, "mobile": 4}
    assert corrected(found, {3: "department"}) == {"employee_no": 0, "name": 1, "department": 3, "mobile": 4}
    assert corrected(found, {0: None, 4: None}) == {"name": 1, "department": 2, "position": 3}
    assert corrected(found, {0: "name", 1: "employee_no"}) == {"name": 0, "employee_no": 1, "department": 2,
                                                               "position": 3, "mobile": 4}  # fmt: skip


def test_rows_carry_what_stands_in_other_columns_too() -> None:
    table = sheet(("序号", *HEAD), ("制表: 审核:",), (1, *PEOPLE[0]), (2, "HR0009"))
    rows = list(source_rows(table, recognise(table, PEOPLE_FIELDS)))
    assert rows[0].rest == (Cell("制表: 审核:"),)
    assert rows[0].cells["name"].value is None
    assert (rows[1].cells["name"], rows[1].rest) == (Cell("万琪欣"), (Cell(1),))
    assert rows[2].cells["mobile"].value is None
    assert "email" not in rows[2].cells


def test_a_column_headed_like_a_field_but_filled_otherwise_is_doubted() -> None:
    people = [(number, *person[1:]) for number, person in enumerate(PEOPLE * 2, start=1)]
    found = recognise(sheet(HEAD, *people), PEOPLE_FIELDS)
    assert found.columns["employee_no"].confidence == 0.5


def test_of_two_columns_called_alike_the_content_decides() -> None:
    people = [(number, *person) for number, person in enumerate(PEOPLE * 2, start=1)]
    found = recognise(sheet(("编号", *HEAD), *people), PEOPLE_FIELDS)
    assert found.columns["employee_no"].index == 1


ANY_KIND = (
    FieldSpec("title", ("目标", "goal"), required=True),
    FieldSpec("weight", ("权重", "weight"), looks_like=lambda cell: isinstance(cell.value, int)),
)


def test_an_import_kind_only_declares_its_fields() -> None:
    found = recognise(sheet(("Goal", "Weight (%)"), ("x", 30), ("y", 70)), ANY_KIND)
    assert columns_of(found) == {"title": 0, "weight": 1}
    assert found.is_data
    assert found.columns["weight"].confidence == 0.95


def test_folding_keeps_what_tells_two_headings_apart() -> None:
    assert folded_heading("预算（万元）") != folded_heading("预算(元)")
    assert folded_heading("Ｅ－Mail :") == folded_heading("email")


def test_merged_heading_cells_of_a_real_workbook_are_understood(tmp_path: Path) -> None:
    rows = text_row(1, ["工号", "姓名", "部门", "联系方式"]) + text_row(2, [None, None, None, "手机", "邮箱"])
    rows += text_row(3, ["HR0001", "万琪欣", "总经办", "18600001002", "a@b.example"])
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"))
    path = write_book(tmp_path / "a.xlsx", {"s": worksheet(rows, after=f"<mergeCells>{merges}</mergeCells>")})
    with opened(path) as book:
        found = recognise(book.sheets[0], PEOPLE_FIELDS)
        assert columns_of(found) == {"employee_no": 0, "name": 1, "email": 4, "mobile": 3, "department": 2}
        assert [row.number for row in source_rows(book.sheets[0], found)] == [3]
