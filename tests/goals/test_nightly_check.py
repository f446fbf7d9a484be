"""The nightly look: who is told of what, once, and when (product.md §2.8, §1.3)."""

from datetime import timedelta

import pytest
from django.conf import settings as deployment
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import telling
from goals.actions.alerts import confirm_alert, reopen_alert
from goals.actions.trail import check_in
from goals.models import Goal, GoalAlert, GoalSettings
from goals.tasks import check_health
from perfsys.audit.models import AuditEntry
from perfsys.jobs.handlers import handler_of
from perfsys.jobs.rhythm import schedules_by_kind
from perfsys.notices.actions import confirm, undo
from perfsys.notices.models import Notice
from perfsys.people.actions import organisation
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY

DAY = timedelta(days=1)
BEGUN = NOW - 30 * DAY


@pytest.fixture
def leaf(company):
    """Ada's goal, published on 3 October and silent since. Marta is her manager, Henk the HR partner."""
    _, _, leaf = company.tree(now=BEGUN)
    return leaf


def night(days=0):
    """The job of the night `days` after 2 November, up to its end."""
    payload, now = {}, NOW + days * DAY
    while (again := check_health(payload=payload, now=now)) is not None:
        payload = again.payload


def told(state="open"):
    return sorted(Notice.objects.filter(kind="goals.stale", state=state).values_list("to__name", flat=True))


def owner_first(days):
    GoalSettings.objects.update_or_create(defaults={"owner_first_days": days})


def test_it_is_declared_to_run_every_night():
    assert handler_of("goals.health") is check_health
    assert "goals.health" in schedules_by_kind()
    assert deployment.SCHEDULES["goals.health"][1] == "collapse"  # reminders collapse to one (product.md §6.5)


def test_the_owner_the_manager_and_the_hr_partner_are_told_once_each(leaf):
    night()
    assert told() == ["Ada", "Henk", "Marta"]


def test_each_is_told_what_stands_still_since_when_and_whose_it_is(company, leaf):
    night()
    words = {notice.to_id: notice.sentence for notice in Notice.objects.filter(kind="goals.stale")}
    fact = "“6308-2RZ 低噪音密封结构定型”从 2026 年 10 月 3 日起没有更新"
    assert words[company.ada.pk] == fact
    assert words[company.marta.pk] == words[company.henk.pk] == f"Ada · {fact}"


def test_a_notice_leads_to_the_goal_and_says_why(company, leaf):
    night()
    notice = Notice.objects.get(to=company.ada)
    assert notice.url == f"/t/acme/goals/{leaf.public_id}/"
    assert "30 天" in notice.why


def test_running_it_three_times_is_running_it_once(company, leaf, ada):
    state = run_three_times(check_health, payload={}, now=NOW)
    assert len([row for row in state["notices.Notice"] if "goals.stale" in row]) == 3
    run_three_times(check_health, payload={}, now=NOW + 3 * DAY)
    assert len(told()) == 3


def test_all_of_a_day_leaves_the_app_in_one_message_a_person(company, leaf):
    company.draft(company.ben, "欧洲样品测试支持", parent=Goal.objects.get(layer="dept"))
    company.publish(company.ben, now=BEGUN)
    night()
    bundles = Notice.objects.filter(to=company.marta).values_list("bundle", flat=True)
    assert list(bundles) == ["goals:2026-11-02"] * 2


def test_the_owner_has_the_first_working_days_alone(company, leaf):
    owner_first(3)
    night()
    assert told() == ["Ada"]
    night(2)  # Monday, Tuesday: two working days
    assert told() == ["Ada"]
    night(3)
    assert told() == ["Ada", "Henk", "Marta"]


def test_days_off_do_not_count_among_the_owners_first_days(company, leaf):
    owner_first(2)
    night(4)  # opened on Friday 6 November
    night(6)
    assert told() == ["Ada"]
    night(8)  # Friday and Monday are over
    assert told() == ["Ada", "Henk", "Marta"]


def test_nobody_else_hears_of_what_the_owner_answered_in_time(company, leaf):
    owner_first(3)
    night()
    confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW, note="客户改期")
    night(5)
    assert Notice.objects.filter(kind="goals.stale").count() == 1


def test_those_are_told_who_have_the_lines_on_that_day(company, leaf):
    owner_first(1)
    night()
    organisation.change_manager(employee=company.ada, manager=company.wei, on=TODAY, actor=None, now=NOW)
    night(1)
    assert told() == ["Ada", "Henk", "Wei"]


def test_a_sign_of_life_settles_what_everybody_was_told(company, leaf):
    night()
    check_in(goal=leaf, actor=company.ada, now=NOW, note="样件已寄出")
    assert told() == []
    assert told("done") == ["Ada", "Henk", "Marta"]


def test_a_sign_of_life_that_a_file_brought_is_settled_in_the_night(company, leaf):
    night()
    leaf.check_ins.create(author=company.ada, at=NOW, local_on=TODAY)
    night(1)
    assert (told(), told("done")) == ([], ["Ada", "Henk", "Marta"])


