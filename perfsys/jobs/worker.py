"""Claiming jobs and running them. Effect and state change are one transaction; whoever lost the lease loses both."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import uniform
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from perfsys.tenancy.scope import all_tenants, use_tenant

from . import rhythm
from .actions import enqueue
from .handlers import Again, LostLease, Running, handler_of
from .models import Job, Occurrence

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
RENEW_EVERY = 30.0  # seconds; a worker that is killed is noticed within LEASE and a reap
BUDGET = timedelta(seconds=60)  # after that nothing new is begun, so a job has the rest of the task's time limit
BACK_OFF = (1, 5, 30, 120)  # minutes
JITTER = 0.2


def work(*, budget: timedelta = BUDGET, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Claim and run jobs until none is due, or the budget is spent; returns whether there may be more."""
    until = clock() + budget
    with Heartbeats() as heartbeats:
        while clock() < until:
            job = claim(now=clock())
            if job is None:
                return False
            with heartbeats.of(job):
                run(job, now=clock())
    return True


def claim(*, now: datetime) -> Running | None:
    """Take the next job, fewest-running tenant first; its attempt is counted, and committed, before it runs."""
    with all_tenants("claim a job") as call:
        found = call("claim_job", now, LEASE, settings.JOBS_PER_TENANT)
    if not found:
        return None
    [(tenant_id, job_id, fence)] = found
    return Running(tenant_id, job_id, fence, kind="", payload={}, renew=renew)


def run(claimed: Running, *, now: datetime) -> None:
    """Run a claimed job. Errors of the handler are written down, not raised; those of the database are raised, and
    the job comes back when its lease ends."""
    with use_tenant(claimed.tenant_id):
        job = _mine(claimed).first()
    if job is None:
        return
    claimed = replace(claimed, kind=job.kind, payload=job.payload)
    with structlog.contextvars.bound_contextvars(
        request_id=job.request_id, tenant=claimed.tenant_id, job=claimed.job_id, kind=claimed.kind
    ):
        try:
            _perform(claimed, now)
        except LostLease:
            log.warning("another worker has taken the job over")
        except Exception as error:
            log.exception("job failed", attempt=job.attempts)
            _failed(claimed, error, now)


def renew(claimed: Running) -> None:
    """Prolong the lease, inside the open scope. Raises LostLease."""
    if not _mine(claimed).update(lease_until=timezone.now() + LEASE):
        raise LostLease


def _perform(claimed: Running, now: datetime) -> None:
    handler = handler_of(claimed.kind)
    if getattr(handler, "own_transactions", False):
        with use_tenant(claimed.tenant_id):
            if _came_too_late(claimed, now):
                return
        outcome = handler(job=claimed, now=now)
        with use_tenant(claimed.tenant_id):
            _finish(claimed, outcome, now)
        return
    with use_tenant(claimed.tenant_id):
        if not _came_too_late(claimed, now):
            _finish(claimed, handler(payload=claimed.payload, now=now), now)


def _came_too_late(claimed: Running, now: datetime) -> bool:
    """The policy for missed times, asked again: the job was queued in time, but the workers were down."""
    schedule = rhythm.schedules_by_kind().get(claimed.kind)
    if schedule is None or "due_at" not in claimed.payload or claimed.payload.get("confirmed"):
        return False
    due_at = datetime.fromisoformat(claimed.payload["due_at"])
    verdict = schedule.missed.verdict(due_at, now)
    if verdict == "queued":
        return False
    Occurrence.objects.filter(kind=claimed.kind, due_at=due_at).update(state=verdict)
    _finish(claimed, None, now)
    return True


def _finish(claimed: Running, outcome: Again | None, now: datetime) -> None:
    """The last statement of the transaction: where the lease is lost, everything before it is undone."""
    if outcome is None:
        done = _mine(claimed).update(state=Job.State.DONE, lease_until=None, finished_at=now, last_error="")
    else:
        done = _mine(claimed).update(
            state=Job.State.READY,
            lease_until=None,
            attempts=0,
            last_error="",
            payload=outcome.payload,
            run_after=now + outcome.after,
        )
    if not done:
        raise LostLease


def _failed(claimed: Running, error: Exception, now: datetime) -> None:
    with use_tenant(claimed.tenant_id):
        job = _mine(claimed).first()
        if job is None:
            return
        job.last_error, job.lease_until = where(error), None
        if job.attempts >= rhythm.AT_MOST_ATTEMPTS:
            job.state = Job.State.DEAD
            if job.kind != rhythm.ALARM:
                enqueue(rhythm.ALARM, str(job.pk), {"job_id": job.pk})
        else:
            job.state = Job.State.READY
            job.run_after = now + timedelta(minutes=BACK_OFF[job.attempts - 1]) * uniform(1, 1 + JITTER)
        changed = {name: getattr(job, name) for name in ("last_error", "lease_until", "state", "run_after")}
        _mine(claimed).update(**changed)


def where(error: BaseException) -> str:
    """`ValueError at goals/health.py:12`: kind and place, and no message, which may quote what somebody wrote."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(str(settings.BASE_DIR)) and "site-packages" not in name:
            place = f" at {name.removeprefix(str(settings.BASE_DIR)).lstrip('/')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _mine(claimed: Running) -> Any:
    return Job.objects.filter(pk=claimed.job_id, fence=claimed.fence, state=Job.State.RUNNING)


class Heartbeats:
    """Renews the lease of the job at hand, from a thread with a connection of its own. Short jobs never see it."""

    def __init__(self, every: float = RENEW_EVERY) -> None:
        self.every = every
        self._current: Running | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Heartbeats":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def of(self, job: Running) -> Iterator[None]:
        self._current = job
        try:
            yield
        finally:
            self._current = None

    def _beat(self) -> None:
        try:
            while not self._stop.wait(self.every):
                if (job := self._current) is not None:
                    self._renew(job)
        finally:
            connection.close()

    def _renew(self, job: Running) -> None:
        try:
            close_old_connections()
            with use_tenant(job.tenant_id):
                renew(job)
        except LostLease:
            pass  # finished a moment ago, or lost: the fence tells the main thread
        except Exception as error:  # the database is away: the next beat, or the lease's end, decides
            log.warning("the lease could not be renewed", reason=type(error).__name__)
