"""The life of a feedback after it was sent: actions that move, reminders, questions later, corrections, reactions
(product.md §3.2, §3.5)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from feedback import access, tasks
from feedback.actions import feedback as actions
from feedback.actions import reminders
from feedback.actions import request as requests
from feedback.models import ActionItem, Feedback, FeedbackReaction, Visibility
from feedback.queries import exchange
from feedback.queries.effect import Effect, effects_of
from perfsys.jobs.models import CalendarOverride
from perfsys.lexicon.models import Nature
from perfsys.notices.actions import confirm
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from perfsys.people.actions import leave
from perfsys.people.models import Employee, EmployeeSpan, ReportingClosure, ReportingLine
from tests.cast import today
from tests.jobs.three_times import run_three_times

from .conftest import NOW

DAY = timedelta(days=1)
LIST = "/t/acme/feedback/"


def url(feedback: Feedback, action: str = "") -> str:
    return f"{LIST}{feedback.public_id}/{action}{'/' if action else ''}"


def text(person: Any, address: str) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def take_on(person: Any, feedback: Feedback, days: int, now: Any = NOW) -> ActionItem:
    with person.scope:
        due_on = now.date() + days * DAY
        return actions.take_on(
            feedback=feedback, text="教夜班二组", due_on=due_on, actor=person.employee, key=str(uuid4()), now=now
        )


def told(person: Any, kind: str) -> list[Notice]:
    with person.scope:
        return list(Notice.objects.filter(to=person.employee, kind=f"feedback.{kind}").order_by("pk"))


def test_an_owner_is_told_once_before_the_day_and_once_after_it(ada: Any, bob: Any, give: Any) -> None:
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE)
    item, after = take_on(bob, hope, days=2), take_on(bob, hope, days=5)  # Sunday, Wednesday
    run_three_times(tasks.remind, payload={}, now=NOW)
    [soon] = told(bob, "action_due")
    with bob.scope:
        actions.put_off(item=after, due_on=after.due_on - DAY, why="周三不在", actor=bob.employee, now=NOW)
        reminders.remind(now=NOW)  # Tuesday: over the weekend, the work day after next
        assert len(told(bob, "action_due")) == 2
        actions.finish_action(item=after, state="done", actor=bob.employee, now=NOW)
        for on in (NOW.date() + n * DAY for n in range(1, 40)):
            CalendarOverride.objects.create(on=on, is_work_day=False)
        assert reminders._soon(NOW.date()) == NOW.date() + 2 * DAY
        CalendarOverride.objects.all().delete()
    assert "教夜班二组" in soon.sentence and soon.is_reminder and soon.about_id == bob.employee.pk
    run_three_times(tasks.remind, payload={}, now=NOW + 3 * DAY)
    assert len(told(bob, "action_late")) == 1 and told(bob, "action_due")[0].state == "done"
    with bob.scope:  # another day, of which the owner is told anew
        later = (NOW + 9 * DAY).date()
        for _ in range(2):
            actions.put_off(item=item, due_on=later, why="等砂轮到货", actor=bob.employee, now=NOW + 3 * DAY)
        assert ActionItem.objects.get(pk=item.pk).version == 2
        assert told(bob, "action_late")[0].state == "done"
        reminders.remind(now=NOW + 8 * DAY)
        *_before, again = told(bob, "action_due")
        confirm(again, actor=bob.employee, now=NOW + 8 * DAY)
        assert ActionItem.objects.get(pk=item.pk).is_open


def test_who_is_on_a_long_leave_is_told_on_coming_back_and_who_left_never(ada: Any, bob: Any, give: Any) -> None:
    take_on(bob, give(ada, bob, nature=Nature.CONSTRUCTIVE), days=-1)
    take_on(ada, give(bob, ada, nature=Nature.CONSTRUCTIVE), days=-1)
    with bob.scope:
        away = EmployeeSpan.objects.create(employee=bob.employee, kind="long_leave", starts_on=NOW.date() - 3 * DAY)
        leave(employee=ada.employee, on=NOW.date(), actor=None, now=NOW)
        reminders.remind(now=NOW)
    assert not told(bob, "action_late") and not told(ada, "action_late")
    with bob.scope:
        away.delete()
        reminders.remind(now=NOW + DAY)
    assert len(told(bob, "action_late")) == 1


def test_not_yet_asks_for_a_day_and_a_reason(ada: Any, bob: Any, give: Any) -> None:
    now = timezone.now()
    item = take_on(bob, give(ada, bob, nature=Nature.CONSTRUCTIVE, now=now), days=-3, now=now)
    deed = f"/t/acme/actions/{item.public_id}/put-off/"
    refused = bob.client.post(deed, {"due_on": (today() + DAY).isoformat(), "why": ""})
    assert refused.status_code == 422 and "写一句为什么" in refused.content.decode()
    assert "日子过了" in text(bob, f"{LIST}?tab=open")
    assert bob.client.post(deed, {"due_on": (today() + DAY).isoformat(), "why": "等砂轮"}).status_code == 302
    page = text(bob, f"{LIST}?tab=open")
    assert "改了日子：等砂轮" in page and "日子过了" not in page
    bob.client.post(f"/t/acme/actions/{item.public_id}/finish/")
    bob.client.post(deed, {"due_on": (today() + 2 * DAY).isoformat(), "why": "从旧窗口"})
    page = text(bob, f"{LIST}?tab=open")
    assert "已经了结，日子不变" in page and "从旧窗口" not in page


def test_what_somebody_who_left_asked_or_was_told_waits_for_nobody(ada: Any, bob: Any, marta: Any, give: Any) -> None:
    hope, seat = give(bob, ada, nature=Nature.CONSTRUCTIVE), bob.seat
    old = give(bob, ada, now=NOW - 9 * DAY)
    with ada.scope:
        requests.ask(
            people=[bob.employee, marta.employee], event="评审", question="清楚吗？", goal=None, asker=ada.employee,
            key="k", now=NOW,
        )  # fmt: skip
        assert exchange.unanswered(bob.employee, most=5) == [hope] and exchange.counts(bob.employee).open == 1
        who = Viewer(bob.employee, seat, NOW.date())
        assert access.rights_to(who, old, now=NOW).follows_up
        Employee.objects.filter(pk=ada.employee.pk).update(status=Employee.Status.LEFT)
        old = Feedback.objects.get(pk=old.pk)
        assert not access.rights_to(who, old, now=NOW).follows_up
        assert exchange.unanswered(bob.employee, most=5) == [] and exchange.counts(bob.employee).open == 0
    run_three_times(tasks.remind, payload={}, now=NOW + 6 * DAY)
    assert told(bob, "request_reminder") == told(marta, "request_reminder") == []
    assert "评审" not in text(bob, f"{LIST}requests/")


def as_it_stands(person: Any, feedback: Feedback, words: str) -> dict[str, Any]:
    """A form opened now."""
    with person.scope:
        version = Feedback.objects.get(pk=feedback.pk).version
    return {"text": words, "expected_action": "提前五天知会", "version": version}


def test_two_corrections_at_once_do_not_overwrite_each_other(ada: Any, bob: Any, give: Any) -> None:
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    page = text(ada, url(hope))
    assert '<input type="hidden" name="version" value="1"' in page
    one, other = (as_it_stands(ada, hope, words) for words in ("换料前两天才知会。", "换料前一天才知会质量组。"))
    for _ in range(2):  # pressed twice
        assert ada.client.post(url(hope, "correct"), one).status_code == 302
    bob.client.post(url(hope, "like"))
    refused = ada.client.post(url(hope, "correct"), other)
    page = refused.content.decode()
    assert refused.status_code == 409 and "换料前一天才知会质量组。" in page  # what was typed
    assert "<ins>换料前两天才知会。</ins>" in page and "夜班砂轮崩边" in page and "<ins>有帮助</ins>" in page
    assert 'name="version" value="3"' in page  # the way to save it on top
    assert text(bob, url(hope)).count("换料前两天才知会。") == 1 and "换料前一天" not in text(bob, url(hope))
    assert ada.client.post(url(hope, "correct"), other | {"version": 3}).status_code == 302
    assert "换料前一天才知会质量组。" in text(bob, url(hope))


def test_what_it_said_before_a_correction_is_read_by_its_readers(ada: Any, bob: Any, marta: Any, give: Any) -> None:
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    assert "之前的写法" not in text(bob, url(hope))
    for words in ("换料前两天才知会。", "换料前两天才知会质量组。"):
        ada.client.post(url(hope, "correct"), as_it_stands(ada, hope, words))
        bob.client.post(url(hope, "like"))
    for reader in (ada, bob, marta):
        page = text(reader, url(hope))
        assert page.index("换料前两天才知会质量组") < page.index('id="earlier"') < page.index("换料前两天才知会。")
        assert page.count("夜班砂轮崩边") == 1 and "已更正" in page


def test_who_took_it_up_hears_once_of_other_words_and_what_was_answered_before_says_so(
    ada: Any, bob: Any, give: Any
) -> None:
    earlier = "针对更正前的写法"

    def correct(feedback: Feedback, words: str) -> None:
        said = as_it_stands(ada, feedback, words)
        assert ada.client.post(url(feedback, "correct"), said).status_code == 302

    fresh, hope, praise = (
        give(ada, bob, nature=nature, now=timezone.now())
        for nature in (Nature.CONSTRUCTIVE, Nature.CONSTRUCTIVE, Nature.POSITIVE)
    )
    correct(fresh, "换料前两天才知会。")
    bob.client.post(url(fresh, "clarify"))
    assert not told(bob, "words_corrected") and earlier not in text(bob, url(fresh))
    bob.client.post(url(hope, "answer"), {"key": "a", "text": "那天是我漏了。"})
    taken = {"key": "t", "text": "写进换料单", "due_on": (today() + DAY).isoformat()}
    bob.client.post(url(hope, "take-on"), taken)
    bob.client.post(url(praise, "like"))
    for words in ("换料前两天才知会质量组。", "换料前两天才知会质量组，验证排不进去。"):
        correct(hope, words)
        correct(praise, words)
    one, _other = told(bob, "words_corrected")
    assert (
        one.sentence == "ada更正了你回应过的反馈，原来的写法仍在下面。".replace("ada", ada.employee.name)
        and not one.asks
    )
    for reader in (ada, bob):
        page = text(reader, url(hope))
        assert page.count(earlier) == 2 and "那天是我漏了。" in page and page.count("夜班砂轮崩边") == 1
        assert text(reader, url(praise)).count(earlier) == 1
    bob.client.post(url(hope, "answer"), {"key": "b", "text": "新的写法更清楚。"})
    assert text(bob, url(hope)).count(earlier) == 2
    correct(hope, "换料前一天才知会。")
    assert len(told(bob, "words_corrected")) == 3 and text(bob, url(hope)).count(earlier) == 3
    ada.client.post(url(hope, "withdraw"))
    assert len(told(bob, "words_corrected")) == 1


def test_an_action_names_its_feedback_and_begins_ten_work_days_on(ada: Any, bob: Any, give: Any) -> None:
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    with bob.scope:
        assert exchange.day_to_take_on(date(2026, 9, 24)) == date(2026, 10, 15)  # over the holidays of October
        assert exchange.day_to_take_on(date(2026, 11, 21)) == date(2026, 12, 4)
        for on in (date(2026, 11, 20) + n * DAY for n in range(60)):
            CalendarOverride.objects.create(on=on, is_work_day=False)
        assert exchange.day_to_take_on(date(2026, 11, 20)) == date(2026, 12, 4)
        CalendarOverride.objects.all().delete()
        usual = exchange.day_to_take_on(today()).isoformat()
    assert f'value="{usual}"' in text(bob, url(hope))
    typed = {"key": "k", "text": "写进换料单", "due_on": (today() + DAY).isoformat()}
    for words in ("写进换料单", "写进换料单", "教夜班二组"):  # pressed twice, and gone back to
        bob.client.post(url(hope, "take-on"), typed | {"text": words})
        bob.client.post(url(hope, "answer"), {"key": "k", "text": words})
    page = text(bob, f"{LIST}?tab=open")
    assert page.count(f"来自{ada.employee.name}的反馈") == 2 and page.count(url(hope)) == 2
    assert "的反馈</a>" not in text(bob, url(hope))  # it stands below that one there
    with bob.scope:
        assert sorted(hope.notes.values_list("text", flat=True)) == ["写进换料单", "教夜班二组"]
    ada.client.post(url(hope, "withdraw"))
    page = text(bob, f"{LIST}?tab=open")
    assert "写进换料单" in page and url(hope) not in page


def test_the_giver_asks_after_a_week_and_the_answer_settles_it(ada: Any, bob: Any, give: Any) -> None:
    now = timezone.now()
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=now - 8 * DAY)
    assert "等了 8 天" in text(bob, f"{LIST}?tab=open")
    bob.client.post(url(hope, "clarify"))
    assert "夜班砂轮崩边" not in text(bob, f"{LIST}?tab=open")
    once = {"key": str(uuid4()), "text": "现在进展怎么样了？"}
    for _ in range(2):
        assert ada.client.post(url(hope, "follow-up"), once).status_code == 302
    assert ada.client.post(url(hope, "follow-up"), {"key": "k", "text": "还有呢？"}).status_code == 422
    assert len(told(bob, "follow_up_asked")) == 1 and "夜班砂轮崩边" in text(bob, f"{LIST}?tab=open")
    bob.client.post(url(hope, "answer"), {"key": "a", "text": "讲过两次了。"})
    assert told(bob, "follow_up_asked")[0].state == "done" and len(told(ada, "moved")) == 2
    assert "夜班砂轮崩边" not in text(bob, f"{LIST}?tab=open")
    assert ada.client.post(url(hope, "follow-up"), {"key": "k2", "text": "再问一次"}).status_code == 422  # a week anew


def test_a_reaction_counts_once_a_person_and_kind(ada: Any, bob: Any, anna: Any, give: Any) -> None:
    praise = give(ada, bob, visibility=Visibility.EVERYONE, now=timezone.now())
    for person in (bob, anna, anna):
        assert person.client.post(url(praise, "react"), {"kind": "learned"}).status_code == 302
    assert anna.client.post(url(praise, "react"), {"kind": "rage"}).status_code == 400
    page = text(ada, LIST)
    assert "我学到了 2" in page and url(praise, "react") not in page
    part = anna.client.post(url(praise, "unreact"), {"kind": "learned"}, headers={"HX-Request": "true"})
    assert "我学到了 1" in part.content.decode()
    with ada.scope:
        assert FeedbackReaction.objects.count() == 1


def test_recognition_across_levels_says_so(cast: Any, ada: Any, bob: Any, marta: Any, give: Any) -> None:
    eve = cast("acme", "eve", manager=ada)  # Marta, Ada, Eve
    give(marta, eve, visibility=Visibility.EVERYONE, now=timezone.now())
    give(marta, ada, visibility=Visibility.EVERYONE, now=timezone.now())
    assert text(bob, LIST).count("跨 2 级") == 1 and "跨 1 级" not in text(bob, LIST)


def test_a_manager_is_told_once_a_week_how_many_wait_to_hear(ada: Any, bob: Any, marta: Any, give: Any) -> None:
    with marta.scope:
        for model in (ReportingLine, ReportingClosure):
            model.objects.update(starts_on=NOW.date() - 60 * DAY)
        Employee.objects.update(hired_on=NOW.date() - 90 * DAY)
    give(marta, ada, now=NOW - 3 * DAY)
    run_three_times(tasks.nudge_managers, payload={"due_at": NOW.isoformat()}, now=NOW)
    [nudge] = told(marta, "long_unheard")
    assert nudge.params == {"number": 1} and nudge.about_id is None
    with marta.scope:
        assert not Notice.objects.filter(kind=nudge.kind).exclude(to=marta.employee).exists()
        confirm(nudge, actor=marta.employee, now=NOW)
        reminders.nudge_managers(after=0, now=NOW + 7 * DAY)
    give(marta, bob, now=NOW + 8 * DAY)
    give(marta, ada, now=NOW + 8 * DAY)
    with marta.scope:
        reminders.nudge_managers(after=0, now=NOW + 14 * DAY)
    assert [one.state for one in told(marta, "long_unheard")] == ["confirmed", "done"]


def test_the_effect_is_counted_for_many_at_once(
    ada: Any, bob: Any, marta: Any, give: Any, django_assert_num_queries: Any
) -> None:
    liked = give(marta, ada)
    prompt, late, waits = (give(marta, bob, nature=Nature.CONSTRUCTIVE, now=NOW - days * DAY) for days in (6, 12, 2))
    gone = give(ada, bob)
    with marta.scope:
        actions.like(feedback=liked, actor=ada.employee, now=NOW)
        actions.clarify(feedback=prompt, actor=bob.employee, now=NOW)
        actions.clarify(feedback=late, actor=bob.employee, now=NOW)
        actions.withdraw(feedback=gone, actor=ada.employee, now=NOW)
    take_on(bob, late, days=5)
    with marta.scope, django_assert_num_queries(1):
        found = effects_of([marta.employee.pk, ada.employee.pk], since=NOW.date() - 20 * DAY, now=NOW)
    assert waits.is_open
    assert found == {marta.employee.pk: Effect(4, helped=1, hopes=3, became_actions=1, had_time=2, answered=1)}


@pytest.mark.parametrize("days", [6, 7])
def test_the_right_to_ask_begins_after_a_week(ada: Any, bob: Any, give: Any, days: int) -> None:
    made = give(ada, bob)
    seat = ada.seat
    with ada.scope:
        who = Viewer(ada.employee, seat, NOW.date())
        assert access.rights_to(who, made, now=NOW + days * DAY).follows_up is (days == 7)
