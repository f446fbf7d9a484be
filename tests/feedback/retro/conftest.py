"""The company of the goals' tests on Friday 20 November 2026, 15:00 in Shanghai, when the week is asked about.

Marta leads 设计组: Ada, whose goal was published ten days ago and who checked in on Wednesday, Ben, and six more, so
that hers is a team whose mean may be shown.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from feedback import tasks
from feedback.models import Retro, RetroWeek
from goals.actions.trail import check_in
from goals.models import Goal
from perfsys.people.actions import organisation
from perfsys.tenancy.scope import use_tenant
from tests.goals import conftest as goals_company
from tests.snapshots import begin_with

FRIDAY = datetime(2026, 11, 20, 7, tzinfo=UTC)  # 15:00 for them
MONDAY_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ada, marta, henk, anna = goals_company.ada, goals_company.marta, goals_company.henk, goals_company.anna
founded, visit = goals_company.founded, goals_company.visit


@dataclass
class World:
    company: Any
    leaf: Goal
    clock: Any

    @property
    def scope(self) -> AbstractContextManager[None]:
        return use_tenant(1)


def make_week(founded: dict[str, Any]) -> dict[str, Any]:
    company = founded["company"]
    with time_machine.travel(FRIDAY, tick=False):
        with founded["ada"].scope:
            _top, _middle, leaf = company.tree(now=FRIDAY - 10 * DAY)
            check_in(goal=leaf, actor=company.ada, now=FRIDAY - 2 * DAY, percent=50, note="唇口磨损测试做完 6 组")
        hire(company, founded["ada"], 6)
    return {**founded, "leaf": leaf}


begin_with("busy_week", make_week, on=goals_company.FOUNDED)


@pytest.fixture
def busy_week(cast, beginning):
    return beginning


@pytest.fixture
def world(time_machine, founded, busy_week):
    time_machine.move_to(FRIDAY, tick=False)
    return World(founded, busy_week["leaf"], time_machine)


@pytest.fixture
def opened(world):
    """The same, asked."""
    hold()
    return world


def hire(
    company: Any, somebody: Any, number: int, hired_on: Any = goals_company.HIRED, *, unit: str = "设计组"
) -> list[Any]:
    """Marta's people, in one of the units."""
    with somebody.scope:
        first = len(company.people)
        for n in range(first, first + number):
            company.people[f"hired {n}"] = organisation.add_employee(
                employee_no=f"N{n:04}",
                name=f"新人{n}",
                hired_on=hired_on,
                unit=company.units[unit],
                manager=company.people["marta"],
                actor=None,
                now=FRIDAY,
            )
        return list(company.people.values())[-number:]


def hold(*, due: datetime = FRIDAY, now: datetime = FRIDAY, busy: bool = False) -> None:
    """The job, to its end. `busy`: a week in which everybody of Marta's had two goals, moved one of them, has one on
    its plan and checked in twice."""
    payload = {"due_at": due.isoformat()}
    more = True
    while more:
        with use_tenant(1):
            more = tasks.open_retro(payload=payload, now=now) is not None
            if busy:
                asked = Retro.objects.filter(week__opened_at=None, manager__name="Marta")
                asked.update(goals=2, goals_moved=1, on_plan=1, check_ins=2)


def retro_of(person: Any) -> Retro:
    with use_tenant(1):
        return Retro.objects.select_related("week").filter(person=getattr(person, "employee", person)).latest("week")


def week() -> RetroWeek:
    with use_tenant(1):
        return RetroWeek.objects.get()
