"""Work on what stands in a goal's way (product.md §2.5)."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from goals import events
from goals.answer_time import work_minutes
from goals.models import Obstacle, ObstacleState
from goals.queries.obstacles import may_help
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee

from .goal import StaleVersion

WORKED_ON = ["state", "resolution", "due_on", "helper", "changed_at", "answered_at", "answer_minutes", "version"]


class NotForThem(Exception):
    """The goal is a draft or private, and they do not read it: name its owner, a manager above or the HR partner."""


@transaction.atomic
def work_on_obstacle(
    *,
    obstacle: Obstacle,
    version: int,
    state: str,
    resolution: str,
    actor: Employee | None,
    now: datetime,
    due_on: date | None = None,
    helper: Employee | None = None,
) -> None:
    """Say where it stands, until when, and what was done. `helper` works on it and is told so, else whoever takes it in
    hand; nobody does once it was given back. The goal's owner is told what became of it. Raises StaleVersion, and
    NotForThem for a helper who may not read the goal."""
    locked: Obstacle = (
        Obstacle.objects.select_for_update(of=["self"])
        .select_related("goal__owner", "cause", "helper")
        .get(pk=obstacle.pk)
    )
    helper = None if state == ObstacleState.OPEN else helper or actor
    said = (state, resolution, due_on, helper)
    if (locked.state, locked.resolution, locked.due_on, locked.helper) == said:
        return
    if locked.version != version:
        raise StaleVersion
    if helper not in {actor, locked.helper} and not may_help(locked.goal, helper, local_date(now)):
        raise NotForThem
    before, helped = locked.state, locked.helper
    locked.state, locked.resolution, locked.due_on, locked.helper = said
    locked.changed_at = now
    if state != ObstacleState.OPEN and locked.answered_at is None and actor != locked.goal.owner:
        _measure_answer(locked, now)
    locked.version += 1
    locked.save(update_fields=WORKED_ON)
    record(
        events.OBSTACLE_CHANGED,
        subject=locked.goal,
        about=locked.goal.owner,
        actor=actor,
        at=now,
        details={"obstacle": locked.pk, "state": state, "helper": helper.pk if helper else None},
    )
    if state != ObstacleState.IN_HAND or helper != helped:
        settle(events.OBSTACLE_GIVEN, [locked.pk])
    if state == ObstacleState.IN_HAND and helper not in {actor, helped}:
        _tell_the_helper(locked, helper, actor, now)
    if state == ObstacleState.CLEARED != before:
        _tell_the_owner(locked, actor, now)
    elif state != ObstacleState.CLEARED == before:
        settle(events.OBSTACLE_CLEARED, [locked.pk])


def _measure_answer(obstacle: Obstacle, now: datetime) -> None:
    """From the day the goal was published: before that nobody could see what stands in its way."""
    asked = obstacle.goal.published_at
    if asked is None:
        return
    zone = tenant_zone()
    calendar = calendar_for(asked.astimezone(zone).date(), now.astimezone(zone).date())
    obstacle.answered_at, obstacle.answer_minutes = now, work_minutes(asked, now, zone=zone, calendar=calendar)


def _tell_the_helper(obstacle: Obstacle, helper: Employee | None, actor: Employee | None, now: datetime) -> None:
    if helper is None:
        return
    notify(
        events.OBSTACLE_GIVEN,
        to=helper,
        about=obstacle.goal.owner,
        subject=obstacle,
        at=now,
        params={"name": actor.name if actor else "", "cause": obstacle.cause.name, "goal": obstacle.goal.title},
        url=_url(obstacle),
    )


def _url(obstacle: Obstacle) -> str:
    of_goal = {"tenant": tenant_slug(), "public_id": obstacle.goal.public_id}
    return f"{reverse('goals:goal', kwargs=of_goal)}#obstacles"


def _tell_the_owner(obstacle: Obstacle, actor: Employee | None, now: datetime) -> None:
    """Once each time it is cleared; a department's goal may have no owner."""
    owner = obstacle.goal.owner
    if owner is None or owner == actor or owner.status != Employee.Status.ACTIVE:
        return
    notify(
        events.OBSTACLE_CLEARED,
        to=owner,
        about=owner,
        subject=obstacle,
        at=now,
        params={
            "name": actor.name if actor else "",
            "cause": obstacle.cause.name,
            "goal": obstacle.goal.title,
            "words": obstacle.resolution,
        },
        url=_url(obstacle),
        key=f"{obstacle.pk}:{local_date(now).isoformat()}",
    )
