"""What every company begins with: enough of it, no two alike, short enough to be sent, and the company's own once it
has changed them."""

import re
from collections import Counter
from itertools import combinations

import pytest

from feedback.rules import MOST_SENTENCES, sentences
from perfsys.audit.models import AuditEntry
from perfsys.lexicon import actions, standard, tasks
from perfsys.lexicon.models import BehaviourTag, Competency, Level, LexiconEntry, Nature, VagueExpression
from perfsys.lexicon.vagueness import is_vague
from perfsys.people.actions import create_tenant
from perfsys.tenancy.scope import use_tenant
from tests.jobs.three_times import run_three_times
from tests.lexicon.conftest import NOW

TAGS = [tag for one in standard.COMPETENCIES for tag in one.tags]
IN_THE_FILES = (
    "跨部门协同 质量意识 数据说话 责任担当 目标聚焦 风险预判",
    "主动补位 精益改善 客户同理 知识沉淀 安全守护 快速试错",
)
IN_THE_DESIGN = ["守住质量", "把话说清"]


def repeated(values):
    return [value for value, times in Counter(values).items() if times > 1]


def test_there_is_enough_to_begin_with():
    assert (len(standard.COMPETENCIES), len(TAGS), len(standard.ENTRIES)) == (12, 25, 252)
    assert {tag.name for tag in TAGS} >= {*" ".join(IN_THE_FILES).split(), *IN_THE_DESIGN}


@pytest.mark.parametrize("column", ["key", "name", "name_en"])
def test_no_two_competencies_or_tags_are_called_alike(column):
    assert repeated(getattr(one, column).lower() for one in standard.COMPETENCIES) == []
    assert repeated(getattr(one, column).lower() for one in TAGS) == []


@pytest.mark.parametrize("column", ["key", "text", "text_en"])
def test_no_two_sentences_are_alike(column):
    assert repeated(getattr(one, column).lower() for one in standard.ENTRIES) == []


def test_no_two_sentences_are_nearly_alike():
    """Templates with swapped words share their letters: three in a row of Chinese, three words in a row of English."""

    def runs(said):
        return {tuple(said[at : at + 3]) for at in range(len(said) - 2)}

    chinese = {one.key: runs(re.sub(r"[\W\d_]", "", one.text)) for one in standard.ENTRIES}
    english = {one.key: runs(re.findall(r"[a-z']+", one.text_en.lower())) for one in standard.ENTRIES}
    for of_language in (chinese, english):
        shared = {
            (one, other): len(of_language[one] & of_language[other])
            / min(len(of_language[one]), len(of_language[other]))
            for one, other in combinations(of_language, 2)
        }
        assert {pair: part for pair, part in shared.items() if part > 0.25} == {}


def test_every_sentence_has_a_scene_and_few_share_one():
    assert repeated(one.scene for one in standard.ENTRIES) == []
    assert [one.key for one in standard.ENTRIES if not one.scene_en] == []


@pytest.mark.parametrize("competency", [one.key for one in standard.COMPETENCIES])
def test_every_competency_has_tags_and_sentences_of_both_natures(competency):
    own = [one for one in standard.ENTRIES if one.competency == competency]
    by_nature = Counter(one.nature for one in own)
    assert set(by_nature) == set(Nature.values) and min(by_nature.values()) >= 10
    assert min(Counter((one.nature, one.level) for one in own).values()) >= 2
    assert {(one.nature, one.level) for one in own} == {(n, level) for n in Nature.values for level in Level.values}
    assert [(one.nature, one.level) for one in own] == sorted(
        ((one.nature, one.level) for one in own), key=lambda place: (place[0] != Nature.POSITIVE, place[1])
    )
    assert len(next(one for one in standard.COMPETENCIES if one.key == competency).tags) >= 2


@pytest.mark.parametrize(
    ("model", "rows"),
    [(Competency, standard.COMPETENCIES), (BehaviourTag, TAGS), (LexiconEntry, standard.ENTRIES)],
    ids=["competencies", "tags", "sentences"],
)
def test_every_word_is_there_in_both_languages_and_fits_its_column(model, rows):
    columns = [field.name for field in model._meta.local_fields if field.name in vars(rows[0]) and field.max_length]
    wrong = [
        (row.key, column)
        for row in rows
        for column in columns
        if not 0 < len(getattr(row, column)) <= model._meta.get_field(column).max_length
    ]
    assert wrong == []


def test_every_sentence_can_be_sent_as_it_is():
    said = [text for one in standard.ENTRIES for text in (one.text, one.text_en)]
    assert [text for text in said if not 1 <= sentences(text) <= MOST_SENTENCES] == []


def test_no_sentence_is_one_of_the_vague_ones():
    """What is measurable of "no platitudes": none is short, most carry a figure, and none reads as an opinion."""
    assert [text for one in standard.ENTRIES for text in (one.text, one.text_en) if is_vague(text)] == []
    assert [one.text for one in standard.ENTRIES if len(one.text) < 20] == []
    with_figures = [
        one for one in standard.ENTRIES if any(mark in one.text for mark in "0123456789一两三四五六七八九十半")
    ]
    assert len(with_figures) / len(standard.ENTRIES) > 0.9


