"""Judging imported feedback (product.md §1.6, §3.1)."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import feedback.importing
from feedback.importing.feedback_fields import FEEDBACK_FIELDS
from feedback.importing.feedback_rows import REJECTING, FeedbackJudgement, FeedbackRow, judge_feedback
from feedback.importing.kinds import _judged as shown_row
from feedback.importing.known_tags import STANDARD_TAGS, KnownTag, TagIndex
from feedback.importing.wording import SENTENCES, plain_sentence
from feedback.importing.words import nature_of
from goals.importing.owners import KnownPerson, Owners
from perfsys.imports.columns import recognise
from perfsys.imports.reading import BLANK, Cell, Sheet, SourceRow
from tests.feedback.imported_files import FILE, judged, judged_file
from tests.goals.imported_files import SHANGHAI, anything, expected, rows_of, sheets_of, table

SPECS = {spec.name: spec for spec in FEEDBACK_FIELDS}
PEOPLE = Owners(
    [
        KnownPerson("HR0001", "林晓", ("质量部",)),
        KnownPerson("HR0002", "王伟", ("质量部",)),
        KnownPerson("HR0003", "王伟", ("财务部",)),
        KnownPerson("HR0004", "陈静", ("财务部",), active=False),
    ],
    ["质量部", "财务部"],
)
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def judged_here(rows: Iterable[SourceRow]) -> FeedbackJudgement:
    return judge_feedback(rows, people=PEOPLE, tags=STANDARD_TAGS, zone=SHANGHAI, now=NOW)


def record(number: int = 2, sheet: str = "反馈", **cells: object) -> SourceRow:
    """A good feedback of 林晓; cells given replace its own, None takes one away."""
    usual: dict[str, object] = {
        "record_no": f"FB{number:05}",
        "time": "2026-11-10 08:30",
        "giver_no": "HR0001",
        "receiver_no": "HR0002",
        "nature": "改进",
        "tag": "质量意识",
        "text": "A1装配线漏注脂8套,点检表却全部打勾",
        "expected_action": "点检前先称重",
    }
    held = {**usual, **cells}
    return SourceRow(
        sheet,
        number,
        {name: value if isinstance(value, Cell) else Cell(value) for name, value in held.items() if value is not None},
    )


def only(row: SourceRow) -> FeedbackRow:
    (found,) = judged_here([row]).rows
    return found


def codes(row: FeedbackRow) -> list[str]:
    return [issue.code for issue in row.issues]


# --- the data set ---------------------------------------------------------------------------------------------------


def test_every_row_of_the_file_is_judged_as_it_should_be() -> None:
    told = expected("feedback.expected.json")
    found = judged_file().as_json()
    assert found == {name: told[name] for name in ("company", "rows", "valid", "items")}


def test_nothing_else_is_found_in_the_file() -> None:
    found = {code for row in judged_file().rows for code in codes(row)}
    assert found == {code for one in expected("feedback.expected.json")["items"] for code in one["issues"]}


def test_line_breaks_quotes_and_emoji_are_kept() -> None:
    texts = [row.values.text for row in judged_file().rows if row.values]
    for mark in ("\n", '"请按说明书安装"', "👍", "⚠️"):
        assert any(mark in text for text in texts), mark
    (row,) = judged_here([record(text="“全角”,原样;\r\n带着两个徒弟👨‍👩‍👧换好\u202e")]).rows
    assert row.values
    assert row.values.text == "“全角”,原样;\n带着两个徒弟👨‍👩‍👧换好"


# --- other companies' files -----------------------------------------------------------------------------------------

LINES = 400


def some_of_the_file() -> list[tuple[dict[str, Cell], FeedbackRow]]:
    verdicts = {row.number: row for row in judged_file().rows}
    return [(dict(row.cells), verdicts[row.number]) for row in rows_of(sheets_of(FILE), FEEDBACK_FIELDS)][:LINES]


def other_shape(dice: random.Random, rows: list[dict[str, Cell]]) -> list[Sheet]:
    """Other headings, columns in another order, split over two sheets with titles above."""
    sheets = []
    for name, part in (("上半月", rows[: len(rows) // 2]), ("下半月", rows[len(rows) // 2 :])):
        columns = [field for field in SPECS if any(field in cells for cells in part)]
        dice.shuffle(columns)
        headings = [dice.choice(SPECS[field].headings) for field in columns]
        body = [[cells.get(field, BLANK) for field in columns] for cells in part]
        sheets.append(table(name, headings, body, above=dice.randrange(3)))
    return sheets


def said(rows: Iterable[FeedbackRow]) -> list[object]:
    return [(row.action, codes(row), row.values) for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_other_headings_orders_and_sheets_change_nothing(seed: int) -> None:
    lines = some_of_the_file()
    found = judged(rows_of(other_shape(random.Random(seed), [cells for cells, _ in lines]), FEEDBACK_FIELDS))
    assert said(found.rows) == said(row for _, row in lines)


@pytest.mark.parametrize("seed", range(3))
def test_people_by_name_and_records_without_number_change_nothing(seed: int) -> None:
    names = {
        row["normalized"]["employee_no"]: row["normalized"]["name"]
        for row in expected("people.expected.json")["rows"]
        if row["normalized"] and "name" in row["normalized"]
    }
    twins = {name for name, count in Counter(names.values()).items() if count > 1}
    numbers = ("giver_no", "receiver_no")
    lines = [
        (cells, row)
        for cells, row in some_of_the_file()
        if not any(names[str(cells[number].value)] in twins for number in numbers)
    ]
    renamed = [
        {name: cell for name, cell in cells.items() if name not in {"record_no", *numbers}} for cells, _ in lines
    ]
    found = judged(rows_of(other_shape(random.Random(seed), renamed), FEEDBACK_FIELDS))
    assert said(found.rows) == said(row for _, row in lines)
    assert len({row.key for row in found.rows}) == len(lines)


@pytest.mark.parametrize("taken", ["time", "nature", "tag", "record_no"])
def test_a_column_under_a_heading_new_to_us_is_known_by_what_stands_in_it(taken: str) -> None:
    (sheet,) = sheets_of(FILE)
    usual = recognise(sheet, FEEDBACK_FIELDS)
    rows = list(sheet.rows)
    head = [Cell("甲乙") if at == usual.columns[taken].index else cell for at, cell in enumerate(rows[0].cells)]
    other = Sheet(sheet.name, hidden=False, rows=[type(rows[0])(rows[0].number, tuple(head)), *rows[1:]])
    assert recognise(other, FEEDBACK_FIELDS).columns[taken].index == usual.columns[taken].index


def test_a_roster_is_no_feedback() -> None:
    assert not any(recognise(sheet, FEEDBACK_FIELDS).is_data for sheet in sheets_of("people.xlsx"))


# --- single rules ----------------------------------------------------------------------------------------------------


def test_a_good_record_keeps_moment_day_and_words() -> None:
    row = only(record(time="2026-11-09 23:30"))
    assert (row.action, codes(row)) == ("accept", [])
    assert row.values
    assert row.values.at == datetime(2026, 11, 9, 15, 30, tzinfo=UTC)
    assert (row.values.on, row.values.nature, row.values.tag) == (date(2026, 11, 9), "constructive", "质量意识")


@pytest.mark.parametrize(
    ("cells", "code", "action"),
    [
        ({"giver_no": None}, "giver_missing", "reject"),
        ({"giver_no": "HR0404"}, "giver_not_found", "reject"),
        ({"giver_no": None, "giver": "王伟"}, "giver_ambiguous", "reject"),
        ({"receiver_no": None}, "receiver_missing", "reject"),
        ({"receiver_no": "HR0404"}, "receiver_not_found", "reject"),
        ({"receiver_no": None, "receiver": "王伟"}, "receiver_ambiguous", "reject"),
        ({"receiver_no": "HR0001"}, "self_feedback", "reject"),
        ({"receiver": "林晓"}, "name_differs", "accept_with_warning"),
        ({"time": None}, "time_missing", "reject"),
        ({"time": "-"}, "time_missing", "reject"),
        ({"time": "上周三"}, "time_unreadable", "reject"),
        ({"time": "2026-11-31 08:00"}, "time_unreadable", "reject"),
        ({"time": "2026-11-21 08:00"}, "time_in_future", "accept_with_warning"),
        ({"nature": None}, "nature_missing", "reject"),
        ({"nature": "闲聊"}, "nature_unknown", "reject"),
        ({"tag": None}, "missing_tag", "reject"),
        ({"tag": " - "}, "missing_tag", "reject"),
        ({"tag": "质量意识、主动补位"}, "several_tags", "reject"),
        ({"tag": "质量意试"}, "tag_unknown", "reject"),
        ({"text": None}, "missing_fact", "reject"),
        ({"text": "……"}, "missing_fact", "reject"),
        ({"text": "返工60箱" + "长" * 600}, "text_too_long", "reject"),
        ({"text": "返工60箱。问了班长。没人知道。又返了40箱。"}, "many_sentences", "accept_with_warning"),
        ({"text": "表现良好"}, "vague", "accept_with_warning"),
        ({"text": "无"}, "vague", "accept_with_warning"),
        ({"expected_action": None}, "missing_action", "reject"),
        ({"expected_action": "/"}, "missing_action", "reject"),
        ({"expected_action": "一二三四五六七八九十一二三四五六七八九十一"}, "action_too_long", "reject"),
        ({"expected_action": "w" * 121}, "action_too_long", "reject"),
        ({"record_no": "P" * 65}, "record_no_too_long", "reject"),
    ],
)
def test_each_flaw_has_its_reason(cells: dict[str, object], code: str, action: str) -> None:
    row = only(record(**cells))
    assert (codes(row), row.action) == ([code], action)
    assert (row.values is None) == (action == "reject")
    assert row.values is None or row.values.is_vague == (code == "vague")


def test_what_keeps_a_row_out_is_told_before_what_does_not() -> None:
    row = only(record(text="表现良好", time="坏时间"))
    assert codes(row) == ["vague", "time_unreadable"]
    assert [code for code, _words in shown_row(row).reasons] == ["time_unreadable", "vague"]


@pytest.mark.parametrize(
    "tag", ["质量意识", " 质 量意识", "#质量意识#", "Minds Quality", "minds  quality", "质量意识、"]
)
def test_a_tag_is_found_however_it_is_typed(tag: str) -> None:
    row = only(record(tag=tag))
    assert row.values
    assert row.values.tag == "质量意识"


def test_a_tag_with_a_slash_in_its_name_is_one() -> None:
    tags = TagIndex([KnownTag("快/准"), KnownTag("质量意识", "Minds quality")])
    assert tags.parts("快/准") == ["快/准"]
    assert tags.parts("快/准确") == ["快", "准确"]


@pytest.mark.parametrize(
    ("written", "nearest"), [("质量意试", "质量意识"), ("跨部门协作", "跨部门协同"), ("zzzz", None)]
)
def test_an_unknown_tag_is_answered_with_the_nearest(written: str, nearest: str | None) -> None:
    (issue,) = only(record(tag=written)).issues
    assert issue.params.get("nearest") == nearest
    assert (nearest or "。") in plain_sentence(issue.code, issue.params) or nearest is None


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("正向", "positive"),
        ("正向反馈", "positive"),
        ("Praise", "positive"),
        ("待改进", "constructive"),
        ("Constructive feedback", "constructive"),
        ("建设性 反馈", "constructive"),
        ("", None),
        ("反馈", None),
    ],
)
def test_natures_in_the_words_of_other_companies(text: str, nature: str | None) -> None:
    assert nature_of(text) == nature


def test_namesakes_are_told_apart_by_their_department() -> None:
    row = only(record(receiver_no=None, receiver="王伟", receiver_department="财务部"))
    assert row.values
    assert row.values.receiver_no == "HR0003"


def test_who_has_left_keeps_their_past() -> None:
    assert only(record(receiver_no="HR0004")).action == "accept"


def test_a_date_without_its_year_is_the_last_one() -> None:
    days = [only(record(time=text)).values for text in ("11月10日", "12月30日 08:00")]
    assert [values.on for values in days if values] == [date(2026, 11, 10), date(2025, 12, 30)]


def test_the_same_record_twice_counts_once() -> None:
    first, second = judged_here([record(2), record(3, record_no="FB00002")]).rows
    assert (first.action, second.action, codes(second)) == ("accept", "skip", ["duplicate_record"])


def test_the_same_row_number_of_another_sheet_is_a_double_too() -> None:
    first, second = judged_here([record(2, "十月"), record(2, "十一月")]).rows
    assert (first.action, second.action) == ("accept", "skip")


def test_one_number_for_two_contents_is_turned_away() -> None:
    _, second = judged_here([record(2), record(3, record_no="FB00002", text="返工60箱")]).rows
    assert (second.action, codes(second)) == ("reject", ["duplicate_record_no"])


def test_without_numbers_the_content_is_the_key() -> None:
    rows = [record(2, record_no=None), record(3, record_no=None), record(4, record_no=None, text="返工60箱")]
    first, second, third = judged_here(rows).rows
    assert (first.action, second.action, third.action) == ("accept", "skip", "accept")
    assert first.key == second.key != third.key


@given(st.lists(st.dictionaries(st.sampled_from(sorted(SPECS)), anything), max_size=4))
def test_no_content_of_a_cell_stops_the_import(contents: list[dict[str, Cell]]) -> None:
    for row in judged_here([record(number, **cells) for number, cells in enumerate(contents, start=2)]).rows:
        json.dumps(row.as_json(), allow_nan=False).encode()
        assert (row.values is None) == (row.action in {"reject", "skip"})
        assert row.values is None or "\0" not in row.values.text
        assert all(plain_sentence(issue.code, issue.params) for issue in row.issues)


def test_footers_and_blank_rows_are_no_records() -> None:
    rows = [
        SourceRow("反馈", 8, {"record_no": Cell("合计"), "tag": Cell(3000)}),
        SourceRow("反馈", 9, {"time": Cell("制表人:林晓")}),
        SourceRow("反馈", 10, {}),
    ]
    judgement = judged_here(rows)
    assert [(row.number, row.action, [issue.code for issue in row.issues]) for row in judgement.rows] == [
        (8, "skip", ["no_feedback"]),  # for the eye; the one that is blank is nothing
        (9, "skip", ["no_feedback"]),
    ]
    assert judgement.as_json()["rows"] == 0 and judgement.as_json()["items"] == []


def test_every_reason_is_worded() -> None:
    source = (Path(feedback.importing.__file__).parent / "feedback_rows.py").read_text(encoding="utf-8")
    named = set(re.findall(r'Issue\("([a-z_]+)"', source))
    assert len(named) > 10
    assert named | REJECTING <= set(SENTENCES)
    for code in SENTENCES:
        assert plain_sentence(code).endswith((".", "。")), code
