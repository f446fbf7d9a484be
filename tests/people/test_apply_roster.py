"""A roster becomes the organisation; the same roster again changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perfsys.imports.people_kind import PeopleImport
from perfsys.imports.people_values import LEFT
from perfsys.people import actions, queries
from perfsys.people.models import Assignment, Employee, HrbpAssignment, OrgUnit, ReportingClosure
from perfsys.people.roster import RosterRow, circles, partners_by_unit
from perfsys.people.spans import holds
from perfsys.tenancy.scope import use_tenant
from tests.people.organisation import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=30)
BOSS = RosterRow("A1", "万琪欣", ("总经办",), "总经理", is_top=True, hired_on=date(2010, 12, 17), hrbp_no="A4")
HEAD = RosterRow("A2", "许舟静", ("制造中心",), "经理", manager_no="A1", hired_on=date(2015, 1, 1), hrbp_no="A4")
ADA = RosterRow("A3", "单雄信", ("制造中心/一车间",), "车工", manager_no="A2", hired_on=date(2012, 5, 1), hrbp_no="A5")
HR = RosterRow("A4", "曾文", ("人力资源部",), "HRBP", manager_no="A1", hired_on=date(2018, 1, 1), hrbp_no="A4")
HR2 = RosterRow("A5", "解语", ("人力资源部",), "HRBP", manager_no="A4", hired_on=date(2019, 1, 1), hrbp_no="A4")
COMPANY = [BOSS, HEAD, ADA, HR, HR2]


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with use_tenant(1):
        yield


def apply(*rows: RosterRow, on: date = TODAY) -> actions.RosterApplied:
    return actions.apply_roster(rows, effective_on=on, actor=None, now=NOW)


def somebody(number: str) -> Employee:
    return Employee.objects.get(employee_no=number)


def manager_no(number: str, on: date = TODAY) -> str | None:
    found = queries.managers_of([somebody(number).pk], on)
    return found[somebody(number).pk].employee_no if found else None


def unit_of(number: str, on: date = TODAY) -> str | None:
    found = queries.primary_units([somebody(number).pk], on)
    return found[somebody(number).pk].path if found else None


def partner_no(number: str, on: date = TODAY) -> str | None:
    found = queries.hrbp_of([somebody(number).pk], on)
    return found[somebody(number).pk].employee_no if found else None


def test_everybody_gets_unit_manager_and_partner() -> None:
    done = apply(*COMPANY)
    assert (len(done.created), done.units_created) == (5, 4)
    assert (unit_of("A3"), manager_no("A3"), partner_no("A3")) == ("制造中心/一车间", "A2", "A5")
    assert [m.employee_no for m in queries.chain_above(somebody("A3"), TODAY)] == ["A2", "A1"]
    assert somebody("A3").name_key == "shan xiong xin"


def test_the_same_roster_again_changes_nothing() -> None:
    apply(*COMPANY)
    versions = sorted(Employee.objects.values_list("pk", "version"))
    for on in (TODAY, LATER):
        done = apply(*COMPANY, on=on)
        assert len(done.unchanged) == 5
        assert (done.closure_rows, done.lines_changed, done.partners_changed, done.units_created) == (0, 0, 0, 0)
    assert sorted(Employee.objects.values_list("pk", "version")) == versions


def test_before_an_import_each_row_says_what_it_would_change() -> None:
    def values(row: RosterRow) -> dict[str, Any]:
        return {
            "employee_no": row.employee_no,
            "name": row.name,
            "departments": list(row.units),
            "position": row.position,
            "level": row.grade,
            "manager_no": row.manager_no,
            "is_root": row.is_top,
            "hrbp_no": row.hrbp_no,
            "hire_date": str(row.hired_on) if row.hired_on else None,
            "status": LEFT if row.has_left else "active",
            "email": row.email,
            "mobile": row.mobile,
        }

    apply(*COMPANY)
    moved = replace(ADA, units=("质量部",), manager_no="A1", position="检验员", grade="P6", email="ada@acme.example")
    later = [BOSS, replace(HEAD, has_left=True), moved, replace(HR, hrbp_no=None), replace(HR2, employee_no="A9")]
    compare = PeopleImport().comparison({"today": str(LATER)})
    effects = compare([values(row) for row in later])
    assert [one.outcome for one in effects] == ["unchanged", "changed", "changed", "unchanged", "created"]
    assert set(map(repr, effects[1].differs)) == {
        repr(("leave_date", None, str(LATER))),
        repr(("status", "active", "left")),
    }
    assert [list(one) for one in effects[2].differs] == [
        ["position", "车工", "检验员"],
        ["level", "", "P6"],
        ["email", "", "ada@acme.example"],
        ["department", ["制造中心/一车间"], ["质量部"]],
        ["manager_no", "A2", "A1"],
    ]
    done = apply(*later, on=LATER)
    assert (done.created, sorted(done.changed), sorted(done.unchanged)) == (["A9"], ["A2", "A3"], ["A1", "A4"])


def test_the_past_of_a_new_person_begins_when_hired_and_not_before_the_manager() -> None:
    apply(*COMPANY)
    assert unit_of("A3", date(2012, 5, 1)) == "制造中心/一车间"
    assert unit_of("A3", date(2012, 4, 30)) is None
    assert manager_no("A3", date(2014, 12, 31)) is None  # A2 was hired the day after
    assert manager_no("A3", date(2015, 1, 1)) == "A2"


def test_a_changed_manager_and_unit_hold_from_the_day_of_the_roster() -> None:
    apply(*COMPANY)
    done = apply(replace(ADA, units=("制造中心/二车间",), manager_no="A1", position="班长"), on=LATER)
    assert done.changed == ["A3"]
    assert (manager_no("A3"), manager_no("A3", LATER)) == ("A2", "A1")
    assert (unit_of("A3"), unit_of("A3", LATER)) == ("制造中心/一车间", "制造中心/二车间")


def test_what_the_file_does_not_say_stays() -> None:
    apply(*COMPANY)
    done = apply(RosterRow("A3", "单雄信"))
    assert done.unchanged == ["A3"]
    assert (somebody("A3").position, manager_no("A3"), unit_of("A3")) == ("车工", "A2", "制造中心/一车间")


def test_who_is_not_in_the_file_stays() -> None:
    apply(*COMPANY)
    apply(BOSS)
    assert Employee.objects.filter(status="active").count() == 5


def test_further_posts_are_those_the_roster_names() -> None:
    apply(*COMPANY)
    apply(replace(ADA, units=("制造中心/一车间", "质量部", "采购部")), on=TODAY)
    apply(replace(ADA, units=("制造中心/一车间", "采购部")), on=LATER)
    posts = Assignment.objects.filter(employee=somebody("A3"), is_primary=False)
    assert set(posts.filter(holds(TODAY)).values_list("unit__path", flat=True)) == {"质量部", "采购部"}
    assert set(posts.filter(holds(LATER)).values_list("unit__path", flat=True)) == {"采购部"}


def test_a_further_post_that_becomes_the_primary_one_is_one_row() -> None:
    apply(*COMPANY)
    apply(replace(ADA, units=("制造中心/一车间", "质量部")))
    apply(replace(ADA, units=("质量部",)), on=LATER)
    assert unit_of("A3", LATER) == "质量部"
    assert Assignment.objects.filter(holds(LATER), employee=somebody("A3")).count() == 1


def test_a_further_post_ends_where_it_is_planned_to_become_the_primary_one() -> None:
    apply(*COMPANY, replace(ADA, employee_no="A6", units=("采购部", "质量部")))
    apply(replace(ADA, units=("采购部",)), on=LATER)
    for _time in range(2):
        apply(replace(ADA, units=("质量部", "采购部")), on=TODAY)
    posts = Assignment.objects.filter(employee=somebody("A3"), unit__path="采购部").order_by("starts_on")
    assert list(posts.values_list("starts_on", "ends_on", "is_primary")) == [(TODAY, LATER, False), (LATER, None, True)]


def test_a_manager_who_has_left_hands_over_to_the_next_above() -> None:
    apply(*COMPANY)
    done = apply(replace(HEAD, has_left=True), on=LATER)
    assert done.changed == ["A2"]
    assert manager_no("A3", LATER) == "A1"
    assert (somebody("A2").status, somebody("A2").left_on, unit_of("A2", LATER)) == ("left", LATER, None)


def test_a_leaving_planned_by_its_date_alone_ends_everything_when_the_day_comes() -> None:
    apply(*COMPANY)
    apply(replace(HEAD, left_on=LATER))
    assert manager_no("A3", LATER) == "A2"  # not before
    then = NOW + timedelta(days=30)
    assert actions.refresh_for_today(now=then - timedelta(days=1)).left == 0
    assert actions.refresh_for_today(now=then).left == 1
    assert (manager_no("A3", TODAY), manager_no("A3", LATER), unit_of("A2", LATER)) == ("A2", "A1", None)
    assert actions.refresh_for_today(now=then).total == 0
    assert Assignment.objects.get(employee=somebody("A2")).ends_on == LATER


def test_somebody_who_had_left_before_we_knew_has_neither_unit_nor_date() -> None:
    apply(*COMPANY, RosterRow("A9", "牛二", ("制造中心",), manager_no="A2", has_left=True))
    assert (somebody("A9").status, somebody("A9").left_on) == ("left", None)
    assert unit_of("A9") is None
    assert len(apply(RosterRow("A9", "牛二", ("制造中心",), manager_no="A2", has_left=True)).unchanged) == 1


def test_somebody_who_comes_back_is_here_again() -> None:
    apply(*COMPANY)
    apply(replace(ADA, has_left=True))
    apply(ADA, on=LATER)
    assert somebody("A3").is_active
    assert (unit_of("A3", TODAY), unit_of("A3", LATER)) == (None, "制造中心/一车间")


def test_who_would_report_to_himself_keeps_the_manager_he_has() -> None:
    apply(*COMPANY)
    done = apply(replace(HEAD, manager_no="A3"))
    assert done.left_in_circles == ["A2"]
    assert (manager_no("A2"), manager_no("A3")) == ("A1", "A2")


def test_a_circle_within_a_first_roster_leaves_its_members_without_a_manager() -> None:
    done = apply(
        RosterRow("B1", "甲", manager_no="B2"),
        RosterRow("B2", "乙", manager_no="B3"),
        RosterRow("B3", "丙", manager_no="B2"),
    )
    assert done.left_in_circles == ["B2", "B3"]
    assert (manager_no("B1"), manager_no("B2"), manager_no("B3")) == ("B2", None, None)


def test_a_few_newcomers_do_not_choose_the_partner_of_a_whole_workshop() -> None:
    crew = [replace(ADA, employee_no=f"C{number}") for number in range(5)]
    apply(*COMPANY, *crew)
    apply(replace(ADA, employee_no="C9", hrbp_no="A4"), on=LATER)
    assert partner_no("C9", LATER) == "A5"


def test_a_unit_that_agrees_with_the_one_above_has_no_partner_of_its_own() -> None:
    apply(*COMPANY)
    apply(*[replace(row, hrbp_no="A4") for row in COMPANY], on=LATER)
    assert partner_no("A3", LATER) == "A4"
    own = HrbpAssignment.objects.filter(holds(LATER)).values_list("unit__path", flat=True)
    assert "制造中心/一车间" not in set(own)


def test_the_partner_is_who_most_of_a_unit_name() -> None:
    votes = [("a", 1), ("a", 2), ("a", 2), ("a/b", 2), ("c/d", 3), ("c/e", 3), ("f/g", 4), ("f/h", 5)]
    assert partners_by_unit(votes) == {"a": 2, "a/b": None, "c": 3, "c/d": None, "c/e": None, "f/g": 4, "f/h": 5}


def test_a_circle_is_everybody_on_it_and_nobody_below_it() -> None:
    assert circles({1: 2, 2: 3, 3: 2, 4: 1, 5: None, 6: 6}) == {2, 3, 6}


def many(count: int) -> list[RosterRow]:
    """Seven reports to a manager; every 50 share a unit."""
    return [
        RosterRow(
            f"P{n:05}",
            "张三",
            (f"中心{n % 5}/部门{n // 50}",),
            manager_no=f"P{(n - 1) // 7:05}" if n else None,
            is_top=n == 0,
            hired_on=date(2015, 1, 1),
        )
        for n in range(count)
    ]


def test_twice_the_people_ask_no_more_queries_but_for_whole_batches() -> None:
    counts = []
    for size in (450, 900):  # both within one batch of 1,000
        rows = [replace(row, employee_no=f"{size}{row.employee_no}", manager_no=None) for row in many(size)]
        with CaptureQueriesContext(connection) as asked:
            apply(*rows)
        counts.append(len(asked))
    assert counts[1] <= counts[0] < 40  # the second roster finds the top units


@pytest.mark.slow
def test_a_reorganisation_of_5_000_people_writes_thousands_of_rows(owner: Any) -> None:
    apply(*many(6000))
    # As autovacuum may do while a roster is written: the statistics then tell that nothing stands there.
    owner.execute("ANALYZE people_reportingline, people_reportingclosure, people_orgunitclosure")
    owner.connection.commit()
    everyone = {e.employee_no: e for e in Employee.objects.all()}
    half = [everyone[f"P{n:05}"] for n in range(1, 4)]  # three of seven on the second level, some 2,600 below
    before = ReportingClosure.objects.count()
    moved = actions.change_managers(employees=half, manager=everyone["P00004"], on=LATER, actor=None, now=NOW)
    below = ReportingClosure.objects.filter(holds(LATER), manager=everyone["P00004"]).count()
    assert moved.managers == 3
    assert moved.closure_rows < 6 * below
    # Five thousand people, each to another manager, and to another unit.
    unit = OrgUnit.objects.get(path="中心0")
    people = [everyone[f"P{n:05}"] for n in range(1000, 6000)]
    done = actions.reorganise(
        managers={e.pk: everyone[f"P{20 + e.pk % 100:05}"].pk for e in people},
        units={e.pk: unit.pk for e in people},
        on=LATER,
        actor=None,
        now=NOW,
    )
    assert (done.managers, done.units) == (5000, 5000)
    assert done.closure_rows < 80_000  # guardian rows for the same chain: millions
    assert ReportingClosure.objects.count() < before + 60_000
