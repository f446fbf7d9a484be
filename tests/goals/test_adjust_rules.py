"""What may be asked of a published goal and when, written from product.md §2.9."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.adjusting import (
    DUE_ON,
    HOLD_HIGH,
    HOLD_LOW,
    RESULT_GONE,
    RESULT_NEW,
    RESULT_TARGET,
    RESULT_WEIGHT,
    TARGET,
    UNBOUNDED,
    WEIGHT,
    Change,
    Result,
    Standing,
    facts,
    needs_window,
    problems,
    window_at,
)
from perfsys.jobs.workdays import WorkCalendar

STARTS, ENDS = date(2026, 10, 1), date(2026, 12, 31)
cents = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)


def goal(key, weight=None, *, owner="ada", **more):
    kept = None if weight is None else Decimal(weight)
    return Standing(key, f"目标 {key}", owner, kept, ENDS, STARTS, **more)


def codes(goals, *changes, reason="客户改了排期", **more):
    return [problem.code for problem in problems(goals, changes, reason=reason, **more)]


@st.composite
def sets(draw):
    """One owner's goals at 100 % together, none of them core."""
    cuts = sorted(draw(st.lists(cents, min_size=1, max_size=4)))
    edges = [Decimal(0), *cuts, Decimal(100)]
    return [goal(str(n), after - before) for n, (before, after) in enumerate(pairwise(edges))]


@given(sets(), st.data())
def test_what_leaves_the_sum_at_100_may_be_sent_and_nothing_else_may(goals, data):
    wanted = data.draw(st.lists(cents, min_size=len(goals), max_size=len(goals)))
    moved = [Change(one.key, WEIGHT, new) for one, new in zip(goals, wanted, strict=True)]
    expected = [] if sum(wanted) == 100 else ["weights_not_100"]
    if all(one.weight == new for one, new in zip(goals, wanted, strict=True)):
        expected = ["nothing_changed"]
    assert codes(goals, *moved) == expected


def test_the_example_of_the_article():
    goals = [goal("new", 40), goal("again", 20), goal("margin", 40)]
    moved = [Change("new", WEIGHT, Decimal(25)), Change("again", WEIGHT, Decimal(35))]
    assert codes(goals, *moved) == []
    assert codes(goals, moved[0]) == ["weights_not_100"]


def test_a_set_of_which_the_rest_is_a_draft_stays_at_its_sum():
    goals = [goal("a", 35), goal("b", 25)]
    assert codes(goals, Change("a", WEIGHT, Decimal(30)), Change("b", WEIGHT, Decimal(30))) == []
    assert codes(goals, Change("a", WEIGHT, Decimal(75))) == []  # what was cancelled is shared out
    found = problems(goals, [Change("a", WEIGHT, Decimal(30))], reason="换重点")
    assert [one.params for one in found] == [{"sum": "55", "whole": "60"}]
    too_much = [goal("a", 80), goal("b", 60)]  # one was opened again
    assert codes(too_much, Change("a", WEIGHT, Decimal(60)), Change("b", WEIGHT, Decimal(80))) == ["weights_not_100"]
    assert codes(too_much, Change("a", WEIGHT, Decimal(40))) == []


def test_a_hundredth_missing_is_not_100():
    goals = [goal("a", 50), goal("b", 50)]
    found = problems(goals, [Change("a", WEIGHT, Decimal("49.99"))], reason="换重点")
    assert [(one.code, one.goal, one.field, one.params["sum"]) for one in found] == [
        ("weights_not_100", "a", WEIGHT, "99.99")
    ]


@given(cents.filter(lambda new: new != 60))
def test_the_weight_of_a_core_goal_stays(new):
    goals = [goal("core", 60, is_core=True), goal("other", 40)]
    assert "core_weight" in codes(goals, Change("core", WEIGHT, new), Change("other", WEIGHT, 100 - new))


def test_each_owner_of_a_team_adds_up_alone():
    goals = [goal("a", 60), goal("b", 40), goal("c", 100, owner="ben")]
    assert codes(goals, Change("a", WEIGHT, Decimal(50)), Change("b", WEIGHT, Decimal(50))) == []
    assert codes(goals, Change("a", WEIGHT, Decimal(50)), Change("c", WEIGHT, Decimal(90))) == ["weights_not_100"] * 2


@given(st.decimals(-1000, 1000, places=2), st.integers(0, 400))
def test_targets_and_days_need_a_reason_and_no_window(target, days):
    goals = [goal("a", 100, target=Decimal(1234))]
    asked = [Change("a", TARGET, target), Change("a", DUE_ON, ENDS + timedelta(days=1 + days))]
    assert not needs_window(asked)
    assert codes(goals, *asked) == []
    assert codes(goals, *asked, reason="  ") == ["reason_missing"]


