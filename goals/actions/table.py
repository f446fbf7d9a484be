"""Many drafts changed in one go, out of a table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from goals import events
from goals.models import Goal
from goals.queries.settings import local_date
from perfsys.audit.actions import record_many
from perfsys.common.bulk import AnyOf
from perfsys.people.models import Employee
from perfsys.tenancy.rows import update_rows

from .imported_rows import plain
from .matching import look_again


@dataclass(frozen=True)
class RowEdit:
    """`said` by column; all edits of one call name the same columns. `version` is what the editor saw."""

    goal: int
    version: int
    said: Mapping[str, Any]


@transaction.atomic
def edit_rows(*, edits: Collection[RowEdit], actor: Employee | None, now: datetime) -> set[int]:
    """Save those that are drafts still, and as they were seen; gives their ids. The others stay as they are."""
    locked = Goal.objects.filter(AnyOf(F("id"), [one.goal for one in edits])).select_related("owner").order_by("pk")
    standing = {goal.pk: goal for goal in locked.select_for_update(of=("self",), no_key=True)}
    good = [one for one in edits if one.goal in standing and _is_as_seen(standing[one.goal], one.version)]
    update_rows(
        Goal,
        [
            {"id": one.goal, "version": one.version + 1, **{name: plain(value) for name, value in one.said.items()}}
            for one in good
        ],
        same={"proposed_at": None, "proposed_by_id": None},  # what was proposed is no longer what stands there
    )
    saved = {one.goal for one in good}
    if saved:
        look_again(saved, today=local_date(now))
    ours = [standing[pk] for pk in sorted(saved)]
    record_many(events.GOAL_EDITED, subjects=[(goal, goal.owner) for goal in ours], actor=actor, at=now)
    return saved


def _is_as_seen(goal: Goal, version: int) -> bool:
    return goal.is_draft and goal.version == version
