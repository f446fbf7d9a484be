"""Whether a figure may be used: held while two sources disagree, or contested (product.md §5.6-5.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from integrations.models import (
    DECIDED,
    DataDispute,
    Gap,
    GapKind,
    MetricDefinition,
    MetricHold,
    MetricState,
    MetricValue,
    MetricVersion,
    ReconciliationLine,
    ReconciliationPair,
    SubjectLink,
)
from integrations.reconciling import TO_HOLD, Verdict
from perfsys.common.bulk import AnyOf

LOSSES = (GapKind.MISSING, GapKind.TRUNCATED, GapKind.COUNT)  # gaps by which a day's figure is less than it should be


@dataclass(frozen=True, slots=True)
class FigureStanding:
    """`hold`: nobody is judged or reminded by this figure until people have looked. Then `good` is the latest day's own
    value that agreed, or that people have looked at, and `good_on` that day; None where there is none. `gap`: a day of
    what it is counted from has not come, or not whole, and holds it just so, until that is closed. `doubted_on`: the
    first of the days asked for that a hold is about; sums over many days are sound up to `sound_until`. `dispute`:
    somebody contests it, and it is marked so wherever it shows."""

    hold: MetricHold | None = None
    doubted_on: date | None = None
    good: Decimal | None = None
    good_on: date | None = None
    dispute: DataDispute | None = None
    gap: Gap | None = None

    @property
    def is_held(self) -> bool:
        return self.hold is not None or self.gap is not None

    @property
    def sound_until(self) -> date | None:
        """The last day before anything was in doubt; None where nothing is held."""
        doubtful = [on for on in (self.doubted_on, self.gap.on if self.gap else None) if on is not None]
        return min(doubtful) - timedelta(days=1) if doubtful else None

    @property
    def is_disputed(self) -> bool:
        return self.dispute is not None


def standing_of(definition: MetricDefinition, subject: str, day: date, *, since: date = date.min) -> FigureStanding:
    """Of what a metric says about a subject ("" is the whole; `queries.sides.Named.key`) up to and on `day`; with
    `since` of the days from then on alone, for a figure that counts none before."""
    return standings_of(definition, [subject], day, since=since)[subject]


def standings_of(
    definition: MetricDefinition, subjects: Collection[str], day: date, *, since: date = date.min
) -> dict[str, FigureStanding]:
    """At most seven queries however many they are. A hold counts from its first day on: what was before is sound."""
    holds = _holds(definition, subjects, day, since)
    held = {key: found[0] for key, found in holds.items()}
    good, doubted = _last_good(definition, held, day), _doubted(holds, day, since)
    disputes, gap = _disputes(definition, subjects, day, since), _gap(definition, day, since)
    return {
        key: FigureStanding(
            held.get(key), doubted.get(key), *good.get(key, (None, None)), dispute=disputes.get(key), gap=gap
        )
        for key in subjects
    }


def key_of_person(public_id: object) -> str:
    """By which the figures of an employee are known, whatever system they come from."""
    return f"employee:{public_id}"


def key_of_unit(public_id: object) -> str:
    return f"unit:{public_id}"


def key_of_value(value: MetricValue) -> str:
    """Whose a figure is, as holds and disputes know it. One query, none for the whole."""
    return keys_of([value])[value.pk]


def keys_of(values: Collection[MetricValue]) -> dict[int, str]:
    """The same of many, by the figure's id, with their subjects loaded. One query at most."""
    links: dict[int, list[SubjectLink]] = defaultdict(list)
    if subjects := list({one.subject_id for one in values if one.subject_id is not None}):
        for link in SubjectLink.objects.filter(AnyOf(F("subject_id"), subjects)).select_related("employee", "unit"):
            links[link.subject_id].append(link)
    return {one.pk: _key(one, links.get(one.subject_id or 0, ())) for one in values}


@dataclass(frozen=True, slots=True)
class Marks:
    is_held: bool
    is_disputed: bool


def marks_of(
    definition: MetricDefinition, values: Collection[MetricValue], *, since: date | None = None
) -> dict[int, Marks]:
    """What stands beside each of these figures of days, by its id; with `since` beside a sum from then to its day. Five
    queries, however many they are."""
    if not values:
        return {}
    keys, last = keys_of(values), max(one.on for one in values)
    first = since or min(one.on for one in values)
    holds = MetricHold.objects.filter(definition=definition, released_at=None, first_on__lte=last, last_on__gte=first)
    held = [(None if one.covers_all else one.key, one.first_on, one.last_on) for one in holds]
    held += [(None, gap.on, gap.on) for gap in _gaps(definition, first, last)]
    disputes = DataDispute.objects.filter(definition=definition, first_on__lte=last, last_on__gte=first)
    contested = disputes.exclude(state__in=DECIDED).values_list("key", "first_on", "last_on")
    return {
        one.pk: Marks(
            _is_among(held, keys[one.pk], since or one.on, one.on),
            _is_among(contested, keys[one.pk], since or one.on, one.on),
        )
        for one in values
    }


def _is_among(spans: Iterable[tuple[str | None, date, date]], key: str, first: date, last: date) -> bool:
    """None is everybody's."""
    return any(of in (None, key) and begins <= last and ends >= first for of, begins, ends in spans)


