"""One file a day: loaded whole or not at all, the highest number that is whole stands for the day."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from integrations import events
from integrations.actions import taking
from integrations.adapters.base import UNREADABLE
from integrations.models import (
    Batch,
    BatchState,
    DropFile,
    Gap,
    GapKind,
    QuarantinedRow,
    QuarantineState,
    StreamState,
)
from integrations.views.parts import said_of, totals
from perfsys.notices.models import Notice
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, held, sync
from tests.integrations.fakes import FILES, file_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ON = date(2026, 11, 19)  # yesterday
A, B, C = ({"id": name, "n": n, "drawing": f"D{n}"} for n, name in enumerate("ABC"))


@pytest.fixture(autouse=True)
def daily(shelf):
    shelf.declared = [FILES]


@pytest.fixture
def load(connection, shelf):
    """`load(file, file, after=DAY)`: these are there now; gives what the run counted."""

    def loaded(*files, after=timedelta(0)):
        shelf.hold(*files, stream="files")
        run = sync(connection, now=NOW + after)
        assert run.error is None
        return {name: number for name, number in run.counts["files"].items() if number}

    return loaded


def alive(connection):
    return {key: record.data["n"] for key, record in held(connection).items() if record.deleted_at is None}


def batches():
    with use_tenant(1):
        return [(batch.on, batch.revision, batch.state) for batch in Batch.objects.order_by("on", "revision", "pk")]


def gaps(**filters):
    with use_tenant(1):
        return [(gap.kind, gap.on, gap.closed_at is None) for gap in Gap.objects.filter(**filters).order_by("pk")]


def test_a_file_is_loaded_with_its_day(load, connection):
    assert load(file_of(ON, A, B)) == {"pulled": 2, "created": 2}
    assert {record.batch_on for record in held(connection).values()} == {ON}
    assert batches() == [(ON, 0, BatchState.LOADED)]


def test_a_file_that_was_loaded_is_not_read_again(load, connection, shelf):
    load(file_of(ON, A, B))
    assert load(file_of(ON, A, B), after=DAY / 24) == {}
    assert len(shelf.context.seen_batches) == 1


def test_a_higher_number_replaces_the_whole_day(load, connection):
    load(file_of(ON, A, B))
    counts = load(file_of(ON, {**A, "n": 7}, C, revision=1), after=DAY / 24)
    assert counts == {"pulled": 2, "changed": 1, "created": 1, "deleted": 1}
    assert alive(connection) == {"A": 7, "C": 2}
    assert held(connection)["B"].deleted_at == NOW + DAY / 24
    assert batches() == [(ON, 0, BatchState.REPLACED), (ON, 1, BatchState.LOADED)]
    with use_tenant(1):
        assert StreamState.objects.get().records == 2


def test_a_lower_number_that_comes_later_changes_nothing(load, connection):
    load(file_of(ON, A, revision=2))
    load(file_of(ON, B, revision=1), after=DAY / 24)
    assert alive(connection) == {"A": 0}
    assert batches() == [(ON, 1, BatchState.REPLACED), (ON, 2, BatchState.LOADED)]


def test_a_damaged_file_below_the_one_that_is_loaded_leaves_no_gap(load, connection):
    load(file_of(ON, A, revision=2))
    assert load(file_of(ON, B, revision=1, refused="truncated"), after=DAY / 24) == {"refused": 1}
    assert alive(connection) == {"A": 0}
    assert gaps() == []


def test_three_sendings_at_once_leave_the_last(load, connection):
    load(file_of(ON, A, B), file_of(ON, A, C, revision=1), file_of(ON, B, revision=2))
    assert alive(connection) == {"B": 1}
    assert [state for _on, _revision, state in batches()] == ["replaced", "replaced", "loaded"]


def test_the_same_number_with_other_content_replaces_as_well(load, connection):
    load(file_of(ON, A))
    load(file_of(ON, B), after=DAY / 24)
    assert alive(connection) == {"B": 1}


def test_what_is_deleted_comes_back_when_a_file_says_so(load, connection):
    load(file_of(ON, A, B))
    load(file_of(ON, A, revision=1), after=DAY / 24)
    assert load(file_of(ON, A, B, revision=2), after=DAY / 12) == {"pulled": 2, "unchanged": 1, "changed": 1}
    assert alive(connection) == {"A": 0, "B": 1}


def test_a_row_that_moved_on_belongs_to_the_later_day(load, connection):
    """And a new sending of the earlier day leaves it alone."""
    load(file_of(ON - DAY, A, B), file_of(ON, {**A, "n": 5}))
    load(file_of(ON - DAY, {**A, "n": 3}, revision=1), after=DAY / 24)
    assert alive(connection) == {"A": 5}
    assert held(connection)["A"].batch_on == ON


def test_of_lines_of_one_key_that_differ_the_last_counts_and_that_is_said(load, connection):
    counts = load(file_of(ON, A, A, {**A, "n": 9}, B))
    assert counts == {"pulled": 4, "created": 2, "repeated": 1, "contradicted": 1}
    assert alive(connection) == {"A": 9, "B": 1}
    with override("en"):
        assert said_of(totals({"files": counts})) == "4 rows read: 2 new, 1 overruled by a later line of the same key"


def test_so_it_is_of_lines_that_stand_a_thousand_apart(load, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 1)
    counts = load(file_of(ON, A, A, {**A, "n": 9}))
    assert counts == {"pulled": 3, "created": 1, "repeated": 1, "contradicted": 1}


def test_a_damaged_file_leaves_the_day_as_it_was_and_opens_a_gap(load, connection, anna):
    load(file_of(ON, A))
    assert load(file_of(ON, B, revision=1, refused="truncated"), after=DAY / 24) == {"refused": 1}
    assert alive(connection) == {"A": 0}
    assert batches() == [(ON, 0, BatchState.LOADED), (ON, 1, BatchState.REFUSED)]
    assert gaps() == [(GapKind.TRUNCATED, ON, True)]
    with use_tenant(1):
        [told] = Notice.objects.filter(kind=events.GAP_TOLD[GapKind.TRUNCATED])
        assert told.sentence == "“书架 1”：2026 年 11 月 19 日的文件不完整，没有载入"
    load(file_of(ON, B, revision=1, refused="truncated"), after=DAY / 12)  # it still lies there
    assert len(gaps()) == 1
    load(file_of(ON, A, revision=0, number=1), after=DAY / 8)  # whole, and before it
    assert gaps() == [(GapKind.TRUNCATED, ON, True)]
    load(file_of(ON, A, B, revision=2), after=DAY / 6)
    assert gaps() == [(GapKind.TRUNCATED, ON, False)]


def test_a_damaged_file_that_is_sent_again_under_its_name_is_loaded(load, connection):
    load(file_of(ON, A, refused="truncated"))
    load(file_of(ON, A, B), after=DAY / 24)
    assert alive(connection) == {"A": 0, "B": 1}
    assert gaps() == [(GapKind.TRUNCATED, ON, False)]


def test_one_that_was_refused_by_a_wrong_configuration_is_loaded_once_that_is_mended(load, connection):
    refused = file_of(ON, A, refused="columns_missing")
    load(refused)
    mended = file_of(ON, A)
    whole = mended.__class__(mended.rows, None, batch=mended.batch.__class__(ON, 0, "F", refused.batch.digest, 1, 1))
    load(whole, after=DAY / 24)
    assert batches() == [(ON, 0, BatchState.LOADED)]
    assert gaps() == [(GapKind.TRUNCATED, ON, False)]


def test_a_day_between_two_files_is_missing_until_it_comes(load, connection, anna):
    load(file_of(ON - 2 * DAY, A), file_of(ON, B))
    assert gaps() == [(GapKind.MISSING, ON - DAY, True)]
    load(after=DAY / 24)
    assert len(gaps()) == 1
    load(file_of(ON - DAY, C), after=DAY / 12)
    assert gaps() == [(GapKind.MISSING, ON - DAY, False)]
    with use_tenant(1):
        [told] = Notice.objects.filter(kind=events.GAP_TOLD[GapKind.MISSING])
        assert (told.to_id, told.state) == (anna.employee.pk, Notice.State.DONE)


def test_a_day_that_somebody_gave_up_is_not_missed_again(load, connection, anna):
    load(file_of(ON - 2 * DAY, A), file_of(ON, B))
    with use_tenant(1):
        Gap.objects.update(closed_at=NOW, closed_by=anna.employee, closed_because="停产一天")
    load(after=DAY / 24)
    assert gaps() == [(GapKind.MISSING, ON - DAY, False)]


def test_days_are_not_counted_from_a_file_that_was_never_taken(load):
    load(file_of(ON - 30 * DAY, A, refused="truncated"), file_of(ON - 2 * DAY, A), file_of(ON, B))
    assert gaps(kind=GapKind.MISSING) == [(GapKind.MISSING, ON - DAY, True)]


def test_many_missing_days_make_one_notice(load, connection):
    load(file_of(ON - 30 * DAY, A), file_of(ON, B))
    assert len(gaps(kind=GapKind.MISSING)) == 29
    with use_tenant(1):
        [told] = Notice.objects.filter(kind=events.DAYS_MISSING)
        assert told.params["count"] == 29
        assert not Notice.objects.filter(kind=events.GAP_TOLD[GapKind.MISSING]).exists()


def test_an_unusually_small_file_is_loaded_and_told_until_a_fuller_one_comes(load, connection):
    usual = [file_of(ON - age * DAY, {**A, "id": f"{age}"}, number=40) for age in range(20, 0, -1)]
    load(*usual, file_of(ON, B, number=5))
    assert gaps() == [(GapKind.SMALL, ON, True)]
    assert "B" in alive(connection)
    load(file_of(ON, B, C, revision=1, number=38), after=DAY / 24)
    assert gaps() == [(GapKind.SMALL, ON, False)]


def test_rows_set_aside_of_a_file_are_over_when_it_is_replaced(load, connection):
    bad, other = {**B, "n": "x"}, {**C, "n": "y"}
    load(file_of(ON, A, bad, other))
    load(file_of(ON, A, bad, revision=1), after=DAY / 24)
    with use_tenant(1):
        states = dict(QuarantinedRow.objects.values_list("external_id", "state"))
    assert states == {"B": QuarantineState.WAITING, "C": QuarantineState.REPLAYED}


def test_a_row_that_does_not_fit_any_more_is_not_taken_for_deleted(load, connection):
    load(file_of(ON, A, B))
    load(file_of(ON, A, {**B, "n": "x"}, revision=1), after=DAY / 24)
    assert alive(connection) == {"A": 0, "B": 1}


def test_where_keys_cannot_be_read_nothing_is_deleted(load, connection):
    """A column that was renamed must not empty a day."""
    load(file_of(ON, A, B))
    renamed = [{"key": row["id"], "n": row["n"]} for row in (A, B)]
    assert load(file_of(ON, *renamed, revision=1), after=DAY / 24)["quarantined"] == 2
    assert alive(connection) == {"A": 0, "B": 1}
    assert (GapKind.SCHEMA, date(2026, 11, 20), True) in gaps()


def test_a_line_that_could_not_be_cut_is_set_aside_and_no_new_field(load, connection):
    load(file_of(ON, A, B))
    counts = load(file_of(ON, A, {UNREADABLE: ["C", "3", "one too many"]}, revision=1), after=DAY / 24)
    assert counts["quarantined"] == 1
    assert GapKind.SCHEMA not in [kind for kind, _on, _is_open in gaps()]


def test_files_handed_in_are_given_to_an_adapter_that_takes_them(connection, shelf, load):
    shelf.takes_files = True
    with use_tenant(1):
        DropFile.objects.create(connection=connection, name="F.csv", content=b"x", digest="0" * 64, at=NOW)
    load(file_of(ON, A))
    assert [(file.name, file.content) for file in shelf.context.handed_in] == [("F.csv", b"x")]
    with use_tenant(1):
        Batch.objects.update(digest="0" * 64)
    load(after=DAY / 24)
    assert list(shelf.context.handed_in) == []
