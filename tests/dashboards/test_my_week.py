"""An employee's home: where my work takes the company, and what waits for me (product.md §2.11, §6.3)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from dashboards import queries, wording
from goals.actions.telling import KINDS
from goals.actions.trail import check_in
from goals.models import Goal, GoalAlert
from goals.queries.heat import heat
from goals.queries.periods import current_period
from perfsys.notices.actions import notify
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY, more_goals, night, seat, text_of

WEEK = "/t/acme/week/"
DAY = timedelta(days=1)


def page(person):
    return text_of(person.client.get(WEEK))


def test_each_own_goal_shows_the_way_up_to_the_companys(world, ada):
    text = page(ada)
    for goal in (world.leaf, world.middle, world.top):
        assert goal.title in text and f"/goals/{goal.public_id}/" in text


def test_goals_that_share_a_parent_stand_together(world, ada):
    more_goals(world, world.company.ada, 2)
    text = page(ada)
    assert text.count('class="sight-co"') == text.count('class="sight-dep"') == 1
    assert text.count('class="node mine"') == 3


def test_a_goal_that_leads_nowhere_yet_says_so(world, ada):
    with ada.scope:
        Goal.objects.create(
            **{
                field: getattr(world.leaf, field)
                for field in ("period", "owner", "layer", "starts_on", "due_on", "status", "published_at")
            },
            published_on=TODAY,
            number="LONE",
            title="客户决策链梳理",
            made_at=NOW,
        )
    text = page(ada)
    assert "客户决策链梳理" in text and "node todo" in text


def test_a_chain_of_departments_is_followed_to_the_top(world, ada):
    with ada.scope:
        below = world.company.draft(world.company.units["设计组"], "密封结构三轮验证", parent=world.middle)
        world.company.publish(world.company.units["设计组"])
        [goal] = more_goals(world, world.company.ada, 1)
        goal.parents.update(parent=below)
        who = Viewer(world.company.ada, seat("employee"), TODAY)
        path = queries.lines_above(who, [goal.pk])[goal.pk]
        assert [above.title for above in path] == ["密封结构三轮验证", world.middle.title, world.top.title]


def test_what_the_night_found_waits_with_its_switch(checked, ada):
    with ada.scope:
        alert = GoalAlert.objects.get()
    text = page(ada)
    assert "30" in text and 'role="switch"' in text
    assert f"/alerts/{alert.public_id}/confirm/" in text


def test_what_i_answered_stays_with_the_way_back(checked, ada):
    with ada.scope:
        alert = GoalAlert.objects.get()
    ada.client.post(f"/t/acme/alerts/{alert.public_id}/confirm/", {"note": "客户把试制改到四月"})
    text = page(ada)
    assert "客户把试制改到四月" in text and f"/alerts/{alert.public_id}/reopen/" in text
    assert 'role="switch"' not in text


def test_nobody_finds_anothers_alerts_on_the_own_page(checked, marta):
    assert 'role="switch"' not in page(marta)


def test_what_somebody_asked_for_waits_there_too(world, ada, marta):
    with ada.scope:
        kind = "goals.set_to_answer"
        notify(kind, to=ada.employee, at=NOW, params={"name": "Marta", "period": "2026Q4"}, url="/t/acme/goals/")
        sentence = Notice.objects.get().sentence
    assert "Marta" in sentence and "Marta" in page(ada)


def test_the_goal_alert_stands_there_once_and_not_again_as_a_notice(checked, ada):
    text = page(ada)
    aside = text[text.index('id="waiting"') :]
    assert aside.count(checked.leaf.title) == 1


def test_no_rule_of_goal_health_stands_there_twice():
    assert set(KINDS.values()) < set(queries.SHOWN_ELSEWHERE)


def test_drafts_wait_to_be_published(world, ada):
    assert "btn primary" not in page(ada)
    with ada.scope:
        world.company.draft(world.company.ada, "欧洲样品测试支持", parent=world.middle)
    text = page(ada)
    assert "/goals/publish/" in text and "欧洲样品测试支持" not in text


def test_check_ins_are_counted_week_by_week(world, ada):
    with ada.scope:
        for days in (0, 3, 4, 30):  # 2 November is a Monday: 1 this week, 2 in the one before, one in the first
            check_in(goal=world.leaf, actor=world.company.ada, now=NOW - days * DAY, percent=Decimal(40))
        found = heat([world.leaf], TODAY, weeks=queries.WEEKS)
    assert (found.weeks[0], found.weeks[-1]) == (date(2026, 9, 28), TODAY)
    assert found.rows[0].cells == [1, 0, 0, 0, 2, 1]
    assert (found.most, found.moved_this_week) == (2, 1)


def test_without_a_check_in_there_is_no_heat_map_and_no_reproach(world, ada):
    assert 'id="heat"' not in page(ada)


def test_without_goals_the_page_says_how_to_begin(world, marta):
    assert "/goals/new/" in page(marta)


@pytest.mark.parametrize(("hour", "words"), [(9, "morning"), (14, "afternoon"), (20, "evening"), (2, "evening")])
def test_it_greets_by_the_hour_of_the_company(hour, words):
    with translation.override("en"):
        assert wording.greeting(NOW.replace(hour=hour), "Ada") == f"Good {words}, Ada"


def test_a_private_goal_above_is_not_shown_to_who_may_not_read_it(world, ada):
    with ada.scope:
        Goal.objects.filter(pk=world.middle.pk).update(is_private=True)
    assert world.middle.title not in page(ada)


def test_there_is_no_week_outside_a_period(world, ada, time_machine):
    with ada.scope:
        assert current_period(TODAY) == world.company.period
        Goal.objects.all().update(owner=world.company.cleo)
    assert "/goals/new/" in page(ada)


def test_it_asks_the_same_for_3_goals_and_30(world, ada):
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 periods, 1 goals, 2 milestones and calendar
    # of the plan, 1 the goals above, however many levels, 1 notices, 1 alerts and 1 what their goals lack,
    # 2 check-ins and milestones of the weeks, 1 feedback to me (its facts are asked where there is one), 1 own actions,
    # 1 this week's retro, 1 next talk
    more_goals(world, world.company.ada, 2)
    night(world)
    assert_page_queries(ada.client, WEEK, 20)
    more_goals(world, world.company.ada, 27)
    night(world)
    assert_page_queries(ada.client, WEEK, 20)
