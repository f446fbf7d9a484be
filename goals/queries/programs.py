"""What programs ask for beside what pages show: what has changed since, and the parts of one goal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from goals.models import CheckIn, EvidenceItem, Goal, GoalEvent, KeyResult, Kind, Milestone

from .evidence import standing_evidence

NARROWS = {
    "period": "period__public_id",
    "owner": "owner__public_id",
    "unit": "unit__public_id",
    "layer": "layer",
    "status": "status",
    "health": "health",
}


def narrowed(goals: QuerySet[Goal], wanted: Mapping[str, Any]) -> QuerySet[Goal]:
    """With period, owner and unit; by the filters of the API."""
    found = goals.filter(**{NARROWS[name]: value for name, value in wanted.items() if name in NARROWS})
    since = wanted.get("updated_since")
    return (changed_since(found, since) if since else found).select_related("period", "owner", "unit")


def changed_since(goals: QuerySet[Goal], moment: datetime) -> QuerySet[Goal]:
    """Written, published, adjusted, closed; or checked in on, which moves figures that the history leaves out."""
    events: Any = GoalEvent.objects
    written = events.filter(pgh_created_at__gte=moment).values("pgh_obj_id")
    return goals.filter(Q(pk__in=written) | Q(pk__in=CheckIn.objects.filter(at__gte=moment).values("goal")))


def check_ins_of(goal: Goal) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(goal=goal).select_related("author", "key_result")


def evidence_of(goal: Goal) -> QuerySet[EvidenceItem]:
    return standing_evidence().filter(goal=goal)


def key_results_of(goal: Goal) -> list[KeyResult]:
    """Those that count."""
    standing = KeyResult.objects.filter(goal=goal, retired_on=None).order_by("pk")
    return list(standing) if goal.kind == Kind.OBJECTIVE else []


def milestones_of(goal: Goal) -> list[Milestone]:
    return list(Milestone.objects.filter(goal=goal).order_by("due_on", "pk"))
