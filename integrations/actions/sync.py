"""A sync run: asked for by a person or the schedule, read page by page, ended (product.md §5.2).

A worker that is killed goes on behind the last page that was written. Four kinds of problem, named after the next step,
decide what becomes of a run; no status code is looked at here.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from threading import Condition
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from integrations import events, gaps
from integrations.adapters.base import AdapterBroken, NeedsReconnect, RetryLater, SkipRow, Stream, SyncProblem
from integrations.mapping import Mapper, begin_at
from integrations.models import (
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
from integrations.reading import prepare
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.handlers import Again, Running
from perfsys.jobs.schedules import REACH, BadSchedule, parse_rule
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import tell_planner

from .aside import Replayed, drop_rows, replay, settle_rows_aside
from .deliveries import claim_deliveries, let_go_of_deliveries, overlooked, some_wait
from .gaps import Missing, fill_gaps, open_gaps, page_of, people_to_tell
from .onward import tell_of_days
from .page import LIVE, ReadPage, RunIsOver, Stretch, left_of, locked_run, write_pages

__all__ = [
    "AlreadyRunning",
    "NotSwitchedOn",
    "Replayed",
    "ask_for_sync",
    "begin_due",
    "drop_rows",
    "end_lost",
    "interval_of",
    "moved_at",
    "next_due",
    "read_deliveries",
    "read_from_the_beginning",
    "read_overlooked",
    "replay",
    "run_sync",
]

JOB = "integrations.sync"
AT_A_STRETCH = 45.0  # seconds; then other jobs have their turn, and the task keeps within its limit
TOGETHER, TOGETHER_FOR = 1_000, 2.0  # rows, seconds
AHEAD = 1_000  # rows that wait to be written while the next page is read
PAUSES = (1, 5, 15, 30, 60)  # minutes, where the other side does not say how long; then the run is given up
LONGEST_WAIT = timedelta(hours=1)
MOST_WAITS = 24  # where it says how long, and never gives a page in between
FURTHEST = timedelta(days=400)  # to look for the next due time


class AlreadyRunning(Exception):
    """A run is waiting or under way: look at it."""


class NotSwitchedOn(Exception):
    """Test the connection and switch it on first."""


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
def read_from_the_beginning(*, connection: Connection, actor: Employee | None, now: datetime, key: str) -> SyncRun:
    """All there is over there, and not only what is new by its cursor: what was put right without moving that is
    fetched no other way. What is the same again changes nothing. Raises AlreadyRunning, NotSwitchedOn."""
    run = ask_for_sync(connection=connection, actor=actor, now=now, key=key)
    StreamState.objects.filter(connection=connection).exclude(watermark="").update(watermark="", left={})
    record(events.READ_FROM_THE_BEGINNING, subject=connection, actor=actor, at=now)
    return run


@transaction.atomic
def read_deliveries(*, connection_id: int, now: datetime) -> None:
    """Have read what was sent to us. While a run is under way its end does that."""
    connection: Connection | None = Connection.objects.filter(pk=connection_id).first()
    if connection is None or not some_wait(connection):
        return
    try:
        ask_for_sync(connection=connection, actor=None, now=now, key=f"delivered {now.isoformat()}")
    except (AlreadyRunning, NotSwitchedOn):
        return


@transaction.atomic
def read_overlooked(*, now: datetime) -> None:
    """Have read what no job of its own has: it was committed after that had looked."""
    for connection in overlooked(now):
        read_deliveries(connection_id=connection.pk, now=now)


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
        if isinstance(run, SyncProblem):
            raise run
        return _read(job, run)
    except RetryLater as problem:
        with job.step():
            return _put_off(job, run_id, problem, now)
    except (NeedsReconnect, AdapterBroken, SkipRow) as problem:
        with job.step():
            return _stop(job, run_id, problem, now)
    except RunIsOver:
        return Again(job.payload)


def _go_on(run_id: int, now: datetime) -> Stretch | SyncProblem | None:
    """The run as it stands, begun if it was not; None where there is nothing to do any more. A problem is given, not
    raised: it is one of the version that is noted here."""
    run = locked_run(run_id)
    if run is None or run.state not in LIVE:
        return None
    connection = run.connection
    if connection.state != ConnectionState.ON:
        _end(run, RunState.FAILED, now, error={"code": "switched_off", "words": {}})
        return None
    if run.position.get("version", connection.version) != connection.version:
        run.position = {}  # read with another configuration: a place in that reading is none in this one
        run.counts = {}
        Record.objects.filter(connection=connection, seen_in=run.pk).update(seen_in=None)
    if not run.position:
        claim_deliveries(run)
    run.position = {**run.position, "version": connection.version}
    run.state, run.started_at = RunState.RUNNING, run.started_at or now
    run.save(update_fields=["state", "started_at", "position", "counts"])
    try:
        return Stretch(run.pk, connection, prepare(connection, now=now, run=run.pk), run.position, now)
    except SyncProblem as problem:
        return problem


def _read(job: Running, run: Stretch) -> Again | None:
    until = time.monotonic() + AT_A_STRETCH
    streams = list(run.reading.streams)
    names = [stream.name for stream in streams]
    first = run.position.get("stream")
    for stream in streams[names.index(first) if first in names else 0 :]:
        position = run.position.get("page") if stream.name == first else None
        with job.step():
            since, left = _begins_at(run, stream)
        for pages, is_end in _together(_pages(run, stream, since, left if position is None else position), until):
            with job.step():
                written = write_pages(run, stream, pages, is_end=is_end)
                if written.run is not None:
                    _end(written.run, RunState.DONE, run.now)
            if written.is_over:
                break
            if time.monotonic() > until:
                return Again(job.payload)
    return None


def _pages(run: Stretch, stream: Stream, since: str, position: Any | None) -> Iterable[ReadPage]:
    """Those of the adapter, until the last one. Adapters and the mapping know no database, so that both may work in a
    thread; not where files or messages are read, which lie in it, and may be long."""
    in_database = run.reading.adapter.takes_files or stream.pushed
    read = _read_pages(run, stream, since, position, at_once=not in_database)
    return read if in_database else _ahead(read)


def _read_pages(run: Stretch, stream: Stream, since: str, position: Any | None, *, at_once: bool) -> Iterator[ReadPage]:
    context, mapper = run.reading.context_of(stream), Mapper(stream, run.zone)
    for page in run.reading.adapter.pages(run.connection.config, stream, context, since=since, position=position):
        if page.position is not None and page.position == position:
            raise AdapterBroken("goes_round", stream=stream.name)
        position = page.position
        rows = map(mapper.read, page.rows)
        yield ReadPage(page, list(rows) if at_once else rows)
        if position is None:
            return


def _ahead(pages: Iterator[ReadPage]) -> Iterator[ReadPage]:
    """While some are written, and the database works, the next ones are read and typed: AHEAD rows, and one page."""
    waiting: deque[ReadPage] = deque()
    moved = Condition()
    is_left = False

    def has_room() -> bool:
        return is_left or sum(len(one.page.rows) for one in waiting) < AHEAD

    def read() -> None:
        for page in pages:
            with moved:
                waiting.append(page)
                moved.notify_all()
                moved.wait_for(has_room)
                if is_left:
                    return

    def tell(_reading: Any) -> None:
        with moved:
            moved.notify_all()

    with ThreadPoolExecutor(1, "reading") as reader:
        reading = reader.submit(copy_context().run, read)  # the context: what its log lines are bound to
        reading.add_done_callback(tell)
        try:
            while True:
                with moved:
                    moved.wait_for(lambda: waiting or reading.done())
                    if not waiting:
                        break
                    page = waiting.popleft()
                    moved.notify_all()
                yield page
            reading.result()  # its problem, behind the last page that came
        finally:
            with moved:
                is_left = True
                moved.notify_all()


def _together(pages: Iterable[ReadPage], until: float) -> Iterator[tuple[list[ReadPage], bool]]:
    """What is written in one transaction: small pages by the thousand rows or every two seconds, since a transaction
    costs as much as a hundred rows; and whether it is the end. What was read before a problem is written first."""
    some: list[ReadPage] = []
    rows, began = 0, time.monotonic()
    try:
        for one in pages:
            some.append(one)
            rows += len(one.page.rows)
            if one.page.position is None:
                break
            if rows >= TOGETHER or time.monotonic() > min(began + TOGETHER_FOR, until):
                yield some, False
                some, rows, began = [], 0, time.monotonic()
    except SyncProblem:
        if some:
            yield some, False
        raise
    yield some, True


def _begins_at(run: Stretch, stream: Stream) -> tuple[str, Any | None]:
    """The cursor value, and the page where an earlier run had read its fill. From the beginning where the configuration
    is another one: the watermark is of what was read with the last."""
    state = StreamState.objects.filter(connection=run.connection, stream=stream.name).first()
    page = left_of(run, state).get("page")
    if state is None or state.read_as != run.reading.read_as:
        return "", page
    return begin_at(state.watermark, stream.overlap, stream.zone_or(run.zone)), page


# --- ending ---


def _put_off(job: Running, run_id: int, problem: RetryLater, now: datetime) -> Again | None:
    """The other side is busy or away. It is asked again after what it said, or after longer and longer pauses. Of one
    that says nothing the owner is told as soon as the next reading by the schedule will be missed; of one that says how
    long, once nothing will have come for as long as a reading may be late."""
    run = locked_run(run_id)
    if run is None or run.state not in LIVE:
        return None
    run.tries += 1
    run.put_off += 1
    patient = MOST_WAITS if problem.after is not None else len(PAUSES)
    pause = timedelta(minutes=PAUSES[min(run.tries, len(PAUSES)) - 1])
    if problem.after is not None:
        pause = min(max(problem.after, timedelta(seconds=1)), LONGEST_WAIT)
    connection = run.connection
    until = now + pause
    gives_up = run.tries > patient
    misses_the_next = connection.next_due_at is None or until >= connection.next_due_at
    if gives_up or (misses_the_next if problem.after is None else _is_late(run, until)):
        on = now.astimezone(_zone()).date()
        words = {"code": problem.code, **problem.words}
        open_gaps(connection, [Missing(GapKind.UNREACHABLE, on, words=words)], now=now)
    error = {"code": problem.code, "words": problem.words}
    if gives_up:
        _end(run, RunState.FAILED, now, error=error)
        return None
    run.error = {**error, "until": until.isoformat()}
    run.save(update_fields=["tries", "put_off", "error"])
    return Again(job.payload, after=pause)


def _is_late(run: SyncRun, at: datetime) -> bool:
    """Whether by then nothing will have come for longer than a reading of its schedule may be late."""
    try:
        interval = interval_of(run.connection, at)
    except BadSchedule:  # the next look at what is due stops it and says so
        interval = gaps.LATEST
    return gaps.is_late(run.asked_at, interval=interval, now=at, moved_at=moved_at(run.connection))


def moved_at(connection: Connection) -> datetime | None:
    """When a page of it was last written."""
    states = StreamState.objects.filter(connection=connection).exclude(read_at=None)
    found: datetime | None = states.order_by("-read_at").values_list("read_at", flat=True).first()
    return found


def _stop(job: Running, run_id: int, problem: SkipRow | NeedsReconnect | AdapterBroken, now: datetime) -> Again | None:
    """A person must act: the connection stops, and its owner is told. Not where somebody acted meanwhile: then it is
    read again, as it is now."""
    run = locked_run(run_id)
    if run is None or run.state not in LIVE:
        return None
    if run.position.get("version", run.connection.version) != run.connection.version:
        return Again(job.payload)
    _end(run, RunState.FAILED, now, error={"code": problem.code, "words": problem.words})
    # A place in a reading that the other side may have forgotten: it would be refused there again and again.
    StreamState.objects.filter(connection=run.connection).update(left={})
    _stop_connection(run.connection, problem.code, key=f"run {run.pk}", now=now)
    return None


def _stop_connection(connection: Connection, code: str, *, key: str, now: datetime) -> None:
    stopped = Connection.objects.filter(pk=connection.pk, state=ConnectionState.ON).update(
        state=ConnectionState.STOPPED,
        stopped_because=code,
        next_due_at=None,
        tested_at=None,  # what a test said of it holds no longer
        version=F("version") + 1,
    )
    if not stopped:
        return
    record(events.STOPPED, subject=connection, actor=None, at=now, details={"code": code})
    notify(
        events.CONNECTION_STOPPED,
        to=people_to_tell(connection.owner),
        subject=connection,
        at=now,
        params={"name": connection.name},
        url=page_of(connection),
        key=f"{connection.pk}:{key}",
    )


def end_lost(run_id: int, *, code: str = "gave_up", now: datetime) -> None:
    """Nobody works on it any more: its job was given up or dropped, or it belongs to a time before the connection was
    paused. The next one begins at the watermark."""
    run = locked_run(run_id)
    if run is not None and run.state in LIVE:
        _end(run, RunState.FAILED, now, error={"code": code, "words": {}})


def _end(run: SyncRun, state: RunState, now: datetime, *, error: dict[str, Any] | None = None) -> None:
    """With what is to be done above when rows came, in this transaction."""
    connection = run.connection
    run.state, run.finished_at, run.error, run.position = state, now, error, {}
    run.started_at = run.started_at or now
    run.save(update_fields=["state", "started_at", "finished_at", "error", "position"])
    total: Counter[str] = Counter()
    for counts in run.counts.values():
        total.update(counts)
    let_go_of_deliveries(run, now)
    if state == RunState.DONE and some_wait(connection):  # came meanwhile, or were more than one run reads
        _begin(connection, key=f"more after {run.pk}", actor=None, now=now)
    if state == RunState.DONE:
        came = Gap.objects.filter(kind__in=[GapKind.UNREACHABLE, GapKind.OVERDUE])
        fill_gaps(connection, came, now=now)
        settle(events.CONNECTION_STOPPED, [connection.pk])
    else:
        code = error["code"] if error else ""
        record(events.SYNC_FAILED, subject=connection, actor=run.asked_by, at=now, details={"code": code})
    # Not by the counts: a row that came twice, the second time newer, counts as repeated and was written all the same.
    if Record.objects.filter(run=run).exists():
        for kind in settings.JOBS_AFTER_SYNC:
            enqueue(kind, key=f"run {run.pk}", payload={"run": run.pk})
        record(events.SYNCED, subject=connection, actor=run.asked_by, at=now, details=dict(total))
        tell_planner(total["created"])
    came = Gap.objects.filter(connection=connection, closed_by=None, closed_at__gte=run.started_at)
    tell_of_days(came, key=f"filled {run.pk}")  # what they held is free, also where the day brought no row
    _tell_of_rows_aside(run, now)


def _tell_of_rows_aside(run: SyncRun, now: datetime) -> None:
    """At most once a day: a field that changed sets rows aside every hour."""
    connection = run.connection
    new = QuarantinedRow.objects.filter(run=run, state=QuarantineState.WAITING, at__gte=run.started_at).count()
    if not new:
        settle_rows_aside(connection)
        return
    today = now.astimezone(_zone()).date()
    notify(
        events.ROWS_SET_ASIDE,
        to=people_to_tell(connection.owner),
        subject=connection,
        at=now,
        params={"name": connection.name, "count": new},
        url=page_of(connection),
        key=f"{connection.pk}:{today.isoformat()}",
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
