"""In by invitation: a new account, an account that joins, a new password for whoever has only a phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfsys.jobs.models import Job, OutgoingMail
from perfsys.people import actions, queries, tasks
from perfsys.people.models import Account, Assignment, Employee, Invitation, InvitationRun
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import use_tenant
from tests.jobs.three_times import run_three_times
from tests.people.organisation import hire

pytestmark = pytest.mark.django_db
PASSWORD = "nine bearings turn quietly"


def link_to(token: str) -> str:
    return f"http://testserver/invitation/acme/{token}/"


def invited(tenant: int = 1, **given: str) -> str:
    """The path of an invitation's link for a new employee."""
    slug = {1: "acme", 2: "globex"}[tenant]
    with use_tenant(tenant):
        employee = hire("W7", name="王五")
        made = actions.invite(employee=employee, link_to=link_to, actor=None, now=timezone.now(), **given)
    return f"/invitation/{slug}/{made.token}/"


def accept(path: str, client: Client | None = None, password: str = PASSWORD) -> Any:
    return (client or Client()).post(path, {"password1": password, "password2": password})


def test_by_e_mail_a_new_account_comes_in_and_sees_its_company() -> None:
    path = invited(email="Wu@acme.example")
    letter = OutgoingMail.objects.get(to="wu@acme.example")
    assert path in letter.body
    client = Client()
    assert client.get(path).context["invitation"]["tenant"]["name"] == "甲公司"
    assert accept(path, client).headers["Location"] == "/t/acme/"
    with use_tenant(1):
        employee = Employee.objects.get(employee_no="W7")
        assert employee.membership is not None
        assert employee.membership.derived == ["employee"]
    assert client.get("/t/acme/me/").status_code == 200


def test_by_phone_the_administrator_hands_the_link_over() -> None:
    path = invited(phone="133 0000 1080")
    assert not OutgoingMail.objects.exists()
    accept(path)
    response = Client().post("/accounts/login/", {"login": "13300001080", "password": PASSWORD})
    assert response.status_code == 302


def test_the_link_works_once() -> None:
    path = invited(email="wu@acme.example")
    accept(path)
    assert Client().get(path).status_code == 410
    assert accept(path, password="eleven bearings turn").status_code == 410


def test_the_link_works_for_seven_days(monkeypatch: pytest.MonkeyPatch) -> None:
    path = invited(email="wu@acme.example")
    at = timezone.now()
    monkeypatch.setattr("perfsys.people.views.door.timezone.now", lambda: at + timedelta(days=7, seconds=1))
    assert Client().get(path).status_code == 410
    monkeypatch.setattr("perfsys.people.views.door.timezone.now", lambda: at + timedelta(days=6, hours=23))
    assert Client().get(path).status_code == 200


def test_a_made_up_link_and_one_of_another_company_look_like_an_old_one() -> None:
    path = invited(email="wu@acme.example")
    for other in (path[:-2] + "x/", path.replace("/acme/", "/globex/"), path.replace("/acme/", "/nowhere/")):
        assert Client().get(other).status_code == 410


def test_the_row_does_not_hold_the_token() -> None:
    path = invited(email="wu@acme.example")
    token = path.split("/")[-2]
    with use_tenant(1):
        assert token not in str(list(Invitation.objects.values()))


def test_a_new_invitation_ends_the_one_before() -> None:
    first = invited(email="wu@acme.example")
    with use_tenant(1):
        employee = Employee.objects.get(employee_no="W7")
        actions.invite(employee=employee, email="wu@acme.example", link_to=link_to, actor=None, now=timezone.now())
    assert Client().get(first).status_code == 410


def test_a_weak_password_is_refused_and_the_link_stays() -> None:
    path = invited(email="wu@acme.example")
    for weak in ("short", "甲公司甲公司甲公司甲公司", "passwordpassword"):
        assert accept(path, password=weak).status_code == 422
    assert accept(path).status_code == 302


