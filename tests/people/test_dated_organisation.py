"""What the database itself refuses to believe about an organisation."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from perfsys.people.models import (
    Assignment,
    Employee,
    EmployeeSpan,
    HrbpAssignment,
    OrgUnit,
    ReportingLine,
    UnitLine,
)
from perfsys.tenancy.scope import use_tenant

pytestmark = pytest.mark.django_db
NEW_YEAR, MARCH, JULY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with use_tenant(1):
        yield


def employee(number: str) -> Employee:
    return Employee.objects.create(employee_no=number, name=number, name_key=number.lower())


def unit(path: str) -> OrgUnit:
    return OrgUnit.objects.create(name=path, path=path, starts_on=NEW_YEAR)


def refused(make: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


def test_a_number_names_one_employee_of_a_company() -> None:
    employee("A1")
    assert refused(lambda: employee("A1"))


def test_nobody_has_two_managers_at_a_time() -> None:
    ada, marta, mo = employee("A1"), employee("A2"), employee("A3")
    ReportingLine.objects.create(employee=ada, manager=marta, starts_on=NEW_YEAR, ends_on=JULY)
    assert refused(lambda: ReportingLine.objects.create(employee=ada, manager=mo, starts_on=MARCH))
    ReportingLine.objects.create(employee=ada, manager=mo, starts_on=JULY)
    assert refused(lambda: ReportingLine.objects.create(employee=ada, manager=mo, starts_on=date(2027, 1, 1)))


def test_nobody_manages_himself() -> None:
    ada = employee("A1")
    assert refused(lambda: ReportingLine.objects.create(employee=ada, manager=ada, starts_on=NEW_YEAR))


def test_a_span_that_never_held_is_no_row() -> None:
    ada, marta = employee("A1"), employee("A2")
    assert refused(lambda: ReportingLine.objects.create(employee=ada, manager=marta, starts_on=MARCH, ends_on=MARCH))


def test_nobody_has_two_primary_posts_at_a_time_and_may_have_a_second_one_beside_it() -> None:
    ada, shop, lab = employee("A1"), unit("shop"), unit("lab")
    Assignment.objects.create(employee=ada, unit=shop, starts_on=NEW_YEAR, ends_on=JULY)
    assert refused(lambda: Assignment.objects.create(employee=ada, unit=lab, starts_on=MARCH))
    Assignment.objects.create(employee=ada, unit=lab, is_primary=False, starts_on=MARCH)


def test_a_unit_hangs_below_one_other_at_a_time() -> None:
    shop, plant, works = unit("shop"), unit("plant"), unit("works")
    UnitLine.objects.create(unit=shop, parent=plant, starts_on=NEW_YEAR)
    assert refused(lambda: UnitLine.objects.create(unit=shop, parent=works, starts_on=NEW_YEAR, ends_on=MARCH))


def test_a_path_names_one_open_unit() -> None:
    unit("shop")
    assert refused(lambda: unit("shop"))
    OrgUnit.objects.create(name="shop", path="shop", starts_on=date(2020, 1, 1), ends_on=NEW_YEAR)


def test_a_unit_has_one_hr_partner_at_a_time() -> None:
    henk, hilde, shop = employee("H1"), employee("H2"), unit("shop")
    HrbpAssignment.objects.create(unit=shop, hrbp=henk, starts_on=NEW_YEAR)
    assert refused(lambda: HrbpAssignment.objects.create(unit=shop, hrbp=hilde, starts_on=MARCH, ends_on=JULY))


def test_leave_and_probation_may_overlap_but_not_two_leaves() -> None:
    ada = employee("A1")
    EmployeeSpan.objects.create(employee=ada, kind="probation", starts_on=NEW_YEAR, ends_on=JULY)
    EmployeeSpan.objects.create(employee=ada, kind="long_leave", starts_on=MARCH)
    assert refused(lambda: EmployeeSpan.objects.create(employee=ada, kind="long_leave", starts_on=JULY))
