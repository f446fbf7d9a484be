"""Giving feedback, and closing it (product.md §3.1, §3.2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404

from feedback import access
from feedback.actions import feedback as actions
from feedback.models import Closing, Feedback, Visibility
from perfsys.lexicon.models import Nature
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer

from .conftest import LINK, NOW

LATER = NOW + timedelta(hours=25)


def reads(person: Any, feedback: Feedback, now: Any = NOW) -> bool:
    seat = person.seat
    with person.scope:
        who = Viewer(person.employee, seat, now.date())
        listed = access.visible_feedback(who).filter(pk=feedback.pk).exists()
        try:
            opened = access.feedback_to_read(who, feedback.public_id, now=now)[0] == feedback
        except Http404:
            opened = False
    assert listed == opened, "list and detail agree"
    return opened


def test_a_feedback_sent_twice_is_one(ada: Any, bob: Any, give: Any) -> None:
    assert give(ada, bob, key="k1") == give(ada, bob, key="k1", text="换了词也还是第一条。")
    with ada.scope:
        assert Feedback.objects.count() == 1
        assert Notice.objects.filter(to=bob.employee).count() == 1


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"text": "一。二。三。四。"}, actions.TooLong),
        ({"text": "  "}, actions.TooLong),
        ({"expected_action": "请在下个季度之前把所有相关流程全部重新梳理一遍"}, actions.TooLong),
        ({"facts": []}, actions.NoFact),
        ({"nature": Nature.CONSTRUCTIVE, "visibility": Visibility.EVERYONE}, actions.NotForEveryone),
    ],
)
def test_what_is_missing_or_too_long_is_refused(ada: Any, bob: Any, give: Any, wrong: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        give(ada, bob, **wrong)
    with ada.scope:
        assert not Feedback.objects.exists()


def test_nobody_writes_to_oneself(ada: Any, give: Any) -> None:
    with pytest.raises(actions.ToOneself):
        give(ada, ada)


def test_sixty_an_hour_are_enough(ada: Any, bob: Any, give: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 2)
    give(ada, bob)
    give(ada, bob)
    with pytest.raises(actions.RetryLater):
        give(ada, bob)
    assert give(ada, bob, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        (Visibility.RECEIVER, {"ada", "bob"}),
        (Visibility.MANAGER, {"ada", "bob", "marta", "henk"}),
        (Visibility.EVERYONE, {"ada", "bob", "marta", "henk", "anna", "eve"}),
    ],
)
def test_who_reads_it_is_chosen_before_it_is_sent(
    ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, otto: Any, cast: Any, give: Any, visibility: str, readers: Any
) -> None:
    feedback = give(ada, bob, visibility=visibility)
    people = {"ada": ada, "bob": bob, "marta": marta, "henk": henk, "anna": anna, "eve": cast("acme", "eve")}
    assert {name for name, person in people.items() if reads(person, feedback)} == readers
    with otto.scope:
        assert not Feedback.objects.exists()


def test_what_was_withdrawn_only_its_giver_reads(ada: Any, bob: Any, marta: Any, give: Any) -> None:
    feedback = give(ada, bob)
    with ada.scope:
        actions.withdraw(feedback=feedback, actor=ada.employee, now=NOW)
        assert not Notice.objects.filter(to=bob.employee, state=Notice.State.OPEN).exists()
    assert [reads(person, feedback) for person in (ada, bob, marta)] == [True, False, False]


def test_after_a_day_the_words_stay(ada: Any, bob: Any, give: Any) -> None:
    feedback = give(ada, bob)
    words: dict[str, Any] = {"text": "两个徒弟换好了砂轮。", "expected_action": "教给夜班", "actor": ada.employee}
    with ada.scope:
        assert actions.correct(feedback=feedback, now=NOW + timedelta(hours=23), **words).text == words["text"]
        assert [one.text for one in feedback.events.order_by("pgh_id")] == [feedback.text, words["text"]]
        with pytest.raises(actions.TooLateToCorrect):
            actions.correct(feedback=feedback, now=LATER, **words)
        with pytest.raises(actions.TooLateToCorrect):
            actions.withdraw(feedback=feedback, actor=ada.employee, now=LATER)
        actions.annotate(feedback=feedback, text="后来又停了一次。", actor=ada.employee, key="a", now=LATER)
        assert [note.text for note in feedback.notes.all()] == ["后来又停了一次。"]


CLOSE = {
    Closing.LIKED: lambda f, who: actions.like(feedback=f, actor=who, now=NOW),
    Closing.ANSWERED: lambda f, who: actions.answer(feedback=f, text="下周教。", actor=who, key="a", now=NOW),
    Closing.CLARIFIED: lambda f, who: actions.clarify(feedback=f, actor=who, now=NOW),
    Closing.ACTION: lambda f, who: actions.take_on(
        feedback=f, text="教夜班", due_on=NOW.date(), actor=who, key="t", now=NOW
    ),
}


@pytest.mark.parametrize("how", CLOSE)
def test_any_answer_of_the_receiver_closes_it_once_and_tells_the_giver(ada: Any, bob: Any, give: Any, how: str) -> None:
    feedback = give(ada, bob, nature=Nature.CONSTRUCTIVE)
    with bob.scope:
        assert Feedback.objects.get().is_open
        owed = Notice.objects.filter(to=bob.employee, asks=True, state=Notice.State.OPEN)
        assert owed.count() == 1
        CLOSE[how](feedback, bob.employee)
        CLOSE[how](feedback, bob.employee)
        found = Feedback.objects.get()
        assert (found.is_open, found.closed_how) == (False, how)
        assert not owed.exists()
        assert Notice.objects.filter(to=ada.employee, kind="feedback.moved").count() == 1


def test_a_heart_taken_back_opens_it_again(ada: Any, bob: Any, give: Any) -> None:
    feedback = give(ada, bob, nature=Nature.CONSTRUCTIVE)
    with bob.scope:
        actions.like(feedback=feedback, actor=bob.employee, now=NOW)
        owed = Notice.objects.filter(to=bob.employee, asks=True, state=Notice.State.OPEN)
        assert not owed.exists()
        actions.unlike(feedback=feedback, actor=bob.employee, now=NOW)
        assert Feedback.objects.get().is_open
        assert owed.count() == 1, "and waits in the inbox again"


def test_a_new_manager_reads_a_year_back(ada: Any, bob: Any, marta: Any, cast: Any, give: Any) -> None:
    from perfsys.people.actions import change_manager
    from perfsys.people.standing import refresh_derived_roles

    old, older = give(ada, bob), give(ada, bob, now=NOW - timedelta(days=400))
    nora = cast("acme", "nora")
    with nora.scope:
        change_manager(employee=bob.employee, manager=nora.employee, on=NOW.date(), actor=None, now=NOW)
        refresh_derived_roles(NOW.date())
    assert [reads(nora, feedback) for feedback in (old, older)] == [True, False]
    assert not reads(marta, old)  # no longer the manager


def test_the_fact_is_kept(ada: Any, bob: Any, give: Any) -> None:
    feedback = give(ada, bob)
    with ada.scope:
        assert [fact.url for fact in feedback.facts.all()] == [LINK.url]
