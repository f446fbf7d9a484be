"""Goals whose figure comes from a metric: the figure, whether it may be used, and what it is made of (product.md §2.6,
§5.4, §5.6-5.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DateField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least

from goals.bound import Measuring, Reading, Typed, figure_of, in_order, is_over, readings_of
from goals.models import BoundFigure, CheckIn, Direction, Goal, KeyResult, MetricBinding, Period
from integrations.models import DECIDED, DataDispute, MetricDefinition, MetricHold, MetricVersion
from integrations.queries.bound import DayFigure, figures_of
from integrations.queries.sides import Named
from integrations.queries.standing import FigureStanding, losses_of, standings_of
from perfsys.people.models import Employee
from perfsys.tenancy.prepared import prepared

from .counting import key_result_progress, mean_of_results, progress_by, share_of
from .figures import shown_progress

OTHER_UNIT = "other_unit"


@dataclass(frozen=True)
class Measured:
    """What a metric says of a goal's days so far: `value` of `days`, as of when the source was read, by the version
    `counted_as` on the last of them. None and no days where it says nothing; `problem` OTHER_UNIT where some day is
    counted in another unit of measure than the goal. While it is held, `sound` is the figure up to `sound_on`, the last
    day before anything was in doubt. `running` is the day that is not over yet, where it does not count before.
    `readings` has one for each of the days, where progress asks for them."""

    value: Decimal | None = None
    days: Sequence[DayFigure] = ()
    running: DayFigure | None = None
    readings: Sequence[Reading] = ()
    as_of: datetime | None = None
    is_settled: bool = False
    counted_as: MetricVersion | None = None
    problem: str = ""
    standing: FigureStanding = field(default_factory=FigureStanding)
    sound: Decimal | None = None
    sound_on: date | None = None

    @property
    def first_on(self) -> date | None:
        return self.days[0].on if self.days else None

    @property
    def last_on(self) -> date | None:
        return self.days[-1].on if self.days else None

    @property
    def sound_readings(self) -> list[Decimal]:
        """Up to `sound_on`; the last alone where progress asks for no more."""
        until = self.sound_on
        if self.sound is None or until is None:
            return []
        return [one.value for one in self.readings if one.on <= until] or [self.sound]


def open_bindings() -> QuerySet[MetricBinding]:
    """A key result that was given up is nobody's measure any more."""
    return MetricBinding.objects.filter(ended_at=None).exclude(key_result__retired_on__isnull=False)


def measured(bindings: Collection[MetricBinding], on: date) -> dict[int, Measured]:
    """By the id of the binding, up to and on `on`; bindings come with their goal and key result. For each metric one
    query, and at most six for each span of its goals, which mostly is the period; one for all."""
    by_metric: dict[int, list[MetricBinding]] = defaultdict(list)
    for one in bindings:
        if one.goal.starts_on <= on:
            by_metric[one.definition_id].append(one)
    found: dict[int, tuple[list[DayFigure], FigureStanding]] = {}
    for definition_id, of_it in by_metric.items():
        whose = {one.key: named_of(one) for one in of_it}
        first = min(one.goal.starts_on for one in of_it)
        figures = figures_of(definition_id, whose.values(), first=first, last=on)
        spans: dict[tuple[date, date], list[str]] = defaultdict(list)
        for one in of_it:
            spans[_span(one.goal, on)].append(one.key)
        standings = {
            span: standings_of(of_it[0].definition, keys, span[1], since=span[0]) for span, keys in spans.items()
        }
        for one in of_it:
            days = [day for day in figures.get(one.key, ()) if one.goal.starts_on <= day.on <= one.goal.due_on]
            found[one.pk] = (days, standings[_span(one.goal, on)][one.key])
    versions = MetricVersion.objects.in_bulk({day.counted_as for days, _stands in found.values() for day in days})
    return {one.pk: _measured(one, *found[one.pk], versions, on) if one.pk in found else Measured() for one in bindings}


