"""A small company around the fixed cast, on a fixed day: Monday 2026-11-02, in a quarter that began on 1 October.

恒锐 is led by Zoe. Below it 研发中心, led by Wei; in it 设计组, led by Marta, with Ada and Ben. Henk is HR partner of
研发中心, Cleo works in 生产中心 for Zoe, Anna is administrator and works for Zoe too.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings

from goals.actions import goal as goal_actions
from goals.actions import publishing
from goals.actions.binding import bind_metric
from goals.actions.goal import GoalWords, Place
from goals.actions.periods import ensure_period
from goals.models import Goal, Period
from integrations.queries.sides import Named
from integrations.queries.standing import key_of_person
from perfsys.people.actions import organisation, units
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.scope import use_tenant
from tests.cast import take_seat
from tests.snapshots import begin_with

from . import support
from .measures import Metric

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)  # 10:00 in Shanghai
TODAY = date(2026, 11, 2)
HIRED = date(2020, 1, 6)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PEOPLE = [  # name, unit, manager
    ("zoe", "恒锐", ""),
    ("wei", "研发中心", "zoe"),
    ("marta", "设计组", "wei"),
    ("ada", "设计组", "marta"),
    ("ben", "设计组", "marta"),
    ("henk", "恒锐", "zoe"),
    ("anna", "恒锐", "zoe"),
    ("cleo", "生产中心", "zoe"),
]


@dataclass
class Company:
    """`people` and `units` by name; `say` writes a goal, `publish` a person's set."""

    period: Period
    people: dict[str, Employee] = field(default_factory=dict)
    units: dict[str, OrgUnit] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def place(self, of: Employee | OrgUnit | None) -> Place:
        if of is None:
            return Place.of_company()
        if isinstance(of, OrgUnit):
            return Place.of_unit(of)
        return Place.of_person(of, self.unit_of(of))

    def unit_of(self, person: Employee) -> OrgUnit | None:
        post = person.assignments.filter(is_primary=True, ends_on=None).select_related("unit").first()
        return post.unit if post else None

    def words(self, title: str = "缩短样件交付周期", **more: Any) -> GoalWords:
        return GoalWords(
            **{
                "title": title,
                "starts_on": self.period.starts_on,
                "due_on": self.period.ends_on,
                "weight": Decimal(100),
                "evidence_type": "project",
                "evidence_number": "PRJ-1",
                **more,
            }
        )

    def draft(self, of: Employee | OrgUnit | None, title: str = "缩短样件交付周期", **more: Any) -> Goal:
        if isinstance(of, Employee):
            more.setdefault("new_causes", ["跨系统数据不通"])
        actor = of if isinstance(of, Employee) else None
        return goal_actions.write_goal(
            place=self.place(of), period=self.period, words=self.words(title, **more), actor=actor, now=NOW
        )

    def publish(self, of: Employee | OrgUnit | None, now: datetime = NOW) -> None:
        actor = of if isinstance(of, Employee) else None
        publishing.publish_set(place=self.place(of), period=self.period, actor=actor, now=now)

    def tree(self, now: datetime = NOW) -> tuple[Goal, Goal, Goal]:
        """A published line: the company's goal, 研发中心's, Ada's."""
        top = self.draft(None, "突破海外市场")
        self.publish(None, now)
        middle = self.draft(self.units["研发中心"], "三款低噪音轴承定型", parent=top)
        self.publish(self.units["研发中心"], now)
        leaf = self.draft(self.ada, "6308-2RZ 低噪音密封结构定型", parent=middle)
        self.publish(self.ada, now)
        return tuple(Goal.objects.get(pk=goal.pk) for goal in (top, middle, leaf))  # type: ignore[return-value]


CAST = {
    "ada": ("employee",),
    "marta": ("employee", "manager"),
    "henk": ("employee", "hrbp"),
    "anna": ("employee", "admin"),
}


def make_founded(_nothing: None) -> dict[str, Any]:
    """The cast takes its seats; who they are follows from the company."""
    seats = {name: take_seat("acme", name, *roles) for name, roles in CAST.items()}
    with seats["ada"].scope:
        made = _found()
        for name, person in seats.items():
            person.employee = made.people[name]
            person.employee.membership_id = person.membership.pk
            person.employee.save(update_fields=["membership_id"])
    return {**seats, "company": made}


