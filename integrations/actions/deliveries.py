"""Messages that other systems send to us: taken in at once, read by the sync (product.md §5.1, security.md §3 item 28).

A message is a row and nothing else until a run reads it: whoever sends is answered quickly, and what the mapping makes
of it can be mended afterwards. A run claims what it reads, so that one that is committed meanwhile is the next one's.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from integrations import events
from integrations.adapters.registry import takes_deliveries
from integrations.adapters.webhook import body_of
from integrations.adapters.webhook.signature import digest_of, is_signed, is_timely
from integrations.models import (
    Connection,
    ConnectionState,
    Delivery,
    Gap,
    GapKind,
    RunState,
    Secret,
    SyncRun,
)
from integrations.sealing import CannotOpen, seal, unseal
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.people.models import Employee

from .gaps import Missing, fill_gaps
from .page import SWITCHED_ON

BEFORE = "before"  # in a sealed secret: the one it replaced, which opens too until somebody ends it
AT_ONCE = 1_000  # deliveries a run
MOST_WAITING = 20_000  # of a connection: nobody reads them, and the sender should know
LONGEST_KEY = 100
SECONDS_TOGETHER = 10  # deliveries of so long are read by one run
SECONDS_BEHIND = 3  # the last of them may still be under way to the table
LEFT_AFTER = timedelta(minutes=1)  # then a delivery was overlooked, by a run that was under way or a job that was lost


class Outcome(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    KNOWN = "known"  # it has been here before: one effect, and a sender that repeats is answered well
    LATE = "late"  # outside the window: signed by somebody, once
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"  # signed, and no JSON
    FULL = "full"


@dataclass(frozen=True)
class Message:
    """As it came: `key` is its sender's id for it, "" where there is none."""

    timestamp: str
    signature: str
    key: str
    body: bytes


@transaction.atomic
def take_delivery(*, connection: Connection, message: Message, now: datetime) -> Outcome:
    """Keep a message whose signature opens, once, and have it read soon. A connection that is not on keeps it too."""
    if not is_signed(message.signature, _secrets_of(connection), message.timestamp, message.body):
        return Outcome.UNSIGNED
    if not is_timely(message.timestamp, now):
        return Outcome.LATE
    try:
        body_of(message.body)
    except (ValueError, RecursionError):
        return Outcome.UNREADABLE
    digest = digest_of(message.timestamp, message.body)
    key = message.key[:LONGEST_KEY] or digest
    held = Delivery.objects.filter(connection=connection)
    if held.filter(key=key).exists() or held.filter(digest=digest).exists():
        return Outcome.KNOWN
    if held.filter(taken_at=None).order_by("pk")[MOST_WAITING : MOST_WAITING + 1].exists():
        return Outcome.FULL
    kept = Delivery(
        connection=connection,
        key=key,
        digest=digest,
        packed=zlib.compress(message.body, 6),
        size=len(message.body),
        received_at=now,
    )
    Delivery.objects.bulk_create([kept], ignore_conflicts=True)  # the same one, at the same moment
    if connection.state == ConnectionState.ON:
        _have_read(connection, now)
    return Outcome.TAKEN


def _have_read(connection: Connection, now: datetime) -> None:
    """By one job for all that comes within some seconds, behind the last of them."""
    window = int(now.timestamp()) // SECONDS_TOGETHER
    behind = datetime.fromtimestamp((window + 1) * SECONDS_TOGETHER + SECONDS_BEHIND, UTC)
    payload = {"connection": connection.pk}
    enqueue("integrations.delivered", key=f"{connection.pk} {window}", payload=payload, run_after=behind)


def _secrets_of(connection: Connection) -> list[str]:
    row = Secret.objects.filter(connection=connection).first()
    if row is None:
        return []
    try:
        opened = unseal(row)
    except (CannotOpen, ImproperlyConfigured):
        return []
    return [opened[name] for name in ("secret", BEFORE) if opened.get(name)]


def has_previous_secret(connection: Connection) -> bool:
    return len(_secrets_of(connection)) > 1


def claim_deliveries(run: SyncRun) -> None:
    """What waits is read by this run, the first thousand of it."""
    if not takes_deliveries(run.connection.adapter):
        return
    waiting = Delivery.objects.filter(connection=run.connection, taken_at=None).order_by("pk")
    Delivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)[:AT_ONCE])).update(run=run)


def let_go_of_deliveries(run: SyncRun, now: datetime) -> None:
    """At the end of a run: its rows are written, or the next one reads them."""
    if takes_deliveries(run.connection.adapter):
        claimed = Delivery.objects.filter(connection=run.connection, run=run, taken_at=None)
        if run.state == RunState.DONE:
            if claimed.update(taken_at=now):
                fill_gaps(run.connection, Gap.objects.filter(kind=GapKind.MISSING, stream=""), now=now)
        else:
            claimed.update(run=None)


def silence(connection: Connection, zone: ZoneInfo, now: datetime) -> list[Missing]:
    """Where nothing was sent for longer than its keeper said it may be, once a day."""
    hours = connection.config.get("quiet_hours") if takes_deliveries(connection.adapter) else None
    if not hours:
        return []
    came = Delivery.objects.filter(connection=connection).aggregate(at=Max("received_at"))["at"]
    switched_on = SyncRun.objects.filter(connection=connection, key__startswith=SWITCHED_ON)
    since = max(filter(None, (came, switched_on.aggregate(at=Max("asked_at"))["at"])), default=now)
    if now - since <= timedelta(hours=hours):
        return []
    return [Missing(GapKind.MISSING, now.astimezone(zone).date(), words={"reason": "silent", "hours": hours})]


def some_wait(connection: Connection) -> bool:
    """Whether a run would have something to read, and may."""
    if connection.state != ConnectionState.ON or not takes_deliveries(connection.adapter):
        return False
    return bool(Delivery.objects.filter(connection=connection, taken_at=None).exists())


def overlooked(now: datetime) -> list[Connection]:
    """Connections that are on, with a delivery that waits for longer than it should."""
    left = Delivery.objects.filter(connection=OuterRef("pk"), taken_at=None, received_at__lt=now - LEFT_AFTER)
    found = Connection.objects.filter(Exists(left), state=ConnectionState.ON).order_by("pk")
    return [one for one in found if takes_deliveries(one.adapter)]


def with_previous(connection: Connection, secret: Mapping[str, str]) -> Mapping[str, str]:
    """A new signing secret beside the one it replaces: the other side changes over when it likes."""
    if not takes_deliveries(connection.adapter):
        return secret
    previous = next((one for one in _secrets_of(connection) if one != secret.get("secret")), "")
    return {**secret, BEFORE: previous} if previous else secret


@transaction.atomic
def end_previous_secret(*, connection: Connection, actor: Employee | None, now: datetime) -> None:
    """Only the new secret opens from now on. Pressed twice, it is ended."""
    row = Secret.objects.select_for_update().filter(connection=connection).first()
    now_and_before = _secrets_of(connection)
    if row is None or len(now_and_before) < 2:
        return
    kept = {"secret": now_and_before[0]}
    row.key_id, row.nonce, row.sealed = seal(kept, tenant_id=connection.tenant_id, connection_id=connection.pk)
    row.save(update_fields=["key_id", "nonce", "sealed"])
    record(events.PREVIOUS_SECRET_ENDED, subject=connection, actor=actor, at=now)
