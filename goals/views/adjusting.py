"""Asking to change published goals (product.md §2.9): the form, the list, one request with its answers, the versions of
a goal, and who is asked as the administrator sets it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access, adjust_forms, approving, events, part_forms
from goals.actions import adjusting as actions
from goals.actions import settings as settings_actions
from goals.actions.goal import StaleVersion
from goals.adjusting import whole
from goals.models import (
    AdjustmentLine,
    AdjustmentRequest,
    ApprovalStep,
    Decision,
    Field,
    Goal,
    Layer,
    Part,
    Period,
    RequestState,
)
from goals.queries import adjusting as queries
from goals.queries.adjusting import Whose
from goals.queries.periods import current_period, period_called
from goals.queries.versions import Version, versions_of
from goals.wording import COLUMNS, plain, told_column, told_of_line, told_result
from perfsys.audit.verbs import VERBS
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .writing import for_whom

PER_PAGE = 25
CASES = {
    "": gettext_lazy("Otherwise"),
    approving.WEIGHT: gettext_lazy("A weight moves far"),
    approving.CORE: gettext_lazy("It touches a core goal"),
    approving.EASED: gettext_lazy("A target gets much easier"),
    approving.LATE: gettext_lazy("A day lies past the period"),
}


# --- asking -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def adjust(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Of one goal, with the others of its set: their weights add up together."""
    who = viewer(request)
    goal, _rights = access.goal_to_keep(who, public_id)
    if not goal.is_open:
        words = _("A draft can be edited as it is.") if goal.is_draft else _("It is closed: it stays as it is.")
        messages.info(request, words)
        return redirect(here(request, "goals:goal", public_id=goal.public_id))
    whose = Whose(
        goal.layer,
        goal.owner if goal.layer == Layer.POSITION else None,
        goal.unit if goal.layer == Layer.DEPARTMENT else None,
    )
    return _ask(request, who, whose, goal.period, first=goal)


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def adjust_set(request: TenantRequest) -> HttpResponse:
    """Of all goals of oneself, a direct report, a unit one leads, the company; or, with ?team=1, of all direct reports.
    As everywhere, ?owner=, ?unit= or ?layer=company say whose."""
    who = viewer(request)
    if request.GET.get("team"):
        if not who.has(Role.MANAGER):
            raise PermissionDenied
        whose = Whose(Layer.POSITION, is_team=True)
    else:
        place = for_whom(request, who).place
        whose = Whose(place.layer, place.owner, place.unit if place.layer == Layer.DEPARTMENT else None)
    period = period_called(request.GET.get("period", "")) or current_period(who.on)
    return _ask(request, who, whose, period)


def _ask(
    request: TenantRequest, who: Viewer, whose: Whose, period: Period | None, first: Goal | None = None
) -> HttpResponse:
    me = person(request)
    goals = queries.in_order(queries.adjustable(whose, period, asker=me, on=who.on)) if period else []
    results = queries.results_of(goals)
    if first is not None:
        goals.sort(key=lambda goal: goal.pk != first.pk)
    draft = queries.draft_of(whose, period, asker=me) if period else None
    if request.method == "GET" or period is None or not goals:
        lines = queries.lines_of(draft) if draft else []
        form = adjust_forms.AdjustForm(goals=goals, results=results, lines=lines, reason=draft.reason if draft else "")
        if first is not None and (part := part_forms.PARTS.get(request.GET.get("part", ""))):
            form.begin_with(first, part.asked)
        return _ask_page(request, who, whose, period, form, draft, first)
    form = adjust_forms.AdjustForm(request.POST, goals=goals, results=results)
    is_valid = form.is_valid()
    about: dict[str, Any] = {"whose": whose, "period": period, "wanted": form.wanted(), "actor": me}
    about["reason"] = form.cleaned_data.get("reason", "").strip()
    if not is_valid and adjust_forms.DRAFT not in request.POST:
        form.refuse(actions.problems_before(**about))  # with what could not be read, so that one look is enough
    if is_valid:
        about["now"] = timezone.now()
        if adjust_forms.DRAFT in request.POST:
            kept = actions.keep_draft(**about)
            messages.success(request, _("Kept as a draft. Nobody but you sees it."))
            return redirect(here(request, "goals:request", public_id=kept.public_id))
        try:
            sent = actions.ask(**about)
        except actions.NotReady as refused:
            form.refuse(refused.problems)
        except actions.NobodyToAsk:
            form.add_error(None, str(events.NOBODY_TO_ASK))
        else:
            messages.success(request, _sent_as(sent))
            return redirect(here(request, "goals:request", public_id=sent.public_id))
    return _ask_page(request, who, whose, period, form, draft, first, status=422)


