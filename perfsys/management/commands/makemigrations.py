"""Django's command, writing our own operations: of each kind the one that draws no more than it has to."""

from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    Migration,
    RemoveConstraint,
    RemoveIndex,
)
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from perfsys.tenancy import operations as quiet

QUIET: dict[type, type] = {
    CreateModel: quiet.CreateModelQuietly,
    AddField: quiet.AddFieldQuietly,
    AlterField: quiet.AlterFieldQuietly,
    AddConstraint: quiet.AddConstraintQuietly,
    AddIndex: quiet.AddIndexQuietly,
    RemoveConstraint: quiet.RemoveConstraintQuietly,
    RemoveIndex: quiet.RemoveIndexQuietly,
    AddTrigger: quiet.AddTriggerQuietly,
    RemoveTrigger: quiet.RemoveTriggerQuietly,
}


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, list[Migration]], *args: Any, **options: Any) -> None:
        for migrations in changes.values():
            for migration in migrations:
                written: Any = migration  # the stubs know the class's list only, which no instance may replace
                written.operations = [_quietly(operation) for operation in migration.operations]
        super().write_migration_files(changes, *args, **options)


def _quietly(operation: Any) -> Any:
    kind = QUIET.get(type(operation))  # not a subclass: those mean something of their own
    if kind is None:
        return operation
    _, args, named = operation.deconstruct()
    return kind(*args, **named)
