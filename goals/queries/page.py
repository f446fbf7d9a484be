"""All that a goal's page shows: reads in a fixed number of queries, whatever the number of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window

from goals import events, progress, standing
from goals.access import Rights, may_promise, readable_of, visible_goals
from goals.models import (
    IN_WORDS,
    AdjustmentRequest,
    AlertState,
    Alignment,
    CheckIn,
    Closing,
    Comment,
    Goal,
    GoalAlert,
    KeyResult,
    Kind,
    MetricBinding,
    Milestone,
    Obstacle,
    Status,
)
from goals.queries.adjusting import open_requests_of
from goals.queries.bound import Mark, marks_of, open_bindings
from goals.queries.evidence import Pile, piles_of, read_times, streams_read
from goals.queries.figures import Expectations, expectations
from goals.queries.incentives import Promise, promise_rows, promises_of
from goals.queries.lines import alignments_up, paths
from goals.queries.match import Line, lines_among
from goals.queries.proposals import Trail, proposal_rows, trails_of
from integrations.models import EvidenceType
from perfsys.audit.models import AuditEntry
from perfsys.common.beside import Beside, Figures, Rows, beside
from perfsys.people.access import Viewer, anybody
from perfsys.tenancy.prepared import prepared, with_only

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
    events.PROPOSAL_SENT,
    events.PROPOSAL_PROVED,
    events.PROPOSAL_WITHDRAWN,
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
CARRIES = (  # what is told of a goal that carries this one
    "public_id",
    "title",
    "status",
    "kind",
    "starts_on",
    "due_on",
    "away",
    "health",
    "own_progress",
    "rolled_progress",
    "owner",
    "unit",
)
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
    requests: list[AdjustmentRequest]  # for a change of it, not answered yet
    promises: list[Promise]
    proposals: list[Trail]
    history: list[Happening]
    points: list[Point]
    bindings: list[MetricBinding]  # its own, and those of its key results; each with them and its metric
    marks: Mapping[int, Mark]  # of goals that carry it, by id


def goal_page(who: Viewer, goal: Goal, rights: Rights) -> GoalPage:
    """Five queries, whatever there is to show: what stands on the goal, its evidence, the goals above, how well it
    supports them, the calendar. Four where nothing is above; one more where goals carry it, three where a figure of
    theirs comes from a metric, and one where a goal above is not everybody's to read."""
    promises = may_promise(goal, rights)
    found = _found(who, goal, rights)
    first = found["first"]
    carrying: dict[str, list[Any]] = {"lines": [], "stages": []}
    if any(one["hidden"] for one in first):  # who may read those is a longer question
        readable_below = Alignment.objects.filter(parent=goal.pk, child__in=visible_goals(who))
        row = Goal.objects.filter(pk=goal.pk)
        carrying = beside(row, first=_first_of(readable_below), **_told_of(_heaviest(readable_below)))
        first = carrying["first"]
    elif first:
        carrying = _carrying(goal.pk, tuple(one["pk"] for one in first))
    place = {one["pk"]: number for number, one in enumerate(first)}
    lines = sorted(carrying["lines"], key=lambda line: place[line.pk])
    check_ins, obstacles = found["check_ins"], found.get("obstacles", [])
    for one in found.get("alerts", []):
        one.goal = goal
    up = alignments_up([goal.pk])
    readable = readable_of(who, [one.parent for one in up])
    shown = [goal, *(line.child for line in lines)]
    own_stages = found["stages"]
    expected = expectations(shown, who.on, [stage for stage in (*own_stages, *carrying["stages"]) if not stage.adopted])
    history, life = _history(goal, rights, found["entries"], found["remarks"])
    return GoalPage(
        supports=lines_among(
            goal, [one for one in up if one.child_id == goal.pk and one.parent_id in readable], who.on
        ),
        above=paths([goal.pk], up, readable).get(goal.pk, ()),
        lines=lines,
        carried_by=max((one["whole"] for one in first), default=0),
        expected=expected,
        milestones=own_stages,
        check_ins=check_ins,
        evidence=piles_of(goal, read_times(found["streams"])),
        obstacles=obstacles,
        alerts=found.get("alerts", []),
        requests=found.get("requests", []),
        promises=promises_of(who, goal, found, readable, keeps=promises),
        proposals=trails_of(goal, found),
        key_results=found.get("key_results", []),
        closing=next(iter(found["closings"]), None) if not goal.is_open or rights.keeps else None,
        history=history,
        life=life,
        points=_points(goal, check_ins, [stage for stage in own_stages if not stage.adopted], expected),
        bindings=_bound(goal, found),
        marks=marks_of([line.child for line in lines], who.on) if carrying.get("bound") else {},
    )


