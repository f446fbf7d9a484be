"""The code from a phone at sign-in: open to everybody, compulsory for some (security.md §3, items 4 and 5)."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.db import connection
from django.test import Client
from django.utils import timezone

from perfsys.people.models import Account

pytestmark = pytest.mark.django_db
PASSWORD = "nine bearings turn quietly"


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def secret() -> str:
    return generate_totp_secret()


@pytest.fixture
def clerk(secret: str) -> Account:
    account = Account.objects.create_user(email="clerk@acme.example", password=PASSWORD)
    TOTP.activate(account, secret)
    return account


def password_given() -> Client:
    client = Client()
    response = client.post("/accounts/login/", {"login": "clerk@acme.example", "password": PASSWORD})
    assert response.headers["Location"] == "/accounts/second-step/authenticate/"
    return client


def give(client: Client, typed: str) -> Any:
    return client.post("/accounts/second-step/authenticate/", {"code": typed})


def is_in(client: Client) -> bool:
    return client.get("/tenants/").status_code == 200


def test_the_password_alone_opens_nothing(clerk: Account, secret: str) -> None:
    client = password_given()
    assert not is_in(client)
    give(client, code(secret))
    assert is_in(client)


def test_a_code_works_once(clerk: Account, secret: str) -> None:
    give(password_given(), used := code(secret))
    again = password_given()
    assert give(again, used).status_code == 200
    assert not is_in(again)


def test_five_wrong_codes_mean_a_pause(clerk: Account, secret: str) -> None:
    client = password_given()
    for number in range(5):
        give(client, f"{number:06}")
    give(client, code(secret))
    assert not is_in(client)


def test_the_secret_is_not_readable_in_the_database(clerk: Account, secret: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        assert secret not in cursor.fetchone()[0]


def set_up(client: Client) -> list[Any]:
    """Switch it on in the browser, giving the password once more."""
    page = client.get("/accounts/second-step/totp/activate/")
    assert page.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post(page.headers["Location"], {"password": PASSWORD})
    page = client.get("/accounts/second-step/totp/activate/")
    response = client.post("/accounts/second-step/totp/activate/", {"code": code(page.context["form"].secret)})
    return [page, response]


def test_everybody_may_switch_it_on_and_gets_codes_for_a_lost_phone() -> None:
    account = Account.objects.create_user(email="ada@acme.example", password=PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "ada@acme.example", "password": PASSWORD})
    _page, response = set_up(client)
    assert response.status_code == 302
    kinds = set(Authenticator.objects.filter(user=account).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    spare = Authenticator.objects.get(user=account, type="recovery_codes").wrap().get_unused_codes()[0]
    other = Client()
    other.post("/accounts/login/", {"login": "ada@acme.example", "password": PASSWORD})
    give(other, spare)
    assert is_in(other)


def test_the_password_is_asked_again_before_the_second_step_changes(anna: Any) -> None:
    """Item 10: five minutes after it was last given."""
    anna.account.set_password(PASSWORD)
    anna.account.save()
    client, began = Client(), timezone.now()
    page = "/accounts/second-step/totp/activate/"
    with time_machine.travel(began, tick=False):
        client.post("/accounts/login/", {"login": anna.account.email, "password": PASSWORD})
        ask = client.get(page).headers["Location"]
        assert ask.startswith("/accounts/reauthenticate/")
        client.post(ask, {"password": "not this one"})
        assert client.get(page).status_code == 302
        client.post(ask, {"password": PASSWORD})
    with time_machine.travel(began + timedelta(minutes=4), tick=False):
        assert client.get(page).status_code == 200
    with time_machine.travel(began + timedelta(minutes=6), tick=False):
        assert client.get(page).headers["Location"].startswith("/accounts/reauthenticate/")


def test_it_is_optional_in_the_demo(anna: Any) -> None:
    assert anna.client.get("/t/acme/me/").status_code == 200


def test_in_production_an_administrator_sets_it_up_first(anna: Any, settings: Any) -> None:
    settings.SECOND_STEP_COMPULSORY = True
    anna.account.set_password(PASSWORD)
    anna.account.save()
    client = Client()
    client.post("/accounts/login/", {"login": anna.account.email, "password": PASSWORD})
    assert client.get("/t/acme/me/").headers["Location"] == "/accounts/second-step/totp/activate/"
    htmx = client.get("/t/acme/me/", headers={"HX-Request": "true"})
    assert htmx.headers["HX-Redirect"] == "/accounts/second-step/totp/activate/"
    set_up(client)
    assert client.get("/t/acme/me/").status_code == 200


def test_in_production_an_administrator_does_not_switch_it_off(anna: Any, settings: Any) -> None:
    settings.SECOND_STEP_COMPULSORY = True
    anna.account.set_password(PASSWORD)
    anna.account.save()
    client = Client()
    client.post("/accounts/login/", {"login": anna.account.email, "password": PASSWORD})
    set_up(client)
    client.post("/accounts/second-step/totp/deactivate/")
    assert Authenticator.objects.filter(user=anna.account, type="totp").exists()


def test_in_production_an_employee_is_not_asked(ada: Any, settings: Any) -> None:
    settings.SECOND_STEP_COMPULSORY = True
    ada.client.force_login(ada.account)
    assert ada.client.get("/t/acme/me/").status_code == 200


def test_whoever_becomes_administrator_while_signed_in_is_led_there_within_minutes(ada: Any, settings: Any) -> None:
    from perfsys.people import sessions

    settings.SECOND_STEP_COMPULSORY = True
    ada.client.force_login(ada.account)
    with ada.scope:
        type(ada.membership).objects.filter(pk=ada.membership.pk).update(granted=["admin"])
    session = ada.client.session
    session[sessions.KEPT] = {**session[sessions.KEPT], "seen": time.time() - 301}
    session.save()
    assert ada.client.get("/t/acme/me/").headers["Location"] == "/accounts/second-step/totp/activate/"
