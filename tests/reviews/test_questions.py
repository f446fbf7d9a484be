"""A neutral question for each thing to clear up."""

import pytest
from django.utils import translation

from reviews.questions import question

KINDS = ("feedback", "action", "promise", "alert")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("days", [-3, 0, 3, 31])
def test_it_asks_and_blames_nobody(kind: str, days: int) -> None:
    with translation.override("zh-hans"):
        asked = question(kind, days)
    assert asked.endswith("？")
    assert not [word for word in ("为什么没", "逾期", "必须", "应该", "责任") if word in asked]


def test_what_is_old_is_asked_about_otherwise() -> None:
    assert question("feedback", 30) != question("feedback", 31)
    assert question("promise", -1) != question("promise", 0)
    assert len({question(kind, 3) for kind in KINDS}) == 4
