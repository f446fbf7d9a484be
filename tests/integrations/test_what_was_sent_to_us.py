"""A message that another system sends to us: who may, once, and what becomes of it (security.md §6 T20)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from integrations import events, tasks
from integrations.actions import connection as actions
from integrations.actions import deliveries as delivering
from integrations.actions import sync as syncing
from integrations.actions.watch import watch
from integrations.adapters.base import Context, NeedsReconnect
from integrations.adapters.contract import AdapterContract
from integrations.adapters.webhook import Webhook
from integrations.adapters.webhook.signature import DELIVERY, SIGNATURE, TIMESTAMP, is_timely, sign
from integrations.checking import check_config
from integrations.models import (
    Connection,
    ConnectionState,
    Delivery,
    Gap,
    GapKind,
    QuarantinedRow,
    RawRecord,
    Record,
    SyncRun,
)
from integrations.preview import preview, to_preview
from integrations.views.parts import gap_sentence
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people import attempts
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.sources import SHANGHAI, Nowhere
from tests.integrations.conftest import NOW, work_on
from tests.jobs.three_times import run_three_times

SECRET, OTHER = "secret-of-acme-4711-0001", "secret-of-acme-4711-0002"
FIELDS = [{"name": "id", "required": True}, {"name": "status"}, {"name": "at", "type": "time"}]
ORDERS: dict[str, Any] = {"name": "orders", "key": ["id"], "cursor": "at", "fields": FIELDS, "events": ["order"]}
VISITS = {**ORDERS, "name": "visits", "events": ["visit"]}
CONFIG: dict[str, Any] = {"records": "items", "event": "type", "streams": [ORDERS, VISITS]}


def body_of(*rows: Any, kind: str = "order") -> bytes:
    return json.dumps({"type": kind, "items": list(rows)}).encode()


def order(number: int, status: str = "new", hour: int = 8) -> dict[str, str]:
    return {"id": f"SO-{number}", "status": status, "at": f"2026-11-20T{hour:02}:00:00+08:00"}


class Parcel:
    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content


class TestWebhook(AdapterContract):
    adapter = Webhook()
    config = CONFIG
    repeats = {"orders": 7}  # each of them but two is in two messages

    def context(self) -> Context:
        sent = [body_of(order(number), order(number + 1)) for number in range(1, 9)]
        sent += [body_of(order(1), kind="visit"), b"[]", body_of(kind="visit")]
        parcels = [Parcel(f"{place:020}", content) for place, content in enumerate(sent)]
        return Context(Nowhere(), SHANGHAI, NOW, "acme", {"secret": SECRET}, delivered=parcels)

    def expected(self) -> Any:
        return {"orders": 9, "visits": 1}

    def test_a_secret_that_is_easily_guessed_is_none(self) -> None:
        context = Context(Nowhere(), SHANGHAI, NOW, "acme", {"secret": "short"})
        with pytest.raises(NeedsReconnect, match="secret_short"):
            self.adapter.test(self.config, context)


@pytest.mark.parametrize(
    ("seconds", "timely"), [(0, True), (-300, True), (300, True), (-301, False), (301, False), (-(10**9), False)]
)
def test_a_message_is_for_five_minutes(seconds: int, timely: bool) -> None:
    assert is_timely(str(int(NOW.timestamp()) + seconds), NOW) is timely


@pytest.mark.parametrize("said", ["", "soon", "1e9", "-1", "٣", " 1795140000", "9" * 13])
def test_a_time_that_is_none_is_not_now(said: str) -> None:
    assert not is_timely(said, NOW)


def test_events_need_a_place_and_streams_their_events() -> None:
    assert check_config("webhook", CONFIG) == []
    assert check_config("webhook", {"streams": [{**ORDERS, "events": ["x"]}]}) == []
    assert "event" in " ".join(check_config("webhook", {"streams": [ORDERS, VISITS]}))
    bare = {name: value for name, value in VISITS.items() if name != "events"}
    assert "events" in " ".join(check_config("webhook", {**CONFIG, "streams": [ORDERS, bare]}))


# --- at the address


@pytest.fixture
def hook(anna: Any, addresses: None, time_machine: Any, db: None) -> Connection:
    time_machine.move_to(NOW, tick=False)
    with anna.scope:
        connection = Connection.objects.create(
            name="MES",
            adapter="webhook",
            config=CONFIG,
            owner=anna.employee,
            state=ConnectionState.ON,
            tested_at=NOW,
            made_at=NOW,
            next_due_at=NOW + timedelta(hours=1),
        )
        actions.set_secret(connection=connection, secret={"secret": SECRET}, actor=anna.employee, now=NOW)
    return connection


def send(
    connection: Connection,
    body: bytes,
    *,
    secret: str = SECRET,
    at: int = 0,
    key: str = "",
    slug: str = "acme",
    **changed: str,
) -> int:
    timestamp = str(int(NOW.timestamp()) + at)
    headers = {TIMESTAMP: timestamp, SIGNATURE: f"v1={sign(secret, timestamp, body)}", DELIVERY: key, **changed}
    url = f"/t/{slug}/hooks/{connection.public_id}/"
    return (
        Client(enforce_csrf_checks=True).post(url, body, content_type="application/json", headers=headers).status_code
    )


def kept() -> list[Delivery]:
    with use_tenant(1):
        return list(Delivery.objects.order_by("pk"))


def read(connection: Connection, **at: Any) -> SyncRun:
    with use_tenant(1):
        syncing.read_deliveries(connection_id=connection.pk, now=at.get("now", NOW))
        run = SyncRun.objects.filter(connection=connection).order_by("-pk").first()
    assert run is not None
    while work_on(run, **at) is not None:
        pass
    with use_tenant(1):
        run.refresh_from_db()
    return run


def held() -> dict[str, str]:
    with use_tenant(1):
        return {record.external_id: record.data["status"] for record in Record.objects.order_by("external_id")}


def test_what_is_signed_is_kept_once_and_everything_else_is_refused(hook: Connection) -> None:
    body = body_of(order(1))
    assert send(hook, body, key="m-1") == 202
    assert [send(hook, body, key="m-1") for _ in range(3)] == [200] * 3
    assert send(hook, body, key="m-2") == 200  # the same message under another id
    assert send(hook, body, key="m-1", at=60) == 200  # sent once more by its sender, and signed anew
    assert send(hook, body_of(order(2)), key="m-1") == 200  # one id is one effect
    signed = f"v1={sign(SECRET, str(int(NOW.timestamp())), body)}"
    refused = [
        send(hook, body_of(order(3)), secret=OTHER),
        send(hook, body_of(order(3)), **{SIGNATURE: signed}),  # a byte was changed on the way
        send(hook, body_of(order(3)), **{SIGNATURE: ""}),
        send(hook, body, at=9, key="m-9", **{SIGNATURE: signed}),  # its time was
        send(hook, body_of(order(3)), slug="globex"),
        send(hook, body_of(order(3)), slug="nobody"),
    ]
    assert refused == [401] * 6
    late = [send(hook, body, key="m-3", at=seconds) for seconds in (-301, 301)]
    assert [*late, send(hook, b'{"a": NaN}'), send(hook, b"[" * 100_000)] == [400] * 4
    assert [one.key for one in kept()] == ["m-1"]


def test_it_is_read_by_one_job_with_all_that_came_beside_it(hook: Connection) -> None:
    for number in range(3):
        send(hook, body_of(order(number)), key=f"m-{number}")
    send(hook, body_of(order(7), kind="visit"))
    with use_tenant(1):
        [job] = Job.objects.filter(kind="integrations.delivered")
    assert NOW + timedelta(seconds=10) < job.run_after <= NOW + timedelta(seconds=13)
    run = read(hook)
    assert {name: counts["created"] for name, counts in run.counts.items()} == {"orders": 3, "visits": 1}
    assert {one.taken_at for one in kept()} == {NOW}
    with use_tenant(1):
        assert RawRecord.objects.count() == 4
    run_three_times(syncing.read_deliveries, connection_id=hook.pk, now=NOW)
    with use_tenant(1):
        assert SyncRun.objects.count() == 1


def test_one_that_was_overtaken_on_the_way_takes_nothing_back(hook: Connection) -> None:
    send(hook, body_of(order(1, "done", 10)))
    read(hook)
    send(hook, body_of(order(1, "new", 8), order(2, "new", 8)))
    read(hook, now=NOW + timedelta(minutes=1))
    assert held() == {"SO-1": "done", "SO-2": "new"}
    send(hook, body_of(order(1, "reopened", 11)))
    read(hook, now=NOW + timedelta(minutes=2))
    assert held()["SO-1"] == "reopened"


def test_what_nobody_reads_is_set_aside_and_stops_nothing(hook: Connection) -> None:
    for body in (body_of(order(1), kind="bill"), b'{"type": "order"}', body_of("text"), body_of({"status": "x"})):
        send(hook, body)
    send(hook, body_of(order(1)))
    read(hook)
    with use_tenant(1):
        reasons = QuarantinedRow.objects.order_by("pk").values_list("stream", "reason")
        assert list(reasons) == [
            ("orders", "event_unknown"),
            ("orders", "no_record"),
            ("orders", "no_record"),
            ("orders", "field_missing"),
        ]
    assert held() == {"SO-1": "new"}


def test_while_a_secret_is_replaced_both_open_until_the_old_one_is_ended(hook: Connection, anna: Any) -> None:
    with anna.scope:
        actions.set_secret(connection=hook, secret={"secret": OTHER}, actor=anna.employee, now=NOW)
        assert delivering.has_previous_secret(hook)
    assert [send(hook, body_of(order(n)), secret=one) for n, one in enumerate((SECRET, OTHER, "x" * 24))] == [
        202,
        202,
        401,
    ]
    for _ in range(2):
        with anna.scope:
            delivering.end_previous_secret(connection=hook, actor=anna.employee, now=NOW)
    assert [send(hook, body_of(order(n)), secret=one) for n, one in enumerate((SECRET, OTHER), 5)] == [401, 202]


@pytest.mark.parametrize("state", [ConnectionState.PAUSED, ConnectionState.DRAFT])
def test_while_it_is_not_on_messages_wait_and_can_be_looked_at(hook: Connection, state: str) -> None:
    with use_tenant(1):
        Connection.objects.update(state=state, next_due_at=None)
    assert [send(hook, body_of(order(number))) for number in (1, 2)] == [202, 202]
    with use_tenant(1):
        assert not Job.objects.filter(kind="integrations.delivered").exists()
        syncing.read_deliveries(connection_id=hook.pk, now=NOW)
        assert not SyncRun.objects.exists()
        found = preview(hook, to_preview(hook, now=NOW), stream="orders")
    assert [row.external_id for row in found.rows] == ["SO-1", "SO-2"]


def test_with_another_mapping_everything_is_read_anew(hook: Connection) -> None:
    send(hook, body_of(order(1)))
    read(hook)
    fields = [*FIELDS, {"name": "state", "path": "status"}]
    with use_tenant(1):
        Connection.objects.update(config={**CONFIG, "streams": [{**ORDERS, "fields": fields}, VISITS]}, version=9)
    send(hook, body_of(order(2)))
    read(hook, now=NOW + timedelta(minutes=1))
    with use_tenant(1):
        assert {record.external_id: record.data["state"] for record in Record.objects.all()} == {
            "SO-1": "new",
            "SO-2": "new",
        }


def test_a_stream_that_was_taken_out_has_nothing_read_anew_each_time(hook: Connection) -> None:
    send(hook, body_of(order(1)))
    send(hook, body_of(order(1), kind="visit"))
    read(hook)
    with use_tenant(1):
        Connection.objects.update(config={**CONFIG, "streams": [{**ORDERS, "name": "bills"}]}, version=9)
    pulled = []
    for number in (2, 3, 4):
        send(hook, body_of(order(number)))
        pulled.append(read(hook, now=NOW + timedelta(minutes=number)).counts["bills"]["pulled"])
    assert pulled == [3, 1, 1]  # the history once, since the name is another
    with use_tenant(1):
        assert RawRecord.objects.count() == 6


def test_one_that_no_job_has_read_is_read_by_the_next_look_at_what_is_due(hook: Connection) -> None:
    send(hook, body_of(order(1)))
    for seconds in (60, 61):
        with use_tenant(1):
            tasks.begin_due(payload={}, now=NOW + timedelta(seconds=seconds))
            assert SyncRun.objects.count() == seconds - 60
    read(hook, now=NOW + timedelta(minutes=2))
    assert held() == {"SO-1": "new"}


def refuses(*_: Any, **__: Any) -> Any:
    raise NeedsReconnect("secret_missing")


def test_a_run_that_fails_lets_go_and_what_came_meanwhile_is_read_by_the_next(
    hook: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "AT_ONCE", 2)
    for number in range(3):
        send(hook, body_of(order(number)))
    with monkeypatch.context() as broken:
        broken.setattr(Webhook, "pages", refuses)
        read(hook)
    assert [one.run_id for one in kept()] == [None] * 3
    with use_tenant(1):
        Connection.objects.update(state=ConnectionState.ON, stopped_because="")
    first = read(hook, now=NOW + timedelta(minutes=1))
    assert first.counts["orders"]["created"] == 2
    with use_tenant(1):
        [second] = SyncRun.objects.filter(key=f"more after {first.pk}")
    work_on(second)
    assert sorted(held()) == ["SO-0", "SO-1", "SO-2"]


def test_silence_is_told_and_over_when_something_comes(hook: Connection, anna: Any) -> None:
    with use_tenant(1):
        Connection.objects.update(config={**CONFIG, "quiet_hours": 24})
    send(hook, body_of(order(1)))
    read(hook)

    def gaps_after(hours: int) -> list[str]:
        with use_tenant(1):
            Connection.objects.update(next_due_at=NOW + timedelta(hours=hours + 1))
            watch(now=NOW + timedelta(hours=hours))
            return [gap_sentence(gap) for gap in Gap.objects.filter(closed_at=None)]

    with override("en"):
        assert [gaps_after(hours) for hours in (23, 25, 26)] == [
            [],
            *[["Nothing has been sent here for 24 hours."]] * 2,
        ]
    with use_tenant(1):
        assert Notice.objects.filter(to=anna.employee, kind=events.GAP_TOLD[GapKind.MISSING]).count() == 1
    send(hook, body_of(order(2)))
    read(hook, now=NOW + timedelta(hours=27))
    with use_tenant(1):
        assert not Gap.objects.filter(closed_at=None).exists()


def test_too_much_is_refused(hook: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(hook, b'"' + b"x" * 1024 * 1024 + b'"') == 413
    monkeypatch.setattr(delivering, "MOST_WAITING", 1)
    assert [send(hook, body_of(order(number))) for number in range(3)] == [202, 202, 429]
    monkeypatch.setattr(attempts, "DELIVERIES", attempts.Limit("deliveries", 4, 60))
    assert [send(hook, body_of(order(1))) for _ in range(2)][-1] == 429
