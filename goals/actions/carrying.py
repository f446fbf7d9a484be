"""Goals carried over into another period, for one person or for a whole company."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from goals import events
from goals.carrying import Days, moved
from goals.models import (
    Alignment,
    CarryOver,
    Goal,
    KeyResult,
    Layer,
    Milestone,
    Obstacle,
    ObstacleState,
    Outcome,
    Period,
    Status,
)
from goals.queries.carrying import candidates, successors, why_left
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record, record_many
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import notify
from perfsys.people.models import Employee
from perfsys.people.queries import primary_units
from perfsys.tenancy.rows import Row, insert_rows

from .goal import next_numbers
from .matching import look_for_matches

STEP = 2_000  # goals a transaction
AT_ONCE = 200  # as many are done while the page is asked for

KEPT = [
    "title",
    "layer",
    "kind",
    "owner_id",
    "weight",
    "is_core",
    "is_private",
    "measure",
    "unit_of_measure",
    "baseline",
    "target",
    "hold_low",
    "hold_high",
    "direction",
    "cadence_times",
    "cadence_per",
    "delivers",
    "scoring",
    "scoring_figure",
    "evidence_type",
    "evidence_number",
    "evidence_plan",
    "evidence_label",
    "made_from_id",
    "extra",
]
KEPT_OF_RESULT = ["title", "measure", "unit_of_measure", "baseline", "target", "direction", "weight"]


@transaction.atomic
def carry_over(
    *, goals: Sequence[int], from_period: Period, into: Period, actor: Employee | None, now: datetime
) -> CarryOver:
    """Have drafts made of `goals`, by id; few of them at once, many by a job. Asked twice, nothing is made twice."""
    run: CarryOver = CarryOver.objects.create(
        from_period=from_period, into_period=into, by=actor, goals=list(goals), asked_at=now
    )
    if len(goals) > AT_ONCE:
        enqueue("goals.carry", key=f"{run.pk}", payload={"run": run.pk})
    else:
        _hold_drafts(run, run.goals, is_last=True)
        while carry_some(run_id=run.pk, now=now):
            continue
    record(events.GOALS_CARRIED, subject=run, actor=actor, at=now, details={"n": len(goals), "into": into.name})
    run.refresh_from_db()
    return run


@transaction.atomic
@writing_in_bulk()
def carry_some(*, run_id: int, now: datetime) -> bool:
    """A step of it; whether there is more to do. Goals are written first, so that each finds the one it supports."""
    run: CarryOver = (
        CarryOver.objects.select_for_update(of=("self",))
        .select_related("from_period", "into_period", "by")
        .get(pk=run_id)
    )
    if run.finished_at is not None:
        return False
    number = len(run.goals)
    is_written = run.done >= 2 * number
    if not is_written:
        _go_on(run, now)
    # To tell thousands is a step of its own, for which nobody who writes in the period has to wait.
    if is_written or (run.done >= 2 * number and number <= STEP):
        _finish(run, now)
    run.save(update_fields=["done", "made", "left", "finished_at"])
    return run.finished_at is None


def _go_on(run: CarryOver, now: datetime) -> None:
    number = len(run.goals)
    is_writing = run.done < number
    start = run.done if is_writing else run.done - number
    chunk = run.goals[start : start + STEP]
    is_last = not is_writing and start + len(chunk) >= number
    if not is_writing:
        _hold_drafts(run, chunk, is_last=is_last)
    # Two runs at once: the second sees the first one's.
    Period.objects.select_for_update(no_key=True).get(pk=run.into_period_id)
    plan_anew()
    if is_writing:
        made = _write(run, chunk, now)
        run.made += made
        run.left += len(chunk) - made
    else:
        _align(run, chunk)
    run.done += len(chunk)
    if is_last and run.made:
        _align_earlier(run)


def _hold_drafts(run: CarryOver, ids: Sequence[int], *, is_last: bool) -> None:
    """Lock what may get lines, before the period: whoever publishes holds the goals first, and then counts them there.
    Two or three queries."""
    held = set(_going_on(run, ids).filter(parents=None).values_list("pk", flat=True))
    if is_last:
        held.update(_loose(run).values_list("pk", flat=True))
    locked = Goal.objects.filter(AnyOf(F("id"), sorted(held))).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk", flat=True))


def _write(run: CarryOver, ids: Sequence[int], now: datetime) -> int:
    chosen = Goal.objects.filter(AnyOf(F("id"), list(ids)))
    found = candidates(chosen)
    left = why_left(found, run.into_period)
    come = [one.pk for one in found if one.pk not in left]
    goals = list(
        Goal.objects.filter(AnyOf(F("id"), come)).order_by("pk").values("pk", "unit_id", "starts_on", "due_on", *KEPT)
    )
    owners = [goal["owner_id"] for goal in goals if goal["layer"] == Layer.POSITION]
    unit_of = primary_units(owners, local_date(now))
    before, after = _days(run.from_period), _days(run.into_period)
    rows = []
    for number, goal in zip(next_numbers(len(goals)) if goals else [], goals, strict=True):
        unit = unit_of.get(goal["owner_id"]) if goal["layer"] == Layer.POSITION else None
        rows.append(
            {name: goal[name] for name in KEPT}
            | {
                "number": number,
                "unit_id": (unit.pk if unit else None) if goal["layer"] == Layer.POSITION else goal["unit_id"],
                "starts_on": moved(goal["starts_on"], before, after),
                "due_on": moved(goal["due_on"], before, after),
                "carried_from_id": goal["pk"],
            }
        )
    same = {"period_id": run.into_period_id, "made_at": now}
    made = dict(insert_rows(Goal, rows, returning=["carried_from_id", "id"], same=same))
    _write_parts(made, before, after)
    return len(made)


def _write_parts(made: dict[int, int], before: Days, after: Days) -> None:
    """Stages that are still ahead, all of them of a goal that was achieved: it begins anew. Obstacles that are still
    there; nobody works on them in the new period yet."""
    carried = list(made)
    ahead = Q(done_on=None) | Q(goal__outcome=Outcome.ACHIEVED)
    stages = Milestone.objects.filter(ahead, AnyOf(F("goal_id"), carried), adopted="").order_by("pk")
    insert_rows(
        Milestone,
        [
            {"goal_id": made[goal], "title": title, "weight": weight, "due_on": moved(due_on, before, after)}
            for goal, title, weight, due_on in stages.values_list("goal_id", "title", "weight", "due_on")
        ],
    )
    results = KeyResult.objects.filter(AnyOf(F("goal_id"), carried), retired_on=None).order_by("pk")
    listed = results.values("goal_id", *KEPT_OF_RESULT)
    insert_rows(KeyResult, [{**result, "goal_id": made[result["goal_id"]]} for result in listed])
    ahead_of = Obstacle.objects.filter(AnyOf(F("goal_id"), carried)).exclude(state=ObstacleState.CLEARED)
    pairs = ahead_of.order_by("pk").values_list("goal_id", "cause_id")
    insert_rows(Obstacle, [{"goal_id": made[goal], "cause_id": cause} for goal, cause in pairs])


def _align(run: CarryOver, ids: Sequence[int]) -> None:
    """What they supported, as it goes on there; a draft that supports something already keeps it."""
    made = dict(_going_on(run, ids).filter(parents=None).values_list("carried_from_id", "pk"))
    lines: Any = (
        Alignment.objects.filter(AnyOf(F("child_id"), list(made)))
        .order_by("child_id", "-is_primary", "pk")
        .values("child_id", "parent_id", "is_primary", "contribution", "split")
    )
    into = run.into_period
    above = successors({line["parent_id"] for line in lines}, into, (into.starts_on, into.ends_on))
    insert_rows(Alignment, list(_drawn(lines, made, above)), ignore_conflicts=True)


def _going_on(run: CarryOver, ids: Sequence[int]) -> QuerySet[Goal]:
    return Goal.objects.filter(AnyOf(F("carried_from_id"), list(ids)), period=run.into_period)


def _loose(run: CarryOver) -> QuerySet[Goal]:
    loose = Goal.objects.filter(period=run.into_period, status=Status.DRAFT, parents=None, made_at__lt=run.asked_at)
    return loose.exclude(carried_from=None).exclude(layer=Layer.COMPANY)


def _drawn(lines: Iterable[Row], made: dict[int, int], above: dict[int, int]) -> Iterable[Row]:
    for line in lines:
        child, parent = made[line["child_id"]], above.get(line["parent_id"])
        if parent is not None and parent != child:
            yield {**line, "child_id": child, "parent_id": parent}


def _align_earlier(run: CarryOver) -> None:
    """Drafts that came before the goals above them, by a run of somebody else, support those now."""
    ids = [goal.carried_from_id for goal in _loose(run).only("carried_from").order_by("pk") if goal.carried_from_id]
    for start in range(0, len(ids), STEP):
        _align(run, ids[start : start + STEP])


def _finish(run: CarryOver, now: datetime) -> None:
    run.finished_at = now
    if not run.made:
        return
    look_for_matches()
    drafts = Goal.objects.filter(
        AnyOf(F("carried_from_id"), run.goals), period=run.into_period, made_at__gte=run.asked_at
    )
    owners = drafts.filter(layer=Layer.POSITION).values("owner")
    told = [one for one in Employee.objects.filter(pk__in=owners) if one.pk != run.by_id]
    record_many(events.GOALS_CARRIED, subjects=[(run, one) for one in told], actor=run.by, at=now)
    period = run.into_period
    if told:
        notify(
            events.DRAFTS_TO_COMPLETE,
            to=told,
            at=now,
            subject=run,
            params={"name": run.by.name if run.by else "", "period": period.name},
            url=reverse("goals:publish", kwargs={"tenant": tenant_slug()}) + f"?{urlencode({'period': period.name})}",
            key=f"carried {run.pk}",
        )


def _days(period: Period) -> Days:
    return Days(period.starts_on, period.ends_on)
