"""The end of a goal (product.md §2.1, §4.2): its owner says how it ended and what was learned, whoever may close it
settles that, and within the period it can be taken back as a correction.

A person's goal is settled by the direct manager: nobody is the only judge of his own work. The owner's words stand
until then, and where there is no manager above they settle it.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from goals import events
from goals.models import AlertState, Closing, Goal, GoalAlert, Layer, MetricBinding, Obstacle, PeriodState, Status
from goals.queries.bound import held_among, held_goals
from goals.queries.figures import score_of, shown_progress
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from goals.wording import plain
from integrations.actions.outbound import tell_systems, tell_systems_of_many
from integrations.models import EventKind
from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.people.queries import managers_of

from .adjusting import end_requests_about
from .incentives import give_places, take_places_back
from .matching import write_matches
from .rollup import roll_up_above
from .standing import write_standing
from .telling import end_alerts


class GoalNotPublished(Exception):
    """It is a draft, or closed already: look at it as it is now."""


class NothingToSendBack(Exception):
    """Nobody waits for an answer about its end any more: look at it as it is now."""


class NotClosed(Exception):
    """It is open: there is nothing to take back."""


class PeriodIsClosed(Exception):
    """The period is closed: what is wrong in it is put right by a correction of the review."""


@transaction.atomic
def propose_closing(*, goal: Goal, outcome: str, result: str, lesson: str, actor: Employee, now: datetime) -> Closing:
    """The owner says how it ended; the manager is asked to settle it. Said again it replaces what was said. Raises
    GoalNotPublished."""
    locked = _published(goal)
    closing = _of(locked)
    waits = closing.proposed_by_id == actor.pk and closing.closed_at is None
    if waits and (closing.outcome, closing.result, closing.lesson) == (outcome, result, lesson):
        return closing  # a double click
    closing.outcome, closing.result, closing.lesson = outcome, result, lesson
    closing.proposed_at, closing.proposed_by = now, actor
    closing.closed_at = closing.closed_by = None
    closing.save()
    record(events.CLOSING_PROPOSED, subject=locked, about=locked.owner, actor=actor, at=now)
    settle(events.CLOSING_TO_SETTLE, [locked.pk])
    manager = managers_of([locked.owner_id], local_date(now)).get(locked.owner_id) if locked.owner_id else None
    if manager is not None and manager != actor:
        notify(
            events.CLOSING_TO_SETTLE,
            to=manager,
            about=locked.owner,
            subject=locked,
            at=now,
            params={"name": actor.name, "goal": locked.title},
            url=_url("goals:close", locked),
        )
    return closing


@transaction.atomic
def close_goal(*, goal: Goal, outcome: str, result: str, lesson: str, actor: Employee | None, now: datetime) -> Closing:
    """The goal is over: it takes no more check-ins, its alerts end, and a cancelled one carries nothing any more.
    Settles what the owner proposed, where he did. Raises GoalNotPublished."""
    locked = _published(goal)
    closing = _of(locked)
    closing.outcome, closing.result, closing.lesson = outcome, result, lesson
    closing.closed_at, closing.closed_by = now, actor
    closing.save()
    Goal.objects.filter(pk=locked.pk).update(
        status=Status.CLOSED, outcome=outcome, closed_at=now, version=F("version") + 1
    )
    give_places(goal=locked, actor=actor, now=now)
    end_alerts(GoalAlert.objects.filter(goal=locked, state=AlertState.OPEN), on=local_date(now))
    end_requests_about(goal=locked, actor=actor, now=now)
    settle(events.CLOSING_TO_SETTLE, [locked.pk])
    settle(events.OBSTACLE_GIVEN, Obstacle.objects.filter(goal=locked).values_list("pk", flat=True))
    settle(events.FIGURE_CHECKED, MetricBinding.objects.filter(goal=locked).values_list("pk", flat=True))
    roll_up_above([locked.pk])
    write_matches(today=local_date(now), goals=[locked.pk])
    _tell_systems(EventKind.CLOSED, locked, now)
    record(events.GOAL_CLOSED, subject=locked, about=locked.owner, actor=actor, at=now, details={"outcome": outcome})
    _tell_owner(events.CLOSING_SETTLED, locked, actor, now)
    return closing


@transaction.atomic
def send_closing_back(*, goal: Goal, why: str, actor: Employee, now: datetime) -> None:
    """The manager sees it differently and says why; the goal stays open. Raises NothingToSendBack."""
    locked = _locked(goal)
    waiting = Closing.objects.filter(goal=locked, undone_at=None, closed_at=None)
    if not waiting.update(undone_at=now, undone_by=actor, undone_why=why):
        raise NothingToSendBack
    settle(events.CLOSING_TO_SETTLE, [locked.pk])
    record(events.CLOSING_SENT_BACK, subject=locked, about=locked.owner, actor=actor, at=now)
    _tell_owner(events.CLOSING_NOT_YET, locked, actor, now, why=why)


@transaction.atomic
def reopen_goal(*, goal: Goal, why: str, actor: Employee, now: datetime) -> None:
    """A correction: it was closed by mistake, and its period still runs. Its places in running promises are free again.

    The weight of one that was cancelled counts again: where the set is above 100 % by that, its page says so, and no
    draft is published and no weight asked about until it is right. Raises NotClosed, PeriodIsClosed.
    """
    locked = _locked(goal)
    if locked.status != Status.CLOSED:
        raise NotClosed
    if locked.period.state == PeriodState.CLOSED:
        raise PeriodIsClosed
    Goal.objects.filter(pk=locked.pk).update(
        status=Status.PUBLISHED, outcome="", closed_at=None, version=F("version") + 1
    )
    Closing.objects.filter(goal=locked, undone_at=None).update(undone_at=now, undone_by=actor, undone_why=why)
    take_places_back(goal=locked, actor=actor, now=now)
    roll_up_above([locked.pk])
    today = local_date(now)
    write_standing(today, goal_ids=[locked.pk])
    write_matches(today=today, goals=[locked.pk])
    _tell_systems(EventKind.REOPENED, locked, now)
    record(events.GOAL_REOPENED, subject=locked, about=locked.owner, actor=actor, at=now)
    _tell_owner(events.REOPENED, locked, actor, now, why=why)


def _locked(goal: Goal) -> Goal:
    locked: Goal = (
        Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner", "period").get(pk=goal.pk)
    )
    return locked


def _published(goal: Goal) -> Goal:
    locked = _locked(goal)
    if not locked.is_open:
        raise GoalNotPublished
    return locked


def _of(goal: Goal) -> Closing:
    """What was said already; one that a file reopened behind its back is said anew."""
    return Closing.objects.filter(goal=goal, undone_at=None).first() or Closing(goal=goal)


def _tell_owner(kind: str, goal: Goal, actor: Employee | None, now: datetime, why: str = "") -> None:
    """Only where somebody else did it to a person's goal."""
    if goal.layer != Layer.POSITION or goal.owner is None or actor is None or actor.pk == goal.owner_id:
        return
    notify(
        kind,
        to=goal.owner,
        about=goal.owner,
        subject=goal,
        at=now,
        params={"name": actor.name, "goal": goal.title, "why": why},
        url=_url("goals:goal", goal),
    )


