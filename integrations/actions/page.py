"""Pages into the database, in one transaction: their rows, how far the run has come, and what they say is missing.

The watermark moves with the last page of a stream: no source promises to send its rows in the cursor's order, and one
that stopped halfway would have moved past the rest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min

from integrations import gaps
from integrations.adapters.base import UNDATED, UNREADABLE, WHY, AdapterBroken, BatchInfo, Page, RawRow, Stream
from integrations.mapping import Bad, Good, Mapper, greatest, not_after
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
from integrations.reading import Reading
from perfsys.common.bulk import plan_anew

from .gaps import Missing, fill_gaps, open_gaps
from .taking import Taken, Taking

LIVE = (RunState.WAITING, RunState.RUNNING)
SWITCHED_ON = "on "  # how the key of a run begins that switching on has asked for
FEW = 10_000  # records
LONGEST_RUN = timedelta(hours=6)


class RunIsOver(Exception):
    """The run was ended, or its connection changed, while a page was under way: write no more of it."""


@dataclass(frozen=True)
class Stretch:
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
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass
class _SoFar:
    """Of the stream under way: what was counted, the greatest cursor value, the fields met, how many pages in a row
    brought nothing the run had not met before, and whether it began in an earlier run."""

    counts: Counter[str]
    cursor: str
    came: set[str]
    stale: int
    is_rest: bool


def locked_run(run_id: int) -> SyncRun | None:
    found: SyncRun | None = (
        SyncRun.objects.select_for_update(of=("self",))
        .select_related("connection__owner", "asked_by")
        .filter(pk=run_id)
        .first()
    )
    return found


class ReadPage(NamedTuple):
    """A page, and its rows as the mapping reads them; once, where that is done while they are gone through."""

    page: Page
    rows: Iterable[Good | Bad]


class Written(NamedTuple):
    """`run`, locked, where nothing is left to read at all; `is_over` where this stream is not read on in it."""

    run: SyncRun | None
    is_over: bool


def write_pages(run: Stretch, stream: Stream, read: Sequence[ReadPage], *, is_end: bool) -> Written:
    """Pages that follow each other, whole; `is_end`: nothing comes behind them in this stream. Raises RunIsOver;
    AdapterBroken where the source goes on for ever without anything new."""
    row = _mine(run)
    state, _created = StreamState.objects.select_for_update().get_or_create(
        connection=run.connection, stream=stream.name
    )
    place = row.position if row.position.get("stream") == stream.name and "page" in row.position else None
    if place is None:
        place = left_of(run, state)
    so_far = _SoFar(
        Counter(row.counts.get(stream.name, {})),
        cursor=place.get("cursor", ""),
        came=set(place.get("came", ())),
        stale=place.get("stale", 0),
        is_rest=place.get("read_as", "") != "",
    )
    fresh = 0
    pages = [one.page for one in read]
    for taken in _take(run, stream, state, read, so_far):
        so_far.counts.update(taken.counts)
        fresh += taken.fresh
        so_far.cursor = greatest(so_far.cursor, taken.cursor.text, stream.zone_or(run.zone))
        row.covered_from = min(filter(None, (row.covered_from, taken.earliest)), default=None)
        row.covered_until = max(filter(None, (row.covered_until, taken.latest)), default=None)
    for page in pages:
        row.tries = 0
        if page.total is not None:  # what is added while it is being read is asked for next time
            so_far.counts["source"] = min(page.total, so_far.counts.get("source", page.total))
    row.position = {"version": run.connection.version}
    has_its_fill = not is_end and _has_its_fill(row, stream, pages, so_far, run.now)
    if is_end:
        _end_stream(run, stream, state, so_far)
        state.left = {}
    else:
        place = {"page": pages[-1].position, "cursor": so_far.cursor, "came": sorted(so_far.came)}
        place["stale"] = _stale_after(stream, pages, so_far, fresh)
        if has_its_fill:
            state.left = {**place, "read_as": run.reading.read_as}
            so_far.counts["left"] = 1
        else:
            row.position |= {**place, "stream": stream.name}
            row.position |= {"read_as": run.reading.read_as} if so_far.is_rest else {}
    if is_end or has_its_fill:
        row.position["stream"] = _after(run, stream)
    state.read_at = run.now
    state.save()
    row.counts = {**row.counts, stream.name: dict(so_far.counts)}
    row.save(update_fields=["position", "counts", "covered_from", "covered_until", "tries"])
    if state.records < FEW:
        plan_anew()
    return Written(None if row.position["stream"] else row, is_end or has_its_fill)


def left_of(run: Stretch, state: StreamState | None) -> dict[str, Any]:
    """Where an earlier run left the stream with this very configuration; else nothing."""
    left: dict[str, Any] = state.left if state else {}
    return left if left.get("read_as") == run.reading.read_as else {}


def _has_its_fill(row: SyncRun, stream: Stream, pages: Sequence[Page], so_far: _SoFar, now: datetime) -> bool:
    """A source that sends something new for ever, or more than anybody expected, would keep all other lists, and the
    jobs of all other companies, waiting. Files and what was sent to us end by themselves."""
    if pages[-1].batch is not None or stream.pushed:
        return False
    return so_far.counts["pulled"] >= settings.INTEGRATION_RUN_ROWS or now - (row.started_at or now) >= LONGEST_RUN


def _stale_after(stream: Stream, pages: Sequence[Page], so_far: _SoFar, fresh: int) -> int:
    """Pages in a row without anything new. A cursor may lead on and on, each time another one, over rows that have all
    been here: nothing would ever end such a reading. Files and what was sent to us end by themselves."""
    if stream.pushed:
        return 0
    stale = 0 if fresh else so_far.stale + sum(page.batch is None for page in pages)
    if stale >= settings.INTEGRATION_STALE_PAGES:
        raise AdapterBroken("nothing_new", stream=stream.name, pages=stale)
    return stale


def _mine(run: Stretch) -> SyncRun:
    """The run, locked, while nothing came between. Raises RunIsOver."""
    row = locked_run(run.pk)
    if row is None or row.state not in LIVE:
        raise RunIsOver
    if row.connection.state != ConnectionState.ON or row.connection.version != run.connection.version:
        raise RunIsOver
    return row


def _after(run: Stretch, stream: Stream) -> str:
    """The name of the next stream, "" behind the last."""
    names = [one.name for one in run.reading.streams]
    return next(iter(names[names.index(stream.name) + 1 :]), "")


def _take(
    run: Stretch, stream: Stream, state: StreamState, read: Sequence[ReadPage], so_far: _SoFar
) -> Iterator[Taken]:
    """A file of a day stands for itself; all other pages are so many rows."""
    came: list[RawRow] = []
    for page, rows in read:
        if page.batch is None:
            came += page.rows
            continue
        yield _take_batch(run, stream, state, rows, page.batch)
        if not page.batch.refused:
            _notice_new_fields(run, stream, state, page.rows, so_far, at_least=1)
    if came:
        yield _taking(run, stream, state).take(chain.from_iterable(rows for page, rows in read if page.batch is None))
        _notice_new_fields(run, stream, state, came, so_far, at_least=None)


def _taking(run: Stretch, stream: Stream, state: StreamState, batch_on: date | None = None) -> Taking:
    is_anew = state.read_as != run.reading.read_as
    return Taking(state, Mapper(stream, run.zone), run.pk, run.now, batch_on=batch_on, is_anew=is_anew)


# --- files of a day ---


def _take_batch(run: Stretch, stream: Stream, state: StreamState, rows: Iterable[Good | Bad], info: BatchInfo) -> Taken:
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
    of_day = Batch.objects.filter(connection=run.connection, stream=stream.name, on=info.on)
    loaded = of_day.filter(state=BatchState.LOADED).first()
    if info.refused:
        if is_new and (loaded is None or loaded.revision < info.revision):
            words = {"file": info.name, "revision": info.revision, "reason": info.refused}
            on = run.today if info.on == UNDATED else info.on
            open_gaps(run.connection, [Missing(GapKind.TRUNCATED, on, stream.name, words)], now=run.now)
        return Taken(Counter(refused=int(is_new)))
    taking = _taking(run, stream, state, info.on)
    if loaded is not None and (loaded.revision > info.revision or (loaded.pk == batch.pk and not taking.is_anew)):
        return Taken()
    of_day.filter(state=BatchState.LOADED).update(state=BatchState.REPLACED)
    of_day.filter(pk=batch.pk).update(
        state=BatchState.LOADED, reason="", rows=info.rows, rows_declared=info.rows_declared
    )
    taken = taking.take(rows)
    if loaded is not None:
        taken.counts["deleted"] += taking.remove_all_but(taken)
    _look_at_the_day(run, stream, info)
    return taken


def _look_at_the_day(run: Stretch, stream: Stream, info: BatchInfo) -> None:
    """What this file fills, and whether it is unusually small."""
    of_day = Gap.objects.filter(stream=stream.name)
    if info.on != UNDATED:  # a whole list takes the place of all that came before
        of_day = of_day.filter(on=info.on)
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
    """From the first day of which a whole file came; before there is one, from the day it was switched on. A day whose
    file was refused has a gap of its own."""
    came = Batch.objects.filter(connection=connection, stream=stream.name)
    have = set(came.values_list("on", flat=True).distinct())
    whole: date | None = came.exclude(state=BatchState.REFUSED).aggregate(on=Min("on"))["on"]
    since = whole or _switched_on(connection, zone)
    found = gaps.missing_days(have, due=stream.due, local_now=now.astimezone(zone), since=since)
    return [Missing(GapKind.MISSING, on, stream.name) for on in found]


def _switched_on(connection: Connection, zone: ZoneInfo) -> date | None:
    """The day it was last switched on, which begins with a run of its own."""
    runs = SyncRun.objects.filter(connection=connection, key__startswith=SWITCHED_ON)
    at: datetime | None = runs.aggregate(at=Max("asked_at"))["at"]
    return at.astimezone(zone).date() if at else None


# --- what a stream looks like ---


def _notice_new_fields(
    run: Stretch, stream: Stream, state: StreamState, rows: Sequence[RawRow], so_far: _SoFar, *, at_least: int | None
) -> None:
    """Names alone. A field nobody knew is taken along in the raw layer; somebody should look at the mapping. Columns of
    a file are there or not; of JSON, one that is empty is often left out, so those are judged by the whole reading."""
    came: set[str] = set()
    for row in rows:
        came.update(row.keys() - {UNREADABLE, WHY} if isinstance(row, Mapping) else ())
    so_far.came |= came
    _compare_fields(run, stream, state, gaps.drift(state.fields, came, _mapped(stream), len(rows), at_least))
    state.fields = sorted({*state.fields, *came})


def _notice_lost_fields(run: Stretch, stream: Stream, state: StreamState, so_far: _SoFar) -> None:
    if not stream.daily:
        found = gaps.drift(state.fields, so_far.came, _mapped(stream), so_far.counts["pulled"], gaps.ENOUGH_ROWS)
        _compare_fields(run, stream, state, found)


def _compare_fields(run: Stretch, stream: Stream, state: StreamState, found: gaps.Drift) -> None:
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


def _end_stream(run: Stretch, stream: Stream, state: StreamState, so_far: _SoFar) -> None:
    """The watermark, and whether all of it came."""
    counts = so_far.counts
    if so_far.cursor:
        zone = stream.zone_or(run.zone)
        state.watermark = greatest(state.watermark, not_after(so_far.cursor, run.now, zone), zone)
    _notice_lost_fields(run, stream, state, so_far)
    if "source" in counts:
        seen = counts["pulled"] - counts["repeated"] - counts["contradicted"]
        held = _held(run, stream, is_anew=state.read_as != run.reading.read_as and not so_far.is_rest)
        short = gaps.rows_short(total=counts["source"], seen=seen, held=held)
        if short:
            words = {
                "stream": stream.name,
                "short": short,
                "source": counts["source"],
                "rows": counts["source"] - short,
            }
            open_gaps(run.connection, [Missing(GapKind.COUNT, run.today, stream.name, words)], now=run.now)
        else:
            fill_gaps(run.connection, Gap.objects.filter(kind=GapKind.COUNT, stream=stream.name), now=run.now)
    state.read_as = run.reading.read_as
    if stream.daily:
        loaded = Batch.objects.filter(connection=run.connection, stream=stream.name, state=BatchState.LOADED)
        came = Gap.objects.filter(kind=GapKind.MISSING, stream=stream.name, on__in=loaded.values("on"))
        fill_gaps(run.connection, came, now=run.now)  # the watch may have looked just before such a day was committed
        open_gaps(run.connection, days_missing(run.connection, stream, run.zone, run.now), now=run.now)


def _held(run: Stretch, stream: Stream, *, is_anew: bool) -> int:
    """Everything of the stream that ever came, set aside or deleted since included. Read with another configuration,
    only what this run met: the rest may be of another system. Not where an earlier run had read the beginning."""
    records = Record.objects.filter(connection=run.connection, stream=stream.name)
    aside = QuarantinedRow.objects.filter(connection=run.connection, stream=stream.name)
    aside = aside.exclude(state=QuarantineState.REPLAYED)
    if is_anew:
        records, aside = records.filter(seen_in=run.pk), aside.filter(run=run.pk)
    return records.count() + aside.count()
