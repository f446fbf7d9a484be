"""How notices leave the app: decided, claimed, sent, each in a transaction of its own.

House rules (product.md): nobody gets more than three reminders a week beside what they asked for, the rest goes into
one daily digest; one message a person and bundle; no private content outside the app.
"""

import smtplib
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core import mail
from django.core.mail.message import EmailMessage
from django.db import connection
from django.db.models import Count
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfsys.jobs.handlers import Again, Running
from perfsys.jobs.mail import message_id
from perfsys.people.models import Employee, Preferences
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import current_tenant_id

from .models import Delivery, Notice, NoticePreferences

log = structlog.get_logger(__name__)

REMINDERS_A_WEEK = 3
WEEK = timedelta(days=7)
DECIDED_AT_ONCE = 500
SENT_AT_ONCE = 20
LISTED = 20  # notices in one message; the inbox has the rest
AT_MOST_ATTEMPTS = 5
HIDDEN_FOR = (2, 5, 30, 120, 120)  # minutes after each attempt; longer than one takes, so it is also the lease
UNSENT = (OSError, smtplib.SMTPException)


def deliver(job: Running, now: datetime) -> Again | None:
    """Decide about what is new, send what is due, and come again for the rest or for what the server did not take."""
    with job.step():
        more = decide(now=now)
    with job.step():
        claimed = claim(now=now)
        messages = compose(claimed)
    for delivery, error in send(messages):
        with job.step():
            settle_delivery(delivery, error, now)
    with job.step():
        if more or due(now).exists():
            return Again(job.payload)
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by("run_after").first()
        return Again(job.payload, after=max(waiting.run_after - now, timedelta(0))) if waiting else None


def decide(*, now: datetime) -> bool:
    """Give the next 500 new notices a message of their own, or leave them to the digest or the app alone; returns
    whether there are more. Deciders of a tenant take turns: two at once would each count two reminders and send a
    third."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('notices.decide', %s::bigint))", [current_tenant_id()]
        )
    notices = list(Notice.objects.filter(mail=Notice.Mail.WAITING).order_by("to", "pk")[:DECIDED_AT_ONCE])
    people = {notice.to_id for notice in notices}
    reachable, sent = _reachable(people), _reminders_sent(people, now)
    known = set(
        Delivery.objects.filter(to__in=people, bundle__in={notice.bundle for notice in notices}).values_list(
            "to_id", "bundle"
        )
    )
    groups: dict[tuple[int, str], list[Notice]] = defaultdict(list)
    for notice in notices:
        groups[notice.to_id, notice.bundle].append(notice)
    new: list[Delivery] = []
    for (to_id, bundle), group in groups.items():
        is_reminder = all(notice.is_reminder for notice in group)
        if to_id not in reachable:
            verdict = Notice.Mail.NONE
        elif (to_id, bundle) in known or (is_reminder and sent[to_id] >= REMINDERS_A_WEEK):
            verdict = Notice.Mail.DIGEST
        else:
            verdict = Notice.Mail.MAILED
            sent[to_id] += is_reminder
            new.append(Delivery(to_id=to_id, bundle=bundle, is_reminder=is_reminder, made_at=now, run_after=now))
        for notice in group:
            notice.mail = verdict
    Delivery.objects.bulk_create(new)
    _link(notices, new)
    return len(notices) == DECIDED_AT_ONCE


def make_digests(*, now: datetime) -> bool:
    """One message for each of the next 500 people who have something for the digest; returns whether there are more.
    What was read or answered meanwhile is left out. A person gets one digest a day of the tenant's."""
    zone = ZoneInfo(Tenant.objects.get().time_zone)
    bundle = f"digest:{now.astimezone(zone).date().isoformat()}"
    pending = Notice.objects.filter(mail=Notice.Mail.DIGEST)
    stale = pending.exclude(state=Notice.State.OPEN) | pending.filter(read_at__isnull=False)
    Notice.objects.filter(pk__in=stale.values("pk")).update(mail=Notice.Mail.NONE)
    done = Delivery.objects.filter(bundle=bundle).values("to")
    people = list(pending.exclude(to__in=done).order_by("to").values_list("to", flat=True).distinct()[:DECIDED_AT_ONCE])
    wanted = _reachable(people) - _without_digest(people)
    notices = list(pending.filter(to__in=people))
    new = [Delivery(to_id=pk, bundle=bundle, made_at=now, run_after=now) for pk in people if pk in wanted]
    Delivery.objects.bulk_create(new)
    for notice in notices:
        notice.mail = Notice.Mail.MAILED if notice.to_id in wanted else Notice.Mail.NONE
    by_person = {delivery.to_id: delivery for delivery in new}
    for notice in notices:
        notice.delivery = by_person.get(notice.to_id)
    Notice.objects.bulk_update(notices, ["mail", "delivery"], batch_size=500)
    return len(people) == DECIDED_AT_ONCE