@pytest.mark.parametrize("field", [WEIGHT, TARGET, DUE_ON])
def test_nothing_of_what_is_closed_changes(field):
    new = {WEIGHT: Decimal(90), TARGET: Decimal(3), DUE_ON: STARTS}[field]
    closed = goal("a", 100, target=Decimal(5), is_open=False)
    assert "goal_closed" in codes([closed], Change("a", field, new))
    assert "period_closed" in codes([goal("a", 100, target=Decimal(5))], Change("a", field, new), period_is_open=False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change("a", WEIGHT, Decimal(-1)), "weight_range"),
        (Change("a", WEIGHT, None), "weight_range"),
        (Change("a", TARGET, None), "figure_missing"),
        (Change("a", HOLD_LOW, Decimal(3)), "no_figure"),
        (Change("a", DUE_ON, None), "day_missing"),
        (Change("a", DUE_ON, STARTS - timedelta(days=1)), "due_before_start"),
        (Change("a", DUE_ON, date(9999, 12, 31)), "due_far"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(change, code):
    found = problems([goal("a", 100, target=Decimal(5))], [change], reason="写错了")
    assert (code, "a", change.field) in [(one.code, one.goal, one.field) for one in found]
    assert all("%(" not in one.sentence for one in found)


def test_the_last_day_does_not_move_before_a_stage_that_waits():
    staged = goal("a", 100, last_stage_on=ENDS - timedelta(days=9))
    assert codes([staged], Change("a", DUE_ON, ENDS - timedelta(days=10))) == ["due_before_stage"]
    assert codes([staged], Change("a", DUE_ON, ENDS - timedelta(days=9))) == []


def test_a_target_does_not_move_behind_where_the_way_began():
    scrap = goal("a", 100, baseline=Decimal("3.2"), target=Decimal("1.8"), lowers=True)
    assert codes([scrap], Change("a", TARGET, Decimal(4))) == ["target_behind"]
    assert codes([scrap], Change("a", TARGET, Decimal("2.4"))) == []
    upside_down = goal("a", 100, baseline=Decimal("3.2"), target=Decimal("1.8"))  # as a file brought it
    assert codes([upside_down], Change("a", TARGET, Decimal(2))) == []


def test_a_range_stays_the_right_way_up():
    held = goal("a", 100, hold_low=Decimal(2), hold_high=Decimal(4))
    assert codes([held], Change("a", HOLD_LOW, Decimal(5))) == ["range_upside_down"]
    assert codes([held], Change("a", HOLD_LOW, Decimal(5)), Change("a", HOLD_HIGH, Decimal(6))) == []


# --- the window ------------------------------------------------------------------------------------------------------

# The first week of October is off, and 10 October is worked.
HOLIDAYS = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
CALENDAR = WorkCalendar(2026, 2027, HOLIDAYS)


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), date(2026, 11, 6)),
        (date(2026, 11, 6), date(2026, 11, 2), date(2026, 11, 6)),
        (date(2026, 11, 7), date(2026, 12, 1), date(2026, 12, 7)),
        (date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 6)),  # a Sunday before it
        (date(2026, 10, 3), date(2026, 10, 8), date(2026, 10, 13)),  # the holidays, with a Saturday worked
        (date(2026, 12, 8), date(2027, 1, 1), date(2027, 1, 7)),
    ],
)
def test_the_window_is_the_first_five_work_days(on, first, last):
    found = window_at(on, 5, CALENDAR)
    assert (found.first, found.last) == (first, last)


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(1, 23))
def test_a_window_begins_and_ends_on_work_days_and_has_so_many(on, days):
    found = window_at(on, days, CALENDAR)
    assert on <= found.last and CALENDAR.is_work_day(found.first) and CALENDAR.is_work_day(found.last)
    inside = CALENDAR.work_days_between(found.first, found.last + timedelta(days=1))
    in_month = CALENDAR.work_days_between(found.first.replace(day=1), (found.first + timedelta(32)).replace(day=1))
    assert inside == min(days, in_month)
    assert CALENDAR.work_days_between(found.first.replace(day=1), found.first) == 0


# --- what the approval steps look at ----------------------------------------------------------------------------------


def test_the_largest_move_of_a_weight_counts():
    goals = [goal("a", 40), goal("b", 20), goal("c", 40)]
    found = facts(goals, [Change("a", WEIGHT, Decimal(25)), Change("b", WEIGHT, Decimal(35))], period_ends_on=ENDS)
    assert (found.weight_points, found.touches_core, found.eased_percent, found.is_late) == (15, False, 0, False)


