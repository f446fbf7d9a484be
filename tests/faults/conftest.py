"""Servers that may be killed: a cluster and a Valkey of these tests' own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from perfsys.boot.processes import wait_until
from perfsys.jobs.models import CalendarOverride, Job
from perfsys.tenancy.scope import use_tenant
from tests import workers
from tests.broker import Broker
from tests.cluster import Cluster
from tests.conftest import TEMPLATE, point_django_at
from tests.workers import wake

NAME = "faults"
TENANTS = (1, 2)
QUICK = "tests.faults.settings"


@dataclass
class Ground:
    """A database with two companies and a broker, of which each may be killed; this process is one more client."""

    cluster: Cluster
    broker: Broker
    folder: Path

    def worker(self, name: str = "worker", **options: Any) -> AbstractContextManager[workers.Process]:
        return workers.worker(**self._place(name), **options)

    def beat(self) -> AbstractContextManager[workers.Process]:
        return workers.beat(**self._place("beat"), settings=QUICK)

    def web(self) -> AbstractContextManager[str]:
        """The web server as it is deployed; its address, once it answers."""
        return workers.web(**self._place("web"))

    def killed_before(self, table: str) -> None:
        """Start a worker, hold it up at its first write to `table`, and kill it there, everything before unsaved."""
        with closing(self.cluster.connect(NAME)) as link, self.worker(f"until-{table}") as worker:
            link.autocommit = False
            link.cursor().execute(f"LOCK TABLE {table} IN SHARE MODE")
            self.let_pauses_end()  # before the worker is woken: it looks once
            wake(self.broker.address)
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            self.until(lambda: bool(self.sql(waiting, table)), worker)
            worker.kill()
            link.rollback()
        self.let_sessions_end()

    def let_sessions_end(self) -> None:
        """Of whoever was killed: the server needs a moment to notice."""
        sessions = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND xact_start < query_start"
        assert wait_until(lambda: not self.sql(sessions), seconds=10)

    def _place(self, name: str) -> dict[str, Any]:
        url = self.cluster.url("pm_app", NAME)
        return {"database_url": url, "valkey": self.broker.address, "log": self.folder / f"{name}.log"}

    def sql(self, statement: str, *words: Any) -> list[tuple[Any, ...]]:
        """As the superuser, past the walls, in a transaction of its own."""
        link = self.cluster.connect(NAME)
        try:
            cursor = link.cursor()
            cursor.execute(statement, words)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            link.close()

    def let_leases_end(self) -> None:
        """What a minute and a half would do to the jobs of whoever died."""
        self.sql("UPDATE jobs_job SET lease_until = now() - interval '1 second' WHERE state = 'running'")

    def let_pauses_end(self) -> None:
        """What minutes would do to jobs that wait for another try. One that may run already is left alone: claiming
        passes over what somebody is writing, and the worker that was woken then sleeps on."""
        self.sql("UPDATE jobs_job SET run_after = now() WHERE state = 'ready' AND attempts > 0 AND run_after > now()")

    def jobs(self, **filters: Any) -> list[Job]:
        found: list[Job] = []
        for tenant_id in TENANTS:
            with use_tenant(tenant_id):
                found += Job.objects.filter(**filters).order_by("pk")
        return found

    def days(self) -> list[int]:
        """How many days each company's calendar got."""
        counts = []
        for tenant_id in TENANTS:
            with use_tenant(tenant_id):
                counts.append(CalendarOverride.objects.count())
        return counts

    def until(self, true: Callable[[], bool], *processes: workers.Process, seconds: float = 60) -> None:
        def at_last() -> bool:
            with suppress(psycopg2.Error):  # the server may be away at this moment
                self.let_pauses_end()
            return true()

        assert wait_until(at_last, seconds=seconds), "\n".join(
            [process.said()[-1000:] for process in processes]
            + [f"{job.kind} {job.key} {job.state} {job.attempts} {job.last_error}" for job in self.jobs()[:20]]
        )


@pytest.fixture(scope="package")
def mortal_cluster(cluster: Cluster) -> Iterator[Cluster]:
    mortal = Cluster.temporary()
    try:
        mortal.receive(TEMPLATE, cluster)
        yield mortal
    finally:
        workers.let_go()
        mortal.stop()


@pytest.fixture(scope="package")
def mortal_broker() -> Iterator[Broker]:
    broker = Broker()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture
def ground(mortal_cluster: Cluster, mortal_broker: Broker, django_db_blocker: Any, tmp_path: Path) -> Iterator[Ground]:
    """Django points at a fresh database of the cluster; each access after a restart of it makes its own connection."""
    admin(mortal_cluster, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE} OWNER pm_owner STRATEGY FILE_COPY")
    before = dict(connection.settings_dict)
    connections.close_all()
    place = {"NAME": NAME, "HOST": str(mortal_cluster.folder), "PORT": "5432", "USER": "pm_app"}
    point_django_at({**place, "PASSWORD": mortal_cluster.passwords["pm_app"]})
    try:
        with django_db_blocker.unblock():
            yield Ground(mortal_cluster, mortal_broker, tmp_path)
    finally:
        mortal_broker.kill()
        mortal_broker.start()  # at the same address, and it has forgotten everything
        with suppress(Exception):  # of a server that is gone
            connections.close_all()
        point_django_at(before)
        admin(mortal_cluster, f"DROP DATABASE {NAME} WITH (FORCE)")


def admin(cluster: Cluster, statement: str) -> None:
    link = cluster.connect()
    link.cursor().execute(statement)
    link.close()
