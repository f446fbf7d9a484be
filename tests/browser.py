"""A plugin for every test with a `page`: this machine's Chromium, or the sentence that says how to get one.

Loaded by tests/conftest.py. `complaints` is what the browser itself found wrong, a broken content policy included.
"""

import os
from typing import Any

import pytest

from perfsys.boot import browser

# --no-opt: of each page a script runs for a moment, and what the engine makes faster is gone with the page. Making it
# faster took a twelfth of looking at every page.
SWITCHES = [
    "--js-flags=--no-opt",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = browser.find()
    if path is None:
        pytest.fail(browser.advice(), pytrace=False)  # never skipped: a page nobody looked at is not a page that works
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": [*SWITCHES, *sandbox]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def complaints(page: Any) -> list[str]:
    """Errors and warnings of the console, uncaught exceptions, and answers of 5xx, as they come."""
    return listen(page, [])


# Somebody left the page while a part of it was asked for. htmx prints both for one request; every other end of a
# request that is printed as "afterRequest" has a line of its own beside it.
LEFT_AMID_A_REQUEST = ("htmx:sendAbort", "htmx:afterRequest")


def is_wrong(message: Any) -> bool:
    return message.type in {"error", "warning"} and not message.text.startswith(LEFT_AMID_A_REQUEST)


def listen(page: Any, found: list[str]) -> list[str]:
    """Have `page` add to `found` what is wrong with it; `found` itself."""
    page.on("console", lambda message: found.append(message.text) if is_wrong(message) else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("response", lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
    return found


def too_wide(page: Any) -> int:
    """Pixels by which the page is wider than its window; waits for one that is still on its way."""
    return int(page.locator("html").evaluate("() => document.documentElement.scrollWidth - innerWidth"))
