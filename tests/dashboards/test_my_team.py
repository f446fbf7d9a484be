"""A manager's home: who may need a hand first, and no order of merit (product.md §2.11, §6.3)."""

from decimal import Decimal

import pytest

from dashboards import queries
from goals import access
from goals.actions.alerts import confirm_alert
from goals.actions.trail import check_in
from goals.models import Goal, GoalAlert, GoalSettings
from goals.queries.bound import Mark
from goals.queries.figures import Expectations
from goals.queries.periods import current_period
from perfsys.jobs.workdays import WorkCalendar
from perfsys.people.access import Relation, Viewer, relations_to
from perfsys.people.models import Employee
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY, hire, more_goals, night, seat, text_of

TEAM = "/t/acme/team/"


def page(person, **asked):
    return text_of(person.client.get(TEAM, asked))


def names(text, *wanted):
    """In the order in which they stand in the table."""
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    return sorted((name for name in wanted if f"<span>{name}</span>" in table), key=lambda n: table.index(f">{n}<"))


def test_direct_reports_stand_there_and_others_do_not(world, marta):
    assert names(page(marta), "Ada", "Ben", "Cleo", "Wei", "Marta") == ["Ada", "Ben"]


def test_everybody_below_is_one_press_away(world, marta):
    with marta.scope:
        world.company.wei.membership, world.company.marta.membership = marta.membership, None
        world.company.marta.save(update_fields=["membership"])
        world.company.wei.save(update_fields=["membership"])
    assert names(page(marta), "Ada", "Ben", "Marta") == ["Marta"]
    assert sorted(names(page(marta, below="all"), "Ada", "Ben", "Marta")) == ["Ada", "Ben", "Marta"]


def test_whose_goals_may_need_a_hand_stands_first(world, marta):
    more_goals(world, world.company.ben, 1)
    with marta.scope:
        Goal.objects.filter(owner=world.company.ada).update(health="ok")
        Goal.objects.filter(owner=world.company.ben).update(health="talk")
    assert names(page(marta), "Ada", "Ben") == ["Ben", "Ada"]
    with marta.scope:
        Goal.objects.update(health="ok")
    assert names(page(marta), "Ada", "Ben") == ["Ada", "Ben"]


def test_whose_goal_is_off_its_track_stands_before_them(world, marta):
    more_goals(world, world.company.ben, 1)
    with marta.scope:
        Goal.objects.filter(owner=world.company.ada).update(health="talk")
        goal = Goal.objects.get(owner=world.company.ben)
        GoalAlert.objects.create(goal=goal, rule="deviating", opened_on=TODAY, told_lines_on=TODAY)
    assert names(page(marta), "Ada", "Ben") == ["Ben", "Ada"]


@pytest.mark.parametrize(
    ("health", "rule", "sure", "ask"),
    [
        ("ok", "", None, None),
        ("ok", "", "", "see"),
        ("watch", "", "", "look"),
        ("ok", "stale", "", "look"),
        ("talk", "deviating", "", "talk"),
        ("talk", "deviating", "help", "help"),
    ],
)
def test_the_next_step_is_the_most_pressing_one(health, rule, sure, ask):
    light, heavy = Goal(pk=1, health=health), Goal(pk=2, health="ok")
    told = {1: GoalAlert(goal=light, rule=rule)} if rule else {}
    step = queries.next_step([heavy, light], told, {} if sure is None else {1: sure})
    assert (step and (step.ask, step.goal)) == (ask and (ask, light))


def test_nobody_is_asked_about_a_figure_that_is_being_checked():
    goal = Goal(pk=1, health="talk")
    told = {1: GoalAlert(goal=goal, rule="deviating")}
    assert queries.next_step([goal], told, {}, held={1}) is None
    assert queries.next_step([goal], told, {1: "help"}, held={1}) == queries.Step(queries.Ask.HELP, goal)


def test_what_is_being_checked_has_no_part_in_how_somebody_stands():
    span = {"starts_on": TODAY, "due_on": TODAY}
    goals = [Goal(pk=1, own_progress=Decimal(10), weight=50, **span), Goal(pk=2, own_progress=60, weight=50, **span)]
    expected = Expectations(TODAY, WorkCalendar(2026, 2026))
    found = queries._standing(goals, expected, {}, {}, {1: Mark(is_held=True)}, TODAY)
    assert (found.goals, found.progress) == (2, Decimal(60))
    found = queries._standing(goals[:1], expected, {}, {}, {1: Mark(is_held=True)}, TODAY)
    assert (found.goals, found.progress, found.expected) == (1, None, None)


def test_each_row_says_the_next_step(world, marta):
    with marta.scope:
        goal = Goal.objects.filter(owner=world.company.ada, status="published").first()
        Goal.objects.filter(owner=world.company.ada).update(health="ok")
        check_in(goal=goal, actor=world.company.ada, now=NOW, percent=50, note="卡在备件", confidence="help")
    text = page(marta)
    assert "问问怎样能帮上忙" in text and f"/goals/{goal.public_id}/" in text
    assert f"goals/new/?owner={world.company.ben.public_id}" in text
    assert "goals/new/?owner" not in page(marta, below="all")


