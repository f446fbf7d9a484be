"""kill -9 for a worker that is reading another system: no row lost, none twice, and no watermark ahead of its rows."""

from contextlib import closing

import pytest
from django.utils import timezone

from integrations.actions.sync import ask_for_sync
from integrations.models import (
    Connection,
    ConnectionState,
    QuarantinedRow,
    RawRecord,
    Record,
    RecordReference,
    RunState,
    StreamState,
    SyncRun,
)
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import use_tenant
from tests.cast import Person, employ
from tests.workers import REAP, send, wake

from .conftest import QUICK, Ground
from .handlers import SYNC_PAGE, SYNC_PAGES

NEW = SYNC_PAGE - 2  # of a page: its first row was the last one of the page before, its last does not fit
ALL = SYNC_PAGES * NEW + 1
# Where it dies, by gate (see handlers.py): amid the first page, in the middle, with the last page written.
DEATHS = [(NEW + 1, 0), (3 * NEW + 1, 2 * NEW + 1), (ALL, (SYNC_PAGES - 1) * NEW + 1)]


@pytest.fixture
def anna(ground: Ground) -> Person:
    return employ("acme", "anna", admin=True)


@pytest.fixture
def run(anna: Person) -> SyncRun:
    now = timezone.now()
    with anna.scope:
        source = Connection.objects.create(
            name="书架",
            adapter="shelf",
            owner=anna.employee,
            state=ConnectionState.ON,
            made_at=now,
            next_due_at=now.replace(year=now.year + 1),
        )
        return ask_for_sync(connection=source, actor=None, now=now, key="once")


def killed_at(ground: Ground, gate: int) -> None:
    """Start a worker, hold it up at `gate` with a page written and not yet committed, and kill it there."""
    with closing(ground.cluster.connect("faults")) as link:
        link.cursor().execute("SELECT pg_advisory_lock(%s)", [gate])
        with ground.worker(f"until-{gate}", settings=QUICK) as worker:
            ground.let_pauses_end()  # before the worker is woken: it looks once
            wake(ground.broker.address)
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            ground.until(lambda: bool(ground.sql(waiting)), worker)
            worker.kill()
    ground.let_sessions_end()


def test_whenever_it_is_killed_every_row_arrives_once(ground: Ground, run: SyncRun) -> None:
    for gate, left in DEATHS:
        killed_at(ground, gate)
        with use_tenant(1):
            assert (Record.objects.count(), RawRecord.objects.count()) == (left, left)
            assert all(state.watermark == "" for state in StreamState.objects.all())
            assert SyncRun.objects.get().finished_at is None
        [job] = ground.jobs(kind="integrations.sync")
        assert job.state == Job.State.RUNNING
        ground.let_leases_end()
        ground.sql("SELECT app.reap_jobs(now(), 5, 'jobs.dead')")
    with ground.worker(settings=QUICK) as worker:
        ground.let_pauses_end()
        send(ground.broker.address, REAP)
        wake(ground.broker.address)
        ground.until(lambda: bool(ground.jobs(kind="integrations.sync", state=Job.State.DONE)), worker)

    with use_tenant(1):
        run.refresh_from_db()
        counts = run.counts["visits"]
        assert (run.state, run.position) == (RunState.DONE, {})
        assert (counts["pulled"], counts["created"]) == (SYNC_PAGES * SYNC_PAGE, ALL)
        assert (counts["repeated"], counts["quarantined"]) == (SYNC_PAGES - 1, SYNC_PAGES)
        records = list(Record.objects.values_list("external_id", flat=True))
        assert sorted(records) == [f"V{number:03}" for number in range(ALL)]
        raw = list(RawRecord.objects.values_list("record__external_id", flat=True))
        assert sorted(raw) == sorted(records)
        assert RecordReference.objects.count() == ALL
        assert QuarantinedRow.objects.count() == SYNC_PAGES
        state = StreamState.objects.get()
        assert (state.records, state.watermark) == (ALL, "2026-11-05T12:00:00+08:00")
    assert [job.payload for job in ground.jobs(kind="goals.evidence")] == [{"run": run.pk}]
