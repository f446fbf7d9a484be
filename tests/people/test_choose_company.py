"""After signing in: straight to the one company, or the picker (product.md §1.2)."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from perfsys.people.models import Account
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import use_tenant

pytestmark = pytest.mark.django_db


def test_nobody_is_sent_to_sign_in() -> None:
    assert Client().get("/").headers["Location"] == "/accounts/login/"
    assert Client().get("/tenants/").headers["Location"] == "/accounts/login/"


def test_one_company_opens_at_once(ada: Any) -> None:
    assert ada.client.get("/").headers["Location"] == "/t/acme/"


def test_several_companies_are_offered_by_name(ada: Any) -> None:
    with use_tenant(2):
        Membership.objects.create(account=ada.account)
    assert ada.client.get("/").headers["Location"] == "/tenants/"
    page = ada.client.get("/tenants/")
    assert [m["url"] for m in page.context["memberships"]] == ["/t/globex/", "/t/acme/"]
    assert "乙公司".encode() in page.content


def test_a_seat_that_is_over_is_not_offered(ada: Any) -> None:
    with ada.scope:
        Membership.objects.filter(pk=ada.membership.pk).update(is_active=False)
    assert ada.client.get("/tenants/").context["memberships"] == []


def test_an_account_without_company_gets_a_kind_page() -> None:
    client = Client()
    client.force_login(Account.objects.create_user(email="new@nowhere.example", password="x"))
    assert client.get("/").headers["Location"] == "/tenants/"
    assert client.get("/tenants/").status_code == 200


def test_another_company_is_not_found(ada: Any) -> None:
    assert ada.client.get("/t/globex/").status_code == 404
    assert ada.client.get("/t/nowhere/").status_code == 404


def test_everybody_has_a_first_page(ada: Any, marta: Any, henk: Any, anna: Any) -> None:
    for person in (ada, marta, henk, anna):
        first = person.client.get("/t/acme/").headers["Location"]
        assert first.startswith("/t/acme/")
        assert first != "/t/acme/"


def test_the_companys_language_comes_along_to_a_new_browser(ada: Any) -> None:
    assert ada.client.get("/t/acme/").cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_a_language_chosen_before_stays(ada: Any) -> None:
    ada.client.post("/language/", {"language": "en"})
    assert settings.LANGUAGE_COOKIE_NAME not in ada.client.get("/t/acme/").cookies


def test_look_and_language_follow_a_person_to_another_browser(ada: Any) -> None:
    ada.client.post("/t/acme/me/theme/", {"theme": "dark"})
    ada.client.post("/t/acme/me/language/", {"language": "en"})
    other = Client()
    other.force_login(ada.account)
    cookies = other.get("/t/acme/").cookies
    assert (cookies["theme"].value, cookies[settings.LANGUAGE_COOKIE_NAME].value) == ("dark", "en")


def test_following_the_device_again_forgets_the_theme(ada: Any) -> None:
    ada.client.post("/t/acme/me/theme/", {"theme": "dark"})
    response = ada.client.post("/t/acme/me/theme/", {"theme": "auto"})
    assert response.cookies["theme"].value == ""


def test_a_small_form_leads_back_to_its_page_and_never_elsewhere(ada: Any) -> None:
    def back(wanted: str) -> str:
        form = {"theme": "dark", "next": wanted}
        return str(ada.client.post("/t/acme/me/theme/", form).headers["Location"])

    assert back("/t/acme/goals/") == "/t/acme/goals/"
    assert back("https://evil.example/") == "/t/acme/me/"
    assert back("//evil.example/") == "/t/acme/me/"
    assert back("http://testserver/t/acme/goals/") == "http://testserver/t/acme/goals/"
    assert back("inbox") == back("https") == "/t/acme/me/"
    assert ada.client.post("/t/acme/me/language/", {"language": "xx"}).status_code == 302
