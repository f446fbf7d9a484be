"""The two sides of a reconciliation as values: figures by day and subject, and what each record adds to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Min, Q, Sum

from integrations.adapters.base import Stream
from integrations.metrics import Figure, Lookup, Meter, Rule, UnfitRule, as_key, read_rule, table_of, types_of
from integrations.models import (
    Connection,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    ReconciliationPair,
    Record,
    Subject,
    SubjectLink,
)
from integrations.reading import streams_of
from integrations.reconciling import ADDITIVE, ZERO, Contract, Entry
from perfsys.tenancy.models import Tenant

AT_ONCE = 2_000  # records read at a time
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """A subject on a day. `key` tells it from others across systems, and stands in addresses: the person or unit it is
    linked to that day, else its kind and value; "" is the whole."""

    key: str
    label: str = ""
    employee_id: int | None = None
    unit_id: int | None = None


WHOLE = Named("")


@dataclass(frozen=True, slots=True)
class _Link:
    starts_on: date | None
    ends_on: date | None
    named: Named

    def holds(self, on: date) -> bool:
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on < self.ends_on)


class Subjects:
    """Who the subjects of a connection are, day by day. Two queries."""

    def __init__(self, connection_id: int) -> None:
        self._known = {
            (one.kind, one.value): one for one in Subject.objects.filter(connection=connection_id).order_by("pk")
        }
        self._links: dict[int, list[_Link]] = defaultdict(list)
        links = SubjectLink.objects.filter(subject__connection=connection_id).select_related("employee", "unit")
        for link in links:
            self._links[link.subject_id].append(_Link(link.starts_on, link.ends_on, _linked(link)))

    def named(self, kind: str, value: str, on: date) -> Named:
        subject = self._known.get((kind, value))
        for link in self._links.get(subject.pk, ()) if subject else ():
            if link.holds(on):
                return link.named
        return Named(f"{kind}:{value}", (subject.name if subject else "") or value)


def _linked(link: SubjectLink) -> Named:
    if link.employee is not None:
        return Named(f"employee:{link.employee.public_id}", link.employee.name, employee_id=link.employee_id)
    if link.unit is None:
        raise TypeError("a link leads to a person or a unit")
    return Named(f"unit:{link.unit.public_id}", link.unit.name, unit_id=link.unit_id)


class Asked(NamedTuple):
    """Fields of the records of a side, "" where there is none: the number both know it by, and what was taken off."""

    match: str = ""
    returned: str = ""


class MetricSide:
    """One metric of a pair, with all its versions that were ever announced."""

    def __init__(self, definition: MetricDefinition, zone: ZoneInfo) -> None:
        self.definition, self.zone = definition, zone
        versions = MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)
        self.versions = list(versions.select_related("connection").order_by("effective_on", "number"))
        self._rules: dict[int, Rule] = {}
        self._subjects: dict[int, Subjects] = {}
        self._contracts: dict[int, Contract] = {}

    def version_on(self, on: date) -> MetricVersion | None:
        """The one in force that day; the first one for days before it was agreed; None where none ever was."""
        begun = [one for one in self.versions if one.effective_on <= on]
        return begun[-1] if begun else next(iter(self.versions), None)

    def rule(self, version: MetricVersion) -> Rule:
        if version.pk not in self._rules:
            self._rules[version.pk] = read_rule(version.rule)
        return self._rules[version.pk]

    def subjects(self, connection: Connection) -> Subjects:
        if connection.pk not in self._subjects:
            self._subjects[connection.pk] = Subjects(connection.pk)
        return self._subjects[connection.pk]

    def contract(self, on: date) -> Contract | None:
        version = self.version_on(on)
        if version is not None and version.pk not in self._contracts:
            self._contracts[version.pk] = self._contract(version)
        return None if version is None else self._contracts[version.pk]

    def _contract(self, version: MetricVersion) -> Contract:
        rule = self.rule(version)
        written = rule.as_json()
        return Contract(
            unit_of_measure=version.unit_of_measure,
            measure=rule.measure.kind,
            subject_kind=rule.kind,
            basis=rule.basis,
            settle_days=rule.settle_days if rule.basis == "settled" else 0,
            returns=rule.returns,
            attribution=self._attribution(version, rule),
            filter=written["filter"],
        )

    def _attribution(self, version: MetricVersion, rule: Rule) -> list[str]:
        """The way to whom a record is put down to, by what people call its fields: one name may mean another thing in
        another system."""
        labels = _labels(version.connection)
        start = labels.get((version.stream, rule.attribution), rule.attribution)
        return [start, *(labels.get((one.stream, one.field), one.field) for one in rule.through)]

    @property
    def links(self) -> int:
        """Counts changes of who its subjects are: with another number, lines and holds are about other ones."""
        of = Q()
        for one in self.versions:
            of |= Q(connection=one.connection_id, kind=self.rule(one).kind)
        found = Subject.objects.filter(of).aggregate(changes=Sum(F("version") - 1)) if of else {"changes": 0}
        return found["changes"] or 0

    def settle_days(self, on: date) -> int:
        version = self.version_on(on)
        return self.rule(version).settle_days if version and self.rule(version).basis == "settled" else 0

    @property
    def is_additive(self) -> bool:
        return all(self.rule(one).measure.kind in ADDITIVE for one in self.versions)

    # --- what was computed ---

    def span(self, until: date) -> tuple[date, date] | None:
        """The first and last day up to `until` that has a figure: one mistyped row stands decades ahead."""
        found = self._values().filter(on__lte=until).aggregate(first=Min("on"), last=Max("on"))
        return (found["first"], found["last"]) if found["first"] else None

    def figures(self, days: Collection[date]) -> dict[date, dict[Named, Figure]]:
        """As they stand, the whole under WHOLE; two subjects that are one person add up."""
        found: dict[date, dict[Named, Figure]] = defaultdict(dict)
        if not days:
            return found
        connections = {one.pk: one.connection for one in self.versions}
        values = self._values().filter(on__in=days).select_related("subject")
        for value in values.iterator(chunk_size=AT_ONCE):
            named = WHOLE
            if value.subject is not None:
                subjects = self.subjects(connections[value.of_id])
                named = subjects.named(value.subject.kind, value.subject.value, value.on)
            figure = Figure(value.numerator, value.denominator, value.rows)
            held = found[value.on].get(named)
            found[value.on][named] = figure if held is None else held + figure
        return found

    def changed_since(self, moment: Any) -> set[date]:
        """Days whose figures came, changed or went after `moment`."""
        values = MetricValue.objects.filter(of__in=self.versions)
        came = values.filter(computed_at__gt=moment).order_by().values_list("on", flat=True).distinct()
        went = values.filter(replaced_at__gt=moment).order_by().values_list("on", flat=True).distinct()
        return {*came, *went}

    def _values(self) -> Any:
        return MetricValue.objects.filter(of__in=self.versions, replaced_at=None).order_by()

    # --- what each record adds ---

    def is_behind(self, version: MetricVersion, record: Record, key: str, first_on: date, last_on: date) -> bool:
        """Whether a record of the version's stream counts for a subject ("" is the whole) on one of these days."""
        stream, rule = _stream(version), self.rule(version)
        if stream is None:
            return False
        read = Meter(rule, types_of(stream), self.zone, _tables(version.connection, rule.through)).read(record.data)
        if not read.counts or read.on is None or not first_on <= read.on <= last_on:
            return False
        if self.version_on(read.on) != version:
            return False
        subjects = self.subjects(version.connection)
        return not key or (read.subject is not None and subjects.named(rule.kind, read.subject, read.on).key == key)

    def entries(self, days: Collection[date], asked: Asked, other: MetricSide) -> dict[date, list[Entry]]:
        """By day. `moved_to` follows the rule of attribution that `other` has on that day, as far as the records here
        have what it asks for."""
        found: dict[date, list[Entry]] = defaultdict(list)
        by_version: dict[int, list[date]] = defaultdict(list)
        for on in sorted(days):
            version, theirs = self.version_on(on), other.version_on(on)
            if version is not None and theirs is not None:
                by_version[self.versions.index(version) * 1000 + other.versions.index(theirs)].append(on)
        for place, of_it in by_version.items():
            version, theirs = self.versions[place // 1000], other.versions[place % 1000]
            for on, entry in self._entries(version, frozenset(of_it), asked, other, theirs):
                found[on].append(entry)
        return found

    def _entries(
        self, version: MetricVersion, days: frozenset[date], asked: Asked, other: MetricSide, theirs: MetricVersion
    ) -> Iterator[tuple[date, Entry]]:
        rule, their_rule = self.rule(version), other.rule(theirs)
        stream = _stream(version)
        if stream is None:
            return
        types = types_of(stream)
        try:
            meter = Meter(rule, types, self.zone, _tables(version.connection, rule.through))
            moved = _as_theirs(rule, their_rule, types, self.zone, theirs.connection)
            back = _of_returns(rule, types, self.zone)
        except UnfitRule:  # the metric says so; there is nothing to search for causes in
            return
        subjects, theirs_named = self.subjects(version.connection), other.subjects(theirs.connection)
        for pk, data in records_of(version.connection, stream, rule, days):
            read = meter.read(data)
            if not read.counts or read.on not in days:
                continue
            key = subjects.named(rule.kind, read.subject, read.on).key if read.subject is not None else ""
            to = moved.subject(data) if moved else read.subject
            moved_to = theirs_named.named(their_rule.kind, to, read.on).key if moved and to is not None else key
            is_return = back is not None and back.is_meant(data)
            number = as_key(data.get(asked.match)) if asked.match else ""
            returned = _taken_off(data.get(asked.returned), rule) if asked.returned and not is_return else ZERO
            yield read.on, Entry(str(pk), number, key, moved_to, read.numerator, is_return, returned)


def _taken_off(value: Any, rule: Rule) -> Decimal:
    """In the unit of the figure; what is no number took nothing off."""
    try:
        found = Decimal(as_key(value) or "0")
    except InvalidOperation:
        return ZERO
    return found * rule.measure.times if found.is_finite() else ZERO


def _labels(connection: Connection) -> dict[tuple[str, str], str]:
    """What people call each field of each stream."""
    return {
        (stream.name, one.name): one.label or one.name for stream in streams_of(connection) for one in stream.fields
    }


def fields_of(definition: MetricDefinition) -> dict[str, str]:
    """What records of the streams it is made of have, by name, with what people call it."""
    versions = MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)
    streams = [_stream(one) for one in versions.select_related("connection").order_by("number")]
    return {one.name: one.label or one.name for stream in streams if stream for one in stream.fields}


