"""Endpoints of other systems and what was sent to them (product.md §5.10): administrators set them up, those who keep
connections see that they work (§9.2)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, wording
from ..actions import outbound as actions
from ..actions.connection import NameTaken, NoKeys, StaleVersion
from ..forms.outbound import EndpointForm, ReplayForm, initial_of
from ..models import Endpoint, EndpointState, EventKind, MessageState, OutboundMessage, Told
from ..queries import outbound as queries

PER_PAGE = 50
LOOKS = {EndpointState.ON: "ok", EndpointState.OFF: "idle", EndpointState.STOPPED: "talk"}
MESSAGE_LOOKS = {MessageState.WAITING: "watch", MessageState.SENT: "ok", MessageState.DEAD: "talk"}


@require_GET
@open_to(*access.KEEPERS)
def endpoints(request: TenantRequest) -> HttpResponse:
    context = {
        "now": timezone.now(),
        "rows": [
            {
                **_standing(row.endpoint),
                "name": row.endpoint.name,
                "url": _url(request, "endpoint", row.endpoint),
                "kinds": _names(EventKind, row.endpoint.kinds),
                "waiting": row.waiting,
                "dead": row.dead,
                "sent_at": row.sent_at,
                "waits_since": row.waits_since,
            }
            for row in queries.endpoints_page()
        ],
        "new_url": here(request, "integrations:new_endpoint") if _may_set(request) else "",
        "list_url": here(request, "integrations:list"),
    }
    return render(request, "integrations/endpoints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.ENDPOINT_SETTERS)
def new_endpoint(request: TenantRequest) -> HttpResponse:
    """By POST one more; the page that answers is the only place where its secret ever stands."""
    who = viewer(request)
    owner = str(who.employee.public_id) if who.employee else None
    form = EndpointForm(
        request.POST if request.method == "POST" else None,
        owners=access.owners_of_endpoint(),
        initial={"owner": owner},
    )
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"] or form.initial["key"]
        try:
            made, secret = actions.make_endpoint(words=form.words, key=key, actor=who.employee, now=timezone.now())
        except NameTaken:
            form.refuse_name()
        except actions.AddressNotAllowed:
            form.refuse_address()
        except NoKeys:
            form.add_error(None, _("The server has no key to keep secrets with: the operator sets INTEGRATION_KEYS."))
        else:
            return _page(request, made, secret=secret)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.ENDPOINT_SETTERS)
def settings(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.endpoint_to_keep(public_id)
    form = EndpointForm(
        request.POST if request.method == "POST" else None,
        owners=access.owners_of_endpoint(found),
        initial=initial_of(found),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_endpoint(
                endpoint=found,
                version=form.cleaned_data["version"] or 0,
                words=form.words,
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except StaleVersion:
            return changed_meanwhile(request, [form], url=_url(request, "endpoint_settings", found), of=found)
        except NameTaken:
            form.refuse_name()
        except actions.AddressNotAllowed:
            form.refuse_address()
        else:
            messages.success(request, _("Saved."))
            return redirect(_url(request, "endpoint", found))
    return _form_page(request, form, found)


@require_GET
@open_to(*access.KEEPERS)
def endpoint(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What was sent, with the answer and how long it took; ?state= narrows it."""
    return _page(request, access.endpoint_to_keep(public_id))


