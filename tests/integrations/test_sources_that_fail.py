"""What a run does when the other side is busy, away, refuses, or answers what was not agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import events
from integrations.actions import sync as syncing
from integrations.actions.watch import watch
from integrations.adapters import registry
from integrations.adapters.base import AdapterBroken, NeedsReconnect, Page, RetryLater, SkipRow
from integrations.models import Connection, ConnectionState, Gap, GapKind, RunState, Secret, StreamState
from integrations.views.parts import put_off, said_of, totals
from perfsys.audit.models import AuditEntry
from perfsys.demo.crm import SampleCrm, serving
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, ask, done, held, sync, work_on
from tests.integrations.fakes import visit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def gaps(**filters):
    with use_tenant(1):
        return list(Gap.objects.filter(**filters).order_by("pk"))


def notices(kind):
    with use_tenant(1):
        return list(Notice.objects.filter(kind=kind).order_by("pk"))


def test_it_waits_as_long_as_the_other_side_says_and_goes_on_where_it_was(connection, shelf):
    shelf.hold([visit(1)], RetryLater("busy", after=timedelta(minutes=7)), [visit(2)])
    run = ask(connection)
    again = work_on(run)
    assert again.after == timedelta(minutes=7)
    assert list(held(connection)) == ["V001"]
    assert work_on(run, now=NOW + again.after) is None
    assert [position for _stream, _since, position in shelf.asked] == [None, 1]
    with use_tenant(1):
        run.refresh_from_db()
    assert (done(run).created, run.tries, run.error) == (2, 0, None)
    assert gaps() == []


@pytest.mark.parametrize(("said", "waited"), [(timedelta(days=3), HOUR), (timedelta(0), timedelta(seconds=1))])
def test_it_waits_neither_for_days_nor_not_at_all(connection, shelf, said, waited):
    shelf.hold(RetryLater("busy", after=said))
    assert work_on(ask(connection)).after == waited


def test_one_that_asks_for_patience_again_and_again_is_told_once_it_is_late(connect, shelf, time_machine):
    connection = connect(next_due_at=NOW + HOUR)
    shelf.hold(*[RetryLater("busy", after=HOUR / 2, host="crm.example")] * 3, [visit(1)])
    run = ask(connection)
    for half_hours, opened in enumerate([0, 0, 1]):
        work_on(run, now=NOW + half_hours * HOUR / 2)
        assert len(gaps(kind=GapKind.UNREACHABLE, closed_at=None)) == opened
    with use_tenant(1):
        run.refresh_from_db()
    time_machine.move_to(NOW + HOUR, tick=False)
    with timezone.override("Asia/Shanghai"):
        assert put_off(run).endswith("11:30 会自动继续。")
    assert work_on(run, now=NOW + 3 * HOUR / 2) is None
    assert gaps(closed_at=None) == []


def test_what_a_person_did_meanwhile_keeps_nobody_asking_for_an_adapter_that_is_gone(connection, shelf, monkeypatch):
    shelf.hold(RetryLater("busy", after=HOUR / 60))
    run = ask(connection)
    work_on(run)
    monkeypatch.delitem(registry.ADAPTERS, shelf.name)
    with use_tenant(1):
        Connection.objects.update(version=2)
    assert work_on(run, now=NOW + HOUR) is None
    with use_tenant(1):
        assert Connection.objects.get().stopped_because == "adapter_gone"


def test_a_run_reads_its_fill_and_the_next_one_goes_on_there(connection, shelf, settings, page_by_page):
    settings.INTEGRATION_RUN_ROWS = 2
    shelf.declared = [shelf.declared[0], replace(shelf.declared[0], name="calls")]
    shelf.hold(*[[visit(number)] for number in range(5)])
    shelf.hold([visit(1)], stream="calls")
    pulled, said = [], []
    for hour in range(4):
        run = sync(connection, now=NOW + hour * HOUR)
        assert run.state == RunState.DONE
        pulled.append([run.counts[name].get("pulled", 0) for name in ("visits", "calls")])
        said.append("还有没读完的" in said_of(totals(run.counts)))
        with use_tenant(1):
            watermark = StreamState.objects.get(stream="visits").watermark
        assert bool(watermark) == (hour > 1)  # not before the end was seen
    assert pulled == [[2, 1], [2, 1], [1, 1], [2, 1]]
    assert said == [True, True, False, True]
    assert len(held(connection)) == 6 - 1


def test_a_place_that_the_other_side_refuses_is_not_asked_for_again(connection, shelf, settings, page_by_page):
    settings.INTEGRATION_RUN_ROWS = 1
    shelf.hold([visit(1)], [visit(2)])
    sync(connection)
    shelf.hold([visit(1)], AdapterBroken("refused_request"), [visit(2)])
    assert sync(connection, now=NOW + HOUR).state == RunState.FAILED
    with use_tenant(1):
        Connection.objects.update(state=ConnectionState.ON, stopped_because="")
    assert sync(connection, now=NOW + 2 * HOUR).state == RunState.DONE
    assert [position for _stream, _since, position in shelf.asked] == [None, 1, None]


def test_without_a_word_it_waits_longer_each_time_and_then_gives_up(connection, shelf):
    shelf.hold(*[RetryLater("unreachable", host="crm.example")] * 6, [visit(1)])
    run, now, waits = ask(connection), NOW, []
    while (again := work_on(run, now=now)) is not None:
        waits.append(again.after)
        now += again.after
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60)]
    with use_tenant(1):
        run.refresh_from_db()
        assert Connection.objects.get().state == ConnectionState.ON
        assert AuditEntry.objects.get(verb=events.SYNC_FAILED).details == {"code": "unreachable"}
    assert (run.state, run.error["code"]) == (RunState.FAILED, "unreachable")
    assert done(sync(connection, now=now + HOUR)).created == 1


def test_the_owner_is_told_before_the_next_sync_is_missed_and_it_is_over_when_it_answers(connect, shelf, anna):
    connection = connect(next_due_at=NOW + timedelta(minutes=4))
    shelf.hold(*[RetryLater("unreachable", host="crm.example")] * 3, [visit(1)])
    run = ask(connection)
    assert work_on(run).after == timedelta(minutes=1)
    assert gaps() == []
    work_on(run, now=NOW + timedelta(minutes=1))
    work_on(run, now=NOW + timedelta(minutes=6))
    [gap] = gaps()
    assert (gap.kind, gap.words["code"], gap.closed_at) == (GapKind.UNREACHABLE, "unreachable", None)
    [told] = notices(events.GAP_TOLD[GapKind.UNREACHABLE])
    assert (told.to_id, told.state) == (anna.employee.pk, Notice.State.OPEN)
    assert work_on(run, now=NOW + HOUR) is None
    assert gaps()[0].closed_at == NOW + HOUR
    assert notices(told.kind)[0].state == Notice.State.DONE


@pytest.mark.parametrize("problem", [NeedsReconnect("sign_in_refused"), AdapterBroken("not_json"), SkipRow("odd")])
def test_what_a_person_must_mend_stops_the_connection_and_tells_its_owner(connection, shelf, problem, anna):
    shelf.hold([visit(1)], problem)
    run = sync(connection)
    assert (run.state, run.error["code"]) == (RunState.FAILED, problem.code)
    with use_tenant(1):
        stopped = Connection.objects.get()
        assert (stopped.state, stopped.stopped_because) == (ConnectionState.STOPPED, problem.code)
        assert (stopped.next_due_at, stopped.version) == (None, 2)
        assert AuditEntry.objects.get(verb=events.STOPPED).details == {"code": problem.code}
    [told] = notices(events.CONNECTION_STOPPED)
    assert (told.to_id, told.asks) == (anna.employee.pk, True)
    assert list(held(connection)) == ["V001"]


def test_without_its_adapter_nothing_is_read_and_the_owner_is_told_once(connection, shelf, anna, monkeypatch):
    shelf.hold([visit(1)])
    sync(connection)
    monkeypatch.delitem(registry.ADAPTERS, shelf.name)
    run = sync(connection, now=NOW + HOUR)
    assert (run.state, run.error) == (RunState.FAILED, {"code": "adapter_gone", "words": {"adapter": "shelf"}})
    with use_tenant(1):
        for later in range(2, 5):
            assert syncing.begin_due(now=NOW + later * HOUR) == 0
            watch(now=NOW + later * HOUR)
        stopped = Connection.objects.get()
    assert (stopped.state, stopped.stopped_because) == (ConnectionState.STOPPED, "adapter_gone")
    assert [told.to_id for told in notices(events.CONNECTION_STOPPED)] == [anna.employee.pk]
    assert list(held(connection)) == ["V001"]


class Endless(SampleCrm):
    """Each page leads on to another one, and all of them hold the same two visits, or none at all."""

    rows: Sequence[Mapping[str, str]] = ({"id": "1"}, {"id": "2"})
    asked = 0

    def answer(self, asked):
        self.asked += 1
        return 200, {}, {"items": self.rows, "next": f"page-{self.asked}"}


@pytest.mark.parametrize("rows", [Endless.rows, ()], ids=["the same rows", "no rows"])
def test_a_source_whose_pages_never_end_is_left(connect, settings, anna, rows):
    settings.INTEGRATION_STALE_PAGES = 20
    stream = {"name": "things", "path": "/things", "key": ["id"], "fields": [{"name": "id"}]}
    with serving(Endless()) as server:
        server.rows = rows
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{server.server_port}"]
        paging = {"param": "after", "next": "next"}
        config = {"base_url": server.address, "records": "items", "paging": paging, "streams": [stream]}
        run = sync(connect(adapter="rest_json", config=config))
    assert (run.state, run.error["code"]) == (RunState.FAILED, "nothing_new")
    assert run.error["words"]["stream"] == "things" and run.error["words"]["pages"] >= 20
    with use_tenant(1):
        assert Connection.objects.get().stopped_because == "nothing_new"
    assert [told.to_id for told in notices(events.CONNECTION_STOPPED)] == [anna.employee.pk]


def test_pages_without_anything_new_are_counted_across_stretches_and_forgotten_at_the_first_new_row(
    connection, shelf, settings, page_by_page
):
    settings.INTEGRATION_STALE_PAGES = 3
    again = [visit(1)]
    shelf.hold(again, again, RetryLater("busy", after=HOUR / 60), again, [visit(2)], again, again, [visit(3)])
    assert done(sync(connection)).created == 3
    shelf.hold(again, again, RetryLater("busy", after=HOUR / 60), again, again, again, [visit(4)])
    run = sync(connection, now=NOW + HOUR)
    assert (run.error["code"], run.error["words"]["pages"]) == ("nothing_new", 3)


def test_a_run_that_begins_anew_has_met_nothing_yet(connection, shelf, settings, page_by_page):
    """Somebody gave the connection another name while it was being read."""
    settings.INTEGRATION_STALE_PAGES = 2
    pages = [[visit(number)] for number in range(5)]
    shelf.hold(*pages[:4], RetryLater("busy", after=HOUR / 60), pages[4])
    run = ask(connection)
    work_on(run)
    with use_tenant(1):
        Connection.objects.update(version=2)
    while work_on(run, now=NOW + HOUR) is not None:
        pass
    with use_tenant(1):
        run.refresh_from_db()
    assert (done(run).pulled, done(run).created, done(run).repeated) == (5, 1, 0)


def test_it_is_over_once_a_sync_has_come_to_its_end(connection, shelf):
    shelf.hold(NeedsReconnect("sign_in_refused"), [visit(1)])
    sync(connection)
    with use_tenant(1):
        Connection.objects.update(state=ConnectionState.ON, stopped_because="", version=3)
    assert done(sync(connection, now=NOW + HOUR)).created == 1
    assert notices(events.CONNECTION_STOPPED)[0].state == Notice.State.DONE


def test_an_owner_who_left_is_not_the_only_one_who_hears(connection, shelf, cast, anna):
    gone = cast("acme", "gunther")
    with use_tenant(1):
        Employee.objects.filter(pk=gone.employee.pk).update(status=Employee.Status.LEFT)
        Connection.objects.update(owner=gone.employee)
    shelf.hold(AdapterBroken("not_json"))
    sync(connection)
    assert [told.to_id for told in notices(events.CONNECTION_STOPPED)] == [anna.employee.pk]


def test_an_owner_who_may_not_open_the_page_any_more_is_not_the_only_one_who_hears(connection, shelf, cast, anna):
    ben = cast("acme", "ben", admin=True)
    with use_tenant(1):
        Membership.objects.filter(pk=anna.employee.membership_id).update(granted=[])
    shelf.hold(NeedsReconnect("sign_in_refused"))
    sync(connection)
    assert [notice.to_id for notice in notices(events.CONNECTION_STOPPED)] == [ben.employee.pk]


def test_pages_that_lead_to_themselves_are_noticed(connection, shelf, monkeypatch):
    def in_a_circle(config, stream, context, *, since, position):
        while True:
            yield Page([visit(1)], "same")

    monkeypatch.setattr(shelf, "pages", in_a_circle)
    assert sync(connection).error["code"] == "goes_round"


def test_a_secret_that_cannot_be_opened_is_asked_for_anew(connection, shelf):
    with use_tenant(1):
        Secret.objects.create(connection=connection, key_id="gone", nonce=b"0" * 12, sealed=b"x", set_at=NOW)
    assert sync(connection).error["code"] == "cannot_open"


def test_an_adapter_that_is_gone_or_a_configuration_that_no_longer_fits_stops_it(connect, shelf):
    assert sync(connect(adapter="telepathy")).error["code"] == "adapter_gone"
    connection = connect()
    shelf.schema = {"type": "object", "required": ["base_url"]}
    assert sync(connection).error["code"] == "config_unfit"


def test_a_source_that_counts_more_than_came_is_a_gap_until_the_rest_comes(connection, shelf):
    shelf.hold(Page([visit(1), visit(2)], None, total=3), Page([visit(2)], None, total=3))
    sync(connection)
    [gap] = gaps()
    words = {"stream": "visits", "short": 1, "source": 3, "rows": 2}
    assert (gap.kind, gap.stream, gap.words) == (GapKind.COUNT, "visits", words)
    assert notices(events.GAP_TOLD[GapKind.COUNT])[0].sentence == "“书架 1”报的行数比取到的多 1 行"
    sync(connection, now=NOW + HOUR)
    assert len(gaps()) == 1
    shelf.hold(Page([visit(3)], None, total=3))  # a run that begins at the watermark sees what is new
    sync(connection, now=NOW + 2 * HOUR)
    assert gaps()[0].closed_at == NOW + 2 * HOUR


def test_a_count_that_somebody_explained_is_not_told_again_unless_it_grows(connection, shelf, anna):
    shelf.hold(Page([visit(1)], None, total=3))
    sync(connection)
    with use_tenant(1):
        Gap.objects.update(closed_at=NOW, closed_by=anna.employee, closed_because="两行是测试数据")
    sync(connection, now=NOW + 48 * HOUR)
    assert len(gaps()) == 1
    shelf.hold(Page([visit(1)], None, total=4))
    sync(connection, now=NOW + 49 * HOUR)
    assert [gap.words["short"] for gap in gaps()] == [2, 3]


def test_rows_set_aside_have_come_as_well(connection, shelf):
    shelf.hold(Page([visit(1), visit(2, at="")], None, total=2))
    sync(connection)
    assert gaps() == []


def test_new_fields_are_taken_along_and_told(connection, shelf):
    shelf.hold([visit(1)])
    sync(connection)
    shelf.hold([visit(2, mood="好", weather="雨")], [visit(3, mood="好")])
    assert done(sync(connection, now=NOW + HOUR)).created == 2
    [gap] = gaps()
    assert (gap.kind, gap.words["fields"], gap.words["added"]) == (GapKind.SCHEMA, "mood, weather", ["mood", "weather"])
    sync(connection, now=NOW + 30 * HOUR)
    assert len(gaps()) == 1


def test_a_renamed_field_is_told_as_new_and_as_gone(connection, shelf):
    shelf.hold([visit(n) for n in range(60)])
    sync(connection)
    shelf.hold([{**visit(n), "sum": 1, "amount": 1} for n in range(30)], [visit(n) for n in range(30, 60)])
    for row in (*shelf.pages_of["visits"][0].rows, *shelf.pages_of["visits"][1].rows):
        del row["amount"]
    sync(connection, now=NOW + HOUR)
    [gap] = gaps()
    assert (gap.words["added"], gap.words["gone"], gap.words["fields"]) == (["sum"], ["amount"], "sum, amount")
    assert [notice.params["fields"] for notice in notices(events.GAP_TOLD[GapKind.SCHEMA])] == ["sum", "sum, amount"]


def test_a_mapped_field_that_no_row_has_any_more_is_told_once(connection, shelf):
    shelf.hold([visit(n) for n in range(60)])
    sync(connection)
    shelf.hold([{name: value for name, value in visit(n).items() if name != "amount"} for n in range(60)])
    sync(connection, now=NOW + HOUR)
    sync(connection, now=NOW + 30 * HOUR)
    [gap] = gaps()
    assert (gap.kind, gap.words["gone"]) == (GapKind.SCHEMA, ["amount"])
