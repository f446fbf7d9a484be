"""The decoding workshop (product.md §2.13): one live page for executives, HR and whoever leads a unit."""

from collections.abc import Set
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access
from goals.actions import workshop as actions
from goals.actions.goal import StaleVersion
from goals.actions.periods import ensure_period
from goals.models import Goal, Overlap, PositionAction, Proposal, Workshop
from goals.queries import workshop as queries
from goals.queries.writing import spans_to_write_in
from goals.wording import plain, with_unit
from goals.workshop_forms import (
    OpenForm,
    OverlapForm,
    PositionActionForm,
    ProposalForm,
    ReopenForm,
    initial_of_action,
    initial_of_overlap,
    initial_of_proposal,
)
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.people.models import Employee
from perfsys.people.queries import members_of, units_under
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

TAKE_PART = (Role.ADMIN, Role.HRBP, Role.EXECUTIVE, Role.MANAGER)
PER_PAGE = 25
SUGGESTED = 200  # names to choose from while one types


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*TAKE_PART)
def workshops(request: TenantRequest) -> HttpResponse:
    """The latest period first; HR opens one for a period that has none."""
    who = viewer(request)
    found = access.workshops_to_read(who)
    keeps = access.keeps_workshops(who)
    if request.method == "POST" and not keeps:
        raise PermissionDenied
    form = None
    if keeps:
        taken = {(one.starts_on, one.ends_on) for one in (workshop.period for workshop in found)}
        spans = [one for one in spans_to_write_in(who.on) if (one.starts_on, one.ends_on) not in taken]
        form = OpenForm(request.POST if request.method == "POST" else None, spans=spans) if spans else None
    if request.method == "POST" and form is not None and form.is_valid():
        now, span = timezone.now(), form.span
        period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
        made = actions.open_workshop(period=period, actor=who.employee, now=now)
        messages.success(request, _("Open. Everybody who takes part is told."))
        return redirect(_url(request, made))
    page = Paginator(queries.listed(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "workshops": [
            {
                "title": one.period.title,
                "url": _url(request, one),
                "is_open": one.is_open,
                "state": one.get_state_display(),
                "opened_at": one.opened_at,
                "proposed": one.proposed,
            }
            for one in page.object_list
        ],
        "page": page,
        "form": form,
        "keeps": keeps,
    }
    return render(request, "goals/workshops.html", context, status=422 if form and form.errors else 200)


@require_GET
@open_to(*TAKE_PART)
def workshop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The live page. `?objective=` is the company goal a proposal is begun for."""
    who = viewer(request)
    return _page(request, who, access.workshop_to_read(who, public_id))


@require_GET
@open_to(*TAKE_PART)
def state(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What the page asks for every few seconds; 204 where nothing has changed since `?seen=`."""
    who = viewer(request)
    found = access.workshop_to_read(who, public_id)
    if queries.mark_of(found) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "goals/_workshop.html", _live(request, who, found))


@require_POST
@open_to(*TAKE_PART)
def propose(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.workshop_to_read(who, public_id)
    units = list(access.units_to_propose_for(who))
    if not units:
        raise PermissionDenied
    form = ProposalForm(request.POST, objectives=list(queries.objectives_of(found)), units=units)
    if not form.is_valid():
        return _page(request, who, found, form=form, status=422)
    try:
        made = actions.propose(
            workshop=found,
            unit=form.cleaned_data["unit"],
            words=form.words(),
            key=form.cleaned_data["key"],
            actor=who.employee,
            now=timezone.now(),
        )
    except actions.WorkshopClosed:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Proposed. Name who does what for it."))
    return redirect(_proposal_url(request, made))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*TAKE_PART)
