"""What a reading needs, put together: the adapter, its streams, and what it may use. Shared by sync, test, preview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from perfsys.tenancy.models import Tenant

from .adapters.base import Adapter, AdapterBroken, Context, HandedIn, NeedsReconnect, Stream
from .adapters.registry import adapter_named
from .checking import check_config
from .models import Batch, BatchState, Connection, DropFile, Secret
from .reach import outside_of
from .sealing import CannotOpen, unseal


@dataclass(frozen=True)
class Reading:
    adapter: Adapter
    streams: Sequence[Stream]
    context: Context


def prepare(connection: Connection, *, now: datetime, anew: bool = False) -> Reading:
    """Reads what the database has for it; what comes after may run outside any transaction. `anew`: as if nothing had
    been read yet. Raises NeedsReconnect, AdapterBroken."""
    adapter = installed(connection)
    if check_config(connection.adapter, connection.config):
        raise AdapterBroken("config_unfit")
    tenant = Tenant.objects.get()
    seen = frozenset() if anew else _judged(connection)
    handed_in: list[HandedIn] = []
    if adapter.takes_files:
        files = DropFile.objects.filter(connection=connection).exclude(digest__in=seen).order_by("name", "pk")
        handed_in = [HandedIn(name, bytes(content)) for name, content in files.values_list("name", "content")]
    context = Context(
        outside=outside_of(tenant.slug),
        zone=ZoneInfo(tenant.time_zone),
        now=now,
        tenant=tenant.slug,
        secret=_secret(connection),
        handed_in=handed_in,
        seen_batches=seen,
    )
    streams = adapter.streams(connection.config)
    if not streams:
        raise AdapterBroken("config_unfit")
    return Reading(adapter, streams, context)


def installed(connection: Connection) -> Adapter:
    try:
        return adapter_named(connection.adapter)
    except KeyError:
        raise AdapterBroken("adapter_gone") from None


def _judged(connection: Connection) -> frozenset[str]:
    """Files that need no second reading. One that was refused is looked at again: it may be the configuration that was
    wrong."""
    judged = Batch.objects.filter(connection=connection).exclude(state=BatchState.REFUSED)
    return frozenset(judged.values_list("digest", flat=True))


def _secret(connection: Connection) -> dict[str, str]:
    row = Secret.objects.filter(connection=connection).first()
    if row is None:
        return {}
    try:
        return unseal(row)
    except CannotOpen:
        raise NeedsReconnect("cannot_open") from None
