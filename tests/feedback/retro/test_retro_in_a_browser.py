"""Answering on a phone: three taps. And without a script, and by keyboard."""

import pytest

from feedback.models import Retro
from feedback.retro import from_data
from tests.browser import too_wide
from tests.goals.conftest import PHONE, WIDE

from .conftest import retro_of


@pytest.mark.parametrize("start", ["/t/acme/retro/", "/t/acme/week/"], ids=["from the notice", "from my week"])
def test_three_taps_bring_the_report(visit, opened, ada, start):
    page = visit(ada, start, PHONE)
    assert too_wide(page) <= 0
    for number in (1, 2, 3):
        option = page.locator(".pick.rows label").first
        assert option.bounding_box()["height"] >= 44
        with page.expect_navigation():
            option.click()
        assert too_wide(page) <= 0, number
    page.locator("#figures").wait_for()
    found = retro_of(ada)
    assert found.answered_at is not None
    assert found.answers == {question.ask: "1" for question in from_data(found.questions)}


def test_a_keyboard_looks_at_all_options_before_it_sends(visit, opened, ada):
    page = visit(ada, "/t/acme/retro/", WIDE)
    page.locator("[name=key]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=key]:checked").get_attribute("value") in {"0", "3"}
    assert retro_of(ada).answers == {}
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert len(retro_of(ada).answers) == 1


def test_a_double_tap_answers_one_question(visit, opened, ada):
    page = visit(ada, "/t/acme/retro/", PHONE)
    with page.expect_navigation():
        page.locator(".pick.rows label").first.dblclick()
    page.locator("input[name=ask][value=slowed]").wait_for(state="attached")
    assert len(retro_of(ada).answers) == 1


def test_it_works_without_a_script(visit, opened, ada, browser, live_server):
    visit(ada, "/t/acme/retro/", PHONE)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    session = ada.client.cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url, "httpOnly": True}])
    page.goto(f"{live_server.url}/t/acme/retro/")
    for _ in range(3):
        page.locator(".pick.rows input").first.check()
        page.locator("button[form=retro-form]").click()
    page.locator("#figures").wait_for()
    context.close()
    with opened.scope:
        assert Retro.objects.filter(person=ada.employee, answered_at__isnull=False).count() == 1
