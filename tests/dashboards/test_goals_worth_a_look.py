"""An HR partner's home: what the check found in the own units, and what was said about it (product.md §6.3)."""

import pytest

from dashboards import queries
from goals.access import alert_to_answer
from goals.actions.alerts import confirm_alert
from goals.models import Goal, GoalAlert, GoalSettings
from perfsys.people.access import Viewer
from perfsys.people.actions import units
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY, more_goals, night, seat, text_of

LIST = "/t/acme/goal-health/"


def page(person, **asked):
    return text_of(person.client.get(LIST, asked))


def rows(text):
    return text.count('<th scope="row">')


def test_what_the_night_found_stands_with_owner_unit_and_fact(checked, henk):
    text = page(henk)
    assert rows(text) == 1
    for words in (checked.leaf.title, "Ada", "设计组", "30"):
        assert words in text


def test_the_owner_has_the_first_days_alone(world, henk):
    with henk.scope:
        GoalSettings.objects.update_or_create(defaults={"owner_first_days": 2})
    night(world)
    assert rows(page(henk)) == 0


def test_people_of_other_units_are_not_listed(world, henk):
    more_goals(world, world.company.cleo, 1)
    night(world)
    assert rows(page(henk)) == 1


def test_answers_stand_on_a_tab_of_their_own_with_who_and_why(checked, henk):
    with henk.scope:
        confirm_alert(alert=GoalAlert.objects.get(), actor=checked.company.ada, now=NOW, note="客户把试制改到四月")
    assert rows(page(henk)) == 0
    text = page(henk, rule="confirmed")
    assert rows(text) == 1 and "客户把试制改到四月" in text and "Ada" in text


def test_an_answer_leaves_the_list_when_its_quiet_days_are_over(checked, henk):
    with henk.scope:
        confirm_alert(alert=GoalAlert.objects.get(), actor=checked.company.ada, now=NOW)
        GoalAlert.objects.update(quiet_until=TODAY)
    assert rows(page(henk, rule="confirmed")) == 0


def test_a_rule_is_a_tab_where_more_than_one_found_something(checked, henk):
    assert "rule=stale" not in page(henk)
    with henk.scope:
        GoalAlert.objects.create(goal=checked.leaf, rule="weak", opened_on=TODAY, told_lines_on=TODAY)
    text = page(henk, rule="weak")
    assert rows(text) == 1 and "rule=stale" in text
    assert rows(page(henk)) == 2


def test_it_narrows_to_a_unit_and_all_below_it(world, henk):
    with henk.scope:
        units.set_hrbp(unit=world.company.units["生产中心"], hrbp=world.company.henk, on=TODAY, actor=None, now=NOW)
    more_goals(world, world.company.cleo, 1)
    night(world)
    assert rows(page(henk)) == 2
    assert rows(page(henk, unit=world.company.units["研发中心"].public_id)) == 1
    assert rows(page(henk, unit=world.company.units["设计组"].public_id)) == 1
    assert "Cleo" in page(henk, unit=world.company.units["生产中心"].public_id)


def test_a_unit_that_is_not_the_partners_is_empty_and_a_wrong_one_is_all(checked, henk):
    with henk.scope:
        checked.company.ada.assignments.update(unit=checked.company.units["生产中心"])
    assert rows(page(henk, unit=checked.company.units["生产中心"].public_id)) == 0
    assert rows(page(henk, unit="nonsense")) == 0


def test_the_list_goes_on_on_further_pages(world, henk):
    more_goals(world, world.company.ben, 30)
    night(world)
    assert rows(page(henk)) == 25
    assert rows(page(henk, page=2)) == 6


def test_the_page_is_the_partners(world, ada, marta, anna):
    assert [person.client.get(LIST).status_code for person in (ada, marta, anna)] == [403, 403, 403]


@pytest.mark.parametrize("viewer", ["henk", "marta", "ada", "anna", "cleo"])
def test_listed_is_what_the_partner_may_answer(world, henk, viewer):
    """List and detail agree, whoever asks: nothing listed is refused, nothing of the partner's is missing."""
    company = world.company
    with henk.scope:
        units.set_hrbp(unit=company.units["生产中心"], hrbp=company.cleo, on=TODAY, actor=None, now=NOW)
    for owner in (company.ben, company.cleo, company.henk, company.marta):
        more_goals(world, owner, 2, is_private=owner == company.ben)
    night(world)
    with henk.scope:
        GoalAlert.objects.filter(goal__owner=company.marta).update(told_lines_on=None)
        who = Viewer(company.people[viewer], seat("employee", "manager", "hrbp"), TODAY)
        listed = set(queries.partner_alerts(who, None))
        of_partner = {a for a in GoalAlert.objects.all() if partners(who, a) and a.told_lines_on}
        assert listed == of_partner
        assert all(alert_to_answer(who, alert.public_id) for alert in listed)


def test_an_alert_goes_with_its_goal(checked):
    """Whatever writes the goal: the database keeps whose alert it is."""
    company, goals = checked.company, Goal.objects
    with checked.scope.scope:
        kept = GoalAlert.objects.values_list("owner", flat=True)
        assert kept.get() == company.ada.pk
        goals.filter(pk=checked.leaf.pk).update(owner=company.ben)
        assert kept.get() == company.ben.pk
        goals.filter(pk=checked.leaf.pk).update(status="closed", outcome="achieved", closed_at=NOW)
        assert kept.get() is None


def partners(who, alert):
    """By the organisation as it was founded: Henk looks after 研发中心, Cleo after 生产中心."""
    home = {"Henk": {"Ada", "Ben", "Marta", "Wei"}, "Cleo": {"Cleo"}}.get(who.employee.name, set())
    return alert.goal.owner.name in home - {who.employee.name}


def test_it_asks_the_same_for_1_alert_and_25(world, henk):
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 alerts counted for the tabs, 1 ids of the
    # page, 1 those with goals and owners, 1 units of the owners, 2 units to choose among, 2 obstacles by cause
    night(world)
    assert_page_queries(henk.client, LIST, 14)
    more_goals(world, world.company.ben, 24)
    night(world)
    assert_page_queries(henk.client, LIST, 14)


def test_a_deviation_stands_there_since_the_night_that_found_it(checked, henk):
    """Not since the last check-in: that may be weeks before it fell behind, or yesterday."""
    with henk.scope:
        GoalAlert.objects.update(rule="deviating", opened_on=TODAY, seen_activity_on=None)
    answer = henk.client.get(LIST)
    [row] = answer.context["alerts"]
    assert row["since"] == TODAY
