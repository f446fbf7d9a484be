"""What many tests begin with is made once a worker, committed in a database of its own. A test that asks for it begins
there and rolls back what it does; one that commits gets a copy of its own. To make such a beginning:

    FOUNDED = begin_with("founded", make)  # make(None) writes rows, and returns what tests are told of them

    @pytest.fixture
    def founded(cast, beginning):  # of the same name: by it the database is chosen, before the test's transaction
        return beginning["company"]

`make` returns anything that can be pickled, a fresh copy of which is each test's `beginning`. With `on=FOUNDED` it is
given the copy of that one, and goes on from there.
"""

import pickle
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections

from tests.cluster import Cluster

TEMPLATE = "template_perfsys"


@dataclass(frozen=True)
class Beginning:
    name: str
    make: Callable[[Any], Any]
    on: "Beginning | None" = None

    @property
    def depth(self) -> int:
        return 1 + (self.on.depth if self.on else 0)


_known: dict[str, Beginning] = {}
_made: dict[str, tuple[str, bytes]] = {}  # name -> its database, what it told
_home: list[str] = []  # where Django stood before a test began elsewhere: the tests that follow often begin there too


def begin_with(name: str, make: Callable[[Any], Any], on: Beginning | None = None) -> Beginning:
    assert name not in _known, f"two beginnings are called {name}"
    _known[name] = Beginning(name, make, on)
    return _known[name]


def asked_for(fixtures: Iterable[str]) -> Beginning | None:
    """The one that stands on the others."""
    return max((_known[name] for name in fixtures if name in _known), key=lambda found: found.depth, default=None)


def database_of(beginning: Beginning | None, cluster: Cluster, worker: str) -> str:
    """Its database, made at the first call; without one, what every test begins with."""
    if beginning is None:
        return TEMPLATE
    if beginning.name not in _made:
        below, name = database_of(beginning.on, cluster, worker), f"{beginning.name}_{worker}"
        connections.close_all()  # a database that somebody uses is not copied
        copy(cluster, name, below)
        before = connection.settings_dict["NAME"]
        try:
            _go_to(name)
            told = beginning.make(told_by(beginning.on) if beginning.on else None)
            _made[beginning.name] = name, pickle.dumps(told)
        finally:  # what could not be made fails its own tests, not those that begin with nothing
            _go_to(before)
    return _made[beginning.name][0]


def told_by(beginning: Beginning) -> Any:
    return pickle.loads(_made[beginning.name][1])  # noqa: S301  # pickled a moment ago, by us


def stand_in(beginning: Beginning | None) -> None:
    """Point Django at the database of `beginning`, which is made; without one, at where it stood before the first."""
    here, theirs = connection.settings_dict["NAME"], {database for database, _told in _made.values()}
    if beginning is None:
        _go_to(_home.pop() if here in theirs else here)
        return
    if here not in theirs:
        _home.append(here)
    _go_to(_made[beginning.name][0])


def _go_to(database: str) -> None:
    if connection.settings_dict["NAME"] != database:
        assert not connection.in_atomic_block, "the test's transaction was begun before its database was chosen"
        connections.close_all()
        connection.settings_dict["NAME"] = database


def copy(cluster: Cluster, name: str, template: str) -> None:
    with closing(cluster.connect()) as admin:
        admin.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER pm_owner STRATEGY FILE_COPY')