def test_an_account_that_exists_signs_in_first_and_then_joins(otto: Any) -> None:
    path = invited(email=otto.account.email)
    assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert accept(path).headers["Location"] == f"/accounts/login/?next={path}"
    page = otto.client.get(path)
    assert page.context["signed_in"]
    assert otto.client.post(path).headers["Location"] == "/t/acme/"
    assert otto.client.get("/t/acme/me/").status_code == 200
    assert len(otto.client.get("/tenants/").context["memberships"]) == 2


def test_an_account_that_joins_keeps_its_password(otto: Any) -> None:
    before = otto.account.password
    otto.client.post(invited(email=otto.account.email), {"password1": PASSWORD, "password2": PASSWORD})
    assert Account.objects.get(pk=otto.account.pk).password == before


def test_a_seat_already_taken_is_not_taken_twice(ada: Any) -> None:
    response = ada.client.post(invited(email="wu@acme.example"))
    assert response.status_code == 422
    with use_tenant(1):
        assert Employee.objects.get(employee_no="W7").membership is None


def test_nobody_invites_somebody_who_has_left() -> None:
    path = invited(email="wu@acme.example")
    with use_tenant(1):
        employee = Employee.objects.get(employee_no="W7")
        today = timezone.now().date()
        actions.leave(employee=employee, on=today, actor=None, now=timezone.now())
        with pytest.raises(actions.HasLeft):
            actions.invite(employee=employee, email="w@a.example", link_to=link_to, actor=None, now=timezone.now())
    assert accept(path).status_code == 410


def test_an_invitation_needs_an_address_or_a_number() -> None:
    with pytest.raises(actions.NotReachable):
        invited()


# --- a new password for whoever has only a phone ---
def phone_worker() -> Employee:
    accept(invited(phone="13300001080"))
    employee: Employee = Employee.objects.get(employee_no="W7")
    return employee


def new_link(employee: Employee) -> str:
    made = actions.invite(employee=employee, phone="13300001080", link_to=link_to, actor=None, now=timezone.now())
    return f"/invitation/acme/{made.token}/"


def test_a_new_invitation_sets_a_new_password() -> None:
    with use_tenant(1):
        path = new_link(phone_worker())
    assert accept(path, password="ten bearings turn quietly").status_code == 302
    login = {"login": "13300001080", "password": "ten bearings turn quietly"}
    assert Client().post("/accounts/login/", login).status_code == 302


def test_it_sets_none_for_an_account_that_another_company_shares() -> None:
    with use_tenant(1):
        employee = phone_worker()
        account = Account.objects.get(phone="+8613300001080")
    with use_tenant(2):
        Membership.objects.create(account=account, is_active=False)  # even one that is over
    with use_tenant(1):
        path = new_link(employee)
    assert accept(path, password="ten bearings turn quietly").headers["Location"].startswith("/accounts/login/")
    assert Account.objects.get(pk=account.pk).check_password(PASSWORD)


def test_it_sets_none_for_an_account_with_e_mail(ada: Any) -> None:
    with ada.scope:
        made = actions.invite(
            employee=ada.employee, email=ada.account.email, link_to=link_to, actor=None, now=timezone.now()
        )
    path = f"/invitation/acme/{made.token}/"
    assert accept(path).headers["Location"].startswith("/accounts/login/")


def test_it_sets_none_for_the_account_of_somebody_else() -> None:
    """An administrator enters a stranger's number on a person of his own."""
    Account.objects.create_user(phone="+8613300001080", password=PASSWORD)
    path = invited(phone="13300001080")
    assert accept(path, password="ten bearings turn quietly").headers["Location"].startswith("/accounts/login/")


def test_who_comes_back_is_invited_anew(ada: Any, anna: Any) -> None:
    """The seat was closed with the leaving: nobody gets in by it unasked, and the person's page says so."""
    page, closed = f"/t/acme/people/{ada.employee.public_id}/", "新的邀请会重新开通"
    with use_tenant(1):
        Membership.objects.filter(pk=ada.employee.membership_id).update(is_active=False)
    assert closed in anna.client.get(page).content.decode()
    with use_tenant(1):
        made = actions.invite(employee=ada.employee, link_to=link_to, actor=None, now=timezone.now())
    ada.client.post(f"/invitation/acme/{made.token}/")
    assert ada.client.get("/t/acme/week/").status_code == 200
    assert closed not in anna.client.get(page).content.decode()