def test_there_is_no_order_by_progress(world, marta):
    more_goals(world, world.company.ben, 1, own_progress=90)
    with marta.scope:
        Goal.objects.update(health="ok")
    assert names(page(marta), "Ada", "Ben") == ["Ada", "Ben"]


def test_what_the_night_found_waits_beside_the_list_with_its_owner(checked, marta):
    text = page(marta)
    assert "Ada · " in text and 'role="switch"' in text


def test_in_the_owners_first_days_the_manager_sees_nothing_of_it(world, marta):
    with marta.scope:
        GoalSettings.objects.update_or_create(defaults={"owner_first_days": 3})
    night(world)
    assert 'role="switch"' not in page(marta)


def test_what_the_owner_said_and_why_stands_there(checked, marta):
    with marta.scope:
        confirm_alert(alert=GoalAlert.objects.get(), actor=checked.company.ada, now=NOW, note="客户把试制改到四月")
    text = page(marta)
    assert "客户把试制改到四月" in text and 'role="switch"' not in text


def standing_of(world, who, person):
    return queries.standings(who, world.company.marta, [person], current_period(TODAY))[person.pk]


def test_a_persons_goals_are_summed_by_weight(world, marta):
    with marta.scope:
        more_goals(world, world.company.ben, 1, own_progress=Decimal(100), weight=Decimal(75), health="ok")
        more_goals(world, world.company.ben, 1, own_progress=Decimal(20), weight=Decimal(25), health="watch")
        who = Viewer(world.company.marta, seat("manager"), TODAY)
        found = queries.standings(who, world.company.marta, [world.company.ben], current_period(TODAY))[
            world.company.ben.pk
        ]
    assert (found.goals, found.progress, dict(found.mix)) == (2, Decimal(80), {"ok": 1, "watch": 1})
    assert "20%" in found.says and found.expected is not None


def test_a_progress_past_100_counts_as_100(world, marta):
    assert queries._mean([(None, Decimal(240)), (None, Decimal(0))]) == 50


def test_somebody_without_goals_has_no_progress_rather_than_none(world, marta):
    with marta.scope:
        who = Viewer(world.company.marta, seat("manager"), TODAY)
        found = queries.standings(who, world.company.marta, [world.company.ben], current_period(TODAY))[
            world.company.ben.pk
        ]
    assert (found.goals, found.progress, found.says) == (0, None, "")


def test_the_list_goes_on_on_further_pages(world, marta):
    hire(world, 30, world.company.marta)
    first, second = page(marta), page(marta, page=2)
    assert 'rel="next"' in first and 'rel="prev"' in second


def test_who_has_left_is_not_listed(world, marta):
    with marta.scope:
        Employee.objects.filter(pk=world.company.ben.pk).update(status="left")
    assert names(page(marta), "Ada", "Ben") == ["Ada"]


def test_the_page_is_the_managers(world, ada, henk, anna):
    assert [person.client.get(TEAM).status_code for person in (ada, henk, anna)] == [403, 403, 403]


@pytest.mark.parametrize("viewer", ["zoe", "wei", "marta", "ada", "henk", "anna", "cleo"])
def test_listed_are_those_who_report_and_their_goals_can_be_opened(world, marta, viewer):
    """List and detail agree, for everybody against everybody."""
    more_goals(world, world.company.ben, 1, is_private=True)
    with marta.scope:
        me = world.company.people[viewer]
        who = Viewer(me, seat("manager"), TODAY)
        listed = {person.pk for person in queries.team(who, me, current_period(TODAY))}
        everybody = list(Employee.objects.values_list("pk", flat=True))
        relations = relations_to(who, everybody)
        assert listed == {pk for pk in everybody if Relation.MANAGER in relations[pk]}
        below = queries.team(who, me, current_period(TODAY), everybody=True)
        assert {person.pk for person in below} == {
            pk for pk in everybody if relations[pk] & {Relation.MANAGER, Relation.CHAIN}
        }
        for goal in Goal.objects.filter(owner__in=listed, status="published"):
            assert access.goal_to_read(who, goal.public_id)[0] == goal


def test_it_asks_the_same_for_2_people_and_24(world, marta):
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 periods, 1 count, 1 people, 1 goals,
    # 2 milestones and calendar of the plan, 1 alerts of the goals, 1 check-ins, 1 notices, 1 alerts beside and 1 what
    # their goals lack, 1 effect of the own feedback, 1 who has not heard for long, 1 planned talks
    more_goals(world, world.company.ben, 2)
    night(world)
    assert_page_queries(marta.client, TEAM, 20)
    for person in hire(world, 22, world.company.marta):
        more_goals(world, person, 4)
    night(world)
    assert_page_queries(marta.client, TEAM, 20)
