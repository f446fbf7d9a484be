"""Judging imported goal rows (product.md §1.6): the data set's file, other companies' shapes of it, and each rule."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import goals.importing
from goals.importing.dates import due_date
from goals.importing.figures import direction_in, target
from goals.importing.goal_drafts import short_company_name
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.goal_judgement import GoalJudgement, GoalRow, GoalValues, period_name
from goals.importing.known_goals import KnownGoal
from goals.importing.owners import KnownPerson, Owners
from goals.importing.wording import owner_sentence, plain_sentence, sentence
from goals.importing.words import evidence_kind, status_word, yes_or_no
from goals.publishing import DEFAULT_BOUNDS
from perfsys.imports.columns import FieldSpec
from perfsys.imports.reading import BLANK, Cell, Sheet, SourceRow
from tests.goals.imported_files import (
    END,
    LIMITS,
    START,
    anything,
    expected,
    goal_row,
    judged,
    judged_file,
    known_after,
    position_row,
    rows_of,
    sheets_of,
    table,
)

FILE = "goals_2026Q4.xlsx"
SPECS = {spec.name: spec for spec in GOAL_FIELDS}


# --- the data set ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", sorted(expected("goals.expected.json")))
def test_the_file_is_judged_exactly_as_expected(part: str):
    assert judged_file().as_json()[part] == expected("goals.expected.json")[part]


def test_the_same_file_again_is_recognised_row_by_row():
    again = judged(rows_of(sheets_of(FILE), GOAL_FIELDS), known_goals=known_after(judged_file()))
    assert again.as_json() == judged_file().as_json()
    assert all(row.known == row.key for row in again.rows if row.values)


def test_every_judged_row_survives_being_stored_as_json():
    for row in judged_file().rows:
        if row.values:
            assert GoalValues.from_record(row.values.as_record()) == row.values


# --- other companies' files -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of the data set's file as its company knows it."""

    sheet: str
    cells: dict[str, Cell]
    judged: GoalRow


@cache
def all_lines() -> tuple[Line, ...]:
    verdicts = {(row.sheet, row.number): row for row in judged_file().rows}
    rows = rows_of(sheets_of(FILE), GOAL_FIELDS)
    return tuple(
        Line(row.sheet, dict(row.cells), verdicts[row.sheet, row.number])
        for row in rows
        if (row.sheet, row.number) in verdicts
    )


def some_lines() -> list[Line]:
    """The company's goals and three departments' with their people's, as far as these support each other; most kinds
    of flaw are among them."""
    departments = {"一车间", "国内销售部", "售后服务部"}
    company = [line for line in all_lines() if line.sheet == "公司级"]
    units = [line for line in all_lines() if line.sheet == "部门级" and line.cells["department"].value in departments]
    elsewhere = {line.judged.goal_no for line in all_lines()} - {line.judged.goal_no for line in [*company, *units]}
    people = [
        line
        for line in all_lines()
        if line.sheet == "岗位级"
        and line.cells["department"].value in departments
        and line.cells["parent"].value not in elsewhere
    ]
    return [*company, *units, *people]


LAYER_OF_SHEET = {"公司级": "company", "部门级": "dept", "岗位级": "position"}
Shape = Callable[[random.Random, list[Line]], list[Sheet]]


def renamed(dice: random.Random, name: str) -> str:
    heading = dice.choice(SPECS[name].headings)
    return dice.choice([heading, f" {heading} ", heading.upper(), f"{heading}*"])


def sheet_of(dice: random.Random, name: str, chosen: Sequence[Line], fields: Iterable[str]) -> Sheet:
    """The lines under other headings, columns in another order, titles above, a foreign column beside."""
    columns = [field for field in fields if any(field in line.cells for line in chosen)]
    dice.shuffle(columns)
    headings = ["序号", *(renamed(dice, field) for field in columns)]
    rows = [
        [Cell(number), *(line.cells.get(field, BLANK) for field in columns)]
        for number, line in enumerate(chosen, start=1)
    ]
    return table(name, headings, rows, above=dice.randrange(4))


def same_sheets(dice: random.Random, chosen: list[Line]) -> list[Sheet]:
    return [sheet_of(dice, name, [line for line in chosen if line.sheet == name], SPECS) for name in LAYER_OF_SHEET]


