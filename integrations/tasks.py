"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from integrations.actions import sync as syncing
from integrations.actions import watch as watching
from perfsys.jobs.handlers import Again, Running, own_transactions


def begin_due(*, payload: dict[str, Any], now: datetime) -> None:
    syncing.begin_due(now=now)


def read_deliveries(*, payload: dict[str, Any], now: datetime) -> None:
    syncing.read_deliveries(connection_id=payload["connection"], now=now)


@own_transactions
def sync(*, job: Running, now: datetime) -> Again | None:
    return syncing.run_sync(job, now)


def watch(*, payload: dict[str, Any], now: datetime) -> None:
    watching.watch(now=now)
