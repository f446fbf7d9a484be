"""The dictionary as everybody reads it, and what the composer takes from it."""

import pytest
from django.http import Http404

from perfsys.lexicon import access, actions, queries
from perfsys.lexicon.models import LexiconEntry, Nature
from perfsys.lexicon.vagueness import find_vague
from tests.conftest import assert_page_queries
from tests.lexicon.conftest import NOW

PAGE = "/t/acme/dictionary/"


def found(person, **asked):
    page = person.client.get(PAGE, asked)
    assert page.status_code == 200
    return [entry for section in page.context["sections"] for entry in section["entries"]]


def test_it_reads_by_competency_and_beginners_first(words, ada):
    page = ada.client.get(PAGE)
    sections = page.context["sections"]
    assert [section["competency"].name for section in sections] == ["协同", "质量"]  # a page of them
    assert [(entry.nature, entry.level) for entry in sections[0]["entries"]] == [
        *(("positive", level) for level in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4)),
        *(("constructive", level) for level in (1, 1, 1, 2, 2, 2, 3, 3, 4, 4)),
    ]
    assert [tag.name for tag in sections[0]["tags"]] == ["主动补位", "跨部门协同", "及时同步"]
    assert page.context["page"].paginator.count == 252 and page.context["keep_url"] == ""


def test_it_is_narrowed_by_competency_nature_and_level(words, ada, one):
    quality = one("competency", "质量")
    narrowed = found(ada, competency=quality.public_id, nature="constructive")
    assert {(entry.competency, entry.nature) for entry in narrowed} == {(quality, "constructive")}
    assert len(narrowed) == 10
    narrowed = found(ada, competency=quality.public_id, nature="constructive", level="4")
    assert [entry.key for entry in narrowed] == ["quality/inspects-more", "quality/target-hides"]


@pytest.mark.parametrize(
    ("typed", "competencies"),
    [
        ("紧急插单", {"collaboration"}),
        ("finished an urgent order", {"collaboration"}),
        ("zhiliangyishi", {"quality"}),  # the pinyin of its tag
        ("ZLYS", {"quality"}),
        ("守住质量", {"quality"}),
        ("ownership", {"ownership"}),
        ("goggles", {"safety"}),
        ("100%", set()),
        ("没有这样的词", set()),
    ],
)
def test_words_are_found_in_both_languages_and_by_pinyin(words, ada, typed, competencies):
    assert {entry.key.partition("/")[0] for entry in found(ada, q=typed)} == competencies


def test_what_names_nothing_is_no_filter(words, ada):
    assert len(found(ada, competency="nothing", nature="angry", level="9", q="  ")) == 30  # a page


def test_who_searches_gets_the_list_alone(words, ada):
    part = ada.client.get(PAGE, {"q": "砂轮"}, headers={"HX-Request": "true", "HX-Target": "entries"})
    assert "<main" not in part.content.decode() and "砂轮" in part.content.decode()


def test_an_english_reader_reads_english_and_what_has_none_in_chinese(words, ada, one):
    with ada.scope:
        words = actions.EntryWords(one("competency", "质量"), Nature.POSITIVE, 1, "首件测量三次再开工")
        actions.add_term(words=words, actor=None, now=NOW)
    ada.client.post("/t/acme/language/", {"language": "en"})
    page = ada.client.get(
        PAGE, {"competency": str(one("competency", "质量").public_id)}, headers={"Accept-Language": "en"}
    )
    html = page.content.decode()
    assert "stopped the machine and called inspection" in html and "首件测量三次再开工" in html


