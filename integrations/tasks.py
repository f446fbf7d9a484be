"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from integrations.actions import behaviour, disputes, outbound, texting
from integrations.actions import figures as counting
from integrations.actions import reconciliation as comparing
from integrations.actions import sync as syncing
from integrations.actions import watch as watching
from perfsys.common.files import ASK_AGAIN
from perfsys.jobs.handlers import Again, Running, own_transactions


def begin_due(*, payload: dict[str, Any], now: datetime) -> None:
    """Every few minutes: by their schedules, and what was sent to us and left."""
    syncing.begin_due(now=now)
    syncing.read_overlooked(now=now)


def read_deliveries(*, payload: dict[str, Any], now: datetime) -> None:
    syncing.read_deliveries(connection_id=payload["connection"], now=now)


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


def look_at_behaviour(*, payload: dict[str, Any], now: datetime) -> None:
    """Each morning: records that a rule finds at rest."""
    behaviour.look(now=now)


@own_transactions
def deliver(*, job: Running, now: datetime) -> Again | None:
    """After something was written for other systems, and every few minutes what is due again."""
    return outbound.deliver(job, now)


@own_transactions
def send_texts(*, job: Running, now: datetime) -> Again | None:
    """After an alarm, and every few minutes what is due again."""
    return texting.send_due(job, now)


def tell_of_people(*, payload: dict[str, Any], now: datetime) -> None:
    """Every few minutes: what is different about people."""
    outbound.tell_of_people(now=now)


def figures(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return counting.after_sync(payload=payload, now=now)


def metric(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return counting.compute_all(payload=payload, now=now)


def metrics(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return counting.each_night(payload=payload, now=now)


def forget_old_messages(*, payload: dict[str, Any], now: datetime) -> None:
    """Each night."""
    outbound.forget_old(now=now)
    texting.forget_old(now=now)


def remove_orphans(*, payload: dict[str, Any], now: datetime) -> None:
    """Each night: files that no dispute names. By itself: a storage that cannot be reached keeps nothing else back."""
    disputes.remove_orphans(now=now)


def scan_proof(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """What was handed in, before anybody may open it."""
    is_to_wait = disputes.scan(public_id=payload["file"], now=now)
    return Again(payload, after=ASK_AGAIN) if is_to_wait else None
