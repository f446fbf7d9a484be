"""Whether a prepared question (perfsys.tenancy.prepared) asks what Django would ask with the values themselves."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection


class NotAsPrepared(AssertionError):
    """The function looks at more than its arguments, or decides by their values."""


def as_django_asks(plain: Any, sql: str, values: tuple[Any, ...]) -> None:
    try:
        wanted = _whole(*plain.query.get_compiler(connection=connection).as_sql())
    except EmptyResultSet:
        raise NotAsPrepared("Django would ask nothing") from None
    if wanted != (found := _whole(sql, values)):
        raise NotAsPrepared(f"{wanted}\nis not what is asked:\n{found}")


def _whole(sql: str, values: Any) -> str:
    """As it is sent, the values in their places."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify(sql, values).decode())
