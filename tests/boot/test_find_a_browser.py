import os
from pathlib import Path

import pytest

from perfsys.boot import browser, testing


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser; what would be run is only written down."""
    for name in ("CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_one_wins_then_this_machines_then_playwrights(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser.find() is None
    fetched = program(empty / ".cache/ms-playwright/chromium-1234/chrome-linux/chrome")
    assert browser.find() == str(fetched)
    system = program(empty / "bin/chromium")
    assert browser.find() == str(system)
    monkeypatch.setenv("CHROMIUM", str(fetched))
    assert browser.find() == str(fetched)


def test_root_on_debian_installs_the_package_with_a_chinese_font(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> bool:
        ran.append(command)
        if "install" in command:
            program(empty / "bin/chromium")
        return True

    program(empty / "bin/apt-get")
    monkeypatch.setattr(browser, "_succeeds", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.ensure() == str(empty / "bin/chromium")
    assert [command[1] for command in ran] == ["update", "install"]
    assert {"chromium", "fonts-wqy-zenhei"} <= set(ran[1])


def test_elsewhere_playwright_fetches_one(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str]) -> bool:
        assert command[1:] == ["-m", "playwright", "install", "chromium"]
        program(empty / ".cache/ms-playwright/chromium-1234/chrome-linux/chrome")
        return True

    monkeypatch.setattr(browser, "_succeeds", run)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert str(browser.ensure()).endswith("chrome-linux/chrome")


def test_where_nothing_helps_the_one_command_is_said(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(empty / "bin/apt-get")
    monkeypatch.setattr(browser, "_succeeds", lambda _command: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.ensure() is None
    assert "run `sudo apt-get install -y chromium fonts-wqy-zenhei`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "is_spread"),
    [
        ([], True),
        (["-q", "-m", "not slow"], True),
        (["tests/boot"], False),
        (["tests/boot/test_compose.py::test_x"], False),
        (["-k", "compose"], False),
    ],
)
def test_the_whole_suite_is_spread_and_a_choice_is_not(arguments: list[str], is_spread: bool) -> None:
    assert ("-n" in testing.defaults(arguments)) == is_spread
    assert testing.defaults(["-n", "2", "tests/boot"]) == ["--dist=load", "--max-worker-restart=0"]
