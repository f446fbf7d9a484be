"""An interview: planned, prepared, written down, signed (product.md §4.1, §4.2; screen 5)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perfsys.people.access import viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, open_to
from reviews import access


@require_GET
@open_to(Role.EMPLOYEE)
def interview(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found, rights = access.interview_to_read(viewer(request), public_id)
    return render(request, "reviews/interview.html", {"interview": found, "rights": rights})
