"""Every sample on real Chromium under the strict policy: nothing refused, nothing too wide, axe content."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.front.conftest import SITE
from tests.front.samples import SAMPLES

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
# The browser itself remarks on a number field that comes back with what was typed.
EXPECTED = "cannot be parsed, or is out of range"


LOOKS: list[tuple[str, Any]] = [("phone", "light"), ("desktop", "dark")]
SHARES = 6  # of the pages: a test each, so that no worker is left alone with all of them


# What axe found right as well, a hundred times as much, stays in the browser: to hand it over took a fifth of all this.
# Loaded from an address the browser keeps it compiled; evaluated as text, half a megabyte is read anew on each page.
LOAD_AXE = """() => new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, {src: "/axe.js", onload: () => done(), onerror: failed});
    document.head.append(script);
})"""
FINDINGS = """() => axe.run({resultTypes: ["violations"], preload: false, iframes: false}).then(found =>
    found.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 160))]))"""


def findings(page: Any) -> dict[str, list[str]]:
    """axe's violations of any weight: rule -> the elements."""
    return dict(page.evaluate(FINDINGS))


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_is_clean(share: int, page: Any, served: str, complaints: list[str]) -> None:
    faults: dict[str, Any] = {}
    page.set_default_timeout(30_000)
    for name in list(SAMPLES)[share::SHARES]:
        complaints.clear()
        for size, scheme in LOOKS:  # at the narrow size first: what scripts draw has to grow, and says what it minds
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way to another
            if (size, scheme) == LOOKS[0]:
                page.goto(f"{served}/{name}/")
                page.evaluate(LOAD_AXE)
            too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found = findings(page)
            said = [text for text in complaints if EXPECTED not in text]
            if found or too_wide > 0 or said:
                faults[f"{name}, {size}, {scheme}"] = (found, too_wide, said)
    assert faults == {}


def test_what_axe_minds_is_found(page: Any, served: str) -> None:
    page.goto(f"{served}/404/")
    page.evaluate("""() => {
        const [field, pale] = ["input", "p"].map(name => document.createElement(name));
        document.querySelector("main").append(field, pale);
        pale.append("pale");
        pale.style.color = "color-mix(in srgb, white 80%, black)";
    }""")
    page.evaluate(LOAD_AXE)
    found = findings(page)
    assert found["label"] == ["<input>"]
    assert len(found["color-contrast"]) == 1


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
