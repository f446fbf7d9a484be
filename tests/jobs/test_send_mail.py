"""Mail of no tenant, to a real server: sent once, gone when sent, and never in a log."""

import logging
import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connections, transaction

from perfsys.jobs import mail
from perfsys.jobs.mail import HIDDEN_FOR, send_due, send_mail_later
from perfsys.jobs.models import OutgoingMail
from tests.jobs.conftest import NOW
from tests.jobs.smtp import Received, smtp_server
from tests.jobs.three_times import repeat

SECRET = "t0ken-that-opens-the-door"


@pytest.fixture
def inbox(settings: Any) -> Iterator[Received]:
    with smtp_server(settings) as received:
        yield received


def invite(to: str = "ada@acme.example") -> None:
    send_mail_later(to, "欢迎加入 陪跑", f"https://example.org/join/{SECRET}/")


def test_a_message_arrives_as_it_was_written_and_the_row_is_gone(db, inbox):
    invite()
    assert send_due(now=NOW) == 1
    [message] = inbox.messages
    assert (message["To"], message["Subject"]) == ("ada@acme.example", "欢迎加入 陪跑")
    assert SECRET in message.get_content()
    assert not OutgoingMail.objects.exists()


def test_sending_three_times_is_sending_once(db, inbox):
    invite()
    repeat(lambda: send_due(now=NOW))
    assert len(inbox.messages) == 1


def test_it_leaves_only_with_the_transaction_that_wrote_it(db, inbox):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        invite()
        raise ZeroDivisionError
    assert send_due(now=NOW) == 0


def test_a_worker_that_dies_after_sending_sends_it_again_under_the_same_id(db, inbox):
    invite()
    with (
        patch.object(OutgoingMail, "objects", wraps=OutgoingMail.objects),
        patch.object(mail, "_sent", side_effect=lambda row, server: bool(mail._message(row, server).send())),
    ):
        send_due(now=NOW)
    later = NOW + timedelta(minutes=HIDDEN_FOR[0])
    assert send_due(now=later - timedelta(seconds=1)) == 0
    assert send_due(now=later) == 1
    first, second = inbox.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_refuses_one_address_gets_the_others(db, inbox):
    inbox.refuses.add("nobody@acme.example")
    invite("nobody@acme.example")
    invite()
    assert send_due(now=NOW) == 1
    row = OutgoingMail.objects.get()
    assert (row.attempts, row.last_error) == (1, "SMTPRecipientsRefused")
    assert row.run_after == NOW + timedelta(minutes=HIDDEN_FOR[0])


def test_a_server_that_is_away_is_asked_once_and_again_later(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    invite()
    invite("marta@acme.example")
    with patch.object(smtplib, "SMTP", wraps=smtplib.SMTP) as opened:
        assert send_due(now=NOW) == 0
    assert opened.call_count == 1
    assert list(OutgoingMail.objects.values_list("attempts", "last_error")) == [(1, "ConnectionRefusedError")] * 2


def test_after_five_attempts_it_is_given_up_and_its_secret_deleted(db, inbox):
    inbox.refuses.add("ada@acme.example")
    invite()
    now = NOW
    for attempt in range(1, 6):
        send_due(now=now)
        assert OutgoingMail.objects.get().attempts == attempt
        now = OutgoingMail.objects.get().run_after
    send_due(now=now)
    row = OutgoingMail.objects.get()
    assert (row.state, row.body, inbox.messages) == ("dead", "", [])
    send_due(now=now + timedelta(days=31))
    assert not OutgoingMail.objects.exists()


def test_neither_secret_nor_address_reaches_a_log(db, inbox, caplog):
    caplog.set_level(logging.DEBUG)
    inbox.refuses.add("ada@acme.example")
    invite()
    for minutes in range(0, 600, 10):
        send_due(now=NOW + timedelta(minutes=minutes))
    invite("marta@acme.example")
    send_due(now=NOW)
    # The test's own server, in this process, logs what it is told.
    ours = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert SECRET not in ours
    assert "acme.example" not in ours
    assert "mail was given up" in ours


@pytest.mark.django_db(transaction=True)
def test_racing_workers_send_each_message_once(settings):
    with smtp_server(settings) as inbox:
        for n in range(30):
            invite(f"person-{n}@acme.example")

        def worker(_: int) -> int:
            try:
                return sum(send_due(now=NOW) for _ in range(4))
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(worker, range(4))) == 30
        assert len({message["To"] for message in inbox.messages}) == len(inbox.messages) == 30
