"""Telling other systems (product.md §5.10): the row that says so, sending it, and what people do about endpoints.

A message is written in the transaction of what it tells of, with the fields its endpoint was given. Sending is a job of
its own, which holds no transaction while the other side thinks.
"""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from integrations import events, sealing
from integrations.adapters.base import SyncProblem
from integrations.models import (
    Endpoint,
    EndpointSecret,
    EndpointState,
    EventKind,
    MessageState,
    OutboundMessage,
    PersonTold,
)
from integrations.queries.outbound import facts_of_people
from integrations.reach import outside_of
from integrations.signing import new_secret, signed_headers
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.jobs.handlers import Again, Running
from perfsys.notices.actions import notify
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import Row, insert_rows, update_rows

from .connection import NameTaken, NoKeys, StaleVersion

DELIVER = "integrations.deliver"
PEOPLE = (EventKind.JOINED, EventKind.CHANGED, EventKind.LEFT)
# After the first attempt; together three days. Then it is given up and the endpoint stops.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440, 1440))
FORMER_SIGNS = timedelta(hours=24)
KEPT = timedelta(days=90)  # whatever became of it
TAKEN_FOR = timedelta(minutes=2)  # by one worker
A_STRETCH = 45.0  # seconds
AT_ONCE = 1_000  # rows a statement
PEOPLE_AT_ONCE = 2_000


class AddressNotAllowed(Exception):
    """https and a public name, or a host of the intranet that the operator has listed."""


@dataclass(frozen=True)
class EndpointWords:
    name: str
    url: str
    kinds: Collection[str]
    fields: Collection[str]
    owner: Employee

    @property
    def columns(self) -> dict[str, Any]:
        return {**vars(self), "kinds": sorted(self.kinds), "fields": sorted(self.fields)}


# Where to, what, whose public id, the facts, and which of them are different.
Writing = tuple[Endpoint, EventKind, str, Mapping[str, Any], Collection[str]]


# --- what is told -----------------------------------------------------------------------------------------------------


def tell_systems(kind: EventKind, *, about: str, facts: Callable[[], Mapping[str, Any]], at: datetime) -> None:
    """Write what every endpoint that wants `kind` is told, in the caller's transaction. `about` is the public id of the
    person or goal, `facts` gives them by their names in `models.Told` and is asked where somebody wants them. One query
    where nobody does."""
    tell_systems_of_many([kind], lambda: [(kind, about, facts())], at=at)


def tell_systems_of_many(
    kinds: Collection[EventKind],
    told: Callable[[], Iterable[tuple[EventKind, str, Mapping[str, Any]]]],
    *,
    at: datetime,
) -> None:
    """The same for what happens to many at once: `told` gives each with its kind, one of `kinds`, and is asked where
    somebody wants any of them."""
    wanting = list(Endpoint.objects.filter(kinds__overlap=list(kinds)).exclude(state=EndpointState.OFF).order_by("pk"))
    if wanting:
        happened = list(told())
        _write(
            ((one, kind, about, facts, ()) for one in wanting for kind, about, facts in happened if kind in one.kinds),
            at,
        )


@transaction.atomic
def tell_of_people(*, now: datetime) -> int:
    """Compare what is known of everybody with what was told last, and tell what differs; how many people that are. What
    a date brings, a new manager or a last day, comes with no action of anybody's, so it is looked for. The first time
    nobody is told: whoever begins fetches all people first (docs/api.md)."""
    endpoints = list(Endpoint.objects.filter(kinds__overlap=list(PEOPLE)).exclude(state=EndpointState.OFF))
    if not endpoints:
        return 0
    Tenant.objects.select_for_update(no_key=True).get()  # two jobs, one comparison
    is_first = not PersonTold.objects.exists()
    number, after = 0, 0
    while some := list(Employee.objects.filter(pk__gt=after).order_by("pk")[:PEOPLE_AT_ONCE]):
        number += _compare(endpoints, some, is_first, now)
        after = some[-1].pk
    if number and not is_first:
        record(events.PEOPLE_TOLD, subject=Tenant.objects.get(), actor=None, at=now, details={"people": number})
    return 0 if is_first else number


