"""The week is asked of everybody by one job, once, at the same moment (product.md §6.1, §6.5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import tasks
from feedback.actions import retro as answering
from feedback.actions import retro_week
from feedback.models import Retro, RetroTeam, RetroWeek
from feedback.retro import Ask, from_data
from goals.actions.trail import check_in
from goals.models import Goal, Obstacle, ObstacleCause
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import CalendarOverride, Job, Occurrence
from perfsys.jobs.rhythm import tick
from perfsys.jobs.worker import work
from perfsys.notices.actions import confirm, undo
from perfsys.notices.models import Notice
from perfsys.people.actions import leave
from perfsys.people.models import Employee, EmployeeSpan
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant
from tests.jobs.three_times import repeat

from .conftest import DAY, FRIDAY, HOUR, MONDAY_NOON, hire, hold, retro_of, week

MONDAY = date(2026, 11, 16)


def asked(person):
    return {question.ask: question for question in from_data(retro_of(person).questions)}


def texts(question):
    return [option.text or option.title or option.say for option in question.options]


# --- who is asked, and what -------------------------------------------------------------------------------------------


def test_everybody_who_works_here_is_asked_about_the_week(opened):
    with opened.scope:
        assert Retro.objects.count() == Employee.objects.filter(status="active").count() == 14
    found = week()
    assert (found.monday, found.asked, found.opened_at, found.closes_at) == (MONDAY, 14, FRIDAY, MONDAY_NOON)


def test_who_is_on_a_long_leave_or_not_here_yet_or_gone_is_not_asked(world):
    with world.scope:
        EmployeeSpan.objects.create(employee=world.company.ben, kind="long_leave", starts_on=MONDAY)
        EmployeeSpan.objects.create(employee=world.company.cleo, kind="probation", starts_on=MONDAY)
        leave(employee=world.company.henk, on=MONDAY, actor=None, now=FRIDAY)
    [later] = hire(world.company, world, 1, hired_on=date(2026, 12, 1))
    hold()
    with world.scope:
        asked_ids = set(Retro.objects.values_list("person", flat=True))
    away = {world.company.ben.pk, world.company.henk.pk, later.pk}
    assert away & asked_ids == set() and world.company.cleo.pk in asked_ids


def test_the_options_are_ones_own_actions_obstacles_and_goals(opened, ada):
    questions = asked(ada)
    assert texts(questions[Ask.CLOSEST])[0] == "唇口磨损测试做完 6 组"
    assert texts(questions[Ask.SLOWED])[0] == "跨系统数据不通"
    assert texts(questions[Ask.NEXT])[0] == opened.leaf.title
    assert all(question.options[-1].is_neutral for question in questions.values())


def test_common_obstacles_fill_up_and_cleared_ones_are_left_out(world, ada):
    with world.scope:
        Obstacle.objects.update(state="cleared")
        causes = ObstacleCause.objects.bulk_create(ObstacleCause(name=name) for name in ("台架排期紧", "人手不足"))
        Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=causes[1]) for goal in Goal.objects.filter(owner=None))
    hold()
    assert texts(asked(ada)[Ask.SLOWED])[:2] == ["人手不足", "台架排期紧"]


def test_a_new_colleague_and_one_without_goals_get_questions_they_can_answer(world):
    [newcomer] = hire(world.company, world, 1, hired_on=date(2026, 11, 9))
    hold()
    assert list(asked(newcomer)) == [Ask.ARRIVING, Ask.SLOWED, Ask.NEXT_WITHOUT_GOALS]
    assert list(asked(world.company.ben)) == [Ask.CLOSEST_WITHOUT_GOALS, Ask.SLOWED, Ask.NEXT_WITHOUT_GOALS]


def test_the_figures_count_from_monday_to_the_opening_and_not_what_came_after(world, ada):
    with world.scope:
        for moment in (FRIDAY - 6 * DAY, FRIDAY - DAY, FRIDAY + HOUR):  # the Saturday before; Thursday; after it
            check_in(goal=world.leaf, actor=world.company.ada, now=moment, percent=60, note=str(moment))
    hold(now=FRIDAY + timedelta(minutes=2))
    found = retro_of(ada)
    assert (found.goals, found.goals_moved, found.on_plan, found.check_ins) == (1, 1, 1, 2)


# --- once, in steps, at one moment ------------------------------------------------------------------------------------


def test_running_it_three_times_changes_nothing(world):
    hold()
    repeat(hold)


def test_steps_cover_everybody_once_and_nothing_shows_before_the_last(world, ada, monkeypatch):
    monkeypatch.setattr(retro_week, "AT_ONCE", 5)
    payload, states = {"due_at": FRIDAY.isoformat()}, []
    more = True
    while more:
        with use_tenant(1):
            more = tasks.open_retro(payload=payload, now=FRIDAY) is not None
            states.append((Retro.objects.count(), Notice.objects.filter(kind="feedback.retro_open").count()))
        if states[-1][0] == 5:
            assert f"/retro/{retro_of(ada).public_id}/" not in ada.client.get("/t/acme/retro/").content.decode()
            assert ada.client.get(f"/t/acme/retro/{retro_of(ada).public_id}/").status_code == 404
    assert states == [(5, 0), (10, 0), (14, 0), (14, 0), (14, 5), (14, 10), (14, 14)]
    assert week().asked == 14


def test_a_step_that_fails_leaves_nothing_and_is_made_up_for(world, monkeypatch):
    monkeypatch.setattr(retro_week, "AT_ONCE", 5)
    with use_tenant(1):
        tasks.open_retro(payload={"due_at": FRIDAY.isoformat()}, now=FRIDAY)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError), use_tenant(1):
        broken.setattr(retro_week, "as_data", lambda _questions: 1 / 0)
        tasks.open_retro(payload={"due_at": FRIDAY.isoformat()}, now=FRIDAY)
    assert week().asked == 5
    hold()
    with world.scope:
        assert Retro.objects.count() == week().asked == 14


def test_it_asks_the_same_number_of_queries_for_14_people_and_for_54(world):
    def step():
        with use_tenant(1), CaptureQueriesContext(connection) as sent:
            retro_week.go_on(due_at=FRIDAY, now=FRIDAY)
        return len(sent)

    few = step()
    with world.scope:
        RetroWeek.objects.all().delete()
    hire(world.company, world, 40)
    assert step() == few


def test_each_is_told_once_with_a_switch_and_a_way_there(opened, ada):
    with opened.scope:
        notice = Notice.objects.get(kind="feedback.retro_open", to=ada.employee)
        assert (notice.url, notice.is_reminder, notice.about_id) == ("/t/acme/retro/", True, ada.employee.pk)
    text = ada.client.get("/t/acme/inbox/").content.decode()
    assert f"/inbox/{notice.public_id}/" in text and 'role="switch"' in text and 'href="/t/acme/retro/"' in text


def test_the_switch_of_the_reminder_skips_the_week_and_can_be_taken_back(opened, ada):
    with opened.scope:
        notice = Notice.objects.get(kind="feedback.retro_open", to=ada.employee)
        confirm(notice, actor=ada.employee, now=FRIDAY + HOUR)
        assert retro_of(ada).skipped_at == FRIDAY + HOUR
        undo(notice, actor=ada.employee, now=FRIDAY + 2 * HOUR)
        assert retro_of(ada).skipped_at is None
        notice.refresh_from_db()
        assert notice.state == Notice.State.OPEN
        assert not AuditEntry.objects.filter(actor_id=ada.employee.pk, verb__startswith="notices").exists()


# --- the team's mean (security.md §2, rule 1) -------------------------------------------------------------------------


def teams():
    with use_tenant(1):
        rows = RetroTeam.objects.order_by("week")
        return list(rows.values_list("members", "with_goals", "goals_moved", "check_ins", "on_plan"))


def test_a_teams_mean_is_published_with_the_week(world):
    hold(busy=True)
    assert teams() == [(8, 8, 1, 2, 50)]


def test_a_mean_that_would_be_one_persons_week_is_left_out(opened):
    """Ada alone of eight has a goal, moved it, and checked in: she would read of each that he did not."""
    assert teams() == [(8, 1, None, None, None)]


def test_beside_last_weeks_mean_on_plan_there_is_none_of_a_team_that_one_person_joined(world):
    hold(busy=True)
    hold(due=FRIDAY + 7 * DAY, now=FRIDAY + 7 * DAY, busy=True)
    hire(world.company, world, 1)
    hold(due=FRIDAY + 14 * DAY, now=FRIDAY + 14 * DAY, busy=True)
    assert teams() == [(8, 8, 1, 2, 50), (8, 8, 1, 2, 50), (9, 9, 1, 2, None)]


def test_a_team_of_fewer_than_five_others_has_no_mean(world):
    with world.scope:
        Tenant.objects.update(min_group_size=8)
    hold()
    with world.scope:
        assert RetroTeam.objects.count() == 0


def test_what_came_after_does_not_change_a_mean(opened):
    with opened.scope:
        before = list(RetroTeam.objects.values())
        check_in(goal=opened.leaf, actor=opened.company.ada, now=FRIDAY + HOUR, percent=80, note="又一组")
    hire(opened.company, opened, 1)
    hold(now=FRIDAY + 2 * HOUR)
    with opened.scope:
        assert list(RetroTeam.objects.values()) == before


# --- when -------------------------------------------------------------------------------------------------------------


def due_states():
    with use_tenant(1):
        rows = Occurrence.objects.filter(kind="feedback.retro").order_by("due_at")
        return [(row.due_at, row.state) for row in rows]


def down(since, until):
    """A tick, nothing for a while, the tick that comes then, and the work that is due."""
    tick(now=since)
    tick(now=until)
    with use_tenant(1):  # the database stamps jobs with its own clock, which is not moved
        Job.objects.filter(kind="feedback.retro").update(run_after=until)
    while work(clock=lambda: until, budget=timedelta(seconds=1)):
        pass


@pytest.mark.parametrize(("hours", "state", "people"), [(47, "queued", 14), (49, "skipped", 0)])
@pytest.mark.django_db(transaction=True)
def test_a_late_one_is_held_within_48_hours_for_its_own_week(hours, state, people, world):
    """The Sunday after."""
    down(FRIDAY - HOUR, FRIDAY + hours * HOUR)
    assert due_states() == [(FRIDAY, state)]
    with world.scope:
        assert Retro.objects.filter(week__monday=MONDAY, week__closes_at=MONDAY_NOON).count() == people


@pytest.mark.django_db(transaction=True)
def test_workers_that_were_down_skip_what_they_find_after_48_hours(world):
    tick(now=FRIDAY - HOUR)
    tick(now=FRIDAY + timedelta(seconds=15))
    assert due_states() == [(FRIDAY, "queued")]
    down(FRIDAY + 60 * HOUR, FRIDAY + 61 * HOUR)
    assert due_states() == [(FRIDAY, "skipped")]


@pytest.mark.django_db(transaction=True)
def test_a_friday_off_is_held_the_work_day_before(world):
    with world.scope:
        CalendarOverride.objects.create(on=date(2026, 11, 20), is_work_day=False)
    thursday = FRIDAY - DAY
    down(thursday - HOUR, thursday + timedelta(seconds=15))
    assert due_states() == [(thursday, "queued")] and week().monday == MONDAY


def test_a_job_that_comes_after_monday_noon_asks_nobody(world):
    hold(now=MONDAY_NOON)
    with world.scope:
        assert not RetroWeek.objects.exists()


def test_on_monday_at_noon_what_still_waits_is_put_away(opened, ada):
    with opened.scope:
        answering.skip(retro=retro_of(opened.company.ben), now=FRIDAY)

    def close(now):
        with opened.scope:
            tasks.close_retro(payload={}, now=now)

    def waiting():
        with opened.scope:
            return Notice.objects.filter(kind="feedback.retro_open", state=Notice.State.OPEN).count()

    close(MONDAY_NOON - HOUR)
    assert waiting() == 13
    repeat(lambda: close(MONDAY_NOON))
    assert waiting() == 0 and week().closed_at == MONDAY_NOON


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_down_over_the_weekend_skips_the_week_and_the_page_says_so(world, ada):
    monday_morning = datetime(2026, 11, 23, 1, tzinfo=UTC)
    down(FRIDAY - timedelta(minutes=10), monday_morning)
    assert due_states() == [(FRIDAY, "skipped")]
    with world.scope:
        assert Retro.objects.count() == 0
    world.clock.move_to(monday_morning)
    ada.client.force_login(ada.account)
    for path in ("retro/", "retro/weeks/"):
        assert "11 月 20 日" in ada.client.get(f"/t/acme/{path}").content.decode()
