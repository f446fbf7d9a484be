"""The causes that an HR partner's home names, with the way to the board of obstacles (product.md §2.5, §6.3)."""

import pytest

from goals.models import Obstacle, ObstacleCause

from .conftest import more_goals, text_of

HOME = "/t/acme/goal-health/"


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


def test_the_home_names_the_causes_the_most_common_first_and_opens_who_meets_them(named, henk):
    home = henk.client.get(HOME)
    assert [(one["name"], one["goals"]) for one in home.context["causes"]] == [
        ("跨系统数据不通的事", 2),
        ("客户决策链太长", 1),
    ]
    behind = text_of(henk.client.get(home.context["causes"][1]["url"]))
    assert named.leaf.title in behind and "Ada" in behind and "工装改进" not in behind


def test_what_is_cleared_counts_no_more(named, henk):
    with henk.scope:
        Obstacle.objects.filter(goal=named.leaf).update(state="cleared")
    assert [one["goals"] for one in henk.client.get(HOME).context["causes"]] == [2]


def test_where_nobody_named_any_the_home_says_nothing_of_it(world, henk):
    with henk.scope:
        Obstacle.objects.all().delete()
    assert not henk.client.get(HOME).context["causes"]
