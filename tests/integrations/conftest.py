"""A connection of acme's that reads from a shelf, kept by Anna, the administrator."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from integrations.actions import sync as syncing
from integrations.adapters import registry
from integrations.models import Connection, ConnectionState, Record, RunState, SyncRun
from perfsys.jobs.handlers import Again, Running
from perfsys.jobs.models import Job
from perfsys.jobs.worker import renew
from perfsys.tenancy.scope import use_tenant
from tests.integrations.fakes import Shelf

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, ten in the morning for them


@pytest.fixture
def addresses(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def shelf(addresses: None, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    found = Shelf()
    monkeypatch.setitem(registry.ADAPTERS, found.name, found)  # type: ignore[arg-type]  # a dict, and typed as less
    return found


@pytest.fixture
def page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is read and then written, in a transaction of its own, however small."""
    monkeypatch.setattr(syncing, "TOGETHER", 1)
    monkeypatch.setattr(syncing, "_ahead", lambda pages: pages)


@pytest.fixture
def connect(anna: Any, shelf: Shelf) -> Callable[..., Connection]:
    """`connect(schedule="daily 02:00")`: a connection that is on and was tested."""

    def made(**named: Any) -> Connection:
        with anna.scope:
            given = {
                "name": f"书架 {Connection.objects.count() + 1}",
                "adapter": shelf.name,
                "owner": anna.employee,
                "state": ConnectionState.ON,
                "tested_at": NOW,
                "made_at": NOW,
                "next_due_at": NOW,
                **named,
            }
            connection: Connection = Connection.objects.create(**given)
            return connection

    return made


@pytest.fixture
def connection(connect: Callable[..., Connection]) -> Connection:
    return connect()


def ask(connection: Connection, *, now: datetime = NOW, key: str = "", actor: Any = None) -> SyncRun:
    with use_tenant(connection.tenant_id):
        return syncing.ask_for_sync(connection=connection, actor=actor, now=now, key=key or f"asked {now.isoformat()}")


def claimed(run: SyncRun) -> Running:
    """Its job, as a worker has it."""
    with use_tenant(run.tenant_id):
        job = Job.objects.get(kind="integrations.sync", key=str(run.pk))
        job.state, job.fence = Job.State.RUNNING, job.fence + 1
        job.lease_until = datetime(2099, 1, 1, tzinfo=UTC)
        job.save()
    return Running(run.tenant_id, job.pk, job.fence, job.kind, job.payload, renew)


def work_on(run: SyncRun, *, now: datetime = NOW) -> Again | None:
    """What a worker does with its job once it is due."""
    return syncing.run_sync(claimed(run), now)


def sync(connection: Connection, *, now: datetime = NOW) -> SyncRun:
    """A whole run, asked for and read to its end."""
    run = ask(connection, now=now)
    while (again := work_on(run, now=now)) is not None:
        now += again.after
    with use_tenant(connection.tenant_id):
        run.refresh_from_db()
    return run


def held(connection: Connection) -> dict[str, Record]:
    with use_tenant(connection.tenant_id):
        return {record.external_id: record for record in Record.objects.filter(connection=connection)}


def done(run: SyncRun) -> SimpleNamespace:
    """Its counts of the one stream, after a look that it came to its end."""
    assert run.state == RunState.DONE, run.error
    [counts] = run.counts.values()
    return SimpleNamespace(**{name: counts.get(name, 0) for name in COUNTED})


COUNTED = ("pulled", "created", "changed", "unchanged", "deleted", "quarantined", "repeated", "source", "refused")
