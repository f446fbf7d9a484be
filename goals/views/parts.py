"""Parts of a draft, edited on the page where the goal is read (product.md §2.2).

With script the small form takes the place of what it edits, and what was saved the place of the form; without, the same
address is a page of its own. What is published changes through requests: there the same button opens one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfsys.common.kept import saved_by
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, writing_forms
from ..actions import goal as actions
from ..models import Goal, Kind
from ..part_forms import PARTS, RESULTS, STAGES, Part, PartForm, parts_of
from ..queries.changes import changed_since
from ..queries.writing import written
from ..wording import plain, told_measure, told_value
from .writing import MORE, Lines, edit_desk, live_match_url, say_circle, suggested


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def part(request: TenantRequest, public_id: UUID, called: str) -> HttpResponse:
    """The form of one part. Saved by somebody else, or published, meanwhile: what was typed stands in it, below what
    changed."""
    who = viewer(request)
    goal = access.goal_to_keep(who, public_id)[0]
    edited = PARTS.get(called)
    if edited not in parts_of(goal) or edited is None:
        raise Http404
    if request.method == "GET" and not goal.is_draft:
        return redirect(_request_url(request, goal, edited))
    kept = written(goal)
    desk = edit_desk(request, who, goal, kept)
    about: dict[str, Any] = {"goal": goal, "part": edited, "desk": desk}
    about["initial"] = writing_forms.initial_of(goal, kept, desk.causes)
    if request.method == "GET":
        return _shown(request, who, goal, edited, PartForm(**about), Lines.of(kept))
    form = PartForm(request.POST, **about)
    if MORE in request.POST:
        return _shown(request, who, goal, edited, form, Lines.more(request.POST))
    lines = Lines.sent(request.POST)
    form.stages = kept.milestones
    if not _are_valid(form, edited, lines):
        return _shown(request, who, goal, edited, form, lines, status=422)
    words = replace(writing_forms.words_of(goal, kept, desk.causes), **form.said, **_lines_said(edited, lines))
    try:
        seen = form.cleaned_data["version"] or 0
        actions.edit_goal(goal=goal, version=seen, words=words, actor=who.employee, now=timezone.now())
    except (actions.StaleVersion, actions.NotADraft):
        goal.refresh_from_db()
        again = PartForm({**request.POST.dict(), "version": goal.version}, **about)
        changes = changed_since(goal, seen)
        return _shown(request, who, goal, edited, again, lines, changes=changes, is_late=True, status=409)
    except actions.WouldCloseACircle:
        say_circle(form)
        return _shown(request, who, goal, edited, form, lines, status=422)
    messages.success(request, _("Saved."))
    return redirect(f"{here(request, 'goals:goal', public_id=goal.public_id)}#part-{edited.name}")


def _are_valid(form: PartForm, edited: Part, lines: Lines) -> bool:
    """Only what stands in the form is asked."""
    is_valid = form.is_valid()
    if edited.name == STAGES and not lines.stages.is_valid():
        form.add_error(None, _("A stage needs both a name and a day."))
        return False
    if edited.name == STAGES and not writing_forms.judge_stages(lines.stages, form.goal.due_on):
        form.add_error(None, _("A stage lies after the goal's last day; it says what below."))
        return False
    if edited.name == RESULTS and not lines.results.is_valid():
        for told in lines.results.non_form_errors() or [_("Something is missing in a key result.")]:
            form.add_error(None, str(told))
        return False
    return is_valid


def _lines_said(edited: Part, lines: Lines) -> dict[str, Any]:
    if edited.name == STAGES:
        return {"milestones": writing_forms.stages_typed(lines.stages)}
    if edited.name == RESULTS:
        return {"key_results": writing_forms.key_results_typed(lines.results)}
    return {}


def _shown(
    request: TenantRequest,
    who: Viewer,
    goal: Goal,
    edited: Part,
    form: PartForm,
    lines: Lines,
    *,
    changes: Iterable[Mapping[str, Any]] = (),
    is_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    offers = "parent" in form.fields
    context = {
        "part": edited,
        "form": form,
        "stages": lines.stages if edited.name == STAGES else None,
        "results": lines.results if edited.name == RESULTS else None,
        "goal": {"title": goal.title, "public_id": goal.public_id},
        "url": request.path,
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "parents": suggested(form.desk.parents, goal.layer, goal.unit) if offers else [],
        "live_url": live_match_url(request, goal.layer, goal.unit, goal) if offers else "",
        "is_late": is_late,
        "saved_by": saved_by(request, goal if is_late else None),
        "changes": list(changes),
        "request_url": "" if goal.is_draft else _request_url(request, goal, edited),
    }
    context["in_place"] = "HX-Request" in request.headers
    return render(request, "goals/_part.html" if context["in_place"] else "goals/part.html", context, status=status)


def _request_url(request: TenantRequest, goal: Goal, edited: Part) -> str:
    return here(request, "goals:adjust", public_id=goal.public_id) + f"?part={edited.name}"


def parts_shown(request: TenantRequest, goal: Goal, *, edits: bool, asks: bool) -> dict[str, dict[str, Any]]:
    """The parts of a goal as its page tells them, by name: what stands there and where it is edited, or asked for
    once it is published."""
    found = {}
    for one in parts_of(goal):
        is_asked = asks and _may_be_asked(goal, one)
        url = here(request, "goals:part", public_id=goal.public_id, called=one.name) if edits or is_asked else ""
        found[one.name] = {"name": one.name, "label": one.label, "says": _says(goal, one), "url": url, "swaps": edits}
    return found


def _may_be_asked(goal: Goal, one: Part) -> bool:
    """Whether a request can change it: weight, day, the target of a figure, key results."""
    return one.name == RESULTS or bool(one.asked and (one.name != "measure" or goal.kind == Kind.KPI))


def _says(goal: Goal, one: Part) -> str:
    if one.name == "weight":
        core = [_("a core goal")] if goal.is_core else []
        return " · ".join([f"{plain(goal.weight)}%" if goal.weight is not None else "–", *core])
    if one.name == "days":
        return f"{told_value(goal, 'due_on', goal.starts_on)} – {told_value(goal, 'due_on', goal.due_on)}"
    if one.name != "measure":
        return ""
    return told_measure(goal)
