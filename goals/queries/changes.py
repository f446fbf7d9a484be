"""What became of a goal between two versions, for whoever was writing meanwhile."""

from typing import Any

from goals.models import Goal, GoalEvent
from goals.wording import COLUMNS, told_column


def changed_since(goal: Goal, version: int) -> list[dict[str, str]]:
    """Label, what it was in `version`, what it is now; of the goal's own columns. One query."""
    versions: Any = GoalEvent.objects
    then = versions.filter(pgh_obj_id=goal.pk, version=version).order_by("-pgh_id").first()
    if then is None:
        return []
    return [
        {"label": str(label), "was": told_column(then, name), "now": told_column(goal, name)}
        for name, label in COLUMNS.items()
        if getattr(then, name) != getattr(goal, name)
    ]
