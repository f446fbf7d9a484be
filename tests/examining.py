"""Whether a prepared question (perfsys.tenancy.prepared) asks what Django would ask with the values themselves."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection


class NotAsPrepared(AssertionError):
    """The function looks at more than its arguments, or decides by their values."""


_SEEN: set[int] = set()  # by their hash, of this worker


def as_django_asks(plain: Callable[[], Any], sql: str, values: tuple[Any, ...]) -> None:
    """The same statement with the same values is put together anew once a worker: that is what preparing saves."""
    if (mark := hash((sql, repr(values)))) in _SEEN:
        return
    try:
        wanted = _whole(*plain().query.get_compiler(connection=connection).as_sql())
    except EmptyResultSet:
        raise NotAsPrepared("Django would ask nothing") from None
    if wanted != (found := _whole(sql, values)):
        raise NotAsPrepared(f"{wanted}\nis not what is asked:\n{found}")
    _SEEN.add(mark)


def _whole(sql: str, values: Any) -> str:
    """As it is sent, the values in their places."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify(sql, values).decode())
