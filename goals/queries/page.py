"""All that a goal's page shows: reads in a fixed number of queries, whatever the number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Value, Window

from goals import events, progress, standing
from goals.access import Rights, visible_goals
from goals.models import (
    AlertState,
    Alignment,
    CheckIn,
    Closing,
    Comment,
    Goal,
    GoalAlert,
    KeyResult,
    Kind,
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
MOST_STEPS = 12

EVERYBODY_READS = (
    events.GOAL_PUBLISHED,
    events.GOAL_ADJUSTED,
    events.GOAL_CLOSED,
    events.GOAL_REOPENED,
    events.CHECKED_IN,
    events.EVIDENCE_ADDED,
    events.EVIDENCE_GONE,
    events.MILESTONE_TICKED,
    events.ALIGNMENT_CHANGED,
    events.ALIGNMENT_CONFIRMED,
    events.ALIGNMENT_UNCONFIRMED,
    events.SUGGESTION_ADOPTED,
)
LIFE = (
    events.GOAL_DRAFTED,
    events.GOAL_PROPOSED,
    events.GOAL_PUBLISHED,
    events.GOAL_CLOSED,
    events.GOAL_REOPENED,
    events.CLOSING_PROPOSED,
    events.CLOSING_SENT_BACK,
)
KEEPERS_READ = (events.CLOSING_PROPOSED, events.CLOSING_SENT_BACK)
LINES_READ = (events.ALERT_CONFIRMED, events.ALERT_REOPENED, events.OBSTACLE_CHANGED)


@dataclass(frozen=True)
class Point:
    """Progress on a day, where something was said of it, against what was expected then, in percent."""

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
    key_results: list[KeyResult]
    closing: Closing | None  # that stands, or waits to be settled
    life: list[Happening]  # from the first draft on
    alerts: list[GoalAlert]
    history: list[Happening]
    points: list[Point]


def goal_page(who: Viewer, goal: Goal, rights: Rights) -> GoalPage:
    """Fixed in number, whatever there is to show: key results only of an objective, how it ended only where it has or
    may, a level of the path only where one is above."""
    lines, carried_by = _lines_below(who, goal)
    shown = [goal, *(line.child for line in lines)]
    milestones = list(Milestone.objects.filter(goal__in=[one.pk for one in shown]).order_by("due_on", "id"))
    said = CheckIn.objects.filter(goal=goal).select_related("author", "acknowledged_by", "key_result")
    check_ins = list(said.order_by("-at", "-id")[:MOST_CHECK_INS])
    expected = expectations(shown, who.on, [stage for stage in milestones if not stage.adopted])
    own_stages = [stage for stage in milestones if stage.goal_id == goal.pk]
    history, life = _history(goal, rights)
    supports = lines_of(who, goal)
    primary = next((line.parent for line in supports if line.alignment.is_primary), None)
    above = lines_above(who, [goal.pk], {goal.pk: primary}).get(goal.pk, ()) if primary else ()
    return GoalPage(
        supports=supports,
        above=above,
        lines=lines,
        carried_by=carried_by,
        expected=expected,
        milestones=own_stages,
        check_ins=check_ins,
        evidence=piles_of(goal),
        obstacles=_obstacles(goal) if rights.reads_obstacles else [],
        alerts=_alerts(who, goal, rights) if rights.answers_alerts else [],
        key_results=_key_results(goal) if goal.kind == Kind.OBJECTIVE else [],
        closing=closing_of(goal) if not goal.is_open or rights.keeps else None,
        history=history,
        life=life,
        points=_points(goal, check_ins, [stage for stage in own_stages if not stage.adopted], expected),
    )


def has_key_results(goal: Goal) -> bool:
    return goal.kind == Kind.OBJECTIVE and KeyResult.objects.filter(goal=goal, retired_on=None).exists()


def ticks_done(goal: Goal, check_ins: Sequence[CheckIn], on: date) -> int:
    """Counted among the newest that the page reads anyway; asked for only where there may be more of them."""
    if len(check_ins) < MOST_CHECK_INS:
        return sum(one.local_on <= on for one in check_ins)
    return CheckIn.objects.filter(goal=goal, local_on__lte=on).count()


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


def _key_results(goal: Goal) -> list[KeyResult]:
    return list(KeyResult.objects.filter(goal=goal).order_by("id"))


def closing_of(goal: Goal) -> Closing | None:
    """How it ended, or what was said about that and waits to be settled."""
    if goal.is_draft:
        return None
    found = Closing.objects.filter(goal=goal, undone_at=None).select_related("closed_by", "proposed_by")
    closing: Closing | None = found.first()
    return closing


def _history(goal: Goal, rights: Rights) -> tuple[list[Happening], list[Happening]]:
    """The latest lines, what people said among them, and the steps of its life from the first on: one query, as many
    check-ins would push the draft out of sight. Of who drafted and proposed it everybody reads, of what waits for an
    answer its keepers."""
    told_to_all = EVERYBODY_READS + (LINES_READ if rights.reads_obstacles else ())
    steps = [verb for verb in LIFE if rights.keeps or verb not in KEEPERS_READ]
    entries: Any = AuditEntry.objects.filter(
        subject_type=Goal._meta.label_lower, subject_id=goal.pk, verb__in={*told_to_all, *steps}
    )
    entries = entries.annotate(is_step=Q(verb__in=steps), text=Value("")).order_by("-is_step", "-at")
    remarks: Any = Comment.objects.filter(goal=goal).annotate(verb=Value(""))
    rows = entries.values_list("at", "actor_name", "verb", "text")[: MOST_STEPS + MOST_HISTORY].union(
        remarks.order_by("-at").values_list("at", "author__name", "verb", "text")[:MOST_HISTORY], all=True
    )
    happened = [Happening(at, name or "", verb=verb, text=text) for at, name, verb, text in rows]
    told = [one for one in happened if one.verb]
    latest = [one for one in happened if not one.verb or one.verb in told_to_all]
    life = sorted([one for one in told if one.verb in steps] + _unrecorded(goal, told), key=lambda one: one.at)
    return sorted(latest, key=lambda one: one.at, reverse=True)[:MOST_HISTORY], life[-MOST_STEPS:]


def _unrecorded(goal: Goal, told: Sequence[Happening]) -> list[Happening]:
    """Steps of a goal that came from a file: their day is known, and nobody's name."""
    known = {one.verb for one in told}
    steps = ((events.GOAL_PUBLISHED, goal.published_at), (events.GOAL_CLOSED, goal.closed_at))
    return [Happening(at, "", verb=verb) for verb, at in steps if at is not None and verb not in known]


