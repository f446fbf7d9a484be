"""A roster taken back: the organisation is as it was, but for what somebody touched since."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Delivery, Notice
from perfsys.people import actions, events
from perfsys.people.circles import would_close
from perfsys.people.formers import Replaced, What, people, units
from perfsys.people.models import (
    Account,
    Employee,
    EmployeeSpan,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    RoleGrant,
)
from perfsys.people.roster import RosterRow
from perfsys.people.undoing import CHANGED, CIRCLE, GONE, LOST, NEEDED, SEATED, USED, outlook
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import use_tenant
from tests.people.organisation import NOW, TODAY, hire
from tests.people.test_apply_roster import ADA, COMPANY, HEAD, HR, HR2, LATER, many
from tests.people.test_closures_follow_the_lines import assert_closures_are_what_the_lines_say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with use_tenant(1):
        yield


def put(*rows: RosterRow, on: date = TODAY) -> list[Replaced]:
    """Applies a roster; gives what was kept of it."""
    kept: list[Replaced] = []
    actions.apply_roster(rows, effective_on=on, actor=None, now=NOW, remember=kept.extend)
    return kept


def take_back(kept: list[Replaced]) -> Any:
    return actions.take_back_roster(replaced=kept, actor=None, now=NOW)


def _without_circle(kept: list[Replaced]) -> Any:
    """Whatever a roster refuses, taking one back does not."""
    try:
        return take_back(kept)
    except actions.CircleOfManagers as error:
        raise AssertionError from error


def somebody(number: str) -> Employee:
    found: Employee = Employee.objects.get(employee_no=number)
    return found


def person(number: str) -> tuple[What, int]:
    return What.PERSON, somebody(number).pk


def unit(path: str) -> tuple[What, int]:
    return What.UNIT, OrgUnit.objects.get(path=path).pk


def give_seat(number: str, *roles: str) -> Membership:
    account = Account.objects.create_user(email=f"{number}@acme.example".lower())
    seat = Membership.objects.create(account=account)
    Employee.objects.filter(employee_no=number).update(membership=seat)
    for role in roles:
        RoleGrant.objects.create(membership=seat, role=role, starts_on=TODAY - timedelta(days=9))
    actions.refresh_for_today(now=NOW)
    return seat


def all_of_it() -> dict[str, Any]:
    """The whole organisation, but for ids of dated rows and for versions."""
    ids = list(Employee.objects.values_list("pk", flat=True)), list(OrgUnit.objects.values_list("pk", flat=True))
    reports = ReportingClosure.objects.values_list("employee", "manager", "depth", "starts_on", "ends_on")
    below = OrgUnitClosure.objects.values_list("descendant", "ancestor", "depth", "starts_on", "ends_on")
    return {
        "people": people(ids[0]),
        "units": units(ids[1]),
        "paths": sorted(OrgUnit.objects.values_list("pk", "path", "parent")),
        "keys": sorted(Employee.objects.values_list("pk", "name_key", "search_key", "withheld")),
        "seats": sorted(Membership.objects.values_list("pk", "is_active", "granted", "derived")),
        "closures": (set(reports), set(below)),
    }


NUMBERS = [f"P{number}" for number in range(7)]
PATHS = ["甲", "甲/一", "甲/二", "乙", "乙/一/小组", "丙"]


@st.composite
def rosters(draw: st.DrawFn) -> list[RosterRow]:
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=7, unique=True))
    maybe = [None, *NUMBERS]
    return [
        RosterRow(
            number,
            draw(st.sampled_from(["万琪欣", "许舟静", "Ada"])),
            tuple(draw(st.lists(st.sampled_from(PATHS), max_size=3, unique=True))),
            position=draw(st.sampled_from([None, "车工", "班长"])),
            grade=draw(st.sampled_from([None, "P5"])),
            manager_no=draw(st.sampled_from(maybe)),
            is_top=draw(st.booleans()),
            hrbp_no=draw(st.sampled_from(maybe)),
            hired_on=draw(st.sampled_from([None, TODAY - timedelta(days=400), TODAY + timedelta(days=5)])),
            has_left=draw(st.integers(0, 3)) == 0,
        )
        for number in numbers
    ]


class Undone(Exception):
    pass


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(rosters(), max_size=2), rosters(), st.booleans())
def test_taken_back_the_organisation_is_as_it_was_whatever_came_before(
    before: list[list[RosterRow]], roster: list[RosterRow], has_seat: bool
) -> None:
    with pytest.raises((Undone, actions.CircleOfManagers)), transaction.atomic():  # a circle of those hired later
        for step, rows in enumerate(before):
            put(*rows, on=TODAY - timedelta(days=20 - 10 * step))
        if has_seat and Employee.objects.filter(employee_no="P1", status="active").exists():
            give_seat("P1", "admin")
        actions.refresh_for_today(now=NOW)
        stood = all_of_it()
        kept = put(*roster)
        done = _without_circle(kept)
        assert done.left == {}
        assert len(done.removed) + len(done.restored) == len(kept)
        assert all_of_it() == stood
        again = take_back(kept)
        assert (again.removed, again.restored) == ([], [])
        assert all_of_it() == stood
        assert len(put(*roster)) == len(kept)  # the same file can come again
        raise Undone


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rosters(), rosters(), rosters(), st.integers(0, 6), st.integers(0, 6))
def test_whatever_came_between_nothing_breaks_and_what_a_later_roster_changed_stays(
    first: list[RosterRow], roster: list[RosterRow], later: list[RosterRow], who: int, to: int
) -> None:
    with pytest.raises((Undone, actions.CircleOfManagers)), transaction.atomic():
        put(*first, on=TODAY - timedelta(days=10))
        kept = put(*roster, on=TODAY - timedelta(days=3))
        after = put(*later)
        found = {person.employee_no: person for person in Employee.objects.all()}
        employee, manager = found.get(NUMBERS[who]), found.get(NUMBERS[to])
        if employee and manager:
            with contextlib.suppress(actions.Refused, ValueError):
                actions.change_manager(employee=employee, manager=manager, on=TODAY, actor=None, now=NOW)
        foreseen = outlook(kept)
        touched = {one.node for one in kept} & {one.node for one in after}
        assert touched <= foreseen.left.keys()
        kept_as_it_is = {pk: record for pk, record in people(_people(touched)).items()}
        assert _without_circle(kept) == foreseen
        assert people(_people(touched)) == kept_as_it_is
        assert_closures_are_what_the_lines_say()
        raise Undone


def _people(nodes: Any) -> list[int]:
    return [pk for what, pk in nodes if what is What.PERSON]


def test_a_first_roster_goes_and_can_come_again() -> None:
    stood = all_of_it()
    kept = put(*COMPANY)
    assert {one.former for one in kept} == {None}
    done = take_back(kept)
    assert (len(done.removed), done.restored, done.left) == (9, [], {})
    assert all_of_it() == stood
    entry = AuditEntry.objects.get(verb=events.ROSTER_TAKEN_BACK)
    assert entry.details == {"removed": 9, "restored": 0, "left": 0}
    assert len(put(*COMPANY)) == 9
    assert put(*COMPANY, on=LATER) == []  # and what changes nothing leaves nothing to take back


def test_who_had_left_by_it_is_here_again_with_seat_roles_and_reports() -> None:
    put(*COMPANY)
    seat = give_seat("A2", "executive")
    stood = all_of_it()
    kept = put(replace(HEAD, has_left=True))
    assert not Membership.objects.get(pk=seat.pk).is_active
    assert {one.node for one in kept} == {person("A2"), person("A3")}
    take_back(kept)
    assert all_of_it() == stood
    assert Membership.objects.get(pk=seat.pk).derived == ["employee", "manager"]


@pytest.mark.parametrize("few", [0, 500])  # ids, or what lies between them
def test_people_somebody_touched_stay_with_whom_and_what_they_need(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfsys.common.undoing.FEW", few)
    new = replace(ADA, employee_no="N1", units=("制造中心/三车间",), manager_no="N2")
    kept = put(*COMPANY, new, replace(HEAD, employee_no="N2", units=("质量部",)), replace(HR2, employee_no="N3"))
    actions.add_span(employee=somebody("N1"), kind="probation", starts_on=TODAY, ends_on=None, actor=None, now=NOW)
    give_seat("N3")
    found = outlook(kept)
    assert found.left == {
        person("N1"): USED,
        person("N3"): SEATED,
        **dict.fromkeys((person("N2"), person("A1"), person("A4"), person("A5")), NEEDED),
        **dict.fromkeys(map(unit, ("制造中心", "制造中心/三车间", "质量部", "总经办", "人力资源部")), NEEDED),
    }
    assert set(found.removed) == {person("A2"), person("A3"), unit("制造中心/一车间")}
    assert take_back(kept) == found
    assert_closures_are_what_the_lines_say()
    EmployeeSpan.objects.all().delete()
    assert person("N1") in take_back(kept).removed


def test_what_comes_by_itself_keeps_nobody() -> None:
    kept = put(*COMPANY)
    about = {"to": somebody("A2"), "about": somebody("A3"), "kind": "goals.none", "bundle": "b", "at": NOW}
    Delivery.objects.create(to=somebody("A3"), bundle="b", made_at=NOW)
    Notice.objects.create(**about, key="open")
    assert outlook(kept).left == {}
    Notice.objects.create(**about, key="done", state=Notice.State.CONFIRMED, confirmed_at=NOW)
    left = outlook(kept).left
    assert (left[person("A2")], left[person("A3")]) == (USED, USED)
    Notice.objects.filter(key="done").delete()
    take_back(kept)
    assert not Notice.objects.exists()


def test_who_came_in_by_hand_keeps_manager_and_unit() -> None:
    kept = put(*COMPANY)
    hire("H1", manager=somebody("A3"), unit=OrgUnit.objects.get(path="制造中心/一车间"), on=TODAY)
    left = outlook(kept).left
    assert left == {one.node: NEEDED for one in kept if one.node != person("A5")} | {person("A5"): left[person("A5")]}


def test_what_was_changed_later_by_hand_or_by_file_stays() -> None:
    put(*COMPANY)
    moved = replace(ADA, units=("质量部",))
    kept = put(moved, replace(HR2, grade="P9"), HR, on=TODAY)
    assert {one.node for one in kept} == {person("A3"), person("A5"), unit("质量部")}
    later = put(replace(moved, manager_no="A1"), on=LATER)
    assert outlook(kept).left == {person("A3"): CHANGED, unit("质量部"): NEEDED}
    take_back(later)
    assert outlook(kept).left == {}
    hr2 = somebody("A5")
    actions.change_employee(employee=hr2, version=hr2.version, grade="P8", actor=None, now=NOW)
    assert outlook(kept).left == {person("A5"): CHANGED}


def test_a_former_manager_who_is_gone_or_reports_here_by_now_is_told() -> None:
    put(*COMPANY)
    kept = put(replace(ADA, manager_no="A1"), replace(HR2, manager_no="A1"), on=LATER)
    actions.change_manager(employee=somebody("A2"), manager=somebody("A3"), on=LATER, actor=None, now=NOW)
    assert outlook(kept).left == {person("A3"): CIRCLE}
    actions.leave(employee=somebody("A4"), on=TODAY, actor=None, now=NOW)
    left = outlook(kept).left
    assert (left[person("A3")], left[person("A5")]) == (CIRCLE, CHANGED)
    take_back(kept)
    assert_closures_are_what_the_lines_say()


def test_a_unit_that_was_closed_since_takes_nobody_back() -> None:
    put(*COMPANY, on=TODAY - timedelta(days=30))
    kept = put(replace(ADA, units=("质量部",)), on=TODAY - timedelta(days=9))
    shop = OrgUnit.objects.get(path="制造中心/一车间")
    actions.close_unit(unit=shop, on=TODAY, version=shop.version, actor=None, now=NOW)
    assert outlook(kept).left == {person("A3"): LOST, unit("质量部"): NEEDED}


def test_who_is_gone_is_told_and_who_came_back_with_a_seat_stays() -> None:
    put(*COMPANY, replace(ADA, employee_no="A9", has_left=True))
    kept = put(replace(ADA, employee_no="A9"), replace(ADA, employee_no="N1"))
    give_seat("A9")
    node = person("N1")
    ReportingClosure.objects.filter(employee=node[1]).delete()
    somebody("N1").delete()
    assert outlook(kept).left == {person("A9"): SEATED, node: GONE}


def test_a_circle_is_found_only_where_days_meet() -> None:
    lines = {1: [(2, "2026-01-01", "2026-03-01")], 2: [(3, "2026-02-01", None)], 3: [(1, "2026-03-01", None)]}
    assert would_close(lines, [1, 2, 3], 60) == set()
    assert would_close({**lines, 3: [(1, "2026-02-28", None)]}, [1, 2, 3, 4], 60) == {1, 2, 3}
    assert would_close({1: [(1, "2026-01-01", None)], 2: [(1, "2026-01-01", None)]}, [1, 2], 60) == {1}


def test_keeping_and_taking_back_ask_as_often_for_many_as_for_few() -> None:
    asked = []
    for size in (40, 90):
        rows = [replace(row, employee_no=f"{size}{row.employee_no}", manager_no=None) for row in many(size)]
        with CaptureQueriesContext(connection) as writing:
            kept = put(*rows)
        with CaptureQueriesContext(connection) as looking:
            outlook(kept)
        with CaptureQueriesContext(connection) as going:
            assert len(take_back(kept).removed) == len(kept)
        asked.append((len(writing), len(looking), len(going)))
    assert asked[0] == asked[1]


# Tables that name people and stay small: a line for each report, workshop, connection or the like.
SMALL = {
    "dashboards_penetrationreport",
    "feedback_retroresponse",
    "goals_blockerreply",
    "goals_carryover",
    "goals_cascade",
    "goals_incentive",
    "goals_incentiveplace",
    "goals_overlap",
    "goals_positionaction",
    "goals_proposal",
    "goals_templateversion",
    "goals_workshop",
    "imports_importrun",
    "integrations_behaviourrule",
    "integrations_connection",
    "integrations_datadispute",
    "integrations_disputefile",
    "integrations_disputestep",
    "integrations_dropfile",
    "integrations_gap",
    "integrations_holdrelease",
    "integrations_metricdefinition",
    "integrations_metricsignoff",
    "integrations_metricversion",
    "integrations_secret",
    "integrations_syncrun",
    "people_featurepilot",
    "people_invitation",
    "people_invitationrun",
    "people_rolegrant",
    "tokens_apitoken",
}
UNINDEXED = """
    SELECT c.conrelid::regclass::text FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
    WHERE c.contype = 'f' AND c.confrelid = 'people_employee'::regclass AND NOT EXISTS (
        SELECT FROM pg_index i JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = i.indkey[1]
        WHERE i.indrelid = c.conrelid AND b.attname = a.attname)
"""


def test_every_key_to_a_person_is_looked_up_by_an_index_or_its_table_is_small() -> None:
    """Else the database reads the whole table for each person who is removed."""
    with connection.cursor() as cursor:
        cursor.execute(UNINDEXED)
        assert sorted({name for (name,) in cursor.fetchall()} - SMALL) == []
