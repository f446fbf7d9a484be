"""Who gets the next job: the tenant that runs fewest, each job once, no tenant more than its share."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from perfsys.jobs.models import Job
from perfsys.jobs.worker import LEASE, claim, run
from perfsys.tenancy.scope import use_tenant
from tests.jobs.conftest import NOW, job, jobs, marked


def test_nothing_to_do_is_nothing_claimed(db):
    assert claim(now=NOW) is None


def test_a_claim_counts_the_attempt_and_holds_a_lease(put):
    put("tests.mark")
    claimed = claim(now=NOW)
    row = job()
    assert (claimed.tenant_id, claimed.job_id, claimed.fence) == (1, row.pk, 1)
    assert (row.state, row.attempts, row.lease_until) == ("running", 1, NOW + LEASE)
    assert claim(now=NOW) is None


def test_a_job_is_not_claimed_before_its_time(put):
    put("tests.mark")
    with use_tenant(1):
        Job.objects.update(run_after=NOW)
    assert claim(now=NOW - timedelta(seconds=1)) is None
    assert claim(now=NOW) is not None


def test_the_oldest_of_a_tenant_comes_first(put):
    for n in range(3):
        put("tests.mark", n=n)
    with use_tenant(1):
        Job.objects.filter(payload__n=2).update(run_after=NOW - timedelta(days=1), state="ready")
        Job.objects.exclude(payload__n=2).update(run_after=NOW)
        order = [Job.objects.get(pk=claim(now=NOW).job_id).payload["n"] for _ in range(2)]
    assert order == [2, 0]


def test_the_tenant_that_runs_fewest_comes_first(put):
    for n in range(5):
        put("tests.mark", n=n)
    put("tests.mark", tenant_id=2)
    first_two = {claim(now=NOW).tenant_id for _ in range(2)}
    assert first_two == {1, 2}


def test_a_tenant_has_no_more_running_than_its_share(put, settings):
    settings.JOBS_PER_TENANT = 3
    for n in range(5):
        put("tests.mark", n=n)
    claims = [claim(now=NOW) for _ in range(5)]
    assert [bool(claimed) for claimed in claims] == [True, True, True, False, False]
    run(claims[0], now=NOW)
    assert claim(now=NOW) is not None


def test_beside_a_company_that_reads_on_and_on_the_others_have_the_place_it_may_not_take(put, settings):
    """Two workers: a source of millions of rows, and whatever else its company waits for, has one of them."""
    settings.JOBS_PER_TENANT = 1
    for n in range(50):
        put("tests.mark", n=n)
    reading = claim(now=NOW)
    for n in range(5):
        put("tests.mark", n=100 + n, tenant_id=2)
    served = []
    while (claimed := claim(now=NOW)) is not None:
        served.append(claimed.tenant_id)
        run(claimed, now=NOW)
    assert (reading.tenant_id, served) == (1, [2] * 5)


def test_a_single_worker_does_not_serve_the_longest_queue_alone(put):
    """Nothing runs while it asks, so all tenants are alike: the lot decides, not the length or age of the queue."""
    for n in range(60):
        put("tests.mark", n=n)
    put("tests.mark", n=100, tenant_id=2)
    waited = 0
    while marked(tenant_id=2) == []:
        run(claim(now=NOW), now=NOW)
        waited += 1
    assert waited < 60  # by lot: the chance to wait that long is one in 2^60


def test_another_fence_may_not_touch_it(put):
    """The one that lost its lease wakes up: what it did is rolled back."""
    put("tests.mark")
    slow = claim(now=NOW)
    with use_tenant(1):
        Job.objects.update(state="ready", lease_until=None)
    quick = claim(now=NOW)
    assert quick.fence == slow.fence + 1
    run(slow, now=NOW)
    assert (job().state, marked()) == ("running", [])
    run(quick, now=NOW)
    assert (job().state, len(marked())) == ("done", 1)
    run(slow, now=NOW)
    assert len(marked()) == 1


@pytest.mark.django_db(transaction=True)
def test_four_racing_workers_do_each_job_once(put, settings):
    settings.JOBS_PER_TENANT = 3
    for n in range(40):
        put("tests.mark", n=n)
        put("tests.mark", n=n, tenant_id=2)

    def worker(_: int) -> list[tuple[int, int]]:
        done = []
        try:
            while len(jobs(state="ready")) + len(jobs(tenant_id=2, state="ready")):
                claimed = claim(now=NOW)
                if claimed is not None:
                    done.append((claimed.tenant_id, claimed.job_id))
                    run(claimed, now=NOW)
            return done
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        done = [one for worker_done in pool.map(worker, range(4)) for one in worker_done]
    assert len(done) == len(set(done)) == 80
    for tenant_id in (1, 2):
        assert len(marked(tenant_id)) == 40
        assert Counter(row.state for row in jobs(tenant_id)) == {"done": 40}
        assert {row.attempts for row in jobs(tenant_id)} == {1}


@pytest.mark.django_db(transaction=True)
def test_racing_claims_keep_to_the_share(put, settings):
    """Counted without taking turns, all four would see nobody running."""
    settings.JOBS_PER_TENANT = 2
    for n in range(12):
        put("tests.mark", n=n)

    def ask(_: int) -> bool:
        try:
            return claim(now=NOW) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(8))) == 2