def one_sheet(dice: random.Random, chosen: list[Line]) -> list[Sheet]:
    """All layers in one sheet, told apart by a column."""
    words = {
        "company": ["公司级", "公司", "集团级"],
        "dept": ["部门级", "部门", "department"],
        "position": ["岗位级", "个人", "employee"],
    }
    said = {layer: dice.choice(options) for layer, options in words.items()}
    marked = [replace(line, cells={**line.cells, "layer": Cell(said[LAYER_OF_SHEET[line.sheet]])}) for line in chosen]
    return [sheet_of(dice, "目标汇总", marked, SPECS)]


def a_sheet_for_each_department(dice: random.Random, chosen: list[Line]) -> list[Sheet]:
    """The company's goals on a sheet of their own, then each department's goals and its people's together."""
    by_unit: dict[str, list[Line]] = {}
    for line in chosen:
        department = line.cells.get("department", BLANK).value
        by_unit.setdefault(str(department) if department else "公司目标", []).append(line)
    return [sheet_of(dice, name, unit, SPECS) for name, unit in by_unit.items()]


SHAPES: tuple[Shape, ...] = (same_sheets, one_sheet, a_sheet_for_each_department)


def verdict(row: GoalRow, names: dict[str, str]) -> object:
    """What was decided, with the parent by its title, whatever the goals are numbered."""
    told = row.as_json()
    values = told["normalized"]
    if isinstance(values, dict):
        values = {**values, "parent": names.get(str(values["parent"]), values["parent"])}
    return told["action"], told["issues"], values


def verdicts_by_title(judgement: GoalJudgement, sources: dict[tuple[str, int], str]) -> dict[str, list[object]]:
    """By title, for the rows of a shuffled file come in another order."""
    names = {row.key: row.values.title for row in judgement.rows if row.values}
    found: dict[str, list[object]] = {}
    for row in judgement.rows:
        found.setdefault(sources[row.sheet, row.number], []).append(verdict(row, names))
    return {title: sorted(rows, key=repr) for title, rows in found.items()}


def titles_of(rows: Iterable[SourceRow]) -> dict[tuple[str, int], str]:
    return {(row.sheet, row.number): str(row.cells["title"].value) for row in rows if "title" in row.cells}


def assert_same_judgement(chosen: list[Line], sheets: list[Sheet]) -> GoalJudgement:
    rows = list(rows_of(sheets, GOAL_FIELDS))
    found = judged(rows)
    original = replace(judged_file(), rows=tuple(line.judged for line in chosen))
    sources = {(line.judged.sheet, line.judged.number): str(line.cells["title"].value) for line in chosen}
    told, wanted = verdicts_by_title(found, titles_of(rows)), verdicts_by_title(original, sources)
    assert told.keys() == wanted.keys()
    for title, rows_told in told.items():
        assert rows_told == wanted[title], title
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_headings_orders_and_sheets_change_nothing(shape: Shape, seed: int):
    chosen = some_lines()
    assert_same_judgement(chosen, shape(random.Random(seed), chosen))


def test_the_whole_file_in_one_sheet_has_the_same_summary_and_sets():
    chosen = list(all_lines())
    found = assert_same_judgement(chosen, one_sheet(random.Random(11), chosen))
    assert found.owner_issues == judged_file().owner_issues
    assert found.summary() == judged_file().summary()


def without_numbers(chosen: list[Line]) -> list[Line]:
    """No goal numbers: parents are named by their title."""
    titles = {line.judged.goal_no: str(line.cells["title"].value) for line in chosen}

    def named(cell: Cell) -> Cell:
        title = titles.get(str(cell.value))
        return Cell(title) if title else cell

    stripped = []
    for line in chosen:
        cells = {name: cell for name, cell in line.cells.items() if name != "goal_no"}
        if "parent" in cells:
            cells["parent"] = named(cells["parent"])
        stripped.append(replace(line, cells=cells))
    # Without numbers nothing is numbered twice.
    return [line for line in stripped if "duplicate_goal_no" not in {one.code for one in line.judged.issues}]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_without_numbers_whose_parents_are_named_by_title_is_judged_alike(shape: Shape):
    chosen = without_numbers(some_lines())
    assert_same_judgement(chosen, shape(random.Random(4), chosen))


