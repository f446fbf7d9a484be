"""A run: what comes is held once, as it stands now, with what it was before; and how far it was read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from integrations import events
from integrations.actions import sync as syncing
from integrations.actions.sync import AlreadyRunning, NotSwitchedOn
from integrations.adapters.base import Page
from integrations.models import (
    Connection,
    ConnectionState,
    RawRecord,
    Record,
    RecordReference,
    RunState,
    StreamState,
    SyncRun,
)
from integrations.showing import versions_of
from perfsys.audit.models import AuditEntry
from perfsys.jobs.handlers import LostLease
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.sources import SHANGHAI
from tests.integrations.conftest import NOW, ask, claimed, done, held, sync, work_on
from tests.integrations.fakes import VISITS, visit
from tests.jobs.three_times import repeat

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_rows_are_held_mapped_and_letter_by_letter(connection, shelf):
    shelf.hold([visit(1), visit(2, amount=None)], [visit(3)])
    assert done(sync(connection)).created == 3
    records = held(connection)
    first = records["V001"]
    assert (first.title, first.happened_at) == ("拜访 1", datetime(2026, 10, 31, 17, tzinfo=UTC))
    assert first.data == {
        "id": "V001",
        "customer": "C1",
        "at": "2026-10-31T17:00:00+00:00",
        "amount": "1.5",
        "says": "拜访 1",
        "gone": None,
    }
    assert Decimal(first.data["amount"]) == Decimal("1.5")
    assert records["V002"].data["amount"] is None
    with use_tenant(1):
        assert RawRecord.objects.get(record=first).payload == visit(1)
        named = RecordReference.objects.filter(record=first).values_list("type", "number", "is_own")
        assert list(named) == [("customer", "C1", False)]


def test_the_same_again_changes_nothing(connection, shelf):
    shelf.hold([visit(1), visit(2)])
    sync(connection)
    before = held(connection)
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.pulled, counts.unchanged, counts.created, counts.changed) == (2, 2, 0, 0)
    after = held(connection)
    assert [one.changed_at for one in after.values()] == [one.changed_at for one in before.values()]
    with use_tenant(1):
        assert RawRecord.objects.count() == 2


def test_a_correction_replaces_and_what_it_was_before_is_kept(connection, shelf):
    shelf.hold([visit(1), visit(2)])
    sync(connection)
    shelf.hold([visit(1, customer="C9", amount=2), visit(2)])
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.changed, counts.unchanged) == (1, 1)
    record = held(connection)["V001"]
    assert (record.data["customer"], record.data["amount"], record.changed_at) == ("C9", "2", NOW + HOUR)
    with use_tenant(1):
        kept = RawRecord.objects.filter(record=record).order_by("pk")
        assert [raw.payload["customer"] for raw in kept] == ["C1", "C9"]
        assert list(record.references.values_list("number", flat=True)) == ["C9"]


def test_what_is_deleted_over_there_stays_here_and_counts_no_more(connection, shelf):
    shelf.hold([visit(1), visit(2), visit(3, gone=True)])
    counts = done(sync(connection))
    assert (counts.created, counts.deleted) == (2, 1)
    shelf.hold([{"id": "V001", "at": "2026-11-20T09:00:00+08:00", "gone": True}])  # a tombstone holds its key alone
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.deleted, counts.changed) == (1, 0)
    assert {key: record.deleted_at for key, record in held(connection).items()} == {
        "V001": NOW + HOUR,
        "V002": None,
        "V003": NOW,
    }
    with use_tenant(1):
        assert StreamState.objects.get().records == 1
    shelf.hold([visit(1)])
    sync(connection, now=NOW + 2 * HOUR)
    assert held(connection)["V001"].deleted_at is None
    with use_tenant(1):
        assert StreamState.objects.get().records == 2


BARE = {"id": "V001", "gone": True}  # a tombstone often brings its key alone


@pytest.mark.parametrize("together", [True, False], ids=["on one page", "a run later"])
def test_a_tombstone_takes_nothing_back_of_what_the_record_said(connection, shelf, together):
    was = {**visit(1), "at": "2026-11-20T09:00:00+08:00"}
    dead = {**BARE, "at": None}
    fields = [replace(one, required=one.name == "id") for one in VISITS.fields]
    shelf.declared = [replace(VISITS, fields=fields)]
    shelf.hold([was, dead] if together else [was])
    sync(connection)
    if not together:
        shelf.hold([dead])
        assert done(sync(connection, now=NOW + HOUR)).deleted == 1
    record = held(connection)["V001"]
    assert record.deleted_at == (NOW if together else NOW + HOUR)
    assert (record.title, record.happened_at) == ("拜访 1", datetime(2026, 11, 20, 1, tzinfo=UTC))
    assert (record.data["customer"], record.data["amount"], record.data["gone"]) == ("C1", "1.5", True)
    with use_tenant(1):
        assert list(record.references.values_list("number", flat=True)) == ["C1"]
        assert RawRecord.objects.filter(record=record).latest("pk").payload == dead
        raws = list(RawRecord.objects.filter(record=record).order_by("-pk"))
    *changed, first = versions_of(raws, shelf.declared[0], SHANGHAI, more=False)
    assert first.is_first
    assert [[change.label for change in one.changes] for one in changed] == ([] if together else [["gone"]])


def test_the_next_run_begins_at_the_watermark_less_the_overlap(connection, shelf):
    shelf.hold([visit(5), visit(3)], [visit(4)])
    sync(connection)
    with use_tenant(1):
        state = StreamState.objects.get()
    assert state.watermark == "2026-11-01T05:00:00+08:00"
    assert state.covered_from == datetime(2026, 10, 31, 19, tzinfo=UTC)
    assert state.covered_until == datetime(2026, 10, 31, 21, tzinfo=UTC)
    sync(connection, now=NOW + HOUR)
    assert [since for _stream, since, _position in shelf.asked] == ["", "2026-11-01T04:00:00+08:00"]


def test_a_row_dated_in_the_future_does_not_keep_the_rest_away(connection, shelf):
    shelf.hold([visit(1), visit(2, at="2199-01-01T00:00:00+08:00")])
    sync(connection)
    with use_tenant(1):
        assert StreamState.objects.get().watermark == "2026-11-20T10:00:00+08:00"


def test_the_watermark_stays_where_it_was_until_the_last_page(connection, shelf, monkeypatch):
    """The rows of a source come in no order that anybody promised."""
    monkeypatch.setattr(syncing, "AT_A_STRETCH", -1.0)
    shelf.hold([visit(9)], [visit(1)], [visit(2)])
    run = ask(connection)
    for _stretch in range(2):
        assert work_on(run) is not None
        with use_tenant(1):
            assert StreamState.objects.get().watermark == ""
    assert work_on(run) is None
    assert [position for _stream, _since, position in shelf.asked] == [None, 1, 2]
    with use_tenant(1):
        assert StreamState.objects.get().watermark == "2026-11-01T09:00:00+08:00"
        run.refresh_from_db()
    assert done(run).created == 3
    assert run.position == {}


def test_what_comes_twice_in_a_run_is_counted_once(connection, shelf):
    shelf.hold([visit(1), visit(2), visit(2)], [visit(2), visit(3)])
    counts = done(sync(connection))
    assert (counts.pulled, counts.created, counts.repeated) == (5, 3, 2)
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.pulled, counts.unchanged, counts.repeated) == (5, 3, 2)


def test_small_pages_are_written_together(connection, shelf, django_assert_max_num_queries):
    shelf.hold(*[[visit(n)] for n in range(40)])
    run = ask(connection)
    with django_assert_max_num_queries(52):  # 40 pages of a transaction each would be 500
        assert work_on(run) is None
    assert len(held(connection)) == 40


def test_of_two_that_differ_the_one_further_on_counts(connection, shelf):
    old, new = visit(1, amount=1), visit(1, amount=2, at="2026-11-02T00:00:00+08:00")
    shelf.hold([new, old])
    sync(connection)
    assert held(connection)["V001"].data["amount"] == "2"


def test_an_older_copy_on_a_later_page_changes_nothing(connection, shelf, page_by_page):
    old, new = visit(1, amount=1), visit(1, amount=2, at="2026-11-02T00:00:00+08:00")
    shelf.hold([new], [old])
    assert done(sync(connection)).repeated == 1
    assert held(connection)["V001"].data["amount"] == "2"


def test_a_row_that_came_twice_and_changed_between_is_told_above(connection, shelf):
    shelf.hold([visit(1)])
    sync(connection)
    with use_tenant(1):
        Job.objects.filter(kind="goals.evidence").delete()
    shelf.hold([visit(1), visit(1, amount=2, at="2026-11-02T00:00:00+08:00")])
    run = sync(connection, now=NOW + HOUR)
    assert held(connection)["V001"].data["amount"] == "2"
    with use_tenant(1):
        assert Job.objects.get(kind="goals.evidence").payload == {"run": run.pk}


def test_letters_that_the_database_refuses_stop_nothing(connection, shelf):
    shelf.hold([visit(1, note={"text": "a\0b\ud800"}), visit(2, amount="1.0", more=float("nan"))])
    assert done(sync(connection)).created == 2
    assert held(connection)["V001"].title == "a\ufffdb?"


def test_streams_are_read_one_after_the_other(connection, shelf):
    from dataclasses import replace

    shelf.declared = [shelf.declared[0], replace(shelf.declared[0], name="calls")]
    shelf.hold([visit(1)])
    shelf.hold([visit(1)], [visit(2)], stream="calls")
    run = sync(connection)
    assert {name: counts["created"] for name, counts in run.counts.items()} == {"visits": 1, "calls": 2}
    assert len(shelf.asked) == 2
    assert run.covered_from == datetime(2026, 10, 31, 17, tzinfo=UTC)


def test_a_source_without_anything_is_read_to_its_end(connection, shelf):
    run = sync(connection)
    assert (run.state, run.counts, run.finished_at) == (RunState.DONE, {"visits": {}}, NOW)
    with use_tenant(1):
        assert not Job.objects.filter(kind="goals.evidence").exists()


def test_those_above_hear_of_what_came(connection, shelf):
    shelf.hold([visit(1)])
    run = sync(connection)
    with use_tenant(1):
        assert Job.objects.get(kind="goals.evidence").payload == {"run": run.pk}
        entry = AuditEntry.objects.get(verb=events.SYNCED)
        assert (entry.subject_id, entry.details["created"]) == (connection.pk, 1)
    sync(connection, now=NOW + HOUR)
    with use_tenant(1):
        assert Job.objects.filter(kind="goals.evidence").count() == 1


def test_working_three_times_is_working_once(connection, shelf):
    shelf.hold([visit(1), visit(2)], [visit(3), {"id": "V004"}])
    run = ask(connection)
    repeat(lambda: work_on(run), ignoring=("jobs.Job.fence", "jobs.Job.lease_until"))
    assert len(held(connection)) == 3


def test_a_worker_that_lost_the_job_writes_nothing_more(connection, shelf, page_by_page):
    shelf.hold([visit(1)], [visit(2)])
    run = ask(connection)
    slow = claimed(run)

    def taken_over(place):
        if place == 1:
            claimed(run)

    shelf.before_page = taken_over
    with pytest.raises(LostLease):
        syncing.run_sync(slow, NOW)
    assert list(held(connection)) == ["V001"]


def test_a_connection_that_is_paused_is_not_read_on(connection, shelf, page_by_page):
    shelf.hold([visit(1)], [visit(2)])
    run = ask(connection)

    def pause(place):
        if place == 1:
            with use_tenant(1):
                Connection.objects.update(state=ConnectionState.PAUSED, next_due_at=None)

    shelf.before_page = pause
    assert work_on(run) is not None
    assert work_on(run) is None
    assert list(held(connection)) == ["V001"]
    with use_tenant(1):
        run.refresh_from_db()
    assert (run.state, run.error["code"]) == (RunState.FAILED, "switched_off")


def test_a_run_whose_connection_was_changed_begins_anew(connection, shelf, page_by_page):
    shelf.hold([visit(1)], [visit(2)])
    run = ask(connection)

    def change(place):
        if place == 1:
            shelf.before_page = lambda place: None
            with use_tenant(1):
                Connection.objects.update(version=2)

    shelf.before_page = change
    assert work_on(run) is not None
    assert work_on(run) is None
    assert [position for _stream, _since, position in shelf.asked] == [None, None]
    assert len(held(connection)) == 2


# --- asking ---


def test_one_press_is_one_run_and_another_has_to_wait(connection, anna):
    first = ask(connection, key="press", actor=anna.employee)
    assert ask(connection, key="press", actor=anna.employee) == first
    with pytest.raises(AlreadyRunning):
        ask(connection, key="another")
    with use_tenant(1):
        assert Job.objects.filter(kind="integrations.sync").count() == 1
        assert AuditEntry.objects.get(verb=events.SYNC_ASKED).actor_name == "Anna"


def test_only_a_connection_that_is_on_is_read(connect):
    with pytest.raises(NotSwitchedOn):
        ask(connect(state=ConnectionState.DRAFT, next_due_at=None))


def test_what_is_due_is_begun_and_next_due_by_its_schedule(connect):
    hourly, later = connect(), connect(next_due_at=NOW + HOUR)
    nightly = connect(schedule="daily 02:00", next_due_at=NOW - 30 * HOUR)
    with use_tenant(1):
        assert syncing.begin_due(now=NOW + timedelta(minutes=1)) == 2
        due = {one.pk: one.next_due_at for one in Connection.objects.all()}
        assert set(SyncRun.objects.values_list("connection", flat=True)) == {hourly.pk, nightly.pk}
    assert due == {
        hourly.pk: NOW + HOUR,
        later.pk: NOW + HOUR,
        nightly.pk: datetime(2026, 11, 20, 18, tzinfo=UTC),  # 02:00 in Shanghai
    }


def test_what_is_still_being_read_is_not_begun_again(connection):
    ask(connection)
    with use_tenant(1):
        assert syncing.begin_due(now=NOW) == 0
        assert Connection.objects.get().next_due_at == NOW + HOUR


def test_beginning_three_times_is_beginning_once(connection):
    from integrations.tasks import begin_due
    from tests.jobs.three_times import run_three_times

    run_three_times(begin_due, payload={}, now=NOW)


def test_a_schedule_that_cannot_be_read_stops_its_own_connection_alone(connect):
    broken, sound = connect(schedule="whenever"), connect()
    with use_tenant(1):
        assert syncing.begin_due(now=NOW) == 1
        assert Connection.objects.get(pk=broken.pk).stopped_because == "config_unfit"
        assert SyncRun.objects.get().connection_id == sound.pk


def test_another_company_sees_nothing_of_it(connection, shelf, otto):
    shelf.hold([visit(1)])
    sync(connection)
    with otto.scope:
        assert not Record.objects.exists()
        assert syncing.begin_due(now=NOW + 2 * HOUR) == 0


def test_a_page_and_its_count_of_the_whole_are_one(connection, shelf):
    shelf.hold(Page([visit(1)], None, total=2), Page([visit(2)], None, total=2))
    assert done(sync(connection)).source == 2
