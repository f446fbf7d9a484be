"""A goal's page (product.md §9, screen 3), what is done on it, and the list of one's own goals."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access, events, progress, trail_forms, writing_forms
from goals.access import Rights
from goals.actions import obstacles, trail
from goals.actions.goal import StaleVersion
from goals.actions.own_progress import ticks_due
from goals.cards import alert_cards, heat_table
from goals.models import (
    Alignment,
    CheckIn,
    Closing,
    Confidence,
    Direction,
    Goal,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Obstacle,
    ObstacleState,
    Period,
    PeriodState,
    Source,
    Status,
)
from goals.queries import bound
from goals.queries import page as queries
from goals.queries.extras import said_of
from goals.queries.figures import Prorated, expectations, prorated, score_of, shown_progress
from goals.queries.heat import heat, weeks_of
from goals.queries.incentives import Promise
from goals.queries.lines import lines_above
from goals.queries.periods import all_periods, period_of
from goals.queries.publishing import goals_of, set_waiting_for, weights_above_100
from goals.wording import brief, cadence, limits_of, plain, value_text, with_unit
from integrations.queries.standing import FigureStanding
from perfsys.audit.verbs import VERBS
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from . import bound as bound_views
from .alignments import match_shown
from .parts import parts_shown
from .pieces import pile_shown
from .proposals import send_url, trails_shown

LISTS = {"mine": "goals:mine", "board": "goals:board"}
CARRY_FOR_OTHERS = (Role.MANAGER, Role.HRBP, Role.ADMIN)
KINDS_OF_NEWS = {
    events.ALERT_CONFIRMED: "info",
    events.GOAL_ADJUSTED: "info",
    events.OBSTACLE_CHANGED: "info",
    events.EVIDENCE_GONE: "info",
    events.ALIGNMENT_CONFIRMED: "info",
}
MOST_WEEKS = 14  # of the heat map: a quarter
CONFIDENCE_KEYS = {Confidence.HIGH: "ok", Confidence.UNSURE: "watch", Confidence.HELP: "talk"}
MOST_CONFIDENCES = 12
FACTS = ("weight", "measure", "days")  # parts told in a line
KIND_NAMES = dict(writing_forms.KINDS)  # the words it was written with


@require_GET
@open_to(*EVERYONE)
def goal(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_read(who, public_id)
    return page(request, who, found, rights)


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def check_in(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Asked for by htmx from a list, the form alone: opened with one tap, saved with the next. ?then= names the list
    to come back to. Without script the goal's page has the same form."""
    who = viewer(request)
    found, rights = access.goal_to_keep(who, public_id)
    about: dict[str, Any] = {
        "goal": found,
        "by_results": queries.has_key_results(found),
        **bound.how_it_is_bound(found, who.on),
    }
    if request.method == "GET":
        if "HX-Request" not in request.headers or not found.is_open:
            return redirect(_url(request, found) + "#check-in")
        return _quick_form(request, found, trail_forms.CheckInForm(**about))
    form = trail_forms.CheckInForm(request.POST, **about)
    if not form.is_valid():
        if request.GET.get("then") in LISTS and "HX-Request" in request.headers:
            return _quick_form(request, found, form, status=422)
        return page(request, who, found, rights, check_in_form=form, status=422)
    try:
        trail.check_in(goal=found, actor=who.employee, now=timezone.now(), **form.said)
    except (trail.GoalNotOpen, trail.FigureIsMeasured):
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Saved. The goals above count with it."))
    return redirect(way_back(request, found))


def way_back(request: TenantRequest, goal: Goal) -> str:
    """The list named by ?then=, where the check-in was begun; else the goal's page."""
    listed = LISTS.get(request.GET.get("then", ""))
    if listed is None:
        return _url(request, goal)
    asked = {"period": goal.period.name} if listed == "goals:mine" else {"goal": str(goal.public_id)}
    return f"{here(request, listed)}?{urlencode(asked)}"


def _quick_form(request: TenantRequest, goal: Goal, form: Form, status: int = 200) -> HttpResponse:
    then = request.GET.get("then", "")
    then = then if then in LISTS else ""
    context = {
        "goal": {"public_id": goal.public_id, "title": goal.title, "unit_name": _unit_name(goal)},
        "form": form,
        "then": then,
        "check_in_url": here(request, "goals:check_in", public_id=goal.public_id) + (f"?then={then}" if then else ""),
        "goal_url": _url(request, goal),
    }
    return render(request, "goals/_quick_check_in.html", context, status=status)


