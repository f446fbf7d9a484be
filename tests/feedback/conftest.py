"""Feedback between the people of acme, given by the real action."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from feedback.actions import feedback as actions
from feedback.actions.feedback import Fact
from feedback.models import FactKind, Feedback, Visibility
from perfsys.lexicon import standard
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, Nature

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
