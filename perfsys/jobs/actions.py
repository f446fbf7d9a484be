"""Enqueueing, and what people decide about jobs. A job is a row in the caller's transaction: it is there if and only
if the rest is."""

from datetime import datetime
from typing import Any

import structlog
from django.db import models, transaction

from perfsys.audit.actions import Person, record

from . import events
from .handlers import check_kind
from .models import Job, Occurrence
from .wake import poke


def enqueue(kind: str, key: str, payload: dict[str, Any] | None = None, run_after: datetime | None = None) -> None:
    """Have `kind` done once for `key`, not before `run_after`. The same kind and key again, done or not, is nothing.

    `payload` holds ids and dates, no texts. Raises UnknownKind. A worker is woken at commit; should Redis be down,
    the tick finds the row within 30 s.
    """
    _insert(kind, key, payload, run_after)


def enqueue_once_per_transaction(kind: str, payload: dict[str, Any] | None = None) -> None:
    """For work that looks for itself what there is to do: however often one transaction asks, it gets one job."""
    _insert(kind, models.Func(function="pg_current_xact_id", output_field=models.CharField()), payload, None)


@transaction.atomic
def retry(job: Job, *, actor: Person | None, now: datetime) -> bool:
    """Have a dead job tried again, with five new attempts; False where somebody else has decided meanwhile."""
    return _decide(job, events.JOB_RETRIED, actor, now, state=Job.State.READY, attempts=0, run_after=now)


@transaction.atomic
def discard(job: Job, *, actor: Person | None, now: datetime) -> bool:
    """Drop a dead job; False where somebody else has decided meanwhile."""
    return _decide(job, events.JOB_DISCARDED, actor, now, state=Job.State.DISCARDED, finished_at=now)


@transaction.atomic
def run_late(occurrence: Occurrence, *, actor: Person | None, now: datetime) -> bool:
    """Let a run take place that came too late to start by itself (product.md §6.5: scoring asks first after 24 h);
    False where it already did."""
    waiting = Occurrence.objects.filter(pk=occurrence.pk, state=Occurrence.State.WAITING)
    if not waiting.update(state=Occurrence.State.QUEUED):
        return False
    due_at = occurrence.due_at.isoformat()
    enqueue(occurrence.kind, f"{due_at} confirmed", {"due_at": due_at, "confirmed": True})
    record(events.LATE_RUN_CONFIRMED, subject=occurrence, actor=actor, at=now)
    return True


def _decide(job: Job, verb: str, actor: Person | None, now: datetime, **changes: Any) -> bool:
    if not Job.objects.filter(pk=job.pk, state=Job.State.DEAD).update(**changes):
        return False
    record(verb, subject=job, actor=actor, at=now, details={"kind": job.kind, "error": job.last_error})
    transaction.on_commit(poke)
    return True


def _insert(kind: str, key: str | models.Func, payload: dict[str, Any] | None, run_after: datetime | None) -> None:
    check_kind(kind)
    context = structlog.contextvars.get_contextvars()
    job = Job(kind=kind, key=key, payload=payload or {}, request_id=str(context.get("request_id", "")))
    if run_after is not None:
        job.run_after = run_after
    Job.objects.bulk_create([job], ignore_conflicts=True)
    transaction.on_commit(poke)
