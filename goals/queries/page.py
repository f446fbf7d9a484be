"""All that a goal's page shows: reads in a fixed number of queries, whatever the number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Value, Window

from goals import events, progress, standing
from goals.access import Rights, visible_goals
from goals.models import (
    AlertState,
    Alignment,
    CheckIn,
    Comment,
    Goal,
    GoalAlert,
    Milestone,
    Obstacle,
    Status,
)
from goals.queries.evidence import Pile, piles_of
from goals.queries.figures import Expectations, expectations
from goals.queries.lines import lines_above
from goals.queries.match import Line, lines_of
from perfsys.audit.models import AuditEntry
from perfsys.people.access import Viewer

MOST_CHILDREN = 50
MOST_CHECK_INS = 200
MOST_HISTORY = 20

EVERYBODY_READS = (
    events.GOAL_PUBLISHED,
    events.GOAL_CLOSED,
    events.CHECKED_IN,
    events.EVIDENCE_ADDED,
    events.EVIDENCE_GONE,
    events.MILESTONE_TICKED,
    events.ALIGNMENT_CHANGED,
    events.ALIGNMENT_CONFIRMED,
    events.ALIGNMENT_UNCONFIRMED,
    events.SUGGESTION_ADOPTED,
)
LINES_READ = (events.ALERT_CONFIRMED, events.ALERT_REOPENED, events.OBSTACLE_CHANGED)


@dataclass(frozen=True)
class Point:
    """Progress on a day against what was expected then, in percent."""

    on: date
    actual: Decimal | None
    expected: Decimal


@dataclass(frozen=True)
class Happening:
    """A line of the history: a verb of the record, or a remark in somebody's words."""

    at: datetime
    name: str
    verb: str = ""
    text: str = ""


@dataclass(frozen=True)
class GoalPage:
    supports: list[Line]
    above: tuple[Goal, ...]
    lines: list[Alignment]  # from the goals that carry it, `child` with owner and unit
    carried_by: int
    expected: Expectations
    milestones: list[Milestone]
    check_ins: list[CheckIn]  # newest first
    evidence: list[Pile]
    obstacles: list[Obstacle]
    alerts: list[GoalAlert]
    history: list[Happening]
    points: list[Point]


def goal_page(who: Viewer, goal: Goal, rights: Rights) -> GoalPage:
    """Fourteen queries at most."""
    lines, carried_by = _lines_below(who, goal)
    shown = [goal, *(line.child for line in lines)]
    milestones = list(Milestone.objects.filter(goal__in=[one.pk for one in shown]).order_by("due_on", "id"))
    check_ins = list(CheckIn.objects.filter(goal=goal).select_related("author").order_by("-at", "-id")[:MOST_CHECK_INS])
    supports = lines_of(who, goal)
    primary = next((line.parent for line in supports if line.alignment.is_primary), None)
    above = lines_above(who, [goal.pk], {goal.pk: primary}).get(goal.pk, ()) if primary else ()
    expected = expectations(shown, who.on, [stage for stage in milestones if not stage.adopted])
    return GoalPage(
        supports=supports,
        above=above,
        lines=lines,
        carried_by=carried_by,
        expected=expected,
        milestones=[stage for stage in milestones if stage.goal_id == goal.pk],
        check_ins=check_ins,
        evidence=piles_of(goal),
        obstacles=_obstacles(goal) if rights.reads_obstacles else [],
        alerts=_alerts(who, goal, rights) if rights.answers_alerts else [],
        history=_history(goal, rights),
        points=_points(goal, check_ins, expected),
    )


def _lines_below(who: Viewer, goal: Goal) -> tuple[list[Alignment], int]:
    """What carries most first, and how many there are in all. Sorted before owners and units are read: a company's
    goal is carried by thousands."""
    found = Alignment.objects.filter(parent=goal)
    first = _heaviest(found)
    if first and first[0][2]:  # who may read those that are hidden is a longer question
        first = _heaviest(found.filter(child__in=visible_goals(who)))
    lines = Alignment.objects.select_related("child__owner", "child__unit").in_bulk([pk for pk, _, _ in first])
    return [lines[pk] for pk, _, _ in first], first[0][1] if first else 0


def _heaviest(lines: QuerySet[Alignment]) -> list[tuple[int, int, int]]:
    """Of the first lines the id; with each how many there are, and how many of them not everybody may read."""
    hidden = Q(child__status=Status.DRAFT) | Q(child__is_private=True)
    counted: Any = lines.annotate(whole=Window(Count("pk")), hidden=Window(Count("pk", filter=hidden)))
    in_order = counted.order_by("-contribution", "-child__weight", "pk")
    return list(in_order.values_list("pk", "whole", "hidden")[:MOST_CHILDREN])


def _obstacles(goal: Goal) -> list[Obstacle]:
    return list(Obstacle.objects.filter(goal=goal).select_related("cause", "helper").order_by("id"))


def _alerts(who: Viewer, goal: Goal, rights: Rights) -> list[GoalAlert]:
    alerts = GoalAlert.objects.filter(goal=goal).filter(
        Q(state=AlertState.OPEN) | Q(state=AlertState.CONFIRMED, quiet_until__gt=who.on)
    )
    if not rights.is_owner:
        alerts = alerts.filter(told_lines_on__isnull=False)
    return list(alerts.select_related("goal__owner").order_by("-opened_on", "-pk"))


def _history(goal: Goal, rights: Rights) -> list[Happening]:
    verbs = EVERYBODY_READS + (LINES_READ if rights.reads_obstacles else ())
    entries = AuditEntry.objects.filter(subject_type=Goal._meta.label_lower, subject_id=goal.pk, verb__in=verbs)
    remarks = Comment.objects.filter(goal=goal)
    nothing = Value("", output_field=CharField())
    told = entries.annotate(text=nothing).values_list("at", "actor_name", "verb", "text")
    said = remarks.annotate(verb=nothing).values_list("at", "author__name", "verb", "text")
    newest = told.union(said, all=True).order_by("-at")[:MOST_HISTORY]
    return [Happening(at, name or "", verb, text) for at, name, verb, text in newest]


def _points(goal: Goal, check_ins: Sequence[CheckIn], expected: Expectations) -> list[Point]:
    """One a day, the day's last figure, from the first day of the goal."""
    by_day = {goal.starts_on: Decimal(0)}
    for one in reversed(check_ins):
        if one.percent is not None:
            by_day[one.local_on] = one.percent
    if len(by_day) < 2:
        return []
    stages = expected.stages.get(goal.pk)
    work_days = standing.counter(expected.calendar)

    def planned(day: date) -> Decimal:
        if stages:
            return progress.expected_by_milestones(day, stages)
        return progress.expected_progress(day, start=goal.starts_on, due=goal.due_on, work_days=work_days)

    return [Point(day, by_day[day], planned(day)) for day in sorted(by_day)]