def test_a_file_without_numbers_gets_the_same_keys_whatever_its_order():
    chosen = without_numbers(some_lines())
    first = judged(rows_of(same_sheets(random.Random(5), chosen), GOAL_FIELDS))
    backwards = judged(rows_of(one_sheet(random.Random(6), chosen[::-1]), GOAL_FIELDS))
    assert {row.key for row in first.rows} == {row.key for row in backwards.rows}
    assert len({row.key for row in first.rows if row.values}) == sum(1 for row in first.rows if row.values)
    again = judged(rows_of(same_sheets(random.Random(7), chosen), GOAL_FIELDS), known_goals=known_after(first))
    assert all(row.known == row.key for row in again.rows if row.values)


def named_instead_of_numbered(chosen: list[Line]) -> list[Line]:
    """People by name alone, and the one unknown number as a name nobody has."""
    return [
        replace(
            line,
            cells={
                **{name: cell for name, cell in line.cells.items() if name != "employee_no"},
                **({"name": Cell("查无此人")} if line.cells.get("employee_no", BLANK).value == "HR9987" else {}),
            },
        )
        for line in chosen
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_people_named_instead_of_numbered_are_found_namesakes_by_their_department(shape: Shape):
    chosen = named_instead_of_numbered(some_lines())
    # Two people of this name work in the same department: nothing but a number tells them apart.
    twins = [line for line in chosen if line.cells.get("name", BLANK).value == "卢建东"]
    others = [line for line in chosen if line not in twins]
    assert_same_judgement(others, shape(random.Random(5), others))
    for row in judged(rows_of([sheet_of(random.Random(6), "岗位级", twins, SPECS)], GOAL_FIELDS)).rows:
        assert "owner_ambiguous" in codes(row)


def test_number_and_title_in_one_cell_name_the_parent_too():
    titles = {line.judged.goal_no: str(line.cells["title"].value) for line in all_lines()}
    forms = ("{0} {1}", "{0}:{1}", "{1}({0})", "{0}\n{1}", "【{0}】{1}")
    dice = random.Random(8)
    chosen = [
        replace(line, cells={**line.cells, "parent": Cell(dice.choice(forms).format(number, titles[number]))})
        if (number := str(line.cells.get("parent", BLANK).value)) in titles
        else line
        for line in some_lines()
    ]
    assert_same_judgement(chosen, same_sheets(dice, chosen))


def restyled(cells: dict[str, Cell], dice: random.Random) -> dict[str, Cell]:
    """The same values as other people type them."""
    weight = cells["weight"]
    points = str(weight.value).rstrip("%")
    due = cells["due"].value
    day = due.date() if isinstance(due, datetime) else due_date(cells["due"], start=START, end=END)
    assert day is not None
    styles = [f"{day:%Y.%m.%d}", f"{day:%Y%m%d}", f"{day:%Y年%m月%d日}", (day - date(1899, 12, 30)).days]
    if day.year == 2026:
        styles.append(f"{day.month}.{day.day}")
    obstacles = re.split("[、,;]", str(cells.get("obstacles", BLANK).value or "-"))
    status = {"已发布": ["进行中", "published", "发布"], "草稿": ["未发布", "draft"], "已完成": ["完成", "done"]}
    core = {"是": ["Y", "√", "核心", 1], "否": ["N", "×", "非核心", 0, "no"]}
    return {
        **cells,
        "weight": dice.choice([Cell(f"{points}%"), Cell(float(points) / 100, percent=True), Cell(float(points))]),
        "due": Cell(dice.choice(styles)),
        "obstacles": Cell(dice.choice(["、", ",", "\uff0c", ";", "\uff1b", "/", "\n", " / "]).join(obstacles)),
        "status": Cell(dice.choice(status[str(cells["status"].value)])),
        "core": Cell(dice.choice(core[str(cells["core"].value)])),
    }


def test_other_spellings_of_the_same_values_change_nothing():
    dice = random.Random(9)
    chosen = [replace(line, cells=restyled(line.cells, dice)) for line in all_lines()]
    found = assert_same_judgement(chosen, same_sheets(dice, chosen))
    assert found.owner_issues == judged_file().owner_issues


def test_weights_as_plain_fractions_are_percentages_where_the_whole_sheet_writes_them_so():
    chosen = [
        replace(line, cells={**line.cells, "weight": Cell(float(str(line.cells["weight"].value).rstrip("%")) / 100)})
        for line in some_lines()
    ]
    assert_same_judgement(chosen, same_sheets(random.Random(10), chosen))


# --- single rules ----------------------------------------------------------------------------------------------------


def verdict_of(*rows: SourceRow, known: Iterable[KnownGoal] = (), owner_parent: bool = True) -> list[GoalRow]:
    above = [KnownGoal("BM-1", "dept", "总经办", "部门目标之一")] if owner_parent else []
    return list(judged(rows, known_goals=[*above, *known]).rows)


def codes(row: GoalRow) -> list[str]:
    return [issue.code for issue in row.issues]


def only(*rows: SourceRow, known: Iterable[KnownGoal] = ()) -> GoalRow:
    (row,) = verdict_of(*rows, known=known)
    return row


def test_a_good_row_has_no_issue():
    row = only(position_row())
    assert (row.action, codes(row), row.known) == ("accept", [], None)
    assert row.values
    assert (row.values.owner, row.values.parent, row.values.evidence_kind) == ("HR0003", "BM-1", "project")


@pytest.mark.parametrize(
    ("cells", "code", "action"),
    [
        ({"title": None}, "title_missing", "reject"),
        ({"title": "长" * 501}, "title_too_long", "reject"),
        ({"goal_no": "G" * 65}, "goal_no_too_long", "reject"),
        ({"employee_no": None, "department": "总经办"}, "owner_missing", "reject"),
        ({"employee_no": "HR9999"}, "owner_not_found", "reject"),
        ({"employee_no": None, "name": "刘成宇"}, "owner_ambiguous", "reject"),
        ({"name": "张三丰"}, "owner_name_differs", "accept_with_warning"),
        ({"parent": None}, "parent_missing", "reject"),
        ({"parent": "无"}, "parent_missing", "reject"),
        ({"parent": "见部门目标"}, "parent_not_found", "reject"),
        ({"target": -3}, "target_negative", "reject"),
        ({"target": "按期完成"}, "target_unreadable", "accept_with_warning"),
        ({"target": 0.95}, "percent_scaled", "accept_with_warning"),
        ({"due": "2027/3/31"}, "due_out_of_period", "reject"),
        ({"due": "2月30日"}, "due_unreadable", "accept_with_warning"),
        ({"due": None}, "due_missing", "accept_with_warning"),
        ({"weight": None}, "weight_missing", "accept_with_warning"),
        ({"weight": "很重"}, "weight_unreadable", "accept_with_warning"),
        ({"weight": 130}, "weight_unreadable", "accept_with_warning"),
        ({"core": "大概"}, "core_unreadable", "accept_with_warning"),
        ({"status": "第三阶段"}, "status_unknown", "accept_with_warning"),
        ({"budget": "看情况"}, "resource_unreadable", "accept_with_warning"),
        ({"evidence_type": None, "evidence_no": None}, "evidence_missing", "accept_with_warning"),
        ({"evidence_type": "口头"}, "evidence_type_unknown", "accept_with_warning"),
        ({"obstacles": None}, "obstacle_missing", "accept_with_warning"),
        ({"obstacles": "甲、乙、丙、丁"}, "obstacle_too_many", "accept_with_warning"),
        ({"measure": "长" * 201}, "text_cut", "accept_with_warning"),
    ],
)
def test_each_flaw_has_its_reason(cells: dict[str, object], code: str, action: str):
    row = only(position_row(**cells))
    assert (codes(row), row.action) == ([code], action)
    assert (row.values is None) == (action == "reject")


def test_a_row_that_says_neither_layer_nor_owner_is_asked_for_them():
    row = only(goal_row("Sheet1", title="提升客户满意度到九成", parent="BM-1"))
    assert codes(row)[0] == "layer_unknown"
    assert row.action == "reject"


def test_a_day_past_the_period_stays_where_a_request_has_led_there():
    late = END + timedelta(days=13)
    row = position_row(due=late.isoformat())
    assert "due_out_of_period" in codes(only(row))
    for agreed, action in ((late, "accept"), (late + timedelta(days=1), "reject")):
        known = [KnownGoal("GW-4", "position", "HR0003", "目标4", agreed)]
        assert only(row, known=known).action == action


def test_a_parent_of_the_own_layer_or_two_up_is_on_the_wrong_layer():
    known = [KnownGoal("GS-1", "company", "", "公司目标之一"), KnownGoal("GW-9", "position", "HR0398", "同事的目标")]
    assert codes(only(position_row(parent="GS-1"), known=known)) == ["parent_wrong_layer"]
    assert codes(only(position_row(parent="GW-9"), known=known)) == ["parent_wrong_layer"]
    assert codes(only(position_row(4, parent="GW-4"))) == ["parent_wrong_layer"]


def test_a_department_may_support_a_goal_of_the_unit_above_it():
    known = [
        KnownGoal("ZX-1", "dept", "制造中心", "制造中心的目标"),
        KnownGoal("XS-1", "dept", "销售中心", "销售中心的目标"),
    ]
    row = {
        "goal_no": "BM-2",
        "title": "降低一车间的不良率到2%",
        "department": "一车间",
        "due": "2026-12-31",
        "weight": 100,
    }
    row |= {"evidence_type": "系统日志", "target": 2}
    assert only(goal_row("部门级", **row, parent="ZX-1"), known=known).action == "accept"
    assert codes(only(goal_row("部门级", **row, parent="XS-1"), known=known)) == ["parent_wrong_layer"]


def test_a_title_shared_by_several_goals_means_the_own_departments():
    known = [
        KnownGoal("A-1", "dept", "制造中心/一车间", "提升一次交检合格率"),
        KnownGoal("B-1", "dept", "质量部", "提升一次交检合格率"),
    ]
    row = only(position_row(department="一车间", parent="提升一次交检合格率"), known=known)
    assert row.values
    assert row.values.parent == "A-1"
    assert codes(only(position_row(department="财务部", parent="提升一次交检合格率"), known=known)) == [
        "parent_ambiguous"
    ]


def test_the_beginning_of_a_title_names_the_goal_where_only_one_begins_so():
    known = [KnownGoal("A-1", "dept", "财务部", "月结周期缩短到五天并稳定三个月")]
    row = only(position_row(parent="月结周期缩短到五天"), known=known)
    assert row.values
    assert row.values.parent == "A-1"


def test_several_parents_are_one_primary_and_further_ones():
    known = [KnownGoal("BM-2", "dept", "财务部", "另一个部门目标")]
    row = only(position_row(parent="BM-2、BM-1"), known=known)
    assert row.values
    assert (row.values.parent, row.values.further_parents) == ("BM-2", ("BM-1",))


def test_a_goal_whose_parent_stays_out_goes_in_with_a_warning():
    bad = goal_row("部门级", 4, goal_no="BM-7", title="部门目标之七", department="财务部", parent="GS-404", weight=100)
    rows = verdict_of(bad, position_row(5, parent="BM-7"))
    assert [(row.action, codes(row)[:1]) for row in rows] == [
        ("reject", ["parent_not_found"]),
        ("accept_with_warning", ["parent_rejected"]),
    ]


def test_a_number_used_twice_belongs_to_the_first_row():
    first, second = verdict_of(position_row(4, goal_no="GW-1"), position_row(5, goal_no="gw—1"))
    assert (first.action, second.action, codes(second)) == ("accept", "reject", ["duplicate_goal_no"])
    assert second.issues[0].params["row"] == "4"


def test_without_numbers_the_same_goal_twice_is_a_duplicate_and_another_measure_is_not():
    same = {"goal_no": None, "title": "客户走访"}
    rows = verdict_of(
        position_row(4, **same, measure="次数"),
        position_row(5, **same, measure="满意度"),
        position_row(6, **same, measure="满意度"),
    )
    assert [codes(row) for row in rows] == [[], [], ["duplicate_goal"]]
    assert rows[0].key != rows[1].key


def test_a_column_that_counts_anew_for_everybody_numbers_no_goals():
    rows = verdict_of(
        position_row(4, goal_no=1, employee_no="HR0003"),
        position_row(5, goal_no=2, employee_no="HR0003"),
        position_row(6, goal_no=1, employee_no="HR0398"),
    )
    assert [row.goal_no for row in rows] == [None, None, None]
    assert [row.action for row in rows] == ["accept"] * 3


def test_a_goal_that_is_numbered_later_keeps_its_identity():
    first = only(position_row(goal_no=None, title="客户走访二十家"))
    known = [KnownGoal(first.key, "position", "HR0003", "客户走访二十家")]
    numbered = only(position_row(goal_no="GW-77", title="客户走访二十家"), known=known)
    assert (numbered.key, numbered.known) == ("GW-77", first.key)
    bare = only(
        position_row(goal_no=None, title="客户走访二十家"),
        known=[KnownGoal("GW-77", "position", "HR0003", "客户走访二十家")],
    )
    assert (bare.key, bare.known, bare.goal_no) == ("GW-77", "GW-77", None)


def test_an_owner_listed_once_stands_for_the_rows_below_with_a_warning():
    rows = verdict_of(position_row(4), position_row(5, employee_no=None))
    assert [row.values.owner for row in rows if row.values] == ["HR0003", "HR0003"]
    assert codes(rows[1]) == ["owner_from_row_above"]


@given(st.lists(st.dictionaries(st.sampled_from(sorted(SPECS)), anything), max_size=4))
def test_no_content_of_a_cell_stops_the_import(contents: list[dict[str, Cell]]):
    rows = [position_row(number, **cells) for number, cells in enumerate(contents, start=4)]
    found = judged([*rows, *(SourceRow("Sheet1", row.number, row.cells) for row in rows)])
    for row in found.rows:
        json.dumps(row.as_json(), allow_nan=False)
        assert (row.values is None) == (row.action == "reject")
        assert row.values is None or GoalValues.from_record(row.values.as_record()) == row.values
        assert all(sentence(issue) for issue in row.issues)


def test_totals_footers_and_blank_rows_are_no_goals():
    rows = [
        goal_row(number=9, title="合计", weight=100),
        goal_row(number=10, employee_no="填报截止:2026年10月15日"),
        goal_row(number=11),
        goal_row(number=12, title="目标内容", weight="权重"),
    ]
    assert judged(rows).rows == ()


def test_company_goals_are_the_companys_and_have_no_parent():
    row = only(
        goal_row("公司级", goal_no="GS-1", title="海外收入翻倍", weight=100, due="2026-12-31", target="4200万元")
    )
    assert row.values
    assert (row.values.owner, row.values.owner_key, row.values.parent) == ("宁波恒锐", "", None)
    assert (row.values.target, row.values.unit) == (4200, "万元")


def test_sets_are_counted_as_delivered_and_only_flagged():
    rows = [position_row(number, weight=30) for number in range(4, 8)]
    (issue,) = judged([*rows, position_row(8, employee_no="HR0398", weight="100%")]).owner_issues[:1]
    assert issue.as_json() == {
        "layer": "position",
        "owner": "HR0003",
        "count": 4,
        "weight_sum": 120,
        "issues": ["weights_not_100"],
    }


def test_a_lone_fraction_among_whole_weights_is_scaled_and_told():
    rows = verdict_of(position_row(4, weight=70), position_row(5, weight=0.3))
    assert rows[1].values
    assert (rows[1].values.weight, codes(rows[1])) == (30, ["weight_scaled"])


def test_other_units_of_money_and_labour_are_converted():
    row = only(position_row(budget_yuan="35,000", person_days=2.5, headcount="3人"))
    assert row.values
    assert (row.values.budget_wan, row.values.hours, row.values.headcount) == (Decimal("3.5"), 20, 3)


def test_evidence_type_and_number_in_one_cell_are_taken_apart():
    row = only(position_row(evidence_type="项目编号: PRJ-26-015", evidence_no=None))
    assert row.values
    assert (row.values.evidence_type, row.values.evidence_no) == ("项目编号", "PRJ-26-015")


# --- readings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "unit", "value", "shown_unit", "direction"),
    [
        (Cell(0.955, percent=True), "%", "95.5", "%", None),
        (Cell(0.955, percent=True), "", "95.5", "%", None),
        (Cell("95%"), "%", "95", "%", None),
        (Cell("9８．５％"), "%", "98.5", "%", None),
        (Cell("0.8%"), "%", "0.8", "%", None),
        (Cell(0.8), "%", "80", "%", None),
        (Cell(1), "%", "100", "%", None),
        (Cell(0.8), "天", "0.8", "天", None),
        (Cell("≤7天"), "", "7", "天", "lower"),
        (Cell("不低于95%"), "", "95", "%", "raise"),
        (Cell("1,200"), "件", "1200", "件", None),
        (Cell("20次以内"), "", "20", "次", "lower"),
    ],
)
def test_a_target_reads_as_the_person_meant_it(
    cell: Cell, unit: str, value: str, shown_unit: str, direction: str | None
):
    found = target(cell, unit)
    assert (found.value, found.unit, found.direction) == (Decimal(value), shown_unit, direction)


