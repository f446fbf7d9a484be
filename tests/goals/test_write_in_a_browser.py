"""Writing and publishing in a real browser, wide and as narrow as a phone."""

from decimal import Decimal

import pytest

from goals.models import Alignment, Goal, Milestone, Obstacle, ObstacleCause
from goals.queries.writing import told_as
from perfsys.audit.models import AuditEntry
from tests.browser import too_wide
from tests.goals.conftest import PHONE, WIDE


@pytest.fixture
def above(that_day, founded, ada):
    """A published goal of 研发中心, and two obstacles to choose from."""
    with ada.scope:
        ObstacleCause.objects.bulk_create([ObstacleCause(name="台架排期紧"), ObstacleCause(name="客户决策链长")])
        made = founded.tree()[1]
        return Goal.objects.select_related("unit").get(pk=made.pk)


def field(page, name):
    return page.locator(f"[name={name}]")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_goal_is_written_with_a_parent_found_while_typing(visit, above, founded, marta, size):
    page = visit(marta, f"/t/acme/goals/new/?owner={founded.ben.public_id}", size)
    assert too_wide(page) <= 0
    field(page, "title").fill("缩短样件交付周期")
    with page.expect_response(lambda answer: "/goals/parents/" in answer.url):
        field(page, "parent").press_sequentially("轴承")
    option = page.locator("#parents-found option")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == told_as(above)
    field(page, "parent").fill(told_as(above))
    page.get_by_label("台架排期紧").check()
    field(page, "stages-0-title").fill("样件评审")
    field(page, "stages-0-due_on").fill("2026-11-30")
    with page.expect_navigation():  # and its scroll to the stages: a click during it would miss
        page.locator("button[name=more][value=stages]").click()
    page.locator("[name=stages-2-title]").wait_for()
    assert field(page, "title").input_value() == "缩短样件交付周期"
    page.locator(".actions button[type=submit]").click()
    page.wait_for_url("**/goals/publish/**")
    assert "缩短样件交付周期" in page.locator("table").inner_text()
    with marta.scope:
        goal = Goal.objects.get(owner=founded.ben)
        assert Alignment.objects.get(child=goal).parent == above
        assert Obstacle.objects.get(goal=goal).cause.name == "台架排期紧"
        assert Milestone.objects.get(goal=goal).title == "样件评审"


def test_the_kind_of_goal_decides_what_is_asked(visit, above, ada):
    page = visit(ada, "/t/acme/goals/new/", WIDE)
    shown = {"kpi": "target", "behaviour": "cadence_times"}
    for kind, name in shown.items():
        field(page, "kind").select_option(kind)
        assert {other: field(page, other).is_visible() for other in shown.values()} == {
            other: other == name for other in shown.values()
        }
    field(page, "kind").select_option("kpi")
    field(page, "direction").select_option("hold")
    assert field(page, "hold_low").is_visible() and not field(page, "baseline").is_visible()


def test_a_form_that_came_back_says_what_to_mend_and_forgets_nothing(visit, above, ada):
    page = visit(ada, "/t/acme/goals/new/", PHONE)
    field(page, "weight").fill("140")
    field(page, "measure").fill("交付周期")
    page.locator(".actions button[type=submit]").click()
    page.locator("[data-summary]").wait_for()
    assert field(page, "weight").input_value() == "140" and field(page, "measure").input_value() == "交付周期"
    page.locator("[data-summary] a", has_text="%").click()
    assert page.evaluate("document.activeElement.name") == "weight"


def test_two_quick_clicks_publish_once(visit, above, founded, marta):
    with marta.scope:
        for number in range(4):
            founded.draft(founded.ben, f"第 {number} 个", parent=above, weight=Decimal(25))
    page = visit(marta, f"/t/acme/goals/publish/?owner={founded.ben.public_id}", WIDE)
    page.locator(".table-foot button").dblclick()
    page.locator(".toast").wait_for()
    with marta.scope:
        assert Goal.objects.filter(owner=founded.ben, status="published").count() == 4
        assert AuditEntry.objects.filter(verb="goals.set_published", about_id=founded.ben.pk).count() == 1