def test_everybody_without_a_sign_in_is_invited_once(ada: Any, anna: Any) -> None:
    """The count first; a button pressed twice is one run, a job run three times one letter each, and whoever has a
    seat, an invitation or no address gets none."""
    page = "/t/acme/people/invite/"
    with use_tenant(1):
        today, before = timezone.localdate(), timezone.localdate() - timedelta(days=9)
        stood = queries.not_in(queries.without_sign_in(today), timezone.now())
        unit = actions.add_unit(name="装配车间", starts_on=before, actor=None, now=timezone.now())
        people = [hire(f"M{number}", name="甲") for number in range(5)]
        for one in people[:4]:
            Employee.objects.filter(pk=one.pk).update(email=f"{one.employee_no}@acme.example".lower())
        Assignment.objects.create(employee=people[0], unit=unit, starts_on=before)
        actions.invite(employee=Employee.objects.get(pk=people[1].pk), link_to=link_to, actor=None, now=timezone.now())
        Employee.objects.filter(pk=people[2].pk).update(status=Employee.Status.LEFT, left_on=today)
        OutgoingMail.objects.all().delete()
    found = anna.client.get(page).context["found"]
    assert (found.number, found.invited, found.unreachable) == (
        stood.number + 4, stood.invited + 1, stood.unreachable + 1
    )  # fmt: skip
    assert found.to_invite == stood.to_invite + 2
    within = f"{page}?unit={unit.public_id}"
    assert anna.client.get(within).context["found"] == queries.NotIn(1, 0, 0, 1)
    run_page = anna.client.post(within).headers["Location"]
    assert anna.client.post(page).headers["Location"] == run_page
    assert anna.client.get(run_page).context["job"]["running"]
    assert anna.client.get(page).context["running_url"] == run_page
    with use_tenant(1):
        job = Job.objects.get(kind="people.invite")
    run_three_times(tasks.invite_all, payload=job.payload, now=timezone.now())
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["m0@acme.example"]
    assert anna.client.get(f"{run_page}status/").headers["HX-Redirect"] == run_page
    assert anna.client.get(run_page).context["run"].sent == 1
    assert anna.client.get(within).context["found"] == queries.NotIn(1, 1, 0, 0)
    assert anna.client.post(within).headers["Location"] == within
    link = re.search(r"/invitation/acme/[\w-]{43}/", OutgoingMail.objects.get().body)
    assert link and Client().get(link[0]).status_code == 200
    with use_tenant(1):  # asked for while somebody gets in by himself: a step looks again
        run = actions.invite_all(people=[people[0].pk, people[3].pk], unit=None, actor=None, now=timezone.now())
        Job.objects.filter(key=f"{run.pk}").update(state=Job.State.DEAD)
        assert queries.has_given_up(run)
    assert anna.client.get(page).context["running_url"] == ""
    with use_tenant(1):
        again = actions.invite_all(people=run.people, unit=None, actor=None, now=timezone.now())
        assert again.pk != run.pk
        assert not actions.invite_some(run_id=again.pk, link_to=link_to, now=timezone.now())
        again.refresh_from_db()
        assert (again.done, again.sent, again.left) == (2, 1, 1)


def test_inviting_many_asks_as_often_as_inviting_few() -> None:
    asked = []
    with use_tenant(1):
        for size in (2, 9):
            people = [hire(f"N{size}-{number}", name="乙") for number in range(size)]
            for one in people:
                Employee.objects.filter(pk=one.pk).update(email=f"{one.employee_no}@acme.example".lower())
            run = InvitationRun.objects.create(people=[one.pk for one in people], asked_at=timezone.now())
            with CaptureQueriesContext(connection) as queried:
                actions.invite_some(run_id=run.pk, link_to=link_to, now=timezone.now())
            run.refresh_from_db()
            assert run.sent == size
            asked.append(len(queried))
    assert asked[0] == asked[1]