def _sent_as(sent: AdjustmentRequest) -> str:
    if sent.waits_for is None:
        return _("Sent. You hear of the answer here.")
    return _("It waits for the window and goes out on %(day)s by itself.") % {
        "day": date_format(sent.waits_for, pgettext("date format", "j F"))
    }


def _ask_page(
    request: TenantRequest,
    who: Viewer,
    whose: Whose,
    period: Period | None,
    form: adjust_forms.AdjustForm,
    draft: AdjustmentRequest | None,
    first: Goal | None,
    status: int = 200,
) -> HttpResponse:
    window = queries.window_on(who.on, queries.adjustment_settings().window_days)
    rows = form.rows()
    groups = [
        {
            "name": _name_of(whose, group[0].goal),
            "key": group[0].goal.owner.public_id if group[0].goal.owner else "set",
            "rows": group,
            "total": plain(total := sum((row.goal.weight or Decimal(0) for row in group), Decimal(0))),
            "whole": plain(whole(total)),
        }
        for _owner, found in groupby(rows, key=lambda row: row.goal.owner_id if whose.is_team else 0)
        if (group := list(found))
    ]
    context = {
        "form": form,
        "groups": groups,
        "first_id": first.public_id if first else None,
        "is_team": whose.is_team,
        "own": whose.owner is not None and whose.owner.pk == who.employee_id,
        "name": _name_of(whose, None),
        "period": period.title if period else "",
        "window": window,
        "window_open": window.holds(who.on),
        "draft": draft,
        "draft_key": f"{whose.layer}:{whose.owner or whose.unit or ''}:{whose.is_team}:{period or ''}",
        "now": timezone.now(),
        "requests_url": here(request, "goals:requests"),
        "cancel_url": here(request, "goals:goal", public_id=first.public_id)
        if first
        else here(request, "goals:requests"),
        "goal_url": here(request, "goals:goal", public_id=first.public_id) if first else "",
        "goal_title": first.title if first else "",
    }
    return render(request, "goals/adjust.html", context, status=status)


def _name_of(whose: Whose, goal: Goal | None) -> str:
    if whose.is_team:
        return goal.owner.name if goal and goal.owner else pgettext("requests", "My team")
    if whose.owner:
        return str(whose.owner.name)
    return str(whose.unit.name) if whose.unit else _("The company")


# --- the list ---------------------------------------------------------------------------------------------------------


@require_GET
@open_to(*EVERYONE)
def requests(request: TenantRequest) -> HttpResponse:
    """What waits for me; what I asked for; of my team; of the people I look after, with how many and how fast."""
    who = viewer(request)
    waiting = access.requests_to_answer(who).count()
    tabs = ["answer", "mine"]
    tabs += ["team"] if who.has(Role.MANAGER) else []
    tabs += ["units"] if who.has(Role.HRBP) else []
    begins = "answer" if waiting else "units" if "units" in tabs else "mine"
    show = asked if (asked := request.GET.get("show", "")) in tabs else begins
    found = {
        "answer": access.requests_to_answer,
        "mine": access.own_requests,
        "team": access.team_requests,
        "units": access.partnered_requests,
    }[show](who)
    page = Paginator(queries.listed(found), PER_PAGE).get_page(request.GET.get("page"))
    labels = {
        "answer": _("Waits for me"),
        "mine": _("My own"),
        "team": pgettext("requests", "My team"),
        "units": _("People I look after"),
    }
    partnered = access.people_partnered(who).exclude(employee=who.employee_id).values("employee")
    context = {
        "now": timezone.now(),
        "show": show,
        "filters": [
            {"label": labels[name], "url": f"?show={name}", "current": name == show, "count": waiting}
            if name == "answer"
            else {"label": labels[name], "url": f"?show={name}", "current": name == show, "count": 0}
            for name in tabs
        ],
        "rows": [_listed(request, row) for row in queries.rows_of(list(page.object_list))],
        "page": page if page.has_other_pages() else None,
        "months": queries.months_counted(partnered, on=who.on) if show == "units" else [],
        "ask_url": here(request, "goals:adjust_set") if who.employee else "",
        "team_url": here(request, "goals:adjust_set") + "?team=1" if who.has(Role.MANAGER) else "",
        "rules_url": here(request, "goals:adjustment_settings") if who.has(Role.ADMIN) else "",
    }
    return render(request, "goals/requests.html", context)


