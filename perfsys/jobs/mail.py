"""Mail that belongs to no tenant: invitations and password resets. Written as a row in the caller's transaction,
sent by a worker, deleted when the server has taken it. Bodies hold secrets and never reach a log."""

import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core import mail
from django.core.mail.message import EmailMessage
from django.db import transaction

from .models import OutgoingMail
from .wake import poke

log = structlog.get_logger(__name__)

AT_ONCE = 20
AT_MOST_ATTEMPTS = 5
HIDDEN_FOR = (2, 5, 30, 120, 120)  # minutes after each attempt; longer than any attempt takes, so it is also the lease
DEAD_KEPT_FOR = timedelta(days=30)
UNSENT = (OSError, smtplib.SMTPException)


def send_mail_later(to: str, subject: str, body: str) -> None:
    """Send a plain text message to one address after this transaction commits."""
    OutgoingMail.objects.create(to=to, subject=subject, body=body)
    transaction.on_commit(poke)


def send_each_later(letters: Sequence[tuple[str, str, str]]) -> None:
    """The same for many: address, subject, body of each."""
    OutgoingMail.objects.bulk_create(
        [OutgoingMail(to=to, subject=subject, body=body) for to, subject, body in letters], batch_size=500
    )
    transaction.on_commit(poke)


def send_due(*, now: datetime) -> int:
    """Send what is waiting; returns how many messages the server took. A message whose worker dies in between is
    sent again, with the same Message-ID."""
    _give_up(now)
    rows = _claim(now)
    if not rows:
        return 0
    server = mail.get_connection()
    try:
        server.open()
        return sum(_sent(row, server) for row in rows)
    except UNSENT as error:  # a server out of reach is asked once, not once a message
        _note([row.pk for row in rows], error)
        return 0
    finally:
        server.close()


def message_id(public_id: object) -> str:
    """The same for every attempt, so that a receiver's server can drop a message that came twice."""
    return f"<{public_id}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"


def _claim(now: datetime) -> list[OutgoingMail]:
    """The attempt is counted before it is made."""
    with transaction.atomic():
        waiting = OutgoingMail.objects.filter(
            state=OutgoingMail.State.WAITING, run_after__lte=now, attempts__lt=AT_MOST_ATTEMPTS
        )
        rows = list(waiting.select_for_update(skip_locked=True).order_by("run_after")[:AT_ONCE])
        for row in rows:
            row.run_after = now + timedelta(minutes=HIDDEN_FOR[row.attempts])
            row.attempts += 1
        OutgoingMail.objects.bulk_update(rows, ["run_after", "attempts"])
    return rows


def _give_up(now: datetime) -> None:
    spent = OutgoingMail.objects.filter(
        state=OutgoingMail.State.WAITING, attempts__gte=AT_MOST_ATTEMPTS, run_after__lte=now
    )
    if given_up := spent.update(state=OutgoingMail.State.DEAD, body=""):
        log.error("mail was given up", messages=given_up)
    OutgoingMail.objects.filter(state=OutgoingMail.State.DEAD, run_after__lt=now - DEAD_KEPT_FOR).delete()


def _sent(row: OutgoingMail, server: Any) -> bool:
    try:
        _message(row, server).send()
    except UNSENT as error:
        _note([row.pk], error)
        return False
    OutgoingMail.objects.filter(pk=row.pk).delete()
    return True


def _note(rows: list[int], error: Exception) -> None:
    # Its class alone: the text of an SMTP error quotes addresses, and may quote the message.
    log.warning("mail was not sent", messages=len(rows), reason=type(error).__name__)
    OutgoingMail.objects.filter(pk__in=rows).update(last_error=type(error).__name__)


def _message(row: OutgoingMail, server: Any) -> EmailMessage:
    return EmailMessage(
        row.subject, row.body, to=[row.to], connection=server, headers={"Message-ID": message_id(row.public_id)}
    )
