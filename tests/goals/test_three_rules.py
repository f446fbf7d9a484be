"""Weakly aligned and deviating goals, beside the silent ones (product.md §2.8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.actions.alerts import check_health, confirm_alert, reopen_alert
from goals.actions.own_progress import keep_away
from goals.actions.standing import write_standing
from goals.actions.telling import tell_lines
from goals.actions.trail import check_in
from goals.health import GoalFacts, is_deviating, reading_days
from goals.models import Alignment, Goal, GoalAlert, Milestone
from goals.queries.health import deviating_goals
from goals.queries.match import judged_as
from goals.standing import UNANSWERED_DAYS
from goals.tasks import check_health as night_job
from perfsys.notices.models import Notice
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY

DAY = timedelta(days=1)
BEGUN = NOW - 30 * DAY
LATE = 35  # days on: half of the quarter is over, so nothing done is far behind


@pytest.fixture
def leaf(company):
    """Ada's goal, published on 3 October, checked in today."""
    _, _, leaf = company.tree(now=BEGUN)
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(20))
    return leaf


def aligned(goal, relevance, **more):
    for line in Alignment.objects.filter(child=goal).select_related("child", "parent"):
        line.judged = judged_as(line.child.title, line.parent.title)
        line.relevance = relevance
        line.save(update_fields=["judged", "relevance"])


def look(days=0):
    return check_health(as_of=TODAY + days * DAY, now=NOW + days * DAY)


def standing():
    return sorted(GoalAlert.objects.filter(state="open").values_list("rule", flat=True))


# --- weakly aligned ---------------------------------------------------------------------------------------------------


def test_a_match_below_70_is_weak_and_70_is_not(leaf):
    aligned(leaf, 70)
    look()
    assert standing() == []
    aligned(leaf, 20)
    look()
    assert standing() == ["weak"]
    assert Goal.objects.get(pk=leaf.pk).health == "watch"


def test_it_is_told_by_its_figure(company, leaf):
    aligned(leaf, 20)
    look()
    match = Alignment.objects.get(child=leaf).match
    assert Notice.objects.get(to=company.ada).sentence == f"“6308-2RZ 低噪音密封结构定型”和上级目标的匹配度是 {match}"


def test_it_is_over_once_it_is_worth_more(leaf):
    aligned(leaf, 20)
    look()
    aligned(leaf, 95)
    look(1)
    assert standing() == [] and Notice.objects.filter(kind="goals.weak", state="done").count() == 1


def test_a_goal_that_nobody_has_judged_is_not_weak(leaf):
    look()
    assert standing() == []


def test_what_was_confirmed_stays_quiet_as_long_as_it_says_the_same(company, leaf):
    aligned(leaf, 20)
    look()
    confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW, note="先做样件")
    check_in(goal=leaf, actor=company.ada, now=NOW, note="样件已寄出")  # says nothing about what it supports
    look(2)
    assert standing() == [] and Goal.objects.get(pk=leaf.pk).health == "adjusted"
    Goal.objects.filter(pk=leaf.pk).update(title="每天填一张表")
    aligned(Goal.objects.get(pk=leaf.pk), 20)
    look(3)
    assert standing() == ["weak"]


def test_what_came_right_meanwhile_is_found_again(company, leaf):
    aligned(leaf, 20)
    look()
    confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW)
    aligned(leaf, 95)
    look(1)
    aligned(leaf, 20)
    look(2)
    assert standing() == ["weak"]


def test_an_answer_taken_back_waits_again(company, leaf):
    aligned(leaf, 20)
    look()
    alert = confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW)
    assert Notice.objects.get(kind="goals.weak", to=company.ada).state == "confirmed"
    reopen_alert(alert=alert, actor=company.ada, now=NOW)
    assert standing() == ["weak"]
    assert Notice.objects.get(kind="goals.weak", to=company.ada).state == "open"


# --- deviating --------------------------------------------------------------------------------------------------------


def test_readings_are_of_the_sundays_before():
    assert reading_days(date(2026, 11, 2)) == (date(2026, 10, 25), date(2026, 11, 1))
    assert reading_days(date(2026, 11, 8)) == (date(2026, 10, 25), date(2026, 11, 1))  # this Sunday is not over
    assert reading_days(date(2026, 11, 9)) == (date(2026, 11, 1), date(2026, 11, 8))


@given(paces=st.lists(st.decimals(-60, 20, places=1), min_size=3, max_size=3))
def test_off_at_two_readings_and_still_off_is_deviating(paces):
    goal = GoalFacts("G", "position", date(2026, 10, 1), "published")
    *readings, now = paces
    expected = all(pace < -25 for pace in paces)
    assert is_deviating(goal, readings, date(2026, 11, 30), now) is expected
    late = GoalFacts("G", "position", date(2026, 11, 29), "published")
    assert not is_deviating(late, readings, date(2026, 11, 30), now)


