"""Competencies, tags and sentences in the administrator's hands."""

import re

import pytest

from perfsys.audit.models import AuditEntry
from perfsys.lexicon import actions
from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, Nature, VagueExpression
from perfsys.people.actions import StaleVersion
from tests.conftest import assert_page_queries
from tests.lexicon.conftest import NOW

PAGE = "/t/acme/dictionary/manage/"
SENTENCES = f"{PAGE}sentences/"
VAGUE = f"{PAGE}vague/"


@pytest.fixture
def sentence(one, words):
    """`sentence(text=...)`: what the form sends."""

    def typed(**more):
        competency = one("competency", "质量")
        given = {
            "competency": str(competency.public_id),
            "nature": "positive",
            "level": "2",
            "text": "首件测量三次再开工",
        }
        return {**given, **more}

    return typed


def changes(person, verb):
    with person.scope:
        return list(AuditEntry.objects.filter(verb=verb).order_by("id").values_list("actor_name", "details"))


def test_a_sentence_is_added_edited_retired_and_offered_again(sentence, anna, ada):
    assert anna.client.post(f"{SENTENCES}new/", sentence(text=" 首件测量 \n三次 ", scene="首件")).status_code == 302
    with ada.scope:
        entry = LexiconEntry.objects.get(key="")
        assert (entry.text, entry.scene, entry.level, entry.version) == ("首件测量 三次", "首件", 2, 1)
    url = f"{SENTENCES}{entry.public_id}/"
    assert anna.client.get(f"{url}edit/").context["form"]["text"].value() == "首件测量 三次"
    assert anna.client.post(f"{url}edit/", sentence(level="3", version=1)).status_code == 302
    for _press in range(2):
        assert anna.client.post(f"{url}retire/").status_code == 302
    assert "首件测量三次再开工" not in anna.client.get(SENTENCES, {"q": "首件测量"}).content.decode()
    assert "首件测量三次再开工" in anna.client.get(SENTENCES, {"q": "首件测量", "listed": "no"}).content.decode()
    for _press in range(2):
        assert anna.client.post(f"{url}relist/").status_code == 302
    with ada.scope:
        entry.refresh_from_db()
        assert (entry.text, entry.level, entry.is_listed, entry.version) == ("首件测量三次再开工", 3, True, 4)
    assert changes(ada, "lexicon.entry_changed") == [
        ("Anna", {"added": "首件测量 三次"}),
        ("Anna", {"level": ["2", "3"], "text": ["首件测量 三次", "首件测量三次再开工"], "scene": ["首件", ""]}),
        ("Anna", {"retired": "首件测量三次再开工"}),
        ("Anna", {"relisted": "首件测量三次再开工"}),
    ]


def test_a_tag_is_added_last_and_found_by_its_new_name(words, anna, ada, one):
    quality, safety = one("competency", "质量"), one("competency", "安全")
    typed = {"competency": str(quality.public_id), "name": "三按三检", "name_en": "Works by the sheet"}
    assert anna.client.post(f"{PAGE}tags/new/", typed).status_code == 302
    tag = one("tag", "三按三检")
    assert (tag.position, tag.search_key) == (2, "sanansanjian sasj works by the sheet")
    moved = typed | {"competency": str(safety.public_id), "name": "按规作业", "version": 1}
    assert anna.client.post(f"{PAGE}tags/{tag.public_id}/edit/", moved).status_code == 302
    tag = one("tag", "按规作业")
    assert tag.competency_id == safety.pk and tag.search_key.startswith("anguizuoye agzy")
    assert set(changes(ada, "lexicon.tag_changed")[1][1]) == {"competency", "name"}


def test_a_competency_is_added_and_with_it_go_its_tags(words, anna, ada, one):
    assert (
        anna.client.post(f"{PAGE}competencies/new/", {"name": "数字化", "meaning": "让数据替人跑"}).status_code == 302
    )
    added = one("competency", "数字化")
    assert (added.position, added.meaning) == (12, "让数据替人跑")
    page = anna.client.get(f"{PAGE}tags/new/?competency={added.public_id}")
    assert page.context["form"]["competency"].value() == str(added.public_id)
    anna.client.post(f"{PAGE}competencies/{added.public_id}/retire/")
    page = anna.client.get(PAGE)
    assert [row["title"] for row in page.context["retired"]] == ["数字化"]
    assert "数字化" not in ada.client.get("/t/acme/dictionary/").content.decode()
    refused = anna.client.post(f"{PAGE}tags/new/", {"competency": str(added.public_id), "name": "自动采集"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["competency"])


def test_a_tag_of_a_retired_competency_can_still_be_worded(words, anna, ada, one):
    quality, tag = one("competency", "质量"), one("tag", "守住质量")
    with ada.scope:
        actions.retire_term(term=quality, actor=None, now=NOW)
    typed = {"competency": str(quality.public_id), "name": "守好质量", "version": 1}
    assert anna.client.post(f"{PAGE}tags/{tag.public_id}/edit/", typed).status_code == 302
    assert one("tag", "守好质量").competency_id == quality.pk


def test_words_there_are_already_come_back_with_a_sentence(sentence, anna, one, ada):
    known, tag, other = one("entry", "quality/stops-line"), one("tag", "守住质量"), one("tag", "质量意识")
    again = anna.client.post(f"{SENTENCES}new/", sentence(text=known.text))
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["text"])
    assert known.text in again.content.decode()
    typed = {"competency": str(one("competency", "质量").public_id), "name": other.name, "version": 1}
    renamed = anna.client.post(f"{PAGE}tags/{tag.public_id}/edit/", typed)
    assert (renamed.status_code, list(renamed.context["form"].errors)) == (422, ["name"])
    with ada.scope:
        assert BehaviourTag.objects.filter(name=other.name).count() == 1
        assert Competency.objects.count() == 12


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"text": " "}, {"text"}),
        ({"text": "好" * 201}, {"text"}),
        ({"level": "5", "nature": "angry"}, {"level", "nature"}),
        ({"competency": "nothing"}, {"competency"}),
    ],
)
def test_what_does_not_fit_comes_back(sentence, anna, typed, wrong):
    answer = anna.client.post(f"{SENTENCES}new/", sentence(**typed))
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, wrong)