def _stream(version: MetricVersion) -> Stream | None:
    return next((one for one in streams_of(version.connection) if one.name == version.stream), None)


def _tables(connection: Connection, through: Iterable[Lookup]) -> list[Mapping[str, str]]:
    """For each lookup of a chain what it leads to."""
    found: list[Mapping[str, str]] = []
    for lookup in through:
        rows = Record.objects.filter(connection=connection, stream=lookup.stream, deleted_at=None)
        found.append(table_of(rows.order_by("pk").values_list("data", flat=True).iterator(AT_ONCE), lookup))
    return found


def _as_theirs(
    rule: Rule, theirs: Rule, types: Mapping[str, str], zone: ZoneInfo, connection: Connection
) -> Meter | None:
    """Whom the other side's rule would put these records down to; None where it is the same rule, or asks for a field
    that they have not."""
    if (rule.attribution, rule.through) == (theirs.attribution, theirs.through):
        return None
    if not rule.attribution or theirs.attribution not in types:
        return None
    as_theirs = replace(rule, attribution=theirs.attribution, through=theirs.through, kind=theirs.kind)
    return Meter(as_theirs, types, zone, _tables(connection, theirs.through))


def _of_returns(rule: Rule, types: Mapping[str, str], zone: ZoneInfo) -> Meter | None:
    """That tells which records are returns."""
    if not rule.return_lines:
        return None
    lines = replace(rule, filter=rule.return_lines, returns="none", return_lines=(), attribution="", through=())
    return Meter(replace(lines, kind=""), types, zone)


def records_of(
    connection: Connection, stream: Stream, rule: Rule, days: Collection[date]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records that may stand on one of `days`: what is a day is asked for by name, a moment by the days around it,
    since it is the company's day that counts."""
    found = Record.objects.filter(connection=connection, stream=stream.name, deleted_at=None)
    if not days:
        return iter(())
    if types_of(stream).get(rule.day) == "day":
        found = found.filter(**{f"data__{rule.day}__in": [on.isoformat() for on in sorted(days)]})
    else:
        first, last = min(days) - DAY, max(days) + 2 * DAY
        found = found.filter(**{f"data__{rule.day}__gte": first.isoformat(), f"data__{rule.day}__lt": last.isoformat()})
    return found.order_by("pk").values_list("pk", "data").iterator(chunk_size=AT_ONCE)


def sides_of(pair: ReconciliationPair) -> tuple[MetricSide, MetricSide]:
    """With `a` and `b` loaded."""
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    return MetricSide(pair.a, zone), MetricSide(pair.b, zone)
