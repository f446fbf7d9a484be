"""The checklist of eight norms for every metric (product.md §5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..governance import Because, Finding, Norm, findings, met
from ..governance_words import NORMS, fact, next_step
from ..queries.governance import Governed, governed
from . import metrics, parts


@require_GET
@open_to(*access.GOVERNANCE_READERS)
def governance(request: TenantRequest) -> HttpResponse:
    """?metric= of one alone; ?norm= those that do not meet it."""
    who, now = viewer(request), timezone.now()
    wanted, norm = _metric_asked(request), _norm_asked(request)
    definitions = access.governed_metrics()
    if wanted is not None:
        definitions = definitions.filter(public_id=wanted)
    judged = [(one, findings(one.facts, now=now)) for one in governed(definitions, now)]
    if wanted is not None and not judged:
        raise Http404
    own = here(request, "integrations:governance")
    shown = [pair for pair in judged if norm is None or any(one.norm == norm and not one.is_met for one in pair[1])]
    shown.sort(key=lambda pair: met(pair[1]))  # those with most to do first; by name among themselves
    context = {
        "metrics": [_metric(request, who, one, found, is_alone=wanted is not None) for one, found in shown],
        "norms": [] if wanted is not None else [_norm(one, judged, own, norm) for one in Norm],
        "total": len(judged),
        "chosen": NORMS[norm][0] if norm else "",
        "all_url": own if wanted is not None or norm is not None else "",
        "metrics_url": here(request, "integrations:metrics") if who.has(*access.KEEPERS, Role.HRBP) else "",
        "new_url": here(request, "integrations:new_metric") if who.has(*access.KEEPERS) else "",
    }
    return render(request, "integrations/governance.html", context)


def _metric_asked(request: TenantRequest) -> UUID | None:
    asked = request.GET.get("metric", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise Http404 from None


def _norm_asked(request: TenantRequest) -> Norm | None:
    asked = request.GET.get("norm", "")
    return Norm(asked) if asked in list(Norm) else None


def _norm(norm: Norm, judged: Sequence[tuple[Governed, Sequence[Finding]]], own: str, chosen: Norm | None) -> Any:
    name, asks = NORMS[norm]
    number = sum(one.is_met for _metric, found in judged for one in found if one.norm == norm)
    return {
        "name": name,
        "asks": asks,
        "met": number,
        "url": f"{own}?norm={norm}" if number < len(judged) else "",
        "current": norm == chosen,
    }


def _metric(
    request: TenantRequest, who: Viewer, one: Governed, found: Sequence[Finding], *, is_alone: bool
) -> dict[str, Any]:
    definition = one.definition
    mine = who.employee_id is not None and who.employee_id in (definition.owner_id, definition.interpreter_id)
    reads = mine or who.has(*access.KEEPERS, Role.HRBP)
    rows = [_row(request, who, one, each, reads=reads) for each in found]
    return {
        "key": definition.public_id,
        "name": definition.name,
        "url": metrics.url(request, "metric", definition) if reads else "",
        "source": one.version.connection.name if one.version else "",
        "met": met(found),
        "of": len(found),
        "is_kept": met(found) == len(found),
        "unmet": [row for row in rows if not row["is_met"]],
        "done": [row for row in rows if row["is_met"]],
        "is_alone": is_alone,
    }


def _row(request: TenantRequest, who: Viewer, one: Governed, found: Finding, *, reads: bool) -> dict[str, Any]:
    url, label = _where(request, who, one, found, reads=reads)
    return {
        "name": NORMS[found.norm][0],
        "is_met": found.is_met,
        "fact": fact(found),
        "step": next_step(found),
        "url": url,
        "label": label,
    }


def _where(request: TenantRequest, who: Viewer, one: Governed, found: Finding, *, reads: bool) -> tuple[str, str]:
    """The page that shows the fact, or where the next step is taken, as far as they may open it; with its name."""
    definition, version = one.definition, one.version
    if found.because == Because.NO_VERSION or found.norm in (Norm.FIELDS, Norm.CHANGES):
        return (metrics.url(request, "metric", definition), _("Open the metric")) if reads else ("", "")
    if found.norm in (Norm.HEALTH, Norm.ALARM):
        if version is None or not who.has(*access.KEEPERS):
            return "", ""
        return parts.url(request, "connection", version.connection), _("Open the connection")
    if found.norm == Norm.RECONCILED:
        if found.because == Because.NO_PAIR and who.has(*access.KEEPERS):
            return here(request, "integrations:pair_new"), _("Compare two metrics")
        may = who.has(*access.COMPARE_READERS) and found.because != Because.NO_PAIR
        return (here(request, "integrations:pairs"), _("Open reconciliation")) if may else ("", "")
    if found.norm == Norm.DISPUTES and found.is_met:
        return here(request, "integrations:disputes"), _("Open data disputes")
    if access.may_edit_metric(who, definition):
        return metrics.url(request, "people", definition), _("Name and people")
    return (metrics.url(request, "metric", definition), _("Open the metric")) if reads else ("", "")
