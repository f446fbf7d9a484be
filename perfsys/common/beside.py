"""Short lists that stand beside one row, read with one statement instead of one each.

    found = beside(Goal.objects.filter(pk=goal.pk), steps=Rows(steps), notes=Rows(notes, "text", author=("name",)))
    found["notes"][0].author.name

A page of many small lists waits for the database once. Lists that grow without end are read by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import DecimalField, F, Field, Model, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

SEPARATOR = "__"


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
        return ArraySubquery(self._queryset.values_list(JSONObject(**told)))

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
        return ArraySubquery(self._queryset.values_list(JSONObject(**{name: F(name) for name in self._names})))

    def read(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return dict(told)


def beside(row: QuerySet[Any], **lists: Rows | Figures) -> dict[str, list[Any]]:
    """One query. `row` is the one row they stand beside: without it there are none."""
    told = row.values_list(*(one.asked for one in lists.values())).first() or [()] * len(lists)
    return {name: [lists[name].read(one) for one in rows] for name, rows in zip(lists, told, strict=True)}


class _Part:
    """The columns of one model, in its own order, as `Model.from_db` takes them."""

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model = model
        wanted = {*columns, model._meta.pk.name} if columns else {field.name for field in model._meta.concrete_fields}
        self._fields = [field for field in model._meta.concrete_fields if wanted & {field.name, field.attname}]

    def asked(self, path: str) -> dict[str, Any]:
        return {_join(path, field.attname): _exact(field, _join(path, field.attname)) for field in self._fields}

    def read(self, path: str, told: Mapping[str, Any]) -> Model | None:
        values = [_read(field, told[_join(path, field.attname)]) for field in self._fields]
        if told[_join(path, self.model._meta.pk.attname)] is None:
            return None
        return self.model.from_db(None, [field.attname for field in self._fields], values)


def _join(path: str, name: str) -> str:
    return f"{path}{SEPARATOR}{name}" if path else name


def _exact(field: Field[Any, Any], name: str) -> Any:
    """A number in JSON is read as a float: one with places goes as text."""
    return Cast(F(name), TextField()) if isinstance(field, DecimalField) else F(name)


def _read(field: Any, told: Any) -> Any:
    if isinstance(field, ArrayField) and told is not None:
        return [_read(field.base_field, one) for one in told]
    return field.to_python(told)
