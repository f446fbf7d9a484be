"""A change asked for, answered and seen, in a real browser (product.md §2.9)."""

from decimal import Decimal

import pytest

from goals.models import AdjustmentRequest, Goal
from tests.browser import too_wide
from tests.goals.conftest import PHONE, WIDE


@pytest.fixture
def three(that_day, founded, ada):
    """Ada's published goals: 40, 20 and, as a core goal, 40 %."""
    with ada.scope:
        middle = founded.tree()[1]
        Goal.objects.filter(owner=founded.ada).delete()
        for title, weight, is_core in (("新客户", 40, False), ("复购", 20, False), ("毛利率", 40, True)):
            words = {"weight": Decimal(weight), "is_core": is_core, "target": Decimal(12)}
            founded.draft(founded.ada, title, parent=middle, **words)
        founded.publish(founded.ada)
        return list(Goal.objects.filter(owner=founded.ada).order_by("pk"))


def test_the_employee_asks_the_manager_agrees_and_the_hr_partner_sees_it(visit, three, founded, ada, marta, henk):
    new, again, _core = three
    page = visit(ada, f"/t/acme/goals/{new.public_id}/", WIDE)
    page.get_by_role("link", name="申请调整", exact=True).click()
    page.wait_for_url("**/adjust/")

    def weight(goal):
        row = page.locator(".adjusting", has=page.locator(f"input[value='{goal.public_id}']"))
        return row.locator("[data-weight]"), row.locator("[data-slide]")

    total = page.locator("[data-total]")
    weight(new)[0].fill("２５")  # as an input method for Chinese writes it
    assert total.inner_text() == "85%"  # while typing, the other waits
    weight(new)[0].press("Tab")
    assert [weight(goal)[0].input_value() for goal in (new, again)] == ["25", "35"] and total.inner_text() == "100%"
    weight(again)[1].focus()
    page.keyboard.press("ArrowRight")  # dragged by the keyboard
    assert (weight(new)[0].input_value(), weight(again)[0].input_value()) == ("24", "36")
    page.keyboard.press("ArrowLeft")
    page.locator("[name=reason]").fill("市场转向老客户")
    assert too_wide(page) <= 0
    page.get_by_role("button", name="发出申请").click()
    page.wait_for_url("**/requests/*-*/")

    page = visit(marta, "/t/acme/inbox/", PHONE)
    page.locator("aside li", has_text="市场转向老客户").get_by_role("link").click()
    page.wait_for_url("**/requests/**")
    assert too_wide(page) <= 0
    assert "25%" in page.locator("main").inner_text()
    page.get_by_role("button", name="同意", exact=True).click()
    page.locator("#toasts", has_text="谢谢").wait_for()

    page = visit(henk, "/t/acme/requests/", WIDE)
    assert "已同意" in page.locator("table").last.inner_text()
    page = visit(ada, f"/t/acme/goals/{new.public_id}/versions/", PHONE)
    assert "25%" in page.locator("main").inner_text() and "市场转向老客户" in page.locator("main").inner_text()
    assert too_wide(page) <= 0
    with ada.scope:
        assert AdjustmentRequest.objects.get().state == "approved"
        assert [goal.weight for goal in Goal.objects.filter(owner=founded.ada).order_by("pk")] == [25, 35, 40]
