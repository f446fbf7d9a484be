"""The record of an interview: planned, moved, written down, signed (product.md §4.2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to
from reviews import access, actions
from reviews.access import Rights
from reviews.forms import CancelForm, DeclineForm, ImprovementForm, MoveForm, SignForm, TopicsForm
from reviews.models import Interview, Module
from reviews.queries import record

from . import parts


@require_GET
@open_to(Role.EMPLOYEE)
def interview(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    return _page(request, who, *access.interview_to_read(who, public_id))


@require_POST
@open_to(Role.EMPLOYEE)
def move(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_to_lead(who, public_id)
    form = MoveForm(request.POST, of=found)
    if form.is_valid():
        try:
            actions.move_interview(
                interview=found,
                version=form.cleaned_data["version"],
                actor=found.manager,
                now=timezone.now(),
                **form.said,
            )
        except actions.InThePast:
            form.add_error("time", _("Choose a time that is still to come."))
        except actions.StaleVersion:
            return changed_meanwhile(request, [form], url=_url(request, found), version=found.version, of=found)
        except actions.InterviewClosed:
            return changed_meanwhile(request, [form], url=_url(request, found), of=found)
        else:
            messages.success(request, _("Saved. %(name)s has been told.") % {"name": found.employee.name})
            return redirect(_url(request, found))
    return _page(request, who, found, access.rights_to(who, found), move_form=form, status=422)


@require_POST
@open_to(Role.EMPLOYEE)
def cancel(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_to_lead(who, public_id)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, access.rights_to(who, found), cancel_form=form, status=422)
    try:
        actions.cancel_interview(interview=found, actor=found.manager, now=timezone.now(), **form.cleaned_data)
    except actions.InterviewClosed:
        return changed_meanwhile(request, [form], url=_url(request, found), of=found)
    messages.success(request, _("Cancelled. %(name)s has been told.") % {"name": found.employee.name})
    return redirect(_url(request, found))


@require_POST
@open_to(Role.EMPLOYEE)
def decline(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_of_mine(who, public_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, access.rights_to(who, found), decline_form=form, status=422)
    try:
        actions.decline_interview(interview=found, actor=found.employee, now=timezone.now(), **form.cleaned_data)
    except actions.InterviewClosed:
        return changed_meanwhile(request, [form], url=_url(request, found), of=found)
    messages.success(request, _("Declined. %(name)s has been told.") % {"name": found.manager.name})
    return redirect(_url(request, found))


@require_POST
@open_to(Role.EMPLOYEE)
def topics(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_of_mine(who, public_id)
    form = TopicsForm(request.POST, of=found)
    if not form.is_valid():
        return _page(request, who, found, access.rights_to(who, found), topics_form=form, status=422)
    try:
        actions.write_topics(interview=found, actor=found.employee, now=timezone.now(), **form.cleaned_data)
    except actions.InterviewClosed:
        return changed_meanwhile(request, [form], url=_url(request, found), of=found)
    messages.success(request, _("Noted. %(name)s sees it when preparing.") % {"name": found.manager.name})
    return redirect(_url(request, found))


@require_POST
@open_to(Role.EMPLOYEE)
def plan(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_of_mine(who, public_id)
    form = ImprovementForm(request.POST, of=found)
    if not form.is_valid():
        return _page(request, who, found, access.rights_to(who, found), plan_form=form, status=422)
    try:
        actions.write_plan(interview=found, actor=found.employee, now=timezone.now(), **form.cleaned_data)
    except actions.InterviewClosed:
        return changed_meanwhile(request, [form], url=_url(request, found), of=found)
    messages.success(request, _("Your plan stands in the record."))
    return redirect(_url(request, found))


@require_POST
@open_to(Role.EMPLOYEE)
def sign(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.interview_to_sign(who, public_id)
    rights = access.rights_to(who, found)
    form = SignForm(request.POST, seen="", may_dissent=rights.is_employee)
    if form.is_valid():
        actor = found.employee if rights.is_employee else found.manager
        try:
            signed = actions.sign(interview=found, actor=actor, now=timezone.now(), **form.cleaned_data)
        except actions.ModulesMissing as missing:
            names = _(", ").join(str(module.label) for module in missing.missing)
            form.add_error(None, _("Still to be written: %(names)s.") % {"names": names})
        except (actions.StaleVersion, actions.InterviewClosed):
            return changed_meanwhile(request, [form], url=_url(request, found), of=found)
        else:
            told = _("Both have signed. The record stays as it is.")
            other = parts.head(request, signed, rights)["other"]
            waits = _("Signed. %(name)s has been asked to do the same.") % {"name": other}
            messages.success(request, waits if signed.is_planned else told)
            return redirect(_url(request, found))
    return _page(request, who, found, rights, sign_form=form, status=422)


def _url(request: TenantRequest, interview: Interview) -> str:
    return here(request, "reviews:interview", public_id=interview.public_id)


def _page(
    request: TenantRequest,
    who: Viewer,
    found: Interview,
    rights: Rights,
    *,
    move_form: Form | None = None,
    cancel_form: Form | None = None,
    decline_form: Form | None = None,
    topics_form: Form | None = None,
    plan_form: Form | None = None,
    sign_form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    stands = record.record_of(who, found)
    is_complete = len(stands.written) == len(Module)
    seen = parts.seen(found, stands)
    signs = rights.signs and (is_complete or sign_form is not None)
    context = {
        "now": timezone.now(),
        "interview": parts.head(request, found, rights),
        "rights": rights,
        "topics": found.topics,
        "reason": found.reason,
        "modules": parts.modules(request, stands.written),
        "is_complete": is_complete,
        "actions": [parts.action(item) for item in stands.agreed],
        "plan": found.improvement_plan,
        "dissent": found.dissent,
        "signatures": [
            {"name": found.manager.name, "at": found.manager_signed_at},
            {"name": found.employee.name, "at": found.employee_signed_at},
        ],
        "move_form": (move_form or MoveForm(of=found)) if rights.writes else None,
        "cancel_form": (cancel_form or CancelForm()) if rights.cancels else None,
        "decline_form": (decline_form or DeclineForm()) if rights.declines else None,
        "topics_form": (topics_form or TopicsForm(of=found)) if rights.plans else None,
        "plan_form": (plan_form or ImprovementForm(of=found)) if rights.plans else None,
        "sign_form": (sign_form or SignForm(seen=seen, may_dissent=rights.is_employee)) if signs else None,
        **{f"{name}_url": here(request, f"reviews:{name}", public_id=found.public_id) for name in STEPS},
    }
    return render(request, "reviews/interview.html", context, status=status)


STEPS: tuple[Any, ...] = ("move", "cancel", "decline", "topics", "plan", "sign")
