"""What nobody notices by itself: a sync that did not take place, a day that did not come."""

from datetime import date, timedelta

import pytest

from integrations import events, tasks
from integrations.actions.connection import switch_on
from integrations.actions.watch import watch
from integrations.models import Connection, ConnectionState, Gap, GapKind, RunState, SyncRun
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, ask, sync, work_on
from tests.integrations.fakes import FILES, file_of, visit
from tests.jobs.three_times import run_three_times

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def looked(at):
    with use_tenant(1):
        watch(now=at)
        return [(gap.kind, gap.on, gap.closed_at is None) for gap in Gap.objects.order_by("pk")]


def test_a_sync_that_was_not_begun_is_told_within_an_interval(connection, anna):
    assert looked(NOW + HOUR) == []
    assert looked(NOW + HOUR + MINUTE) == [(GapKind.OVERDUE, date(2026, 11, 20), True)]
    with use_tenant(1):
        [told] = Notice.objects.filter(kind=events.GAP_TOLD[GapKind.OVERDUE])
        assert (told.to_id, told.sentence) == (anna.employee.pk, "“书架 1”到了该同步的时间，还没有同步")


def test_of_a_nightly_sync_it_is_told_after_two_hours(connect):
    connect(schedule="daily 02:00")
    assert looked(NOW + 2 * HOUR) == []
    assert len(looked(NOW + 2 * HOUR + MINUTE)) == 1


def test_it_is_over_when_a_sync_comes_to_its_end(connection, shelf):
    looked(NOW + 2 * HOUR)
    sync(connection, now=NOW + 3 * HOUR)
    with use_tenant(1):
        assert Gap.objects.get().closed_at == NOW + 3 * HOUR
        assert Notice.objects.get(kind=events.GAP_TOLD[GapKind.OVERDUE]).state == Notice.State.DONE


def test_a_run_that_does_not_come_on_is_told_and_one_that_does_is_not(connect, shelf, monkeypatch):
    connection = connect(next_due_at=NOW + 24 * HOUR)
    monkeypatch.setattr("integrations.actions.sync.AT_A_STRETCH", -1.0)
    shelf.hold(*[[visit(n)] for n in range(9)])
    run = ask(connection)
    assert looked(NOW + 50 * MINUTE) == []
    work_on(run, now=NOW + 50 * MINUTE)
    assert looked(NOW + 100 * MINUTE) == []
    assert [kind for kind, _on, _open in looked(NOW + 111 * MINUTE)] == [GapKind.OVERDUE]


def test_one_that_is_known_not_to_answer_is_not_told_twice(connection):
    with use_tenant(1):
        Gap.objects.create(connection=connection, kind=GapKind.UNREACHABLE, on=date(2026, 11, 20), opened_at=NOW)
    assert len(looked(NOW + 5 * HOUR)) == 1


@pytest.mark.parametrize("state", [ConnectionState.PAUSED, ConnectionState.DRAFT])
def test_one_that_is_not_on_is_not_missed(connect, state):
    connect(state=state, next_due_at=None)
    assert looked(NOW + 50 * HOUR) == []


@pytest.mark.parametrize("state", [Job.State.DEAD, Job.State.DISCARDED])
def test_a_run_whose_job_was_given_up_is_ended_and_told(connection, state):
    run = ask(connection)
    with use_tenant(1):
        Job.objects.filter(kind="integrations.sync").update(state=state)
    assert [kind for kind, _on, _open in looked(NOW + MINUTE)] == [GapKind.OVERDUE]
    with use_tenant(1):
        run.refresh_from_db()
        assert (run.state, run.error["code"]) == (RunState.FAILED, "gave_up")
    assert work_on(run, now=NOW + 2 * MINUTE) is None  # an operator has the old job tried again
    assert sync(connection, now=NOW + HOUR).state == RunState.DONE
    assert [is_open for _kind, _on, is_open in looked(NOW + HOUR)] == [False]


def test_the_file_of_yesterday_is_missed_once_it_was_due(connect, shelf):
    shelf.declared = [FILES]
    connection = connect(schedule="daily 02:00", next_due_at=NOW + 72 * HOUR)
    shelf.hold(file_of(date(2026, 11, 19), {"id": "A", "n": 1}), stream="files")
    sync(connection)
    tomorrow = NOW + 22 * HOUR  # eight in the morning for them
    assert looked(tomorrow) == []
    ask(connection, now=tomorrow)
    assert looked(tomorrow + HOUR) == []  # it may just be bringing it
    with use_tenant(1):
        SyncRun.objects.filter(state=RunState.WAITING).update(state=RunState.DONE)
    assert looked(tomorrow + HOUR) == [(GapKind.MISSING, date(2026, 11, 20), True)]


def test_a_connection_whose_first_file_never_comes_is_told_of(connect, shelf, anna):
    shelf.declared = [FILES]
    connection = connect(schedule="daily 02:00", next_due_at=None, state=ConnectionState.PAUSED)
    with use_tenant(1):
        switch_on(connection=connection, actor=anna.employee, now=NOW)
        run = SyncRun.objects.get()
    work_on(run)
    with use_tenant(1):
        Connection.objects.update(next_due_at=NOW + 72 * HOUR)
    assert looked(NOW + 22 * HOUR) == []  # eight in the morning for them, and the file of today is due at nine
    assert looked(NOW + 23 * HOUR) == [(GapKind.MISSING, date(2026, 11, 20), True)]


def test_looking_three_times_is_looking_once(connection, connect):
    connect(schedule="whenever")
    connect(adapter="telepathy")
    ask(connection)
    run_three_times(tasks.watch, payload={}, now=NOW + 5 * HOUR)
    with use_tenant(1):
        assert Gap.objects.count() == 2  # of the one that cannot be read by any schedule the next due look says so
        assert Connection.objects.count() == 3