@pytest.mark.parametrize(
    "cell", [Cell("1e400"), Cell(float("inf")), Cell(10**15), Cell("=A1", formula=True), Cell("x" * 9999)]
)
def test_what_is_no_figure_is_left_out(cell: Cell):
    assert target(cell, "件").unreadable
    assert target(cell, "件").value is None


@pytest.mark.parametrize(
    ("title", "value", "direction"),
    [
        ("设计变更平均关闭周期压缩到7天", 7, "lower"),
        ("客户签字节点不少于4个,原型返工率降到12%以下", 4, "raise"),
        ("客户签字节点不少于4个,原型返工率降到12%以下", 12, "lower"),
        ("变形返工率降到2.0%", 2, "lower"),
        ("走访客户12家", 12, None),
        ("合格率达到98.5%", 8, None),
    ],
)
def test_the_wording_tells_the_direction(title: str, value: int, direction: str | None):
    assert direction_in(title, Decimal(value)) == direction


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-05",
        "2026/12/5",
        "2026.12.05",
        "2026年12月5日",
        "12月5日",
        "12月5日前",
        "12/5",
        "20261205",
        "26-12-05",
        "Dec 5, 2026",
        "5 Dec 2026",
        "2026-12-05 00:00:00",
        "2026/12/05",
        46361,
        "46361",
        datetime(2026, 12, 5, tzinfo=UTC),
        date(2026, 12, 5),
    ],
)
def test_a_due_date_is_read_in_every_style(text: str | int | datetime | date):
    assert due_date(Cell(text), start=START, end=END) == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12月底", date(2026, 12, 31)),
        ("2026年11月", date(2026, 11, 30)),
        ("季度末", date(2026, 12, 31)),
        ("Q3", date(2026, 9, 30)),
        ("年底", date(2026, 12, 31)),
        ("31/10/2026", date(2026, 10, 31)),
        ("3/4/2026", None),
        ("2月30日", None),
        ("2026-13-01", None),
        ("尽快", None),
        (12, None),
        ("", None),
        ("1" * 4000, None),
    ],
)
def test_less_usual_due_dates_are_read_or_left_alone(text: str | int, day: date | None):
    assert due_date(Cell(text), start=START, end=END) == day


