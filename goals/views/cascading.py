"""A department's goal as drafts of many people: for whom, what would become of it, and how far it is."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions.cascading import NotOpen, cascade
from ..actions.periods import ensure_period
from ..cascade_form import CascadeForm
from ..cascading import can_be_split, parts
from ..models import Cascade, Direction, Goal, Share
from ..queries.cascading import WHY, Outlook, has_given_up, outlook, posts_of, some, spans_inside
from ..queries.periods import period_called
from ..queries.writing import Span, spans_to_write_in
from .set_up import WRITE_FOR_MANY

SHOWN = 20  # people of each list of the preview


@require_http_methods(["GET", "POST"])
@open_to(*WRITE_FOR_MANY)
def hand_down(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Choose and see what would become of it; sent once more as it was seen, it makes the drafts. By POST both times: a
    column of names is too long for an address."""
    who = viewer(request)
    goal = access.goal_to_hand_down(who, public_id)
    form = _form(request, who, goal)
    if not form.is_bound:
        return _page(request, who, goal, form, None)
    if not form.is_valid():
        return _page(request, who, goal, form, None, status=422)
    said = form.cleaned_data
    span: Span = said["span"]
    people = sorted(one.pk for one in said["chosen"])
    found = outlook(goal, people, period_called(span.name), said["title"])
    is_seen = "seen" in request.POST
    if not is_seen or not found.come:
        return _page(request, who, goal, form, found, status=422 if is_seen else 200)
    now = timezone.now()
    period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
    try:
        run = cascade(
            goal=goal,
            people=found.come,
            period=period,
            title=said["title"],
            share=said["share"],
            weight=said["weight"],
            actor=who.employee,
            now=now,
        )
    except NotOpen:
        messages.info(request, _("The goal was closed meanwhile. Nothing was handed down."))
        return redirect(here(request, "goals:goal", public_id=goal.public_id))
    if run.finished_at:
        messages.success(request, _told(run))
    return redirect(here(request, "goals:cascade_run", public_id=run.public_id))


@require_GET
@open_to(*WRITE_FOR_MANY)
def run_page(request: TenantRequest, public_id: UUID) -> HttpResponse:
    run = access.cascade_to_read(viewer(request), public_id)
    context = {
        "run": run,
        "job": _job(request, run),
        "goal_url": here(request, "goals:goal", public_id=run.goal.public_id),
        "again_url": here(request, "goals:hand_down", public_id=run.goal.public_id),
    }
    return render(request, "goals/cascade_run.html", context)


@require_GET
@open_to(*WRITE_FOR_MANY)
def status(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Polled while the job works; sends the browser on when it has ended."""
    run = access.cascade_to_read(viewer(request), public_id)
    response = render(request, "components/job.html", {"job": _job(request, run)})
    if run.finished_at is not None:
        response["HX-Redirect"] = here(request, "goals:cascade_run", public_id=run.public_id)
    return response


def _form(request: TenantRequest, who: Viewer, goal: Goal) -> CascadeForm:
    shares = [Share.EQUAL, Share.OPEN]
    if can_be_split(target=goal.target, unit_of_measure=goal.unit_of_measure, raises=goal.direction == Direction.RAISE):
        shares.insert(1, Share.SPLIT)
    return CascadeForm(
        request.POST if request.method == "POST" else None,
        goal=goal,
        spans=spans_inside(spans_to_write_in(who.on), goal),
        shares=shares,
        people=access.people_to_start(who),
        on=who.on,
        suggests=here(request, "people:suggestions") if who.has(Role.ADMIN) else "",
    )


def _page(
    request: TenantRequest, who: Viewer, goal: Goal, form: CascadeForm, found: Outlook | None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "goal": {"title": goal.title, "unit": goal.unit.name if goal.unit else ""},
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "posts": posts_of(access.people_to_start(who), who.on),
        "found": found,
        "takes": _takes(goal, form, len(found.come)) if found else "",
        "come": some(found.come, SHOWN) if found else [],
        "more": max(0, len(found.come) - SHOWN) if found else 0,
        "reasons": [{"says": WHY[code], "number": number} for code, number in found.reasons] if found else [],
        "left": [{"name": one.name, "says": WHY[found.left[one.pk]]} for one in some(found.left, SHOWN)]
        if found
        else [],
        "left_more": max(0, len(found.left) - SHOWN) if found else 0,
    }
    return render(request, "goals/cascade.html", context, status=status)


def _takes(goal: Goal, form: CascadeForm, number: int) -> str:
    """What each of them has to reach, in words."""
    if form.cleaned_data["share"] != Share.SPLIT or not number:
        return ""
    found = sorted({one for one in parts(goal.target, number) if one is not None})
    unit = goal.unit_of_measure
    if len(found) == 1:
        return _("Each takes %(part)s%(unit)s.") % {"part": f"{found[0].normalize():f}", "unit": unit}
    low, high = (f"{one.normalize():f}" for one in (found[0], found[-1]))
    return _("Each takes %(low)s or %(high)s%(unit)s.") % {"low": low, "high": high, "unit": unit}


def _job(request: TenantRequest, run: Cascade) -> dict[str, Any]:
    """What components/job.html shows."""
    has_failed = has_given_up(run)
    return {
        "public_id": run.public_id,
        "title": run.title,
        "running": run.finished_at is None and not has_failed,
        "progress": min(99, 100 * run.done // len(run.people)) if run.people else None,
        "said": _("%(done)s of %(number)s drafts are written.") % {"done": run.made, "number": len(run.people)},
        "status_url": here(request, "goals:cascade_status", public_id=run.public_id),
        "failed_because": _("It stopped halfway. Hand it down again: who has a draft already gets no second one.")
        if has_failed
        else None,
    }


def _told(run: Cascade) -> str:
    return ngettext("%(number)d draft is there.", "%(number)d drafts are there.", run.made) % {"number": run.made}
