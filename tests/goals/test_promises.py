"""Promises on a goal (product.md §2.10): places in the order of verified completion, and none is given twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connections, transaction

from goals.actions.closing import reopen_goal
from goals.actions.incentives import end_promise, give_places, make_promise
from goals.models import Alignment, Goal, Incentive, IncentivePlace
from perfsys.notices.models import Notice
from perfsys.people.actions import organisation
from perfsys.tenancy.scope import use_tenant
from tests.conftest import page_queries

from .conftest import HIRED, NOW, TODAY

RACERS, PLACES = 20, 10


def promise(goal, quota=None, is_for="children", **more):
    given = {"promise": "展会名额一个", "key": "once", "actor": None, "now": NOW} | more
    return make_promise(goal=goal, quota=quota, is_for=is_for, **given)


def finish(goal, outcome="achieved", now=NOW):
    """As whatever closes a goal does it."""
    with transaction.atomic():
        Goal.objects.filter(pk=goal.pk).update(status="closed", outcome=outcome)
        return give_places(goal=goal, actor=None, now=now)


def carriers(company, parent, count):
    """Published goals that carry `parent`, each of an owner of its own."""
    goals = []
    for n in range(count):
        owner = organisation.add_employee(
            employee_no=f"R{n:03}",
            name=f"同事{n:02}",
            hired_on=HIRED,
            unit=company.units["设计组"],
            manager=company.marta,
            actor=None,
            now=NOW,
        )
        goals.append(another(company, parent, owner, n))
    return goals


def another(company, parent, owner, n):
    goal = Goal.objects.create(
        number=f"R-{n}",
        period=company.period,
        layer="position",
        owner=owner,
        unit=company.units["设计组"],
        title=f"节拍缩短 {n}",
        starts_on=company.period.starts_on,
        due_on=company.period.ends_on,
        status="published",
        published_at=NOW,
        published_on=TODAY,
        made_at=NOW,
    )
    Alignment.objects.create(child=goal, parent=parent)
    return goal


def test_the_first_to_finish_have_a_place_and_no_more_than_were_promised(company):
    _top, middle, leaf = company.tree()
    one = promise(middle, quota=2)
    first, second = carriers(company, middle, 2)
    assert [place.number for place in finish(first)] == [1]
    assert [place.number for place in finish(leaf)] == [2]
    assert finish(second) == []
    one.refresh_from_db()
    assert (one.taken, one.left, one.is_open) == (2, 0, False)
    told = Notice.objects.filter(kind="goals.place_taken").order_by("pk")
    assert [notice.to.name for notice in told] == ["同事00", "Ada"]


def test_what_is_cancelled_earns_no_place(company):
    leaf = company.tree()[2]
    promise(leaf, is_for="owner")
    assert finish(leaf, "cancelled") == []


def test_progress_alone_earns_none_until_somebody_has_closed_it(company):
    leaf = company.tree()[2]
    promise(leaf, is_for="owner")
    Goal.objects.filter(pk=leaf.pk).update(own_progress=100)
    assert give_places(goal=leaf, actor=None, now=NOW) == []
    assert [place.owner for place in finish(leaf)] == [company.ada]


def test_an_owner_has_one_place_and_it_stays(company):
    _top, middle, leaf = company.tree()
    promise(middle, quota=5)
    more = another(company, middle, company.ada, 99)
    assert len(finish(leaf)) == 1
    assert finish(leaf) == finish(more) == []
    assert IncentivePlace.objects.get().goal == leaf


def test_a_goal_opened_again_frees_its_place_for_the_next(company):
    _top, middle, _leaf = company.tree()
    one = promise(middle, quota=2)
    first, second, third = carriers(company, middle, 3)
    finish(first), finish(second)
    reopen_goal(goal=first, why="点错了", actor=company.marta, now=NOW)
    assert Notice.objects.get(kind="goals.place_free_again").to == first.owner
    assert [place.number for place in finish(third)] == [1]
    assert finish(first) == [] and Incentive.objects.get(pk=one.pk).taken == 2
    end_promise(incentive=one, actor=None, now=NOW)
    reopen_goal(goal=second, why="点错了", actor=company.marta, now=NOW)
    assert IncentivePlace.objects.filter(owner=second.owner).exists()  # what has ended stays as it is


def test_what_was_ended_gives_no_more(company):
    leaf = company.tree()[2]
    end_promise(incentive=promise(leaf, is_for="owner"), actor=None, now=NOW)
    assert finish(leaf) == []


def test_a_double_click_is_one_promise(company):
    leaf = company.tree()[2]
    assert promise(leaf, is_for="owner") == promise(leaf, is_for="owner", promise="另一个")
    assert Incentive.objects.count() == 1


def test_the_database_refuses_a_place_beyond_the_quota_and_one_twice(company):
    _top, middle, leaf = company.tree()
    one = promise(middle, quota=1)
    finish(leaf)
    with pytest.raises(IntegrityError, match="within_quota"), transaction.atomic():
        Incentive.objects.filter(pk=one.pk).update(taken=2)
    with pytest.raises(IntegrityError, match="place_given_once"), transaction.atomic():
        IncentivePlace.objects.create(incentive=one, number=1, owner=company.ben, goal=leaf, completed_at=NOW)


def test_on_the_page_the_manager_promises_and_everybody_sees_what_is_left(line, ada, marta, anna):
    top, middle, leaf = line
    address = f"/t/acme/goals/{leaf.public_id}/"
    assert ada.client.get(f"{address}promises/").status_code == 403  # nobody promises himself something
    wrong = marta.client.post(f"{address}promises/", {"key": "once", "promise": ""})
    assert wrong.status_code == 422 and 'role="alert"' in wrong.content.decode()
    for _click in range(2):
        assert marta.client.post(f"{address}promises/", {"key": "once", "promise": "弹性假两天"}).status_code == 302
    with ada.scope:
        promise(middle, quota=10)
        made = Incentive.objects.get(goal=leaf)
        assert made.is_for == "owner"
    page = ada.client.get(address).content.decode()
    assert "弹性假两天" in page and "还剩 10 个，共 10 个名额" in page
    assert f"/t/acme/promises/{made.public_id}/end/" not in page

    with ada.scope:
        finish(leaf)
    assert "还剩 9 个，共 10 个名额" in anna.client.get(f"/t/acme/goals/{middle.public_id}/").content.decode()
    assert "第 1 个名额是你的" in ada.client.get(address).content.decode()
    assert "展会名额一个" not in anna.client.get(f"/t/acme/goals/{top.public_id}/").content.decode()


def test_promises_ask_no_query_more_whatever_their_number(line, ada):
    leaf = line[2]
    address = f"/t/acme/goals/{leaf.public_id}/"
    none = len(page_queries(ada.client, address))
    with ada.scope:
        for n in range(3):
            promise(line[1], quota=10, key=f"above {n}")
            promise(leaf, is_for="owner", key=f"own {n}")
    assert len(page_queries(ada.client, address)) == none  # they are read with all that stands on the goal


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_finish_at_one_moment_ten_have_a_place(founded):
    with use_tenant(1):
        _top, middle, _leaf = founded.tree()
        one = promise(middle, quota=PLACES)
        goals = carriers(founded, middle, RACERS)
    together = Barrier(RACERS)

    def race(goal):
        try:
            with use_tenant(1), transaction.atomic():
                Goal.objects.filter(pk=goal.pk).update(status="closed", outcome="achieved")
                together.wait(60)
                return give_places(goal=goal, actor=None, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RACERS) as pool:
        given = [place for places in pool.map(race, goals) for place in places]
    assert sorted(place.number for place in given) == list(range(1, PLACES + 1))
    assert len({place.owner_id for place in given}) == PLACES
    with use_tenant(1):
        one.refresh_from_db()
        assert (one.taken, IncentivePlace.objects.count()) == (PLACES, PLACES)
        assert Notice.objects.filter(kind="goals.place_taken").count() == PLACES


def test_a_goal_that_is_over_gives_no_places_to_those_below(company):
    _top, middle, leaf = company.tree()
    one = promise(middle, quota=2)
    Goal.objects.filter(pk=middle.pk).update(status="closed", outcome="cancelled", closed_at=NOW)
    assert finish(leaf) == []
    assert Incentive.objects.get(pk=one.pk).left == 2