def test_a_date_without_a_year_is_the_one_inside_a_period_that_crosses_the_new_year():
    winter = {"start": date(2026, 12, 1), "end": date(2027, 2, 28)}
    assert due_date(Cell("1月15日"), **winter) == date(2027, 1, 15)
    assert due_date(Cell("12月15日"), **winter) == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("客户ID", "customer"),
        ("项目编号", "project"),
        ("系统日志", "system_log"),
        ("MES工单", "work_order"),
        ("图纸号", "document"),
        ("ECO编号", "document"),
        ("报告编号", "report"),
        ("单据号", "report"),
        ("改善提案", "proposal"),
        ("客户验收报告", "report"),
        ("Work Order", "work_order"),
        ("口头", None),
    ],
)
def test_a_files_own_word_means_one_of_the_evidence_types(word: str, kind: str | None):
    assert evidence_kind(word) == kind


def test_words_for_states_and_yes_are_known_in_both_languages():
    assert [status_word(word) for word in ("已发布", "In progress", "未发布", "已完成", "已取消")] == [
        "published",
        "published",
        "draft",
        "done",
        "cancelled",
    ]
    assert [yes_or_no(word) for word in ("是", "√", "Yes", "1", "核心", "否", "×", "", "N", "也许")] == [
        *[True] * 5,
        *[False] * 4,
        None,
    ]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("宁波恒锐精密机械有限公司", "宁波恒锐"),
        ("宁波恒锐", "宁波恒锐"),
        ("上海明远信息科技股份有限公司", "上海明远"),
        ("Acme Ltd.", "Acme"),
        ("甲公司", "甲"),
    ],
)
def test_a_company_is_shown_by_place_and_brand(name: str, short: str):
    assert short_company_name(name) == short


