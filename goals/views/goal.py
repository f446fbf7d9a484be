"""A goal's page (product.md §9, screen 3), what is done on it, and the list of one's own goals."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goals import access, events, progress, trail_forms, writing_forms
from goals.access import Rights
from goals.actions import obstacles, trail
from goals.actions.goal import StaleVersion
from goals.cards import alert_cards
from goals.models import (
    Alignment,
    CheckIn,
    Goal,
    Kind,
    Layer,
    Milestone,
    Obstacle,
    Period,
    Source,
    Status,
)
from goals.queries import page as queries
from goals.queries.figures import expectations, shown_progress
from goals.queries.periods import all_periods, period_of
from goals.queries.publishing import goals_of, set_waiting_for
from goals.wording import plain, value_text, with_unit
from perfsys.audit.verbs import VERBS
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .alignments import match_shown
from .pieces import pile_shown

KINDS_OF_NEWS = {
    events.ALERT_CONFIRMED: "info",
    events.OBSTACLE_CHANGED: "info",
    events.EVIDENCE_GONE: "info",
    events.ALIGNMENT_CONFIRMED: "info",
}
KIND_NAMES = dict(writing_forms.KINDS)  # the words it was written with


@require_GET
@open_to(*EVERYONE)
def goal(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_read(who, public_id)
    return _page(request, who, found, rights)


@require_POST
@open_to(*EVERYONE)
def check_in(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_keep(who, public_id)
    form = trail_forms.CheckInForm(request.POST, goal=found)
    if not form.is_valid():
        return _page(request, who, found, rights, check_in_form=form, status=422)
    try:
        trail.check_in(goal=found, actor=who.employee, now=timezone.now(), **form.said)
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Saved. The goals above count with it."))
    return redirect(_url(request, found))


@require_POST
@open_to(*EVERYONE)
def evidence(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_keep(who, public_id)
    form = trail_forms.EvidenceForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, rights, evidence_form=form, status=422)
    try:
        trail.add_evidence(goal=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("The evidence stands on the goal now."))
    return redirect(_url(request, found))


@require_POST
@open_to(*EVERYONE)
def tick(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Done, or with `undo` not yet after all. Pressed twice is once."""
    who = viewer(request)
    stage = access.milestone_to_tick(who, public_id)
    done = "undo" not in request.POST
    try:
        trail.tick_milestone(milestone=stage, done=done, actor=who.employee, now=timezone.now())
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [], url=_url(request, stage.goal))
    messages.success(request, _("Ticked: %(stage)s") % {"stage": stage.title} if done else _("The tick is taken back."))
    return redirect(_url(request, stage.goal))


