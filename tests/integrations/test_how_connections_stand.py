"""What the pages are told about connections: the last success, the range, what is missing and set aside."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.adapters.base import Page, RetryLater
from integrations.models import Connection, ConnectionState
from integrations.queries import connection_health, connections_page
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, ask, sync, work_on
from tests.integrations.fakes import visit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_connection_that_was_read(connection, shelf):
    shelf.hold(Page([visit(1), visit(2), visit(3, at="")], None, total=4))
    sync(connection)
    shelf.hold(RetryLater("busy", after=HOUR))
    with use_tenant(1):
        Connection.objects.update(next_due_at=NOW + 2 * HOUR)
    run = ask(connection, now=NOW + HOUR)
    work_on(run, now=NOW + HOUR)
    with use_tenant(1):
        connection.refresh_from_db()
        health = connection_health(connection, NOW + HOUR)
        [row] = connections_page()
    assert (health.last_success_at, health.records, health.set_aside, health.open_gaps) == (NOW, 2, 1, 1)
    assert health.covered_from == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert health.covered_until == datetime(2026, 10, 31, 18, tzinfo=UTC)
    assert (health.live_run, health.next_due_at, health.is_behind) == (run, NOW + 2 * HOUR, False)
    assert [state.stream for state in health.streams] == ["visits"]
    assert (row.last_success_at, row.records, row.set_aside, row.is_running) == (NOW, 2, 1, True)
    assert (row.covered_from, row.covered_until) == (health.covered_from, health.covered_until)
    assert [gap.kind for gap in row.open_gaps] == ["count"]


def test_one_that_was_never_read(connect):
    connection = connect(state=ConnectionState.DRAFT, next_due_at=None)
    with use_tenant(1):
        health = connection_health(connection, NOW)
        [row] = connections_page()
    assert (health.last_success_at, health.records, health.live_run, health.last_run) == (None, 0, None, None)
    assert (row.last_success_at, row.records, row.open_gaps, row.is_running) == (None, 0, [], False)


@pytest.mark.parametrize("number", [2, 8])
def test_the_list_costs_the_same_however_many_there_are(connect, shelf, django_assert_num_queries, number):
    for _one in range(number):
        shelf.hold(Page([visit(1), visit(2, at="")], None, total=5))
        sync(connect())
    with use_tenant(1), django_assert_num_queries(4):  # gaps, ranges, rows set aside, connections with their last runs
        assert len(connections_page()) == number
