"""Jobs whose worker is gone come back; those that take their workers with them are given up."""

from datetime import timedelta

import pytest

from perfsys.jobs.models import Heartbeat, Job
from perfsys.jobs.rhythm import reap
from perfsys.jobs.worker import LEASE, claim, run
from perfsys.tenancy.scope import use_tenant
from tests.jobs.conftest import NOW, job, jobs, marked
from tests.jobs.three_times import repeat

LATER = NOW + LEASE + timedelta(seconds=1)


def test_a_running_job_is_left_alone(put):
    put("tests.mark")
    claim(now=NOW)
    assert reap(now=NOW + LEASE) == 0
    assert job().state == "running"
    assert Heartbeat.objects.get(name="reap").at == NOW + LEASE


def test_a_lost_job_is_ready_again_at_once(put):
    put("tests.mark")
    claim(now=NOW)
    assert reap(now=LATER) == 1
    row = job()
    assert (row.state, row.attempts, row.lease_until, row.run_after) == ("ready", 1, None, LATER)
    assert row.last_error == "the worker was lost"
    run(claim(now=LATER), now=LATER)
    assert (job().state, len(marked())) == ("done", 1)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 0), (2, 1), (3, 5), (4, 30)])
def test_a_job_lost_again_and_again_waits_longer_and_longer(put, attempts, minutes):
    put("tests.mark")
    claim(now=NOW)
    with use_tenant(1):
        Job.objects.update(attempts=attempts)
    reap(now=LATER)
    assert job().run_after - LATER == timedelta(minutes=minutes)


def test_a_job_lost_five_times_is_given_up_with_an_alarm(put):
    put("tests.mark")
    put("tests.mark", tenant_id=2)
    claim(now=NOW), claim(now=NOW)
    for tenant_id in (1, 2):
        with use_tenant(tenant_id):
            Job.objects.update(attempts=5)
    assert reap(now=LATER) == 2
    for tenant_id in (1, 2):
        dead = job(tenant_id, kind="tests.mark")
        alarm = job(tenant_id, kind="jobs.dead")
        assert (dead.state, alarm.state, alarm.payload) == ("dead", "ready", {"job_id": dead.pk})


def test_a_lost_alarm_raises_no_alarm(put):
    put("jobs.dead")
    claim(now=NOW)
    with use_tenant(1):
        Job.objects.update(attempts=5)
    reap(now=LATER)
    assert job().state == "dead"


def test_reaping_three_times_is_reaping_once(put):
    put("tests.mark")
    put("tests.poison")
    claim(now=NOW), claim(now=NOW)
    with use_tenant(1):
        Job.objects.filter(kind="tests.poison").update(attempts=5)
    repeat(lambda: reap(now=LATER))
    assert [row.state for row in jobs()] == ["ready", "dead", "ready"]


def test_what_is_done_is_forgotten_after_a_month_and_what_is_dead_is_not(put):
    put("tests.mark", n=1)
    put("tests.mark", n=2)
    put("tests.mark", n=3)
    with use_tenant(1):
        Job.objects.filter(payload__n=1).update(state="done", finished_at=NOW - timedelta(days=30, seconds=1))
        Job.objects.filter(payload__n=2).update(state="done", finished_at=NOW - timedelta(days=30))
        Job.objects.filter(payload__n=3).update(state="dead")
    reap(now=NOW)
    assert [row.payload["n"] for row in jobs()] == [2, 3]


def test_a_clock_that_went_back_reaps_nothing(put):
    put("tests.mark")
    reap(now=LATER + LEASE)
    claim(now=NOW)
    assert reap(now=LATER) == 0
