"""Every address, every role (T2), and every address for the other company's objects (T1)."""

import functools
import io
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from perfsys.people.models import OrgUnit
from perfsys.tenancy.models import TenantModel
from perfsys.tenancy.routes import Route, every_route
from tests import matrix
from tests.cast import Person
from tests.conftest import clone
from tests.matrix import Company, Row, by_token, client_of, is_api
from tests.probe.models import Note

ROWS = matrix.rows()
ROUTES = {route.name: route for route in every_route() if route.name not in settings.PUBLIC_VIEWS}
OF_TENANTS = {name: route for name, route in ROUTES.items() if "tenant" in route.converters}

ALL, MOST = tuple(matrix.ROLES[:5]), ("owner", "admin")  # the whole cast; those with the most rights
METHODS = ("get", "post", "put", "patch", "delete")
WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO)\b", re.I)

World = tuple[Company, Company]


@pytest.fixture(scope="module")
def companies(cluster: Any, worker_id: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, committed in a database of this module's own; each test rolls back what it does there."""
    with django_db_blocker.unblock(), clone(cluster, f"matrix_{worker_id}"):
        companies = matrix.build()
        for company in companies:
            company.harvest = harvest(company)
        yield companies


@pytest.fixture
def world(companies: World, db: None) -> World:
    cache.clear()  # how often somebody has searched
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
    url, wrote, answers = address(ROUTES[row.name], ours, row.args(ours)), {}, {}
    for role, person in people.items():
        with CaptureQueriesContext(connection) as asked:
            answers[role] = status(row.method, url, person, row.data(ours))
        wrote[role] = [q["sql"] for q in asked if WRITES.match(q["sql"]) and '"django_session"' not in q["sql"]]
    assert answers == row.expected
    if row.method == "get":  # security.md §3, item 15: looking writes nothing; the session notes when it was last seen
        assert wrote == {role: [] for role in people}


def address(route: Route, company: Company, args: dict[str, Any]) -> str:
    tenant = {"tenant": company.slug} if "tenant" in route.converters else {}
    return reverse(route.name, kwargs={**tenant, **args})


def status(method: str, url: str, person: Person | None, data: dict[str, Any]) -> int:
    return ask(method, url, person, data).status_code


def ask(method: str, url: str, person: Person | None, data: dict[str, Any] | None = None) -> Any:
    with transaction.atomic():
        if is_api(url):
            answer = ask_api(method, url, person, data or {})
        else:
            answer = getattr(client_of(person), method)(url, data or {})
        transaction.set_rollback(True)
    return answer


def ask_api(method: str, url: str, person: Person | None, data: dict[str, Any]) -> Any:
    """With the person's token, and in JSON."""
    as_json = {} if method == "get" else {"content_type": "application/json"}
    return getattr(Client(), method)(url, data, headers=by_token(person), **as_json)


# --- what holds at every address, whoever asks ------------------------------------------------------------------


def test_a_form_without_its_token_is_refused(world):
    """security.md §3, item 15."""
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(world[0].admin.client.cookies)
    answers = {}
    for row in ROWS:
        url = address(ROUTES[row.name], world[0], row.args(world[0]))
        if row.method != "get" and not is_api(url):
            answers[str(row)] = getattr(client, row.method)(url, row.data(world[0])).status_code
    assert answers
    assert answers == dict.fromkeys(answers, 403)


def test_a_session_opens_nothing_of_the_api(world):
    """Else a page of another site could ask in somebody's name: no form's token is asked for there."""
    answers = {}
    for row in ROWS:
        url = address(ROUTES[row.name], world[0], row.args(world[0]))
        if is_api(url):
            answers[str(row)] = getattr(client_of(world[0].admin), row.method)(url).status_code
    assert answers
    assert answers == dict.fromkeys(answers, 401)


def test_no_address_echoes_a_request(world):
    """security.md §3, item 37: no TRACE."""
    answers = {}
    for row in {row.name: row for row in ROWS}.values():
        with transaction.atomic():
            url = address(ROUTES[row.name], world[0], row.args(world[0]))
            answers[row.name] = client_of(world[0].admin).trace(url).status_code
            transaction.set_rollback(True)
    assert {name: code for name, code in answers.items() if code not in {405, 404, 403}} == {}


# --- T1: the other company's objects ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Harvest:
    """What could stand in an address, or in a form, and name something of a company."""

    ids: dict[str, dict[str, Any]]  # by the converter that takes them: table -> the id of a row
    words: dict[str, list[str]]  # the same of converters that take words

    def of(self, kind: str) -> list[Any]:
        return [*self.ids.get(kind, {}).values(), *self.words.get(kind, ())]

    def worth_trying(self, kind: str, asked: list[str], turn: int) -> list[Any]:
        """Where `asked` are the statements of requests for an id that nobody has: an id of each table that one of them
        names anywhere. An id from any other table was looked for where it cannot be, exactly as nobody's (no function
        of the database takes such an id): one of those all the same, another at each `turn`."""
        named = {word for sql in asked for word in re.findall(r"\w+", sql)}
        likely = [value for table, value in self.ids[kind].items() if table in named]
        others = [value for table, value in self.ids[kind].items() if table not in named]
        return [*likely, *others[turn % len(others) :][:1]] if others else likely


def harvest(company: Company) -> Harvest:
    ids: dict[str, dict[str, Any]] = {"uuid": {}, "int": {}}
    with company.owner.scope:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                for kind, field in [("int", "pk"), ("uuid", "public_id")][: 1 + has_public_id(model)]:
                    value = model.objects.values_list(field, flat=True).first()
                    ids[kind] |= {} if value is None else {model._meta.db_table: value}
    slugs = [company.slug, *map(str, list(ids["uuid"].values())[:3])]
    words = [company.canary, *slugs]
    return Harvest(ids, {"slug": slugs, "str": words, "path": words})


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


def test_the_sweep_tries_an_id_of_each_table_that_an_address_looks_into(world, monkeypatch):
    """Also where the row is of another kind than the address is for, and the page then picks it out by itself."""
    ours, theirs = world

    def by_unit(model: Any, public_id: uuid.UUID) -> Note:
        list(OrgUnit.objects.all())
        if public_id == theirs.harvest.ids["uuid"]["people_orgunit"]:
            return theirs.note
        raise Http404

    monkeypatch.setattr("tests.probe.views.get_object_or_404", by_unit)
    found = holes_in(OF_TENANTS["probe:note"], ours, theirs)
    assert {(role, status) for role, _method, _url, status in found} == {(role, 200) for role in MOST}


def holes_in(route: Route, ours: Company, theirs: Company) -> list[tuple[str, str, str, int]]:
    """(role, method, address, status) of each answer that is no refusal, differs from the answer to an id that nobody
    has, or says something of theirs."""
    found = []
    methods = methods_of(route, ours)

    @functools.cache
    def nobodys(method: str, url: str, role: str) -> tuple[int, list[str]]:
        """The status of an address with an id that nobody has, and the statements it took."""
        with CaptureQueriesContext(connection) as asked:
            answer = status(method, url, ours.people[role], {})
        return answer, [query["sql"] for query in asked]

    for url, control, roles in attempts(route, methods, ours, theirs, nobodys):
        for method, role in product(methods, roles):
            answer = ask(method, url, ours.people[role])
            refused = answer.status_code in {403, 404} or route.rule == "public"
            # At their door our token is nobody's; past ours, what differs from nobody's id is a hole as anywhere.
            refused = refused or (is_api(url) and answer.status_code in {401, 422})
            alike = answer.status_code == 404 or url == control
            alike = alike or answer.status_code == nobodys(method, control, role)[0]
            if not refused or not alike or says_of(theirs, text_of(answer)):
                found.append((role, method, url, answer.status_code))
    return found


def says_of(theirs: Company, body: str) -> bool:
    return theirs.canary in body or theirs.owner.employee.name in body


def text_of(answer: Any) -> str:
    """What can be read in it: of a workbook its parts, without the moment it was written at."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        parts = [name for name in book.namelist() if not name.startswith("docProps/")]
        return "".join(book.read(name).decode() for name in parts)


def methods_of(route: Route, ours: Company) -> list[str]:
    """Those a view runs for. TRACE it never does: the refusal names them, before anybody looks for an object; where
    there is none the view runs for all."""
    refused = ask("trace", address(route, ours, known_args(route, ours)), ours.admin)
    allowed = re.findall(r"[a-z]+", refused.headers.get("Allow", "").lower())
    return [method for method in METHODS if refused.status_code != 405 or method in allowed]


def attempts(
    route: Route, methods: list[str], ours: Company, theirs: Company, nobodys: Callable[..., tuple[int, list[str]]]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(address, the same address with an id of nobody's, who tries). Through the stranger's door; with their object of
    the very kind the address is for; and with their ids in place of each of ours, those it might know among them."""
    nobody = {"uuid": uuid.uuid4(), "int": 2**40, "month": date(2001, 1, 1)}
    kinds = {place: kind_of(converter) for place, converter in route.converters.items() if place != "tenant"}
    known, alike = known_args(route, ours), known_args(route, theirs)
    yield address(route, theirs, alike), address(route, theirs, alike), ALL
    for place, kind in kinds.items():
        control = address(route, ours, {**known, place: nobody.get(kind, "nobody")})
        if alike[place] != known[place]:  # a word of ours as well names nothing of theirs
            yield address(route, ours, {**known, place: alike[place]}), control, ALL
        if kind not in theirs.harvest.ids:  # a month is no id of theirs
            worth_trying = theirs.harvest.words.get(kind, [])
        else:
            asked = [sql for method, role in product(methods, MOST) for sql in nobodys(method, control, role)[1]]
            worth_trying = theirs.harvest.worth_trying(kind, asked, turn=list(OF_TENANTS).index(route.name))
        for value in worth_trying:
            if value != alike[place]:  # that one has been tried, by everybody
                yield address(route, ours, {**known, place: value}), control, MOST


def known_args(route: Route, company: Company) -> dict[str, Any]:
    """What the matrix puts into the address; where it has no row for it, any id of the right type."""
    known = next((row.args(company) for row in ROWS if row.name == route.name), None)
    places = (place for place in route.converters if place != "tenant")
    kept = company.harvest
    return known if known is not None else {place: kept.of(kind_of(route.converters[place]))[0] for place in places}


def kind_of(converter: Any) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


# --- T1: their ids in query strings and bodies -------------------------------------------------------------------

NOBODY = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
NOT_NAMES = {"csrfmiddlewaretoken"}


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in OF_TENANTS], ids=str)
def test_nothing_of_another_company_can_be_named_in_a_query_or_a_form(row, world):
    assert smuggled_into(row, *world) == []


