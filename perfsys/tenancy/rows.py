"""Writing thousands of rows of a tenant without making a model instance of each."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import NOT_PROVIDED

from .models import TenantModel
from .scope import all_tenants, current_tenant_id

Row = dict[str, Any]
MANY = 2_000  # rows after which the planner is told


def insert_rows(
    model: type[TenantModel],
    rows: Sequence[Row],
    returning: Sequence[str] = (),
    *,
    same: Row | None = None,
    ignore_conflicts: bool = False,
) -> list[tuple[Any, ...]]:
    """`bulk_create` at a third of its price: the rows go over as one JSON document. They are written into the open
    scope's tenant. Each is by column (`goal_id`) and all name the same; `same` are columns with one value for all of
    them, and columns that are not named take the field's default. Gives the columns `returning` of each row written, in
    no order; with `ignore_conflicts` one that breaks a unique key is left out."""
    if not rows:
        return []
    named = {**rows[0], **(same or {})}
    fields = _columns(model, named)
    absent = {
        name: field.default for name, field in fields.items() if name not in named and field.default is not NOT_PROVIDED
    }
    values = {name: made for name, made in absent.items() if not callable(made)} | (same or {})
    called = {name: make for name, make in absent.items() if callable(make) and make is not uuid4}
    document = [{name: make() for name, make in called.items()} | row for row in rows] if called else rows
    fixed = {name: "%s" for name in values} | {name: "gen_random_uuid()" for name in absent if absent[name] is uuid4}
    varied = [name for name in fields if name in document[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (tenant_id, {_listed([*fixed, *varied])})"  # noqa: S608  # see _columns
            f" SELECT {', '.join(['%s', *fixed.values(), *map(_quoted, varied)])} FROM {_recordset(fields, varied)}"
            + (" ON CONFLICT DO NOTHING" if ignore_conflicts else "")
            + (f" RETURNING {_listed(returning)}" if returning else ""),
            [current_tenant_id(), *_prepared(fields, values), _as_json(document)],
        )
        return cursor.fetchall() if returning else []


def update_rows(model: type[TenantModel], rows: Sequence[Row], *, same: Row | None = None) -> int:
    """`bulk_update` in the same way: each row names its `id` and by column what changes, all of them the same columns.
    Gives how many there were; a row of another tenant's is none."""
    if not rows:
        return 0
    values = same or {}
    fields = _columns(model, {**rows[0], **values}, also="id")
    varied = [name for name in fields if name in rows[0] and name != "id"]
    changes = [f"{_quoted(name)} = %s" for name in values]
    changes += [f"{_quoted(name)} = line.{_quoted(name)}" for name in varied]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} AS held SET {', '.join(changes)}"  # noqa: S608  # names out of the model
            f" FROM {_recordset(fields, ['id', *varied])} WHERE held.tenant_id = %s AND held.id = line.id",
            [*_prepared(fields, values), _as_json(rows), current_tenant_id()],
        )
        return int(cursor.rowcount)


def _columns(model: type[TenantModel], named: Row, also: str = "") -> dict[str, Any]:
    """The model's columns that can be written, after a look that nothing else is named."""
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    writable = {name: field for name, field in fields.items() if not field.primary_key or name == also}
    del writable["tenant_id"]
    if unknown := named.keys() - writable.keys():
        raise ValueError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    return writable


def _recordset(fields: dict[str, Any], names: Sequence[str]) -> str:
    types = ", ".join(f"{_quoted(name)} {fields[name].db_type(connection)}" for name in names)
    return f"json_to_recordset(%s) AS line({types})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    """A column may be called what SQL has as a word of its own."""
    return f'"{name}"'


def _prepared(fields: dict[str, Any], values: Row) -> list[Any]:
    """As Django sends them: jsonb as a document, a text as it stands."""
    return [fields[name].get_db_prep_save(value, connection) for name, value in values.items()]


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)


def tell_planner(written: int) -> None:
    """At the end of an import, still inside its transaction: pages that follow are planned for what is there now."""
    if written >= MANY:
        with all_tenants("statistics are of tables, not of tenants") as call:
            call("refresh_statistics")
