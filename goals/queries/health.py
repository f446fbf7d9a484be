"""Stale and idle goals, asked of the database as a set; `goals.health` states the same rules over values."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from goals.health import STALE_DAYS, month_span
from goals.models import Alignment, CheckIn, Goal, Kind, Layer, Milestone, ResourceLine, Status
from goals.queries.evidence import standing_evidence
from goals.suggestions import Missing


def signs_of_life() -> tuple[tuple[QuerySet[Any], str], ...]:
    """What shows that somebody works on a goal, and the column with its day."""
    return (
        (CheckIn.objects.all(), "local_on"),
        (standing_evidence(), "local_on"),
        (Milestone.objects.all(), "done_on"),
    )


def watched_goals() -> QuerySet[Goal]:
    """Published, unfinished position goals: what health is about (product.md §2.8)."""
    return Goal.objects.filter(layer=Layer.POSITION, status=Status.PUBLISHED)


def stale_goals(day: date, days: int = STALE_DAYS) -> QuerySet[Goal]:
    """Published before `day` - `days` and without a sign of life in [`day` - `days`, `day`]; later ones are ignored."""
    first = day - timedelta(days=days)
    found = watched_goals().filter(published_on__lt=first)
    for signs, on in signs_of_life():
        found = found.exclude(Exists(signs.filter(goal=OuterRef("pk"), **{f"{on}__range": (first, day)})))
    return found


def idle_goals(month: date, as_of: date) -> QuerySet[Goal]:
    """No resource and no check-in in the month of `month`, looked at on `as_of` (product.md §6.2)."""
    first, last = month_span(month, as_of)
    if last < first:
        return Goal.objects.none()
    used = ResourceLine.objects.filter(Q(planned__gt=0) | Q(actual__gt=0), goal=OuterRef("pk"))
    used = used.filter(Q(month=None) | Q(month=first))
    check_ins = CheckIn.objects.filter(goal=OuterRef("pk"), local_on__range=(first, last))
    return watched_goals().filter(published_on__lte=last).exclude(Exists(used)).exclude(Exists(check_ins))


def with_last_activity(goals: QuerySet[Goal], day: date) -> QuerySet[Goal]:
    """Adds `active_on`: the last sign of life up to `day`, or None."""
    latest = [
        Subquery(
            signs.filter(goal=OuterRef("pk"), **{f"{on}__lte": day})
            .order_by()
            .values("goal")
            .annotate(latest=Max(on))
            .values("latest")
        )
        for signs, on in signs_of_life()
    ]
    return goals.annotate(active_on=Greatest(*latest))


def missing_on(goal_ids: Collection[int]) -> dict[int, set[Missing]]:
    """What each of the goals lacks, for its suggestions. One query."""
    of_goal: Any = Goal.objects.filter(pk__in=goal_ids).annotate(
        has_stages=Exists(Milestone.objects.filter(goal=OuterRef("pk"))),
        has_evidence=Exists(standing_evidence().filter(goal=OuterRef("pk"))),
        has_parent=Exists(Alignment.objects.filter(child=OuterRef("pk"))),
    )
    found = {}
    for goal in of_goal:
        has = {
            Missing.STAGES: goal.has_stages,
            Missing.EVIDENCE: goal.has_evidence,
            Missing.MEASURE: goal.kind != Kind.KPI or goal.counts_values,
            Missing.PARENT: goal.has_parent,
        }
        found[goal.pk] = {what for what, is_there in has.items() if not is_there}
    return found


def health_report(as_of: date, months: list[date]) -> dict[str, Any]:
    """The figures of `manage.py goal_health`: goal numbers, sorted as text."""
    return {
        "stale": sorted(stale_goals(as_of).values_list("number", flat=True)),
        "idle": {
            f"{month:%Y-%m}": sorted(idle_goals(month, as_of).values_list("number", flat=True)) for month in months
        },
    }
