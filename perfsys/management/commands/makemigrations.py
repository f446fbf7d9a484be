"""Django's command, writing our own operation for constraints."""

from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, Migration

from perfsys.tenancy.operations import AddConstraintQuietly


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, list[Migration]], *args: Any, **options: Any) -> None:
        for migrations in changes.values():
            for migration in migrations:
                written: Any = migration  # the stubs know the class's list only, which no instance may replace
                written.operations = [_quietly(operation) for operation in migration.operations]
        super().write_migration_files(changes, *args, **options)


def _quietly(operation: Any) -> Any:
    kind: Any = type(operation)
    if kind is AddConstraint:  # not a subclass: those mean something of their own
        return AddConstraintQuietly(operation.model_name, operation.constraint)
    return operation