def _listed(request: TenantRequest, row: queries.Row) -> dict[str, Any]:
    one = row.request
    return {
        "url": here(request, "goals:request", public_id=one.public_id),
        "whose": _whose_told(one),
        "asked_by": "" if one.is_employees else one.asked_by.name,
        "changes": [_change(line) for line in row.lines[:3]],
        "more": max(0, len(row.lines) - 3),
        "state": one.state,
        "state_name": one.get_state_display(),
        "waits_for": one.waits_for if one.state == RequestState.WAITING else None,
        "asked": row.asked.name if row.asked else "",
        "at": one.decided_at or one.sent_at or one.made_at,
    }


def _whose_told(one: AdjustmentRequest) -> str:
    if one.is_team:
        return _("Team of %(name)s") % {"name": one.asked_by.name}
    if one.owner:
        return str(one.owner.name)
    return str(one.unit.name) if one.unit else _("The company")


def _change(line: AdjustmentLine) -> dict[str, Any]:
    about = {"goal": line.goal.title, "field": line.get_field_display()}
    if line.field == Field.RESULT_NEW:
        made = line.new_result
        return {**about, "field": f"{about['field']}：{made.title}", "old": "–", "new": told_result(made)}
    if line.key_result is not None:
        about["field"] += f"：{line.key_result.title}"
        if line.field == Field.RESULT_GONE:
            return {**about, "old": told_result(line.key_result), "new": _("does not count")}
    return {**about, "old": told_of_line(line, line.old), "new": told_of_line(line, line.new)}


# --- one request ------------------------------------------------------------------------------------------------------


