"""The cross-team board (product.md §2.5): anyone asks another unit, its people and whoever leads it answer, the time is
measured in working hours, and only whoever asked says that it is solved."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connections

from goals.access import blocker_to_read, blockers_to_answer, visible_blockers
from goals.actions.blockers import post_blocker, reply_to_blocker, tell_of_waiting
from goals.models import Blocker, BlockerReply, Goal
from goals.queries.blockers import answer_times
from goals.queries.heads import heads_of
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from perfsys.people.actions.features import switch_feature
from perfsys.people.features import Feature, Reach
from perfsys.tenancy.scope import use_tenant
from tests.conftest import assert_page_queries
from tests.dashboards.conftest import seat

from .conftest import NOW, TODAY

BOARD = "/t/acme/blockers/"
ASKS = "PLM 导出从周一起缺图号，周五的试制工单要用"


def ask(company, by="cleo", of="设计组", **more):
    given = {"text": ASKS, "key": str(uuid4()), "now": NOW} | more
    return post_blocker(posted_by=company.people[by], to_unit=company.units[of], **given)


def answer(company, blocker, by="ada", now=NOW, **more):
    given = {"text": "周四补上", "key": str(uuid4()), "is_asked": True} | more
    return reply_to_blocker(blocker=blocker, actor=company.people[by], now=now, **given)


def reader(company, name, *roles):
    return Viewer(company.people[name], seat("employee", *roles), TODAY)


def told(kind):
    return [notice.to.name for notice in Notice.objects.filter(kind=kind, state="open").order_by("to__name")]


def test_whoever_leads_the_unit_is_told_and_where_nobody_does_the_unit_above(company):
    heads = {name: [head.name for head in heads_of(unit, TODAY)] for name, unit in company.units.items()}
    assert heads == {"恒锐": ["Zoe"], "研发中心": ["Wei"], "设计组": ["Marta"], "生产中心": ["Zoe"]}
    ask(company)
    assert told("goals.team_asked") == ["Marta"]
    assert "Cleo" in Notice.objects.get(kind="goals.team_asked").sentence


@pytest.mark.parametrize(
    ("name", "roles", "reads", "answers"),
    [
        ("cleo", (), True, False),  # who posted it
        ("zoe", ("manager",), True, True),  # manages her, and leads the unit above the one asked
        ("ada", (), True, True),  # of the unit asked
        ("marta", ("manager",), True, True),  # leads it
        ("wei", ("manager",), True, True),  # leads the unit above
        ("henk", ("hrbp",), True, False),  # its HR partner
        ("anna", ("admin",), False, False),
    ],
)
def test_who_reads_and_who_answers(company, name, roles, reads, answers):
    blocker = ask(company)
    who = reader(company, name, *roles)
    assert visible_blockers(who).filter(pk=blocker.pk).exists() is reads
    assert blockers_to_answer(who).filter(pk=blocker.pk).exists() is answers
    if reads:
        assert blocker_to_read(who, blocker.public_id) == (blocker, answers)


def test_a_colleague_of_the_poster_reads_nothing_of_it(company):
    blocker = ask(company, by="ada", of="生产中心")
    assert not visible_blockers(reader(company, "ben")).exists()
    assert list(visible_blockers(reader(company, "cleo"))) == [blocker]


def test_the_first_answer_is_measured_and_the_poster_told(company):
    blocker = ask(company, now=datetime(2026, 11, 6, 9, tzinfo=UTC))  # Friday, 17:00 in Shanghai
    answer(company, blocker, now=datetime(2026, 11, 9, 2, tzinfo=UTC))  # Monday, 10:00
    answer(company, blocker, by="ben", now=datetime(2026, 11, 12, 2, tzinfo=UTC))
    blocker.refresh_from_db()
    assert (blocker.state, blocker.answer_minutes, blocker.answered_on.isoformat()) == ("answered", 120, "2026-11-09")
    assert told("goals.team_asked") == []
    assert told("goals.team_answered") == ["Cleo", "Cleo"]


def test_what_the_poster_adds_is_no_answer_but_reaches_those_who_answered(company):
    blocker = ask(company)
    answer(company, blocker, by="cleo", is_asked=False)
    assert Blocker.objects.get().state == "open"
    answer(company, blocker)
    answer(company, blocker, by="cleo", is_asked=False, text="周三能行吗")
    assert told("goals.blocker_said_more") == ["Ada"]


def test_on_the_pages_one_asks_answers_and_says_it_is_solved(line, founded, ada, marta, anna):
    typed = {"unit": "生产中心", "text": ASKS, "key": "once", "wish_on": "2026-11-06"}
    leaf = line[2]
    posted = ada.client.post(f"{BOARD}new/?goal={leaf.public_id}", typed)
    assert (
        ada.client.post(f"{BOARD}new/?goal={leaf.public_id}", typed).headers["Location"] == posted.headers["Location"]
    )
    with ada.scope:
        made = Blocker.objects.get()  # a double click is one
        assert (made.goal, made.from_unit, made.to_unit) == (leaf, founded.units["设计组"], founded.units["生产中心"])
        assert Notice.objects.filter(kind="goals.team_asked").count() == 1
    address = f"{BOARD}{made.public_id}/"
    assert leaf.title in ada.client.get(address).content.decode()
    assert ASKS in marta.client.get(BOARD).content.decode()
    assert marta.client.post(f"{address}reply/", {"key": "x", "text": "我来答"}).status_code == 403
    assert marta.client.post(f"{address}solved/").status_code == 403
    assert ASKS not in anna.client.get(BOARD).content.decode() and anna.client.get(address).status_code == 404

    with ada.scope:
        answer(founded, made, by="cleo")
    assert ada.client.post(f"{address}solved/").status_code == 302
    assert ada.client.post(f"{address}solved/").status_code == 302
    late = ada.client.post(f"{address}reply/", {"key": "y", "text": "还有一件事"})
    assert late.status_code == 409 and "还有一件事" in late.content.decode()
    with ada.scope:
        assert (Blocker.objects.get().state, told("goals.blocker_over")) == ("solved", ["Cleo"])
    assert ASKS not in ada.client.get(BOARD).content.decode()
    assert ASKS in ada.client.get(BOARD, {"state": "solved", "tab": "mine"}).content.decode()
    ada.client.post(f"{address}solved/", {"undo": "1"})
    with ada.scope:
        assert Blocker.objects.get().state == "answered"


def test_a_goal_is_named_only_to_those_who_may_read_it(that_day, founded, ada):
    with ada.scope:
        goal = founded.draft(founded.cleo, "尚未公开的产线改造")
        blocker = ask(founded, goal=goal)
    address = f"{BOARD}{blocker.public_id}/"
    page = ada.client.get(address).content.decode()  # Cleo asks her unit, and the goal is Cleo's alone
    assert ASKS in page and goal.title not in page
    with ada.scope:
        Goal.objects.filter(pk=goal.pk).update(status="published", published_at=NOW, published_on=TODAY)
    assert goal.title in ada.client.get(address).content.decode()


def test_where_it_is_not_switched_on_no_link_leads_there(line, founded, ada):
    with ada.scope:
        blocker = ask(founded)
        switch_feature(feature=Feature.BLOCKERS, reach=Reach.NOBODY, version=0, actor=None, now=NOW)
    for path in (f"{BOARD}{blocker.public_id}/", f"/t/acme/goals/{line[2].public_id}/"):
        page = ada.client.get(path)
        assert page.status_code == 200 and not re.search(rf'href="{BOARD}[?n"]', page.content.decode())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"unit": ""}, "信息部"),
        ({"unit": "研发中心"}, "上级"),
        ({"unit": "没有这个部门"}, "没有这个部门"),
        ({"text": ""}, "一句话"),
        ({"wish_on": "2026-11-01"}, "今天"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_kept(that_day, founded, ada, wrong, says):
    typed = {"unit": "生产中心", "text": ASKS, "key": "once"} | wrong
    sent = ada.client.post(f"{BOARD}new/", typed)
    page = sent.content.decode()
    assert sent.status_code == 422
    assert says in page and 'role="alert"' in page
    assert typed["text"] in page
    with ada.scope:
        assert not Blocker.objects.exists()


def test_waiting_is_told_once(company):
    early = ask(company, now=datetime(2026, 11, 2, 2, tzinfo=UTC))
    ask(company, now=datetime(2026, 11, 4, 2, tzinfo=UTC), key="late")
    ask(company, now=datetime(2026, 11, 4, 2, tzinfo=UTC), wish_on=datetime(2026, 11, 4, tzinfo=UTC).date())
    morning = datetime(2026, 11, 5, 2, tzinfo=UTC)  # three working days after the first
    for _run in range(3):
        tell_of_waiting(now=morning)
    reminders = Notice.objects.filter(kind="goals.blocker_waits")
    assert [notice.to.name for notice in reminders] == ["Marta", "Marta"]
    assert {notice.is_reminder for notice in reminders} == {True}
    answer(company, early, now=morning)
    assert reminders.filter(state="open").count() == 1


def test_a_figure_of_a_unit_needs_enough_answers_and_moves_once_a_week(company):
    def answered(unit, number, on):
        for _n in range(number):
            blocker = ask(company, by="henk", of=unit, now=on)
            Blocker.objects.filter(pk=blocker.pk).update(
                state="answered", answered_at=on, answered_on=on.date(), answer_minutes=60 * (_n + 1)
            )

    answered("设计组", 5, NOW - timedelta(days=10))
    answered("生产中心", 4, NOW - timedelta(days=10))
    assert answer_times(TODAY, least=5) == []  # the four could be told from the whole
    answered("生产中心", 1, NOW)  # of this week: not yet
    assert answer_times(TODAY, least=5) == []
    answered("生产中心", 1, NOW - timedelta(days=7))
    shown = [(one.unit, one.answers, one.median_minutes) for one in answer_times(TODAY, least=5)]
    assert shown == [("生产中心", 5, 120), ("设计组", 5, 180)]


@pytest.mark.parametrize("count", [1, 25])
def test_it_asks_the_same_for_1_and_25(that_day, founded, ada, count):
    with ada.scope:
        for _n in range(count):
            ask(founded)
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 count of the pages, 1 the rows with people
    # and units, 1 how many wait for my unit, 1 the answer times
    assert_page_queries(ada.client, BOARD, 9)


@pytest.mark.parametrize("count", [1, 25])
def test_one_of_them_asks_the_same_with_1_and_25_replies(that_day, founded, ada, count):
    with ada.scope:
        blocker = ask(founded)
        BlockerReply.objects.bulk_create(
            BlockerReply(blocker=blocker, by=founded.ben, text="在查", at=NOW, key=str(n)) for n in range(count)
        )
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 the blocker, 1 whether it is mine to
    # answer, 1 the replies
    assert_page_queries(ada.client, f"{BOARD}{blocker.public_id}/", 8)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_two_connections_is_one(founded):
    key = str(uuid4())

    def send(_n):
        try:
            with use_tenant(1):
                return ask(founded, key=key).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    with use_tenant(1):
        assert Blocker.objects.count() == 1
        assert Notice.objects.filter(kind="goals.team_asked").count() == 1
