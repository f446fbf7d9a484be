"""Work on what stands in a goal's way (product.md §2.5)."""

from datetime import datetime

from django.db import transaction

from goals import events
from goals.models import Obstacle
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .goal import StaleVersion


@transaction.atomic
def work_on_obstacle(
    *, obstacle: Obstacle, version: int, state: str, resolution: str, actor: Employee | None, now: datetime
) -> None:
    """Say where it stands and what was done; whoever takes it in hand is its helper. Raises StaleVersion."""
    locked: Obstacle = Obstacle.objects.select_for_update(of=["self"]).select_related("goal__owner").get(pk=obstacle.pk)
    if (locked.state, locked.resolution) == (state, resolution):
        return
    if locked.version != version:
        raise StaleVersion
    locked.state, locked.resolution, locked.helper, locked.changed_at = state, resolution, actor, now
    locked.version += 1
    locked.save(update_fields=["state", "resolution", "helper", "changed_at", "version"])
    record(
        events.OBSTACLE_CHANGED,
        subject=locked.goal,
        about=locked.goal.owner,
        actor=actor,
        at=now,
        details={"obstacle": locked.pk, "state": state},
    )
