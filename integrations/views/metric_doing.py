"""Metrics as people make them: what one counts, tried on real rows; signed, announced, changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, caliber, showing
from ..actions import connection as connection_actions
from ..actions import metric as actions
from ..adapters.base import Stream
from ..forms.metric import AnnounceForm, CaliberForm, PeopleForm, initial_of
from ..metrics import read_rule
from ..models import Connection, Side
from ..queries import metrics as queries
from ..reading import streams_of
from . import metrics


@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def new(request: TenantRequest) -> HttpResponse:
    """First from what (?connection=&stream=), then what it counts."""
    chosen = _chosen(request)
    if chosen is None:
        choosing = {"sources": _sources(request), **metrics.list_url(request)}
        return render(request, "integrations/metric_choose.html", choosing)
    connection, stream = chosen
    who = viewer(request)
    posted = request.POST if request.method == "POST" else None
    me = str(who.employee) if who.employee else ""
    people = PeopleForm(posted, initial={"owner": me, "key": uuid4().hex})
    form = CaliberForm(posted, stream=stream, streams=streams_of(connection))
    looks = "look" in request.POST
    if posted is not None and form.is_valid() and not looks and people.is_valid():
        try:
            made = actions.create_metric(
                name=people.cleaned_data["name"],
                owner=people.cleaned_data["owner"],
                interpreter=people.cleaned_data["interpreter"],
                caliber=_caliber(form, connection),
                actor=who.employee,
                now=timezone.now(),
                key=people.cleaned_data["key"],
            )
        except connection_actions.NameTaken:
            people.add_error("name", _("There is a metric of that name. Choose another."))
        else:
            messages.success(request, _("It is a draft now. Three sides sign it, then it is announced."))
            return redirect(metrics.url(request, "metric", made))
    context: dict[str, Any] = {
        **metrics.list_url(request),
        "people": people,
        "back_url": here(request, "integrations:new_metric"),
        **_desk(request, form, connection, stream, looks=looks, reads_people=access.may_read_people_of_new(who)),
    }
    status = 422 if posted is not None and not (looks and form.is_valid()) else 200
    return render(request, "integrations/metric_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def draft(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The draft is changed, which takes back what was signed."""
    definition = access.metric_to_edit(viewer(request), public_id)
    version = access.draft_of(definition)
    streams = {one.name: one for one in streams_of(version.connection)}
    stream = streams.get(version.stream)
    if stream is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    said = initial_of(
        read_rule(version.rule),
        says=version.says,
        unit_of_measure=version.unit_of_measure,
        digits=version.digits,
        version=version.version,
    )
    form = CaliberForm(posted, stream=stream, streams=list(streams.values()), initial=said)
    reads_people = access.may_read_subjects(viewer(request), definition)
    looks = "look" in request.POST
    if posted is not None and form.is_valid() and not looks:
        try:
            actions.change_draft(
                draft=version,
                version=form.cleaned_data["version"] or 0,
                caliber=_caliber(form, version.connection),
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except connection_actions.StaleVersion:
            return changed_meanwhile(request, [form], url=request.path)
        except actions.NotADraft:
            messages.info(request, _("It was announced meanwhile. Begin a new version to change it."))
        else:
            messages.success(request, _("Saved. Whoever had signed it signs once more."))
        return redirect(metrics.url(request, "metric", definition))
    context = {
        **metrics.list_url(request),
        "definition": definition,
        "back_url": metrics.url(request, "metric", definition),
        **_desk(request, form, version.connection, stream, looks=looks, reads_people=reads_people),
    }
    status = 422 if posted is not None and not (looks and form.is_valid()) else 200
    return render(request, "integrations/metric_form.html", context, status=status)


def _chosen(request: TenantRequest) -> tuple[Connection, Stream] | None:
    try:
        public_id = UUID(request.GET.get("connection", ""))
    except ValueError:
        return None
    connection = access.connection_to_keep(public_id)
    stream = showing.stream_named(connection, request.GET.get("stream", ""))
    return (connection, stream) if stream else None


def _sources(request: TenantRequest) -> list[dict[str, Any]]:
    """Streams that have a day, by connection."""
    own = here(request, "integrations:new_metric")
    found = []
    for connection in access.visible_connections():
        streams = [
            {
                "title": showing.stream_title(stream.name),
                "fields": _(", ").join(one.label or one.name for one in stream.fields[:8]),
                "url": f"{own}?connection={connection.public_id}&stream={stream.name}",
            }
            for stream in streams_of(connection)
            if any(one.type in ("day", "time") for one in stream.fields)
        ]
        found.append({"name": connection.name, "streams": streams})
    return [one for one in found if one["streams"]]


def _caliber(form: CaliberForm, connection: Connection) -> actions.Caliber:
    said = form.cleaned_data
    return actions.Caliber(
        connection, form.stream.name, form.rule(), said["unit_of_measure"].strip(), said["digits"], said["says"].strip()
    )


def _desk(
    request: TenantRequest,
    form: CaliberForm,
    connection: Connection,
    stream: Stream,
    *,
    looks: bool,
    reads_people: bool,
) -> dict[str, Any]:
    """The form with, where somebody asked and it can be counted, what it makes of real rows. One that
    asks for a person is tried by whoever reads people's data."""
    if looks and form.is_valid() and not reads_people and caliber.asks_for_people(form.rule(), stream):
        form.add_error(None, _("A rule that asks for a person is tried by whoever may read the figures of people."))
    shown = _preview(request, form, connection, reads_people=reads_people) if looks and form.is_valid() else None
    return {
        "form": form,
        "source": f"{connection.name} · {showing.stream_title(stream.name)}",
        "preview": shown,
    }


def _preview(
    request: TenantRequest, form: CaliberForm, connection: Connection, *, reads_people: bool
) -> dict[str, Any]:
    """Who reads no people's data sees what the rule reads of each row, and neither a person nor a person's figure
    (product.md §9.2)."""
    rule = form.rule()
    source = queries.source_of(connection, form.stream.name, rule, request.seat.zone)
    streams = {one.name: one for one in streams_of(connection)}
    names_people = not reads_people and caliber.finds_people(rule, source.stream, streams)
    found = queries.preview(source)
    unit = {"unit_of_measure": form.cleaned_data["unit_of_measure"], "digits": form.cleaned_data["digits"]}
    fields = source.stream.fields if reads_people else caliber.without_people(source.stream, rule)
    fields = [one for one in fields if one.type != "list"][:8]
    return {
        "reads_people": reads_people,
        "looked_at": found.looked_at,
        "left_out": found.left_out,
        "no_day": found.problems["no_day"],
        "no_number": found.problems["no_number"],
        "unattributed": found.unattributed,
        "asks_whom": bool(rule.attribution) and not names_people,
        "days": [
            {"on": on, "text": caliber.amount_in_words(figure, **unit), "rows": figure.rows}
            for on, figure in found.days
        ],
        "subjects": [
            {
                "name": value or _("without attribution"),
                "text": caliber.amount_in_words(figure, **unit),
                "rows": figure.rows,
            }
            for value, figure in found.subjects[:20]
        ],
        "more_subjects": max(0, len(found.subjects) - 20),
        "heads": [one.label or one.name for one in fields],
        "rows": [
            {
                "on": row.on,
                "subject": "" if names_people else _("without attribution") if row.subject == "" else row.subject,
                "problem": caliber.problem_in_words(row.problem),
                "brought": caliber.amount_in_words(row.brought, **unit),
                "cells": [showing.said(row.record.data.get(one.name), one.type, source.zone) for one in fields],
            }
            for row in found.rows
        ],
    }


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def people(request: TenantRequest, public_id: UUID) -> HttpResponse:
    definition = access.metric_to_edit(viewer(request), public_id)
    posted = request.POST if request.method == "POST" else None
    form = PeopleForm(
        posted,
        initial={
            "name": definition.name,
            "owner": str(definition.owner),
            "interpreter": str(definition.interpreter),
            "version": definition.version,
        },
    )
    if posted is not None and form.is_valid():
        try:
            actions.change_people(
                definition=definition,
                version=form.cleaned_data["version"] or 0,
                name=form.cleaned_data["name"],
                owner=form.cleaned_data["owner"],
                interpreter=form.cleaned_data["interpreter"],
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except connection_actions.NameTaken:
            form.add_error("name", _("There is a metric of that name. Choose another."))
        except connection_actions.StaleVersion:
            return changed_meanwhile(request, [form], url=request.path)
        else:
            messages.success(request, _("Saved."))
            return redirect(metrics.url(request, "metric", definition))
    context = {"form": form, "definition": definition, "back_url": metrics.url(request, "metric", definition)}
    context |= metrics.list_url(request)
    return render(request, "integrations/metric_people.html", context, status=422 if posted is not None else 200)


@require_POST
@open_to(*EVERYONE)
def begin(request: TenantRequest, public_id: UUID) -> HttpResponse:
    definition = access.metric_to_edit(viewer(request), public_id)
    try:
        actions.begin_version(definition=definition, actor=viewer(request).employee, now=timezone.now())
    except actions.DraftedAlready:
        messages.info(request, _("There is a draft already: this is it."))
    return redirect(metrics.url(request, "draft", definition))


@require_POST
@open_to(*EVERYONE)
def drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    definition = access.metric_to_edit(viewer(request), public_id)
    version = access.draft_of(definition)
    try:
        left = actions.drop_draft(draft=version, actor=viewer(request).employee, now=timezone.now())
    except actions.NotADraft:
        messages.info(request, _("It was announced meanwhile."))
        return redirect(metrics.url(request, "metric", definition))
    messages.success(request, _("The draft is gone."))
    return redirect(metrics.url(request, "metric", left) if left else here(request, "integrations:metrics"))


@require_POST
@open_to(*EVERYONE)
def sign(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    definition = access.metric_to_read(who, public_id)
    side = next((one for one in access.sides_of(who, definition) if one == request.POST.get("side")), None)
    if side is None:
        raise Http404
    version = access.draft_of(definition)
    try:
        actions.sign_off(draft=version, version=_number(request), side=side, actor=_signer(who), now=timezone.now())
    except connection_actions.StaleVersion:
        messages.error(request, _("It was changed meanwhile. Read it as it is now, then sign."))
    except actions.NotADraft:
        messages.info(request, _("It was announced meanwhile."))
    except actions.SignedAlready:
        messages.info(
            request, _("This side has signed already, or you have for another: three sides are three people.")
        )
    else:
        messages.success(request, _("Signed."))
    return redirect(metrics.url(request, "metric", definition))


def _signer(who: Viewer) -> Employee:
    if who.employee is None:
        raise Http404
    return who.employee


def _number(request: TenantRequest) -> int:
    """The version somebody looked at."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else 0


@require_POST
@open_to(*EVERYONE)
def announce(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    definition = access.metric_to_edit(who, public_id)
    version = access.draft_of(definition)
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return metrics.metric_page(request, who, definition, announcing=form, status=422)
    try:
        actions.announce(
            draft=version,
            version=form.cleaned_data["version"],
            effective_on=form.cleaned_data["effective_on"],
            actor=who.employee,
            now=timezone.now(),
        )
    except connection_actions.StaleVersion:
        messages.error(request, _("It was changed meanwhile. Look at it as it is now."))
    except actions.NotADraft:
        messages.info(request, _("It was announced meanwhile."))
    except actions.NotSigned as error:
        names = _(", ").join(str(Side(side).label) for side in error.sides)
        messages.error(request, _("Not signed yet by: %(sides)s.") % {"sides": names})
    except actions.TooEarly as error:
        words = _("A change is announced before it takes effect. The first possible day is %(on)s.")
        form.add_error("effective_on", words % {"on": date_format(error.first)})
        return metrics.metric_page(request, who, definition, announcing=form, status=422)
    else:
        messages.success(request, _("Announced. Its figures are being computed."))
    return redirect(metrics.url(request, "metric", definition))


@require_POST
@open_to(*EVERYONE)
def recompute(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    definition = access.metric_to_edit(who, public_id)
    actions.recompute(definition=definition, actor=who.employee, now=timezone.now())
    messages.success(request, _("It is being computed anew. What comes out otherwise is kept beside what it was."))
    return redirect(metrics.url(request, "metric", definition))
