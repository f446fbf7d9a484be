"""Short lists that stand beside one row, read with one statement instead of one each.

    found = beside(Goal.objects.filter(pk=goal.pk), steps=Rows(steps), notes=Rows(notes, "text", author=("name",)))
    found["notes"][0].author.name

A page of many small lists waits for the database once. Lists that grow without end are read by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from json import JSONDecoder
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Model, QuerySet

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
        return _array_of(self._queryset, *(part.asked(path) for path, part in self._parts.items()))

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
        return _array_of(self._queryset, *(_Figure(name) for name in self._names))

    def read(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return dict(told)


class Beside:
    """What is asked, and what its answer is read as. `row` is the one row the lists stand beside: without it there are
    none."""

    def __init__(self, row: QuerySet[Any], **lists: Rows | Figures) -> None:
        self.queryset = row.values_list(*(one.asked for one in lists.values())).order_by("pk")[:1]
        self._lists = lists

    def read(self, rows: Iterable[Any]) -> dict[str, list[Any]]:
        told = next(iter(rows), [()] * len(self._lists))
        return {
            name: [one.read(row) for row in listed]
            for (name, one), listed in zip(self._lists.items(), told, strict=True)
        }


def beside(row: QuerySet[Any], **lists: Rows | Figures) -> dict[str, list[Any]]:
    """One query."""
    asked = Beside(row, **lists)
    return asked.read(asked.queryset)


class _Part:
    """The columns of one model, in its own order, as `Model.from_db` takes them; the whole row where none are named."""

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model = model
        self._is_whole = not columns
        wanted = {*columns, model._meta.pk.name}
        fields = model._meta.concrete_fields
        self._fields = [one for one in fields if self._is_whole or wanted & {one.name, one.attname}]

    def asked(self, path: str) -> _Row:
        """By a column that is no key: of a key alone Django reads the copy in the row that refers to it."""
        fields = self.model._meta.concrete_fields
        held_by = next(field for field in fields if not field.primary_key and not field.is_relation)
        columns = {} if self._is_whole else {_join(path, field.column): field.column for field in self._fields}
        return _Row(_join(path, held_by.attname), columns, whole=_join(path, WHOLE))

    def read(self, path: str, told: Mapping[str, Any]) -> Model | None:
        row = told[_join(path, WHOLE)] if self._is_whole else told
        at = "" if self._is_whole else path
        if row is None or row[_join(at, self.model._meta.pk.column)] is None:
            return None
        values = [_read(field, row[_join(at, field.column)]) for field in self._fields]
        return self.model.from_db(None, [field.attname for field in self._fields], values)


class _Row(Func):
    """Of the row that a column stands in `columns`, name in the answer -> column, or all of it under the name `whole`:
    one expression, however many columns, for Django resolves and copies each as often as a query is written."""

    output_field = JSONField()

    def __init__(self, held_by: str, columns: Mapping[str, str], *, whole: str) -> None:
        super().__init__(F(held_by))
        self._columns, self._whole = columns, whole

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> Any:  # type: ignore[override]  # no template
        (column,) = self.get_source_expressions()
        row = compiler.quote_name_unless_alias(column.alias)
        if not self._columns:
            return f"'{self._whole}' VALUE to_jsonb({row})", []
        quoted = compiler.quote_name_unless_alias
        return ", ".join(f"'{name}' VALUE {row}.{quoted(column)}" for name, column in self._columns.items()), []


class _Figure(Func):
    """What a queryset has counted under a name, under that name."""

    output_field = JSONField()

    def __init__(self, name: str) -> None:
        super().__init__(F(name))
        self._name = name

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> Any:  # type: ignore[override]  # no template
        sql, values = compiler.compile(self.get_source_expressions()[0])
        return f"'{self._name}' VALUE {sql}", values


class _Object(Func):
    """One JSON object of all of these; the names are those of our own columns."""

    template = "JSON_OBJECT(%(expressions)s RETURNING JSONB)"
    output_field = JSONField()


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


_OBJECTS: ArrayField[Any, Any] = ArrayField(JSONField(decoder=_Exact))


def _array_of(queryset: QuerySet[Any], *told: _Row | _Figure) -> ArraySubquery:
    return ArraySubquery(queryset.values_list(_Object(*told)), output_field=_OBJECTS)
