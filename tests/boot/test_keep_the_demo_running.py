"""One demo through all its misfortunes; each test leaves it running, the last ones stop it."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from perfsys.boot import processes
from perfsys.boot.processes import command_line, wait_until

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
    module = project.root / "perfsys/celery.py"
    sound = module.read_text()
    module.write_text("raise RuntimeError('broken on purpose')\n")
    os.kill(project.pid("worker"), signal.SIGKILL)
    assert demo.process.wait(120) == 1
    module.write_text(sound)
    assert "worker keeps stopping: see" in demo.text
    assert "broken on purpose" in demo.text
    assert not project.processes()


NAP = """

@shared_task(name="nap")
def nap() -> None:
    import time
    from pathlib import Path

    Path("var/napping").touch()
    time.sleep(250)
"""


def test_supervisor_and_keeper_killed_in_one_instant_leave_nothing(running: tuple[Project, Demo]) -> None:
    project, _ = running
    tasks = project.root / "perfsys/jobs/tasks.py"
    tasks.write_text(tasks.read_text() + NAP)
    demo = project.demo().wait_ready()
    send = "from perfsys.jobs.tasks import nap; nap.delay()"
    assert project.command("shell", "--no-imports", "-c", send)[0] == 0
    assert wait_until((project.root / "var/napping").exists, seconds=60)  # a worker with work in hand is harder to stop
    assert len(project.processes()) > 8
    for pid in (project.pid("keeper"), demo.process.pid):  # nobody is left to stop the servers
        os.kill(pid, signal.SIGKILL)
    demo.process.wait()
    assert project.is_quiet(), project.processes()


def test_whatever_an_earlier_life_left_is_no_obstacle_and_what_is_torn_or_lost_is_mended_and_told(
    running: tuple[Project, Demo],
) -> None:
    project, first = running
    port, run = first.port, project.root / "var/run"
    (project.root / "var/postgres/postmaster.pid").write_text(f"{os.getpid()}\n")  # a stranger wears the pid
    (run / "worker.pid").write_text(f"{os.getpid()}\ncelery -A perfsys worker\n3\n")
    (run / "beat.pid").write_text("")  # killed while writing
    orphan = subprocess.Popen(  # what a crash leaves where children outlive their parent
        [project.python, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(lambda: first.get("/")[0] == 200, seconds=20)
    (run / "web.pid").write_text(f"{orphan.pid}\nhttp.server --bind 127.0.0.1 {port}\n15\n")
    (project.root / "var/secrets.json").unlink()
    log = next((project.root / "var/valkey/appendonlydir").glob("*.incr.aof"))
    log.write_bytes(b"*2\r\n$6\r\nSELECT\r\nrubbish" + log.read_bytes())

    demo = project.demo(port=port).wait_ready()
    assert demo.text.startswith("Stopping what an earlier start left running")
    assert orphan.wait(5) == -signal.SIGTERM
    assert command_line(os.getpid())
    assert "secrets.json was gone: the database has new passwords" in demo.text
    assert "Valkey's files were damaged and lie in" in demo.text
    assert list(project.root.glob("var/valkey-damaged-*"))
    assert project.command("shell", "--no-imports", "-c", COUNT_JOBS)[1] == "2\n"  # those done before all this
    demo.process.kill()  # the supervisor alone: its children follow
    assert project.is_quiet(), project.processes()


def test_fresh_throws_the_data_away(running: tuple[Project, Demo]) -> None:
    project, _ = running
    before = project.root.joinpath("var/secrets.json").read_text()
    demo = project.demo("--fresh")
    assert wait_until(lambda: "Bringing the database" in demo.text, seconds=60), demo.text
    assert demo.stop() == 0
    assert project.root.joinpath("var/secrets.json").read_text() != before
    code, _, errors = project.command("shell", "--no-imports", "-c", COUNT_JOBS)
    assert code == 1, errors  # not one table, or not yet the tenant


COUNT_JOBS = """
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import all_tenants, use_tenant
with all_tenants("a test looks its tenant up") as call:
    tenant = call("tenant_named", "demo")[0][0]
with use_tenant(tenant):
    print(Job.objects.filter(key__startswith="boot").count())
"""


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