def proposal(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One proposal with its actions; a form for whoever writes for its department."""
    who = viewer(request)
    found, writes = access.proposal_to_read(who, public_id)
    if request.method != "POST":
        return _proposal_page(request, who, found, writes)
    if not writes:
        raise PermissionDenied
    form = _proposal_form(found, request.POST)
    if not form.is_valid():
        return _proposal_page(request, who, found, writes, form=form, status=422)
    version = form.cleaned_data["version"] or 0
    try:
        actions.edit_proposal(
            proposal=found, version=version, words=form.words(), actor=who.employee, now=timezone.now()
        )
    except StaleVersion:
        changes = queries.changed_meanwhile_in(found, version, queries.COLUMNS)
        return changed_meanwhile(request, [form], url=request.path, version=found.version, changes=changes, of=found)
    except actions.WorkshopClosed:
        return changed_meanwhile(request, [form], url=request.path)
    messages.success(request, _("Saved."))
    return redirect(_url(request, found.workshop))


@require_POST
@open_to(*TAKE_PART)
def drop_proposal(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.proposal_to_write(who, public_id)
    try:
        actions.drop_proposal(proposal=found, version=_version_in(request), actor=who.employee, now=timezone.now())
    except (StaleVersion, actions.WorkshopClosed):
        return changed_meanwhile(request, [], url=_proposal_url(request, found))
    messages.success(request, _("Taken out. Its page brings it back, if need be."))
    return redirect(_url(request, found.workshop))


@require_POST
@open_to(*TAKE_PART)
def add_action(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.proposal_to_write(who, public_id)
    form = PositionActionForm(request.POST, people=_people(found, who))
    if not form.is_valid():
        return _proposal_page(request, who, found, True, action_form=form, status=422)
    said = form.cleaned_data
    try:
        actions.add_action(
            proposal=found,
            title=said["title"],
            owner=said["owner"],
            key=said["key"],
            actor=who.employee,
            now=timezone.now(),
        )
    except actions.WorkshopClosed:
        return changed_meanwhile(request, [form], url=_proposal_url(request, found))
    messages.success(request, _("Added."))
    return redirect(_proposal_url(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*TAKE_PART)
def position_action(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Change an action; with `drop` it is taken out."""
    who = viewer(request)
    found = access.position_action_to_write(who, public_id)
    data = request.POST if request.method == "POST" else None
    people = _people(found.proposal, who)
    form = PositionActionForm(data, people=people, initial=initial_of_action(found))
    back = _proposal_url(request, found.proposal)
    if request.method == "POST" and form.is_valid():
        said, version = form.cleaned_data, form.cleaned_data["version"] or 0
        try:
            actions.edit_action(
                action=found,
                version=version,
                title=said["title"],
                owner=said["owner"],
                drop="drop" in request.POST,
                actor=who.employee,
                now=timezone.now(),
            )
        except StaleVersion:
            changes = queries.changed_meanwhile_in(found, version, queries.ACTION_COLUMNS)
            return changed_meanwhile(
                request, [form], url=request.path, version=found.version, changes=changes, of=found
            )
        except actions.WorkshopClosed:
            return changed_meanwhile(request, [form], url=back)
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {
        "form": form,
        "people": people[:SUGGESTED],
        "proposal": {"title": found.proposal.title, "url": back},
        "workshop_url": _url(request, found.proposal.workshop),
        "is_dropped": found.dropped_at is not None,
    }
    return render(request, "goals/position_action.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*TAKE_PART)
def overlap(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Two proposals side by side, and how the departments split it."""
    who = viewer(request)
    found, settles = access.overlap_to_read(who, public_id)
    if request.method == "POST" and not settles:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = OverlapForm(data, initial=initial_of_overlap(found))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.settle_overlap(
                overlap=found,
                version=said["version"],
                note=said["note"],
                resolved=said["resolved"],
                actor=who.employee,
                now=timezone.now(),
            )
        except StaleVersion:
            changes = queries.changed_meanwhile_in(found, said["version"], queries.OVERLAP_COLUMNS)
            return changed_meanwhile(
                request, [form], url=request.path, version=found.version, changes=changes, of=found
            )
        except actions.WorkshopClosed:
            return changed_meanwhile(request, [form], url=_url(request, found.workshop))
        messages.success(request, _("Saved."))
        return redirect(_url(request, found.workshop))
    context = {
        "pair": [
            _card(request, one) | {"objective": one.objective.title if one.objective else ""}
            for one in (found.one, found.other)
        ],
        "note": found.note,
        "said_by": found.said_by.name if found.said_by else "",
        "is_settled": found.resolved_at is not None,
        "form": form if settles and found.workshop.is_open else None,
        "workshop_url": _url(request, found.workshop),
    }
    return render(request, "goals/overlap.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.ADMIN, Role.HRBP)
def publish(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What becomes of each proposal, and what one still lacks; by POST the goals. Pressed twice is once."""
    who = viewer(request)
    found = access.workshop_to_publish(who, public_id)
    status = 200
    if request.method == "POST":
        try:
            done = actions.publish_workshop(workshop=found, actor=who.employee, now=timezone.now())
        except actions.NothingReady:
            status = 422
        except actions.WorkshopClosed:
            return redirect(_url(request, found))
        else:
            messages.success(
                request, _("%(number)d drafts are there. Their owners are told.") % {"number": len(done.goals)}
            )
            return redirect(_url(request, found))
    if not found.is_open:
        return redirect(_url(request, found))
    lines = queries.outcome_of(found, who.on)
    context = {
        "workshop": {"title": found.period.title, "url": _url(request, found)},
        "lines": [
            {
                **_card(request, line.proposal),
                "head": line.head.name if line.head else "",
                "lacks": line.lacks,
                "steps": [
                    {
                        "title": step.action.title,
                        "owner": _name(step.action.owner),
                        "lacks": step.lacks,
                        "has_goal": step.action.goal_id is not None,
                    }
                    for step in line.steps
                ],
            }
            for line in lines
        ],
        "ready": sum(line.is_new for line in lines),
        "steps": sum(len(line.new_steps) for line in lines),
        "left_out": sum(not line.is_ready for line in lines)
        + sum(bool(step.lacks) for line in lines for step in line.steps),
    }
    return render(request, "goals/workshop_publish.html", context, status=status)


@require_POST
@open_to(Role.ADMIN, Role.HRBP)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """By who may turn it into goals. Pressed twice is once."""
    who = viewer(request)
    found = access.workshop_to_publish(who, public_id)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, reopening=form, status=422)
    reason = form.cleaned_data["reason"].strip()
    actions.reopen_workshop(workshop=found, reason=reason, actor=who.employee, now=timezone.now())
    messages.success(request, _("Open again. Everybody who takes part is told."))
    return redirect(_url(request, found))


# --- pages ------------------------------------------------------------------------------------------------------------


def _page(
    request: TenantRequest,
    who: Viewer,
    found: Workshop,
    *,
    form: ProposalForm | None = None,
    reopening: ReopenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    live = _live(request, who, found)
    keeps = access.keeps_workshops(who)
    if form is None and found.is_open:
        units = list(access.units_to_propose_for(who))
        asked = {"objective": request.GET.get("objective", "")}
        form = ProposalForm(objectives=live["page"].objectives, units=units, initial=asked) if units else None
    context = live | {
        "workshop": {"title": found.period.title, "is_open": found.is_open, "closed_at": found.closed_at},
        "now": timezone.now(),
        "form": form,
        "is_begun": bool(form and (form.errors or "objective" in request.GET)),
        "propose_url": here(request, "goals:propose_result", public_id=found.public_id),
        "publish_url": here(request, "goals:publish_workshop", public_id=found.public_id) if keeps else "",
        "reopening": (reopening or ReopenForm(auto_id="reopen-%s")) if keeps and not found.is_open else None,
        "reopen_url": here(request, "goals:reopen_workshop", public_id=found.public_id),
        "workshops_url": here(request, "goals:workshops"),
    }
    return render(request, "goals/workshop.html", context, status=status)


def _live(request: TenantRequest, who: Viewer, found: Workshop) -> dict[str, Any]:
    """Context of goals/_workshop.html."""
    page = queries.page_of(found, who.on)
    made = [one.goal for one in page.proposals if one.goal]
    made += [one.goal for actions_of in page.actions.values() for one in actions_of if one.goal]
    opens = access.readable_of(who, made)
    rows = [_objective(request, found, page, one, opens) for one in page.objectives]
    if left := page.for_objective(None):
        cards = [_card_with_actions(request, page, one, opens) for one in left]
        rows.append({"key": "gone", "title": _("Goals that are no longer there"), "cards": cards, "is_gone": True})
    return {
        "page": page,
        "mark": queries.mark_of(found),
        "state_url": here(request, "goals:workshop_state", public_id=found.public_id),
        "is_open": found.is_open,
        "objectives": rows,
        "unsupported": [one.title for one in page.unsupported],
        "silent": [one.name for one in page.silent],
        "overlaps": [_overlap_row(request, one) for one in page.overlaps],
        "company_url": here(request, "goals:new") + "?layer=company" if access.may_write_for_company(who) else "",
    }


def _objective(
    request: TenantRequest, found: Workshop, page: queries.Page, one: Goal, opens: Set[int]
) -> dict[str, Any]:
    return {
        "key": str(one.public_id),
        "title": one.title,
        "measure": one.measure,
        "target": _figure(one.target, one.unit_of_measure),
        "is_draft": one.is_draft,
        "is_gone": False,
        "cards": [_card_with_actions(request, page, card, opens) for card in page.for_objective(one)],
        "begin_url": f"{_url(request, found)}?objective={one.public_id}#propose" if found.is_open else "",
    }


def _card_with_actions(request: TenantRequest, page: queries.Page, one: Proposal, opens: Set[int]) -> dict[str, Any]:
    acts = page.actions.get(one.pk, [])
    return _card(request, one, opens) | {"actions": [_action_row(request, act, opens) for act in acts]}


def _card(request: TenantRequest, one: Proposal, opens: Set[int] = frozenset()) -> dict[str, Any]:
    return {
        "key": str(one.public_id),
        "url": _proposal_url(request, one),
        "unit": one.unit.name,
        "title": one.title,
        "measure": one.measure,
        "target": _figure(one.target, one.unit_of_measure),
        "weight": "" if one.weight is None else plain(one.weight),
        "goal_url": _goal_url(request, one.goal, opens),
        "has_goal": one.goal_id is not None,
    }


def _action_row(request: TenantRequest, one: PositionAction, opens: Set[int]) -> dict[str, Any]:
    return {
        "title": one.title,
        "owner": _name(one.owner),
        "url": here(request, "goals:position_action", public_id=one.public_id),
        "goal_url": _goal_url(request, one.goal, opens),
    }


def _overlap_row(request: TenantRequest, one: Overlap) -> dict[str, Any]:
    return {
        "key": str(one.public_id),
        "url": here(request, "goals:overlap", public_id=one.public_id),
        "one": {"title": one.one.title, "unit": one.one.unit.name},
        "other": {"title": one.other.title, "unit": one.other.unit.name},
        "note": one.note,
        "said_by": _name(one.said_by),
        "is_settled": one.resolved_at is not None,
    }


def _proposal_page(
    request: TenantRequest,
    who: Viewer,
    found: Proposal,
    writes: bool,
    *,
    form: ProposalForm | None = None,
    action_form: PositionActionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    writes = writes and found.workshop.is_open
    acts = queries.actions_of(found)
    made = [goal for goal in (found.goal, *(one.goal for one in acts)) if goal]
    opens = access.readable_of(who, made)
    people = _people(found, who)
    context = {
        "now": timezone.now(),
        "proposal": _card(request, found, opens) | {"objective": found.objective.title if found.objective else ""},
        "is_dropped": found.dropped_at is not None,
        "written_by": _name(found.written_by),
        "written_at": found.written_at,
        "version": found.version,
        "actions": [_action_row(request, one, opens) for one in acts],
        "writes": writes,
        "form": (form or _proposal_form(found)) if writes else None,
        "action_form": (action_form or PositionActionForm(people=people, auto_id="action-%s")) if writes else None,
        "people": people[:SUGGESTED] if writes else [],
        "add_url": here(request, "goals:add_action", public_id=found.public_id),
        "drop_url": here(request, "goals:drop_proposal", public_id=found.public_id),
        "workshop_url": _url(request, found.workshop),
        "workshop_title": found.workshop.period.title,
    }
    return render(request, "goals/proposal.html", context, status=status)


def _proposal_form(found: Proposal, data: Any = None) -> ProposalForm:
    objectives = list(queries.objectives_of(found.workshop))
    return ProposalForm(data, objectives=objectives, units=None, initial=initial_of_proposal(found))


def _people(found: Proposal, who: Viewer) -> Any:
    """Those of the department, whom an action can be given to."""
    members = members_of(list(units_under(found.unit, who.on)), who.on)
    return members.filter(status=Employee.Status.ACTIVE)


def _version_in(request: TenantRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _figure(value: Any, unit: str) -> str:
    return "" if value is None else with_unit(plain(value), unit)


def _name(person: Employee | None) -> str:
    return person.name if person else ""


def _url(request: TenantRequest, found: Workshop) -> str:
    return here(request, "goals:workshop", public_id=found.public_id)


def _proposal_url(request: TenantRequest, one: Proposal) -> str:
    return here(request, "goals:proposal", public_id=one.public_id)


def _goal_url(request: TenantRequest, goal: Goal | None, opens: Set[int]) -> str:
    return here(request, "goals:goal", public_id=goal.public_id) if goal and goal.pk in opens else ""
