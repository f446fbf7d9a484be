"""Proposals and their trail of three steps (product.md §5.5): sent on a goal, proved step by step, withdrawn."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from goals import access
from goals.access import Rights
from goals.actions import proposal as actions
from goals.actions.goal import StaleVersion
from goals.actions.trail import GoalNotOpen
from goals.models import Goal, ImprovementProposal
from goals.proposal_forms import ProofForm, ProposalForm, WithdrawForm, initial_of
from goals.queries import proposals as queries
from integrations.models import ProposalStep
from perfsys.common.kept import changed_meanwhile
from perfsys.common.proofs import HELD, given_out_of
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def send(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    goal, _rights = access.goal_to_keep(who, public_id)
    url = here(request, "goals:goal", public_id=goal.public_id)
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ProposalForm(*typed, step=ProposalStep.SUBMISSION, today=who.on)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.send_proposal(
                goal=goal,
                title=said["title"],
                number=said["own_number"],
                proof=form.proof,
                key=said["key"],
                actor=who.employee,
                now=timezone.now(),
            )
        except GoalNotOpen:
            return changed_meanwhile(request, [form], url=url)
        messages.success(request, _("Sent. It counts as evidence once its two further steps are proved."))
        return redirect(_url(request, made))
    context = {
        "form": form,
        "goal": {"title": goal.title, "url": url},
        "back_url": url,
        "title": _("Send a proposal"),
        "says": _("This is its first step, the submission. Verification data and the benefit calculation follow."),
        "button": _("Send it"),
    }
    return render(request, "goals/proposal_form.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(*EVERYONE)
def sent(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found, rights = access.sent_proposal_to_read(viewer(request), public_id)
    return _page(request, found, rights)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def prove(request: TenantRequest, public_id: UUID, step: str) -> HttpResponse:
    """The proof of a step, or a correction of it."""
    if step not in ProposalStep.values:
        raise Http404
    who = viewer(request)
    found = access.sent_proposal_to_keep(who, public_id)
    asked = ProposalStep(step)
    standing = next(one for one in queries.trail_of(found).steps if one.step == asked)
    form = ProofForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        step=asked,
        today=who.on,
        standing=standing.record,
        file_name=standing.file_name,
        initial=initial_of(standing) | {"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            kept = actions.prove_step(
                proposal=found,
                version=said["version"] or 0,
                step=asked,
                proof=form.proof,
                key=said["key"],
                actor=who.employee,
                now=timezone.now(),
            )
        except (GoalNotOpen, StaleVersion, actions.AlreadyWithdrawn):
            return changed_meanwhile(request, [form], url=_url(request, found))
        words = _("Kept. All three steps are proved: it counts as evidence.") if kept.counts else _("Kept.")
        messages.success(request, words)
        return redirect(_url(request, found))
    context = {
        "form": form,
        "goal": {"title": found.goal.title, "url": here(request, "goals:goal", public_id=found.goal.public_id)},
        "back_url": _url(request, found),
        "title": asked.label,
        "says": found.title,
        "button": _("Correct it") if standing.is_proved else _("Keep it"),
    }
    return render(request, "goals/proposal_form.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(*EVERYONE)
def file(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Given out as a download alone, to whoever may read the goal."""
    found = access.proof_file_to_open(viewer(request), public_id)
    return given_out_of(found.file, found.file_name)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.sent_proposal_to_keep(who, public_id)
    if request.method != "POST":
        return redirect(_url(request, found))
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, *access.sent_proposal_to_read(who, public_id), form=form, status=422)
    try:
        actions.withdraw_proposal(proposal=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except GoalNotOpen:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Withdrawn. It counts as evidence no more; what was said stays to be read."))
    return redirect(_url(request, found))


def _page(
    request: TenantRequest,
    found: ImprovementProposal,
    rights: Rights,
    *,
    form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    trail = queries.trail_of(found)
    is_kept = rights.keeps and found.goal.is_open and not found.is_withdrawn
    context = {
        "now": timezone.now(),
        "goal": {
            "title": found.goal.title,
            "url": here(request, "goals:goal", public_id=found.goal.public_id),
        },
        "trail": trail_shown(request, trail),
        "proposal": found,
        "steps": [_step(request, found, one, is_kept=is_kept) for one in trail.steps],
        "replaced": [{"step": one, "file": _file(request, one)} for one in queries.replaced_proofs(found)],
        "withdraw_url": here(request, "goals:withdraw_proposal", public_id=found.public_id) if is_kept else "",
        "withdraw_form": (form or WithdrawForm()) if is_kept else None,
    }
    return render(request, "goals/sent_proposal.html", context, status=status)


def trails_shown(request: TenantRequest, trails: Sequence[queries.Trail]) -> list[dict[str, Any]]:
    return [trail_shown(request, one) for one in trails]


def trail_shown(request: TenantRequest, trail: queries.Trail) -> dict[str, Any]:
    """As templates/goals/_proposal_trail.html draws it."""
    return {
        "title": trail.title,
        "number": trail.number,
        "systems": _(", ").join(trail.systems),
        "url": _url(request, trail.proposal) if trail.proposal else "",
        "counts": trail.counts,
        "is_withdrawn": trail.is_withdrawn,
        "missing": _(", ").join(trail.missing),
        "steps": trail.steps,
    }


def send_url(request: TenantRequest, goal: Goal, rights: Rights) -> str:
    """Empty for whoever sends none."""
    sends = rights.keeps and goal.is_open
    return here(request, "goals:send_proposal", public_id=goal.public_id) if sends else ""


def _step(request: TenantRequest, found: ImprovementProposal, one: queries.Step, *, is_kept: bool) -> dict[str, Any]:
    url = here(request, "goals:prove_proposal", public_id=found.public_id, step=one.step.value) if is_kept else ""
    return {"step": one, "url": url, "file": _file(request, one)}


def _file(request: TenantRequest, one: queries.Step) -> dict[str, Any] | None:
    if one.file_id is None:
        return None
    url = "" if one.held else here(request, "goals:proposal_file", public_id=one.file_id)
    return {"name": one.file_name, "held": HELD.get(one.held, ""), "url": url}


def _url(request: TenantRequest, found: ImprovementProposal) -> str:
    return here(request, "goals:sent_proposal", public_id=found.public_id)