def _compare(endpoints: list[Endpoint], people: list[Employee], is_first: bool, now: datetime) -> int:
    held = PersonTold.objects.filter(employee__in=[one.pk for one in people])
    known = {employee: (pk, facts) for employee, pk, facts in held.values_list("employee_id", "pk", "facts")}
    current = facts_of_people(people, now)
    new: list[Row] = []
    changed: list[Row] = []
    messages: list[Writing] = []
    for one in people:
        facts = current[one.pk]
        if one.pk not in known:
            new.append({"employee_id": one.pk, "facts": facts})
            if one.is_active:
                messages += [(to, EventKind.JOINED, str(one.public_id), facts, ()) for to in endpoints]
            continue
        pk, before = known[one.pk]
        differing = [name for name, value in facts.items() if before.get(name) != value]
        if not differing:
            continue
        changed.append({"id": pk, "facts": facts})
        kind = _kind_of_change(before, facts)
        messages += [(to, kind, str(one.public_id), facts, differing) for to in endpoints]
    insert_rows(PersonTold, new, same={"at": now})
    update_rows(PersonTold, changed, same={"at": now})
    if not is_first:
        _write([each for each in messages if each[1] in each[0].kinds], now)
    return len(new) + len(changed)


def _kind_of_change(before: Mapping[str, Any], facts: Mapping[str, Any]) -> EventKind:
    if before.get("status") == facts["status"]:
        return EventKind.CHANGED
    return EventKind.JOINED if facts["status"] == Employee.Status.ACTIVE else EventKind.LEFT


def _write(messages: Iterable[Writing], at: datetime) -> None:
    """A change of which the endpoint was given nothing is none to it."""
    rows = []
    for endpoint, kind, about, facts, differing in messages:
        told = {name: facts[name] for name in endpoint.fields if name in facts}
        changed = [name for name in endpoint.fields if name in differing]
        if kind == EventKind.CHANGED and not changed:
            continue
        data = {"id": about, **told} | ({"changed": changed} if kind == EventKind.CHANGED else {})
        rows.append(
            {
                "public_id": str(uuid.uuid4()),
                "endpoint_id": endpoint.pk,
                "kind": kind.value,
                "payload": json.loads(json.dumps(data, cls=DjangoJSONEncoder)),
            }
        )
    for first in range(0, len(rows), AT_ONCE):
        insert_rows(OutboundMessage, rows[first : first + AT_ONCE], same={"made_at": at, "run_after": at})
    if rows:
        enqueue_once_per_transaction(DELIVER)


# --- sending ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parcel:
    """A message as it is sent: all of it read, so that no transaction is open meanwhile."""

    pk: int
    endpoint_id: int
    public_id: str
    slug: str
    url: str
    attempts: int  # with this one
    body: bytes = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)


def deliver(job: Running, now: datetime) -> Again | None:
    """Send what is due, for a while. An endpoint that fails is left alone for the rest of this run, so that it keeps
    the others from nothing."""
    failed: set[int] = set()
    begun = monotonic()
    while monotonic() - begun < A_STRETCH:
        with job.step():
            parcel = _take(failed, now)
        if parcel is None:
            return None
        started = monotonic()
        code, problem = _send(parcel, now)
        took = int((monotonic() - started) * 1000)
        if not 200 <= code < 300:
            failed.add(parcel.endpoint_id)
        with job.step():
            _note(parcel, code, problem, took, now)
    return Again(job.payload)


def _take(but: Collection[int], now: datetime) -> _Parcel | None:
    """The next one that is due, taken for a while: another worker passes it by, and where this one is killed it is
    due again."""
    found = _next(but, now)
    if found is None:
        return None
    attempts = found.attempts + 1
    OutboundMessage.objects.filter(pk=found.pk).update(run_after=now + TAKEN_FOR, attempts=attempts)
    live = EndpointSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), endpoint=found.endpoint_id)
    body = {"type": found.kind, "timestamp": found.made_at.isoformat(), "data": found.payload}
    return _Parcel(
        pk=found.pk,
        endpoint_id=found.endpoint_id,
        public_id=str(found.public_id),
        slug=Tenant.objects.get().slug,
        url=found.endpoint.url,
        attempts=attempts,
        body=json.dumps(body, ensure_ascii=False).encode(),
        keys=tuple(_opened(live.order_by("-made_at", "-pk"))),
    )