def test_off_its_track_for_two_weeks_is_found_and_settled_by_catching_up(company, leaf):
    look(LATE)  # 7 December: 20 % against two thirds
    assert "deviating" in standing()
    assert Goal.objects.get(pk=leaf.pk).health == "talk"
    check_in(goal=leaf, actor=company.ada, now=NOW + LATE * DAY, percent=Decimal(80))
    look(LATE + 1)
    assert standing() == []


def test_one_week_off_is_not_yet_two(company, leaf):
    monday = NOW + 21 * DAY  # 23 November
    check_in(goal=leaf, actor=company.ada, now=NOW + 9 * DAY, percent=Decimal(45))  # on track by the 15th
    check_in(goal=leaf, actor=company.ada, now=monday - 2 * DAY, percent=Decimal(10))
    assert deviating_goals(monday.date()) == set()
    assert deviating_goals(monday.date() + 7 * DAY) == {leaf.pk}


def test_stages_are_read_as_they_stood(company, leaf):
    Goal.objects.filter(pk=leaf.pk).update(kind="milestone", own_progress=None)
    Milestone.objects.create(goal=leaf, title="样件", due_on=date(2026, 10, 20))
    Milestone.objects.create(goal=leaf, title="定型", due_on=date(2026, 12, 20))
    assert deviating_goals(TODAY) == {leaf.pk}
    Milestone.objects.filter(title="样件").update(done_on=date(2026, 10, 30))  # between the two readings
    assert deviating_goals(TODAY) == set()


def test_a_suggestion_taken_up_does_not_make_the_goal_due(company, leaf):
    Milestone.objects.create(goal=leaf, title="加一道验证", due_on=TODAY - DAY, adopted="verification")
    look()
    assert standing() == [] and Goal.objects.get(pk=leaf.pk).health == "ok"


# --- all of them ------------------------------------------------------------------------------------------------------


def test_all_three_are_told_in_one_message_a_person(company, leaf):
    aligned(leaf, 20)
    look(LATE)
    assert standing() == ["deviating", "stale", "weak"]
    told = Notice.objects.filter(to=company.ada)
    assert {notice.bundle for notice in told} == {"goals:2026-12-07"} and told.count() == 3


def test_running_it_three_times_opens_one_alert_a_goal_and_rule(company, leaf, ada):
    aligned(leaf, 20)
    run_three_times(night_job, payload={}, now=NOW + LATE * DAY)
    assert standing() == ["deviating", "stale", "weak"]


def test_whoever_is_away_hears_of_none(company, leaf):
    aligned(leaf, 20)
    company.ada.spans.create(kind="long_leave", starts_on=TODAY, ends_on=None)
    look(LATE)
    assert standing() == []


def test_what_is_expected_stands_still_while_the_owner_is_away(company, leaf):
    monday = TODAY + 35 * DAY  # 7 December: back since 30 November, a third of the days is left out
    company.ada.spans.create(kind="long_leave", starts_on=TODAY + DAY, ends_on=TODAY + 28 * DAY)
    check_in(goal=leaf, actor=company.ada, now=NOW + 29 * DAY, percent=Decimal(40))
    keep_away()
    assert deviating_goals(monday) == set()
    company.ada.spans.all().delete()
    keep_away()
    assert deviating_goals(monday) == {leaf.pk}


def test_an_alert_grows_no_older_and_is_told_to_nobody_while_the_owner_is_away(company, leaf):
    GoalAlert.objects.create(goal=leaf, rule="stale", opened_on=TODAY, told_lines_on=None)
    company.ada.spans.create(kind="long_leave", starts_on=TODAY + DAY, ends_on=TODAY + 28 * DAY)
    Goal.objects.filter(pk=leaf.pk).update(own_progress=100)
    keep_away()
    for days, health in ((21, "watch"), (28 + UNANSWERED_DAYS - 2, "watch"), (28 + UNANSWERED_DAYS - 1, "talk")):
        write_standing(TODAY + days * DAY)
        assert Goal.objects.get(pk=leaf.pk).health == health
    tell_lines(on=TODAY + 10 * DAY, now=NOW + 10 * DAY)
    assert GoalAlert.objects.filter(told_lines_on=None).exists()
    tell_lines(on=TODAY + 40 * DAY, now=NOW + 40 * DAY)
    assert not GoalAlert.objects.filter(told_lines_on=None).exists()