def test_what_is_no_longer_listed_is_not_read_searched_or_offered(words, ada, one):
    tag = one("tag", "质量意识")
    with ada.scope:
        actions.retire_term(term=one("entry", "quality/stops-line"), actor=None, now=NOW)
        assert [entry.key for entry in queries.suggested_entries(tag, Nature.POSITIVE)] == [
            "quality/reads-rev",
            "quality/hears-noise",
            "quality/error-proof",
        ]
        actions.retire_term(term=one("competency", "质量"), actor=None, now=NOW)
        assert queries.suggested_entries(tag, Nature.POSITIVE) == []
        assert "质量" not in [group.competency.name for group in queries.listed_tags()]
        with pytest.raises(Http404):
            access.tag_to_give(tag.public_id)
    assert found(ada, q="停机叫来检验") == [] and found(ada, q="zlys") == []


@pytest.mark.parametrize("nature", Nature.values)
def test_the_composer_is_offered_three_sentences_of_the_tags_competency(inside, one, nature, django_assert_num_queries):
    tag = one("tag", "主动补位")
    with django_assert_num_queries(1):
        offered = queries.suggested_entries(tag, nature)
    assert [(entry.competency_id, entry.nature) for entry in offered] == [(tag.competency_id, nature)] * 3
    assert [entry.level for entry in offered] == [1, 2, 3]


def test_the_composer_has_all_tags_by_competency_in_one_query(inside, one, django_assert_num_queries):
    actions.retire_term(term=one("tag", "及时同步"), actor=None, now=NOW)
    with django_assert_num_queries(1):
        groups = queries.listed_tags()
        assert [tag.name for tag in groups[0].tags] == ["主动补位", "跨部门协同"]
        assert (groups[0].competency.name, len(groups)) == ("协同", 12)
    assert access.tag_to_give(groups[0].tags[0].public_id) == groups[0].tags[0]


def test_the_page_asks_the_same_whatever_is_in_it(words, ada, one):
    # 1 session, 1 account, 1 scope, 1 person, 1 competencies, 1 tags, 1 count, 1 sentences, 1 inbox
    assert_page_queries(ada.client, PAGE, 9)
    with ada.scope:
        competency = one("competency", "质量")
        LexiconEntry.objects.bulk_create(
            LexiconEntry(competency=competency, nature=Nature.POSITIVE, level=2, text=f"第 {n} 次首件测量")
            for n in range(200)
        )
    assert_page_queries(ada.client, f"{PAGE}?q=zlys", 9)


def test_instead_of_an_expression_come_sentences_of_what_it_has_in_mind(inside, one, django_assert_num_queries):
    tag, text = one("tag", "主动补位"), "投诉之后沟通不足"
    with django_assert_num_queries(1):
        known = queries.known_expressions()
    why = find_vague(text)
    with django_assert_num_queries(1):
        offered = queries.better_words(why, text, tag=tag, nature=Nature.CONSTRUCTIVE)
    assert {entry.competency.key for entry in offered} == {"communication"} and len(offered) == 3
    assert len({entry.level for entry in offered}) == 3
    # No competency in mind: that of the tag, what shares words with the text first.
    why = find_vague("新图纸的事表现一般")
    offered = queries.better_words(why, "新图纸的事表现一般", tag=tag, nature=Nature.CONSTRUCTIVE)
    assert offered[0].key == "collaboration/late-cc"
    actions.retire_term(term=one("competency", "协同"), actor=None, now=NOW)
    assert len(queries.better_words(why, "表现一般", tag=tag)) == 3
    assert known.said_in("团队合作") == [(0, "团队合作")]


def test_a_company_knows_its_own_expressions(inside, one):
    text = "小李干劲冲天十足"
    assert find_vague(text, known=queries.known_expressions()) is not None  # little else is said
    own = one("competency", "安全")
    actions.add_term(words=actions.VagueWords("干劲冲天", own), actor=None, now=NOW)
    found = find_vague(text, known=queries.known_expressions())
    assert found is not None and (found.expressions, found.hint) == (("干劲冲天",), "safety")
    actions.retire_term(term=one("vague", "干劲冲天"), actor=None, now=NOW)
    found = find_vague(text, known=queries.known_expressions())
    assert found is not None and found.expressions == ()
