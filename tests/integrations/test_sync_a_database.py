"""A table under a sync: what grows, what is corrected, what is committed late, and a worker that stops halfway."""

from datetime import timedelta

import pytest

from integrations.actions import connection as actions
from integrations.actions import sync as syncing
from integrations.adapters.base import HandedIn
from integrations.models import Connection, Gap, GapKind, RawRecord, Record, RunState
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.databases import PER_ORDER, STREAM, sqlite_file
from tests.integrations.conftest import NOW, ask, held, sync, work_on

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CONFIG = {"file": "mes.sqlite", "page_rows": 10, "streams": [STREAM]}


@pytest.fixture
def table(connect, tmp_path):
    """`table("UPDATE ...")`: the file after these statements, handed in."""

    def made(*statements):
        content = sqlite_file(tmp_path / "f", *statements)
        with use_tenant(1):
            files = [HandedIn("mes.sqlite", content)]
            actions.hand_in_files(connection=made.connection, files=files, actor=None, now=NOW)
            made.connection.runs.filter(state=RunState.WAITING).delete()  # the test asks for its own

    made.connection = connect(adapter="sql_file", config=CONFIG)
    return made


def test_a_correction_replaces_and_what_was_said_before_stays(table):
    table()
    sync(table.connection)
    table("""UPDATE ORDERS SET QTY = '7.25', CHANGED = '2026-11-19 08:00:00' WHERE "ORDER" = 'WO-0003' AND STEP = 1""")
    second = sync(table.connection, now=NOW + HOUR)
    assert (second.counts["steps"]["changed"], second.counts["steps"]["created"]) == (1, 0)
    record = held(table.connection)["WO-0003|1"]
    assert record.data["quantity"] == "7.25"
    with use_tenant(1):
        said = RawRecord.objects.filter(record=record).order_by("pk").values_list("payload", flat=True)
        assert [row["QTY"] for row in said] == ["7.50", "7.25"]


def test_a_row_that_was_committed_late_is_missed_and_told(table):
    """Behind the watermark by more than the overlap no reading finds it; the count does."""
    table()
    sync(table.connection)
    table("""INSERT INTO ORDERS VALUES ('WO-9999', 0, '1', '2026-11-01 08:00:00', '2026-11-02 08:00:00', '迟到')""")
    sync(table.connection, now=NOW + HOUR)
    with use_tenant(1):
        assert list(Gap.objects.values_list("kind", flat=True)) == [GapKind.COUNT]
        assert not Record.objects.filter(external_id="WO-9999|0").exists()


def test_a_worker_that_stops_goes_on_behind_the_last_page_written(table, page_by_page, monkeypatch):
    table()
    run, written = ask(table.connection), syncing.write_pages
    places = iter(range(100))

    def stops(*args, **kwargs):
        if next(places) == 3:
            raise KeyboardInterrupt
        return written(*args, **kwargs)

    monkeypatch.setattr(syncing, "write_pages", stops)
    with pytest.raises(KeyboardInterrupt):
        work_on(run)
    assert len(held(table.connection)) == 30
    monkeypatch.setattr(syncing, "write_pages", written)
    while work_on(run) is not None:
        pass
    with use_tenant(1):
        run.refresh_from_db()
        assert (run.state, Record.objects.count()) == (RunState.DONE, 60)
        assert run.counts["steps"]["pulled"] == 60 and not run.counts["steps"].get("repeated")


def test_another_table_of_the_same_file_is_read_beside_it(table):
    with use_tenant(1):
        Connection.objects.update(config={**CONFIG, "streams": [STREAM, PER_ORDER]})
        table.connection.refresh_from_db()
    table()
    counts = sync(table.connection).counts
    assert (counts["steps"]["created"], counts["orders"]["created"]) == (60, 30)


def test_all_of_it_is_read_once_more_where_the_cursor_does_not_say_what_changed(table):
    """A row that came late, and one that was put right under its old time; nothing else is written again."""
    table()
    sync(table.connection)
    late = """INSERT INTO ORDERS VALUES ('WO-9999', 0, '1', '2026-11-01 08:00:00', '2026-11-02 08:00:00', '迟到')"""
    table(late, """UPDATE ORDERS SET QTY = '8' WHERE "ORDER" = 'WO-0003' AND STEP = 1""")
    sync(table.connection, now=NOW + HOUR)
    assert held(table.connection)["WO-0003|1"].data["quantity"] == "7.50"
    with use_tenant(1):
        syncing.read_from_the_beginning(connection=table.connection, actor=None, now=NOW + HOUR, key="all")
        run = table.connection.runs.get(state=RunState.WAITING)
    while work_on(run, now=NOW + HOUR) is not None:
        pass
    with use_tenant(1):
        run.refresh_from_db()
        counts = run.counts["steps"]
        assert (counts["created"], counts["changed"], counts["unchanged"]) == (1, 1, counts["pulled"] - 2)
        assert not Gap.objects.filter(closed_at=None).exists()
    assert held(table.connection)["WO-0003|1"].data["quantity"] == "8" and "WO-9999|0" in held(table.connection)
