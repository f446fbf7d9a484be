"""The obstacle board (product.md §2.5): what people expect in the way of their goals, by cause and one by one, worked
on in place by their HR partner; administrators count, and read nobody's."""

import re
from datetime import date, timedelta

import pytest

from goals.access import obstacle_to_work_on, partnered_obstacles, posts_of_partnered
from goals.actions.obstacles import work_on_obstacle
from goals.models import Goal, Obstacle, ObstacleCause, ObstacleState
from goals.queries.obstacles import Wanted, by_cause, how_many, narrowed
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from tests.conftest import assert_page_queries
from tests.dashboards.conftest import seat

from .conftest import NOW, TODAY

BOARD = "/t/acme/obstacles/"
FAR, NEAR = "客户决策链太长", "跨系统数据不通的事"
BEGUN = NOW - timedelta(days=14)  # Monday 10:00, ten working days before


@pytest.fixture
def named(line, founded, ada):
    """Ada's goal meets one, Ben's two goals another; Cleo is looked after by nobody of these."""
    with ada.scope:
        Obstacle.objects.all().delete()
        Goal.objects.filter(pk=line[2].pk).update(published_at=BEGUN)
        far, near = (ObstacleCause.objects.create(name=name) for name in (FAR, NEAR))
        Obstacle.objects.create(goal=line[2], cause=far)
        goals = [*more_goals(founded, founded.ben, 2), *more_goals(founded, founded.cleo, 1)]
        Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=near) for goal in goals)
    return founded


def more_goals(company, owner, count):
    first = Goal.objects.count()
    return Goal.objects.bulk_create(
        Goal(
            number=f"M-{first + n}",
            period=company.period,
            layer="position",
            owner=owner,
            unit=company.unit_of(owner),
            title=f"工装改进 {first + n}",
            starts_on=company.period.starts_on,
            due_on=company.period.ends_on,
            status="published",
            published_at=BEGUN,
            published_on=BEGUN.date(),
            made_at=BEGUN,
        )
        for n in range(count)
    )


