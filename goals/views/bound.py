"""Goals whose figure comes from a metric: bound, ended, and what the figure is made of (product.md §5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from goals import access
from goals.access import Rights
from goals.actions import binding as actions
from goals.actions.trail import GoalNotOpen
from goals.bound import figure_of, makings_of
from goals.bound_forms import WHOLE, BindForm, EndForm
from goals.models import Direction, Goal, KeyResult, Making, MetricBinding
from goals.queries import bound as queries
from goals.queries.bound import OTHER_UNIT, Good, Measured
from goals.wording import brief, limits_of, plain, with_unit
from integrations.access import may_contest
from integrations.calibers import parts_of
from integrations.metrics import UnfitRule
from integrations.models import MetricDefinition, MetricVersion
from integrations.queries.bound import announced_metrics, named_by_number, records_on, rule_of, version_in_force
from integrations.queries.sides import Named
from integrations.queries.standing import key_of_person, key_of_unit
from integrations.showing import said
from integrations.wording import sentence
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

ROWS = 50
COLUMNS = 8
DAYS = 14  # shown at once; a quarter of them is a long way on a phone


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def bind(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Asked with a metric, whose and how, it shows what the figure would be; sent, it is that from then on. ?result=
    names a key result."""
    who = viewer(request)
    goal, result = access.goal_to_bind(who, public_id, request.GET.get("result", ""))
    url = here(request, "goals:goal", public_id=goal.public_id)
    sent = request.POST if request.method == "POST" else request.GET
    form = _form(who, goal, sent, is_sent=request.method == "POST" or "subject" in sent)
    if request.method == "POST" and form.is_valid():
        try:
            actions.bind_metric(
                goal=goal,
                key_result=result,
                definition=form.definition,
                whose=form.named,
                making=form.cleaned_data["making"],
                actor=who.employee,
                now=timezone.now(),
            )
        except (GoalNotOpen, actions.BoundAlready, actions.NotAFigure):
            return changed_meanwhile(request, [form], url=url)
        except actions.OtherUnit as other:
            form.add_error("metric", _other_unit(result or goal, other.unit))
        except (actions.DoesNotAddUp, actions.NotAnnounced):
            form.add_error("making", _("This metric cannot be put together so."))
        else:
            messages.success(request, _("The figure comes from the metric from now on."))
            return redirect(url)
    context = {
        "now": timezone.now(),
        "goal": {"title": goal.title, "url": url},
        "of": result.title if result else "",
        "form": form,
        "result": str(result.public_id) if result else "",
        "preview": _preview(who, goal, result, form) if not form.is_bound or not form.errors else None,
        "has_metrics": bool(form.metrics),
    }
    return render(request, "goals/bind.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def unbind(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """By whoever leads the owner, or HR, with a reason; of a draft by whoever writes it."""
    who = viewer(request)
    binding = access.binding_to_end(who, public_id)
    url = here(request, "goals:goal", public_id=binding.goal.public_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.unbind_metric(
                binding=binding, because=form.cleaned_data["because"], actor=who.employee, now=timezone.now()
            )
        except GoalNotOpen:
            return changed_meanwhile(request, [form], url=url)
        messages.success(request, _("People tell the figure again. What was measured stays."))
        return redirect(url)
    context = {"goal": {"title": binding.goal.title, "url": url}, "metric": binding.definition.name, "form": form}
    return render(request, "goals/unbind.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(*EVERYONE)
def figure(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What a goal's figure is made of: caliber, days, what it was before; ?on= opens the rows of a day, for those whom
    they concern."""
    who = viewer(request)
    binding, rights, reads_rows = access.binding_to_read(who, public_id)
    found = queries.measured([binding], who.on)[binding.pk]
    on = _day(request) if reads_rows else None
    rows, rows_problem = _rows(request, binding, on) if on else (None, "")
    page_url = here(request, "goals:figure", public_id=binding.public_id)
    version = found.counted_as or version_in_force(binding.definition, who.on)
    measured_by = binding.key_result or binding.goal
    unit = queries.unit_of(measured_by)
    days = [
        {
            "on": day.on,
            "text": _amount(figure_of([day.figure], "latest"), unit, like=version, by=measured_by),
            "rows": day.figure.rows,
            "is_settled": day.is_settled,
            "is_running": day is found.running,
            "url": f"{page_url}?on={day.on:%Y-%m-%d}#rows" if reads_rows else "",
            "is_open": day.on == on,
        }
        for day in [*([found.running] if found.running else []), *reversed(found.days)]
    ]
    context = {
        "now": timezone.now(),
        "goal": {
            "title": binding.goal.title,
            "url": here(request, "goals:goal", public_id=binding.goal.public_id),
        },
        "figure": figure_shown(request, binding, found, rights),
        "number": version.number if version else None,
        "parts": parts_of(version) if version else [],
        "days": days[:DAYS],
        "further_days": days[DAYS:],
        "is_far_open": any(day["is_open"] for day in days[DAYS:]),
        "earlier": [
            {
                "at": one.check_in.at,
                "text": _amount(one.value, unit, like=one.counted_as, by=measured_by),
                "last_on": one.last_on,
                "is_settled": one.is_settled,
                "number": one.counted_as.number,
            }
            for one in queries.figures_told(binding)[:ROWS]
        ],
        "reads_rows": reads_rows,
        "rows": rows,
        "rows_problem": rows_problem,
    }
    return render(request, "goals/figure.html", context)


def _day(request: TenantRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:  # no such day
        return None


def _rows(request: TenantRequest, binding: MetricBinding, on: date) -> tuple[dict[str, Any] | None, str]:
    """The newest state of the records of a day, the first of many; or why they cannot be shown."""
    try:
        found = records_on(binding.definition, queries.named_of(binding), on, most=ROWS, zone=request.seat.zone)
    except UnfitRule:
        return None, sentence("metric_unfit", {})
    if found is None:
        return None, ""
    fields = [one for one in found.source.stream.fields if one.type != "list"][:COLUMNS]
    shown = {
        "on": on,
        "number": found.number,
        "heads": [one.label or one.name for one in fields],
        "lines": [
            {
                "id": record.external_id,
                "cells": [said(record.data.get(one.name), one.type, found.source.zone) for one in fields],
            }
            for record in found.records
        ],
    }
    return shown, ""


# --- the form ---


def _form(who: Viewer, goal: Goal, sent: Mapping[str, Any], *, is_sent: bool) -> BindForm:
    metrics = list(announced_metrics().select_related("owner"))
    chosen = next((one for one in metrics if str(one.public_id) == sent.get("metric")), None)
    version = version_in_force(chosen, who.on) if chosen else None
    if chosen is None or version is None:
        return BindForm(sent if is_sent or sent.get("metric") else None, metrics=metrics)
    whose = _whose(who, goal, chosen)
    makings = makings_of(rule_of(version).measure.kind)
    if is_sent:
        return BindForm(sent, metrics=metrics, whose=whose, makings=makings)
    first = {"metric": str(chosen.public_id), "subject": whose[0].key or WHOLE, "making": next(iter(makings))}
    return BindForm(first, metrics=metrics, whose=whose, makings=makings)


def _whose(who: Viewer, goal: Goal, definition: MetricDefinition) -> Sequence[Named]:
    """Whose figure a goal can have, the likely one first: its owner's, its unit's; that of what its evidence names,
    where the source names them beside it; the whole for the company and for who may read it anyway."""
    found = []
    if goal.owner is not None:
        found.append(Named(key_of_person(goal.owner.public_id), goal.owner.name, employee_id=goal.owner_id))
    if goal.unit is not None:
        unit = Named(key_of_unit(goal.unit.public_id), goal.unit.name, unit_id=goal.unit_id)
        found = [*found, unit] if access.is_of_a_person(goal) else [unit, *found]
    version = version_in_force(definition, who.on)
    named = named_by_number(version, goal.evidence_number) if version else []
    found += [one for one in named if access.may_bind_named(who, goal, definition, one.key, who.on)]
    if access.may_bind_whole(who, goal, definition):
        found = [Named(""), *found] if not found else [*found, Named("")]
    return found


def _preview(who: Viewer, goal: Goal, result: KeyResult | None, form: BindForm) -> dict[str, Any] | None:
    """What the figure would be today."""
    if not form.is_bound or not form.whose or not form.is_valid():
        return None
    named, definition = form.named, form.definition
    asked = MetricBinding(
        pk=0,  # never saved
        goal=goal,
        key_result=result,
        definition=definition,
        key=named.key,
        label=named.label,
        employee_id=named.employee_id,
        unit_id=named.unit_id,
        making=form.cleaned_data["making"],
    )
    version = version_in_force(definition, who.on)
    unit = version.unit_of_measure if version else ""
    wanted = queries.unit_of(result or goal)
    if wanted and not queries.is_same_unit(wanted, unit):
        return {"problem": _other_unit(result or goal, unit), "fits": False}
    if not wanted:
        (result or goal).unit_of_measure = unit  # as binding it would
    found = queries.measured([asked], who.on)[0]
    if found.value is None:
        problem = _other_unit(result or goal, unit) if found.problem else _("There is no figure yet.")
        return {"problem": problem, "fits": not found.problem}
    return {
        "fits": True,
        "text": _amount(found.value, unit, like=version, by=result or goal),
        "first_on": found.first_on,
        "last_on": found.last_on,
        "days": len(found.days),
        "as_of": found.as_of,
        "is_settled": found.is_settled,
        "is_held": found.standing.is_held,
    }


def _other_unit(measured_by: Goal | KeyResult, unit: str) -> str:
    told = {"metric": unit, "goal": measured_by.unit_of_measure}
    words = _("The metric counts in %(metric)s, the goal in %(goal)s. Bring them together first.")
    return words % told


# --- shown on the goal ---


def as_sound(goal: Goal, good: Good) -> dict[str, Any]:
    """What a goal's page tells of it while a figure of it is held: the last sound one, and no judgement by it."""
    told = {"pace": None, "behind": 0, "progress": good.progress, "value_text": ""}
    if good.value is None:
        return told
    text = brief(good.value, limits_of(goal))
    if goal.target is not None and goal.direction != Direction.HOLD:
        text = f"{text} / {plain(goal.target)}"
    return told | {"value_text": with_unit(text, goal.unit_of_measure)}


def figure_shown(request: TenantRequest, binding: MetricBinding, found: Measured, rights: Rights) -> dict[str, Any]:
    """For templates/goals/_figure.html."""
    measured_by = binding.key_result or binding.goal
    unit = queries.unit_of(measured_by)
    stands = found.standing
    version = found.counted_as
    return {
        "of": binding.key_result.title if binding.key_result else "",
        "metric": binding.definition.name,
        "whose": binding.label or _("The whole"),
        "making": Making(binding.making).label,
        "text": "" if found.value is None else _amount(found.value, unit, like=version, by=measured_by),
        "problem": _other_unit_from(version.unit_of_measure if version else "", unit)
        if found.problem == OTHER_UNIT
        else "",
        "first_on": found.first_on,
        "last_on": found.last_on,
        "as_of": found.as_of,
        "is_settled": found.is_settled,
        "number": version.number if version else None,
        "is_held": stands.is_held,
        "sound": "" if found.sound is None else _amount(found.sound, unit, like=version, by=measured_by),
        "sound_on": found.sound_on,
        "is_disputed": stands.is_disputed,
        "url": here(request, "goals:figure", public_id=binding.public_id),
        "contest_url": _contest_url(request, binding, found),
        "end_url": here(request, "goals:unbind", public_id=binding.public_id)
        if binding.ended_at is None and access.may_unbind(binding.goal, rights)
        else "",
    }


def _other_unit_from(metric: str, goal: str) -> str:
    return _("The metric counts in %(metric)s by now, the goal in %(goal)s: it no longer checks in by itself.") % {
        "metric": metric,
        "goal": goal,
    }


def _contest_url(request: TenantRequest, binding: MetricBinding, found: Measured) -> str:
    if found.first_on is None or found.last_on is None:
        return ""
    asked = {"subject": binding.key, "first": found.first_on.isoformat(), "last": found.last_on.isoformat()}
    if not may_contest(viewer(request), binding.definition, binding.key):
        return ""
    url = here(request, "integrations:dispute_new", public_id=binding.definition.public_id)
    return f"{url}?{urlencode(asked)}"


def _amount(value: Decimal | None, unit: str, *, like: MetricVersion | None = None, by: Goal | KeyResult) -> str:
    """`like` the version says, against the limits it is measured `by`."""
    if value is None:
        return "–"
    return with_unit(brief(value, limits_of(by), digits=like.digits if like else 2), unit)