@pytest.mark.parametrize(
    ("more", "changes", "percent"),
    [
        ({"target": Decimal(100)}, {TARGET: 85}, 15),
        ({"target": Decimal(100)}, {TARGET: 120}, 0),
        ({"target": Decimal(4), "lowers": True}, {TARGET: 5}, 25),
        ({"target": Decimal(4), "lowers": True}, {TARGET: 3}, 0),
        ({"target": Decimal(0), "lowers": True}, {TARGET: 1}, UNBOUNDED),
        ({"target": Decimal(-10)}, {TARGET: -12}, 20),
        ({"hold_low": Decimal(2), "hold_high": Decimal(4)}, {HOLD_HIGH: 5}, 50),
        ({"hold_low": Decimal(2), "hold_high": Decimal(4)}, {HOLD_HIGH: 5, HOLD_LOW: 3}, 0),
    ],
)
def test_how_much_easier_a_target_gets(more, changes, percent):
    asked = [Change("a", name, Decimal(new)) for name, new in changes.items()]
    assert facts([goal("a", 100, **more)], asked, period_ends_on=ENDS).eased_percent == percent


def test_a_day_past_the_period_and_a_core_goal_are_noticed():
    later = [Change("a", DUE_ON, ENDS + timedelta(days=1))]
    found = facts([goal("a", 100, is_core=True)], later, period_ends_on=ENDS)
    assert (found.is_late, found.touches_core) == (True, True)
    earlier = facts([goal("a", 100)], [Change("a", DUE_ON, ENDS - timedelta(days=1))], period_ends_on=ENDS)
    assert (earlier.is_late, earlier.touches_core) == (False, False)


def objective(*results, **more):
    return goal("o", 40, results=results, **more)


FAST, FEW = (
    Result("1", "10 天内打样", Decimal(10), Decimal(3), lowers=True),
    Result("2", "签 4 家", Decimal(4), Decimal(1)),
)
OLD = Result("3", "出 2 份方案", Decimal(2), Decimal(1), is_standing=False)


def of_result(field, new=None, result="1", added=None):
    return Change("o", field, new, result, added)


def a_new_one(title):
    return of_result(RESULT_NEW, result="", added=Result("", title, Decimal(5), Decimal(1)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([of_result(RESULT_TARGET, Decimal(12))], []),
        ([of_result(RESULT_TARGET, Decimal(10))], ["nothing_changed"]),
        ([of_result(RESULT_TARGET)], ["figure_missing"]),
        ([of_result(RESULT_WEIGHT, Decimal(1001))], ["result_weight_range"]),
        ([of_result(RESULT_TARGET, Decimal(12), "3")], ["result_gone"]),
        ([of_result(RESULT_GONE)], []),
        ([of_result(RESULT_GONE), of_result(RESULT_GONE, result="2")], ["result_last"]),
        ([of_result(RESULT_GONE), of_result(RESULT_GONE, result="2"), a_new_one("复购 3 家")], []),
        ([a_new_one("复购 3 家"), a_new_one("复购 3 家")], ["result_twice"]),
        ([a_new_one("签 4 家")], ["result_twice"]),
        ([a_new_one("出 2 份方案")], ["result_twice"]),
        ([a_new_one("")], ["result_nameless"]),
    ],
)
def test_what_may_be_asked_of_the_key_results(changes, expected):
    assert codes([objective(FAST, FEW, OLD)], *changes) == expected


def test_key_results_wait_for_no_window_and_a_closed_objective_keeps_them():
    assert not needs_window([of_result(RESULT_WEIGHT, Decimal(2))])
    assert codes([objective(FAST, is_open=False)], of_result(RESULT_TARGET, Decimal(12))) == ["goal_closed"]


def test_what_gets_easier_or_lighter_counts_for_the_conditions():
    def found(*changes):
        return facts([objective(FAST, FEW, OLD)], changes, period_ends_on=ENDS)

    assert found(of_result(RESULT_TARGET, Decimal(12))).eased_percent == 20  # days to be kept below
    assert found(of_result(RESULT_TARGET, Decimal(8))).eased_percent == 0
    assert found(of_result(RESULT_TARGET, Decimal(3), "2")).eased_percent == 25
    assert found(of_result(RESULT_GONE)).eased_percent == 100
    assert found(of_result(RESULT_WEIGHT, Decimal(1))).weight_points == 25  # from three quarters to a half
    assert found(a_new_one("复购 3 家")) == facts([objective()], [], period_ends_on=ENDS)
