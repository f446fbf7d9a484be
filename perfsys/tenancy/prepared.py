"""Questions that stand on many pages, put together and compiled once: what varies is filled in each time.

    @prepared
    def _open_of(person: int) -> QuerySet[Notice]:
        return Notice.objects.filter(to=person, state=Notice.State.OPEN)

    found = _open_of(person.pk)  # a list, read with one statement

Putting a query together and compiling it costs Django a millisecond, reading the few rows it gives a tenth of that. The
function is called once with a `Slot` for each argument by place; arguments by name are what shapes the question (roles,
switches): each combination of them is a question of its own.

Both walls stand as they do for every other query. No tenant is kept: while a question is put together the open scope's
tenant is a mark (`scope.put_together`), which stands for whichever scope is open when it is asked, and without one it is
refused. Row security sees an ordinary statement. What such a function must not do is look at anything besides its
arguments: a slot compares, counts and decides nothing. In tests each answer is asked for the statement that Django would
have written with the values themselves (`EXAMINED`).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet, Value
from django.utils import timezone

from .scope import OPEN_TENANT, current_tenant_id, put_together

if TYPE_CHECKING:  # the stubs do not know PostgreSQL's own
    from django.db.models.sql.compiler import SQLCompiler
else:
    from perfsys.tenancy.backend.compiler import SQLCompiler

P = ParamSpec("P")
Row = TypeVar("Row")

EXAMINED = False  # the tests switch it on
FITTING = (int, str, date, UUID, list)  # bool is an int, a moment a date


class NotAsPrepared(AssertionError):
    """With these values Django would have asked something else: the function looks at more than its arguments."""


class Slot(Value):
    """Where a value will stand. It is none yet, so that nothing may be decided by it."""

    def __init__(self, place: int) -> None:
        super().__init__(None)
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def _refuse(self, *_args: Any) -> NoReturn:
        raise TypeError("a prepared question decides nothing by its values: name what shapes it")

    __int__ = __lt__ = __gt__ = __le__ = __ge__ = _refuse
    __add__ = __sub__ = __mul__ = __radd__ = __rsub__ = _refuse  # in the database it would mean another thing


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """See above. By place come whole numbers, words, days, moments, ids and lists of them, never None."""
    kept: dict[Any, _Question] = {}

    @wraps(build)
    def ask(*values: P.args, **shape: P.kwargs) -> list[Row]:
        tenant = current_tenant_id()
        # Truncated moments name the zone in their statement.
        key = (len(values), timezone.get_current_timezone_name(), *shape.items())
        question = kept.get(key)
        if question is None:
            question = kept[key] = _Question(_slotted(build, len(values), shape))
        if EXAMINED:
            question.examine(build(*values, **shape), values, tenant)
        return question.ask(values, tenant)

    return ask


def _slotted(build: Callable[..., QuerySet[Any, Any]], places: int, shape: dict[str, Any]) -> QuerySet[Any, Any]:
    with put_together():
        return build(*map(Slot, range(places)), **shape)


class _Question:
    """A queryset whose values are slots, and its statement."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(connection=connection)
        with put_together():
            self.sql, self.parameters = self._compiler.as_sql()

    def ask(self, values: Any, tenant: int) -> list[Any]:
        found: Any = type(self._queryset)(self._queryset.model, _Asked(self, values, tenant), DEFAULT_DB_ALIAS)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups"):
            setattr(found, name, getattr(self._queryset, name))
        return list(found)

    def filled(self, values: Any, tenant: int) -> tuple[Any, ...]:
        return tuple(_filled(one, values, tenant) for one in self.parameters)

    def examine(self, plain: QuerySet[Any, Any], values: Any, tenant: int) -> None:
        sql, parameters = plain.query.get_compiler(connection=connection).as_sql()
        if (sql, tuple(parameters)) != (self.sql, self.filled(values, tenant)):
            raise NotAsPrepared(f"{sql}\n{parameters}\nis not\n{self.sql}\n{self.filled(values, tenant)}")


class _Asked:
    """The query of one asking: all of it is kept but the compiler, which has the values."""

    def __init__(self, question: _Question, values: Any, tenant: int) -> None:
        self._question, self._values, self._tenant = question, values, tenant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._question._queryset.query, name)

    def get_compiler(self, *_args: Any, **_kwargs: Any) -> Any:
        compiler: Any = copy(self._question._compiler)
        compiler.__class__ = _Compiled
        compiler.connection = connection
        compiler.statement = self._question.sql, self._question.filled(self._values, self._tenant)
        return compiler


class _Compiled(SQLCompiler):
    statement: tuple[str, tuple[Any, ...]]

    def as_sql(self, *_args: Any, **_kwargs: Any) -> Any:
        current_tenant_id()  # as for every statement: not without a scope
        return self.statement


def _filled(one: Any, values: Any, tenant: int) -> Any:
    if one is OPEN_TENANT:
        return tenant
    if not isinstance(one, Slot):
        return one
    value = values[one.place]
    if not isinstance(value, FITTING):
        raise TypeError(f"{value!r} fits into no slot")
    return value
