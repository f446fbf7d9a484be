"""The alignment match and its parts (product.md §2.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from goals.alignment import (
    SENTENCES,
    AlignmentFacts,
    Confirmation,
    Evidence,
    Match,
    Measures,
    Part,
    Span,
    alignment_match,
    names_one_of,
)
from goals.relevance import Code, Reason, Relevance

TODAY = date(2026, 11, 20)
QUARTER = Span(date(2026, 10, 1), date(2026, 12, 31))
FOUND = Evidence(source_connected=True, has_type=True, has_number=True, resolves=True, latest_on=TODAY)
SAME = Measures(child_family="ppm", parent_families=("ppm",))
BOSS = Confirmation("陈明", "客户验收就靠这一步", TODAY)


def meaning(score: int) -> Relevance:
    return Relevance(score, (Reason(Code.MOVES if score >= 70 else Code.ACTIVITY),))


def full(**changed: object) -> AlignmentFacts:
    """Everything is known, and everything is right."""
    facts = AlignmentFacts(meaning(100), FOUND, SAME, QUARTER, QUARTER, Decimal(40), Decimal(100))
    return replace(facts, **changed)  # type: ignore[arg-type]


def match(facts: AlignmentFacts) -> Match:
    return alignment_match(facts, today=TODAY)


def points(found: Match) -> dict[Part, Decimal]:
    return {part.part: part.points for part in found.parts if part.applies}


def test_all_of_it_is_100_of_five_parts():
    found = match(full())
    assert found.value == 100
    assert points(found) == {
        Part.RELEVANCE: 40,
        Part.EVIDENCE: 25,
        Part.MEASURE: 15,
        Part.TIME: 10,
        Part.CONTRIBUTION: 10,
    }


def test_texts_alone_count_in_full_where_nothing_else_is_asked_for():
    assert match(AlignmentFacts(meaning(63))).value == 63


def test_what_does_not_apply_is_left_out_of_the_sum_and_says_so():
    # 40 x 0.5 + 15 + 10 of the 65 points that apply
    found = match(AlignmentFacts(meaning(50), Evidence(), SAME, QUARTER, QUARTER))
    assert found.value == pytest.approx(Decimal(45) / 65 * 100, abs=Decimal("0.000001"))
    left_out = [part for part in found.parts if not part.applies]
    assert [part.part for part in left_out] == [Part.EVIDENCE, Part.CONTRIBUTION]
    assert all(part.of == 0 and part.words for part in left_out)


@pytest.mark.parametrize(
    ("evidence", "of_25"),
    [
        (FOUND, 25),
        (replace(FOUND, source_connected=False, proof_attached=True), 25),
        (replace(FOUND, latest_on=None), 15),
        (replace(FOUND, resolves=False), 10),
        (replace(FOUND, has_number=False), 10),
        (replace(FOUND, has_type=False), 10),
        (Evidence(source_connected=True), 0),
    ],
)
def test_evidence_is_15_for_what_resolves_and_10_for_what_is_recent(evidence, of_25):
    assert points(match(full(evidence=evidence)))[Part.EVIDENCE] == of_25


def test_without_a_source_or_a_proof_evidence_does_not_apply():
    assert Part.EVIDENCE not in points(match(full(evidence=replace(FOUND, source_connected=False))))


@given(st.integers(-10, 60))
def test_recent_is_a_record_of_the_last_28_days_and_not_of_the_future(days_ago):
    found = points(match(full(evidence=replace(FOUND, latest_on=TODAY - timedelta(days=days_ago)))))
    assert found[Part.EVIDENCE] == (25 if 0 <= days_ago <= 28 else 15)


@pytest.mark.parametrize(
    ("measures", "of_15"),
    [
        (SAME, 15),
        (Measures("ppm", ("oee", "ppm")), 15),
        (Measures("oee", ("ppm",)), 0),
        (Measures("", ("ppm",)), 0),
        (Measures("", (), parent_has_key_results=True, names_key_result=True), 15),
        (Measures("oee", ("ppm",), parent_has_key_results=True, names_key_result=True), 15),
        (Measures("oee", (), parent_has_key_results=True), 0),
    ],
)
def test_the_measure_is_of_the_same_family_or_names_a_key_result(measures, of_15):
    assert points(match(full(relevance=meaning(69), measures=measures)))[Part.MEASURE] == of_15


@pytest.mark.parametrize(
    "measures", [Measures("ppm", ()), Measures("", ("",)), Measures("", ("",), names_key_result=True)]
)
def test_a_parent_without_a_measure_asks_for_none(measures):
    assert Part.MEASURE not in points(match(full(measures=measures)))


days = st.dates(date(2026, 9, 1), date(2027, 1, 31))
spans = st.tuples(days, days).map(lambda both: Span(min(both), max(both)))


def days_of(span):
    return {span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)}


def quarter_of(day):
    return (day.year, (day.month + 2) // 3)


@given(spans, spans)
def test_time_counts_in_full_by_half_or_not_at_all(child, parent):
    found = points(match(full(child_span=child, parent_span=parent)))[Part.TIME]
    own, above = days_of(child), days_of(parent)
    begins = (parent.first - child.first).days <= 14 or quarter_of(parent.first) == quarter_of(child.first)
    ends = (child.last - parent.last).days <= 14 or quarter_of(parent.last) == quarter_of(child.last)
    if own <= above or (own & above and begins and ends):
        assert found == 10
    else:
        assert found == (5 if len(own & above) * 2 >= len(own) else 0)


@pytest.mark.parametrize(
    ("first", "last", "of_10"),
    [
        (date(2026, 10, 1), date(2027, 1, 14), 10),  # a few days after the end of the quarter
        (date(2026, 9, 17), date(2026, 12, 31), 10),
        (date(2026, 10, 1), date(2027, 1, 15), 5),
        (date(2026, 9, 16), date(2026, 12, 31), 5),
        (date(2026, 12, 1), date(2027, 2, 28), 0),
        (date(2027, 1, 1), date(2027, 1, 5), 0),  # near, and not a day together
    ],
)
def test_an_end_a_few_days_off_is_no_fault(first, last, of_10):
    assert points(match(full(child_span=Span(first, last))))[Part.TIME] == of_10


def test_an_end_in_the_quarter_in_which_the_goal_above_ends_is_no_fault():
    above = Span(date(2026, 10, 1), date(2026, 11, 30))
    assert points(match(full(child_span=QUARTER, parent_span=above)))[Part.TIME] == 10
    after = Span(date(2026, 12, 1), date(2026, 12, 31))
    assert points(match(full(child_span=after, parent_span=above)))[Part.TIME] == 0


@given(spans, spans)
def test_fewer_days_outside_never_lower_it(child, parent):
    cut = Span(max(child.first, parent.first), min(child.last, parent.last))
    if cut.first > cut.last:
        return
    inside = match(full(child_span=cut, parent_span=parent)).value
    assert inside >= match(full(child_span=child, parent_span=parent)).value


@given(spans, spans, st.integers(-400, 400).map(lambda weeks: timedelta(weeks=weeks)))
def test_time_inside_stays_inside_whenever_both_are_moved(child, parent, by):
    if parent.holds(child):
        moved = [Span(span.first + by, span.last + by) for span in (child, parent)]
        assert points(match(full(child_span=moved[0], parent_span=moved[1])))[Part.TIME] == 10


@given(st.integers(0, 100))
def test_another_kind_of_figure_is_a_hint_alone_where_the_texts_fit(score):
    other = Measures("oee", ("ppm",))
    found = match(full(relevance=meaning(score), measures=other))
    assert points(found)[Part.MEASURE] == (0 if score < 70 else Decimal(15 * score) / 100)
    assert found.value <= match(full(relevance=meaning(score), measures=SAME)).value
    lost = match(full(relevance=meaning(score), measures=Measures("", ("ppm",)))).value
    assert found.value > lost if score >= 70 else found.value == lost


@given(st.integers(70, 100))
def test_texts_that_fit_are_not_weak_for_another_kind_of_figure_alone(score):
    facts = AlignmentFacts(meaning(score), Evidence(), Measures("oee", ("ppm",)), QUARTER, QUARTER)
    assert not match(facts).is_weak


@given(st.integers(70, 100))
def test_no_measure_at_all_stays_a_loss_however_well_the_texts_fit(score):
    assert points(match(full(relevance=meaning(score), measures=Measures("", ("ppm",)))))[Part.MEASURE] == 0


@pytest.mark.parametrize(("of_all", "of_10"), [("59.99", 0), ("60", 10), ("85", 10), ("100", 10), ("100.01", 0)])
def test_siblings_together_carry_60_to_100_percent(of_all, of_10):
    assert points(match(full(siblings_sum=Decimal(of_all))))[Part.CONTRIBUTION] == of_10


def test_contribution_applies_once_stated():
    assert Part.CONTRIBUTION not in points(match(full(contribution=None, siblings_sum=Decimal(80))))


percents = st.decimals(0, 150, places=2)
anything = st.builds(
    AlignmentFacts,
    relevance=st.integers(0, 100).map(meaning),
    evidence=st.builds(
        Evidence, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.none() | days
    ),
    measures=st.builds(
        Measures,
        st.sampled_from(["", "ppm", "oee"]),
        st.lists(st.sampled_from(["", "ppm", "oee"])).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    child_span=st.none() | spans,
    parent_span=st.none() | spans,
    contribution=st.none() | percents,
    siblings_sum=percents,
)


@given(anything)
def test_it_is_the_points_found_over_those_that_apply(facts):
    found = match(facts)
    asked = [part for part in found.parts if part.applies]
    assert 0 <= found.value <= 100
    exact = sum(Fraction(part.points) for part in asked) / sum(part.of for part in asked) * 100
    assert abs(Fraction(found.value) - exact) <= Fraction(1, 1_000_000)
    assert {part.part for part in found.parts} == set(Part)


@given(anything, st.integers(0, 100))
def test_a_better_meaning_never_lowers_it(facts, score):
    better = replace(facts, relevance=meaning(max(score, facts.relevance.score)))
    assert match(better).value >= match(facts).value


@given(anything)
def test_every_part_speaks_and_says_what_would_raise_it(facts):
    for part in match(facts).parts:
        assert part.words and all(part.words) and part.name
        if part.part is Part.RELEVANCE:
            continue  # its reasons are relevance's own: tests/goals/test_relevance.py
        short = part.applies and part.points < part.of
        assert bool(part.would_raise) or not short
        assert not (part.applies and part.points == part.of and part.would_raise)


@given(anything)
def test_a_confirmation_counts_as_100_and_says_so(facts):
    before, after = match(facts), match(replace(facts, confirmation=BOSS))
    assert after.value == 100
    assert not after.is_weak
    assert BOSS.by in after.words and BOSS.reason in after.words
    assert (after.worked_out, after.parts) == (before.worked_out, before.parts)
    assert before.words == ""


@given(anything)
def test_weak_is_below_70_and_what_is_shown_as_70_is_not(facts):
    found = match(facts)
    assert found.is_weak == (found.value < 70) == (found.shown < 70)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sentence_can_be_said(language):
    said = {"by": "陈明", "reason": "r", "figure": "61", "sum": "80"}
    with translation.override(language):
        assert all(str(sentence) % said for sentence in SENTENCES.values())


@pytest.mark.parametrize(
    ("result", "title", "measure"),
    [
        ("一次合格率", "把一次合格率提到 98%", ""),
        ("First pass yield", "Raise  FIRST PASS\tyield on line 2", ""),
        ("OEE", "三号线", "OEE"),
        ("OEE", "三号线OEE提升", ""),
    ],
)
def test_a_key_result_is_named_in_the_title_or_the_measure(result, title, measure):
    assert names_one_of(["别的", result], title=title, measure=measure)


@pytest.mark.parametrize(
    ("result", "title", "measure"),
    [
        ("一次合格率", "合格率", "一次"),
        ("rate", "Separate the rates", "rated"),
        ("量", "数量", "量"),
        ("", "任何", ""),
        ("5%", "15% less scrap", ""),
        ("a.c", "abc", ""),
    ],
)
def test_what_is_said_in_part_or_by_chance_names_none(result, title, measure):
    assert not names_one_of([result], title=title, measure=measure)
