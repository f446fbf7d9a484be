"""Said with a tap or two: ticks of a commitment, check-ins from a list, "seen" (product.md §2.2, §2.6)."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from goals.actions.goal import KeyResultWords
from goals.actions.own_progress import keep_cadences
from goals.actions.trail import check_in
from goals.models import CheckIn, Goal, KeyResult, Kind
from tests.conftest import page_queries

from .conftest import NOW, TODAY

HTMX = {"HX-Request": "true"}


def url(goal, step=""):
    return f"/t/acme/goals/{goal.public_id}/" + (f"{step}/" if step else "")


def text(person, address):
    return person.client.get(address).content.decode()


@pytest.fixture
def habit(line, ada):
    leaf = line[2]
    words = {"kind": Kind.BEHAVIOUR, "cadence_times": 1, "cadence_per": "week", "delivers": "设计卡点上看板"}
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(**words)
    return leaf


def test_a_tick_is_one_tap_wherever_the_commitment_stands_and_a_double_tap_one_tick(habit, ada, henk):
    assert "设计卡点上看板" in text(ada, url(habit))
    assert url(habit, "did-it") in text(ada, url(habit)) and url(habit, "did-it") in text(ada, "/t/acme/goals/")
    assert url(habit, "did-it") not in text(henk, url(habit))
    key = {"key": str(uuid4())}
    for _ in range(2):
        answer = ada.client.post(url(habit, "did-it") + "?then=mine", key)
        assert answer.url.startswith("/t/acme/goals/?period=")
    with ada.scope:
        goal = Goal.objects.get(pk=habit.pk)
        assert (CheckIn.objects.count(), goal.own_progress, goal.last_activity_on) == (1, 25, TODAY)
    assert henk.client.post(url(habit, "did-it"), key).status_code == 403
    assert ada.client.post(url(habit, "did-it"), {"key": "a\x00b"}).status_code == 400


def test_what_is_said_in_words_about_a_commitment_is_no_tick(habit, founded, ada):
    """ "I need help with it" does not mean that it was done, and is nothing to take back with the last tick."""
    ada.client.post(url(habit, "did-it"), {"key": "done"})
    answer = ada.client.post(url(habit, "check-in"), {"key": "said", "confidence": "help", "note": "夜班没人接"})
    assert answer.status_code == 302
    page = text(ada, url(habit))
    with ada.scope:
        said, done = CheckIn.objects.order_by("note").values_list("public_id", flat=True)[::-1]
        assert Goal.objects.get(pk=habit.pk).own_progress == 25
        keep_cadences(TODAY)
        assert Goal.objects.get(pk=habit.pk).own_progress == 25
    assert f"/check-ins/{done}/undo/" in page
    assert ada.client.post(f"/t/acme/check-ins/{said}/undo/").status_code == 403


def test_a_mistap_is_taken_back_within_a_day_by_whoever_tapped(habit, founded, ada, marta):
    with ada.scope:
        old = check_in(goal=habit, actor=founded.ada, now=NOW - timedelta(days=3))
        last = check_in(goal=habit, actor=founded.ada, now=NOW)
    undo = f"/t/acme/check-ins/{last.public_id}/undo/"
    assert undo in text(ada, url(habit)) and undo not in text(marta, url(habit))
    assert marta.client.post(undo).status_code == 403
    assert ada.client.post(undo).status_code == 302
    assert ada.client.post(f"/t/acme/check-ins/{old.public_id}/undo/").status_code == 302
    with ada.scope:
        goal = Goal.objects.get(pk=habit.pk)
        assert list(CheckIn.objects.values_list("pk", flat=True)) == [old.pk]  # three days are too late
        assert (goal.own_progress, goal.last_activity_on) == (25, TODAY - timedelta(days=3))
        CheckIn.objects.filter(pk=old.pk).update(at=NOW)
    ada.client.post(f"/t/acme/check-ins/{old.public_id}/undo/")
    with ada.scope:
        goal = Goal.objects.get(pk=habit.pk)
        assert (goal.own_progress, goal.last_activity_on) == (0, None)


def test_what_is_no_commitment_is_not_ticked(line, ada):
    assert ada.client.post(url(line[2], "did-it"), {"key": "k"}).status_code == 403


@pytest.mark.parametrize(("then", "page"), [("mine", "/t/acme/goals/"), ("board", "/t/acme/board/")])
def test_a_check_in_from_a_list_takes_two_taps_and_comes_back_to_it(line, ada, then, page):
    leaf = line[2]
    asked = f"{url(leaf, 'check-in')}?then={then}"
    shown = text(ada, page if then == "mine" else f"{page}?goal={line[1].public_id}")
    assert asked in shown
    assert ada.client.get(asked).url == url(leaf) + "#check-in"  # without script
    piece = ada.client.get(asked, headers=HTMX).content.decode()
    assert "<html" not in piece and 'name="confidence"' in piece
    sent = {"key": str(uuid4()), "value": "40", "confidence": "unsure"}
    assert ada.client.post(asked, sent, headers=HTMX).url.startswith(page)
    with ada.scope:
        made = CheckIn.objects.get()
        assert (made.percent, made.confidence) == (40, "unsure")
    refused = ada.client.post(asked, sent | {"key": "b", "value": "很多"}, headers=HTMX)
    assert refused.status_code == 422 and 'value="很多"' in refused.content.decode()


def test_a_list_to_come_back_to_is_one_of_ours(line, ada):
    asked = f"{url(line[2], 'check-in')}?then=https://evil.example/"
    assert ada.client.post(asked, {"key": "k", "value": "4"}).url == url(line[2])


def test_the_manager_says_seen_with_one_tap_and_the_owner_reads_it(line, founded, ada, marta, henk):
    leaf = line[2]
    ada.client.post(url(leaf, "check-in"), {"key": "k", "value": "40", "note": "已寄样"})
    with ada.scope:
        made = CheckIn.objects.get()
    seen = f"/t/acme/check-ins/{made.public_id}/seen/"
    assert seen in text(marta, url(leaf)) and seen not in text(ada, url(leaf))
    assert [person.client.post(seen).status_code for person in (ada, henk)] == [403, 403]
    for _ in range(2):
        assert marta.client.post(seen).status_code == 302
    with ada.scope:
        made.refresh_from_db()
        assert (made.acknowledged_by_id, made.acknowledged_at.date()) == (founded.marta.pk, TODAY)
    assert "Marta" in text(ada, url(leaf)) and seen not in text(marta, url(leaf))


def test_a_manager_does_not_acknowledge_what_he_said_himself(line, ada, marta):
    marta.client.post(url(line[2], "check-in"), {"key": "k", "value": "40"})
    with ada.scope:
        made = CheckIn.objects.get()
    assert marta.client.post(f"/t/acme/check-ins/{made.public_id}/seen/").status_code == 403


def test_a_key_result_is_read_on_the_page_of_its_objective(line, founded, ada, henk):
    with ada.scope:
        results = [KeyResultWords("三家客户签认", target=Decimal(3), unit_of_measure="家"), KeyResultWords("方案评审")]
        goal = founded.draft(founded.ben, "客户认可方案", parent=line[1], kind="objective", key_results=results)
        founded.publish(founded.ben)
        Goal.objects.filter(pk=goal.pk).update(owner=founded.ada)
        first = KeyResult.objects.order_by("id").first()
    address = f"/t/acme/key-results/{first.public_id}/check-in/"
    page = text(ada, url(goal))
    assert address in page and "三家客户签认" in page
    assert 'id="id_value"' not in page  # the objective itself is asked for no figure
    assert henk.client.post(address, {"key": "k", "value": "1"}).status_code == 403
    refused = ada.client.post(address, {"key": "k", "value": "两家", "note": "已签"})
    assert refused.status_code == 422 and "已签" in refused.content.decode()
    assert ada.client.post(address, {"key": "k", "value": "2"}).status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=goal.pk).own_progress == Decimal("33.333334")
    assert "2 家" in text(ada, url(goal))


def test_the_pages_cost_the_same_however_many_check_ins_and_results(line, founded, ada):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(kind="objective")
        KeyResult.objects.create(goal=leaf, title="方案评审")
    few = len(page_queries(ada.client, url(leaf)))
    with ada.scope:
        for n in range(8):
            result = KeyResult.objects.create(goal=leaf, title=f"结果 {n}")
            made = check_in(goal=leaf, key_result=result, actor=founded.ada, now=NOW, value=n, confidence="high")
            CheckIn.objects.filter(pk=made.pk).update(acknowledged_by=founded.marta, acknowledged_at=NOW)
    assert len(page_queries(ada.client, url(leaf))) == few
