"""Whom a request of the API comes from. Apart from the door, as DRF reads this while its own views are loaded."""

from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication

CHALLENGE = 'Bearer realm="api"'


@dataclass(frozen=True)
class Holder:
    """What a token stands for."""

    token_id: int
    account_id: int
    writes: bool
    name: str
    scopes: frozenset[str] = frozenset()
    is_authenticated: bool = True  # what DRF asks of a user

    def __str__(self) -> str:
        return self.name


class ByToken(BaseAuthentication):
    """Who came in is settled at the door, before the scope opens; here DRF is told."""

    def authenticate(self, request: Any) -> tuple[Holder, str]:
        return request._request.holder, "token"

    def authenticate_header(self, request: Any) -> str:
        return CHALLENGE
