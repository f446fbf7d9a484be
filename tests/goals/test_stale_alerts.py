"""Alerts about goals that stood still, and the human answer to them (product.md §2.8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from goals import progress, standing
from goals.actions.alerts import AlreadyAnswered, check_health, confirm_alert, reopen_alert
from goals.actions.standing import write_standing
from goals.actions.trail import check_in
from goals.models import Goal, GoalAlert, GoalSettings, ResourceLine
from goals.queries.figures import expectations, shown_progress
from perfsys.people.actions.organisation import add_span

from .conftest import NOW, TODAY

DAY = timedelta(days=1)
BEGUN = NOW - 30 * DAY


@pytest.fixture
def leaf(company):
    """Ada's goal, published on 3 October, well on its way and silent since; nothing is idle here."""
    _, _, leaf = company.tree(now=BEGUN)
    Goal.objects.filter(pk=leaf.pk).update(own_progress=60)
    ResourceLine.objects.create(goal=leaf, kind="hours", planned=8)
    return leaf


def look(day=TODAY):
    return check_health(as_of=day, now=NOW + (day - TODAY))


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def test_a_goal_without_a_sign_of_life_gets_one_alert(leaf):
    found = look()
    assert [(alert.goal_id, alert.rule, alert.opened_on) for alert in found.opened] == [(leaf.pk, "stale", TODAY)]
    assert fresh(leaf).health == "watch"


def test_looking_three_times_is_looking_once(leaf):
    look()
    before = list(GoalAlert.objects.values()), list(Goal.objects.values())
    assert not look().opened and not look().opened
    assert (list(GoalAlert.objects.values()), list(Goal.objects.values())) == before


def test_the_next_day_adds_none_while_one_is_open(leaf):
    look()
    assert not look(TODAY + DAY).opened
    assert GoalAlert.objects.count() == 1


def test_a_week_without_an_answer_is_worth_a_talk(leaf):
    look()
    look(TODAY + 7 * DAY)
    assert fresh(leaf).health == "talk"


def test_it_stays_quiet_after_the_owner_marked_it_as_a_deliberate_change(company, leaf):
    alert = look().opened[0]
    confirm_alert(alert=alert, actor=company.ada, now=NOW, note="客户把试制改到四月")
    assert (fresh(leaf).health, fresh(alert).reason) == ("adjusted", "客户把试制改到四月")
    assert not look(TODAY + 27 * DAY).opened
    assert [alert.goal_id for alert in look(TODAY + 28 * DAY).opened] == [leaf.pk]


def test_it_speaks_again_when_the_facts_have_changed(company, leaf):
    confirm_alert(alert=look().opened[0], actor=company.ada, now=NOW)
    check_in(goal=leaf, actor=company.ada, now=NOW + DAY, percent=Decimal(60))
    assert fresh(leaf).health == "ok"
    assert not look(TODAY + 15 * DAY).opened
    assert look(TODAY + 16 * DAY).opened


def test_an_answer_can_be_taken_back(company, leaf):
    alert = look().opened[0]
    confirm_alert(alert=alert, actor=company.marta, now=NOW)
    reopen_alert(alert=alert, actor=company.marta, now=NOW)
    assert (fresh(alert).state, fresh(alert).confirmed_by_name, fresh(leaf).health) == ("open", "", "watch")
    with pytest.raises(AlreadyAnswered):
        reopen_alert(alert=alert, actor=company.marta, now=NOW)


def test_two_answers_are_one(company, leaf):
    alert = look().opened[0]
    confirm_alert(alert=alert, actor=company.ada, now=NOW)
    with pytest.raises(AlreadyAnswered):
        confirm_alert(alert=alert, actor=company.marta, now=NOW)
    assert fresh(alert).confirmed_by_name == "Ada"


def test_the_night_ends_what_an_import_or_a_correction_has_moved(company, leaf):
    alert = look().opened[0]
    leaf.check_ins.create(author=company.ada, at=NOW, local_on=TODAY)
    assert look(TODAY + DAY).ended == 1
    assert (fresh(alert).state, fresh(alert).ended_on) == ("ended", TODAY + DAY)


@pytest.mark.parametrize("kind", ["long_leave", "probation"])
def test_it_pauses_while_the_owner_is_away_and_as_long_again_after(company, leaf, kind):
    back = TODAY + 3 * DAY
    add_span(employee=company.ada, kind=kind, starts_on=TODAY - 20 * DAY, ends_on=back, actor=None, now=NOW)
    assert not look().opened and not look(back).opened and not look(back + 13 * DAY).opened
    assert look(back + 14 * DAY).opened


def test_a_tenant_sets_its_own_number_of_days(company, leaf):
    GoalSettings.objects.update_or_create(defaults={"stale_days": 40})
    assert not look().opened


def test_other_periods_are_left_alone(company, leaf):
    assert not look(date(2027, 1, 15)).opened


def test_a_closed_goal_has_no_open_alert(leaf):
    look()
    Goal.objects.filter(pk=leaf.pk).update(status="closed", outcome="achieved", closed_at=NOW)
    assert look(TODAY + DAY).ended == 1


def test_an_untouched_goal_without_resources_is_idle_only_after_a_whole_month(company):
    _, _, leaf = company.tree(now=NOW)
    Goal.objects.update(published_on=date(2026, 10, 20))
    write_standing(date(2026, 10, 31))
    assert fresh(leaf).health == "watch"  # far behind its plan, but its month is not over
    check_in(goal=leaf, actor=company.ada, now=NOW - 60 * DAY, percent=Decimal(80))
    write_standing(TODAY)
    assert fresh(leaf).health == "idle"


def test_the_word_in_sql_is_the_word_of_the_rule(company, leaf):
    """Every combination of what may be true of a goal."""
    goals = list(Goal.objects.all())
    for percent in (None, Decimal(0), Decimal(90)):
        for opened in (None, TODAY, TODAY - 7 * DAY):
            for is_confirmed in (False, True):
                GoalAlert.objects.all().delete()
                Goal.objects.filter(pk=leaf.pk).update(own_progress=percent)
                if opened:
                    GoalAlert.objects.create(goal=leaf, rule="stale", opened_on=opened)
                if is_confirmed:
                    more = {"confirmed_at": NOW, "quiet_until": TODAY + DAY, "state": "confirmed"}
                    GoalAlert.objects.create(goal=leaf, rule="weak", opened_on=TODAY, **more)
                write_standing(TODAY)
                goal = fresh(leaf)
                behind = progress.pace(shown_progress(goal) or Decimal(0), expectations(goals, TODAY).of(goal))
                assert goal.health == standing.badge(
                    confirmed=is_confirmed,
                    days_open=(TODAY - opened).days if opened else None,
                    off_track=progress.track(behind) is progress.Track.OFF_TRACK,
                    idle=False,
                )
