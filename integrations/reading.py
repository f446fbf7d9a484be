"""What a reading needs, put together: the adapter, its streams, and what it may use. Shared by sync, test, preview."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant

from .adapters.base import Adapter, AdapterBroken, Context, NeedsReconnect, Stream
from .adapters.registry import ADAPTERS, adapter_named, takes_deliveries
from .checking import check_config
from .mapping import payload_and_digest
from .models import Batch, BatchState, Connection, Delivery, DropFile, Secret, StreamState
from .reach import outside_of
from .sealing import CannotOpen, unseal

LOOKED_AT = 20  # messages


@dataclass(frozen=True)
class KeptFile:
    """A file that was handed in, fetched when it is its turn: over a year they come to gigabytes."""

    name: str
    pk: int
    tenant_id: int

    @property
    def content(self) -> bytes:
        """In a scope of its own, unless one is open."""
        with use_tenant(self.tenant_id):
            return bytes(DropFile.objects.values_list("content", flat=True).get(pk=self.pk))


@dataclass(frozen=True)
class KeptDelivery:
    """The same for what was sent to us. Names are in the order it came."""

    name: str
    pk: int
    tenant_id: int

    @classmethod
    def of(cls, pk: int, tenant_id: int) -> "KeptDelivery":
        return cls(f"{pk:020}", pk, tenant_id)

    @property
    def content(self) -> bytes:
        with use_tenant(self.tenant_id):
            return zlib.decompress(bytes(Delivery.objects.values_list("packed", flat=True).get(pk=self.pk)))


@dataclass(frozen=True)
class Reading:
    """`seen` are the files each stream has judged with this very configuration, whose digest is `read_as`."""

    adapter: Adapter
    streams: Sequence[Stream]
    context: Context
    read_as: str
    seen: Mapping[str, frozenset[str]]

    def context_of(self, stream: Stream) -> Context:
        return replace(self.context, seen_batches=self.seen.get(stream.name, frozenset()))


def prepare(
    connection: Connection,
    *,
    now: datetime,
    run: int | None = None,
    newest_files: int | None = None,
    within: float | None = None,
) -> Reading:
    """Reads what the database has for it; what comes after may run outside any transaction. `newest_files`: to look
    and not to sync, at so many files by name, as if nothing had been read yet. `run`: whose deliveries are read.
    `within`: so many seconds from now on the other side has for all that it is asked. Raises NeedsReconnect,
    AdapterBroken."""
    adapter = installed(connection)
    if check_config(connection.adapter, connection.config):
        raise AdapterBroken("config_unfit")
    streams = adapter.streams(connection.config)
    if not streams:
        raise AdapterBroken("config_unfit")
    tenant = Tenant.objects.get()
    read_as = payload_and_digest([connection.adapter, connection.config])[1]
    seen = _judged(connection, read_as) if newest_files is None else {}
    names = [stream.name for stream in streams]
    takes = takes_deliveries(connection.adapter)
    context = Context(
        outside=outside_of(tenant.slug, within=within, per_minute=connection.config.get("per_minute")),
        zone=ZoneInfo(tenant.time_zone),
        now=now,
        tenant=tenant.slug,
        secret=_secret(connection),
        handed_in=_handed_in(connection, adapter, seen, newest_files) if adapter.takes_files else (),
        delivered=_delivered(connection, names, read_as, run, newest_files) if takes else (),
    )
    return Reading(adapter, streams, context, read_as, seen)


def installed(connection: Connection) -> Adapter:
    try:
        return adapter_named(connection.adapter)
    except KeyError:
        raise AdapterBroken("adapter_gone", adapter=connection.adapter) from None


def streams_of(connection: Connection) -> Sequence[Stream]:
    """As the configuration declares them now; none where its adapter is gone, or understands it no more."""
    adapter = ADAPTERS.get(connection.adapter)
    if adapter is None or check_config(connection.adapter, connection.config):
        return ()
    return adapter.streams(connection.config)


def _judged(connection: Connection, read_as: str) -> dict[str, frozenset[str]]:
    """By stream, files that need no second reading. One that was refused is looked at again: it may be the
    configuration that was wrong; so are all of a stream that was last read with another configuration, and one that
    was handed in once more after the one that took its place: what is handed in last counts."""
    as_now = StreamState.objects.filter(connection=connection, read_as=read_as).values("stream")
    found = Batch.objects.filter(connection=connection, stream__in=as_now).exclude(state=BatchState.REFUSED)
    judged = list(found.values_list("stream", "on", "revision", "digest", "state", "seen_at"))
    handed = dict(DropFile.objects.filter(connection=connection).values_list("digest", "at"))
    stands = {
        (stream, on, revision): handed.get(digest, seen_at)
        for stream, on, revision, digest, state, seen_at in judged
        if state == BatchState.LOADED
    }
    seen: dict[str, set[str]] = defaultdict(set)
    for stream, on, revision, digest, _state, _seen_at in judged:
        if not (digest in handed and handed[digest] > stands.get((stream, on, revision), handed[digest])):
            seen[stream].add(digest)
    return {stream: frozenset(digests) for stream, digests in seen.items()}


def _handed_in(
    connection: Connection, adapter: Adapter, seen: Mapping[str, frozenset[str]], newest: int | None
) -> list[KeptFile]:
    """Those that some stream has yet to judge, by name, of one name the one handed in last as the last."""
    files = DropFile.objects.filter(connection=connection).order_by("name", "at", "pk")
    wanted = [
        KeptFile(name, pk, connection.tenant_id)
        for pk, name, digest in files.values_list("pk", "name", "digest")
        if any(digest not in seen.get(stream, ()) for stream in adapter.takes(connection.config, name))
    ]
    return wanted if newest is None else wanted[max(0, len(wanted) - newest) :]


def _delivered(
    connection: Connection, streams: Sequence[str], read_as: str, run: int | None, newest: int | None
) -> list[KeptDelivery]:
    """Those this run reads; where one of the declared streams was not read to the end with this configuration yet, all
    that ever came, as a source that is asked for everything. To look at, the newest ones, where any are wanted."""
    kept = Delivery.objects.filter(connection=connection)
    if newest is not None:
        ids = sorted(kept.order_by("-pk").values_list("pk", flat=True)[: LOOKED_AT if newest else 0])
    else:
        as_now = StreamState.objects.filter(connection=connection, read_as=read_as).values_list("stream", flat=True)
        is_anew = not set(streams) <= set(as_now)
        wanted = kept.filter(Q(run=run) | Q(taken_at__isnull=False) if is_anew else Q(run=run, taken_at=None))
        ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    return [KeptDelivery.of(pk, connection.tenant_id) for pk in ids]


def _secret(connection: Connection) -> dict[str, str]:
    row = Secret.objects.filter(connection=connection).first()
    if row is None:
        return {}
    try:
        return unseal(row)
    except (CannotOpen, ImproperlyConfigured):  # the key was taken away, or all of them
        raise NeedsReconnect("cannot_open") from None
