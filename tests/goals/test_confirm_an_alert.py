"""“Normal, a deliberate change”, pressed on a card of an alert (product.md, house rules, and §2.8)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from goals import access
from goals.actions.alerts import check_health, confirm_alert
from goals.actions.telling import tell_lines
from goals.models import Goal, GoalAlert, GoalSettings
from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from tests.cast import take_seat

from .conftest import NOW, TODAY

BEGUN = NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def alert(founded, ada, marta, henk, anna):
    """About Ada's goal; Marta and Henk were told as well."""
    for person in (ada, marta, henk, anna):
        person.client.force_login(person.account)  # a session of that day
    with ada.scope:
        founded.tree(now=BEGUN)
        [alert] = check_health(as_of=TODAY, now=NOW).opened
        tell_lines(on=TODAY, now=NOW)
        return GoalAlert.objects.select_related("goal__owner").get(pk=alert.pk)


def url(alert, step="confirm"):
    return f"/t/acme/alerts/{alert.public_id}/{step}/"


def state(alert, ada):
    with ada.scope:
        found = GoalAlert.objects.get(pk=alert.pk)
        return found.state, found.confirmed_by_name, found.reason


def test_one_press_says_who_and_why_to_everybody(alert, ada):
    assert ada.client.post(url(alert), {"note": "客户把试制改到四月"}).status_code == 302
    assert state(alert, ada) == ("confirmed", "Ada", "客户把试制改到四月")
    with ada.scope:
        closed = Notice.objects.filter(kind="goals.stale").values_list("state", "confirmed_by_name", "note")
        assert set(closed) == {("confirmed", "Ada", "客户把试制改到四月")}
        entry = AuditEntry.objects.get(verb="goals.alert_confirmed")
        assert (entry.actor_name, entry.about_name) == ("Ada", "Ada")


@pytest.mark.parametrize(
    ("on", "back"), [("/t/acme/week/", "/t/acme/week/"), ("{goal}", "{goal}"), ("{goal}evidence/", "{goal}")]
)
def test_one_comes_back_to_the_page_the_card_stood_on(alert, ada, on, back):
    """Refused evidence leaves the goal's page at an address that takes forms alone."""
    goal = f"/t/acme/goals/{alert.goal.public_id}/"
    answer = ada.client.post(url(alert), HTTP_REFERER="http://testserver" + on.format(goal=goal))
    assert answer.url.removeprefix("http://testserver") == back.format(goal=goal)


def test_the_words_are_optional(alert, ada):
    ada.client.post(url(alert))
    assert state(alert, ada) == ("confirmed", "Ada", "")


@pytest.mark.parametrize("who", ["marta", "henk"])
def test_the_manager_and_the_hr_partner_may_press_it_too(alert, ada, who, request):
    request.getfixturevalue(who).client.post(url(alert))
    assert state(alert, ada)[:2] == ("confirmed", who.title())


