"""What was attached to a feedback, for whoever reads it: asked anew at each download, never by another address."""

from uuid import UUID

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from feedback import access
from feedback.handing_out import handed_out
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, open_to


@require_GET
@open_to(*EVERYONE)
def fact(request: TenantRequest, public_id: UUID) -> HttpResponseBase:
    found = access.fact_to_open(viewer(request), public_id)
    return handed_out(found, request.headers.get("Range", ""))
