"""Rows of a page into the tables: mapped, compared with what is held, written set by set (product.md §5.2).

Whoever calls holds the row lock of the stream's state: nobody else writes this stream's records meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import F, Q

from integrations.mapping import BEGINNING, Bad, Cursor, Good, Mapped, Mapper
from integrations.models import (
    QuarantinedRow,
    QuarantineState,
    RawRecord,
    Record,
    RecordReference,
    StreamState,
)
from perfsys.common.bulk import AnyOf
from perfsys.tenancy.rows import Row, insert_rows, update_rows

AT_ONCE = 1_000  # rows a statement


@dataclass
class Taken:
    """What became of the rows. `counts` as `models.SyncRun` names them; `alive` is by how many more records are held;
    `records` are the ids met and `aside` the digests of what was set aside, `unnamed` tells that a key could not be
    read. `fresh` are rows this run had not met before, whatever became of them."""

    counts: Counter[str] = field(default_factory=Counter)
    alive: int = 0
    cursor: Cursor = BEGINNING
    earliest: datetime | None = None
    latest: datetime | None = None
    records: set[int] = field(default_factory=set)
    unnamed: bool = False
    aside: set[str] = field(default_factory=set)
    newly_aside: int = 0
    fresh: int = 0


class Known(NamedTuple):
    """What a record says."""

    title: str
    happened_at: datetime | None
    data: Mapping[str, Any]

    @classmethod
    def of(cls, mapped: Mapped) -> "Known":
        return cls(mapped.title, mapped.happened_at, mapped.data)


class Held(NamedTuple):
    external_id: str
    pk: int
    digest: str
    deleted_at: datetime | None
    seen_in: int | None
    batch_on: date | None


@dataclass(frozen=True)
class Taking:
    """Where the rows go: a stream of a connection, in a run; `batch_on` is the day of the file they stand in."""

    state: StreamState
    mapper: Mapper
    run_id: int
    now: datetime
    batch_on: date | None = None
    is_anew: bool = False  # with another configuration than before: what is held is mapped again
    is_replay: bool = False  # rows that were set aside: they say nothing about others of theirs

    def take(self, rows: Iterable[Good | Bad]) -> Taken:
        """All of `rows`, as `mapper` read them, a thousand a statement."""
        taken = Taken()
        remaining = iter(rows)
        while some := list(islice(remaining, AT_ONCE)):
            self._take_some(some, taken)
        self.state.records += taken.alive
        self.state.covered_from = _least(self.state.covered_from, taken.earliest)
        self.state.covered_until = _most(self.state.covered_until, taken.latest)
        return taken

    def remove_all_but(self, taken: Taken) -> int:
        """Records of the day that its file no longer holds are deleted, and what an earlier file had set aside is over;
        how many were deleted. Where a key could not be read nobody can say which one is left, and none is deleted."""
        self._aside().filter(batch_on=self.batch_on).exclude(digest__in=taken.aside).update(
            state=QuarantineState.REPLAYED, ended_at=self.now
        )
        if taken.unnamed:
            return 0
        alive = Record.objects.filter(
            connection=self.state.connection_id, stream=self.state.stream, batch_on=self.batch_on, deleted_at=None
        )
        absent = sorted(set(alive.values_list("pk", flat=True)) - taken.records)
        for some in _by_thousands(absent):
            Record.objects.filter(pk__in=some).update(deleted_at=self.now, changed_at=self.now, run=self.run_id)
        self.state.records -= len(absent)
        return len(absent)

    def _take_some(self, rows: Sequence[Good | Bad], taken: Taken) -> None:
        good, bad = self._judge(rows, taken)
        held = self._held({*good, *(one.external_id for one in bad if one.external_id)})
        self._write(good, held, taken)
        if good and not self.is_replay:
            self._now_they_fit(good)
        if bad:
            taken.records.update(held[one.external_id].pk for one in bad if one.external_id in held)
            taken.unnamed = taken.unnamed or not all(one.external_id for one in bad)
            self._set_aside(bad, taken)

    def _judge(self, rows: Sequence[Good | Bad], taken: Taken) -> tuple[dict[str, Good], list[Bad]]:
        """Those that fit, by key, and those that do not. Of two with one key the one further on counts."""
        good: dict[str, Good] = {}
        bad: list[Bad] = []
        taken.counts["pulled"] += len(rows)
        for one in rows:
            if isinstance(one, Bad):
                bad.append(one)
                continue
            mapped = one.mapped
            taken.cursor = max(taken.cursor, one.cursor)
            taken.earliest = _least(taken.earliest, mapped.happened_at)
            taken.latest = _most(taken.latest, mapped.happened_at)
            before = good.get(mapped.external_id)
            if before is not None:
                taken.counts[self._repeat(before.digest == one.digest)] += 1
                if mapped.cursor and one.cursor[:2] < before.cursor[:2]:
                    continue
                if mapped.is_deleted:
                    one = one._replace(mapped=self._with_what_was_known(mapped, Known.of(before.mapped)))
            good[mapped.external_id] = one
        return good, bad

    def _repeat(self, is_same: bool) -> str:
        """How a row is counted whose key came before. Pages move on while they are read; a file is written at once, so
        two lines of one key that say different things contradict each other, and whoever writes it should know."""
        return "contradicted" if self.batch_on and not is_same else "repeated"

    def _held(self, external_ids: set[str]) -> dict[str, Held]:
        records = Record.objects.filter(
            AnyOf(F("external_id"), external_ids), connection=self.state.connection_id, stream=self.state.stream
        )
        rows = records.values_list("external_id", "pk", "digest", "deleted_at", "seen_in", "batch_on")
        return {row[0]: Held(*row) for row in rows}

    def _write(self, good: Mapping[str, Good], held: Mapping[str, Held], taken: Taken) -> None:
        new: list[Good] = []
        changed: list[tuple[Held, Good]] = []
        met: list[int] = []
        older = self._older_than_held(good, held)
        for external_id, one in good.items():
            before = held.get(external_id)
            if before is None:
                new.append(one)
                continue
            is_repeat = before.pk in taken.records if self.batch_on else before.seen_in == self.run_id
            taken.records.add(before.pk)
            taken.fresh += not is_repeat
            if before.pk in older:
                taken.counts["repeated"] += 1
                continue
            if self._says_nothing_new(one, before, is_mapped=is_repeat or not self.is_anew):
                met.append(before.pk)
                taken.counts["repeated" if is_repeat else "unchanged"] += 1
                continue
            changed.append((before, one))
            if is_repeat:
                taken.counts[self._repeat(before.digest == one.digest)] += 1
            else:
                taken.counts["deleted" if one.mapped.is_deleted else "changed"] += 1
            taken.alive += (before.deleted_at is not None) - one.mapped.is_deleted
        self._insert(new, taken)
        self._correct(changed)
        if met:
            records = Record.objects.filter(AnyOf(F("pk"), met))
            records.exclude(seen_in=self.run_id).update(seen_in=self.run_id)

    def _older_than_held(self, good: Mapping[str, Good], held: Mapping[str, Held]) -> set[int]:
        """Records whose row came on an earlier page of this run and was further on: pages move on while they are read,
        and a copy from before a change may come after the one from behind it. What is sent to us may be overtaken on
        the way, so there any row held counts."""
        again = {
            before.pk: good[before.external_id]
            for before in held.values()
            if (before.seen_in == self.run_id or self.mapper.stream.pushed)
            and before.digest != good[before.external_id].digest
        }
        if self.batch_on or not again:
            return set()
        names = [name for name in (self.mapper.stream.cursor, self.mapper.stream.fallback) if name]
        rows = Record.objects.filter(AnyOf(F("pk"), again)).values_list("pk", "data")
        said = {pk: next((str(data[name]) for name in names if data.get(name) is not None), "") for pk, data in rows}
        zone = self.mapper.zone
        return {
            pk
            for pk, text in said.items()
            if again[pk].mapped.cursor and again[pk].cursor[:2] < Cursor.read(text, zone)[:2]
        }

    def _says_nothing_new(self, one: Good, before: Held, *, is_mapped: bool) -> bool:
        """The same again, or what the file of an earlier day said about a row that has moved on."""
        if self.batch_on and before.batch_on and self.batch_on < before.batch_on:
            return True
        same_day = before.batch_on == self.batch_on
        same_row = before.digest == one.digest and (before.deleted_at is not None) == one.mapped.is_deleted
        return is_mapped and same_day and same_row

    def _insert(self, new: Sequence[Good], taken: Taken) -> None:
        same: Row = {
            "connection_id": self.state.connection_id,
            "stream": self.state.stream,
            "first_seen_at": self.now,
            **self._touched(),
        }
        rows = [{"external_id": one.mapped.external_id, **self._columns(one, None)} for one in new]
        ids = dict(insert_rows(Record, rows, returning=["external_id", "id"], same=same))
        written = [(ids[one.mapped.external_id], one) for one in new]
        self._keep_raw(written)
        insert_rows(RecordReference, list(_references(written)))
        taken.records.update(ids.values())
        taken.fresh += len(new)
        deleted = sum(one.mapped.is_deleted for one in new)
        taken.counts["deleted"] += deleted
        taken.counts["created"] += len(new) - deleted
        taken.alive += len(new) - deleted

    def _correct(self, changed: Sequence[tuple[Held, Good]]) -> None:
        if not changed:
            return
        changed = self._tombstones_filled(changed)
        rows = [{"id": held.pk, **self._columns(one, held.deleted_at)} for held, one in changed]
        update_rows(Record, rows, same=self._touched())
        written = [(held.pk, one) for held, one in changed]
        self._keep_raw([(held.pk, one) for held, one in changed if held.digest != one.digest])
        wanted = {(row["record_id"], row["type"], row["number"]): row for row in _references(written)}
        stand = RecordReference.objects.filter(record__in=[pk for pk, _ in written])
        gone = [
            pk
            for pk, record_id, kind, number, *said in stand.values_list(
                "pk", "record_id", "type", "number", "is_own", "step"
            )
            if (row := wanted.get((record_id, kind, number))) is None or [row["is_own"], row["step"]] != said
        ]
        RecordReference.objects.filter(pk__in=gone).delete()
        insert_rows(RecordReference, list(wanted.values()), ignore_conflicts=True)

    def _tombstones_filled(self, changed: Sequence[tuple[Held, Good]]) -> list[tuple[Held, Good]]:
        """A tombstone often brings its key alone. What the record said is still what was deleted."""
        dead = {held.pk: one.mapped for held, one in changed if one.mapped.is_deleted}
        if not dead:
            return list(changed)
        rows = Record.objects.filter(AnyOf(F("pk"), dead)).values_list("pk", "title", "happened_at", "data")
        filled = {pk: self._with_what_was_known(dead[pk], Known(*known)) for pk, *known in rows}
        return [(held, one._replace(mapped=filled.get(held.pk, one.mapped))) for held, one in changed]

    def _with_what_was_known(self, mapped: Mapped, known: "Known") -> Mapped:
        data = {name: known.data.get(name) if value is None else value for name, value in mapped.data.items()}
        return replace(
            mapped,
            title=mapped.title or known.title,
            happened_at=mapped.happened_at or known.happened_at,
            data=data,
            references=self.mapper.references(data),
        )

    def _columns(self, one: Good, deleted_at: datetime | None) -> Row:
        mapped = one.mapped
        return {
            "title": mapped.title,
            "happened_at": mapped.happened_at,
            "data": mapped.data,
            "digest": one.digest,
            "deleted_at": (deleted_at or self.now) if mapped.is_deleted else None,
        }

    def _touched(self) -> Row:
        return {"batch_on": self.batch_on, "changed_at": self.now, "run_id": self.run_id, "seen_in": self.run_id}

    def _keep_raw(self, written: Sequence[tuple[int, Good]]) -> None:
        rows = [{"record_id": pk, "payload": one.payload, "digest": one.digest} for pk, one in written]
        insert_rows(RawRecord, rows, same={"run_id": self.run_id, "received_at": self.now})

    def _aside(self) -> Any:
        return QuarantinedRow.objects.filter(
            connection=self.state.connection_id, stream=self.state.stream, state=QuarantineState.WAITING
        )

    def _now_they_fit(self, good: Iterable[str]) -> None:
        """Mended in the source: rows of theirs that were set aside wait no longer."""
        theirs = self._aside().filter(AnyOf(F("external_id"), good))
        if self.batch_on:  # a file of an earlier day says nothing about a row of a later one
            theirs = theirs.filter(Q(batch_on=None) | Q(batch_on__lte=self.batch_on))
        theirs.update(state=QuarantineState.REPLAYED, ended_at=self.now)

    def _set_aside(self, bad: Sequence[Bad], taken: Taken) -> None:
        """Once, however often the overlap brings them; what a person dropped stays dropped."""
        by_digest = {one.digest: one for one in bad}
        taken.aside.update(by_digest)
        taken.counts["repeated"] += len(bad) - len(by_digest)
        known = QuarantinedRow.objects.filter(
            connection=self.state.connection_id, stream=self.state.stream, digest__in=list(by_digest)
        ).exclude(state=QuarantineState.REPLAYED)
        again: list[int] = []
        dropped: list[int] = []
        for pk, digest, state, run_id in known.values_list("pk", "digest", "state", "run_id"):
            by_digest.pop(digest, None)
            if run_id == self.run_id and not self.batch_on:
                taken.counts["repeated"] += 1
            elif state == QuarantineState.DROPPED:
                dropped.append(pk)
            else:
                again.append(pk)
        QuarantinedRow.objects.filter(pk__in=again).update(run=self.run_id, batch_on=self.batch_on)
        QuarantinedRow.objects.filter(pk__in=dropped).update(run=self.run_id)
        taken.counts["unchanged"] += len(dropped)
        same: Row = {
            "connection_id": self.state.connection_id,
            "stream": self.state.stream,
            "run_id": self.run_id,
            "batch_on": self.batch_on,
            "at": self.now,
        }
        rows = [
            {
                "external_id": one.external_id,
                "payload": one.payload,
                "digest": one.digest,
                "reason": one.problem.code,
                "words": one.problem.words,
            }
            for one in by_digest.values()
        ]
        insert_rows(QuarantinedRow, rows, same=same)
        taken.newly_aside += len(rows)
        taken.counts["quarantined"] += len(rows) + len(again)
        taken.fresh += len(rows) + len(again) + len(dropped)


def _references(written: Iterable[tuple[int, Good]]) -> Iterator[Row]:
    for pk, one in written:
        for named in one.mapped.references:
            yield {
                "record_id": pk,
                "type": named.type,
                "number": named.number,
                "is_own": named.is_own,
                "step": named.step,
            }


def _least(first: datetime | None, second: datetime | None) -> datetime | None:
    return second if first is None else first if second is None else min(first, second)


def _most(first: datetime | None, second: datetime | None) -> datetime | None:
    return second if first is None else first if second is None else max(first, second)


def _by_thousands(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