def _measured(
    binding: MetricBinding,
    listed: Sequence[DayFigure],
    standing: FigureStanding,
    versions: dict[int, MetricVersion],
    today: date,
) -> Measured:
    days = [day for day in listed if is_over(day.on, today, binding.making)]
    until = standing.sound_until
    sound_days = [] if until is None else [day for day in days if day.on <= until]
    found = Measured(
        days=days,
        running=next((day for day in listed[len(days) :]), None),
        readings=readings_of(((day.on, day.figure) for day in days), binding.making)
        if needs_every_reading(binding.key_result or binding.goal)
        else (),
        standing=standing,
        sound=figure_of([day.figure for day in sound_days], binding.making),
        sound_on=sound_days[-1].on if sound_days else None,
    )
    if not days:
        return found
    unit = unit_of(binding.key_result or binding.goal)
    is_other = any(not is_same_unit(versions[pk].unit_of_measure, unit) for pk in {day.counted_as for day in days})
    return Measured(
        **vars(found)
        | {
            "value": None if is_other else figure_of([day.figure for day in days], binding.making),
            "as_of": max(day.as_of for day in days),
            "is_settled": all(day.is_settled for day in days),
            "counted_as": versions[days[-1].counted_as],
            "problem": OTHER_UNIT if is_other else "",
        }
    )


def _span(goal: Goal, on: date) -> tuple[date, date]:
    """The days its figure is made of so far: doubt about others is none about it."""
    return goal.starts_on, min(on, goal.due_on)


def named_of(binding: MetricBinding) -> Named:
    return Named(binding.key, binding.label, binding.employee_id, binding.unit_id)


def unit_of(measured_by: Goal | KeyResult) -> str:
    return measured_by.unit_of_measure


