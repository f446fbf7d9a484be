"""A piece of evidence as a line: where it is recorded, what it shows, and when it happened."""

from typing import Any

from django.utils.translation import gettext as _

from goals.models import EvidenceItem, Goal
from goals.queries.evidence import Pile
from integrations.showing import stream_title
from perfsys.tenancy.routes import TenantRequest, here


def pile_shown(request: TenantRequest, goal: Goal, pile: Pile) -> dict[str, Any]:
    """The newest pieces, where the others are, and when their system was read."""
    shown: dict[str, Any] = {
        "pieces": [piece_shown(request, goal, one) for one in pile.pieces],
        "whole": pile.whole,
        "more": pile.more,
        "read_at": pile.read_at,
        "all_url": here(request, "goals:all_evidence", public_id=goal.public_id),
    }
    record = pile.pieces[0].record
    if record is None:
        return shown | {"system": "", "stream": ""}
    of = f"?system={record.connection.public_id}&stream={record.stream}"
    named = {"system": record.connection.name, "stream": stream_title(record.stream)}
    return shown | named | {"all_url": shown["all_url"] + of}


def piece_shown(request: TenantRequest, goal: Goal, one: EvidenceItem) -> dict[str, Any]:
    shown: dict[str, Any] = {"says": one.note, "at": one.at}
    if one.record is None:
        named = {"source": one.get_type_display() or _("Record"), "reference": one.number or _("without a number")}
        kind, _colon, proposal = one.source_key.partition(":")
        is_sent = kind == "proposal"
        return shown | named | {"url": here(request, "goals:sent_proposal", public_id=proposal) if is_sent else ""}
    url = here(request, "goals:record", public_id=goal.public_id, piece_id=one.public_id)
    return shown | {"source": one.record.connection.name, "reference": one.record.external_id, "url": url}
