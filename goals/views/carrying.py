"""Goals of a period carried over into another: the choice with what would become of it, and how far it is."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions.carrying import carry_over
from ..actions.periods import ensure_period
from ..carry_form import ALL, CHOSEN, OWN, TEAM, CarryForm
from ..carrying import WHY, WHY_THIS
from ..models import CarryOver, Goal, Layer, Outcome, Period
from ..queries.carrying import Outlook, drafts_waiting, few, has_given_up, outlook, periods_to_carry_from
from ..queries.periods import period_called, period_of
from ..queries.writing import Span, spans_to_write_in
from .writing import others_written_for

SHOWN = 20  # goals of each list of the preview


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def carry(request: TenantRequest) -> HttpResponse:
    """Choose and see what would become of it; sent once more as it was seen, it makes the drafts. By POST both times: a
    column of names is too long for an address."""
    who = viewer(request)
    periods = periods_to_carry_from()
    form = _form(request, who, periods)
    is_sent = request.method == "POST"
    if not form.is_valid():
        return _page(request, form, None, status=422 if is_sent else 200)
    span: Span = form.cleaned_data["span"]
    into = period_called(span.name)
    found = outlook(_chosen(who, form), into, (span.starts_on, span.ends_on))
    is_seen = is_sent and "seen" in request.POST
    if not is_seen or not found.come:
        return _page(request, form, found, status=422 if is_seen else 200)
    now = timezone.now()
    into = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
    run = carry_over(goals=found.come, from_period=form.cleaned_data["period"], into=into, actor=who.employee, now=now)
    if run.finished_at:
        messages.success(request, _told(run))
    return redirect(here(request, "goals:carry_run", public_id=run.public_id))


@require_GET
@open_to(*EVERYONE)
def run_page(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    run = access.carry_over_to_read(who, public_id)
    context = {
        "run": run,
        "job": _job(request, run),
        "waiting": _waiting(request, who, run) if run.finished_at else [],
        "mine_url": here(request, "goals:mine") + "?" + urlencode({"period": run.into_period.name}),
        "again_url": here(request, "goals:carry"),
        "goals_url": here(request, "goals:mine"),
    }
    return render(request, "goals/carry_run.html", context)


@require_GET
@open_to(*EVERYONE)
def status(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Polled while the job works; sends the browser on when it has ended."""
    run = access.carry_over_to_read(viewer(request), public_id)
    response = render(request, "components/job.html", {"job": _job(request, run)})
    if run.finished_at is not None:
        response["HX-Redirect"] = here(request, "goals:carry_run", public_id=run.public_id)
    return response


def _waiting(request: TenantRequest, who: Viewer, run: CarryOver) -> list[dict[str, Any]]:
    """Whose drafts of the run `who` publishes, oneself first, and where."""
    others = others_written_for(who)
    owners = {whose.place.owner.pk for whose in others if whose.place.owner}
    found = drafts_waiting(
        run,
        owners=owners | ({who.employee_id} if who.employee_id else set()),
        units={whose.place.unit.pk for whose in others if whose.place.layer == Layer.DEPARTMENT and whose.place.unit},
        of_company=access.may_write_for_company(who),
    )
    period = run.into_period.name
    rows = []
    if who.employee and (own := found.get((Layer.POSITION, who.employee_id))):
        mine = here(request, "goals:publish") + "?" + urlencode({"period": period})
        rows.append({"name": who.employee.name, "number": own, "url": mine})
    for whose in others:
        place = whose.place
        of = {Layer.POSITION: place.owner, Layer.DEPARTMENT: place.unit}.get(place.layer)
        if number := found.get((place.layer, of.pk if of else None)):
            rows.append(
                {"name": whose.name, "number": number, "url": whose.url(request, "goals:publish", period=period)}
            )
    return rows


def _form(request: TenantRequest, who: Viewer, periods: Sequence[Period]) -> CarryForm:
    leads = who.has(Role.MANAGER)
    for_many = who.has(Role.ADMIN, Role.HRBP, Role.MANAGER)
    whose = [
        key
        for key, is_offered in (
            (OWN, who.employee is not None),
            (TEAM, leads),
            (CHOSEN, for_many),
            (ALL, for_many or access.may_write_for_company(who)),
        )
        if is_offered
    ]
    spans = spans_to_write_in(who.on)
    data: Any = request.POST
    if request.method != "POST":
        data = _to_begin_with(who, periods, spans, whose, request.GET.get("period", ""))
    return CarryForm(
        data,
        periods=periods,
        spans=spans,
        whose=whose,
        people=access.people_to_start(who),
        on=who.on,
        suggests=here(request, "people:suggestions") if who.has(Role.ADMIN) else "",
    )


def _to_begin_with(
    who: Viewer, periods: Sequence[Period], spans: Sequence[Span], whose: Sequence[str], wanted: str
) -> dict[str, str]:
    """The period that runs or ran last, and the one after it."""
    of = period_of(list(periods), who.on, wanted)
    later = [span for span in spans if of is None or span.starts_on > of.ends_on]
    into = min(later, key=lambda span: span.starts_on) if later else spans[-1]
    return {"of": of.name if of else "", "into": into.key, "whose": whose[0] if whose else ""}


def _chosen(who: Viewer, form: CarryForm) -> QuerySet[Goal]:
    said = form.cleaned_data
    found = {OWN: access.own_goals_to_carry, TEAM: access.team_goals_to_carry}.get(
        said["whose"], access.goals_to_carry
    )(who)
    found = found.filter(period=said["period"])
    if said["whose"] == CHOSEN:
        found = found.filter(layer=Layer.POSITION, owner__in=said["chosen"])
    return found if said["achieved"] else found.exclude(outcome=Outcome.ACHIEVED)


def _page(request: TenantRequest, form: CarryForm, found: Outlook | None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "has_periods": bool(form.periods),
        "goals_url": here(request, "goals:mine"),
        "found": found,
        "come": few(found.come, SHOWN) if found else [],
        "more": max(0, len(found.come) - SHOWN) if found else 0,
        "reasons": [{"says": WHY[code], "number": number} for code, number in found.reasons] if found else [],
        "left": [
            {"title": goal.title, "owner": goal.owner.name if goal.owner else "", "says": WHY_THIS[found.left[goal.pk]]}
            for goal in few(found.left, SHOWN)
        ]
        if found
        else [],
        "left_more": max(0, len(found.left) - SHOWN) if found else 0,
    }
    return render(request, "goals/carry.html", context, status=status)


def _job(request: TenantRequest, run: CarryOver) -> dict[str, Any]:
    """What components/job.html shows."""
    is_running = run.finished_at is None
    has_failed = has_given_up(run)
    steps = 2 * len(run.goals)
    return {
        "public_id": run.public_id,
        "title": _("Goals for %(period)s") % {"period": run.into_period.title},
        "running": is_running and not has_failed,
        "progress": min(99, 100 * run.done // steps) if steps and run.done else None,
        "said": _("%(done)s of %(number)s goals are written.") % {"done": run.made, "number": len(run.goals)},
        "status_url": here(request, "goals:carry_status", public_id=run.public_id),
        "failed_because": _("It stopped halfway. Carry them over again: what is there already is not made twice.")
        if has_failed
        else None,
    }


def _told(run: CarryOver) -> str:
    made = ngettext("%(number)d draft is there.", "%(number)d drafts are there.", run.made) % {"number": run.made}
    if not run.left:
        return made
    return f"{made} " + _("%(number)d were there already.") % {"number": run.left}
