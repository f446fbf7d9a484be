"""T15: a job may run more than once, so three runs must leave the same database as one."""

import json
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from perfsys.tenancy.models import TenantModel
from perfsys.tenancy.scope import use_tenant

State = dict[str, list[str]]


def run_three_times(
    handler: Callable[..., Any], *, tenant_id: int = 1, ignoring: tuple[str, ...] = (), **arguments: Any
) -> State:
    """Call `handler(**arguments)` three times in the tenant's scope; the content of every table of ours is the same
    after each. `ignoring` names columns ("jobs.Heartbeat.at") that may move. Returns that content."""
    return repeat(lambda: _in_scope(handler, tenant_id, arguments), tenant_id, ignoring)


def repeat(run: Callable[[], Any], tenant_id: int = 1, ignoring: tuple[str, ...] = ()) -> State:
    """The same for something that opens its scopes itself."""
    run()
    once = contents(tenant_id, ignoring)
    for _ in range(2):
        run()
        again = contents(tenant_id, ignoring)
        changed = {table: again[table] for table in again if again[table] != once[table]}
        assert not changed, f"running it again changed {changed}"
    return once


def contents(tenant_id: int = 1, ignoring: tuple[str, ...] = ()) -> State:
    """Every row that the tenant and the tables without one hold, as text, in order."""
    with use_tenant(tenant_id):
        return {model._meta.label: _rows(model, ignoring) for model in apps.get_models() if _is_ours(model)}


def _in_scope(handler: Callable[..., Any], tenant_id: int, arguments: dict[str, Any]) -> None:
    with use_tenant(tenant_id):
        handler(**arguments)


def _is_ours(model: type[Model]) -> bool:
    return issubclass(model, TenantModel) or model.__module__.startswith("perfsys.")


def _rows(model: type[Model], ignoring: tuple[str, ...]) -> list[str]:
    label = model._meta.label
    columns = [
        f'"{field.column}"' for field in model._meta.local_concrete_fields if f"{label}.{field.name}" not in ignoring
    ]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {", ".join(columns)} FROM "{model._meta.db_table}"')
        return sorted(
            json.dumps([bytes(v).hex() if isinstance(v, memoryview) else v for v in row], default=str)
            for row in cursor.fetchall()
        )
