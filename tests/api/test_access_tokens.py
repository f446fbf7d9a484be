"""Who makes a token, what it opens, and when it opens nothing."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from psycopg2.errors import LockNotAvailable

from perfsys.audit.models import AuditEntry
from perfsys.people.attempts import CALLS
from perfsys.tokens import actions, problems
from perfsys.tokens.models import ApiToken
from tests.cast import today
from tests.conftest import assert_page_queries

PAGE = "/t/acme/tokens/"


def form(**more):
    return {"name": "OA", "reach": "read", "expires_on": today() + timedelta(days=30), **more}


def test_an_administrator_makes_one_and_it_is_shown_once(anna, ada):
    """It acts as the one who made it, whoever else is named."""
    page = anna.client.post(PAGE, form(acts_as="E-ada")).content.decode()
    token = re.search(r"pm_[\w-]{43}", page)[0]
    assert token not in anna.client.get(PAGE).content.decode()
    with anna.scope:
        made = ApiToken.objects.get()
        assert (made.digest, made.acts_as_id) == (actions.digest_of(token), anna.employee.pk)
        assert token not in str(list(AuditEntry.objects.values()))
        assert AuditEntry.objects.filter(verb="tokens.made", about_id=anna.employee.pk).count() == 1


@pytest.mark.parametrize("days", [-1, 366])
def test_it_ends_within_a_year(anna, ada, days):
    answer = anna.client.post(PAGE, form(expires_on=today() + timedelta(days=days)))
    assert answer.status_code == 422
    assert "pm_" not in answer.content.decode()


def test_the_page_costs_the_same_however_many_there_are(anna, ada, program):
    # 1 session, 1 account, 1 scope, 1 viewer, 1 tokens with their people, 1 inbox, 1 gaps
    for _more in range(2):
        program(ada)
        assert_page_queries(anna.client, PAGE, 7)


def test_it_reads_as_its_person_and_notes_that_it_was_used(ada, program):
    ask = program(ada, "read")
    assert ask("get", "goals/").json() == {"next": None, "previous": None, "results": []}
    with ada.scope:
        assert ApiToken.objects.get().last_used_at is not None


def refused(answer, status):
    assert answer.status_code == status
    assert answer["Content-Type"] == problems.PROBLEM
    assert answer.json()["status"] == status
    return answer


def test_one_that_was_taken_back_opens_nothing(anna, ada, program):
    ask = program(ada)
    with ada.scope:
        public_id = ApiToken.objects.get().public_id
    assert anna.client.post(f"{PAGE}{public_id}/revoke/").status_code == 302
    assert refused(ask("get", "goals/"), 401)["WWW-Authenticate"].startswith("Bearer")
    with ada.scope:
        assert AuditEntry.objects.filter(verb="tokens.revoked").count() == 1


def test_one_that_is_over_opens_nothing(ada, program, time_machine):
    ask = program(ada, days=1)
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert ask("get", "goals/").status_code == 200
    time_machine.move_to(timezone.now() + timedelta(days=1))
    refused(ask("get", "goals/"), 401)


def test_it_goes_with_the_seat_of_its_person(ada, program):
    ask = program(ada)
    with ada.scope:
        ada.membership.is_active = False
        ada.membership.save()
    refused(ask("get", "goals/"), 401)


def test_one_of_another_company_is_none(ada, otto, program):
    theirs = program(otto)
    theirs.person = ada
    refused(theirs("get", "goals/"), 401)


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer pm_", "Basic pm_x", "Bearer x", "Bearer pm_é"])
def test_anything_else_is_none(client, ada, sent):
    refused(client.get("/t/acme/api/v1/goals/", headers={"Authorization": sent}), 401)
    refused(client.get("/t/nobody/api/v1/goals/", headers={"Authorization": sent}), 401)


def test_one_that_reads_writes_nothing(ada, program):
    refused(program(ada, "read")("post", "adjustments/9d6b5b6e-0000-4000-8000-000000000000/withdraw/"), 403)


def test_a_program_that_runs_wild_is_asked_to_wait(ada, program):
    cache.clear()
    ask = program(ada)
    ask("get", "goals/")
    key = next(key for key in cache._cache if "calls" in key)
    cache.set(key.partition(":1:")[2], CALLS.amount, CALLS.seconds)
    assert refused(ask("get", "goals/"), 429)["Retry-After"] == "60"
    cache.clear()


def test_one_that_asks_the_same_while_the_first_takes_long_is_to_come_back(ada, program):
    taken = OperationalError("canceling statement due to lock timeout")
    taken.__cause__ = LockNotAvailable()
    with patch("perfsys.tokens.once.Answered") as rows:
        rows.objects.get_or_create.side_effect = taken
        answer = program(ada)("post", "goals/", {}, **{"Idempotency-Key": "k"})
    assert refused(answer, 409)["Retry-After"] == "10"


def test_it_answers_in_the_language_that_is_asked_for_or_the_companys(ada, program):
    ask = program(ada)
    nothing = "goals/9d6b5b6e-0000-4000-8000-000000000000/"
    own, english = ask("get", nothing), ask("get", nothing, **{"Accept-Language": "en"})
    assert (own.json()["detail"], english.json()["detail"]) == ("未找到。", "Not found.")


@pytest.mark.parametrize(
    ("body", "chinese", "english"),
    [
        (b'{"title": "a",}', "第 1 行第", "line 1, character"),
        (b"\xff\xfe{", "UTF-8", "UTF-8"),
        (b'{"weight": NaN}', "数字", "a number"),
        (b"[" * 100_000, "嵌套", "nested"),
    ],
)
def test_what_is_no_json_is_told_in_the_readers_language(ada, program, body, chinese, english):
    ask = program(ada)
    for headers, words in (({}, chinese), ({"Accept-Language": "en"}, english)):
        answer = ask("post", "goals/", body, **headers)
        assert words in refused(answer, 400).json()["detail"]
        assert answer["Content-Type"] == "application/problem+json"
