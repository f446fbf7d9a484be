"""The decoding board and the goal tree in a real browser, wide and as narrow as a phone."""

import pytest

from goals.models import Goal
from tests.browser import too_wide
from tests.goals.conftest import PHONE, WIDE

BOARD, TREE = "/t/acme/board/", "/t/acme/tree/"


@pytest.fixture(autouse=True)
def _worth_a_talk(line, ada):
    with ada.scope:
        Goal.objects.filter(pk=line[2].pk).update(health="talk")


def card(page, goal):
    return page.locator(f"#card-{goal.public_id}")


def row(page, goal):
    return page.locator(f"tr[data-goal='{goal.public_id}']")


def fits(page):
    return too_wide(page) <= 0


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_board_drills_from_the_company_to_the_person_and_opens_the_goal(visit, line, ada, size):
    top, middle, leaf = line
    page = visit(ada, BOARD, size)
    assert fits(page)
    for goal, below in [(top, middle), (middle, leaf)]:
        card(page, goal).click()
        page.wait_for_url(f"**{BOARD}?goal={goal.public_id}")
        card(page, below).wait_for()
        assert fits(page)
    card(page, leaf).click()
    page.wait_for_url(f"**/goals/{leaf.public_id}/")
    assert leaf.title in page.locator("h1").inner_text()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_branch_of_the_tree_opens_and_is_open_at_the_next_visit(visit, line, ada, size):
    top, middle, leaf = line
    page = visit(ada, TREE, size)
    for goal, below in [(top, middle), (middle, leaf)]:
        row(page, goal).locator("[data-fold]").click()
        row(page, below).wait_for()
    assert fits(page)
    page.reload()
    row(page, leaf).wait_for()


def test_the_tree_is_walked_by_keyboard_down_to_a_goals_page(visit, line, ada):
    top, middle, leaf = line
    page = visit(ada, TREE, WIDE)
    row(page, top).focus()
    for below in (middle, leaf):
        page.keyboard.press("ArrowRight")
        row(page, below).wait_for()
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/goals/{leaf.public_id}/")


def test_a_filter_is_not_undone_by_the_branches_one_left_open(visit, line, ada):
    top, middle, leaf = line
    page = visit(ada, TREE, WIDE)
    row(page, top).locator("[data-fold]").click()
    row(page, middle).wait_for()
    with page.expect_response(lambda answer: "/tree/rows/" in answer.url and "open=" in answer.url):
        page.locator("a[href$='health=talk']").click()
    page.wait_for_load_state("networkidle")
    row(page, leaf).wait_for()
    assert row(page, top).count() == 0
