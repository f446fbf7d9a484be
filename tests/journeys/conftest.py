"""The product in a browser: a served site, jobs done as a worker does them, and people with windows of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from perfsys.jobs.worker import claim, run
from tests.browser import listen
from tests.cast import Person

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SOME_DAY = datetime(2100, 1, 1, tzinfo=UTC)  # jobs are due by the database's clock, which no test sets


def run_jobs() -> None:
    """What the worker does until nothing waits."""
    while job := claim(now=SOME_DAY):
        run(job, now=timezone.now())


@dataclass
class Windows:
    """Opens browser windows on the site. `complaints` is what went wrong in any of them."""

    browser: Any
    context_args: dict[str, Any]
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, size: dict[str, int], *, person: Person | None = None, **more: Any) -> Any:
        """A window of its own, with its own cookies: signed in as `person`, else a visitor's."""
        context = self.browser.new_context(**{**self.context_args, "base_url": self.site, "viewport": size, **more})
        context.set_default_timeout(15_000)
        if person is not None:
            cookies = person.client.cookies.items()
            context.add_cookies([{"name": name, "value": kept.value, "url": self.site} for name, kept in cookies])
        page = context.new_page()
        listen(page, self.complaints)
        return page


@pytest.fixture
def windows(browser: Any, browser_context_args: dict[str, Any], live_server: Any) -> Iterator[Windows]:
    """No window may have complained by the end of the test: no refused style, no script error, no answer of 5xx."""
    opened = Windows(browser, browser_context_args, live_server.url)
    yield opened
    for context in browser.contexts:
        context.close()
    assert opened.complaints == []
