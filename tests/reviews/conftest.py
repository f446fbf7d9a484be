"""An interview of Marta with Ada, planned by the real action; what the pack rests on; and pages on that day."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings

from feedback.models import ActionItem, Feedback
from goals.actions.periods import ensure_period
from goals.models import EvidenceItem, Goal
from perfsys.lexicon.models import BehaviourTag, Nature
from reviews import actions
from reviews.models import Interview, PrepPack
from reviews.pack import AxisLine, ClearItem, GoalLine, Pack, WordLine
from tests.feedback.conftest import NOW, give, tag

__all__ = ["NOW", "BehaviourTag", "give", "tag"]
STARTS_ON, ENDS_ON = date(2026, 10, 1), date(2026, 12, 31)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SAID = "夜班换砂轮 40 分钟，当班少停 3 小时。"
WORDS = [
    "砂轮",
    "图纸",
    "夹具",
    "模板",
    "样品",
    "台架",
    "下车间",
    "跨部门",
    "低温测试",
    "提前知会",
    "换料",
    "排期",
    "徒弟",
    "工装",
    "首检",
    "返工",
    "会签",
    "看板",
    "交接班",
    "点检",
    "油温",
    "主轴",
    "来料",
    "标签",
    "批次",
    "客户",
    "报价",
    "方案",
    "备件",
    "巡检",
]


@pytest.fixture
def interview(ada: Any, marta: Any) -> Interview:
    """On Monday; today is Friday."""
    with marta.scope:
        return actions.plan_interview(
            employee=ada.employee,
            manager=marta.employee,
            at=NOW + timedelta(days=3),
            minutes=30,
            place="茶水间",
            key="first",
            now=NOW,
        )


@pytest.fixture
def that_day(time_machine: Any, ada: Any, bob: Any, marta: Any, henk: Any, anna: Any) -> None:
    """The clock of that Friday; who opens a page signs in on it."""
    time_machine.move_to(NOW)


@pytest.fixture
def goals(ada: Any) -> Callable[[int], list[Goal]]:
    """`goals(3)`: published ones of Ada's, each with a record of evidence."""

    def made(count: int) -> list[Goal]:
        with ada.scope:
            period = ensure_period(starts_on=STARTS_ON, ends_on=ENDS_ON, actor=None, now=NOW)
            first = Goal.objects.count()
            found = Goal.objects.bulk_create(
                Goal(
                    number=f"G-{n}",
                    period=period,
                    layer="position",
                    title=f"{WORDS[n % len(WORDS)]}改进第 {n + 1} 项，低噪音密封结构定型",
                    owner=ada.employee,
                    starts_on=STARTS_ON,
                    due_on=ENDS_ON,
                    weight=100 - n,
                    status="published",
                    published_at=NOW,
                    published_on=STARTS_ON,
                    made_at=NOW,
                    own_progress=72,
                    health=("ok", "watch", "talk")[n % 3],
                )
                for n in range(first, first + count)
            )
            EvidenceItem.objects.bulk_create(
                EvidenceItem(goal=goal, at=NOW, local_on=NOW.date(), type="document", number=f"DWG-{goal.number}")
                for goal in found
            )
            return found

    return made


@pytest.fixture
def filled(interview: Interview, ada: Any, bob: Any, marta: Any, give: Any, goals: Any) -> Callable[..., PrepPack]:
    """`filled(5, words=20, items=10)`: a further pack with so many goals, words and things to clear up."""

    def made(count: int, *, words: int = 0, items: int = 0) -> PrepPack:
        listed = goals(count)
        told: list[Feedback] = [
            give(bob, ada, nature=Nature.CONSTRUCTIVE, expected_action=f"换料前五天知会质量组 {n}")
            for n in range((items or count) // 2)
        ]
        with marta.scope:
            taken_on = ActionItem.objects.bulk_create(
                ActionItem(owner=ada.employee, text=f"把台架排期表共享给测试组 {n}", due_on=NOW.date(), made_at=NOW)
                for n in range((items or count) - len(told))
            )
            pack = Pack(
                as_of=NOW.date().isoformat(),
                since="2026-09-14",
                goals=[
                    GoalLine(str(g.public_id), g.title, g.health, 72.0, 68.0, 4.0, 55.0, 3, 2, 1, n == 1, n == 2)
                    for n, g in enumerate(listed)
                ],
                words=[
                    WordLine(word, 12 - n % 9, 4, n % 4 == 1, [one.pk for one in told])
                    for n, word in enumerate(WORDS[: words or count])
                ],
                feedback_count=47,
                giver_count=19,
                radar=[
                    AxisLine(name, "", 9 - n, n, 4)
                    for n, name in enumerate(["协同", "质量", "客户", "创新", "执行", "学习"])
                ],
                items=[ClearItem("feedback", one.pk, "2026-11-02", "", str(one.public_id)) for one in told]
                + [ClearItem("action", one.pk, "2026-11-10", one.text, str(one.public_id)) for one in taken_on],
                feedback_ids=[one.pk for one in told],
            ).to_json()
            number = PrepPack.objects.filter(interview=interview).count() + 1
            return PrepPack.objects.create(
                interview=interview, number=number, made_at=NOW, for_manager=pack, for_employee=pack
            )

    return made


@pytest.fixture
def url(interview: Interview) -> Callable[[str], str]:
    return lambda step="": f"/t/acme/meetings/{interview.public_id}/" + (f"{step}/" if step else "")


@pytest.fixture
def visit(live_server: Any, page: Any, complaints: list[str]) -> Iterator[Callable[..., Any]]:
    """Opens an address as a person of the cast."""

    def opened(person: Any, path: str, size: dict[str, int]) -> Any:
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
