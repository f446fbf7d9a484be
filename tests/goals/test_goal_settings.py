"""Bounds, days and the list of obstacles, as the administrator sets them in the browser."""

import pytest

from dashboards.queries import team
from goals import access
from goals.actions import settings as actions
from goals.actions.goal import StaleVersion
from goals.models import GoalSettings, Obstacle, ObstacleCause
from goals.queries.settings import cause_rows, goal_settings
from perfsys.audit.models import AuditEntry
from perfsys.people.access import Viewer
from tests.conftest import assert_page_queries
from tests.dashboards.conftest import seat
from tests.goals.conftest import NOW

PAGE = "/t/acme/goal-settings/"
OBSTACLES = f"{PAGE}obstacles/"


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


def typed(**more):
    return {
        "company_least": 3,
        "company_most": 5,
        "department_least": 5,
        "department_most": 8,
        "position_least": 3,
        "position_most": 5,
        "stale_days": 14,
        "quiet_days": 28,
        "owner_first_days": 0,
        "workshop_days": 21,
        "manager_levels": 0,
        "version": 1,
        **more,
    }


def causes():
    return dict(ObstacleCause.objects.order_by("name").values_list("name", "is_listed"))


def test_nobody_has_set_any_and_the_page_shows_what_holds(founded, anna):
    form = anna.client.get(PAGE).context["form"]
    assert (form["position_most"].value(), form["stale_days"].value(), form["version"].value()) == (5, 14, 1)


def test_new_bounds_hold_at_once_and_are_recorded(founded, ada, anna):
    assert anna.client.post(PAGE, typed(position_most=6, stale_days=10)).status_code == 302
    with ada.scope:
        assert (goal_settings().position_most, goal_settings().stale_days) == (6, 10)
        entry = AuditEntry.objects.get(verb="goals.settings_changed")
        assert (entry.actor_id, entry.details) == (
            anna.employee.pk,
            {"position_most": [5, 6], "stale_days": [14, 10]},
        )
    assert "6" in ada.client.get("/t/acme/goals/new/").context["bounds_hint"]


def test_numbers_in_the_wrong_order_come_back(founded, anna):
    answer = anna.client.post(PAGE, typed(department_least=9, stale_days=0))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"department_most", "stale_days"}
    assert answer.context["form"]["department_least"].value() == "9"
    with anna.scope:
        assert not GoalSettings.objects.exists()


def test_two_administrators_at_once_lose_nothing(founded, anna):
    assert anna.client.post(PAGE, typed(position_most=6)).status_code == 302
    answer = anna.client.post(PAGE, typed(position_most=7))
    assert answer.status_code == 409 and "7" in answer.content.decode()
    with anna.scope:
        assert goal_settings().position_most == 6
        with pytest.raises(StaleVersion):
            actions.change_settings(version=1, actor=None, now=NOW, position_most=7)


def test_a_setting_there_is_not_is_a_fault(company):
    with pytest.raises(TypeError, match="last_number"):
        actions.change_settings(version=1, actor=None, now=NOW, last_number=7)


def test_a_goal_numbered_meanwhile_is_no_change_of_the_settings(company):
    company.draft(company.ada)
    actions.change_settings(version=1, actor=None, now=NOW, position_most=7)
    assert (goal_settings().last_number, goal_settings().version) == (1, 2)


def test_an_obstacle_is_added_renamed_and_retired(founded, ada, anna):
    assert anna.client.post(OBSTACLES, {"name": " 台架  排期紧 "}).status_code == 302
    with ada.scope:
        cause = ObstacleCause.objects.get()
        founded.draft(founded.ada, causes=[cause], new_causes=[])
    url = f"{OBSTACLES}{cause.public_id}/"
    assert anna.client.post(f"{url}rename/", {"name": "台架不够", "version": cause.version}).status_code == 302
    with ada.scope:
        assert causes() == {"台架不够": True}
    for _press in range(2):
        assert anna.client.post(f"{url}retire/").status_code == 302
    with ada.scope:
        assert causes() == {"台架不够": False}
        assert Obstacle.objects.get().cause == cause
        verbs = AuditEntry.objects.filter(verb="goals.cause_changed").order_by("id")
        assert [list(entry.details) for entry in verbs] == [["listed"], ["name"], ["retired"]]
    assert "台架不够" not in ada.client.get("/t/acme/goals/new/").content.decode()


