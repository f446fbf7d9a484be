"""The database engine of the project: PostgreSQL, with a compiler that refuses tenant tables outside a scope."""

from typing import Any

from django.db.backends.postgresql import base, operations, schema

from perfsys.tenancy.constraints import TenantForeignKey


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "perfsys.tenancy.backend.compiler"


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def add_constraint(self, model: Any, constraint: Any) -> None:
        """A composite key waits for the end of the migration: its target's unique key may be made later in it."""
        if isinstance(constraint, TenantForeignKey):
            constraint.constraint_sql(model, self)
        else:
            super().add_constraint(model, constraint)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
