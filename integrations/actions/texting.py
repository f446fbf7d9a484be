"""Alarms as text messages through the company's gateway (product.md §5.3, §8; docs/decisions/0017).

A message is written in the transaction of the notice it is about, for those who chose to have it, and says what the
notice says outside the app: that there is something, and where. Sending is a job of its own, which holds no
transaction while the gateway thinks. What the gateway did not take is tried again for hours, then given up; after a
day it is not sent any more, since the mail and the inbox have had it all along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from integrations import events, sealing
from integrations.adapters.base import SyncProblem
from integrations.models import MessageState, SmsGateway, SmsSecret, TextMessage
from integrations.queries.texting import texts_of_day
from integrations.reach import outside_of
from integrations.texting import (
    BACK_OFF,
    Asks,
    day_began,
    is_quiet,
    means_taken,
    parcel_of,
    said_in,
    to_show,
)
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.jobs.handlers import Again, Running
from perfsys.notices.actions import notify
from perfsys.notices.kinds import KINDS, kind_of
from perfsys.notices.models import Notice
from perfsys.people.models import Employee, Preferences
from perfsys.people.names import phone_key
from perfsys.tenancy.models import Tenant

from .connection import NoKeys, StaleVersion
from .gaps import people_to_tell
from .outbound import AddressNotAllowed

SEND = "integrations.texts"
ONE_AN_HOUR = timedelta(hours=1)
ONE_TEST_A = timedelta(minutes=1)
KEPT = timedelta(days=90)
SENT_WITHIN = timedelta(hours=24)
TAKEN_FOR = timedelta(minutes=2)  # by one worker
A_STRETCH = 45.0  # seconds
NO_NUMBER = "text_no_number"
AWAY = frozenset({0, 401, 403, 408, 429})  # and 5xx: it is the gateway, not this one message


class SecretMissing(Exception):
    """The gateway asks for a secret, and none was typed that may go to this address: type it."""


class NoNumber(Exception):
    """Whoever tries it out has no mobile number: one is added on their page."""


class LimitReached(Exception):
    """As many as may go today have gone: try it tomorrow, or raise the limit."""


@dataclass(frozen=True)
class GatewayWords:
    """What is set: `columns` of the gateway by name, `secret` "" to keep the one there is."""

    columns: Mapping[str, Any]
    owner: Employee
    secret: str = field(default="", repr=False)


# --- what is told -----------------------------------------------------------------------------------------------------


def write_texts(notices: Sequence[Notice], *, at: datetime) -> None:
    """A message for each of `notices`, where the gateway is on; a person gets one an hour that says the same and leads
    to the same page, since the others stand there as well. One that was given up, or will not go because what it is
    about is over, stands for none."""
    gateway = SmsGateway.objects.filter(is_on=True).first()
    if gateway is None:
        return
    said = {code: str(kind.outside) for code, kind in KINDS.items()}
    recent = TextMessage.objects.filter(to__in=[one.to_id for one in notices], made_at__gt=at - ONE_AN_HOUR)
    goes = Q(state=MessageState.SENT) | Q(state=MessageState.WAITING, notice__state=Notice.State.OPEN)
    told = recent.filter(goes, notice__isnull=False).values_list("to_id", "notice__kind", "notice__url")
    had = {(to, said.get(kind), url) for to, kind, url in told}
    new = []
    for one in notices:
        if (says := (one.to_id, said[one.kind], one.url)) not in had:
            had.add(says)
            new.append(TextMessage(gateway=gateway, to_id=one.to_id, notice=one, made_at=at, run_after=at))
    if TextMessage.objects.bulk_create(new, ignore_conflicts=True):
        enqueue_once_per_transaction(SEND)


# --- sending ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Text:
    """A message as it is sent: all of it read, so that no transaction is open meanwhile."""

    pk: int
    public_id: str
    slug: str
    url: str
    asks: Asks = field(repr=False)
    attempts: int  # with this one
    phone: str = field(repr=False)
    text: str = field(repr=False)
    secret: str | None = field(repr=False)


class _Answer(NamedTuple):
    """Status (0: none came, or nothing was sent), a code of `integrations.wording`, and the gateway's own."""

    code: int
    problem: str = ""
    said: str = ""


def send_due(job: Running, now: datetime) -> Again | None:
    """Send what is due, one after the other. A gateway that is away is left alone until the next run."""
    begun = monotonic()
    while monotonic() - begun < A_STRETCH:
        with job.step():
            text = _take(now)
        if text is None:
            return None
        started = monotonic()
        answer = _send(text)
        took = int((monotonic() - started) * 1000)
        with job.step():
            _note(text, answer, took, now)
        if answer.problem not in ("", NO_NUMBER) and (answer.code in AWAY or answer.code >= 500):
            return None
    return Again(job.payload)


