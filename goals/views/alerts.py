"""The human answer to an alert, wherever its card stands."""

from contextlib import suppress
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from goals import access
from goals.actions import alerts
from goals.actions.suggestions import adopt_suggestion, draft_adjustment
from goals.actions.trail import GoalNotOpen
from goals.cards import alert_card
from goals.models import GoalAlert
from goals.queries.suggestions import library
from perfsys.notices.forms import ConfirmForm
from perfsys.people.access import person, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

PAGES = {"goals:goal", "dashboards:week", "dashboards:team"}


@require_POST
@open_to(*EVERYONE)
def confirm(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """ "Normal, a deliberate change". A second press, by anybody, shows the first one's answer."""
    alert = access.alert_to_answer(viewer(request), public_id)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        with suppress(alerts.AlreadyAnswered):  # what is answered says so itself
            note = form.cleaned_data["note"]
            alerts.confirm_alert(alert=alert, actor=person(request), now=timezone.now(), note=note)
    else:
        messages.error(request, _("That is a little long: 500 characters are enough."))
    return _answer(request, alert)


@require_POST
@open_to(*EVERYONE)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Undo, for whoever answered."""
    alert = access.alert_to_reopen(viewer(request), public_id)
    try:
        alerts.reopen_alert(alert=alert, actor=person(request), now=timezone.now())
    except alerts.AlreadyAnswered:
        messages.info(request, _("The goal has been looked at again since, so your answer stays with the earlier day."))
    return _answer(request, alert)


@require_POST
@open_to(*EVERYONE)
def adopt(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Take a suggestion up: it stands among the stages of the goal, or opens a draft that asks for what it changes."""
    who = viewer(request)
    alert = access.alert_to_act_on(who, public_id)
    found = next((one for one in library() if one.code == request.POST.get("code")), None)
    if found is None:
        raise Http404
    try:
        if found.adjusts and who.employee:
            draft_adjustment(alert=alert, suggestion=found, actor=who.employee, now=timezone.now())
            messages.success(request, _("It is a draft now. Look at what it asks for, then send it."))
            return redirect(here(request, "goals:adjust", alert.goal.public_id))
        stage = adopt_suggestion(alert=alert, suggestion=found, actor=who.employee, now=timezone.now())
    except GoalNotOpen:
        messages.info(request, _("The goal is closed by now."))
    else:
        due = date_format(stage.due_on, pgettext("date format", "j F"))
        messages.success(request, _("It stands among the stages, to be shown by %(day)s.") % {"day": due})
    return redirect(_came_from(request) or here(request, "goals:goal", alert.goal.public_id))


def _answer(request: TenantRequest, alert: GoalAlert) -> HttpResponse:
    who = viewer(request)
    if request.headers.get("HX-Request") != "true":
        return redirect(_came_from(request) or here(request, "goals:goal", alert.goal.public_id))
    card = alert_card(request, who, access.alert_to_answer(who, alert.public_id))
    return TemplateResponse(request, "components/alert.html", {"alert": card, "now": timezone.now()})


def _came_from(request: TenantRequest) -> str:
    """The page the switch stood on, where it is one of those that have the card. A form that was refused leaves the
    goal's page at an address that is no page."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    try:
        stands_on = resolve(urlsplit(page).path).view_name
    except Resolver404:
        return ""
    return page if stands_on in PAGES else ""