@require_POST
@open_to(*EVERYONE)
def obstacle(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.obstacle_to_work_on(who, public_id)
    form = trail_forms.ObstacleForm(request.POST, of=found)
    if not form.is_valid():
        read, rights = access.goal_to_read(who, found.goal.public_id)
        return _page(request, who, read, rights, obstacle_form=(found.pk, form), status=422)
    try:
        obstacles.work_on_obstacle(obstacle=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except StaleVersion:
        return changed_meanwhile(request, [form], url=_url(request, found.goal))
    messages.success(request, _("Noted. The owner sees it on the goal."))
    return redirect(_url(request, found.goal))


@require_GET
@open_to(Role.EMPLOYEE)
def mine(request: TenantRequest) -> HttpResponse:
    """My goals of a period, drafts and published ones, and what they still wait for."""
    who, me = viewer(request), person(request)
    periods = all_periods()
    period = period_of(periods, who.on, request.GET.get("period", ""))
    listed = list(goals_of(layer=Layer.POSITION, period=period, owner=me).order_by("-weight", "pk")) if period else []
    shown = expectations([one for one in listed if not one.is_draft], who.on)
    drafts = sum(one.is_draft for one in listed)
    context = {
        "now": timezone.now(),
        "period": period,
        "periods": [
            {"label": one.title, "url": f"?period={one.name}", "current": one == period} for one in periods[:4]
        ],
        "goals": [_mine(request, one, None if one.is_draft else shown.of(one)) for one in listed],
        "drafts": drafts,
        "agree_url": _agree_url(request, me, period),
        "publish_url": here(request, "goals:publish") if drafts else "",
        "new_goal_url": here(request, "goals:new"),
        "kept": _also_kept(request, who),
    }
    return render(request, "goals/mine.html", context)


def _url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:goal", public_id=goal.public_id)


# --- the list ---------------------------------------------------------------------------------------------------------


def _mine(request: TenantRequest, goal: Goal, expected: Any) -> dict[str, Any]:
    name = "goals:edit" if goal.is_draft else "goals:goal"
    return {
        "title": goal.title,
        "url": here(request, name, public_id=goal.public_id),
        "kind_name": KIND_NAMES[Kind(goal.kind)],
        "weight": goal.weight,
        "status_name": goal.get_status_display(),
        "is_draft": goal.is_draft,
        "progress": shown_progress(goal),
        "expected_progress": expected,
        "health": goal.health,
        "updated_at": goal.last_activity_on,
    }


def _agree_url(request: TenantRequest, me: Employee, period: Period | None) -> str:
    found = set_waiting_for(me, period)
    return here(request, "goals:agree", public_id=found.public_id) if found else ""


def _also_kept(request: TenantRequest, who: Viewer) -> list[dict[str, str]]:
    publish = here(request, "goals:publish")
    found = [
        {"name": unit.name, "url": f"{publish}?unit={unit.public_id}"} for unit in access.units_led(who).order_by("pk")
    ]
    if access.may_write_for_company(who):
        found.append({"name": _("The company"), "url": f"{publish}?layer={Layer.COMPANY}"})
    return found


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(
    request: TenantRequest,
    who: Viewer,
    goal: Goal,
    rights: Rights,
    *,
    check_in_form: Form | None = None,
    evidence_form: Form | None = None,
    obstacle_form: tuple[int, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = queries.goal_page(who, goal, rights)
    is_kept = rights.keeps and goal.is_open
    context = {
        "now": timezone.now(),
        "goal": _goal(request, goal, found),
        "goals_url": here(request, "goals:board"),
        "lines": [match_shown(request, goal, line, rights) for line in found.supports],
        "supports_url": here(request, "goals:supports", public_id=goal.public_id)
        if goal.layer != Layer.COMPANY
        else "",
        "path": [{"title": above.title, "url": _url(request, above)} for above in found.above],
        "supported": [_supported(request, line, found) for line in found.lines],
        "supported_count": found.carried_by,
        "board_url": f"{here(request, 'goals:board')}?goal={goal.public_id}",
        "alerts": alert_cards(request, who, found.alerts, keeps=rights.keeps),
        "milestones": _milestones(request, who, found.milestones, is_kept=is_kept),
        "named": _named(goal),
        "evidence": [pile_shown(request, goal, pile) for pile in found.evidence],
        "all_evidence_url": here(request, "goals:all_evidence", public_id=goal.public_id),
        "obstacles": [_obstacle(request, one, rights, obstacle_form) for one in found.obstacles],
        "trail": found.points,
        "check_ins": [_check_in(one, goal) for one in found.check_ins],
        "history": [_happening(one) for one in found.history],
        "form": (check_in_form or trail_forms.CheckInForm(goal=goal)) if is_kept else None,
        "check_in_url": here(request, "goals:check_in", public_id=goal.public_id),
        "evidence_form": (evidence_form or trail_forms.EvidenceForm()) if is_kept else None,
        "evidence_url": here(request, "goals:evidence", public_id=goal.public_id),
        "resources_url": here(request, "goals:resources", public_id=goal.public_id)
        if rights.keeps and not goal.is_draft
        else "",
        "edit_url": here(request, "goals:edit", public_id=goal.public_id) if rights.keeps and goal.is_draft else "",
        "publish_url": _publish_url(request, who, goal) if rights.keeps and goal.is_draft else "",
        "feedback_query": "" if goal.is_draft else _feedback_query(who, goal),
    }
    return render(request, "goals/goal.html", context, status=status)


def _supports_url(request: TenantRequest, goal: Goal) -> str:
    """The company's goals support nothing."""
    return here(request, "goals:supports", public_id=goal.public_id) if goal.layer != Layer.COMPANY else ""


def _feedback_query(who: Viewer, goal: Goal) -> str:
    """With which the composer begins: with this goal as the fact, for its owner."""
    receiver = f"&to={goal.owner.public_id}" if goal.owner and goal.owner_id != who.employee_id else ""
    return f"?goal={goal.public_id}{receiver}"


def _goal(request: TenantRequest, goal: Goal, found: queries.GoalPage) -> dict[str, Any]:
    shown, expected = shown_progress(goal), found.expected.of(goal)
    points = None if shown is None or not goal.is_open else round(progress.pace(shown, expected))
    return {
        "public_id": goal.public_id,
        "number": goal.shown_number,
        "title": goal.title,
        "layer_name": goal.get_layer_display(),
        "kind_name": KIND_NAMES[Kind(goal.kind)],
        "status_name": goal.get_outcome_display() or goal.get_status_display(),
        "is_published": goal.status == Status.PUBLISHED,
        "weight": goal.weight,
        "period_name": goal.period.title,
        "health": goal.health,
        "progress": shown,
        "expected_progress": None if goal.is_draft else expected,
        "pace": points,
        "behind": -points if points else 0,
        "value_text": value_text(goal),
        "unit_name": goal.unit_of_measure if goal.goes_on_in_values else "",
        "rollup": goal.rolled_progress if goal.own_progress is not None else None,
        "owner": _owner(request, goal),
        "unit": goal.unit.name if goal.unit else _("The company"),
        "measure": goal.measure,
        "delivers": goal.delivers,
        "starts_on": goal.starts_on,
        "due_on": goal.due_on,
        "updated_at": goal.last_activity_on,
    }


def _owner(request: TenantRequest, goal: Goal) -> dict[str, str] | None:
    if goal.owner is None:
        return None
    return {"name": goal.owner.name, "url": here(request, "people:person", public_id=goal.owner.public_id)}


def _supported(request: TenantRequest, line: Alignment, found: queries.GoalPage) -> dict[str, Any]:
    child = line.child
    return {
        "url": _url(request, child),
        "title": child.title,
        "owner": child.owner,
        "unit": child.unit.name if child.unit else "",
        "contribution": line.contribution,
        "progress": shown_progress(child),
        "expected_progress": None if child.is_draft else found.expected.of(child),
        "health": child.health,
    }


def _milestones(
    request: TenantRequest, who: Viewer, stages: Sequence[Milestone], *, is_kept: bool
) -> list[dict[str, Any]]:
    """The first that is not done is the one at hand."""
    current = next((stage for stage in stages if stage.done_on is None), None)
    return [
        {
            "title": stage.title,
            "on": stage.done_on or stage.due_on,
            "done": stage.done_on is not None,
            "now": stage is current,
            "note": _("due, not ticked yet") if stage.done_on is None and stage.due_on < who.on else "",
            "tick_url": here(request, "goals:tick", public_id=stage.public_id) if is_kept else "",
        }
        for stage in stages
    ]


def _named(goal: Goal) -> dict[str, Any] | None:
    """What the owner named when the goal was written: where its evidence will be found."""
    if not goal.evidence_type:
        return None
    return {
        "source": goal.evidence_label or goal.get_evidence_type_display(),
        "reference": goal.evidence_number or goal.evidence_plan,
        "says": _("Named when the goal was written"),
        "at": goal.published_on,
    }


def _obstacle(request: TenantRequest, one: Obstacle, rights: Rights, typed: tuple[int, Form] | None) -> dict[str, Any]:
    form = None
    if rights.works_on_obstacles:
        form = typed[1] if typed and typed[0] == one.pk else trail_forms.ObstacleForm(of=one)
    helped = [one.helper.name] if one.helper else []
    return {
        "title": one.cause.name,
        "status_name": one.get_state_display(),
        "note": " · ".join([*helped, *([one.resolution] if one.resolution else [])]),
        "form": form,
        "is_open": bool(typed and typed[0] == one.pk),
        "url": here(request, "goals:obstacle", public_id=one.public_id),
    }


def _check_in(one: CheckIn, goal: Goal) -> dict[str, Any]:
    return {
        "at": one.at,
        "by": {"name": one.author.name if one.author else ""},
        "value_text": "" if one.value is None else with_unit(plain(one.value), goal.unit_of_measure),
        "progress": one.percent,
        "note": one.note,
        "confidence_name": one.get_confidence_display(),
        "automatic": one.source == Source.AUTOMATIC,
    }


def _happening(one: queries.Happening) -> dict[str, Any]:
    return {
        "at": one.at,
        "by": {"name": one.name} if one.name else None,
        "what": one.text or VERBS[one.verb],
        "kind": "talk" if one.text else KINDS_OF_NEWS.get(one.verb, ""),
    }


def _publish_url(request: TenantRequest, who: Viewer, goal: Goal) -> str:
    publish = here(request, "goals:publish")
    if goal.layer == Layer.COMPANY:
        return f"{publish}?layer={Layer.COMPANY}"
    if goal.layer == Layer.DEPARTMENT and goal.unit:
        return f"{publish}?unit={goal.unit.public_id}"
    is_own = goal.owner_id == who.employee_id
    return publish if is_own or goal.owner is None else f"{publish}?owner={goal.owner.public_id}"
