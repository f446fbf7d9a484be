"""What is done with a connection, one address each: tested, looked at, switched on, paused, read; a gap closed, rows
decided on. Reaching the other side is a POST even where nothing is written: no link and no other site sets it off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from perfsys.people.access import viewer
from perfsys.tenancy.routes import Meanwhile, TenantRequest, here, open_to

from .. import access, page_queries, showing, wording
from .. import preview as looking
from ..actions import connection as actions
from ..actions import deliveries as delivering
from ..actions import sync as syncing
from ..adapters.base import SyncProblem
from ..forms import CloseGapForm, RowsForm
from ..models import Connection, ConnectionState
from ..reading import streams_of
from . import one, parts

SHOWN = 20
T = TypeVar("T")


@require_POST
@open_to(*access.KEEPERS)
def test(request: TenantRequest, public_id: UUID) -> HttpResponse | Meanwhile:
    connection = access.connection_to_keep(public_id)

    def told(problem: SyncProblem | None) -> HttpResponse:
        try:
            if problem is not None:
                messages.error(request, _said_of(problem))
            else:
                actions.note_test(connection=connection, actor=viewer(request).employee, now=timezone.now())
                messages.success(request, _("It answers and lets us in."))
        except actions.StaleVersion:
            messages.info(request, _("Somebody has changed it meanwhile. Test it as it is now."))
        return redirect(parts.url(request, "connection", connection))

    try:
        reading = looking.to_try_out(connection, now=timezone.now())
    except SyncProblem as problem:
        return told(problem)
    return Meanwhile(partial(_problem_in, partial(looking.try_out, connection, reading)), told)


@require_POST
@open_to(*access.KEEPERS)
def preview(request: TenantRequest, public_id: UUID) -> HttpResponse | Meanwhile:
    """Twenty rows of a stream, as they would be held: ?stream= in the form, else the first."""
    connection = access.connection_to_keep(public_id)
    names = [stream.name for stream in streams_of(connection)]  # none where it cannot be read: looking says why
    chosen = request.POST.get("stream", "")
    chosen = chosen if chosen in names else next(iter(names), "")
    context: dict[str, Any] = {
        "connection": connection,
        "list_url": here(request, "integrations:list"),
        "connection_url": parts.url(request, "connection", connection),
        "preview_url": parts.url(request, "preview", connection),
        "switch_on_url": _switch_on_url(request, connection),
        "settings_url_of_it": parts.url(request, "settings", connection),
        "streams": [{"name": name, "title": showing.stream_title(name), "current": name == chosen} for name in names],
    }

    def shown(found: looking.Preview | SyncProblem) -> HttpResponse:
        if isinstance(found, SyncProblem):
            said = wording.sentence(found.code, found.words)
            step = wording.next_step(found.code, by_hand=True)
            return render(request, "integrations/preview.html", {**context, "problem": said, "next_step": step})
        return render(request, "integrations/preview.html", {**context, **_shown(found, request.seat.zone)})

    try:
        reading = looking.to_preview(connection, now=timezone.now())
    except SyncProblem as problem:
        return shown(problem)
    look = partial(looking.preview, connection, reading, stream=chosen, rows=SHOWN)
    return Meanwhile(partial(_problem_in, look), shown)


@require_POST
@open_to(*access.KEEPERS)
def switch_on(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    try:
        actions.switch_on(connection=connection, actor=viewer(request).employee, now=timezone.now())
    except actions.TestFirst:
        messages.error(request, _("Test it first: it has changed since it was last tested."))
    except SyncProblem as problem:
        messages.error(request, _said_of(problem))
    else:
        messages.success(request, _("It is on. The first reading has begun."))
    return redirect(parts.url(request, "connection", connection))


@require_POST
@open_to(*access.KEEPERS)
def delete(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    try:
        actions.delete_draft(connection=connection, actor=viewer(request).employee, now=timezone.now())
    except actions.HasRead:
        messages.error(request, _("It has brought rows already. Pause it, so that they stay."))
        return redirect(parts.url(request, "connection", connection))
    messages.success(request, _("“%(name)s” is deleted.") % {"name": connection.name})
    return redirect(here(request, "integrations:list"))


@require_POST
@open_to(*access.KEEPERS)
def end_secret(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The signing secret that was replaced opens no longer."""
    connection = access.connection_to_keep(public_id)
    delivering.end_previous_secret(connection=connection, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("Only the new secret opens from now on."))
    return redirect(parts.url(request, "deliveries" if parts.has_deliveries(connection) else "connection", connection))


