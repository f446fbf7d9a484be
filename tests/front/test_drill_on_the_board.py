"""The board drills without losing the place: columns are swapped, the address follows, and Back works."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.front.conftest import SITE, Server


@pytest.fixture
def board(page: Any, answers: dict[str, Server], render: Callable[..., str]) -> Any:
    """The board; with the first goal chosen (?goal=1), the third column has another heading."""

    def drilled(request: Any) -> tuple[int, str]:
        html = render("board")
        return 200, html.replace("岗位级</h2>", "岗位级，支撑它的</h2>") if "goal=1" in request.url else html

    answers["/drill/"] = drilled
    page.goto(f"{SITE}/drill/")
    return page


def test_choosing_a_goal_swaps_the_columns_and_the_address(board: Any) -> None:
    board.evaluate("window.stays = true")
    board.locator("a.gcard").first.click()
    board.get_by_role("heading", name="岗位级，支撑它的").wait_for()
    assert board.url == f"{SITE}/drill/?goal=1"
    assert board.evaluate("window.stays")  # the page itself was not loaded again


def test_focus_stays_on_the_card_one_chose(board: Any) -> None:
    card = board.locator("a.gcard").first
    card.focus()
    board.keyboard.press("Enter")
    board.get_by_role("heading", name="岗位级，支撑它的").wait_for()
    assert board.evaluate("document.activeElement.matches('a.gcard')")


def test_back_shows_the_board_as_it_was(board: Any) -> None:
    board.locator("a.gcard").first.click()
    board.get_by_role("heading", name="岗位级，支撑它的").wait_for()
    board.go_back()
    board.get_by_role("heading", name="岗位级", exact=True).wait_for()
    assert board.url == f"{SITE}/drill/"


def test_the_arrow_on_a_card_opens_the_goal_itself(board: Any) -> None:
    board.locator("a.gopen").first.click()
    board.wait_for_url(f"{SITE}/goal/")
    assert board.locator("h1").inner_text() == "6308-2RZ 低噪音密封结构定型"
