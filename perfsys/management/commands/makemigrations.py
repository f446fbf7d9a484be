"""Django's command, writing our own operation for constraints."""

from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, Migration

from perfsys.tenancy.operations import AddConstraintQuietly


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, list[Migration]], *args: Any, **options: Any) -> None:
        for migrations in changes.values():
            for migration in migrations:
                migration.operations[:] = map(_quietly, migration.operations)
        super().write_migration_files(changes, *args, **options)


def _quietly(operation: Any) -> Any:
    if type(operation) is AddConstraint:
        return AddConstraintQuietly(operation.model_name, operation.constraint)
    return operation
