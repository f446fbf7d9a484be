"""How well goals are aligned, kept on the alignment: the job that judges texts, and the figure in SQL against the rule
(product.md §2.7)."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import matching
from goals.actions.alignments import confirm_alignment, take_back_confirmation
from goals.actions.closing import close_goal, reopen_goal
from goals.actions.goal import edit_goal
from goals.actions.trail import add_evidence
from goals.models import Alignment, Goal, KeyResult, Kind, TextVector
from goals.queries.match import matches
from goals.relevance.pairs import read_pairs
from goals.tasks import match
from perfsys.common import vectors
from perfsys.jobs.models import Job
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY
from .records import System

DAY = timedelta(days=1)


@pytest.fixture
def line(company):
    """Ada's goal below 研发中心's, which supports the company's."""
    return company.tree()


@pytest.fixture(autouse=True)
def by_words(monkeypatch):
    """The encoder has tests of its own, and takes seconds."""
    monkeypatch.setattr(vectors, "available", lambda: False)


def judged():
    payload = {}
    while (again := match(payload=payload, now=NOW)) is not None:
        payload = again.payload


def of(goal):
    return Alignment.objects.select_related("child", "parent").get(child=goal, is_primary=True)


def test_what_nobody_has_judged_yet_has_no_match_and_is_given_to_the_job(line):
    assert of(line[2]).match is None
    assert Job.objects.filter(kind="goals.match").exists()


def test_the_job_judges_the_texts_and_says_why(line):
    judged()
    found = of(line[2])
    assert found.relevance is not None and found.reasons and found.match is not None
    [shown] = matches([found], today=TODAY)
    assert shown.shown == found.match
    assert all(part.words for part in shown.parts)


def test_running_it_three_times_is_running_it_once(line):
    run_three_times(match, payload={}, now=NOW)


def test_it_goes_on_in_steps_and_leaves_none_out(company, line, monkeypatch):
    monkeypatch.setattr(matching, "JUDGED", 2)
    for n in range(5):
        company.draft(company.ben, f"缩短样件交付周期之{'甲乙丙丁戊'[n]}", parent=line[1])
    judged()
    assert not Alignment.objects.filter(match=None).exists()


def test_other_words_are_judged_anew_and_count_for_nothing_until_then(company, line):
    judged()
    draft = company.draft(company.ben, "样件周期缩短", parent=line[1])
    judged()
    edit_goal(goal=draft, version=1, words=company.words("每周填三张表", parent=line[1]), actor=None, now=NOW)
    assert of(draft).match is None
    assert matches([of(draft)], today=TODAY) == [None]
    judged()
    assert of(draft).match is not None


def test_evidence_counts_at_once(company, line):
    judged()
    leaf = line[2]
    before = of(leaf).match
    add_evidence(goal=leaf, actor=company.ada, now=NOW, type="document", number="DWG-1")
    assert of(leaf).match > before
    assert of(leaf).match == matches([of(leaf)], today=TODAY)[0].shown


def test_what_carries_no_more_and_carries_again_counts_at_once_for_its_siblings(company, line):
    _, middle, leaf = line
    other = company.draft(company.ben, "样件周期缩短", parent=middle)
    company.publish(company.ben)
    Alignment.objects.filter(child=leaf).update(contribution=Decimal(30))
    Alignment.objects.filter(child=other).update(contribution=Decimal(40))
    judged()
    together = of(leaf).match
    end = {"outcome": "cancelled", "result": "客户取消", "lesson": "早问一周"}
    close_goal(goal=other, actor=company.marta, now=NOW, **end)
    assert of(leaf).match < together
    reopen_goal(goal=other, why="点错了", actor=company.marta, now=NOW)
    assert of(leaf).match == together


