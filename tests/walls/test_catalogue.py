"""The catalogue check (T4): the database as it is passes, each planted fault is named."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from perfsys.tenancy.catalogue import DEFINER_FUNCTIONS, faults
from perfsys.tenancy.scope import use_tenant
from tests.probe.models import Note

INSIDE = (
    "CREATE TABLE bad (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenancy_tenant, x text,"
    " UNIQUE (tenant_id, id)); "
)
WALL = (
    INSIDE + "ALTER TABLE bad ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY owner_all ON bad TO pm_owner USING (true) WITH CHECK (true);"
)
RULE = "(tenant_id = app.require_tenant())"
GOOD = WALL + f"CREATE POLICY tenant_only ON bad TO pm_app USING {RULE} WITH CHECK {RULE};"
BY_A_KEY = (
    "ALTER TABLE bad DROP CONSTRAINT bad_tenant_id_fkey, ADD g bigint,"
    " ADD FOREIGN KEY (tenant_id, g) REFERENCES probe_note (tenant_id, id);"
)
DEFINER = "CREATE FUNCTION app.bad() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp "
PLANTED = {
    "a table without a tenant": "CREATE TABLE bad (id bigint)",
    "a table in another schema": "CREATE TABLE app.bad (id bigint)",
    "a table without policies": INSIDE,
    "a policy of the right name and another text": WALL + "CREATE POLICY tenant_only ON bad TO pm_app USING (true)",
    "a policy for everybody": WALL + f"CREATE POLICY tenant_only ON bad USING {RULE} WITH CHECK {RULE}",
    "a policy without a check of what is written": WALL + f"CREATE POLICY tenant_only ON bad TO pm_app USING {RULE}",
    "a second, wider policy": GOOD + "CREATE POLICY more ON bad TO pm_app USING (true)",
    "row security not forced": GOOD + "ALTER TABLE bad NO FORCE ROW LEVEL SECURITY",
    "row security not enabled": GOOD + "ALTER TABLE bad DISABLE ROW LEVEL SECURITY",
    "a nullable tenant": GOOD + "ALTER TABLE bad ALTER tenant_id DROP NOT NULL",
    "a tenant that no key proves": GOOD + "ALTER TABLE bad DROP CONSTRAINT bad_tenant_id_fkey",
    "a tenant proven by a key that may be null": GOOD + BY_A_KEY,
    "a tenant proven by its own table alone": GOOD + "ALTER TABLE bad DROP CONSTRAINT bad_tenant_id_fkey,"
    " ADD g bigint NOT NULL, ADD FOREIGN KEY (tenant_id, g) REFERENCES bad (tenant_id, id)",
    "truncate": GOOD + "GRANT TRUNCATE ON bad TO pm_app",
    "a right its model does not give": "GRANT UPDATE ON probe_noteevent TO pm_app",
    "a right on one column": "GRANT UPDATE (title) ON probe_noteevent TO pm_app",
    "a right on one column of a global table": "GRANT SELECT (name) ON auth_group TO pm_app",
    "a right taken away": "REVOKE DELETE ON probe_note FROM pm_app",
    "a grant to everybody": GOOD + "GRANT SELECT ON bad TO PUBLIC",
    "a column for everybody": GOOD + "GRANT SELECT (x) ON bad TO PUBLIC",
    "a simple key": GOOD + "ALTER TABLE bad ADD g bigint REFERENCES probe_note",
    "a key that old rows may break": "ALTER TABLE probe_note DROP CONSTRAINT probe_note_owner_key, ADD CONSTRAINT "
    "probe_note_owner_key FOREIGN KEY (tenant_id, owner_id) REFERENCES tenancy_membership (tenant_id, id)"
    " NOT VALID",
    "a dropped composite key": "ALTER TABLE probe_note DROP CONSTRAINT probe_note_owner_key",
    "a composite key over the wrong column": "ALTER TABLE probe_note DROP CONSTRAINT probe_note_owner_key, "
    "ADD CONSTRAINT probe_note_owner_key FOREIGN KEY (tenant_id, parent_id) REFERENCES probe_note (tenant_id, id)",
    "a unique across tenants": GOOD + "CREATE UNIQUE INDEX ON bad (x)",
    "an exclusion across tenants": GOOD + "ALTER TABLE bad ADD EXCLUDE USING btree (x WITH =)",
    "a view that runs as its owner": "CREATE VIEW bad AS SELECT * FROM probe_note",
    "a view with the option switched off": "CREATE VIEW bad WITH (security_invoker = off) AS SELECT * FROM probe_note",
    "a materialized view": "CREATE MATERIALIZED VIEW bad AS SELECT * FROM probe_note",
    "an unlisted definer function": DEFINER + "AS 'SELECT 1'",
    "a definer function with a loose search_path": "ALTER FUNCTION app.open_scope RESET ALL",
    "a definer function that looks into temporary tables first": "ALTER FUNCTION app.open_scope "
    "SET search_path = pg_temp, pg_catalog",
    "a definer function open to PUBLIC": "GRANT EXECUTE ON FUNCTION app.open_scope TO PUBLIC",
    "a right on a global table": "GRANT DELETE ON people_account TO pm_app",
    "a wider view of the companies": "CREATE POLICY more ON tenancy_tenant TO pm_app USING (true)",
    "the companies' wall taken down": "ALTER TABLE tenancy_tenant DISABLE ROW LEVEL SECURITY",
    "a right on the companies' names": "GRANT UPDATE (slug) ON tenancy_tenant TO pm_app",
    "leave to make tables": "GRANT CREATE ON SCHEMA public TO pm_app",
}
AS_SUPERUSER = {
    "row security bypassed": "ALTER ROLE pm_app BYPASSRLS",
    "the app role made a superuser": "ALTER ROLE pm_app SUPERUSER",
    "the app role made the owner": "GRANT pm_owner TO pm_app",
    "a table of another owner": INSIDE + "ALTER TABLE bad OWNER TO postgres",
    "a definer function of a superuser": "ALTER FUNCTION app.open_scope OWNER TO postgres",
}
pytestmark = pytest.mark.django_db


def test_the_database_keeps_every_rule(owner):
    owner.execute(GOOD)  # and a table that keeps them is not accused
    assert faults(owner) == []
    owner.execute(BY_A_KEY + "ALTER TABLE bad ALTER g SET NOT NULL")  # what leads to a proven tenant proves one
    assert faults(owner) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_it_catches(planted, owner):
    owner.execute(PLANTED[planted])
    assert faults(owner)


@pytest.mark.parametrize("planted", AS_SUPERUSER)
def test_it_catches_what_only_a_superuser_can_do(planted, cluster):
    link = cluster.connect(connection.settings_dict["NAME"])
    link.autocommit = False
    cursor = link.cursor()
    cursor.execute(AS_SUPERUSER[planted])
    found = faults(cursor)
    link.rollback()
    link.close()
    assert found


def test_the_app_role_can_run_the_check_itself():
    with connection.cursor() as cursor:
        assert faults(cursor) == []


@pytest.mark.django_db(transaction=True)
def test_the_check_command_names_the_faults(owner):
    call_command("check", databases=["default"])
    owner.execute("ALTER TABLE probe_note NO FORCE ROW LEVEL SECURITY")
    owner.connection.commit()
    with pytest.raises(CommandError, match=r"tenancy\.E100.*probe_note: row security not forced") as refusal:
        call_command("check", databases=["default"])
    assert "tenancy.E100" in str(refusal.value)


def test_the_migrations_say_all_that_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_function_that_crosses_the_wall_is_argued_for():
    text = (Path(__file__).parents[2] / "docs" / "threats.md").read_text()
    headings = re.findall(r"^### `(app\.\w+\([^)]*\))`", text, re.M)
    assert {heading.replace(", ", ",") for heading in headings} == DEFINER_FUNCTIONS


# --- what the composite keys and the policies do -------------------------------------------------------------------


@pytest.mark.parametrize("field", ["owner_id", "parent_id"])
def test_a_row_cannot_hang_on_another_tenants_row(field, ada, otto):
    target = {"owner_id": otto.membership.pk, "parent_id": otto.note.pk}[field]
    with use_tenant(1), pytest.raises(IntegrityError, match="_key"), transaction.atomic():
        Note.objects.update(**{field: target})
        connection.check_constraints()


def test_history_is_written_by_triggers_inside_the_wall_and_cannot_be_changed(ada, otto):
    with use_tenant(1):
        Note.objects.update(title="second")
        labels = list(ada.note.events.order_by("pgh_id").values_list("pgh_label", "title", "tenant_id"))
        assert labels == [("insert", "note of ada", 1), ("update", "second", 1)]
        for sql in ("UPDATE probe_noteevent SET title = 'x'", "DELETE FROM probe_noteevent", "TRUNCATE probe_note"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(sql)
