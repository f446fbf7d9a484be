"""A private PostgreSQL for one test run: the embedded one, on a socket in a folder of its own, without fsync.

It dies with the process that started it, kill -9 included; the folder of a killed run is swept by a later one.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

from perfsys.boot.processes import Lock, dies_with_parent
from perfsys.embedded.postgres import ENVIRONMENT, Postgres

PREFIX = "perfsys-test-"  # short: a socket path ends at 107 bytes
# A database is 400 files, and each test that commits gets its own: in memory a copy takes 60 ms, on a disk 300.
SHARED_MEMORY = [Path("/dev/shm")]  # noqa: S108  # the folder made in it is ours alone
ROLES = ("superuser", "pm_owner", "pm_app")


class Cluster:
    """Listens on a socket in a folder of its own (0700), no TCP; every role has a random password."""

    def __init__(self, folder: Path, passwords: Mapping[str, str]) -> None:
        self.folder, self.passwords = folder, dict(passwords)
        self.postgres = Postgres(folder / "data", self.passwords)

    @classmethod
    def temporary(cls) -> "Cluster":
        sweep()
        place = next((shared for shared in SHARED_MEMORY if roomy(shared)), None)  # None: the usual temporary folder
        cluster = cls(
            Path(tempfile.mkdtemp(prefix=PREFIX, dir=place)), {role: secrets.token_urlsafe(18) for role in ROLES}
        )
        cluster.lock = Lock(cluster.folder / "lock")
        cluster.lock.take()
        cluster.start()
        return cluster

    def start(self) -> None:
        run_as = self.postgres.run_as
        if run_as.uid is not None:
            shutil.chown(self.folder, run_as.uid)
        self.postgres.prepare()
        self.launch()
        self.create_roles()

    def launch(self) -> None:
        """The server alone, of data that stand: also after it was stopped or killed."""
        run_as = self.postgres.run_as
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "max_connections": 60}
        settings |= {"fsync": "off", "full_page_writes": "off", "timezone": "UTC"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*run_as.prefix, str(self.postgres.bin / "postgres"), *options, "-D", str(self.folder / "data")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                cwd="/",
                user=run_as.uid,
                group=run_as.uid,
                extra_groups=None if run_as.uid is None else [],
                start_new_session=True,  # Ctrl-C reaches pytest, which still has databases to drop
                preexec_fn=dies_with_parent(signal.SIGQUIT),
            )

    def restart(self, sig: int) -> None:
        """End the server by `sig` with whatever it is doing, start it again and wait until it answers."""
        self.process.send_signal(sig)
        self.process.wait(30)
        deadline = time.monotonic() + 30
        self.launch()
        while True:
            with suppress(psycopg2.OperationalError):  # it recovers
                self.connect().close()
                return
            assert time.monotonic() < deadline, (self.folder / "server.log").read_text()[-2000:]
            if self.process.poll() is not None:  # sessions of a killed one have not all noticed yet
                self.launch()
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)  # at once: the data go next
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder)
        self.lock.close()

    def connect(self, database: str = "postgres", role: str = "superuser") -> Any:
        user = "postgres" if role == "superuser" else role
        connection = psycopg2.connect(host=str(self.folder), dbname=database, user=user, password=self.passwords[role])
        connection.autocommit = True
        return connection

    def receive(self, database: str, source: "Cluster") -> None:
        """A database as it stands in another cluster, of the same roles: in a second, where its migrations take ten."""
        self.connect().cursor().execute(f'CREATE DATABASE "{database}" OWNER pm_owner')
        place = ["--no-password", "--username=postgres", f"--dbname={database}", "--host"]
        tools, words = (
            self.postgres.bin,
            [{**ENVIRONMENT, "PGPASSWORD": c.passwords["superuser"]} for c in (source, self)],
        )
        dump = subprocess.run(
            [tools / "pg_dump", *place, source.folder], env=words[0], stdout=subprocess.PIPE, check=True
        ).stdout
        restore = [tools / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", *place, self.folder]
        subprocess.run(restore, env=words[1], input=dump, stdout=subprocess.DEVNULL, check=True)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{quote(str(self.folder), safe='')}/{database}"

    def create_roles(self) -> None:
        with closing(self._first_connection()) as connection:
            cursor = connection.cursor()
            for role in ("pm_owner", "pm_app"):
                cursor.execute(f"CREATE ROLE {role} LOGIN NOINHERIT PASSWORD %s", [self.passwords[role]])
            # On the role, not on the database: CREATE DATABASE ... TEMPLATE does not copy ALTER DATABASE SET.
            cursor.execute("ALTER ROLE pm_app SET statement_timeout = '20s'")
            cursor.execute("ALTER ROLE pm_app SET lock_timeout = '5s'")
            cursor.execute("ALTER ROLE pm_app SET random_page_cost = 1.1")

    def _first_connection(self) -> Any:
        deadline = time.monotonic() + 40
        while True:
            try:
                return self.connect()
            except psycopg2.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "server.log").read_text()[-2000:]) from None
                time.sleep(0.02)


def roomy(place: Path) -> bool:
    """Containers often have 64 MB of shared memory: too little for a dozen databases."""
    return place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2_000_000_000


def sweep() -> None:
    """Remove what runs that were killed left behind: nobody holds their lock any more."""
    for folder in [
        found for place in (Path(tempfile.gettempdir()), *SHARED_MEMORY) for found in place.glob(f"{PREFIX}*")
    ]:
        with suppress(FileNotFoundError):  # another run has just ended, or sweeps as well
            if time.time() - folder.stat().st_mtime < 60:
                continue  # it may stand in the moment between its making and its lock
            lock = Lock(folder / "lock")
            if lock.try_take():
                shutil.rmtree(folder, ignore_errors=True)
            lock.close()
