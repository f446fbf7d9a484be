"""A goal's figure comes from a metric, and checks in by itself (product.md §2.6, §5.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.db.models.functions import Greatest

from goals import events
from goals.bound import makings_of
from goals.models import (
    AlertRule,
    AlertState,
    BoundFigure,
    CheckIn,
    Goal,
    GoalAlert,
    KeyResult,
    Kind,
    MetricBinding,
    PeriodState,
    Source,
    Status,
)
from goals.queries.bound import (
    Measured,
    is_same_unit,
    kept,
    measured,
    needs_every_reading,
    open_bindings,
    readings_told,
)
from goals.queries.counting import key_result_progress, share_of
from goals.queries.settings import local_date
from integrations.models import MetricDefinition
from integrations.queries.bound import rule_of, version_in_force
from integrations.queries.metrics import in_parts_now
from integrations.queries.sides import Named
from perfsys.audit.actions import record, record_many
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import settle
from perfsys.people.models import Employee

from .own_progress import goal_progress, keep_objectives, tell_anew
from .rollup import roll_up_above
from .standing import write_standing
from .telling import end_alerts
from .trail import GoalNotOpen

JOB = "goals.bound"
AT_ONCE = 300  # bindings


class NotAFigure(Exception):
    """Only a goal measured by a figure, or a key result, can be bound."""


class BoundAlready(Exception):
    """Its figure comes from a metric: end that first."""


class OtherUnit(Exception):
    """The metric counts in `.unit`, the goal in something else: bring them together first."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit


class DoesNotAddUp(Exception):
    """A mean or a rate has no sum, an amount nothing to be divided by: choose another way."""


class NotAnnounced(Exception):
    """The metric is a draft: bind to it once it is announced."""


@transaction.atomic
def bind_metric(
    *,
    goal: Goal,
    key_result: KeyResult | None,
    definition: MetricDefinition,
    whose: Named,
    making: str,
    actor: Employee | None,
    now: datetime,
) -> MetricBinding:
    """From now on its figure is what `definition` says of `whose`; a goal without a unit of measure takes the metric's.
    Raises GoalNotOpen, NotAFigure, NotAnnounced, OtherUnit, DoesNotAddUp, BoundAlready."""
    locked = _locked(goal)
    if key_result is None and (locked.kind != Kind.KPI or not (locked.is_draft or locked.counts_values)):
        raise NotAFigure
    version = version_in_force(definition, local_date(now))
    if version is None:
        raise NotAnnounced
    measured_by = key_result or locked
    if measured_by.unit_of_measure and not is_same_unit(measured_by.unit_of_measure, version.unit_of_measure):
        raise OtherUnit(version.unit_of_measure)
    if making not in makings_of(rule_of(version).measure.kind):
        raise DoesNotAddUp
    try:
        with transaction.atomic():
            made: MetricBinding = MetricBinding.objects.create(
                goal=locked,
                key_result=key_result,
                definition=definition,
                key=whose.key,
                label=whose.label[:120],
                employee_id=whose.employee_id,
                unit_id=whose.unit_id,
                making=making,
                bound_by=actor,
                bound_at=now,
            )
    except IntegrityError:
        raise BoundAlready from None
    if not measured_by.unit_of_measure:
        measured_by.unit_of_measure = version.unit_of_measure
        measured_by.save(update_fields=["unit_of_measure"])
    if locked.is_open:
        enqueue(JOB, key=f"bound {made.pk}", payload={"definition": definition.pk})
    details = {"metric": definition.name, "subject": whose.key, "making": making}
    record(events.METRIC_BOUND, subject=locked, about=locked.owner, actor=actor, at=now, details=details)
    return made


@transaction.atomic
def unbind_metric(*, binding: MetricBinding, because: str, actor: Employee | None, now: datetime) -> None:
    """Its figure is told by people again. What was checked in stays; of a figure that is held, the days before the
    doubt, and what was told with proof since. Said twice it is said once. Raises GoalNotOpen."""
    locked = _locked(binding.goal)
    still = MetricBinding.objects.filter(pk=binding.pk, ended_at=None)
    if not still.update(ended_at=now, ended_by=actor, ended_because=because, version=F("version") + 1):
        return
    _leave_what_is_doubted(binding, locked, local_date(now))
    settle(events.FIGURE_CHECKED, [binding.pk])
    details = {"metric": binding.definition.name, "because": because}
    record(events.METRIC_UNBOUND, subject=locked, about=locked.owner, actor=actor, at=now, details=details)


