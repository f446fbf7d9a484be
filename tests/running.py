"""A plugin for how the suite is run: what shares a worker, and how long a test may take. Loaded by tests/conftest.py.

No test can hold the run up. After LIMIT it fails, with the stack where it stood; should the main thread not even hear
of that (deep inside C code), pytest's own faulthandler_timeout ends its process.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LIMIT = 240.0  # seconds for each of set-up, call and tear-down; the longest, a first start, takes a quarter of that
AGAIN = 10.0  # seconds; code that waits for a child once more while it gives up is interrupted once more
# What starts whole systems runs one after the other on one worker: together they would fight for two cores.
MACHINE = (
    "tests/boot/test_any_command_has_its_servers.py",
    "tests/boot/test_keep_the_demo_running.py",
    "tests/boot/test_machines_that_lack_something.py",
    "tests/boot/test_start_the_demo.py",
    "tests/faults/",
    "tests/jobs/test_real_worker.py",
)
# Next, as those that would be waited for at the end, alone: each takes tens of seconds.
LONG = (
    "tests/journeys/",
    "tests/walls/test_threads.py",
    "tests/front/test_pages_in_a_browser.py",
    "tests/demo/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


class SharedMachine(LoadScopeScheduling):
    """Test by test to whichever worker is free, but for MACHINE, which is one piece and, being the largest, the first.

    Not xdist_group: xdist 3.8 writes it into an attribute that pytest 9.2 no longer reads, and the tests are scattered.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "machine" if nodeid.startswith(MACHINE) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return SharedMachine(config, log)


@contextmanager
def limited(seconds: float, what: str) -> Iterator[None]:
    """Raise a failure in the main thread once `seconds` have passed, and every AGAIN after that."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"{what} took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[Any]:
    with limited(LIMIT, f"the set-up of {item.name}"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    with limited(LIMIT, item.name):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[Any]:
    with limited(LIMIT, f"the tear-down of {item.name}"):
        return (yield)
