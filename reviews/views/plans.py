"""Talks that are planned and were held, with whom one would be good, and planning it (product.md §4.1)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.people.access import Viewer, part_of, person, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to
from reviews import access, actions
from reviews.forms import PlanForm
from reviews.models import Interview
from reviews.queries import plans as queries

MOST_CHOICES = 30
LAST_PAGE = 1000


@require_GET
@open_to(Role.EMPLOYEE)
def listed(request: TenantRequest) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    page = _page_asked_for(request)
    past, has_more = queries.past(who, page)
    leads = who.has(Role.MANAGER)
    quiet = queries.worth_a_talk(who, now=now) if leads else []
    context = {
        "now": now,
        "leads": leads,
        "new_url": here(request, "reviews:new") if leads else "",
        "planned": [_talk(request, who, one) for one in queries.planned(who)],
        "quiet": [_quiet(request, one) for one in quiet],
        "past": [_talk(request, who, one) for one in past],
        "newer_page": page - 1,
        "older_page": page + 1 if has_more else 0,
    }
    return render(request, "reviews/list.html", context)


@require_http_methods(["GET", "POST"])
@open_to(Role.MANAGER)
@part_of(Feature.INTERVIEWS)
def new(request: TenantRequest) -> HttpResponse:
    """With one's own direct report: chosen by the address, or from the list of them."""
    who, me = viewer(request), person(request)
    public_id = _report_asked_for(request)
    if public_id is None:
        return _choose(request, who)
    report = access.report_to_talk_with(who, public_id)
    form = PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_interview(
                employee=report, manager=me, key=form.cleaned_data["key"], now=timezone.now(), **form.said
            )
        except actions.InThePast:
            form.add_error("time", _("Choose a time that is still to come."))
        except actions.AlreadyPlanned:
            form.add_error(None, _("A talk with this person is planned already. Open that one to move it."))
        else:
            messages.success(request, _("Planned. %(name)s has been told.") % {"name": report.name})
            return redirect(here(request, "reviews:interview", public_id=made.public_id))
    context = {"form": form, "report": report, "list_url": here(request, "reviews:list")}
    return render(request, "reviews/new.html", context, status=422 if form.errors else 200)


def _choose(request: TenantRequest, who: Viewer) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:80]
    found = queries.reports_to_choose(who, typed, MOST_CHOICES + 1)
    context = {
        "typed": typed,
        "asks": bool(typed) or len(found) > MOST_CHOICES,
        "has_more": len(found) > MOST_CHOICES,
        "reports": [
            {"name": one.name, "position": one.position, "url": _plan_url(request, one)} for one in found[:MOST_CHOICES]
        ],
        "list_url": here(request, "reviews:list"),
    }
    return render(request, "reviews/choose.html", context)


def _talk(request: TenantRequest, who: Viewer, interview: Interview) -> dict[str, Any]:
    is_own = interview.employee_id == who.employee_id
    is_mine = is_own or interview.manager_id == who.employee_id
    return {
        "name": interview.manager.name if is_own else interview.employee.name,
        "led_by": "" if is_mine else interview.manager.name,
        "at": interview.at,
        "minutes": interview.minutes,
        "place": interview.place,
        "state": interview.state,
        "state_name": interview.get_state_display(),
        "url": here(request, "reviews:interview", public_id=interview.public_id),
        "prep_url": here(request, "reviews:prep", public_id=interview.public_id)
        if is_mine and interview.is_planned
        else "",
        "waits_for_me": interview.is_planned
        and interview.is_signed
        and (interview.employee_signed_at if is_own else interview.manager_signed_at) is None,
    }


def _quiet(request: TenantRequest, report: Any) -> dict[str, Any]:
    return {"name": report.name, "talked_at": report.talked_at, "url": _plan_url(request, report)}


def _plan_url(request: TenantRequest, report: Employee) -> str:
    return f"{here(request, 'reviews:new')}?with={report.public_id}"


def _report_asked_for(request: TenantRequest) -> UUID | None:
    """By the address, and by the form that was opened there."""
    try:
        return UUID(request.POST.get("with") or request.GET["with"])
    except (KeyError, ValueError):
        return None


def _page_asked_for(request: TenantRequest) -> int:
    asked = request.GET.get("page", "")
    return max(1, min(LAST_PAGE, int(asked))) if asked.isdecimal() and len(asked) < 5 else 1
