"""An administrator closes a period: what is still open is listed first, then nothing in it changes (§1.5)."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from goals import access
from goals.actions import periods as actions
from goals.actions.evidence import _naming_a_record
from goals.actions.goal import StaleVersion
from goals.actions.periods import ensure_period
from goals.actions.publishing import NotReady
from goals.importing.kinds import _unless_closed
from goals.importing.wording import plain_sentence
from goals.models import AdjustmentRequest, ApprovalStep, Closing, Goal, GoalAlert, Period
from perfsys.audit.models import AuditEntry
from perfsys.imports.kinds import JudgedRow
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from tests.conftest import assert_page_queries
from tests.dashboards.conftest import seat
from tests.goals.conftest import NOW

PERIODS = "/t/acme/goal-settings/periods/"
AFTER = datetime(2027, 1, 4, 2, tzinfo=UTC)  # the Monday after the quarter
TODAY = date(2027, 1, 4)


@pytest.fixture
def over(line, founded, ada, time_machine):
    """The quarter is over: three goals are open, a draft lies there, an end waits, a request waits for Marta."""
    time_machine.move_to(AFTER)
    leaf = line[2]
    with ada.scope:
        founded.draft(founded.ada, "台架排期提前一周", parent=line[1])
        Closing.objects.create(goal=leaf, outcome="achieved", result="按期", lesson="早约", proposed_at=NOW)
        GoalAlert.objects.create(goal=leaf, rule="stale", opened_on=date(2026, 12, 1))
        request = AdjustmentRequest.objects.create(
            period=founded.period,
            layer="position",
            owner=founded.ada,
            asked_by=founded.ada,
            reason="客户改期",
            state="sent",
            made_at=NOW,
            sent_at=NOW,
            sent_on=NOW.date(),
        )
        ApprovalStep.objects.create(request=request, position=1, part="manager", approver=founded.marta)
    return founded.period


def of(period, step=""):
    return f"{PERIODS}{period.public_id}/{step}"


def now(person, period):
    with person.scope:
        return Period.objects.get(pk=period.pk)


@pytest.mark.parametrize(
    ("day", "said"), [(date(2026, 9, 30), "还没开始"), (date(2026, 12, 31), "进行中"), (TODAY, "已到期，还没关闭")]
)
def test_the_list_says_where_a_period_stands(founded, anna, time_machine, day, said):
    time_machine.move_to(datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
    assert [one["state"] for one in anna.client.get(PERIODS).context["periods"]] == [said]


def test_what_is_still_open_stands_first_and_then_it_is_closed(over, line, ada, anna, founded):
    listed = anna.client.get(PERIODS).context["periods"]
    assert [(one["title"], one["left"].goals, one["left"].requests) for one in listed] == [("2026Q4", 3, 1)]
    page = anna.client.get(of(over))
    assert [one["number"] for one in page.context["counts"]] == [1, 1, 1, 1, 1, 1]
    assert page.context["goals"][0]["title"] == "突破海外市场"
    assert page.context["unseen"] == 0

    assert anna.client.post(of(over, "close/"), {"version": "7"}).status_code == 409
    assert anna.client.post(of(over, "close/"), {}).status_code == 422
    assert anna.client.post(of(over, "close/"), {"version": over.version}).status_code == 302
    assert anna.client.post(of(over, "close/"), {"version": over.version + 1}).status_code == 409
    with anna.scope:
        assert now(anna, over).state == "closed"
        kept = AuditEntry.objects.get(verb="goals.period_closed")
        assert kept.actor_id == founded.anna.pk and kept.details["left"]["position"] == 1
        assert AdjustmentRequest.objects.get().state == "ended"
        told = Notice.objects.filter(kind="goals.adjustment_period_closed")
        assert {one.to for one in told} == {founded.ada, founded.marta}
        assert not GoalAlert.objects.filter(state="open").exists()
    page = anna.client.get(of(over)).content.decode()
    assert "重新打开周期" in page and "关闭了周期" in page


def test_then_its_goals_are_read_and_changed_by_nobody(over, line, ada, marta, anna, founded):
    leaf = line[2]
    with anna.scope:
        actions.close_period(period=over, version=over.version, actor=founded.anna, now=AFTER)
        draft = Goal.objects.get(status="draft")
    own = f"/t/acme/goals/{leaf.public_id}/"
    page = ada.client.get(own)
    assert page.status_code == 200 and not page.context["form"] and not page.context["close_url"]
    said = {
        f"{own}check-in/": {"key": "k", "value": "50"},
        f"{own}close/": {"outcome": "achieved", "result": "a", "lesson": "b"},
        f"{own}supports/": {"seen": ""},
        f"{own}evidence/": {"key": "k", "type": "document", "number": "D-1"},
        f"/t/acme/goals/{draft.public_id}/edit/weight/": {"weight": "30", "version": "1"},
        f"/t/acme/goals/{draft.public_id}/delete/": {},
    }
    for url, data in said.items():
        answer = ada.client.post(url, data)
        assert answer.status_code == 403 and "2026Q4 已关闭" in answer.content.decode(), url
    assert marta.client.post(f"{own}close/", {"outcome": "achieved", "result": "a", "lesson": "b"}).status_code == 403
    mine = ada.client.get("/t/acme/goals/", {"period": "2026Q4"}).context
    assert not mine["publish_url"] and not mine["table_url"] and mine["drafts"] == 1
    with ada.scope:
        who = Viewer(founded.ada, seat("employee"), TODAY)
        assert not access.drafts_to_write(who, team=False).exists()
        with pytest.raises(NotReady):
            founded.publish(founded.ada, AFTER)
        with pytest.raises(PermissionDenied):
            access.goal_to_keep(who, leaf.public_id)
        Goal.objects.filter(pk=leaf.pk).update(status="published", evidence_number="PRJ-1")
        assert not _naming_a_record(Goal.objects.filter(pk=leaf.pk)).exists()


def test_it_opens_again_with_a_reason_that_is_kept(over, line, ada, anna, founded):
    with anna.scope:
        closed = actions.close_period(period=over, version=over.version, actor=founded.anna, now=AFTER)
        with pytest.raises(actions.PeriodIsClosed):
            actions.close_period(period=over, version=closed.version, actor=founded.anna, now=AFTER)
        with pytest.raises(StaleVersion):
            actions.reopen_period(period=over, version=1, why="x", actor=founded.anna, now=AFTER)
    refused = anna.client.post(of(over, "reopen/"), {"version": closed.version, "why": ""})
    assert refused.status_code == 422 and "要更正什么" in refused.content.decode()
    said = {"version": closed.version, "why": "合格率填错了一位"}
    assert anna.client.post(of(over, "reopen/"), said).status_code == 302
    page = anna.client.get(of(over))
    assert "合格率填错了一位" in page.content.decode() and not page.context["is_closed"]
    own = f"/t/acme/goals/{line[2].public_id}/check-in/"
    assert ada.client.post(own, {"key": "k", "value": "50", "note": "补记"}).status_code == 302
    assert anna.client.post(of(over, "reopen/"), said | {"version": closed.version + 1}).status_code == 409


def test_a_file_changes_nothing_in_it(over, anna, founded):
    rows = [JudgedRow("目标", 2, "accept", [], {"title": "a"})]
    days = (over.starts_on, over.ends_on)
    with anna.scope:
        assert list(_unless_closed(rows, *days)) == rows
        actions.close_period(period=over, version=over.version, actor=founded.anna, now=AFTER)
        (row,) = _unless_closed(rows, *days)
    ((code, words),) = row.reasons
    assert row.action == "reject" and row.values is None
    assert {"2026Q4 已关闭" in plain_sentence(code, words, kind=kind) for kind in ("goals", "check_ins")} == {True}


def test_one_that_runs_is_not_closed(line, founded, anna, that_day):
    assert not anna.client.get(of(founded.period)).context["close_form"].errors
    answer = anna.client.post(of(founded.period, "close/"), {"version": founded.period.version})
    assert answer.status_code == 422 and "周期还没有结束" in answer.content.decode()


@pytest.mark.parametrize("count", [2, 20])
def test_pages_ask_the_same_for_few_and_many(over, anna, founded, count):
    with anna.scope:
        for year in range(2000, 2000 + count):
            ensure_period(starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), actor=None, now=NOW)
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox and 1 gap count of the shell; 1 periods, 3 what is open in them
    assert_page_queries(anna.client, PERIODS, 10)
