"""Webhooks to other systems (product.md §5.10): signed, with the fields an endpoint was given, once by their id, tried
for three days, and sent again when somebody asks."""

import base64
import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from goals.actions.closing import close_goal, reopen_goal
from goals.models import Goal
from integrations import tasks
from integrations.actions import outbound as actions
from integrations.actions.outbound import EndpointWords, tell_systems
from integrations.management.commands.reseal_secrets import Command
from integrations.models import Endpoint, EndpointSecret, EventKind, OutboundMessage, PersonTold
from integrations.signing import signed_headers
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people.actions import organisation
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.rows import insert_rows
from perfsys.tenancy.scope import use_tenant
from tests.cast import take_seat
from tests.conftest import assert_page_queries
from tests.goals.conftest import NOW as GOALS_NOW
from tests.goals.conftest import make_founded
from tests.integrations.conftest import NOW
from tests.jobs.three_times import repeat

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FACTS = {"employee_no": "E-ada", "name": "Ada", "email": "ada@acme.example"}


@contextmanager
def receiver(*answers):
    """Answers so, then 200; `got` are the messages: headers and body."""
    got = []
    left = list(answers)

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(SimpleNamespace(headers=self.headers, body=body, data=json.loads(body)))
            self.send_response(left.pop(0) if left else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield SimpleNamespace(got=got, url=f"http://127.0.0.1:{server.server_port}/hook", port=server.server_port)
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hook(settings, addresses):
    with receiver() as found:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{found.port}"]
        yield found


def made(url, owner, kinds=("goal.closed",), fields=("employee_no", "name"), key="once", name="薪酬系统", now=NOW):
    with use_tenant(1):
        words = EndpointWords(name, url, kinds, fields, owner.employee)
        return actions.make_endpoint(words=words, key=key, actor=owner.employee, now=now)


def tell(kind=EventKind.CLOSED, facts=FACTS, now=NOW, about="4f0c"):
    with use_tenant(1):
        tell_systems(kind, about=about, facts=lambda: facts, at=now)


def deliver(now=NOW):
    """As a worker does it."""
    job = Running(1, 0, 0, "integrations.deliver", {}, lambda _job: None)
    return tasks.deliver(job=job, now=now)


def messages():
    with use_tenant(1):
        return list(OutboundMessage.objects.order_by("pk"))


def signatures(got, *secrets):
    """Worked out anew, as the other side does it."""
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    return " ".join("v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys)


def test_a_signature_is_the_one_that_standard_webhooks_give_as_their_example():
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=SimpleNamespace(timestamp=lambda: 1614265330),
        body=b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_told_signed_and_with_the_fields_it_was_given_alone(hook, anna):
    _endpoint, secret = made(hook.url, anna)
    tell()
    deliver()
    [got] = hook.got
    assert got.data == {
        "type": "goal.closed",
        "timestamp": NOW.isoformat(),
        "data": {"id": "4f0c", "employee_no": "E-ada", "name": "Ada"},
    }
    assert got.headers["webhook-signature"] == signatures(got, secret)
    [sent] = messages()
    assert (str(sent.public_id), sent.state, sent.code, sent.attempts) == (got.headers["webhook-id"], "sent", 200, 1)
    deliver()
    assert len(hook.got) == 1
    with use_tenant(1):
        Endpoint.objects.update(state="stopped")
    tell()  # and is never delivered
    with use_tenant(1):
        assert [actions.forget_old(now=NOW + days * DAY) for days in (90, 91)] == [0, 2]


def test_who_did_not_ask_for_a_kind_is_not_told_of_it_and_a_job_is_there_only_with_the_message(hook, anna):
    made(hook.url, anna, kinds=["goal.reopened"])
    tell()
    assert messages() == []
    tell(EventKind.REOPENED)
    with use_tenant(1):
        assert Job.objects.filter(kind="integrations.deliver").count() == 1


def test_while_the_secret_changes_both_sign_and_after_a_day_the_new_one_alone(hook, anna):
    endpoint, first = made(hook.url, anna)
    with use_tenant(1):
        second = actions.rotate_secret(endpoint=endpoint, actor=anna.employee, now=NOW)
    tell()
    deliver()
    tell(now=NOW + DAY)
    deliver(NOW + DAY)
    assert [got.headers["webhook-signature"] for got in hook.got] == [
        signatures(hook.got[0], second, first),
        signatures(hook.got[1], second),
    ]


def test_what_was_refused_is_tried_again_with_the_same_id_and_given_up_after_three_days(settings, addresses, anna):
    with receiver(*[503] * 9) as hook:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{hook.port}"]
        endpoint, _secret = made(hook.url, anna)
        tell()
        now = NOW
        deliver(now)
        deliver(now + timedelta(seconds=59))
        assert len(hook.got) == 1
        while messages()[0].state == "waiting":
            now = messages()[0].run_after
            deliver(now)
        assert len(hook.got) == 9 and len({got.headers["webhook-id"] for got in hook.got}) == 1
        assert timedelta(days=2.5) < now - NOW < timedelta(days=3)
        with use_tenant(1):
            assert Endpoint.objects.get().state == "stopped"
            assert Notice.objects.filter(kind="integrations.endpoint_dead", to=anna.employee).count() == 1
        tell(now=now)
        deliver(now)
        assert len(hook.got) == 9  # it waits while the endpoint is stopped
        with use_tenant(1):
            actions.switch_endpoint(endpoint=endpoint, on=True, actor=anna.employee, now=now)
            again = OutboundMessage.objects.filter(endpoint=endpoint)
            assert actions.replay(messages=again, actor=anna.employee, now=now) == 1
        deliver(now)
        assert [one.state for one in messages()] == ["sent", "sent"]
        assert {got.headers["webhook-id"] for got in hook.got[9:]} == {str(one.public_id) for one in messages()}


def test_one_under_way_stays_taken_while_its_endpoint_is_switched_off_and_on(hook, anna, monkeypatch):
    endpoint, _secret = made(hook.url, anna)
    with use_tenant(1):
        tell(about="1")
        OutboundMessage.objects.update(attempts=4, run_after=NOW - DAY)  # tried before; that it was stopped is over
    sent = []

    def send(parcel, now):
        sent.append(parcel.public_id)
        with use_tenant(1):
            for on in (False, True):
                actions.switch_endpoint(endpoint=endpoint, on=on, actor=anna.employee, now=NOW)
        deliver()  # another worker, at the same moment
        return 503, ""

    monkeypatch.setattr(actions, "_send", send)
    deliver()
    [one] = messages()
    assert len(sent) == 1
    assert (one.state, one.attempts, one.run_after) == ("waiting", 5, NOW + timedelta(hours=6))
    with use_tenant(1):  # what waits for longer goes out at once, as if for the first time
        actions.switch_endpoint(endpoint=endpoint, on=False, actor=anna.employee, now=NOW)
        actions.switch_endpoint(endpoint=endpoint, on=True, actor=anna.employee, now=NOW)
    [one] = messages()
    assert (one.attempts, one.run_after) == (0, NOW)


def test_what_came_of_an_attempt_is_not_written_over_a_later_one(hook, anna, monkeypatch):
    made(hook.url, anna)
    tell()

    def send(parcel, now):
        with use_tenant(1):
            OutboundMessage.objects.update(attempts=2)
        return 200, ""

    monkeypatch.setattr(actions, "_send", send)
    deliver()
    assert (messages()[0].state, messages()[0].tried_at) == ("waiting", None)


def test_one_that_does_not_answer_keeps_the_others_from_nothing(hook, anna, settings):
    settings.INTEGRATION_INTRANET += ["acme=127.0.0.1:9"]
    made("http://127.0.0.1:9/hook", anna, key="dead", name="关着的系统")
    made(hook.url, anna)
    for number in range(3):
        tell(about=str(number))
    deliver()
    assert len(hook.got) == 3
    tried = [one for one in messages() if one.problem]
    assert [(one.code, one.problem, one.attempts) for one in tried] == [(0, "unreachable", 1)]


def test_the_next_message_is_found_by_its_index_however_many_wait(hook, anna):
    endpoint, _secret = made(hook.url, anna)
    with use_tenant(1):
        rows = [{"public_id": str(uuid4()), "endpoint_id": endpoint.pk, "kind": "ping"} for _number in range(20_000)]
        same = {"payload": {}, "made_at": NOW, "run_after": NOW}
        for first in range(0, len(rows), 2_000):
            insert_rows(OutboundMessage, rows[first : first + 2_000], same=same)
        with CaptureQueriesContext(connection) as asked:
            assert actions._next((), NOW) is not None
        with connection.cursor() as cursor:
            for query in asked.captured_queries:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "integrations_messages_due" in plan and "Sort" not in plan.partition("SubPlan")[2], plan


def test_an_address_inside_is_refused_before_anything_is_kept(settings, addresses, anna):
    settings.INTEGRATION_INTRANET = []
    for url in ("http://10.0.0.9/", "https://127.0.0.1:25/", "https://user:pw@hooks.example/", "ftp://hooks.example/"):
        with pytest.raises(actions.AddressNotAllowed):
            made(url, anna)
    # A name is looked at where the connection is made: there an inner address is refused as well.
    made("https://127.0.0.1/hook", anna)
    tell()
    deliver()
    assert messages()[0].problem == "address_not_allowed"


def test_secrets_lie_sealed_and_can_be_sealed_anew(hook, anna, settings):
    _endpoint, secret = made(hook.url, anna)
    with use_tenant(1):
        row = EndpointSecret.objects.get()
        assert secret.encode() not in bytes(row.sealed)
    settings.INTEGRATION_KEYS = ["2026b:" + base64.b64encode(b"k" * 32).decode()]
    Command().handle()
    tell()
    deliver()
    assert hook.got[0].headers["webhook-signature"] == signatures(hook.got[0], secret)


def test_people_are_compared_with_what_was_told_last(hook, anna, ada, marta):
    made(hook.url, anna, kinds=["person.joined", "person.changed", "person.left"], fields=["employee_no", "position"])
    assert messages() == []  # who begins fetches everybody first
    with use_tenant(1):
        unit = ada.employee.assignments.get().unit
        about = {"actor": None, "now": NOW}
        new = organisation.add_employee(
            employee_no="E-9", name="Nia", hired_on=NOW.date(), unit=unit, manager=marta.employee, **about
        )
        Employee.objects.filter(pk=ada.employee.pk).update(position="高级工程师", mobile="13800000000")
        Employee.objects.filter(pk=marta.employee.pk).update(mobile="13900000000")  # nothing this one was given
        assert actions.tell_of_people(now=NOW + DAY) == 3
        assert actions.tell_of_people(now=NOW + DAY) == 0
        Employee.objects.filter(pk=new.pk).update(status="left", left_on=NOW.date())
        actions.tell_of_people(now=NOW + 2 * DAY)
    assert [(one.kind, one.payload.get("employee_no"), one.payload.get("changed")) for one in messages()] == [
        ("person.changed", "E-ada", ["position"]),
        ("person.joined", "E-9", None),
        ("person.left", "E-9", None),
    ]


def test_the_job_run_three_times_leaves_what_it_left_once(hook, anna, ada):
    made(hook.url, anna, kinds=["person.changed"], fields=["position"])
    with use_tenant(1):
        Employee.objects.filter(pk=ada.employee.pk).update(position="高级工程师")

    def both():
        with use_tenant(1):
            tasks.tell_of_people(payload={}, now=NOW)
        deliver()

    repeat(both, ignoring=("integrations.OutboundMessage.took_ms",))
    assert len(hook.got) == 1


def test_a_goal_that_is_closed_or_opened_again_is_told_in_the_same_transaction(hook, cast):
    people = make_founded(None)
    company, anna = people["company"], people["anna"]
    with anna.scope:
        _top, _middle, leaf = company.tree()
    made(hook.url, anna, kinds=["goal.closed", "goal.reopened"], fields=["goal_number", "outcome", "owner_no", "score"])
    with anna.scope:
        about = {"actor": company.marta, "now": GOALS_NOW}
        close_goal(goal=leaf, outcome="achieved", result="结果是文字", lesson="早一点送检", **about)
        reopen_goal(goal=leaf, why="点错了", **about)
    closed, reopened = messages()
    assert (closed.kind, closed.payload["outcome"], closed.payload["owner_no"]) == ("goal.closed", "achieved", "HR0003")
    assert (reopened.kind, reopened.payload["outcome"]) == ("goal.reopened", "")
    with anna.scope:  # nobody but those who work with a private goal knows that it is there
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
        leaf.refresh_from_db()
        close_goal(goal=leaf, outcome="achieved", result="好", lesson="早说", **about)
        reopen_goal(goal=leaf, why="点错了", **about)
    assert len(messages()) == 2
    assert "结果是文字" not in json.dumps([closed.payload, reopened.payload], ensure_ascii=False)


def test_on_the_pages_an_endpoint_is_set_up_tried_and_its_messages_sent_again(hook, anna, ada):
    start = "/t/acme/admin/integrations/endpoints/"
    assert start in anna.client.get("/t/acme/admin/integrations/").content.decode()
    with anna.scope:
        owner = anna.employee.public_id
    typed = {
        "key": "k1", "name": "薪酬系统", "url": "https://10.0.0.9/", "kinds": ["goal.closed"],
        "fields_given": ["employee_no"], "owner": owner,
    }  # fmt: skip
    assert anna.client.post(f"{start}new/", typed | {"url": "http://hooks.example/"}).status_code == 422
    shown = anna.client.post(f"{start}new/", typed | {"url": hook.url}).content.decode()
    assert "whsec_" in shown
    again = anna.client.post(f"{start}new/", typed | {"url": hook.url}).content.decode()
    assert "whsec_" not in again
    with anna.scope:
        page = f"{start}{Endpoint.objects.get().public_id}/"
    assert anna.client.post(f"{page}try/").status_code == 302
    deliver(timezone.now())
    [sent] = messages()
    log = anna.client.get(f"{page}?state=sent").content.decode()
    assert str(sent.public_id) in log and "200" in log and "whsec_" not in log
    replay = f"/t/acme/admin/integrations/messages/{sent.public_id}/replay/"
    assert anna.client.post(replay).status_code == 302
    deliver(timezone.now())
    today = sent.made_at.date().isoformat()
    assert anna.client.post(f"{page}replay/", {"first": today, "last": "2020-01-01"}).status_code == 422
    assert anna.client.post(f"{page}replay/", {"first": "2026-01-01", "last": "2099-01-01"}).status_code == 302
    deliver(timezone.now())
    assert len({got.headers["webhook-id"] for got in hook.got}) == 1 and len(hook.got) == 3
    assert anna.client.post(f"{page}secret/").status_code == 302  # without the button's word
    assert "whsec_" in anna.client.post(f"{page}secret/", {"rotate": "1"}).content.decode()
    changed = typed | {"url": hook.url, "name": "薪酬", "version": "1"}
    assert anna.client.post(f"{page}settings/", changed).status_code == 302
    assert anna.client.post(f"{page}settings/", changed).status_code == 409
    assert anna.client.post(f"{page}switch/", {"on": "0"}).status_code == 302
    tell()
    assert len(messages()) == 1  # nothing is written for one that is off


def test_an_integration_owner_looks_and_repeats_one_but_decides_not_where_peoples_data_goes(hook, anna, cast):
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER).client
    start = "/t/acme/admin/integrations/endpoints/"
    assert "endpoints/new/" not in keeper.get(start).content.decode()
    endpoint, _secret = made(hook.url, anna)
    tell()
    deliver()
    page = f"{start}{endpoint.public_id}/"
    shown = keeper.get(page).content.decode()
    for step in ("settings", "secret", "replay"):
        assert f'{page}{step}/"' not in shown and f'{page}{step}/"' in anna.client.get(page).content.decode()
        assert keeper.post(f"{page}{step}/", {"rotate": "1"}).status_code == 403
    assert keeper.get(f"{page}settings/").status_code == 403
    assert keeper.get(f"{start}new/").status_code == keeper.post(f"{start}new/").status_code == 403
    [sent] = messages()
    assert keeper.post(f"/t/acme/admin/integrations/messages/{sent.public_id}/replay/").status_code == 302
    assert keeper.post(f"{page}try/").status_code == keeper.post(f"{page}switch/", {"on": "0"}).status_code == 302


def test_the_pages_cost_the_same_however_much_was_sent(hook, anna):
    endpoint, _secret = made(hook.url, anna)
    tell()
    pages = [
        # 1 session, 1 account, 1 scope, 1 person, 1 endpoints, 1 inbox, 1 gaps
        ("/t/acme/admin/integrations/endpoints/", 7),
        # 1 session, 1 account, 1 scope, 1 endpoint, 1 count, 1 page of messages, 1 person, 1 inbox, 1 gaps
        (f"/t/acme/admin/integrations/endpoints/{endpoint.public_id}/", 9),
    ]
    for address, number in pages:
        assert_page_queries(anna.client, address, number)
    for number in range(12):
        tell(about=str(number))
    made(hook.url, anna, key="another", name="学习平台")
    for address, number in pages:
        assert_page_queries(anna.client, address, number)
    with use_tenant(1):
        assert not PersonTold.objects.exists()
