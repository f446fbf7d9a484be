"""The harness's promise that no test holds the run up."""

import subprocess
import time

import pytest

from perfsys.boot import testing
from tests.running import MACHINE, SharedMachine, limited


def test_a_test_that_waits_for_ever_fails() -> None:
    started = time.monotonic()
    with pytest.raises(pytest.fail.Exception, match=r"it took more than 0\.2 s"), limited(0.2, "it"):
        time.sleep(30)
    assert time.monotonic() - started < 10


def test_giving_up_that_waits_for_a_child_is_interrupted_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.running.AGAIN", 0.2)
    started = time.monotonic()
    with (
        pytest.raises(pytest.fail.Exception),
        limited(0.2, "it"),
        subprocess.Popen(["sleep", "30"]) as child,  # leaving this block waits for the child
    ):
        child.wait()
    assert time.monotonic() - started < 10
    child.kill()
    child.wait()


def test_what_starts_whole_systems_is_one_piece_and_the_rest_is_not() -> None:
    piece = SharedMachine._split_scope
    names = [f"{name}test_x.py::test_y" if name.endswith("/") else f"{name}::test_y" for name in MACHINE]
    assert {piece(None, name) for name in names} == {"machine"}  # type: ignore[arg-type]  # it needs no object
    assert piece(None, "tests/goals/test_x.py::test_y") == "tests/goals/test_x.py::test_y"  # type: ignore[arg-type]


def test_a_worker_that_dies_ends_the_run_instead_of_being_waited_for() -> None:
    assert "--max-worker-restart=0" in testing.defaults([])
