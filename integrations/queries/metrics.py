"""Metrics: what their rules need, the figures, and the rows behind them (product.md §5.4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left

from perfsys.common.bulk import AnyOf
from perfsys.jobs.models import Job

from ..adapters.base import SkipRow, Stream
from ..mapping import Mapper
from ..metrics import Figure, Figures, Meter, Rule, UnfitRule, measure, read_rule, table_of, types_of, unknown_fields
from ..models import (
    Connection,
    MetricDefinition,
    MetricSignOff,
    MetricState,
    MetricValue,
    MetricVersion,
    RawRecord,
    Record,
    Standing,
    StreamState,
    Subject,
    SubjectLink,
)
from ..reading import streams_of

AT_ONCE = 2_000  # rows fetched together
COMPUTES = "integrations.metric"  # the kind of job that computes all days of a version
WINDOW = 2_000_000  # ids of records counted in one statement
PREVIEW_ROWS = 20_000  # the newest, of a draft
SHOWN_ROWS = 20
DAY = timedelta(days=1)
EVERY = Q()
COUNTING = (MetricState.ANNOUNCED, MetricState.IN_FORCE, MetricState.ENDED)


# --- what a rule needs ---


@dataclass(frozen=True)
class Source:
    """A stream with a rule made ready for its rows."""

    connection: Connection
    stream: Stream
    meter: Meter
    zone: ZoneInfo


def source_of(connection: Connection, stream_name: str, rule: Rule, zone: ZoneInfo) -> Source:
    """Reads the tables that are looked up in; one query for each. Raises UnfitRule where the connection has not, or no
    longer, what the rule names."""
    streams = {one.name: one for one in streams_of(connection)}
    stream = streams.get(stream_name)
    if unknown := unknown_fields(rule, stream, streams):
        raise UnfitRule(unknown[0])
    assert stream is not None  # noqa: S101  # unknown_fields has looked
    tables = [table_of(_data(_alive(connection, one.stream).order_by("pk")), one) for one in rule.through]
    return Source(connection, stream, Meter(rule, types_of(stream), zone, tables), zone)


def source_of_version(version: MetricVersion, zone: ZoneInfo) -> Source:
    """Raises UnfitRule."""
    return source_of(version.connection, version.stream, read_rule(version.rule), zone)


def measured(source: Source, days: Days) -> Figures:
    """The figures of these days, of all records as they stand now."""
    return measure(_data(_of_days(source, days)), source.meter, days=days)


@dataclass(frozen=True)
class Days:
    """Business days from `first` until `until` (None: for ever), and of these, where they are named, `only` some.
    `undated`: rows without a day are looked at too, to be counted as such."""

    first: date = date.min
    until: date | None = None
    only: frozenset[date] | None = None
    undated: bool = True

    def __contains__(self, on: object) -> bool:
        if not isinstance(on, date) or on < self.first or (self.until is not None and on >= self.until):
            return False
        return self.only is None or on in self.only

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """First and last day there may be; None where it is open."""
        if self.only is not None:
            among = [on for on in self.only if on in self]
            return (min(among), max(among)) if among else (date.max, date.min)
        first = None if self.first == date.min else self.first
        return first, None if self.until is None else self.until - DAY

    def filter(self, values: QuerySet[MetricValue]) -> QuerySet[MetricValue]:
        values = values.filter(on__gte=self.first)
        if self.until is not None:
            values = values.filter(on__lt=self.until)
        return values if self.only is None else values.filter(on__in=self.only)


def days_of_version(version: MetricVersion, only: Iterable[date] | None = None) -> Days:
    """Those that a version counts: from its day until that of the next one."""
    later = MetricVersion.objects.filter(definition=version.definition_id, effective_on__gt=version.effective_on)
    until = later.filter(state__in=COUNTING).order_by("effective_on").values_list("effective_on", flat=True).first()
    return Days(version.effective_on, until, None if only is None else frozenset(only))


def in_parts(source: Source, days: Days, at_most: int) -> list[Days]:
    """`days`, cut so that each part has about so many records at most, and one day at least; the newest part first,
    since those are the days that are looked at. Rows without a day are looked at with it."""
    by_day: Counter[date] = Counter()
    for on, number in _records_by_day(source):
        if on in days:
            by_day[on] += number
    cuts, together = [], 0
    for on, number in sorted(by_day.items()):
        if together and together + number > at_most:
            cuts.append(on)
            together = 0
        together += number
    firsts, ends = [*reversed(cuts), days.first], [days.until, *reversed(cuts)]
    return [
        replace(days, first=first, until=end, undated=end == days.until)
        for first, end in zip(firsts, ends, strict=True)
    ]


def _records_by_day(source: Source) -> Iterator[tuple[date, int]]:
    """How many stand on each day, a window of ids a statement; of moments the day in UTC, which is near enough."""
    records = _alive(source.connection, source.stream.name)
    ends = records.aggregate(first=Min("pk"), last=Max("pk"))
    stands_on = Left(KeyTextTransform(source.meter.rule.day, "data"), 10)
    for low in range(ends["first"] or 0, (ends["last"] or -1) + 1, WINDOW):
        some = records.filter(pk__gte=low, pk__lt=low + WINDOW).annotate(stands_on=stands_on).order_by()
        for text, number in some.values_list("stands_on").annotate(Count("pk")):
            with suppress(ValueError):
                yield date.fromisoformat(text or ""), number


def days_touched(source: Source, run_id: int) -> set[date] | None:
    """Business days whose figures the records that a run wrote may change: those they stand on now, and those they
    stood on before they were corrected, which the raw layer tells. None where that would be most of them."""
    wrote = Record.objects.filter(run=run_id, connection=source.connection, stream=source.stream.name)
    days = {source.meter.day(data) for data in _data(wrote)}
    corrected = list(
        wrote.filter(changed_at__gt=F("first_seen_at")).order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1]
    )
    if len(corrected) > AT_ONCE:
        return None
    mapper = Mapper(source.stream, source.zone)
    raws = RawRecord.objects.filter(AnyOf(F("record_id"), corrected)).order_by("pk")
    for payload in raws.values_list("payload", flat=True) if corrected else ():
        try:
            days.add(source.meter.day(mapper.row(payload).data))
        except SkipRow:  # it did not fit then, and counted on no day
            continue
    return {on for on in days if on is not None}


@dataclass(frozen=True)
class Progress:
    """Of a computation of all days: `done` parts of `parts`, as `percent`."""

    done: int
    parts: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.parts


def progress_of(version: MetricVersion) -> Progress | None:
    """None where nothing is under way that takes several parts. A query where there may be."""
    plan = version.computing
    return Progress(plan["done"], len(plan["bounds"])) if "bounds" in plan and has_job(version) else None


def has_job(version: MetricVersion) -> bool:
    """Whether the one that was asked last to compute all its days is still at it, or to begin."""
    if not version.computing:
        return False
    jobs = Job.objects.filter(kind=COMPUTES, key=key_of_job(version, version.computing["key"]))
    return jobs.filter(state__in=[Job.State.READY, Job.State.RUNNING]).exists()


def in_parts_now() -> QuerySet[MetricVersion]:
    """Versions of which all days are being computed a part at a time: some of their figures are new, others old, and
    nobody is to go by them until it is over (or, where its job was given up, begun anew by night)."""
    return MetricVersion.objects.filter(state__in=COUNTING, computing__has_key="bounds")


def key_of_job(version: MetricVersion, asked: str) -> str:
    return f"{version.pk} {asked}"


def read_until(connection: Connection, streams: Collection[str]) -> datetime | None:
    """As of when figures made of these streams stand: the one read least lately decides; None where one never was."""
    read = dict(StreamState.objects.filter(connection=connection, stream__in=streams).values_list("stream", "read_at"))
    found = [read.get(name) for name in streams]
    return None if None in found or not found else min(at for at in found if at is not None)


def read_as(connection: Connection, streams: Collection[str]) -> dict[str, str]:
    """With which configuration each was read."""
    states = StreamState.objects.filter(connection=connection, stream__in=streams)
    return dict(states.values_list("stream", "read_as"))


def _alive(connection: Connection, stream: str) -> QuerySet[Record]:
    return Record.objects.filter(connection=connection, stream=stream, deleted_at=None)


def _data(records: QuerySet[Record]) -> Iterator[Mapping[str, Any]]:
    return records.values_list("data", flat=True).iterator(chunk_size=AT_ONCE)


def _of_days(source: Source, days: Days) -> QuerySet[Record]:
    """Those of these days, and maybe some beside them: the meter looks exactly, the database spares it most."""
    records = _alive(source.connection, source.stream.name)
    first, last = days.bounds
    if first is None and last is None:
        return records
    records = records.annotate(stands_on=KeyTextTransform(source.meter.rule.day, "data"))
    is_moment = types_of(source.stream)[source.meter.rule.day] == "time"
    within = Q()
    if first is not None:
        within &= Q(stands_on__gte=_text(first, is_moment, source.zone))
    if last is not None:
        within &= Q(stands_on__lte=_text(last + DAY, True, source.zone) if is_moment else last.isoformat())
    return records.filter(within | Q(stands_on__isnull=True) if days.undated and days.only is None else within)


def _text(on: date, is_moment: bool, zone: ZoneInfo) -> str:
    """A day, or the moment it begins, as records hold it: such texts stand in the order of time."""
    if not is_moment:
        return on.isoformat()
    try:
        return datetime.combine(on, time.min, zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return ""


# --- figures ---


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """Whose a figure is: an employee or a unit where the subject was linked on that day, else what the source calls it;
    with value "" those that were put down to nobody. Nothing at all is the whole."""

    kind: str = ""
    value: str = ""
    employee_id: int | None = None
    unit_id: int | None = None


WHOLE = SubjectKey()


@dataclass(frozen=True, slots=True)
class DailyFigure:
    """`values` are the ids of the `MetricValue`s it adds up; it is settled when all of them are."""

    figure: Figure
    as_of: datetime
    is_settled: bool
    values: tuple[int, ...]

    def __add__(self, other: DailyFigure) -> DailyFigure:
        return DailyFigure(
            self.figure + other.figure,
            min(self.as_of, other.as_of),
            self.is_settled and other.is_settled,
            (*self.values, *other.values),
        )


def daily_figures(
    definition: MetricDefinition, *, first: date, last: date, as_of: datetime | None = None
) -> dict[tuple[date, SubjectKey], DailyFigure]:
    """Every figure from `first` to `last`, both included, by the version that held on its day; with `as_of` as they
    stood at that moment. Days without a row have none. Two queries."""
    values = MetricValue.objects.filter(of__definition=definition, on__range=(first, last))
    values = values.filter(replaced_at=None) if as_of is None else _stood_at(values, as_of)
    rows = list(
        values.order_by("on", "pk").values_list(
            "pk", "on", "subject_id", "subject__kind", "subject__value",
            "numerator", "denominator", "rows", "as_of", "standing",
        )
    )  # fmt: skip
    who = LinksOn({row[2] for row in rows if row[2] is not None})
    found: dict[tuple[date, SubjectKey], DailyFigure] = {}
    for pk, on, subject_id, kind, value, numerator, denominator, number, at, standing in rows:
        here = DailyFigure(Figure(numerator, denominator, number), at, standing == Standing.SETTLED, (pk,))
        key = (on, WHOLE if subject_id is None else who(subject_id, on) or SubjectKey(kind, value))
        found[key] = found[key] + here if key in found else here
    return found


class LinksOn:
    """`LinksOn(ids)(subject_id, on)`: the key of who a subject is on a day; None for nobody here."""

    def __init__(self, subject_ids: Collection[int]) -> None:
        self._links: dict[int, list[tuple[date | None, date | None, SubjectKey]]] = defaultdict(list)
        links = SubjectLink.objects.filter(AnyOf(F("subject_id"), subject_ids)) if subject_ids else ()
        rows = links.values_list("subject_id", "starts_on", "ends_on", "employee_id", "unit_id") if links else ()
        for subject_id, starts_on, ends_on, employee_id, unit_id in rows:
            key = SubjectKey(employee_id=employee_id, unit_id=unit_id)
            self._links[subject_id].append((starts_on, ends_on, key))

    def __call__(self, subject_id: int, on: date) -> SubjectKey | None:
        for starts_on, ends_on, key in self._links.get(subject_id, ()):
            if (starts_on is None or starts_on <= on) and (ends_on is None or on < ends_on):
                return key
        return None


def _stood_at(values: QuerySet[MetricValue], at: datetime) -> QuerySet[MetricValue]:
    return values.filter(Q(replaced_at=None) | Q(replaced_at__gt=at), computed_at__lte=at)


def standing_values(definition: MetricDefinition, *, first: date, last: date) -> QuerySet[MetricValue]:
    """As they stand now, the newest day first."""
    values = MetricValue.objects.filter(of__definition=definition, on__range=(first, last), replaced_at=None)
    return values.select_related("subject", "of").order_by("-on", "pk")


@dataclass(frozen=True)
class SubjectTotal:
    """What a subject's figures of some days come to, by one version, while it was one and the same here: `name` is that
    of the person or unit, "" where it was nobody; `newest` is the last of them."""

    subject: Subject
    name: str
    figure: Figure
    days: int
    newest: MetricValue


def subject_totals(
    version: MetricVersion, *, first: date, last: date, most: int, which: Q = EVERY
) -> list[SubjectTotal]:
    """The largest first, at most so many; a number that changed hands once for each. Three queries, however many days
    and subjects."""
    on_its_day = SubjectLink.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=OuterRef("on")),
        Q(ends_on=None) | Q(ends_on__gt=OuterRef("on")),
        subject=OuterRef("subject"),
    )
    values = MetricValue.objects.filter(which, of=version, on__range=(first, last), replaced_at=None)
    values = values.filter(subject__isnull=False).annotate(link=Subquery(on_its_day.values("pk")[:1]))
    added = values.values_list("subject_id", "link").annotate(
        Sum("numerator"), Sum("denominator"), Sum("rows"), Count("pk")
    )
    sums = {(pk, link): (Figure(above, below, rows), days) for pk, link, above, below, rows, days in added}

    def by_size(key: tuple[int, int | None]) -> tuple[bool, Decimal, int, int]:
        amount = sums[key][0].amount
        return amount is None, -(amount or Decimal(0)), key[0], key[1] or 0

    largest = sorted(sums, key=by_size)[:most]
    if not largest:
        return []
    newest = values.filter(AnyOf(F("subject_id"), [pk for pk, _link in largest])).select_related("subject")
    newest = newest.order_by("subject_id", "link", "-on").distinct("subject_id", "link")
    held = {(one.subject_id, one.link): one for one in newest}
    names = _names_of_links({link for _pk, link in largest if link is not None})
    rows_of = [(key, held[key], held[key].subject) for key in largest]
    return [
        SubjectTotal(subject, names.get(key[1] or 0, ""), *sums[key], one)
        for key, one, subject in rows_of
        if subject is not None
    ]


def _names_of_links(ids: Collection[int]) -> dict[int, str]:
    links = SubjectLink.objects.filter(AnyOf(F("pk"), ids)).select_related("employee", "unit") if ids else ()
    who = {link.pk: link.employee or link.unit for link in links}
    return {pk: one.name for pk, one in who.items() if one is not None}


def values_of_day(value: MetricValue) -> QuerySet[MetricValue]:
    """What a figure was before, the newest first, itself included."""
    same = MetricValue.objects.filter(of=value.of_id, on=value.on, subject=value.subject_id)
    return same.order_by("-computed_at", "-pk")


def last_day(definition: MetricDefinition, *, until: date) -> date | None:
    """The newest business day there is a figure of, up to `until`: one mistyped row stands decades ahead."""
    values = MetricValue.objects.filter(of__definition=definition, replaced_at=None, on__lte=until)
    found: date | None = values.aggregate(on=Max("on"))["on"]
    return found


# --- rows behind a figure ---


class RowsBehind(NamedTuple):
    """A slice of the records a figure is made of as they stand now, `number` of all of them, and the fields' labels."""

    records: Sequence[Record]
    number: int
    source: Source


