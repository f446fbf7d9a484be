"""The pages of one connection: how it does, its runs, its files, what was set aside, its fields, its changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.audit.verbs import VERBS
from perfsys.people.access import viewer
from perfsys.tenancy.routes import TenantRequest, open_to

from .. import access, page_queries, queries, showing, wording
from ..actions import connection as actions
from ..actions import deliveries as delivering
from ..adapters.base import UNDATED, Field, Stream
from ..adapters.registry import ADAPTERS
from ..adapters.webhook.signature import DELIVERY, SHORTEST, SIGNATURE, TIMESTAMP, WINDOW
from ..forms import FILE_BYTES, CloseGapForm, FilesForm
from ..models import (
    Batch,
    BatchState,
    Connection,
    ConnectionState,
    EvidenceType,
    QuarantinedRow,
    QuarantineState,
    StreamState,
)
from ..reading import streams_of
from . import parts
from .hooks import MOST_BYTES

PER_PAGE = 50
BATCH_LOOKS = {BatchState.LOADED: "ok", BatchState.REPLACED: "idle", BatchState.REFUSED: "watch"}


@require_GET
@open_to(*access.KEEPERS)
def overview(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What was read and when, what is missing, and before it is on: what comes next."""
    return overview_page(request, access.connection_to_keep(public_id))


def overview_page(
    request: TenantRequest, connection: Connection, *, refused: CloseGapForm | None = None, status: int = 200
) -> HttpResponse:
    """`refused`: the form of one of its gaps that comes back with what is missing in it."""
    now = timezone.now()
    health = queries.connection_health(connection, now)
    gaps = page_queries.gaps_of(connection)
    runs = [parts.run_row(run, now) for run in page_queries.runs_of(connection)[: page_queries.RECENT_RUNS]]
    rows = [parts.gap_row(request, gap, refused) for gap in gaps]
    open_gaps = [row for row in rows if row["is_open"]]
    is_stopped = connection.state == ConnectionState.STOPPED and connection.adapter in ADAPTERS
    context = {
        **frame_of(request, connection, parts.OVERVIEW, health),
        "now": now,
        "health": health,
        "streams": [_stream_row(one, health) for one in health.streams],
        "open_gaps": open_gaps,
        "more_gaps": health.open_gaps - len(open_gaps),
        "many_days": sum(row["is_a_day"] for row in open_gaps) > 1,
        "closed_gaps": [row for row in rows if not row["is_open"]],
        "runs": runs,
        "runs_url": parts.url(request, "runs", connection),
        "rows_url": parts.url(request, "rows", connection) if health.set_aside else "",
        "job": parts.job(request, connection, health.live_run) if health.live_run else None,
        "read_all_url": _read_all_url(request, connection, health),
        "begin": _begin(request, connection),
        "stopped_because": _why_it_stopped(connection, health) if is_stopped else "",
        "stopped_next": wording.next_step(connection.stopped_because) if is_stopped else "",
    }
    return render(request, "integrations/overview.html", context, status=status)


def _read_all_url(request: TenantRequest, connection: Connection, health: queries.ConnectionHealth) -> str:
    """Where something is read on from a watermark, and nothing is under way."""
    may = connection.state == ConnectionState.ON and health.live_run is None
    return parts.url(request, "read_all", connection) if may and any(one.watermark for one in health.streams) else ""


