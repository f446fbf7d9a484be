"""The harness's own promises: servers nobody else can use, and none left behind."""

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from perfsys.boot.processes import command_line
from perfsys.embedded import postgres
from tests.cluster import Cluster


def test_the_database_is_private_and_in_utf8(cluster):
    cursor = cluster.connect().cursor()
    cursor.execute("SELECT DISTINCT datctype, pg_encoding_to_char(encoding) FROM pg_database")
    assert cursor.fetchall() == [("C.UTF-8", "UTF8")]
    cursor.execute("SHOW listen_addresses")
    assert cursor.fetchone() == ("",)
    assert cluster.folder.stat().st_mode & 0o077 == 0


def test_it_starts_where_user_namespaces_are_forbidden(monkeypatch):
    """PostgreSQL refuses root: there it runs as nobody. Anybody else starts it as himself."""
    monkeypatch.setattr(postgres.shutil, "which", lambda name: None)
    cluster = Cluster.temporary()
    try:
        assert (cluster.folder / "data").stat().st_uid in {os.geteuid(), pwd.getpwnam("nobody").pw_uid} - {0}
    finally:
        cluster.stop()
    assert not cluster.folder.exists()


def test_the_database_dies_with_a_killed_test_run():
    script = "from tests.cluster import Cluster; c = Cluster.temporary(); print(c.folder, c.process.pid, flush=True); "
    script += "input()"
    run = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout and run.stdin
    folder, pid = run.stdout.readline().split()
    assert "postgres" in command_line(int(pid))
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdin.close(), run.stdout.close()
    deadline = time.monotonic() + 10
    while "postgres" in command_line(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "postgres" not in command_line(int(pid))

    ago = time.time() - 120
    os.utime(folder, (ago, ago))
    Cluster.temporary().stop()  # the next run sweeps
    assert not Path(folder).exists()


def test_valkey_answers_only_those_who_know_its_password(valkey):
    assert redis.Redis.from_url(valkey).ping()
    port = valkey.rpartition(":")[2].partition("/")[0]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(port), retry=Retry(NoBackoff(), 0)).ping()
