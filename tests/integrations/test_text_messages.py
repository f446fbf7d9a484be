"""Alarms as text messages through a gateway that is data (product.md §5.3, §8): to whoever chose them, with a link and
nothing private, each once, within the day's limit and outside the quiet hours."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from integrations import events, tasks
from integrations.actions import texting as actions
from integrations.forms.texting import GatewayForm
from integrations.management.commands.reseal_secrets import Command
from integrations.models import GapKind, SmsGateway, SmsSecret, TextMessage
from integrations.texting import Asks, NamesClash, is_quiet, means_taken, nested, parcel_of, to_show, written
from perfsys.audit.models import AuditEntry
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.notices.actions import change_preferences, notify
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import use_tenant
from tests.cast import take_seat
from tests.conftest import assert_page_queries
from tests.integrations.conftest import NOW
from tests.jobs.three_times import repeat

db = pytest.mark.django_db
PHONE = "13800001234"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TAKEN = '{"code": 0, "id": "13800001234"}'
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = Asks(shape="form", phone_field="mobile", text_field="content")


# --- pure ---


def sent(asks, **more):
    return parcel_of(asks, **{"phone": f"+86{PHONE}", "text": "有告警", "message_id": "7f", "secret": "s"} | more)


def test_a_form_json_and_an_address_hold_the_fields_under_the_gateways_names():
    assert parse_qs(sent(PLAIN).body.decode()) == {"mobile": [PHONE], "content": ["有告警"]}
    asks = Asks(
        shape="json",
        phone_field="to.numbers[]",
        text_field="to.params[]",
        phone_form="plus",
        signature="陪跑",
        signature_field="sign",
        template="T1",
        template_field="template",
        id_field="id",
        fixed={"channel": "7"},
        headers={"X-App": "a"},
        secret_in="bearer",
    )
    assert json.loads(sent(asks).body) == {
        "to": {"numbers": [f"+86{PHONE}"], "params": ["有告警"]},
        "sign": "陪跑",
        "template": "T1",
        "id": "7f",
        "channel": "7",
    }
    assert sent(asks).headers["Authorization"] == "Bearer s" and sent(asks).headers["X-App"] == "a"
    asks = Asks(shape="query", phone_field="p", text_field="t", signature="陪跑", secret_in="field", secret_name="key")
    assert (sent(asks).method, sent(asks).query) == ("GET", {"p": PHONE, "t": "【陪跑】有告警", "key": "s"})
    basic = Asks(shape="form", phone_field="p", text_field="t", secret_in="basic", secret_name="u")
    assert sent(basic).headers["Authorization"] == "Basic dTpz"


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a.b"), ("a[]", "a")])
def test_names_that_are_in_each_others_way_are_refused(names):
    with pytest.raises(NamesClash):
        sent(Asks(shape="json", phone_field=names[0], text_field=names[1]))


@given(st.dictionaries(st.from_regex(r"[a-c](\.[a-c]){0,2}", fullmatch=True), st.text()))
def test_what_nests_holds_every_value_at_its_place(fields):
    try:
        body = nested(fields)
    except NamesClash:
        return
    for name, value in fields.items():
        found = body
        for step in name.split("."):
            found = found[step]
        assert found == value


def test_numbers_are_written_as_the_gateway_reads_them():
    assert [written(f"+86{PHONE}", form) for form in ("national", "plus", "plain")] == [
        PHONE,
        f"+86{PHONE}",
        f"86{PHONE}",
    ]
    assert written("+4915112345678", "national") == "4915112345678"


@pytest.mark.parametrize(
    ("status", "answer", "taken"),
    [
        (200, '{"code": 0}', True),
        (200, '{"code": "0"}', True),
        (200, '{"code": 1}', False),
        (200, '{"other": 0}', False),
        (200, "no JSON", False),
        (200, '{"code": null}', False),
        (500, '{"code": 0}', False),
    ],
)
def test_an_answer_means_yes_by_its_status_and_a_fields_value(status, answer, taken):
    asks = Asks(shape="form", phone_field="p", text_field="t", ok_field="code", ok_value="0")
    assert means_taken(asks, status, answer) is taken


def test_without_a_field_the_answer_begins_with_the_value_or_the_status_counts():
    assert means_taken(Asks("form", "p", "t", ok_value="0,"), 200, "0,123")
    assert not means_taken(Asks("form", "p", "t", ok_value="0,"), 200, "10,123")
    assert means_taken(PLAIN, 204, "")
    assert means_taken(Asks("form", "p", "t", ok_field="ok", ok_value="true"), 200, '{"ok": true}')
    for number in (PHONE, "138 0000 1234", "138-0000-1234"):
        assert to_show(f"LIMIT {number}\n") == "LIMIT …"


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        ({"fixed": "a: x\0"}, "fixed"),
        ({"fixed": "a: " + "x" * 2000}, "fixed"),
        ({"headers": "X-App: 陪跑"}, "headers"),
        ({"headers": "X App: a"}, "headers"),
        ({"secret_in": "header", "secret_name": "X Key"}, "secret_name"),
        ({"secret_in": "bearer", "secret": "密钥"}, "secret"),
        ({"secret_in": "bearer", "secret": "key "}, "secret"),
        ({"secret_in": "basic", "secret_name": "用户", "secret": "密钥"}, None),
        ({"secret_in": "header", "secret_name": "app_key", "secret": "k", "headers": "X-App: a b"}, None),
    ],
)
def test_what_can_never_be_sent_is_refused_beside_its_field(typed, beside):
    form = GatewayForm({"url": "https://sms.example/", **typed}, owners=[])
    complained = set(form.errors) & {"fixed", "headers", "secret_name", "secret"}
    assert complained == ({beside} if beside else set())


@given(st.times(), st.times(), st.integers(0, 24 * 60 - 1))
def test_quiet_hours_over_midnight_are_what_the_day_leaves(begins, ends, minute):
    now = datetime(2026, 11, 20, tzinfo=UTC) + minute * MINUTE
    if begins == ends:
        assert not is_quiet(now, begins, ends, SHANGHAI)
    else:
        assert is_quiet(now, begins, ends, SHANGHAI) != is_quiet(now, ends, begins, SHANGHAI)
    assert not is_quiet(now, None, None, SHANGHAI)


# --- through a gateway on this machine ---


@contextmanager
def gateway_server(*answers):
    """Answers so (status, body), then takes everything; `got` are the requests."""
    got, left = [], list(answers)

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            got.append(SimpleNamespace(path=self.path, headers=self.headers, form=parse_qs(body), body=body))
            status, answer = left.pop(0) if left else (200, TAKEN)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def do_GET(self):
            self.do_POST()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield SimpleNamespace(
            got=got, url=f"http://127.0.0.1:{server.server_port}/send", left=left, port=server.server_port
        )
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def gate(settings, addresses):
    settings.PUBLIC_URL = "https://perf.example"
    with gateway_server() as found:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{found.port}"]
        yield found


def set_up(url, anna, version=0, secret="", on=True, **columns):
    asked = {
        "url": url, "shape": "form", "phone_field": "mobile", "phone_form": "national", "text_field": "content",
        "ok_field": "code", "ok_value": "0", "daily_limit": 200,
    }  # fmt: skip
    with use_tenant(1):
        words = actions.GatewayWords(asked | columns, anna.employee, secret)
        made = actions.set_gateway(words=words, version=version, actor=anna.employee, now=NOW)
        if on:
            actions.switch_gateway(gateway=made, on=True, actor=anna.employee, now=NOW)
        return made


def choose(*people, number=PHONE):
    with use_tenant(1):
        for one in people:
            Employee.objects.filter(pk=one.employee.pk).update(mobile=number)
            change_preferences(one.employee, by_mail=True, digest=True, by_text=True, now=NOW)


def alarm(*people, at=NOW, kind=GapKind.UNREACHABLE, key="", url="/t/acme/admin/integrations/"):
    with use_tenant(1):
        told = [one.employee for one in people]
        params = {"name": "客户系统", "fields": "价格", "on": "2026-11-19"}
        notify(events.GAP_TOLD.get(kind, kind), to=told, at=at, params=params, url=url, key=key)


def send(now=NOW):
    job = Running(1, 0, 0, "integrations.texts", {}, lambda _job: None)
    return tasks.send_texts(job=job, now=now)


def texts():
    with use_tenant(1):
        return list(TextMessage.objects.order_by("pk"))


@db
def test_an_alarm_goes_to_whoever_chose_it_and_has_a_number_with_a_link_and_without_what_it_says(
    gate, anna, ada, marta, henk, caplog
):
    set_up(gate.url, anna)
    choose(anna)
    choose(marta, number="")
    with use_tenant(1):  # has a number, and did not choose it
        Employee.objects.filter(pk=ada.employee.pk).update(mobile="13900000000")
    alarm(anna, ada, marta)
    alarm(anna, kind=events.METRIC_WAITS)  # no alarm
    with use_tenant(1):
        assert Job.objects.filter(kind="integrations.texts").count() == 1
    send()
    [got] = gate.got
    assert got.form["mobile"] == [PHONE]
    assert "客户系统" not in got.form["content"][0]
    assert "https://perf.example/t/acme/admin/integrations/" in got.form["content"][0]
    [text] = texts()
    assert (text.state, text.code, text.said, text.attempts, text.problem) == ("sent", 200, "0", 1, "")
    with use_tenant(1):
        record = json.dumps(list(AuditEntry.objects.values()), default=str)
    assert PHONE not in record + caplog.text


@db
def test_the_job_run_three_times_and_the_alarm_told_again_send_one_message(gate, anna):
    set_up(gate.url, anna)
    choose(anna)
    alarm(anna, key="gap 1")
    alarm(anna, key="gap 1", at=NOW + MINUTE)
    repeat(send, ignoring=("integrations.TextMessage.took_ms",))
    assert len(gate.got) == 1


@db
def test_within_an_hour_one_text_stands_for_all_that_say_the_same(gate, anna):
    set_up(gate.url, anna)
    choose(anna)
    alarm(anna)
    alarm(anna, at=NOW + 59 * MINUTE, kind=GapKind.SCHEMA)
    assert len(texts()) == 1
    alarm(anna, at=NOW + 59 * MINUTE, kind=events.ENDPOINT_DEAD)
    alarm(anna, at=NOW + HOUR)
    assert len(texts()) == 3
    alarm(anna, at=NOW + HOUR + MINUTE, url="/t/acme/admin/integrations/another/")  # leads to another page
    assert len(texts()) == 4


@pytest.mark.parametrize(("rows", "state"), [(TextMessage, "dead"), (Notice, "done")])
@db
def test_what_does_not_go_any_more_stands_for_nothing(gate, anna, rows, state):
    set_up(gate.url, anna)
    choose(anna)
    alarm(anna)
    with use_tenant(1):
        rows.objects.update(state=state)
    alarm(anna, at=NOW + MINUTE)
    assert len(texts()) == 2


@db
def test_what_is_not_taken_is_tried_again_with_the_same_id_and_given_up_after_hours(settings, addresses, anna):
    with gateway_server(*[(200, '{"code": "LIMIT"}')] * 6) as gate:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{gate.port}"]
        set_up(gate.url, anna, id_field="out_id")
        choose(anna)
        alarm(anna)
        now = NOW
        send(now)
        send(now + 59 * timedelta(seconds=1))
        assert len(gate.got) == 1 and texts()[0].said == "LIMIT"
        while texts()[0].state == "waiting":
            now = texts()[0].run_after
            send(now)
    assert len(gate.got) == 6 and len({got.form["out_id"][0] for got in gate.got}) == 1
    assert 5 * HOUR < now - NOW < 6 * HOUR
    with use_tenant(1):
        assert Notice.objects.filter(kind="integrations.texts_given_up", to=anna.employee).count() == 1


@db
def test_a_gateway_that_is_away_is_left_alone_and_one_refused_number_keeps_nobody_waiting(
    settings, addresses, anna, ada
):
    with gateway_server((503, ""), (200, '{"code": 9}')) as gate:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{gate.port}"]
        set_up(gate.url, anna)
        choose(anna, ada)
        alarm(anna, ada)
        send()
        assert [one.code for one in texts()] == [503, 0]
        send(NOW + MINUTE)
        assert [(one.state, one.code) for one in texts()] == [("sent", 200), ("waiting", 200)]


@db
def test_the_days_limit_and_the_quiet_hours_hold_messages_back_and_a_day_later_they_are_not_sent(gate, anna, ada):
    gateway = set_up(gate.url, anna, daily_limit=1, quiet_from=time(22), quiet_until=time(12))
    choose(anna, ada)
    alarm(anna, ada)
    send()
    assert gate.got == []  # ten in the morning for them
    send(NOW + 2 * HOUR)
    send(NOW + 3 * HOUR)
    assert len(gate.got) == 1
    with use_tenant(1):
        SmsGateway.objects.update(quiet_from=None, quiet_until=None)
    send(NOW + 14 * HOUR)  # their midnight
    assert len(gate.got) == 2
    alarm(anna, at=NOW + 20 * HOUR)
    send(NOW + 44 * HOUR)
    assert texts()[-1].problem == "text_too_late" and len(gate.got) == 2
    with use_tenant(1):  # nobody got it: whoever looks after the gateway hears so
        assert Notice.objects.filter(kind="integrations.texts_given_up", to=anna.employee).count() == 1
    alarm(ada, at=NOW + 45 * HOUR)
    with use_tenant(1):
        actions.switch_gateway(gateway=gateway, on=False, actor=anna.employee, now=NOW)
    alarm(anna, at=NOW + 46 * HOUR)
    assert [one.state for one in texts()] == ["sent", "sent", "dead", "dead"]  # and none while it is off
    with use_tenant(1):
        assert actions.forget_old(now=NOW + 200 * 24 * HOUR) == 4


@db
def test_what_is_over_and_whose_reader_has_left_is_not_sent(gate, anna, ada):
    set_up(gate.url, anna)
    choose(anna, ada)
    alarm(anna, ada)
    with use_tenant(1):
        Notice.objects.filter(to=anna.employee).update(state=Notice.State.DONE)
        Employee.objects.filter(pk=ada.employee.pk).update(status=Employee.Status.LEFT, left_on=NOW.date())
        SmsGateway.objects.update(owner=ada.employee)
    send()
    assert gate.got == []
    assert [(one.state, one.problem) for one in texts()] == [("dead", "text_too_late"), ("dead", "text_no_number")]
    with use_tenant(1):  # of the second alone, and not to who has left
        assert Notice.objects.get(kind="integrations.texts_given_up").to == anna.employee


@db
def test_whoever_has_no_number_any_more_keeps_nobody_waiting_and_what_is_in_hand_is_let_be(gate, anna, ada):
    set_up(gate.url, anna)
    choose(ada, anna)
    alarm(ada, anna)
    with use_tenant(1):
        Employee.objects.filter(pk=ada.employee.pk).update(mobile="")
    send()
    assert [one.state for one in texts()] == ["dead", "sent"]
    with use_tenant(1):  # another worker took it a moment ago, after a day of waiting
        TextMessage.objects.update(state="waiting", tried_at=NOW, run_after=NOW + 25 * HOUR, made_at=NOW - 24 * HOUR)
    send()
    assert {one.state for one in texts()} == {"waiting"}


@db
def test_the_secret_lies_sealed_and_belongs_to_the_host_it_was_typed_for(gate, anna, settings):
    asks = {"secret_in": "header", "secret_name": "X-Key"}
    set_up(gate.url, anna, secret="s3cret", **asks)
    with use_tenant(1):
        assert b"s3cret" not in bytes(SmsSecret.objects.get().sealed)
    settings.INTEGRATION_KEYS = ["2026b:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="]
    Command().handle()
    choose(anna)
    alarm(anna)
    send()
    assert gate.got[0].headers["X-Key"] == "s3cret"
    set_up(gate.url, anna, version=2, on=False, **asks)  # another field, the same host: it stays
    with pytest.raises(actions.SecretMissing):
        set_up("https://elsewhere.example/", anna, version=3, on=False, **asks)
    for inner in ("http://10.0.0.9/", "https://127.0.0.1:25/"):
        with pytest.raises(actions.AddressNotAllowed):
            set_up(inner, anna, version=3)


@db
def test_on_the_pages_it_is_set_up_off_tried_on_ones_own_number_and_switched_on(gate, anna):
    start = "/t/acme/admin/integrations/text-messages/"
    assert start in anna.client.get("/t/acme/admin/integrations/").content.decode()
    assert f"{start}settings/" in anna.client.get(start).content.decode()
    typed = {
        "version": "0", "url": gate.url, "shape": "query", "phone_field": "p", "phone_form": "plain",
        "text_field": "t", "fixed": "channel", "secret_in": "field", "secret_name": "key",
        "secret": "s3cret", "ok_field": "code", "ok_value": "0", "daily_limit": "50",
        "owner": anna.employee.public_id,
    }  # fmt: skip
    assert anna.client.post(f"{start}settings/", typed).status_code == 422
    typed["fixed"] = "channel：7"  # as a Chinese keyboard has it
    for wrong in (
        {"url": "http://sms.example/"}, {"text_field": "p"}, {"ok_value": ""}, {"secret": ""}, {"daily_limit": "0"},
        {"quiet_from": "22:00"}, {"quiet_from": "22:00", "quiet_until": "22:00"}, {"secret_name": ""},
    ):  # fmt: skip
        assert anna.client.post(f"{start}settings/", typed | wrong).status_code == 422, wrong
    assert anna.client.post(f"{start}settings/", typed).status_code == 302
    late = anna.client.post(f"{start}settings/", typed)
    assert late.status_code == 409 and "s3cret" not in late.content.decode()
    assert "你在另一个窗口" in late.content.decode()
    shown = anna.client.get(start).content.decode() + anna.client.get(f"{start}settings/").content.decode()
    assert "s3cret" not in shown and "channel: 7" in shown
    anna.client.post(f"{start}try/")
    assert texts() == []  # no number
    choose(anna)
    assert "138****1234" in anna.client.get(start).content.decode()
    anna.client.post(f"{start}try/")
    anna.client.post(f"{start}try/")
    send(timezone.now())
    anna.client.post(f"{start}try/")  # one a minute
    assert len(texts()) == 1
    [got] = gate.got
    assert parse_qs(urlsplit(got.path).query) | {"t": []} == {
        "p": [f"86{PHONE}"],
        "t": [],
        "channel": ["7"],
        "key": ["s3cret"],
    }
    alarm(anna)
    assert len(texts()) == 1  # off until it is switched on
    assert anna.client.post(f"{start}switch/", {"on": "1"}).status_code == 302
    alarm(anna)
    assert len(texts()) == 2
    assert PHONE not in anna.client.get(start).content.decode()
    with use_tenant(1):
        SmsGateway.objects.update(daily_limit=1)
    assert "今天可发的短信已经用完" in anna.client.post(f"{start}try/", follow=True).content.decode()


@db
def test_an_integration_owner_tries_and_switches_and_decides_not_where_numbers_go(gate, anna, cast):
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER).client
    start = "/t/acme/admin/integrations/text-messages/"
    assert keeper.post(f"{start}switch/").status_code == keeper.post(f"{start}try/").status_code == 404  # none is there
    set_up(gate.url, anna)
    assert f"{start}settings/" not in keeper.get(start).content.decode()
    assert keeper.get(f"{start}settings/").status_code == 403
    assert keeper.post(f"{start}switch/", {"on": "0"}).status_code == 302


@db
def test_the_page_costs_the_same_however_much_was_sent(gate, anna, ada):
    set_up(gate.url, anna)
    choose(anna, ada)
    alarm(anna)
    # 1 session, 1 account, 1 scope, 1 gateway, 1 person, 1 count, 1 page of messages, 1 of the day, 1 inbox, 1 gaps
    assert_page_queries(anna.client, "/t/acme/admin/integrations/text-messages/", 10)
    for hours in range(1, 9):
        alarm(anna, ada, at=NOW + hours * HOUR)
    assert_page_queries(anna.client, "/t/acme/admin/integrations/text-messages/", 10)


@db
def test_it_is_chosen_on_ones_own_page_and_is_off_by_default(anna):
    page = "/t/acme/inbox/preferences/"
    assert 'name="by_text" id="id_by_text">' in anna.client.get(page).content.decode()
    assert anna.client.post(page, {"by_mail": "on", "digest": "on", "by_text": "on"}).status_code == 302
    assert 'id="id_by_text" checked' in anna.client.get(page).content.decode()
