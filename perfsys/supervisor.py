"""`manage.py demo`: the whole system in one terminal. Standard library only, it starts before the environment."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from perfsys import embedded
from perfsys.boot import ROOT, VAR, Progress, fail, preflight, say
from perfsys.boot.processes import LOG, RUN, Child, GivenUp, Lock, last_line, leftover, spawn, stop_leftover, wait_until

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MANAGE = [sys.executable, str(ROOT / "manage.py")]
# Makes the demo company where it is missing, and prints how to sign in, which is repeated once everything runs.
# The checks are for whoever changes the source: they load every page, and take as long as all the rest of a command.
LOADER = ["load_demo", "--skip-checks"]
# A deployment's variables may stand in the user's shell; the demo is a place of its own.
OTHER_PLACES = (
    "PERFSYS_",
    "DATABASE_",
    "REDIS_",
    "CACHE_",
    "CELERY_",
    "SECRET_KEY",
    "EMAIL_",
    "INTEGRATION_",
    "TRUSTED_",
    "WEB_",
    "WORKER_",
    "DEBUG",
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py demo", description="Start everything, with a demo company.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    parser.add_argument("--empty", action="store_true", help="a company without people, for files of one's own")
    parser.add_argument(
        "--reach",
        action="append",
        default=[],
        type=_place,
        metavar="HOST:PORT",
        help="a system in your network that the company's connections may reach; may be given several times",
    )
    parser.add_argument(
        "--drops",
        type=Path,
        metavar="FOLDER",
        help="where folders of files lie: a connection reads FOLDER/demo/<the folder it names>",
    )
    options = parser.parse_args(arguments)
    _refuse_a_second_demo()
    is_left = leftover("web") is not None  # of a supervisor that died where children do not die with it
    if is_left:
        say("Stopping what an earlier start left running ...")
        stop_leftover("web")
    preflight.check_port(options.port, patience=5 if is_left else 0)
    return options


def _place(typed: str) -> str:
    """HOST:PORT as an entry of INTEGRATION_INTRANET has it; a comma would begin another entry."""
    if not re.fullmatch(r"[^\s,=]+:\d{1,5}", typed):
        raise argparse.ArgumentTypeError(f"{typed!r} is not HOST:PORT, for example 127.0.0.1:5432")
    return typed


def run(options: argparse.Namespace) -> int:
    for folder in (VAR, RUN, LOG):
        folder.mkdir(exist_ok=True)
    for sig in STOPPING:
        signal.signal(sig, _interrupt)  # SIGINT as well: a shell starts background jobs with it ignored
    try:
        with _only_demo(options.port):
            if options.fresh:
                _throw_data_away()
            _serve(options)
    except KeyboardInterrupt:
        say("stopped; the data stay in var/")
    except GivenUp as reason:
        fail(str(reason))
    return 0


def _serve(options: argparse.Namespace) -> None:
    port, loader = options.port, LOADER + ["--empty"] * options.empty
    say("Starting PostgreSQL and Valkey ...")
    lease = embedded.ensure_running()
    children: list[Child] = []
    try:
        for note in lease.notes:
            say(note)
        addresses = dict(lease.addresses)
        here = {name: value for name, value in os.environ.items() if not name.startswith(OTHER_PLACES)}
        owner = here | addresses
        del addresses["DATABASE_OWNER_URL"]  # web, worker and beat never hold it
        web = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_BIND": f"127.0.0.1:{port}"}
        crm = preflight.free_port(port + 1)
        reach = {"INTEGRATION_INTRANET": ",".join(f"demo={one}" for one in (f"127.0.0.1:{crm}", *options.reach))}
        if options.drops:
            reach["INTEGRATION_DROPS"] = str(options.drops.resolve())
        environment = here | addresses | web | reach | {"WEB_GRACE": "5", "WORKER_GRACE": "5"}
        _command(["migrate", "--skip-checks"], "Bringing the database up to date ...", owner)
        children.append(_child("crm", _crm(crm), signal.SIGTERM, here, lease.fd))  # the loader reads from it
        _watch(children)
        told = _command([*loader, "--crm", str(crm)], "Loading the demo company ...", environment).splitlines()
        sign_ins = "\n".join(line for line in told if line.startswith("  "))  # the others were its progress
        progress = Progress("Starting web, worker and beat ...")
        children += [_child(name, words, sig, environment, lease.fd) for name, words, sig in _programs()]
        _wait_for(children, f"http://127.0.0.1:{port}/health/ready/")
        progress.end()
        say(f"perfsys is ready at http://127.0.0.1:{port}")
        say(f"{sign_ins}\nCtrl-C stops it.")
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


def _programs() -> list[tuple[str, list[str], int]]:
    """Name, command and the signal each stops on."""
    celery = [sys.executable, "-m", "celery", "-A", "perfsys"]
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:perfsys.gunicorn_settings", "perfsys.wsgi"]
    return [
        ("web", gunicorn, signal.SIGTERM),
        # SIGQUIT: the soft shutdown, bounded by worker_soft_shutdown_timeout. SIGTERM would wait for any task.
        ("worker", [*celery, "worker", "--without-mingle", "--without-gossip"], signal.SIGQUIT),
        # In memory: our schedule is fixed, and a schedule file may be torn by a kill.
        ("beat", [*celery, "beat", "--scheduler=celery.beat:Scheduler", "--pidfile="], signal.SIGTERM),
    ]


def _crm(port: int) -> list[str]:
    """A system of somebody else's for the demo company to be connected to: it never sees our database."""
    return [sys.executable, "-m", "perfsys.demo.crm", "--port", str(port)]


