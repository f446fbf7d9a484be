"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from integrations.actions import disputes
from integrations.actions import figures as counting
from integrations.actions import reconciliation as comparing
from integrations.actions import sync as syncing
from integrations.actions import watch as watching
from perfsys.jobs.handlers import Again, Running, own_transactions


def begin_due(*, payload: dict[str, Any], now: datetime) -> None:
    syncing.begin_due(now=now)


@own_transactions
def sync(*, job: Running, now: datetime) -> Again | None:
    return syncing.run_sync(job, now)


def watch(*, payload: dict[str, Any], now: datetime) -> None:
    watching.watch(now=now)


def reconcile(*, payload: dict[str, Any], now: datetime) -> None:
    comparing.reconcile_due(now=now)


def reconcile_pair(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return comparing.compare_some(payload, now=now)


def remind_of_disputes(*, payload: dict[str, Any], now: datetime) -> None:
    disputes.tell_of_overdue(now=now)


def figures(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return counting.after_sync(payload=payload, now=now)


def metric(*, payload: dict[str, Any], now: datetime) -> None:
    counting.compute_all(payload=payload, now=now)


def metrics(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return counting.each_night(payload=payload, now=now)