def test_a_name_on_the_list_comes_back_with_a_sentence(founded, ada, anna):
    with ada.scope:
        first, second = (actions.list_cause(name=name, actor=None, now=NOW) for name in ("甲", "乙"))
    again = anna.client.post(OBSTACLES, {"name": "甲"})
    assert (again.status_code, list(again.context["cause_form"].errors)) == (422, ["name"])
    renamed = anna.client.post(f"{OBSTACLES}{second.public_id}/rename/", {"name": "甲", "version": second.version})
    assert renamed.status_code == 422 and 'value="甲"' in renamed.content.decode()
    stale = anna.client.post(f"{OBSTACLES}{first.public_id}/rename/", {"name": "丙", "version": first.version - 1})
    assert stale.status_code == 409 and "丙" in stale.content.decode()
    with ada.scope:
        assert causes() == {"甲": True, "乙": True}


def test_what_owners_name_themselves_can_be_put_on_the_list(founded, ada, anna):
    with ada.scope:
        founded.draft(founded.ada, new_causes=["样件周期长"])
    page = anna.client.get(PAGE)
    assert [(row.cause.name, row.used) for row in page.context["own_words"]] == [("样件周期长", 1)]
    assert anna.client.post(OBSTACLES, {"name": "样件周期长"}).status_code == 302
    with ada.scope:
        assert causes() == {"样件周期长": True}


def test_closed_goals_do_not_count_as_naming_it(company):
    goal = company.draft(company.ada, new_causes=["样件周期长"])
    type(goal).objects.filter(pk=goal.pk).update(
        status="closed", outcome="achieved", published_at=NOW, published_on=NOW.date()
    )
    assert [row.used for row in cause_rows(listed=False, most=5)] == [0]


def test_nobody_but_the_administrator_sets_anything(founded, ada, marta, henk):
    with ada.scope:
        cause = actions.list_cause(name="甲", actor=None, now=NOW)
    posts = [PAGE, OBSTACLES, f"{OBSTACLES}{cause.public_id}/rename/", f"{OBSTACLES}{cause.public_id}/retire/"]
    for person in (ada, marta, henk):
        assert person.client.get(PAGE).status_code == 403
        assert [person.client.post(url, typed(name="乙")).status_code for url in posts] == [403] * 4


def test_the_company_page_and_the_goal_settings_lead_to_each_other(founded, anna):
    assert PAGE in anna.client.get("/t/acme/company/").content.decode()
    assert "/t/acme/company/" in anna.client.get(PAGE).content.decode()


def test_the_page_asks_as_many_queries_for_forty_obstacles_as_for_four(founded, ada, anna):
    for size in (4, 36):
        with ada.scope:
            for number in range(size):
                actions.list_cause(name=f"阻碍 {size}-{number}", actor=None, now=NOW)
        # 1 session, 1 account, 1 scope, 1 settings, 1 the list, 1 own words, 1 employee, 1 inbox, 1 gaps of the shell
        assert_page_queries(anna.client, PAGE, 9)


def test_a_manager_of_managers_reads_as_many_levels_as_are_set(founded, ada):
    """Wei leads Marta, who leads Ada."""
    with ada.scope:
        draft, wei = founded.draft(founded.ada), Viewer(founded.wei, seat("manager"), NOW.date())
        for levels, reads in ((0, True), (1, False), (2, True)):
            GoalSettings.objects.update_or_create(defaults={"manager_levels": levels})
            assert access.visible_goals(wei).filter(pk=draft.pk).exists() is reads
            assert (founded.ada in team(wei, founded.wei, founded.period, everybody=True)) is reads
