"""What a goal counts for, by each rule, with its arithmetic in words (product.md §2.6)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.scoring import Rule, score

D = Decimal
progresses = st.decimals(-300, 400, places=2, allow_nan=False)
limits = st.decimals(0, 200, places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("rule", "progress", "more", "points"),
    [
        (Rule.LINEAR, "62.5", {}, "62.5"),
        (Rule.LINEAR, "130", {}, "130"),
        (Rule.LINEAR, "-40", {}, "0"),
        (Rule.CAPPED, "130", {"figure": D(120)}, "120"),
        (Rule.CAPPED, "130", {}, "100"),
        (Rule.CAPPED, "90", {"figure": D(120)}, "90"),
        (Rule.VETO, "59.99", {"figure": D(60)}, "0"),
        (Rule.VETO, "60", {"figure": D(60)}, "60"),
        (Rule.DEDUCTION, "100", {"figure": D(5)}, "100"),
        (Rule.DEDUCTION, "90", {"figure": D(2)}, "80"),
        (Rule.DEDUCTION, "0", {"figure": D(5), "missing": D(3), "unit": "件"}, "85"),
        (Rule.DEDUCTION, "0", {"figure": D(5), "missing": D(30)}, "0"),
        (Rule.DEDUCTION, "140", {"figure": D(5), "missing": D(-3)}, "100"),
    ],
)
def test_each_rule_counts_as_it_says(rule, progress, more, points):
    found = score(rule, D(progress), **more)
    assert found.points == D(points)
    assert found.sentence  # with its figures filled in


@given(st.sampled_from(Rule), progresses, progresses, st.none() | limits)
def test_more_progress_never_counts_for_less_and_nothing_for_less_than_0(rule, one, two, figure):
    low, high = sorted((one, two))
    points = [score(rule, at, figure=figure).points for at in (low, high)]
    assert 0 <= points[0] <= points[1]


def test_the_sentence_names_what_it_counted():
    told = score(Rule.DEDUCTION, D(0), figure=D("2.50"), missing=D(4), unit="pieces").sentence
    assert all(part in told for part in ("4 pieces", "2.5", "100 − 10"))
