"""`manage.py demo`: the whole system in one terminal. Standard library only, it starts before the environment."""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from perfsys import embedded
from perfsys.boot import ROOT, VAR, fail, preflight, say
from perfsys.boot.processes import LOG, RUN, Child, GivenUp, Lock, last_line, spawn, wait_until

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    options = parser.parse_args(arguments)
    preflight.check_port(options.port)
    return options


def run(options: argparse.Namespace) -> int:
    for folder in (VAR, RUN, LOG):
        folder.mkdir(exist_ok=True)
    for sig in STOPPING:
        signal.signal(sig, _interrupt)  # SIGINT as well: a shell starts background jobs with it ignored
    try:
        with _only_demo():
            if options.fresh:
                _throw_data_away()
            _serve(options.port)
    except KeyboardInterrupt:
        say("stopped; the data stay in var/")
    except GivenUp as reason:
        fail(str(reason))
    return 0


def _serve(port: int) -> None:
    say("Starting PostgreSQL and Valkey ...")
    lease = embedded.ensure_running()
    children: list[Child] = []
    try:
        addresses = dict(lease.addresses)
        owner = {**os.environ, **addresses}
        del addresses["DATABASE_OWNER_URL"]  # web, worker and beat never hold it
        environment = {**os.environ, **addresses, "SECRET_KEY": secrets.token_urlsafe(40)}
        say("Bringing the database up to date ...")
        _migrate(owner)
        say("Starting web, worker and beat ...")
        children += [_child(name, words, sig, environment, lease.fd) for name, words, sig in _programs(port)]
        _wait_for(children, f"http://127.0.0.1:{port}/health/")
        say(f"perfsys is ready at http://127.0.0.1:{port}")
        say("Ctrl-C stops it.")
        while True:
            _watch(children)
            time.sleep(0.2)
    finally:
        for sig in STOPPING:
            signal.signal(sig, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the stopping
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.end()
        lease.give_back()


def _programs(port: int) -> list[tuple[str, list[str], int]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "perfsys"]
    gunicorn = [*python, "gunicorn", "perfsys.wsgi", "--workers=2", "--threads=4", "--graceful-timeout=5"]
    # Without that option gunicorn opens a control socket in the home folder; /dev/shm spares the disk its heartbeat.
    shm = ["--worker-tmp-dir=/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108
    return [
        ("web", [*gunicorn, *shm, "--no-control-socket", f"--bind=127.0.0.1:{port}"], signal.SIGTERM),
        # SIGQUIT: the soft shutdown, bounded by worker_soft_shutdown_timeout. SIGTERM would wait for any task.
        (
            "worker",
            [*celery, "worker", "--concurrency=2", "--without-mingle", "--without-gossip", "-l", "INFO"],
            signal.SIGQUIT,
        ),
        # In memory: our schedule is fixed, and a schedule file may be torn by a kill.
        ("beat", [*celery, "beat", "--scheduler=celery.beat:Scheduler", "--pidfile=", "-l", "INFO"], signal.SIGTERM),
    ]


def _child(name: str, command: list[str], sig: int, environment: dict[str, str], lease: int) -> Child:
    ready = RUN / f"{name}.ready"

    def start() -> subprocess.Popen[bytes]:
        ready.unlink(missing_ok=True)
        env = {**environment, "PERFSYS_READY_FILE": str(ready)}
        return spawn(name, command, env=env, on_parent_death=sig, pass_fds=[lease])

    return Child(name, start, sig)


def _wait_for(children: list[Child], health: str) -> None:
    def ready() -> bool:
        _watch(children)
        return all((RUN / f"{name}.ready").exists() for name in ("worker", "beat")) and _answers(health)

    if not wait_until(ready, seconds=90):
        fail(f"not ready after 90 seconds: see {LOG}; web.log ends with: {last_line('web')}")


def _watch(children: list[Child]) -> None:
    for child in children:
        if line := child.watch(time.monotonic()):
            say(line)
    if not embedded.keeper_lives():
        raise GivenUp(f"PostgreSQL or Valkey keeps stopping, so everything was stopped: {last_line('keeper')}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _migrate(environment: dict[str, str]) -> None:
    with (LOG / "migrate.log").open("wb") as log:
        code = subprocess.run([*MANAGE, "migrate", "--no-input"], env=environment, stdout=log, stderr=log).returncode
    if code:
        fail(f"the database could not be brought up to date: see {LOG}/migrate.log: {last_line('migrate')}")


@contextmanager
def _only_demo() -> Iterator[None]:
    lock = Lock(RUN / "demo.lock")
    if not lock.try_take():
        pid = (RUN / "demo.pid").read_text()
        fail(f"perfsys already runs from this folder: use it, or stop it with Ctrl-C in its window or `kill {pid}`.")
    (RUN / "demo.pid").write_text(str(os.getpid()))
    try:
        yield
    finally:
        (RUN / "demo.pid").unlink(missing_ok=True)
        lock.close()


def _throw_data_away() -> None:
    users = Lock(RUN / "users.lock")
    if not users.try_take():
        fail("another command uses the database: let it finish, then start with --fresh again.")
    for name in ("postgres", "valkey", "secrets.json"):
        path = VAR / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    users.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
