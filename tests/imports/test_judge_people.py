"""Which rows of a roster are people, and whom they report to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsys.imports.columns import recognise, source_rows
from perfsys.imports.people_fields import PEOPLE_FIELDS
from perfsys.imports.people_links import members_of_cycles, next_active
from perfsys.imports.people_rows import (
    OTHER_REASONS,
    REJECTIONS,
    WARNINGS,
    KnownEmployee,
    PeopleJudgement,
    PersonRow,
    judge_people,
)
from perfsys.imports.reading import Cell, CellValue, SourceRow, opened
from tests.imports.rosters import DATA, expected, judge_file

PERSON: dict[str, CellValue] = {
    "employee_no": "A1",
    "name": "张伟",
    "department": "制造中心/一车间",
    "position": "磨工",
    "level": "T3",
    "manager": "/",
    "hire_date": "2020-05-01",
    "email": "a@b.example",
    "mobile": "13800000001",
    "status": "在职",
    "remark": None,
}
NAMES = ["张伟", "李娜", "王芳", "刘洋", "陈静", "杨光", "赵敏"]


def row(number: int, *, sheet: str = "s", without: tuple[str, ...] = (), **values: CellValue) -> SourceRow:
    """The `number`th person of a small company (A1 is its head), but for `values`."""
    usual = {
        **PERSON,
        "employee_no": f"A{number}",
        "name": NAMES[number - 1],
        "email": f"a{number}@b.example",
        "mobile": f"1380000000{number}",
        "manager": "/" if number == 1 else "A1",
    }
    cells = {name: Cell(value) for name, value in {**usual, **values}.items() if name not in without}
    return SourceRow(sheet, number, cells)


def judged(*rows: SourceRow, **how: Any) -> list[PersonRow]:
    return judge_people(rows, **how).rows


def last(*rows: SourceRow, **how: Any) -> PersonRow:
    return judged(*rows, **how)[-1]


def test_every_row_of_the_example_company_is_judged_as_expected() -> None:
    told, meant = judge_file(DATA / "people.xlsx").as_json(company=expected()["company"]), expected()
    assert told.keys() == meant.keys()
    assert [(one, other) for one, other in zip(told["rows"], meant["rows"], strict=True) if one != other] == []
    for key in meant:
        assert told[key] == meant[key], key


def test_every_reason_given_is_a_known_code() -> None:
    codes = {*REJECTIONS, *WARNINGS, *OTHER_REASONS}
    assert len(codes) == len(REJECTIONS) + len(WARNINGS) + len(OTHER_REASONS)
    assert {reason for one in expected()["rows"] for reason in one["reasons"]} <= codes


@pytest.mark.parametrize(
    ("values", "normalized"),
    [
        ({"employee_no": "ａ ２"}, {"employee_no": "A2"}),
        ({"employee_no": 10023.0}, {"employee_no": "10023"}),
        ({"name": "李\u3000娜"}, {"name": "李娜"}),
        ({"name": "John  Smith"}, {"name": "John Smith"}),
        ({"department": " 制造中心 ／ 一车间-磨工班"}, {"departments": ["制造中心/一车间/磨工班"]}),
        ({"email": "Li.Na＠B.example "}, {"email": "li.na@b.example"}),
        ({"mobile": "+86 138-0000-0002"}, {"mobile": "13800000002"}),
        ({"mobile": 13800000002}, {"mobile": "13800000002"}),
        ({"hire_date": datetime(2020, 5, 1)}, {"hire_date": "2020-05-01"}),  # noqa: DTZ001
        ({"hire_date": None}, {"hire_date": None}),
        ({"email": "无", "mobile": "-"}, {"email": None, "mobile": None}),
        ({"status": "试用期"}, {"status": "probation"}),
        ({"status": "产 假"}, {"status": "leave"}),
        ({"status": "On Leave"}, {"status": "leave"}),
        ({"status": "离职(2026-08)"}, {"status": "left"}),
        ({"level": " t3"}, {"level": "T3"}),
        ({"position": None, "level": None}, {"position": None, "level": None}),
    ],
)
def test_values_are_normalised_without_a_word(values: dict[str, CellValue], normalized: dict[str, Any]) -> None:
    person = last(row(1), row(2, **values))
    assert person.reasons == []
    assert person.normalized is not None
    assert {name: person.normalized[name] for name in normalized} == normalized


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"hire_date": "2017年9月"}, "invalid_hire_date", "hire_date"),
        ({"hire_date": 5}, "invalid_hire_date", "hire_date"),
        ({"email": "li.na.example"}, "invalid_email", "email"),
        ({"mobile": "1390000139"}, "invalid_mobile", "mobile"),
        ({"mobile": "12800000001"}, "invalid_mobile", "mobile"),
        ({"mobile": "1.38E+10"}, "invalid_mobile", "mobile"),
        ({"email": "a1@b.example"}, "email_taken", "email"),
        ({"mobile": "13800000001"}, "mobile_taken", "mobile"),
        ({"manager": None}, "manager_missing", "manager_no"),
        ({"manager": "无"}, "manager_missing", "manager_no"),
        ({"manager": "老周"}, "manager_not_found", "manager_no"),
    ],
)
def test_what_cannot_be_read_is_left_blank_and_the_row_accepted(
    values: dict[str, CellValue], reason: str, field: str
) -> None:
    person = last(row(1), row(2, **values))
    assert (person.action, person.reasons) == ("accept_with_warning", [reason])
    assert person.normalized is not None and person.normalized[field] is None


def test_a_status_nobody_has_used_yet_counts_as_active() -> None:
    person = last(row(1), row(2, status="挂职"))
    assert person.reasons == ["unknown_status"]
    assert person.normalized is not None and person.normalized["status"] == "active"


def test_rows_without_number_or_name_wait_for_hr() -> None:
    assert last(row(1), row(2, employee_no=None)).reasons == ["missing_employee_no"]
    assert last(row(1), row(2, name=" ")).reasons == ["missing_name"]
    assert last(row(1), row(2, name=None)).normalized is None
    nameless = judge_people([row(1), row(2, name=None, employee_no=None)])
    assert nameless.rows[1].reasons == ["missing_employee_no", "missing_name"]
    assert nameless.summary["rejected"] == 1


def test_of_two_names_under_one_number_the_first_wins() -> None:
    rows = judged(row(1), row(2), row(3, employee_no="a2"))
    assert [one.action for one in rows] == ["accept", "accept", "reject"]
    assert rows[2].reasons == ["duplicate_employee_no"]


def test_the_same_post_twice_is_skipped_once() -> None:
    rows = judged(row(1), row(2), row(2, position="车工"))
    assert (rows[2].action, rows[2].reasons) == ("skip", ["duplicate_row"])


def concurrent_rows() -> tuple[SourceRow, SourceRow]:
    return row(2), row(2, department="质量部", position="检验员(兼)")


@pytest.mark.parametrize("primary_first", [True, False])
def test_a_further_post_is_merged_and_never_the_primary_one(primary_first: bool) -> None:
    primary, further = concurrent_rows()
    rows = judged(row(1), *((primary, further) if primary_first else (further, primary)))
    person, post = (rows[1], rows[2]) if primary_first else (rows[2], rows[1])
    assert (post.action, post.reasons) == ("merge", ["secondary_department"])
    assert post.normalized == {"employee_no": "A2", "department": "质量部", "position": "检验员(兼)"}
    assert person.action == "accept"
    assert person.normalized is not None
    assert person.normalized["departments"] == ["制造中心/一车间", "质量部"]
    assert person.normalized["position"] == "磨工"


def test_three_posts_are_one_person() -> None:
    primary, further = concurrent_rows()
    judgement = judge_people([row(1), further, row(2, department="安环部", remark="兼任"), primary, primary])
    assert [one.action for one in judgement.rows] == ["accept", "merge", "merge", "accept", "skip"]
    assert judgement.rows[3].normalized is not None
    assert judgement.rows[3].normalized["departments"] == ["制造中心/一车间", "质量部", "安环部"]
    assert judgement.summary["merged"] == 2


@pytest.mark.parametrize(
    "manager",
    [
        "A1",
        "a1",
        "张伟",
        " 张 伟 ",
        "张伟(A1)",
        "张伟（Ａ１）",
        "A1 张伟",
        "A1-张伟",
        "张伟/A1",
        "张伟 A1",
        "张伟(总经办)",
        "【A1】张伟",
    ],
)
def test_a_manager_is_named_by_name_or_number_or_both(manager: str) -> None:
    person = last(row(1), row(2, manager=manager))
    assert person.reasons == []
    assert person.normalized is not None and person.normalized["manager_no"] == "A1"


@pytest.mark.parametrize(
    ("name", "number", "found", "reasons"),
    [
        ("张伟", "A1", "A1", []),
        (None, "A1", "A1", []),
        ("张伟", None, "A1", []),
        ("王芳", "A1", "A1", ["manager_mismatch"]),
        ("张伟", "A9", "A1", ["manager_mismatch"]),
        ("老周", "A9", None, ["manager_not_found"]),
        (None, None, None, ["manager_missing"]),
    ],
)
def test_name_and_number_of_the_manager_may_stand_in_two_columns(
    name: str | None, number: str | None, found: str | None, reasons: list[str]
) -> None:
    person = last(row(1), row(3), row(2, manager=name, manager_no=number))
    assert person.reasons == reasons
    assert person.normalized is not None and person.normalized["manager_no"] == found


def test_number_and_name_of_two_people_follow_the_number_and_say_so() -> None:
    person = last(row(1), row(2), row(3, manager="李娜(A1)"))
    assert person.reasons == ["manager_mismatch"]
    assert person.normalized is not None and person.normalized["manager_no"] == "A1"


def namesakes(one: str, other: str, **values: CellValue) -> list[SourceRow]:
    return [row(1), row(2, name="卢建东", department=one), row(3, name="卢建东", department=other, **values)]


def test_of_namesakes_the_one_above_the_row_is_meant() -> None:
    person = last(*namesakes("制造中心", "质量部"), row(4, manager="卢建东"))
    assert person.normalized is not None and person.normalized["manager_no"] == "A2"


@pytest.mark.parametrize("other", ["制造中心/一车间", "制造中心"])
def test_two_namesakes_above_the_row_are_for_a_person_to_tell_apart(other: str) -> None:
    person = last(*namesakes("制造中心/一车间", other), row(4, manager="卢建东"))
    assert person.reasons == ["manager_ambiguous"]
    assert person.normalized is not None and person.normalized["manager_no"] is None


def test_two_namesakes_neither_above_the_row_are_ambiguous_too() -> None:
    assert last(*namesakes("质量部", "采购部"), row(4, manager="卢建东")).reasons == ["manager_ambiguous"]


def test_an_active_namesake_goes_before_a_departed_one() -> None:
    person = last(*namesakes("质量部", "制造中心", status="离职"), row(4, manager="卢建东"))
    assert person.reasons == []
    assert person.normalized is not None and person.normalized["manager_no"] == "A2"


def test_somebody_under_a_namesake_is_not_his_own_manager() -> None:
    judgement = judge_people([row(1), row(2, name="卢建东"), row(3, name="卢建东", manager="卢建东")])
    assert judgement.rows[2].normalized is not None
    assert judgement.rows[2].normalized["manager_no"] == "A2"


def test_a_digit_behind_a_name_may_be_part_of_it() -> None:
    person = last(row(1), row(2, name="李娜2"), row(3, manager="李娜2"))
    assert person.reasons == []
    assert person.normalized is not None and person.normalized["manager_no"] == "A2"


def test_a_departed_manager_stays_named_and_the_next_active_one_counts() -> None:
    judgement = judge_people(
        [row(1), row(2, status="离职"), row(3, manager="A2", status="已离职"), row(4, manager="A3")]
    )
    person = judgement.rows[3]
    assert person.reasons == ["manager_departed"]
    assert person.normalized is not None
    assert (person.normalized["manager_no"], person.normalized["effective_manager_no"]) == ("A3", "A1")
    assert judgement.org_tree == {"A1": ["A4"]}
    assert judgement.summary | {} == {
        "accepted": 4, "active": 2, "left": 2, "with_warning": 2, "merged": 0, "rejected": 0, "skipped": 0,
    }  # fmt: skip


def test_everybody_in_a_loop_loses_the_manager_and_keeps_who_it_was() -> None:
    judgement = judge_people(
        [row(1), row(2, manager="A3"), row(3, manager="A4"), row(4, manager="A2"), row(5, manager="A2")]
    )
    for number, raw in ((1, "A3"), (2, "A4"), (3, "A2")):
        person = judgement.rows[number]
        assert person.reasons == ["manager_cycle"]
        assert person.normalized is not None
        assert (person.normalized["manager_no"], person.normalized["raw_manager_no"]) == (None, raw)
    assert judgement.rows[4].reasons == []
    assert judgement.detached == ["A2", "A3", "A4"]


def test_the_head_of_the_company_is_marked_with_a_slash() -> None:
    judgement = judge_people([row(1, manager="／"), row(2)])
    assert judgement.root == "A1"
    assert judgement.rows[0].normalized is not None and judgement.rows[0].normalized["is_root"] is True
    assert judgement.detached == []


def test_of_two_heads_the_one_people_report_to_is_it() -> None:
    judgement = judge_people([row(2, manager="/"), row(1), row(3)])
    assert judgement.root == "A1"
    assert judgement.rows[0].reasons == ["manager_missing"]
    assert judgement.detached == ["A2"]


def test_somebody_who_manages_himself_is_the_head_where_nobody_else_is() -> None:
    judgement = judge_people([row(1, manager="张伟"), row(2)])
    assert (judgement.root, judgement.rows[0].reasons) == ("A1", [])
    loop = judge_people([row(1), row(2, manager="李娜")])
    assert (loop.root, loop.rows[1].reasons) == ("A1", ["manager_cycle"])


def test_a_sole_top_without_a_mark_is_taken_for_the_head_and_said_so() -> None:
    judgement = judge_people([row(1, manager=None), row(2), row(3, manager=None)])
    assert judgement.root == "A1"
    assert judgement.rows[0].reasons == ["root_assumed"]
    assert judgement.rows[2].reasons == ["manager_missing"]
    two_tops = judge_people([row(1, manager=None), row(2), row(3, manager=None), row(4, manager="A3")])
    assert two_tops.root is None
    assert two_tops.detached == ["A1", "A3"]


def hrbp_of(person: PersonRow) -> Any:
    assert person.normalized is not None
    return person.normalized["hrbp_no"]


@pytest.mark.parametrize(
    ("hrbp", "found", "reasons"),
    [
        ("李娜", "A2", []),
        ("李娜 A2", "A2", []),
        ("人事小周", None, ["hrbp_not_found"]),
        (None, None, ["hrbp_missing"]),
        ("王芳", None, ["hrbp_departed"]),
    ],
)
def test_the_hrbp_is_found_like_a_manager(hrbp: str | None, found: str | None, reasons: list[str]) -> None:
    person = last(row(1, hrbp="A2"), row(2, hrbp="A2"), row(3, hrbp="A2", status="离职"), row(4, hrbp=hrbp))
    assert (hrbp_of(person), person.reasons) == (found, reasons)


def test_columns_a_company_does_not_keep_are_not_missed() -> None:
    absent = ("manager", "email", "mobile", "hire_date", "level", "remark", "status", "position")
    rows = judged(row(1, without=absent), row(2, without=absent))
    assert [one.action for one in rows] == ["accept", "accept"]
    assert {*absent, "hrbp", "leave_date", "unit_1"} <= rows[0].absent
    assert {spec.name for spec in PEOPLE_FIELDS} - rows[0].absent == {"employee_no", "name", "department"}


def test_departments_in_several_columns_are_one_path() -> None:
    person = last(
        row(1),
        row(2, department="一车间", unit_1="制造中心", unit_4="磨工班"),
        row(3, unit_1="制造中心", unit_3="一车间"),
    )
    judgement = judge_people(
        [
            row(1),
            row(2, unit_1="制造中心", department="一车间", unit_4="磨工班"),
            row(3, unit_1="制造中心", department="制造中心/一车间", unit_3="一车间"),
            row(4, unit_1="质量部", department=None),
        ]
    )
    assert person.normalized is not None
    assert [one.normalized["departments"] for one in judgement.rows if one.normalized] == [
        ["制造中心/一车间"],
        ["制造中心/一车间/磨工班"],
        ["制造中心/一车间"],
        ["质量部"],
    ]


def test_the_sheet_is_the_department_where_no_column_is() -> None:
    rows = judged(
        row(1, sheet="总经办", without=("department",)),
        row(2, sheet="制造中心-一车间", without=("department",)),
        row(3, sheet="Sheet3", without=("department",)),
        row(4, sheet="SMT", without=("department",)),
    )
    assert [one.normalized["departments"] for one in rows if one.normalized] == [
        ["总经办"], ["制造中心/一车间"], [], ["SMT"],
    ]  # fmt: skip
    assert rows[2].reasons == ["department_missing"]


def test_a_row_without_a_department_says_so() -> None:
    person = last(row(1), row(2, department=None))
    assert person.reasons == ["department_missing"]
    assert person.normalized is not None and person.normalized["departments"] == []


@pytest.mark.parametrize(
    ("values", "as_of", "status"),
    [
        ({"status": None, "leave_date": "2026-11-01"}, date(2026, 11, 20), "left"),
        ({"status": None, "leave_date": "2026-12-31"}, date(2026, 11, 20), "active"),
        ({"status": None, "leave_date": "2026-12-31"}, None, "left"),
        ({"status": "在职", "leave_date": "2026-11-01"}, date(2026, 11, 20), "active"),
        ({"status": None, "leave_date": None}, None, "active"),
    ],
)
def test_a_leave_date_in_the_past_means_left(values: dict[str, CellValue], as_of: date | None, status: str) -> None:
    person = last(row(1), row(2, **values), as_of=as_of)
    assert person.normalized is not None and person.normalized["status"] == status
    assert person.normalized["leave_date"] == values["leave_date"]


def test_a_sheet_of_leavers_without_a_status_is_of_leavers() -> None:
    person = last(row(1), row(2, sheet="2026离职人员", without=("status",)))
    assert person.normalized is not None and person.normalized["status"] == "left"


def note(number: int, text: str, *, field: str | None = None) -> SourceRow:
    cells = {name: Cell(None) for name in PERSON}
    if field:
        return SourceRow("s", number, {**cells, field: Cell(text)})
    return SourceRow("s", number, cells, (Cell(text),))


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        (note(2, "总经办小计:4人", field="employee_no"), "subtotal_row"),
        (note(2, "合计", field="name"), "subtotal_row"),
        (note(2, "合计 527 人"), "subtotal_row"),
        (note(2, "Total: 12"), "subtotal_row"),
        (note(2, "制表:        审核:        批准:"), "footer_note"),
        (note(2, "注:标黄为近三个月入职", field="employee_no"), "footer_note"),
        (note(2, "第 1 页,共 12 页"), "footer_note"),
        (note(2, "以上人员信息截至2026年11月", field="name"), "footer_note"),
    ],
)
def test_rows_between_the_people_are_skipped(between: SourceRow, reason: str) -> None:
    rows = judged(row(1), between, row(2))
    assert [(one.action, one.reasons) for one in rows] == [("accept", []), ("skip", [reason]), ("accept", [])]


@pytest.mark.parametrize(
    "blank",
    [
        note(2, " "),
        SourceRow("s", 2, {"name": Cell(None)}, (Cell("=ROW()-4", formula=True),)),
        SourceRow("s", 2, {"name": Cell(" ")}, (Cell(12),)),
        SourceRow("s", 2, {"department": Cell("质量部", merged=True)}),
    ],
)
def test_blank_rows_are_not_spoken_of(blank: SourceRow) -> None:
    assert [one.number for one in judged(row(1), blank, row(3))] == [1, 3]


@pytest.mark.parametrize("remark", ["合计", "注:标黄", "小计口径以财务为准", "审核:李"])
def test_a_person_with_a_strange_remark_is_still_a_person(remark: str) -> None:
    assert last(row(1), row(2, remark=remark)).action == "accept"


KNOWN = {
    "A1": KnownEmployee("A1", "张伟", ("总经办",)),
    "B1": KnownEmployee("B1", "周涛", ("制造中心",), manager_no="A1"),
    "B2": KnownEmployee("B2", "周涛", ("质量部",), manager_no="A1"),
    "B3": KnownEmployee("B3", "吴昊", ("制造中心",), active=False, manager_no="B1"),
}


@pytest.mark.parametrize(
    ("manager", "found", "effective", "reasons"),
    [
        ("张伟", "A1", None, []),
        ("B2", "B2", None, []),
        ("周涛", "B1", None, []),
        ("吴昊", "B3", "B1", ["manager_departed"]),
        ("老周", None, None, ["manager_not_found"]),
    ],
)
def test_a_partial_file_names_managers_the_company_knows(
    manager: str, found: str | None, effective: str | None, reasons: list[str]
) -> None:
    judgement = judge_people([row(2, manager=manager, hrbp="周涛 B2")], known=KNOWN)
    (person,) = judgement.rows
    assert person.reasons == reasons
    assert person.normalized is not None
    assert person.normalized["manager_no"] == found
    assert person.normalized.get("effective_manager_no") == effective
    assert hrbp_of(person) == "B2"
    assert judgement.root is None


def test_a_partial_file_closes_no_loop_through_people_it_does_not_list() -> None:
    known = {"B1": KnownEmployee("B1", "周涛", manager_no="A2")}
    (person,) = judge_people([row(2, manager="B1")], known=known).rows
    assert person.reasons == ["manager_cycle"]


def test_the_same_file_judged_against_what_it_made_says_the_same() -> None:
    first = judge_file(DATA / "people.xlsx")
    people = [one.normalized for one in first.rows if one.normalized and "name" in one.normalized]
    known = {
        str(person["employee_no"]): KnownEmployee(
            str(person["employee_no"]),
            str(person["name"]),
            tuple(person["departments"]),
            person["status"] != "left",
            person["manager_no"],
            person["email"],
            person["mobile"],
        )
        for person in people
    }
    again = judge_again(known)
    assert again.as_json(company="") == {**first.as_json(company=""), "ignored_sheets": []}


def judge_again(known: dict[str, KnownEmployee]) -> PeopleJudgement:
    with opened(DATA / "people.xlsx") as book:
        sheet = book.sheets[0]
        return judge_people(source_rows(sheet, recognise(sheet, PEOPLE_FIELDS)), known=known)


def unnumbered(number: int, **values: CellValue) -> SourceRow:
    return row(number, without=("employee_no",), **values)


def test_without_numbers_namesakes_are_told_apart_by_what_they_can_be_reached_by() -> None:
    rows = judged(
        unnumbered(1),
        unnumbered(2, manager="张伟"),
        unnumbered(3, name="李娜", manager="张伟"),
        unnumbered(4, name="李娜", manager="张伟", department="质量部"),
        unnumbered(2, manager="张伟"),
        unnumbered(5, name="李娜", mobile=None, email=None, manager="张伟", position="车工"),
    )
    assert [one.normalized["key"] if one.normalized else one.reasons for one in rows] == [
        "张伟@制造中心/一车间",
        "李娜@制造中心/一车间#13800000002",
        "李娜@制造中心/一车间#13800000003",
        "李娜@质量部",
        ["duplicate_row"],
        ["namesake_indistinct"],
    ]
    assert [one.normalized["manager_no"] for one in rows[1:4] if one.normalized] == ["张伟@制造中心/一车间"] * 3


def test_without_numbers_a_further_post_is_found_by_its_mark() -> None:
    judgement = judge_people(
        [
            unnumbered(1),
            unnumbered(2, manager="张伟"),
            unnumbered(2, manager="张伟", department="质量部", remark="兼任", mobile=None, email=None),
        ]
    )
    assert judgement.identified_by == "name"
    assert [one.action for one in judgement.rows] == ["accept", "accept", "merge"]
    assert judgement.org_tree == {"张伟@制造中心/一车间": ["李娜@制造中心/一车间"]}


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"mobile": "13800000009", "department": "采购部"}, "B1"),
        ({"mobile": None, "email": None, "department": "制造中心"}, "B1"),
        ({"mobile": None, "email": None, "department": "采购部"}, None),
        ({"mobile": "13811111111", "email": None, "department": "制造中心"}, None),
    ],
)
def test_without_numbers_a_known_employee_is_recognised_only_for_certain(
    values: dict[str, CellValue], number: str | None
) -> None:
    known = {
        "B1": KnownEmployee("B1", "周涛", ("制造中心",), mobile="13800000009"),
        "B2": KnownEmployee("B2", "周涛", ("质量部",)),
    }
    person = last(unnumbered(1), unnumbered(2, name="周涛", **values), known=known)
    assert person.normalized is not None
    assert person.normalized["employee_no"] == number


MANAGERS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.one_of(st.none(), st.sampled_from("abcdefghz")), min_size=1, max_size=8
)


@given(MANAGERS)
def test_loops_are_exactly_those_who_come_back_to_themselves(manager_of: dict[str, str | None]) -> None:
    def superiors(person: str) -> Iterator[str]:
        current = manager_of.get(person)
        for _ in range(9):
            if current is None:
                return
            yield current
            current = manager_of.get(current)

    assert members_of_cycles(manager_of) == {person for person in manager_of if person in superiors(person)}


@given(MANAGERS, st.sets(st.sampled_from("abcdefghz")), st.sampled_from("abcdefgh"))
def test_the_next_active_superior_is_active_or_nobody(
    manager_of: dict[str, str | None], active: set[str], person: str
) -> None:
    assert next_active(person, manager_of=manager_of, active=active.__contains__) in {None, *active}


CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.sampled_from(["/", "A1", "张伟", "离职"])
)
ROWS = st.lists(st.dictionaries(st.sampled_from([spec.name for spec in PEOPLE_FIELDS]), CELLS, max_size=12), max_size=8)


@settings(max_examples=150)
@given(ROWS)
def test_no_rows_make_it_fail_and_everybody_accepted_hangs_together(told: list[dict[str, CellValue]]) -> None:
    rows = [
        SourceRow("质量部", number, {name: Cell(value) for name, value in cells.items()})
        for number, cells in enumerate(told, start=1)
    ]
    judgement = judge_people(rows)
    people = [one.normalized for one in judgement.rows if one.action.startswith("accept") and one.normalized]
    keys = {person.get("key") or person["employee_no"] for person in people}
    assert len(keys) <= len(people) == judgement.summary["accepted"]
    assert {person["manager_no"] for person in people} <= {None, *keys}
    assert all(one.normalized is None for one in judgement.rows if one.action in ("reject", "skip"))
    reports = [key for named in judgement.org_tree.values() for key in named]
    assert len(reports) == len(set(reports))
    assert {*REJECTIONS, *WARNINGS, *OTHER_REASONS} >= {reason for one in judgement.rows for reason in one.reasons}


def test_twenty_thousand_people_are_judged_in_seconds() -> None:
    def person(number: int) -> SourceRow:
        values: dict[str, CellValue] = {
            **PERSON,
            "employee_no": f"HR{number:05}",
            "name": f"{NAMES[number % 7]}{chr(0x4E00 + number // 7)}",
            "department": f"制造中心/{number // 200}车间/{number // 20}班",
            "manager": "/" if number == 0 else f"{NAMES[(number // 20) % 7]}{chr(0x4E00 + number // 20 // 7)}",
            "email": f"e{number}@b.example",
            "mobile": f"138{number:08}",
        }
        return SourceRow("s", number + 5, {name: Cell(value) for name, value in values.items()})

    rows = [person(number) for number in range(20_000)]
    started = time.process_time()
    judgement = judge_people(rows)
    assert time.process_time() - started < 10  # measured 1.5
    assert judgement.summary["accepted"] == judgement.summary["active"] == 20_000
    assert judgement.detached == []
