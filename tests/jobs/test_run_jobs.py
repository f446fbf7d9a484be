"""What becomes of a claimed job: done, again, later, or dead."""

import json
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import structlog
from django.db import connections
from django.db.utils import OperationalError

from perfsys.jobs import worker
from perfsys.jobs.models import Job
from perfsys.jobs.worker import BACK_OFF, LEASE, Heartbeats, claim, run, where, work
from perfsys.tenancy.scope import scope_is_open, use_tenant
from tests.jobs import handlers
from tests.jobs.conftest import NOW, job, jobs, marked


def test_a_job_that_succeeds_is_done(put):
    put("tests.mark")
    assert work(clock=lambda: NOW) is False
    row = job()
    assert (row.state, row.attempts, row.lease_until, row.finished_at) == ("done", 1, None, NOW)
    assert len(marked()) == 1


def test_work_goes_on_until_nothing_is_due(put):
    for n in range(5):
        put("tests.mark", n=n)
    put("tests.mark", tenant_id=2)
    work(clock=lambda: NOW)
    assert (len(marked()), len(marked(tenant_id=2))) == (5, 1)


def test_work_ends_when_its_time_is_spent_and_says_that_there_may_be_more(put):
    for n in range(3):
        put("tests.mark", n=n)
    ticking = iter(NOW + timedelta(seconds=40 * n) for n in range(20))
    assert work(budget=timedelta(seconds=60), clock=lambda: next(ticking)) is True
    assert len(jobs(state="ready")) == 2


def test_a_job_that_fails_leaves_nothing_behind_and_comes_again_later(put):
    put("tests.poison")
    run(claim(now=NOW), now=NOW)
    row = job()
    assert (row.state, row.attempts, marked()) == ("ready", 1, [])
    assert timedelta(minutes=1) <= row.run_after - NOW <= timedelta(minutes=1.2)


def test_the_error_is_named_by_kind_and_place_and_quotes_nobody(put):
    put("tests.poison")
    run(claim(now=NOW), now=NOW)
    assert job().last_error.startswith("Poisoned at tests/jobs/handlers.py:")
    assert "words" not in job().last_error


def test_an_error_from_outside_is_placed_where_we_called(put):
    with pytest.raises(ValueError, match="Expecting") as raised:
        json.loads("{")
    assert where(raised.value).startswith("JSONDecodeError at tests/jobs/test_run_jobs.py:")
    assert where(ValueError()) == "ValueError"


def test_poison_is_given_up_after_five_attempts_and_an_alarm_is_raised(put):
    """T13, with the times between the attempts."""
    put("tests.poison")
    now, waits = NOW, []
    for attempt in range(1, 6):
        run(claim(now=now), now=now)
        row = job(kind="tests.poison")
        assert row.attempts == attempt
        waits.append(row.run_after - now)
        now = max(now, row.run_after)
    assert row.state == "dead"
    for minutes, waited in zip(BACK_OFF, waits[:4], strict=True):
        assert timedelta(minutes=minutes) <= waited <= 1.2 * timedelta(minutes=minutes)
    alarm = job(kind="jobs.dead")
    assert (alarm.state, alarm.payload) == ("ready", {"job_id": row.pk})
    assert marked() == []


def test_an_alarm_that_fails_raises_no_alarm_of_its_own(put):
    put("jobs.dead", fails=True)
    with use_tenant(1):
        Job.objects.update(attempts=4)
    run(claim(now=NOW), now=NOW)
    assert job().state == "dead"


def test_a_dead_job_is_not_claimed_again(put):
    put("tests.mark")
    with use_tenant(1):
        Job.objects.update(state="dead")
    assert claim(now=NOW) is None


def test_a_long_job_commits_its_chunks_and_lets_others_in_between(put):
    put("tests.chunks", last=6)
    first = claim(now=NOW)
    run(first, now=NOW)
    row = job()
    assert (row.state, row.attempts, row.payload["start"], len(marked())) == ("ready", 0, 2, 2)
    assert row.run_after == NOW
    put("tests.mark", n=100)  # older than what is left of the first
    work(clock=lambda: NOW)
    assert len(marked()) == 7
    assert {row.state for row in jobs()} == {"done"}


