"""What happens on a published goal: check-ins, ticks, evidence, comments, milestones."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from goals import events, progress
from goals.models import (
    AlertRule,
    AlertState,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    KeyResult,
    Kind,
    Layer,
    Milestone,
)
from goals.queries.bound import binding_of, is_held
from goals.queries.counting import key_result_progress, share_of
from goals.queries.settings import local_date
from integrations.models import EvidenceType
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .imported_check_ins import retell
from .matching import write_matches
from .own_progress import keep_away, keep_cadences, keep_objectives, progress_after, readings_of
from .rollup import roll_up_above
from .standing import write_standing
from .telling import end_alerts

UNDO_WITHIN = timedelta(hours=24)  # as long as a feedback can be withdrawn


class GoalNotOpen(Exception):
    """It is a draft or closed: nothing can be added to it."""


class FigureIsMeasured(Exception):
    """Its figure comes from a metric, and people tell none; with proof they do, while the metric is on hold."""


class TooLate(Exception):
    """It stands since yesterday: say what is right in the next check-in."""


class OwnCheckIn(Exception):
    """Nobody acknowledges what he said himself."""


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
    key_result: KeyResult | None = None,
    proof: str = "",
) -> CheckIn:
    """A step of progress, in percent or as a reading in the unit of the goal or of one `key_result` of it; on a
    behaviour goal one without words is a tick.

    `key` makes a double tap one check-in. `proof` is where the figure can be seen, and stands on the goal as evidence.
    Raises GoalNotOpen, FigureIsMeasured.
    """
    locked = _open(goal)
    if key_result is not None:
        key_result = _standing(locked, key_result)
    if key and (earlier := CheckIn.objects.filter(goal=locked, source_key=key).first()):
        return earlier
    today = local_date(now)
    if value is not None or percent is not None:
        _refuse_unproved(locked, key_result, proof, today)
    made: CheckIn = CheckIn.objects.create(
        goal=locked,
        key_result=key_result,
        author=actor,
        at=now,
        local_on=today,
        value=value,
        note=note,
        confidence=confidence,
        source_key=key,
    )
    if locked.layer == Layer.POSITION and keep_away([locked.pk]):
        locked.refresh_from_db(fields=["away"])
    if key_result is not None:
        made.percent = _result_after(locked, key_result, value, today)
    else:
        made.percent = progress_after(locked, percent, value, today)
        locked.last_value = locked.last_value if value is None else value
    made.save(update_fields=["percent"])
    if made.percent is not None:
        locked.own_progress = made.percent
    _moved(locked, today)
    record(events.CHECKED_IN, subject=locked, about=locked.owner, actor=actor, at=now)
    if proof:
        add_evidence(goal=locked, actor=actor, now=now, type=EvidenceType.REPORT, note=proof, key=key)
    return made


def _refuse_unproved(goal: Goal, result: KeyResult | None, proof: str, today: date) -> None:
    """Product.md §2.6."""
    binding = binding_of(goal, result)
    if binding is not None and not (proof and is_held(binding, today)):
        raise FigureIsMeasured


@transaction.atomic
def take_back_tick(*, tick: CheckIn, actor: Employee, now: datetime) -> None:
    """A mistap on a commitment: its author undoes it within a day, and it is as if it had not been. Raises GoalNotOpen,
    TooLate."""
    locked = _open(tick.goal)
    if now - tick.at > UNDO_WITHIN:
        raise TooLate
    if not CheckIn.objects.filter(pk=tick.pk).delete()[0]:
        return
    today = local_date(now)
    Goal.objects.filter(pk=locked.pk).update(own_progress=None)
    retell([locked.pk], today)
    keep_cadences(today, [locked.pk])
    write_standing(today, goal_ids=[locked.pk])
    roll_up_above([locked.pk])
    record(events.TICK_TAKEN_BACK, subject=locked, about=locked.owner, actor=actor, at=now)


@transaction.atomic
def acknowledge_check_in(*, check_in: CheckIn, actor: Employee, now: datetime) -> None:
    """The manager has seen it, and the owner sees that. Said twice it is said once. Raises OwnCheckIn."""
    if check_in.author_id == actor.pk:
        raise OwnCheckIn
    unseen = CheckIn.objects.filter(pk=check_in.pk, acknowledged_at=None)
    if unseen.update(acknowledged_at=now, acknowledged_by=actor):
        goal = check_in.goal
        record(events.CHECK_IN_SEEN, subject=goal, about=goal.owner, actor=actor, at=now)


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
    evidence_moved(locked, today)
    record(events.EVIDENCE_ADDED, subject=locked, about=locked.owner, actor=actor, at=now)
    return made


def evidence_moved(goal: Goal, today: date) -> None:
    """It has one piece of evidence more, and is locked: a sign of life, and part of how well it is aligned."""
    _moved(goal, today)
    write_matches(today=today, goals=[goal.pk])


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
        retell([locked.pk], today)  # it was no sign of life
        locked.save(update_fields=["own_progress"])
        write_standing(today, goal_ids=[locked.pk])
        roll_up_above([locked.pk])
    record(events.MILESTONE_TICKED, subject=locked, about=locked.owner, actor=actor, at=now, details={"done": done})


def _open(goal: Goal) -> Goal:
    """Locked, so that two devices of one person count one after the other."""
    locked: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=goal.pk)
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


def retell_figures(goal: Goal, today: date) -> bool:
    """After its target or range has changed: what its readings come to now; whether it has any. Saves nothing."""
    if goal.last_value is None or not goal.counts_values:
        return False
    goal.own_progress = progress_after(goal, goal.own_progress, goal.last_value, today)
    return True


def _standing(goal: Goal, result: KeyResult) -> KeyResult:
    """As it is now that its objective is locked: an adjustment may have changed or retired it. Raises GoalNotOpen."""
    found: KeyResult | None = KeyResult.objects.filter(pk=result.pk, retired_on=None).first()
    if found is None:
        raise GoalNotOpen
    found.goal = goal
    return found


def _result_after(goal: Goal, result: KeyResult, value: Decimal | None, today: date) -> Decimal | None:
    """Keep where the key result stands; where its objective does with it."""
    if value is None:
        return None
    result.last_value = value
    result.progress = key_result_progress(result, readings_of(goal, result, today), share_of(goal))
    result.save(update_fields=["last_value", "progress"])
    keep_objectives([goal.pk])
    return Goal.objects.values_list("own_progress", flat=True).get(pk=goal.pk)


def _stages(goal: Goal) -> list[progress.Milestone]:
    return [
        progress.Milestone(stage.due_on, stage.weight, done=stage.done_on is not None)
        for stage in Milestone.objects.filter(goal=goal, adopted="")
    ]
