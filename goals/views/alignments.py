"""What a goal supports: how well, how much of it, what else, and the manager's word (product.md §2.3, §2.7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access
from goals.access import Rights
from goals.actions import alignments as actions
from goals.actions.goal import StaleVersion, WouldCloseACircle
from goals.alignment import Match
from goals.alignment_forms import ConfirmationForm, FurtherForm, SharesForm, carried_too_much
from goals.models import Goal, Layer, Status
from goals.queries.match import Line, lines_of
from goals.queries.writing import further_parents_for, further_parents_of_before, parents_matching, told_as
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

SUGGESTIONS = 12


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def supports(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """How well a goal supports those above, for everybody who reads it; by POST its keeper divides what it carries."""
    who = viewer(request)
    goal, rights = access.goal_to_read(who, public_id)
    if request.method == "GET":
        return _page(request, who, goal, rights)
    goal = access.alignments_to_change(who, public_id)
    lines = lines_of(who, goal)
    form = _shares(lines, request.POST)
    if form.is_valid():
        try:
            actions.set_shares(
                goal=goal,
                seen=form.cleaned_data["seen"],
                shares=form.shares,
                actor=who.employee,
                now=timezone.now(),
            )
        except (StaleVersion, actions.GoalClosed):
            return changed_meanwhile(request, [form], url=request.path)
        except actions.SplitNotWhole as refused:
            form.say_split(refused.whole)
        except actions.CarriedTwice as refused:
            form.say_carried(refused)
        else:
            messages.success(request, _("Saved. The match counts with it."))
            return redirect(_url(request, goal))
    return _page(request, who, goal, rights, shares=form, status=422)


@require_POST
@open_to(*EVERYONE)
def support_also(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    goal = access.alignments_to_change(who, public_id)
    form = _further(request, who, goal, _parents(who, goal), request.POST)
    if form.is_valid():
        try:
            actions.support_also(
                goal=goal,
                parent=form.cleaned_data["parent"],
                shares=form.shares,
                actor=who.employee,
                now=timezone.now(),
            )
        except actions.GoalClosed:
            return changed_meanwhile(request, [form], url=_url(request, goal))
        except actions.AlreadySupported:
            form.add_error("parent", _("It supports that one already. Change its shares above."))
        except WouldCloseACircle:
            form.add_error("parent", _("That goal already supports this one, over others. Choose another."))
        except actions.SplitNotWhole:
            form.add_error("split", _("That is more than the first one has. Give it less, or divide anew above."))
        except actions.CarriedTwice as refused:
            form.add_error("contribution", carried_too_much(refused))
        else:
            messages.success(request, _("It supports that goal as well now."))
            return redirect(_url(request, goal))
    read, rights = access.goal_to_read(who, public_id)
    return _page(request, who, read, rights, further=form, status=422)


@require_POST
@open_to(*EVERYONE)
def support_no_more(request: TenantRequest, public_id: UUID, parent_id: UUID) -> HttpResponse:
    who = viewer(request)
    line = access.alignment_to_remove(who, public_id, parent_id)
    try:
        actions.support_no_more(alignment=line, actor=who.employee, now=timezone.now())
    except actions.GoalClosed:
        return changed_meanwhile(request, [], url=_url(request, line.child))
    messages.success(request, _("It no longer counts for “%(goal)s”.") % {"goal": line.parent.title})
    return redirect(_url(request, line.child))


@require_POST
@open_to(*EVERYONE)
def confirm(request: TenantRequest, public_id: UUID, parent_id: UUID) -> HttpResponse:
    """The manager says that it is right, and why."""
    who = viewer(request)
    line = access.alignment_to_confirm(who, public_id, parent_id)
    form = ConfirmationForm(request.POST, auto_id=f"confirm-{line.pk}-%s")
    if not form.is_valid():
        goal, rights = access.goal_to_read(who, public_id)
        return _page(request, who, goal, rights, confirmation=(line.pk, form), status=422)
    reason = form.cleaned_data["reason"]
    actions.confirm_alignment(alignment=line, reason=reason, actor=person(request), now=timezone.now())
    messages.success(request, _("Noted with your name and your reason. You can take it back at any time."))
    return redirect(_url(request, line.child))


@require_POST
@open_to(*EVERYONE)
def unconfirm(request: TenantRequest, public_id: UUID, parent_id: UUID) -> HttpResponse:
    line = access.alignment_to_confirm(viewer(request), public_id, parent_id)
    actions.take_back_confirmation(alignment=line, actor=person(request), now=timezone.now())
    messages.success(request, _("Taken back. It counts by its parts again."))
    return redirect(_url(request, line.child))


@require_GET
@open_to(*EVERYONE)
def parents(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Goals it could support as well, while their words are typed."""
    who = viewer(request)
    goal = access.alignments_to_change(who, public_id)
    typed = request.GET.get("parent", "").strip()[:200]
    found = parents_matching(_parents(who, goal), typed)
    return render(request, "goals/_parents.html", {"parents": _suggested(goal, found)})