def test_two_administrators_at_once_lose_nothing(sentence, anna, ada, one):
    entry = one("entry", "quality/stops-line")
    url = f"{SENTENCES}{entry.public_id}/edit/"
    assert anna.client.post(url, sentence(text="先到的人写的这一句", version=1)).status_code == 302
    assert anna.client.post(url, sentence(text="先到的人写的这一句", version=1)).status_code == 302  # pressed twice
    late = anna.client.post(url, sentence(text="后到的人写的这一句", version=1))
    assert late.status_code == 409 and "后到的人写的这一句" in late.content.decode()
    assert late.context["resend"]["fields"][-1] == {"name": "version", "value": "2"}
    assert one("entry", "quality/stops-line").text == "先到的人写的这一句"
    with ada.scope, pytest.raises(StaleVersion):
        words = actions.CompetencyWords("质量第一")
        actions.edit_term(term=one("competency", "质量"), version=7, words=words, actor=None, now=NOW)


def test_the_same_words_once_more_are_no_change(sentence, anna, one, ada):
    tag = one("tag", "守住质量")
    typed = {"competency": str(one("competency", "质量").public_id), "name": tag.name, "name_en": tag.name_en}
    assert anna.client.post(f"{PAGE}tags/{tag.public_id}/edit/", typed | {"version": 1}).status_code == 302
    assert one("tag", "守住质量").version == 1
    assert changes(ada, "lexicon.tag_changed") == []


def links_to_change(html: str) -> set[str]:
    """Of the dictionary: there are other things to write about around it."""
    return set(re.findall(r"/dictionary/manage/[^\"]*?(retire|new|edit)/\"", html))


def test_the_hr_partner_sees_the_lists_and_no_way_to_change_them(words, henk, anna):
    for page in (PAGE, SENTENCES):
        ways = links_to_change(henk.client.get(page).content.decode())
        assert ways == set()
        ways = links_to_change(anna.client.get(page).content.decode())
        assert ways == {"retire", "new", "edit"}
    assert PAGE in henk.client.get("/t/acme/dictionary/").content.decode()


def test_a_vague_expression_is_added_found_moved_and_retired(words, anna, henk, ada, one):
    quality, safety = one("competency", "质量"), one("competency", "安全")
    typed = {"text": " 眼里 有ＱＣ！", "competency": str(quality.public_id)}
    assert anna.client.post(f"{VAGUE}new/", typed).status_code == 302
    added = one("vague", "眼里有qc!")  # as texts are read
    again = anna.client.post(f"{VAGUE}new/", typed)
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["text"])
    assert anna.client.post(f"{VAGUE}new/", {"text": "好"}).status_code == 422
    assert anna.client.post(f"{VAGUE}new/", {"text": "干劲十足"}).status_code == 302
    assert one("vague", "干劲十足").competency is None

    def listed(person, **asked):
        return [row["title"] for row in person.client.get(VAGUE, asked).context["rows"]]

    assert "眼里有qc!" in listed(henk, q="zlys") and listed(henk, q="有QC") == ["眼里有qc!"]
    assert listed(henk, competency=str(safety.public_id)) == []
    url = f"{VAGUE}{added.public_id}/"
    moved = typed | {"competency": str(safety.public_id), "version": 1}
    assert anna.client.post(f"{url}edit/", moved).status_code == 302
    assert listed(henk, competency=str(safety.public_id)) == ["眼里有qc!"]
    anna.client.post(f"{url}retire/")
    assert listed(henk, q="眼里") == [] and listed(henk, q="眼里", listed="no") == ["眼里有qc!"]
    anna.client.post(f"{url}relist/")
    assert listed(henk, q="眼里") == ["眼里有qc!"]
    assert [set(details) for _name, details in changes(ada, "lexicon.vague_changed")] == [
        {"added"},
        {"added"},
        {"competency"},
        {"retired"},
        {"relisted"},
    ]


def test_the_lists_ask_the_same_whatever_is_in_them(words, ada, anna, one):
    # 1 session, 1 account, 1 scope, 1 person, 1 competencies with their sizes, 1 tags, 1 inbox, 1 gaps
    assert_page_queries(anna.client, PAGE, 8)
    # the same and 1 count, 1 sentences
    assert_page_queries(anna.client, SENTENCES, 10)
    assert_page_queries(anna.client, VAGUE, 10)
    with ada.scope:
        competency = one("competency", "质量")
        BehaviourTag.objects.bulk_create(BehaviourTag(competency=competency, name=f"标签 {n}") for n in range(40))
        LexiconEntry.objects.bulk_create(
            LexiconEntry(competency=competency, nature=Nature.POSITIVE, level=2, text=f"第 {n} 次首件测量")
            for n in range(200)
        )
        VagueExpression.objects.bulk_create(VagueExpression(competency=competency, text=f"说法{n}") for n in range(90))
    assert_page_queries(anna.client, PAGE, 8)
    assert_page_queries(anna.client, SENTENCES, 10)
    assert_page_queries(anna.client, VAGUE, 10)
