"""How a goal fits the one above, beside the form while it is typed (product.md §2.7)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from perfsys.common.pace import too_often
from perfsys.people.access import Viewer, unit_to_see, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, open_to

from .. import access
from ..desks import parents_to_choose
from ..live_forms import LiveForm
from ..models import Goal, Layer
from ..queries.live_match import match_of, primary_parent
from ..queries.writing import Span, parents_named, spans_called, spans_to_write_in, told_as
from .alignments import told_match
from .writing import public_id_in

MOST_A_MINUTE = 90  # typing without a pause asks fifty times


@require_POST
@open_to(*EVERYONE)
def live_match(request: TenantRequest) -> HttpResponse:
    """Of what is typed, for whoever may read the goal above; ?goal= the draft it stands in, else as for `parents`.
    Nothing is stored. Asked too often, it stays silent: what stands beside the form stays there."""
    who = viewer(request)
    if too_often("match", f"{who.seat.tenant_id}:{who.seat.membership_id}", most=MOST_A_MINUTE, seconds=60):
        return HttpResponse(status=204)
    draft_id = public_id_in(request, "goal")
    draft = access.goal_to_keep(who, draft_id)[0] if draft_id else None
    form = LiveForm(request.POST, of=draft)
    spans = [Span.of(draft.period)] if draft else _spans(request, who)
    typed = form.typed(spans[0])
    above = _above(request, who, draft, spans, form.cleaned_data.get("parent", ""))
    line = None
    if above is not None and typed.title.strip():
        line = {"title": above.title, "is_primary": True} | told_match(match_of(typed, above, today=who.on))
    return render(request, "goals/_live_match.html", {"line": line})


def _spans(request: TenantRequest, who: Viewer) -> list[Span]:
    """The period chosen in the form, where one is to be chosen, first."""
    spans = list(spans_called(request.GET.get("period", "")) or spans_to_write_in(who.on))
    chosen = request.POST.get("period", "")
    return sorted(spans, key=lambda span: span.key != chosen)


def _above(request: TenantRequest, who: Viewer, draft: Goal | None, spans: list[Span], words: str) -> Goal | None:
    """The one goal that is meant, as the form would understand it; None where it is none, or several."""
    if not words.strip():
        return None
    if draft is not None:
        kept = primary_parent(draft)
        if kept is not None and " ".join(words.split()) == told_as(kept):
            return kept
        found = parents_named(parents_to_choose(who, draft.layer, draft.unit, spans).exclude(pk=draft.pk), words)
    else:
        unit_id = public_id_in(request, "unit")
        unit = unit_to_see(unit_id) if unit_id else None
        layer = request.GET.get("layer", Layer.POSITION)
        found = parents_named(parents_to_choose(who, layer, unit, spans), words)
    same_period = [goal for goal in found if goal.period.starts_on == spans[0].starts_on]
    found = same_period if len(same_period) == 1 else found
    return found[0] if len(found) == 1 else None
