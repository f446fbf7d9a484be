"""Rows that were set aside: tried again once the source or the mapping is mended, or dropped (product.md §5.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from integrations import events
from integrations.mapping import Bad, Mapper
from integrations.models import Connection, QuarantinedRow, QuarantineState, StreamState
from integrations.reading import installed, streams_of
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant

from .taking import Taking


@dataclass(frozen=True)
class Replayed:
    taken: int
    still: int


@transaction.atomic
def replay(*, rows: Iterable[QuarantinedRow], actor: Employee | None, now: datetime) -> Replayed:
    """Try rows that were set aside again, with the mapping as it is now. What fits is taken in, as part of the run that
    brought it. Raises AdapterBroken where the adapter is gone."""
    rows = list(rows)
    # Before the rows, as a sync does: it holds the state while it says that rows of its page wait no longer.
    streams = {(row.connection_id, row.stream) for row in rows}
    for connection_id, stream_name in sorted(streams):
        StreamState.objects.select_for_update().get_or_create(connection_id=connection_id, stream=stream_name)
    found = _waiting(rows)
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    taken = 0
    for connection, stream, batch_on, run_id, some in _together(found):
        state = StreamState.objects.get(connection=connection, stream=stream.name)
        taking = Taking(state, Mapper(stream, zone), run_id, now, batch_on=batch_on, is_replay=True)
        ids, fits = [], []
        for row in some:
            read = taking.mapper.read(row.payload)
            if isinstance(read, Bad):
                row.reason, row.words = read.problem.code, read.problem.words
                row.save(update_fields=["reason", "words"])
            else:
                ids.append(row.pk)
                fits.append(read)
        taking.take(fits)
        state.save()
        QuarantinedRow.objects.filter(pk__in=ids).update(state=QuarantineState.REPLAYED, ended_at=now)
        taken += len(ids)
        if ids:
            for kind in settings.JOBS_AFTER_SYNC:
                enqueue(kind, key=f"run {run_id} replayed {now.isoformat()}", payload={"run": run_id})
    _record_decision(events.ROWS_REPLAYED, found, actor, now)
    return Replayed(taken, len(found) - taken)


@transaction.atomic
def drop_rows(*, rows: Iterable[QuarantinedRow], actor: Employee | None, now: datetime) -> int:
    """They are not needed, and not set aside again when they come again; how many."""
    found = _waiting(rows)
    QuarantinedRow.objects.filter(pk__in=[row.pk for row in found]).update(state=QuarantineState.DROPPED, ended_at=now)
    _record_decision(events.ROWS_DROPPED, found, actor, now)
    return len(found)


def settle_rows_aside(connection: Connection) -> None:
    if not QuarantinedRow.objects.filter(connection=connection, state=QuarantineState.WAITING).exists():
        settle(events.ROWS_SET_ASIDE, [connection.pk])


def _waiting(rows: Iterable[QuarantinedRow]) -> list[QuarantinedRow]:
    ids = [row.pk for row in rows]
    waiting = QuarantinedRow.objects.filter(pk__in=ids, state=QuarantineState.WAITING)
    return list(waiting.select_for_update(of=("self",)).select_related("connection").order_by("pk"))


def _together(rows: Sequence[QuarantinedRow]) -> Iterable[tuple[Any, ...]]:
    """By where they belong: connection, stream, day, run. Rows of a stream that is no longer read stay where they
    are."""
    groups: dict[tuple[Any, ...], list[QuarantinedRow]] = {}
    for row in rows:
        groups.setdefault((row.connection_id, row.stream, row.batch_on, row.run_id), []).append(row)
    for (_pk, name, batch_on, run_id), some in groups.items():
        connection = some[0].connection
        installed(connection)
        streams = streams_of(connection)
        for stream in streams:
            if stream.name == name:
                yield connection, stream, batch_on, run_id, some


def _record_decision(verb: str, rows: Sequence[QuarantinedRow], actor: Employee | None, now: datetime) -> None:
    for connection in {row.connection_id: row.connection for row in rows}.values():
        number = sum(row.connection_id == connection.pk for row in rows)
        record(verb, subject=connection, actor=actor, at=now, details={"rows": number})
        settle_rows_aside(connection)