def test_a_chunk_that_was_lost_is_done_once_though_attempts_start_anew(put):
    """After a chunk the attempts are 0 again: the fence must not be."""
    put("tests.chunks", last=4)
    slow = claim(now=NOW)
    with use_tenant(1):
        Job.objects.update(state="ready", lease_until=None)
    run(claim(now=NOW), now=NOW)
    third = claim(now=NOW)
    run(slow, now=NOW)
    assert job().state == "running"
    run(third, now=NOW)
    assert (job().state, len(marked())) == ("done", 4)


def test_work_outside_transactions_opens_its_own_and_keeps_what_it_committed(put):
    put("tests.outside", days=3, fails_after=1)
    run(claim(now=NOW), now=NOW)
    assert (job().state, len(marked())) == ("ready", 2)
    with use_tenant(1):
        Job.objects.update(payload={"days": 3})
    run(claim(now=NOW + timedelta(hours=1)), now=NOW)
    assert (job().state, len(marked())) == ("done", 3)


def test_a_step_whose_lease_is_lost_is_undone_and_ends_the_work(put):
    put("tests.outside", days=3)
    claimed = claim(now=NOW)
    original = handlers.outside

    def taken_over(*, job, now):
        with job.step():
            handlers.mark(payload={}, now=now)
        with use_tenant(1):
            Job.objects.update(fence=9)
        original(job=job, now=now)

    with patch.object(worker, "handler_of", return_value=handlers.own_transactions(taken_over)):
        run(claimed, now=NOW)
    assert (job().state, job().fence, len(marked())) == ("running", 9, 1)


def test_the_request_that_asked_is_named_in_the_log_of_its_job(db, put):
    seen = {}

    def look(**_):
        seen.update(structlog.contextvars.get_contextvars())

    with structlog.contextvars.bound_contextvars(request_id="r-17"):
        put("tests.mark")
    with patch.object(worker, "handler_of", return_value=look):
        run(claim(now=NOW), now=NOW)
    assert (seen["request_id"], seen["kind"], seen["tenant"], seen["job"]) == ("r-17", "tests.mark", 1, job().pk)
    assert "job" not in structlog.contextvars.get_contextvars()


def test_a_kind_that_is_gone_fails_and_waits_for_its_handler(put, settings):
    put("tests.mark")
    settings.JOB_HANDLERS = {kind: path for kind, path in settings.JOB_HANDLERS.items() if kind != "tests.mark"}
    run(claim(now=NOW), now=NOW)
    assert (job().state, job().last_error.split()[0]) == ("ready", "UnknownKind")


def test_a_database_that_fails_leaves_the_job_to_the_reaper(put):
    put("tests.mark")
    claimed = claim(now=NOW)
    with patch.object(worker, "use_tenant", side_effect=OperationalError), pytest.raises(OperationalError):
        run(claimed, now=NOW)
    assert job().state == "running"
    assert not scope_is_open()


@pytest.mark.django_db(transaction=True)
def test_the_lease_of_a_long_job_is_renewed_meanwhile(put):
    put("tests.mark")
    claimed = claim(now=NOW)
    with Heartbeats(every=0.05) as heartbeats, heartbeats.of(claimed):
        for _ in range(100):
            if job().lease_until != NOW + LEASE:
                break
            time.sleep(0.05)
    assert timedelta(0) < job().lease_until - worker.timezone.now() <= LEASE
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_cannot_be_renewed_disturbs_nobody(put, caplog):
    put("tests.mark")
    claimed = claim(now=NOW)
    with use_tenant(1):
        Job.objects.update(fence=9)
    heartbeats = Heartbeats()
    heartbeats._renew(claimed)
    with patch.object(worker, "use_tenant", side_effect=OperationalError):
        heartbeats._renew(claimed)
    assert job().lease_until == NOW + LEASE
    assert any("OperationalError" in record.getMessage() for record in caplog.records)
