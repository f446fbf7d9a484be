"""What stands between an owner's goals and their publication (product.md §2.1-2.5)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.publishing import (
    DEFAULT_BOUNDS,
    HINTS,
    SENTENCES,
    Bounds,
    GoalDraft,
    Parent,
    Problem,
    may_publish,
    publish_problems,
)

UNIT_GOAL = Parent("BM-1", "dept")
COMPANY_GOAL = Parent("GS-1", "company")
GOOD = GoalDraft(
    key="GW-1",
    title="客户样件按期交付率95%",
    layer="position",
    weight=Decimal(25),
    parent=UNIT_GOAL,
    evidence_type="project",
    evidence_no="PRJ-26-015",
    obstacles=("供应商单一",),
)


def a_set(*changed: GoalDraft, of: int = 4) -> list[GoalDraft]:
    """`of` goals of equal weight, the first ones as given."""
    weight = Decimal(100) / of
    others = [replace(GOOD, key=f"GW-{number}", weight=weight) for number in range(len(changed) + 1, of + 1)]
    return [*(replace(goal, weight=weight) for goal in changed), *others]


def found(goals: list[GoalDraft]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.goal) for problem in publish_problems(goals, DEFAULT_BOUNDS)]


def test_a_complete_set_may_be_published():
    assert publish_problems(a_set(), DEFAULT_BOUNDS) == []
    assert may_publish([])


@pytest.mark.parametrize("lacks", ["stages_missing", "cadence_missing", "range_missing"])
def test_a_goal_that_nothing_can_be_said_to_is_not_published(lacks):
    goals = a_set(replace(GOOD, lacks=lacks))
    assert found(goals) == [(lacks, "GW-1")]
    assert not may_publish(publish_problems(goals, DEFAULT_BOUNDS))


def test_more_goals_than_the_upper_bound_are_refused():
    problems = publish_problems(a_set(of=8), DEFAULT_BOUNDS)
    assert [(one.code, one.params) for one in problems] == [("too_many_goals", {"count": "8", "upper": "5"})]
    assert not may_publish(problems)


def test_fewer_goals_than_the_lower_bound_are_only_told():
    problems = publish_problems(a_set(of=2), DEFAULT_BOUNDS)
    assert [one.code for one in problems] == ["too_few_goals"]
    assert may_publish(problems)


def test_the_bounds_are_those_of_the_layer():
    department = replace(GOOD, layer="dept", parent=COMPANY_GOAL, obstacles=())
    goals = [replace(department, key=f"BM-{number}", weight=Decimal("12.5")) for number in range(8)]
    assert publish_problems(goals, DEFAULT_BOUNDS) == []
    narrow = {**DEFAULT_BOUNDS, "dept": Bounds(1, 7)}
    assert [one.code for one in publish_problems(goals, narrow)] == ["too_many_goals"]


@pytest.mark.parametrize(("weights", "total"), [(("50", "49.99"), "99.99"), (("60", "50"), "110"), (("0", "0"), "0")])
def test_weights_that_miss_100_by_a_hair_are_refused(weights: tuple[str, str], total: str):
    goals = [replace(GOOD, key=f"GW-{weight}", weight=Decimal(weight)) for weight in weights]
    problem = next(one for one in publish_problems(goals, DEFAULT_BOUNDS) if one.code == "weights_not_100")
    assert problem.params == {"sum": total}
    assert problem.refuses


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
def test_weights_are_judged_by_their_exact_sum(cents: list[int]):
    goals = [replace(GOOD, key=str(at), weight=Decimal(cent) / 100) for at, cent in enumerate(cents)]
    refused = any(one.code == "weights_not_100" for one in publish_problems(goals, DEFAULT_BOUNDS))
    assert refused == (sum(cents) != 10_000)


@given(st.permutations(a_set(replace(GOOD, obstacles=()), replace(GOOD, key="GW-2", parent=None))))
def test_the_order_of_the_goals_changes_no_finding(goals: list[GoalDraft]):
    assert sorted(found(goals)) == [("alignment_missing", "GW-2"), ("obstacles_missing", "GW-1")]


@pytest.mark.parametrize(
    ("parent", "code"),
    [
        (None, "alignment_missing"),
        (COMPANY_GOAL, "alignment_not_to_unit"),
        (Parent("GW-9", "position"), "alignment_not_to_unit"),
        (Parent("BM-1", "dept", is_published=False), "alignment_to_draft"),
    ],
)
def test_a_position_goal_supports_a_published_goal_of_a_unit(parent: Parent | None, code: str):
    assert found(a_set(replace(GOOD, parent=parent))) == [(code, "GW-1")]


@pytest.mark.parametrize(
    ("parent", "codes"),
    [
        (COMPANY_GOAL, []),
        (Parent("BM-9", "dept", of_ancestor_unit=True), []),
        (Parent("BM-9", "dept"), ["alignment_not_above_unit"]),
        (Parent("GW-9", "position"), ["alignment_not_above_unit"]),
        (None, ["alignment_missing"]),
    ],
)
def test_a_units_goal_supports_the_company_or_a_unit_above(parent: Parent | None, codes: list[str]):
    goals = [replace(GOOD, key=f"BM-{at}", layer="dept", weight=Decimal(20), parent=COMPANY_GOAL) for at in range(5)]
    goals[0] = replace(goals[0], parent=parent)
    assert [code for code, _ in found(goals)] == codes


def test_a_company_goal_needs_neither_parent_nor_evidence():
    goal = GoalDraft("GS", "海外收入翻倍", "company", Decimal(100) / 4)
    assert publish_problems([replace(goal, key=f"GS-{at}") for at in range(4)], DEFAULT_BOUNDS) == []


def test_evidence_needs_a_type_and_a_number_or_a_way_to_get_one():
    assert found(a_set(replace(GOOD, evidence_type=""))) == [("evidence_type_missing", "GW-1")]
    assert found(a_set(replace(GOOD, evidence_no=" "))) == [("evidence_number_missing", "GW-1")]
    assert found(a_set(replace(GOOD, evidence_no="", evidence_source="第42周立项后取得"))) == []


@pytest.mark.parametrize(
    ("obstacles", "codes"),
    [
        ((), ["obstacles_missing"]),
        (("", " "), ["obstacles_missing"]),
        (("甲",), []),
        (("甲", "乙", "丙"), []),
        (("甲", "乙", "丙", "丙"), []),
        (("甲", "乙", "丙", "丁"), ["obstacles_too_many"]),
    ],
)
def test_a_position_goal_names_one_to_three_obstacles(obstacles: tuple[str, ...], codes: list[str]):
    assert [code for code, _ in found(a_set(replace(GOOD, obstacles=obstacles)))] == codes


@pytest.mark.parametrize("weight", [None, Decimal("-1"), Decimal(101)])
def test_every_goal_has_a_weight_of_its_own(weight: Decimal | None):
    goals = [replace(GOOD, weight=weight), *a_set(of=4)[1:]]
    assert ("weight_missing", "GW-1") in found(goals)


def test_a_goal_without_a_title_is_asked_for_one():
    assert found(a_set(replace(GOOD, title=" "))) == [("title_missing", "GW-1")]


def test_nothing_cannot_be_published():
    assert found([]) == [("nothing_to_publish", None)]


def test_goals_of_two_layers_are_no_set():
    with pytest.raises(ValueError, match="several layers"):
        publish_problems([GOOD, replace(GOOD, layer="dept")], DEFAULT_BOUNDS)


def test_a_sentence_names_the_goal_and_what_to_do():
    (problem,) = publish_problems(a_set(replace(GOOD, obstacles=())), DEFAULT_BOUNDS)
    assert GOOD.title in problem.sentence
    assert "%" not in problem.sentence.replace("95%", "")


def test_every_code_has_a_sentence_that_takes_its_words():
    words = {"goal": "某目标", "count": "9", "upper": "5", "lower": "3", "sum": "99", "most": "3", "field": "区域"}
    for code in SENTENCES:
        assert "%(" not in Problem(code, params=words).sentence
    assert set(SENTENCES) >= HINTS
