"""One goal of everything for the sweep over addresses, and who gets which answer from the pages of goals."""

from datetime import date
from typing import Any

from django.utils import timezone

from goals.actions.periods import ensure_period
from goals.models import (
    Alignment,
    AlignmentLabel,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    GoalSet,
    GoalTemplate,
    Milestone,
    Obstacle,
    ObstacleCause,
    SuggestionEntry,
    TemplateGoal,
    TextVector,
)
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
    company.goal_set = GoalSet.objects.create(period=period, layer="position", owner=owner, published_at=now)
    CheckIn.objects.create(goal=goal, note=company.canary, **moment)
    EvidenceItem.objects.create(goal=goal, number=company.canary, **moment)
    visit = System(owner, now, name=f"{company.canary} CRM").bring("V1", title=company.canary, summary=company.canary)
    company.piece = EvidenceItem.objects.create(goal=goal, record=visit, number=company.canary, **moment)
    Comment.objects.create(goal=goal, text=company.canary, **moment)
    company.stage = Milestone.objects.create(goal=goal, title=company.canary, due_on=ENDS_ON)
    company.cause = cause = ObstacleCause.objects.create(name=f"{company.canary} 跨系统数据不通")
    company.obstacle = Obstacle.objects.create(goal=goal, cause=cause)
    company.alert = GoalAlert.objects.create(goal=goal, rule="stale", opened_on=STARTS_ON)
    company.template = template = GoalTemplate.objects.create(name=f"{company.canary} 研发", made_at=now)
    TemplateGoal.objects.create(template=template, title=company.canary)
    TextVector.objects.create(encoder="usem3-1", digest="a" * 32, vector=b"0")
    AlignmentLabel.objects.create(child_text=company.canary, parent_text=company.canary, confirmed_as="a" * 32, at=now)
    company.suggestion = SuggestionEntry.objects.create(code="own-canary", text_zh=company.canary)


def of_goal(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id}


def of_line(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id, "parent_id": company.above.public_id}


def of_record(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id, "piece_id": company.piece.public_id}


def of_stage(company: Company) -> dict[str, Any]:
    return {"public_id": company.stage.public_id}


def of_obstacle(company: Company) -> dict[str, Any]:
    return {"public_id": company.obstacle.public_id}


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
ADMIN_READS = KEEPERS_READ | {"hrbp": 403}
ADMIN_WRITES = ADMIN_READS | {"admin": 302}
# The colleague reads the unit as an executive; the administrator keeps drafts of units and of the company alone.
DRAFT = {"colleague": 403, "hrbp": 403, "admin": 404}
OWNERS_ANSWER = {"owner": 302, "colleague": 404, "manager": 404, "hrbp": 404, "admin": 404}
NO_STAGES = {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}
NO_GOALS = {"goals-TOTAL_FORMS": "0", "goals-INITIAL_FORMS": "0"}


def a_goal(company: Company) -> dict[str, Any]:
    period = {"period": f"{STARTS_ON}/{ENDS_ON}"}
    return {"title": "一次合格率", "kind": "kpi", "version": company.goal.version, **period, **NO_STAGES}


def a_check_in(company: Company) -> dict[str, Any]:
    return {"key": "once", "value": "40", "note": "C 版图纸已会签"}


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


def a_template(company: Company) -> dict[str, Any]:
    return {"name": "产线班组长", "line": "production", "layer": "position", "version": 1, **NO_GOALS}


MATRIX: list[Any] = [
    Row("goals:board"),
    Row("goals:tree"),
    Row("goals:tree_rows"),
    Row("goals:mine"),
    Row("goals:goal", admin=404, args=of_goal),
    # It is a draft: nothing is added to it yet, and the page says so.
    Row("goals:check_in", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_goal, data=a_check_in),
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
    Row("goals:tick", "post", **DRAFT | {"owner": 409, "manager": 409}, args=of_stage),
    Row(
        "goals:obstacle",
        "post",
        **DRAFT | {"owner": 302, "manager": 302, "hrbp": 302},
        args=of_obstacle,
        data=an_obstacle,
    ),
    Row("goals:new"),
    Row("goals:new", "post", **ALL_WRITE, data=a_goal),
    Row("goals:parents"),
    Row("goals:edit", **DRAFT, args=of_goal),
    Row("goals:edit", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal, data=a_goal),
    Row("goals:delete", "post", **DRAFT | {"owner": 302, "manager": 302}, args=of_goal),
    Row("goals:publish"),
    # Nobody but the owner has a goal to publish, and his lacks all it needs.
    Row("goals:publish", "post", owner=422, colleague=422, manager=422, hrbp=422, admin=422),
    Row("goals:agree", **OWNERS_ANSWER | {"owner": 200}, args=of_set),
    Row("goals:agree", "post", **OWNERS_ANSWER, args=of_set),
    Row("goals:refuse", "post", **OWNERS_ANSWER, args=of_set, data=lambda c: {"reason": "没有商量过"}),
    Row("goals:templates"),
    Row("goals:template", args=of_template),
    Row("goals:use_template", "post", **ALL_WRITE, args=of_template),
    Row("goals:new_template", **KEEPERS_READ),
    Row("goals:new_template", "post", **KEEPERS_READ, hrbp=422, admin=302, data=a_template),
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
    Row("goals:drop_template", "post", **ADMIN_WRITES, args=of_template),
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
            "version": 1,
        },
    ),
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
