"""How pairs stand, for their pages (product.md §5.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Value, When
from django.db.models.functions import Abs

from integrations.access import names_no_person
from integrations.models import (
    HoldRelease,
    MetricHold,
    MetricState,
    MetricVersion,
    ReconciliationLine,
    ReconciliationPair,
    ReconciliationRun,
    Record,
)
from integrations.reconciling import Cause, CauseKind, Entry, Verdict

from .comparing import Comparison

CHART_DAYS = 30
MOST_ROWS = 200  # of each side, on the page of a line


@dataclass(frozen=True)
class PairRow:
    """A line of the list. `newest` is the line of the whole of the newest day that could be compared, `worst` of all
    lines that wait for somebody's look, and are no person's, the one that is furthest apart; `over` counts those."""

    pair: ReconciliationPair
    newest: ReconciliationLine | None
    worst: ReconciliationLine | None
    over: int
    holds: int
    run: ReconciliationRun | None


def pairs_page(pairs: QuerySet[ReconciliationPair]) -> list[PairRow]:
    """Those with something held first; seven queries however many there are."""
    found = list(pairs.select_related("a", "b").order_by("name"))
    whole = ReconciliationLine.objects.filter(pair__in=found, key="", difference__isnull=False)
    newest = {one.pair_id: one for one in whole.order_by("pair", "-on").distinct("pair")}
    waiting = _waiting(ReconciliationLine.objects.filter(pair__in=found)).order_by()
    versions = MetricVersion.objects.filter(definition__in=[side for one in found for side in (one.a_id, one.b_id)])
    no_persons = waiting.filter(names_no_person(versions), percent__isnull=False)  # read by who reads no people's data
    apart = no_persons.order_by("pair", Abs("percent").desc(), "-on", "pk").distinct("pair")
    worst = {one.pair_id: one for one in apart}
    over = dict(waiting.values_list("pair").annotate(Count("pk")))
    open_holds = MetricHold.objects.filter(pair__in=found, released_at=None).order_by()
    holds = dict(open_holds.values_list("pair").annotate(Count("pk")))
    done = ReconciliationRun.objects.filter(pair__in=found, finished_at__isnull=False)
    runs = {one.pair_id: one for one in done.order_by("pair", "-started_at").distinct("pair")}
    rows = [
        PairRow(
            one, newest.get(one.pk), worst.get(one.pk), over.get(one.pk, 0), holds.get(one.pk, 0), runs.get(one.pk)
        )
        for one in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.holds, row.pair.name))


def by_connection(rows: Sequence[PairRow]) -> dict[int, PairRow]:
    """Of each connection that one of these figures is counted from, the pair that needs somebody most: something held
    before nothing held, the furthest apart before the others. One query."""
    of_metric: dict[int, list[PairRow]] = defaultdict(list)
    for row in rows:
        of_metric[row.pair.a_id].append(row)
        of_metric[row.pair.b_id].append(row)
    versions = MetricVersion.objects.filter(definition__in=list(of_metric), state=MetricState.IN_FORCE)
    found: dict[int, PairRow] = {}
    for definition_id, connection_id in versions.values_list("definition", "connection"):
        for row in of_metric[definition_id]:
            found[connection_id] = max(row, found.get(connection_id, row), key=_urgency)
    return found


def _urgency(row: PairRow) -> tuple[bool, Decimal, int]:
    shown = row.worst or row.newest
    percent = shown.percent if shown else None
    return row.holds > 0, abs(percent or Decimal(0)), -row.pair.pk


def _waiting(lines: QuerySet[ReconciliationLine]) -> QuerySet[ReconciliationLine]:
    return lines.filter(
        verdict__in=[Verdict.OVER.value, Verdict.MISSING_SIDE.value, Verdict.LOST_DAY.value], settled=None
    )


def lines_of(lines: QuerySet[ReconciliationLine], *, state: str = "", key: str | None = None) -> Any:
    """Those that wait first, the newest day first, the largest difference first. `state` "waiting", "agrees" or
    "apart" narrows them, `key` to one subject ("" is the whole)."""
    if state == "waiting":
        lines = _waiting(lines)
    elif state == "agrees":
        lines = lines.filter(verdict=Verdict.AGREES)
    elif state == "apart":
        lines = lines.filter(verdict__in=[Verdict.LOST_DAY.value, Verdict.NOT_DUE.value])
    if key is not None:
        lines = lines.filter(key=key)
    waits = Q(verdict__in=[Verdict.OVER.value, Verdict.MISSING_SIDE.value, Verdict.LOST_DAY.value], settled=None)
    place = Case(When(waits, then=Value(0)), default=Value(1), output_field=IntegerField())
    return lines.select_related("settled").order_by(place, "-on", Abs("difference").desc(nulls_last=True), "pk")


def counts_of(lines: QuerySet[ReconciliationLine]) -> dict[str, int]:
    """By the states of `lines_of`. One query."""
    apart = [Verdict.LOST_DAY.value, Verdict.NOT_DUE.value]
    held = [Verdict.OVER.value, Verdict.MISSING_SIDE.value, Verdict.LOST_DAY.value]
    return lines.aggregate(
        every=Count("pk"),
        waiting=Count("pk", filter=Q(verdict__in=held, settled=None)),
        agrees=Count("pk", filter=Q(verdict=Verdict.AGREES)),
        apart=Count("pk", filter=Q(verdict__in=apart)),
    )


def subjects_of(lines: QuerySet[ReconciliationLine]) -> list[tuple[str, str]]:
    """(key, label) of those that have lines, by label."""
    found = dict(lines.exclude(key="").order_by("on").values_list("key", "label"))
    return sorted(found.items(), key=lambda one: one[1])


def drawn(lines: QuerySet[ReconciliationLine], key: str) -> list[ReconciliationLine]:
    """The last days of a subject that say something, oldest first."""
    found = lines.filter(key=key).exclude(verdict=Verdict.NOT_DUE.value).order_by("-on")[:CHART_DAYS]
    return list(reversed(found))


def as_seen(pair: ReconciliationPair) -> datetime | None:
    """The newest change of its lines there is to see: what a run that has not ended yet writes is newer."""
    found: datetime | None = ReconciliationLine.objects.filter(pair=pair).aggregate(at=Max("changed_at"))["at"]
    return found


def last_run(pair: ReconciliationPair) -> ReconciliationRun | None:
    """That ended."""
    found: ReconciliationRun | None = (
        ReconciliationRun.objects.filter(pair=pair, finished_at__isnull=False).order_by("-started_at", "-pk").first()
    )
    return found


def is_comparing(pair: ReconciliationPair) -> bool:
    newest = ReconciliationRun.objects.filter(pair=pair).order_by("-started_at", "-pk").first()
    return newest is not None and newest.finished_at is None


@dataclass(frozen=True)
class HoldRow:
    hold: MetricHold
    said: Sequence[HoldRelease] = field(default_factory=tuple)


def open_holds(found: QuerySet[MetricHold]) -> list[HoldRow]:
    """Lost days first, with what people have said of them. Two queries."""
    holds = list(
        found.filter(released_at=None).select_related("definition").order_by("-covers_all", "key", "definition", "pk")
    )
    said: dict[int, list[HoldRelease]] = defaultdict(list)
    for one in HoldRelease.objects.filter(hold__in=holds).select_related("by").order_by("at", "pk"):
        said[one.hold_id].append(one)
    return [HoldRow(one, said.get(one.pk, [])) for one in holds]


def released_lately(holds: QuerySet[MetricHold]) -> list[HoldRelease]:
    """What people said last, newest first."""
    found = HoldRelease.objects.filter(hold__in=holds).select_related("by", "hold", "hold__definition")
    return list(found.order_by("-at", "-pk")[:10])


# --- the rows behind a line -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RowBehind:
    """A record and what it adds; `why` are the kinds of causes it stands behind."""

    record: Record
    entry: Entry
    why: Sequence[CauseKind]


@dataclass(frozen=True)
class Behind:
    """Both sides of a line; `more` are rows beyond those shown. `causes` as the rows say now."""

    a: Sequence[RowBehind]
    b: Sequence[RowBehind]
    more_a: int
    more_b: int
    causes: Sequence[Cause]


def behind(line: ReconciliationLine, pair: ReconciliationPair, as_of: date) -> Behind:
    """The records of the day that count for the subject on either side, those with a cause first. `a` and `b` of the
    pair are loaded."""
    comparison = Comparison(pair, as_of=as_of)
    entries = comparison.entries(line.on)
    found = comparison.causes(entries, line.key)
    why: dict[str, list[CauseKind]] = defaultdict(list)
    for cause in found:
        for ref in (*cause.a, *cause.b):
            why[ref].append(cause.kind)
    mine = [[one for one in side if _is_of(one, line.key)] for side in entries]
    shown = [sorted(side, key=lambda one: (one.ref not in why, one.match, one.ref))[:MOST_ROWS] for side in mine]
    records = Record.objects.in_bulk([int(one.ref) for side in shown for one in side])
    a, b = ([_row(one, records, why) for one in side if int(one.ref) in records] for side in shown)
    return Behind(a, b, len(mine[0]) - len(shown[0]), len(mine[1]) - len(shown[1]), found)


def _is_of(entry: Entry, key: str) -> bool:
    return not key or key in (entry.subject, entry.moved_to)


def _row(entry: Entry, records: Mapping[int, Record], why: Mapping[str, list[CauseKind]]) -> RowBehind:
    return RowBehind(records[int(entry.ref)], entry, why.get(entry.ref, []))
