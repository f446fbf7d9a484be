"""A talk from pack to signatures in a real browser: the manager at a desk, the employee on a phone."""

from typing import Any

import pytest

from reviews.models import Interview, InterviewModule, InterviewState
from tests.browser import too_wide

from .conftest import PHONE, SAID, WIDE

pytestmark = pytest.mark.usefixtures("that_day")


def fits(page: Any) -> bool:
    return too_wide(page) <= 0


def test_the_manager_holds_it_and_the_employee_signs(
    visit: Any, ada: Any, marta: Any, filled: Any, interview: Interview, url: Any
) -> None:
    filled(5, words=20, items=10)
    page = visit(marta, url("prep"), WIDE)
    page.locator(".chart[data-drawn]").wait_for(state="attached")
    assert fits(page)
    page.get_by_role("link", name="砂轮", exact=True).click()
    page.wait_for_url("**/prep/words/**")
    page.go_back()
    form = page.locator("form[action$='/prep/attainment/']")
    form.locator("textarea").fill("需加强沟通")
    form.get_by_label("目标：砂轮改进第 1 项").check()
    form.locator("button[type=submit]").click()
    page.locator("form[action$='/prep/attainment/'] [data-summary]").wait_for()
    form = page.locator("form[action$='/prep/attainment/']")
    assert form.locator("textarea").input_value() == "需加强沟通"
    assert form.get_by_label("目标：砂轮改进第 1 项").is_checked()
    form.locator("[name=instead]").first.check()
    form.locator("button[type=submit]").dblclick()
    page.locator(".toast").wait_for()
    for module in ("success", "development"):
        form = page.locator(f"form[action$='/prep/{module}/']")
        form.locator("textarea").fill(SAID)
        form.locator("[name=facts]").first.check()
        with page.expect_navigation():
            form.locator("button[type=submit]").click()
    page.get_by_role("link", name="看记录并签字").click()
    page.get_by_role("button", name="签字").click()
    page.locator(".toast").wait_for()
    with marta.scope:
        assert InterviewModule.objects.count() == 3

    page = visit(ada, url(), PHONE)
    assert fits(page)
    page.get_by_label("你有不同看法的地方").fill("第二件事是测试组做的")
    page.get_by_role("button", name="签字").click()
    page.locator(".toast").wait_for()
    assert page.get_by_text("第二件事是测试组做的").is_visible()
    with ada.scope:
        assert Interview.objects.get().state == InterviewState.HELD


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_fits_its_width(visit: Any, marta: Any, filled: Any, url: Any, size: dict[str, int]) -> None:
    filled(5, words=20, items=10)
    for address in (url("prep"), url(), url("prep/words") + "?word=砂轮", "/t/acme/meetings/", "/t/acme/meetings/new/"):
        assert fits(visit(marta, address, size)), address
