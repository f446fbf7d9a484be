"""Every address, every role (T2), and every address for the other company's objects (T1)."""

import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from perfsys.tenancy.models import TenantModel
from perfsys.tenancy.routes import Route, every_route
from tests import matrix
from tests.cast import Person
from tests.conftest import clone
from tests.matrix import Company, client_of
from tests.probe.models import Note

ROWS = matrix.rows()
ROUTES = {route.name: route for route in every_route() if route.name not in settings.PUBLIC_VIEWS}
OF_TENANTS = {name: route for name, route in ROUTES.items() if "tenant" in route.converters}

METHODS = ("get", "post", "put", "patch", "delete")

World = tuple[Company, Company]


@pytest.fixture(scope="module")
def companies(cluster: Any, worker_id: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, committed in a database of this module's own; each test rolls back what it does there."""
    with django_db_blocker.unblock(), clone(cluster, f"matrix_{worker_id}"):
        yield matrix.build()


@pytest.fixture
def world(companies: World, db: None) -> World:
    return companies


def test_every_route_has_a_row():
    assert {row.name for row in ROWS} == set(ROUTES)


def test_every_row_is_named_once_for_each_method():
    named = [str(row) for row in ROWS]
    assert sorted(named) == sorted(set(named))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_it_answers_each_role_as_the_matrix_says(row, world):
    ours, theirs = world
    people: dict[str, Person | None] = {**ours.people, "other": theirs.admin, "anonymous": None}
    url = address(ROUTES[row.name], ours, row.args(ours))
    answers = {role: status(row.method, url, person, row.data(ours)) for role, person in people.items()}
    assert answers == row.expected


def address(route: Route, company: Company, args: dict[str, Any]) -> str:
    tenant = {"tenant": company.slug} if "tenant" in route.converters else {}
    return reverse(route.name, kwargs={**tenant, **args})


def status(method: str, url: str, person: Person | None, data: dict[str, Any]) -> int:
    return ask(method, url, person, data).status_code


def ask(method: str, url: str, person: Person | None, data: dict[str, Any] | None = None) -> Any:
    with transaction.atomic():
        answer = getattr(client_of(person), method)(url, data or {})
        transaction.set_rollback(True)
    return answer


# --- T1: the other company's objects ----------------------------------------------------------------------------


def harvest(company: Company) -> dict[str, list[Any]]:
    """What could stand in an address and name something of this company, by the converter that takes it."""
    found: dict[str, list[Any]] = {"uuid": [], "int": []}
    with company.owner.scope:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                found["int"] += model.objects.values_list("pk", flat=True)[:1]
                if has_public_id(model):
                    found["uuid"] += model.objects.values_list("public_id", flat=True)[:1]
    found["slug"] = [company.slug, *map(str, found["uuid"][:3])]
    found["str"] = found["path"] = [company.canary, *found["slug"]]
    return found


def has_public_id(model: type[TenantModel]) -> bool:
    return model.keys_enforced and any(field.name == "public_id" for field in model._meta.local_fields)


def test_the_other_company_has_one_of_everything(world):
    """Otherwise the sweep below proves nothing about it: make one in `populate` of the app's matrix.py."""
    empty = []
    with world[1].owner.scope:
        empty = [
            m._meta.label
            for m in apps.get_models()
            if issubclass(m, TenantModel) and has_public_id(m) and not m.objects.exists()
        ]
    assert empty == []


@pytest.mark.parametrize("name", OF_TENANTS)
def test_no_address_shows_or_touches_anything_of_another_company(name, world):
    assert holes_in(OF_TENANTS[name], *world) == []


@pytest.mark.parametrize(
    "hole", [lambda theirs: theirs.note, lambda theirs: Note(title="harmless", public_id=uuid.uuid4())]
)
def test_the_sweep_notices_a_page_that_shows_what_it_should_not(hole, world, monkeypatch):
    monkeypatch.setattr("tests.probe.views.get_object_or_404", lambda *args, **kwargs: hole(world[1]))
    assert holes_in(OF_TENANTS["probe:note"], *world)


def holes_in(route: Route, ours: Company, theirs: Company) -> list[tuple[str, str, str, int]]:
    """(role, method, address, status) of each answer that is no refusal, differs from the answer to an id that nobody
    has, or says something of theirs."""
    found = []
    for url, control in attempts(route, ours, theirs):
        for method, (role, person) in product(methods_of(url, ours), ours.people.items()):
            answer = ask(method, url, person)
            refused = answer.status_code in {403, 404} or route.rule == "public"
            alike = answer.status_code == 404 or answer.status_code == status(method, control, person, {})
            body = answer.content.decode(errors="replace")
            if not refused or not alike or theirs.canary in body or theirs.owner.employee.name in body:
                found.append((role, method, url, answer.status_code))
    return found


def methods_of(url: str, ours: Company) -> list[str]:
    """Those a view runs for; a 405 comes before anybody looks for an object."""
    return [method for method in METHODS if status(method, url, ours.admin, {}) != 405]


def attempts(route: Route, ours: Company, theirs: Company) -> Iterator[tuple[str, str]]:
    """(address, the same address with an id of nobody's). Through the stranger's door, and, with each of their ids in
    place of each of ours, through our own. Without a row to take ours from, theirs stand in every place."""
    foreign, nobody = harvest(theirs), {"uuid": uuid.uuid4(), "int": 2**40}
    kinds = {place: kind_of(converter) for place, converter in route.converters.items() if place != "tenant"}
    known = next((row.args(ours) for row in ROWS if row.name == route.name), None)
    known = known or {place: foreign[kind][0] for place, kind in kinds.items()}
    yield address(route, theirs, known), address(route, theirs, known)
    for place, kind in kinds.items():
        for value in foreign[kind]:
            control = {**known, place: nobody.get(kind, "nobody")}
            yield address(route, ours, {**known, place: value}), address(route, ours, control)


def kind_of(converter: Any) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
