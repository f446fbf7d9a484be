"""Feedback between the people of acme, given by the real action."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from feedback.actions import feedback as actions
from feedback.actions.feedback import Fact
from feedback.models import FactKind, Feedback, Source, Visibility
from goals.actions.periods import ensure_period
from goals.models import Goal
from perfsys.lexicon import standard
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, Nature
from tests.cast import today

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, ten in the morning for them
LINK = Fact(FactKind.LINK, url="https://mes.example/orders/WO-17")


@pytest.fixture
def tag(ada: Any, monkeypatch: pytest.MonkeyPatch) -> BehaviourTag:
    """主动补位, of the ready-made words, which acme has been given; of the vague expressions none, so that the standard
    ones are known by themselves."""
    monkeypatch.setattr(standard, "VAGUE_EXPRESSIONS", ())
    with ada.scope:
        add_standard_terms(now=NOW)
        found: BehaviourTag = BehaviourTag.objects.get(name="主动补位")
        return found


@pytest.fixture
def give(tag: BehaviourTag) -> Callable[..., Feedback]:
    """`give(ada, bob, nature=Nature.CONSTRUCTIVE)`: what is not named is as a typical one has it."""

    def given(giver: Any, receiver: Any, **named: Any) -> Feedback:
        said: dict[str, Any] = {
            "nature": Nature.POSITIVE,
            "tag": tag,
            "text": "夜班砂轮崩边，带着两个徒弟 40 分钟换好，当班少停 3 小时。",
            "expected_action": "把换砂轮步骤教给夜班二组",
            "facts": [LINK],
            "visibility": Visibility.MANAGER,
            "key": str(uuid.uuid4()),
            "now": NOW,
            **named,
        }
        with giver.scope:
            return actions.give_feedback(giver=giver.employee, receiver=receiver.employee, **said)

    return given


@pytest.fixture
def private_goal(ada: Any) -> Goal:
    """不公开的目标, of Ada's, which Anna may not read."""
    with ada.scope:
        now = timezone.now()
        period = ensure_period(starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31), actor=None, now=now)
        made: Goal = Goal.objects.create(
            number="P-1",
            period=period,
            layer="position",
            title="不公开的目标",
            owner=ada.employee,
            is_private=True,
            status="published",
            starts_on=period.starts_on,
            due_on=period.ends_on,
            made_at=now,
            published_at=now,
            published_on=today(),
        )
    return made


@pytest.fixture
def tags(ada: Any) -> list[BehaviourTag]:
    """Six competencies with a tag each; the second has a scene in the dictionary."""
    made = []
    with ada.scope:
        for place, name in enumerate(["协同", "质量", "同理", "沉淀", "预判", "创新"]):
            competency = Competency.objects.create(name=name, position=place)
            made.append(BehaviourTag.objects.create(competency=competency, name=f"{name}的行为"))
        entry = {"nature": Nature.POSITIVE, "level": 1, "text": "首件先送检，再开批量。", "scene": "换型之后的第一件"}
        LexiconEntry.objects.create(competency=made[1].competency, **entry)
    return made


@pytest.fixture
def tell(ada: Any, bob: Any) -> Any:
    """`tell(tag, days=3, number=2)`: Bob to Ada unless named, as it would come from an import."""

    def told(tag: BehaviourTag, *, days: int = 0, number: int = 1, **more: Any) -> None:
        giver, receiver = more.pop("giver", bob), more.pop("receiver", ada)
        said = {"text": "样件当天就送到了。", "expected_action": "写进作业指导书"}
        given = {"nature": Nature.POSITIVE, "visibility": Visibility.MANAGER, **said, **more}
        with ada.scope:
            Feedback.objects.bulk_create(
                Feedback(
                    giver=giver.employee,
                    receiver=receiver.employee,
                    tag=tag,
                    at=timezone.now() - timedelta(days=days),
                    local_on=today() - timedelta(days=days),
                    source=Source.IMPORT,
                    **given,
                )
                for _ in range(number)
            )

    return told