def _found(who: Viewer, goal: Goal, rights: Rights) -> dict[str, list[Any]]:
    number = goal.evidence_number if goal.evidence_type == EvidenceType.PROPOSAL else ""
    if who.employee_id is None:
        asked = _beside(who, goal, rights)
        return asked.read(asked.queryset)
    return _prepared_beside(
        goal.pk,
        who.employee_id,
        who.on,
        number,
        kind=goal.kind,
        layer=goal.layer,
        status=goal.status,
        evidence_type=goal.evidence_type if number else "",
        rights=rights,
    )


def _beside(who: Viewer, goal: Goal, rights: Rights) -> Beside:
    """All that is asked with one statement. Of the goal it reads no more than `_prepared_beside` names."""
    lists = _standing(who, goal, rights) | _told(goal, rights)
    lists |= promise_rows(who, goal, keeps=may_promise(goal, rights)) | proposal_rows(goal)
    stages = Rows(Milestone.objects.filter(goal=goal.pk).order_by("due_on", "id"))
    first = _first_of(Alignment.objects.filter(parent=goal.pk))
    return Beside(Goal.objects.filter(pk=goal.pk), **lists, stages=stages, first=first)


@prepared
def _prepared_beside(
    goal: int,
    reader: int,
    on: date,
    number: str,
    *,
    kind: str,
    layer: str,
    status: str,
    evidence_type: str,
    rights: Rights,
) -> Beside:
    any_goal = with_only(
        Goal,
        id=goal,
        kind=kind,
        layer=layer,
        status=status,
        evidence_type=evidence_type,
        evidence_number=number if evidence_type else "",
    )
    return _beside(anybody(reader, 0, on), any_goal, rights)


@prepared
def _carrying(goal: int, lines: tuple[int, ...]) -> Beside:
    return Beside(Goal.objects.filter(pk=goal), **_told_of(Alignment.objects.filter(parent=goal, pk__in=lines)))


def _bound(goal: Goal, found: Mapping[str, Any]) -> list[MetricBinding]:
    """Of key results those that count."""
    results: dict[int | None, KeyResult] = {one.pk: one for one in found.get("key_results", []) if one.is_standing}
    bindings = [one for one in found.get("bindings", []) if one.key_result_id is None or one.key_result_id in results]
    for one in bindings:
        one.goal, one.key_result = goal, results.get(one.key_result_id)
    return bindings


def has_key_results(goal: Goal) -> bool:
    return goal.kind == Kind.OBJECTIVE and KeyResult.objects.filter(goal=goal, retired_on=None).exists()


def ticks_done(goal: Goal, check_ins: Sequence[CheckIn], on: date) -> int:
    """Counted among the newest that the page reads anyway; asked for only where there may be more of them."""
    if len(check_ins) < MOST_CHECK_INS:
        return sum(one.local_on <= on and one.is_tick for one in check_ins)
    return CheckIn.objects.filter(goal=goal, local_on__lte=on).exclude(IN_WORDS).count()


def _heaviest(lines: QuerySet[Alignment]) -> QuerySet[Alignment]:
    in_order = (F("contribution").desc(nulls_last=True), F("child__weight").desc(nulls_last=True), "pk")
    return lines.order_by(*in_order)[:MOST_CHILDREN]


def _first_of(lines: QuerySet[Alignment]) -> Figures:
    """What carries most first, each with how many there are in all and how many of them not everybody may read. One
    pass over them: a company's goal is carried by thousands."""
    hidden = Q(child__status=Status.DRAFT) | Q(child__is_private=True)
    counted = lines.annotate(whole=Window(Count("pk")), hidden=Window(Count("pk", filter=hidden)))
    return Figures(_heaviest(counted), "pk", "whole", "hidden")


def _told_of(shown: QuerySet[Alignment]) -> dict[str, Rows | Figures]:
    """The goals of these with owner and unit, in no order, their stages, and which of them a metric measures."""
    lines = Alignment.objects.filter(pk__in=shown.values("pk"))
    stages = Milestone.objects.filter(goal__in=shown.values("child"))
    return {
        "lines": Rows(lines, child=CARRIES, child__owner=("name",), child__unit=("name",)),
        "stages": Rows(stages.order_by("due_on", "id")),
        "bound": Figures(open_bindings().filter(goal__in=shown.values("child")), "pk"),
    }


