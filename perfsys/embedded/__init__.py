"""PostgreSQL and Valkey for a machine that has neither.

Whoever needs them holds a shared lock on `users.lock`. A keeper process owns the two servers, restarts them, and
stops them when it can take that lock alone. So two commands share one pair of servers, the last one out turns off
the light, and a user killed with -9 is counted out by the kernel.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from perfsys.boot import ROOT, VAR, fail
from perfsys.boot.processes import LOG, RUN, Lock, last_line, wait_until

ADDRESSES = RUN / "services.json"


@dataclass
class Lease:
    """The right to use the servers. Give `fd` to children: the servers then outlast them too."""

    lock: Lock
    addresses: dict[str, str]  # DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL, SECRET_KEY
    notes: list[str]  # what the keeper had to mend, as sentences

    @property
    def fd(self) -> int:
        return self.lock.fd

    def give_back(self) -> None:
        """Stop the servers, and wait until they are gone, unless someone else still uses them."""
        if self.lock.try_take() and (RUN / "keeper.pid").exists():
            with suppress(ProcessLookupError, ValueError):
                os.kill(int((RUN / "keeper.pid").read_text()), signal.SIGTERM)
            wait_until(_no_keeper, seconds=30)
        self.lock.close()


def ensure_running() -> Lease:
    """Start the servers or join those that run; the caller gives the lease back."""
    for folder in (VAR, RUN, LOG):
        folder.mkdir(exist_ok=True)
    users = Lock(RUN / "users.lock")
    users.share()  # waits while a keeper is stopping
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        keeper = Lock(RUN / "keeper.lock")
        if keeper.try_take():
            _start_keeper(keeper)
        keeper.close()
        with suppress(FileNotFoundError):  # not yet, or a keeper that was just asked to stop
            told = json.loads(ADDRESSES.read_text())
            return Lease(users, told["addresses"], told["notes"])
        time.sleep(0.05)
    return fail(f"the embedded servers did not start within a minute: see {LOG}.")


def keeper_lives() -> bool:
    return not _no_keeper()


@contextmanager
def running(*, as_owner: bool = False) -> Iterator[None]:
    """For any management command: what the environment does not name is embedded. Only a command that changes the
    schema signs in as the owner; its name and secret never stand in the environment of the others."""
    lease = None if _all_named() else ensure_running()
    addresses = dict(lease.addresses) if lease else {}
    owner = os.environ.pop("DATABASE_OWNER_URL", addresses.pop("DATABASE_OWNER_URL", None))
    for name, value in addresses.items():
        if not _is_named(name):
            os.environ[name] = value
    if as_owner and owner:
        os.environ["DATABASE_URL"] = owner
    try:
        yield
    finally:
        if lease:
            lease.give_back()


def _all_named() -> bool:
    named = _is_named("DATABASE_URL") and _is_named("REDIS_URL")
    if not named and os.environ.get("PERFSYS_ENV") == "production":
        fail("PERFSYS_ENV=production needs DATABASE_URL and REDIS_URL: the embedded servers are for one machine alone.")
    return named


def _is_named(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _start_keeper(lock: Lock) -> None:
    """The keeper inherits the lock we just took: no moment in which a second one could start."""
    ADDRESSES.unlink(missing_ok=True)  # of a keeper that was killed
    with (LOG / "keeper.log").open("wb") as log:
        command = [sys.executable, "-m", "perfsys.embedded.keeper", str(lock.fd)]
        keeper = subprocess.Popen(
            command, pass_fds=[lock.fd], cwd=ROOT, stdout=log, stderr=log, stdin=log, start_new_session=True
        )
    (RUN / "keeper.pid").write_text(str(keeper.pid))
    wait_until(lambda: ADDRESSES.exists() or keeper.poll() is not None, seconds=60)
    if keeper.returncode is not None:
        fail(last_line("keeper").removeprefix("perfsys: "))


def _no_keeper() -> bool:
    lock = Lock(RUN / "keeper.lock")
    free = lock.try_take()
    lock.close()
    return free
