"""manage.py create_tenant: a company with its first administrator, from one line."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from perfsys.jobs.models import OutgoingMail
from perfsys.people.models import Account, RoleGrant
from perfsys.tenancy.scope import use_tenant

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_tenant", *arguments, stdout=out)
    return out.getvalue()


def test_the_administrator_comes_in_by_the_printed_link() -> None:
    said = create("bearings", "--name", "轴承厂", "--admin", " Boss@bearings.example ")
    path = re.search(r"http://127.0.0.1:8000(/invitation/bearings/\S+)", said)
    assert path and path[1] in OutgoingMail.objects.get(to="boss@bearings.example").body
    client = Client()
    password = {"password1": "nine wheels turn quietly", "password2": "nine wheels turn quietly"}
    assert client.post(path[1], password).headers["Location"] == "/t/bearings/"
    assert client.get("/t/bearings/company/").status_code == 200


def test_the_role_is_a_grant_that_can_be_seen_and_taken_back() -> None:
    said = create("bearings", "--name", "轴承厂", "--admin", "boss@bearings.example")
    path = re.search(r"(/invitation/bearings/\S+)", said)
    assert path
    Client().post(path[1], {"password1": "nine wheels turn quietly", "password2": "nine wheels turn quietly"})
    account = Account.objects.get(email="boss@bearings.example")
    client = Client()
    client.force_login(account)
    tenant = client.get("/t/bearings/company/").wsgi_request.seat.tenant_id
    with use_tenant(tenant):
        assert RoleGrant.objects.get().role == "admin"


def test_without_an_administrator_it_says_so() -> None:
    assert "--admin" in create("bearings", "--name", "轴承厂")
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acme", "--name", "甲"], "acme"),
        (["Bad Slug", "--name", "甲"], "Bad Slug"),
        (["under_score", "--name", "甲"], "under_score"),
        (["bearings", "--name", "  "], "公司名称"),
        (["bearings", "--name", "甲", "--admin", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_made_is_a_sentence(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=re.escape(says)):
        create(*arguments)


def test_nothing_is_left_of_a_company_that_could_not_be_made() -> None:
    with pytest.raises(CommandError):
        create("acme", "--name", "甲", "--admin", "boss@acme.example")
    assert not OutgoingMail.objects.exists()