def rows_behind(value: MetricValue, *, start: int, size: int, zone: ZoneInfo) -> RowsBehind:
    """By their order of arrival. A figure that was replaced shows the rows of today. Raises UnfitRule."""
    source = source_of_version(value.of, zone)
    wanted = value.subject.value if value.subject is not None else None
    ids = []
    records = _of_days(source, Days(only=frozenset({value.on}))).order_by("pk")
    for pk, data in records.values_list("pk", "data").iterator(chunk_size=AT_ONCE):
        read = source.meter.read(data)
        if read.counts and read.on == value.on and (wanted is None or read.subject == wanted):
            ids.append(pk)
    found = Record.objects.in_bulk(ids[start : start + size])
    return RowsBehind([found[pk] for pk in ids[start : start + size]], len(ids), source)


# --- preview of a draft ---


@dataclass(frozen=True)
class PreviewRow:
    """`read` says what the rule makes of it."""

    record: Record
    on: date | None
    subject: str | None
    problem: str
    brought: Figure


@dataclass(frozen=True)
class MetricPreview:
    """What a rule makes of the newest records. `looked_at` of them were read, `left_out` by the filter or as returns;
    `days` are the figures of the last days there are, `subjects` their totals, the largest first."""

    looked_at: int
    left_out: int
    problems: Counter[str]
    unattributed: int
    days: Sequence[tuple[date, Figure]]
    subjects: Sequence[tuple[str, Figure]]
    rows: Sequence[PreviewRow]
    source: Source


