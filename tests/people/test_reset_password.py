"""A new password by mail, and what the page does not tell (security.md §3, item 6)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from perfsys.jobs.models import OutgoingMail
from perfsys.people.models import Account

pytestmark = pytest.mark.django_db
OLD, NEW = "nine bearings turn quietly", "ten bearings turn quietly"


@pytest.fixture
def clerk() -> Account:
    return Account.objects.create_user(email="clerk@acme.example", password=OLD)


def ask(email: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/accounts/password/reset/", {"email": email})


def link() -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", OutgoingMail.objects.get().body)
    assert found
    return found[1]


def set_anew(path: str, password: str = NEW) -> Any:
    client = Client()
    page = client.get(path)
    if page.status_code == 200:
        return page  # the link is spent
    return client.post(page.headers["Location"], {"password1": password, "password2": password})


def signs_in(password: str) -> bool:
    response = Client().post("/accounts/login/", {"login": "clerk@acme.example", "password": password})
    return bool(response.status_code == 302)


def test_the_link_sets_a_new_password(clerk: Account) -> None:
    ask(" Clerk@acme.example ")
    assert set_anew(link()).status_code == 302
    assert signs_in(NEW)
    assert not signs_in(OLD)


def test_the_answer_is_the_same_for_an_unknown_address(clerk: Account) -> None:
    known, unknown = ask("clerk@acme.example"), ask("nobody@acme.example")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert OutgoingMail.objects.count() == 1


def test_the_link_works_once(clerk: Account) -> None:
    ask("clerk@acme.example")
    path = link()
    set_anew(path)
    assert set_anew(path, "eleven bearings turn").context["token_fail"]
    assert signs_in(NEW)


def test_the_link_works_for_fifteen_minutes(clerk: Account) -> None:
    ask("clerk@acme.example")
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert set_anew(link()).context["token_fail"]
    with time_machine.travel(timezone.now() + timedelta(minutes=14), tick=False):
        assert set_anew(link()).status_code == 302


def test_signing_in_meanwhile_spends_the_link(clerk: Account) -> None:
    ask("clerk@acme.example")
    assert signs_in(OLD)
    assert set_anew(link()).context["token_fail"]


def test_the_new_password_is_no_sign_in(clerk: Account) -> None:
    """Whoever has a second step is asked for it: the link alone opens nothing."""
    ask("clerk@acme.example")
    client = Client()
    page = client.get(link())
    client.post(page.headers["Location"], {"password1": NEW, "password2": NEW})
    assert client.get("/tenants/").status_code == 302


def test_a_closed_account_gets_no_link(clerk: Account) -> None:
    Account.objects.update(is_active=False)
    ask("clerk@acme.example")
    assert not OutgoingMail.objects.exists()


def test_a_weak_password_is_refused_with_its_reason(clerk: Account) -> None:
    ask("clerk@acme.example")
    response = set_anew(link(), "short")
    assert response.status_code == 200
    assert response.context["form"].errors["password1"]


def test_the_owner_is_told_afterwards(clerk: Account) -> None:
    ask("clerk@acme.example")
    set_anew(link())
    assert OutgoingMail.objects.filter(to="clerk@acme.example").count() == 2


def test_failures_before_it_are_forgotten(clerk: Account) -> None:
    for _ in range(5):
        signs_in("wrong")
    assert not signs_in(OLD)
    ask("clerk@acme.example")
    set_anew(link())
    assert signs_in(NEW)


def test_an_address_is_asked_for_five_times_an_hour(clerk: Account) -> None:
    codes = [ask("clerk@acme.example").status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
    assert [ask("nobody@acme.example").status_code for _ in range(6)] == codes
