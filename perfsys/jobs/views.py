from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfsys.audit.access import acting_person
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from . import access, actions, alarms, queries
from .alarms import Alarm

PER_PAGE = 50


@require_GET
@access.operators_only
def operators(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    pulse = alarms.pulse(now=now)
    raised = pulse.alarms
    context = {
        "now": now,
        "pulse": pulse,
        "raised": raised,
        "figures": [
            {"label": _("Waiting"), "number": pulse.ready, "warm": Alarm.JOBS_WAIT in raised},
            {"label": _("Given up"), "number": pulse.dead, "warm": Alarm.JOBS_DEAD in raised},
            {"label": _("Lost by their worker"), "number": pulse.lost, "warm": pulse.lost > 0},
            {"label": _("Mail waiting"), "number": pulse.mail_waiting, "warm": False},
            {"label": _("Mail given up"), "number": pulse.mail_dead, "warm": Alarm.MAIL_DEAD in raised},
        ],
        "counts": alarms.counts(),
    }
    return TemplateResponse(request, "jobs/operators.html", context)


@require_GET
@open_to(Role.ADMIN)
def jobs(request: TenantRequest) -> HttpResponse:
    page = Paginator(queries.dead_jobs(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "dead": [queries.shown(job) for job in page.object_list],
        "page": page,
        "late": queries.late_occurrences(),
        "guessed_year": queries.guessed_year(timezone.localdate(timezone=request.seat.zone)),
    }
    return TemplateResponse(request, "jobs/jobs.html", context)


@require_POST
@open_to(Role.ADMIN)
def retry(request: TenantRequest, job_id: int) -> HttpResponse:
    if actions.retry(access.dead_job(job_id), actor=acting_person(request), now=timezone.now()):
        messages.success(request, _("It is being tried again"))
    return redirect(here(request, "jobs:jobs"))


@require_POST
@open_to(Role.ADMIN)
def discard(request: TenantRequest, job_id: int) -> HttpResponse:
    if actions.discard(access.dead_job(job_id), actor=acting_person(request), now=timezone.now()):
        messages.success(request, _("Dropped"))
    return redirect(here(request, "jobs:jobs"))


@require_POST
@open_to(Role.ADMIN)
def run_late(request: TenantRequest, occurrence_id: int) -> HttpResponse:
    if actions.run_late(access.waiting_occurrence(occurrence_id), actor=acting_person(request), now=timezone.now()):
        messages.success(request, _("It is being done now"))
    return redirect(here(request, "jobs:jobs"))
