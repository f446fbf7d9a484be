"""One goal handed down to many people: a draft for each that supports it (product.md §2.3)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from goals import events
from goals.cascading import parts
from goals.models import (
    Alignment,
    Cascade,
    Goal,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Period,
    Share,
)
from goals.queries.cascading import days_of, why_left
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record, record_many
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import notify
from perfsys.people.models import Employee
from perfsys.people.queries import primary_units
from perfsys.tenancy.rows import Row, insert_rows

from .carrying import KEPT_OF_RESULT
from .goal import next_numbers
from .matching import look_for_matches

STEP = 2_000  # people a transaction
AT_ONCE = 200  # as many are served while the page is asked for

SAME = ["kind", "measure", "unit_of_measure", "direction", "delivers", "scoring", "scoring_figure", "evidence_type"]
FIGURES = ["hold_low", "hold_high", "cadence_times", "cadence_per"]


class NotOpen(Exception):
    """It is a draft still, or closed: only what is published is handed down."""


@transaction.atomic
def cascade(
    *,
    goal: Goal,
    people: Sequence[int],
    period: Period,
    title: str,
    share: str,
    weight: Decimal | None,
    actor: Employee | None,
    now: datetime,
) -> Cascade:
    """Have a draft made for each of `people`, by id; for few of them at once, for many by a job. Asked twice, nobody
    gets two. Raises NotOpen."""
    if not Goal.objects.select_for_update(no_key=True).get(pk=goal.pk).is_open:
        raise NotOpen
    run: Cascade = Cascade.objects.create(
        goal=goal,
        period=period,
        title=title,
        share=share,
        weight=weight,
        by=actor,
        people=list(people),
        asked_at=now,
    )
    if len(people) > AT_ONCE:
        enqueue("goals.cascade", key=f"{run.pk}", payload={"run": run.pk})
    else:
        while cascade_some(run_id=run.pk, now=now):
            continue
    record(events.GOAL_CASCADED, subject=goal, actor=actor, at=now, details={"n": len(people), "share": share})
    run.refresh_from_db()
    return run


@transaction.atomic
@writing_in_bulk()
def cascade_some(*, run_id: int, now: datetime) -> bool:
    """The next people of it; whether there are more."""
    run: Cascade = (
        Cascade.objects.select_for_update(of=("self",))
        .select_related("goal__period", "goal__unit", "period", "by")
        .get(pk=run_id)
    )
    if run.finished_at is not None:
        return False
    number = len(run.people)
    is_written = run.done >= number
    if not is_written:
        _go_on(run, now)
    # To tell thousands is a step of its own, for which nobody who writes in the period has to wait.
    if is_written or (run.done >= number and number <= STEP):
        _finish(run, now)
    run.save(update_fields=["done", "made", "left", "finished_at"])
    return run.finished_at is None


def _go_on(run: Cascade, now: datetime) -> None:
    # Two runs at once: the second sees the first one's.
    Period.objects.select_for_update(no_key=True).get(pk=run.period_id)
    plan_anew()
    chunk = run.people[run.done : run.done + STEP]
    made = _write(run, chunk, now)
    run.made += made
    run.left += len(chunk) - made
    run.done += len(chunk)


def _write(run: Cascade, chunk: Sequence[int], now: datetime) -> int:
    left = why_left(run.goal, chunk, run.period, run.title)
    here = Employee.objects.filter(AnyOf(F("id"), list(chunk)), status=Employee.Status.ACTIVE)
    come = set(here.values_list("pk", flat=True)) - set(left)
    places = [place for place, one in enumerate(chunk, start=run.done) if one in come]
    unit_of = primary_units(list(come), local_date(now))
    starts_on, due_on = days_of(run.goal, run.period.starts_on, run.period.ends_on)
    figures = _figures(run)
    rows: list[Row] = []
    for number, place in zip(next_numbers(len(places)) if places else [], places, strict=True):
        owner = run.people[place]
        unit = unit_of.get(owner)
        target, baseline = figures[place]
        said: Row = {"number": number, "owner_id": owner, "unit_id": unit.pk if unit else None}
        rows.append(said | {"target": target, "baseline": baseline})
    goal = run.goal
    same: Row = {name: getattr(goal, name) for name in SAME}
    if run.share != Share.OPEN:
        same |= {name: getattr(goal, name) for name in FIGURES}
    same |= {"period_id": run.period_id, "layer": Layer.POSITION, "title": run.title, "weight": run.weight}
    same |= {"starts_on": starts_on, "due_on": due_on, "made_at": now, "is_aligned": True}
    made = [pk for (pk,) in insert_rows(Goal, rows, returning=["id"], same=same)]
    line: Row = {"parent_id": goal.pk, "is_primary": True}
    insert_rows(Alignment, [{"child_id": child} for child in made], same=line)
    _write_parts(run, made)
    return len(made)


def _figures(run: Cascade) -> list[tuple[Decimal | None, Decimal | None]]:
    """Target and baseline of each of the people."""
    goal, number = run.goal, len(run.people)
    if run.share == Share.SPLIT:
        return list(zip(parts(goal.target, number), parts(goal.baseline, number), strict=True))
    one = (goal.target, goal.baseline) if run.share == Share.EQUAL else (None, None)
    return [one] * number


def _write_parts(run: Cascade, made: Sequence[int]) -> None:
    """Stages that are still ahead, and what an objective is measured by."""
    goal = run.goal
    if goal.kind == Kind.MILESTONE:
        ahead = Milestone.objects.filter(goal=goal, done_on=None, adopted="").order_by("due_on", "pk")
        stages = list(ahead.values("title", "weight", "due_on"))
        insert_rows(Milestone, [{**stage, "goal_id": one} for one in made for stage in stages])
    if goal.kind == Kind.OBJECTIVE and run.share == Share.EQUAL:
        standing = KeyResult.objects.filter(goal=goal, retired_on=None).order_by("pk")
        results = list(standing.values(*KEPT_OF_RESULT))
        insert_rows(KeyResult, [{**result, "goal_id": one} for one in made for result in results])


def _finish(run: Cascade, now: datetime) -> None:
    """One notice a person, however many steps it took."""
    run.finished_at = now
    if not run.made:
        return
    look_for_matches()
    drafts = Goal.objects.filter(AnyOf(F("owner_id"), run.people), period=run.period, parents__parent=run.goal)
    owners = drafts.filter(made_at__gte=run.asked_at).values("owner")
    told = [one for one in Employee.objects.filter(pk__in=owners) if one.pk != run.by_id]
    record_many(events.GOAL_CASCADED, subjects=[(run.goal, one) for one in told], actor=run.by, at=now)
    if told:
        notify(
            events.DRAFTS_TO_COMPLETE,
            to=told,
            at=now,
            subject=run.goal,
            params={"name": run.by.name if run.by else run.goal.title, "period": run.period.name},
            url=reverse("goals:publish", kwargs={"tenant": tenant_slug()})
            + f"?{urlencode({'period': run.period.name})}",
            key=f"cascade {run.pk}",
        )
