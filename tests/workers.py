"""Real Celery processes for tests: a worker, or beat, as the product starts them, on a test's own database and Valkey.

    with worker(database_url=..., valkey=..., log=tmp_path / "worker.log") as real:
        wake(valkey)
        assert wait_until(lambda: ..., seconds=30), real.said()

The database must be a clone of the test's own (`django_db(transaction=True)`): another process sees what is committed.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from celery import Celery

from perfsys.boot import ROOT
from perfsys.boot.preflight import free_port
from perfsys.boot.processes import dies_with_parent, wait_until
from perfsys.jobs.wake import WAKE

# A deployment's variables may stand in the shell of whoever runs the tests.
OTHERS = ("DATABASE_", "REDIS_", "CACHE_", "CELERY_", "PERFSYS_", "DJANGO_", "WORKER_", "WEB_", "JOBS_", "PYTEST_")
TICK, REAP = "perfsys.jobs.tasks.tick", "perfsys.jobs.tasks.reap"
_warm: dict[tuple[str, ...], "subprocess.Popen[bytes]"] = {}  # by the places and settings they were loaded with


class Fork:
    """What is needed of Popen for a process that is another's child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def wait(self, timeout: float = 60) -> None:
        if not wait_until(lambda: self.poll() is not None, seconds=timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)

    def send_signal(self, sig: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, sig)


@dataclass
class Process:
    """A worker or beat in a session of its own, with everything it prints in `log`."""

    process: "subprocess.Popen[bytes] | Fork"
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """-9 for the main process and its pool at one instant, as a machine that runs out of memory does it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 20) -> None:
        """Ask for the soft shutdown, as a deployment does; -9 for what is left after `seconds`."""
        self.process.send_signal(signal.SIGQUIT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill()


def worker(
    *,
    database_url: str,
    valkey: str,
    log: Path,
    settings: str = "perfsys.settings",
    concurrency: int = 1,
    ready_within: float = 90,
) -> AbstractContextManager[Process]:
    """A worker that has connected to its broker. `settings` may be a module of the tests with handlers of their own."""
    words = ["worker", "--without-mingle", "--without-gossip", f"--concurrency={concurrency}"]
    return _forked(words, database_url, valkey, log, settings, ready_within)


def beat(
    *, database_url: str, valkey: str, log: Path, settings: str = "perfsys.settings", ready_within: float = 90
) -> AbstractContextManager[Process]:
    """The clock. Under the product's settings its first tick comes after 30 s: name quicker ones."""
    words = ["beat", "--scheduler=celery.beat:Scheduler", "--pidfile="]
    return _forked(words, database_url, valkey, log, settings, ready_within)


@contextmanager
def web(*, database_url: str, valkey: str, log: Path) -> Iterator[str]:
    """gunicorn, as the container starts it; its host and port, once it answers."""
    site = f"127.0.0.1:{free_port()}"
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:perfsys.gunicorn_settings", "perfsys.wsgi"]
    urls = {"DATABASE_URL": database_url, "REDIS_URL": valkey}
    more = {**urls, "WEB_BIND": site, "DJANGO_SETTINGS_MODULE": "perfsys.settings"}

    def answers() -> bool:
        with suppress(OSError), urlopen(f"http://{site}/health/ready/", timeout=5) as reply:
            return bool(reply.status == 200)
        return False

    with started(gunicorn, more, log, answers, 90):
        yield site


def wake(valkey: str, times: int = 1) -> None:
    """What a commit sends: look at the tables."""
    send(valkey, WAKE, times)


def send(valkey: str, task: str, times: int = 1) -> None:
    """`task` to whichever worker listens; TICK and REAP stand for beat."""
    with Celery(broker=valkey, set_as_current=False) as client:
        for _ in range(times):
            client.send_task(task, ignore_result=True)


@contextmanager
def _forked(
    words: list[str], database_url: str, valkey: str, log: Path, settings: str, seconds: float
) -> Iterator[Process]:
    """A program of Celery's, out of a process that has loaded it once for all of the same places (tests/warm.py)."""
    ready = log.with_suffix(".ready")
    ready.unlink(missing_ok=True)
    key = (database_url, valkey, settings)
    if key not in _warm or _warm[key].poll() is not None:
        _warm[key] = _warmed(key, log)
    warm = _warm[key]
    assert warm.stdin and warm.stdout
    warm.stdin.write(json.dumps({"words": words, "log": str(log), "ready": str(ready)}).encode() + b"\n")
    warm.stdin.flush()
    told = warm.stdout.readline()  # it ends where that process has died
    assert told, log.read_text(errors="replace")
    running = Process(Fork(int(told)), log)
    with _until_the_end(running, ready.exists, seconds):
        yield running


def _warmed(key: tuple[str, ...], log: Path) -> "subprocess.Popen[bytes]":
    database_url, valkey, settings = key
    more = {"DATABASE_URL": database_url, "REDIS_URL": valkey, "DJANGO_SETTINGS_MODULE": settings, "WORKER_GRACE": "2"}
    return _launched([sys.executable, "-m", "tests.warm"], more, log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def let_go() -> None:
    """End the processes that were kept for others to be forked from."""
    while _warm:
        warm = _warm.popitem()[1]
        with warm:
            warm.kill()


@contextmanager
def started(
    command: list[str], more: dict[str, str], log: Path, is_ready: Callable[[], bool], seconds: float
) -> Iterator[Process]:
    """A program of the product with the variables `more`, from when it is ready to the end of the block."""
    running = Process(_launched(command, more, log), log)
    with _until_the_end(running, is_ready, seconds):
        yield running


def _launched(command: list[str], more: dict[str, str], log: Path, **pipes: int) -> "subprocess.Popen[bytes]":
    own = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**own, **more},
            **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **pipes},  # type: ignore[call-overload]
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )


@contextmanager
def _until_the_end(running: Process, is_ready: Callable[[], bool], seconds: float) -> Iterator[None]:
    process = running.process
    try:
        assert wait_until(lambda: is_ready() or process.poll() is not None, seconds=seconds), running.said()
        assert process.poll() is None, running.said()
        yield
    finally:
        if process.poll() is None:
            running.stop()
        running.kill()
