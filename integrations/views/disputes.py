"""Contested figures: opened from the figure, looked at, decided with a reason (product.md §5.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.common.proofs import HELD, given_out, given_out_of
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from .. import comparing_words as words
from ..actions import disputes as actions
from ..actions.connection import StaleVersion
from ..forms import AnswerForm, DecisionForm, DisputeForm, DisputeSettingsForm, QuestionForm
from ..forms.dispute import LONGEST
from ..models import DECIDED, DataDispute, DisputeFile, DisputeState, DisputeStep, MetricDefinition
from ..models.reconciliation import KEY
from ..queries import disputes as queries
from ..queries.sides import Named

PER_PAGE = 50
LOOKS = {
    DisputeState.SUBMITTED: "adj",
    DisputeState.IN_REVIEW: "adj",
    DisputeState.MORE_INFORMATION: "watch",
    DisputeState.CORRECTED: "ok",
    DisputeState.UPHELD: "plain",
}


@require_GET
@open_to(*EVERYONE)
def disputes(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    page = Paginator(queries.listed(access.visible_disputes(who)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "rows": [_row(request, one, who) for one in page.object_list],
        "page": page,
        "settings_url": here(request, "integrations:dispute_settings") if who.has(Role.ADMIN) else "",
        "metrics_url": here(request, "integrations:metrics") if access.answers_for_metrics(who) else "",
    }
    return render(request, "integrations/disputes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.EMPLOYEE)
def new(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """`?subject=`, `first` and `last` name the figure."""
    who, me = viewer(request), person(request)
    definition = access.metric_to_contest(public_id)
    subject = _named(who, definition, request.GET.get("subject", ""))
    last_on = _day(request.GET.get("last"), who.on)
    first_on = max(min(_day(request.GET.get("first"), who.on), last_on), last_on - min(LONGEST, last_on - date.min))
    initial = {"first_on": first_on, "last_on": last_on, "key": uuid4().hex}
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = DisputeForm(*given, today=who.on, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        record = queries.record_named(definition, subject.key, said["first_on"], said["last_on"], said["number"])
        proof = actions.Proof(said["link"], record, said["proofs"])
        if said["number"] and record is None:
            form.add_error(
                "number",
                _("No record of that number is behind this figure. One that is missing from it belongs in the text."),
            )
        elif not proof and len(said["claim"]) < LEAST_WORDS:
            form.add_error("claim", _("Say it in a whole sentence, or attach what shows it."))
        else:
            try:
                made = actions.open_dispute(
                    definition=definition,
                    subject=subject,
                    first_on=said["first_on"],
                    last_on=said["last_on"],
                    claim=said["claim"],
                    proof=proof,
                    claimant=me,
                    press=said["key"],
                    now=timezone.now(),
                )
            except actions.NobodyToDecide:
                form.add_error(
                    None, _("There is nobody yet who could decide. Ask an administrator to name an HR partner.")
                )
            else:
                told = {"name": made.assigned_to.name, "on": f"{made.due_on:%Y-%m-%d}"}
                messages.success(request, _("Sent. %(name)s decides by %(on)s, and you are told.") % told)
                return redirect(_url(request, "dispute", made))
    unit, digits = queries.unit_and_digits(definition, last_on)
    value = queries.value_now(definition, subject.key, first_on, last_on)
    context = {
        "form": form,
        "metric": definition.name,
        "subject": words.subject_of(subject),
        "value": words.amount(value, digits),
        "unit": unit,
        "adds_up": queries.add_up(definition, first_on, last_on),
        "first_on": first_on,
        "last_on": last_on,
        "owner": definition.owner.name,
        "work_days": queries.due_days(),
        "list_url": here(request, "integrations:disputes"),
    }
    return render(request, "integrations/dispute_form.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(*EVERYONE)
def dispute(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    return _page(request, who, *access.dispute_to_read(who, public_id))


@require_POST
@open_to(Role.EMPLOYEE)
def take_up(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.dispute_to_decide(viewer(request), public_id)
    return _done(
        request,
        found,
        lambda: actions.take_up(dispute=found, actor=person(request), now=timezone.now()),
        _("Noted. %(name)s is told that it is being looked at.") % {"name": found.claimant.name},
    )


@require_POST
@open_to(Role.EMPLOYEE)
def ask(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.dispute_to_decide(who, public_id)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _refused(request, who, found, question=form)
    return _done(
        request,
        found,
        lambda: actions.ask_for_more(
            dispute=found,
            question=form.cleaned_data["text"],
            press=form.cleaned_data["key"],
            actor=person(request),
            now=timezone.now(),
        ),
        _("Asked. %(name)s is told.") % {"name": found.claimant.name},
        form,
    )


@require_POST
@open_to(Role.EMPLOYEE)
def answer(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.dispute_to_answer(who, public_id)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, who, found, reply=form)
    return _done(
        request,
        found,
        lambda: actions.answer(
            dispute=found,
            text=form.cleaned_data["text"],
            files=form.cleaned_data["proofs"],
            press=form.cleaned_data["key"],
            actor=person(request),
            now=timezone.now(),
        ),
        _("Sent. %(name)s is told.") % {"name": found.assigned_to.name},
        form,
    )


@require_POST
@open_to(Role.EMPLOYEE)
def escalate(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.dispute_to_escalate(viewer(request), public_id)
    try:
        partner = actions.escalate(dispute=found, actor=person(request), now=timezone.now())
    except actions.AlreadyDecided:
        messages.info(request, _("It has been decided meanwhile."))
    except actions.NobodyToDecide:
        messages.error(request, _("There is no other HR partner it could go to. Ask an administrator to name one."))
    else:
        messages.success(request, _("%(name)s decides now, and is told.") % {"name": partner.name})
    return redirect(_url(request, "dispute", found))


@require_POST
@open_to(Role.EMPLOYEE)
def decide(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.dispute_to_decide(who, public_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _refused(request, who, found, decision=form)
    said = form.cleaned_data
    try:
        actions.decide(
            dispute=found,
            version=said["version"],
            is_corrected=said["outcome"] == DisputeState.CORRECTED,
            reason=said["reason"],
            actor=person(request),
            now=timezone.now(),
        )
    except (actions.AlreadyDecided, StaleVersion):
        return changed_meanwhile(request, [form], url=_url(request, "dispute", found))
    messages.success(request, _("Decided. %(name)s is told, with your reason.") % {"name": found.claimant.name})
    return redirect(_url(request, "dispute", found))


@require_GET
@open_to(*EVERYONE)
def proof(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.proof_to_read(viewer(request), public_id)
    return given_out_of(found.file, found.name) if found.file else given_out(found.name, bytes(found.content))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.ADMIN)
def settings(request: TenantRequest) -> HttpResponse:
    held = queries.dispute_settings()
    initial = {"work_days": held.work_days, "version": held.version}
    form = DisputeSettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_dispute_settings(**form.cleaned_data, actor=viewer(request).employee, now=timezone.now())
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path)
        messages.success(request, _("Saved. It holds for what is contested from now on."))
        return redirect(here(request, "integrations:disputes"))
    context = {"form": form, "list_url": here(request, "integrations:disputes")}
    return render(request, "integrations/dispute_settings.html", context, status=422 if form.errors else 200)


def _file(request: TenantRequest, one: DisputeFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "by": one.by.name,
        "held": HELD.get(one.held, ""),
        "url": "" if one.held else here(request, "integrations:proof", public_id=one.public_id),
    }


LEAST_WORDS = 10  # letters of a claim that stands for itself


def _page(
    request: TenantRequest,
    who: Viewer,
    found: DataDispute,
    rights: access.DisputeRights,
    *,
    question: QuestionForm | None = None,
    reply: AnswerForm | None = None,
    decision: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    unit, digits = queries.unit_and_digits(found.definition, found.last_on)
    is_open = found.state not in DECIDED
    now = queries.value_now(found.definition, found.key, found.first_on, found.last_on)
    before, after = words.amount(found.value, digits), words.amount(now, digits)
    has_moved = before != after
    decides = rights.decides and is_open
    own = {name: _url(request, f"dispute_{name}", found) for name in ("take_up", "ask", "answer", "escalate", "decide")}
    context = {
        "now": timezone.now(),
        "dispute": found,
        "reads": rights.reads,
        "badge": {"state": LOOKS[DisputeState(found.state)], "name": found.get_state_display()},
        "is_open": is_open,
        "is_late": is_open and found.due_on < who.on,
        "subject": words.subject_of(found),
        "unit": unit,
        "adds_up": queries.add_up(found.definition, found.first_on, found.last_on),
        "before": before,
        "decided": words.amount(found.value_after, digits),
        "after": after,
        "has_moved": has_moved,
        "waits_for_source": found.state == DisputeState.CORRECTED and not has_moved,
        "steps": [_step(one) for one in queries.steps_of(found)] if rights.reads else [],
        "files": [_file(request, one) for one in (queries.files_of(found) if rights.reads else [])],
        "take_up_url": own["take_up"] if decides and found.state == DisputeState.SUBMITTED else "",
        "ask_url": own["ask"],
        "question": (question or QuestionForm(initial={"key": uuid4().hex})) if decides else None,
        "answer_url": own["answer"],
        "reply": (reply or AnswerForm(initial={"key": uuid4().hex})) if rights.is_claimant and is_open else None,
        "escalate_url": own["escalate"]
        if is_open and found.escalated_at is None and (rights.is_claimant or rights.decides)
        else "",
        "decide_url": own["decide"],
        "decision": (decision or DecisionForm(initial={"version": found.version})) if decides else None,
        "list_url": here(request, "integrations:disputes"),
    }
    return render(request, "integrations/dispute.html", context, status=status)


def _refused(request: TenantRequest, who: Viewer, found: DataDispute, **forms_of_it: Any) -> HttpResponse:
    """The page again, with what is missing in the form."""
    again, rights = access.dispute_to_read(who, found.public_id)
    return _page(request, who, again, rights, status=422, **forms_of_it)


def _done(
    request: TenantRequest, found: DataDispute, act: Callable[[], None], said: str, form: forms.Form | None = None
) -> HttpResponse:
    try:
        act()
    except actions.AlreadyDecided:
        return changed_meanwhile(request, [form] if form else [], url=_url(request, "dispute", found))
    messages.success(request, said)
    return redirect(_url(request, "dispute", found))


def _url(request: TenantRequest, name: str, found: DataDispute) -> str:
    return here(request, f"integrations:{name}", public_id=found.public_id)


def _day(text: str | None, today: date) -> date:
    try:
        return min(date.fromisoformat(text or ""), today)
    except ValueError:
        return today


def _named(who: Viewer, definition: MetricDefinition, key: str) -> Named:
    """The subject of an address, as far as the reader may contest its figure."""
    about = access.subject_to_contest(who, definition, key)
    if isinstance(about, Employee):
        return Named(key, about.name, employee_id=about.pk)
    if about is not None:
        return Named(key, about.name, unit_id=about.pk)
    if len(key) > KEY:
        raise Http404
    return Named(key, queries.label_of(definition, key)) if key else Named("")


def _row(request: TenantRequest, one: DataDispute, who: Viewer) -> dict[str, Any]:
    return {
        "url": _url(request, "dispute", one),
        "metric": one.definition.name,
        "subject": words.subject_of(one),
        "first_on": one.first_on,
        "last_on": one.last_on,
        "claimant": one.claimant.name,
        "assigned_to": one.assigned_to.name,
        "due_on": one.due_on,
        "decided_at": one.decided_at,
        "is_late": one.decided_at is None and one.due_on < who.on,
        "badge": {"state": LOOKS[DisputeState(one.state)], "name": one.get_state_display()},
    }


def _step(one: DisputeStep) -> dict[str, Any]:
    state = DisputeState(one.state)
    return {
        "at": one.at,
        "by": one.by.name,
        "says": _("handed on to %(name)s") % {"name": one.to.name} if one.to else state.label,
        "text": one.text,
    }
