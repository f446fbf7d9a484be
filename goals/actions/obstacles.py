"""Work on what stands in a goal's way (product.md §2.5)."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from goals import events
from goals.answer_time import work_minutes
from goals.models import Obstacle, ObstacleState
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee

from .goal import StaleVersion

WORKED_ON = ["state", "resolution", "due_on", "helper", "changed_at", "answered_at", "answer_minutes", "version"]


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
) -> None:
    """Say where it stands, until when, and what was done; whoever takes it in hand is its helper, and nobody is once it
    was given back. The goal's owner is told what became of it. Raises StaleVersion."""
    locked: Obstacle = (
        Obstacle.objects.select_for_update(of=["self"]).select_related("goal__owner", "cause").get(pk=obstacle.pk)
    )
    if (locked.state, locked.resolution, locked.due_on) == (state, resolution, due_on):
        return
    if locked.version != version:
        raise StaleVersion
    before = locked.state
    locked.state, locked.resolution, locked.due_on, locked.changed_at = state, resolution, due_on, now
    locked.helper = None if state == ObstacleState.OPEN else actor
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
        details={"obstacle": locked.pk, "state": state},
    )
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


def _tell_the_owner(obstacle: Obstacle, actor: Employee | None, now: datetime) -> None:
    """Once each time it is cleared; a department's goal may have no owner."""
    owner = obstacle.goal.owner
    if owner is None or owner == actor or owner.status != Employee.Status.ACTIVE:
        return
    goal_url = reverse("goals:goal", kwargs={"tenant": tenant_slug(), "public_id": obstacle.goal.public_id})
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
        url=f"{goal_url}#obstacles",
        key=f"{obstacle.pk}:{local_date(now).isoformat()}",
    )