def _points(
    goal: Goal, check_ins: Sequence[CheckIn], stages: Sequence[Milestone], expected: Expectations
) -> list[Point]:
    """From the first day of the goal to its due day, or on to the last thing that happened: what was reached on the
    days on which something was said or ticked (the day's last figure), and the plan a week apart and at its stages."""
    by_day = _ticked(stages) if goal.kind == Kind.MILESTONE else _said(check_ins)
    if not by_day and not stages:
        return []
    by_day.setdefault(goal.starts_on, Decimal(0))
    planned = expected.stages.get(goal.pk)
    work_days = standing.counter(expected.calendar)

    away = goal.spans_away

    def plan(day: date) -> Decimal:
        if planned:
            return progress.expected_by_milestones(day, planned, away)
        return progress.expected_progress(day, start=goal.starts_on, due=goal.due_on, work_days=work_days, away=away)

    last = max([goal.due_on, *by_day, *(stage.due_on for stage in stages)])
    weeks = (last - goal.starts_on).days // 7
    days = {goal.starts_on + timedelta(weeks=n) for n in range(weeks + 1)} | {goal.due_on, last} | set(by_day)
    for stage in stages:  # a plan by stages stands still until the day of each
        days |= {stage.due_on, stage.due_on - timedelta(days=1)}
    return [Point(day, by_day.get(day), plan(day)) for day in sorted(days) if day >= min(by_day)]


def _said(check_ins: Sequence[CheckIn]) -> dict[date, Decimal]:
    return {one.local_on: one.percent for one in reversed(check_ins) if one.percent is not None}


def _ticked(stages: Sequence[Milestone]) -> dict[date, Decimal]:
    """What share of the weights was done, from each day on which a stage was ticked."""
    whole = sum((stage.weight for stage in stages), Decimal(0))
    done, by_day = Decimal(0), {}
    for on, weight in sorted((stage.done_on, stage.weight) for stage in stages if stage.done_on):
        done += weight
        by_day[on] = 100 * done / whole
    return by_day