def test_an_answer_on_the_goal_closes_the_notices_of_all(company, leaf):
    night()
    confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW, note="客户改期")
    assert told("confirmed") == ["Ada", "Henk", "Marta"]
    assert set(Notice.objects.values_list("confirmed_by_name", "note")) == {("Ada", "客户改期")}


def test_an_answer_in_the_inbox_is_the_same_fact(company, leaf):
    night()
    notice = Notice.objects.get(to=company.marta)
    for _ in range(2):  # a double click
        confirm(notice, actor=company.marta, note="先做德国的样件", now=NOW)
    alert = GoalAlert.objects.get()
    assert (alert.state, alert.confirmed_by, alert.reason) == ("confirmed", company.marta, "先做德国的样件")
    assert told("confirmed") == ["Ada", "Henk", "Marta"]
    assert Goal.objects.get(pk=leaf.pk).health == "adjusted"


def test_an_answer_taken_back_waits_for_everybody_again(company, leaf):
    night()
    alert = confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW)
    reopen_alert(alert=alert, actor=company.ada, now=NOW)
    assert told() == ["Ada", "Henk", "Marta"]


def test_it_can_be_taken_back_in_the_inbox_too(company, leaf):
    night()
    notice = Notice.objects.get(to=company.ada)
    confirm(notice, actor=company.ada, now=NOW)
    undo(notice, actor=company.ada, now=NOW)
    assert GoalAlert.objects.get().state == "open"
    assert told() == ["Ada", "Henk", "Marta"]


def test_it_cannot_be_taken_back_where_the_goal_was_found_again_since(company, leaf):
    night()
    notice = Notice.objects.get(to=company.ada)
    confirm(notice, actor=company.ada, now=NOW)
    night(28)  # quiet no more: a new alert
    undo(notice, actor=company.ada, now=NOW + 28 * DAY)
    silent = GoalAlert.objects.filter(rule="stale")  # by now it is off its track as well
    assert sorted(silent.values_list("state", flat=True)) == ["confirmed", "open"]
    assert told("confirmed") == ["Ada", "Henk", "Marta"]


def test_a_confirmed_alert_stays_quiet_until_the_rule_says(company, leaf):
    night()
    confirm_alert(alert=GoalAlert.objects.get(), actor=company.ada, now=NOW)
    night(27)
    assert told() == []
    night(28)
    assert told() == ["Ada", "Henk", "Marta"]


def test_who_has_left_is_told_nothing(company, leaf):
    company.ada.status = "left"
    company.ada.save(update_fields=["status"])
    night()
    assert told() == ["Henk", "Marta"]


def test_a_night_that_changed_something_is_recorded_and_a_quiet_one_is_not(company, leaf):
    night()
    night(1)
    [entry] = AuditEntry.objects.filter(verb="goals.health_checked")
    assert (entry.details["opened"], entry.actor_name) == (1, "")


def test_telling_goes_on_in_chunks(company, leaf, monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    monkeypatch.setattr(telling, "FEW", 6)
    many(company, 5)
    night()
    assert len(told()) == 18
    assert not GoalAlert.objects.filter(told_lines_on=None).exists()


def test_it_asks_as_much_for_forty_goals_as_for_four(company, leaf, monkeypatch):
    monkeypatch.setattr(telling, "FEW", 100)
    many(company, 3)
    four = asked_in_a_night()
    many(company, 36)
    assert (
        asked_in_a_night() == four < 85
    )  # figures, signs of life, three rules, matches, and telling of what they found


def test_many_goals_of_a_day_are_one_line_to_each(company, leaf):
    """As after a first import: nobody gets a line for each of 80,000 goals."""
    many(company, 8)
    night()
    assert sorted(Notice.objects.values_list("to__name", "kind")) == [
        (name, "goals.found") for name in ("Ada", "Henk", "Marta")
    ]
    pages = dict(Notice.objects.values_list("to__name", "url"))
    assert pages == {"Ada": "/t/acme/week/", "Henk": "/t/acme/goal-health/", "Marta": "/t/acme/team/"}
    night(1)
    assert Notice.objects.count() == 3


def many(company, count):
    """So many more silent goals of Ada's."""
    Goal.objects.bulk_create(
        Goal(
            number=f"N-{company.period.goals.count() + n}",
            period=company.period,
            layer="position",
            owner=company.ada,
            title=f"目标 {n}",
            starts_on=company.period.starts_on,
            due_on=company.period.ends_on,
            status="published",
            published_at=BEGUN,
            published_on=BEGUN.date(),
            made_at=BEGUN,
        )
        for n in range(count)
    )


def asked_in_a_night():
    """Queries of a first night, when everything is found."""
    Notice.objects.all().delete()
    GoalAlert.objects.all().delete()
    Goal.objects.update(health="ok", rolled_progress=None)
    with CaptureQueriesContext(connection) as queries:
        night()
    return len(queries)
