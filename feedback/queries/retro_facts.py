"""What is known of many people's weeks at once, for the questions: a fixed number of queries, as plain values."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from feedback.models import RetroWeek
from feedback.retro import Action, Did, GoalFacts, PersonWeek, Stage
from goals import progress, standing
from goals.models import CheckIn, Goal, Layer, Milestone, Obstacle, ObstacleState, Outcome, Status
from goals.models.trail import Source
from goals.queries.bound import held_among
from goals.queries.evidence import standing_evidence
from goals.queries.figures import calendar_over
from goals.queries.settings import cause_rows

COMMON = 3
NOTHING = Decimal(0)
Rows = list[tuple[Any, ...]]


def weeks_of(
    ids: Sequence[int], week: RetroWeek, began: datetime, on: date, new: Collection[int]
) -> dict[int, PersonWeek]:
    """By employee id, every one of `ids`: from Monday (`began`) to `on`, no later than `week.as_of`. At most nine
    queries."""
    goals = _goals(ids, week, began, on)
    rows = _rows(goals)
    within = goals.values("pk")  # not their ids: 5,000 of them, told four times, took as long as the answers
    stages = _by_goal(
        Milestone.objects.filter(goal__in=within).values_list("goal", "title", "due_on", "weight", "done_on")
    )
    obstacles = _by_goal(
        Obstacle.objects.filter(goal__in=within)
        .exclude(state=ObstacleState.CLEARED)
        .order_by("pk")
        .values_list("goal", "cause__name")
    )
    done = _actions(within, week, on)
    held = set(held_among(goals, on))
    expected = _Expected(rows, on)
    common = [row.cause.name for row in cause_rows(listed=True, most=COMMON)]
    of_person: defaultdict[int, Rows] = defaultdict(list)
    for row in rows:
        of_person[row[2]].append(row)
    return {
        pk: _week(of_person[pk], stages, obstacles, done, expected, common, week, on, held, pk in new) for pk in ids
    }


def _goals(ids: Sequence[int], week: RetroWeek, began: datetime, on: date) -> QuerySet[Goal]:
    """Position goals that run, and those finished this week."""
    finished = Q(status=Status.CLOSED, outcome=Outcome.ACHIEVED, closed_at__range=(began, week.as_of))
    running = Q(period__starts_on__lte=on, period__ends_on__gte=week.monday)
    return Goal.objects.filter(running, Q(status=Status.PUBLISHED) | finished, owner__in=ids, layer=Layer.POSITION)


def _rows(goals: QuerySet[Goal]) -> Rows:
    """Heaviest first: (id, public id, owner, title, starts on, due on, status, own progress, rolled-up progress)"""
    return list(
        goals.order_by("owner", "-weight", "pk").values_list(
            "pk",
            "public_id",
            "owner",
            "title",
            "starts_on",
            "due_on",
            "status",
            "own_progress",
            "rolled_progress",
        )
    )


def _actions(goals: Any, week: RetroWeek, on: date) -> Mapping[int, Rows]:
    """(what, day, text) by goal. What a system measured by itself is nobody's action; stages come with the stages."""
    this_week = {"goal__in": goals, "local_on__range": (week.monday, on), "at__lte": week.as_of}
    check_ins = CheckIn.objects.filter(**this_week).exclude(source=Source.AUTOMATIC)
    evidence = standing_evidence().filter(**this_week).exclude(source=Source.AUTOMATIC)
    found: defaultdict[int, Rows] = defaultdict(list)
    for goal, day, note in check_ins.values_list("goal", "local_on", "note"):
        found[goal].append((Did.CHECK_IN, day, note))
    for goal, day, number, note in evidence.values_list("goal", "local_on", "number", "note"):
        found[goal].append((Did.EVIDENCE, day, number or note))
    return found


class _Expected:
    """Expected progress on a day, worked out once for each span of days."""

    def __init__(self, rows: Rows, on: date) -> None:
        spans = {(row[4], row[5]) for row in rows}
        work_days = standing.counter(calendar_over(list(spans), on))
        self.on = on
        self.by_span = {
            (start, due): progress.expected_progress(on, start=start, due=due, work_days=work_days)
            for start, due in spans
        }

    def of(self, start: date, due: date, stages: Rows) -> Decimal:
        if not stages:
            return self.by_span[start, due]
        planned = (progress.Milestone(stage[2], stage[3], stage[4] is not None) for stage in stages)
        return progress.expected_by_milestones(self.on, planned)


def _week(
    rows: Rows,
    stages: Mapping[int, Rows],
    obstacles: Mapping[int, Rows],
    done: Mapping[int, Rows],
    expected: _Expected,
    common: Sequence[str],
    week: RetroWeek,
    on: date,
    held: Collection[int],
    is_new: bool,
) -> PersonWeek:
    goals, actions, ahead = [], [], []
    for pk, public_id, _owner, title, starts_on, due_on, status, own, rolled in rows:
        goal, is_finished = str(public_id), status == Status.CLOSED
        planned = stages.get(pk, [])
        shown = progress.shown(standing.effective(own, rolled) or NOTHING)
        pace = progress.pace(shown, expected.of(starts_on, due_on, planned))
        goals.append(GoalFacts(goal, title, pace, is_finished, is_held=pk in held))
        actions += [Action(did, goal, day, text) for did, day, text in done.get(pk, ())]
        if is_finished:
            actions.append(Action(Did.FINISHED, goal, on))
        for _goal, stage, stage_due, _weight, done_on in planned:
            if done_on is None:
                ahead.append(Stage(goal, stage, stage_due))
            elif week.monday <= done_on <= on:
                actions.append(Action(Did.MILESTONE, goal, done_on, stage))
    own_obstacles = [name for _goal, name in chain.from_iterable(obstacles.get(row[0], ()) for row in rows)]
    return PersonWeek(goals, actions, ahead, own_obstacles, common, is_new)


def _by_goal(rows: Any) -> Mapping[int, Rows]:
    found: defaultdict[int, Rows] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found
