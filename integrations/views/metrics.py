"""Metrics: the list, one of them by day and subject, what it means, and a figure with the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from perfsys.audit.verbs import VERBS
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, caliber, drawing, page_queries, showing, wording
from ..calibers import parts_of, words_of
from ..forms.metric import AnnounceForm
from ..metrics import Figure, UnfitRule, total
from ..models import (
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    Side,
    Standing,
    Subject,
)
from ..queries import metrics as queries
from ..queries.standing import Marks, disputed_keys, held_metrics, key_of_value, marks_of
from . import parts, standing

PER_PAGE = 50
DAYS = 30  # of the line
RANGES = (30, 90, 366)
MOST_SUBJECTS = 100
LOOKS = {
    MetricState.DRAFT: "idle",
    MetricState.ANNOUNCED: "adj",
    MetricState.IN_FORCE: "ok",
    MetricState.ENDED: "idle",
}
STANDING_LOOKS = {Standing.PROVISIONAL: "watch", Standing.SETTLED: "ok"}


# --- the list ---


@require_GET
@open_to(*EVERYONE)
def metrics(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    found = queries.definitions_page(access.visible_metrics(who), today=who.on)
    definitions = [row.definition for row in found]
    held, disputed = held_metrics(definitions), {pk for pk, _key in disputed_keys(definitions)}
    rows = [
        _list_row(request, row)
        | {
            "marks": _badges(Marks(row.definition.pk in held, row.definition.pk in disputed)),
            "waits_for_you": _may_sign(who, row),
        }
        for row in found
    ]
    may_make = who.has(*access.KEEPERS)
    context = {
        "rows": rows,
        "new_url": here(request, "integrations:new_metric") if may_make else "",
        "governance_url": here(request, "integrations:governance") if who.has(*access.GOVERNANCE_READERS) else "",
    }
    return render(request, "integrations/metrics.html", context)


def _list_row(request: TenantRequest, row: queries.MetricRow) -> dict[str, Any]:
    version = _shown_version(row.versions)
    signed = len(version.sign_offs.all()) if version.state == MetricState.DRAFT else None
    return {
        "name": row.definition.name,
        "url": url(request, "metric", row.definition),
        "source": f"{version.connection.name} · {showing.stream_title(version.stream)}",
        "owner": row.definition.owner.name,
        "interpreter": row.definition.interpreter.name,
        "state": LOOKS[MetricState(version.state)],
        "state_name": _state_name(version, signed),
        "last_on": row.last_on,
        "problem": wording.sentence(version.problem, {}) if version.problem else "",
    }


def _may_sign(who: Viewer, row: queries.MetricRow) -> bool:
    """Whether a draft waits for a side of theirs, and they have not signed it for another."""
    draft = next((one for one in row.versions if one.state == MetricState.DRAFT), None)
    signed = {one.side: one.by_id for one in draft.sign_offs.all()} if draft else {}
    if draft is None or who.employee_id in signed.values():
        return False
    return any(side not in signed for side in access.sides_of(who, row.definition))


def _shown_version(versions: Sequence[MetricVersion]) -> MetricVersion:
    """The newest that counts; of one that was never announced its draft."""
    return next((one for one in versions if one.state == MetricState.IN_FORCE), versions[0])


def _state_name(version: MetricVersion, signed: int | None) -> str:
    if signed is not None:
        return _("Draft, %(signed)d of %(sides)d signed") % {"signed": signed, "sides": len(Side)}
    return str(MetricState(version.state).label)


# --- one metric ---


@require_GET
@open_to(*EVERYONE)
def metric(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """?days= how far back; ?on= the day whose subjects are listed."""
    who = viewer(request)
    return metric_page(request, who, access.metric_to_read(who, public_id))


def metric_page(
    request: TenantRequest,
    who: Viewer,
    definition: MetricDefinition,
    *,
    announcing: AnnounceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    versions = queries.versions_of(definition)
    last = queries.last_day(definition, until=who.on) or who.on
    days = _days(request)
    first = last - timedelta(days=days - 1)
    wholes = list(queries.standing_values(definition, first=first, last=last).filter(subject=None))
    shown = _shown_version(versions)
    own = url(request, "metric", definition)
    by_version = {one.pk: one for one in versions}
    may_edit = access.may_edit_metric(who, definition)
    lists_subjects = access.may_list_subjects(who, definition)
    on = _day_asked(request, {one.on for one in wholes})
    counted_by = by_version[next((one.of_id for one in wholes if on in (None, one.on)), shown.pk)]
    context = {
        **list_url(request),
        "now": timezone.now(),
        "definition": definition,
        "standing": standing.beside(request, definition, "", first=last, last=last) if wholes else None,
        "state": LOOKS[MetricState(shown.state)],
        "state_name": _state_name(shown, len(shown.sign_offs.all()) if shown.state == MetricState.DRAFT else None),
        "problem": wording.sentence(shown.problem, {}) if shown.problem else "",
        "next_step": wording.next_step(shown.problem) if shown.problem else "",
        "computing": queries.progress_of(shown),
        "parts": parts_of(shown),
        "as_of": _moment(shown.computed_as.get("as_of")),
        "problems": _problems_said(shown),
        "connection": shown.connection.name,
        "connection_url": parts.url(request, "connection", shown.connection) if who.has(*access.KEEPERS) else "",
        "chart": _chart(request, definition, wholes, by_version) if wholes else None,
        "ranges": [{"label": _said_of_days(one), "url": f"{own}?days={one}", "current": one == days} for one in RANGES],
        "whole": _total_said(wholes, by_version),
        "subjects": _subjects(request, who, counted_by, on or first, on or last) if lists_subjects else [],
        "subjects_on": on,
        "all_days_url": f"{own}?days={days}",
        "draft": _draft_shown(request, who, definition, versions, announcing),
        "versions": [_version_row(request, definition, one) for one in versions if one.state != MetricState.DRAFT],
        "people_url": url(request, "people", definition) if may_edit else "",
        "begin_url": url(request, "begin", definition)
        if may_edit and all(one.state != MetricState.DRAFT for one in versions)
        else "",
        "governance_url": governance_url(request, who, definition),
        "recompute_url": url(request, "recompute", definition) if may_edit and wholes else "",
    }
    return render(request, "integrations/metric.html", context, status=status)


def _days(request: TenantRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked.isdecimal() and len(asked) < 4 and int(asked) in RANGES else DAYS


def _said_of_days(number: int) -> str:
    if number == 366:
        return _("A year")
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


def _day_asked(request: TenantRequest, known: set[date]) -> date | None:
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return on if on in known else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _figure(value: MetricValue) -> Figure:
    return Figure(value.numerator, value.denominator, value.rows)


def _chart(
    request: TenantRequest,
    definition: MetricDefinition,
    wholes: Sequence[MetricValue],
    versions: Mapping[int, MetricVersion],
) -> Any:
    marks = marks_of(definition, wholes)
    points = [
        drawing.Point(
            one.on,
            _figure(one).amount,
            caliber.amount_in_words(_figure(one), **words_of(versions[one.of_id])),
            one.standing == Standing.SETTLED,
            _value_url(request, one),
            " · ".join(one["name"] for one in _badges(marks[one.pk])),
        )
        for one in reversed(wholes)
    ]
    words = {
        "name": definition.name,
        "first": date_format(points[0].on),
        "last": date_format(points[-1].on),
        "amount": points[-1].text,
    }
    return drawing.line_by_day(
        points,
        says=_("%(name)s by day, %(first)s to %(last)s; at the end %(amount)s") % words,
        name=definition.name,
        heads=(_("Business day"), definition.name, _("Standing")),
        standings=(str(Standing.SETTLED.label), str(Standing.PROVISIONAL.label)),
    )


def _total_said(wholes: Sequence[MetricValue], versions: Mapping[int, MetricVersion]) -> dict[str, Any] | None:
    """Of the days shown, where one caliber counts them all: sums of two calibers mean nothing."""
    if not wholes or len({one.of_id for one in wholes}) > 1:
        return None
    figure = total(map(_figure, wholes))
    provisional = sum(one.standing == Standing.PROVISIONAL for one in wholes)
    return {
        "text": caliber.amount_in_words(figure, **words_of(versions[wholes[0].of_id])) if figure else "–",
        "rows": figure.rows if figure else 0,
        "days": len(wholes),
        "provisional": provisional,
    }


def _subjects(
    request: TenantRequest, who: Viewer, version: MetricVersion, first: date, last: date
) -> list[dict[str, Any]]:
    """What the figures of each come to, by the version that counts the last of these days; the largest first."""
    which = access.values_to_read(who, version.definition)
    found = queries.subject_totals(version, first=first, last=last, most=MOST_SUBJECTS, which=which)
    marks = marks_of(version.definition, [one.newest for one in found], since=first)
    return [
        {
            "marks": _badges(marks[one.newest.pk]),
            "name": one.name or _name_of(one.subject),
            "said": one.subject.value if one.name or one.subject.name else "",
            "text": caliber.amount_in_words(one.figure, **words_of(version)),
            "rows": one.figure.rows,
            "days": one.days,
            "url": _value_url(request, one.newest),
        }
        for one in found
    ]


def _badges(marks: Marks) -> list[dict[str, str]]:
    """What puts a figure in doubt, as everywhere."""
    held, contested = {"state": "talk", "name": _("Data being checked")}, {"state": "watch", "name": _("Disputed")}
    return [held] * marks.is_held + [contested] * marks.is_disputed


def _name_of(subject: Subject) -> str:
    return subject.name or subject.value or _("without attribution")


def _draft_shown(
    request: TenantRequest,
    who: Viewer,
    definition: MetricDefinition,
    versions: Sequence[MetricVersion],
    announcing: AnnounceForm | None,
) -> dict[str, Any] | None:
    draft = next((one for one in versions if one.state == MetricState.DRAFT), None)
    if draft is None:
        return None
    signed = {one.side: one for one in draft.sign_offs.all()}
    mine = {one.by_id for one in signed.values()}
    sides = access.sides_of(who, definition)
    before = _before(draft, versions)
    may_edit = access.may_edit_metric(who, definition)
    first = who.on if before is None else max(who.on, before.effective_on) + timedelta(days=1)
    return {
        "number": draft.number,
        "version": draft.version,
        "is_first": before is None,
        "parts": parts_of(draft),
        "changes": caliber.changes(parts_of(before), parts_of(draft)) if before else [],
        "sides": [
            {
                "label": side.label,
                "by": signed[side].by.name if side in signed else "",
                "at": signed[side].at if side in signed else None,
                "key": side.value,
                "may_sign": side in sides and side not in signed and who.employee_id not in mine,
            }
            for side in Side
        ],
        "is_signed": len(signed) == len(Side),
        "sign_url": url(request, "sign", definition),
        "edit_url": url(request, "draft", definition) if may_edit else "",
        "drop_url": url(request, "drop", definition) if may_edit else "",
        "announce_url": url(request, "announce", definition) if may_edit else "",
        "announcing": announcing or AnnounceForm(initial={"effective_on": first, "version": draft.version}),
    }


def _before(version: MetricVersion, versions: Iterable[MetricVersion]) -> MetricVersion | None:
    older = [one for one in versions if one.number < version.number]
    return max(older, key=lambda one: one.number, default=None)


def _version_row(request: TenantRequest, definition: MetricDefinition, version: MetricVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "effective_on": version.effective_on,
        "announced_at": version.announced_at,
        "state": LOOKS[MetricState(version.state)],
        "state_name": MetricState(version.state).label,
        "signed": [{"side": Side(one.side).label, "name": one.by.name} for one in version.sign_offs.all()],
        "url": _version_url(request, definition, version.number),
    }


def _problems_said(version: MetricVersion) -> list[str]:
    """Rows that count nowhere or bring nothing, as of the last whole computing."""
    problems = version.computed_as.get("problems", {})
    said = []
    if number := problems.get("no_day"):
        words = ngettext(
            "%(number)d row has no business day and counts nowhere.",
            "%(number)d rows have no business day and count nowhere.",
            number,
        )
        said.append(words % {"number": number})
    if number := problems.get("no_number"):
        words = ngettext(
            "%(number)d row has no number where one is counted and brings nothing.",
            "%(number)d rows have no number where one is counted and bring nothing.",
            number,
        )
        said.append(words % {"number": number})
    if number := problems.get("ahead"):
        words = ngettext(
            "%(number)d row stands on a day that is still to come, and counts from that day on.",
            "%(number)d rows stand on days that are still to come, and count from these days on.",
            number,
        )
        said.append(words % {"number": number})
    return said


@require_GET
@open_to(*EVERYONE)
def version(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """?number= of a version, which stands beside the one before it; else the newest."""
    definition = access.metric_to_read(viewer(request), public_id)
    versions = queries.versions_of(definition)
    asked = request.GET.get("number", "")
    shown = next((one for one in versions if str(one.number) == asked), versions[0] if not asked else None)
    if shown is None:
        raise Http404
    before = _before(shown, versions)
    history = Paginator(page_queries.changes_of_metric(definition), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **list_url(request),
        "now": timezone.now(),
        "definition": definition,
        "back_url": url(request, "metric", definition),
        "shown": _version_row(request, definition, shown),
        "is_draft": shown.state == MetricState.DRAFT,
        "made_by": shown.made_by.name if shown.made_by else _("the system"),
        "made_at": shown.made_at,
        "parts": parts_of(shown),
        "before": before.number if before else None,
        "changes": caliber.changes(parts_of(before), parts_of(shown)) if before else [],
        "entries": [
            {"at": one.at, "by": one.actor_name or _("the system"), "did": VERBS.get(one.verb, one.verb)}
            for one in history.object_list
        ],
        "page": history,
    }
    return render(request, "integrations/metric_version.html", context)


# --- a figure ---


@require_GET
@open_to(*EVERYONE)
def value(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Where a figure comes from: its caliber, as of when, what it was before, and the rows (?page=)."""
    who = viewer(request)
    found = access.value_to_read(who, public_id)
    definition, counted_by = found.of.definition, found.of
    reads_rows = access.may_read_subjects(who, definition)
    rows: list[dict[str, Any]] = []
    heads: list[str] = []
    page, problem = None, ""
    if reads_rows:
        try:
            page, rows, heads = _rows_page(request, found)
        except UnfitRule:
            problem = wording.sentence("metric_unfit", {})
    words = words_of(counted_by)
    name = ""
    if (subject := found.subject) is not None:
        name = queries.names_of_subjects({subject.pk: found.on}).get(subject.pk) or _name_of(subject)
    context = {
        **list_url(request),
        "now": timezone.now(),
        "definition": definition,
        "back_url": url(request, "metric", definition),
        "value": found,
        "text": caliber.amount_in_words(_figure(found), **words),
        "subject": name,
        "beside": standing.beside(request, definition, key_of_value(found), first=found.on, last=found.on),
        "standing": STANDING_LOOKS[Standing(found.standing)],
        "standing_name": Standing(found.standing).label,
        "parts": parts_of(counted_by),
        "number": counted_by.number,
        "version_url": _version_url(request, definition, counted_by.number),
        "connection": counted_by.connection.name,
        "reads_rows": reads_rows,
        "rows": rows,
        "heads": heads,
        "page": page,
        "problem": problem,
        "earlier": [
            {
                "text": caliber.amount_in_words(_figure(one), **words),
                "rows": one.rows,
                "computed_at": one.computed_at,
                "replaced_at": one.replaced_at,
                "is_this": one.pk == found.pk,
                "url": _value_url(request, one),
            }
            for one in queries.values_of_day(found)[:PER_PAGE]
        ],
    }
    return render(request, "integrations/metric_value.html", context)


