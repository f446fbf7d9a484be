from dataclasses import asdict

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, open_to

from . import queries
from .forms import FilterForm
from .queries import Filters


@require_GET
@open_to(Role.ADMIN)
def record(request: TenantRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    form.is_valid()  # a filter that does not read is shown as such, and lets everything through
    wanted = form.cleaned_data
    filters = Filters(
        verb=wanted.get("verb") or "",
        person=wanted.get("person") or "",
        since=wanted.get("since"),
        until=wanted.get("until"),
    )
    page = queries.page(filters, zone=request.seat.zone, before=wanted.get("before"))
    context = {
        "now": timezone.now(),
        "form": form,
        "is_filtered": any(asdict(filters).values()),
        "lines": page.lines,
        "older": page.older,
    }
    return TemplateResponse(request, "audit/record.html", context)