def test_a_period_is_named_by_its_span():
    assert period_name(START, END) == "2026Q4"
    assert period_name(date(2026, 1, 1), date(2026, 12, 31)) == "2026"
    assert period_name(date(2026, 11, 1), date(2026, 12, 31)) == "2026-11-01/2026-12-31"


# --- owners ----------------------------------------------------------------------------------------------------------

CAST = Owners(
    [
        KnownPerson("0096", "林晓", ("制造中心/一车间",)),
        KnownPerson("A7", "John Smith", ("质量部",)),
        KnownPerson("B1", "王伟", ("制造中心/一车间/甲班",)),
        KnownPerson("B2", "王伟", ("质量部",)),
        KnownPerson("C1", "赵敏", ("质量部",), active=False),
        KnownPerson("C2", "赵敏", ("财务部",)),
    ],
    [
        "制造中心",
        "制造中心/一车间",
        "制造中心/一车间/甲班",
        "制造中心/二车间",
        "制造中心/二车间/甲班",
        "质量部",
        "财务部",
    ],
)


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"number": "0096"}, "0096"),
        ({"number": "96"}, "0096"),
        ({"number": "a7"}, "A7"),
        ({"name": "林晓(0096)"}, "0096"),
        ({"name": "0096 林晓"}, "0096"),
        ({"name": "john smith"}, "A7"),
        ({"name": "王伟", "unit": "一车间"}, "B1"),
        ({"name": "王伟", "unit": "制造中心/一车间/甲班"}, "B1"),
        ({"name": "王伟", "unit": "质量部"}, "B2"),
        ({"name": "王伟"}, None),
        ({"name": "赵敏"}, "C2"),
        ({"number": "X1", "name": "林晓"}, None),
    ],
)
def test_a_person_is_found_as_files_write_them(asked: dict[str, str], number: str | None):
    match = CAST.find_person(**asked)
    assert match
    assert (match.person.number if match.person else None) == number


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("一车间", ("制造中心/一车间",)),
        ("制造中心/一车间", ("制造中心/一车间",)),
        ("制造中心\uff0f一车间", ("制造中心/一车间",)),
        ("制造中心 - 一车间", ("制造中心/一车间",)),
        ("恒锐公司/制造中心/一车间", ("制造中心/一车间",)),
        ("甲班", ("制造中心/一车间/甲班", "制造中心/二车间/甲班")),
        ("二车间/甲班", ("制造中心/二车间/甲班",)),
        ("质量部/一车间", ()),
        ("三车间", ()),
    ],
)
def test_a_unit_is_found_by_its_name_or_any_end_of_its_path(text: str, paths: tuple[str, ...]):
    assert CAST.find_units(text) == paths