def _key(value: MetricValue, links: Iterable[SubjectLink]) -> str:
    subject = value.subject
    if subject is None:
        return ""
    for link in links:
        if (link.starts_on is None or link.starts_on <= value.on) and (link.ends_on is None or value.on < link.ends_on):
            if link.employee is not None:
                return key_of_person(link.employee.public_id)
            if link.unit is not None:
                return key_of_unit(link.unit.public_id)
    return f"{subject.kind}:{subject.value}"


def held_metrics(definitions: Iterable[MetricDefinition]) -> set[int]:
    """Those with a figure that is held by a comparison: for lists, one query."""
    found = MetricHold.objects.filter(definition__in=list(definitions), released_at=None)
    return set(found.order_by().values_list("definition_id", flat=True).distinct())


def disputed_keys(definitions: Iterable[MetricDefinition]) -> set[tuple[int, str]]:
    """(definition, subject) of all open disputes: for lists, one query."""
    found = DataDispute.objects.filter(definition__in=list(definitions)).exclude(state__in=DECIDED)
    return set(found.order_by().values_list("definition_id", "key").distinct())


def _holds(
    definition: MetricDefinition, subjects: Collection[str], day: date, since: date
) -> dict[str, list[MetricHold]]:
    """Of those that have any, the longest standing one first."""
    found = MetricHold.objects.filter(definition=definition, released_at=None, first_on__lte=day).select_related("pair")
    found = found.filter(Q(covers_all=True) | Q(key__in=list(subjects)), last_on__gte=since)
    holds: dict[str, list[MetricHold]] = defaultdict(list)
    for one in found.order_by("first_on", "pk"):
        for key in subjects if one.covers_all else [one.key]:
            holds[key].append(one)
    return holds


def _doubted(holds: Mapping[str, Sequence[MetricHold]], day: date, since: date) -> dict[str, date]:
    """The first day from `since` on that each is held for. A hold that began before is asked for its lines: between
    them are days that agree."""
    earlier = {one.pk: one for standing in holds.values() for one in standing if one.first_on < since}
    first: dict[tuple[int, str], date] = {}
    if earlier:
        lines = ReconciliationLine.objects.filter(
            reduce(or_, (Q(pair=one.pair_id, key=one.key) for one in earlier.values())),
            on__range=(since, day),
            verdict__in=[one.value for one in TO_HOLD],
            settled=None,
        )
        found = lines.order_by().values_list("pair", "key").annotate(first=Min("on"))
        first = {(pair, key): on for pair, key, on in found}
    doubted: dict[str, date] = {}
    for key, standing in holds.items():
        begun = [first.get((one.pair_id, one.key)) if one.pk in earlier else one.first_on for one in standing]
        doubted[key] = min((on for on in begun if on is not None), default=since)
    return doubted


def _gap(definition: MetricDefinition, day: date, since: date) -> Gap | None:
    return next(_gaps(definition, since, day), None)


def _gaps(definition: MetricDefinition, first: date, last: date) -> Iterator[Gap]:
    """Days of which something is missing in the stream that counts them: it is missing to every subject, whether or not
    a second source would show it."""
    counting = MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)
    versions = list(counting.order_by("effective_on").values_list("effective_on", "connection", "stream"))
    gaps = Gap.objects.filter(connection__in={one[1] for one in versions}, kind__in=LOSSES, closed_at=None)
    for gap in gaps.filter(on__range=(first, last)).select_related("connection").order_by("on", "pk"):
        begun = [place for effective_on, *place in versions if effective_on <= gap.on]
        if begun and begun[-1] == [gap.connection_id, gap.stream]:
            yield gap


def losses_of(definition: Any, *, first: Any, last: Any) -> QuerySet[Gap]:
    """The open gaps of `_gaps` as a subquery, for lists of what is counted by a metric: `definition`, `first` and
    `last` are references to the outer row."""
    counting = MetricVersion.objects.exclude(state=MetricState.DRAFT).filter(definition=definition)
    counting = counting.filter(effective_on__lte=OuterRef("on")).order_by("-effective_on")
    place = {name: Subquery(counting.values(name)[:1]) for name in ("connection", "stream")}
    return Gap.objects.filter(kind__in=LOSSES, closed_at=None, on__gte=first, on__lte=last, **place)


def _last_good(
    definition: MetricDefinition, held: Mapping[str, MetricHold], day: date
) -> dict[str, tuple[Decimal | None, date | None]]:
    if not held:
        return {}
    pairs = {one.pk: one for one in ReconciliationPair.objects.filter(pk__in={hold.pair_id for hold in held.values()})}
    sound = Q(verdict=Verdict.AGREES) | Q(settled__isnull=False, difference__isnull=False)
    before = Q()
    for key, hold in held.items():
        before |= Q(pair=hold.pair_id, key=key, on__lte=day)
    lines = ReconciliationLine.objects.filter(sound & before).order_by("key", "-on").distinct("key")
    return {
        one.key: (one.a if pairs[one.pair_id].a_id == definition.pk else one.b, one.on)
        for one in lines.only("key", "on", "a", "b", "pair")
    }


def _disputes(
    definition: MetricDefinition, subjects: Collection[str], day: date, since: date
) -> dict[str, DataDispute]:
    found = DataDispute.objects.filter(definition=definition, key__in=list(subjects), first_on__lte=day)
    found = found.filter(last_on__gte=since)
    return {one.key: one for one in found.exclude(state__in=DECIDED).order_by("-opened_at")}
