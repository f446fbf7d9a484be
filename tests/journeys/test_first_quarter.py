"""From two of HR's own workbooks to an answered alert: administrator, employee, manager, in a real browser."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from goals.models import AlertRule, Alignment, CheckIn, Goal, GoalAlert, Kind, Layer, Status
from goals.tasks import check_health
from perfsys.people.models import Employee, ReportingClosure
from tests.browser import too_wide
from tests.cast import Person, take_seat

from .conftest import DESKTOP, PHONE, run_jobs

DATA = Path(__file__).parent.parent / "data"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin() -> Person:
    return take_seat("acme", "anna", "admin")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """The company's roster with grades of its own kind under a heading nobody knows: what they are is said by hand."""
    book = openpyxl.load_workbook(DATA / "people.xlsx")
    sheet = book["花名册"]
    [heading] = [cell for cell in sheet[4] if cell.value == "职级"]
    heading.value = "X7"
    for [cell] in sheet.iter_rows(min_row=5, min_col=heading.column, max_col=heading.column):
        cell.value = "甲等" if cell.value else None
    path = tmp_path / "花名册.xlsx"
    book.save(path)
    return path


def bring(page: Any, kind: str, path: Path) -> None:
    """Up to the page that asks what the columns mean."""
    page.goto(f"/t/acme/admin/imports/new/{kind}/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="读取文件").click()
    page.wait_for_url(lambda url: "/new/" not in url)
    run_jobs()
    page.reload()


def check_and_import(page: Any) -> None:
    page.get_by_role("button", name="核对每一行").click()
    page.wait_for_url(lambda url: "/columns/" not in url)
    run_jobs()
    page.reload()
    page.locator("form[action$='/import/'] button").click()
    page.wait_for_url(lambda url: "/rows/" not in url)
    run_jobs()
    page.reload()
    page.get_by_text("完成").first.wait_for()


def seat_of(employee: Employee, *roles: str) -> Person:
    person = take_seat("acme", employee.employee_no.lower(), *roles)
    with person.scope:
        employee.membership = person.membership
        employee.save(update_fields=["membership"])
    person.employee = employee
    return person


def a_goal_to_follow() -> tuple[Goal, Employee]:
    """A published goal measured in figures, that leads up to the company's; and its owner's manager, who has few
    people: an untouched company has more alerts than a page shows."""
    supports = Alignment.objects.filter(is_primary=True, parent__layer=Layer.DEPARTMENT).values("child")
    goals = Goal.objects.filter(layer=Layer.POSITION, status=Status.PUBLISHED, kind=Kind.KPI, target__gt=1)
    owners = goals.filter(pk__in=supports).values("owner")
    led = ReportingClosure.objects.filter(depth=1, ends_on=None, manager__status=Employee.Status.ACTIVE)
    team = led.filter(manager=OuterRef("manager")).order_by().values("manager").annotate(n=Count("pk")).values("n")
    fewest = led.annotate(team=Subquery(team)).order_by("team", "pk")
    line = fewest.filter(employee__in=owners).select_related("manager")[0]
    goal = goals.filter(pk__in=supports, owner=line.employee_id).select_related("owner").order_by("number")[0]
    return goal, line.manager


def nights(person: Person) -> None:
    """Two nights: the owner has the first day alone, then those above are told."""
    now = timezone.now()
    with person.scope:
        for night in (now, now + timedelta(days=1)):
            check_health(payload={}, now=night)


def test_two_workbooks_become_goals_that_people_work_with(windows, admin, roster):
    desk = windows.open(DESKTOP, person=admin)
    bring(desk, "people", roster)
    column = desk.get_by_label("“X7”对应什么")
    assert column.input_value() == ""
    column.select_option(label="职级")
    check_and_import(desk)
    bring(desk, "goals", DATA / "goals_2026Q4.xlsx")
    check_and_import(desk)

    with admin.scope:
        assert Employee.objects.filter(status=Employee.Status.ACTIVE).count() == 527
        assert Employee.objects.get(employee_no="HR0003").grade == "甲等"
        goal, boss = a_goal_to_follow()
        owner, manager = seat_of(goal.owner, "employee"), seat_of(boss, "employee", "manager")

    phone = windows.open(PHONE, person=owner)
    phone.goto("/t/acme/week/")
    assert too_wide(phone) <= 0
    above = phone.locator("section[aria-labelledby=sight]")
    with admin.scope:
        parent = Alignment.objects.select_related("parent").get(child=goal, is_primary=True).parent
    assert parent.title in above.inner_text()
    above.get_by_role("link", name=goal.title).click()
    phone.wait_for_url("**/goals/**")
    assert too_wide(phone) <= 0
    phone.locator("#check-in-form [name=value]").fill("1")
    phone.locator("#check-in-form [name=note]").fill("第一份已交评审会")
    phone.locator("#check-in-form button[type=submit]").click()
    phone.locator("td", has_text="第一份已交评审会").wait_for(state="attached")
    with admin.scope:
        assert CheckIn.objects.get(goal=goal).value == 1

    nights(admin)
    with admin.scope:
        alerts = GoalAlert.objects.filter(goal__owner=goal.owner, rule=AlertRule.STALE)
        assert not alerts.filter(goal=goal).exists()  # it has just moved
        stale = alerts.select_related("goal").order_by("-pk")[0]

    seen = windows.open(DESKTOP, person=manager)
    seen.goto("/t/acme/team/")
    seen.get_by_text(stale.goal.title).first.wait_for()

    phone.goto(f"/t/acme/goals/{stale.goal.public_id}/")
    card = phone.locator(f"#alert-{stale.public_id}")
    card.locator(".confirm summary").click()
    card.locator(".confirm textarea").fill("客户改到明年一月验收")
    card.get_by_role("switch").click()
    card.locator(".confirm.done").wait_for()

    seen.goto(f"/t/acme/goals/{stale.goal.public_id}/")
    assert "客户改到明年一月验收" in seen.locator(".confirm.done").inner_text()