def page(person, **asked):
    answer = person.client.get(BOARD, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def the_one(person, cause=FAR):
    with person.scope:
        return Obstacle.objects.filter(cause__name=cause).order_by("pk").select_related("goal").first()


def work(person, one, query="", **said):
    data = {"state": one.state, "version": one.version, "resolution": "", "due_on": ""} | said
    return person.client.post(f"{BOARD}{one.public_id}/board/{query}", data)


def test_each_cause_tells_how_many_goals_and_departments_it_touches(named, henk):
    causes = henk.client.get(BOARD).context["causes"]
    assert [(one["name"], one["goals"], one["units"], one["waiting"]) for one in causes] == [
        (NEAR, 2, 1, 2),
        (FAR, 1, 1, 1),
    ]
    with henk.scope:
        goals = more_goals(named, named.wei, 1)
        Obstacle.objects.create(goal=goals[0], cause=ObstacleCause.objects.get(name=FAR))
    causes = {one["name"]: (one["goals"], one["units"]) for one in henk.client.get(BOARD).context["causes"]}
    assert causes[FAR] == (2, 2)


def test_taken_on_it_says_who_when_until_and_after_how_many_working_hours(named, henk):
    one = the_one(henk)
    answer = work(henk, one, "?cause=x&state=left", state="in_hand", due_on="2026-11-06", resolution="约了客户采购")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{BOARD}?cause=x&state=left#one-by-one")
    shown = next(row for row in henk.client.get(BOARD).context["obstacles"] if row["cause"] == FAR)
    assert (shown["helper"], shown["due_on"], shown["has_passed"]) == ("Henk", date(2026, 11, 6), False)
    assert shown["hours"] == 80  # ten working days of eight hours
    assert next(row for row in henk.client.get(BOARD).context["causes"] if row["name"] == FAR)["hours"] == 80


def test_cleared_needs_words_and_keeps_what_was_typed(named, henk):
    one = the_one(henk)
    answer = work(henk, one, state="cleared", due_on="2026-11-05")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "一句话" in text and "2026-11-05" in text
    assert [row["form"] is not None for row in answer.context["obstacles"]].count(True) == 1


def test_the_form_of_one_is_drawn_when_it_is_asked_for_in_its_place_or_on_the_page(named, henk, marta):
    rows = henk.client.get(BOARD, {"state": "left"}).context["obstacles"]
    url = next(row["work_url"] for row in rows if row["cause"] == FAR)
    assert url.endswith("?state=left") and not any(row["form"] for row in rows)
    alone = henk.client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in alone and f'action="{url}"' in alone and alone.count("autofocus") == 1
    back = f'href="{BOARD}?state=left#one-by-one"'
    assert back in alone and re.search(rf'<form[^>]* aria-label="[^"]*{FAR}, [^"]+"', alone)
    page = henk.client.get(url)
    assert back in page.content.decode()
    whole = page.context["obstacles"]
    assert [row["cause"] for row in whole if row["form"]] == [FAR] and len(whole) == len(rows)
    assert marta.client.get(url).status_code == 403


def test_the_owner_is_told_once_what_became_of_it_and_sees_it_on_the_goal(named, henk, ada):
    one = the_one(henk)
    work(henk, one, state="cleared", resolution="采购同意先签样品协议")
    with ada.scope:
        told = Notice.objects.get(kind="goals.obstacle_cleared")
        assert (told.to, told.state) == (named.ada, "open")
        assert "采购同意先签样品协议" in told.sentence and told.url.endswith("#obstacles")
    assert "采购同意先签样品协议" in ada.client.get(told.url).content.decode()
    assert FAR not in [row["cause"] for row in henk.client.get(BOARD).context["obstacles"]]
    assert FAR in [row["cause"] for row in henk.client.get(BOARD, {"state": "cleared"}).context["obstacles"]]

    work(henk, the_one(henk), state="open", resolution="")
    with ada.scope:
        assert Notice.objects.get(kind="goals.obstacle_cleared").state == "done"
        assert Obstacle.objects.get(pk=one.pk).helper is None


def test_what_the_owner_clears_is_nobodys_answer(named, ada):
    one = the_one(ada)
    with ada.scope:
        work_on_obstacle(obstacle=one, version=1, state="cleared", resolution="自己解决了", actor=named.ada, now=NOW)
        assert Obstacle.objects.get(pk=one.pk).answer_minutes is None
        assert not Notice.objects.filter(kind="goals.obstacle_cleared").exists()


def test_somebody_else_was_faster(named, henk):
    one = the_one(henk)
    work(henk, one, state="in_hand")
    answer = work(henk, one, state="cleared", resolution="已清除")
    assert answer.status_code == 409 and "已清除" in answer.content.decode()


def test_given_to_somebody_else_it_is_theirs_to_work_on_and_they_are_told(named, henk, ada, marta):
    """Cleo's goal above all: whoever reads it sees no obstacle of it, and Ben sees the one he was given."""
    with henk.scope:
        one = Obstacle.objects.select_related("goal").get(owner=named.cleo)
        Obstacle.objects.create(goal=one.goal, cause=ObstacleCause.objects.get(name=FAR))
    url = f"/t/acme/obstacles/{one.public_id}/work/"
    said = {"state": "in_hand", "version": 1, "resolution": "", "due_on": ""}
    assert ada.client.post(url, said).status_code == 404
    with henk.scope:
        work_on_obstacle(
            obstacle=one, version=1, state="in_hand", resolution="", actor=named.henk, helper=named.ada, now=NOW
        )
        told = Notice.objects.get(kind="goals.obstacle_given")
        assert (told.to, told.state) == (named.ada, "open")
        assert NEAR in told.sentence and one.goal.title in told.sentence
    shown = ada.client.get(told.url).context["obstacles"]
    assert [(row["title"], row["form"] is not None) for row in shown] == [(NEAR, True)]
    assert marta.client.get(told.url).context["obstacles"] == []

    answer = ada.client.post(url, said | {"state": "cleared", "version": 2, "resolution": "接口周四通了"})
    assert answer.status_code == 302
    with henk.scope:
        assert Notice.objects.get(kind="goals.obstacle_given").state == "done"
        assert Obstacle.objects.get(pk=one.pk).helper == named.ada


def test_on_the_board_a_name_is_enough_and_stays_until_another_or_nobody_is_named(named, henk):
    one = the_one(henk)
    answer = work(henk, one, helper="没有这人")
    assert answer.status_code == 422 and "没有这人" in answer.content.decode()
    assert work(henk, one, helper="Ben").status_code == 302
    shown = next(row for row in henk.client.get(BOARD).context["obstacles"] if row["cause"] == FAR)
    assert (shown["helper"], shown["state"]) == ("Ben", "处理中")
    form = henk.client.get(shown["work_url"], headers={"HX-Request": "true"}).context["form"]
    assert form["helper"].value() == "Ben"
    work(henk, the_one(henk), helper="Ben", due_on="2026-11-06")
    work(henk, the_one(henk), helper=named.wei.employee_no)
    with henk.scope:
        told = Notice.objects.filter(kind="goals.obstacle_given").order_by("pk")
        assert [(one.to, one.state) for one in told] == [(named.ben, "done"), (named.wei, "open")]
    work(henk, the_one(henk), state="open", helper="Wei")
    with henk.scope:
        assert Obstacle.objects.get(pk=one.pk).helper is None
        assert not Notice.objects.filter(kind="goals.obstacle_given", state="open").exists()


def test_what_is_private_is_given_only_to_those_who_read_it_anyway(named, henk, ada):
    one = the_one(henk)
    with henk.scope:
        Goal.objects.filter(pk=one.goal_id).update(is_private=True)
    answer = work(henk, one, helper="Cleo", state="in_hand", due_on="2026-11-06")
    assert answer.status_code == 422
    assert "看不到这个目标" in answer.content.decode() and "2026-11-06" in answer.content.decode()
    on_goal = ada.client.post(
        f"/t/acme/obstacles/{one.public_id}/work/", {"state": "open", "version": 1, "helper": "Cleo"}
    )
    assert on_goal.status_code == 422 and "看不到这个目标" in on_goal.content.decode()
    for name in ("Wei", "Marta", "Ada"):
        assert work(henk, the_one(henk), helper=name).status_code == 302


def test_filters_stand_in_the_address_and_what_nobody_offers_shows_all(named, henk):
    work(henk, the_one(henk), state="in_hand", due_on="2026-10-30")
    causes = {one["name"]: one["url"] for one in henk.client.get(BOARD).context["causes"]}
    assert {row["cause"] for row in henk.client.get(causes[FAR]).context["obstacles"]} == {FAR}

    def listed(**asked):
        return {row["cause"] for row in henk.client.get(BOARD, asked).context["obstacles"]}

    assert listed(helper="me") == listed(due="past") == listed(state="in_hand") == {FAR}
    assert listed(helper="nobody") == listed(state="open") == {NEAR}
    assert listed(due="week") == listed(state="cleared") == set()
    assert listed(cause="x", state="?", helper="?", due="?", page="99") == {FAR, NEAR}


def test_an_administrator_counts_in_the_whole_company_and_reads_nobodys(named, anna):
    text = page(anna)
    assert NEAR in text
    assert "工装改进" not in text and "Ben" not in text
    assert {one["name"]: one["goals"] for one in anna.client.get(BOARD).context["causes"]}[NEAR] == 3
    assert work(anna, the_one(anna), state="in_hand").status_code == 403


@pytest.mark.parametrize("name", ["henk", "marta", "ada", "cleo"])
def test_listed_is_what_the_partner_may_work_on(named, henk, name):
    with henk.scope:
        who = Viewer(named.people[name], seat("employee", "manager", "hrbp"), TODAY)
        listed = list(partnered_obstacles(who))
        assert all(obstacle_to_work_on(who, one.public_id) == one for one in listed)
        assert len(listed) == (3 if name == "henk" else 0)


def test_where_nobody_named_any_it_says_so(line, henk):
    with henk.scope:
        Obstacle.objects.all().delete()
    assert "没有人提到" in page(henk)


@pytest.mark.parametrize("count", [1, 25])
def test_it_asks_the_same_for_1_and_25(named, henk, count):
    with henk.scope:
        cause = ObstacleCause.objects.create(name="图纸变更频繁的事")
        goals = more_goals(named, named.ben, count)
        Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=cause) for goal in goals)
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 sums by cause, 1 keys of the page in order,
    # 1 the rows with goals, owners and helpers, 1 units of the owners
    assert_page_queries(henk.client, BOARD, 9)


