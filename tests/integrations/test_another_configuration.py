"""A connection that holds records, and reads them in another way from now on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.actions import connection as actions
from integrations.adapters.base import Names, NeedsReconnect, Page, RetryLater
from integrations.models import Connection, ConnectionState, GapKind, RawRecord, RecordReference, RunState, SyncRun
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, ask, done, held, sync, work_on
from tests.integrations.fakes import FILES, VISITS, file_of, visit
from tests.integrations.test_sources_that_fail import gaps

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def change(connection, shelf, *streams, **config):
    """The fake declares its streams itself; what it is configured with stands for them."""
    with use_tenant(1):
        now = Connection.objects.get(pk=connection.pk)
        actions.change_connection(
            connection=now,
            version=now.version,
            name=now.name,
            config={"as": len(shelf.asked), **config},
            owner=now.owner,
            schedule=now.schedule,
            secret={},
            actor=None,
            now=NOW,
        )
        Connection.objects.filter(pk=connection.pk).update(state=ConnectionState.ON, tested_at=NOW)
    shelf.declared = streams or shelf.declared


def test_what_is_held_is_mapped_again_and_what_came_is_kept_once(connection, shelf):
    shelf.hold([visit(1), visit(2)])
    sync(connection)
    change(connection, shelf, replace(VISITS, title="id", names=[Names("project", "customer")]))
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.pulled, counts.created, counts.changed) == (2, 0, 2)
    assert [record.title for record in held(connection).values()] == ["V001", "V002"]
    with use_tenant(1):
        assert set(RecordReference.objects.values_list("type", flat=True)) == {"project"}
        assert RawRecord.objects.count() == 2
        last = SyncRun.objects.latest("pk")
        assert Job.objects.filter(kind="goals.evidence", payload={"run": last.pk}).exists()
    assert done(sync(connection, now=NOW + 2 * HOUR)).unchanged == 2


def test_it_is_read_from_the_beginning_once(connection, shelf):
    shelf.hold([visit(1)])
    sync(connection)
    sync(connection, now=NOW + HOUR)
    change(connection, shelf)
    sync(connection, now=NOW + 2 * HOUR)
    sync(connection, now=NOW + 3 * HOUR)
    assert [bool(since) for _stream, since, _position in shelf.asked] == [False, True, False, True]


def test_rows_of_the_system_before_do_not_hide_what_is_missing_of_this_one(connection, shelf):
    shelf.hold([visit(n) for n in range(5)])
    sync(connection)
    change(connection, shelf)
    shelf.hold(Page([visit(1)], None, 3))
    sync(connection, now=NOW + HOUR)
    [gap] = gaps()
    assert (gap.kind, gap.words["short"]) == (GapKind.COUNT, 2)


def test_a_change_amid_a_run_misses_nothing_that_the_run_had_met(connection, shelf):
    shelf.hold(Page([visit(1)], None, 2), RetryLater("busy", after=HOUR), Page([visit(2)], None, 2))
    run = ask(connection)
    work_on(run)
    change(connection, shelf)
    assert work_on(run, now=NOW + HOUR) is None
    with use_tenant(1):
        run.refresh_from_db()
    assert run.state == RunState.DONE
    assert (sorted(held(connection)), gaps()) == (["V001", "V002"], [])


def test_files_are_read_again_and_the_last_sending_still_counts(connection, shelf):
    shelf.declared = [FILES]
    day = NOW.date() - timedelta(days=1)
    files = file_of(day, {"id": "A", "n": 1}), file_of(day, {"id": "A", "n": 2, "drawing": "D1"}, revision=1)
    shelf.hold(*files, stream="files")
    sync(connection)
    change(connection, shelf, replace(FILES, title="drawing"))
    sync(connection, now=NOW + HOUR)
    [record] = held(connection).values()
    assert (record.title, record.data["n"], record.deleted_at) == ("D1", 2, None)
    sync(connection, now=NOW + 2 * HOUR)
    assert len(shelf.context.seen_batches) == 2


def test_a_stream_that_is_added_reads_the_files_that_are_there(connection, shelf):
    shelf.declared = [FILES]
    file = file_of(NOW.date() - timedelta(days=1), {"id": "A", "n": 1})
    shelf.hold(file, stream="files")
    shelf.hold(file, stream="again")
    sync(connection)
    change(connection, shelf, FILES, replace(FILES, name="again"))
    run = sync(connection, now=NOW + HOUR)
    assert run.counts["again"]["created"] == 1


@pytest.mark.parametrize(
    "stream",
    [replace(VISITS, key=["id", "customer"]), replace(VISITS, name="calls")],
    ids=["another key", "another name"],
)
def test_under_another_name_or_key_everything_would_come_twice(connection, shelf, stream, monkeypatch):
    monkeypatch.setattr(shelf, "streams", lambda config: [stream] if config.get("new") else [VISITS])
    change(connection, shelf, new=True)  # nothing is held yet
    change(connection, shelf)
    shelf.hold([visit(1)])
    sync(connection)
    with pytest.raises(actions.DoesNotFit, match="visits"):
        change(connection, shelf, new=True)


def test_switched_on_again_it_waits_for_nothing_from_before(connection, shelf):
    shelf.hold(RetryLater("busy", after=HOUR), [visit(1)])
    before = ask(connection)
    assert work_on(before).after == HOUR
    with use_tenant(1):
        actions.pause(connection=connection, actor=None, now=NOW)
        actions.switch_on(connection=connection, actor=None, now=NOW)
        before.refresh_from_db()
        [now] = SyncRun.objects.exclude(pk=before.pk)
    assert (before.state, before.error["code"]) == (RunState.FAILED, "switched_off")
    assert work_on(now) is None
    assert list(held(connection)) == ["V001"]


def test_what_the_last_configuration_was_refused_does_not_stop_this_one(connection, shelf, page_by_page):
    shelf.hold(NeedsReconnect("sign_in_refused", host="crm.example"), [visit(1)])
    shelf.before_page = lambda place: change(connection, shelf) if len(shelf.asked) == 1 else None
    run = ask(connection)
    assert work_on(run) is not None
    with use_tenant(1):
        assert Connection.objects.get().state == ConnectionState.ON
    assert work_on(run) is None
    assert list(held(connection)) == ["V001"]
