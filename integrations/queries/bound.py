"""Figures of days for apps above: whose, over which days, read by sets (product.md §5.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from perfsys.common.bulk import AnyOf

from ..metrics import Figure, Rule, read_rule
from ..models import (
    EvidenceType,
    MetricDefinition,
    MetricValue,
    MetricVersion,
    RecordReference,
    Standing,
    Subject,
    SubjectLink,
    SubjectOf,
)
from ..reading import streams_of
from .metrics import COUNTING, RowsBehind, rows_behind
from .sides import Named

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class DayFigure:
    """What a metric says about a subject on a day; `counted_as` is the id of the version that says so."""

    on: date
    figure: Figure
    as_of: datetime
    is_settled: bool
    counted_as: int

    def __add__(self, other: DayFigure) -> DayFigure:
        return DayFigure(
            self.on,
            self.figure + other.figure,
            min(self.as_of, other.as_of),
            self.is_settled and other.is_settled,
            max(self.counted_as, other.counted_as),
        )


def figures_of(definition_id: int, whose: Collection[Named], *, first: date, last: date) -> dict[str, list[DayFigure]]:
    """By the key of a subject, the days in order, both ends included, as they stand now. Whom several subjects are
    linked to on a day has their sum. Three queries, however many they are."""
    wanted = {one.key: one for one in whose}
    named_by = _subjects_of(definition_id, wanted)
    of_whose = Q(subject=None) if "" in wanted else Q(pk__in=[])
    values = MetricValue.objects.filter(of__definition=definition_id, on__range=(first, last), replaced_at=None)
    values = values.filter(of_whose | AnyOf(F("subject_id"), list(named_by)))
    found: dict[str, dict[date, DayFigure]] = defaultdict(dict)
    rows = values.order_by("on", "pk").values_list(
        "on", "subject_id", "numerator", "denominator", "rows", "as_of", "standing", "of_id"
    )
    for on, subject_id, above, below, number, as_of, standing, version_id in rows.iterator(chunk_size=5_000):
        here = DayFigure(on, Figure(above, below, number), as_of, standing == Standing.SETTLED, version_id)
        for key in [""] if subject_id is None else _keys_on(named_by[subject_id], on):
            found[key][on] = found[key][on] + here if on in found[key] else here
    return {key: list(days.values()) for key, days in found.items()}


_Span = tuple[date | None, date | None, str]


def _subjects_of(definition_id: int, wanted: dict[str, Named]) -> dict[int, list[_Span]]:
    """The subjects that mean one of them, each with from when, until when and whom."""
    people = {one.employee_id: one.key for one in wanted.values() if one.employee_id is not None}
    units = {one.unit_id: one.key for one in wanted.values() if one.unit_id is not None}
    found: dict[int, list[_Span]] = defaultdict(list)
    links = SubjectLink.objects.filter(Q(employee__in=list(people)) | Q(unit__in=list(units)))
    for subject_id, starts, ends, person, unit in links.values_list(
        "subject_id", "starts_on", "ends_on", "employee_id", "unit_id"
    ):
        found[subject_id].append((starts, ends, people[person] if person is not None else units[unit]))
    others = {key for key, one in wanted.items() if key and one.employee_id is None and one.unit_id is None}
    if others:
        sources = MetricVersion.objects.filter(definition=definition_id).values("connection")
        named = Subject.objects.filter(connection__in=sources, value__in=[key.partition(":")[2] for key in others])
        for subject in named:
            if (key := f"{subject.kind}:{subject.value}") in others:
                found[subject.pk].append((None, None, key))
    return found


def _keys_on(spans: Iterable[_Span], on: date) -> list[str]:
    return [key for starts, ends, key in spans if (starts is None or starts <= on) and (ends is None or on < ends)]


def version_in_force(definition: MetricDefinition, on: date) -> MetricVersion | None:
    """By its days; before the first one, the first. None for a metric that was never announced."""
    versions = MetricVersion.objects.filter(definition=definition, state__in=COUNTING)
    begun: MetricVersion | None = versions.filter(effective_on__lte=on).order_by("-effective_on").first()
    return begun if begun is not None else versions.order_by("effective_on").first()


def rule_of(version: MetricVersion) -> Rule:
    """Raises UnfitRule."""
    return read_rule(version.rule)


def announced_metrics() -> QuerySet[MetricDefinition]:
    """Those that count, or will, by name."""
    counting = MetricVersion.objects.filter(definition=OuterRef("pk"), state__in=COUNTING)
    return MetricDefinition.objects.filter(Exists(counting)).order_by("name")


def named_by_number(version: MetricVersion, number: str) -> list[Named]:
    """What the source calls by this number and is nobody here: a customer, a project, an order. Whom it names as a
    person or unit, and nobody has linked yet, is somebody nevertheless."""
    if not number:
        return []
    found = Subject.objects.filter(connection=version.connection_id, kind=rule_of(version).kind, value=number)
    found = found.exclude(Exists(SubjectLink.objects.filter(subject=OuterRef("pk"))))
    found = found.exclude(of__in=[SubjectOf.PERSON, SubjectOf.UNIT])
    return [Named(f"{one.kind}:{one.value}", one.name or one.value) for one in found[:MOST_NAMED]]


def is_named_beside(
    version: MetricVersion, key: str, *, employee_id: int | None, unit_id: int | None, on: date
) -> bool:
    """Whether some record of the source is about both what `key` (kind:value) means and this person or unit: the
    salesperson of a customer, the team of an order. Whoever had that number before, or will have it, is not meant: it
    is theirs on `on`, and was when it happened. At most five queries."""
    kind, _sep, number = key.partition(":")
    links = SubjectLink.objects.filter(subject__connection=version.connection_id)
    links = links.filter(Q(employee=employee_id, employee__isnull=False) | Q(unit=unit_id, unit__isnull=False))
    links = links.filter(Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gt=on))
    called: dict[str, list[SubjectLink]] = defaultdict(list)
    for link in links.select_related("subject"):
        called[link.subject.kind].append(link)
    if not called:
        return False
    both, zone = Q(pk__in=[]), ZoneInfo(version.tenant.time_zone)
    for stream in streams_of(version.connection):
        for it, whom in product(stream.subjects, repeat=2):
            for link in called[whom.kind] if it.kind == kind and whom.kind in called else ():
                # Names of fields are the company's own: as keys of a lookup they could mean something else.
                named = Q(record__data__contains={it.field: number})
                named &= Q(record__data__contains={whom.field: link.subject.value})
                both |= Q(record__stream=stream.name) & named & _happened_within(link, zone)
    # By the number first: that is an index, and records are many.
    found = RecordReference.objects.filter(type__in=EvidenceType.values, number=number, record__deleted_at=None)
    return found.filter(both, record__connection=version.connection_id).exists()


def _happened_within(link: SubjectLink, zone: ZoneInfo) -> Q:
    """A record without a moment is what stands now."""
    within = Q()
    if link.starts_on is not None:
        within &= Q(record__happened_at__gte=datetime.combine(link.starts_on, time(), zone))
    if link.ends_on is not None:
        within &= Q(record__happened_at__lt=datetime.combine(link.ends_on, time(), zone))
    return within | Q(record__happened_at=None) if within else within


def records_on(definition: MetricDefinition, whose: Named, on: date, *, most: int, zone: ZoneInfo) -> RowsBehind | None:
    """The first `most` records behind the figure of a day, as they stand now; None where that day has none. Raises
    UnfitRule."""
    subjects = [
        pk for pk, spans in _subjects_of(definition.pk, {whose.key: whose}).items() if whose.key in _keys_on(spans, on)
    ]
    of_whose = Q(subject=None) if not whose.key else AnyOf(F("subject_id"), subjects)
    values = MetricValue.objects.filter(of_whose, of__definition=definition, on=on, replaced_at=None)
    found: RowsBehind | None = None
    for value in values.select_related("of__connection", "subject").order_by("pk"):
        left = most - (len(found.records) if found else 0)
        behind = rows_behind(value, start=0, size=max(left, 0), zone=zone)
        if found is not None:
            records = [*found.records, *behind.records]
            behind = RowsBehind(records, found.number + behind.number, behind.source)
        found = behind
    return found
