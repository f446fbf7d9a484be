"""The page of those who run the machines, and the alarms (security.md §4.3)."""

from datetime import timedelta

import pytest

from perfsys.jobs import alarms
from perfsys.jobs.alarms import Alarm, Pulse
from perfsys.jobs.models import Heartbeat, Job, OutgoingMail
from perfsys.jobs.rhythm import tick
from perfsys.tenancy.scope import use_tenant
from tests.jobs.conftest import NOW

PAGE = "/ops/jobs/"
MINUTE = timedelta(minutes=1)
FINE = {
    "at": NOW,
    "ready": 0,
    "oldest_ready": None,
    "dead": 0,
    "lost": 0,
    "last_finished": NOW,
    "ticked_at": NOW,
    "mail_waiting": 0,
    "mail_dead": 0,
}


@pytest.mark.parametrize(
    ("facts", "raised"),
    [
        ({}, set()),
        ({"oldest_ready": NOW - 5 * MINUTE}, set()),
        ({"oldest_ready": NOW - 5.1 * MINUTE}, {Alarm.JOBS_WAIT}),
        ({"oldest_ready": NOW - 11 * MINUTE, "last_finished": NOW - 9 * MINUTE}, {Alarm.JOBS_WAIT}),
        (
            {"oldest_ready": NOW - 11 * MINUTE, "last_finished": NOW - 11 * MINUTE},
            {Alarm.JOBS_WAIT, Alarm.NOTHING_DONE},
        ),
        ({"oldest_ready": NOW - 11 * MINUTE, "last_finished": None}, {Alarm.JOBS_WAIT, Alarm.NOTHING_DONE}),
        ({"dead": 1}, {Alarm.JOBS_DEAD}),
        ({"ticked_at": NOW - 3 * MINUTE}, set()),
        ({"ticked_at": NOW - 3.1 * MINUTE}, {Alarm.NO_TICK}),
        ({"ticked_at": None}, {Alarm.NO_TICK}),
        ({"mail_dead": 1}, {Alarm.MAIL_DEAD}),
    ],
)
def test_each_alarm_at_its_limit(facts, raised):
    assert Pulse(**{**FINE, **facts}).alarms == raised


def test_the_facts_are_those_of_all_companies(put):
    tick(now=NOW)
    put("tests.mark", n=1)
    put("tests.mark", n=2, tenant_id=2)
    put("tests.mark", n=3, tenant_id=2)
    OutgoingMail.objects.create(to="a@example.org", subject="x", body="y")
    OutgoingMail.objects.create(to="b@example.org", subject="x", body="", state="dead")
    for tenant_id, run_after in ((1, NOW - MINUTE), (2, NOW)):
        with use_tenant(tenant_id):
            Job.objects.update(run_after=run_after)
    with use_tenant(2):
        Job.objects.filter(payload__n=2).update(state="dead")
        Job.objects.filter(payload__n=3).update(state="running", lease_until=NOW - MINUTE)
    pulse = alarms.pulse(now=NOW)
    assert (pulse.ready, pulse.oldest_ready, pulse.dead, pulse.lost) == (1, NOW - MINUTE, 1, 1)
    assert (pulse.ticked_at, pulse.last_finished, pulse.mail_waiting, pulse.mail_dead) == (NOW, None, 1, 1)
    assert [(c.slug, c.kind, c.state, c.jobs) for c in alarms.counts()] == [
        ("acme", "tests.mark", "ready", 1),
        ("globex", "tests.mark", "dead", 1),
        ("globex", "tests.mark", "running", 1),
    ]


def test_the_operators_see_counts_and_nothing_of_a_company(ada, put, settings):
    settings.PERFSYS_OPERATORS = [ada.account.email]
    put("tests.mark", key="somebody", words="private")
    text = ada.client.get(PAGE).content.decode()
    assert "acme" in text and "tests.mark" in text
    assert "private" not in text and "somebody" not in text


def test_it_says_what_is_wrong(ada, put, settings):
    settings.PERFSYS_OPERATORS = [ada.account.email.lower()]
    assert "beat" in ada.client.get(PAGE).content.decode()
    Heartbeat.objects.create(name="tick", at=NOW - timedelta(days=9_000))
    put("tests.mark")
    with use_tenant(1):
        Job.objects.update(state="dead")
    assert ada.client.get(PAGE).content.decode().count("<li>") == 2


@pytest.mark.parametrize("operators", [[], ["ops@example.org"], ["x" + "ada@acme.example"]])
def test_for_everybody_else_the_page_does_not_exist(ada, anna, settings, operators, client):
    settings.PERFSYS_OPERATORS = operators
    for visitor in (ada.client, anna.client, client):
        assert visitor.get(PAGE).status_code == 404