def test_a_press_inside_the_page_swaps_the_card_alone(alert, ada):
    page = ada.client.post(url(alert), {"note": "客户改期"}, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert page.status_code == 200
    assert f'id="alert-{alert.public_id}"' in text and "客户改期" in text
    assert url(alert, "reopen") in text  # undo
    assert "<html" not in text and 'role="switch"' not in text


def test_a_double_click_is_one_press(alert, ada):
    for words in ("first", "second"):
        assert ada.client.post(url(alert), {"note": words}).status_code == 302
    assert state(alert, ada)[2] == "first"
    with ada.scope:
        assert AuditEntry.objects.filter(verb="goals.alert_confirmed").count() == 1


def test_a_second_press_by_somebody_else_shows_the_first_ones_answer(alert, ada, marta):
    ada.client.post(url(alert), {"note": "客户改期"})
    text = marta.client.post(url(alert), {"note": "mine"}, headers={"HX-Request": "true"}).content.decode()
    assert "客户改期" in text and "Ada" in text
    assert url(alert, "reopen") not in text  # not hers to take back


def test_it_leads_back_to_the_page_it_was_pressed_on(alert, ada):
    back = "http://testserver/t/acme/week/"
    assert ada.client.post(url(alert), headers={"Referer": back}).url == back
    with ada.scope:
        goal = Goal.objects.get(pk=alert.goal_id)
    elsewhere = ada.client.post(url(alert), headers={"Referer": "https://evil.example/t/acme/week/"})
    assert elsewhere.url == f"/t/acme/goals/{goal.public_id}/"


def test_words_that_are_too_long_answer_nothing(alert, ada):
    ada.client.post(url(alert), {"note": "字" * 501})
    assert state(alert, ada)[0] == "open"


def test_whoever_answered_takes_it_back(alert, ada, marta):
    marta.client.post(url(alert), {"note": "先做德国的样件"})
    assert marta.client.post(url(alert, "reopen")).status_code == 302
    assert state(alert, ada) == ("open", "", "")
    with ada.scope:
        assert set(Notice.objects.filter(kind="goals.stale").values_list("state", "note")) == {("open", "")}


def test_nobody_takes_anothers_answer_back(alert, ada, marta, henk):
    ada.client.post(url(alert))
    assert [person.client.post(url(alert, "reopen")).status_code for person in (marta, henk)] == [403, 403]
    assert state(alert, ada)[0] == "confirmed"


def test_taking_it_back_twice_is_taking_it_back_once(alert, ada):
    ada.client.post(url(alert))
    assert ada.client.post(url(alert, "reopen")).status_code == 302
    assert ada.client.post(url(alert, "reopen")).status_code == 403  # it is nobody's answer any more
    assert state(alert, ada)[0] == "open"


def test_too_late_to_take_back_is_said_and_changes_nothing(alert, ada):
    ada.client.post(url(alert))
    with ada.scope:
        GoalAlert.objects.create(goal=alert.goal, rule="stale", opened_on=TODAY, told_lines_on=TODAY)
    page = ada.client.post(url(alert, "reopen"), follow=False)
    assert page.status_code == 302
    assert state(alert, ada)[0] == "confirmed"


def test_an_administrator_a_colleague_and_a_visitor_may_not(alert, ada, anna, founded):
    ben = take_seat("acme", "ben", "employee")
    with ada.scope:
        founded.ben.membership = ben.membership
        founded.ben.save(update_fields=["membership"])
    ben.client.force_login(ben.account)
    assert [person.client.post(url(alert)).status_code for person in (anna, ben)] == [403, 403]
    assert Client().post(url(alert)).status_code == 302  # to sign in
    assert state(alert, ada)[0] == "open"


def test_the_first_days_are_the_owners_alone(alert, ada, marta):
    with ada.scope:
        GoalAlert.objects.update(told_lines_on=None)
    assert marta.client.post(url(alert)).status_code == 403
    assert ada.client.post(url(alert)).status_code == 302


def test_what_is_listed_can_be_answered_and_nothing_else(alert, founded, ada, marta, henk, anna):
    """Every alert against every viewer, told and untold: the three lists and the switch agree."""
    with ada.scope:
        middle = Goal.objects.get(layer="dept")
        for owner in (founded.ben, founded.marta, founded.cleo, founded.henk):
            founded.draft(owner, "欧洲样品测试支持", parent=middle)
            founded.publish(owner, now=BEGUN)
        check_health(as_of=TODAY, now=NOW)
        GoalSettings.objects.update_or_create(defaults={"owner_first_days": 0})
        GoalAlert.objects.filter(goal__owner__in=[founded.ben, founded.cleo, founded.marta]).update(told_lines_on=TODAY)
    for person in (ada, marta, henk, anna):
        seat = person.seat
        with ada.scope:
            who = Viewer(person.employee, seat, TODAY)
            lists = (access.own_alerts(who), access.team_alerts(who), access.partnered_alerts(who))
            listed = {pk for found in lists for pk in found.values_list("pk", flat=True)}
            everything = list(GoalAlert.objects.all())
            assert listed == {found.pk for found in everything if may_answer(who, found)}
            assert len(everything) == 5


def may_answer(who, alert):
    try:
        return bool(access.alert_to_answer(who, alert.public_id))
    except access.PermissionDenied:
        return False


def test_one_who_moved_away_is_no_longer_the_old_partners(alert, founded, ada, henk):
    """The goal keeps the unit it was made in; who may answer follows from where its owner works today."""
    with ada.scope:
        Goal.objects.filter(pk=alert.goal_id).update(unit=founded.units["研发中心"])
        founded.ada.assignments.update(unit=founded.units["生产中心"])
    assert henk.client.post(url(alert)).status_code == 403


def test_confirmed_by_the_action_or_by_the_switch_is_the_same(alert, ada, founded):
    with ada.scope:
        confirm_alert(alert=alert, actor=founded.ada, now=timezone.now(), note="客户改期")
    text = ada.client.post(url(alert), headers={"HX-Request": "true"}).content.decode()
    assert "客户改期" in text