def test_a_unit_is_shown_by_its_name_unless_others_share_it():
    assert CAST.unit_label("制造中心/一车间") == "一车间"
    assert CAST.unit_label("制造中心/一车间/甲班") == "制造中心/一车间/甲班"


# --- wording ---------------------------------------------------------------------------------------------------------


def raised_codes(*names: str) -> set[str]:
    folder = Path(goals.importing.__file__).parent
    source = "".join((folder / name).read_text(encoding="utf-8") for name in names)
    return set(
        re.findall(r'"([a-z]+(?:_[a-z]+)+)"(?= if | else |,? \{|\))', "".join(re.findall(r"Issue\([^\n]*", source)))
    )


def test_every_reason_a_goal_row_can_have_is_worded():
    found = raised_codes("goal_drafts.py", "goal_values.py", "goal_rows.py", "goal_parents.py") | {"duplicate_goal_no"}
    assert len(found) > 25
    for code in found:
        assert plain_sentence(code).endswith((".", "。")), code


def test_a_sentence_names_the_words_of_the_row():
    row = only(position_row(parent="BM-99-01"))
    assert "BM-99-01" in sentence(row.issues[0])
    assert "%(" not in plain_sentence("parent_not_found")


def test_every_reason_of_the_file_makes_a_sentence():
    for row in judged_file().rows:
        for issue in row.issues:
            assert "%(" not in sentence(issue)


def test_every_flaw_of_a_set_is_worded():
    words = {"owner": "HR0003", "count": "2", "sum": "90", "least": "3", "most": "5"}
    for code in ("weights_not_100", "too_many_goals", "too_few_goals"):
        assert "HR0003" in str(owner_sentence(code)) % words


def test_the_limits_of_an_import_are_the_bounds_of_publishing():
    assert {layer: (one.lower, one.upper) for layer, one in DEFAULT_BOUNDS.items()} == LIMITS


def test_every_column_is_told_by_more_than_one_heading():
    headings: list[FieldSpec] = [spec for spec in GOAL_FIELDS if len(spec.headings) < 4]
    assert headings == []
