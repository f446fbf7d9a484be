"""A private mount namespace hides something for one command only."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from perfsys.boot import Progress, environment, preflight

from .conftest import BASE_PYTHON, Project, ended, with_environment

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root only: this run is an ordinary user's")


@pytest.fixture
def namespace() -> list[str]:
    words = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no mount namespaces, which is how something is hidden from one command")
    return [*words, "sh", "-ec"]


def without(project: Project, namespace: list[str], *modules: str) -> Project:
    """Hide standard modules, and any uv, from this project's commands."""
    code = f"import importlib.util as u; [print(u.find_spec(m).submodule_search_locations[0]) for m in {modules!r}]"
    folders = subprocess.run([BASE_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    mounts = " && ".join(f"mount -t tmpfs none {folder}" for folder in folders)
    project.prefix = [*namespace, f'{mounts} && exec "$@"', "sh"]
    project.env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
    return project


def test_without_venv_and_pip_the_sentence_names_the_package(bare: Project, namespace: list[str]) -> None:
    sentence = without(bare, namespace, "ensurepip", "pip").refused()
    assert re.search(r"neither venv nor pip: run `(sudo )?apt install python3-venv`, then this command again", sentence)
    assert not (bare.root / ".venv").exists()


def test_without_ensurepip_the_machines_own_pip_fills_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    monkeypatch.setattr(environment, "_has", lambda module: module != "ensurepip")
    ((make, fill, last),) = environment._plans("requirements.lock")
    assert "--without-pip" in make.commands[0]
    assert fill.instead
    for pip in (*fill.commands, fill.instead):
        assert pip[1:4] == ["-m", "pip", "--python"]
        assert "--require-hashes" in pip
    compiled, checked = last.commands
    assert "compileall" in compiled[-1]
    assert checked[-1] == "check"  # two halves, each of which knows nothing of the other


def test_a_failed_uv_is_followed_by_pip_which_reads_the_machines_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda _name: "/usr/bin/uv")
    monkeypatch.setattr(environment, "_has", lambda _module: True)
    first, second = environment._plans("requirements.lock")
    assert first[1].commands[0][0] == "/usr/bin/uv"
    assert [pip[1:3] for pip in second[1].commands] == [["-m", "pip"]] * 2


def test_where_two_pips_at_once_fail_a_single_one_goes_on(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    for commands, instead, verdict in [
        (["true", "true"], "false", True),
        (["true", "false"], "true", True),
        (["false", "true"], "false", False),
        (["true", "false"], None, False),
    ]:
        step = environment.Step([[command] for command in commands], instead and [instead])
        assert environment._succeeds(step, tmp_path / "log", Progress(""), 1) == verdict


def test_the_halves_of_a_lock_are_all_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "VAR", tmp_path)
    for lock in ("requirements.lock", "requirements-test.lock"):
        total = environment._split(lock)
        whole = [line for line in (environment.ROOT / lock).read_text().splitlines() if not line.startswith("#")]
        halves = [(tmp_path / f"{half}-{lock}").read_text().splitlines() for half in environment.HALVES]
        assert sorted(line for half in halves for line in half) == sorted(whole)
        assert sum("==" in line and "--hash" not in line for half in halves for line in half) == total


def test_what_tests_need_is_added_to_the_environment_a_demo_may_be_running_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "_stands", lambda lock: lock == "requirements.lock")
    monkeypatch.setattr(environment, "_succeeds", lambda *_: True)
    monkeypatch.setattr(environment.shutil, "rmtree", lambda *_, **__: pytest.fail("the demo's environment is gone"))
    plan = next(environment._plans("requirements-test.lock"))
    assert environment._carried_out(plan, Path(), Progress(""), 1)


def test_a_lock_that_does_not_fit_its_packages_installs_nothing(bare: Project) -> None:
    lock = bare.root / "requirements.lock"
    text = lock.read_text()
    lock.write_text(text[: text.index("\nasgiref")].replace("sha256:", "sha256:0000"))  # one package is enough
    assert "the packages could not be installed: see" in bare.refused()
    assert not (bare.root / ".venv/perfsys-locks").exists()


def test_the_same_sentences_where_no_namespace_can_hide_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _path: SimpleNamespace(free=619_000_000))
    with pytest.raises(SystemExit, match=r"only 619 MB are free under .*: free at least 620 MB and start again"):
        preflight.check_room()
    monkeypatch.setattr(preflight.os, "access", lambda _path, _mode: False)
    with pytest.raises(SystemExit, match=r"cannot be written.*: start from a copy in a folder of your own"):
        preflight.check_folder()
    monkeypatch.setattr(environment, "_has", lambda _module: False)
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    monkeypatch.setattr(environment, "VAR", tmp_path)
    with pytest.raises(SystemExit, match=r"apt install python3-venv`, then this command again"):
        environment._make("requirements.lock")


def test_too_little_room(bare: Project, namespace: list[str]) -> None:
    copy = f"cp -r {bare.root} /mnt/p && cd /mnt/p"
    bare.prefix = [*namespace, f'mount -t tmpfs -o size=480m none /mnt && {copy} && exec "$@"', "sh"]
    assert re.search(r"only \d+ MB are free under /mnt/p: free at least 620 MB and start again", bare.refused())


def test_a_read_only_folder(bare: Project, namespace: list[str]) -> None:
    mount = f"mount --bind {bare.root} {bare.root} && mount -o remount,ro,bind {bare.root} && cd {bare.root}"
    bare.prefix = [*namespace, f'{mount} && exec "$@"', "sh"]
    assert "cannot be written, its disk or folder is read-only: start from a copy" in bare.refused()


@AS_ROOT
def test_an_ordinary_user_in_a_folder_of_someone_else(newcomer: Project) -> None:
    subprocess.run(["chown", "-R", "root:", newcomer.root], check=True)
    sentence = newcomer.refused()
    assert f"{newcomer.root} cannot be written by this user, it belongs to root" in sentence


@AS_ROOT
def test_a_start_with_sudo_is_repaired_by_the_command_in_the_sentence(newcomer: Project) -> None:
    with_environment(newcomer)
    mistaken = replace(newcomer, user=None, python=BASE_PYTHON, env={})
    assert mistaken.command("shell", "--no-imports", "-c", "pass")[0] == 0  # makes var/ with its database, root's
    (newcomer.root / ".venv").unlink()

    sentence = newcomer.refused()
    assert "belongs to root, left there by a start with sudo: give it back with `sudo chown -R" in sentence
    repair = sentence.partition("`sudo ")[2].partition("`")[0].split()
    subprocess.run(repair, check=True)
    assert (newcomer.root / "var/postgres").owner() == newcomer.user
    probe = "from perfsys.boot import preflight; preflight.check_folder()"
    assert newcomer.user is not None
    done = subprocess.run([newcomer.python, "-c", probe], cwd=newcomer.root, user=newcomer.user, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


@AS_ROOT
def test_root_without_user_namespaces_runs_postgresql_as_nobody(project: Project) -> None:
    fake = project.root / "bin" / "unshare"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    project.env = {"PATH": f"{fake.parent}:{os.environ['PATH']}"}
    with ended(project.shell("import time; print('up', flush=True); time.sleep(60)")) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"up\n", command.stderr
        assert Path(f"/proc/{project.pid('postgres')}").owner() == "nobody"
        command.kill()
    assert project.is_quiet(), project.processes()