def test_the_sums_by_cause_tell_how_long_the_list_is(named, henk):
    who = Viewer(henk.employee, henk.seat, TODAY)
    with henk.scope:
        found = partnered_obstacles(who)
        for state, one in zip(ObstacleState, found.order_by("pk"), strict=False):
            Obstacle.objects.filter(pk=one.pk).update(state=state)
        lines = by_cause(posts_of_partnered(who))
        assert len(found) == 3 and len(lines) == 2
        for cause in ("", *(str(line.public_id) for line in lines)):
            for state in ("left", "all", *ObstacleState.values):
                wanted = Wanted(cause=cause, state=state)
                assert how_many(lines, wanted) == narrowed(found, wanted, me=henk.employee, on=TODAY).count()
        for wanted in (Wanted(helper="me"), Wanted(due="past")):
            assert how_many(lines, wanted) is None


def test_an_obstacle_follows_its_goal_to_another_owner_and_out_of_what_is_published(named, henk):
    with henk.scope:
        one = Obstacle.objects.get(cause__name=FAR)
        goal = Goal.objects.filter(pk=one.goal_id)

        def whose():
            return Obstacle.objects.values_list("owner", flat=True).get(pk=one.pk)

        assert whose() == one.goal.owner_id
        goal.update(owner=named.ben)
        assert whose() == named.ben.pk
        goal.update(status="draft")
        assert whose() is None
        goal.update(status="published")
        assert whose() == named.ben.pk
