"""Words nobody could have seen are noticed while they are written, with sentences to say instead; whoever wants sends
them as they are, and they are marked (product.md §3.3)."""

from collections.abc import Callable
from typing import Any

import pytest

from feedback.actions import feedback as actions
from feedback.models import Feedback
from perfsys.common import vectors
from perfsys.lexicon import opinion
from perfsys.lexicon.actions import VagueWords, add_term
from perfsys.lexicon.models import BehaviourTag, LexiconEntry, Nature
from tests.conftest import page_queries
from tests.feedback.conftest import NOW
from tests.feedback.test_write_on_a_page import words

NEW = "/t/acme/feedback/new/"
ASK = f"{NEW}vague/"


def asked(person: Any, text: str, **more: Any) -> Any:
    answer = person.client.post(ASK, {"text": text, **more}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.context["doubt"]


def test_while_somebody_writes_sentences_are_offered_that_keep_what_was_seen(ada: Any, tag: BehaviourTag) -> None:
    typed = {"tag": str(tag.public_id), "nature": "constructive"}
    found = asked(ada, "会后他留下来了。但需 加强 沟通！", **typed)
    assert found.words == "但需 加强 沟通" and 2 <= len(found.offers) <= 3
    with ada.scope:
        offered = LexiconEntry.objects.filter(pk__in=[one.key for one in found.offers]).select_related("competency")
        assert {(one.competency.key, one.nature) for one in offered} == {("communication", "constructive")}
    assert [one.whole for one in found.offers] == [f"会后他留下来了。{one.sentence}" for one in found.offers]
    for told in ("", "  ", "夜班砂轮崩边，带着两个徒弟换好。", "责任心强，把 3 号炉守到五点"):
        assert asked(ada, told, **typed) is None
    # Nothing chosen yet, or nonsense: sentences all the same.
    assert len(asked(ada, "表现良好", tag="x", nature="angry").offers) == 3
    assert asked(ada, "好" * 5000) is not None
    with ada.scope:
        assert not Feedback.objects.exists()


def test_what_only_the_encoder_finds_is_offered_without_blaming_a_word(
    ada: Any, tag: BehaviourTag, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "和他一起干活心里就觉得暖洋洋的"
    assert asked(ada, text) is None  # the encoder is not there yet: words alone
    monkeypatch.setattr(vectors, "is_warm", lambda: True)
    monkeypatch.setattr(opinion, "likelihood", lambda _text: 0.9)
    found = asked(ada, text)
    assert (found.words, [one.whole for one in found.offers]) == ("", [one.sentence for one in found.offers])


def test_vague_words_come_back_once_and_are_sent_as_they_are(ada: Any, bob: Any, tag: BehaviourTag) -> None:
    said = words(bob, tag, text="表现一直很好，值得大家学习")
    back = ada.client.post(NEW, said)
    page = back.content.decode()
    assert (back.status_code, list(back.context["form"].errors)) == (422, ["text"])
    assert 'name="vague_seen" value="1"' in page and page.count("data-instead") == 3
    assert "表现一直很好，值得大家学习" in page
    assert ada.client.post(NEW, said | {"vague_seen": "1"}).status_code == 302
    assert ada.client.post(NEW, words(bob, tag)).status_code == 302
    with ada.scope:
        sent = list(Feedback.objects.order_by("pk").values_list("text", "is_vague"))
        assert sent == [("表现一直很好，值得大家学习", True), ("夜班砂轮崩边，带着两个徒弟换好。", False)]


def test_without_script_a_sentence_is_taken_by_its_button_and_nothing_is_sent_yet(
    ada: Any, bob: Any, tag: BehaviourTag
) -> None:
    said = words(bob, tag, text="会后他留下来了。但需加强沟通！")
    offer = ada.client.post(NEW, said).context["doubt"].offers[0]
    page = ada.client.post(NEW, said | {"instead": offer.whole})
    assert page.status_code == 200 and page.context["form"]["text"].value() == f"会后他留下来了。{offer.sentence}"
    assert page.context["form"]["expected_action"].value() == said["expected_action"]
    assert page.context["doubt"] is None
    with ada.scope:
        assert not Feedback.objects.exists()
    assert ada.client.post(NEW, said | {"text": offer.whole}).status_code == 302
    with ada.scope:
        assert not Feedback.objects.get().is_vague


def test_correcting_it_marks_it_anew(ada: Any, bob: Any, give: Callable[..., Feedback]) -> None:
    sent = give(ada, bob, text="表现良好")  # by words, where nobody looked before
    assert sent.is_vague
    with ada.scope:
        actions.correct(feedback=sent, text="返工了 60 箱", expected_action="先测首件", actor=ada.employee, now=NOW)
        sent.refresh_from_db()
        assert not sent.is_vague


def test_correcting_it_on_the_page_marks_it_too(ada: Any, bob: Any, tag: BehaviourTag) -> None:
    ada.client.post(NEW, words(bob, tag))
    with ada.scope:
        sent = Feedback.objects.get()
    said = {"text": "各方面都不错", "expected_action": "继续保持", "version": 1}
    assert ada.client.post(f"/t/acme/feedback/{sent.public_id}/correct/", said).status_code == 302
    with ada.scope:
        sent.refresh_from_db()
        assert sent.is_vague


def test_an_expression_of_the_company_is_noticed(ada: Any, tag: BehaviourTag) -> None:
    text = "为了那张单子追着对方磨了又磨真的太有狼性了"
    assert asked(ada, text) is None
    with ada.scope:
        add_term(words=VagueWords("太有狼性", tag.competency), actor=None, now=NOW)
    assert asked(ada, text, nature=Nature.POSITIVE).words == text


def test_asking_costs_the_same_whatever_is_written(ada: Any, tag: BehaviourTag) -> None:
    def queries(text: str) -> int:
        class Posting:
            @staticmethod
            def get(url: str) -> Any:
                return ada.client.post(url, {"text": text, "tag": str(tag.public_id), "nature": "positive"})

        return len(page_queries(Posting, ASK))

    assert ada.client  # signed in
    # 1 session, 1 account, 1 scope, 1 person, 1 tag, 1 expressions, 1 sentences
    assert queries("表现良好") == 7
    assert queries("沟通不足，态度一般，" * 20) == 7