def preview(source: Source, *, last_days: int = 14) -> MetricPreview:
    """Of the newest PREVIEW_ROWS records; nothing is kept. Rows with a problem are shown first."""
    newest = _alive(source.connection, source.stream.name).order_by("-pk")
    looked_at = 0
    odd: list[int] = []
    plain: list[int] = []

    def rows() -> Iterator[Mapping[str, Any]]:
        nonlocal looked_at
        found = newest.values_list("pk", "data").iterator(chunk_size=AT_ONCE)
        for pk, data in islice(found, PREVIEW_ROWS):
            looked_at += 1
            read = source.meter.read(data)
            if read.counts and max(len(odd), len(plain)) < SHOWN_ROWS:
                (odd if read.problem or read.subject == "" else plain).append(pk)
            yield data

    figures = measure(rows(), source.meter)
    days = sorted(figures.whole().items())[-last_days:]
    kept = {on for on, _figure in days}
    subjects: dict[str, Figure] = {}
    for place, figure in figures.by_place.items():
        if place.subject is not None and place.on in kept:
            subjects[place.subject] = subjects[place.subject] + figure if place.subject in subjects else figure
    records = Record.objects.in_bulk([*odd, *plain][:SHOWN_ROWS])
    shown = []
    for record in (records[pk] for pk in [*odd, *plain][:SHOWN_ROWS]):
        read = source.meter.read(record.data)
        shown.append(
            PreviewRow(record, read.on, read.subject, read.problem, Figure(read.numerator, read.denominator, 1))
        )
    by_size = sorted(subjects.items(), key=lambda pair: (-(pair[1].amount or 0), pair[0]))
    left_out = looked_at - figures.rows - figures.problems["no_day"]
    return MetricPreview(looked_at, left_out, figures.problems, figures.unattributed, days, by_size, shown, source)


