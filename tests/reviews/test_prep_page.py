"""The prep pack's page: four panels as of its time, and who reads it (product.md §4.1, §9.3)."""

from datetime import timedelta
from typing import Any

import pytest

from feedback.actions.feedback import withdraw
from feedback.models import Feedback
from perfsys.lexicon.models import Nature
from reviews import actions
from reviews.models import PrepPack
from tests.conftest import assert_page_queries

from .conftest import NOW

pytestmark = pytest.mark.usefixtures("that_day")


def text(person: Any, address: str, **asked: Any) -> str:
    answer = person.client.get(address, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_it_is_made_it_can_be_made_and_two_presses_make_one(marta: Any, interview: Any, url: Any) -> None:
    assert "现在就做一份" in text(marta, url("prep"))
    for _ in range(2):
        assert marta.client.post(url("prep/make"), {"after": 0}).status_code == 302
    with marta.scope:
        assert PrepPack.objects.count() == 1
    marta.client.post(url("prep/make"), {"after": 1})
    with marta.scope:
        assert PrepPack.objects.count() == 2


def test_the_four_panels_stand_there_with_their_time_and_their_readers(marta: Any, filled: Any, url: Any) -> None:
    filled(3)
    page = text(marta, url("prep"))
    assert "砂轮改进第 1 项" in page and 'class="p-68"' in page and "+17" in page
    assert "47 条反馈，19 位同事" in page and "hot" in page and "ask" in page
    assert "换料前五天知会质量组 0" in page and "可以问：" in page
    assert 'data-chart="radar"' in page
    assert "只有你和Ada看得到" in page and "今天 10:00" in page


def test_the_employee_has_an_own_side(ada: Any, marta: Any, bob: Any, give: Any, interview: Any, url: Any) -> None:
    between_two = give(bob, ada, nature=Nature.CONSTRUCTIVE, visibility="receiver", expected_action="先看夹具图")
    with marta.scope:
        actions.make_pack(interview=interview, now=NOW)
    assert between_two.expected_action in text(ada, url("prep"))
    assert between_two.expected_action not in text(marta, url("prep"))


def test_what_came_today_is_not_open_for_0_days(
    ada: Any, bob: Any, marta: Any, give: Any, interview: Any, url: Any
) -> None:
    give(bob, ada, nature=Nature.CONSTRUCTIVE)
    with marta.scope:
        actions.make_pack(interview=interview, now=NOW)
    page = text(marta, url("prep"))
    assert "今天才有" in page and "0 天没有闭环" not in page


def test_what_was_withdrawn_is_gone_from_every_pack(
    ada: Any, bob: Any, marta: Any, filled: Any, interview: Any, url: Any
) -> None:
    filled(3, items=2)
    with bob.scope:
        told = Feedback.objects.get()
    assert told.expected_action in text(marta, url("prep"))
    assert told.text in text(marta, url("prep/words"), word="砂轮")
    with bob.scope:
        withdraw(feedback=told, actor=bob.employee, now=NOW)
    page = text(marta, url("prep"))
    assert told.expected_action not in page and told.text not in page
    words = text(marta, url("prep/words"), word="砂轮")
    assert told.text not in words and "已经被写的人撤回" in words


def test_a_word_that_is_not_in_the_pack_is_not_found(marta: Any, filled: Any, url: Any) -> None:
    filled(3)
    assert marta.client.get(url("prep/words"), {"word": "没有这个词"}).status_code == 404
    assert marta.client.get(url("prep/words")).status_code == 404


def test_an_old_pack_stays_as_it_was(marta: Any, filled: Any, interview: Any, url: Any) -> None:
    filled(3)
    with marta.scope:
        actions.make_pack(interview=interview, now=NOW + timedelta(hours=1))
    assert "47 条反馈" not in text(marta, url("prep"))
    assert "47 条反馈" in text(marta, url("prep"), pack=1)
    assert "47 条反馈" not in text(marta, url("prep"), pack=99)


def test_nobody_else_reads_it_before_and_after_signing(
    ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, otto: Any, filled: Any, url: Any
) -> None:
    filled(3)
    answers = [person.client.get(url("prep")).status_code for person in (ada, marta, bob, henk, anna, otto)]
    assert answers == [200, 200, 404, 404, 404, 404]


def test_figures_that_are_checked_or_contested_say_so(marta: Any, filled: Any, url: Any) -> None:
    filled(3)
    shown = marta.client.get(url("prep")).content.decode()
    assert shown.count("数据核对中") == shown.count("有异议") == 1


@pytest.mark.parametrize("page", ["prep", "prep/words"])
def test_it_asks_the_same_for_3_and_30(marta: Any, filled: Any, url: Any, page: str) -> None:
    # The pack: 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 interview, 1 pack, 1 modules,
    # 1 what the company has set about feedback, 1 feedback, 1 actions, 1 goals, 1 evidence. The words: 1 session,
    # 1 account, 1 scope; 1 person, 1 inbox count; 1 interview, 1 pack, 1 settings, 1 feedback.
    address, expected = url(page) + "?word=砂轮", {"prep": 13, "prep/words": 9}[page]
    filled(3)
    assert_page_queries(marta.client, address, expected)
    filled(30)
    assert_page_queries(marta.client, address, expected)


def test_a_full_pack_is_small_enough(marta: Any, filled: Any, url: Any) -> None:
    filled(30)
    assert len(text(marta, url("prep")).encode()) < 150_000
