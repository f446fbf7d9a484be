"""The same people, told with other headings, orders, sheets and without numbers: the verdicts stay the same."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from perfsys.imports.columns import recognise, source_rows
from perfsys.imports.people_fields import PEOPLE_FIELDS
from perfsys.imports.people_rows import KnownEmployee, PeopleJudgement, judge_people
from perfsys.imports.people_values import reference_in
from perfsys.imports.reading import Cell, Sheet
from tests.imports.rosters import NUMBERING, Line, expected, judge_sheets, original_lines, sheet_of

HEADINGS: dict[str, list[str]] = {
    NUMBERING: ["序号", "No.", "", "行号", "#"],
    "employee_no": [
        "工号",
        "员工编号",
        "人员编号",
        "Employee ID",
        "编号",
        "ID",
        "职工号",
        "*工 号",
        "EMP NO.",
        "员工工号\n(必填)",
    ],
    "name": ["姓名", "员工姓名", "Name", "姓 名", "Full Name", "名字", "姓名(中文)", "Employee Name", "中文姓名"],
    "department": ["部门", "所属部门", "Department", "部门/班组", "组织单元", "所在部门", "DEPT", "部门名称(全称)"],
    "position": ["岗位", "职位", "岗位名称", "Job Title", "职务", "Position"],
    "level": ["职级", "级别", "Grade", "职等", "Job Level"],
    "manager": [
        "直属上级",
        "直接上级",
        "汇报对象",
        "Line Manager",
        "上级领导",
        "Reports To",
        "主管",
        "直属上级(姓名或工号)",
    ],
    "hire_date": ["入职日期", "入职时间", "Hire Date", "进厂日期", "入司时间", "Date of Joining", "入职日期(年/月/日)"],
    "email": ["邮箱", "电子邮箱", "E-mail", "公司邮箱", "Email Address", "ＥＭＡＩＬ"],
    "mobile": ["手机", "手机号码", "联系电话", "Mobile", "移动电话", "Phone Number", "手机号(11位)"],
    "hrbp": ["HRBP负责人", "HRBP", "对口HRBP", "HR Business Partner", "人事BP", "hrbp 姓名"],
    "status": ["状态", "在职状态", "员工状态", "Employment Status", "人员状态"],
    "remark": ["备注", "说明", "Remarks", "备注说明", "Notes"],
}
NEW_TO_US = ["列甲", "字段7", "Col_3", "xx", "数据项", "内部栏目", "扩展属性"]
BY_CONTENT = ("employee_no", "name", "department", "position", "level", "hire_date", "email", "mobile", "status")
FOREIGN: dict[str, Sequence[Any]] = {
    "出生日期": ["1988-02-03", "1990/12/1", "1979.5.6", "1985年1月30日"],
    "身份证号": ["330203198802031234", "330203199012011235"],
    "基本工资": [5400, 6300, 12800],
    "紧急联系电话": ["13811112222", "13933334444", "13755556666"],
    "导师": ["王大明", "李小红", "赵一山"],
    "性别": ["男", "女"],
    "转正日期": ["2019-03-01", "2020-06-01"],
    "部门编码": ["D001", "D002"],
}
TITLES = [(), ("员工信息表",), ("XX股份有限公司员工花名册", "制表部门:人力资源部  日期:2026.11.16")]


def assert_same_verdicts(judgement: PeopleJudgement, origins: dict[str, dict[int, int]]) -> None:
    """Every row as in the original file, wherever it stands now."""
    rows = [row.as_json() | {"sheet": "花名册", "row": origins[row.sheet][row.number]} for row in judgement.rows]
    told = {row["row"]: row for row in rows}
    meant = {row["row"]: row for row in expected()["rows"]}
    assert told.keys() == meant.keys()
    assert [(told[number], row) for number, row in meant.items() if told[number] != row][:3] == []


def told_by_another_company(seed: int, *, unknown: int, foreign: int, split: str) -> tuple[list[Sheet], dict[str, Any]]:
    """Sheets of the roster: headings from the pool, `unknown` of them new to us, columns in any order."""
    dice = random.Random(seed)
    headings = {name: dice.choice(pool) for name, pool in HEADINGS.items()}
    headings |= zip(dice.sample(BY_CONTENT, unknown), dice.sample(NEW_TO_US, unknown), strict=True)
    columns = [(heading, name) for name, heading in headings.items()]
    added = dice.sample(sorted(FOREIGN), foreign)
    columns += [(heading, heading) for heading in added]
    lines = []
    for told in original_lines():
        is_person = told.cells["name"].value is not None
        others = {heading: Cell(dice.choice(FOREIGN[heading])) for heading in added} if is_person else {}
        lines.append(Line(told.number, {**told.cells, **others}))
    sheets, origins = [], {}
    for name, part in parts_of(lines, split).items():
        order = [column for column in columns if column[1] != "department"] if split == "by_path" else list(columns)
        dice.shuffle(order)
        sheet, origins[name] = sheet_of(name, part, order, titles=dice.choice(TITLES))
        sheets.append(sheet)
    return sheets, origins


def parts_of(lines: Sequence[Line], split: str) -> dict[str, list[Line]]:
    """Sheet -> rows: one sheet, one for each centre, or one for each unit with its path as the sheet's name."""
    if split == "one":
        return {"Sheet1": list(lines)}
    parts: defaultdict[str, list[Line]] = defaultdict(list)
    unit = ""
    for told in lines:
        path = told.cells["department"].value
        if isinstance(path, str) and told.cells["name"].value is not None:
            unit = path.replace("／", "/").replace(" ", "").replace("/", "-")
        parts[unit if split == "by_path" else unit.split("-")[0]].append(told)
    return parts


