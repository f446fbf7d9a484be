"""A piece of evidence as a line: where it is recorded, what it shows, when it happened, and when that was read."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from goals.models import EvidenceItem, Goal
from goals.queries.evidence import Pile
from perfsys.tenancy.routes import TenantRequest, here


def pile_shown(request: TenantRequest, goal: Goal, pile: Pile) -> dict[str, Any]:
    """The newest pieces, and where the others are."""
    first = pile.pieces[0]
    everything = here(request, "goals:all_evidence", public_id=goal.public_id)
    of = "" if first.record is None else f"?system={first.record.connection.public_id}&stream={first.record.stream}"
    return {
        "pieces": [piece_shown(request, goal, one, pile.read_at) for one in pile.pieces],
        "system": first.record.connection.name if first.record is not None else "",
        "whole": pile.whole,
        "more": pile.more,
        "all_url": everything + of,
    }


def piece_shown(request: TenantRequest, goal: Goal, one: EvidenceItem, read_at: datetime | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"says": one.note, "at": one.at, "read_at": read_at}
    if one.record is None:
        named = {"source": one.get_type_display() or _("Record"), "reference": one.number or _("without a number")}
        return shown | named | {"url": ""}
    url = here(request, "goals:record", public_id=goal.public_id, piece_id=one.public_id)
    return shown | {"source": one.record.connection.name, "reference": one.record.external_id, "url": url}