def _take(now: datetime) -> _Text | None:
    """The next one that is due, taken for a while: another worker passes it by, and where this one is killed it is due
    again. A test goes out while the gateway is off, and at night: somebody waits for it."""
    gateway = SmsGateway.objects.select_for_update(no_key=True).first()  # two workers, one count of the day
    if gateway is None:
        return None
    tenant = Tenant.objects.get()
    zone = ZoneInfo(tenant.time_zone)
    waiting = TextMessage.objects.filter(state=MessageState.WAITING)
    _give_up_the_late(waiting, now)
    if texts_of_day(now, zone) >= gateway.daily_limit:
        return None
    due = waiting.filter(run_after__lte=now).order_by("run_after", "pk")
    if not gateway.is_on or is_quiet(now, gateway.quiet_from, gateway.quiet_until, zone):
        due = due.filter(notice=None)
    found = due.select_related("to", "notice").select_for_update(of=["self"]).first()
    if found is None:
        return None
    found.run_after, found.tried_at, found.attempts = now + TAKEN_FOR, now, found.attempts + 1
    found.save(update_fields=["run_after", "tried_at", "attempts"])
    return _Text(
        pk=found.pk,
        public_id=str(found.public_id),
        slug=tenant.slug,
        url=gateway.url,
        asks=asks_of(gateway),
        attempts=found.attempts,
        phone=(found.to.is_active and phone_key(found.to.mobile)) or "",
        text=_words(found, tenant),
        secret=_secret(gateway),
    )


def _give_up_the_late(waiting: QuerySet[TextMessage], now: datetime) -> None:
    """Whoever looks after the gateway hears of alarms that nobody got in a day, not of those that are over. One that
    another worker is sending is let be."""
    in_hand = Q(tried_at__isnull=False, run_after__gt=now)
    is_over = Q(notice__isnull=False) & ~Q(notice__state=Notice.State.OPEN)
    over, late = (waiting.exclude(in_hand).filter(why) for why in (is_over, Q(made_at__lte=now - SENT_WITHIN)))
    too_late = {"state": MessageState.DEAD, "problem": "text_too_late"}
    TextMessage.objects.filter(pk__in=over.values("pk")).update(**too_late)
    if TextMessage.objects.filter(pk__in=late.values("pk")).update(**too_late):
        _tell_owner(now)


def _words(message: TextMessage, tenant: Tenant) -> str:
    """In the reader's language; what may be read by whoever picks up the phone."""
    chosen = Preferences.objects.filter(membership=message.to.membership_id).values_list("locale", flat=True).first()
    with translation.override(chosen or tenant.locale):
        if message.notice is None:
            return _("A test: text messages reach you.")
        inbox = reverse("notices:inbox", kwargs={"tenant": tenant.slug})
        link = urljoin(settings.PUBLIC_URL, message.notice.url or inbox)
        return f"{kind_of(message.notice.kind).outside} {link}"


def _secret(gateway: SmsGateway) -> str | None:
    """None where it asks for one and this server has none that opens."""
    if not gateway.secret_in:
        return ""
    row = SmsSecret.objects.filter(gateway=gateway).first()
    try:
        return sealing.unseal_for_texts(row) if row else None
    except sealing.CannotOpen:
        return None


def _send(text: _Text) -> _Answer:
    if text.secret is None:
        return _Answer(0, "cannot_open")
    if not text.phone:
        return _Answer(0, NO_NUMBER)
    parcel = parcel_of(text.asks, phone=text.phone, text=text.text, message_id=text.public_id, secret=text.secret)
    reach = outside_of(text.slug)
    try:
        code, body = reach.send(parcel.method, text.url, params=parcel.query, headers=parcel.headers, body=parcel.body)
    except SyncProblem as problem:
        return _Answer(0, problem.code)
    finally:
        reach.close()
    problem_of_it = "" if means_taken(text.asks, code, body) else "text_refused"
    return _Answer(code, problem_of_it, to_show(said_in(text.asks, body)))


def _note(text: _Text, answer: _Answer, took: int, now: datetime) -> None:
    """What came of an attempt, unless the message has gone on meanwhile."""
    outcome: dict[str, Any] = {**answer._asdict(), "took_ms": took}
    if not answer.problem:
        outcome["state"] = MessageState.SENT
    elif text.attempts > len(BACK_OFF) or answer.problem == NO_NUMBER:
        outcome["state"] = MessageState.DEAD
    else:
        outcome["run_after"] = now + BACK_OFF[text.attempts - 1]
    as_taken = TextMessage.objects.filter(pk=text.pk, state=MessageState.WAITING, attempts=text.attempts)
    if as_taken.update(**outcome) and outcome.get("state") == MessageState.DEAD:
        _tell_owner(now)