def _next(but: Collection[int], now: datetime) -> OutboundMessage | None:
    """Locked. Endpoint by endpoint, the one whose message waits longest first: what waits for one that is off or
    stopped is not looked at, however much that is."""
    waiting = OutboundMessage.objects.filter(state=MessageState.WAITING, run_after__lte=now)
    waiting = waiting.order_by("run_after", "pk")
    since = Subquery(waiting.filter(endpoint=OuterRef("pk")).values("run_after")[:1])
    live = Endpoint.objects.filter(state=EndpointState.ON).exclude(pk__in=list(but)).annotate(since=since)
    for endpoint in live.filter(since__isnull=False).order_by("since", "pk"):
        found: OutboundMessage | None = waiting.filter(endpoint=endpoint).select_for_update(skip_locked=True).first()
        if found is not None:
            found.endpoint = endpoint
            return found
    return None


def _opened(secrets: Iterable[EndpointSecret]) -> Iterator[str]:
    """Those that this server's keys open."""
    for row in secrets:
        with suppress(sealing.CannotOpen):
            yield sealing.unseal_signing(row)


def _send(parcel: _Parcel, now: datetime) -> tuple[int, str]:
    """Status and problem; 0 where no answer came. Unsigned it does not leave."""
    if not parcel.keys:
        return 0, "cannot_open"
    headers = signed_headers(parcel.keys, message_id=parcel.public_id, at=now, body=parcel.body)
    reach = outside_of(parcel.slug)
    try:
        return reach.post(parcel.url, parcel.body, headers={"Content-Type": "application/json", **headers}), ""
    except SyncProblem as problem:
        return 0, problem.code
    finally:
        reach.close()


def _note(parcel: _Parcel, code: int, problem: str, took: int, now: datetime) -> None:
    """What came of an attempt, unless the message has gone on meanwhile. Given up after three days: the endpoint stops
    and its owner is told."""
    outcome: dict[str, Any] = {"tried_at": now, "code": code, "problem": problem, "took_ms": took}
    if 200 <= code < 300:
        outcome["state"] = MessageState.SENT
    elif parcel.attempts > len(BACK_OFF):
        outcome["state"] = MessageState.DEAD
    else:
        outcome["run_after"] = now + BACK_OFF[parcel.attempts - 1]
    as_taken = OutboundMessage.objects.filter(pk=parcel.pk, state=MessageState.WAITING, attempts=parcel.attempts)
    if as_taken.update(**outcome) and outcome.get("state") == MessageState.DEAD:
        _stop(Endpoint.objects.select_related("owner").get(pk=parcel.endpoint_id), now)


def _stop(endpoint: Endpoint, now: datetime) -> None:
    running = Endpoint.objects.filter(pk=endpoint.pk, state=EndpointState.ON)
    if not running.update(state=EndpointState.STOPPED, version=F("version") + 1):
        return
    record(events.ENDPOINT_STOPPED, subject=endpoint, about=endpoint.owner, actor=None, at=now)
    slug = Tenant.objects.get().slug
    notify(
        events.ENDPOINT_DEAD,
        to=endpoint.owner,
        subject=endpoint,
        at=now,
        params={"name": endpoint.name},
        url=reverse("integrations:endpoint", kwargs={"tenant": slug, "public_id": endpoint.public_id}),
        key=f"{endpoint.pk} {now.isoformat()}",
    )


def forget_old(*, now: datetime) -> int:
    """What was written a while ago, delivered or not: it holds what its endpoint was given of people. Returns how
    many."""
    return OutboundMessage.objects.filter(made_at__lt=now - KEPT).delete()[0]


# --- what people do ---------------------------------------------------------------------------------------------------


@transaction.atomic
def make_endpoint(*, words: EndpointWords, key: str, actor: Employee | None, now: datetime) -> tuple[Endpoint, str]:
    """The endpoint, and the secret it is told with: whoever shows that is the last to have it. Pressed twice it is one,
    and the second time without a secret. Raises NameTaken, NoKeys, AddressNotAllowed."""
    _look_at(words.url)
    earlier: Endpoint | None = Endpoint.objects.filter(key=key).first()
    if earlier is not None:
        return earlier, ""
    try:
        with transaction.atomic():
            made: Endpoint = Endpoint.objects.create(made_at=now, key=key, **words.columns)
    except IntegrityError as error:
        raise NameTaken from error
    secret = _new_secret(made, now)
    record(events.ENDPOINT_MADE, subject=made, actor=actor, at=now, details=_told_of(words))
    if set(words.kinds) & set(PEOPLE):
        tell_of_people(now=now)
    return made, secret


