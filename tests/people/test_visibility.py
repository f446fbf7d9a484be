"""The merged visibility matrix, cell by cell, and that lists and pages agree about people."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfsys.people import access, actions, queries
from perfsys.people.access import Relation, Viewer
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.visibility import AUTHOR, COLUMNS, MATRIX, Kind, Right, may, rights
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import Seat, use_tenant
from tests.cast import today
from tests.people.organisation import FOUNDED, NOW, TODAY, found_unit, hire

# What each relation may at all, read off security.md §2 and product.md §9.2 by hand: kind -> columns with READ.
READERS = {
    Kind.CARD: "self manager chain hrbp admin compensation peer author",
    Kind.CONTACT: "self manager chain hrbp admin",
    Kind.RECORD: "self manager chain hrbp admin",
    Kind.GOAL: "self manager chain hrbp admin peer",
    Kind.PRIVATE_GOAL: "self manager chain hrbp",
    Kind.FEEDBACK_TO_RECEIVER: "self author",
    Kind.FEEDBACK_TO_MANAGER: "self manager hrbp author",
    Kind.RECOGNITION: "self manager chain hrbp admin peer author",
    Kind.RADAR: "self manager hrbp",
    Kind.WEEKLY_ANSWERS: "self",
    Kind.GROUP_MEAN: "",
    Kind.REVIEW_DRAFT: "manager",
    Kind.RATING: "manager chain hrbp compensation",
    Kind.CONFIDENTIAL_NOTE: "manager",
    Kind.PAY_SUGGESTION: "compensation",
    Kind.DISPUTE: "self manager hrbp",
    Kind.AUDIT: "self admin",
    Kind.EXPORT: "self manager chain hrbp admin",
}
WRITERS = {
    Kind.RECORD: "admin",
    Kind.GOAL: "self manager",
    Kind.PRIVATE_GOAL: "self manager",
    Kind.WEEKLY_ANSWERS: "self",
    Kind.REVIEW_DRAFT: "manager",
    Kind.RATING: "hrbp",
    Kind.CONFIDENTIAL_NOTE: "manager",
    Kind.PAY_SUGGESTION: "compensation",
    Kind.DISPUTE: "self manager hrbp",
}


@pytest.mark.parametrize(("kind", "column"), product(Kind, COLUMNS), ids=lambda part: str(part))
def test_each_cell_reads_and_writes_as_the_specification_says(kind: Kind, column: str) -> None:
    assert may(kind, [column]) is (column in READERS[kind].split())
    assert may(kind, [column], Right.WRITE) is (column in WRITERS.get(kind, "").split())


def test_conditions_stand_where_the_specification_puts_them() -> None:
    found = {
        (right, kind, column)
        for kind, row in MATRIX.items()
        for column, cell in row.items()
        for right in cell - {Right.READ, Right.WRITE}
    }
    assert found == {
        (Right.META, Kind.PRIVATE_GOAL, Relation.ADMIN),
        (Right.SHARED, Kind.FEEDBACK_TO_MANAGER, Relation.CHAIN),
        (Right.EMERGENCY, Kind.FEEDBACK_TO_MANAGER, Relation.ADMIN),
        (Right.GROUP, Kind.RADAR, Relation.CHAIN),
        (Right.GROUP, Kind.RADAR, Relation.ADMIN),
        (Right.SHARED, Kind.WEEKLY_ANSWERS, Relation.MANAGER),
        (Right.GROUP, Kind.WEEKLY_ANSWERS, Relation.HRBP),
        (Right.GROUP, Kind.WEEKLY_ANSWERS, Relation.ADMIN),
        *((Right.GROUP, Kind.GROUP_MEAN, column) for column in Relation if column != Relation.COMPENSATION),
        (Right.LATER, Kind.REVIEW_DRAFT, Relation.HRBP),
        (Right.LATER, Kind.RATING, Relation.SELF),
        (Right.LATER, Kind.RATING, Relation.ADMIN),
        (Right.SHARED, Kind.CONFIDENTIAL_NOTE, Relation.SELF),
        (Right.NAMED, Kind.CONFIDENTIAL_NOTE, Relation.CHAIN),
        (Right.NAMED, Kind.CONFIDENTIAL_NOTE, Relation.HRBP),
        (Right.SHARED, Kind.PAY_SUGGESTION, Relation.MANAGER),
        (Right.NAMED, Kind.PAY_SUGGESTION, Relation.CHAIN),
        (Right.NAMED, Kind.PAY_SUGGESTION, Relation.HRBP),
        (Right.DECIDE, Kind.DISPUTE, Relation.HRBP),
        (Right.META, Kind.DISPUTE, Relation.ADMIN),
        (Right.SHARED, Kind.EXPORT, Relation.COMPENSATION),
    }


def test_nobody_reads_a_pay_suggestion_about_himself_whatever_office_he_holds() -> None:
    assert not rights(Kind.PAY_SUGGESTION, [Relation.SELF, Relation.COMPENSATION, Relation.ADMIN])
    assert not may(Kind.REVIEW_DRAFT, [Relation.SELF, Relation.MANAGER])
    assert may(Kind.RECORD, [Relation.SELF, Relation.ADMIN], Right.WRITE)  # but an administrator keeps his own record


def test_several_relations_add_up() -> None:
    assert may(Kind.FEEDBACK_TO_RECEIVER, [Relation.MANAGER, AUTHOR])
    assert not may(Kind.FEEDBACK_TO_RECEIVER, [Relation.MANAGER, Relation.HRBP])


# --- people: list and page agree ---
class Undo(Exception):
    pass


@pytest.fixture
def scope(db: None) -> Iterator[None]:
    with use_tenant(1):
        yield


def seat(*roles: Role, membership: int = 0) -> Seat:
    return Seat(1, membership, frozenset(roles), "acme", "甲公司", "Asia/Shanghai", "zh-hans", 5)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    managers=st.lists(st.integers(-1, 7), min_size=8, max_size=8),
    units=st.lists(st.integers(0, 3), min_size=8, max_size=8),
    partner_of=st.lists(st.integers(-1, 7), min_size=4, max_size=4),
    leaver=st.integers(-1, 7),
    roles=st.sets(st.sampled_from([Role.ADMIN, Role.EXECUTIVE, Role.COMPENSATION_ADMIN])),
)
def test_a_list_shows_exactly_the_people_whose_page_opens(
    scope: None, managers: list[int], units: list[int], partner_of: list[int], leaver: int, roles: set[Role]
) -> None:
    with pytest.raises(Undo), transaction.atomic():
        people = _organisation(managers, units, partner_of, leaver)
        for employee in people:
            who = Viewer(employee, seat(Role.EMPLOYEE, *roles), TODAY)
            listed = set(access.listed_people(who).values_list("pk", flat=True))
            readable = set(access.visible_people(who).values_list("pk", flat=True))
            relations = access.relations_to(who, [other.pk for other in people])
            found = set(queries.matching(access.listed_people(who), "P").values_list("pk", flat=True))
            suggested = set(queries.matching(access.colleagues(), "P").values_list("pk", flat=True))
            assert suggested <= found == listed  # whoever is suggested or found has a page that opens
            for other in people:
                assert _opens(access.person_to_see, who, other) is (other.pk in listed)
                assert _opens(access.person_to_read, who, other) is (other.pk in listed & readable)
                assert may(Kind.CONTACT, relations[other.pk]) is (other.pk in readable)
        raise Undo


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    managers=st.lists(st.integers(-1, 7), min_size=8, max_size=8),
    units=st.lists(st.integers(0, 3), min_size=8, max_size=8),
    partner_of=st.lists(st.integers(-1, 7), min_size=4, max_size=4),
    leaver=st.integers(-1, 7),
)
def test_units_their_members_and_partners_agree_with_the_pages_of_people(
    scope: None, managers: list[int], units: list[int], partner_of: list[int], leaver: int
) -> None:
    with pytest.raises(Undo), transaction.atomic():
        people = _organisation(managers, units, partner_of, leaver)
        who = Viewer(people[0], seat(Role.EMPLOYEE), TODAY)
        tree = list(OrgUnit.objects.all())
        rows = {row.unit.pk: row for row in _whole_tree()}
        partners, own = queries.partners_of(tree, TODAY), queries.hrbp_of([p.pk for p in people], TODAY)
        assert rows.keys() == {unit.pk for unit in tree}
        for unit in tree:
            branch = set(queries.members_of(list(queries.units_under(unit, TODAY)), TODAY))
            assert rows[unit.pk].people == len(branch) == queries.people_below([unit.pk], TODAY).get(unit.pk, 0)
            assert rows[unit.pk].partner == partners.get(unit.pk)
            for member in queries.members_of([unit], TODAY):
                assert member in branch
                assert _opens(access.person_to_see, who, member)  # who works here has left nowhere
                assert queries.primary_units([member.pk], TODAY)[member.pk] == unit
                assert queries.unit_among(queries.posts_of(member), TODAY) == unit
                assert own.get(member.pk) == (partners[unit.pk].hrbp if unit.pk in partners else None)
        raise Undo


def _whole_tree() -> Iterator[queries.UnitRow]:
    """What somebody finds who opens page after page; each page shows two levels, so units come twice."""
    waiting: list[OrgUnit | None] = [None]
    while waiting:
        for row in queries.tree_below(waiting.pop(), TODAY):
            waiting.append(row.unit)
            yield row


def _opens(fetch: Any, who: Viewer, other: Employee) -> bool:
    try:
        return bool(fetch(who, other.public_id).pk == other.pk)
    except (Http404, PermissionDenied):
        return False


def _organisation(managers: list[int], units: list[int], partner_of: list[int], leaver: int) -> list[Employee]:
    top = found_unit("中心")
    tree = [top, found_unit("一部", top), found_unit("二部", top)]
    tree.append(found_unit("一组", tree[1]))
    people = [hire(f"P{number}", unit=tree[unit]) for number, unit in enumerate(units)]
    for number, manager in enumerate(managers):
        if 0 <= manager != number:
            try:
                actions.change_manager(
                    employee=people[number], manager=people[manager], on=FOUNDED, actor=None, now=NOW
                )
            except actions.CircleOfManagers:
                continue
    for unit, partner in zip(tree, partner_of, strict=True):
        if partner >= 0:
            actions.set_hrbp(unit=unit, hrbp=people[partner], on=FOUNDED, actor=None, now=NOW)
    if leaver >= 0:
        actions.leave(employee=people[leaver], on=TODAY, actor=None, now=NOW)
    return list(Employee.objects.order_by("employee_no").filter(employee_no__startswith="P"))


def test_an_executive_reads_from_the_unit_of_the_grant_down(ada: Any, bob: Any, henk: Any, cast: Any) -> None:
    with ada.scope:
        now = timezone.now()
        lab = actions.add_unit(name="研发中心", starts_on=FOUNDED, actor=None, now=now)
        actions.move_employees(employees=[henk.employee], unit=lab, on=FOUNDED + timedelta(days=9), actor=None, now=now)
        actions.grant_role(membership=ada.membership, role=Role.EXECUTIVE, unit=lab, actor=None, now=now)
    seat_now = ada.seat
    with ada.scope:
        who = Viewer(ada.employee, seat_now, today())
        assert access.relation_to(who, henk.employee) == {Relation.CHAIN}
        assert access.relation_to(who, bob.employee) == {Relation.PEER}


def test_the_role_without_a_grant_reads_nothing_more(ada: Any, bob: Any) -> None:
    with ada.scope:
        who = Viewer(ada.employee, seat(Role.EMPLOYEE, Role.EXECUTIVE), today())
        assert access.relation_to(who, bob.employee) == {Relation.PEER}


def test_a_former_manager_loses_sight_on_the_day_of_the_move(ada: Any, marta: Any, henk: Any) -> None:
    tomorrow = today() + timedelta(days=1)
    with ada.scope:
        actions.change_manager(
            employee=ada.employee, manager=henk.employee, on=tomorrow, actor=None, now=timezone.now()
        )
        still = Viewer(marta.employee, seat(Role.EMPLOYEE), today())
        assert access.relation_to(still, ada.employee) == {Relation.MANAGER}
        later = Viewer(marta.employee, seat(Role.EMPLOYEE), tomorrow)
        assert access.relation_to(later, ada.employee) == {Relation.PEER}