def _tell_owner(now: datetime) -> None:
    """Once a day of the company's, by mail and in the app: the administrators where the owner has left."""
    tenant = Tenant.objects.get()
    gateway = SmsGateway.objects.select_related("owner").get()
    notify(
        events.TEXTS_GIVEN_UP,
        to=people_to_tell(gateway.owner),
        subject=gateway,
        at=now,
        url=reverse("integrations:sms", kwargs={"tenant": tenant.slug}),
        key=day_began(now, ZoneInfo(tenant.time_zone)).date().isoformat(),
    )


def forget_old(*, now: datetime) -> int:
    """What was written a while ago; how many."""
    return TextMessage.objects.filter(made_at__lt=now - KEPT).delete()[0]


# --- what people do ---------------------------------------------------------------------------------------------------


@transaction.atomic
def set_gateway(*, words: GatewayWords, version: int, actor: Employee | None, now: datetime) -> SmsGateway:
    """Make the company's gateway, off, or change it; `version` is 0 while there is none. A secret belongs to the host
    it was typed for: where another host is set it is typed again. Raises StaleVersion, AddressNotAllowed, NamesClash,
    SecretMissing, NoKeys."""
    tenant = Tenant.objects.select_for_update(no_key=True).get()  # two who begin at once make one
    _look_at(words.columns["url"], tenant)
    gateway = SmsGateway.objects.first() or SmsGateway(made_at=now, version=0)
    if gateway.version != version:
        raise StaleVersion
    moved = urlsplit(gateway.url)[:2] != urlsplit(words.columns["url"])[:2]
    for name, value in {**words.columns, "owner": words.owner, "version": version + 1}.items():
        setattr(gateway, name, value)
    parcel_of(asks_of(gateway), phone="+8613800000000", text="", message_id="", secret="")
    gateway.save()
    if moved or not gateway.secret_in or words.secret:
        SmsSecret.objects.filter(gateway=gateway).delete()
    if gateway.secret_in and words.secret:
        _seal(gateway, words.secret, now)
    if gateway.secret_in and not SmsSecret.objects.filter(gateway=gateway).exists():
        raise SecretMissing
    details = {"host": urlsplit(gateway.url).netloc, "daily_limit": gateway.daily_limit, "secret": bool(words.secret)}
    record(events.SMS_GATEWAY_SET, subject=gateway, actor=actor, at=now, details=details)
    return gateway


@transaction.atomic
def switch_gateway(*, gateway: SmsGateway, on: bool, actor: Employee | None, now: datetime) -> None:
    """Off: nothing is sent, and what waits is given up, so that nobody is woken by old alarms when it is on again.
    Pressed twice is once."""
    if not SmsGateway.objects.filter(pk=gateway.pk, is_on=not on).update(is_on=on, version=F("version") + 1):
        return
    if not on:
        waiting = TextMessage.objects.filter(state=MessageState.WAITING, notice__isnull=False)
        waiting.update(state=MessageState.DEAD, problem="text_too_late")
    record(events.SMS_GATEWAY_SWITCHED, subject=gateway, actor=actor, at=now, details={"on": on})


@transaction.atomic
def send_test(*, gateway: SmsGateway, actor: Employee, now: datetime) -> None:
    """One message to one's own number, once a minute and while the one before is on its way. Raises NoNumber,
    LimitReached."""
    if phone_key(actor.mobile) is None:
        raise NoNumber
    locked = SmsGateway.objects.select_for_update(no_key=True).get(pk=gateway.pk)
    if texts_of_day(now, ZoneInfo(Tenant.objects.get().time_zone)) >= locked.daily_limit:
        raise LimitReached
    tests = TextMessage.objects.filter(to=actor, notice=None)
    waiting = tests.filter(state=MessageState.WAITING)
    if not waiting.exists() and not tests.filter(made_at__gt=now - ONE_TEST_A).exists():
        TextMessage.objects.create(gateway=gateway, to=actor, made_at=now, run_after=now)
    waiting.filter(run_after__gt=now + TAKEN_FOR).update(run_after=now, attempts=0)  # one under way stays taken
    record(events.SMS_TRIED, subject=gateway, about=actor, actor=actor, at=now)
    enqueue_once_per_transaction(SEND)


def asks_of(gateway: SmsGateway) -> Asks:
    return Asks(**{name: getattr(gateway, name) for name in Asks.__dataclass_fields__})


def _seal(gateway: SmsGateway, secret: str, now: datetime) -> None:
    try:
        sealed = sealing.seal_for_texts(secret, tenant_id=gateway.tenant_id, gateway_id=gateway.pk)
    except ImproperlyConfigured as error:
        raise NoKeys from error
    SmsSecret.objects.create(gateway=gateway, set_at=now, **sealed._asdict())


def _look_at(url: str, tenant: Tenant) -> None:
    reach = outside_of(tenant.slug)
    try:
        reach.look_at(url)
    except SyncProblem as error:
        raise AddressNotAllowed from error
    finally:
        reach.close()
