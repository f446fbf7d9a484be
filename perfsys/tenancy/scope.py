"""Which tenant this thread of work serves. Both walls ask here: the ORM reads the ContextVar, the database
reads the setting `app.tenant_id`, and only this module writes either."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

log = logging.getLogger(__name__)
OWNER = "pm_owner"  # migrates; everybody else serves one tenant at a time
TENANT_TABLES: set[str] = set()  # filled as models are defined, read by the backend's compilers
_current: ContextVar[int | None] = ContextVar("tenant", default=None)


class _OpenTenant:
    """Stands where the open scope's tenant will stand; it is none, and fits into no statement that is sent."""


OPEN_TENANT: Any = _OpenTenant()


class NoTenantScope(RuntimeError):
    """Open a scope first: a route (`open_to`) or `use_tenant(id)`."""


class OtherTenant(RuntimeError):
    """A row, or a nested scope, belongs to another tenant than the open scope."""


class NotAMember(Exception):
    """No such tenant, or the account is no member of it: the caller answers 404 to both."""


class Seat(NamedTuple):
    """Who asks, and where: what `app.open_scope` answers."""

    tenant_id: int
    membership_id: int
    roles: frozenset[str]
    slug: str
    name: str
    time_zone: str
    locale: str
    min_group_size: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def scope_is_open() -> bool:
    return _current.get() is not None


def current_tenant_id() -> int:
    tenant_id = _current.get()
    if tenant_id is None:
        raise NoTenantScope("no tenant scope is open")
    return tenant_id


@contextmanager
def put_together() -> Iterator[None]:
    """For a statement that is kept, whoever asks it later: the tenant is a mark meanwhile, and nothing can be asked
    (perfsys.tenancy.prepared)."""
    token = _current.set(OPEN_TENANT)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def use_tenant(tenant_id: int) -> Iterator[None]:
    """One transaction for one tenant. Nesting the same tenant is free; another tenant is refused."""
    if _current.get() is not None:
        if _current.get() != tenant_id:
            raise OtherTenant(f"scope of tenant {_current.get()} is open, asked for {tenant_id}")
        yield
        return

    def enter() -> int:
        _set_config(str(tenant_id))
        return tenant_id

    with _scope(enter):
        yield


@contextmanager
def open_as_member(slug: str, account_id: int | None) -> Iterator[Seat]:
    """Tenant, setting and membership in one query; raises NotAMember before anything is readable."""
    if _current.get() is not None:
        raise OtherTenant("a request opens its scope once")
    found: list[Seat] = []

    def enter() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM app.open_scope(%s, %s)", [slug, account_id])
            row = cursor.fetchone()
        if row is None:
            raise NotAMember(slug)
        found.append(Seat(row[0], row[1], frozenset(row[2]), *row[3:]))
        return found[0].tenant_id

    with _scope(enter):
        yield found[0]


@contextmanager
def all_tenants(reason: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """The one way across: calls a listed SECURITY DEFINER function. Opens no scope, so the ORM still refuses."""
    log.debug("crossing tenants: %s", reason)

    def call(function: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.callproc(f"app.{function}", arguments)
            return list(cursor.fetchall())

    yield call


@contextmanager
def _scope(enter: Callable[[], int]) -> Iterator[None]:
    with transaction.atomic():
        token = _current.set(enter())
        try:
            yield
        finally:
            _current.reset(token)
    # A commit drops a transaction-local setting and a rolled-back savepoint restores the old one, but a
    # *released* savepoint keeps it. Inside an outer transaction (every test) it must be taken away by hand.
    if connection.in_atomic_block:
        _set_config("")


def _set_config(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [value])