# --- given to a company -----------------------------------------------------------------------------------------------


def test_a_new_company_has_them_from_the_beginning(db):
    made = create_tenant(slug="bearings", name="轴承厂", link_to=lambda slug, token: "", now=NOW)
    with use_tenant(made.tenant_id):
        assert BehaviourTag.objects.count() == len(TAGS)
        assert LexiconEntry.objects.count() == len(standard.ENTRIES)
        assert AuditEntry.objects.get(verb="lexicon.standard_added").details == {
            "n": 12 + 25 + 252 + len(standard.VAGUE_EXPRESSIONS)
        }
        assert VagueExpression.objects.count() == len(standard.VAGUE_EXPRESSIONS)
        assert VagueExpression.objects.get(text="主动性").competency.key == "ownership"
        assert VagueExpression.objects.get(text="表现良好").competency is None


def test_the_night_brings_them_to_a_company_that_stands_and_three_nights_bring_them_once(ada):
    run_three_times(tasks.add_standard_terms, payload={}, now=NOW)
    with ada.scope:
        assert LexiconEntry.objects.count() == len(standard.ENTRIES)


def test_a_night_without_anything_new_asks_five_questions(inside, django_assert_num_queries):
    # 2 savepoint, 1 each of competencies, tags, entries and expressions to compare, 1 competencies to hang them on
    with django_assert_num_queries(7):
        actions.add_standard_terms(now=NOW)


def test_the_first_time_takes_a_dozen_statements_whatever_their_number(ada, django_assert_max_num_queries):
    # 2 savepoint, 4 to compare, 4 x 3 to insert (savepoint, rows, release), 1 competencies, 2 for the record
    with ada.scope, django_assert_max_num_queries(21):
        actions.add_standard_terms(now=NOW)


def release(monkeypatch, **words):
    """A later release words 主动补位 otherwise."""
    better = [
        standard.StandardCompetency(
            **{
                **vars(one),
                "tags": tuple(
                    standard.StandardTag(**{**vars(tag), **words}) if tag.key == "step-in" else tag for tag in one.tags
                ),
            }
        )
        for one in standard.COMPETENCIES
    ]
    monkeypatch.setattr(standard, "COMPETENCIES", tuple(better))


def test_better_words_of_a_release_reach_who_has_changed_nothing(inside, one, monkeypatch):
    release(monkeypatch, name="主动接力", name_en="Takes over unasked")
    actions.add_standard_terms(now=NOW)
    tag = one("tag", "主动接力")
    assert (tag.key, tag.name_en, tag.version) == ("step-in", "Takes over unasked", 1)
    assert tag.search_key == "zhudongjieli zdjl takes over unasked"
    assert BehaviourTag.objects.count() == len(TAGS)


def test_better_words_of_a_release_leave_the_companys_own_alone(inside, one, monkeypatch):
    tag = one("tag", "主动补位")
    words = actions.TagWords(tag.competency, "多走一步", "One step more")
    actions.edit_term(term=tag, version=1, words=words, actor=None, now=NOW)
    release(monkeypatch, name="主动接力")
    actions.add_standard_terms(now=NOW)
    assert one("tag", "多走一步").pk == tag.pk
    assert not BehaviourTag.objects.filter(name__in=["主动补位", "主动接力"]).exists()


def test_a_better_name_the_company_uses_for_something_else_is_left_out(inside, one, monkeypatch):
    competency = one("competency", "质量")
    actions.add_term(words=actions.TagWords(competency, "主动接力"), actor=None, now=NOW)
    release(monkeypatch, name="主动接力")
    actions.add_standard_terms(now=NOW)
    assert one("tag", "主动接力").key == "" and one("tag", "主动补位").key == "step-in"


def test_what_the_company_retired_does_not_come_back(inside, one):
    actions.retire_term(term=one("tag", "主动补位"), actor=None, now=NOW)
    actions.add_standard_terms(now=NOW)
    assert not one("tag", "主动补位").is_listed


def test_a_company_that_has_a_competency_of_the_name_keeps_it_and_gets_the_tags(ada):
    with ada.scope:
        own = actions.add_term(words=actions.CompetencyWords("质量", meaning="我们自己的说法"), actor=None, now=NOW)
        actions.add_standard_terms(now=NOW)
        kept = Competency.objects.get(name="质量")
        assert (kept.pk, kept.key, kept.meaning) == (own.pk, "", "我们自己的说法")
        assert BehaviourTag.objects.filter(competency=kept).count() == 2
        assert LexiconEntry.objects.filter(competency=kept).count() == 21


def test_an_expression_the_company_gave_another_competency_or_retired_stays_so(inside, one):
    moved, retired = VagueExpression.objects.order_by("position")[:2]
    words = actions.VagueWords(moved.text, one("competency", "安全"))
    actions.edit_term(term=moved, version=1, words=words, actor=None, now=NOW)
    actions.retire_term(term=retired, actor=None, now=NOW)
    actions.add_standard_terms(now=NOW)
    assert one("vague", moved.text).competency.key == "safety"
    assert not one("vague", retired.text).is_listed
