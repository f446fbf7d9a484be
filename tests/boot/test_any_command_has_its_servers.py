import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from .conftest import PATIENCE, Project, copied, ended, with_environment

ADDRESS = "import os, time; print(os.environ['DATABASE_URL']); time.sleep(1.5)"
WHAT_IT_HOLDS = "import os; print(sorted(n for n in os.environ if n.endswith('_URL') or n == 'SECRET_KEY'))"


@pytest.fixture(scope="module")
def copy() -> Iterator[Project]:
    """One for all of these: only the last test starts servers in it."""
    with copied() as project:
        yield project


@pytest.fixture
def project(copy: Project) -> Project:
    if not (copy.root / ".venv").exists():
        with_environment(copy)
    return replace(copy)


def test_a_command_without_an_environment_names_the_one_that_makes_it(copy: Project) -> None:
    assert not (copy.root / ".venv").exists()
    bare = replace(copy, prefix=["env", "PYTHONPATH="])
    command = bare.popen("migrate", stderr=subprocess.PIPE)
    assert b"run `python3 manage.py demo` once" in command.communicate(timeout=PATIENCE)[1]
    assert "var" not in os.listdir(bare.root)


def test_addresses_from_the_environment_are_left_alone(project: Project) -> None:
    project.env = {"DATABASE_URL": "postgresql://me:x@127.0.0.1:1/db", "REDIS_URL": "redis://127.0.0.1:1/0"}
    code, out, errors = project.command("shell", "--no-imports", "-c", "import os; print(os.environ['DATABASE_URL'])")
    assert (code, out.strip()) == (0, project.env["DATABASE_URL"]), errors
    assert not (project.root / "var" / "postgres").exists()


def test_production_never_falls_back_to_embedded_servers(project: Project) -> None:
    project.env = {"PERFSYS_ENV": "production"}
    code, _, errors = project.command("migrate")
    assert code == 1
    assert "PERFSYS_ENV=production needs DATABASE_URL and REDIS_URL" in errors
    assert not (project.root / "var" / "postgres").exists()


def test_commands_at_once_share_one_pair_of_servers_and_a_killed_one_takes_them_along(project: Project) -> None:
    commands = [project.shell(ADDRESS) for _ in range(3)]
    answers = [command.communicate(timeout=PATIENCE) for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    assert b"pm_app" in answers[0][0]
    assert not project.processes()  # the last one out stopped them

    with ended(project.shell(f"{WHAT_IT_HOLDS}; import time; print('up', flush=True); time.sleep(60)")) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"['DATABASE_URL', 'REDIS_URL', 'SECRET_KEY']\n"  # not the owner's
        assert command.stdout.readline() == b"up\n"
        command.kill()
    assert project.is_quiet(), project.processes()
