"""What is asked of a database, as SQLAlchemy writes it in that database's own words. Pure: nothing is sent here.

Rows come in one order, by cursor and then by key, in portions of so many: `WHERE (cursor, key) > (last seen) ORDER BY
cursor, key LIMIT n`. Rows of one moment are told apart by their key, so a portion may end between them. Rows without a
cursor value come before all others, every time: nothing says whether they are new.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    column,
    func,
    or_,
    quoted_name,
    select,
    table,
    text,
)
from sqlalchemy.types import NullType

from ..base import Stream

Asked = Select[*tuple[Any, ...]]
CURSOR = "#cursor"  # the label of what a row is ordered by, beside the fields
BLANK, DATED = "blank", "dated"  # rows without a cursor value, and those with one
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$#]*")


@dataclass(frozen=True)
class Question:
    """Of one stream. `reserved` are words that the database takes for its own unless they are quoted."""

    stream: Stream
    declared: Mapping[str, Any]
    reserved: frozenset[str]

    @cached_property
    def paths(self) -> list[str]:
        """Columns that are read, each once; no other leaves the other side."""
        return list(dict.fromkeys(field.path for field in self.stream.fields))

    @cached_property
    def phases(self) -> list[str]:
        return [BLANK, DATED] if self.stream.cursor else [DATED]

    def portion(self, phase: str, *, since: Any = None, after: Sequence[Any] | None = None, rows: int) -> Asked:
        """The next `rows` of a phase behind `after`, which are `place_of` the last one. In the order of `paths`, and
        the cursor behind them where the stream has one."""
        columns: list[ColumnElement[Any]] = [self._column(path).label(path) for path in self.paths]
        if self._cursor is not None:
            columns.append(self._cursor.label(CURSOR))
        asked = select(*columns).select_from(self._source)
        order = self._order(phase)
        if self._cursor is not None:
            asked = asked.where(self._cursor.is_(None) if phase == BLANK else self._cursor.is_not(None))
        if since is not None and phase == DATED and self._cursor is not None:
            asked = asked.where(self._cursor >= _as_is(since))
        if after is not None:
            asked = asked.where(_behind(order, after))
        return asked.order_by(*order).limit(rows)

    def place_of(self, row: Sequence[Any], phase: str) -> list[Any]:
        """By what it is ordered."""
        keys = [row[self.paths.index(path)] for path in self._keys]
        return keys if phase == BLANK or self._cursor is None else [row[len(self.paths)], *keys]

    def count(self) -> Asked:
        """How many rows there are, and in how many of them each part of the key has a value."""
        filled = [func.count(self._column(path)) for path in self._keys]
        return select(func.count(), *filled).select_from(self._source)

    def with_empty_key(self) -> Asked:
        """The key of one row in which a part of it is empty; none where every row has all of it."""
        columns = [self._column(path) for path in self._keys]
        asked = select(*columns).select_from(self._source)
        return asked.where(or_(*(each.is_(None) for each in columns))).limit(1)

    def sample(self) -> Asked | None:
        """One cursor value, to know of what type they are."""
        if self._cursor is None:
            return None
        return select(self._cursor).select_from(self._source).where(self._cursor.is_not(None)).limit(1)

    @property
    def key_names(self) -> Sequence[str]:
        return self.stream.key

    @cached_property
    def _keys(self) -> list[str]:
        return [self._path(name) for name in self.stream.key]

    @cached_property
    def _cursor(self) -> ColumnElement[Any] | None:
        names = [name for name in (self.stream.cursor, self.stream.fallback) if name]
        if not names:
            return None
        found = [self._column(self._path(name)) for name in names]
        return found[0] if len(found) == 1 else func.coalesce(*found)

    def _order(self, phase: str) -> list[ColumnElement[Any]]:
        keys = [self._column(path) for path in self._keys]
        return keys if phase == BLANK or self._cursor is None else [self._cursor, *keys]

    def _path(self, name: str) -> str:
        return next((field.path for field in self.stream.fields if field.name == name), name)

    def _column(self, path: str) -> ColumnElement[Any]:
        return self._columns[path]

    @cached_property
    def _columns(self) -> Mapping[str, ColumnElement[Any]]:
        return dict(zip(self.paths, self._source.columns, strict=True))

    @cached_property
    def _source(self) -> FromClause:
        columns: list[ColumnClause[Any]] = [column(self._named(path)) for path in self.paths]
        if "select" in self.declared:
            return text(_literally(self.declared["select"])).columns(*columns).subquery("q")
        *schema, name = _parts(self.declared["table"])
        return table(self._named(name), *columns, schema=self._schema(schema) if schema else None)

    def _schema(self, parts: Sequence[str]) -> str:
        """Several parts stand as they are: the words of a configuration that `problems` has looked at."""
        return self._named(parts[0]) if len(parts) == 1 else quoted_name(".".join(parts), quote=False)

    def _named(self, name: str) -> quoted_name:
        """A plain name as anybody would type it, so that the database folds its capitals in its own way; one in double
        quotes, or that nobody could type, letter by letter."""
        if name.startswith('"') and name.endswith('"') and len(name) > 2:
            return quoted_name(name[1:-1], quote=True)
        return quoted_name(name, quote=not _PLAIN.fullmatch(name) or name.lower() in self.reserved)


def _behind(order: Sequence[ColumnElement[Any]], after: Sequence[Any]) -> ColumnElement[bool]:
    """Behind these values in this order. That the first must not be less is said once more, for the index of it."""
    ways = []
    for at, each in enumerate(order):
        same = [before == _as_is(value) for before, value in zip(order[:at], after[:at], strict=True)]
        ways.append(and_(*same, each > _as_is(after[at])))
    return and_(order[0] >= _as_is(after[0]), or_(*ways)) if len(order) > 1 else ways[0]


def _as_is(value: Any) -> Any:
    """A value that came from the driver goes back through it untouched."""
    return bindparam(None, value, type_=NullType())


def _parts(name: str) -> list[str]:
    """`schema.table`, each in double quotes or not."""
    return re.findall(r'"[^"]+"|[^."]+', name)


def _literally(select_text: str) -> str:
    """A colon is a colon: SQLAlchemy would read :name as a parameter."""
    return select_text.replace(":", r"\:")