def _child(name: str, command: list[str], sig: int, environment: Mapping[str, str], lease: int) -> Child:
    ready = RUN / f"{name}.ready"

    def start() -> subprocess.Popen[bytes]:
        ready.unlink(missing_ok=True)
        env = {**environment, "PERFSYS_READY_FILE": str(ready)}
        return spawn(name, command, env=env, stop_signal=sig, pass_fds=[lease])

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


def _command(words: Sequence[str], title: str, environment: Mapping[str, str]) -> str:
    """Run a management command, its last line shown as progress; what it printed. Its log is var/log/<name>.log."""
    name = words[0]
    log, out = LOG / f"{name}.log", LOG / f"{name}.out"
    progress = Progress(title)
    with log.open("wb") as errors, out.open("wb") as output:
        process = subprocess.Popen(
            [*MANAGE, *words], env={**environment, "PYTHONUNBUFFERED": "1"}, stdout=output, stderr=errors
        )
    try:
        while process.poll() is None:
            progress.show(out.read_text(errors="replace").rstrip().rpartition("\n")[2].strip())
            time.sleep(0.1)
    finally:
        progress.end()
        process.terminate()
        process.wait()
    if process.returncode:
        fail(f"`manage.py {name}` failed: see {log}, which ends with: {last_line(name)}")
    return out.read_text(errors="replace")


def _refuse_a_second_demo() -> None:
    if not RUN.exists() or not os.access(RUN, os.W_OK):
        return  # never started here, or not ours: a later check tells
    lock = Lock(RUN / "demo.lock")
    if not lock.try_take():
        pid, port = [*_read(RUN / "demo.pid").split(), "", ""][:2]
        fail(
            f"perfsys already runs from this folder, at http://127.0.0.1:{port}: use it, or stop it with Ctrl-C in its "
            f"window or `kill {pid}`."
        )
    lock.close()


def _read(path: "os.PathLike[str]") -> str:
    with suppress(FileNotFoundError), open(path) as file:
        return file.read()
    return ""


@contextmanager
def _only_demo(port: int) -> Iterator[None]:
    lock = Lock(RUN / "demo.lock")
    if not lock.try_take():  # two at the same instant
        fail("perfsys already runs from this folder: use it, or stop it with Ctrl-C in its window.")
    (RUN / "demo.pid").write_text(f"{os.getpid()} {port}\n")
    try:
        yield
    finally:
        (RUN / "demo.pid").unlink(missing_ok=True)
        lock.close()


def _throw_data_away() -> None:
    users = Lock(RUN / "users.lock")
    if not users.try_take():
        fail("another command uses the database: let it finish, then start with --fresh again.")
    for name in ("postgres", "valkey", "secrets.json", "media", "mail"):
        path = VAR / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    users.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