def _leave_what_is_doubted(binding: MetricBinding, goal: Goal, today: date) -> None:
    """Nobody will look at these days for a goal that is not measured by them any more: they would count for good."""
    binding.goal = goal
    if not binding.readings or not needs_every_reading(binding.key_result or goal):
        return
    standing = measured([binding], today)[binding.pk].standing
    until = standing.sound_until
    if not standing.is_held or until is None:
        return
    binding.readings = [[on, value] for on, value in binding.readings if date.fromisoformat(on) <= until]
    binding.save(update_fields=["readings"])
    if not goal.is_open:
        return
    tell_anew(goal, today)
    keep_objectives([goal.pk])
    write_standing(today, goal_ids=[goal.pk])
    roll_up_above([goal.pk])


def _locked(goal: Goal) -> Goal:
    found: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=goal.pk)
    if found.status == Status.CLOSED:
        raise GoalNotOpen
    return found


# --- check-ins of the figures ---


@transaction.atomic
def check_in_some(*, now: datetime, definition_id: int | None = None, after: int = 0) -> int | None:
    """The next bound goals past the binding `after`: each whose figure is another one than it last said checks in, and
    what was said before stays. A day that is over is one more reading, whether or not the figure is another one. Held
    figures say nothing, nor do those of a metric that is being computed in parts. Done again it changes nothing. Where
    the next part begins, None at the end."""
    found = open_bindings().filter(goal__status=Status.PUBLISHED, pk__gt=after)
    found = found.exclude(goal__period__state=PeriodState.CLOSED).exclude(key_result__retired_on__isnull=False)
    found = found.exclude(definition__in=in_parts_now().values("definition"))
    if definition_id is not None:
        found = found.filter(definition=definition_id)
    listed = list(found.order_by("pk").values_list("pk", "goal_id")[:AT_ONCE])
    # From the positions up, as a typed check-in locks a goal and then those above it.
    asked = Goal.objects.filter(pk__in=[goal for _pk, goal in listed]).order_by("-layer", "pk")
    locked = asked.select_for_update(of=["self"], no_key=True).select_related("owner")
    goals = {goal.pk: goal for goal in locked if goal.is_open}
    # Read behind the locks: what ended while they were waited for says nothing any more.
    standing = found.filter(pk__in=[pk for pk, _goal in listed], goal__in=list(goals))
    bindings = list(standing.select_related("definition", "key_result").order_by("pk"))
    for one in bindings:
        one.goal = goals[one.goal_id]
    today = local_date(now)
    says = measured(bindings, today)
    last = _last_told(bindings)
    new = [one for one in bindings if _is_another(one, says[one.pk], last.get(one.pk))]
    _follow_the_source(bindings, says, last)
    anew = _read_anew(bindings, says)
    if new or anew:
        told = {one.pk for one in new}
        _check_in(new, [one for one in anew if one.pk not in told], says, today=today, now=now)
    return listed[-1][0] if len(listed) == AT_ONCE else None


def _last_told(bindings: Iterable[MetricBinding]) -> dict[int, BoundFigure]:
    told = BoundFigure.objects.filter(binding__in=[one.pk for one in bindings])
    return {one.binding_id: one for one in told.order_by("binding", "-pk").distinct("binding")}


def _is_another(binding: MetricBinding, says: Measured, told: BoundFigure | None) -> bool:
    """Than was last told of it, or typed with proof while it was on hold."""
    if says.value is None or says.standing.is_held:
        return False
    stands = (binding.key_result or binding.goal).last_value
    return told is None or told.value != says.value or stands != told.value


def _follow_the_source(
    bindings: Iterable[MetricBinding], says: dict[int, Measured], last: dict[int, BoundFigure]
) -> None:
    """The same figure, of more days or settled by now."""
    moved = []
    for one in bindings:
        told, now_says = last.get(one.pk), says[one.pk]
        if told is None or now_says.standing.is_held or now_says.value != told.value:
            continue
        seen = _origin(now_says)
        if any(getattr(told, name) != value for name, value in seen.items()):
            for name, value in seen.items():
                setattr(told, name, value)
            moved.append(told)
    BoundFigure.objects.bulk_update(moved, ["first_on", "last_on", "as_of", "is_settled", "counted_as"])


