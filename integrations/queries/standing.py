"""Whether a figure may be used: held while two sources disagree, or contested (product.md §5.6-5.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

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
from integrations.reconciling import Verdict

LOSSES = (GapKind.MISSING, GapKind.TRUNCATED, GapKind.COUNT)  # gaps by which a day's figure is less than it should be


@dataclass(frozen=True, slots=True)
class FigureStanding:
    """`hold`: nobody is judged or reminded by this figure until people have looked. Then `good` is the latest day's own
    value that agreed, or that people have looked at, and `good_on` that day; None where there is none. `gap`: a day of
    what it is counted from has not come, or not whole, and holds it just so, until that is closed. Sums over many days
    are sound up to `sound_until`. `dispute`: somebody contests it, and it is marked so wherever it shows."""

    hold: MetricHold | None = None
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
        doubtful = [self.hold.first_on] if self.hold else []
        doubtful += [self.gap.on] if self.gap else []
        return min(doubtful) - timedelta(days=1) if doubtful else None

    @property
    def is_disputed(self) -> bool:
        return self.dispute is not None


def standing_of(definition: MetricDefinition, subject: str, day: date) -> FigureStanding:
    """Of what a metric says about a subject ("" is the whole; `queries.sides.Named.key`) up to and on `day`."""
    return standings_of(definition, [subject], day)[subject]


def standings_of(definition: MetricDefinition, subjects: Collection[str], day: date) -> dict[str, FigureStanding]:
    """At most six queries however many they are. A hold counts from its first day on: what was before is sound."""
    holds = _holds(definition, subjects, day)
    held = {key: one for key in subjects if (one := holds.get(key))}
    good = _last_good(definition, held, day)
    disputes, gap = _disputes(definition, subjects, day), _gap(definition, day)
    return {
        key: FigureStanding(held.get(key), *good.get(key, (None, None)), dispute=disputes.get(key), gap=gap)
        for key in subjects
    }


def key_of_person(public_id: object) -> str:
    """By which the figures of an employee are known, whatever system they come from."""
    return f"employee:{public_id}"


def key_of_unit(public_id: object) -> str:
    return f"unit:{public_id}"


def key_of_value(value: MetricValue) -> str:
    """Whose a figure is, as holds and disputes know it. One query, none for the whole."""
    subject = value.subject
    if subject is None:
        return ""
    for link in SubjectLink.objects.filter(subject=subject).select_related("employee", "unit"):
        if (link.starts_on is None or link.starts_on <= value.on) and (link.ends_on is None or value.on < link.ends_on):
            if link.employee is not None:
                return key_of_person(link.employee.public_id)
            if link.unit is not None:
                return key_of_unit(link.unit.public_id)
    return f"{subject.kind}:{subject.value}"


def disputed_keys(definitions: Iterable[MetricDefinition]) -> set[tuple[int, str]]:
    """(definition, subject) of all open disputes: for lists, one query."""
    found = DataDispute.objects.filter(definition__in=list(definitions)).exclude(state__in=DECIDED)
    return set(found.order_by().values_list("definition_id", "key").distinct())


def _holds(definition: MetricDefinition, subjects: Collection[str], day: date) -> dict[str, MetricHold]:
    """The longest standing one of each."""
    found = MetricHold.objects.filter(definition=definition, released_at=None, first_on__lte=day).select_related("pair")
    found = found.filter(Q(covers_all=True) | Q(key__in=list(subjects))).order_by("first_on", "pk")
    holds: dict[str, MetricHold] = {}
    for one in found:
        for key in subjects if one.covers_all else [one.key]:
            holds.setdefault(key, one)
    return holds


def _gap(definition: MetricDefinition, day: date) -> Gap | None:
    """The first day, up to `day`, of which something is missing in the stream that counts it: it is missing to every
    subject, whether or not a second source would show it."""
    counting = MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)
    versions = list(counting.order_by("effective_on").values_list("effective_on", "connection", "stream"))
    gaps = Gap.objects.filter(connection__in={one[1] for one in versions}, kind__in=LOSSES, closed_at=None)
    for gap in gaps.filter(on__lte=day).select_related("connection").order_by("on", "pk"):
        begun = [place for effective_on, *place in versions if effective_on <= gap.on]
        if begun and begun[-1] == [gap.connection_id, gap.stream]:
            return gap
    return None


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


def _disputes(definition: MetricDefinition, subjects: Collection[str], day: date) -> dict[str, DataDispute]:
    found = DataDispute.objects.filter(definition=definition, key__in=list(subjects), first_on__lte=day)
    return {one.key: one for one in found.exclude(state__in=DECIDED).order_by("-opened_at")}
