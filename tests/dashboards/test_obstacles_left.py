"""What people expect in the way of their goals, by cause, for their HR partner (product.md §2.5, §6.3)."""

import pytest

from goals.access import obstacle_to_work_on
from goals.models import Obstacle, ObstacleCause
from perfsys.people.access import Viewer
from tests.conftest import assert_page_queries

from .conftest import TODAY, more_goals, seat, text_of

LIST, HOME = "/t/acme/obstacles/", "/t/acme/goal-health/"


@pytest.fixture
def named(world):
    """Ada's goal meets one, Ben's two goals another; Cleo is looked after by nobody of these."""
    with world.scope.scope:
        Obstacle.objects.all().delete()
        far, near = (ObstacleCause.objects.create(name=name) for name in ("客户决策链太长", "跨系统数据不通的事"))
    goals = more_goals(world, world.company.ben, 2)
    strangers = more_goals(world, world.company.cleo, 1)
    with world.scope.scope:
        Obstacle.objects.create(goal=world.leaf, cause=far)
        Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=near) for goal in [*goals, *strangers])
    return world


def page(person, address=LIST, **asked):
    return text_of(person.client.get(address, asked))


def test_the_home_names_the_causes_the_most_common_first_and_opens_who_meets_them(named, henk):
    home = henk.client.get(HOME)
    assert [(one["name"], one["goals"]) for one in home.context["causes"]] == [
        ("跨系统数据不通的事", 2),
        ("客户决策链太长", 1),
    ]
    behind = page(henk, home.context["causes"][1]["url"])
    assert named.leaf.title in behind and "Ada" in behind and "工装改进" not in behind


def test_what_is_cleared_leaves_the_list(named, henk):
    with henk.scope:
        Obstacle.objects.filter(goal=named.leaf).update(state="cleared")
    assert named.leaf.title not in page(henk)
    assert [one["goals"] for one in henk.client.get(HOME).context["causes"]] == [2]


def test_who_took_one_in_hand_and_what_was_done_stand_there(named, henk):
    with henk.scope:
        Obstacle.objects.filter(goal=named.leaf).update(
            state="in_hand", helper=named.company.henk, resolution="约了客户采购周四见面"
        )
    text = page(henk)
    assert "约了客户采购周四见面" in text and "Henk" in text
    assert text.index("工装改进") < text.index(named.leaf.title), "what nobody works on comes first"


@pytest.mark.parametrize("viewer", ["henk", "marta", "ada", "cleo"])
def test_listed_is_what_the_partner_may_work_on(named, henk, viewer):
    with henk.scope:
        who = Viewer(named.company.people[viewer], seat("employee", "manager", "hrbp"), TODAY)
        from dashboards.queries import obstacles_left

        listed = list(obstacles_left(who))
        assert all(obstacle_to_work_on(who, one.public_id) == one for one in listed)
        assert len(listed) == (3 if viewer == "henk" else 0)


def test_an_unknown_cause_shows_all(named, henk):
    assert named.leaf.title in page(henk, cause="x") and "工装改进" in page(henk, cause="nothing")


def test_where_nobody_named_any_the_home_says_nothing_of_it(world, henk):
    with henk.scope:
        Obstacle.objects.all().delete()
    assert not henk.client.get(HOME).context["causes"]
    assert "没有人提到" in page(henk)


@pytest.mark.parametrize("count", [1, 25])
def test_it_asks_the_same_for_1_and_25(named, henk, count):
    goals = more_goals(named, named.company.ben, count)
    with henk.scope:
        cause = ObstacleCause.objects.create(name="图纸变更频繁的事")
        Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=cause) for goal in goals)
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 causes, 1 count of the pages, 1 the rows
    # with goals, owners and helpers, 1 units of the owners
    assert_page_queries(henk.client, LIST, 9)
