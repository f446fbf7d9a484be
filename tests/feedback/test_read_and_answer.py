"""The wall, the lists, one feedback by itself, and what giver and receiver do there."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from feedback.actions.feedback import CORRECTED_WITHIN, Fact
from feedback.models import ActionItem, ActionState, FactKind, Feedback, FeedbackLike, Visibility
from perfsys.lexicon.models import Nature
from perfsys.notices.models import Delivery, Notice
from tests.cast import today
from tests.conftest import assert_page_queries

from .conftest import NOW

LIST = "/t/acme/feedback/"
TEXT = "夜班砂轮崩边"


def url(feedback: Feedback, action: str = "") -> str:
    return f"/t/acme/feedback/{feedback.public_id}/{action}{'/' if action else ''}"


def text(person: Any, address: str) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def hope(ada: Any, bob: Any, give: Any) -> Feedback:
    """Ada hopes for something from Bob, as of now."""
    made: Feedback = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    return made


def grown_old(feedback: Feedback, person: Any) -> None:
    with person.scope:
        Feedback.objects.filter(pk=feedback.pk).update(at=timezone.now() - CORRECTED_WITHIN)


def test_recognition_stands_on_the_wall_and_nothing_else_does(ada: Any, bob: Any, anna: Any, give: Any) -> None:
    give(ada, bob, text="只有经理看得到的一句。", now=timezone.now())
    assert "只有经理看得到" not in text(anna, LIST)
    give(ada, bob, visibility=Visibility.EVERYONE, now=timezone.now())
    page = text(anna, LIST)
    assert TEXT in page and "feedback/requests/new/" in page


def test_each_tab_shows_its_own_and_says_how_many(ada: Any, bob: Any, hope: Feedback) -> None:
    for person, tab in ((bob, "mine"), (bob, "open"), (ada, "sent")):
        page = text(person, f"{LIST}?tab={tab}")
        assert TEXT in page and 'aria-current="true">' in page
    assert "给我的 1" in text(bob, LIST) and "待闭环 1" in text(bob, LIST)
    assert TEXT not in text(ada, f"{LIST}?tab=mine")


def test_a_goal_behind_it_opens_only_for_whom_may_read_it(
    ada: Any, bob: Any, anna: Any, give: Any, private_goal: Any
) -> None:
    goal, fact = private_goal, Fact(FactKind.GOAL, goal=private_goal)
    told = give(ada, bob, visibility=Visibility.EVERYONE, facts=[fact], now=timezone.now())
    assert "不公开的目标" in text(ada, url(told))
    page = text(anna, url(told))
    assert "不公开的目标" not in page and str(goal.public_id) not in page and "你看不到详情" in page


def test_a_heart_is_given_once_and_taken_back(bob: Any, hope: Feedback) -> None:
    for _ in range(2):
        assert bob.client.post(url(hope, "like"), {"next": f"{LIST}?tab=mine"}).url == f"{LIST}?tab=mine"
    with bob.scope:
        assert FeedbackLike.objects.count() == 1 and not Feedback.objects.get().is_open
    part = bob.client.post(url(hope, "unlike"), headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in part and "<html" not in part
    with bob.scope:
        assert Feedback.objects.get().is_open


def test_an_answer_closes_it_and_stands_below(ada: Any, bob: Any, hope: Feedback) -> None:
    once = {"key": str(uuid4()), "text": "下周二夜班前讲一遍。"}
    for _ in range(2):
        assert bob.client.post(url(hope, "answer"), once).status_code == 302
    page = text(ada, url(hope))
    assert page.count("下周二夜班前讲一遍") == 1 and "已回复" in page
    assert bob.client.post(url(hope, "answer"), {"key": "k", "text": " "}).status_code == 422


def test_talked_over_is_clear(bob: Any, hope: Feedback) -> None:
    for _ in range(2):
        assert bob.client.post(url(hope, "clarify")).status_code == 302
    with bob.scope:
        assert Feedback.objects.get().closed_how == "clarified"


def test_it_becomes_an_action_with_a_day(ada: Any, bob: Any, hope: Feedback) -> None:
    late = {"key": "k", "text": "教夜班二组", "due_on": (today() - timedelta(days=1)).isoformat()}
    answer = bob.client.post(url(hope, "take-on"), late)
    assert answer.status_code == 422 and "教夜班二组" in answer.content.decode()
    far = late | {"due_on": "9999-12-31"}
    assert bob.client.post(url(hope, "take-on"), far).status_code == 422
    once = late | {"due_on": (today() + timedelta(days=7)).isoformat()}
    for _ in range(2):
        assert bob.client.post(url(hope, "take-on"), once).status_code == 302
    later = today() + timedelta(days=9)  # back to the form, and another day
    assert bob.client.post(url(hope, "take-on"), once | {"due_on": later.isoformat()}).status_code == 302
    with bob.scope:
        item = ActionItem.objects.get()
        assert item.due_on == later
    assert "教夜班二组" in text(bob, f"{LIST}?tab=open") and "教夜班二组" in text(ada, url(hope))
    assert f"/t/acme/actions/{item.public_id}/finish/" not in text(ada, url(hope))


def test_an_action_is_done_put_aside_and_taken_up_again(bob: Any, hope: Feedback) -> None:
    bob.client.post(url(hope, "take-on"), {"key": "k", "text": "教夜班", "due_on": today().isoformat()})
    with bob.scope:
        item = ActionItem.objects.get()

    def state() -> str:
        with bob.scope:
            return str(ActionItem.objects.get().state)

    deed = f"/t/acme/actions/{item.public_id}/"
    assert bob.client.post(f"{deed}finish/").url == f"{LIST}?tab=open"
    assert state() == ActionState.DONE
    bob.client.post(f"{deed}reopen/")
    assert state() == ActionState.OPEN
    answer = bob.client.post(f"{deed}drop/", {"outcome": ""})
    assert answer.status_code == 422 and "写一句为什么" in answer.content.decode()
    bob.client.post(f"{deed}drop/", {"outcome": "工艺改了"})
    assert state() == ActionState.DROPPED
    assert "工艺改了" in text(bob, f"{LIST}?tab=open")


def test_the_giver_corrects_within_a_day_and_later_only_adds(ada: Any, bob: Any, hope: Feedback) -> None:
    new = {"text": "换料前两天才知会。", "expected_action": "提前五天知会", "version": 1}
    assert ada.client.post(url(hope, "correct"), new | {"text": "一。二。三。四。"}).status_code == 422
    assert ada.client.post(url(hope, "correct"), new).status_code == 302
    assert "换料前两天才知会" in text(bob, url(hope))
    grown_old(hope, ada)
    late = ada.client.post(url(hope, "correct"), new | {"text": "晚了一天才想起来。"})
    assert late.status_code == 422
    page = late.content.decode()
    assert "晚了一天才想起来" in page and url(hope, "annotate") in page
    assert ada.client.post(url(hope, "withdraw")).status_code == 422
    once = {"key": str(uuid4()), "text": "后来又停了一次。"}
    for _ in range(2):
        assert ada.client.post(url(hope, "annotate"), once).status_code == 302
    assert text(bob, url(hope)).count("后来又停了一次") == 1


def test_what_was_taken_back_is_gone_for_all_others(ada: Any, bob: Any, marta: Any, hope: Feedback) -> None:
    assert "主动补位" in text(bob, "/t/acme/inbox/")
    with bob.scope:
        mail = Delivery.objects.create(to=bob.employee, bundle="k", made_at=NOW, run_after=NOW)
        Notice.objects.filter(to=bob.employee).update(delivery=mail)
    for _ in range(2):
        assert ada.client.post(url(hope, "withdraw")).status_code == 302
    page = text(ada, url(hope))
    assert "已撤回" in page and "只有你自己还看得到" in page and "谁会看到" not in page
    assert bob.client.get(url(hope)).status_code == marta.client.get(url(hope)).status_code == 404
    assert "主动补位" not in text(bob, "/t/acme/inbox/")
    with bob.scope:
        assert not Delivery.objects.exists()
    answer = ada.client.post(url(hope, "correct"), {"text": "还想改一句。", "expected_action": "再说"})
    assert answer.status_code == 409 and "还想改一句" in answer.content.decode()


def test_an_answer_to_what_was_just_taken_back_is_not_lost(
    ada: Any, bob: Any, hope: Feedback, monkeypatch: Any
) -> None:
    from feedback.actions import feedback as actions

    def too_late(**_said: Any) -> None:
        raise actions.AlreadyWithdrawn

    monkeypatch.setattr(actions, "answer", too_late)
    answer = bob.client.post(url(hope, "answer"), {"key": "k", "text": "下周二讲"})
    assert answer.status_code == 409 and "下周二讲" in answer.content.decode()


def test_a_long_wall_comes_in_pages(ada: Any, bob: Any, give: Any) -> None:
    for number in range(14):
        give(ada, bob, text=f"第 {number} 件事。", visibility=Visibility.EVERYONE, now=timezone.now())
    assert "page=2" in text(ada, LIST) and "第 0 件事" not in text(ada, LIST)
    second = text(ada, f"{LIST}?page=2")
    assert "第 0 件事" in second and "page=3" not in second
    assert text(ada, f"{LIST}?page=zwei")


def more(ada: Any, bob: Any, give: Any, count: int) -> None:
    for number in range(count):
        said = give(ada, bob, visibility=Visibility.EVERYONE, now=timezone.now())
        bob.client.post(url(said, "like"))
        bob.client.post(url(said, "answer"), {"key": "k", "text": f"回 {number}"})
        bob.client.post(url(said, "take-on"), {"key": f"t{number}", "text": "做", "due_on": today().isoformat()})


@pytest.mark.parametrize(("tab", "sum_of"), [("public", 13), ("mine", 12), ("open", 12)])
def test_a_list_costs_the_same_however_long(
    ada: Any, bob: Any, give: Any, hope: Feedback, tab: str, sum_of: int
) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 counts of the tabs, 1 rows with likes
    # and units, 3 facts, notes and actions, 1 reactions to recognition, 1 what is unanswered beside it or the actions
    # at hand; on the wall 1 for what is mentioned often, on what is open 1 for requests
    more(ada, bob, give, 1)
    assert_page_queries(bob.client, f"{LIST}?tab={tab}", sum_of)
    more(ada, bob, give, 8)
    assert_page_queries(bob.client, f"{LIST}?tab={tab}", sum_of)


def test_one_costs_the_same_however_much_was_said(ada: Any, bob: Any, marta: Any, hope: Feedback) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 settings for a manager and 1 feedback,
    # 1 likes, 4 facts, notes, actions and units, 3 readers
    assert_page_queries(marta.client, url(hope), 15)
    for number in range(6):
        bob.client.post(url(hope, "answer"), {"key": f"k{number}", "text": f"回 {number}"})
    assert_page_queries(marta.client, url(hope), 15)


def test_the_wall_says_what_was_mentioned_most_this_month(ada: Any, bob: Any, marta: Any, give: Any) -> None:
    now = timezone.now()
    for number in range(2):
        give(ada, bob, visibility=Visibility.EVERYONE, now=now, key=f"k{number}")
    give(ada, bob, now=now)  # not for everyone
    give(ada, bob, visibility=Visibility.EVERYONE, now=now - timedelta(days=40))
    [mentioned] = marta.client.get(LIST).context["mentioned"]
    assert (mentioned["number"], mentioned["share"]) == (2, 100)
    assert "这个月大家常提到" in marta.client.get(LIST).content.decode()
    assert not marta.client.get(f"{LIST}?tab=mine").context["mentioned"]


def test_the_record_says_that_somebody_gave_one_and_not_to_whom(ada: Any, bob: Any, anna: Any, hope: Feedback) -> None:
    bob.client.post(url(hope, "answer"), {"text": "明早一起看。", "key": uuid4().hex})
    for who, others in ((ada, bob), (bob, ada)):
        page = text(anna, f"/t/acme/admin/audit/?person={who.employee.name}")
        assert page.count(">一条反馈<") == 1, who
        assert f">{others.employee.name}<" not in page and str(hope) not in page
