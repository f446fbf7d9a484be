"""Rules over records and what they found: the pages of those who keep connections, and the one of whoever is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions import behaviour as actions
from ..actions.connection import NameTaken, StaleVersion
from ..adapters.base import Stream
from ..forms.behaviour import RuleForm, initial_of
from ..models import BehaviourAlert, BehaviourRule, Connection, FoundState
from ..queries import behaviour as queries
from ..reading import streams_of
from ..showing import said, stream_named, stream_title

PER_PAGE = 50


@require_GET
@open_to(*access.KEEPERS)
def rules(request: TenantRequest) -> HttpResponse:
    context = {
        "now": timezone.now(),
        "rows": [
            {
                "name": row.rule.name,
                "url": _url(request, "rule", row.rule),
                "system": row.rule.connection.name,
                "stream": stream_title(row.rule.stream),
                "days": row.rule.days,
                "is_on": row.rule.is_on,
                "open": row.open,
                "confirmed": row.confirmed,
                "nobodys": row.nobodys,
                "last_on": row.last_on,
            }
            for row in queries.rules_page()
        ],
        "new_url": here(request, "integrations:new_rule"),
        "list_url": here(request, "integrations:list"),
    }
    return render(request, "integrations/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.KEEPERS)
def new_rule(request: TenantRequest) -> HttpResponse:
    """First which records (`?of=connection:stream`), then the rule."""
    choices = [
        {
            "label": f"{connection.name} · {stream_title(stream.name)}",
            "url": f"{here(request, 'integrations:new_rule')}?of={connection.public_id}:{stream.name}",
        }
        for connection in access.visible_connections()
        for stream in streams_of(connection)
        if queries.dated_fields(stream)
    ]
    if "of" not in request.GET:
        context = {"choices": choices, "rules_url": here(request, "integrations:rules")}
        return render(request, "integrations/rule_choose.html", context)
    connection, stream = _stream_asked(request)
    form = RuleForm(request.POST if request.method == "POST" else None, stream=stream)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_rule(
                words=form.words(connection, stream),
                key=form.cleaned_data["key"] or form.initial["key"],
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except NameTaken:
            form.add_error("name", _("There is a rule of that name. Choose another."))
        else:
            messages.success(request, _("Kept. It looks for the first time tomorrow morning."))
            return redirect(_url(request, "rule", made))
    return _form_page(request, form, connection, stream, None)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.KEEPERS)
def rule(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The rule and what it found: the record and since when, not whose it is (product.md §9.2)."""
    found = access.rule_to_keep(public_id)
    stream = stream_named(found.connection, found.stream)
    if stream is None or not queries.dated_fields(stream):
        return _form_page(request, None, found.connection, None, found)
    form = RuleForm(request.POST if request.method == "POST" else None, stream=stream, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_rule(
                rule=found,
                version=form.cleaned_data["version"] or 0,
                words=form.words(found.connection, stream),
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except StaleVersion:
            return changed_meanwhile(request, [form], url=_url(request, "rule", found), of=found)
        except NameTaken:
            form.add_error("name", _("There is a rule of that name. Choose another."))
        else:
            messages.success(request, _("Kept. It looks for the first time tomorrow morning."))
            return redirect(_url(request, "rule", found))
    return _form_page(request, form, found.connection, stream, found)


@require_POST
@open_to(*access.KEEPERS)
def switch_rule(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.rule_to_keep(public_id)
    on = request.POST.get("on") == "1"
    actions.switch_rule(rule=found, on=on, actor=viewer(request).employee, now=timezone.now())
    words = _("Switched on.") if on else _("Switched off. What it had found is over.")
    messages.success(request, words)
    return redirect(_url(request, "rule", found))


@require_GET
@open_to(*EVERYONE)
def found(request: TenantRequest) -> HttpResponse:
    """Records of one's own and of one's direct reports that a rule found."""
    who = viewer(request)
    page = Paginator(access.found_to_see(who), PER_PAGE).get_page(request.GET.get("page"))
    alerts: list[BehaviourAlert] = list(page.object_list)
    context = {
        "now": timezone.now(),
        "page": page,
        "rows": [
            {
                **_alert(request, one),
                "whose": "" if one.employee_id == who.employee_id or one.employee is None else one.employee.name,
                "rule": one.rule.name,
                "confirm_url": here(request, "integrations:confirm_found", public_id=one.public_id)
                if one.state == FoundState.OPEN
                else "",
            }
            for one in alerts
        ],
    }
    return render(request, "integrations/found.html", context)


@require_POST
@open_to(*EVERYONE)
def confirm_found(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    alert = access.found_to_confirm(who, public_id)
    if who.employee is None:
        raise Http404
    try:
        actions.confirm(alert=alert, actor=who.employee, note=request.POST.get("note", ""), now=timezone.now())
        messages.success(request, _("Noted: normal, a deliberate change. It stays quiet until the record moves."))
    except actions.AlreadyAnswered:
        messages.info(request, _("Somebody has answered it already, or the record has moved."))
    return redirect(here(request, "integrations:found"))


def _form_page(
    request: TenantRequest,
    form: RuleForm | None,
    connection: Connection,
    stream: Stream | None,
    kept: BehaviourRule | None,
) -> HttpResponse:
    """Without a form: the stream is no longer declared, so the rule finds nothing."""
    page = Paginator(queries.found_by(kept), PER_PAGE).get_page(request.GET.get("page")) if kept else None
    context = {
        "now": timezone.now(),
        "form": form,
        "rule": kept,
        "of": f"{connection.name} · {stream_title(kept.stream if kept else stream.name if stream else '')}",
        "page": page,
        "rows": [_alert(request, one) for one in page.object_list] if page else [],
        "switch_url": _url(request, "switch_rule", kept) if kept else "",
        "rules_url": here(request, "integrations:rules"),
    }
    is_refused = form is not None and bool(form.errors)
    return render(request, "integrations/rule.html", context, status=422 if is_refused else 200)


def _alert(request: TenantRequest, one: BehaviourAlert) -> dict[str, Any]:
    return {
        "title": one.record.title or one.record.external_id,
        "number": one.record.external_id,
        "seen": said(one.seen, "time" if "T" in one.seen else "day", request.seat.zone),
        "opened_on": one.opened_on,
        "state": FoundState(one.state).label,
        "is_open": one.state == FoundState.OPEN,
        "by": one.confirmed_by_name,
        "reason": one.reason,
        "is_nobodys": one.employee_id is None,
    }


def _stream_asked(request: TenantRequest) -> tuple[Connection, Stream]:
    """404 where there is no such stream, or nothing in it has a day."""
    named, _colon, stream_name = request.GET["of"].partition(":")
    try:
        connection = access.connection_to_keep(UUID(named))
    except ValueError:
        raise Http404 from None
    stream = stream_named(connection, stream_name)
    if stream is None or not queries.dated_fields(stream):
        raise Http404
    return connection, stream


def _url(request: TenantRequest, name: str, one: BehaviourRule) -> str:
    return here(request, f"integrations:{name}", public_id=one.public_id)