@require_GET
@open_to(*access.KEEPERS)
def status(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Polled while a run is under way; sends the browser on when it has ended."""
    connection = access.connection_to_keep(public_id)
    live = page_queries.live_run(connection)
    if live is None:
        response = HttpResponse()
        response["HX-Redirect"] = parts.url(request, "connection", connection)
        return response
    return render(request, "components/job.html", {"job": parts.job(request, connection, live)})


@require_GET
@open_to(*access.KEEPERS)
def runs(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection, now = access.connection_to_keep(public_id), timezone.now()
    page = Paginator(page_queries.runs_of(connection), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame_of(request, connection, parts.RUNS),
        "now": now,
        "runs": [parts.run_row(run, now) for run in page.object_list],
        "page": page,
    }
    return render(request, "integrations/runs.html", context)


@require_GET
@open_to(*access.KEEPERS)
def rows(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """?state= what was decided before."""
    return rows_page(request, access.connection_to_keep(public_id))


def rows_page(request: TenantRequest, connection: Connection, *, problem: str = "", status: int = 200) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in QuarantineState.values else QuarantineState.WAITING
    page = Paginator(page_queries.rows_set_aside(connection, state), PER_PAGE).get_page(request.GET.get("page"))
    own = parts.url(request, "rows", connection)
    streams = {stream.name: stream for stream in streams_of(connection)}
    context = {
        **frame_of(request, connection, parts.ROWS),
        "now": timezone.now(),
        "rows": [_row_aside(row, streams.get(row.stream)) for row in page.object_list],
        "page": page,
        "problem": problem,
        "waits": state == QuarantineState.WAITING,
        "states": [
            {"label": one.label, "url": f"{own}?state={one.value}", "current": one == state} for one in QuarantineState
        ],
        "take_in_url": parts.url(request, "take_in", connection),
        "drop_url": parts.url(request, "drop_rows", connection),
    }
    return render(request, "integrations/rows.html", context, status=status)


@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def files(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Files of a drop connection, by day, and the place to hand in those that are missing."""
    connection = access.connection_to_keep(public_id)
    takes = connection.adapter in ADAPTERS
    if not parts.has_files(connection) or (request.method == "POST" and not takes):
        raise Http404
    streams = streams_of(connection)
    is_daily = not streams or any(stream.daily for stream in streams)
    called = "" if is_daily else str(connection.config.get("file", ""))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FilesForm(*given, called=called)
    if request.method == "POST" and form.is_valid():
        try:
            handed = actions.hand_in_files(
                connection=connection, files=form.handed_in(), actor=viewer(request).employee, now=timezone.now()
            )
        except actions.DoesNotFit as error:
            form.add_error("handed", list(error.problems))
        except actions.NobodyReads as error:
            sentence = _("A file called %(name)s is not read here. Give it the name its system gave it, without “(1)”.")
            form.add_error("handed", sentence % {"name": error.name})
        else:
            messages.success(request, _said_of_files(handed, connection))
            return redirect(parts.url(request, "files", connection))
    if not is_daily:
        return _database_files(request, connection, form, status=422 if request.method == "POST" else 200)
    state = request.GET.get("state", "")
    page = Paginator(page_queries.batches_of(connection, state), PER_PAGE).get_page(request.GET.get("page"))
    own = parts.url(request, "files", connection)
    context = {
        **frame_of(request, connection, parts.FILES),
        "now": timezone.now(),
        "form": form if takes else None,
        "accepts": ".csv",
        "limit": filesizeformat(FILE_BYTES),
        "waiting": page_queries.files_waiting(connection),
        "batches": [_batch_row(batch) for batch in page.object_list],
        "page": page,
        "states": [
            {"label": _("All files"), "url": own, "current": state not in BatchState.values},
            *(
                {"label": one.label, "url": f"{own}?state={one.value}", "current": one.value == state}
                for one in BatchState
            ),
        ],
    }
    return render(request, "integrations/files.html", context, status=422 if request.method == "POST" else 200)


def _database_files(request: TenantRequest, connection: Connection, form: FilesForm, *, status: int) -> HttpResponse:
    """Of a connection that reads one file as a whole: which were handed in, and whether the last one was read."""
    read_at, handed = page_queries.read_at(connection), page_queries.files_of(connection)
    waits = bool(handed) and (read_at is None or read_at < handed[0].at)
    context = {
        **frame_of(request, connection, parts.FILES),
        "now": timezone.now(),
        "form": None if connection.config.get("folder") else form,
        "accepts": "",
        "limit": filesizeformat(FILE_BYTES),
        "waiting": int(waits),
        "handed": [{"name": file.name, "at": file.at, "by": file.by.name if file.by else ""} for file in handed],
        "folder": connection.config.get("folder", ""),
        "is_whole": True,
    }
    return render(request, "integrations/files.html", context, status=status)


@require_GET
@open_to(*access.KEEPERS)
def deliveries(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Where other systems send to, how they sign, and what came."""
    connection, now = access.connection_to_keep(public_id), timezone.now()
    if not parts.has_deliveries(connection):
        raise Http404
    page = Paginator(page_queries.deliveries_of(connection), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame_of(request, connection, parts.DELIVERIES),
        "now": now,
        "hook_url": request.build_absolute_uri(parts.url(request, "hook", connection)),
        "headers": {"timestamp": TIMESTAMP, "signature": SIGNATURE, "delivery": DELIVERY},
        "minutes": int(WINDOW.total_seconds() // 60),
        "limit": filesizeformat(MOST_BYTES),
        "letters": SHORTEST,
        "waiting": page_queries.deliveries_waiting(connection),
        "page": page,
        "end_secret_url": parts.url(request, "end_secret", connection)
        if delivering.has_previous_secret(connection)
        else "",
    }
    return render(request, "integrations/deliveries.html", context)


@require_GET
@open_to(*access.KEEPERS)
def fields(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """How the other system's fields become ours, stream by stream."""
    connection = access.connection_to_keep(public_id)
    streams = streams_of(connection)
    context = {
        **frame_of(request, connection, parts.FIELDS),
        "streams": [_mapping(stream) for stream in streams],
        "preview_url": parts.url(request, "preview", connection) if streams else "",
        "text_url": parts.url(request, "settings", connection) + "?text=1#advanced",
    }
    return render(request, "integrations/fields.html", context)


@require_GET
@open_to(*access.KEEPERS)
def changes(request: TenantRequest, public_id: UUID) -> HttpResponse:
    connection = access.connection_to_keep(public_id)
    page = Paginator(page_queries.changes_of(connection), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame_of(request, connection, parts.CHANGES),
        "now": timezone.now(),
        "entries": [
            {
                "at": entry.at,
                "by": entry.actor_name or _("the system"),
                "did": VERBS.get(entry.verb, entry.verb),
                "words": parts.changed_words(entry.details, connection),
            }
            for entry in page.object_list
        ],
        "page": page,
    }
    return render(request, "integrations/changes.html", context)


def frame_of(
    request: TenantRequest, connection: Connection, tab: str, health: queries.ConnectionHealth | None = None
) -> dict[str, Any]:
    """Around a page that shows more than the frame, its own reading of the health spares three queries."""
    stands = (health.open_gaps, health.set_aside, health.live_run) if health else page_queries.stands(connection)
    gaps, set_aside, live = stands
    return parts.frame(request, connection, tab=tab, gaps=gaps, set_aside=set_aside, live=live)


def _begin(request: TenantRequest, connection: Connection) -> list[dict[str, Any]]:
    """What comes before a connection is on, in order; nothing for one that is, or that cannot be."""
    if connection.state == ConnectionState.ON or connection.adapter not in ADAPTERS:
        return []
    tested = connection.tested_at is not None
    return [
        {
            "title": _("Test it"),
            "says": _("It answers and lets us in.")
            if tested
            else _("Whether it answers and lets us in; no row is kept."),
            "url": parts.url(request, "test", connection),
            "label": _("Test once more") if tested else _("Test the connection"),
            "is_done": tested,
            "is_next": not tested,
        },
        {
            "title": _("Look at twenty rows"),
            "says": _("How they would stand here, field by field. Nothing is kept."),
            "url": parts.url(request, "preview", connection),
            "label": _("Look at rows"),
            "is_done": False,
            "is_next": False,
        },
        {
            "title": _("Switch on"),
            "says": _("It is read once now, then by its schedule."),
            "url": parts.url(request, "switch_on", connection) if tested else "",
            "label": _("Switch on"),
            "is_done": False,
            "is_next": tested,
        },
    ]


def _why_it_stopped(connection: Connection, health: queries.ConnectionHealth) -> str:
    """The run that stopped it knows the words, a host or a field; without it the code alone makes a sentence."""
    error = (health.last_run.error if health.last_run else None) or {}
    words = error.get("words", {}) if error.get("code") == connection.stopped_because else {}
    return wording.sentence(connection.stopped_because, {"adapter": connection.adapter, **words})


def _stream_row(state: StreamState, health: queries.ConnectionHealth) -> dict[str, Any]:
    last = (health.last_run.counts if health.last_run else {}).get(state.stream) or {}
    return {
        "title": showing.stream_title(state.stream),
        "records": state.records,
        "covered_from": state.covered_from,
        "covered_until": state.covered_until,
        "watermark": _moment(state.watermark),
        "last": parts.said_of(parts.totals({state.stream: last})) if last else "",
    }


def _moment(watermark: str) -> str:
    """A time as people read it; what grows by a number stays as it is."""
    try:
        told = datetime.fromisoformat(watermark)
    except ValueError:
        return watermark
    return (timezone.localtime(told) if timezone.is_aware(told) else told).strftime("%Y-%m-%d %H:%M")


def _row_aside(row: QuarantinedRow, stream: Stream | None) -> dict[str, Any]:
    return {
        "key": str(row.public_id),
        "id": row.external_id,
        "stream": showing.stream_title(row.stream),
        "on": None if row.batch_on == UNDATED else row.batch_on,
        "at": row.at,
        "ended_at": row.ended_at,
        "says": wording.sentence(row.reason, row.words),
        "next_step": wording.next_step(row.reason),
        "came": showing.as_it_came(row.payload, stream),
    }


def _batch_row(batch: Batch) -> dict[str, Any]:
    return {
        "on": None if batch.on == UNDATED else batch.on,
        "name": batch.name,
        "rows": batch.rows,
        "state": BATCH_LOOKS[BatchState(batch.state)],
        "state_name": BatchState(batch.state).label,
        "problem": wording.sentence(batch.reason, {"on": batch.on}) if batch.reason else "",
        "next_step": wording.next_step(batch.reason) if batch.reason else "",
        "seen_at": batch.seen_at,
    }


def _mapping(stream: Stream) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for one in stream.names:
        if one.type in EvidenceType.values:
            names.setdefault(one.field, []).append(str(EvidenceType(one.type).label))
    subjects = {one.field: one.label or one.kind for one in stream.subjects}
    return {
        "key": stream.name,
        "title": showing.stream_title(stream.name),
        "fields": [
            {
                "label": each.label or each.name,
                "path": each.path,
                "type": field_type(each),
                "required": each.required or each.name in stream.key,
                "means": _means(each, stream, names, subjects),
            }
            for each in stream.fields
        ],
    }


def _means(one: Field, stream: Stream, names: dict[str, list[str]], subjects: dict[str, str]) -> str:
    """What else a field does here."""
    kinds = _(", ").join(names.get(one.name, ()))
    said = [
        (one.name in stream.key, _("tells rows apart")),
        (one.name == stream.title, _("is its title on a goal")),
        (one.name == stream.happened, _("when it happened")),
        (one.name in (stream.cursor, stream.fallback), _("how far we have read")),
        (one.name == stream.deleted, _("marks what was deleted")),
        (one.name in subjects, _("whose record it is: %(kind)s") % {"kind": subjects.get(one.name, "")}),
        (one.name in names, _("evidence for goals that name this: %(kind)s") % {"kind": kinds}),
    ]
    return _(", ").join(words for holds, words in said if holds)


def field_type(one: Field) -> str:
    kinds = {
        "text": _("text"),
        "whole": _("whole number"),
        "decimal": _("number"),
        "yes": _("yes or no"),
        "day": _("day"),
        "time": _("day and time"),
        "list": _("list"),
    }
    return kinds.get(one.type, one.type)


def _said_of_files(handed: actions.HandedInFiles, connection: Connection) -> str:
    if not handed.new:
        return _("These files were handed in before: nothing has changed.")
    kept = ngettext("%(number)d file is here", "%(number)d files are here", handed.new) % {"number": handed.new}
    if handed.is_being_read:
        return _("%(kept)s and being read now.") % {"kept": kept}
    if connection.state == ConnectionState.ON:
        return _("%(kept)s; the next sync reads what this one no longer does.") % {"kept": kept}
    return _("%(kept)s. They are read once the connection is on.") % {"kept": kept}
