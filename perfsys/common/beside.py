"""Short lists that stand beside one row, read with one statement instead of one each.

    found = beside(Goal.objects.filter(pk=goal.pk), steps=Rows(steps), notes=Rows(notes, "text", author=("name",)))
    found["notes"][0].author.name

A page of many small lists waits for the database once. Lists that grow without end are read by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from json import JSONDecoder
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Model, QuerySet
from django.db.models.functions import JSONObject

SEPARATOR = "__"
WHOLE = "row"


class Rows:
    """Rows of a queryset, with all of their `columns` or those named; of a `related` row, called as in select_related,
    those named. What was not named is read when somebody asks for it, as after only()."""

    def __init__(self, queryset: QuerySet[Any], *columns: str, **related: Sequence[str]) -> None:
        self._queryset = queryset
        self._parts = {"": _Part(queryset.model, columns)}
        for path in sorted(related, key=lambda path: path.count(SEPARATOR)):  # whoever holds it comes first
            above, _, name = path.rpartition(SEPARATOR)
            key: Any = self._parts[above].model._meta.get_field(name)
            self._parts[path] = _Part(key.related_model, related[path])

    @property
    def asked(self) -> ArraySubquery:
        told = {name: one for path, part in self._parts.items() for name, one in part.asked(path).items()}
        return _array_of(self._queryset, told)

    def read(self, told: Mapping[str, Any]) -> Any:
        made: dict[str, Any] = {}
        for path, part in self._parts.items():
            made[path] = part.read(path, told)
            above, _, name = path.rpartition(SEPARATOR)
            if path and made[above] is not None:
                setattr(made[above], name, made[path])
        return made[""]


class Figures:
    """Of a queryset the whole numbers that it counted under `names`, as a dictionary each."""

    def __init__(self, queryset: QuerySet[Any], *names: str) -> None:
        self._queryset, self._names = queryset, names

    @property
    def asked(self) -> ArraySubquery:
        return _array_of(self._queryset, {name: F(name) for name in self._names})

    def read(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return dict(told)


def beside(row: QuerySet[Any], **lists: Rows | Figures) -> dict[str, list[Any]]:
    """One query. `row` is the one row they stand beside: without it there are none."""
    told = row.values_list(*(one.asked for one in lists.values())).first() or [()] * len(lists)
    return {name: [lists[name].read(one) for one in rows] for name, rows in zip(lists, told, strict=True)}


class _Part:
    """The columns of one model, in its own order, as `Model.from_db` takes them; the whole row where none are named."""

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model = model
        self._is_whole = not columns
        wanted = {*columns, model._meta.pk.name}
        fields = model._meta.concrete_fields
        self._fields = [one for one in fields if self._is_whole or wanted & {one.name, one.attname}]

    def asked(self, path: str) -> dict[str, Any]:
        if self._is_whole:
            return {_join(path, WHOLE): _WholeRow(F(_join(path, "pk")))}
        return {_join(path, field.column): F(_join(path, field.attname)) for field in self._fields}

    def read(self, path: str, told: Mapping[str, Any]) -> Model | None:
        row = told[_join(path, WHOLE)] if self._is_whole else told
        at = "" if self._is_whole else path
        if row is None or row[_join(at, self.model._meta.pk.column)] is None:
            return None
        values = [_read(field, row[_join(at, field.column)]) for field in self._fields]
        return self.model.from_db(None, [field.attname for field in self._fields], values)


class _WholeRow(Func):
    """The row that a key stands in: one expression, however many columns."""

    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> Any:  # type: ignore[override]  # no template
        (key,) = self.get_source_expressions()
        return f"to_jsonb({compiler.quote_name_unless_alias(key.alias)})", []


class _Exact(JSONDecoder):
    """A number with places is no float."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{**more, "parse_float": Decimal})


def _join(path: str, name: str) -> str:
    return f"{path}{SEPARATOR}{name}" if path else name


def _read(field: Any, told: Any) -> Any:
    if isinstance(field, ArrayField) and told is not None:
        return [_read(field.base_field, one) for one in told]
    return field.to_python(told)


def _array_of(queryset: QuerySet[Any], told: Mapping[str, Any]) -> ArraySubquery:
    exact = JSONField(decoder=_Exact)
    return ArraySubquery(queryset.values_list(JSONObject(**told)), output_field=ArrayField(exact))
