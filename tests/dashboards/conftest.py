"""The company of the goals' tests, on its Monday, with last night's check behind it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from goals.actions.alerts import check_health
from goals.actions.telling import tell_lines
from goals.models import Alignment, Goal
from perfsys.people.actions import organisation
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import Seat
from tests.goals import conftest as goals_company
from tests.snapshots import begin_with

NOW, TODAY = goals_company.NOW, goals_company.TODAY
BEGUN = NOW - timedelta(days=30)
ada, marta, henk, anna = goals_company.ada, goals_company.marta, goals_company.henk, goals_company.anna
founded = goals_company.founded


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


def make_silent_line(founded):
    with time_machine.travel(NOW), founded["ada"].scope:
        return {**founded, "line": founded["company"].tree(now=BEGUN)}


begin_with("silent_line", make_silent_line, on=goals_company.FOUNDED)


@pytest.fixture
def silent_line(cast, beginning):
    return beginning["line"]


@pytest.fixture
def world(_on_that_day, founded, silent_line, ada):
    """Ada's line of goals, published a month ago and silent since; nothing was looked at yet."""
    top, middle, leaf = silent_line
    return SimpleNamespace(company=founded, top=top, middle=middle, leaf=leaf, scope=ada)


@pytest.fixture
def checked(world):
    """The same after the night."""
    night(world)
    return world


def night(world, on=TODAY):
    with world.scope.scope:
        check_health(as_of=on, now=NOW)
        while tell_lines(on=on, now=NOW):
            pass


def more_goals(world, owner, count, **more):
    """Published and silent ones that carry the department's goal."""
    company = world.company
    with world.scope.scope:
        first = Goal.objects.count()
        goals = Goal.objects.bulk_create(
            Goal(
                **{
                    "number": f"M-{first + n}",
                    "period": company.period,
                    "layer": "position",
                    "owner": owner,
                    "unit": company.units["设计组"],
                    "title": f"工装改进 {first + n}",
                    "starts_on": company.period.starts_on,
                    "due_on": company.period.ends_on,
                    "status": "published",
                    "published_at": BEGUN,
                    "published_on": BEGUN.date(),
                    "made_at": BEGUN,
                    **more,
                }
            )
            for n in range(count)
        )
        Alignment.objects.bulk_create(Alignment(child=goal, parent=world.middle) for goal in goals)
        return goals


def hire(world, count, manager):
    """People of 设计组 who report to `manager`."""
    with world.scope.scope:
        first = len(world.company.people)
        for n in range(first, first + count):
            world.company.people[f"hired {n}"] = organisation.add_employee(
                employee_no=f"N{n:04}",
                name=f"新人{n}",
                hired_on=TODAY,
                unit=world.company.units["设计组"],
                manager=manager,
                actor=None,
                now=NOW,
            )
        return list(world.company.people.values())[-count:]


def text_of(page):
    assert page.status_code == 200
    return page.content.decode()


def seat(*roles):
    """One without more than these: what is seen follows from the organisation alone."""
    return Seat(
        tenant_id=1,
        membership_id=Membership.objects.order_by("pk").first().pk,
        roles=frozenset(roles),
        slug="acme",
        name="甲公司",
        time_zone="Asia/Shanghai",
        locale="zh-hans",
        min_group_size=5,
    )
