"""How connections stand: what was read and when, what is missing, what is set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, Min, OuterRef, Subquery, Sum

from ..models import (
    Connection,
    Gap,
    QuarantinedRow,
    QuarantineState,
    Record,
    RecordReference,
    RunState,
    StreamState,
    SyncRun,
)

LIVE = (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True)
class ConnectionRow:
    """A line of the list. The range and `records` are of all its streams."""

    connection: Connection
    last_success_at: datetime | None
    covered_from: datetime | None
    covered_until: datetime | None
    records: int
    open_gaps: Sequence[Gap]
    set_aside: int
    is_running: bool


@dataclass(frozen=True)
class ConnectionHealth:
    """One connection. `last_run` is the latest that ended, however it did; `live_run` the one that waits or reads;
    `is_behind`: the next one was due a while ago and has not begun."""

    last_success_at: datetime | None
    covered_from: datetime | None
    covered_until: datetime | None
    records: int
    streams: Sequence[StreamState]
    open_gaps: int
    set_aside: int
    next_due_at: datetime | None
    live_run: SyncRun | None
    last_run: SyncRun | None
    is_behind: bool


def record_named(kind: str, number: str) -> Record | None:
    """The record that a goal or a proof means by this kind and number: the thing itself before what refers to it, the
    latest of several."""
    named = RecordReference.objects.filter(type=kind, number=number, record__deleted_at=None)
    found = named.select_related("record").order_by("-is_own", "-record__happened_at", "-record_id").first()
    return found.record if found is not None else None


def name_of_record(record: Record) -> tuple[str, str]:
    """Kind and number under which `record_named` may be asked for it; "" and "" where nothing names it."""
    named = RecordReference.objects.filter(record=record).order_by("-is_own", "pk")
    return named.values_list("type", "number").first() or ("", "")


def connections_page() -> list[ConnectionRow]:
    """By name; four queries however many there are."""
    gaps: dict[int, list[Gap]] = {}
    for gap in Gap.objects.filter(closed_at=None).order_by("on", "pk"):
        gaps.setdefault(gap.connection_id, []).append(gap)
    spans = {
        pk: (first, last, number or 0)
        for pk, first, last, number in StreamState.objects.values_list("connection").annotate(
            Min("covered_from"), Max("covered_until"), Sum("records")
        )
    }
    waiting = QuarantinedRow.objects.filter(state=QuarantineState.WAITING)
    aside = dict(waiting.values_list("connection").annotate(Count("pk")))
    runs = SyncRun.objects.filter(connection=OuterRef("pk"))
    done = runs.filter(state=RunState.DONE).order_by("-finished_at").values("finished_at")
    found = Connection.objects.select_related("owner").annotate(
        done_at=Subquery(done[:1]), is_running=Exists(runs.filter(state__in=LIVE))
    )
    return [
        ConnectionRow(
            one, one.done_at, *spans.get(one.pk, (None, None, 0)), gaps.get(one.pk, []), aside.get(one.pk, 0),
            one.is_running,
        )
        for one in found.order_by("name")
    ]  # fmt: skip


def connection_health(connection: Connection, now: datetime) -> ConnectionHealth:
    """Six queries."""
    streams = list(StreamState.objects.filter(connection=connection).order_by("stream"))
    runs = SyncRun.objects.filter(connection=connection).select_related("asked_by")
    done = runs.filter(state=RunState.DONE).order_by("-finished_at").first()
    return ConnectionHealth(
        last_success_at=done.finished_at if done else None,
        covered_from=min((one.covered_from for one in streams if one.covered_from), default=None),
        covered_until=max((one.covered_until for one in streams if one.covered_until), default=None),
        records=sum(one.records for one in streams),
        streams=streams,
        open_gaps=Gap.objects.filter(connection=connection, closed_at=None).count(),
        set_aside=QuarantinedRow.objects.filter(connection=connection, state=QuarantineState.WAITING).count(),
        next_due_at=connection.next_due_at,
        live_run=runs.filter(state__in=LIVE).first(),
        last_run=runs.exclude(state__in=LIVE).order_by("-finished_at").first(),
        is_behind=connection.next_due_at is not None and connection.next_due_at < now,
    )
