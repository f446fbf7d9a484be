"""An interview of Marta with Ada, planned by the real action."""

from datetime import timedelta
from typing import Any

import pytest

from perfsys.lexicon.models import BehaviourTag
from reviews import actions
from reviews.models import Interview
from tests.feedback.conftest import NOW, give, tag

__all__ = ["NOW", "BehaviourTag", "give", "tag"]


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
