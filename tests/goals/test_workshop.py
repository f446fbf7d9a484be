"""The decoding workshop (product.md §2.13): written by several at once, published once, opened by the schedule."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import workshop as actions
from goals.actions.goal import StaleVersion
from goals.models import Alignment, Goal, GoalSettings, Overlap, PositionAction, Proposal, Workshop
from goals.tasks import find_overlaps, open_workshop
from perfsys.audit.models import AuditEntry
from perfsys.common import vectors
from perfsys.jobs.handlers import handler_of
from perfsys.jobs.models import Job
from perfsys.jobs.rhythm import schedules_by_kind
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from tests.conftest import assert_page_queries
from tests.jobs.three_times import run_three_times

from .conftest import NOW, WIDE

SOON = datetime(2026, 12, 15, 0, 10, tzinfo=UTC)  # seventeen days before the next quarter


@pytest.fixture(autouse=True)
def by_words(monkeypatch):
    """The encoder has tests of its own, and takes seconds."""
    monkeypatch.setattr(vectors, "available", lambda: False)


@pytest.fixture
def opened(that_day, founded, ada):
    """Open for the quarter, with one company goal; nobody has proposed anything."""
    with ada.scope:
        founded.draft(None, "突破海外市场")
        return actions.open_workshop(period=founded.period, actor=founded.anna, now=NOW)


def say(company, opened, unit="研发中心", title="海外样件一次合格率 96%", **more):
    told = {"measure": "合格率", "target": Decimal(96), "unit_of_measure": "%", "weight": Decimal(30)} | more
    objective = Goal.objects.get(layer="company")
    words = actions.ProposalWords(title=title, objective=objective, **told)
    key = f"{unit} {title}"
    return actions.propose(workshop=opened, unit=company.units[unit], words=words, key=key, actor=company.wei, now=NOW)


def give(company, proposal, owner, title="首件三方会检"):
    about = {"proposal": proposal, "title": title, "owner": owner, "key": title}
    return actions.add_action(**about, actor=company.wei, now=NOW)


def url(opened, more=""):
    return f"/t/acme/workshops/{opened.public_id}/{more}"


def of(proposal, more=""):
    return f"/t/acme/workshops/proposals/{proposal.public_id}/{more}"


# --- who takes part ---------------------------------------------------------------------------------------------------


def test_heads_and_hr_take_part_and_nobody_else(opened, ada, marta, henk, anna):
    answers = {one.name: one.client.get(url(opened)).status_code for one in (ada, marta, henk, anna)}
    assert answers == {"ada": 403, "marta": 200, "henk": 200, "anna": 200}


def test_a_manager_who_leads_no_unit_finds_nothing(opened, founded, ada, marta):
    with ada.scope:
        post = marta.employee.assignments.get(is_primary=True)
        post.unit = founded.units["研发中心"]  # where the manager leads
        post.save(update_fields=["unit"])
    assert marta.client.get(url(opened)).status_code == 404
    assert marta.client.get("/t/acme/workshops/").status_code == 404


def test_a_head_writes_for_the_own_unit_alone(opened, founded, marta, anna):
    with anna.scope:
        strange, own = say(founded, opened), say(founded, opened, unit="设计组", title="样件周期 20 天")
    assert marta.client.get(of(strange)).context["form"] is None
    assert marta.client.post(of(strange), {"title": "x"}).status_code == 403
    assert marta.client.get(of(own)).context["form"] is not None
    units = marta.client.get(url(opened)).context["form"].fields["unit"].choices
    assert [name for _key, name in units] == ["恒锐/研发中心/设计组"]
    assert anna.client.get(of(strange)).context["form"] is not None


def test_hr_opens_one_for_a_period_and_whoever_takes_part_is_told_once(that_day, founded, anna, marta):
    data = {"period": "2027-01-01/2027-03-31"}
    answer = anna.client.post("/t/acme/workshops/", data)
    with anna.scope:
        made = Workshop.objects.get()
        assert answer.headers["Location"] == url(made)
        told = Notice.objects.filter(kind="goals.workshop_is_open").values_list("to__name", flat=True)
        assert sorted(told) == ["Henk", "Marta", "Wei", "Zoe"]
    assert anna.client.post("/t/acme/workshops/", data).status_code == 422  # it has one
    assert marta.client.post("/t/acme/workshops/", data).status_code == 403


# --- several at once --------------------------------------------------------------------------------------------------


def typed(proposal, **said):
    objective = Goal.objects.get(layer="company").public_id
    return {"key": "x", "objective": objective, "title": proposal.title, "version": proposal.version} | said


def test_the_second_of_two_sees_the_others_words_beside_his_own_and_chooses(opened, founded, anna, henk):
    with anna.scope:
        one = say(founded, opened)
        first, second = typed(one, title="合格率 97%"), typed(one, title="合格率 98%")
    assert anna.client.post(of(one), first).status_code == 302
    answer = henk.client.post(of(one), second)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "合格率 98%" in text and "合格率 97%" in text and "海外样件一次合格率 96%" in text
    again = {field["name"]: field["value"] for field in answer.context["resend"]["fields"]}
    assert henk.client.post(of(one), again).status_code == 302
    with anna.scope:
        assert Proposal.objects.get().title == "合格率 98%"


def test_what_was_taken_out_while_somebody_wrote_is_there_again_with_his_words(opened, founded, anna, henk):
    with anna.scope:
        one = say(founded, opened)
        mine = typed(one, title="我的话")
    assert anna.client.post(of(one, "drop/"), {"version": 1}).status_code == 302
    assert "海外样件" not in anna.client.get(url(opened)).content.decode()
    answer = henk.client.post(of(one), mine)
    assert answer.status_code == 409 and "我的话" in answer.content.decode()
    again = {field["name"]: field["value"] for field in answer.context["resend"]["fields"]}
    henk.client.post(of(one), again)
    assert "我的话" in anna.client.get(url(opened)).content.decode()


def test_an_action_changed_by_two_is_not_lost_either(opened, founded, anna):
    with anna.scope:
        one = give(founded, say(founded, opened), founded.ada)
        actions.edit_action(action=one, version=1, title="首件会检", owner=None, actor=None, now=NOW)
        with pytest.raises(StaleVersion):
            actions.edit_action(action=one, version=1, title="巡检", owner=founded.ben, actor=None, now=NOW)
    path = f"/t/acme/workshops/actions/{one.public_id}/"
    answer = anna.client.post(path, {"key": "x", "title": "巡检", "owner": "Ben", "version": 1})
    assert answer.status_code == 409
    assert "巡检" in answer.content.decode() and "首件会检" in answer.content.decode()


def test_a_form_sent_twice_is_one_proposal_and_one_action(opened, founded, anna):
    with anna.scope:
        one = say(founded, opened)
        assert say(founded, opened) == one
        assert give(founded, one, founded.ada) == give(founded, one, founded.ada)


def test_an_action_is_given_to_somebody_of_the_department(opened, founded, anna):
    with anna.scope:
        one = say(founded, opened)
    answer = anna.client.post(of(one, "actions/"), {"key": "a", "title": "首检", "owner": "Cleo"})
    assert answer.status_code == 422 and "Cleo" in answer.content.decode()
    assert anna.client.post(of(one, "actions/"), {"key": "a", "title": "首检", "owner": "Ada"}).status_code == 302
    with anna.scope:
        assert PositionAction.objects.get().owner == founded.ada


def test_the_page_asks_for_little_while_nothing_changes(opened, founded, anna, marta):
    with anna.scope:
        say(founded, opened)
    seen = marta.client.get(url(opened)).context["mark"]
    with CaptureQueriesContext(connection) as asked:
        assert marta.client.get(url(opened, f"state/?seen={seen}")).status_code == 204
    # 1 session, 1 account, 1 scope and its reset, which in production is COMMIT's, 1 person; 1 the units she leads,
    # 1 workshop, 1 what it shows
    assert len([one for one in asked if one["sql"].startswith("SELECT")]) == 8
    with anna.scope:
        say(founded, opened, unit="生产中心", title="换型时间 32 分钟")
    assert "换型时间 32 分钟" in marta.client.get(url(opened, f"state/?seen={seen}")).content.decode()


# --- gaps and overlaps ------------------------------------------------------------------------------------------------


def test_gaps_are_company_goals_and_departments_without_a_proposal(opened, founded, anna):
    shown = anna.client.get(url(opened)).context
    assert (shown["unsupported"], shown["silent"]) == (["突破海外市场"], ["研发中心"])
    with anna.scope:
        say(founded, opened)
    shown = anna.client.get(url(opened)).context
    assert (shown["unsupported"], shown["silent"]) == ([], [])


def test_what_two_departments_propose_alike_is_found_and_split_with_a_reason(opened, founded, anna):
    with anna.scope:
        say(founded, opened)
        say(founded, opened, unit="生产中心", title="海外样件首次合格率 95%")
        assert Job.objects.filter(kind="goals.overlaps").exists()
        run_three_times(lambda: find_overlaps(payload={}, now=NOW))
        pair = Overlap.objects.get()
    path = f"/t/acme/workshops/overlaps/{pair.public_id}/"
    assert anna.client.post(path, {"note": "", "resolved": "on", "version": 1}).status_code == 422
    said = {"note": "质量看合格率，生产看返工", "resolved": "on", "version": 1}
    assert anna.client.post(path, said).status_code == 302
    assert "质量看合格率" in anna.client.get(url(opened)).content.decode()
    assert anna.client.post(path, said | {"note": "另一种"}).status_code == 409
    with anna.scope:
        other = Proposal.objects.get(unit=founded.units["生产中心"])
        actions.drop_proposal(proposal=other, version=1, actor=None, now=NOW)
        find_overlaps(payload={}, now=NOW)
        assert Overlap.objects.filter(note__startswith="质量").exists()  # what was said stays
    assert anna.client.get(url(opened)).context["overlaps"] == []


def test_a_pair_nobody_has_spoken_of_goes_with_what_made_it(opened, founded, anna):
    with anna.scope:
        say(founded, opened)
        other = say(founded, opened, unit="生产中心", title="海外样件首次合格率 95%")
        find_overlaps(payload={}, now=NOW)
        actions.drop_proposal(proposal=other, version=1, actor=None, now=NOW)
        find_overlaps(payload={}, now=NOW)
        assert not Overlap.objects.exists()


# --- published --------------------------------------------------------------------------------------------------------


def test_it_becomes_drafts_in_line_and_says_what_was_left_out(opened, founded, anna):
    with anna.scope:
        whole, short = say(founded, opened), say(founded, opened, unit="生产中心", title="换型 32 分钟", measure="")
        give(founded, whole, founded.ada)
        give(founded, whole, None, "谁来做还没定")
        give(founded, short, founded.cleo, "快换工装")
    text = anna.client.get(url(opened, "publish/")).content.decode()
    assert "换型 32 分钟”还没有写用什么来衡量" in text and "谁来做还没定”还没有写由谁来做" in text
    assert anna.client.post(url(opened, "publish/")).status_code == 302
    with anna.scope:
        made = Goal.objects.get(layer="dept")
        assert (made.status, made.unit, made.owner, made.weight) == ("draft", whole.unit, founded.wei, 30)
        assert Alignment.objects.get(child=made).parent == Goal.objects.get(layer="company")
        leaf = Goal.objects.get(layer="position")
        assert (leaf.status, leaf.owner, Alignment.objects.get(child=leaf).parent) == ("draft", founded.ada, made)
        told = Notice.objects.filter(kind="goals.workshop_drafts").values_list("to__name", flat=True)
        assert sorted(told) == ["Ada", "Wei"]
        above = made.parents.get().parent
        opened.refresh_from_db()
        assert not opened.is_open
    # A second time makes nothing, and nothing is written any more.
    assert anna.client.post(url(opened, "publish/")).status_code == 302
    answer = anna.client.post(of(whole), {"key": "x", "objective": above.public_id, "title": "再改"})
    assert answer.status_code == 409
    with anna.scope:
        assert Goal.objects.exclude(layer="company").count() == 2
    page = anna.client.get(url(opened))
    assert page.context["form"] is None and f"/goals/{made.public_id}/" in page.content.decode()
    assert "hx-trigger" not in page.content.decode().split('id="workshop"')[1][:300]


def test_two_presses_at_once_are_one(opened, founded, anna):
    with anna.scope:
        say(founded, opened)
        actions.publish_workshop(workshop=opened, actor=None, now=NOW)
        with pytest.raises(actions.WorkshopClosed):
            actions.publish_workshop(workshop=opened, actor=None, now=NOW)
        assert Goal.objects.filter(layer="dept").count() == 1


def test_where_nothing_is_ready_it_stays_open(opened, founded, anna, marta):
    with anna.scope:
        say(founded, opened, weight=None)
    assert anna.client.post(url(opened, "publish/")).status_code == 422
    assert marta.client.post(url(opened, "publish/")).status_code == 403
    with anna.scope:
        opened.refresh_from_db()
        assert opened.is_open


def test_it_is_opened_again_with_a_reason_and_what_is_there_stays(opened, founded, anna, marta):
    with anna.scope:
        give(founded, say(founded, opened), founded.ada)
        actions.publish_workshop(workshop=opened, actor=None, now=NOW)
    assert "reopen/" in anna.client.get(url(opened)).content.decode()
    assert "reopen/" not in marta.client.get(url(opened)).content.decode()
    assert anna.client.post(url(opened, "reopen/"), {"reason": " "}).status_code == 422
    for _twice in range(2):
        assert anna.client.post(url(opened, "reopen/"), {"reason": "生产中心还没到"}).status_code == 302
    with anna.scope:
        said = AuditEntry.objects.filter(verb="goals.workshop_reopened").values_list("details", flat=True)
        assert [one["reason"] for one in said] == ["生产中心还没到"]
        told = Notice.objects.filter(kind="goals.workshop_open_again")
        assert told.exists() and not told.filter(to=founded.anna).exists()
        give(founded, Proposal.objects.get(), founded.ben, "补做过程能力")
        say(founded, opened, title="换型 32 分钟")
    assert "已经是目标" in anna.client.get(url(opened, "publish/")).content.decode()
    assert anna.client.post(url(opened, "publish/")).status_code == 302
    with anna.scope:
        assert Goal.objects.filter(layer="dept").count() == Goal.objects.filter(layer="position").count() == 2
        assert Alignment.objects.get(child__title="补做过程能力").parent.title == "海外样件一次合格率 96%"


def test_it_asks_the_same_for_1_and_12_that_become_goals(opened, founded, anna):
    asked = []
    for number in (1, 12):
        with anna.scope:
            Workshop.objects.update(state="open", closed_at=None)
            for place in range(number):
                give(
                    founded, say(founded, opened, title=f"关键结果 {number}-{place}"), founded.ada, f"{number}-{place}"
                )
        with anna.scope, CaptureQueriesContext(connection) as sent:
            actions.publish_workshop(workshop=opened, actor=None, now=NOW)
        asked.append(len(sent))
    assert asked[1] <= asked[0], asked


# --- the schedule -----------------------------------------------------------------------------------------------------


def test_it_is_declared_to_run_every_day():
    assert handler_of("goals.workshop") is open_workshop
    assert {"goals.workshop"} <= set(schedules_by_kind())


def test_the_next_quarters_opens_once_so_many_days_before(company):
    open_workshop(payload={}, now=SOON - timedelta(days=5))  # 10 December: 22 days before
    assert not Workshop.objects.exists()
    run_three_times(lambda: open_workshop(payload={}, now=SOON))
    made = Workshop.objects.get()
    assert str(made.period.starts_on) == "2027-01-01"
    assert Notice.objects.filter(kind="goals.workshop_is_open", to=company.wei).count() == 1


def test_with_no_days_it_is_opened_by_hand_alone(company):
    GoalSettings.objects.create(workshop_days=0)
    open_workshop(payload={}, now=SOON)
    assert not Workshop.objects.exists()


# --- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_same_for_1_and_12(opened, founded, marta, count):
    with marta.scope:
        for number in range(count):
            one = say(founded, opened, title=f"海外样件合格率 {number}")
            for person in Employee.objects.filter(name__in=["Ada", "Ben"]):
                give(founded, one, person, f"{person.name} 首检")
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 the units she leads, 1 workshop, 1 company
    # goals, 1 proposals, 1 departments, 1 actions, 1 overlaps, 1 the mark, 1 the units she writes for
    assert_page_queries(marta.client, url(opened), 14)


# --- two windows ------------------------------------------------------------------------------------------------------


def test_what_one_writes_appears_in_the_others_window_and_what_is_typed_stays(opened, founded, anna, visit):
    page = visit(anna, url(opened) + "?objective=x#propose", WIDE)
    page.get_by_label("关键结果").first.fill("正在写的话")
    with anna.scope:
        say(founded, opened, unit="生产中心", title="换型时间 32 分钟")
    page.get_by_role("link", name="换型时间 32 分钟").wait_for()
    assert page.get_by_label("关键结果").first.input_value() == "正在写的话"
    assert page.get_by_label("关键结果").first.evaluate("field => field === document.activeElement")
