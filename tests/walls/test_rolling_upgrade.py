"""What the image of before still writes while `migrate` has run already (docs/operations.md, Upgrade)."""

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField


def test_columns_that_come_lately_have_a_default_of_the_database():
    """`migrate` runs while the image of before still writes: it knows nothing of them."""
    lately = {"goals": "0033", "integrations": "0012"}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    added = [
        (operation.model_name, operation.name)
        for (app, name), migration in loader.disk_migrations.items()
        if name >= lately.get(app, "9")
        for operation in migration.operations
        if isinstance(operation, AddField) and not operation.field.null and not operation.field.has_db_default()
    ]
    assert added == []
