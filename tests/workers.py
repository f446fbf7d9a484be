"""Real Celery processes for tests: a worker, or beat, as the product starts them, on a test's own database and Valkey.

    with worker(database_url=..., valkey=..., log=tmp_path / "worker.log") as real:
        wake(valkey)
        assert wait_until(lambda: ..., seconds=30), real.said()

The database must be a clone of the test's own (`django_db(transaction=True)`): another process sees what is committed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from perfsys.boot import ROOT
from perfsys.boot.processes import dies_with_parent, wait_until
from perfsys.jobs.wake import WAKE

# A deployment's variables may stand in the shell of whoever runs the tests.
OTHERS = ("DATABASE_", "REDIS_", "CACHE_", "CELERY_", "PERFSYS_", "DJANGO_", "WORKER_", "WEB_", "JOBS_", "PYTEST_")
TICK, REAP = "perfsys.jobs.tasks.tick", "perfsys.jobs.tasks.reap"


@dataclass
class Process:
    """A worker or beat in a session of its own, with everything it prints in `log`."""

    process: "subprocess.Popen[bytes]"
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
    words = ["worker", "--without-mingle", "--without-gossip"]
    more = {"WORKER_CONCURRENCY": str(concurrency), "WORKER_GRACE": "2"}
    return _started(words, database_url, valkey, log, {"DJANGO_SETTINGS_MODULE": settings, **more}, ready_within)


def beat(
    *, database_url: str, valkey: str, log: Path, settings: str = "perfsys.settings", ready_within: float = 90
) -> AbstractContextManager[Process]:
    """The clock. Under the product's settings its first tick comes after 30 s: name quicker ones."""
    words = ["beat", "--scheduler=celery.beat:Scheduler", "--pidfile="]
    return _started(words, database_url, valkey, log, {"DJANGO_SETTINGS_MODULE": settings}, ready_within)


def wake(valkey: str, times: int = 1) -> None:
    """What a commit sends: look at the tables."""
    send(valkey, WAKE, times)


def send(valkey: str, task: str, times: int = 1) -> None:
    """`task` to whichever worker listens; TICK and REAP stand for beat."""
    with Celery(broker=valkey, set_as_current=False) as client:
        for _ in range(times):
            client.send_task(task, ignore_result=True)


def _started(
    words: list[str], database_url: str, valkey: str, log: Path, more: dict[str, str], seconds: float
) -> AbstractContextManager[Process]:
    ready = log.with_suffix(".ready")
    ready.unlink(missing_ok=True)
    return started(
        [sys.executable, "-m", "celery", "-A", "perfsys", *words],
        {"DATABASE_URL": database_url, "REDIS_URL": valkey, "PERFSYS_READY_FILE": str(ready), **more},
        log,
        ready.exists,
        seconds,
    )


@contextmanager
def started(
    command: list[str], more: dict[str, str], log: Path, is_ready: Callable[[], bool], seconds: float
) -> Iterator[Process]:
    """A program of the product with the variables `more`, from when it is ready to the end of the block."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**own, **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
    running = Process(process, log)
    try:
        assert wait_until(lambda: is_ready() or process.poll() is not None, seconds=seconds), running.said()
        assert process.poll() is None, running.said()
        yield running
    finally:
        if process.poll() is None:
            running.stop()
        running.kill()
