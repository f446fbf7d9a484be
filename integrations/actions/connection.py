"""Connections as people set them up: made, changed, tested, switched on and paused (product.md §5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from integrations import events
from integrations.adapters.base import HandedIn, Stream, digest_of
from integrations.adapters.registry import ADAPTERS, adapter_named
from integrations.asked import filled
from integrations.checking import check_config
from integrations.models import Connection, ConnectionState, DropFile, Gap, GapKind, Record, Secret, SyncRun
from integrations.presets import PRESETS
from integrations.reading import installed, streams_of
from integrations.sealing import seal
from integrations.wording import sentence
from perfsys.audit.actions import record
from perfsys.notices.actions import settle
from perfsys.people.models import Employee

from .deliveries import with_previous
from .gaps import settle_gaps
from .onward import tell_of_days
from .page import LIVE, SWITCHED_ON
from .sync import AlreadyRunning, NotSwitchedOn, ask_for_sync, end_lost, next_due

KEPT = ("name", "config", "schedule", "owner")
FORGOTTEN = "forgotten"  # in the record: a secret that belonged to another address


class StaleVersion(Exception):
    """Somebody saved it meanwhile: look at it as it is now, then decide again."""


class NameTaken(Exception):
    """The company has a connection of this name: choose another."""


class DoesNotFit(Exception):
    """The configuration is not what the adapter understands; `problems` say so in sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class TestFirst(Exception):
    """It was not tested since it was last changed: test it, then switch it on."""


class HasRead(Exception):
    """It was switched on once: what it brought counts somewhere. Pause it instead."""


class NoKeys(Exception):
    """The server has no key to seal a secret with: the operator sets INTEGRATION_KEYS."""


class TakesNoFiles(Exception):
    """This kind of connection fetches its data itself, or is not installed here any more."""