@pytest.mark.parametrize("seed", range(12))
def test_headings_and_order_of_columns_do_not_matter(seed: int) -> None:
    sheets, origins = told_by_another_company(seed, unknown=seed % 4, foreign=seed % 5, split="one")
    assert_same_verdicts(judge_sheets(sheets), origins)


@pytest.mark.parametrize("split", ["by_centre", "by_path"])
@pytest.mark.parametrize("seed", range(3))
def test_a_sheet_for_each_department_makes_the_same_company(seed: int, split: str) -> None:
    sheets, origins = told_by_another_company(seed, unknown=2, foreign=1, split=split)
    judgement = judge_sheets(sheets)
    assert_same_verdicts(judgement, origins)
    report = judgement.report(company=expected()["company"])
    for key in ("summary", "root", "detached", "org_units", "org_tree"):
        assert report[key] == expected()[key]


@pytest.mark.parametrize("name", BY_CONTENT)
def test_one_column_under_a_heading_new_to_us_is_told_by_its_content(name: str) -> None:
    columns = [("栏目甲" if field == name else pool[0], field) for field, pool in HEADINGS.items()]
    sheet, origin = sheet_of("Sheet1", original_lines(), columns)
    assert_same_verdicts(judge_sheets([sheet]), {"Sheet1": origin})


@pytest.mark.parametrize("unknown", [("manager",), ("hrbp",), ("manager", "hrbp")])
def test_managers_and_hrbps_under_new_headings_are_told_by_how_often_they_come(unknown: tuple[str, ...]) -> None:
    columns = [("栏目甲" if field in unknown else pool[0], field) for field, pool in HEADINGS.items()]
    sheet, origin = sheet_of("Sheet1", original_lines(), columns)
    assert_same_verdicts(judge_sheets([sheet]), {"Sheet1": origin})


def by_name_only() -> list[Line]:
    """The rows of a company that keeps no numbers: managers by name, subtotals in the column of the names."""
    name_of = {row["normalized"]["employee_no"]: row["normalized"]["name"] for row in people()}
    lines = []
    for told in original_lines():
        manager = reference_in(str(told.cells["manager"].value or ""))
        first = told.cells["employee_no"].value
        if manager.number:
            told = told.with_text("manager", name_of[manager.number])
        if told.cells["name"].value is None and isinstance(first, str) and "小计" in first:
            told = told.with_text("name", first)
        lines.append(told.without("employee_no"))
    return lines


def people() -> list[dict[str, Any]]:
    return [row for row in expected()["rows"] if row["action"].startswith("accept")]


def test_without_numbers_people_are_told_by_name_and_department() -> None:
    columns = [(pool[0], field) for field, pool in HEADINGS.items() if field != "employee_no"]
    sheet, origin = sheet_of("Sheet1", by_name_only(), columns)
    judgement = judge_sheets([sheet])
    told = {origin[row.number]: row for row in judgement.rows}
    key_of = {row["normalized"]["employee_no"]: told[row["row"]].normalized["key"] for row in people()}
    assert judgement.identified_by == "name"
    assert len(set(key_of.values())) == len(key_of)
    assert key_of["HR0003"] == "万琪欣@总经办"
    assert key_of["HR0268"].startswith("卢建东@制造中心/一车间/超精班#1")  # his namesake works beside him
    for row in people():
        person, meant = told[row["row"]], row["normalized"]
        same = {name: value for name, value in meant.items() if not name.endswith("_no")}
        assert {name: person.normalized[name] for name in same} == same
        if {"manager_ambiguous"} & set(person.reasons):
            continue  # of the namesakes in one group only a number tells one
        assert person.normalized["manager_no"] == key_of.get(meant["manager_no"])
        assert person.normalized["hrbp_no"] == key_of.get(meant["hrbp_no"])
        assert person.reasons == row["reasons"]
    ambiguous = [row for row in judgement.rows if "manager_ambiguous" in row.reasons]
    assert {row.normalized["departments"][0] for row in ambiguous} == {"制造中心/一车间/超精班"}
    # Nobody is rejected for a missing or doubled number; the duplicate and the further post are still found.
    assert judgement.summary["rejected"] == 1
    assert told[55].reasons == ["duplicate_row"]
    assert told[374].normalized == {
        "employee_no": None,
        "key": key_of["HR0274"],
        "department": "制造中心/计划物流部",
        "position": "质量改进专员(兼)",
    }


def test_without_numbers_known_employees_keep_theirs() -> None:
    columns = [(pool[0], field) for field, pool in HEADINGS.items() if field != "employee_no"]
    sheet, origin = sheet_of("Sheet1", by_name_only(), columns)
    known = {
        row["normalized"]["employee_no"]: KnownEmployee(
            row["normalized"]["employee_no"],
            row["normalized"]["name"],
            tuple(row["normalized"]["departments"]),
            email=row["normalized"]["email"],
            mobile=row["normalized"]["mobile"],
        )
        for row in people()
    }
    recognition = recognise(sheet, PEOPLE_FIELDS)
    judgement = judge_people(source_rows(sheet, recognition), known=known)
    told = {origin[row.number]: row for row in judgement.rows}
    for row in people():
        assert told[row["row"]].normalized["employee_no"] == row["normalized"]["employee_no"]