@transaction.atomic
def change_endpoint(
    *, endpoint: Endpoint, version: int, words: EndpointWords, actor: Employee | None, now: datetime
) -> Endpoint:
    """What waits goes out as it was written. Raises StaleVersion, NameTaken, AddressNotAllowed."""
    _look_at(words.url)
    locked: Endpoint = Endpoint.objects.select_for_update(of=["self"]).get(pk=endpoint.pk)
    if locked.version != version:
        raise StaleVersion
    for name, value in words.columns.items():
        setattr(locked, name, value)
    locked.version += 1
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise NameTaken from error
    record(events.ENDPOINT_CHANGED, subject=locked, actor=actor, at=now, details=_told_of(words))
    if set(words.kinds) & set(PEOPLE):
        tell_of_people(now=now)
    return locked


@transaction.atomic
def switch_endpoint(*, endpoint: Endpoint, on: bool, actor: Employee | None, now: datetime) -> None:
    """On: what waits goes out, what was given up waits until somebody sends it again. One that is being sent stays
    taken, and what is due while one can be taken comes by itself. Pressed twice is once."""
    state = EndpointState.ON if on else EndpointState.OFF
    if not Endpoint.objects.filter(pk=endpoint.pk).exclude(state=state).update(state=state, version=F("version") + 1):
        return
    record(events.ENDPOINT_SWITCHED, subject=endpoint, actor=actor, at=now, details={"on": on})
    if on:
        waiting = OutboundMessage.objects.filter(endpoint=endpoint, state=MessageState.WAITING)
        waiting = waiting.exclude(run_after__gt=now, run_after__lte=now + TAKEN_FOR)
        waiting.update(run_after=now, attempts=0)
        enqueue_once_per_transaction(DELIVER)


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, actor: Employee | None, now: datetime) -> str:
    """Another secret, shown once; for a day the former one signs as well. Raises NoKeys."""
    Endpoint.objects.select_for_update(of=["self"]).get(pk=endpoint.pk)
    secrets = EndpointSecret.objects.filter(endpoint=endpoint)
    secrets.filter(ends_at__isnull=False).delete()  # two live ones at most
    secrets.filter(ends_at=None).update(ends_at=now + FORMER_SIGNS)
    secret = _new_secret(endpoint, now)
    record(events.ENDPOINT_SECRET, subject=endpoint, actor=actor, at=now)
    return secret


@transaction.atomic
def send_test(*, endpoint: Endpoint, actor: Employee | None, now: datetime) -> None:
    """One message without anybody's data."""
    _write([(endpoint, EventKind.PING, str(endpoint.public_id), {}, ())], now)
    record(events.ENDPOINT_TRIED, subject=endpoint, actor=actor, at=now)


@transaction.atomic
def replay(*, messages: QuerySet[OutboundMessage], actor: Employee | None, now: datetime) -> int:
    """Send them again, with the ids they had; how many. Those that wait are sent as they are."""
    again = messages.exclude(state=MessageState.WAITING)
    ids = list(again.order_by("pk").values_list("pk", "endpoint_id"))
    if not ids:
        return 0
    for first in range(0, len(ids), AT_ONCE):
        OutboundMessage.objects.filter(pk__in=[pk for pk, _to in ids[first : first + AT_ONCE]]).update(
            state=MessageState.WAITING, attempts=0, run_after=now, problem="", code=0
        )
    for endpoint in Endpoint.objects.filter(pk__in={to for _pk, to in ids}):
        record(events.MESSAGES_REPLAYED, subject=endpoint, actor=actor, at=now, details={"messages": len(ids)})
    enqueue_once_per_transaction(DELIVER)
    return len(ids)


def _new_secret(endpoint: Endpoint, now: datetime) -> str:
    secret = new_secret()
    try:
        sealed = sealing.seal_signing(secret, tenant_id=endpoint.tenant_id, endpoint_id=endpoint.pk)
    except ImproperlyConfigured as error:
        raise NoKeys from error
    EndpointSecret.objects.create(endpoint=endpoint, made_at=now, **sealed._asdict())
    return secret


def _look_at(url: str) -> None:
    reach = outside_of(Tenant.objects.get().slug)
    try:
        reach.look_at(url)
    except SyncProblem as error:
        raise AddressNotAllowed from error
    finally:
        reach.close()


def _told_of(words: EndpointWords) -> dict[str, Any]:
    return {"kinds": sorted(words.kinds), "fields": sorted(words.fields)}
