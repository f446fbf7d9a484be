from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.people.access import person
from perfsys.people.names import masked
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from . import access, actions, queries
from .forms import ConfirmForm, PreferencesForm
from .models import Notice

PER_PAGE = 20


@require_GET
@open_to(*EVERYONE)
def inbox(request: TenantRequest) -> HttpResponse:
    me = person(request)
    waiting = queries.open_items(me)
    page = Paginator(queries.told(me), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "alerts": [_as_alert(request, notice) for notice in waiting.reminders],
        "owed": [
            {"title": notice.sentence, "meta": "", "url": notice.url, "label": _("Have a look"), "icon": "arrow"}
            for notice in waiting.owed
        ],
        "notices": [_as_told(notice) for notice in page.object_list],
        "page": page,
        "read_url": here(request, "notices:read"),
        "settings_url": here(request, "notices:preferences"),
    }
    return TemplateResponse(request, "notices/inbox.html", context)


@require_POST
@open_to(*EVERYONE)
def confirm(request: TenantRequest, public_id: UUID) -> HttpResponse:
    me = person(request)
    notice = access.reminder_to_confirm(me, public_id)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        actions.confirm(notice, actor=me, note=form.cleaned_data["note"], now=timezone.now())
    else:
        messages.error(request, _("That is a little long: 500 characters are enough."))
    if request.headers.get("HX-Request") != "true":
        return redirect(here(request, "notices:inbox"))
    notice = access.reminder_to_confirm(me, public_id)
    return TemplateResponse(
        request, "components/alert.html", {"alert": _as_alert(request, notice), "now": timezone.now()}
    )


@require_POST
@open_to(*EVERYONE)
def undo(request: TenantRequest, public_id: UUID) -> HttpResponse:
    me = person(request)
    actions.undo(access.reminder_to_undo(me, public_id), actor=me, now=timezone.now())
    return redirect(here(request, "notices:inbox"))


@require_POST
@open_to(*EVERYONE)
def read(request: TenantRequest) -> HttpResponse:
    actions.mark_read(person(request), now=timezone.now())
    return redirect(here(request, "notices:inbox"))


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def preferences(request: TenantRequest) -> HttpResponse:
    me = person(request)
    if request.method == "POST":
        form = PreferencesForm(request.POST)
        if form.is_valid():
            actions.change_preferences(me, **form.cleaned_data, now=timezone.now())
            messages.success(request, _("Saved"))
            return redirect(here(request, "notices:preferences"))
    wanted = queries.preferences_of(me)
    form = PreferencesForm(initial={"by_mail": wanted.by_mail, "digest": wanted.digest, "by_text": wanted.by_text})
    context = {"form": form, "email": me.email, "mobile": masked(me.mobile)}
    return TemplateResponse(request, "notices/preferences.html", context)


def _as_alert(request: TenantRequest, notice: Notice) -> dict[str, Any]:
    """What components/alert.html shows."""
    answered = notice.state == Notice.State.CONFIRMED
    return {
        "public_id": notice.public_id,
        "fact": notice.sentence,
        "why": notice.why,
        "offers": [{"text": _("Have a look"), "url": notice.url}] if notice.url else [],
        "confirm_url": here(request, "notices:confirm", notice.public_id) if notice.state == Notice.State.OPEN else "",
        "confirmed": {"by": {"name": notice.confirmed_by_name}, "at": notice.confirmed_at, "note": notice.note}
        if answered
        else None,
        "undo_url": here(request, "notices:undo", notice.public_id) if access.may_undo(person(request), notice) else "",
    }


def _as_told(notice: Notice) -> dict[str, Any]:
    text = ""
    if notice.state == Notice.State.CONFIRMED:
        text = _("%(name)s: a normal, deliberate change. %(note)s") % {
            "name": notice.confirmed_by_name,
            "note": notice.note,
        }
    return {
        "title": notice.sentence,
        "text": text,
        "url": notice.url,
        "at": notice.at,
        "read": notice.read_at is not None,
        "is_over": notice.state == Notice.State.DONE and (notice.asks or notice.is_reminder),
    }