def _rows_page(request: TenantRequest, found: MetricValue) -> tuple[Any, list[dict[str, Any]], list[str]]:
    asked = request.GET.get("page", "")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    behind = queries.rows_behind(found, start=(number - 1) * PER_PAGE, size=PER_PAGE, zone=request.seat.zone)
    page = Paginator(range(behind.number), PER_PAGE).get_page(number)
    if page.number != number:
        behind = queries.rows_behind(found, start=(page.number - 1) * PER_PAGE, size=PER_PAGE, zone=request.seat.zone)
    source = behind.source
    fields = [one for one in source.stream.fields if one.type != "list"][:10]
    rows = []
    for record in behind.records:
        read = source.meter.read(record.data)
        rows.append(
            {
                "id": record.external_id,
                "problem": caliber.problem_in_words(read.problem),
                "cells": [showing.said(record.data.get(one.name), one.type, source.zone) for one in fields],
            }
        )
    return page, rows, [one.label or one.name for one in fields]


def url(request: TenantRequest, name: str, definition: MetricDefinition) -> str:
    full = name if name == "metric" else f"metric_{name}"
    return here(request, f"integrations:{full}", public_id=definition.public_id)


def _version_url(request: TenantRequest, definition: MetricDefinition, number: int) -> str:
    return url(request, "version", definition) + f"?number={number}"


def _value_url(request: TenantRequest, found: MetricValue) -> str:
    return here(request, "integrations:metric_value", public_id=found.public_id)


def governance_url(request: TenantRequest, who: Viewer, definition: MetricDefinition) -> str:
    """Its own part of the checklist; "" for who may not open that."""
    if not who.has(*access.GOVERNANCE_READERS):
        return ""
    return f"{here(request, 'integrations:governance')}?metric={definition.public_id}"


def list_url(request: TenantRequest) -> dict[str, str]:
    return {"metrics_url": here(request, "integrations:metrics")}
