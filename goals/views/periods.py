"""Periods: what is still open in one, and its end (product.md §1.5). For administrators."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions import periods as actions
from ..actions.goal import StaleVersion
from ..models import Goal, Period, PeriodState
from ..period_forms import CloseForm, ReopenForm
from ..queries.periods import StillOpen, all_periods, open_goals_of, open_in, steps_of

PER_PAGE = 25


@require_GET
@open_to(Role.ADMIN)
def periods(request: TenantRequest) -> HttpResponse:
    today = viewer(request).on
    page = Paginator(all_periods(), PER_PAGE).get_page(request.GET.get("page"))
    left = open_in([period.pk for period in page.object_list])
    context = {
        "periods": [
            {
                "title": period.title,
                "starts_on": period.starts_on,
                "ends_on": period.ends_on,
                "state": _where_it_stands(period, today),
                "left": left[period.pk],
                "url": _url(request, period),
            }
            for period in page.object_list
        ],
        "page": page,
        "now": timezone.now(),
        "settings_url": here(request, "goals:settings"),
    }
    return render(request, "goals/periods.html", context)


def _where_it_stands(period: Period, today: date) -> str:
    if period.state != PeriodState.CLOSED and today < period.starts_on:
        return _("Not begun yet")
    if period.state != PeriodState.CLOSED and today > period.ends_on:
        return _("Over, not closed yet")
    return period.get_state_display()


@require_GET
@open_to(Role.ADMIN)
def period(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What is still open stands first; below it the end of the period, or how it opens again."""
    who = viewer(request)
    return _page(request, who, access.period_to_close(who, public_id))


@require_POST
@open_to(Role.ADMIN)
def close(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.period_to_close(who, public_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, close_form=form, status=422)
    try:
        actions.close_period(period=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except (StaleVersion, actions.PeriodIsClosed):
        return changed_meanwhile(request, [], url=_url(request, found))
    except actions.PeriodStillRuns:
        form.add_error(None, _("It still runs. Close it from the day after its last one."))
        return _page(request, who, found, close_form=form, status=422)
    messages.success(request, _("%(period)s is closed. Its goals stay as they are.") % {"period": found.title})
    return redirect(_url(request, found))


@require_POST
@open_to(Role.ADMIN)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.period_to_close(who, public_id)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, reopen_form=form, status=422)
    try:
        actions.reopen_period(period=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except (StaleVersion, actions.PeriodIsOpen):
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(
        request, _("%(period)s is open again. Close it once the correction is made.") % {"period": found.title}
    )
    return redirect(_url(request, found))


def _page(
    request: TenantRequest,
    who: Viewer,
    found: Period,
    *,
    close_form: CloseForm | None = None,
    reopen_form: ReopenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    left = open_in([found.pk])[found.pk]
    goals = open_goals_of(found, access.visible_goals(who))
    page = Paginator(goals, PER_PAGE).get_page(request.GET.get("page"))
    is_closed = found.state == PeriodState.CLOSED
    context: dict[str, Any] = {
        "title": found.title,
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "state": _where_it_stands(found, who.on),
        "is_closed": is_closed,
        "still_runs": found.ends_on >= who.on,
        "left": left,
        "counts": _counts(left),
        "goals": [_goal(request, goal) for goal in page.object_list],
        "unseen": left.goals - page.paginator.count,
        "page": page,
        "close_form": close_form or CloseForm(initial={"version": found.version}),
        "reopen_form": reopen_form or ReopenForm(initial={"version": found.version}),
        "close_url": here(request, "goals:close_period", public_id=found.public_id),
        "reopen_url": here(request, "goals:reopen_period", public_id=found.public_id),
        "steps": steps_of(found),
        "now": timezone.now(),
        "periods_url": here(request, "goals:periods"),
    }
    return render(request, "goals/period.html", context, status=status)


def _counts(left: StillOpen) -> list[dict[str, Any]]:
    return [
        {"label": label, "number": number}
        for label, number in (
            (_("Goals of the company"), left.company),
            (_("Goals of departments"), left.department),
            (_("Goals of people"), left.position),
            (_("Drafts"), left.drafts),
            (_("Ends that wait to be settled"), left.ends),
            (_("Requests that wait for an answer"), left.requests),
        )
    ]


def _goal(request: TenantRequest, goal: Goal) -> dict[str, Any]:
    owner = goal.owner.name if goal.owner else ""
    return {
        "title": goal.title,
        "url": here(request, "goals:goal", public_id=goal.public_id),
        "owner": owner or (goal.unit.name if goal.unit else ""),
        "layer_name": goal.get_layer_display(),
        "due_on": goal.due_on,
    }


def _url(request: TenantRequest, found: Period) -> str:
    return here(request, "goals:period", public_id=found.public_id)
