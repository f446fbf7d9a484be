"""Drafts of one or of a team on one page, to be changed together."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from goals.models import Goal, GoalEvent, Layer, Outcome, Period
from perfsys.common.bulk import AnyOf


def in_order(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Each owner's together."""
    return goals.select_related("owner").order_by("owner__name_key", "owner_id", "pk")


def weights_elsewhere(goals: Collection[Goal], period: Period) -> dict[int, Decimal]:
    """By owner, what his goals that are not among these weigh together: published ones, and those of other pages."""
    owners = {goal.owner_id for goal in goals}
    standing = Goal.objects.filter(AnyOf(F("owner_id"), list(owners)), period=period, layer=Layer.POSITION)
    others = standing.exclude(outcome=Outcome.CANCELLED).exclude(pk__in=[goal.pk for goal in goals])
    summed: Any = others.order_by().values_list("owner_id").annotate(sum=Sum("weight"))
    return {owner: weight or Decimal(0) for owner, weight in summed}


def as_seen(goals: Iterable[Goal], versions: Mapping[int, int], columns: Collection[str]) -> dict[int, dict[str, Any]]:
    """By goal, what its columns were in the version that somebody has before him. One query."""
    manager: Any = GoalEvent.objects
    ids = [goal.pk for goal in goals]
    if not ids:
        return {}
    kept = manager.filter(AnyOf(F("pgh_obj_id"), ids), version__in=set(versions.values())).order_by("pgh_id")
    return {
        row["pgh_obj_id"]: {name: row[name] for name in columns}
        for row in kept.values("pgh_obj_id", "version", *columns)
        if versions[row["pgh_obj_id"]] == row["version"]
    }