def _url(page: str, goal: Goal) -> str:
    return reverse(page, kwargs={"tenant": tenant_slug(), "public_id": goal.public_id})


def tell_of_endings(was: Mapping[int, str], *, now: datetime) -> None:
    """What a file closed or opened again, or the taking back of one: other systems hear of it as of what is done by
    hand. `was` has the status of each goal before, "" for one that is new. One query where nobody listens, else a few
    for each day that goals are judged by."""

    def told() -> Iterator[tuple[EventKind, str, dict[str, Any]]]:
        found = Goal.objects.filter(AnyOf(F("id"), list(was)), is_private=False).select_related("owner", "period")
        ended = [
            goal for goal in found.order_by("pk") if (goal.status == Status.CLOSED) != (was[goal.pk] == Status.CLOSED)
        ]
        zone = tenant_zone()
        days: dict[date, list[int]] = {}
        for goal in ended:
            days.setdefault(_judged_on(goal, zone), []).append(goal.pk)
        held: set[int] = set()
        for on, ids in days.items():
            held.update(held_among(Goal.objects.filter(AnyOf(F("id"), ids)), on))
        for goal in ended:
            kind = EventKind.CLOSED if _is_over(goal) else EventKind.REOPENED
            yield kind, str(goal.public_id), _facts(goal, is_held=goal.pk in held)

    tell_systems_of_many([EventKind.CLOSED, EventKind.REOPENED], told, at=now)


def tell_of_removals(ids: Collection[int], *, now: datetime) -> None:
    """Goals that the taking back of a file is about to remove: those it had brought closed are none any more, which
    other systems hear as of one that is opened again, and without figures. One query where nobody listens."""

    def told() -> Iterator[tuple[EventKind, str, dict[str, Any]]]:
        closed = Goal.objects.filter(AnyOf(F("id"), list(ids)), is_private=False, status=Status.CLOSED)
        for goal in closed.select_related("owner", "period").order_by("pk"):
            goal.outcome = ""
            yield EventKind.REOPENED, str(goal.public_id), _facts(goal, is_held=True)

    if ids:
        tell_systems_of_many([EventKind.REOPENED], told, at=now)


def _is_over(goal: Goal) -> bool:
    return goal.status == Status.CLOSED


def _judged_on(goal: Goal, zone: ZoneInfo) -> date:
    return goal.closed_at.astimezone(zone).date() if goal.closed_at else goal.due_on


def _tell_systems(kind: EventKind, goal: Goal, now: datetime) -> None:
    """Of a private goal no other system hears: it would carry it past those who may read it."""
    if not goal.is_private:
        tell_systems(kind, about=str(goal.public_id), facts=partial(_facts_now, goal), at=now)


def _facts_now(goal: Goal) -> dict[str, Any]:
    goal.refresh_from_db(fields=["outcome", "own_progress", "rolled_progress", "status", "closed_at"])
    return _facts(goal, is_held=held_goals(_judged_on(goal, tenant_zone())).filter(goal=goal).exists())


def _facts(goal: Goal, *, is_held: bool) -> dict[str, Any]:
    """What other systems may be told of it (product.md §5.10): figures, no words. Nobody is scored by a figure that is
    being checked (product.md §5.6)."""
    found = None if is_held else score_of(goal)
    progress = None if is_held else shown_progress(goal)
    return {
        "goal_number": goal.number,
        "period": goal.period.name,
        "owner_no": goal.owner.employee_no if goal.owner else "",
        "outcome": goal.outcome,
        "progress": None if progress is None else plain(progress),
        "score": None if found is None else plain(found.points),
    }
