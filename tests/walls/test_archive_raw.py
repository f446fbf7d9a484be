"""Old raw rows move into a file: by the owner of the tables, one company's, and nothing is lost (docs/scale.md)."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from integrations.actions import raw
from integrations.models import Connection, RawRecord, Record, RunState, SyncRun
from perfsys.audit.models import AuditEntry
from perfsys.tenancy.scope import use_tenant
from tests.cast import employ
from tests.jobs.three_times import repeat

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def said(owner):
    """Three records: one that said three things, one that said two, the last one lately, one that said one long ago."""
    connection = Connection.objects.create(name="订单", adapter="rest", owner=owner, made_at=NOW)
    run = SyncRun.objects.create(connection=connection, key="1", state=RunState.DONE, asked_at=NOW, finished_at=NOW)
    seen = {"first_seen_at": NOW, "changed_at": NOW, "run": run, "digest": "0" * 32, "data": {}}
    for name, days in {"A": (300, 200, 100), "B": (250, 5), "C": (365,)}.items():
        record = Record.objects.create(connection=connection, stream="deals", external_id=name, **seen)
        for ago in days:
            said_then = {"payload": {"id": name, "ago": ago}, "digest": f"{ago:032}", "received_at": NOW - ago * DAY}
            RawRecord.objects.create(record=record, run=run, **said_then)


def left():
    return [(one["id"], one["ago"]) for one in RawRecord.objects.order_by("pk").values_list("payload", flat=True)]


def archive(tmp_path, before="2026-06-01"):
    out = StringIO()
    call_command("archive_raw", "--tenant", "acme", "--before", before, "--to", str(tmp_path), stdout=out)
    return out.getvalue()


@pytest.fixture
def company(transactional_db, time_machine):
    time_machine.move_to(NOW, tick=False)
    anna, otto = employ("acme", "anna", admin=True), employ("globex", "otto", admin=True)
    for person in (anna, otto):
        with person.scope:
            said(person.employee)


def test_what_was_said_anew_since_moves_and_each_record_keeps_its_newest(company, as_owner, tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "AT_ONCE", 2)  # two parts
    repeat(lambda: archive(tmp_path))
    with use_tenant(1):
        assert left() == [("A", 100), ("B", 5), ("C", 365)]
        told = AuditEntry.objects.filter(verb="integrations.raw_put_away")
        assert [one.details["rows"] for one in told.order_by("pk")] == [2, 1]
    with use_tenant(2):
        assert len(left()) == 6
    [file] = tmp_path.iterdir()
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    assert [(one["record__external_id"], one["payload"]["ago"]) for one in rows] == [("A", 300), ("A", 200), ("B", 250)]


def test_the_app_s_role_cannot_and_what_came_lately_stays(company, tmp_path):
    with pytest.raises(CommandError, match="Only the owner"):
        archive(tmp_path)
    with pytest.raises(CommandError, match="31 days"):
        archive(tmp_path, before="2026-11-01")
    with use_tenant(1):
        assert len(left()) == 6


def test_what_was_put_away_comes_back_letter_by_letter_and_once(company, as_owner, tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "AT_ONCE", 2)
    with use_tenant(1):
        before = list(RawRecord.objects.order_by("pk").values())
    archive(tmp_path)
    [file] = tmp_path.iterdir()

    def restore(tenant="acme"):
        out = StringIO()
        call_command("restore_raw", "--tenant", tenant, str(file), stdout=out)
        return out.getvalue()

    assert restore("globex") == "0 rows brought back, 3 of no record here.\n"
    assert restore() == "3 rows brought back, 0 of no record here.\n"
    repeat(restore)
    with use_tenant(1):
        assert list(RawRecord.objects.order_by("pk").values()) == before
        told = AuditEntry.objects.filter(verb="integrations.raw_brought_back")
        assert [one.details["rows"] for one in told.order_by("pk")] == [2, 1]
        RawRecord.objects.filter(pk=before[0]["id"]).update(record=Record.objects.get(external_id="C"))
    with pytest.raises(CommandError, match="another installation"):
        restore()
    with use_tenant(1):
        RawRecord.objects.filter(pk=before[0]["id"]).update(record=before[0]["record_id"])
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(CommandError, match="no whole file"):
        restore()


def test_numbers_that_were_never_given_here_are_refused(company, as_owner, tmp_path):
    archive(tmp_path)
    [file] = tmp_path.iterdir()
    rows = next(raw.rows_of(file))
    with use_tenant(1):
        above = RawRecord.objects.latest("pk").pk + 1
        with pytest.raises(raw.OtherRows):
            raw.bring_back(rows=[rows[0] | {"id": above}], file="", now=NOW)
    with use_tenant(2):
        taken = RawRecord.objects.earliest("pk").pk
    with use_tenant(1):
        newest = RawRecord.objects.get(record__external_id="C")
        RawRecord.objects.filter(pk=newest.pk).update(id=above + 100)  # behind the other company's
        row = rows[0] | {"id": taken, "record__public_id": str(newest.record.public_id)}
        with pytest.raises(raw.OtherRows):
            raw.bring_back(rows=[row], file="", now=NOW)
        assert not RawRecord.objects.filter(pk__in=[taken, above]).exists()


@pytest.mark.parametrize(
    "change",
    [{"id": "7"}, {"id": True}, {"record__public_id": "A"}, {"received_at": "2026-11-20"}, {"digest": None}, {"x": 1}],
)
def test_lines_of_something_else_are_no_archive(tmp_path, change):
    row = dict.fromkeys(raw.COLUMNS, "") | {
        "id": 1, "run_id": 1, "record__public_id": f"{UUID(int=1)}", "received_at": "2026-11-20T02:00:00Z",
    }  # fmt: skip
    file = tmp_path / "one"
    file.write_bytes(gzip.compress(json.dumps(row).encode()))
    assert list(raw.rows_of(file)) == [[row]]
    for other in (row | change, [row], 7):
        file.write_bytes(gzip.compress(json.dumps(other).encode()))
        with pytest.raises(raw.NotAnArchive):
            list(raw.rows_of(file))