@require_POST
@open_to(*access.KEEPERS)
def pause(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    actions.pause(connection=connection, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("It pauses. What was read stays; nothing more comes until it is switched on again."))
    return redirect(parts.url(request, "connection", connection))


@require_POST
@open_to(*access.KEEPERS)
def sync(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    try:
        _ask(request, connection)
    except syncing.AlreadyRunning:
        live = page_queries.live_run(connection)
        messages.info(request, (parts.put_off(live) if live else "") or _("It is being read already."))
    except syncing.NotSwitchedOn:
        messages.error(request, _("It is not on. Test it and switch it on first."))
    return redirect(parts.url(request, "connection", connection))


@require_POST
@open_to(*access.KEEPERS)
def read_all(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """From the beginning, and not from where the last reading ended."""
    connection = access.connection_to_keep(public_id)
    try:
        syncing.read_from_the_beginning(
            connection=connection,
            actor=viewer(request).employee,
            now=timezone.now(),
            key=f"all {uuid4().hex}",
        )
    except syncing.AlreadyRunning:
        messages.info(request, _("It is being read already. Once that has ended, ask again."))
    except syncing.NotSwitchedOn:
        messages.error(request, _("It is not on. Test it and switch it on first."))
    else:
        messages.success(request, _("All of it is being read once more. What is the same again changes nothing."))
    return redirect(parts.url(request, "connection", connection))


@require_POST
@open_to(*access.KEEPERS)
def sync_all(request: TenantRequest) -> HttpResponse:
    begun = 0
    for connection in access.visible_connections().filter(state=ConnectionState.ON):
        try:
            _ask(request, connection)
        except (syncing.AlreadyRunning, syncing.NotSwitchedOn):
            continue
        begun += 1
    if begun:
        words = ngettext("%(number)d system is being read", "%(number)d systems are being read", begun)
        messages.success(request, words % {"number": begun})
    else:
        messages.info(request, _("All of them are being read already, or none is on."))
    return redirect(here(request, "integrations:list"))


@require_POST
@open_to(*access.KEEPERS)
def close_gap(request: TenantRequest, public_id: UUID) -> HttpResponse:
    gap = access.gap_to_close(public_id)
    form = CloseGapForm(request.POST, gap=gap)
    if not form.is_valid():
        return one.overview_page(request, gap.connection, refused=form, status=422)
    try:
        actions.close_gap(
            gap=gap,
            reason=form.cleaned_data["reason"],
            actor=viewer(request).employee,
            now=timezone.now(),
            with_all_days="days" in request.POST,
        )
    except actions.AlreadyClosed:
        messages.info(request, _("It is closed already: what was missing has come, or a colleague was faster."))
    else:
        messages.success(request, _("Closed, with your reason beside it."))
    return redirect(parts.url(request, "connection", gap.connection))


@require_POST
@open_to(*access.KEEPERS)
def take_in(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    form = RowsForm(request.POST)
    if not form.is_valid():
        return one.rows_page(request, connection, problem=str(form.errors["rows"][0]), status=422)
    try:
        done = syncing.replay(rows=_rows(connection, form), actor=viewer(request).employee, now=timezone.now())
    except SyncProblem as problem:
        return one.rows_page(request, connection, problem=_said_of(problem), status=422)
    said = ngettext("%(number)d row taken in", "%(number)d rows taken in", done.taken) % {"number": done.taken}
    if done.still:
        still = ngettext("%(number)d still does not fit", "%(number)d still do not fit", done.still)
        said = _("%(taken)s, %(still)s") % {"taken": said, "still": still % {"number": done.still}}
    messages.success(request, said)
    return redirect(parts.url(request, "rows", connection))


@require_POST
@open_to(*access.KEEPERS)
def drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    form = RowsForm(request.POST)
    if not form.is_valid():
        return one.rows_page(request, connection, problem=str(form.errors["rows"][0]), status=422)
    number = syncing.drop_rows(rows=_rows(connection, form), actor=viewer(request).employee, now=timezone.now())
    words = ngettext("%(number)d row dropped", "%(number)d rows dropped", number)
    messages.success(request, words % {"number": number})
    return redirect(parts.url(request, "rows", connection))


def _rows(connection: Connection, form: RowsForm) -> Any:
    if form.cleaned_data["every"]:
        return page_queries.some_rows_waiting(connection)
    return access.rows_to_decide_on(connection, form.cleaned_data["rows"])


def _ask(request: TenantRequest, connection: Connection) -> None:
    who = viewer(request)
    syncing.ask_for_sync(connection=connection, actor=who.employee, now=timezone.now(), key=f"asked {uuid4().hex}")


def _problem_in(ask: Callable[[], T]) -> T | SyncProblem:
    """What it gives, or the problem it met."""
    try:
        return ask()
    except SyncProblem as problem:
        return problem


def _said_of(problem: SyncProblem) -> str:
    step = wording.next_step(problem.code, by_hand=True)
    return _("%(said)s %(step)s") % {"said": wording.sentence(problem.code, problem.words), "step": step}


def _switch_on_url(request: TenantRequest, connection: Connection) -> str:
    may = connection.state != ConnectionState.ON and connection.tested_at is not None
    return parts.url(request, "switch_on", connection) if may else ""


def _shown(found: looking.Preview, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "heads": [
            {"label": field.label or field.name, "type": one.field_type(field), "required": field.required}
            for field in found.fields
        ],
        "rows": [
            {
                "problem": wording.sentence(row.problem.code, row.problem.words) if row.problem else "",
                "is_deleted": row.is_deleted,
                "cells": [
                    {
                        "text": showing.said(cell.raw if cell.problem else cell.value, cell.field.type, zone),
                        "problem": wording.sentence(cell.problem.code, cell.problem.words) if cell.problem else "",
                    }
                    for cell in row.cells
                ],
            }
            for row in found.rows
        ],
        "unfit": found.unfit,
        "unknown": found.unknown,
        "total": found.total,
        "file": found.batch.name if found.batch else "",
        "refused": [
            {"name": batch.name, "says": wording.sentence(batch.refused, {"on": batch.on})} for batch in found.refused
        ],
    }
