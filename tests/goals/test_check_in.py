"""Check-ins, evidence, milestones and comments move a goal, or leave it as it was (product.md §2.6)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from goals.actions.own_progress import ticks_due
from goals.actions.trail import GoalNotOpen, add_evidence, check_in, comment, tick_milestone
from goals.models import CheckIn, Goal, GoalAlert
from perfsys.audit.models import AuditEntry

from .conftest import NOW, TODAY

WEEK = timedelta(days=7)


@pytest.fixture
def line(company):
    return company.tree()


@pytest.fixture
def leaf(line):
    return line[2]


def fresh(goal):
    return Goal.objects.get(pk=goal.pk)


def publish(company, line, **words):
    goal = company.draft(company.ben, parent=line[1], **words)
    company.publish(company.ben)
    return fresh(goal)


def test_a_percent_is_the_goals_own_progress_and_its_last_sign_of_life(company, leaf):
    made = check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(40), note="样件已寄出", confidence="high")
    goal = fresh(leaf)
    assert (goal.own_progress, goal.last_activity_on, made.local_on) == (40, TODAY, TODAY)
    assert AuditEntry.objects.filter(verb="goals.checked_in", about_id=company.ada.pk).count() == 1


def test_the_date_is_the_tenants_own(company, leaf):
    late = NOW.replace(hour=17)  # 01:00 of the next day in Shanghai
    assert check_in(goal=leaf, actor=company.ada, now=late, percent=Decimal(1)).local_on == TODAY + timedelta(days=1)


def test_a_double_tap_counts_once(company, leaf):
    for percent in (30, 30):
        check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(percent), key="web:1")
    assert CheckIn.objects.filter(goal=leaf).count() == 1


def test_a_draft_takes_no_check_in(company):
    with pytest.raises(GoalNotOpen):
        check_in(goal=company.draft(company.ada), actor=company.ada, now=NOW, percent=Decimal(1))


def test_a_reading_becomes_progress_towards_the_target(company, line):
    goal = publish(company, line, target=Decimal(95), baseline=Decimal(85), unit_of_measure="%")
    made = check_in(goal=goal, actor=company.ben, now=NOW, value=Decimal(90))
    assert (made.percent, fresh(goal).own_progress, fresh(goal).last_value) == (50, 50, 90)


def test_lowering_without_a_baseline_starts_from_the_first_reading(company, line):
    goal = publish(company, line, target=Decimal(2), direction="lower")
    check_in(goal=goal, actor=company.ben, now=NOW, value=Decimal(10))
    check_in(goal=goal, actor=company.ben, now=NOW + WEEK, value=Decimal(6))
    assert fresh(goal).own_progress == 50


def test_holding_within_counts_the_readings_inside(company, line):
    goal = publish(company, line, direction="hold", hold_low=Decimal(3), hold_high=Decimal(5))
    for value in (3, 6, 4, 5):
        check_in(goal=goal, actor=company.ben, now=NOW, value=Decimal(value))
    assert fresh(goal).own_progress == 75


def test_each_check_in_of_a_commitment_is_one_tick_of_those_due(company, line):
    goal = publish(company, line, kind="behaviour", cadence_times=2, cadence_per="week", delivers="设计卡点")
    for _ in range(4):
        check_in(goal=goal, actor=company.ben, now=NOW)
    assert ticks_due(goal, TODAY) == 8  # four whole weeks since 1 October
    assert fresh(goal).own_progress == 50


@pytest.mark.parametrize(
    ("per", "on", "due"),
    [
        ("week", date(2026, 10, 6), 0),
        ("week", date(2026, 10, 7), 3),
        ("month", date(2026, 10, 30), 0),
        ("month", date(2026, 10, 31), 3),
        ("month", date(2026, 11, 1), 3),
        ("week", date(2027, 3, 1), 39),
    ],
)
def test_ticks_are_due_when_their_week_or_month_is_over(per, on, due):
    goal = Goal(starts_on=date(2026, 10, 1), due_on=date(2026, 12, 31), cadence_times=3, cadence_per=per)
    assert ticks_due(goal, on) == due


def test_progress_rises_through_the_department_to_the_company(company, line):
    top, middle, leaf = line
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(40))
    other = publish(company, line, weight=Decimal(100))
    check_in(goal=other, actor=company.ben, now=NOW, percent=Decimal(120))
    assert (fresh(middle).own_progress, fresh(middle).rolled_progress) == (None, 70)
    assert fresh(top).rolled_progress == 70
    check_in(goal=middle, actor=company.wei, now=NOW, percent=Decimal(10))
    assert (fresh(middle).rolled_progress, fresh(top).rolled_progress) == (70, 10)


def test_evidence_is_a_sign_of_life_and_a_comment_is_none(company, leaf):
    comment(goal=leaf, actor=company.ben, now=NOW, text="需要台架吗")
    assert fresh(leaf).last_activity_on is None
    add_evidence(goal=leaf, actor=company.ada, now=NOW, type="document", number="DWG-6308-2RZ-C")
    assert fresh(leaf).last_activity_on == TODAY


def test_a_later_entry_never_moves_the_last_sign_of_life_back(company, leaf):
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(40))
    check_in(goal=leaf, actor=company.ada, now=NOW - WEEK, percent=Decimal(30))
    assert fresh(leaf).last_activity_on == TODAY


def test_milestones_move_a_milestone_goal(company, line):
    stages = [("台架验证", date(2026, 10, 20)), ("客户签认", date(2026, 12, 1))]
    goal = publish(company, line, kind="milestone", milestones=stages)
    first = goal.milestones.order_by("due_on").first()
    tick_milestone(milestone=first, done=True, actor=company.ben, now=NOW)
    tick_milestone(milestone=first, done=True, actor=company.ben, now=NOW + WEEK)
    first.refresh_from_db()
    assert (fresh(goal).own_progress, first.done_on) == (50, TODAY)
    tick_milestone(milestone=first, done=False, actor=company.ben, now=NOW)
    assert (fresh(goal).own_progress, fresh(goal).last_activity_on) == (0, None)


def test_a_sign_of_life_ends_the_alert_that_missed_it(company, leaf):
    alert = GoalAlert.objects.create(goal=leaf, rule="stale", opened_on=TODAY - WEEK)
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(60))
    alert.refresh_from_db()
    assert (alert.state, alert.ended_on, fresh(leaf).health) == ("ended", TODAY, "ok")


def test_a_goal_far_behind_asks_for_an_eye(company, leaf):
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=Decimal(1))
    assert fresh(leaf).health == "watch"  # a month of three is over