def test_the_sweep_notices_a_list_that_is_narrowed_by_what_it_should_not(world, monkeypatch):
    theirs = world[1].spare_unit
    monkeypatch.setattr(
        "perfsys.people.views.directory.unit_asked_for",
        lambda request: None if request.GET.get("unit") in {None, str(NOBODY)} else theirs,
    )
    assert smuggled_into(row_of("get people:list"), *world)


def test_the_sweep_notices_a_form_that_knows_more_than_it_should(world, monkeypatch):
    theirs = world[1].owner.employee.employee_no

    def knows(self, value):
        raise ValidationError("This number is taken elsewhere." if value == theirs else "Nobody has this number.")

    monkeypatch.setattr("perfsys.people.forms.PersonField.clean", knows)
    assert smuggled_into(row_of("post people:manager"), *world)


def row_of(named: str) -> Row:
    return next(row for row in ROWS if str(row) == named)


def smuggled_into(row: Row, ours: Company, theirs: Company) -> list[tuple[dict[str, Any], str]]:
    """(parameters, what was wrong) of each answer that differs from the answer to a value nobody has."""
    url = address(ROUTES[row.name], ours, row.args(ours))
    person = ours.people[next((role for role in ("admin", "owner", *ALL) if row.expected[role] < 400), "admin")]
    with parameters_read() as read:
        ask(row.method, url, person, row.data(ours))
    controls: dict[str, tuple[tuple[int, str], list[str]]] = {}

    def control(nobodys: dict[str, Any]) -> tuple[tuple[int, str], list[str]]:
        """What the answer to a value nobody has tells, and the statements it took."""
        if str(nobodys) not in controls:
            with CaptureQueriesContext(connection) as asked:
                answer = ask(row.method, url, person, nobodys)
            controls[str(nobodys)] = told(answer, nobodys), [query["sql"] for query in asked]
        return controls[str(nobodys)]

    found = []
    for data, nobodys in parameters(row, sorted(read - NOT_NAMES), ours, theirs, lambda nobodys: control(nobodys)[1]):
        answer = ask(row.method, url, person, data)
        if says_of(theirs, without(text_of(answer), data)):
            found.append((data, "shows something of theirs"))
        elif told(answer, data) != control(nobodys)[0]:
            found.append((data, "answers otherwise than to a value nobody has"))
    return found


