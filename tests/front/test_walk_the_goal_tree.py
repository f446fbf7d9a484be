"""The goal tree by keyboard and by hand: branches open, close, and are remembered for this person alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template.backends.django import DjangoTemplates

from tests.front.conftest import SITE, Server
from tests.front.samples import NOW, Thing, goal, tree_rows


@pytest.fixture
def asked(answers: dict[str, Server], engine: DjangoTemplates) -> list[str]:
    """Answers /rows/ with one child two levels down, and remembers what was asked."""
    queries: list[str] = []
    child = Thing(goal=goal("热处理外协比价"), depth=2, children=0, open=False, toggle_url="?open=")

    def rows(request: Any) -> tuple[int, str]:
        query = request.url.partition("?")[2]
        queries.append(query)
        shown = tree_rows() if query.startswith("open=") else [child]
        return 200, engine.get_template("goals/_tree_rows.html").render({"rows": shown, "now": NOW})

    answers["/rows/"] = rows
    return queries


def titles(page: Any) -> list[str]:
    return page.locator("tr[data-goal]:visible [data-goal-link]").all_inner_texts()


def row(page: Any, title: str) -> Any:
    return page.locator("tr[data-goal]", has_text=title)


def test_a_branch_closes_and_opens_without_asking_again(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    fold = row(page, "3 款低噪音").locator("[data-fold]")
    fold.click()
    assert row(page, "3 款低噪音").get_attribute("aria-expanded") == "false"
    assert "唇口磨损台架验证 12 组" not in titles(page)
    fold.click()
    assert "唇口磨损台架验证 12 组" in titles(page)
    assert asked == []


def test_a_closed_branch_fetches_its_goals_once(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    fold = row(page, "套圈热处理").locator("[data-fold]")
    fold.click()
    row(page, "热处理外协比价").wait_for()
    fold.click()
    fold.click()
    assert titles(page)[4:6] == ["套圈热处理外协周期 ≤ 6 天", "热处理外协比价"]
    assert len(asked) == 1 and asked[0].startswith("parent=")


def test_a_branch_closed_inside_another_stays_closed(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    row(page, "3 款低噪音").locator("[data-fold]").click()
    top = row(page, "P4 级轴承").locator("[data-fold]")
    top.click()
    assert len(titles(page)) == 2
    top.click()
    assert len(titles(page)) == 4


def test_arrow_keys_walk_open_and_close(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    focused = "document.activeElement.querySelector('[data-goal-link]')?.textContent"
    page.locator("tr[data-goal]").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "3 款低噪音密封轴承定型"
    page.keyboard.press("ArrowLeft")
    assert row(page, "3 款低噪音").get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "套圈热处理外协周期 ≤ 6 天"
    page.keyboard.press("ArrowRight")
    row(page, "热处理外协比价").wait_for()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "热处理外协比价"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == "套圈热处理外协周期 ≤ 6 天"
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.evaluate(focused) == "P4 级轴承准时交付率 ≥ 95%"


def test_what_was_open_is_open_at_the_next_visit(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    row(page, "套圈热处理").locator("[data-fold]").click()
    row(page, "热处理外协比价").wait_for()
    with page.expect_response("**/rows/?open=*"):
        visit("tree")
    opened = asked[-1].removeprefix("open=").split("%2C")
    assert len(opened) == 3


def test_somebody_else_on_the_same_browser_starts_afresh(
    visit: Callable[[str], Any], asked: list[str], answers: dict[str, Server], render: Callable[..., str]
) -> None:
    page = visit("tree")
    row(page, "3 款低噪音").locator("[data-fold]").click()
    answers["/theirs/"] = lambda _request: (200, render("tree", scope="chengyuan:8"))
    page.goto(f"{SITE}/theirs/", wait_until="networkidle")
    assert asked == []


def test_an_address_with_open_branches_wins_over_memory(visit: Callable[[str], Any], asked: list[str]) -> None:
    page = visit("tree")
    row(page, "3 款低噪音").locator("[data-fold]").click()
    page.goto(f"{SITE}/tree/?open=shared", wait_until="networkidle")
    assert asked == []
