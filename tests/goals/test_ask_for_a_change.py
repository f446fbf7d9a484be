"""Asking to change published goals, and the answers (product.md §2.9): the actions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from goals.actions import adjusting as actions
from goals.actions import closing, trail
from goals.actions.adjusting import Wanted
from goals.actions.imported_check_ins import retell
from goals.actions.settings import change_adjustment_settings
from goals.actions.standing import write_standing
from goals.models import (
    AdjustmentLine,
    AdjustmentRequest,
    ApprovalStep,
    CheckIn,
    Goal,
    GoalEvent,
    Milestone,
    Outcome,
    PeriodState,
    Status,
)
from goals.queries.adjusting import Whose, mark_of, months_counted
from goals.tasks import send_adjustments
from perfsys.audit.models import AuditEntry
from perfsys.jobs.handlers import handler_of
from perfsys.jobs.rhythm import schedules_by_kind
from perfsys.notices.models import Notice
from perfsys.people.actions import organisation
from perfsys.people.models import Employee
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY

DAY = timedelta(days=1)
LATER = NOW + 8 * DAY  # 10 November: the window of the month is over


@pytest.fixture
def pair(company):
    """Ada's published goals: new customers 40 %, repeat purchases 60 %, below one of 研发中心. Marta manages her, Henk
    is the HR partner."""
    top = company.draft(None, "突破海外市场")
    company.publish(None)
    middle = company.draft(company.units["研发中心"], "三款低噪音轴承定型", parent=top)
    company.publish(company.units["研发中心"])
    for title, weight in (("新客户", 40), ("复购", 60)):
        company.draft(
            company.ada, title, parent=middle, weight=Decimal(weight), baseline=Decimal(0), target=Decimal(100)
        )
    company.publish(company.ada)
    return list(Goal.objects.filter(owner=company.ada).order_by("pk"))


def whose(person):
    return Whose("position", person)


def ask(company, *wanted, reason="客户改了排期", now=NOW, actor=None, of=None):
    person = of or company.ada
    return actions.ask(
        whose=whose(person),
        period=company.period,
        wanted=[Wanted(*one) for one in wanted],
        reason=reason,
        actor=actor or person,
        now=now,
    )


def swap(pair, first=25, second=75):
    return (pair[0], "weight", Decimal(first)), (pair[1], "weight", Decimal(second))


def approve(request, actor, **more):
    goals = [line.goal for line in AdjustmentLine.objects.filter(request=request).select_related("goal")]
    return actions.approve(request=request, seen=mark_of(goals), actor=actor, now=NOW + DAY, **more)


def asked(request):
    steps = ApprovalStep.objects.filter(request=request).order_by("position")
    return list(steps.values_list("approver__name", "instead"))


def told(kind, state="open"):
    found = Notice.objects.filter(kind=f"goals.adjustment_{kind}", state=state)
    return sorted(found.values_list("to__name", flat=True))


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_a_draft_that_went_out_meanwhile_is_not_rewritten(company, pair, monkeypatch):
    sent = ask(company, *swap(pair))
    monkeypatch.setattr(actions, "draft_of", lambda *_args, **_more: sent)  # as another window still sees it
    other = actions.keep_draft(
        whose=whose(company.ada),
        period=company.period,
        wanted=[Wanted(pair[0], "target", Decimal(99))],
        reason="另一个窗口",
        actor=company.ada,
        now=NOW,
    )
    assert other != sent and other.state == "draft"
    assert (fresh(sent).state, fresh(sent).reason, fresh(sent).version) == ("sent", sent.reason, sent.version)
    assert list(AdjustmentLine.objects.filter(request=sent).values_list("field", flat=True)) == ["weight", "weight"]


def test_the_managers_yes_changes_the_goals_and_keeps_the_version(company, pair):
    request = ask(company, *swap(pair))
    assert (request.state, request.sent_on, asked(request)) == ("sent", TODAY, [("Marta", "")])
    assert told("to_answer") == ["Marta"]
    approve(request, company.marta, note="同意")
    assert [goal.weight for goal in Goal.objects.filter(owner=company.ada).order_by("pk")] == [25, 75]
    assert (fresh(request).state, fresh(request).answer_hours) == ("approved", Decimal("8.00"))
    assert (told("to_answer"), told("to_answer", "done"), told("agreed")) == ([], ["Marta"], ["Ada"])
    entry = AuditEntry.objects.get(verb="goals.adjusted", subject_id=pair[0].pk)
    changed = {"version": pair[0].version + 1, "request": request.pk, "changed": {"weight": ["40", "25"]}}
    assert (entry.actor_name, entry.details) == ("Marta", changed)
    assert GoalEvent.objects.filter(pgh_obj=pair[0].pk, version=pair[0].version + 1, weight=25).exists()


def test_a_new_target_tells_progress_and_the_goals_above_anew(company, pair):
    trail.check_in(goal=pair[0], actor=company.ada, now=NOW - DAY, value=Decimal(40))
    request = ask(company, (pair[0], "target", Decimal(95)))
    approve(request, company.marta)
    goal = fresh(pair[0])
    assert (goal.target, round(goal.own_progress, 2), goal.health) == (95, Decimal("42.11"), "adjusted")
    middle = Goal.objects.get(layer="dept")
    assert middle.rolled_progress == round(goal.own_progress * 40 / 100, 6)
    trail.check_in(goal=goal, actor=company.ada, now=NOW + 3 * DAY, value=Decimal(50))
    assert fresh(goal).health != "adjusted"  # it has moved on


def test_an_imported_line_does_not_bring_the_percent_of_the_old_target_back(company, pair):
    trail.check_in(goal=pair[0], actor=company.ada, now=NOW - DAY, value=Decimal(40))
    approve(ask(company, (pair[0], "target", Decimal(80))), company.marta)
    approve(AdjustmentRequest.objects.get(), company.henk)
    CheckIn.objects.create(goal=pair[0], at=NOW - 5 * DAY, local_on=TODAY - 5 * DAY, percent=7, source="import")
    retell([pair[0].pk], TODAY + DAY)
    assert fresh(pair[0]).own_progress == 50
    CheckIn.objects.create(goal=pair[0], at=NOW + DAY, local_on=TODAY + DAY, percent=7, source="import")
    retell([pair[0].pk], TODAY + DAY)
    assert fresh(pair[0]).own_progress == 7  # said later, and in percent


def test_another_day_tells_what_is_prorated_anew(company, pair):
    company.ada.spans.create(kind="long_leave", starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 1))
    trail.check_in(goal=pair[0], actor=company.ada, now=NOW - DAY, value=Decimal(40))
    assert fresh(pair[0]).own_progress > 50  # a third of the days is left out, so less is asked for
    approve(ask(company, (pair[0], "due_on", date(2026, 11, 30))), company.marta)
    assert (fresh(pair[0]).own_progress, fresh(pair[0]).away) == (40, [])


def test_the_word_adjusted_lasts_as_long_as_an_answer_keeps_quiet(company, pair):
    approve(ask(company, (pair[0], "target", Decimal(95))), company.marta)
    for days, lasts in ((28, True), (29, False)):  # decided on the day after
        write_standing(TODAY + days * DAY, goal_ids=[pair[0].pk])
        assert (fresh(pair[0]).health == "adjusted") is lasts


def test_no_ends_it_with_the_reason(company, pair):
    request = ask(company, (pair[0], "due_on", date(2026, 12, 20)))
    actions.refuse(request=request, reason="展会在 12 月初", actor=company.marta, now=NOW + DAY)
    assert (fresh(request).state, fresh(pair[0]).due_on) == ("refused", date(2026, 12, 31))
    notice = Notice.objects.get(kind="goals.adjustment_not_agreed")
    assert notice.to == company.ada and "展会在 12 月初" in notice.sentence
    with pytest.raises(actions.AlreadyDecided):
        approve(request, company.marta)


@pytest.mark.parametrize(
    ("field", "new", "because"),
    [
        ("target", Decimal(80), ["eased"]),
        ("due_on", date(2027, 1, 15), ["late"]),
    ],
)
def test_a_condition_asks_the_hr_partner_after_the_manager(company, pair, field, new, because):
    request = ask(company, (pair[0], field, new))
    assert asked(request) == [("Marta", ""), ("Henk", "")]
    assert request.steps.get(position=2).because == because
    with pytest.raises(actions.NotYourTurn):
        approve(request, company.henk)
    assert approve(request, company.marta).state == "sent"
    assert (told("to_answer"), told("to_answer", "done")) == (["Henk"], ["Marta"])
    assert getattr(fresh(pair[0]), field) == getattr(pair[0], field)
    assert approve(request, company.henk).state == "approved"
    assert getattr(fresh(pair[0]), field) == new


def test_who_is_asked_was_settled_when_it_was_sent(company, pair):
    request = ask(company, (pair[0], "target", Decimal(80)))
    change_adjustment_settings(version=1, eased_asks="", actor=None, now=NOW)
    organisation.change_manager(employee=company.ada, manager=company.wei, on=TODAY, actor=None, now=NOW)
    assert asked(request) == [("Marta", ""), ("Henk", "")]
    assert asked(ask(company, (pair[1], "target", Decimal(80)))) == [("Wei", "")]
    assert told("to_answer") == ["Marta", "Wei"]
    run_three_times(send_adjustments, payload={}, now=NOW + DAY)  # the parts stay, who has them is of today
    assert asked(request) == [("Wei", ""), ("Henk", "")]
    assert list(request.steps.order_by("position").values_list("because", flat=True)) == [[], ["eased"]]
    assert (told("to_answer"), told("to_answer", "done")) == (["Wei", "Wei"], ["Marta"])
    assert AuditEntry.objects.filter(verb="goals.adjustment_handed_on").count() == 1


def test_an_answer_that_was_given_stays_and_an_absent_partner_is_replaced(company, pair):
    request = ask(company, (pair[0], "target", Decimal(80)))
    approve(request, company.marta)
    Employee.objects.filter(pk=company.henk.pk).update(status="left")
    send_adjustments(payload={}, now=NOW + DAY)
    assert asked(request) == [("Marta", ""), ("Wei", "no_partner")]
    approve(request, company.wei)
    assert fresh(pair[0]).target == 80


def test_a_manager_who_asks_is_answered_from_above(company, pair):
    request = ask(company, (pair[0], "target", Decimal(98)), actor=company.marta)
    assert asked(request) == [("Wei", "asks")] and not request.is_employees
    approve(request, company.wei)
    assert told("agreed") == ["Ada", "Marta"]


def test_a_team_is_one_request_and_each_owner_adds_up_alone(company, pair):
    company.draft(company.ben, "样件", parent=Goal.objects.get(layer="dept"), weight=Decimal(100), target=Decimal(9))
    company.publish(company.ben)
    bens = Goal.objects.get(owner=company.ben)
    about = {"whose": Whose("position", is_team=True), "period": company.period, "actor": company.marta, "now": NOW}
    wanted = [Wanted(*one) for one in (*swap(pair), (bens, "target", Decimal(10)))]
    request = actions.ask(wanted=wanted, reason="团队换重点", **about)
    assert asked(request) == [("Wei", "asks")]
    approve(request, company.wei)
    assert (fresh(bens).target, fresh(pair[0]).weight) == (10, 25)
    with pytest.raises(actions.NotReady, match="90"):
        actions.ask(wanted=[Wanted(fresh(bens), "weight", Decimal(90))], reason="不行", **about)


def test_closing_a_goal_ends_what_is_asked_about_it_and_tells_both_sides(company, pair):
    request = ask(company, (pair[0], "target", Decimal(95)))
    closing.close_goal(goal=pair[0], outcome="missed", result="2 家", lesson="早约", actor=company.wei, now=NOW)
    assert (fresh(request).state, told("to_answer"), told("over")) == ("ended", [], ["Ada", "Marta"])
    assert "新客户" in Notice.objects.filter(kind="goals.adjustment_over").first().sentence
    assert not AdjustmentLine.objects.filter(is_open=True).exists()
    with pytest.raises(actions.AlreadyDecided):
        approve(request, company.marta)


def test_a_teams_request_loses_the_closed_goal_alone(company, pair):
    company.draft(company.ben, "样件", parent=Goal.objects.get(layer="dept"), weight=Decimal(100), target=Decimal(9))
    company.publish(company.ben)
    bens = Goal.objects.get(owner=company.ben)
    request = actions.ask(
        whose=Whose("position", is_team=True),
        period=company.period,
        wanted=[Wanted(*one) for one in (*swap(pair), (pair[1], "target", Decimal(99)), (bens, "target", Decimal(10)))],
        reason="团队换重点",
        actor=company.marta,
        now=NOW,
    )
    closing.close_goal(goal=pair[0], outcome="missed", result="2 家", lesson="早约", actor=company.marta, now=NOW)
    left = AdjustmentLine.objects.filter(request=request).order_by("pk").values_list("goal", "field")
    assert list(left) == [(pair[1].pk, "target"), (bens.pk, "target")]  # its weight made room for the other's
    assert (fresh(request).state, told("to_answer"), told("without")) == ("sent", ["Wei"], ["Ada", "Wei"])
    approve(request, company.wei)
    assert fresh(bens).target == 10


def problems(refused):
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_each_refusal_names_its_field_and_sends_nothing(company, pair):
    Goal.objects.filter(pk=pair[1].pk).update(is_core=True)
    with pytest.raises(actions.NotReady) as refused:
        ask(company, *swap(pair), (pair[0], "due_on", date(2026, 9, 1)), reason="")
    assert sorted(problems(refused)) == [
        ("core_weight", "weight"),
        ("due_before_start", "due_on"),
        ("reason_missing", ""),
    ]
    assert not AdjustmentRequest.objects.exists() and not Notice.objects.filter(kind__contains="adjust").exists()


def test_of_the_stages_those_that_wait_hold_the_last_day(company, pair):
    due = pair[0].due_on
    Milestone.objects.create(goal=pair[0], title="到样", due_on=due, done_on=due - 9 * DAY)
    Milestone.objects.create(goal=pair[0], title="验收", due_on=due - 5 * DAY)
    with pytest.raises(actions.NotReady) as refused:
        ask(company, (pair[0], "due_on", due - 6 * DAY))
    assert problems(refused) == [("due_before_stage", "due_on")]
    ask(company, (pair[0], "due_on", due - 5 * DAY))


def test_a_closed_goal_and_a_closed_period_stay_as_they_are(company, pair):
    Goal.objects.filter(pk=pair[0].pk).update(status=Status.CLOSED, outcome=Outcome.ACHIEVED, closed_at=NOW)
    with pytest.raises(actions.NotReady) as refused:
        ask(company, (fresh(pair[0]), "target", Decimal(90)))
    assert problems(refused) == [("goal_closed", "target")]
    company.period.state = PeriodState.CLOSED
    company.period.save(update_fields=["state"])
    with pytest.raises(actions.NotReady) as refused:
        ask(company, (pair[1], "target", Decimal(90)))
    assert problems(refused) == [("period_closed", "")]


def test_a_goal_and_field_stand_in_one_open_request(company, pair):
    first = ask(company, (pair[0], "target", Decimal(95)))
    with pytest.raises(actions.NotReady) as refused:
        ask(company, (pair[0], "target", Decimal(90)), actor=company.marta)
    assert problems(refused) == [("asked_already", "target")]
    line = AdjustmentLine.objects.get(request=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        other = actions.keep_draft(
            whose=whose(company.ada), period=company.period, wanted=[], reason="", actor=company.marta, now=NOW
        )
        AdjustmentLine.objects.create(
            request=other, goal=line.goal, goal_version=1, field="target", new_number=1, is_open=True
        )
    actions.withdraw(request=first, actor=company.ada, now=NOW)
    assert (told("to_answer"), told("to_answer", "done")) == ([], ["Marta"])
    assert ask(company, (pair[0], "target", Decimal(90)), actor=company.marta).state == "sent"


# --- what changes in between ------------------------------------------------------------------------------------------


def test_an_approver_who_saw_an_older_goal_looks_again_first(company, pair):
    request = ask(company, (pair[0], "target", Decimal(95)))
    seen = mark_of([pair[0]])
    Goal.objects.filter(pk=pair[0].pk).update(target=120, version=pair[0].version + 1)
    with pytest.raises(actions.GoalsMoved):
        actions.approve(request=request, seen=seen, actor=company.marta, now=NOW)
    assert fresh(pair[0]).target == 120
    approve(request, company.marta)  # having seen it
    assert fresh(pair[0]).target == 95


def test_weights_that_no_longer_add_up_are_not_applied(company, pair):
    request = ask(company, *swap(pair))
    other = company.draft(company.ada, "新目标", weight=Decimal(20))
    Goal.objects.filter(pk=other.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
    with pytest.raises(actions.NotReady, match="120"):
        approve(request, company.marta)
    assert (fresh(pair[0]).weight, fresh(request).state) == (40, "sent")


# --- the window -------------------------------------------------------------------------------------------------------


def test_outside_the_window_it_waits_and_goes_out_when_the_window_opens(company, pair):
    request = ask(company, *swap(pair), now=LATER)
    assert (request.state, request.waits_for, asked(request)) == ("waiting", date(2026, 12, 1), [])
    send_adjustments(payload={}, now=NOW + 28 * DAY)  # 30 November
    assert fresh(request).state == "waiting"
    state = run_three_times(send_adjustments, payload={}, now=NOW + 29 * DAY)
    assert len([row for row in state["notices.Notice"] if "adjustment_to_answer" in row]) == 1
    assert (fresh(request).state, told("to_answer"), told("went_out")) == ("sent", ["Marta"], ["Ada"])


def test_targets_do_not_wait(company, pair):
    assert ask(company, (pair[0], "target", Decimal(95)), now=LATER).state == "sent"


def test_a_server_that_was_down_over_the_window_sends_it_late_and_once(company, pair):
    request = ask(company, *swap(pair), now=LATER)
    run_three_times(send_adjustments, payload={}, now=NOW + 45 * DAY)  # 17 December, the window long over
    assert fresh(request).state == "sent" and told("to_answer") == ["Marta"]


def test_what_no_longer_holds_comes_back_as_a_draft_with_the_reason(company, pair):
    request = ask(company, *swap(pair), now=LATER)
    Goal.objects.filter(pk=pair[0].pk).update(is_core=True, version=9)
    run_three_times(send_adjustments, payload={}, now=NOW + 29 * DAY)
    assert fresh(request).state == "draft" and not AdjustmentLine.objects.filter(is_open=True).exists()
    assert "新客户" in Notice.objects.get(kind="goals.adjustment_not_sent").sentence
    assert told("to_answer") == []


def test_it_is_declared_to_run_every_day_and_collapses():
    assert handler_of("goals.adjustments") is send_adjustments
    assert schedules_by_kind()["goals.adjustments"].missed.policy == "collapse"


# --- counts -----------------------------------------------------------------------------------------------------------


def test_what_owners_asked_for_is_counted_with_the_median_of_the_answers(company, pair):
    people = Employee.objects.filter(pk__in=[company.ada.pk, company.ben.pk])
    approve(ask(company, *swap(pair)), company.marta)  # eight hours
    second = ask(company, (pair[1], "target", Decimal(95)))
    actions.refuse(request=second, reason="再看看", actor=company.marta, now=NOW)
    ask(company, (pair[0], "target", Decimal(95)))  # no answer yet
    ask(company, (pair[0], "due_on", date(2026, 12, 20)), actor=company.marta)  # not the owner's
    (month,) = months_counted(people, on=TODAY)
    assert (month.on, month.asked, month.answered, month.hours) == (date(2026, 11, 1), 3, 2, Decimal("4.00"))
    assert months_counted(people.filter(pk=company.ben.pk), on=TODAY) == []
