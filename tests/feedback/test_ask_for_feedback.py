"""Asking colleagues for feedback, and what they make of it (product.md §3.6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from feedback import access, tasks
from feedback.actions import feedback as feedback_actions
from feedback.actions import request as actions
from feedback.models import FeedbackRequest, RequestRecipient, RequestState
from perfsys.audit.models import AuditEntry
from perfsys.notices.actions import confirm
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from tests.conftest import assert_page_queries
from tests.jobs.three_times import run_three_times

from .conftest import LINK, NOW

PAGE = "/t/acme/feedback/requests/"
DAY = timedelta(days=1)


def ask(asker: Any, *people: Any, event: str = "周二评审会", now: Any = NOW, key: str = "") -> FeedbackRequest:
    with asker.scope:
        return actions.ask(
            people=[one.employee for one in people],
            event=event,
            question="我讲得清楚吗？",
            goal=None,
            asker=asker.employee,
            key=key or str(uuid4()),
            now=now,
        )


def line_of(person: Any) -> RequestRecipient:
    with person.scope:
        return RequestRecipient.objects.get(person=person.employee)


def text(person: Any, address: str) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def open_notices(person: Any, kind: str) -> int:
    with person.scope:
        return Notice.objects.filter(to=person.employee, kind=f"feedback.{kind}", state="open").count()


def test_it_is_asked_on_a_page_and_answered_with_a_feedback(ada: Any, bob: Any, tag: Any) -> None:
    form = {"key": "k", "people": [str(bob.employee.public_id)], "event": "周二评审会", "question": "我讲得清楚吗？"}
    for _ in range(2):
        assert ada.client.post(f"{PAGE}new/", form).url == PAGE
    line = line_of(bob)
    assert open_notices(bob, "request_received") == 1
    address = f"/t/acme/feedback/new/?to={ada.employee.public_id}&request={line.public_id}"
    for page in (text(bob, PAGE), text(bob, "/t/acme/feedback/?tab=open")):
        assert "我讲得清楚吗" in page and address.replace("&", "&amp;") in page
    composer = text(bob, address)
    assert "ada想听听：周二评审会".lower() in composer.lower() and f'value="{line.public_id}"' in composer
    said = {
        "key": "f",
        "to": ada.employee.public_id,
        "answers": line.public_id,
        "tag": tag.public_id,
        "nature": "positive",
        "text": "三张图把换料的顺序讲明白了，质量组当场定了日期。",
        "expected_action": "把图放进工艺卡",
        "link": "https://mes.example/17",
        "visibility": "receiver",
    }
    sent = bob.client.post("/t/acme/feedback/new/", said)
    assert sent.status_code == 302 and line_of(bob).state == RequestState.ANSWERED
    assert open_notices(bob, "request_received") == 0 and sent.url in text(ada, PAGE)
    bob.client.post(f"{sent.url}withdraw/")  # taken back: it waits again
    assert line_of(bob).state == RequestState.OPEN and open_notices(bob, "request_received") == 1
    assert sent.url not in text(ada, PAGE)


def test_rather_not_is_an_answer_that_the_asker_reads(ada: Any, bob: Any, marta: Any) -> None:
    ask(ada, bob, marta)
    deed = f"{PAGE}of-me/{line_of(bob).public_id}/decline/"
    assert bob.client.post(deed, {"reason": " "}).status_code == 422
    for _ in range(2):
        assert bob.client.post(deed, {"reason": "那天不在场"}).url == PAGE
    bob.client.post(deed, {"reason": "想起来了"})  # gone back to: the reason that was read stays, and that is said
    assert "这件事已经有结果了" in text(bob, PAGE)
    assert "那天不在场" in text(ada, PAGE) and "那天不在场" not in text(marta, PAGE)
    assert "bob" not in text(marta, PAGE).lower().split("</main>")[0].split("<main")[1]  # who else was asked
    assert open_notices(ada, "request_settled") == 1 and open_notices(bob, "request_received") == 0
    request = line_of(bob).request_id
    with ada.scope:
        public_id = FeedbackRequest.objects.get(pk=request).public_id
    for _ in range(2):
        assert ada.client.post(f"{PAGE}{public_id}/withdraw/").url == PAGE
    assert "我讲得清楚吗" not in text(marta, PAGE) and open_notices(marta, "request_received") == 0
    assert marta.client.post(f"{PAGE}of-me/{line_of(marta).public_id}/decline/", {"reason": "晚了"}).status_code == 404


def test_the_record_that_administrators_read_tells_nothing_of_it(ada: Any, bob: Any, marta: Any, anna: Any) -> None:
    """Nor what was recorded of it once: the record itself cannot be changed."""
    ask(ada, bob, marta)
    bob.client.post(f"{PAGE}of-me/{line_of(bob).public_id}/decline/", {"reason": "那天不在场"})
    run_three_times(tasks.remind, payload={}, now=NOW + 6 * DAY)
    with marta.scope:
        reminder = Notice.objects.get(kind="feedback.request_reminder")
        confirm(reminder, actor=marta.employee, now=NOW + 6 * DAY)
        names = [ada.employee.name, bob.employee.name, marta.employee.name]
        assert not AuditEntry.objects.filter(actor_name__in=names).exists()
        for verb, subject, label in (
            ("feedback.request_declined", "feedback.requestrecipient", "2 asked by 1"),
            ("feedback.request_sent", "feedback.feedbackrequest", "request 1 of 1"),
            ("feedback.retro_skipped", "feedback.retro", "retro"),
            ("notices.confirmed", "notices.notice", f"feedback.request_reminder to {marta.employee.pk}"),
            ("notices.confirmed", "notices.notice", f"feedback.long_unheard to {marta.employee.pk}"),
            ("feedback.liked", "feedback.feedback", "feedback 1 from 2 to 3"),
        ):
            AuditEntry.objects.create(
                verb=verb, subject_type=subject, subject_id=1, subject_label=label, at=NOW, actor_name=names[1]
            )
    page = text(anna, f"/t/acme/admin/audit/?person={names[1]}&until={NOW.date()}")
    assert page.count('<th scope="row"') == 1 and ">一条反馈<" in page


def test_other_words_sent_after_back_are_asked_too(ada: Any, bob: Any, marta: Any) -> None:
    form = {"key": "k", "people": [str(bob.employee.public_id)], "event": "评审", "question": "清楚吗？"}
    other = form | {"people": [str(marta.employee.public_id)]}
    for typed in (form, form, other, other, form | {"question": "节奏呢？"}):
        assert ada.client.post(f"{PAGE}new/", typed).url == PAGE
    with ada.scope:
        assert FeedbackRequest.objects.count() == 3 and RequestRecipient.objects.filter(person=marta.employee).exists()
        first = FeedbackRequest.objects.order_by("pk")[0]
    ada.client.post(f"{PAGE}{first.public_id}/withdraw/")
    for _ in range(2):
        ada.client.post(f"{PAGE}new/", form)
    with ada.scope:
        assert FeedbackRequest.objects.filter(withdrawn_at=None).count() == 3
        Employee.objects.filter(pk=bob.employee.pk).update(status=Employee.Status.LEFT)
    assert "已离职" in text(ada, PAGE)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "选一位要问的同事"),
        ({"others": "没有这个人"}, "没有叫没有这个人的同事"),
        ({"others": "a,b,c,d,e,f"}, "最多问五个人"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(ada: Any, more: dict[str, str], says: str) -> None:
    answer = ada.client.post(f"{PAGE}new/", {"key": "k", "event": "周二评审会", "question": "清楚吗？", **more})
    assert answer.status_code == 422 and says in answer.content.decode() and "周二评审会" in answer.content.decode()


def test_people_are_named_too_and_twenty_a_day_are_enough(ada: Any, bob: Any, marta: Any) -> None:
    named = {
        "key": "n",
        "event": "评审",
        "question": "清楚吗？",
        "others": f"{bob.employee.name}、{marta.employee.name}",
    }
    assert ada.client.post(f"{PAGE}new/", named).status_code == 302
    with ada.scope:
        assert RequestRecipient.objects.count() == 2
    for _ in range(9):
        ask(ada, bob, marta)
    with pytest.raises(actions.RetryLater):
        ask(ada, bob)
    with pytest.raises(actions.NobodyAsked):
        ask(ada, ada)


def test_list_and_detail_agree_for_everybody(ada: Any, bob: Any, marta: Any, henk: Any, anna: Any) -> None:
    request = ask(ada, bob)
    line = line_of(bob)
    for person in (ada, bob, marta, henk, anna):
        seat = person.seat
        with person.scope:
            who = Viewer(person.employee, seat, NOW.date())
            is_asked = access.requests_of(person.employee).filter(pk=line.pk).exists()
            is_asker = access.own_requests(person.employee).filter(pk=request.pk).exists()
            found = {"asked": True, "asker": True, "stranger": True}
            for name, get, public_id in (
                ("asked", access.request_to_decline, line.public_id),
                ("asker", access.request_to_withdraw, request.public_id),
            ):
                try:
                    get(who, public_id)
                except PermissionDenied:
                    found[name] = False
                except Http404:
                    found[name] = found["stranger"] = False
            assert (found["asked"], found["asker"]) == (is_asked, is_asker)
            assert found["stranger"] is (is_asked or is_asker)
            assert (access.request_to_answer(who, line.public_id) is not None) is is_asked


def test_who_has_not_answered_is_reminded_once_after_three_work_days(ada: Any, bob: Any, marta: Any, tag: Any) -> None:
    ask(ada, bob, marta)  # on a Friday
    with marta.scope:
        feedback_actions.give_feedback(
            giver=marta.employee,
            receiver=ada.employee,
            nature="positive",
            tag=tag,
            text="讲得很清楚，当场定了日期。",
            expected_action="下次先发图",
            facts=[LINK],
            visibility="receiver",
            key="m",
            now=NOW,
            answers=line_of(marta),
        )
    run_three_times(tasks.remind, payload={}, now=NOW + 4 * DAY)  # Tuesday
    assert open_notices(bob, "request_reminder") == 0
    run_three_times(tasks.remind, payload={}, now=NOW + 6 * DAY)
    run_three_times(tasks.remind, payload={}, now=NOW + 13 * DAY)
    assert open_notices(bob, "request_reminder") == 1 and open_notices(marta, "request_reminder") == 0


def test_the_page_costs_the_same_however_many(ada: Any, bob: Any, marta: Any) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 asked of me, 1 requests, 1 whom
    for number in (1, 6):
        for n in range(number):
            ask(ada, bob, event=f"评审 {n}")
            ask(bob, ada, event=f"交付 {n}")
        assert_page_queries(ada.client, PAGE, 8)
