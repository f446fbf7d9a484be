"""Valkey and PostgreSQL die with work under way: each job's effect is there once, and none is missing."""

import signal
import threading
import time
from itertools import count

import pytest
from django.db import InterfaceError, OperationalError, connections

from perfsys.jobs.models import Job
from perfsys.tenancy.scope import use_tenant

from .conftest import QUICK, TENANTS, Ground


@pytest.fixture(autouse=True)
def kinds(settings) -> None:
    settings.JOB_HANDLERS = {**settings.JOB_HANDLERS, "faults.mark": "tests.faults.handlers.mark"}


def put(numbers: range) -> None:
    """A job for each number in each company, as a request leaves it: the broker hears of it only by the clock."""
    for tenant_id in TENANTS:
        with use_tenant(tenant_id):
            Job.objects.bulk_create([Job(kind="faults.mark", key=str(n), payload={"n": n}) for n in numbers])


def all_done(ground: Ground, jobs: int) -> bool:
    return len(ground.jobs(kind="faults.mark", state=Job.State.DONE)) == jobs


def some_done(ground: Ground, least: int) -> bool:
    return len(ground.jobs(kind="faults.mark", state=Job.State.DONE)) >= least


def test_valkey_is_killed_and_comes_back_empty_while_jobs_wait(ground: Ground) -> None:
    put(range(30))
    with ground.worker(settings=QUICK, concurrency=2) as worker, ground.beat() as beat:
        ground.until(lambda: some_done(ground, 6), worker, beat)
        ground.broker.kill()
        put(range(30, 40))  # whoever saves something meanwhile does not notice
        time.sleep(2)
        assert not all_done(ground, 80)
        ground.broker.start()
        ground.let_leases_end()  # of tasks that the worker gave up with its connection
        ground.until(lambda: all_done(ground, 80), worker, beat)
        assert worker.process.poll() is None and beat.process.poll() is None
    assert ground.days() == [40, 40]
    assert not [job.last_error for job in ground.jobs() if job.last_error]


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_postgresql_goes_away_under_load(ground: Ground, sig: int) -> None:
    """Two workers' processes and a writer go on through two of its deaths. What the writer was told is saved stays."""
    saved: list[tuple[int, int]] = []
    enough = threading.Event()

    def write() -> None:
        for n in count():
            if enough.is_set():
                break
            for tenant_id in TENANTS:
                while not written(tenant_id, n):
                    time.sleep(0.05)
                saved.append((tenant_id, n))
            time.sleep(0.05)
        connections.close_all()

    def written(tenant_id: int, n: int) -> bool:
        try:
            with use_tenant(tenant_id):
                Job.objects.bulk_create(
                    [Job(kind="faults.mark", key=str(n), payload={"n": n})],
                    ignore_conflicts=True,  # the answer to an earlier attempt may have been lost, not its commit
                )
        except (OperationalError, InterfaceError):
            connections.close_all()
            return False
        return True

    with ground.worker(settings=QUICK, concurrency=2) as worker, ground.beat() as beat:
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for death in range(1, 3):
                ground.until(lambda least=10 * death: some_done(ground, least), worker, beat)
                ground.cluster.restart(sig)
                connections.close_all()
                ground.let_leases_end()  # of jobs whose session was cut
        finally:
            enough.set()
            writer.join(30)
        assert not writer.is_alive()
        ground.until(lambda: all_done(ground, len(saved)), worker, beat)
        assert worker.process.poll() is None and beat.process.poll() is None
    assert ground.days() == [sum(tenant_id == one for tenant_id, _ in saved) for one in TENANTS]
    for tenant_id in TENANTS:
        with use_tenant(tenant_id):
            keys = set(Job.objects.filter(kind="faults.mark").values_list("key", flat=True))
        assert keys == {str(n) for one, n in saved if one == tenant_id}
