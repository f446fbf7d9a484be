"""The decoding workshop of the next period, under way: some departments have spoken, one company goal is carried by
nobody, and two departments propose nearly the same."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from goals.access import departments
from goals.actions import workshop
from goals.actions.goal import GoalWords, Place, write_goal
from goals.actions.periods import ensure_period
from goals.models import Goal, Period, Workshop
from goals.queries.heads import head_by_unit
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import members_of, units_under

DAY = timedelta(days=1)
COMPANY_GOALS = (  # title, measure, target, weight
    ("海外营收占比提升到 35%", "海外营收占比", 35, 40),
    ("P4 级轴承准时交付率达到 96%", "准时交付率", 96, 35),
    ("人均产出提升 8%", "人均产出", 8, 25),
)


@dataclass(frozen=True)
class Told:
    """By the first department with one of `of` in its name, for the company goal at this place."""

    goal: int
    of: tuple[str, ...]
    title: str
    measure: str = ""
    target: int | None = None
    weight: int | None = None
    actions: tuple[str, ...] = ()


TOLD = (
    Told(0, ("质量", "品质"), "海外样件一次合格率达到 96%", "一次合格率", 96, 30, ("样件首件三方会检", "每周复盘退样")),
    Told(0, ("生产", "制造", "车间"), "海外样件首次合格率 95% 以上", "首次合格率", 95, 20, ("样件专线换型点检",)),
    Told(0, ("销售", "海外", "营销"), "新签海外主机厂客户 6 家", "新签客户数", 6, 40, ("德国展会后两周内回访",)),
    Told(1, ("采购", "供应", "计划"), "套圈毛坯准时到货率 98%", "准时到货率", 98, None, ("毛坯供应商周计划对齐",)),
    Told(1, ("研发", "技术", "工艺"), "P4 级磨削节拍缩短 10%"),
)  # fmt: skip


def open_workshop(hrbp: Employee, running: Period, on: date, now: datetime) -> None:
    """For the period right behind the one that runs, and as long: that one was moved by weeks, so quarters would lie
    across it."""
    starts_on, begun = running.ends_on + DAY, now - 5 * DAY
    ends_on = starts_on + (running.ends_on - running.starts_on)
    period = ensure_period(starts_on=starts_on, ends_on=ends_on, actor=hrbp, now=begun)
    goals = [
        write_goal(
            place=Place.of_company(),
            period=period,
            words=GoalWords(
                title=title,
                measure=measure,
                unit_of_measure="%",
                target=Decimal(target),
                weight=Decimal(weight),
                starts_on=starts_on,
                due_on=ends_on,
            ),
            actor=None,
            now=begun,
        )
        for title, measure, target, weight in COMPANY_GOALS
    ]
    opened = workshop.open_workshop(period=period, actor=hrbp, now=begun)
    units = list(departments(on))
    heads = head_by_unit({unit.pk for unit in units}, on)
    for number, one in enumerate(TOLD):
        unit = next((unit for name in one.of for unit in units if name in unit.name), None)
        if unit is not None:
            _propose(opened, unit, one, goals, heads[unit.pk], on, now - (4 * DAY - timedelta(hours=number)))
            units.remove(unit)


def _propose(
    opened: Workshop, unit: OrgUnit, one: Told, goals: list[Goal], head: Employee, on: date, at: datetime
) -> None:
    words = workshop.ProposalWords(
        title=one.title,
        objective=goals[one.goal],
        measure=one.measure,
        target=None if one.target is None else Decimal(one.target),
        unit_of_measure="家" if "客户数" in one.measure else "%" if one.target else "",
        weight=None if one.weight is None else Decimal(one.weight),
    )
    made = workshop.propose(workshop=opened, unit=unit, words=words, key=one.title, actor=head, now=at)
    people = members_of(list(units_under(unit, on)), on).filter(~Q(pk=head.pk), status=Employee.Status.ACTIVE)
    for title, owner in zip(one.actions, people[: len(one.actions)], strict=False):
        workshop.add_action(proposal=made, title=title, owner=owner, key=title, actor=head, now=at)
