"""A company with a source that never ends keeps nobody else waiting (docs/scale.md)."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.actions import sync as syncing
from integrations.models import Connection, ConnectionState, RunState, SyncRun
from perfsys.jobs.actions import enqueue
from perfsys.jobs.models import Job
from perfsys.jobs.worker import claim, run
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, ask
from tests.integrations.fakes import visit

pytestmark = pytest.mark.django_db
PAGES = 6
AT = datetime(2030, 1, 1, tzinfo=UTC)  # jobs are due when they are written


@pytest.fixture
def theirs(otto, shelf):
    with otto.scope:
        return Connection.objects.create(
            name="书架", adapter=shelf.name, owner=otto.employee, state=ConnectionState.ON, tested_at=NOW, made_at=NOW
        )


def test_each_job_of_another_company_is_the_very_next_that_is_taken(
    connect, shelf, theirs, page_by_page, settings, monkeypatch
):
    """Two places of workers, one of them on the large source, which three connections of one company read at once."""
    settings.JOBS_PER_TENANT = 1
    monkeypatch.setattr(syncing, "AT_A_STRETCH", 0.0)  # each stretch ends with the page at hand
    shelf.hold(*[[visit(number)] for number in range(PAGES)])
    large = [ask(connect()) for _ in range(3)]
    with use_tenant(1):
        Job.objects.exclude(kind="integrations.sync").delete()
    here = claim(now=AT)  # and this worker is at it, as long as it is not run
    small = ask(theirs)
    with use_tenant(2):
        enqueue("integrations.watch", key="a job of theirs", payload={})
        waits = Job.objects.filter(state=Job.State.READY).count()
    stretches = 0
    while there := claim(now=AT):  # the second place; it never goes to one of the large ones
        assert there.tenant_id == 2
        run(there, now=AT)
        stretches += 1
        with use_tenant(2):
            small.refresh_from_db()
        assert small.state != RunState.WAITING or stretches < waits
        if small.state == RunState.DONE:
            break
    assert small.state == RunState.DONE
    assert stretches <= PAGES + waits
    run(here, now=AT)
    with use_tenant(1):
        assert sorted(one.counts.get("visits", {}).get("pulled", 0) for one in SyncRun.objects.all()) == [0, 0, 1]
        again = Job.objects.get(pk=here.job_id)
        assert (again.state, again.attempts, again.run_after) == (Job.State.READY, 0, AT)
    assert {one.tenant_id for one in large} == {1}
    assert claim(now=AT + timedelta(seconds=1)).tenant_id in (1, 2)  # and it goes on, one place at a time
