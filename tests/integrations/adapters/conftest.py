import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
import stamina

from integrations.adapters.base import Context
from integrations.reach import ATTEMPTS
from tests.cluster import Cluster
from tests.integrations.adapters.databases import PER_ORDER, STREAM, Door, door_to, fill_postgres, reach_of
from tests.integrations.adapters.sources import NOW, SHANGHAI, TOKEN, FaultyCrm, faulty_crm


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """As often as in earnest, without the seconds between."""
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def crm() -> Iterator[FaultyCrm]:
    with faulty_crm(token=TOKEN) as server:
        yield server


@dataclass
class Source:
    """A database of somebody else's, with a role that may only read `orders`, and the door to it."""

    door: Door
    name: str
    user: str
    password: str
    connect: Callable[[], Any]  # as its owner

    def config(self, **changes: Any) -> dict[str, Any]:
        at = {"dialect": "postgresql", "host": "127.0.0.1", "port": self.door.port}
        return {**at, "database": self.name, "user": self.user, "streams": [STREAM, PER_ORDER], **changes}

    def context(self, **changes: Any) -> Context:
        given = {"outside": reach_of(f"127.0.0.1:{self.door.port}"), "secret": {"password": self.password}}
        return Context(**{"zone": SHANGHAI, "now": NOW, "tenant": "acme", **given, **changes})


@pytest.fixture(scope="session")
def database(cluster: Cluster, worker_id: str) -> Iterator[tuple[str, str, str]]:
    """Name, role and password: made once a worker, filled by `source` for each test."""
    name, user, password = f"source_{worker_id}", f"reader_{worker_id}", secrets.token_urlsafe(12)
    with closing(cluster.connect()) as link:
        cursor = link.cursor()
        cursor.execute(f'CREATE DATABASE "{name}"')
        cursor.execute(f'CREATE ROLE "{user}" LOGIN PASSWORD %s', [password])
    yield name, user, password
    with closing(cluster.connect()) as link:
        cursor = link.cursor()
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        cursor.execute(f'DROP ROLE "{user}"')


@pytest.fixture
def source(cluster: Cluster, database: tuple[str, str, str]) -> Iterator[Source]:
    name, user, password = database
    with closing(cluster.connect(name)) as link, door_to(cluster.folder / ".s.PGSQL.5432") as door:
        cursor = link.cursor()
        fill_postgres(cursor)
        cursor.execute(f'GRANT SELECT ON orders TO "{user}"')
        yield Source(door, name, user, password, lambda: link)
        cursor.execute("DROP TABLE orders")
