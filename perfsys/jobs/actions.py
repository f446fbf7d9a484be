"""Enqueueing. A job is a row in the caller's transaction: it is there if and only if the rest is."""

from datetime import datetime
from typing import Any

import structlog
from django.db import models, transaction

from .handlers import check_kind
from .models import Job
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


def _insert(kind: str, key: str | models.Func, payload: dict[str, Any] | None, run_after: datetime | None) -> None:
    check_kind(kind)
    context = structlog.contextvars.get_contextvars()
    job = Job(kind=kind, key=key, payload=payload or {}, request_id=str(context.get("request_id", "")))
    if run_after is not None:
        job.run_after = run_after
    Job.objects.bulk_create([job], ignore_conflicts=True)
    transaction.on_commit(poke)