# --- definitions ---


@dataclass(frozen=True)
class MetricRow:
    """A line of the list. `versions` have the newest first; `last_on` is the newest day that is not ahead there is a
    figure of."""

    definition: MetricDefinition
    versions: Sequence[MetricVersion]
    last_on: date | None


def definitions_page(definitions: QuerySet[MetricDefinition], *, today: date) -> list[MetricRow]:
    """By name; four queries however many there are."""
    newest = MetricVersion.objects.select_related("connection").order_by("-number")
    signed = Prefetch("sign_offs", queryset=MetricSignOff.objects.select_related("by").order_by("at"))
    held = Prefetch("versions", queryset=newest.prefetch_related(signed), to_attr="versions_held")
    found = definitions.select_related("owner", "interpreter").prefetch_related(held)
    wholes = MetricValue.objects.filter(replaced_at=None, subject=None, on__lte=today)
    days = dict(wholes.values_list("of__definition").annotate(Max("on")))
    return [MetricRow(one, one.versions_held, days.get(one.pk)) for one in found.order_by("name")]


def versions_of(definition: MetricDefinition) -> list[MetricVersion]:
    """The newest first, with their connection and who signed."""
    found = MetricVersion.objects.filter(definition=definition).select_related("connection", "made_by", "definition")
    signed = MetricSignOff.objects.select_related("by").order_by("at")
    return list(found.prefetch_related(Prefetch("sign_offs", queryset=signed)).order_by("-number"))


