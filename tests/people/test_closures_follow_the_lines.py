"""Whatever is done to an organisation, its closures are what the dated lines say, on every day."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfsys.people import actions
from perfsys.people.models import (
    Employee,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    ReportingLine,
    UnitLine,
)
from perfsys.people.spans import holds
from perfsys.tenancy.scope import use_tenant
from tests.people.organisation import FOUNDED, NOW, found_unit, hire

pytestmark = pytest.mark.django_db
DAYS = [FOUNDED + timedelta(days=30 * number) for number in range(6)]
AnyTree = type[ReportingLine] | type[UnitLine]


class Undo(Exception):
    pass


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with use_tenant(1):
        yield


def recomputed(tops: dict[int, int]) -> set[tuple[int, int, int]]:
    """(child, top, depth) by walking up from everybody: slow and plain on purpose."""
    found = set()
    for child in tops:
        top, depth = tops.get(child), 1
        while top is not None:
            found.add((child, top, depth))
            top, depth = tops.get(top), depth + 1
    return found


def assert_closures_are_what_the_lines_say() -> None:
    for on in DAYS:
        lines = dict(ReportingLine.objects.filter(holds(on)).values_list("employee", "manager"))
        stored = ReportingClosure.objects.filter(holds(on)).values_list("employee", "manager", "depth")
        assert sorted(stored) == sorted(recomputed(lines)), on
        above = dict(UnitLine.objects.filter(holds(on)).values_list("unit", "parent"))
        themselves = {(pk, pk, 0) for pk in OrgUnit.objects.filter(holds(on)).values_list("pk", flat=True)}
        units = OrgUnitClosure.objects.filter(holds(on)).values_list("descendant", "ancestor", "depth")
        assert sorted(units) == sorted(recomputed(above) | themselves), on


@st.composite
def operations(draw: st.DrawFn) -> list[tuple[str, list[int], int, int]]:
    """(what, who, target or 7 for nobody, day)"""
    one = st.tuples(
        st.sampled_from(["line", "line", "line", "leave", "unit"]),
        st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True),
        st.integers(0, 7),
        st.integers(0, len(DAYS) - 1),
    )
    return draw(st.lists(one, max_size=10))


def carry_out(what: str, who: list[int], target: int, on: date, people: list[Employee], units: list[OrgUnit]) -> None:
    if what == "line":
        manager = people[target] if target < 7 else None
        employees = [people[number] for number in who]
        actions.change_managers(employees=employees, manager=manager, on=on, actor=None, now=NOW)
    elif what == "leave":
        actions.leave(employee=people[who[0]], on=on, actor=None, now=NOW)
    else:
        unit = OrgUnit.objects.get(pk=units[who[0]].pk)
        parent = units[target] if target < 7 else None
        actions.move_unit(unit=unit, parent=parent, on=on, version=unit.version, actor=None, now=NOW)


@pytest.fixture
def seven() -> None:
    """People and units; what an example does to them is undone, and the next one begins with them as they were."""
    for number in range(7):
        hire(f"P{number}")
        found_unit(f"U{number}")


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(operations())
def test_closures_are_what_the_lines_say_after_any_changes(
    seven: None, steps: list[tuple[str, list[int], int, int]]
) -> None:
    with pytest.raises(Undo), transaction.atomic():
        people, units = list(Employee.objects.order_by("employee_no")), list(OrgUnit.objects.order_by("path"))
        for what, who, target, day in steps:
            for person in people:
                person.refresh_from_db()
            try:
                carry_out(what, who, target, DAYS[day], people, units)
            except actions.Refused:
                continue  # a circle, or somebody who has left: nothing is written
        assert_closures_are_what_the_lines_say()
        raise Undo


def test_a_circle_is_refused_and_named() -> None:
    ada, marta = hire("A1", name="阿达"), hire("A2", name="玛塔")
    actions.change_manager(employee=ada, manager=marta, on=DAYS[1], actor=None, now=NOW)
    with pytest.raises(actions.CircleOfManagers, match="玛塔"):
        actions.change_manager(employee=marta, manager=ada, on=DAYS[2], actor=None, now=NOW)
    assert_closures_are_what_the_lines_say()


def test_a_circle_that_would_close_only_later_is_refused_too() -> None:
    ada, marta, mo = hire("A1"), hire("A2"), hire("A3")
    actions.change_manager(employee=ada, manager=marta, on=DAYS[3], actor=None, now=NOW)
    actions.change_manager(employee=marta, manager=mo, on=DAYS[2], actor=None, now=NOW)
    with pytest.raises(actions.CircleOfManagers):
        actions.change_manager(employee=mo, manager=ada, on=DAYS[0], actor=None, now=NOW)


def test_a_unit_cannot_come_to_stand_below_itself() -> None:
    plant = found_unit("制造中心")
    shop = found_unit("一车间", plant)
    with pytest.raises(actions.CircleOfUnits):
        actions.move_unit(unit=plant, parent=shop, on=DAYS[1], version=plant.version, actor=None, now=NOW)


def test_the_same_lines_again_write_no_row() -> None:
    ada, marta = hire("A1"), hire("A2")
    change = {"employees": [ada], "manager": marta, "on": DAYS[1], "actor": None, "now": NOW}
    assert actions.change_managers(**change) == (1, 0, 1)
    assert actions.change_managers(**change) == (0, 0, 0)
