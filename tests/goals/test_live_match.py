"""The match beside the form while a goal is typed (product.md §2.7): the same parts, and nothing kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from goals.models import Alignment, Goal, TextVector
from goals.queries.live_match import Typed, match_of
from goals.queries.match import judged_as, matches
from goals.relevance import relevances
from goals.views import live_match as page
from perfsys.common import vectors
from perfsys.common.pace import too_often

ASK = "/t/acme/goals/match/"


@pytest.fixture
def by_words(monkeypatch):
    monkeypatch.setattr(vectors, "is_warm", lambda: False)


def typed(client, parent, title="6308-2RZ 低噪音密封结构定型", url=ASK, **more):
    return client.post(url, {"title": title, "parent": parent.title, **more}, headers={"HX-Request": "true"})


def test_it_says_the_parts_and_what_would_raise_them_and_keeps_nothing(line, ada, by_words):
    answer = typed(ada.client, line[1], starts_on="2026-10-08", due_on="2026-12-18")
    found = answer.context["line"]
    assert answer.status_code == 200 and found["title"] == line[1].title
    assert [part["applies"] for part in found["parts"]] == [True, False, False, True, False]
    assert any(part["would_raise"] for part in found["parts"])
    with ada.scope:
        assert Goal.objects.count() == 3 and not TextVector.objects.exists()


def test_it_is_the_figure_that_saving_gives(line, ada, by_words):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(due_on=line[1].due_on + timedelta(days=200))
        Alignment.objects.filter(child=leaf).update(contribution=30)
        leaf.refresh_from_db()
        one = Alignment.objects.select_related("parent", "child").get(child=leaf)
        judged = relevances([(leaf.title, line[1].title)], words_only=True)[0]
        one.relevance, one.reasons = judged.score, [[why.code, *why.subjects] for why in judged.reasons]
        words = Typed(leaf.title, leaf.starts_on, leaf.due_on, leaf.measure, leaf.evidence_type, "PRJ-1", goal=leaf)
        live = match_of(words, line[1], today=leaf.starts_on)
        parts = {part.name: (part.points, part.of) for part in live.parts}
        one.judged = judged_as(one.child.title, one.parent.title)
        one.save(update_fields=["relevance", "reasons", "judged"])
        saved = matches([one], today=leaf.starts_on)[0]
        assert {part.name: (part.points, part.of) for part in saved.parts} == parts
        assert live.shown == saved.shown


def test_in_a_draft_it_asks_the_draft_for_what_the_form_does_not(line, founded, ada, marta, anna, by_words):
    with ada.scope:
        draft = founded.draft(founded.ada, "缩短样件交付周期", parent=line[1])
    url = f"{ASK}?goal={draft.public_id}"
    assert typed(ada.client, line[1], url=url).context["line"]["title"] == line[1].title
    assert typed(anna.client, line[1], url=url).status_code == 404  # a draft of which she knows nothing


@pytest.mark.parametrize("words", [{"title": ""}, {"parent": "没有这样的目标"}, {"parent": ""}])
def test_where_nothing_can_be_said_yet_it_is_empty(line, ada, by_words, words):
    answer = ada.client.post(ASK, {"title": "缩短样件交付周期", "parent": line[1].title} | words)
    assert answer.status_code == 200 and not answer.content.strip()


def test_who_asks_too_often_is_not_answered(line, ada, by_words, monkeypatch):
    cache.clear()
    monkeypatch.setattr(page, "MOST_A_MINUTE", 2)
    assert [typed(ada.client, line[1]).status_code for _ in range(3)] == [200, 200, 204]


def test_each_has_a_pace_of_his_own():
    cache.clear()
    asked = [too_often("probe", "ada", most=2, seconds=60) for _ in range(3)]
    assert asked == [False, False, True] and not too_often("probe", "marta", most=2, seconds=60)


def test_the_form_asks_it_beside_itself_and_goes_without(line, ada):
    form = ada.client.get("/t/acme/goals/new/").content.decode()
    assert 'id="live-match"' in form and "delay:400ms" in form
    assert form.index("</form>") < form.index('id="live-match"')  # in no form: no saving waits for it