def is_same_unit(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


# --- readings ---


def needs_every_reading(measured_by: Goal | KeyResult) -> bool:
    """Whether its progress asks for more than the last one: for the share of them inside, or for the first one
    (product.md §2.6)."""
    lowers_from_the_first = measured_by.direction == Direction.LOWER and measured_by.baseline is None
    return measured_by.direction == Direction.HOLD or lowers_from_the_first


def kept(readings: Iterable[Reading]) -> list[list[str]]:
    """As `MetricBinding.readings` has them."""
    return [[one.on.isoformat(), str(one.value)] for one in readings]


def readings_told(
    goals: Collection[int], on: date, *, sound_only: bool = False
) -> dict[tuple[int, int | None], list[Decimal]]:
    """All readings of these goals and of their key results, the earliest first, by the ids of both; of a figure that is
    held with `sound_only` those of the days before the doubt alone. Two queries, one more where any comes from a
    metric, and six for each that is held."""
    measuring, by_metric = _measuring(goals, on)
    entries = CheckIn.objects.filter(goal__in=goals, value__isnull=False).order_by("at", "id")
    if by_metric:
        entries = entries.exclude(pk__in=BoundFigure.objects.filter(binding__in=by_metric).values("check_in"))
    typed: dict[tuple[int, int | None], list[Typed]] = defaultdict(list)
    for goal, result, at, local_on, value in entries.values_list("goal", "key_result", "at", "local_on", "value"):
        typed[goal, result].append(Typed(at, local_on, value or Decimal(0)))
    if sound_only:
        for whose, spans in measuring.items():
            until = spans[-1].sound_until  # the end of time where it is not held
            typed[whose] = [one for one in typed.get(whose, ()) if one.on <= until]
    plain = {whose: [one.value for one in told] for whose, told in typed.items()}
    return plain | {whose: in_order(typed.get(whose, ()), spans) for whose, spans in measuring.items()}


def _measuring(goals: Collection[int], on: date) -> tuple[dict[tuple[int, int | None], list[Measuring]], list[int]]:
    """By whose they are, and the ids of the bindings with readings, the earliest first."""
    found = MetricBinding.objects.filter(goal__in=goals).exclude(readings=[])
    found = found.select_related("definition", "goal", "key_result").order_by("bound_at", "pk")
    bindings = [one for one in found if needs_every_reading(one.key_result or one.goal)]
    if not bindings:
        return {}, []
    held = set(open_bindings().filter(_is_held(on), pk__in=[one.pk for one in bindings]).values_list("pk", flat=True))
    spans: dict[tuple[int, int | None], list[Measuring]] = defaultdict(list)
    for one in bindings:
        until = _sound_until(one, on) if one.pk in held else None
        readings = [Reading(date.fromisoformat(day), Decimal(value)) for day, value in one.readings]
        spans[one.goal_id, one.key_result_id].append(
            Measuring(readings, one.ended_at, is_held=until is not None, sound_until=until or date.max)
        )
    return spans, [one.pk for one in bindings]


def _sound_until(binding: MetricBinding, on: date) -> date | None:
    since, until = _span(binding.goal, on)
    return standings_of(binding.definition, [binding.key], until, since=since)[binding.key].sound_until


# --- marks, for lists and jobs ---


@dataclass(frozen=True, slots=True)
class Good:
    """The last sound state of a goal, or of a key result: of the days before anything was in doubt. `results`: of its
    key results that are held, by id."""

    value: Decimal | None = None
    progress: Decimal | None = None
    results: Mapping[int, Good] = field(default_factory=dict)


NOTHING_GOOD = Good()


def good_of(bindings: Collection[MetricBinding], says: Mapping[int, Measured], on: date) -> dict[int, Good]:
    """By the id of a goal of which a figure is held (product.md §5.6); bindings come with goal and key result, and with
    what `measured` says of them. No query unless progress asks for every reading, or a key result is held."""
    held = [one for one in bindings if says[one.pk].standing.is_held]
    goals = {one.goal_id: one.goal for one in held}
    every = {one.goal_id for one in held if one.readings and needs_every_reading(one.key_result or one.goal)}
    told = readings_told(every, on, sound_only=True) if every else {}
    good: dict[int, Good] = {}
    of_results: dict[int, dict[int, Good]] = defaultdict(dict)
    for one in held:
        sound = says[one.pk]
        readings = told.get((one.goal_id, one.key_result_id)) or sound.sound_readings
        if one.key_result is None:
            good[one.goal_id] = Good(sound.sound, progress_by(one.goal, readings) if readings else None)
        else:
            share = share_of(one.goal)
            at = key_result_progress(one.key_result, readings, share) if readings else None
            of_results[one.goal_id][one.key_result.pk] = Good(sound.sound, at)
    results: dict[int, list[KeyResult]] = defaultdict(list)
    for result in KeyResult.objects.filter(goal__in=list(of_results), retired_on=None) if of_results else ():
        results[result.goal_id].append(result)
    for pk, found in of_results.items():
        parts = [(one.weight, found[one.pk].progress if one.pk in found else one.progress) for one in results[pk]]
        before = good.get(pk, Good(goals[pk].last_value, mean_of_results(parts)))
        good[pk] = Good(before.value, before.progress, found)
    return good


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said beside a figure wherever it shows: its data is being checked, or somebody contests it. While it is
    held, `good` is what is shown in its place."""

    is_held: bool = False
    is_disputed: bool = False
    good: Good | None = None


NO_MARK = Mark()


def marks_of(goals: Iterable[Goal], on: date) -> dict[int, Mark]:
    """By the id of a goal that has one, its key results included. One query, and one more where any of them has a
    figure of a metric: the longer question is put together for those alone. Where any is held, what was good: as many
    as `measured` and `good_of` ask."""
    listed = {one.pk: one for one in goals}
    ids = tuple(listed)
    if not ids or not _any_bound(ids):
        return {}
    asked: Any = open_bindings().filter(goal__in=ids)
    marked = asked.annotate(is_held=_is_held(on), is_disputed=Exists(_disputes(on)))
    marked = marked.filter(Q(is_held=True) | Q(is_disputed=True))
    found: dict[int, Mark] = {}
    for goal, is_held_here, is_disputed in marked.values_list("goal_id", "is_held", "is_disputed"):
        before = found.get(goal, NO_MARK)
        found[goal] = Mark(before.is_held or is_held_here, before.is_disputed or is_disputed)
    if held := [listed[pk] for pk, mark in found.items() if mark.is_held]:
        good = _good_of(held, on)
        found |= {one.pk: replace(found[one.pk], good=good.get(one.pk, NOTHING_GOOD)) for one in held}
    return found


def _good_of(goals: Collection[Goal], on: date) -> dict[int, Good]:
    known = {one.pk: one for one in goals}
    bindings = list(open_bindings().filter(goal__in=list(known)).select_related("definition", "key_result"))
    for one in bindings:
        one.goal = known[one.goal_id]
    return good_of(bindings, measured(bindings, on), on)


def progress_beside(goal: Goal, mark: Mark | None) -> Decimal | None:
    """What screens show of a goal beside its mark: while it is held, the last that was good."""
    return mark.good.progress if mark is not None and mark.good is not None else shown_progress(goal)


def value_beside(goal: Goal, mark: Mark | None) -> Decimal | None:
    """Its last reading, or the last that was good."""
    return mark.good.value if mark is not None and mark.good is not None else goal.last_value


def contested_since(goals: Iterable[Goal], on: date) -> dict[int, datetime]:
    """By the id of a goal whose figure somebody contests: since when. One query, and one more where any of them has a
    figure of a metric."""
    asked: Any = open_bindings().filter(goal__in=[one.pk for one in goals])
    if not asked.exists():
        return {}
    earliest = _disputes(on).order_by("opened_at").values("opened_at")[:1]
    since = asked.annotate(since=Subquery(earliest)).exclude(since=None).order_by("-since")
    return dict(since.values_list("goal_id", "since"))


@prepared
def _any_bound(goals: tuple[int, ...]) -> QuerySet[MetricBinding, int]:
    return open_bindings().filter(goal__in=goals).order_by().values_list("pk", flat=True)[:1]


def held_goals(on: date) -> QuerySet[MetricBinding, int]:
    """The ids of goals with a figure that nobody is to be judged or reminded by (product.md §5.6)."""
    return open_bindings().filter(_is_held(on)).order_by().values_list("goal_id", flat=True)


def held_among(goals: QuerySet[Goal], on: date) -> list[int]:
    """Of published goals. One query, and one more where any of them has a figure of a metric."""
    if not open_bindings().filter(goal__in=goals.order_by()).exists():
        return []
    return list(held_goals(on).filter(goal__in=goals.order_by()))


def is_held(binding: MetricBinding, on: date) -> bool:
    return open_bindings().filter(_is_held(on), pk=binding.pk).exists()


def _is_held(on: date) -> Q:
    """Of the figure of a binding, as `standings_of` has it: by people's doubt, or by a day that has not come."""
    since, until = OuterRef("goal__starts_on"), _until(on)
    holds = MetricHold.objects.filter(Q(key=OuterRef("key")) | Q(covers_all=True), released_at=None)
    holds = holds.filter(definition=OuterRef("definition"), first_on__lte=until, last_on__gte=since)
    losses = losses_of(OuterRef(OuterRef("definition")), first=since, last=until)
    return Q(Exists(holds)) | Q(Exists(losses))


def _until(on: date) -> Least:
    """The end of `_span`, of the outer binding."""
    return Least(Value(on, DateField()), OuterRef("goal__due_on"))


def _disputes(on: date) -> QuerySet[DataDispute]:
    contested = DataDispute.objects.filter(definition=OuterRef("definition"), key=OuterRef("key"))
    contested = contested.filter(first_on__lte=_until(on), last_on__gte=OuterRef("goal__starts_on"))
    return contested.exclude(state__in=DECIDED)


# --- one binding ---


def binding_of(goal: Goal, result: KeyResult | None = None) -> MetricBinding | None:
    found: MetricBinding | None = (
        open_bindings().filter(goal=goal, key_result=result).select_related("definition").first()
    )
    if found is not None:
        found.goal = goal
    return found


def how_it_is_bound(goal: Goal, on: date, result: KeyResult | None = None) -> dict[str, bool]:
    """As the forms of a check-in take it."""
    found = binding_of(goal, result)
    return {"is_bound": found is not None, "is_held": found is not None and is_held(found, on)}


def measured_since(period: Period) -> dict[int, datetime]:
    """Goals whose own figure comes from a metric, by id, and from when on."""
    own = open_bindings().filter(goal__period=period, key_result=None)
    return dict(own.values_list("goal_id", "bound_at"))


def figures_told(binding: MetricBinding) -> QuerySet[BoundFigure]:
    """What was checked in from it, the newest first."""
    return BoundFigure.objects.filter(binding=binding).select_related("check_in", "counted_as").order_by("-pk")


def owners_bound(definition: MetricDefinition) -> list[Employee]:
    """Of open goals whose figure comes from it: people, and who leads nothing but is named as a unit's goal's owner.
    Told before it changes (settings.METRIC_BOUND)."""
    whose = open_bindings().filter(definition=definition).exclude(goal__status="closed")
    ids = whose.annotate(told=Coalesce("goal__owner", "bound_by")).order_by().values("told")
    return list(Employee.objects.filter(pk__in=ids, status=Employee.Status.ACTIVE).order_by("pk"))


def has_on_a_goal(employee: Employee, definition: MetricDefinition, key: str) -> bool:
    """Whether it is the figure of an open goal of theirs, or of a unit they answer for as the one who bound it: they
    may contest what they are measured by (product.md §5.7; settings.METRIC_CONTESTED_BY)."""
    theirs = Q(goal__owner=employee) | Q(goal__owner=None, bound_by=employee)
    return open_bindings().filter(theirs, definition=definition, key=key).exists()
