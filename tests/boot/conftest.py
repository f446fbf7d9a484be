"""Real commands, each in a copy of the source with a var/ of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from perfsys.boot import ROOT
from perfsys.boot.preflight import free_port
from perfsys.boot.processes import command_line, dies_with_parent, wait_until

BASE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
# Of this test run, not of the user whose commands these are.
HIDDEN = ("DATABASE_", "REDIS_", "DJANGO_", "PERFSYS_", "PYTEST_", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
# What runs beside these tests may be another half of the suite: waits are for machines twice as slow.
PATIENCE = 120  # seconds


@dataclass
class Demo:
    process: subprocess.Popen[bytes]
    output: Path
    port: int

    @property
    def text(self) -> str:
        return self.output.read_text()

    @property
    def is_ready(self) -> bool:
        return f"\nperfsys is ready at http://127.0.0.1:{self.port}\n" in self.text and "Ctrl-C" in self.text

    def wait_ready(self, seconds: float = PATIENCE) -> "Demo":
        assert wait_until(lambda: self.is_ready or self.process.poll() is not None, seconds=seconds), self.text
        assert self.is_ready, self.text
        return self

    def get(self, path: str = "/health/ready/") -> tuple[int, bytes]:
        """Status and body; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def serves(self) -> bool:
        return wait_until(lambda: self.get()[0] == 200, seconds=60)

    def stop(self, sig: int = signal.SIGINT) -> int:
        self.process.send_signal(sig)
        return self.process.wait(60)


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    """Unlike the process's own context, this one never waits for a program that does not end."""
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@dataclass
class Project:
    root: Path
    python: str = BASE_PYTHON
    user: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()
    demos: list[Demo] = field(default_factory=list)

    def popen(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)} | self.env
        command = [*self.prefix, self.python, "manage.py", *words]
        who: dict[str, Any] = {"user": self.user, "group": "nogroup", "extra_groups": []} if self.user else {}
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # a test run that is killed leaves no demo behind
            **who,
            **options,
        )

    def command(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a management command."""
        with ended(self.popen(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)) as process:
            out, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, out.decode(), errors.decode()

    def demo(self, *words: str, port: int = 0, empty: bool = True) -> Demo:
        """Most of these tests ask nothing of the company in it."""
        words = (*words, "--empty") if empty else words
        port, output = port or free_port(), self.root.parent / f"demo-{len(self.demos)}.txt"
        with output.open("wb") as file:
            process = self.popen("demo", "--port", str(port), *words, stdout=file, stderr=file)
        self.demos.append(Demo(process, output, port))
        return self.demos[-1]

    def refused(self, *words: str, port: int = 0) -> str:
        """The sentence of a demo that does not start, and leaves nothing running."""
        demo = self.demo(*words, port=port)
        assert demo.process.wait(PATIENCE) == 1, demo.text
        assert self.is_quiet(), self.processes()
        assert "Traceback" not in demo.text
        return demo.text

    def shell(self, code: str) -> subprocess.Popen[bytes]:
        return self.popen("shell", "--no-imports", "-c", code, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def pid(self, name: str) -> int:
        return int((self.root / "var" / "run" / f"{name}.pid").read_text().split("\n")[0])

    def is_replaced(self, name: str, old: int) -> bool:
        """Whether another process has taken over; between the two there is no pid file, or an empty one."""

        def replaced() -> bool:
            with suppress(FileNotFoundError, ValueError):
                return self.pid(name) != old
            return False

        return wait_until(replaced, seconds=60)

    def processes(self) -> list[str]:
        """Whatever still runs in or from this copy."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            line = command_line(int(entry.name))
            if str(self.root) in line or where.startswith(str(self.root)):
                found.append(f"{entry.name} {line}")
        return found

    def is_quiet(self, seconds: float = 40) -> bool:
        return wait_until(lambda: not self.processes(), seconds=seconds)


@contextmanager
def copied(*, compiled: bool = True) -> Iterator[Project]:
    """A copy of the source without an environment; whatever a test leaves running in it is a failure. With what was
    compiled of it, or the five processes of a demo compile it at one moment."""
    top = Path(tempfile.mkdtemp(prefix="boot-"))
    top.chmod(0o755)  # another user must be able to enter
    left_out = [".venv", "var", ".git", ".*_cache", "tests", "benchmarks", *([] if compiled else ["__pycache__"])]
    shutil.copytree(ROOT, top / "p", ignore=shutil.ignore_patterns(*left_out))
    project = Project(top / "p")
    yield project
    for demo in project.demos:
        if demo.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                demo.stop()
    left = [] if project.is_quiet() else project.processes()
    for line in left:
        with suppress(ProcessLookupError):
            os.kill(int(line.split()[0]), signal.SIGKILL)
    shutil.rmtree(top)
    assert not left


def with_environment(project: Project) -> Project:
    (project.root / ".venv").symlink_to(sys.prefix)
    return project


@pytest.fixture
def bare() -> Iterator[Project]:
    """A copy without an environment."""
    with copied(compiled=False) as project:
        yield project


@pytest.fixture
def project() -> Iterator[Project]:
    """A copy that shares the environment of this test run."""
    with copied() as project:
        yield with_environment(project)


@pytest.fixture
def newcomer(bare: Project) -> Project:
    """A copy that belongs to an ordinary user without uv: `nobody` where root runs this, else whoever does."""
    home = bare.root.parent / "home"
    home.mkdir()
    bare.env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(home)}
    if os.geteuid() == 0:  # its own Python may be closed to others: the system's is not
        bare.user, bare.python = "nobody", "/usr/bin/python3"
        subprocess.run(["chown", "-R", "nobody:", bare.root.parent], check=True)
    return bare
