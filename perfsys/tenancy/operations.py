"""Migration operations of the wall: rights on tables without a tenant, definer functions, and walls on tables
that already hold rows and must stay usable meanwhile."""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, NotInTransactionMixin
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
    RunSQL,
)
from django.db.models import BaseConstraint, Index, Model
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from .constraints import TenantForeignKey, TenantWall


class Grant(RunSQL):
    """All that the app role may do with a table outside the wall; `catalogue.GLOBAL_TABLES` must say the same."""

    def __init__(self, table: str, may: str) -> None:
        self.table, self.may = table, may
        super().__init__(f'GRANT {may} ON "{table}" TO pm_app', f'REVOKE ALL ON "{table}" FROM pm_app')

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.table, self.may], {}

    def describe(self) -> str:
        return f"Let the app role {self.may} on {self.table}"


class DefinerFunction(RunSQL):
    """A function that runs as the owner and so sees every tenant; only the app role may call it.

    `signature` has types alone: "app.open_scope(text, bigint)". Listed in `catalogue.DEFINER_FUNCTIONS` and
    argued for in docs/threats.md. `body` is what follows CREATE FUNCTION, without the attributes added here.
    """

    def __init__(self, signature: str, *, arguments: str, returns: str, language: str, body: str) -> None:
        self.given = {"arguments": arguments, "returns": returns, "language": language, "body": body}
        self.signature = signature
        name = signature.partition("(")[0]
        # pg_temp last: named nowhere it would be searched first, and anybody may put a table of any name there.
        create = (
            f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language} SECURITY DEFINER "
            f"SET search_path = pg_catalog, pg_temp AS $$\n{body}\n$$"
        )
        super().__init__(
            [
                create,
                f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {signature} TO pm_app",
            ],
            f"DROP FUNCTION {signature}",
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.signature], self.given

    def describe(self) -> str:
        return f"Let the app role cross the wall by {self.signature}"


# Django draws every related model anew at each change of one, lest somebody follows a relation to a class of before.
# Here nearly all are related, and that was nine tenths of the time of `migrate` on an empty database. The operations
# below draw the changed model alone, and leave the state marked as Django does where it delays the same by itself:
# RunPython, which may follow relations, then has all of them drawn. `makemigrations` writes these by itself.


def _append_quietly(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
    """To a list among the options of a model, without drawing even that one: what is appended changes no key."""
    options = state.models[app_label, model_name.lower()].options
    options[option] = [*options.get(option, []), added]
    if "apps" in vars(state):  # drawn already: later operations read the list there
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option, [*getattr(meta, option, []), added])


def _draw_alone(state: Any, app_label: str, model_name: str, change: Callable[[], None]) -> None:
    drawn = vars(state).pop("apps", None)  # what is not drawn yet is not drawn anew
    change()
    if drawn is not None:
        state.apps, state.is_delayed = drawn, True
        drawn.unregister_model(app_label, model_name.lower())
        drawn.render_multiple([state.models[app_label, model_name.lower()]])


class CreateModelQuietly(CreateModel):
    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.name, lambda: CreateModel.state_forwards(self, app_label, state))


class AddFieldQuietly(AddField):
    model_name: str

    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.model_name, lambda: AddField.state_forwards(self, app_label, state))


class AlterFieldQuietly(AlterField):
    model_name: str

    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.model_name, lambda: AlterField.state_forwards(self, app_label, state))


class AddConstraintQuietly(AddConstraint):
    model_name: str
    constraint: BaseConstraint

    def state_forwards(self, app_label: str, state: Any) -> None:
        _append_quietly(state, app_label, self.model_name, "constraints", self.constraint)


class AddIndexQuietly(AddIndex):
    model_name: str
    index: Index

    def state_forwards(self, app_label: str, state: Any) -> None:
        _append_quietly(state, app_label, self.model_name, "indexes", self.index)


class AddIndexConcurrentlyQuietly(AddIndexConcurrently):
    """On a table that holds rows and is in use. In a migration with `atomic = False`, of its own. An index left invalid
    by a failure is dropped and built anew."""

    model_name: str
    index: Index

    def state_forwards(self, app_label: str, state: Any) -> None:
        _append_quietly(state, app_label, self.model_name, "indexes", self.index)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class RemoveConstraintQuietly(RemoveConstraint):
    model_name: str

    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.model_name, lambda: RemoveConstraint.state_forwards(self, app_label, state))


class RemoveIndexQuietly(RemoveIndex):
    model_name: str

    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.model_name, lambda: RemoveIndex.state_forwards(self, app_label, state))


class AddTriggerQuietly(AddTrigger):
    def state_forwards(self, app_label: str, state: Any) -> None:
        _append_quietly(state, app_label, self.model_name, "triggers", self.trigger)


class RemoveTriggerQuietly(RemoveTrigger):
    def state_forwards(self, app_label: str, state: Any) -> None:
        _draw_alone(state, app_label, self.model_name, lambda: RemoveTrigger.state_forwards(self, app_label, state))


class AddTenantKeyNotValid(AddConstraint):
    """A composite key on a table that holds rows: checked for new rows at once and without reading the old ones.

    A later migration reads them: `django.contrib.postgres.operations.ValidateConstraint(model, name)`. That lets
    others write meanwhile, and fails by name when a row breaks the key.
    """

    model_name: str
    constraint: TenantForeignKey

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model: type[Model] = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(self.constraint.create_sql(model, schema_editor) + " NOT VALID")

    def describe(self) -> str:
        return f"Create key {self.constraint.name} on {self.model_name}, old rows unread"


class AddTenantWallConcurrently(NotInTransactionMixin, AddConstraint):
    """The wall of a table that holds rows: its unique index is built while others write, the rest is instant.

    In a migration with `atomic = False`, of its own. An index left invalid by a failure is dropped and built anew.
    """

    model_name: str
    constraint: TenantWall
    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model: type[Model] = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        table, name = model._meta.db_table, self.constraint.name
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
        schema_editor.execute(
            f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" (tenant_id, "{model._meta.pk.column}")'
        )
        schema_editor.execute(
            f'BEGIN; ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE USING INDEX "{name}";\n'
            f"{self.constraint.policies(model)}\nCOMMIT"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Raise the wall of {self.model_name} while it is in use"
