"""Tokens are administrators' work; what is asked with one is answered as its person would be. A token of another
company is no token here."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from perfsys.tokens.actions import make_token
from perfsys.tokens.models import ApiToken
from tests.cast import today
from tests.matrix import Company, Row


def populate(company: Company) -> None:
    now = timezone.now()
    for person in company.people.values():
        made, person.token = make_token(
            name=f"{company.canary} OA",
            reach="write",
            scopes=["people"],
            acts_as=person.employee,
            expires_on=today() + timedelta(days=30),
            today=today(),
            actor=None,
            now=now,
        )
        ApiToken.objects.filter(pk=made.pk).update(last_used_at=now)  # kept to the hour: looking writes nothing
    company.api_token = made


def of_goal(company: Company) -> dict[str, Any]:
    return {"public_id": company.goal.public_id}


def of_line(company: Company) -> dict[str, Any]:
    return of_goal(company) | {"parent_id": company.above.public_id}


def of_request(company: Company) -> dict[str, Any]:
    return {"public_id": company.request.public_id}


ADMINS = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
BY_TOKEN = {"other": 401, "anonymous": 401}
READERS = BY_TOKEN | {"admin": 404}  # as the pages answer: of a draft, and of a request about it
KEEPERS = READERS | {"colleague": 403, "hrbp": 403}

MATRIX = [
    Row("tokens:list", **ADMINS),
    Row("tokens:list", "post", **ADMINS, admin=422, data=lambda c: {"name": "OA"}),
    Row("tokens:revoke", "post", **ADMINS, admin=302, args=lambda c: {"public_id": c.api_token.public_id}),
    Row("tokens:description", **ADMINS),
    Row("tokens:schema", **BY_TOKEN),
    Row("integrations_api:people", **BY_TOKEN),
    Row("integrations_api:person", **BY_TOKEN, args=lambda c: {"public_id": c.owner.employee.public_id}),
    Row("goals_api:goals", **BY_TOKEN),
    Row(
        "goals_api:goals",
        "post",
        **BY_TOKEN,
        owner=403,
        colleague=422,  # an executive; what is made has an id of its own each time, so here nothing is
        manager=403,
        hrbp=403,
        admin=422,
        data=lambda c: {"title": "准时交付", "layer": "company", "due_on": "2020-01-01"},
    ),
    Row("goals_api:goal", **READERS, args=of_goal),
    Row(
        "goals_api:goal",
        "patch",
        **KEEPERS,
        owner=409,
        manager=409,
        args=of_goal,
        data=lambda c: {"version": 2**31 - 1},
    ),
    Row("goals_api:check_ins", **READERS, args=of_goal),
    Row("goals_api:check_ins", "post", **KEEPERS, owner=409, manager=409, args=of_goal, data=lambda c: {"note": "x"}),
    Row("goals_api:evidence", **READERS, args=of_goal),
    Row("goals_api:alignments", **READERS, args=of_goal),
    Row(
        "goals_api:alignments",
        "post",
        **KEEPERS,
        owner=422,
        manager=422,
        args=of_goal,
        data=lambda c: {"parent": str(c.above.public_id)},
    ),
    Row("goals_api:alignment", "delete", **KEEPERS, owner=204, manager=204, args=of_line),
    Row("goals_api:adjust", "post", **KEEPERS, owner=409, manager=409, args=of_goal, data=lambda c: {"reason": "x"}),
    Row("goals_api:requests", **BY_TOKEN),
    Row("goals_api:request", **READERS, args=of_request),
    Row("goals_api:approve", "post", **KEEPERS, owner=403, manager=409, args=of_request, data=lambda c: {"seen": "x"}),
    Row("goals_api:refuse", "post", **KEEPERS, owner=403, args=of_request, data=lambda c: {"reason": "x"}),
    Row("goals_api:withdraw", "post", **KEEPERS, manager=403, args=of_request),
]
