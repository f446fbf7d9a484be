"""Everybody who has no sign-in yet, invited in one go: how many, and how far it is."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, actions, queries
from ..models import InvitationRun
from .directory import UNITS_OFFERED, unit_asked_for
from .parts import acting


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def invite_all(request: TenantRequest) -> HttpResponse:
    """Of the whole company, or with ?unit= of one unit and all below it. The count comes first."""
    who, now = access.viewer(request), timezone.now()
    unit = unit_asked_for(request)
    people = queries.without_sign_in(who.on)
    if unit is not None:
        branch = list(queries.units_under(unit, who.on))
        people = people.filter(pk__in=queries.members_of(branch, who.on).order_by().values("pk"))
    if request.method == "POST":
        ids = list(queries.to_invite(people, now).order_by("pk").values_list("pk", flat=True))
        if ids or queries.invitation_run_under_way():
            run = actions.invite_all(people=ids, unit=unit, actor=acting(request), now=now)
            return redirect(here(request, "people:invitation_run", public_id=run.public_id))
        messages.info(request, _("Nobody is left to invite: whoever can be reached has an invitation or a sign-in."))
        return redirect(request.get_full_path())
    under_way = queries.invitation_run_under_way()
    if under_way is not None and queries.has_given_up(under_way):
        under_way = None  # it can be started again
    context = {
        "found": queries.not_in(people, now),
        "unit": unit,
        "units": list(queries.units_to_choose_from(who.on)[:UNITS_OFFERED]),
        "running_url": here(request, "people:invitation_run", public_id=under_way.public_id) if under_way else "",
        "url": request.get_full_path(),
        "page_url": here(request, "people:invite_all"),
        "list_url": here(request, "people:list"),
    }
    return render(request, "people/invite_all.html", context)


@require_GET
@open_to(Role.ADMIN)
def run_page(request: TenantRequest, public_id: UUID) -> HttpResponse:
    run = access.invitation_run_to_read(public_id)
    context = {
        "run": run,
        "job": _job(request, run),
        "again_url": here(request, "people:invite_all"),
        "list_url": here(request, "people:list"),
    }
    return render(request, "people/invitation_run.html", context)


@require_GET
@open_to(Role.ADMIN)
def status(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Polled while the job works; sends the browser on when it has ended."""
    run = access.invitation_run_to_read(public_id)
    response = render(request, "components/job.html", {"job": _job(request, run)})
    if run.finished_at is not None:
        response["HX-Redirect"] = here(request, "people:invitation_run", public_id=run.public_id)
    return response


def _job(request: TenantRequest, run: InvitationRun) -> dict[str, Any]:
    """What components/job.html shows."""
    has_failed = queries.has_given_up(run)
    return {
        "public_id": run.public_id,
        "title": _("Invitations"),
        "running": run.finished_at is None and not has_failed,
        "progress": min(99, 100 * run.done // len(run.people)) if run.people else None,
        "said": _("%(done)s of %(number)s people are done.") % {"done": run.done, "number": len(run.people)},
        "status_url": here(request, "people:invitation_status", public_id=run.public_id),
        "failed_because": _("It stopped halfway. Start it again: who has an invitation already gets no second one.")
        if has_failed
        else None,
    }
