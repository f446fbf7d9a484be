"""The switch in a real browser, at a phone's width: one tap, and the way back."""

import pytest
from django.conf import settings

from goals.models import GoalAlert


@pytest.fixture
def visit(live_server, page, complaints):
    """Opens an address as a person of the cast."""

    def opened(person, path):
        session = person.client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url, "httpOnly": True}]
        )
        page.set_default_timeout(10_000)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(live_server.url + path)
        return page

    yield opened
    assert complaints == []


def state(ada):
    with ada.scope:
        alert = GoalAlert.objects.get()
        return alert.state, alert.reason


def test_one_tap_answers_and_another_takes_it_back(visit, checked, ada):
    page = visit(ada, "/t/acme/week/")
    page.get_by_role("switch").click()
    page.locator(".confirm.done").wait_for()
    assert state(ada) == ("confirmed", "")
    assert page.get_by_role("switch").count() == 0
    page.locator(".confirm.done button").click()
    page.get_by_role("switch").wait_for()
    assert state(ada) == ("open", "")
    assert page.url.endswith("/t/acme/week/")


def test_a_few_words_go_with_it(visit, checked, marta, ada):
    page = visit(marta, "/t/acme/team/")
    page.locator(".confirm summary").click()
    page.locator(".confirm textarea").fill("客户把试制改到四月")
    page.get_by_role("switch").click()
    page.locator(".confirm.done").wait_for()
    assert state(ada) == ("confirmed", "客户把试制改到四月")
    assert "客户把试制改到四月" in page.locator(".confirm.done").inner_text()
