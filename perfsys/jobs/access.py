"""Who sees what of the machinery: operators the counts of all tenants, an administrator the own company's jobs."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from perfsys.tenancy.routes import View, public

from .models import Job, Occurrence


def operators_only(view: View) -> View:
    """Open to the accounts that PERFSYS_OPERATORS names; for everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        email = getattr(request.user, "email", None) or ""
        if email.lower() not in settings.PERFSYS_OPERATORS:
            raise Http404
        return view(request, *args, **kwargs)

    return public(guarded)  # as far as tenants go: it opens none


def dead_job(job_id: int) -> Job:
    """One of the tenant's that can still be decided about; 404 otherwise."""
    return get_object_or_404(Job, pk=job_id, state=Job.State.DEAD)


def waiting_occurrence(occurrence_id: int) -> Occurrence:
    return get_object_or_404(Occurrence, pk=occurrence_id, state=Occurrence.State.WAITING)