@contextmanager
def parameters_read() -> Iterator[set[str]]:
    """Whatever a view, a form or a widget asks of the query string or the body by name, meanwhile."""
    read: set[str] = set()
    originals = {name: getattr(QueryDict, name) for name in ("__getitem__", "_getlist", "__contains__")}

    def noting(original: Any) -> Any:
        def asked(self: QueryDict, key: str, *args: Any, **kwargs: Any) -> Any:
            read.add(key)
            return original(self, key, *args, **kwargs)

        return asked

    try:
        for name, original in originals.items():
            setattr(QueryDict, name, noting(original))
        yield read
    finally:
        for name in originals:
            delattr(QueryDict, name)  # they were the parent's


def parameters(
    row: Row, read: list[str], ours: Company, theirs: Company, asked_by: Callable[[dict[str, Any]], list[str]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(what is sent, the same with a value nobody has). Field by field of the matrix' row: what their row would send,
    and words of theirs; then their ids under every name the view reads: those it might know by the statements that are
    `asked_by` it for an id nobody has."""
    base, alike = row.data(ours), row.data(theirs)
    for field in base:
        for value in {alike[field], *words_of(theirs)} - {base[field]}:
            yield base | {field: value}, base | {field: nobody_like(value)}
    further = [name for name in read if name not in base]
    holds_id = [name for name, value in base.items() if is_uuid(value)]
    for names in filter(None, [further, *([name] for name in holds_id)]):
        nobodys = base | dict.fromkeys(names, NOBODY)
        for value in theirs.harvest.worth_trying("uuid", asked_by(nobodys), turn=ROWS.index(row)):
            yield base | dict.fromkeys(names, value), nobodys


def is_uuid(value: Any) -> bool:
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False


def nobody_like(value: Any) -> Any:
    if is_uuid(value):
        return NOBODY
    return 2**31 - 1 if isinstance(value, int) else "无名氏"


def words_of(theirs: Company) -> set[str]:
    """By which a form might find something of theirs: a number, a name, a unit."""
    return {theirs.owner.employee.employee_no, theirs.owner.employee.name, theirs.spare_unit.path}


def told(answer: Any, data: dict[str, Any]) -> tuple[int, str]:
    """What an answer tells: its status, and its page without what was sent and what differs each time."""
    body = text_of(answer)
    return answer.status_code, without(
        re.sub(r'(csrf\w*"?|x-csrftoken\W+|name="key" )[^>]*|"\w+_at":"[^"]*"', "", body, flags=re.I), data
    )


def without(body: str, data: dict[str, Any]) -> str:
    for value in sorted(map(str, data.values()), key=len, reverse=True):
        body = body.replace(escape(value), "¤").replace(quote(value), "¤") if value else body
    return body
