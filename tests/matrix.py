"""The access matrix: who gets which answer from which address. Every URL of the project has a row (architecture.md §3).

Each app keeps its rows beside its tests, in `tests/<app>/matrix.py`:

    def populate(company: Company) -> None:
        '''Called for both companies, in their scope, with the cast hired: make what the rows point at.'''
        company.goal = create_goal(owner=company.owner.employee, title=f"{company.canary} 合格率", ...)

    MATRIX = [
        Row("goals:goal", colleague=403, args=lambda c: {"public_id": c.goal.public_id}),
        Row("goals:close", "post", owner=302, colleague=403, manager=302, hrbp=403, admin=403,
            args=lambda c: {"public_id": c.goal.public_id}, data=lambda c: {"outcome": "done"}),
        everybody("home", 302),
    ]

`tests/walls/test_access_matrix.py` asks each row as each role, and the sweep asks each address for the other company's
objects. Every model with a `public_id` needs a row in `populate`, its texts beginning with `company.canary`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from django.test import Client

from tests.cast import Person, employ

ROLES = ("owner", "colleague", "manager", "hrbp", "admin", "other", "anonymous")


class Company:
    """A company with five people, each in one part: the owner of the objects, a colleague with the same manager, that
    manager, the HR partner of their unit, the administrator. Apps hang what they make on it."""

    def __init__(self, slug: str, canary: str, names: tuple[str, str, str, str, str]) -> None:
        self.slug, self.canary = slug, canary
        owner, colleague, manager, hrbp, admin = names
        self.manager = employ(slug, manager)
        self.owner = employ(slug, owner, manager=self.manager)
        self.colleague = employ(slug, colleague, manager=self.manager)
        self.hrbp = employ(slug, hrbp, hrbp=True)
        self.admin = employ(slug, admin, admin=True)

    def __getattr__(self, name: str) -> Any:  # what `populate` has put here
        raise AttributeError(f"no populate() made {name}")

    @property
    def people(self) -> dict[str, Person]:
        return {role: getattr(self, role) for role in ROLES[:5]}


@dataclass(frozen=True)
class Row:
    """The statuses one address answers with. `args` are the URL's arguments beside the tenant; `data` goes into the
    body, of a "get" behind the address; `about` tells rows of one address apart by it. `other` is the other company's
    administrator, `anonymous` a visitor, who is sent to sign in."""

    name: str
    method: str = "get"
    owner: int = 200
    colleague: int = 200
    manager: int = 200
    hrbp: int = 200
    admin: int = 200
    other: int = 404
    anonymous: int = 302
    args: Callable[[Company], dict[str, Any]] = lambda company: {}
    data: Callable[[Company], dict[str, Any]] = lambda company: {}
    about: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.about}".rstrip()

    @property
    def expected(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in ROLES}


def everybody(name: str, status: int, method: str = "get", **more: Any) -> Row:
    """A row of a public address: the same answer to all."""
    return Row(name, method, **dict.fromkeys(ROLES, status), **more)


def build() -> tuple[Company, Company]:
    """Both companies, populated; the second is the stranger's."""
    ours = Company("acme", "甲方", ("ada", "bob", "marta", "henk", "anna"))
    theirs = Company("globex", "乙方机密", ("otto", "olga", "oskar", "odile", "omar"))
    for company in (ours, theirs):
        for person in company.people.values():
            person.client  # noqa: B018  # signs in now: what a sweep does is rolled back
        with company.owner.scope:
            for module in modules():
                getattr(module, "populate", lambda company: None)(company)
    return ours, theirs


def rows() -> list[Row]:
    return [row for module in modules() for row in module.MATRIX]


def modules() -> Iterator[Any]:
    """In the order of their apps' rungs, so that a later one finds what an earlier one made."""
    order = [
        "walls",
        "people",
        "jobs",
        "notices",
        "api",
        "imports",
        "lexicon",
        "integrations",
        "goals",
        "feedback",
        "dashboards",
    ]
    found = [path.parent.name for path in Path(__file__).parent.glob("*/matrix.py")]
    for app in sorted(found, key=lambda app: (order.index(app) if app in order else len(order), app)):
        yield import_module(f"tests.{app}.matrix")


def is_api(url: str) -> bool:
    """Whether a token or a signature opens it and a session does not (perfsys/tokens/entry.py, hooks.py of
    integrations)."""
    return "/api/v1/" in url or "/hooks/" in url


def by_token(person: Person | None) -> dict[str, str]:
    """The header of an address of the API; tests/api/matrix.py has made each of the cast a token."""
    return {} if person is None else {"Authorization": f"Bearer {person.token}"}


def client_of(person: Person | None) -> Client:
    """A client of its own for each request: signing out in one row must not sign out in the next."""
    client = Client()
    if person is not None:
        client.cookies.update(person.client.cookies)
    return client