def make_line(founded: dict[str, Any]) -> dict[str, Any]:
    with time_machine.travel(NOW), founded["ada"].scope:
        return {**founded, "line": founded["company"].tree()}


FOUNDED = begin_with("founded", make_founded)
begin_with("published_line", make_line, on=FOUNDED)


def one_of_the_cast(name):
    @pytest.fixture(name=name)
    def person(cast, beginning):
        return beginning[name] if beginning else take_seat("acme", name, *CAST[name])

    return person


ada, marta, henk, anna = map(one_of_the_cast, CAST)


@pytest.fixture
def founded(cast, beginning):
    """The company with no scope open, as pages find it."""
    return beginning["company"]


@pytest.fixture
def company(founded, ada):
    """The company from inside, as actions find it."""
    with ada.scope:
        yield founded


@pytest.fixture
def that_day(time_machine, founded):
    """The clock of the company's day; who opens a page signs in on it."""
    time_machine.move_to(NOW)


@pytest.fixture
def published_line(cast, beginning):
    return beginning["line"]


@pytest.fixture
def line(that_day, published_line):
    """A published line: the company's goal, 研发中心's, Ada's."""
    return published_line


@pytest.fixture
def visit(live_server, page, complaints):
    """Opens an address as a person of the cast."""

    def opened(person, path, size):
        session = person.client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url, "httpOnly": True}]
        )
        page.set_default_timeout(10_000)
        page.set_viewport_size(size)
        page.goto(live_server.url + path)
        return page

    yield opened
    assert [line for line in complaints if "422" not in line] == []  # the browser notes each form that comes back


def _found() -> Company:
    about: dict[str, Any] = {"actor": None, "now": NOW}
    made = Company(ensure_period(starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31), **about))
    for path in ("恒锐", "恒锐/研发中心", "恒锐/研发中心/设计组", "恒锐/生产中心"):
        above, _, name = path.rpartition("/")
        parent = made.units.get(above.rpartition("/")[2])
        made.units[name] = units.add_unit(name=name, parent=parent, starts_on=HIRED, **about)
    for number, (name, unit, boss) in enumerate(PEOPLE):
        made.people[name] = organisation.add_employee(
            employee_no=f"HR{number:04}",
            name=name.title(),
            hired_on=HIRED,
            unit=made.units[unit],
            manager=made.people.get(boss),
            **about,
        )
    units.set_hrbp(unit=made.units["研发中心"], hrbp=made.henk, on=HIRED, **about)
    return made


@pytest.fixture
def counts_stay_right(cast):
    """For tests of what writes goals and alignments by sets: what is kept about them is what is counted, at the end."""
    yield
    with use_tenant(1):
        assert support.kept() == support.counted()
        assert support.wrongly_aligned() == set()


# --- a goal of Ada's, and a metric that it may be bound to ---


@pytest.fixture
def metric(company):
    return Metric(company.zoe, company.ada, NOW)


@pytest.fixture
def goal(company):
    """Ada's, measured: 100 万元 in the quarter."""
    figures = {"kind": "kpi", "measure": "回款", "unit_of_measure": "万元", "target": Decimal(100)}
    top = company.draft(None, "突破海外市场")
    company.publish(None)
    middle = company.draft(company.units["研发中心"], "三款轴承定型", parent=top)
    company.publish(company.units["研发中心"])
    made = company.draft(company.ada, "新客户回款", parent=middle, **figures)
    company.publish(company.ada)
    return Goal.objects.get(pk=made.pk)


def ada_of(company):
    return Named(key_of_person(company.ada.public_id), "Ada", company.ada.pk)


@pytest.fixture
def bind(company, metric, goal):
    def bound(making="sum", metric=metric, whose=None, goal=goal):
        return bind_metric(
            goal=goal,
            key_result=None,
            definition=metric.definition,
            whose=whose or ada_of(company),
            making=making,
            actor=company.ada,
            now=NOW,
        )

    return bound
