"""Django's command, writing our own operations for constraints, indexes and triggers."""

from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, AddIndex, Migration
from pgtrigger.migrations import AddTrigger

from perfsys.tenancy.operations import AddConstraintQuietly, AddIndexQuietly, AddTriggerQuietly


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, list[Migration]], *args: Any, **options: Any) -> None:
        for migrations in changes.values():
            for migration in migrations:
                written: Any = migration  # the stubs know the class's list only, which no instance may replace
                written.operations = [_quietly(operation) for operation in migration.operations]
        super().write_migration_files(changes, *args, **options)


def _quietly(operation: Any) -> Any:
    kind: Any = type(operation)  # not a subclass: those mean something of their own
    if kind is AddConstraint:
        return AddConstraintQuietly(operation.model_name, operation.constraint)
    if kind is AddIndex:
        return AddIndexQuietly(operation.model_name, operation.index)
    if kind is AddTrigger:
        return AddTriggerQuietly(operation.model_name, operation.trigger)
    return operation