@require_POST
@open_to(*access.KEEPERS)
def switch(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.endpoint_to_keep(public_id)
    on = request.POST.get("on") == "1"
    actions.switch_endpoint(endpoint=found, on=on, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("Switched on. What waits goes out now.") if on else _("Switched off. Nothing is sent."))
    return redirect(_url(request, "endpoint", found))


@require_POST
@open_to(*access.ENDPOINT_SETTERS)
def secret(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Another secret, on the page that answers and nowhere else."""
    found = access.endpoint_to_keep(public_id)
    if request.POST.get("rotate") != "1":  # what came without the button's word changes no secret
        return redirect(_url(request, "endpoint", found))
    try:
        made = actions.rotate_secret(endpoint=found, actor=viewer(request).employee, now=timezone.now())
    except NoKeys:
        messages.error(request, _("The server has no key to keep secrets with: the operator sets INTEGRATION_KEYS."))
        return redirect(_url(request, "endpoint", found))
    return _page(request, found, secret=made, is_another=True)


@require_POST
@open_to(*access.KEEPERS)
def try_out(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.endpoint_to_keep(public_id)
    actions.send_test(endpoint=found, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("A test is on its way. What was answered stands below in a moment."))
    return redirect(_url(request, "endpoint", found))


@require_POST
@open_to(*access.KEEPERS)
def replay(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.message_to_replay(public_id)
    one = queries.messages_of(found.endpoint).filter(pk=found.pk)
    actions.replay(messages=one, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("It is sent again, with the id it had."))
    return redirect(_url(request, "endpoint", found.endpoint))


@require_POST
@open_to(*access.ENDPOINT_SETTERS)
def replay_range(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found, who = access.endpoint_to_keep(public_id), viewer(request)
    form = ReplayForm(request.POST, today=who.on)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    zone = request.seat.zone
    first = datetime.combine(form.cleaned_data["first"], time(), tzinfo=zone)
    until = datetime.combine(form.cleaned_data["last"] + timedelta(days=1), time(), tzinfo=zone)
    asked = queries.messages_of(found).filter(made_at__gte=first, made_at__lt=until)
    number = actions.replay(messages=asked, actor=who.employee, now=timezone.now())
    said = ngettext("%(number)d message is sent again.", "%(number)d messages are sent again.", number)
    messages.success(request, said % {"number": number})
    return redirect(_url(request, "endpoint", found))


def _page(
    request: TenantRequest,
    found: Endpoint,
    *,
    secret: str = "",
    is_another: bool = False,
    form: ReplayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in MessageState.values else ""
    page = Paginator(queries.messages_of(found, state), PER_PAGE).get_page(request.GET.get("page"))
    url = _url(request, "endpoint", found)
    may_set = _may_set(request)
    filters = [("", _("All")), *((one.value, one.label) for one in MessageState)]
    context = {
        "now": timezone.now(),
        "endpoint": found,
        **_standing(found),
        "kinds": _names(EventKind, found.kinds),
        "fields": _names(Told, found.fields),
        "secret": secret,
        "is_another": is_another,
        "filters": [
            {"label": label, "url": f"{url}?state={key}" if key else url, "current": key == state}
            for key, label in filters
        ],
        "page": page,
        "rows": [_message(request, one, urlsplit(found.url).hostname or "") for one in page.object_list],
        "is_on": found.state == EndpointState.ON,
        "switch_url": _url(request, "switch_endpoint", found),
        "secret_url": _url(request, "endpoint_secret", found) if may_set else "",
        "try_url": _url(request, "try_endpoint", found),
        "settings_url_of_it": _url(request, "endpoint_settings", found) if may_set else "",
        "replay_url": _url(request, "replay_range", found) if may_set else "",
        "replay_form": form or ReplayForm(today=viewer(request).on),
        "endpoints_url": here(request, "integrations:endpoints"),
    }
    return render(request, "integrations/endpoint.html", context, status=status)


def _form_page(request: TenantRequest, form: EndpointForm, found: Endpoint | None) -> HttpResponse:
    endpoints_url = here(request, "integrations:endpoints")
    context = {
        "form": form,
        "endpoint": found,
        "back_url": _url(request, "endpoint", found) if found else endpoints_url,
        "endpoints_url": endpoints_url,
    }
    return render(request, "integrations/endpoint_form.html", context, status=422 if form.errors else 200)


def _message(request: TenantRequest, one: OutboundMessage, host: str) -> dict[str, Any]:
    waits = one.state == MessageState.WAITING
    return {
        "id": one.public_id,
        "kind": EventKind(one.kind).label,
        "about": one.payload.get("employee_no") or one.payload.get("goal_number") or "",
        "made_at": one.made_at,
        "state": MESSAGE_LOOKS[MessageState(one.state)],
        "state_name": MessageState(one.state).label,
        "attempts": one.attempts,
        "tried_at": one.tried_at,
        "code": one.code,
        "problem": wording.sentence(one.problem, {"host": host}) if one.problem else "",
        "took_ms": one.took_ms if one.tried_at else None,
        "next_at": one.run_after if waits and one.tried_at else None,
        "replay_url": "" if waits else here(request, "integrations:replay_message", public_id=one.public_id),
    }


def _may_set(request: TenantRequest) -> bool:
    return bool(request.seat.roles & set(access.ENDPOINT_SETTERS))


def _standing(found: Endpoint) -> dict[str, Any]:
    state = EndpointState(found.state)
    return {"state": LOOKS[state], "state_name": state.label}


def _names(kinds: Any, values: Any) -> str:
    return _(", ").join(str(kinds(one).label) for one in values)


def _url(request: TenantRequest, name: str, found: Endpoint) -> str:
    return here(request, f"integrations:{name}", public_id=found.public_id)