# Each makes one part apply, or changes what is found of it.
FACTS = [
    {},
    {"measure": "一次合格率", "parent_measure": "一次试制合格率"},
    {"measure": "交付周期", "parent_measure": "一次试制合格率"},
    {"parent_measure": "一次试制合格率"},
    {"due_on": date(2027, 1, 14)},
    {"results": {"一次合格率": ""}},
    {"results": {"一次合格率": "良率"}, "measure": "一次合格率"},
    {"results": {"密封结构": "", "样件": "天数"}},
    {"results": {"样件": "一次试制合格率", "交期": ""}, "measure": "一次合格率"},
    {"results": {"样件": ""}, "measure": " "},
    {"results": {"样件": ""}, "measure": "一次合格率"},
    {"due_on": date(2027, 1, 31)},
    {"starts_on": date(2026, 12, 20), "due_on": date(2027, 1, 31)},
    {"starts_on": date(2027, 1, 4), "due_on": date(2027, 1, 10)},
    {"starts_on": date(2026, 9, 16)},
    {"contribution": Decimal(60)},
    {"contribution": Decimal(20)},
    {"proof": TODAY},
    {"proof": TODAY - 29 * DAY},
    {"proof": TODAY + DAY},
    {"record": "PRJ-1"},
    {"record": "PRJ-2", "evidence_number": "PRJ-2"},
    {"record": "PRJ-2"},
    {"record": "PRJ-2", "evidence_type": "", "evidence_number": ""},
    {"record": "PRJ-1", "evidence_type": "document"},
    {
        "measure": "一次合格率",
        "parent_measure": "合格率",
        "contribution": Decimal(70),
        "proof": TODAY,
        "record": "PRJ-1",
    },
]


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: "-".join(facts) or "nothing")
def test_the_figure_in_sql_is_the_figure_of_the_rule(company, line, facts):
    """The page works the parts out from the same facts; both must come to the same number."""
    judged()
    _, middle, leaf = line
    said = dict(facts)
    Goal.objects.filter(pk=middle.pk).update(measure=said.pop("parent_measure", ""))
    if "results" in said:
        Goal.objects.filter(pk=middle.pk).update(kind=Kind.OBJECTIVE)
        for title, measure in said.pop("results").items():
            KeyResult.objects.create(goal=middle, title=title, measure=measure)
    if "contribution" in said:
        Alignment.objects.filter(child=leaf).update(contribution=said.pop("contribution"))
    if "proof" in said:
        leaf.evidence.create(type="document", number="DWG-1", at=NOW, local_on=said.pop("proof"))
    if "record" in said:
        System(company.anna, NOW).bring("P1", ("project", said.pop("record"), True))
    Goal.objects.filter(pk=leaf.pk).update(**said)
    for relevance in (0, 33, 70, 71, 100):
        Alignment.objects.filter(child=leaf).update(relevance=relevance)
        matching.write_matches(today=TODAY)
        [shown] = matches([of(leaf)], today=TODAY)
        assert of(leaf).match == shown.shown
        assert (of(leaf).match < 70) == shown.is_weak


def test_who_names_a_key_result_of_the_goal_above_has_its_measure(company, line):
    judged()
    _, middle, leaf = line

    def points():
        matching.write_matches(today=TODAY)
        [shown] = matches([of(leaf)], today=TODAY)
        assert of(leaf).match == shown.shown
        [part] = [part for part in shown.parts if part.part == "measure"]
        return part.points if part.applies else None

    assert points() is None
    Goal.objects.filter(pk=middle.pk).update(kind=Kind.OBJECTIVE)
    KeyResult.objects.create(goal=middle, title="三款样件", measure="款数")
    assert points() == 0
    KeyResult.objects.create(goal=middle, title="低噪音密封结构")  # stands in the goal's title
    assert points() == 15
    Goal.objects.filter(pk=middle.pk).update(kind=Kind.MILESTONE)  # what it was an objective for is not shown either
    assert points() is None


def test_a_source_that_holds_other_things_makes_no_drawing_wanting(company, line):
    judged()
    System(company.anna, NOW).bring("C1", ("customer", "C10008", True))
    [shown] = matches([of(line[2])], today=TODAY)  # it names a project
    assert [part.applies for part in shown.parts if part.part == "evidence"] == [False]


def test_it_asks_as_much_for_forty_goals_as_for_four(company, line):
    def asked():
        judged()
        with CaptureQueriesContext(connection) as queries:
            matching.write_matches(today=TODAY)
        return len(queries)

    few = asked()
    for n in range(36):
        company.draft(company.ben, f"目标 {n}", parent=line[1])
    assert asked() == few


def test_vectors_are_the_tenants_own_and_kept_once(line, monkeypatch):
    store = matching.Vectors()
    store.put({"a" * 32: b"\x00\x3c" * 512})
    store.put({"a" * 32: b"\x00\x3c" * 512})
    assert store.get(["a" * 32, "b" * 32]) == {"a" * 32: b"\x00\x3c" * 512}
    assert TextVector.objects.count() == 1


def test_what_managers_confirmed_is_written_for_training_without_names(company, line, tmp_path):
    held = of(line[2])
    confirm_alignment(alignment=held, reason="就是其中一款", actor=company.marta, now=NOW)
    confirm_alignment(alignment=of(line[1]), reason="不对", actor=company.wei, now=NOW)
    take_back_confirmation(alignment=of(line[1]), actor=company.wei, now=NOW)
    file = tmp_path / "labels.jsonl"
    call_command("export_alignment_labels", "--tenant", "acme", "--out", str(file), stdout=StringIO())
    [pair] = read_pairs(file)
    assert (pair.child, pair.parent, pair.supports) == (held.child.title, held.parent.title, True)
    written = file.read_text(encoding="utf-8")
    assert "Marta" not in written and "就是其中一款" not in written
    with pytest.raises(CommandError):  # never into the model that everybody gets
        call_command("train_alignment", "--confirmed", str(file), stdout=StringIO())