@require_GET
@open_to(*EVERYONE)
def one_request(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    return _request_page(request, who, access.request_to_read(who, public_id))


@require_POST
@open_to(*EVERYONE)
def approve(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Yes. Where a goal has moved since the page was opened, the page comes back and shows it first."""
    who = viewer(request)
    found = access.request_to_answer(who, public_id)
    form = adjust_forms.ApproveForm(request.POST)
    if not form.is_valid():
        return _request_page(request, who, found, yes=form, status=422)
    try:
        actions.approve(request=found, actor=person(request), now=timezone.now(), **form.cleaned_data)
    except actions.GoalsMoved:
        form.add_error(None, _("A goal was changed while you were reading. Look at what it is now, then answer."))
        return _request_page(request, who, found, yes=form, status=409)
    except actions.NotReady as refused:
        for problem in refused.problems:
            form.add_error(None, problem.sentence)
        return _request_page(request, who, found, yes=form, status=422)
    except (actions.AlreadyDecided, actions.NotYourTurn):
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Thank you, your answer is with whoever asked."))
    return redirect(_url(request, found))


@require_POST
@open_to(*EVERYONE)
def refuse(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.request_to_answer(who, public_id)
    form = adjust_forms.RefuseForm(request.POST)
    if not form.is_valid():
        return _request_page(request, who, found, no=form, status=422)
    try:
        actions.refuse(request=found, actor=person(request), now=timezone.now(), **form.cleaned_data)
    except (actions.AlreadyDecided, actions.NotYourTurn):
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Thank you, your answer is with whoever asked."))
    return redirect(_url(request, found))


@require_POST
@open_to(*EVERYONE)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.request_to_withdraw(viewer(request), public_id)
    try:
        actions.withdraw(request=found, actor=person(request), now=timezone.now())
    except actions.AlreadyDecided:
        return changed_meanwhile(request, [], url=_url(request, found))
    messages.success(request, _("Taken back. The goals stay as they are."))
    return redirect(here(request, "goals:requests") + "?show=mine")


def _url(request: TenantRequest, found: AdjustmentRequest) -> str:
    return here(request, "goals:request", public_id=found.public_id)


def _request_page(
    request: TenantRequest,
    who: Viewer,
    found: AdjustmentRequest,
    *,
    yes: adjust_forms.ApproveForm | None = None,
    no: adjust_forms.RefuseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = queries.with_goals(access.lines_to_read(who, found))
    steps = queries.steps_of(found)
    current = queries.current_step(steps) if found.state == RequestState.SENT else None
    is_mine = current is not None and current.approver_id == who.employee_id
    seen = queries.mark_of(line.goal for line in lines)
    readable = access.readable_of(who, [line.goal for line in lines])
    is_asker = found.asked_by_id == who.employee_id
    context = {
        "now": timezone.now(),
        "request_": found,
        "state": found.state,
        "state_name": found.get_state_display(),
        "whose": _whose_told(found),
        "is_own": found.is_employees,
        "asked_by": found.asked_by.name,
        "lines": [_line_shown(request, line, found, line.goal_id in readable) for line in lines],
        "has_moved": found.is_open and any(line.has_moved for line in lines),
        "steps": [_step_shown(step, current) for step in steps],
        "yes": (yes or adjust_forms.ApproveForm(initial={"seen": seen})) if is_mine else None,
        "seen": seen,
        "no": (no or adjust_forms.RefuseForm()) if is_mine else None,
        "approve_url": here(request, "goals:approve", public_id=found.public_id),
        "refuse_url": here(request, "goals:refuse_request", public_id=found.public_id),
        "withdraw_url": here(request, "goals:withdraw", public_id=found.public_id)
        if is_asker and (found.is_open or found.is_draft)
        else "",
        "edit_url": _edit_url(request, found) if is_asker and found.is_draft else "",
        "requests_url": here(request, "goals:requests"),
    }
    return render(request, "goals/request.html", context, status=status)


def _line_shown(
    request: TenantRequest, line: AdjustmentLine, found: AdjustmentRequest, is_readable: bool
) -> dict[str, Any]:
    url = here(request, "goals:goal", public_id=line.goal.public_id) if is_readable else ""
    moved = found.is_open and line.has_moved
    is_changed = found.is_open and line.goal.version != line.goal_version
    versions = here(request, "goals:versions", public_id=line.goal.public_id)
    return {
        **_change(line),
        "url": url,
        "owner": line.goal.owner.name if found.is_team and line.goal.owner else "",
        "now": told_of_line(line, line.now) if moved else "",
        "versions_url": f"{versions}?a={line.goal_version}" if is_readable and is_changed else "",
    }


def _step_shown(step: ApprovalStep, current: ApprovalStep | None) -> dict[str, Any]:
    return {
        "name": step.approver.name,
        "part": Part(step.part).label,
        "because": [approving.BECAUSE[code] for code in step.because if code in approving.BECAUSE],
        "instead": approving.INSTEAD.get(step.instead, ""),
        "decision": step.decision,
        "decision_name": Decision(step.decision).label if step.decision else "",
        "at": step.decided_at,
        "note": step.note,
        "is_current": current is not None and step.pk == current.pk,
    }


def _edit_url(request: TenantRequest, found: AdjustmentRequest) -> str:
    about = [f"period={found.period.name}"]
    if found.is_team:
        about.append("team=1")
    elif found.layer == Layer.COMPANY:
        about.append(f"layer={Layer.COMPANY}")
    elif found.unit:
        about.append(f"unit={found.unit.public_id}")
    elif found.owner and not found.is_employees:
        about.append(f"owner={found.owner.public_id}")
    return f"{here(request, 'goals:adjust_set')}?{'&'.join(about)}"


# --- versions ---------------------------------------------------------------------------------------------------------


@require_GET
@open_to(*EVERYONE)
def versions(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Any two versions side by side, with who, when and why. Why, and what was drafted, for those who read its
    obstacles."""
    who = viewer(request)
    goal, rights = access.goal_to_read(who, public_id)
    found = versions_of(goal, drafts=rights.reads_obstacles)
    by_number = {version.number: version for version in found}
    newest = found[0].number if found else 0
    after = _number(request, "b", by_number, newest)
    before = _number(request, "a", by_number, next((one.number for one in found if one.number < after), after))
    old, new = by_number.get(before), by_number.get(after)
    context = {
        "now": timezone.now(),
        "goal": goal,
        "goal_url": here(request, "goals:goal", public_id=goal.public_id),
        "versions": [_version_shown(request, one, rights.reads_obstacles) for one in found],
        "before": _version_shown(request, old, rights.reads_obstacles) if old else None,
        "after": _version_shown(request, new, rights.reads_obstacles) if new else None,
        "rows": _compared(old, new) if old and new else [],
    }
    return render(request, "goals/versions.html", context)


def _number(request: TenantRequest, name: str, known: dict[int, Version], otherwise: int) -> int:
    typed = request.GET.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 and int(typed) in known else otherwise


def _version_shown(request: TenantRequest, one: Version, reads_why: bool) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "name": one.name,
        "what": VERBS.get(one.verb, ""),
        "why": one.request.reason if reads_why and one.request else "",
        "asked_by": one.request.asked_by.name if reads_why and one.request else "",
        "request_url": here(request, "goals:request", public_id=one.request.public_id)
        if reads_why and one.request
        else "",
    }


def _compared(old: Version, new: Version) -> list[dict[str, Any]]:
    rows = []
    for name, label in {"status": _("State"), **COLUMNS}.items():
        before, after = told_column(old.row, name), told_column(new.row, name)
        if before or after:
            rows.append({"label": label, "before": before, "after": after, "changed": before != after})
    for key in {**old.results, **new.results}:
        named = new.results.get(key) or old.results[key]
        before, after = ("" if key not in there else told_result(there[key]) for there in (old.results, new.results))
        label = f"{_('Key result')}：{named.title}"
        rows.append({"label": label, "before": before, "after": after, "changed": before != after})
    return sorted(rows, key=lambda row: not row["changed"])


# --- who is asked -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def settings(request: TenantRequest) -> HttpResponse:
    """The window and the conditions; with "who would be asked" for a person, by what is typed and nothing saved."""
    who = viewer(request)
    held = queries.adjustment_settings()
    if request.method == "GET":
        form = adjust_forms.AdjustmentSettingsForm(initial=adjust_forms.initial_of_adjustments(held))
        return _settings_page(request, form)
    form = adjust_forms.AdjustmentSettingsForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, form, status=422)
    if "preview" in request.POST:
        return _settings_page(request, form, of=form.person, on=who)
    try:
        settings_actions.change_adjustment_settings(
            version=form.cleaned_data["version"], actor=who.employee, now=timezone.now(), **form.wanted()
        )
    except StaleVersion:
        return changed_meanwhile(request, [form], url=request.path, version=held.version)
    messages.success(request, _("Saved. It holds for what is sent from now on."))
    return redirect(request.path)


def _settings_page(
    request: TenantRequest,
    form: adjust_forms.AdjustmentSettingsForm,
    *,
    of: Employee | None = None,
    on: Viewer | None = None,
    status: int = 200,
) -> HttpResponse:
    found: Sequence[queries.Asked] = []
    nobody = ""
    if of is not None and on is not None:
        try:
            found = queries.preview(of, queries.rules_of(form.typed_settings()), on=on.on)
        except actions.NobodyToAsk:
            nobody = str(events.NOBODY_TO_ASK)
    context = {
        "form": form,
        "of": of.name if of else "",
        "is_preview": on is not None,
        "nobody": nobody,
        "cases": [
            {
                "case": CASES[one.case],
                "steps": [
                    {
                        "name": person.name,
                        "part": Part(step.part).label,
                        "instead": approving.INSTEAD.get(step.instead, ""),
                    }
                    for step, person in one.steps
                ],
            }
            for one in found
        ],
        "url": here(request, "goals:adjustment_settings"),
        "goals_url": here(request, "goals:settings"),
    }
    return render(request, "goals/adjustment_settings.html", context, status=status)
