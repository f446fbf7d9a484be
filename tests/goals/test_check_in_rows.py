"""Judging imported check-ins, evidence and comments (product.md §1.6, §2.6)."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import goals.importing
from goals.importing.check_in_fields import CHECK_IN_FIELDS
from goals.importing.check_in_rows import CheckInJudgement, CheckInRow, judge_check_ins
from goals.importing.dates import moment
from goals.importing.known_goals import GoalIndex, KnownGoal
from goals.importing.owners import KnownPerson, Owners
from goals.importing.wording import plain_sentence, sentence
from perfsys.imports.reading import BLANK, Cell, Sheet, SourceRow
from tests.goals.imported_files import (
    END,
    SHANGHAI,
    START,
    anything,
    expected,
    index_of,
    judged_check_ins,
    judged_file,
    known_owners,
    rows_of,
    sheets_of,
    table,
)

FILE = "progress_2026Q4.csv"
SPECS = {spec.name: spec for spec in CHECK_IN_FIELDS}
PEOPLE = Owners(
    [
        KnownPerson("HR0001", "林晓", ("质量部",)),
        KnownPerson("HR0002", "王伟", ("质量部",)),
        KnownPerson("HR0003", "王伟", ("财务部",)),
    ],
    ["质量部", "财务部"],
)
GOALS = GoalIndex(
    [
        KnownGoal("GW-1", "position", "HR0001", "首件检验等待时间缩短到9分钟"),
        KnownGoal("GW-2", "position", "HR0002", "防错装置每班点检率100%"),
        KnownGoal("GW-3", "position", "HR0003", "防错装置每班点检率100%"),
        KnownGoal("BM-1", "dept", "质量部", "部门目标之一"),
    ]
)
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def judged(rows: Iterable[SourceRow], *, zone: ZoneInfo = SHANGHAI, now: datetime | None = NOW) -> CheckInJudgement:
    return judge_check_ins(rows, goals=GOALS, people=PEOPLE, zone=zone, period_start=START, period_end=END, now=now)


def record(number: int = 2, sheet: str = "打卡", **cells: object) -> SourceRow:
    """A good check-in of 林晓; cells given replace its own, None takes one away."""
    usual: dict[str, object] = {
        "record_no": f"P{number:06}",
        "goal_no": "GW-1",
        "employee_no": "HR0001",
        "time": "2026-11-10 08:30:00",
        "kind": "进度更新",
        "percent": 45,
        "note": "按计划推进",
    }
    held = {**usual, **cells}
    return SourceRow(
        sheet,
        number,
        {name: value if isinstance(value, Cell) else Cell(value) for name, value in held.items() if value is not None},
    )


def only(row: SourceRow, **given: object) -> CheckInRow:
    (found,) = judged([row], **given).rows
    return found


def codes(row: CheckInRow) -> list[str]:
    return [issue.code for issue in row.issues]


# --- the data set ---------------------------------------------------------------------------------------------------


def test_the_file_goes_in_but_for_the_line_sent_twice_and_what_belongs_to_rejected_goals():
    rows = judged_check_ins().rows
    assert Counter(row.action for row in rows) == {"accept": 10062, "reject": 139, "skip": 1}
    assert {tuple(codes(row)) for row in rows} == {(), ("goal_not_found",), ("duplicate_record",)}


def test_the_records_turned_away_are_those_of_goals_that_were_turned_away():
    missing = {
        issue.params["goal"] for row in judged_check_ins().rows for issue in row.issues if row.action == "reject"
    }
    told = expected("goals.expected.json")["rows"]
    accepted = {row["goal_no"] for row in told if row["action"] != "reject"}
    assert missing
    assert missing <= {row["goal_no"] for row in told} - accepted


def test_the_line_sent_twice_is_the_second_of_its_number():
    twice = [row for row in judged_check_ins().rows if row.record_no == "P000101"]
    assert [row.action for row in twice] == ["accept", "skip"]


def test_the_same_file_again_gives_the_same_keys():
    again = judge_check_ins(
        rows_of(sheets_of(FILE), CHECK_IN_FIELDS),
        goals=index_of(judged_file()),
        people=known_owners(),
        zone=SHANGHAI,
        period_start=START,
        period_end=END,
    )
    assert again == judged_check_ins()


# --- other companies' files -----------------------------------------------------------------------------------------


def some_of_the_file() -> list[tuple[dict[str, Cell], CheckInRow]]:
    verdicts = {row.number: row for row in judged_check_ins().rows}
    return [(dict(row.cells), verdicts[row.number]) for row in rows_of(sheets_of(FILE), CHECK_IN_FIELDS)][:600]


def other_shape(dice: random.Random, rows: list[dict[str, Cell]]) -> list[Sheet]:
    """Other headings, columns in another order, split over two sheets with titles above."""
    sheets = []
    half = len(rows) // 2
    for name, part in (("十月", rows[:half]), ("十一月", rows[half:])):
        columns = [field for field in SPECS if any(field in cells for cells in part)]
        dice.shuffle(columns)
        headings = [dice.choice(SPECS[field].headings) for field in columns]
        body = [[cells.get(field, BLANK) for field in columns] for cells in part]
        sheets.append(table(name, headings, body, above=dice.randrange(3)))
    return sheets


def rejudged(sheets: list[Sheet]) -> list[CheckInRow]:
    found = judge_check_ins(
        rows_of(sheets, CHECK_IN_FIELDS),
        goals=index_of(judged_file()),
        people=known_owners(),
        zone=SHANGHAI,
        period_start=START,
        period_end=END,
    )
    return list(found.rows)


def said(rows: Iterable[CheckInRow]) -> list[object]:
    return [(row.action, codes(row), row.values) for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_other_headings_orders_and_sheets_change_nothing(seed: int):
    lines = some_of_the_file()
    found = rejudged(other_shape(random.Random(seed), [cells for cells, _ in lines]))
    assert said(found) == said(row for _, row in lines)


@pytest.mark.parametrize("seed", range(3))
def test_goals_by_title_people_by_name_and_records_without_number_change_nothing(seed: int):
    owners = expected("people.expected.json")["rows"]
    names = {
        row["normalized"]["employee_no"]: row["normalized"]["name"]
        for row in owners
        if row["normalized"] and "name" in row["normalized"]
    }
    twins = {name for name, count in Counter(names.values()).items() if count > 1}
    titles = {row.key: row.values.title for row in judged_file().rows if row.values}
    lines = [
        (cells, row)
        for cells, row in some_of_the_file()
        if row.action != "reject" and names[str(cells["employee_no"].value)] not in twins
    ]
    renamed = [
        {
            **{name: cell for name, cell in cells.items() if name not in {"record_no", "goal_no", "employee_no"}},
            "goal_title": Cell(titles[str(cells["goal_no"].value)]),
            "name": Cell(names[str(cells["employee_no"].value)]),
        }
        for cells, _ in lines
    ]
    found = rejudged(other_shape(random.Random(seed), renamed))
    assert said(found) == said(row for _, row in lines)


# --- single rules ----------------------------------------------------------------------------------------------------


def test_a_good_record_keeps_moment_day_and_raw_percent():
    row = only(record(time="2026-11-10 23:30", percent=130))
    assert (row.action, codes(row)) == ("accept", [])
    assert row.values
    assert row.values.at == datetime(2026, 11, 10, 15, 30, tzinfo=UTC)
    assert (row.values.on, row.values.percent, row.values.kind) == (date(2026, 11, 10), 130, "check_in")


@pytest.mark.parametrize(
    ("cells", "code", "action"),
    [
        ({"goal_no": None}, "goal_missing", "reject"),
        ({"goal_no": "GW-404"}, "goal_not_found", "reject"),
        ({"goal_no": "防错装置每班点检率100%"}, "goal_ambiguous", "reject"),
        ({"employee_no": "HR0404"}, "person_not_found", "reject"),
        ({"employee_no": None, "name": "王伟"}, "person_ambiguous", "reject"),
        ({"employee_no": None, "goal_no": "BM-1"}, "person_missing", "reject"),
        ({"time": None}, "time_missing", "reject"),
        ({"time": "上周三"}, "time_unreadable", "reject"),
        ({"time": "2026-11-31 08:00"}, "time_unreadable", "reject"),
        ({"time": "2026-11-21 08:00"}, "time_in_future", "accept_with_warning"),
        ({"kind": "闲聊"}, "kind_unknown", "reject"),
        ({"percent": "一半多"}, "percent_unreadable", "reject"),
        ({"percent": -5}, "percent_unreadable", "reject"),
        ({"percent": 1001}, "percent_unreadable", "reject"),
        ({"percent": Cell(900, percent=True)}, "percent_unreadable", "reject"),  # 90,000 %
        ({"percent": None, "note": None}, "nothing_said", "reject"),
        ({"kind": "证据提交", "note": None}, "evidence_empty", "reject"),
        ({"kind": "评论", "note": None}, "comment_empty", "reject"),
        ({"note": "长" * 2001}, "note_cut", "accept_with_warning"),
        ({"record_no": "P" * 65}, "record_no_too_long", "reject"),
    ],
)
def test_each_flaw_has_its_reason(cells: dict[str, object], code: str, action: str):
    row = only(record(**cells))
    assert (codes(row), row.action) == ([code], action)
    assert (row.values is None) == (action == "reject")


def test_a_shared_title_means_the_persons_own_goal():
    row = only(record(goal_no=None, goal_title="防错装置每班点检率100%", employee_no="HR0003"))
    assert row.values
    assert row.values.goal == "GW-3"


def test_a_row_that_names_nobody_is_the_goal_owners_own():
    row = only(record(employee_no=None, goal_no="GW-2"))
    assert row.values
    assert row.values.employee_no == "HR0002"


def test_somebody_else_may_write_on_a_goal():
    row = only(record(employee_no="HR0002", kind="评论"))
    assert row.values
    assert (row.values.goal, row.values.employee_no) == ("GW-1", "HR0002")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"kind": None}, "check_in"),
        ({"kind": None, "percent": None, "evidence_no": "RPT-1"}, "evidence"),
        ({"kind": None, "percent": None}, "comment"),
        ({"kind": "Evidence"}, "evidence"),
        ({"kind": "留言"}, "comment"),
        ({"kind": "check-in"}, "check_in"),
    ],
)
def test_the_kind_is_read_or_told_by_what_the_row_holds(cells: dict[str, object], kind: str):
    row = only(record(**cells))
    assert row.values
    assert row.values.kind == kind


@pytest.mark.parametrize("percent", [45, "45", "45%", "\uff14\uff15\uff05", Cell(0.45, percent=True)])
def test_a_percentage_reads_alike_however_it_is_typed(percent: object):
    rows = judged([record(percent=percent), record(3, percent=80)]).rows
    assert rows[0].values
    assert rows[0].values.percent == 45


def test_a_sheet_of_fractions_is_read_as_percentages():
    rows = judged([record(percent=0.45), record(3, percent=1)]).rows
    assert [row.values.percent for row in rows if row.values] == [Decimal(45), Decimal(100)]


def test_the_same_record_twice_counts_once():
    first, second = judged([record(2), record(3, record_no="P000002")]).rows
    assert (first.action, second.action, codes(second)) == ("accept", "skip", ["duplicate_record"])
    assert second.issues[0].params["row"] == "2"


def test_the_same_row_number_of_another_sheet_is_a_double_too():
    first, second = judged([record(2, "十月"), record(2, "十一月")]).rows
    assert (first.action, second.action) == ("accept", "skip")


def test_one_number_for_two_contents_is_turned_away():
    _, second = judged([record(2), record(3, record_no="P000002", percent=60)]).rows
    assert (second.action, codes(second)) == ("reject", ["duplicate_record_no"])


def test_without_numbers_the_content_is_the_key():
    first, second, third = judged(
        [record(2, record_no=None), record(3, record_no=None), record(4, record_no=None, percent=46)]
    ).rows
    assert (first.action, second.action, third.action) == ("accept", "skip", "accept")
    assert first.key == second.key != third.key
    assert first.key.startswith("auto-")


@given(st.lists(st.dictionaries(st.sampled_from(sorted(SPECS)), anything), max_size=4))
def test_no_content_of_a_cell_stops_the_import(contents: list[dict[str, Cell]]):
    for row in judged([record(number, **cells) for number, cells in enumerate(contents, start=2)]).rows:
        json.dumps(row.as_json(), allow_nan=False)
        assert (row.values is None) == (row.action in {"reject", "skip"})
        assert all(sentence(issue, kind="check_ins") for issue in row.issues)


def test_footers_and_blank_rows_are_no_records():
    rows = [
        SourceRow("打卡", 8, {"record_no": Cell("合计"), "percent": Cell(3000)}),
        SourceRow("打卡", 9, {"goal_no": Cell("制表人:林晓")}),
        SourceRow("打卡", 10, {}),
    ]
    assert judged(rows).rows == ()


# --- readings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-06 00:05:00",
        "2026-11-05T16:05:00Z",
        "2026-11-05 16:05:00Z",
        "2026-11-06T00:05:00+08:00",
        "2026-11-05T11:05:00-0500",
        "2026/11/6 0:05",
        "2026年11月6日 0时5分",
        "2026年11月6日 上午12:05",
        "11月6日 00:05",
        "20261106000500",
        "2026-11-06 12:05 AM",
        datetime(2026, 11, 5, 16, 5, tzinfo=UTC),
    ],
)
def test_a_moment_is_read_in_every_style(text: str | datetime):
    found = moment(Cell(text), zone=SHANGHAI, start=START, end=END)
    assert found == datetime(2026, 11, 5, 16, 5, tzinfo=UTC)
    assert found.astimezone(SHANGHAI).date() == date(2026, 11, 6)


@pytest.mark.parametrize("text", ["2026-11-06", "2026/11/6", 46332, date(2026, 11, 6)])
def test_a_day_without_a_time_stays_that_day(text: str | int | date):
    found = moment(Cell(text), zone=SHANGHAI, start=START, end=END)
    assert found
    assert found.astimezone(SHANGHAI).date() == date(2026, 11, 6)


def test_excels_day_counts_carry_the_time():
    assert moment(Cell(46332.75), zone=SHANGHAI, start=START, end=END) == datetime(2026, 11, 6, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["25:00", "2026-11-06 25:00", "0001-01-01 00:00", "9999-12-31 23:59", "晚点", "1" * 5000]
)
def test_what_is_no_moment_is_left_alone(text: str):
    assert moment(Cell(text), zone=SHANGHAI, start=START, end=END) is None


def test_every_reason_is_worded():
    source = (Path(goals.importing.__file__).parent / "check_in_rows.py").read_text(encoding="utf-8")
    found = set(
        re.findall(
            r'"((?:goal|person|time|kind|percent|nothing|evidence|comment|record|duplicate|note)_[a-z_]+)"', source
        )
    )
    found -= {"goal_no", "goal_title", "evidence_no", "record_no", "percent_value"}
    assert len(found) > 15
    for code in found:
        assert plain_sentence(code, kind="check_ins").endswith((".", "。")), code


def test_a_sentence_names_the_words_of_the_row():
    assert "GW-404" in sentence(only(record(goal_no="GW-404")).issues[0], kind="check_ins")
