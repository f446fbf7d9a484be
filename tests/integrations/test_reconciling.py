"""Two figures held against each other: what is over, what cannot be compared, and where a difference comes from
(product.md §5.6)."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from integrations.reconciling import (
    CauseKind,
    Contract,
    DayState,
    Entry,
    Side,
    Terms,
    Verdict,
    causes,
    compare,
    days_of,
    last_due,
    lines_of_day,
    moved_as_matched,
    over_a_range,
    state_of_day,
    unequal,
)

EXPECTED = json.loads((Path(__file__).parents[1] / "data/reconciliation.expected.json").read_text(encoding="utf-8"))
ON = date(2026, 11, 18)
TERMS = Terms()
cents = st.decimals(min_value=-(10**7), max_value=10**7, places=2)


# --- over, and not over -----------------------------------------------------------------------------------------------


def test_exactly_the_tolerance_is_not_over_and_a_cent_more_is():
    assert compare(ON, None, Decimal("105.00"), Decimal(100), TERMS).verdict == Verdict.AGREES
    assert compare(ON, None, Decimal("105.01"), Decimal(100), TERMS).verdict == Verdict.OVER
    assert compare(ON, None, Decimal("94.99"), Decimal(100), TERMS).verdict == Verdict.OVER


def test_against_nought_every_difference_is_over_and_none_agrees():
    line = compare(ON, "浙东", Decimal("0.01"), None, TERMS)
    assert (line.verdict, line.b, line.percent) == (Verdict.OVER, 0, None)
    assert compare(ON, "浙东", Decimal(0), None, TERMS).verdict == Verdict.AGREES


def test_without_a_reference_the_larger_is_the_base():
    a, b = Decimal(100), Decimal("95.24")
    assert compare(ON, None, a, b, Terms(has_reference=False)).verdict == Verdict.AGREES  # 4.76 of 100
    assert compare(ON, None, a, Decimal("94.99"), Terms(has_reference=False)).verdict == Verdict.OVER
    assert compare(ON, None, a, Decimal("95.20"), TERMS).verdict == Verdict.OVER  # 4.80 of 95.20


def test_a_mean_that_only_one_side_knows_is_not_nought():
    line = compare(ON, "浙东", Decimal(3), None, Terms(empty_is_nought=False))
    assert (line.verdict, line.lost, line.difference) == (Verdict.MISSING_SIDE, Side.B, None)


@given(a=cents, b=cents, tolerance=st.decimals(min_value=0, max_value=50, places=1))
def test_what_is_over_is_over_by_the_definition_and_whoever_comes_first(a, b, tolerance):
    terms = Terms(tolerance=tolerance, has_reference=False)
    line = compare(ON, None, a, b, terms)
    assert (line.verdict == Verdict.OVER) == (abs(a - b) * 100 > tolerance * max(abs(a), abs(b)))
    assert compare(ON, None, b, a, terms).verdict == line.verdict


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_day_that_is_not_due_is_not_a_lost_one():
    due = {"due_a": ON, "due_b": last_due(ON + timedelta(days=1), settle_days=2)}
    assert due["due_b"] == ON - timedelta(days=1)
    assert state_of_day(ON, has_a=False, has_b=False, **due) == DayState(Verdict.NOT_DUE)
    assert state_of_day(due["due_b"], has_a=False, has_b=True, **due) == DayState(Verdict.LOST_DAY, Side.A)
    assert state_of_day(due["due_b"], has_a=True, has_b=False, **due) == DayState(Verdict.LOST_DAY, Side.B)
    assert state_of_day(due["due_b"], has_a=True, has_b=True, **due) == DayState()


def test_of_a_day_nobody_worked_nothing_is_said():
    assert state_of_day(ON, has_a=False, has_b=False, due_a=ON, due_b=ON) is None


def test_a_lost_day_is_one_line_of_the_whole():
    [line] = lines_of_day(ON, DayState(Verdict.LOST_DAY, Side.A), {}, {"浙东": Decimal(3)}, TERMS)
    assert (line.subject, line.verdict, line.lost, line.a, line.b) == (None, Verdict.LOST_DAY, Side.A, None, None)


def test_every_subject_that_either_side_names_has_a_line_behind_the_whole():
    a, b = {None: Decimal(3), "川渝": Decimal(3)}, {None: Decimal(3), "浙东": Decimal(3)}
    assert [line.subject for line in lines_of_day(ON, DayState(), a, b, TERMS)] == [None, "川渝", "浙东"]


# --- the expected file ------------------------------------------------------------------------------------------------


def test_it_judges_the_company_s_orders_as_the_expected_file_does():
    by_day: dict[str, list[dict]] = {}
    for row in EXPECTED["day_regions"]:
        by_day.setdefault(row["day"], []).append(row)
    found, over = [], []
    for day in EXPECTED["days"]:
        on, rows = date.fromisoformat(day["day"]), by_day.get(day["day"], [])
        has_a, has_b = day["status"] != "lost_bi", day["status"] != "not_due"
        state = state_of_day(on, has_a=has_a, has_b=has_b, due_a=date(2026, 11, 20), due_b=ON)
        a = {row["region"]: Decimal(row["bi_ship_cents"]) for row in rows}
        b = {row["region"]: Decimal(row["settled_registered_cents"]) for row in rows}
        total = {"a": {None: sum(a.values())}, "b": {None: sum(b.values())}}
        whole, *regions = lines_of_day(on, state, {**a, **total["a"]}, {**b, **total["b"]}, TERMS)
        assert (whole.verdict == Verdict.OVER) == bool(day["exceeds_5pct"])
        assert (None if state.verdict else whole.difference) == day["diff_cents"]
        assert {None: "compared", Verdict.LOST_DAY: "lost_bi", Verdict.NOT_DUE: "not_due"}[state.verdict] == day[
            "status"
        ]
        assert {r.subject: r.percent for r in regions} == {
            row["region"]: None if row["diff_pct"] is None else Decimal(str(row["diff_pct"])) for row in rows
        }
        over += [[day["day"], r.subject] for r in regions if r.verdict == Verdict.OVER]
        found += regions
    assert sorted(over) == sorted(EXPECTED["exceeding"])
    totals = over_a_range(found, TERMS, on=ON)
    assert {subject: (line.a, line.b, line.verdict == Verdict.OVER) for subject, line in totals.items()} == {
        region: (of["bi_cents"], of["settled_cents"], of["exceeds_5pct"])
        for region, of in EXPECTED["region_totals"].items()
    }


# --- causes -----------------------------------------------------------------------------------------------------------

entries = st.lists(
    st.builds(
        Entry,
        ref=st.uuids().map(str),
        match=st.sampled_from(["", "1", "2", "3", "4"]),
        subject=st.sampled_from(["浙东", "苏南", ""]),
        moved_to=st.sampled_from(["浙东", "苏南", ""]),
        amount=cents,
        is_return=st.booleans(),
        returned=st.just(Decimal(0)) | cents,
    ),
    max_size=8,
)


@given(a=entries, b=entries, settled=st.booleans(), subject=st.sampled_from(["浙东", "苏南", "", None]))
def test_all_causes_together_are_the_difference(a, b, settled, subject):
    mine = [sum(e.amount for e in side if subject is None or e.subject == subject) for side in (a, b)]
    found = causes(a, b, subject, b_is_settled=settled)
    assert sum(one.amount for one in found) == mine[0] - mine[1]
    assert len({one.kind for one in found}) == len(found)


def test_each_part_of_a_difference_names_its_records():
    def entry(ref, match, subject, amount, *, to="", is_return=False, returned=0):
        return Entry(ref, match, subject, to or subject, Decimal(amount), is_return, Decimal(returned))

    a = [
        entry("a1", "S1", "浙东", 100),
        entry("a2", "S2", "浙东", 50, to="苏南"),  # delivered there, registered elsewhere
        entry("a3", "S3", "苏南", 30, to="浙东"),
        entry("a4", "S4", "浙东", 20),  # cancelled: no settlement knows it
        entry("a5", "S5", "浙东", 10),
    ]
    b = [
        entry("b1", "S1", "浙东", 95, returned=5),
        entry("b1r", "S1", "浙东", -40, is_return=True),
        entry("b3", "S3", "浙东", 30),
        entry("b5", "S5", "浙东", 9),
        entry("b6", "S6", "浙东", 3),
    ]
    found = causes(a, b, "浙东", b_is_settled=True)
    assert [(one.kind, one.amount, one.a, one.b) for one in found] == [
        (CauseKind.RETURNS, 45, (), ("b1", "b1r")),
        (CauseKind.ATTRIBUTION, 20, ("a2", "a3"), ()),
        (CauseKind.UNSETTLED, 20, ("a4",), ()),
        (CauseKind.ONLY_B, -3, (), ("b6",)),
        (CauseKind.AMOUNTS, 1, ("a5",), ("b5",)),
    ]


def test_a_record_that_both_know_counts_where_the_other_side_counts_it():
    a = [Entry("a1", "S1", "浙东", "浙东", Decimal(5)), Entry("a2", "", "浙东", "浙东", Decimal(1))]
    b = [Entry("b1", "S1", "苏南", "苏南", Decimal(5)), Entry("b2", "", "苏南", "苏南", Decimal(1))]
    assert [one.moved_to for one in moved_as_matched(a, b)] == ["苏南", "浙东"]  # without a number nobody can tell


def test_what_agrees_has_no_cause():
    one = [Entry("1", "S1", "浙东", "浙东", Decimal(5))]
    assert causes(one, one, "浙东", b_is_settled=True) == []


# --- contracts --------------------------------------------------------------------------------------------------------

NET = Contract("元", "sum", "region", "settled", 2, "in", ["registered"])


def test_the_calibers_of_the_incident_differ_in_three_places_and_can_be_compared():
    gross = Contract("元", "sum", "region", "snapshot", 0, "out", ["shipping"])
    found = unequal(gross, NET, by_subject=True)
    assert [one.name for one in found] == ["basis", "settle_days", "returns", "attribution"]
    assert not any(one.stops for one in found)


def test_another_unit_or_another_kind_of_subject_cannot_be_compared():
    other = Contract("件", "sum", "person", "settled", 2, "in", ["registered"])
    assert [one.name for one in unequal(other, NET, by_subject=True) if one.stops] == [
        "unit_of_measure",
        "subject_kind",
    ]
    assert [one.name for one in unequal(other, NET, by_subject=False)] == ["unit_of_measure"]
    assert unequal(NET, NET, by_subject=True) == []


def test_the_days_of_a_range_are_all_of_it():
    assert list(days_of(ON, ON)) == [ON]
    assert len(list(days_of(date(2026, 7, 24), date(2026, 11, 20)))) == len(EXPECTED["days"])
