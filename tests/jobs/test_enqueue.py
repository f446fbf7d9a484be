import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from perfsys.jobs import wake
from perfsys.jobs.actions import enqueue, enqueue_once_per_transaction
from perfsys.jobs.handlers import UnknownKind
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import NoTenantScope, use_tenant
from tests.jobs.conftest import NOW, job, jobs


class Undone(Exception):
    pass


def test_a_job_is_a_row_that_says_what_and_for_which_request(db):
    with use_tenant(1), structlog.contextvars.bound_contextvars(request_id="r-17"):
        enqueue("tests.mark", "a", {"n": 1}, NOW + timedelta(hours=1))
    row = job()
    assert (row.kind, row.key, row.payload, row.state, row.attempts) == ("tests.mark", "a", {"n": 1}, "ready", 0)
    assert (row.request_id, row.run_after) == ("r-17", NOW + timedelta(hours=1))


def test_the_same_thing_twice_is_enqueued_once_and_the_first_stands(put):
    put("tests.mark", key="a", n=1)
    put("tests.mark", key="a", n=2)
    put("tests.mark", key="b", n=3)
    put("tests.mark", key="a", n=4, tenant_id=2)
    assert [row.payload["n"] for row in jobs()] == [1, 3]
    assert job(tenant_id=2).payload == {"n": 4}


def test_it_is_there_if_and_only_if_the_rest_is(db):
    with pytest.raises(Undone), use_tenant(1):
        enqueue("tests.mark", "a")
        raise Undone
    assert jobs() == []


def test_without_a_company_there_is_no_job(db):
    with pytest.raises(NoTenantScope):
        enqueue("tests.mark", "a")


def test_a_kind_nobody_handles_is_refused_at_once(db):
    with use_tenant(1), pytest.raises(UnknownKind, match=r"tests\.typo"):
        enqueue("tests.typo", "a")


def test_one_transaction_gets_one_job_however_often_it_asks(transactional_db):
    for _ in range(2):
        with use_tenant(1):
            for _ in range(3):
                enqueue_once_per_transaction("tests.mark")
            with pytest.raises(Undone), transaction.atomic():
                enqueue_once_per_transaction("tests.poison")
                raise Undone
            enqueue_once_per_transaction("tests.poison")
    kinds = [row.kind for row in jobs()]
    assert sorted(kinds) == ["tests.mark"] * 2 + ["tests.poison"] * 2


def test_a_worker_is_woken_when_the_rows_are_committed_and_not_before(transactional_db):
    with patch.object(wake, "current_app") as celery:
        with use_tenant(1):
            enqueue("tests.mark", "a")
            celery.send_task.assert_not_called()
        celery.send_task.assert_called_once_with("perfsys.jobs.tasks.wake", retry=False, ignore_result=True)


@pytest.mark.parametrize("error", [OSError(), ImproperlyConfigured()])
def test_a_broker_out_of_order_does_not_fail_what_is_already_saved(transactional_db, error, caplog):
    with patch.object(wake, "current_app") as celery:
        celery.send_task.side_effect = error
        with use_tenant(1):
            enqueue("tests.mark", "a")
    assert Job.State(job().state) == Job.State.READY
    assert any("nobody was woken" in record.getMessage() for record in caplog.records)


def test_a_broker_that_is_away_costs_no_more_than_a_moment(transactional_db):
    """The real client against a port where nobody listens."""
    started = time.monotonic()
    with use_tenant(1):
        enqueue("tests.mark", "a")
    assert time.monotonic() - started < 1
    assert job().state == "ready"
