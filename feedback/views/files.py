"""What was attached to a feedback, for whoever reads it: asked anew at each download, never by another address."""

import re
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from feedback import access
from feedback.actions.files import content_of
from feedback.audio import TYPES
from feedback.models import FeedbackFact
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, open_to

SLICE = 2_000_000  # bytes of one answer to a player, which asks for the next ones by itself
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@require_GET
@open_to(*EVERYONE)
def fact(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A screenshot is shown, it is a picture drawn by us; a recording is saved or played by an <audio>, and never a
    page. Whole or a piece, not as a stream, which would run after the scope has closed."""
    found = access.fact_to_open(viewer(request), public_id)
    try:
        content = content_of(found)
    except FileNotFoundError:
        raise Http404("the file is gone") from None
    response = _piece(content, request.headers.get("Range", ""))
    ending = found.file.rpartition(".")[2]
    response["Content-Type"] = "image/webp" if ending == "webp" else TYPES.get(ending, "application/octet-stream")
    response["Content-Disposition"] = _disposition(found, ending)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


def _disposition(found: FeedbackFact, ending: str) -> str:
    if ending == "webp":
        return 'inline; filename="screenshot.webp"'
    day = timezone.localdate(found.feedback.at).isoformat()
    return f'attachment; filename="recording-{day}.{ending}"' if ending in TYPES else "attachment"


def _piece(content: bytes, asked: str) -> HttpResponse:
    wanted = _RANGE.fullmatch(asked.strip())
    if wanted is None or (wanted[2] and int(wanted[2]) < int(wanted[1])):  # no range (RFC 9110, 14.1.1): asks for all
        response = HttpResponse(content)
    else:
        start = int(wanted[1])
        last = min(int(wanted[2] or len(content)), len(content) - 1, start + SLICE - 1)
        if start > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        response = HttpResponse(content[start : last + 1], status=206)
        response["Content-Range"] = f"bytes {start}-{last}/{len(content)}"
    response["Accept-Ranges"] = "bytes"
    return response