def told_match(match: Match | None) -> dict[str, Any]:
    """The figure with its parts in words; of a match that is being worked out nothing is known."""
    return {
        "figure": match.shown if match is not None else None,
        "is_weak": match is not None and match.is_weak,
        "words": match.words if match is not None else "",
        "parts": [
            {
                "name": part.name,
                "applies": part.applies,
                "points": f"{float(part.points):.0f}",
                "of": part.of,
                "words": part.words,
                "would_raise": part.would_raise,
            }
            for part in (match.parts if match is not None else ())
        ],
    }


def match_shown(request: TenantRequest, goal: Goal, line: Line, rights: Rights) -> dict[str, Any]:
    """One alignment as templates/goals/_match.html shows it."""
    one, match = line.alignment, line.match
    at = {"public_id": goal.public_id, "parent_id": line.parent.public_id}
    figure = match.shown if match is not None else one.match
    return {
        "title": line.parent.title,
        "url": here(request, "goals:goal", public_id=line.parent.public_id),
        "unit": line.parent.unit.name if line.parent.unit else "",
        "is_primary": one.is_primary,
        **told_match(match),
        "figure": figure,
        "contribution": one.contribution,
        "split": one.split,
        "is_confirmed": one.confirmed_at is not None,
        "confirm_url": here(request, "goals:confirm_alignment", **at) if rights.confirms_alignments else "",
        "unconfirm_url": here(request, "goals:unconfirm_alignment", **at) if rights.confirms_alignments else "",
        "remove_url": here(request, "goals:support_no_more", **at)
        if rights.keeps and not one.is_primary and goal.status != Status.CLOSED
        else "",
        "key": one.pk,
    }


def _page(
    request: TenantRequest,
    who: Viewer,
    goal: Goal,
    rights: Rights,
    *,
    shares: SharesForm | None = None,
    further: FurtherForm | None = None,
    confirmation: tuple[int, ConfirmationForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = shares.lines if shares else lines_of(who, goal)
    is_kept = rights.keeps and goal.status != Status.CLOSED and goal.layer != Layer.COMPANY
    parents = _parents(who, goal) if is_kept else None
    shown = [match_shown(request, goal, line, rights) for line in lines]
    for one in shown:
        form = confirmation[1] if confirmation and confirmation[0] == one["key"] else None
        one["confirm_form"] = form or ConfirmationForm(auto_id=f"confirm-{one['key']}-%s")
        one["is_open"] = True
    context = {
        "goal": goal,
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "goals_url": here(request, "goals:board"),
        "lines": shown,
        "shares": (shares or _shares(lines)) if is_kept and lines else None,
        "shares_url": _url(request, goal),
        "further": (further or _further(request, who, goal, parents)) if parents is not None else None,
        "further_url": here(request, "goals:support_also", public_id=goal.public_id),
        "parents": _suggested(goal, parents) if parents is not None else [],
        "edit_url": here(request, "goals:edit", public_id=goal.public_id) if is_kept and goal.is_draft else "",
    }
    return render(request, "goals/supports.html", context, status=status)


def _shares(lines: Any, data: Any = None) -> SharesForm:
    return SharesForm(data, lines=lines, seen=actions.seen_of([line.alignment for line in lines]))


def _further(request: TenantRequest, who: Viewer, goal: Goal, parents: QuerySet[Goal], data: Any = None) -> FurtherForm:
    url = here(request, "goals:further_parents", public_id=goal.public_id)

    def over() -> QuerySet[Goal]:
        return access.readable_among(who, further_parents_of_before(goal, who.on))

    return FurtherForm(data, parents=parents, over=over, parents_url=url)


def _parents(who: Viewer, goal: Goal) -> QuerySet[Goal]:
    return access.readable_among(who, further_parents_for(goal, who.on))


def _suggested(goal: Goal, parents: QuerySet[Goal]) -> list[dict[str, str]]:
    """Those that it does not support yet."""
    found = parents.exclude(children__child=goal).order_by("id")[:SUGGESTIONS]
    return [{"value": told_as(one), "says": one.period.title} for one in found]


def _url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:supports", public_id=goal.public_id)
