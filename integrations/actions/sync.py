"""A sync run: asked for by a person or the schedule, read page by page, ended (product.md §5.2).

A page is one transaction: its rows, the raw layer, references, what was set aside, and how far the run has come. A
worker that is killed goes on behind the last page that was written. The watermark moves with the last page of a stream:
no source promises to send its rows in the cursor's order, and one that stopped halfway would have moved past the rest.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from integrations import events, gaps
from integrations.adapters.base import AdapterBroken, BatchInfo, NeedsReconnect, Page, RetryLater, SkipRow, Stream
from integrations.mapping import Mapper, begin_at, greatest, not_after
from integrations.models import (
    Batch,
    BatchState,
    Connection,
    ConnectionState,
    Gap,
    GapKind,
    QuarantinedRow,
    QuarantineState,
    Record,
    RunState,
    StreamState,
    SyncRun,
)
from integrations.reading import Reading, installed, prepare
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.handlers import Again, Running
from perfsys.jobs.schedules import REACH, BadSchedule, parse_rule
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import tell_planner

from .gaps import Missing, fill_gaps, open_gaps, page_of, people_to_tell
from .taking import Taken, Taking

log = structlog.get_logger(__name__)

JOB = "integrations.sync"
LIVE = (RunState.WAITING, RunState.RUNNING)
AT_A_STRETCH = 45.0  # seconds; then other jobs have their turn, and the task keeps within its limit
PAUSES = (1, 5, 15, 30, 60)  # minutes, where the other side does not say how long; then the run is given up
LONGEST_WAIT = timedelta(hours=1)
MOST_WAITS = 24  # where it says how long, and never gives a page in between
FURTHEST = timedelta(days=400)  # to look for the next due time


class AlreadyRunning(Exception):
    """A run is waiting or under way: look at it."""


class NotSwitchedOn(Exception):
    """Test the connection and switch it on first."""


class _Over(Exception):
    """The run was ended, or its connection changed, while a page was under way: write no more of it."""


@dataclass(frozen=True)
class Replayed:
    taken: int
    still: int


@dataclass(frozen=True)
class _Run:
    """What a stretch of reading knows without asking the database again."""

    pk: int
    connection: Connection
    reading: Reading
    position: dict[str, Any]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.reading.context.zone

    @property
    def today(self) -> Any:
        return self.now.astimezone(self.zone).date()


@dataclass
class _SoFar:
    """Of the stream under way: what was counted, the greatest cursor value and the fields met."""

    counts: Counter[str]
    cursor: str
    came: set[str]


# --- asking ---


@transaction.atomic
def ask_for_sync(*, connection: Connection, actor: Employee | None, now: datetime, key: str) -> SyncRun:
    """Have it read now. The same `key` again gives the same run. Raises AlreadyRunning, NotSwitchedOn."""
    locked: Connection = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    before: SyncRun | None = SyncRun.objects.filter(connection=locked, key=key).first()
    if before is not None:
        return before
    if locked.state != ConnectionState.ON:
        raise NotSwitchedOn
    if SyncRun.objects.filter(connection=locked, state__in=LIVE).exists():
        raise AlreadyRunning
    run = _begin(locked, key=key, actor=actor, now=now)
    record(events.SYNC_ASKED, subject=locked, actor=actor, at=now)
    return run


@transaction.atomic
def begin_due(*, now: datetime) -> int:
    """Have read what is due by its schedule; how many. Several times missed are read once: what counts is the
    watermark, not the hour."""
    due = Connection.objects.filter(state=ConnectionState.ON, next_due_at__lte=now).select_related("owner")
    begun = 0
    for connection in due.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk"):
        try:
            after = next_due(connection, now)
        except BadSchedule:
            _stop_connection(connection, "config_unfit", key=f"{connection.version}", now=now)
            continue
        key = f"due {connection.next_due_at:%Y-%m-%dT%H:%MZ}"
        busy = Q(state__in=LIVE) | Q(key=key)
        if not SyncRun.objects.filter(busy, connection=connection).exists():
            _begin(connection, key=key, actor=None, now=now)
            begun += 1
        Connection.objects.filter(pk=connection.pk).update(next_due_at=after)
    return begun


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """The first time after `now` by its schedule; None where it has none within a year. Raises BadSchedule."""
    return _dues(connection, now)[0]


def interval_of(connection: Connection, now: datetime) -> timedelta:
    """From its next due time to the one after."""
    first, second = _dues(connection, now)
    return second - first if first and second else gaps.LATEST


def _dues(connection: Connection, now: datetime) -> tuple[datetime | None, datetime | None]:
    rule, zone = parse_rule(connection.schedule), _zone()
    days = calendar_for((now - REACH).date(), (now + FURTHEST + REACH).date())
    for reach in (timedelta(days=3), timedelta(days=70), FURTHEST):
        found = rule.due_between(now, now + reach, zone, days)[:2]
        if len(found) == 2:
            return found[0], found[1]
    return (found[0] if found else None), None


def _begin(connection: Connection, *, key: str, actor: Employee | None, now: datetime) -> SyncRun:
    run: SyncRun = SyncRun.objects.create(connection=connection, key=key, asked_by=actor, asked_at=now)
    enqueue(JOB, key=f"{run.pk}", payload={"run": run.pk})
    return run


# --- reading ---


def run_sync(job: Running, now: datetime) -> Again | None:
    """A stretch of a run: to its end, or as long as a job may take; then the same job goes on. Reading happens outside
    any transaction."""
    run_id = job.payload["run"]
    try:
        with job.step():
            run = _go_on(run_id, now)
        if run is None:
            return None
        return _read(job, run)
    except RetryLater as problem:
        with job.step():
            return _put_off(job, run_id, problem, now)
    except (NeedsReconnect, AdapterBroken, SkipRow) as problem:
        with job.step():
            _stop(run_id, problem, now)
        return None
    except _Over:
        return Again(job.payload)


def _go_on(run_id: int, now: datetime) -> _Run | None:
    """The run as it stands, begun if it was not; None where there is nothing to do any more."""
    run = _locked(run_id)
    if run is None or run.state not in LIVE:
        return None
    connection = run.connection
    if connection.state != ConnectionState.ON:
        _end(run, RunState.FAILED, now, error={"code": "switched_off", "words": {}})
        return None
    if run.position.get("version", connection.version) != connection.version:
        run.position = {}  # read with another configuration: a place in that reading is none in this one
        run.counts = {}
    run.position = {**run.position, "version": connection.version}
    run.state, run.started_at = RunState.RUNNING, run.started_at or now
    run.save(update_fields=["state", "started_at", "position", "counts"])
    return _Run(run.pk, connection, prepare(connection, now=now), run.position, now)


def _read(job: Running, run: _Run) -> Again | None:
    began = time.monotonic()
    streams = list(run.reading.streams)
    names = [stream.name for stream in streams]
    first = run.position.get("stream")
    for stream in streams[names.index(first) if first in names else 0 :]:
        position = run.position.get("page") if stream.name == first else None
        with job.step():
            since = _since(run, stream)
        pages = run.reading.adapter.pages(
            run.connection.config, stream, run.reading.context, since=since, position=position
        )
        is_whole = False
        for page in pages:
            if page.position is not None and page.position == position:
                raise AdapterBroken("goes_round")
            position, is_whole = page.position, page.position is None
            with job.step():
                _write_page(run, stream, page)
            if is_whole:
                break
            if time.monotonic() - began > AT_A_STRETCH:
                return Again(job.payload)
        if not is_whole:
            with job.step():
                _write_page(run, stream, None)
    return None


def _since(run: _Run, stream: Stream) -> str:
    state = StreamState.objects.filter(connection=run.connection, stream=stream.name).first()
    return begin_at(state.watermark, stream.overlap, run.zone) if state else ""


def _write_page(run: _Run, stream: Stream, page: Page | None) -> None:
    """One page, or None for the end of a stream that told no page to be its last."""
    row = _mine(run)
    state, _created = StreamState.objects.select_for_update().get_or_create(
        connection=run.connection, stream=stream.name
    )
    place = row.position if row.position.get("stream") == stream.name else {}
    so_far = _SoFar(
        Counter(row.counts.get(stream.name, {})), cursor=place.get("cursor", ""), came=set(place.get("came", ()))
    )
    if page is not None:
        taken = _take(run, stream, state, page)
        _notice_new_fields(run, stream, state, page, so_far)
        so_far.counts.update(taken.counts)
        if page.total is not None:  # what is added while it is being read is asked for next time
            so_far.counts["source"] = min(page.total, so_far.counts.get("source", page.total))
        so_far.cursor = greatest(so_far.cursor, taken.cursor, run.zone)
        row.covered_from = min(filter(None, (row.covered_from, taken.earliest)), default=None)
        row.covered_until = max(filter(None, (row.covered_until, taken.latest)), default=None)
        row.tries = 0
    is_end = page is None or page.position is None
    if is_end:
        _end_stream(run, stream, state, so_far)
        position = {"stream": _after(run, stream)}
    else:
        came = sorted(so_far.came)
        position = {"stream": stream.name, "page": page and page.position, "cursor": so_far.cursor, "came": came}
    state.read_at = run.now
    state.save()
    row.position = {"version": run.connection.version, **position}
    row.counts = {**row.counts, stream.name: dict(so_far.counts)}
    row.save(update_fields=["position", "counts", "covered_from", "covered_until", "tries"])
    if is_end and not position["stream"]:
        _end(row, RunState.DONE, run.now)


def _after(run: _Run, stream: Stream) -> str:
    names = [one.name for one in run.reading.streams]
    return next(iter(names[names.index(stream.name) + 1 :]), "")


def _take(run: _Run, stream: Stream, state: StreamState, page: Page) -> Taken:
    if page.batch is not None:
        return _take_batch(run, stream, state, page, page.batch)
    return Taking(state, Mapper(stream, run.zone), run.pk, run.now).take(page.rows)


# --- files of a day ---


def _take_batch(run: _Run, stream: Stream, state: StreamState, page: Page, info: BatchInfo) -> Taken:
    """The file of a day: the highest revision that is whole replaces the day."""
    batch, is_new = Batch.objects.get_or_create(
        connection=run.connection,
        stream=stream.name,
        on=info.on,
        revision=info.revision,
        digest=info.digest,
        defaults={
            "name": info.name,
            "rows_declared": info.rows_declared,
            "rows": info.rows,
            "state": BatchState.REFUSED if info.refused else BatchState.REPLACED,
            "reason": info.refused,
            "seen_at": run.now,
        },
    )
    if info.refused:
        if is_new:
            words = {"file": info.name, "revision": info.revision, "reason": info.refused}
            open_gaps(run.connection, [Missing(GapKind.TRUNCATED, info.on, stream.name, words)], now=run.now)
        return Taken(Counter(refused=1))
    of_day = Batch.objects.filter(connection=run.connection, stream=stream.name, on=info.on)
    loaded = of_day.filter(state=BatchState.LOADED).first()
    if loaded is not None and (loaded.revision > info.revision or loaded.pk == batch.pk):
        return Taken()
    of_day.filter(state=BatchState.LOADED).update(state=BatchState.REPLACED)
    of_day.filter(pk=batch.pk).update(
        state=BatchState.LOADED, reason="", rows=info.rows, rows_declared=info.rows_declared
    )
    taking = Taking(state, Mapper(stream, run.zone), run.pk, run.now, batch_on=info.on)
    taken = taking.take(page.rows)
    if loaded is not None:
        taken.counts["deleted"] += taking.remove_all_but(taken)
    _look_at_the_day(run, stream, info)
    return taken


def _look_at_the_day(run: _Run, stream: Stream, info: BatchInfo) -> None:
    """What this file fills, and whether it is unusually small."""
    of_day = Gap.objects.filter(stream=stream.name, on=info.on)
    fill_gaps(run.connection, of_day.filter(kind=GapKind.MISSING), now=run.now)
    older = of_day.filter(kind=GapKind.TRUNCATED, words__revision__lte=info.revision)
    fill_gaps(run.connection, older, now=run.now)
    loaded = Batch.objects.filter(
        connection=run.connection,
        stream=stream.name,
        state=BatchState.LOADED,
        on__range=(info.on - gaps.LOOKED_BACK, info.on - gaps.DAY),
    )
    small = of_day.filter(kind=GapKind.SMALL)
    if gaps.is_small(info.on, info.rows, dict(loaded.values_list("on", "rows"))):
        words = {"file": info.name, "rows": info.rows}
        open_gaps(run.connection, [Missing(GapKind.SMALL, info.on, stream.name, words)], now=run.now)
    else:
        fill_gaps(run.connection, small, now=run.now)


def days_missing(connection: Connection, stream: Stream, zone: ZoneInfo, now: datetime) -> list[Missing]:
    have = Batch.objects.filter(connection=connection, stream=stream.name).values_list("on", flat=True).distinct()
    found = gaps.missing_days(set(have), due=stream.due, local_now=now.astimezone(zone))
    return [Missing(GapKind.MISSING, on, stream.name) for on in found]


# --- what a stream looks like ---


def _notice_new_fields(run: _Run, stream: Stream, state: StreamState, page: Page, so_far: _SoFar) -> None:
    """Names alone. A field nobody knew is taken along in the raw layer; somebody should look at the mapping. Columns of
    a file are there or not; of JSON, one that is empty is often left out, so those are judged by the whole reading."""
    if page.batch is not None and page.batch.refused:
        return
    came: set[str] = set()
    for row in page.rows:
        came.update(row if isinstance(row, Mapping) else ())
    so_far.came |= came
    at_least = 1 if page.batch else None
    _compare_fields(run, stream, state, gaps.drift(state.fields, came, _mapped(stream), len(page.rows), at_least))
    state.fields = sorted({*state.fields, *came})


def _notice_lost_fields(run: _Run, stream: Stream, state: StreamState, so_far: _SoFar) -> None:
    if not stream.daily:
        found = gaps.drift(state.fields, so_far.came, _mapped(stream), so_far.counts["pulled"], gaps.ENOUGH_ROWS)
        _compare_fields(run, stream, state, found)


def _compare_fields(run: _Run, stream: Stream, state: StreamState, found: gaps.Drift) -> None:
    if found:
        words = {
            "stream": stream.name,
            "fields": ", ".join([*found.added, *found.gone]),
            "added": found.added,
            "gone": found.gone,
        }
        open_gaps(run.connection, [Missing(GapKind.SCHEMA, run.today, stream.name, words)], now=run.now)
        state.fields = sorted({*state.fields} - {*found.gone})


def _mapped(stream: Stream) -> set[str]:
    return {name for one in stream.fields for name in (one.path, one.path.partition(".")[0])}


def _end_stream(run: _Run, stream: Stream, state: StreamState, so_far: _SoFar) -> None:
    """The watermark, and whether all of it came."""
    counts = so_far.counts
    if so_far.cursor:
        state.watermark = greatest(state.watermark, not_after(so_far.cursor, run.now, run.zone), run.zone)
    _notice_lost_fields(run, stream, state, so_far)
    if "source" in counts:
        seen = counts["pulled"] - counts["repeated"]
        short = gaps.rows_short(total=counts["source"], seen=seen, held=_held(run.connection, stream))
        if short:
            words = {"stream": stream.name, "short": short, "source": counts["source"], "rows": counts["source"] - short}
            open_gaps(run.connection, [Missing(GapKind.COUNT, run.today, stream.name, words)], now=run.now)
        else:
            fill_gaps(run.connection, Gap.objects.filter(kind=GapKind.COUNT, stream=stream.name), now=run.now)
    if stream.daily:
        open_gaps(run.connection, days_missing(run.connection, stream, run.zone, run.now), now=run.now)


def _held(connection: Connection, stream: Stream) -> int:
    """Everything of the stream that ever came, set aside or deleted since included."""
    same = {"connection": connection, "stream": stream.name}
    waiting = QuarantinedRow.objects.filter(**same).exclude(state=QuarantineState.REPLAYED)
    return Record.objects.filter(**same).count() + waiting.count()


# --- ending ---


def _put_off(job: Running, run_id: int, problem: RetryLater, now: datetime) -> Again | None:
    """The other side is busy or away. It is asked again after what it said, or after longer and longer pauses. Of one
    that says nothing the owner is told as soon as the next reading by the schedule will be missed."""
    run = _locked(run_id)
    if run is None or run.state not in LIVE:
        return None
    run.tries += 1
    run.error = {"code": problem.code, "words": problem.words}
    patient = MOST_WAITS if problem.after is not None else len(PAUSES)
    pause = timedelta(minutes=PAUSES[min(run.tries, len(PAUSES)) - 1])
    if problem.after is not None:
        pause = min(max(problem.after, timedelta(seconds=1)), LONGEST_WAIT)
    connection = run.connection
    gives_up = run.tries > patient
    misses_the_next = connection.next_due_at is None or now + pause >= connection.next_due_at
    if gives_up or (problem.after is None and misses_the_next):
        on = now.astimezone(_zone()).date()
        words = {"code": problem.code, **problem.words}
        open_gaps(connection, [Missing(GapKind.UNREACHABLE, on, words=words)], now=now)
    if gives_up:
        _end(run, RunState.FAILED, now, error=run.error)
        return None
    run.save(update_fields=["tries", "error"])
    return Again(job.payload, after=pause)


def _stop(run_id: int, problem: SkipRow | NeedsReconnect | AdapterBroken, now: datetime) -> None:
    """A person must act: the connection stops, and its owner is told."""
    run = _locked(run_id)
    if run is None or run.state not in LIVE:
        return
    _end(run, RunState.FAILED, now, error={"code": problem.code, "words": problem.words})
    _stop_connection(run.connection, problem.code, key=f"run {run.pk}", now=now)


def _stop_connection(connection: Connection, code: str, *, key: str, now: datetime) -> None:
    stopped = Connection.objects.filter(pk=connection.pk, state=ConnectionState.ON).update(
        state=ConnectionState.STOPPED, stopped_because=code, next_due_at=None, version=F("version") + 1
    )
    if not stopped:
        return
    record(events.STOPPED, subject=connection, actor=None, at=now, details={"code": code})
    notify(
        events.CONNECTION_STOPPED,
        to=people_to_tell(connection),
        subject=connection,
        at=now,
        params={"name": connection.name},
        url=page_of(connection),
        key=f"{connection.pk}:{key}",
    )


def end_lost(run_id: int, *, now: datetime) -> None:
    """Nobody works on it any more: its job was given up or dropped. The next one begins at the watermark."""
    run = _locked(run_id)
    if run is not None and run.state in LIVE:
        _end(run, RunState.FAILED, now, error={"code": "gave_up", "words": {}})


def _end(run: SyncRun, state: RunState, now: datetime, *, error: dict[str, Any] | None = None) -> None:
    """With what is to be done above when rows came, in this transaction."""
    connection = run.connection
    run.state, run.finished_at, run.error, run.position = state, now, error, {}
    run.started_at = run.started_at or now
    run.save(update_fields=["state", "started_at", "finished_at", "error", "position"])
    total: Counter[str] = Counter()
    for counts in run.counts.values():
        total.update(counts)
    written = total["created"] + total["changed"] + total["deleted"]
    if state == RunState.DONE:
        came = Gap.objects.filter(kind__in=[GapKind.UNREACHABLE, GapKind.OVERDUE])
        fill_gaps(connection, came, now=now)
        settle(events.CONNECTION_STOPPED, [connection.pk])
    else:
        code = error["code"] if error else ""
        record(events.SYNC_FAILED, subject=connection, actor=run.asked_by, at=now, details={"code": code})
    if written:
        for kind in settings.JOBS_AFTER_SYNC:
            enqueue(kind, key=f"run {run.pk}", payload={"run": run.pk})
        record(events.SYNCED, subject=connection, actor=run.asked_by, at=now, details=dict(total))
        tell_planner(total["created"])
    _tell_of_rows_aside(run, now)


def _tell_of_rows_aside(run: SyncRun, now: datetime) -> None:
    """At most once a day: a field that changed sets rows aside every hour."""
    connection = run.connection
    new = QuarantinedRow.objects.filter(run=run, state=QuarantineState.WAITING, at__gte=run.started_at).count()
    if not new:
        _settle_rows_aside(connection)
        return
    today = now.astimezone(_zone()).date()
    notify(
        events.ROWS_SET_ASIDE,
        to=people_to_tell(connection),
        subject=connection,
        at=now,
        params={"name": connection.name, "count": new},
        url=page_of(connection),
        key=f"{connection.pk}:{today.isoformat()}",
    )


# --- rows that were set aside ---


@transaction.atomic
def replay(*, rows: Iterable[QuarantinedRow], actor: Employee | None, now: datetime) -> Replayed:
    """Try rows that were set aside again, with the mapping as it is now. What fits is taken in, as part of the run that
    brought it."""
    found = _waiting(rows)
    taken = 0
    for connection, stream, batch_on, run_id, some in _together(found):
        state, _created = StreamState.objects.select_for_update().get_or_create(
            connection=connection, stream=stream.name
        )
        taking = Taking(state, Mapper(stream, _zone()), run_id, now, batch_on=batch_on, is_replay=True)
        fits = []
        for row in some:
            try:
                taking.mapper.row(row.payload)
                fits.append(row)
            except SkipRow as problem:
                row.reason, row.words = problem.code, problem.words
                row.save(update_fields=["reason", "words"])
        taking.take([row.payload for row in fits])
        state.save()
        ids = [row.pk for row in fits]
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
    QuarantinedRow.objects.filter(pk__in=[row.pk for row in found]).update(
        state=QuarantineState.DROPPED, ended_at=now
    )
    _record_decision(events.ROWS_DROPPED, found, actor, now)
    return len(found)


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
        streams = installed(connection).streams(connection.config)
        for stream in streams:
            if stream.name == name:
                yield connection, stream, batch_on, run_id, some


def _record_decision(verb: str, rows: Sequence[QuarantinedRow], actor: Employee | None, now: datetime) -> None:
    for connection in {row.connection_id: row.connection for row in rows}.values():
        number = sum(row.connection_id == connection.pk for row in rows)
        record(verb, subject=connection, actor=actor, at=now, details={"rows": number})
        _settle_rows_aside(connection)


def _settle_rows_aside(connection: Connection) -> None:
    if not QuarantinedRow.objects.filter(connection=connection, state=QuarantineState.WAITING).exists():
        settle(events.ROWS_SET_ASIDE, [connection.pk])


def _mine(run: _Run) -> SyncRun:
    """The run, locked, while nothing came between. Raises _Over."""
    row = _locked(run.pk)
    if row is None or row.state not in LIVE:
        raise _Over
    if row.connection.state != ConnectionState.ON or row.connection.version != run.connection.version:
        raise _Over
    return row


def _locked(run_id: int) -> SyncRun | None:
    found: SyncRun | None = (
        SyncRun.objects.select_for_update(of=("self",))
        .select_related("connection__owner", "asked_by")
        .filter(pk=run_id)
        .first()
    )
    return found


def _zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
