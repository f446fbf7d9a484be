"""Feedback read and written by a program: the same rules, the same actions, another shape."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback.actions import request as requests
from feedback.models import FactKind, Feedback, FeedbackFact, Held
from goals.actions.trail import add_evidence
from goals.models import Goal
from perfsys.lexicon.models import Nature
from perfsys.people.actions.leaving import leave
from tests.api.conftest import program

from .conftest import NOW
from .test_attach_a_recording import wav
from .test_write_on_a_page import picture

__all__ = ["program"]
SAID = {
    "nature": "constructive",
    "text": "夜班砂轮崩边，40 分钟没有叫人。",
    "expected_action": "崩边先叫人",
    "link": "https://mes.example/17",
}


@pytest.fixture
def by(program: Any, tag: Any) -> Any:
    return program


def test_it_is_given_once_and_read_by_its_readers(by: Any, ada: Any, bob: Any, marta: Any, anna: Any, tag: Any) -> None:
    said = SAID | {"to": str(bob.employee.public_id), "tag": "主动补位"}
    ask, once = by(ada), {"Idempotency-Key": "oa-1"}
    first, again = ask("post", "feedback/", said, **once), ask("post", "feedback/", said, **once)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    made = first.json()
    assert (made["giver"]["name"], made["receiver"]["name"], made["tag"]["name"]) == ("Ada", "Bob", tag.name)
    assert made["visibility"] == "manager" and made["is_open"] is True and made["likes"] == 0
    assert [(fact["kind"], fact["url"]) for fact in made["facts"]] == [("link", SAID["link"])]
    with ada.scope:
        assert Feedback.objects.count() == 1
    address = f"feedback/{made['id']}/"
    assert by(bob)("get", address).json()["text"] == SAID["text"]
    assert by(anna)("get", address).status_code == 404
    seen = {
        who.name: [one["id"] for one in by(who)("get", "feedback/").json()["results"]] for who in (bob, marta, anna)
    }
    assert seen == {"bob": [made["id"]], "marta": [made["id"]], "anna": []}


def test_who_reads_which_is_as_on_the_pages(
    by: Any, ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, give: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, now, of = tmp_path, timezone.now(), {}
    default_storage.save("feedback/0/x.webp", ContentFile(b"RIFF"))
    for mode, seen_by in (
        ("receiver", {"ada", "bob"}),
        ("manager", {"ada", "bob", "marta", "henk"}),
        ("everyone", {"ada", "bob", "marta", "henk", "anna"}),
        ("withdrawn", {"ada"}),
    ):
        made = give(ada, bob, visibility="manager" if mode == "withdrawn" else mode, now=now)
        with ada.scope:
            fact = FeedbackFact.objects.create(feedback=made, kind=FactKind.SCREENSHOT, file="feedback/0/x.webp")
            Feedback.objects.filter(pk=made.pk).update(withdrawn_at=now if mode == "withdrawn" else None)
        of[str(made.public_id)] = fact.public_id, seen_by
    for person in (ada, bob, marta, henk, anna):
        ask = by(person)
        listed = {one["id"] for one in ask("get", "feedback/").json()["results"]}
        assert listed == {one for one, (_fact, seen_by) in of.items() if person.name in seen_by}, person.name
        for one, (fact, seen_by) in of.items():
            status = 200 if person.name in seen_by else 404
            page, file = f"/t/acme/feedback/{one}/", f"feedback/{one}/facts/{fact}/file/"
            answers = person.client.get(page), ask("get", file)
            assert [answer.status_code for answer in answers] == [status] * 2, (person.name, seen_by)
    ask = by(bob)
    with bob.scope:
        leave(employee=bob.employee, on=timezone.localdate(), actor=None, now=now)
    assert ask("get", "feedback/").status_code == 401


def test_files_go_with_it_and_are_given_to_its_readers(
    by: Any, ada: Any, bob: Any, marta: Any, anna: Any, otto: Any, tag: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.ATTACHMENT_SCANNER = tmp_path, ""
    ask, once = by(ada), {"Idempotency-Key": "oa-2"}

    def send(name: str = "a.wav", **more: Any) -> Any:
        files = {"picture": ContentFile(picture("PNG"), "<svg>.html"), "audio": ContentFile(wav(), name)}
        to = {"to": str(bob.employee.public_id), "tag": "主动补位", "link": ""}
        said = SAID | to | {"recording": "会上说了", **more}
        headers = {"Authorization": f"Bearer {ask.token}", **once}
        return Client().post("/t/acme/api/v1/feedback/", said | files, headers=headers)

    first, again = send(), send()
    assert first.status_code == again.status_code == 201 and first.json() == again.json()  # each at lines of its own
    assert send("b.wav").json()["errors"]["Idempotency-Key"]
    torn = Client().post(
        "/t/acme/api/v1/feedback/",
        b"no form",
        content_type="multipart/form-data; boundary=",
        headers={"Authorization": f"Bearer {ask.token}", "Idempotency-Key": "oa-3"},
    )
    assert (torn.status_code, torn["Content-Type"]) == (400, "application/problem+json")
    once.clear()
    for wrong, field in (({"name": "a.mp3"}, "audio"), ({"recording": ""}, "recording")):
        answer = send(**wrong)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
    with ada.scope:
        assert Feedback.objects.count() == 1
    made = first.json()
    kinds = [(one["kind"], one["has_file"], one["file_type"], one["held"]) for one in made["facts"]]
    assert kinds == [("screenshot", True, "image/webp", ""), ("recording", True, "audio/wav", "")]
    drawn, sound = (f"feedback/{made['id']}/facts/{one['id']}/file/" for one in made["facts"])
    for who, status in ((ada, 200), (bob, 200), (marta, 200), (anna, 404)):
        answer = by(who)("get", sound, Accept="audio/*")
        assert answer.status_code == status, who
    assert by(otto)("get", sound).status_code == 404  # in a company of his own
    answer = by(bob)("get", drawn)
    assert answer["Content-Type"] == "image/webp" and "sandbox" in answer["Content-Security-Policy"]
    with patch("feedback.handing_out.piece_of", return_value=b"RI") as piece:
        assert by(bob)("get", sound, Range="bytes=0-1").status_code == 206
    assert piece.call_args.args[1:] == (0, 1)
    other = by(bob)("get", sound.replace(made["id"], str(uuid4())))
    assert other.status_code == 404  # the file of another feedback
    with ada.scope:
        FeedbackFact.objects.filter(kind="recording").update(held=Held.WAITING)
    shown = by(bob)("get", f"feedback/{made['id']}/").json()["facts"][1]
    assert (shown["has_file"], shown["held"]) == (False, "waiting") and by(ada)("get", sound).status_code == 404
    ask("post", f"feedback/{made['id']}/withdraw/")
    assert by(bob)("get", drawn).status_code == 404 and ask("get", drawn).status_code == 200


def test_what_is_sent_too_much_or_too_often_is_refused_as_that(
    by: Any, ada: Any, bob: Any, tag: Any, monkeypatch: Any, settings: Any
) -> None:
    good = SAID | {"to": str(bob.employee.public_id), "tag": str(tag.public_id)}
    monkeypatch.setattr("feedback.actions.feedback.MOST_AN_HOUR", 0)
    answer = by(ada)("post", "feedback/", good)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    for headers in ({}, {"Idempotency-Key": "k"}):
        assert by(ada)("post", "feedback/", good, **headers).status_code == 413


def test_what_is_wrong_is_said_by_its_field(by: Any, ada: Any, bob: Any, tag: Any) -> None:
    good = SAID | {"to": str(bob.employee.public_id), "tag": str(tag.public_id)}
    ask = by(ada)
    for wrong, field in (
        ({"to": str(ada.employee.public_id)}, "to"),
        ({"tag": "没有这个"}, "tag"),
        ({"link": ""}, "goals"),
        ({"goals": [str(uuid4())]}, "goals"),
        ({"text": "一。二。三。四。"}, "text"),
        ({"text": "表现良好"}, "text"),
        ({"visibility": "everyone"}, "visibility"),
    ):
        answer = ask("post", "feedback/", good | wrong)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == [field], wrong
    assert ask("post", "feedback/", good | {"text": "表现良好", "vague_seen": True}).status_code == 201
    assert by(ada, "read")("post", "feedback/", good).status_code == 403


def test_lists_are_narrowed(by: Any, ada: Any, bob: Any, give: Any) -> None:
    now = timezone.now()
    hope = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=now - timedelta(days=2))
    praise = give(bob, ada, visibility="everyone", now=now)

    def listed(**wanted: Any) -> list[str]:
        return [one["id"] for one in by(ada)("get", "feedback/", wanted).json()["results"]]

    both = [str(praise.public_id), str(hope.public_id)]
    assert listed() == both
    assert listed(box="wall") == listed(box="received") == listed(nature="positive") == both[:1]
    assert listed(box="given") == listed(open="true") == listed(person=str(bob.employee.public_id)) == both[1:]
    assert listed(since=(now - timedelta(days=1)).isoformat()) == listed(open="false") == both[:1]
    assert by(ada)("get", "feedback/", {"box": "all"}).status_code == 422


def test_its_life_goes_the_way_of_the_pages(by: Any, ada: Any, bob: Any, give: Any) -> None:
    now = timezone.now()
    fresh, old = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=now), give(ada, bob, now=now - timedelta(days=2))
    giver, receiver, one = by(ada), by(bob), f"feedback/{fresh.public_id}/"
    words = {"text": "换料前两天才知会。", "expected_action": "提前五天知会", "version": 1}
    assert giver("get", one).json()["corrected_at"] is None
    for _ in range(2):  # sent again it is nothing
        corrected = giver("patch", one, words).json()
        assert (corrected["text"], corrected["version"]) == (words["text"], 2) and corrected["corrected_at"]
    stale = giver("patch", one, words | {"text": "换料当天才知会。"})
    assert stale.status_code == 409 and stale.json()["current"]["version"] == 2
    assert giver("post", f"{one}answer/", {"text": "好"}).status_code == 403
    assert receiver("post", f"{one}like/").json()["closed_how"] == "liked"
    assert receiver("delete", f"{one}like/").json()["is_open"] is True
    due_on = timezone.localdate() + timedelta(days=7)
    taken = receiver("post", f"{one}take-on/", {"text": "换料前知会", "due_on": due_on.isoformat()}).json()
    assert taken["closed_how"] == "action" and taken["actions"][0]["due_on"] == due_on.isoformat()
    assert receiver("post", f"{one}take-on/", {"text": "x", "due_on": "2020-01-01"}).status_code == 422
    assert receiver("post", f"{one}answer/", {"text": "知道了"}).json()["notes"][0]["text"] == "知道了"
    assert receiver("post", f"{one}clarify/").status_code == 200
    assert giver("post", f"{one}annotate/", {"text": "补充"}).status_code == 403  # the first day it is corrected
    assert giver("post", f"{one}withdraw/").json()["withdrawn_at"]
    assert giver("post", f"{one}withdraw/").status_code == 409 and receiver("get", one).status_code == 404
    late = f"feedback/{old.public_id}/"
    assert giver("post", f"{late}withdraw/").status_code == 409
    assert giver("post", f"{late}annotate/", {"text": "后来又好了"}).json()["notes"][0]["kind"] == "annotation"


def test_a_record_of_a_goal_stands_as_the_fact(
    by: Any, ada: Any, bob: Any, anna: Any, tag: Any, private_goal: Goal
) -> None:
    with ada.scope:
        piece = add_evidence(
            goal=private_goal, type="drawing", number="HR-2031-C", actor=ada.employee, now=timezone.now()
        )
    ask, of_goal = by(ada), f"goals/{private_goal.public_id}/"
    with CaptureQueriesContext(connection) as one:
        (listed,) = ask("get", f"{of_goal}evidence/").json()["results"]
    with ada.scope:
        for number in ("HR-2031-D", "HR-2031-E"):
            add_evidence(goal=private_goal, type="", number=number, actor=ada.employee, now=timezone.now())
    with CaptureQueriesContext(connection) as three:
        assert len(ask("get", f"{of_goal}evidence/").json()["results"]) == 3
    assert len(one) - 1 == len(three)  # the token's first use is kept
    assert (listed["id"], listed["type"], listed["number"]) == (str(piece.public_id), "drawing", "HR-2031-C")
    assert by(anna)("get", f"{of_goal}evidence/").status_code == 404
    said = SAID | {"to": str(bob.employee.public_id), "tag": "主动补位", "link": "", "nature": "positive"}
    said |= {"visibility": "everyone", "evidence": [listed["id"]]}
    made = ask("post", "feedback/", said)
    assert made.status_code == 201
    (fact,) = made.json()["facts"]
    assert (fact["kind"], fact["evidence"]["number"]) == ("evidence", "HR-2031-C")
    assert fact["goal"]["id"] == str(private_goal.public_id)
    (fact,) = by(anna)("get", f"feedback/{made.json()['id']}/").json()["facts"]
    assert (fact["kind"], fact["evidence"], fact["goal"]) == ("evidence", None, None)
    for wrong in (str(uuid4()), listed["id"]):
        refused = by(anna)("post", "feedback/", said | {"evidence": [wrong]})
        assert refused.status_code == 422 and list(refused.json()["errors"]) == ["evidence"]


def test_what_somebody_was_asked_is_answered_or_declined(by: Any, ada: Any, bob: Any, marta: Any, tag: Any) -> None:
    with ada.scope:
        for event in ("周二评审会", "周三早会"):
            asked, asker = [bob.employee, marta.employee], ada.employee
            said = {"event": event, "question": "讲得清楚吗？", "goal": None, "key": event}
            requests.ask(people=asked, asker=asker, now=timezone.now(), **said)
    ask, address = by(bob), "feedback/requests/"
    early, late = (one["id"] for one in reversed(ask("get", address).json()["results"]))
    shown = ask("get", address).json()["results"][0]
    assert (shown["event"], shown["asker"]["name"], shown["state"]) == ("周三早会", ada.employee.name, "open")
    assert by(ada)("get", address).json()["results"] == []  # what one asked others is no question to oneself
    said = SAID | {"to": str(ada.employee.public_id), "tag": "主动补位", "answers": early}
    assert ask("post", "feedback/", said).status_code == 201
    again = ask("post", "feedback/", said)
    assert again.status_code == 422 and list(again.json()["errors"]) == ["answers"]
    assert ask("post", f"{address}{late}/decline/", {"reason": ""}).status_code == 422
    for _ in range(2):
        declined = ask("post", f"{address}{late}/decline/", {"reason": "那天不在场"})
        assert (declined.status_code, declined.json()["state"]) == (200, "declined")
    settled = ask("post", f"{address}{early}/decline/", {"reason": "晚了"})
    assert (settled.status_code, settled.json()["current"]["state"]) == (409, "answered")
    assert by(ada)("post", f"{address}{late}/decline/", {"reason": "不"}).status_code == 403
    assert by(marta)("post", f"{address}{late}/decline/", {"reason": "不"}).status_code == 404
    states = [one["state"] for one in ask("get", address).json()["results"]]
    assert states == ["declined", "answered"] and ask("get", address, {"state": "open"}).json()["results"] == []


def test_a_page_costs_the_same_however_many_there_are(by: Any, ada: Any, bob: Any, give: Any) -> None:
    ask, numbers = by(ada), []
    for time in range(2):
        for each in range(3):
            give(ada, bob)
            with bob.scope:
                asked_of, key = [ada.employee], f"{time} {each}"
                requests.ask(
                    people=asked_of, event=key, question="清楚吗？", goal=None, asker=bob.employee, key=key, now=NOW
                )
        ask("get", "feedback/")
        with CaptureQueriesContext(connection) as asked:
            ask("get", "feedback/")
            assert len(ask("get", "feedback/requests/").json()["results"]) == 3 * (time + 1)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