def _read_anew(bindings: Iterable[MetricBinding], says: dict[int, Measured]) -> list[MetricBinding]:
    """Keep what each day came to, where progress asks for it; those with another day, or one that was corrected."""
    changed = []
    for one in bindings:
        now_says = says[one.pk]
        if now_says.value is None or now_says.standing.is_held or not needs_every_reading(one.key_result or one.goal):
            continue
        readings = kept(now_says.readings)
        if readings != one.readings:
            one.readings = readings
            changed.append(one)
    MetricBinding.objects.bulk_update(changed, ["readings"])
    return changed


def _origin(says: Measured) -> dict[str, Any]:
    return {
        "first_on": says.first_on,
        "last_on": says.last_on,
        "as_of": says.as_of,
        "is_settled": says.is_settled,
        "counted_as_id": says.counted_as.pk if says.counted_as else None,
    }


def _check_in(
    new: Sequence[MetricBinding],
    anew: Sequence[MetricBinding],
    says: dict[int, Measured],
    *,
    today: date,
    now: datetime,
) -> None:
    """By sets: one statement a table, however many goals. The figure of `anew` is the same as before, and only their
    readings are others: they check in nothing."""
    made = CheckIn.objects.bulk_create(_entry(one, says[one.pk], number, today, now) for one, number in _numbered(new))
    BoundFigure.objects.bulk_create(
        BoundFigure(binding=one, check_in=entry, value=says[one.pk].value or Decimal(0), **_origin(says[one.pk]))
        for one, entry in zip(new, made, strict=True)
    )
    _count_readings([*new, *anew], says, today)
    goals = {one.goal_id: one.goal for one in new}
    for entry in made:
        entry.percent = goals[entry.goal_id].own_progress
    CheckIn.objects.bulk_update(made, ["percent"])
    Goal.objects.filter(pk__in=list(goals)).update(last_activity_on=Greatest(F("last_activity_on"), today))
    alerts = GoalAlert.objects.filter(goal__in=list(goals), state=AlertState.OPEN, rule=AlertRule.STALE)
    end_alerts(alerts, on=today)
    moved = [*goals, *(one.goal_id for one in anew if one.goal_id not in goals)]
    write_standing(today, goal_ids=moved)
    roll_up_above(moved)
    record_many(events.CHECKED_IN, subjects=[(goal, goal.owner) for goal in goals.values()], actor=None, at=now)


def _numbered(bindings: Sequence[MetricBinding]) -> list[tuple[MetricBinding, int]]:
    """Each with how many figures it has told before."""
    told = BoundFigure.objects.filter(binding__in=[one.pk for one in bindings]).order_by()
    number = dict(told.values_list("binding").annotate(Count("pk")))
    return [(one, number.get(one.pk, 0)) for one in bindings]


def _entry(binding: MetricBinding, says: Measured, number: int, today: date, now: datetime) -> CheckIn:
    return CheckIn(
        goal=binding.goal,
        key_result=binding.key_result,
        at=now,
        local_on=today,
        source=Source.AUTOMATIC,
        source_key=f"metric:{binding.pk}:{says.last_on}:{number}",
        value=says.value,
    )


def _count_readings(bindings: Sequence[MetricBinding], says: dict[int, Measured], today: date) -> None:
    """What their readings come to, and where their goals stand with it."""
    goals = {one.goal_id: one.goal for one in bindings}
    results = [one for one in bindings if one.key_result is not None]
    asked = {one.goal_id for one in bindings if needs_every_reading(one.key_result or one.goal)}
    told = readings_told(asked, today) if asked else {}
    for one in bindings:
        value = says[one.pk].value
        readings = told.get((one.goal_id, one.key_result_id), [] if value is None else [value])
        if one.key_result is not None:
            one.key_result.last_value = value
            one.key_result.progress = key_result_progress(one.key_result, readings, share_of(one.goal))
        else:
            one.goal.last_value = value
            one.goal.own_progress = goal_progress(one.goal, readings)
    KeyResult.objects.bulk_update([one.key_result for one in results if one.key_result], ["last_value", "progress"])
    direct = [one.goal for one in bindings if one.key_result is None]
    Goal.objects.bulk_update(direct, ["last_value", "own_progress"])
    if results:
        objectives = [one.goal_id for one in results]
        keep_objectives(objectives)
        for pk, at in Goal.objects.filter(pk__in=objectives).values_list("pk", "own_progress"):
            goals[pk].own_progress = at
