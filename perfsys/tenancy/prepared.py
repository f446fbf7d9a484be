"""Questions that stand on many pages, put together and compiled once: what varies is filled in each time.

    @prepared
    def _open_of(person: int) -> QuerySet[Notice]:
        return Notice.objects.filter(to=person, state=Notice.State.OPEN)

    found = _open_of(person.pk)  # a list, read with one statement

A function may give a `Beside` in place of a queryset (perfsys.common.beside): then what that reads is found.

Putting a query together and compiling it costs Django a millisecond, reading the few rows it gives a tenth of that. The
function is called once with a `Slot` for each argument by place; arguments by name are what shapes the question (roles,
switches): each combination of them is a question of its own.

Both walls stand as they do for every other query. No tenant is kept: while a question is put together the open scope's
tenant is a mark (`scope.put_together`), which stands for whichever scope is open when it is asked; without one it is
refused. Row security sees an ordinary statement. What such a function must not do is look at anything besides its
arguments; a slot has no value yet, and refuses to be counted with. In tests each statement is compared with the one
that Django writes for the values themselves (`examiner`).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, Protocol, TypeVar, overload
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet, Value
from django.utils import timezone

from .scope import OPEN_TENANT, current_tenant_id, put_together

if TYPE_CHECKING:  # the stubs do not know PostgreSQL's own
    from django.db.models.sql.compiler import SQLCompiler
else:
    from perfsys.tenancy.backend.compiler import SQLCompiler

P = ParamSpec("P")
Row = TypeVar("Row")
Found = TypeVar("Found", covariant=True)
Instance = TypeVar("Instance", bound=Model)

MOST = 500  # questions that a process keeps
examiner: Callable[[Any, str, tuple[Any, ...]], None] | None = None  # of tests: what Django builds, what is asked
FITTING = (int, str, date, UUID, list, tuple)  # bool is an int, a moment a date


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


class Reading(Protocol[Found]):
    """A queryset, and what its rows are read as."""

    queryset: QuerySet[Any, Any]

    def read(self, rows: Any) -> Found: ...


@overload
def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]: ...


@overload
def prepared(build: Callable[P, Reading[Found]]) -> Callable[P, Found]: ...


def prepared(build: Callable[P, Any]) -> Callable[P, Any]:
    """See above. By place come whole numbers, words, days, moments, ids, never None; a tuple of them for `__in`, never
    an empty one, which Django would not ask at all; a list for an array of SQL of ours."""

    @wraps(build)
    def ask(*values: P.args, **shape: P.kwargs) -> Any:
        tenant = current_tenant_id()
        try:
            question = question_of(build, len(values), timezone.get_current_timezone_name(), *shape.items())
        except _NamesNoTenant:  # whatever let it past the manager: what is left of the walls judges it each time
            plain = build(*values, **shape)
            return getattr(plain, "read", list)(queryset_of(plain))
        if examiner is not None:
            examiner(queryset_of(build(*values, **shape)), question.sql, question.filled(values, tenant))
        return question.ask(values, tenant)

    return ask


def with_only(model: type[Instance], **columns: Any) -> Instance:
    """A row while a question is prepared: of it these `columns` are known, slots or what shapes the question. Asking it
    for another fails, for nothing can be read meanwhile."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in columns]
    if len(names) != len(columns):
        raise ValueError(f"{model.__name__} has not all of {', '.join(columns)}")
    return model.from_db(DEFAULT_DB_ALIAS, names, [columns[name] for name in names])


@lru_cache(MOST)
def question_of(build: Callable[..., Any], places: int, _zone: str, *shape: tuple[str, Any]) -> _Question:
    """A truncated moment names the zone it is truncated in."""
    with put_together():
        question = _Question(build(*map(Slot, range(places)), **dict(shape)))
    if not any(one is OPEN_TENANT for one in question.parameters):
        raise _NamesNoTenant
    return question


class _NamesNoTenant(Exception):
    """A statement that is not kept."""


class _Question:
    """A queryset whose values are slots, its statement, and how the answer is read."""

    def __init__(self, built: Any) -> None:
        self._queryset = queryset_of(built)
        self._read: Callable[[Any], Any] = getattr(built, "read", list)
        self._compiler = self._queryset.query.get_compiler(connection=connection)
        self.sql, self.parameters = self._compiler.as_sql()

    def ask(self, values: Any, tenant: int) -> Any:
        found: Any = type(self._queryset)(self._queryset.model, _Asked(self, values, tenant), DEFAULT_DB_ALIAS)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups"):
            setattr(found, name, getattr(self._queryset, name))
        return self._read(found)

    def filled(self, values: Any, tenant: int) -> tuple[Any, ...]:
        return tuple(_filled(one, values, tenant) for one in self.parameters)


def queryset_of(built: Any) -> Any:
    return getattr(built, "queryset", built)


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
    if isinstance(value, tuple):
        if not value:
            raise TypeError("nothing to look for: do not ask")
        return tuple(dict.fromkeys(value))  # psycopg2 writes the brackets
    return value
