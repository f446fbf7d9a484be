"""Progress, expectation, pace and roll-up (product.md §2.6)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goals.progress import (
    Direction,
    Milestone,
    Part,
    Track,
    apart,
    cadence_due,
    cadence_progress,
    expected_by_milestones,
    expected_progress,
    hold_progress,
    is_good_data_without_result,
    kpi_progress,
    milestone_progress,
    objective_progress,
    pace,
    prorated_target,
    roll_up,
    share_present,
    shown,
    track,
    work_days_in,
)

RAISE, LOWER = Direction.RAISE, Direction.LOWER
D = Decimal

figures = st.decimals(-10_000, 10_000, places=3, allow_nan=False)
weights = st.decimals(0, 100, places=2, allow_nan=False)
progresses = st.decimals(-200, 400, places=4, allow_nan=False)
parts = st.builds(Part, progresses, weights, st.none() | weights)


def test_a_figure_to_raise_is_measured_from_zero_where_no_baseline_was_given():
    assert kpi_progress([D(30), D(42)], target=D(60), direction=RAISE) == 70


def test_a_figure_to_lower_is_measured_from_the_first_reading_where_no_baseline_was_given():
    assert kpi_progress([D(900), D(600)], target=D(500), direction=LOWER) == 75


def test_a_baseline_counts_for_both_directions():
    assert kpi_progress([D(85)], target=D(95), direction=RAISE, baseline=D(80)) == D("33.333333")
    assert kpi_progress([D(4)], target=D(2), direction=LOWER, baseline=D(10)) == 75


def test_nothing_read_is_no_progress():
    assert kpi_progress([], target=D(5), direction=LOWER) == 0


@pytest.mark.parametrize(("current", "progress"), [("99", 0), ("100", 100), ("101", 100)])
def test_a_target_equal_to_the_baseline_is_done_or_not(current: str, progress: int):
    assert kpi_progress([D(current)], target=D(100), direction=RAISE, baseline=D(100)) == progress


@pytest.mark.parametrize(("readings", "progress"), [((80, 84), 100), ((80, 90), 0)])
def test_a_first_reading_better_than_the_target_leaves_it_to_be_kept(readings: tuple[int, ...], progress: int):
    assert kpi_progress(list(map(D, readings)), target=D(85), direction=LOWER) == progress


def test_progress_is_kept_raw_and_shown_between_0_and_100():
    assert kpi_progress([D(90)], target=D(60), direction=RAISE) == 150
    assert kpi_progress([D(70)], target=D(100), direction=RAISE, baseline=D(80)) == -50
    assert [shown(D(150)), shown(D(-50)), shown(D("99.5"))] == [100, 0, D("99.5")]


def test_holding_within_is_the_share_of_readings_inside_the_bounds_included():
    assert hold_progress([D(2), D(3), D(5), D(6)], low=D(2), high=D(5)) == 75
    assert hold_progress([], low=D(2), high=D(5)) == 0


def test_holding_within_is_not_asked_of_the_other_rule():
    with pytest.raises(ValueError, match="hold_progress"):
        kpi_progress([D(3)], target=D(5), direction=Direction.HOLD)


def test_an_objective_is_the_mean_of_its_key_results_by_weight():
    assert objective_progress([Part(D(100), D(3)), Part(D(20), D(1))]) == 80
    assert objective_progress([]) == 0


def test_an_overfulfilled_key_result_does_not_cover_for_another():
    assert objective_progress([Part(D(400), D(50)), Part(D(0), D(50))]) == 50


def test_milestones_count_by_the_weight_that_is_done():
    stages = [Milestone(date(2026, 10, 31), D(40), done=True), Milestone(date(2026, 11, 30), D(60))]
    assert milestone_progress(stages) == 40
    assert milestone_progress([]) == 0


def test_a_cadence_is_done_of_due_and_says_nothing_before_the_first_is_due():
    assert cadence_progress(done=3, due=4) == 75
    assert cadence_progress(done=1, due=0) is None


@given(figures, figures, figures, figures)
def test_a_higher_reading_never_lowers_a_figure_to_raise(
    baseline: Decimal, target: Decimal, one: Decimal, two: Decimal
):
    low, high = sorted((one, two))
    figure = [kpi_progress([at], target=target, direction=RAISE, baseline=baseline) for at in (low, high)]
    assert figure[0] <= figure[1]


@given(figures, figures, st.lists(figures, min_size=1))
def test_lowering_mirrors_raising(baseline: Decimal, target: Decimal, readings: list[Decimal]):
    mirrored = kpi_progress([-at for at in readings], target=-target, direction=LOWER, baseline=-baseline)
    assert kpi_progress(readings, target=target, direction=RAISE, baseline=baseline) == mirrored


@given(figures, figures, figures, st.decimals("0.001", 1000, places=3), figures)
def test_another_unit_or_origin_changes_no_progress(
    baseline: Decimal, target: Decimal, current: Decimal, factor: Decimal, offset: Decimal
):
    def moved(at: Decimal) -> Decimal:
        return at * factor + offset

    assert kpi_progress([current], target=target, direction=RAISE, baseline=baseline) == kpi_progress(
        [moved(current)], target=moved(target), direction=RAISE, baseline=moved(baseline)
    )


@given(figures, figures)
def test_the_baseline_is_0_and_the_target_100(baseline: Decimal, target: Decimal):
    assume(baseline != target)
    direction = RAISE if target > baseline else LOWER
    assert kpi_progress([target], target=target, direction=direction, baseline=baseline) == 100
    assert kpi_progress([baseline], target=target, direction=direction, baseline=baseline) == 0


def test_a_figure_that_gets_worse_than_where_it_began_is_kept_below_0_and_shown_as_0():
    scrap = {"target": D("1.8"), "direction": LOWER, "baseline": D("3.2")}
    asked = [kpi_progress([D(at)], **scrap) for at in ("3.2", "2.5", "1.8", "1.1", "3.9")]
    assert asked == [0, 50, 100, 150, -50]
    assert shown(asked[-1]) == 0


@given(figures, figures, figures)
def test_the_progress_of_a_figure_is_the_part_of_the_way_that_is_made(baseline: Decimal, target: Decimal, at: Decimal):
    """product.md §2.6, word by word; where the target is no improvement there is no way, but done or not."""
    for direction, improves, reached in (
        (RAISE, target > baseline, at >= target),
        (LOWER, target < baseline, at <= target),
    ):
        figure = kpi_progress([at], target=target, direction=direction, baseline=baseline)
        if improves:
            way = Fraction(at - baseline) / Fraction(target - baseline) * 100
            assert abs(Fraction(figure) - way) <= Fraction(1, 10**6)
        else:
            assert figure == (100 if reached else 0)


@given(figures, figures, figures)
def test_without_a_baseline_raising_begins_at_0_and_lowering_at_the_first_reading(
    first: Decimal, at: Decimal, target: Decimal
):
    readings = [first, at]
    assert kpi_progress(readings, target=target, direction=RAISE) == kpi_progress(
        readings, target=target, direction=RAISE, baseline=D(0)
    )
    assert kpi_progress(readings, target=target, direction=LOWER) == kpi_progress(
        readings, target=target, direction=LOWER, baseline=first
    )


@given(st.lists(figures, min_size=1), figures, figures)
def test_holding_within_counts_what_is_inside_and_nothing_else(readings: list[Decimal], one: Decimal, two: Decimal):
    low, high = sorted((one, two))
    inside = len([at for at in readings if not (at < low or at > high)])
    assert abs(hold_progress(readings, low=low, high=high) * len(readings) - 100 * inside) < D("0.001") * len(readings)
    assert hold_progress(readings, low=low, high=None) >= hold_progress(readings, low=low, high=high)


@given(figures, figures, st.integers(1, 60), st.integers(60, 90))
def test_a_prorated_target_is_reached_where_its_part_of_the_way_ends(
    baseline: Decimal, target: Decimal, there: int, whole: int
):
    assume(target != baseline)
    share = Fraction(there, whole)
    direction = RAISE if target > baseline else LOWER
    asked = prorated_target(target, baseline, share)
    figure = kpi_progress([asked], target=target, direction=direction, baseline=baseline, share=share)
    way = abs(Fraction(target - baseline)) * share
    assert abs(Fraction(figure) - 100) * way <= Fraction(2, 10**4)  # the target is told to a millionth of its unit


def test_two_thirds_of_the_days_ask_for_two_thirds_of_the_way():
    assert prorated_target(D(60), D(0), Fraction(60, 90)) == 40
    assert kpi_progress([D(20)], target=D(60), direction=RAISE, share=Fraction(60, 90)) == 50
    assert prorated_target(D("1.8"), D("3.3"), Fraction(2, 3)) == D("2.3")


def test_who_is_never_there_is_asked_for_the_whole_target_all_the_same():
    assert kpi_progress([D(30)], target=D(60), direction=RAISE, share=Fraction(0)) == 50


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 200), st.integers(1, 5), st.booleans())
def test_what_a_rhythm_asks_for_grows_by_whole_spans_and_never_past_the_last_day(
    start: date, days: int, times: int, monthly: bool
):
    due = start + timedelta(days=days)
    asked = [
        cadence_due(start + timedelta(days=n), start=start, due=due, times=times, monthly=monthly) for n in range(220)
    ]
    assert asked == sorted(asked) and all(ticks % times == 0 for ticks in asked)
    assert asked[-1] == asked[days]
    if not monthly:
        assert asked[days] == (days + 1) // 7 * times


def test_a_week_away_asks_for_nothing_and_half_a_week_for_half():
    rhythm = {"start": MONDAY, "due": date(2026, 12, 31), "times": 2, "monthly": False}
    fortnight = MONDAY + timedelta(days=13)
    away = [(MONDAY + timedelta(days=7), MONDAY + timedelta(days=14))]
    assert cadence_due(fortnight, **rhythm) == 4
    assert cadence_due(fortnight, **rhythm, away=away) == 2
    assert cadence_due(MONDAY + timedelta(days=6), **rhythm, away=[(MONDAY, MONDAY + timedelta(days=3))]) == Fraction(
        8, 7
    )


def test_a_month_that_begins_on_the_31st_ends_with_the_shorter_one():
    rhythm = {"start": date(2026, 1, 31), "due": date(2026, 12, 31), "times": 1, "monthly": True}
    assert [cadence_due(date(2026, 2, day), **rhythm) for day in (26, 27)] == [0, 1]


# --- expectation --------------------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 2)
WORK_DAYS = [MONDAY + timedelta(days=offset) for offset in range(70) if offset % 7 < 5]
WEEKDAYS = work_days_in(WORK_DAYS)


def test_a_working_day_moves_the_expectation_and_a_weekend_does_not():
    span = {"start": MONDAY, "due": date(2026, 11, 13), "work_days": WEEKDAYS}
    assert expected_progress(MONDAY, **span) == 10
    assert expected_progress(date(2026, 11, 6), **span) == 50
    assert expected_progress(date(2026, 11, 8), **span) == 50
    assert expected_progress(date(2026, 11, 9), **span) == 60


def test_nothing_is_expected_before_the_start_and_all_of_it_from_the_due_date_on():
    span = {"start": MONDAY, "due": date(2026, 11, 13), "work_days": WEEKDAYS}
    assert expected_progress(MONDAY - timedelta(days=1), **span) == 0
    assert expected_progress(date(2026, 11, 13), **span) == 100
    assert expected_progress(date(2026, 12, 1), **span) == 100


def test_a_span_without_a_working_day_asks_for_nothing_until_its_end():
    saturday, sunday = date(2026, 11, 7), date(2026, 11, 8)
    assert expected_progress(saturday, start=saturday, due=sunday, work_days=WEEKDAYS) == 0
    assert expected_progress(sunday, start=saturday, due=sunday, work_days=WEEKDAYS) == 100


def test_the_expectation_rests_while_the_owner_is_away():
    span = {"start": MONDAY, "due": date(2026, 11, 20), "work_days": WEEKDAYS}  # 15 working days
    away = [(date(2026, 11, 9), date(2026, 11, 14))]  # 5 of them
    days = [date(2026, 11, 6), date(2026, 11, 9), date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 20)]
    assert [expected_progress(day, **span, away=away) for day in days] == [50, 50, 50, 60, 100]
    assert share_present(span["start"], span["due"], work_days=WEEKDAYS, away=away) == (10, 15)
    assert expected_progress(date(2026, 11, 20), **span, away=[(MONDAY, date(2026, 12, 1))]) == 0


def test_a_milestone_that_falls_into_a_leave_is_asked_for_after_it():
    stages = [Milestone(date(2026, 11, 10), D(1)), Milestone(date(2026, 11, 20), D(1))]
    away = [(date(2026, 11, 9), date(2026, 11, 16))]
    assert [expected_by_milestones(date(2026, 11, day), stages, away) for day in (10, 15, 16, 20)] == [0, 0, 50, 100]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=5))
def test_spans_laid_apart_hold_the_same_days(raw: list[tuple[int, int]]):
    spans = [(MONDAY + timedelta(days=at), MONDAY + timedelta(days=at + length)) for at, length in raw]
    days = {first + timedelta(days=n) for first, back in spans for n in range((back - first).days)}
    laid = apart(spans)
    assert sum((back - first).days for first, back in laid) == len(days)
    assert all(one[1] < two[0] for one, two in pairwise(laid))


def test_milestones_set_the_expectation_by_the_weight_due_by_the_day():
    stages = [Milestone(date(2026, 11, 10), D(1)), Milestone(date(2026, 11, 20), D(3), done=True)]
    asked = [expected_by_milestones(date(2026, 11, day), stages) for day in (9, 10, 19, 20)]
    assert asked == [0, 25, 25, 100]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(-5, 70))
def test_the_expectation_only_ever_grows_within_its_bounds(first: int, length: int, offset: int):
    start = MONDAY + timedelta(days=first)
    due = start + timedelta(days=length)
    today, tomorrow = (
        expected_progress(MONDAY + timedelta(days=day), start=start, due=due, work_days=WEEKDAYS)
        for day in (offset, offset + 1)
    )
    assert 0 <= today <= tomorrow <= 100


@pytest.mark.parametrize(
    ("points", "state"),
    [
        ("40", Track.ON_TRACK),
        ("-10", Track.ON_TRACK),
        ("-10.000001", Track.AT_RISK),
        ("-25", Track.AT_RISK),
        ("-25.000001", Track.OFF_TRACK),
    ],
)
def test_the_thresholds_belong_to_the_better_side(points: str, state: Track):
    assert track(D(points)) is state


def test_pace_is_exact_where_thirds_meet_the_threshold():
    third = kpi_progress([D(1)], target=D(3), direction=RAISE)
    asked = D("43.333333")
    assert pace(third, asked) == -10
    assert track(pace(third, asked)) is Track.ON_TRACK


def test_falling_below_the_baseline_counts_against_the_pace():
    assert track(pace(D(-20), D(10))) is Track.OFF_TRACK


# --- roll-up --------------------------------------------------------------------------------------------------------


def test_supporting_goals_count_by_their_contribution():
    assert roll_up([Part(D(80), D(10), D(75)), Part(D(40), D(90), D(25))]) == 70


def test_supporting_goals_without_a_contribution_count_by_their_weight():
    assert roll_up([Part(D(80), D(10)), Part(D(40), D(30))]) == 50


def test_supporting_goals_that_weigh_nothing_count_alike():
    assert roll_up([Part(D(80), D(0)), Part(D(40), D(0))]) == 60


def test_a_goal_nobody_supports_has_no_roll_up():
    assert roll_up([]) is None
    assert not is_good_data_without_result(D(0), None)


def test_thirty_points_above_the_result_read_good_data_no_result():
    assert is_good_data_without_result(D(40), D(70))
    assert not is_good_data_without_result(D(40), D("69.999999"))
    assert not is_good_data_without_result(D(100), D(180))


@given(st.lists(parts, min_size=1))
def test_a_roll_up_lies_between_the_least_and_the_most_of_its_goals(children: list[Part]):
    rolled = roll_up(children)
    assert rolled is not None
    values = [shown(child.progress) for child in children]
    assert min(values) - D("0.000001") <= rolled <= max(values) + D("0.000001")


@given(st.lists(parts, min_size=1), st.integers(1, 1000), st.randoms())
def test_neither_order_nor_scale_of_the_weights_matters(children: list[Part], factor: int, chance):
    scaled = [
        Part(child.progress, child.weight * factor, None if child.contribution is None else child.contribution * factor)
        for child in children
    ]
    chance.shuffle(scaled)
    assert roll_up(scaled) == roll_up(children)


@given(st.lists(parts, min_size=1), st.decimals(0, 100, places=2))
def test_more_progress_below_never_lowers_the_roll_up(children: list[Part], more: Decimal):
    first, *others = children
    better = Part(first.progress + more, first.weight, first.contribution)
    assert roll_up([better, *others]) >= roll_up(children)
