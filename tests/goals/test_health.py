"""Stale and idle goals (product.md §2.8, §6.2), from the raw files to the two lists."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from goals.health import Activity, ActivityKind, GoalFacts, idle_goals, is_idle, is_stale, stale_goals, stale_window
from tests.goals.imported_files import START, expected, judged_check_ins, judged_file

DAY = date(2026, 11, 20)
GOAL = GoalFacts("GW-1", "position", date(2026, 10, 1), "published")


def facts() -> list[GoalFacts]:
    return [
        GoalFacts(row.key, one.layer, START, one.status, one.budget_wan, one.headcount, one.hours)
        for row in judged_file().rows
        if (one := row.values)
    ]


def activities() -> list[Activity]:
    return [Activity(one.goal, one.kind, one.on) for row in judged_check_ins().rows if (one := row.values)]


def test_the_files_give_exactly_the_expected_stale_goals():
    health = expected("expected_health.json")
    assert stale_goals(facts(), activities(), DAY) == health["stale"]
    assert sum(goal.is_watched for goal in facts()) == health["counts"]["published_position"]


def test_the_files_give_exactly_the_expected_idle_goals_of_both_months():
    health = expected("expected_health.json")
    for month, numbers in health["idle"].items():
        assert idle_goals(facts(), activities(), month=date.fromisoformat(f"{month}-01"), as_of=DAY) == numbers


def test_every_boundary_case_falls_on_its_side():
    health = expected("expected_health.json")
    cases = set(health["boundary_cases"])
    goals = [goal for goal in facts() if goal.number in cases]
    assert {goal.number for goal in goals} == cases
    assert set(stale_goals(goals, activities(), DAY)) == cases & set(health["stale"])


def test_the_window_has_fourteen_days_and_the_day_itself():
    assert stale_window(DAY) == (date(2026, 11, 6), DAY)
    assert not is_stale(GOAL, [date(2026, 11, 6)], DAY)
    assert not is_stale(GOAL, [DAY], DAY)
    assert is_stale(GOAL, [date(2026, 11, 5)], DAY)


def test_what_happens_later_does_not_make_a_goal_fresh():
    assert is_stale(GOAL, [DAY + timedelta(days=1)], DAY)


def test_a_goal_is_stale_only_when_published_before_the_window():
    silent: list[date] = []
    assert not is_stale(GoalFacts("GW-1", "position", date(2026, 11, 6), "published"), silent, DAY)
    assert is_stale(GoalFacts("GW-1", "position", date(2026, 11, 5), "published"), silent, DAY)


def test_drafts_finished_goals_and_other_layers_are_left_alone():
    others = [
        GoalFacts("a", "position", None, "draft"),
        GoalFacts("b", "position", date(2026, 10, 1), "done"),
        GoalFacts("c", "dept", date(2026, 10, 1), "published"),
        GoalFacts("d", "company", date(2026, 10, 1), "published"),
    ]
    assert stale_goals(others, [], DAY) == []
    assert idle_goals(others, [], month=DAY, as_of=DAY) == []


def test_evidence_milestones_and_ticks_keep_a_goal_fresh_and_comments_do_not():
    for kind in ActivityKind:
        stale = stale_goals([GOAL], [Activity("GW-1", kind, DAY)], DAY)
        assert stale == (["GW-1"] if kind is ActivityKind.COMMENT else []), kind


def test_only_a_check_in_keeps_a_goal_without_resources_from_being_idle():
    for kind in ActivityKind:
        idle = idle_goals([GOAL], [Activity("GW-1", kind, DAY)], month=DAY, as_of=DAY)
        assert idle == ([] if kind is ActivityKind.CHECK_IN else ["GW-1"]), kind


def test_any_resource_keeps_a_goal_from_being_idle():
    for resource in ("budget", "headcount", "hours"):
        goal = GoalFacts("GW-1", "position", date(2026, 10, 1), "published", **{resource: Decimal("0.5")})
        assert not is_idle(goal, [], month=DAY, as_of=DAY)


def test_a_goal_published_after_the_month_was_not_idle_in_it():
    goal = GoalFacts("GW-1", "position", date(2026, 11, 1), "published")
    assert not is_idle(goal, [], month=date(2026, 10, 31), as_of=DAY)
    assert is_idle(goal, [], month=date(2026, 11, 30), as_of=DAY)


def test_a_month_that_has_not_begun_has_no_idle_goals():
    assert not is_idle(GOAL, [], month=date(2026, 12, 1), as_of=DAY)


def test_a_month_is_looked_at_up_to_the_day_asked_for():
    later = [DAY + timedelta(days=1)]
    assert is_idle(GOAL, later, month=DAY, as_of=DAY)
    assert not is_idle(GOAL, later, month=DAY, as_of=DAY + timedelta(days=1))


days = st.dates(date(2026, 9, 1), date(2027, 1, 31))


@given(st.lists(days), days, days)
def test_another_activity_never_makes_a_goal_stale(active: list[date], more: date, day: date):
    if is_stale(GOAL, [*active, more], day):
        assert is_stale(GOAL, active, day)


@given(st.lists(days), days, st.integers(-400, 400))
def test_moving_everything_by_some_days_changes_nothing(active: list[date], day: date, by: int):
    shift = timedelta(days=by)
    moved = GoalFacts("GW-1", "position", date(2026, 10, 1) + shift, "published")
    assert is_stale(GOAL, active, day) == is_stale(moved, [one + shift for one in active], day + shift)