class NobodyReads(Exception):
    """No stream of the connection reads a file of this `name`: hand it in under the name its system gave it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class AlreadyClosed(Exception):
    """What was missing has come, or somebody has closed the gap already."""


@dataclass(frozen=True)
class HandedInFiles:
    """`new` were kept; `known` had been handed in before, with the same content."""

    new: int
    known: int
    is_being_read: bool  # a sync was begun; else the next one reads them


@transaction.atomic
def create_connection(
    *,
    preset: str,
    name: str,
    values: Mapping[str, Any],
    owner: Employee,
    schedule: str,
    secret: Mapping[str, str],
    actor: Employee | None,
    now: datetime,
    key: str = "",
) -> Connection:
    """A draft out of a preset: its configuration with `values`, by path, on top. The same `key` again gives what the
    first press made. Raises KeyError for an unknown preset, DoesNotFit, NameTaken, NoKeys."""
    ready = PRESETS[preset]
    config = filled(ready.config, values, ADAPTERS[ready.adapter].schema) if ready.adapter in ADAPTERS else {}
    _must_fit(ready.adapter, config)
    connection = Connection(
        name=name,
        adapter=ready.adapter,
        preset=preset,
        config=config,
        schedule=schedule,
        owner=owner,
        made_at=now,
        key=key,
    )
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        return _made_before(key, error)
    record(events.CONNECTION_MADE, subject=connection, actor=actor, at=now, details={"preset": preset})
    if secret:
        set_secret(connection=connection, secret=secret, actor=actor, now=now)
    return connection


@transaction.atomic
def change_connection(
    *,
    connection: Connection,
    version: int,
    name: str,
    config: Mapping[str, Any],
    owner: Employee,
    schedule: str,
    secret: Mapping[str, str],
    actor: Employee | None,
    now: datetime,
) -> Connection:
    """What it holds from now on. An empty `secret` keeps the one there is, unless the connection now goes to another
    address: what was told to one host is never sent to another. Another configuration has not been tested: it pauses
    until somebody has. Raises StaleVersion, DoesNotFit, NameTaken, NoKeys."""
    locked: Connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if locked.version != version:
        raise StaleVersion
    _must_fit(locked.adapter, config)
    _must_know_again(locked, config)
    details = _what_changes(locked, name=name, config=config, owner=owner, schedule=schedule)
    goes_elsewhere = not _addresses(config) <= _addresses(locked.config)
    if config != locked.config:
        locked.tested_at = None
        if locked.state == ConnectionState.ON:
            locked.state = ConnectionState.PAUSED
    locked.name, locked.config, locked.owner, locked.schedule = name, dict(config), owner, schedule
    locked.next_due_at = next_due(locked, now) if locked.state == ConnectionState.ON else None
    locked.version += 1
    try:
        with transaction.atomic():
            locked.save(update_fields=[*KEPT, "tested_at", "state", "next_due_at", "version"])
    except IntegrityError as error:
        raise _named(error) from error
    if secret:
        set_secret(connection=locked, secret=secret, actor=actor, now=now)
    elif goes_elsewhere and Secret.objects.filter(connection=locked).delete()[0]:
        details["secret"] = FORGOTTEN
    if details:
        record(events.CONNECTION_CHANGED, subject=locked, actor=actor, at=now, details=details)
    return locked


@transaction.atomic
def set_secret(*, connection: Connection, secret: Mapping[str, str], actor: Employee | None, now: datetime) -> None:
    """Seal what it signs in with, in place of what there was; a secret that others sign with opens beside the new one
    until somebody ends it. Nobody reads it again. Raises NoKeys."""
    try:
        sealed = seal(with_previous(connection, secret), tenant_id=connection.tenant_id, connection_id=connection.pk)
    except ImproperlyConfigured as error:
        raise NoKeys from error
    Secret.objects.update_or_create(
        connection=connection,
        defaults={
            "key_id": sealed.key_id,
            "nonce": sealed.nonce,
            "sealed": sealed.sealed,
            "set_at": now,
            "set_by": actor,
        },
    )
    if connection.state != ConnectionState.ON:
        Connection.objects.filter(pk=connection.pk).update(tested_at=None)
    record(events.SECRET_SET, subject=connection, actor=actor, at=now)


@transaction.atomic
def delete_draft(*, connection: Connection, actor: Employee | None, now: datetime) -> None:
    """A connection that never read anything goes with its secret and the files handed in for it. Raises HasRead."""
    locked: Connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if locked.state != ConnectionState.DRAFT or Record.objects.filter(connection=locked).exists():
        raise HasRead
    record(events.DRAFT_DELETED, subject=locked, actor=actor, at=now, details={"name": locked.name})
    locked.delete()


@transaction.atomic
def note_test(*, connection: Connection, actor: Employee | None, now: datetime) -> None:
    """It was reached and signed in to as it stands (`preview.try_out`). Raises StaleVersion where somebody changed it
    while the other side was being asked."""
    same = Connection.objects.filter(pk=connection.pk, version=connection.version)
    if not same.update(tested_at=now):
        raise StaleVersion
    record(events.CONNECTION_TESTED, subject=connection, actor=actor, at=now)


@transaction.atomic
def switch_on(*, connection: Connection, actor: Employee | None, now: datetime) -> None:
    """From now on it is read by its schedule, and once at once. Pressed twice, it is on. Raises TestFirst,
    and AdapterBroken where its adapter is gone."""
    locked: Connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if locked.state == ConnectionState.ON:
        return
    installed(locked)
    if locked.tested_at is None:
        raise TestFirst
    locked.state, locked.stopped_because = ConnectionState.ON, ""
    locked.next_due_at = next_due(locked, now)
    locked.version += 1
    locked.save(update_fields=["state", "stopped_because", "next_due_at", "version"])
    settle(events.CONNECTION_STOPPED, [locked.pk])
    record(events.SWITCHED_ON, subject=locked, actor=actor, at=now)
    # One from before may have been put off for an hour; its worker, should it have one, finds that it is over.
    for run_id in SyncRun.objects.filter(connection=locked, state__in=LIVE).values_list("pk", flat=True):
        end_lost(run_id, code="switched_off", now=now)
    _read_soon(locked, actor, now, key=f"{SWITCHED_ON}{locked.version}")


@transaction.atomic
def pause(*, connection: Connection, actor: Employee | None, now: datetime) -> None:
    """Nothing is read until somebody switches it on again; a run under way ends by itself."""
    live = Connection.objects.filter(pk=connection.pk, state__in=[ConnectionState.ON, ConnectionState.STOPPED])
    paused = live.update(state=ConnectionState.PAUSED, stopped_because="", next_due_at=None, version=F("version") + 1)
    if paused:
        settle(events.CONNECTION_STOPPED, [connection.pk])
        record(events.PAUSED, subject=connection, actor=actor, at=now)


@transaction.atomic
def hand_in_files(
    *, connection: Connection, files: Sequence[HandedIn], actor: Employee | None, now: datetime
) -> HandedInFiles:
    """Files for a drop connection, which reads them now if it is on. One that was handed in before and another of its
    name since counts again: what is handed in last. Raises TakesNoFiles, NobodyReads, DoesNotFit."""
    adapter = ADAPTERS.get(connection.adapter)
    if adapter is None or not adapter.takes_files:
        raise TakesNoFiles
    _must_fit(connection.adapter, connection.config)  # the adapter may ask for more than when it was stored
    for file in files:
        if not adapter.takes(connection.config, file.name):
            raise NobodyReads(file.name)
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)  # two presses of the same files
    held = DropFile.objects.filter(connection=connection)
    again = _handed_in_before(connection, files)
    held.filter(pk__in=again).update(at=now, by=actor)
    before = held.count()
    DropFile.objects.bulk_create(
        (
            DropFile(
                connection=connection,
                name=file.name,
                content=file.content,
                digest=digest_of(file.name, file.content),
                by=actor,
                at=now,
            )
            for file in files
        ),
        ignore_conflicts=True,
    )
    new = held.count() - before + len(again)
    is_being_read = False
    if new:
        names = sorted(file.name for file in files)
        record(events.FILES_HANDED_IN, subject=connection, actor=actor, at=now, details={"files": names})
        is_on = connection.state == ConnectionState.ON
        is_being_read = is_on and _read_soon(connection, actor, now, key=f"files {now.isoformat()}")
    return HandedInFiles(new, len(files) - new, is_being_read)


def _handed_in_before(connection: Connection, files: Sequence[HandedIn]) -> list[int]:
    """Those of them that are kept, and another one of their name after them."""
    kept = DropFile.objects.filter(connection=connection, name__in={file.name for file in files})
    in_turn = list(kept.order_by("at", "pk").values_list("pk", "name", "digest"))
    last = {name: pk for pk, name, _digest in in_turn}
    digests = {digest_of(file.name, file.content) for file in files}
    return [pk for pk, name, digest in in_turn if digest in digests and last[name] != pk]


@transaction.atomic
def close_gap(*, gap: Gap, reason: str, actor: Employee | None, now: datetime, with_all_days: bool = False) -> None:
    """By a person, with a reason: it will not come, or it does not matter. `with_all_days`: nor will any other day of
    that list that is missing now; files of the past may leave hundreds. What was held by them is free at once. Raises
    AlreadyClosed."""
    meant = Q(pk=gap.pk)
    if with_all_days and gap.kind == GapKind.MISSING:
        meant |= Q(connection=gap.connection_id, stream=gap.stream, kind=GapKind.MISSING)
    still_open = list(Gap.objects.select_for_update().filter(meant, closed_at=None).order_by("on", "pk"))
    if not still_open:
        raise AlreadyClosed
    ids = [one.pk for one in still_open]
    Gap.objects.filter(pk__in=ids).update(closed_at=now, closed_by=actor, closed_because=reason)
    settle_gaps(still_open)
    tell_of_days(still_open, key=f"gap {gap.pk} {now.isoformat()}")
    details = {"kind": gap.kind, "on": [one.on.isoformat() for one in still_open], "because": reason}
    record(events.GAP_CLOSED, subject=gap.connection, actor=actor, at=now, details=details)


def _read_soon(connection: Connection, actor: Employee | None, now: datetime, *, key: str) -> bool:
    """False where a run is under way, or somebody has paused it meanwhile: the next one takes what this would have."""
    try:
        ask_for_sync(connection=connection, actor=actor, now=now, key=key)
    except (AlreadyRunning, NotSwitchedOn):
        return False
    return True


def _must_fit(adapter: str, config: Mapping[str, Any]) -> None:
    if adapter not in ADAPTERS:  # nobody can say what it would mean
        raise DoesNotFit([sentence("adapter_gone", {"adapter": adapter})])
    if problems := check_config(adapter, config):
        raise DoesNotFit(problems)


def _must_know_again(connection: Connection, config: Mapping[str, Any]) -> None:
    """Under another name or key what is held would come a second time, and each goal would have its evidence twice.
    Raises DoesNotFit."""
    adapter = adapter_named(connection.adapter)
    keys = {stream.name: _key_of(stream) for stream in adapter.streams(config)}
    problems = [
        _("“%(stream)s” holds records by its name and key, so both stay. For others, connect the system once more.")
        % {"stream": stream.name}
        for stream in streams_of(connection)
        if keys.get(stream.name) != _key_of(stream)
        and Record.objects.filter(connection=connection, stream=stream.name).exists()
    ]
    if problems:
        raise DoesNotFit(problems)


def _key_of(stream: Stream) -> list[tuple[str, ...]]:
    fields = {field.name: (field.path, field.type) for field in stream.fields}
    return [(name, *fields.get(name, ())) for name in stream.key]


def _made_before(key: str, error: IntegrityError) -> Connection:
    """The connection of the first press; the constraint on its name may speak before the one on its key."""
    found: Connection | None = Connection.objects.filter(key=key).first() if key else None
    if found is None:
        raise _named(error) from error
    return found


def _named(error: IntegrityError) -> Exception:
    return NameTaken() if "integrations_connection_name" in str(error) else error


def _what_changes(
    connection: Connection, *, name: str, config: Mapping[str, Any], owner: Employee, schedule: str
) -> dict[str, Any]:
    """For the record: before and after of what is short, and of the configuration which parts."""
    details: dict[str, Any] = {}
    for word, before, after in (
        ("name", connection.name, name),
        ("schedule", connection.schedule, schedule),
        ("owner", connection.owner.name, owner.name),
    ):
        if before != after:
            details[word] = [before, after]
    parts = sorted(_differences(connection.config, config))
    return {**details, "config": parts} if parts else details


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Paths whose value is another, as deep as both sides have the same keys."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {*before, *after}:
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif before != after:
        yield path


def _addresses(config: Any, *place: str | int) -> set[tuple[Any, ...]]:
    """Where each address in it stands, its scheme, and its host with port, wherever the adapter keeps them. The place
    counts: a host that was named beside the one that is called must not become it without the secret typed anew. A
    `host` with its port and whether the way to it is encrypted is an address as well."""
    if isinstance(config, Mapping):
        found = {found for name, value in config.items() for found in _addresses(value, *place, name)}
        if isinstance(host := config.get("host"), str):
            found.add((place, f"tls={bool(config.get('tls'))}", f"{host.lower()}:{config.get('port')}"))
        return found
    if isinstance(config, list):
        return {found for at, value in enumerate(config) for found in _addresses(value, *place, at)}
    if isinstance(config, str) and config.lower().startswith(("http://", "https://")):
        parts = urlsplit(config)
        return {(place, parts.scheme.lower(), parts.netloc.lower())}
    return set()
