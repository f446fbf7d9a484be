"""Promises on a goal (product.md §2.10): made and ended on the goal's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals import access
from goals.actions import incentives
from goals.incentive_form import PromiseForm
from goals.models import For, Layer
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def promise(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    goal = access.goal_to_promise_on(who, public_id)
    url = here(request, "goals:goal", public_id=goal.public_id)
    is_for = For.OWNER if goal.layer == Layer.POSITION else For.CHILDREN
    form = PromiseForm(request.POST if request.method == "POST" else None, is_for=is_for)
    if request.method == "POST" and form.is_valid():
        incentives.make_promise(goal=goal, is_for=is_for, actor=who.employee, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Promised. It stands on the goal now."))
        return redirect(f"{url}#promises")
    context = {
        "form": form,
        "goal": {"title": goal.title, "url": url},
        "for_children": is_for == For.CHILDREN,
        "goals_url": here(request, "goals:board"),
    }
    return render(request, "goals/promise_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(*EVERYONE)
def end(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.incentive_to_end(who, public_id)
    incentives.end_promise(incentive=found, actor=who.employee, now=timezone.now())
    messages.success(request, _("Ended. The places that were given stay."))
    return redirect(here(request, "goals:goal", public_id=found.goal.public_id) + "#promises")
