"""The whole circle in the demo company, as the people in it walk it: a feedback from a phone, an action of it, a talk
from its pack, the report on where resources went, and a system that shows by itself what happened on a goal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from feedback.models import ActionItem, Feedback
from perfsys.demo import company
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import all_tenants, use_tenant
from reviews.models import Interview, InterviewModule, InterviewState
from tests.cast import Person, today

from .conftest import DESKTOP, PHONE, Windows

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "demo"
FACT = "夜班砂轮崩边，等了两个小时才等到备件清单。"
HOPE = "把备件清单发给夜班"
SAID = "上季度六次换型都在四十分钟内完成，夹具改法已写成模板，质量组按它验收。"


@pytest.fixture
def demo() -> dict[str, Person]:
    """The demo company of this week, and its four people."""
    call_command("load_demo", verbosity=0)
    with all_tenants("a test looks the demo company up") as call:
        tenant_id = int(call("tenant_named", SLUG)[0][0])
    with use_tenant(tenant_id):
        return {persona: seated(tenant_id, persona) for persona in ("employee", "manager", "hrbp", "admin")}


def seated(tenant_id: int, persona: str) -> Person:
    account = company.account_of(persona)
    membership = Membership.objects.get(account=account)
    client = Client()
    client.force_login(account)
    employee = Employee.objects.get(membership=membership)
    return Person(tenant_id, SLUG, persona, account, membership, client, employee)


def test_the_circle_from_a_feedback_to_a_record_on_a_goal(
    demo: dict[str, Person], windows: Windows, too_wide: Any
) -> None:
    employee, manager, partner = demo["employee"], demo["manager"], demo["hrbp"]

    phone = windows.open(PHONE, person=employee)
    give_feedback(phone, manager)
    assert too_wide(phone) <= 0
    with employee.scope:
        told = Feedback.objects.get(text=FACT)
        assert (told.giver, told.receiver) == (employee.employee, manager.employee)

    desk = windows.open(DESKTOP, person=manager)
    desk.goto(f"/t/{SLUG}/feedback/{told.public_id}/")
    take_it_on(desk)
    with manager.scope:
        taken = ActionItem.objects.get(feedback=told)
        assert (taken.owner, taken.text) == (manager.employee, HOPE)
        talk = Interview.objects.get(employee=employee.employee, manager=manager.employee)

    hold_the_talk(desk, talk)
    phone.goto(f"/t/{SLUG}/meetings/{talk.public_id}/")
    assert too_wide(phone) <= 0
    assert SAID in phone.locator("main").inner_text()
    sign(phone)
    with manager.scope:
        assert Interview.objects.get(pk=talk.pk).state == InterviewState.HELD
        assert InterviewModule.objects.filter(interview=talk).count() == 3

    office = windows.open(DESKTOP, person=partner)
    title = open_an_idle_goal(office)
    assert office.get_by_role("heading", level=1).inner_text() == title


def give_feedback(page: Any, to: Person) -> None:
    page.goto(f"/t/{SLUG}/feedback/new/")
    with page.expect_response(lambda answer: "/about/" in answer.url):
        page.locator("[data-faces] label", has_text=to.employee.name).click()
    page.locator("[name=nature][value=constructive]").check(force=True)
    page.locator("label:has([name=tag])").first.click()
    page.locator("[name=text]").fill(FACT)
    page.locator("#compose-goals label").first.click()
    page.locator("[name=expected_action]").fill(HOPE)
    page.locator(".send-bar button").dblclick()
    page.wait_for_url(lambda url: "/new/" not in url)
    page.locator(".toast").wait_for()


def take_it_on(page: Any) -> None:
    """What was hoped for stands there already."""
    form = page.locator("#take-on form")
    assert form.locator("[name=text]").input_value() == HOPE
    form.locator("[name=due_on]").fill((today() + timedelta(days=7)).isoformat())
    form.get_by_role("button").click()
    page.locator(".deed", has_text=HOPE).wait_for()


def hold_the_talk(page: Any, talk: Interview) -> None:
    page.goto(f"/t/{SLUG}/meetings/")
    page.locator(f"a[href$='/meetings/{talk.public_id}/prep/']").first.click()
    page.locator(".chart[data-drawn]").wait_for(state="attached")
    for module in ("attainment", "success", "development"):
        form = page.locator(f"form[action$='/prep/{module}/']")
        form.locator("textarea").fill(SAID)
        form.locator("[name=facts]").first.check()
        with page.expect_navigation():
            form.locator("button[type=submit]").click()
    page.goto(f"/t/{SLUG}/meetings/{talk.public_id}/")
    sign(page)


def sign(page: Any) -> None:
    page.get_by_role("button", name="签字").click()
    page.locator(".toast").wait_for()


def open_an_idle_goal(page: Any) -> str:
    """From the report on the month before; its title."""
    page.goto(f"/t/{SLUG}/reports/penetration/")
    page.locator(".flow .chart[data-drawn]").wait_for()
    assert page.locator(".flow .sankey-node").count() > 10
    idle = page.locator("section[aria-labelledby=idle] a[href*='/goals/']").first
    title = str(idle.inner_text())
    idle.click()
    page.wait_for_url("**/goals/**")
    return title
