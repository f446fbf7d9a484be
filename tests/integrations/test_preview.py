"""Looking before switching on: rows as they would be held, with what does not fit, and nothing written."""

from datetime import UTC, date, datetime

import pytest

from integrations.adapters.base import AdapterBroken, NeedsReconnect, Page
from integrations.models import ConnectionState
from integrations.preview import preview, to_preview, to_try_out, try_out
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW
from tests.integrations.fakes import FILES, file_of, visit
from tests.jobs.three_times import contents

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(connect):
    return connect(state=ConnectionState.DRAFT, next_due_at=None, tested_at=None)


def looked(connection, stream="visits", rows=20):
    before = contents()
    with use_tenant(1):
        found = preview(connection, to_preview(connection, now=NOW), stream=stream, rows=rows)
    assert contents() == before
    return found


def test_rows_are_shown_as_they_would_be_held(draft, shelf):
    shelf.hold(Page([visit(1, mood="好"), visit(2, gone=True)], None, total=9), [visit(3)])
    found = looked(draft)
    first, second = found.rows
    assert (first.external_id, first.title, first.problem) == ("V001", "拜访 1", None)
    assert first.happened_at == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert [cell.value for cell in first.cells] == ["V001", "C1", "2026-10-31T17:00:00+00:00", "1.5", "拜访 1", None]
    assert second.is_deleted
    assert [field.name for field in found.fields] == ["id", "customer", "at", "amount", "says", "gone"]
    assert (found.unknown, found.total, found.unfit) == (["mood"], 9, 0)


def test_each_problem_stands_in_its_cell(draft, shelf):
    shelf.hold([visit(1, at="heute", amount="viel")])
    found = looked(draft)
    [row] = found.rows
    problems = {cell.field.name: cell.problem.code for cell in row.cells if cell.problem}
    assert problems == {"at": "not_time", "amount": "not_decimal"}
    assert [cell.raw for cell in row.cells if cell.problem] == ["heute", "viel"]
    assert (row.external_id, row.problem.code, found.unfit) == ("V001", "not_time", 1)


def test_it_shows_a_few(draft, shelf):
    shelf.hold([visit(n) for n in range(30)])
    assert len(looked(draft).rows) == 20
    assert len(looked(draft, rows=3).rows) == 3


def test_an_empty_source_is_empty(draft, shelf):
    assert looked(draft).rows == ()


def test_files_that_would_be_refused_are_named_and_the_first_whole_one_shown(draft, shelf):
    shelf.declared = [FILES]
    bad, good = file_of(date(2026, 11, 1), refused="truncated"), file_of(date(2026, 11, 2), {"id": "A", "n": "1"})
    shelf.hold(bad, good, stream="files")
    found = looked(draft, "files")
    assert [batch.refused for batch in found.refused] == ["truncated"]
    assert (found.batch.on, found.rows[0].cells[1].value) == (date(2026, 11, 2), 1)


def test_what_goes_wrong_is_raised_for_the_page_to_say(draft, shelf):
    shelf.hold(NeedsReconnect("sign_in_refused"), [visit(1)])
    with use_tenant(1):
        with pytest.raises(NeedsReconnect):
            try_out(draft, to_try_out(draft, now=NOW))
        try_out(draft, to_try_out(draft, now=NOW))
        with pytest.raises(AdapterBroken, match="config_unfit"):
            preview(draft, to_preview(draft, now=NOW), stream="gibtesnicht")
