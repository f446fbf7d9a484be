"""One demo through all its misfortunes; each test leaves it running, the last ones stop it."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from perfsys.boot import processes
from perfsys.boot.processes import wait_until

from .conftest import Demo, Project, copied, with_environment
from .test_start_the_demo import does_a_job


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Project, Demo]]:
    with copied() as project:
        yield with_environment(project), project.demo().wait_ready()


def test_a_second_demo_in_the_same_folder_is_sent_to_the_first(running: tuple[Project, Demo]) -> None:
    project, demo = running
    code, _, errors = project.command("demo", "--port", str(demo.port))
    assert code == 1
    assert f"perfsys already runs from this folder, at http://127.0.0.1:{demo.port}: use it" in errors


def test_a_command_joins_the_running_demo_and_leaves_it_running(running: tuple[Project, Demo]) -> None:
    project, demo = running
    postgres = project.pid("postgres")
    code, out, errors = project.command("check", "--deploy", "--database", "default", "--fail-level", "ERROR")
    assert code == 0, errors
    code, out, _ = project.command("showmigrations", "tenancy")
    assert code == 0
    assert "[X]" in out and "[ ]" not in out
    assert project.pid("postgres") == postgres
    assert demo.serves()


def test_a_killed_child_is_started_again(running: tuple[Project, Demo]) -> None:
    project, demo = running
    for name in ("worker", "web", "beat"):
        old = project.pid(name)
        os.kill(old, signal.SIGKILL)
        assert project.is_replaced(name, old)
    assert demo.serves()
    assert does_a_job(project)


def test_killed_servers_come_back_at_the_same_address(running: tuple[Project, Demo]) -> None:
    project, demo = running
    for name in ("postgres", "valkey"):
        old = project.pid(name)
        os.kill(old, signal.SIGKILL)
        assert project.is_replaced(name, old)
        assert demo.serves()
    assert does_a_job(project)
    assert demo.process.poll() is None


def test_a_killed_keeper_stops_everything_with_a_sentence(running: tuple[Project, Demo]) -> None:
    project, demo = running
    os.kill(project.pid("keeper"), signal.SIGKILL)
    assert demo.process.wait(60) == 1
    assert "so everything was stopped" in demo.text
    assert project.is_quiet(), project.processes()


def test_a_child_that_keeps_dying_stops_everything_with_a_sentence(running: tuple[Project, Demo]) -> None:
    project, _ = running
    demo = project.demo().wait_ready()
    tasks = project.root / "perfsys/jobs/tasks.py"
    tasks.write_text("raise RuntimeError('broken on purpose')\n")
    os.kill(project.pid("worker"), signal.SIGKILL)
    assert demo.process.wait(120) == 1
    assert "worker keeps stopping: see" in demo.text
    assert "broken on purpose" in demo.text
    assert not project.processes()


def test_a_grown_log_is_turned_over_while_its_program_writes(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(processes, "LOG_LIMIT", 1000)
    log = tmp_path / "web.log"
    with log.open("ab") as output:
        writer = subprocess.Popen(
            ["sh", "-c", "head -c 2000 /dev/zero; read x; echo later"], stdin=subprocess.PIPE, stdout=output
        )
        assert wait_until(lambda: log.stat().st_size == 2000, seconds=10)
        processes.turn_over(log)
        assert log.stat().st_size == 0
        writer.communicate(b"\n")
    assert log.read_bytes() == b"later\n"  # appended to the emptied file, no hole of zeros before it
    assert (tmp_path / "web.log.1").stat().st_size == 2000
    processes.turn_over(log)
    assert log.exists() and log.stat().st_size == 6  # a small log stays