def version_on(versions: Iterable[MetricVersion], on: date) -> MetricVersion | None:
    """The one that counts on that day; None before the first."""
    among = [one for one in versions if one.state in COUNTING and one.effective_on <= on]
    return max(among, key=lambda one: one.effective_on, default=None)


def to_compute(connection: Connection, streams: Collection[str]) -> QuerySet[MetricVersion]:
    """Versions that count and are made of one of these streams of the connection, or look up in it."""
    found = MetricVersion.objects.filter(connection=connection, state__in=COUNTING).select_related("connection")
    looks_up = Q()
    for name in streams:
        looks_up |= Q(rule__attribution__through__contains=[{"stream": name}])
    return found.filter(Q(stream__in=streams) | looks_up).order_by("pk")


def still_counting(on: date) -> QuerySet[MetricVersion]:
    """Versions whose last days are not settled, or that were never computed or cannot be, or are being computed: their
    job may have been given up."""
    open_values = MetricValue.objects.filter(of=OuterRef("pk"), standing=Standing.PROVISIONAL, replaced_at=None)
    waits = Q(computed_at=None) | ~Q(problem="") | ~Q(computing={}) | Q(Exists(open_values))
    found = MetricVersion.objects.filter(waits, state__in=COUNTING, effective_on__lte=on)
    return found.select_related("connection").order_by("pk")


def subjects_by_value(connection: Connection, kind: str, values: Collection[str]) -> dict[str, int]:
    found = Subject.objects.filter(AnyOf(F("value"), values), connection=connection, kind=kind)
    return dict(found.values_list("value", "pk"))


def names_of_subjects(days: Mapping[int, date]) -> dict[int, str]:
    """What each subject is called here on a day of its own; nothing for those that are nobody of ours. One query."""
    links = SubjectLink.objects.filter(AnyOf(F("subject_id"), list(days))).select_related("employee", "unit")
    found: dict[int, str] = {}
    for link in links if days else ():
        on = days[link.subject_id]
        if (link.starts_on is None or link.starts_on <= on) and (link.ends_on is None or on < link.ends_on):
            who = link.employee or link.unit
            found[link.subject_id] = who.name if who else ""
    return found
