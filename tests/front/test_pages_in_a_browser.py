"""Every sample on real Chromium under the strict policy: nothing refused, nothing too wide, axe content."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.front.conftest import SITE
from tests.front.samples import SAMPLES

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
PARTS = 4  # a second or two a page, and many pages
# The browser itself remarks on a number field that comes back with what was typed.
EXPECTED = "cannot be parsed, or is out of range"


def findings(page: Any) -> dict[str, list[str]]:
    """axe's violations of any weight: rule -> the elements."""
    found = Axe().run(page).response["violations"]
    return {violation["id"]: [node["html"][:160] for node in violation["nodes"]] for violation in found}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_every_page_is_clean(
    size: str, scheme: Any, part: int, page: Any, answers: dict[str, Any], complaints: list[str]
) -> None:
    page.set_viewport_size(SIZES[size])
    page.emulate_media(color_scheme=scheme)
    faults: dict[str, Any] = {}
    for name in list(SAMPLES)[part::PARTS]:
        complaints.clear()
        page.goto(f"{SITE}/{name}/")
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found = findings(page)
        said = [text for text in complaints if EXPECTED not in text]
        if found or too_wide > 0 or said:
            faults[name] = (found, too_wide, said)
    assert faults == {}


@pytest.mark.parametrize("name", ["week", "goal", "import-upload"])
def test_things_to_tap_are_large_enough_for_a_thumb(name: str, page: Any, visit: Callable[[str], Any]) -> None:
    page.set_viewport_size(SIZES["phone"])
    visit(name)
    small = page.evaluate(
        """() => [...document.querySelectorAll(".btn, .tabbar a, summary, .pick label, .offers button")]
        .filter(e => e.getClientRects().length && !e.closest("[hidden]"))
        .map(e => [e.className || e.tagName, e.getBoundingClientRect().height]).filter(([, h]) => h < 40)"""
    )
    assert small == []


def test_a_page_works_without_script(browser: Any, render: Callable[..., str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=render("tree"), content_type="text/html; charset=utf-8"))
    page.goto(f"{SITE}/tree/")
    page.locator("[data-fold]").first.click()
    assert page.url.endswith("?open=")
    assert page.locator("tr[data-goal]").count() == 6
    context.close()


def test_the_chosen_theme_wins_over_the_system(page: Any, answers: dict[str, Any], render: Callable[..., str]) -> None:
    page.emulate_media(color_scheme="dark")
    answers["/light/"] = lambda _request: (200, render("week", theme="light"))
    page.goto(f"{SITE}/light/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(247, 246, 242)"


def test_an_error_page_takes_the_theme_from_the_cookie(page: Any, visit: Callable[[str], Any]) -> None:
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": SITE}])
    visit("500")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 21)"
