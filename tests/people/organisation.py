"""A small company made by the real actions, for the tests of this folder."""

from datetime import UTC, date, datetime

from perfsys.people import actions
from perfsys.people.models import Employee, OrgUnit

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FOUNDED = date(2020, 1, 1)


def hire(
    number: str,
    *,
    name: str = "",
    manager: Employee | None = None,
    unit: OrgUnit | None = None,
    on: date = FOUNDED,
    position: str = "",
) -> Employee:
    return actions.add_employee(
        employee_no=number,
        name=name or number,
        hired_on=on,
        manager=manager,
        unit=unit,
        position=position,
        actor=None,
        now=NOW,
    )


def found_unit(name: str, parent: OrgUnit | None = None, on: date = FOUNDED) -> OrgUnit:
    return actions.add_unit(name=name, parent=parent, starts_on=on, actor=None, now=NOW)