def _unit_name(goal: Goal) -> str:
    return goal.unit_of_measure if goal.goes_on_in_values else ""


@require_POST
@open_to(*EVERYONE)
def evidence(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_keep(who, public_id)
    form = trail_forms.EvidenceForm(request.POST)
    if not form.is_valid():
        return page(request, who, found, rights, evidence_form=form, status=422)
    try:
        trail.add_evidence(goal=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("The evidence stands on the goal now."))
    return redirect(_url(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def tick(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Done, or with `undo` not yet after all. Pressed twice is once."""
    who = viewer(request)
    stage = access.milestone_to_tick(who, public_id)
    if request.method != "POST":
        return redirect(_url(request, stage.goal))
    done = "undo" not in request.POST
    try:
        trail.tick_milestone(milestone=stage, done=done, actor=who.employee, now=timezone.now())
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [], url=_url(request, stage.goal))
    messages.success(request, _("Ticked: %(stage)s") % {"stage": stage.title} if done else _("The tick is taken back."))
    return redirect(_url(request, stage.goal))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def obstacle(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.obstacle_to_work_on(who, public_id)
    if request.method != "POST":
        return redirect(_url(request, found.goal) + "#obstacles")
    form = trail_forms.ObstacleForm(request.POST, of=found)
    if form.is_valid():
        try:
            obstacles.work_on_obstacle(obstacle=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
        except StaleVersion:
            return changed_meanwhile(request, [form], url=_url(request, found.goal))
        except obstacles.NotForThem:
            form.add_error("helper", trail_forms.NOT_FOR_THEM)
    if form.errors:
        read, rights = access.goal_to_read(who, found.goal.public_id)
        return page(request, who, read, rights, obstacle_form=(found.pk, form), status=422)
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
    published = [one for one in listed if not one.is_draft]
    shown, above = expectations(published, who.on), lines_above(who, [one.pk for one in published])
    marks = bound.marks_of(published, who.on)
    drafts = sum(one.is_draft for one in listed)
    is_closed = period is not None and period.state == PeriodState.CLOSED
    of_period = "?" + urlencode({"period": period.name}) if period else ""
    context = {
        "now": timezone.now(),
        "period": period.title if period else "",
        "periods": [
            {"label": one.title, "url": f"?period={one.name}", "current": one == period} for one in periods[:4]
        ],
        "goals": [
            _mine(request, one, None if one.is_draft else shown.of(one), above.get(one.pk, ()), marks.get(one.pk))
            for one in listed
        ],
        "heat": _heat(request, period, published, who.on)
        if period and published and period.starts_on <= who.on
        else None,
        "drafts": drafts,
        "above_100": weights_above_100(listed),
        "adjust_url": here(request, "goals:adjust_set") + of_period,
        "agree_url": _agree_url(request, me, period),
        "publish_url": here(request, "goals:publish") + of_period if drafts and not is_closed else "",
        "new_goal_url": here(request, "goals:new") + of_period,
        "table_url": here(request, "goals:table") if drafts and not is_closed else "",
        "file_url": f"{here(request, 'goals:export')}?whose={access.Reach.OWN}&period={period.name}"
        if period and listed
        else "",
        "carry_url": here(request, "goals:carry") if published or who.has(*CARRY_FOR_OTHERS) else "",
        "kept": _also_kept(request, who),
    }
    return render(request, "goals/mine.html", context)


def _url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:goal", public_id=goal.public_id)


# --- the list ---------------------------------------------------------------------------------------------------------


def _mine(
    request: TenantRequest, goal: Goal, expected: Any, above: Sequence[Goal], mark: bound.Mark | None
) -> dict[str, Any]:
    name = "goals:edit" if goal.is_draft else "goals:goal"
    return {
        "title": goal.title,
        "url": here(request, name, public_id=goal.public_id),
        "path": [{"title": one.title, "url": _url(request, one)} for one in above],
        "kind_name": KIND_NAMES[Kind(goal.kind)],
        "weight": goal.weight,
        "status_name": _status_name(goal),
        "is_draft": goal.is_draft,
        "mark": mark,
        "progress": bound.progress_beside(goal, mark),
        "expected_progress": expected,
        "health": goal.health,
        "updated_at": goal.last_activity_on,
        "check_in_url": _from_list(request, goal, "mine"),
        "tick": {"url": here(request, "goals:did_it", public_id=goal.public_id) + "?then=mine", "key": uuid4()}
        if goal.is_open and goal.kind == Kind.BEHAVIOUR
        else None,
    }


def _heat(request: TenantRequest, period: Period, goals: Sequence[Goal], on: date) -> dict[str, Any]:
    """The weeks of the period up to today."""
    last = min(on, period.ends_on)
    found = heat(goals, last, weeks=weeks_of(period.starts_on, last, most=MOST_WEEKS))
    return heat_table(request, found, _("Check-ins and milestones of each goal, week by week"))


def _from_list(request: TenantRequest, goal: Goal, then: str) -> str:
    if not goal.is_open or goal.kind == Kind.BEHAVIOUR:
        return ""
    return here(request, "goals:check_in", public_id=goal.public_id) + f"?then={then}"


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


def page(
    request: TenantRequest,
    who: Viewer,
    goal: Goal,
    rights: Rights,
    *,
    check_in_form: Form | None = None,
    evidence_form: Form | None = None,
    result_form: tuple[int, Form] | None = None,
    why_form: Form | None = None,
    obstacle_form: tuple[int, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`result_form` and `obstacle_form` are one of several, by id; each holds what was typed and refused."""
    found = queries.goal_page(who, goal, rights)
    is_kept = rights.keeps and goal.is_open
    by_results = any(one.is_standing for one in found.key_results)
    first = next((one.value for one in reversed(found.check_ins) if one.value is not None), None)
    asked = prorated(goal, found.expected.calendar, first)
    measured = bound.measured(found.bindings, who.on)
    good = bound.good_of(found.bindings, measured, who.on).get(goal.pk)
    stands = {one.key_result_id: measured[one.pk].standing for one in found.bindings}
    of_result = {pk: standing.is_held for pk, standing in stands.items()}
    own: dict[str, Any] = {"is_bound": None in of_result, "is_held": of_result.get(None, False)}
    is_waiting = any(of_result.values())
    parts = parts_shown(request, goal, edits=rights.keeps and goal.is_draft, asks=is_kept and bool(who.employee))
    context = {
        "now": timezone.now(),
        "goal": _goal(request, goal, found) | (bound_views.as_sound(goal, good) if good else {}),
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
        "proposals": trails_shown(request, found.proposals),
        "send_proposal_url": send_url(request, goal, rights),
        "obstacles": [_obstacle(request, who, one, rights, obstacle_form) for one in found.obstacles],
        **_promises(request, goal, rights, found.promises),
        "blockers_url": f"{here(request, 'goals:blockers')}?goal={goal.public_id}"
        if rights.reads_obstacles and not who.lacks(Feature.BLOCKERS)
        else "",
        "ask_url": f"{here(request, 'goals:new_blocker')}?goal={goal.public_id}"
        if is_kept and who.employee and not who.lacks(Feature.BLOCKERS)
        else "",
        "trail": found.points,
        "drawn_stages": found.milestones,
        "today": who.on if goal.is_open else None,
        "check_ins": [_check_in(request, one, goal, who, rights) for one in found.check_ins],
        "confidences": _confidences(found.check_ins),
        "key_results": [
            _key_result(
                request, goal, one, stands.get(one.pk), good.results.get(one.pk) if good else None, is_kept, result_form
            )
            for one in found.key_results
            if one.is_standing
        ],
        "retired_results": [
            {"title": one.title, "on": one.retired_on, "now": _result_now(one, one.last_value)}
            for one in found.key_results
            if not one.is_standing
        ],
        "ticks": _ticks(request, who, goal, found.check_ins) if is_kept and goal.kind == Kind.BEHAVIOUR else None,
        "prorated": _asked(goal, asked),
        "score": None if is_waiting else _score(goal, asked),
        "is_waiting": is_waiting,
        "figures": [bound_views.figure_shown(request, one, measured[one.pk], rights) for one in found.bindings],
        "bind_url": here(request, "goals:bind", public_id=goal.public_id)
        if access.may_bind(goal, rights) and goal.kind == Kind.KPI and not own["is_bound"]
        else "",
        "life": [_happening(one) for one in found.life],
        **_end(request, who, goal, rights, found.closing, why_form),
        "history": [_happening(one) for one in found.history],
        "form": check_in_form or trail_forms.CheckInForm(goal=goal, by_results=by_results, **own) if is_kept else None,
        "is_bound": own["is_bound"],
        "check_in_url": here(request, "goals:check_in", public_id=goal.public_id),
        "evidence_form": (evidence_form or trail_forms.EvidenceForm()) if is_kept else None,
        "evidence_url": here(request, "goals:evidence", public_id=goal.public_id),
        "resources_url": here(request, "goals:resources", public_id=goal.public_id)
        if rights.keeps and not goal.is_draft
        else "",
        "parts": parts,
        "facts": [parts[name] for name in FACTS if name in parts],
        "hand_down_url": here(request, "goals:hand_down", public_id=goal.public_id)
        if access.hands_down(who, goal)
        else "",
        "edit_url": here(request, "goals:edit", public_id=goal.public_id) if rights.keeps and goal.is_draft else "",
        "publish_url": _publish_url(request, who, goal) if rights.keeps and goal.is_draft else "",
        "adjust_url": here(request, "goals:adjust", public_id=goal.public_id) if is_kept and who.employee else "",
        "versions_url": here(request, "goals:versions", public_id=goal.public_id),
        "asked": [
            {
                "state": one.state,
                "waits_for": one.waits_for,
                "url": here(request, "goals:request", public_id=one.public_id),
            }
            for one in found.requests
        ],
        "feedback_query": "" if goal.is_draft else _feedback_query(who, goal),
    }
    return render(request, "goals/goal.html", context, status=status)


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
        "status_name": _status_name(goal),
        "is_published": goal.status == Status.PUBLISHED,
        "weight": goal.weight,
        "period_name": goal.period.title,
        "health": goal.health,
        "progress": shown,
        "expected_progress": None if goal.is_draft else expected,
        "pace": points,
        "behind": -points if points else 0,
        "value_text": value_text(goal),
        "unit_name": _unit_name(goal),
        "rollup": goal.rolled_progress if goal.own_progress is not None else None,
        "owner": _owner(request, goal),
        "unit": goal.unit.name if goal.unit else _("The company"),
        "said": said_of([goal])[goal.pk],
        "made_from": _made_from(request, goal),
        "updated_at": goal.last_activity_on,
    }


def _made_from(request: TenantRequest, goal: Goal) -> dict[str, Any] | None:
    """The template it was made from, as it was then; the address of one of the whole company, which anybody reads."""
    made_from = goal.made_from
    if made_from is None:
        return None
    there = made_from.template
    url = here(request, "goals:template_versions", public_id=there.public_id) if there and there.unit_id is None else ""
    newer = there.version if there and there.version > made_from.number else None
    return {"name": made_from.name, "number": made_from.number, "newer": newer, "url": url}


def _status_name(goal: Goal) -> str:
    if goal.is_proposed:
        return _("Proposed")
    return str(goal.get_outcome_display() or goal.get_status_display())


def _owner(request: TenantRequest, goal: Goal) -> dict[str, str] | None:
    if goal.owner is None:
        return None
    return {"name": goal.owner.name, "url": here(request, "people:person", public_id=goal.owner.public_id)}


def _supported(request: TenantRequest, line: Alignment, found: queries.GoalPage) -> dict[str, Any]:
    child = line.child
    return {
        "url": _url(request, child),
        "title": child.title,
        "mark": found.marks.get(child.pk),
        "owner": child.owner,
        "unit": child.unit.name if child.unit else "",
        "contribution": line.contribution,
        "progress": bound.progress_beside(child, found.marks.get(child.pk)),
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
            "planned_on": stage.due_on,
            "done_on": stage.done_on,
            "moved": _moved(stage),
            "done": stage.done_on is not None,
            "now": stage is current,
            "note": _("due, not ticked yet") if stage.done_on is None and stage.due_on < who.on else "",
            "tick_url": here(request, "goals:tick", public_id=stage.public_id) if is_kept else "",
        }
        for stage in stages
    ]


def _moved(stage: Milestone) -> str:
    """How the day it was done compares with the plan."""
    if stage.done_on is None:
        return ""
    days = (stage.done_on - stage.due_on).days
    if days > 0:
        return ngettext("%(days)d day after the plan", "%(days)d days after the plan", days) % {"days": days}
    if days < 0:
        return ngettext("%(days)d day before the plan", "%(days)d days before the plan", -days) % {"days": -days}
    return _("on the planned day")


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


def _obstacle(
    request: TenantRequest, who: Viewer, one: Obstacle, rights: Rights, typed: tuple[int, Form] | None
) -> dict[str, Any]:
    form = None
    if rights.works_on_obstacles or access.helps_with(who, one):
        form = typed[1] if typed and typed[0] == one.pk else trail_forms.ObstacleForm(of=one)
    helped = [one.helper.name] if one.helper else []
    if one.due_on and one.state != ObstacleState.CLEARED:
        helped.append(_("until %(day)s") % {"day": date_format(one.due_on, pgettext("date format", "j F"))})
    return {
        "title": one.cause.name,
        "status_name": one.get_state_display(),
        "note": " · ".join([*helped, *([one.resolution] if one.resolution else [])]),
        "form": form,
        "is_open": bool(typed and typed[0] == one.pk),
        "url": here(request, "goals:obstacle", public_id=one.public_id),
    }


def _promises(request: TenantRequest, goal: Goal, rights: Rights, promises: Sequence[Promise]) -> dict[str, Any]:
    makes = access.may_promise(goal, rights)
    shown = [
        {
            "promise": one.incentive.promise,
            "on": None
            if one.incentive.goal_id == goal.pk
            else {"title": one.incentive.goal.title, "url": _url(request, one.incentive.goal)},
            "quota": one.incentive.quota,
            "left": one.incentive.left,
            "taken": one.incentive.taken,
            "is_ended": one.incentive.ended_at is not None,
            "own": one.own.number if one.own else None,
            "places": [{"number": at.number, "name": at.owner.name, "at": at.completed_at} for at in one.places],
            "end_url": here(request, "goals:end_promise", public_id=one.incentive.public_id)
            if makes and one.incentive.is_open and one.incentive.goal_id == goal.pk
            else "",
        }
        for one in promises
    ]
    return {
        "promises": shown,
        "promise_url": here(request, "goals:promise", public_id=goal.public_id) if makes else "",
    }


def _check_in(request: TenantRequest, one: CheckIn, goal: Goal, who: Viewer, rights: Rights) -> dict[str, Any]:
    result = one.key_result
    is_asked = access.acknowledges(rights) and who.employee_id not in (None, one.author_id)
    return {
        "at": one.at,
        "by": {"name": one.author.name if one.author else ""},
        "about": result.title if result else "",
        "value_text": ""
        if one.value is None
        else with_unit(_said_value(one, goal), result.unit_of_measure if result else goal.unit_of_measure),
        "progress": one.percent,
        "note": one.note,
        "confidence_name": one.get_confidence_display(),
        "automatic": one.source == Source.AUTOMATIC,
        "seen_at": one.acknowledged_at,
        "seen_by": one.acknowledged_by.name if one.acknowledged_by else "",
        "seen_url": here(request, "goals:seen", public_id=one.public_id)
        if is_asked and one.acknowledged_at is None
        else "",
    }


def _said_value(one: CheckIn, goal: Goal) -> str:
    """As it was typed, or in short as the metric has it."""
    if one.value is None or one.source != Source.AUTOMATIC:
        return "" if one.value is None else plain(one.value)
    return brief(one.value, limits_of(goal) if one.key_result is None else ())


def _confidences(check_ins: Sequence[CheckIn]) -> list[dict[str, Any]]:
    """The last words on how sure the owner is, the oldest first."""
    said = [one for one in check_ins if one.confidence][:MOST_CONFIDENCES]
    return [
        {"key": CONFIDENCE_KEYS[Confidence(one.confidence)], "name": one.get_confidence_display(), "at": one.at}
        for one in reversed(said)
    ]


def _key_result(
    request: TenantRequest,
    goal: Goal,
    one: KeyResult,
    standing: FigureStanding | None,
    good: bound.Good | None,
    is_kept: bool,
    typed: tuple[int, Form] | None,
) -> dict[str, Any]:
    """`standing` of the metric its figure comes from; None where people tell it. `good` while that is held."""
    is_held = standing.is_held if standing is not None else None
    form = typed[1] if typed and typed[0] == one.pk else None
    form = form or trail_forms.ResultCheckInForm(of=one, is_bound=is_held is not None, is_held=bool(is_held))
    return {
        "title": one.title,
        "measure": one.measure,
        "unit_name": one.unit_of_measure,
        "from": "" if one.baseline is None else with_unit(plain(one.baseline), one.unit_of_measure),
        "to": with_unit(plain(one.target), one.unit_of_measure),
        "lowers": one.direction == Direction.LOWER,
        "now": _result_now(one, good.value if good else one.last_value),
        "progress": good.progress if good else one.progress,
        "mark": standing,
        "weight": plain(one.weight),
        "form": form if is_kept and is_held is not False else None,
        "bind_url": here(request, "goals:bind", public_id=goal.public_id) + f"?result={one.public_id}"
        if is_kept and is_held is None
        else "",
        "is_open": bool(typed and typed[0] == one.pk),
        "url": here(request, "goals:check_in_result", public_id=one.public_id),
    }


def _result_now(one: KeyResult, value: Decimal | None) -> str:
    return "" if value is None else with_unit(brief(value, limits_of(one)), one.unit_of_measure)


def _ticks(request: TenantRequest, who: Viewer, goal: Goal, check_ins: Sequence[CheckIn]) -> dict[str, Any]:
    """How many of those due, and the last one while its author may take it back."""
    done = queries.ticks_done(goal, check_ins, who.on)
    ticks = [one for one in check_ins if one.is_tick]
    last = next((one for one in ticks if one.author_id == who.employee_id), None) if who.employee_id else None
    may_undo = last is not None and timezone.now() - last.at <= trail.UNDO_WITHIN
    return {
        "done": done,
        "due": ticks_due(goal, who.on) if goal.cadence_times else None,
        "cadence": cadence(goal.cadence_times, goal.cadence_per),
        "delivers": goal.delivers,
        "last_at": ticks[0].at if ticks else None,
        "key": uuid4(),
        "tick_url": here(request, "goals:did_it", public_id=goal.public_id),
        "undo_url": here(request, "goals:undo_tick", public_id=last.public_id) if last and may_undo else "",
    }


def _asked(goal: Goal, asked: Prorated | None) -> dict[str, Any] | None:
    """To how many days the target is prorated, and what it is then."""
    if asked is None:
        return None
    target = "" if asked.target is None else with_unit(plain(asked.target), goal.unit_of_measure)
    return {"there": asked.there, "whole": asked.whole, "target": target}


def _score(goal: Goal, asked: Prorated | None) -> dict[str, Any] | None:
    found = score_of(goal, asked)
    if found is None:
        return None
    return {"points": plain(found.points), "says": found.sentence, "rule_name": goal.get_scoring_display()}


def _end(
    request: TenantRequest, who: Viewer, goal: Goal, rights: Rights, closing: Closing | None, typed: Form | None
) -> dict[str, Any]:
    """How it ended, or what waits to be settled; and who may say so."""
    may_speak = rights.keeps and not goal.is_draft
    settles = may_speak and (closing is not None or not goal.is_open) and access.settles_end(who, goal, rights)
    return {
        "closing": {
            "outcome_name": closing.get_outcome_display(),
            "result": closing.result,
            "lesson": closing.lesson,
            "is_closed": closing.is_closed,
            "by": (closing.closed_by or closing.proposed_by) if closing.is_closed else closing.proposed_by,
            "at": closing.closed_at or closing.proposed_at,
        }
        if closing is not None and closing.is_closed != goal.is_open
        else None,
        "settles": settles,
        "close_url": here(request, "goals:close", public_id=goal.public_id) if may_speak and goal.is_open else "",
        "send_back_url": here(request, "goals:send_back", public_id=goal.public_id) if settles and goal.is_open else "",
        "reopen_url": here(request, "goals:reopen", public_id=goal.public_id)
        if settles and not goal.is_open and goal.period.state != PeriodState.CLOSED
        else "",
        "why_form": (typed or trail_forms.WhyForm()) if settles else None,
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
