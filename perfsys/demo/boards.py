"""A few blockers on the cross-team board and promises on goals, around the people whose pages show the circle."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from goals.actions import blockers
from goals.actions.incentives import make_promise
from goals.models import Alignment, For, Goal, Layer, Period, Status
from goals.queries.heads import heads_of
from perfsys.people.models import Employee, OrgUnit, OrgUnitClosure
from perfsys.people.queries import primary_units

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """Asked of the first unit with one of `of` in its name, so many days ago; answered after so many hours, or not."""

    days_ago: int
    of: tuple[str, ...]
    text: str
    wish_days: int = 7
    answer: str = ""
    hours: int = 4
    is_solved: bool = False


ASKED = (
    Asked(2, ("质量", "生产", "采购"), "三批样件的资料还没给齐，这周的检验和装配排不进去，能不能先给一个日期？"),
    Asked(
        6,
        ("采购", "供应"),
        "密封圈新料号的询价停在系统里，供应商说没收到图纸。",
        answer="图纸周二已补发，供应商答应周五前报价，我每天跟一次。",
        hours=5,
    ),
    Asked(
        11,
        ("信息", "数据", "IT"),
        "工单系统和进度表的编号对不上，每周要手工核两个小时。",
        answer="编号规则已统一，今晚同步一次，明早请再核一遍。",
        hours=26,
        is_solved=True,
    ),
)
PROMISES = (
    (For.CHILDREN, "前三位完成的同事，年底技术交流会名额各一个", 3),
    (For.OWNER, "按期完成，团队一起去供应商现场学习一天", None),
)


def fill_boards(employee: Employee, manager: Employee, period: Period, on: date, now: datetime) -> None:
    """The employee and the manager ask in turn; what has no unit that fits, or is in their own line, is passed over."""
    for number, one in enumerate(ASKED):
        unit = _unit(one.of, employee, on)
        if unit is not None:
            _ask((employee, manager)[number % 2], unit, one, period, on, now)
    _promise(employee, manager, now, period)


def _unit(names: tuple[str, ...], asker: Employee, on: date) -> OrgUnit | None:
    own = primary_units([asker.pk], on).get(asker.pk)
    line = OrgUnitClosure.objects.filter(descendant=own, ends_on=None).values("ancestor")
    others = OrgUnit.objects.filter(ends_on=None).exclude(pk__in=line).order_by("pk")
    return next((found for name in names if (found := others.filter(name__contains=name).first())), None)


def _ask(person: Employee, unit: OrgUnit, one: Asked, period: Period, on: date, now: datetime) -> None:
    at = now - one.days_ago * DAY
    goal = _goals(person, period).first()
    wish_on = on + (one.wish_days - one.days_ago) * DAY
    try:
        made = blockers.post_blocker(
            posted_by=person,
            to_unit=unit,
            text=one.text,
            key=f"demo {one.days_ago}",
            now=at,
            goal=goal,
            wish_on=wish_on,
        )
    except blockers.OwnLine:
        return
    heads = [head for head in heads_of(unit, on) if head != person]
    if one.answer and heads:
        answered = at + timedelta(hours=one.hours)
        blockers.reply_to_blocker(
            blocker=made, text=one.answer, is_asked=True, actor=heads[0], key="demo", now=answered
        )
        if one.is_solved:
            blockers.solve_blocker(blocker=made, solved=True, actor=person, now=answered + DAY)


def _promise(employee: Employee, manager: Employee, now: datetime, period: Period) -> None:
    """On the goal that most of the team carry, and on one of the employee's own."""
    own = _goals(employee, period)
    above = Alignment.objects.filter(child__in=own, parent__status=Status.PUBLISHED).order_by("pk").first()
    goals = [above.parent if above else None, own.first()]
    for goal, (is_for, promise, quota) in zip(goals, PROMISES, strict=True):
        if goal is not None:
            make_promise(
                goal=goal, is_for=is_for, promise=promise, quota=quota, key="demo", actor=manager, now=now - 20 * DAY
            )


def _goals(person: Employee, period: Period) -> QuerySet[Goal]:
    of_person = Goal.objects.filter(owner=person, layer=Layer.POSITION, period=period, status=Status.PUBLISHED)
    return of_person.order_by("-weight", "pk")