def due(now: datetime) -> Any:
    return Delivery.objects.filter(
        state=Delivery.State.WAITING, run_after__lte=now, attempts__lt=AT_MOST_ATTEMPTS
    ).order_by("run_after", "pk")


def claim(*, now: datetime) -> list[Delivery]:
    """Take the next messages; the attempt is counted before it is made."""
    Delivery.objects.filter(state=Delivery.State.WAITING, run_after__lte=now, attempts__gte=AT_MOST_ATTEMPTS).update(
        state=Delivery.State.DEAD
    )
    claimed = list(due(now).select_for_update(skip_locked=True, of=("self",)).select_related("to")[:SENT_AT_ONCE])
    for delivery in claimed:
        delivery.run_after = now + timedelta(minutes=HIDDEN_FOR[delivery.attempts])
        delivery.attempts += 1
    Delivery.objects.bulk_update(claimed, ["run_after", "attempts"])
    return claimed


def compose(deliveries: list[Delivery]) -> list[tuple[Delivery, EmailMessage]]:
    """The messages, each in its reader's language. They say that there is something and where, not what."""
    tenant = Tenant.objects.get()
    seats = [delivery.to.membership_id for delivery in deliveries]
    languages: dict[int | None, str] = dict(
        Preferences.objects.filter(membership__in=seats).values_list("membership_id", "locale")
    )
    held = defaultdict(list)
    for notice in Notice.objects.filter(delivery__in=deliveries).order_by("at", "pk"):
        held[notice.delivery_id].append(notice)
    messages = []
    for delivery in deliveries:
        with translation.override(languages.get(delivery.to.membership_id) or tenant.locale):
            messages.append((delivery, _message(delivery, held[delivery.pk], tenant)))
    return messages


def send(messages: list[tuple[Delivery, EmailMessage]]) -> list[tuple[Delivery, Exception | None]]:
    """Over one connection; returns what became of each. A server out of reach is asked once."""
    if not messages:
        return []
    server = mail.get_connection()
    outcome: list[tuple[Delivery, Exception | None]] = []
    try:
        server.open()
        for delivery, message in messages:
            message.connection = server
            try:
                message.send()
                outcome.append((delivery, None))
            except UNSENT as error:
                outcome.append((delivery, error))
    except UNSENT as error:
        return [(delivery, error) for delivery, _message in messages]
    finally:
        server.close()
    return outcome


def settle_delivery(delivery: Delivery, error: Exception | None, now: datetime) -> None:
    mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    if error is None:
        mine.update(state=Delivery.State.SENT, sent_at=now, last_error="")
        return
    # Its class alone: the text of an SMTP error quotes addresses.
    log.warning("a notice was not mailed", delivery=str(delivery.public_id), reason=type(error).__name__)
    mine.update(last_error=type(error).__name__)


def _message(delivery: Delivery, notices: list[Notice], tenant: Tenant) -> EmailMessage:
    inbox = urljoin(settings.PUBLIC_URL, reverse("notices:inbox", kwargs={"tenant": tenant.slug}))
    lines = []
    for notice in notices[:LISTED]:
        link = urljoin(settings.PUBLIC_URL, notice.url) if notice.url else inbox
        lines.append(f"{notice.declared.outside}\n{link}")
    subject = ngettext("%(count)d thing for you to look at", "%(count)d things for you to look at", len(notices))
    body = "\n\n".join(
        [
            _("Hello %(name)s,") % {"name": delivery.to.name},
            *dict.fromkeys(lines),
            _("All of it, and how you want to be told: %(inbox)s") % {"inbox": inbox},
        ]
    )
    return EmailMessage(
        "陪跑 · " + subject % {"count": len(notices)},
        body,
        to=[delivery.to.email],
        headers={"Message-ID": message_id(delivery.public_id)},
    )


def _reachable(people: Collection[int]) -> set[int]:
    """Those who work here, have an address and have not switched mail off."""
    silent = NoticePreferences.objects.filter(employee__in=people, by_mail=False).values("employee")
    found = Employee.objects.filter(pk__in=people, status=Employee.Status.ACTIVE).exclude(email="")
    return set(found.exclude(pk__in=silent).values_list("pk", flat=True))


def _without_digest(people: Collection[int]) -> set[int]:
    found = NoticePreferences.objects.filter(employee__in=people, digest=False)
    return set(found.values_list("employee_id", flat=True))


def _reminders_sent(people: Collection[int], now: datetime) -> Counter[int]:
    sent = Delivery.objects.filter(to__in=people, is_reminder=True, made_at__gt=now - WEEK)
    counted = sent.exclude(state=Delivery.State.DEAD).values_list("to_id").annotate(count=Count("pk"))
    return Counter(dict(counted))


def _link(notices: list[Notice], new: list[Delivery]) -> None:
    by_bundle = {(delivery.to_id, delivery.bundle): delivery for delivery in new}
    for notice in notices:
        notice.delivery = by_bundle.get((notice.to_id, notice.bundle))
    Notice.objects.bulk_update(notices, ["mail", "delivery"], batch_size=500)