def _standing(who: Viewer, goal: Goal, rights: Rights) -> dict[str, Rows]:
    """What stands on the goal, as far as the reader may know of it."""
    found = {"streams": streams_read()}
    if goal.kind in (Kind.KPI, Kind.OBJECTIVE):
        found["bindings"] = Rows(
            open_bindings().filter(goal=goal.pk).order_by("pk"),
            definition=("public_id", "name", "owner", "interpreter"),
        )
    if goal.kind == Kind.OBJECTIVE:
        found["key_results"] = Rows(KeyResult.objects.filter(goal=goal.pk).order_by("id"))
    said = Closing.objects.filter(goal=goal.pk, undone_at=None)
    found["closings"] = Rows(said, closed_by=("name",), proposed_by=("name",))
    obstacles = Obstacle.objects.filter(goal=goal.pk).order_by("id")
    if not rights.reads_obstacles:  # who helps with one reads that one
        obstacles = obstacles.filter(helper=who.employee_id) if who.employee_id else obstacles.none()
    found["obstacles"] = Rows(obstacles, cause=("name",), helper=("name",))
    if rights.reads_obstacles:
        found["requests"] = Rows(open_requests_of(goal.pk), "public_id", "state", "waits_for")
    if rights.answers_alerts:
        alerts = GoalAlert.objects.filter(goal=goal.pk).filter(
            Q(state=AlertState.OPEN) | Q(state=AlertState.CONFIRMED, quiet_until__gt=who.on)
        )
        alerts = alerts if rights.is_owner else alerts.filter(told_lines_on__isnull=False)
        found["alerts"] = Rows(alerts.order_by("-opened_on", "-pk"))
    return found


def _told(goal: Goal, rights: Rights) -> dict[str, Rows]:
    """The newest check-ins and remarks, and of the record the steps of its life before the latest lines."""
    said = CheckIn.objects.filter(goal=goal.pk).order_by("-at", "-id")[:MOST_CHECK_INS]
    of_goal = AuditEntry.objects.filter(subject_type=Goal._meta.label_lower, subject_id=goal.pk)
    entries: Any = of_goal.filter(verb__in={*_told_to(rights), *_steps_for(rights)})
    entries = entries.alias(is_step=Q(verb__in=_steps_for(rights))).order_by("-is_step", "-at")
    remarks = Comment.objects.filter(goal=goal.pk).order_by("-at")[:MOST_HISTORY]
    return {
        "check_ins": Rows(said, author=("name",), acknowledged_by=("name",), key_result=("title", "unit_of_measure")),
        "entries": Rows(entries[: MOST_STEPS + MOST_HISTORY], "at", "actor_name", "verb"),
        "remarks": Rows(remarks, "at", "text", author=("name",)),
    }


def closing_of(goal: Goal) -> Closing | None:
    """How it ended, or what was said about that and waits to be settled."""
    if goal.is_draft:
        return None
    found = Closing.objects.filter(goal=goal, undone_at=None).select_related("closed_by", "proposed_by")
    closing: Closing | None = found.first()
    return closing


def _history(
    goal: Goal, rights: Rights, entries: Sequence[AuditEntry], remarks: Sequence[Comment]
) -> tuple[list[Happening], list[Happening]]:
    """The latest lines, what people said among them, and the steps of its life from the first on: many check-ins would
    push the draft out of sight. Of who drafted and proposed it everybody reads, of what waits for an answer its
    keepers."""
    told = [Happening(one.at, one.actor_name, verb=one.verb) for one in entries]
    said = [Happening(one.at, one.author.name if one.author else "", text=one.text) for one in remarks]
    latest = [one for one in told if one.verb in _told_to(rights)] + said
    steps = [one for one in told if one.verb in _steps_for(rights)]
    life = sorted(steps + _unrecorded(goal, told), key=lambda one: one.at)
    return sorted(latest, key=lambda one: one.at, reverse=True)[:MOST_HISTORY], life[-MOST_STEPS:]


def _told_to(rights: Rights) -> tuple[str, ...]:
    return EVERYBODY_READS + (LINES_READ if rights.reads_obstacles else ())


def _steps_for(rights: Rights) -> list[str]:
    return [verb for verb in LIFE if rights.keeps or verb not in KEEPERS_READ]


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
