"""Reading and writing feedback (product.md §3; screen 4)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from feedback import access
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, open_to


@require_GET
@open_to(*EVERYONE)
def one(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found, rights = access.feedback_to_read(viewer(request), public_id, now=timezone.now())
    return render(request, "feedback/one.html", {"feedback": found, "rights": rights})
