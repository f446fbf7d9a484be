"""What stands beside a figure wherever it shows: that it is being checked, or contested, and the way to contest it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from perfsys.people.access import viewer
from perfsys.tenancy.routes import TenantRequest, here

from .. import access
from .. import comparing_words as words
from ..models import MetricDefinition
from ..queries.disputes import unit_and_digits
from ..queries.standing import standing_of
from .parts import gap_sentence


def beside(
    request: TenantRequest, definition: MetricDefinition, key: str, *, first: date, last: date
) -> dict[str, Any]:
    """For templates/integrations/_standing.html: of a subject's figure ("" is the whole) of these days. For whoever may
    read the metric."""
    stands = standing_of(definition, key, last, since=first)
    unit, digits = unit_and_digits(definition, stands.good_on or last)
    query = urlencode({"subject": key, "first": first.isoformat(), "last": last.isoformat()})
    hold, gap = stands.hold, stands.gap
    good = ""
    if stands.good_on is not None:
        told = {"on": f"{stands.good_on:%Y-%m-%d}", "amount": words.amount(stands.good, digits), "unit": unit}
        good = _("The last sound figure is that of %(on)s: %(amount)s %(unit)s.") % told
    return {
        "is_held": stands.is_held,
        "missing": _("%(on)s: %(what)s") % {"on": f"{gap.on:%Y-%m-%d}", "what": gap_sentence(gap)} if gap else "",
        "good": good,
        "pair_url": here(request, "integrations:pair", public_id=hold.pair.public_id) if hold else "",
        "is_disputed": stands.is_disputed,
        "disputes_url": here(request, "integrations:disputes"),
        "contest_url": f"{here(request, 'integrations:dispute_new', public_id=definition.public_id)}?{query}"
        if access.may_contest(viewer(request), definition, key)
        else "",
    }
