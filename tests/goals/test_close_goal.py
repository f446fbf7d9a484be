"""A goal's life from the draft to its end: proposed, closed, sent back, opened again (product.md §2.1)."""

import re
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from goals import access, events
from goals.actions import closing, publishing
from goals.actions.goal import edit_goal
from goals.actions.trail import GoalNotOpen, check_in
from goals.models import Closing, Goal, GoalAlert, GoalSet, Period
from goals.queries.page import _history
from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Notice

from .conftest import NOW, TODAY

pytestmark = pytest.mark.usefixtures("counts_stay_right")

END = {"outcome": "achieved", "result": "3 家客户签认", "lesson": "早一周约台架"}


def url(goal, step=""):
    return f"/t/acme/goals/{goal.public_id}/" + (f"{step}/" if step else "")


def text(person, goal):
    return person.client.get(url(goal)).content.decode()


def told(person):
    return list(Notice.objects.filter(to=person, state="open").values_list("kind", flat=True))


def test_the_owner_says_how_it_ended_and_the_manager_closes_it(line, founded, ada, marta, anna):
    leaf = line[2]
    for _ in range(2):  # a double click says it once
        assert ada.client.post(url(leaf, "close"), END).status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).is_open
        assert told(founded.marta) == ["goals.closing_to_settle"]
        assert AuditEntry.objects.filter(verb=events.CLOSING_PROPOSED).count() == 1
    assert END["lesson"] in text(marta, leaf) and END["lesson"] not in text(anna, leaf)
    form = marta.client.get(url(leaf, "close")).content.decode()
    assert END["result"] in form and END["lesson"] in form
    assert marta.client.post(url(leaf, "close"), END | {"outcome": "missed"}).status_code == 302
    with ada.scope:
        goal = Goal.objects.get(pk=leaf.pk)
        assert (goal.status, goal.outcome, goal.version) == ("closed", "missed", leaf.version + 1)
        said = Closing.objects.get()
        assert (said.proposed_by_id, said.closed_by_id) == (founded.ada.pk, founded.marta.pk)
        assert (told(founded.marta), told(founded.ada)) == ([], ["goals.closing_settled"])
    page = text(anna, leaf)  # everybody reads what was learned, who closed it, and when
    assert END["lesson"] in page and "Marta" in page and 'id="check-in-form"' not in page
    assert ada.client.post(url(leaf, "check-in"), {"key": "k", "note": "补一句"}).status_code == 409
    assert marta.client.post(url(leaf, "close"), END).status_code == 409


def test_the_plan_is_told_before_anything_is_said_and_no_more_once_it_is_over(line, ada, marta):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(own_progress=None, rolled_progress=None)
    plan = re.compile(r'class="sub">\s*(按计划今天应到|还没有可以对照的计划)')
    assert plan.findall(text(ada, leaf)) == ["按计划今天应到"]
    marta.client.post(url(leaf, "close"), END)
    assert plan.findall(text(ada, leaf)) == []


@pytest.mark.parametrize("missing", ["outcome", "result", "lesson"])
def test_closing_asks_for_the_result_and_the_lesson_and_keeps_what_was_typed(line, marta, missing):
    answer = marta.client.post(url(line[2], "close"), END | {missing: " "})
    assert answer.status_code == 422
    kept = (
        (END["result"], END["lesson"])
        if missing == "outcome"
        else (END["result" if missing == "lesson" else "lesson"],)
    )
    assert all(words in answer.content.decode() for words in kept)
    with marta.scope:
        assert Goal.objects.get(pk=line[2].pk).is_open


def test_the_manager_sends_it_back_with_a_reason_and_it_is_said_anew(line, founded, ada, marta):
    leaf = line[2]
    ada.client.post(url(leaf, "close"), END)
    assert marta.client.post(url(leaf, "close/back"), {"why": ""}).status_code == 422
    assert ada.client.post(url(leaf, "close/back"), {"why": "我自己"}).status_code == 403
    assert marta.client.post(url(leaf, "close/back"), {"why": "还差一家签认"}).status_code == 302
    assert marta.client.post(url(leaf, "close/back"), {"why": "还差一家签认"}).status_code == 409
    with ada.scope:
        assert told(founded.ada) == ["goals.closing_not_yet"]
    assert ada.client.post(url(leaf, "close"), END | {"lesson": "签认要留两周"}).status_code == 302
    with ada.scope:
        assert list(Closing.objects.order_by("id").values_list("undone_why", flat=True)) == ["还差一家签认", ""]


def test_it_is_opened_again_as_a_correction_while_the_period_runs(line, founded, ada, marta):
    leaf = line[2]
    marta.client.post(url(leaf, "close"), END)
    assert url(leaf, "reopen") in text(marta, leaf) and url(leaf, "reopen") not in text(ada, leaf)
    assert ada.client.post(url(leaf, "reopen"), {"why": "想改"}).status_code == 403
    assert marta.client.post(url(leaf, "reopen"), {"why": " "}).status_code == 422
    assert marta.client.post(url(leaf, "reopen"), {"why": "点错了"}).status_code == 302
    with ada.scope:
        goal = Goal.objects.get(pk=leaf.pk)
        assert (goal.is_open, goal.outcome, goal.closed_at) == (True, "", None)
        assert "goals.opened_again" in told(founded.ada)
    marta.client.post(url(leaf, "close"), END)
    with ada.scope:
        Period.objects.update(state="closed")
    assert url(leaf, "reopen") not in text(marta, leaf)
    refused = marta.client.post(url(leaf, "reopen"), {"why": "点错了"})
    assert refused.status_code == 403 and "2026Q4 已关闭" in refused.content.decode()


