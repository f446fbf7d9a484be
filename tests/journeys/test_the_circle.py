"""The whole circle in the demo company, as the people in it walk it: a feedback from a phone, an action of it, a talk
from its pack, the report on where resources went, and a system that shows by itself what happened on a goal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from feedback.models import ActionItem, Feedback
from goals.models import Goal, Status
from perfsys.demo import company
from perfsys.demo.crm import TOKEN, SampleCrm, serving
from perfsys.people.models import Account, Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import all_tenants, use_tenant
from reviews.models import Interview, InterviewModule, InterviewState
from tests.browser import too_wide
from tests.cast import Person, today

from .conftest import DESKTOP, PHONE, Windows, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "demo"
FACT = "夜班砂轮崩边，等了两个小时才等到备件清单。"
HOPE = "把备件清单发给夜班"
CUSTOMER = "C10008"  # one of forty; two others were deleted over there
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
    employee = Employee.objects.get(membership=membership)
    return Person(tenant_id, SLUG, persona, account, membership, employee)


def test_the_circle_from_a_feedback_to_a_record_on_a_goal(
    demo: dict[str, Person], windows: Windows, settings: Any
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

    goal, owner = a_goal_about_a_customer(employee.tenant_id)
    theirs = windows.open(PHONE, person=owner)
    theirs.goto(f"/t/{SLUG}/goals/{goal.public_id}/")
    evidence = theirs.locator("section[aria-labelledby=evidence]")
    assert evidence.get_by_role("link").count() == 0
    with serving(SampleCrm(token=TOKEN)) as crm:
        settings.INTEGRATION_INTRANET = [f"{SLUG}=127.0.0.1:{crm.server_port}"]
        days = company.weeks_until(today() - timedelta(days=1)).days
        connect_the_crm(windows.open(DESKTOP, person=demo["admin"]), f"{crm.address}/{days}")
    theirs.reload()
    customer = evidence.get_by_role("link", name=goal.evidence_number)
    assert customer.inner_text().startswith("CRM")
    assert too_wide(theirs) <= 0
    customer.click()
    assert goal.evidence_number in theirs.locator("section[aria-labelledby=says]").inner_text()
    assert too_wide(theirs) <= 0


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


def a_goal_about_a_customer(tenant_id: int) -> tuple[Goal, Person]:
    """One that names a customer of the CRM, and its owner in a seat."""
    with use_tenant(tenant_id):
        named = Goal.objects.filter(evidence_type="customer", evidence_number=CUSTOMER, status=Status.PUBLISHED)
        free = named.filter(owner__membership=None, owner__status=Employee.Status.ACTIVE)
        goal = free.select_related("owner").order_by("number")[0]
        account = Account.objects.create_user(email=f"{goal.owner.employee_no}@demo.example", password="owner")
        goal.owner.membership = Membership.objects.create(account=account, derived=[Role.EMPLOYEE])
        goal.owner.save(update_fields=["membership"])
    return goal, Person(tenant_id, SLUG, "owner", account, goal.owner.membership, goal.owner)


def connect_the_crm(page: Any, address: str) -> None:
    """From nothing to its first reading: chosen, tested, looked at, switched on."""
    page.goto(f"/t/{SLUG}/admin/integrations/new/")
    page.locator("a[href$='/new/crm/']").click()
    page.locator("[name=name]").fill("CRM")
    page.locator("[name$=base_url]").fill(address)
    page.locator("[name=secret-token]").fill(TOKEN)
    page.locator("form.panel button[type=submit]").click()
    page.locator("form[action$='/test/'] button").click()
    page.locator("form[action$='/preview/'] button").first.click()
    page.get_by_role("cell", name="C10001").first.wait_for()
    page.locator("form[action$='/switch-on/'] button").first.click()
    page.locator(".toast").wait_for()
    run_jobs()
    page.reload()
    assert page.get_by_text("760").count() > 0  # visits
