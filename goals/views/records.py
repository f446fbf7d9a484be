"""What is behind the evidence of a goal: all of it, and the record of a connected system that one piece is."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from goals import access
from goals.models import EvidenceItem
from goals.queries import evidence as queries
from goals.queries.proposals import trails_on
from integrations.showing import stream_title
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .pieces import piece_shown
from .proposals import send_url, trails_shown

PER_PAGE = 50


@require_GET
@open_to(*EVERYONE)
def evidence(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """`system` and `stream` in the address: what came from there alone."""
    goal, rights = access.goal_to_read(viewer(request), public_id)
    system, stream = _asked_for(request)
    found = queries.evidence_of(goal)
    if system is not None:
        found = found.filter(record__connection__public_id=system, record__stream=stream)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    pieces: list[EvidenceItem] = list(page.object_list)
    record = pieces[0].record if system is not None and pieces else None
    context = {
        "now": timezone.now(),
        "goal": goal,
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "system": record.connection.name if record else "",
        "stream": stream_title(record.stream) if record else "",
        "read_at": queries.read_time(record) if record else None,
        "everything_url": here(request, "goals:all_evidence", public_id=goal.public_id),
        "proposals": trails_shown(request, trails_on(goal)) if system is None else [],
        "send_proposal_url": send_url(request, goal, rights) if system is None else "",
        "page": page,
        "pieces": [piece_shown(request, goal, one) for one in pieces],
    }
    return render(request, "goals/evidence.html", context)


@require_GET
@open_to(*EVERYONE)
def record(request: TenantRequest, public_id: UUID, piece_id: UUID) -> HttpResponse:
    goal, piece, line = access.record_to_read(viewer(request), public_id, piece_id)
    found = queries.record_page(line, request.seat.zone)
    context = {
        "now": timezone.now(),
        "goal": goal,
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "piece": piece,
        "record": line,
        "title": line.title or line.external_id,
        "system": line.connection.name,
        "fields": found.fields,
        "versions": found.versions,
        "older": found.older,
        "read_at": found.read_at,
    }
    return render(request, "goals/record.html", context)


def _asked_for(request: TenantRequest) -> tuple[UUID | None, str]:
    """What is no id asks for everything."""
    try:
        return UUID(request.GET.get("system", "")), request.GET.get("stream", "")
    except ValueError:
        return None, ""