def test_a_weight_that_counts_again_is_said_and_holds_back_drafts(line, founded, ada, marta):
    leaf = line[2]
    marta.client.post(url(leaf, "close"), END | {"outcome": "cancelled"})
    with ada.scope:
        founded.draft(founded.ada, "密封失效分析模板", parent=line[1], weight=40)
        founded.draft(founded.ada, "台架标定", parent=line[1], weight=60)
        founded.publish(founded.ada)
        founded.draft(founded.ada, "寿命试验", parent=line[1], weight=0)
    answer = marta.client.post(url(leaf, "reopen"), {"why": "点错了"}, follow=True)
    assert "权重合计是 200%" in answer.content.decode()
    assert "权重合计是 200%" in ada.client.get("/t/acme/goals/").content.decode()
    with ada.scope, pytest.raises(publishing.NotReady, match="200"):
        founded.publish(founded.ada)


def test_who_has_no_manager_closes_his_own_and_colleagues_never_do(company, line, ada, henk):
    goal = company.draft(company.zoe, "海外渠道", parent=line[1])
    company.publish(company.zoe)
    goal = Goal.objects.get(pk=goal.pk)

    class Who:
        on, employee, employee_id = TODAY, company.zoe, company.zoe.pk
        seat = SimpleNamespace(membership_id=0, roles=frozenset())

        @staticmethod
        def has(*roles):
            return False

    assert access.goal_to_end(Who(), goal.public_id)[2] is True
    Who.employee, Who.employee_id = company.cleo, company.cleo.pk
    with pytest.raises(PermissionDenied):
        access.goal_to_end(Who(), goal.public_id)


def test_a_cancelled_goal_carries_nothing_and_its_reminders_end(company, line):
    _top, middle, leaf = line
    check_in(goal=leaf, actor=company.ada, now=NOW, percent=80)
    GoalAlert.objects.create(goal=leaf, rule="deviating", opened_on=TODAY)
    closing.close_goal(goal=leaf, actor=company.marta, now=NOW, **END | {"outcome": "cancelled"})
    assert Goal.objects.get(pk=middle.pk).rolled_progress is None
    assert GoalAlert.objects.get().state == "ended"
    with pytest.raises(GoalNotOpen):
        check_in(goal=leaf, actor=company.ada, now=NOW, percent=90)


def test_one_end_stands_at_a_time_and_says_something(company, line):
    closing.propose_closing(goal=line[2], actor=company.ada, now=NOW, **END)
    for broken in (END, END | {"lesson": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Closing.objects.create(goal=line[2], closed_at=NOW, **broken)


def test_drafts_are_proposed_to_the_manager_and_published_as_agreed(line, founded, ada, marta):
    with ada.scope:
        middle = line[1]
        Goal.objects.filter(pk=line[2].pk).update(weight=40)
        draft = founded.draft(founded.ada, "密封失效分析模板", parent=middle, weight=60)
    propose = f"/t/acme/goals/propose/?period={founded.period.name}"
    assert "/t/acme/goals/propose/" in ada.client.get("/t/acme/goals/publish/").content.decode()
    for _ in range(2):
        assert ada.client.post(propose).status_code == 302
    with ada.scope:
        goal = Goal.objects.get(pk=draft.pk)
        assert (goal.is_draft, goal.is_proposed, told(founded.marta)) == (True, True, ["goals.set_to_publish"])
    marta.client.post(f"/t/acme/goals/publish/?owner={founded.ada.public_id}&period={founded.period.name}")
    with ada.scope:
        assert Goal.objects.get(pk=draft.pk).is_open
        assert GoalSet.objects.get(owner=founded.ada).acknowledged_at is not None  # they are the owner's own words
        assert told(founded.marta) == []
    page = text(ada, draft)
    assert "Marta" in page and "Ada" in page  # who drafted, proposed and published it


def test_a_proposal_that_somebody_changed_is_asked_about(company, line):
    Goal.objects.filter(pk=line[2].pk).update(weight=40)
    draft = company.draft(company.ada, "密封失效分析模板", parent=line[1], weight=60)
    place = company.place(company.ada)
    assert publishing.propose_set(place=place, period=company.period, actor=company.ada, now=NOW) == 1
    draft.refresh_from_db()
    words = company.words("密封失效分析模板 12 份", parent=line[1], weight=60, new_causes=["跨系统数据不通"])
    edit_goal(goal=draft, version=draft.version, words=words, actor=company.marta, now=NOW)
    publishing.publish_set(place=place, period=company.period, actor=company.marta, now=NOW)
    assert GoalSet.objects.get(owner=company.ada).acknowledged_at is None
    assert told(company.ada) == ["goals.set_to_answer"]


def test_a_goal_that_came_from_a_file_tells_its_days_without_names(company, line, ada):
    leaf = line[2]
    made = Goal.objects.create(
        number="GW-9",
        period=company.period,
        layer="position",
        title="导入的目标",
        owner=company.ada,
        starts_on=leaf.starts_on,
        due_on=leaf.due_on,
        made_at=NOW,
        status="closed",
        outcome="missed",
        published_at=NOW,
        published_on=TODAY,
        closed_at=NOW,
    )
    _latest, life = _history(made, access.Rights(), [], [])
    assert [(one.verb, one.name) for one in life] == [("goals.published", ""), ("goals.closed", "")]
