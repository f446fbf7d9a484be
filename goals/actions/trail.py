"""What happens on a published goal: check-ins, evidence, comments, milestones."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from goals import events, progress, standing
from goals.models import (
    AlertRule,
    AlertState,
    Cadence,
    CheckIn,
    Comment,
    Direction,
    EvidenceItem,
    Goal,
    GoalAlert,
    Kind,
    Milestone,
)
from goals.queries.settings import local_date
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .matching import write_matches
from .rollup import roll_up_above
from .standing import write_standing
from .telling import end_alerts

FARTHEST = Decimal(999_999_999)  # percent


class GoalNotOpen(Exception):
    """It is a draft or closed: nothing can be added to it."""


@transaction.atomic
def check_in(
    *,
    goal: Goal,
    actor: Employee | None,
    now: datetime,
    percent: Decimal | None = None,
    value: Decimal | None = None,
    note: str = "",
    confidence: str = "",
    key: str = "",
) -> CheckIn:
    """A step of progress, in percent or as a reading in the goal's unit; on a behaviour goal each is one tick.

    `key` makes a double tap one check-in. Raises GoalNotOpen.
    """
    locked = _open(goal)
    if key and (earlier := CheckIn.objects.filter(goal=locked, source_key=key).first()):
        return earlier
    today = local_date(now)
    made: CheckIn = CheckIn.objects.create(
        goal=locked, author=actor, at=now, local_on=today, value=value, note=note, confidence=confidence, source_key=key
    )
    made.percent = _bounded(_progress_after(locked, percent, value, today))
    made.save(update_fields=["percent"])
    if made.percent is not None:
        locked.own_progress = made.percent
    if value is not None:
        locked.last_value = value
    _moved(locked, today)
    record(events.CHECKED_IN, subject=locked, about=locked.owner, actor=actor, at=now)
    return made


@transaction.atomic
def add_evidence(
    *,
    goal: Goal,
    actor: Employee | None,
    now: datetime,
    type: str,
    number: str = "",
    note: str = "",
    key: str = "",
) -> EvidenceItem:
    """A record that shows something happened. Raises GoalNotOpen."""
    locked = _open(goal)
    if key and (earlier := EvidenceItem.objects.filter(goal=locked, source_key=key).first()):
        return earlier
    today = local_date(now)
    made: EvidenceItem = EvidenceItem.objects.create(
        goal=locked, by=actor, at=now, local_on=today, type=type, number=number, note=note, source_key=key
    )
    _moved(locked, today)
    write_matches(today=today, goals=[locked.pk])
    record(events.EVIDENCE_ADDED, subject=locked, about=locked.owner, actor=actor, at=now)
    return made


@transaction.atomic
def comment(*, goal: Goal, actor: Employee | None, now: datetime, text: str, key: str = "") -> Comment:
    """A remark by anybody who may read the goal; it is no sign of progress."""
    if key and (earlier := Comment.objects.filter(goal=goal, source_key=key).first()):
        return earlier
    made: Comment = Comment.objects.create(
        goal=goal, author=actor, at=now, local_on=local_date(now), text=text, source_key=key
    )
    record(events.COMMENTED, subject=goal, about=goal.owner, actor=actor, at=now)
    return made


@transaction.atomic
def tick_milestone(*, milestone: Milestone, done: bool, actor: Employee | None, now: datetime) -> None:
    """Tick a stage off, or take the tick back. Raises GoalNotOpen."""
    locked = _open(milestone.goal)
    today = local_date(now)
    changed = Milestone.objects.filter(pk=milestone.pk, done_on__isnull=done)
    if not changed.update(done_on=today if done else None, done_by=actor if done else None):
        return
    if locked.kind == Kind.MILESTONE:
        locked.own_progress = progress.milestone_progress(_stages(locked))
    if done:
        _moved(locked, today)
    else:
        locked.save(update_fields=["own_progress"])
        roll_up_above([locked.pk])
    record(events.MILESTONE_TICKED, subject=locked, about=locked.owner, actor=actor, at=now, details={"done": done})


def _open(goal: Goal) -> Goal:
    """Locked, so that two devices of one person count one after the other."""
    locked: Goal = Goal.objects.select_for_update(of=["self"]).select_related("owner").get(pk=goal.pk)
    if not locked.is_open:
        raise GoalNotOpen
    return locked


def _moved(goal: Goal, today: date) -> None:
    """The goal showed a sign of life: its alerts are over, and those above it count anew."""
    Goal.objects.filter(pk=goal.pk).update(
        own_progress=goal.own_progress,
        last_value=goal.last_value,
        last_activity_on=Greatest(F("last_activity_on"), today),  # NULL counts as nothing in PostgreSQL
    )
    end_alerts(GoalAlert.objects.filter(goal=goal, state=AlertState.OPEN, rule=AlertRule.STALE), on=today)
    write_standing(today, goal_ids=[goal.pk])
    roll_up_above([goal.pk])


def _progress_after(goal: Goal, percent: Decimal | None, value: Decimal | None, today: date) -> Decimal | None:
    if goal.kind == Kind.BEHAVIOUR and goal.cadence_times:
        ticks = CheckIn.objects.filter(goal=goal, local_on__lte=today).count()
        return progress.cadence_progress(done=ticks, due=ticks_due(goal, today))
    if value is None or not goal.counts_values:
        return percent
    readings = _readings(goal)
    if goal.direction == Direction.HOLD and goal.hold_low is not None and goal.hold_high is not None:
        return progress.hold_progress(readings, low=goal.hold_low, high=goal.hold_high)
    if goal.target is None:
        return percent
    direction = progress.Direction(goal.direction if goal.direction != Direction.HOLD else Direction.RAISE)
    return progress.kpi_progress(readings, target=goal.target, direction=direction, baseline=goal.baseline)


def _bounded(percent: Decimal | None) -> Decimal | None:
    """What the column holds: a reading far off, against a target close to the baseline, passes every bound."""
    return None if percent is None else min(max(percent, -FARTHEST), FARTHEST)


def _readings(goal: Goal) -> list[Decimal]:
    readings = CheckIn.objects.filter(goal=goal, value__isnull=False).order_by("at", "id")
    return [value for value in readings.values_list("value", flat=True) if value is not None]


def ticks_due(goal: Goal, today: date) -> int:
    """Ticks of a behaviour commitment that are due by the end of `today`: of the weeks or months that are over."""
    last = min(today, goal.due_on)
    if goal.cadence_per == Cadence.MONTH:
        months = (last.year - goal.starts_on.year) * 12 + last.month - goal.starts_on.month
        over = months - (last.day < goal.starts_on.day)
    else:
        over = (standing.days_between(goal.starts_on, last) + 1) // 7
    return max(0, over) * (goal.cadence_times or 0)


def _stages(goal: Goal) -> list[progress.Milestone]:
    return [
        progress.Milestone(stage.due_on, stage.weight, done=stage.done_on is not None)
        for stage in Milestone.objects.filter(goal=goal, adopted="")
    ]
