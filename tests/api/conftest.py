"""A goal to ask about, and a program that asks for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from perfsys.tokens.actions import make_token
from tests.cast import Person, today


class Program:
    """Asks with somebody's token, in JSON."""

    def __init__(self, person: Person, token: str) -> None:
        self.person, self.token = person, token

    def __call__(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        named = {"Authorization": f"Bearer {self.token}", **headers}
        as_json = {} if method == "get" else {"content_type": "application/json"}
        return getattr(Client(), method)(f"/t/{self.person.slug}/api/v1/{path}", data, headers=named, **as_json)


@pytest.fixture
def program() -> Callable[..., Program]:
    def make(person: Person, reach: str = "write", days: int = 30, scopes: tuple[str, ...] = ("people",)) -> Program:
        with person.scope:
            _made, token = make_token(
                name="OA",
                reach=reach,
                scopes=scopes,
                acts_as=person.employee,
                expires_on=today() + timedelta(days=days),
                today=today(),
                actor=None,
                now=timezone.now(),
            )
        return Program(person, token)

    return make
