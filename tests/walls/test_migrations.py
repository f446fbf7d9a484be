"""Walls as migrations: made, moved, taken away, and raised on tables that hold rows and are in use."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.postgres.operations import ValidateConstraint
from django.db import IntegrityError, NotSupportedError, connection, connections, migrations, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState

from perfsys.tenancy.catalogue import faults
from perfsys.tenancy.constraints import TenantForeignKey, TenantWall
from perfsys.tenancy.models import TenantKey
from perfsys.tenancy.operations import (
    AddFieldQuietly,
    AddTenantKeyNotValid,
    AddTenantWallConcurrently,
    DefinerFunction,
    Grant,
    RemoveConstraintQuietly,
    RemoveIndexQuietly,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def state(as_owner: None) -> ProjectState:
    return MigrationLoader(connection).project_state()


def forwards(operation: Any, before: ProjectState, *, atomic: bool = True, app_label: str = "probe") -> ProjectState:
    after = before.clone()
    operation.state_forwards(app_label, after)
    with connection.schema_editor(atomic=atomic) as editor:
        operation.database_forwards(app_label, editor, before, after)
    return after


def backwards(operation: Any, before: ProjectState, after: ProjectState, *, atomic: bool = True) -> None:
    with connection.schema_editor(atomic=atomic) as editor:
        operation.database_backwards("probe", editor, after, before)


def sql(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def table_faults(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [fault for fault in faults(cursor) if fault.startswith(table)]


def without_owner_key(state: ProjectState) -> tuple[ProjectState, TenantForeignKey]:
    key = next(wall for wall in state.models["probe", "note"].options["constraints"] if wall.name.endswith("owner_key"))
    return forwards(migrations.RemoveConstraint("note", key.name), state), key


def test_a_key_is_added_beside_rows_and_validated_later(state):
    before, key = without_owner_key(state)
    assert table_faults("probe_note")
    sql(
        "INSERT INTO tenancy_membership (tenant_id, account_id, granted, derived, is_active, joined_at, version) "
        "SELECT 1, id, '{}', '{}', true, now(), 1 FROM people_account"
    )
    add = AddTenantKeyNotValid("note", key)
    after = forwards(add, before)
    assert table_faults("probe_note") == ["probe_note: key probe_note_owner_key holds for new rows only, validate it"]
    with pytest.raises(IntegrityError):  # new rows are held to it at once
        sql("INSERT INTO probe_note (tenant_id, title, public_id, owner_id) VALUES (1, 'x', gen_random_uuid(), 99)")
    forwards(ValidateConstraint("note", key.name), after)
    assert table_faults("probe_note") == []
    backwards(add, before, after)
    assert table_faults("probe_note")


def test_validating_finds_an_old_row_that_breaks_the_key(state):
    """Trap 7 of security.md §1.4: under FORCE without a policy of the owner's own it would find none, and succeed."""
    before, key = without_owner_key(state)
    sql("INSERT INTO probe_note (tenant_id, title, public_id, owner_id) VALUES (1, 'old', gen_random_uuid(), 99)")
    after = forwards(AddTenantKeyNotValid("note", key), before)
    with pytest.raises(IntegrityError, match="probe_note_owner_key"):
        forwards(ValidateConstraint("note", key.name), after)


def test_a_wall_is_raised_around_rows_in_use(state):
    before, _ = without_owner_key(state)
    for name in ("probe_note_parent_key", "probe_notehelper_note_key"):  # nothing may point at the wall's unique
        before = forwards(migrations.RemoveConstraint(name.split("_")[1], name), before)
    before = forwards(migrations.RemoveConstraint("note", "probe_note_wall"), before)
    sql("ALTER TABLE probe_note NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    sql("INSERT INTO probe_note (tenant_id, title, public_id, owner_id) VALUES (1, 'old', gen_random_uuid(), 99)")
    raised = AddTenantWallConcurrently("note", TenantWall(name="probe_note_wall"))
    with pytest.raises(NotSupportedError):  # CONCURRENTLY cannot run inside a migration's transaction
        forwards(raised, before)
    after = forwards(raised, before, atomic=False)
    assert [fault for fault in table_faults("probe_note:")] == []
    assert sql("SELECT count(*) FROM probe_note") == [(1,)]
    assert sql("SELECT contype::text FROM pg_constraint WHERE conname = 'probe_note_wall'") == [("u",)]
    backwards(raised, before, after, atomic=False)
    assert "the app role may []" in str(table_faults("probe_note:"))


def test_a_renamed_key_field_takes_its_wall_along(state):
    """The autodetector drops the composite key by its old name, renames, and makes it anew at the end."""
    renamed = state.clone()
    note: ModelState = renamed.models["probe", "note"]
    fields = {("holder" if name == "owner" else name): field for name, field in note.fields.items()}
    walls = [
        TenantForeignKey(name="probe_note_holder_key", field="holder") if wall.name == "probe_note_owner_key" else wall
        for wall in note.options["constraints"]
    ]
    note.fields, note.options = fields, {**note.options, "constraints": walls}
    renamed.reload_model("probe", "note")

    class Yes(MigrationQuestioner):
        def ask_rename(self, *_args: Any) -> bool:
            return True

    found = MigrationAutodetector(state, renamed, Yes())._detect_changes()["probe"]
    operations = [operation for migration in found for operation in migration.operations]
    assert [type(operation).__name__ for operation in operations] == [
        "RemoveConstraint", "RenameField", "AddConstraint"
    ]  # fmt: skip
    at = state
    for operation in operations:
        at = forwards(operation, at)
    of_the_table = "SELECT conname::text FROM pg_constraint WHERE conrelid = 'probe_note'::regclass AND contype = 'f'"
    assert ("probe_note_holder_key",) in sql(of_the_table)
    assert ("probe_note_owner_key",) not in sql(of_the_table)


def test_a_key_added_later_waits_for_its_targets_wall(state):
    """Autodetected migrations often add a key before the unique key it points at: the schema editor defers it."""
    target = migrations.CreateModel("Target", fields("target"), options={"base_manager_name": "objects"})
    child = migrations.CreateModel(
        "Child", [*fields("child"), ("up", TenantKey("probe.Target", models.CASCADE, related_name="+"))]
    )
    at = state.clone()
    operations = [
        target,
        child,
        migrations.AddConstraint("child", TenantWall(name="probe_child_wall")),
        migrations.AddConstraint("child", TenantForeignKey(name="probe_child_up_key", field="up")),
        migrations.AddConstraint("target", TenantWall(name="probe_target_wall")),
    ]
    with connection.schema_editor() as editor:
        for operation in operations:
            before, at = at, at.clone()
            operation.state_forwards("probe", at)
            operation.database_forwards("probe", editor, before, at)
    assert sql("SELECT count(*) FROM pg_constraint WHERE conname = 'probe_child_up_key'") == [(1,)]


def fields(_name: str) -> list[tuple[str, models.Field]]:
    tenant = models.ForeignKey("tenancy.Tenant", models.PROTECT, related_name="+", db_index=False)
    # A default in the database makes Django create constraints after the table instead of inside it.
    return [("id", models.BigAutoField(primary_key=True)), ("tenant", tenant), ("n", models.IntegerField(db_default=1))]


def test_deleting_a_row_that_others_hang_on_fails_in_the_database_too(state):
    """SET NULL and CASCADE are Django's: a DELETE by hand is refused at the commit, and never nulls a tenant."""
    (key,) = sql("SELECT confdeltype::text, condeferrable FROM pg_constraint WHERE conname = 'probe_note_parent_key'")
    assert key == ("a", True)


def test_grants_and_functions_go_back_the_way_they_came(state):
    grant = Grant("auth_group", "SELECT")
    after = forwards(grant, state)
    assert "auth_group" in str(table_faults("auth_group"))
    backwards(grant, state, after)
    assert table_faults("auth_group") == []
    function = DefinerFunction(
        "app.one(bigint)", arguments="n bigint", returns="TABLE (one bigint)", language="sql", body="SELECT n"
    )
    after = forwards(function, state)
    assert table_faults("app.one") == ["app.one(bigint): unlisted definer function, loose search_path, or open to []"]
    backwards(function, state, after)
    assert table_faults("app.one") == []
    assert function.describe() and grant.describe()


@pytest.mark.parametrize(
    "operation",
    [
        Grant("auth_group", "SELECT"),
        DefinerFunction("app.one()", arguments="", returns="int", language="sql", body="SELECT 1"),
    ],
)
def test_operations_can_be_written_down_again(operation):
    """`squashmigrations` and the writer rebuild an operation from its parts."""
    name, args, kwargs = operation.deconstruct()
    again = type(operation)(*args, **kwargs)
    assert name == type(operation).__name__ and again.sql == operation.sql


def test_a_data_migration_walks_over_all_tenants(state):
    """The compilers refuse nothing to the owner, who has no scope and a policy of his own."""
    tenants = state.apps.get_model("tenancy", "Tenant")
    assert tenants._base_manager.count() == 2


def goals_of_every_company(*numbers: str) -> None:
    """Closed ones that were done, in a period of each company's."""
    sql(
        "INSERT INTO goals_period (tenant_id, public_id, name, starts_on, ends_on, state, company_goals, "
        "department_goals, position_goals, version) "
        "SELECT id, gen_random_uuid(), 'Q4', '2026-10-01', '2026-12-31', 'active', 0, 0, 0, 1 FROM tenancy_tenant"
    )
    empty = "measure unit_of_measure cadence_per delivers evidence_type evidence_number evidence_plan evidence_label"
    given = {
        "tenant_id, period_id": "tenant_id, id",
        "public_id, number, layer, kind, title": "gen_random_uuid(), 'G-1', 'company', 'kpi', 'x'",
        "is_core, is_private, direction": "false, false, 'raise'",
        "starts_on, due_on, published_on": "starts_on, ends_on, starts_on",
        "made_at, published_at, scoring, status, outcome": "now(), now(), 'linear', 'closed', 'done'",
        "flags, away, extra, import_digest, version, health": "'{}', '{}', '[]', '', 1, 'ok'",
        **dict.fromkeys(empty.split(), "''"),
    }
    columns, values = ", ".join(given), ", ".join(given.values())
    for number in numbers:
        sql(f"INSERT INTO goals_goal ({columns}) SELECT {values.replace('G-1', number)} FROM goals_period")


def test_goals_that_were_done_are_achieved_after_an_upgrade(as_owner: None):
    """Of every company, in the history too, and without a version of its own."""
    goals_of_every_company("G-1")
    before = sql("SELECT count(*) FROM goals_goalevent")
    loader = MigrationLoader(connection)
    rename, state = loader.get_migration("goals", "0012_done_becomes_achieved").operations[0], loader.project_state()
    forwards(rename, state)
    assert sql("SELECT DISTINCT outcome FROM goals_goal") == [("achieved",)]
    assert sql("SELECT DISTINCT outcome FROM goals_goalevent") == [("achieved",)]
    assert sql("SELECT count(*) FROM goals_goalevent") == before != [(0,)]
    backwards(rename, state, state)
    assert sql("SELECT DISTINCT outcome FROM goals_goal") == [("done",)]


def test_goals_that_were_aligned_before_are_marked_while_others_write(as_owner: None):
    """And the index of those that are not is built anew, also where a failure left one."""
    goals_of_every_company("G-1", "G-2", "G-3")
    sql("UPDATE goals_goal SET outcome = 'achieved'")
    for child, is_primary in ("G-2", "true"), ("G-3", "false"):
        sql(
            "INSERT INTO goals_alignment (tenant_id, child_id, parent_id, is_primary, version, reasons, judged, "
            "confirmed_by_name, confirmed_because, confirmed_as) "
            f"SELECT child.tenant_id, child.id, above.id, {is_primary}, 1, '[]', '', '', '', '' FROM goals_goal child "
            f"JOIN goals_goal above USING (tenant_id) WHERE child.number = '{child}' AND above.number = 'G-1'"
        )
    sql("UPDATE goals_goal SET is_aligned = false")
    loader = MigrationLoader(connection)
    (mark,) = loader.get_migration("goals", "0035_aligned_goals_of_before").operations
    state = loader.project_state()

    def mark_all() -> None:
        try:
            forwards(mark, state, atomic=False)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sql("SELECT id FROM goals_goal WHERE number = 'G-2' AND tenant_id = 1 FOR UPDATE")
            marking = pool.submit(mark_all)
            with pytest.raises(TimeoutError):
                marking.result(0.3)  # goes on with others, and comes again for this one
            assert sql("SELECT DISTINCT tenant_id <> 1 FROM goals_goal WHERE is_aligned") == [(True,)]
        marking.result(10)
    assert sql("SELECT DISTINCT number FROM goals_goal WHERE is_aligned") == [("G-2",)]
    assert sql("SELECT count(*) FROM goals_goal WHERE is_aligned") == sql("SELECT count(*) FROM tenancy_tenant")
    before = loader.project_state(("goals", "0035_aligned_goals_of_before"))
    (index,) = loader.get_migration("goals", "0036_goals_without_parent").operations
    with pytest.raises(NotSupportedError):
        forwards(index, before, app_label="goals")
    after = forwards(index, before, atomic=False, app_label="goals")
    assert "goals_without_parent" in [one.name for one in after.apps.get_model("goals", "goal")._meta.indexes]
    assert sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'goals_without_parent'::regclass") == [(True,)]


def led_elsewhere(apps: Any) -> set[str]:
    """Keys that lead to another class than the one that is known under its name."""
    keys = [field for model in apps.get_models() for field in model._meta.concrete_fields if field.is_relation]
    return {str(key) for key in keys if key.related_model is not apps.get_model(key.related_model._meta.label)}


def test_a_quiet_operation_draws_one_model_and_whoever_handles_rows_gets_all_of_them_drawn(state):
    assert not led_elsewhere(state.apps)
    after = forwards(AddFieldQuietly("orgunit", "colour", models.TextField(null=True)), state, app_label="people")
    assert after.apps.get_model("people", "Employee") is state.apps.get_model("people", "Employee")
    assert "people.Assignment.unit" in led_elsewhere(after.apps)
    for kind, option in ((RemoveConstraintQuietly, "constraints"), (RemoveIndexQuietly, "indexes")):
        first, *others = [one.name for one in after.models["people", "orgunit"].options[option]]
        kind("orgunit", first).state_forwards("people", after)
        assert [one.name for one in getattr(after.apps.get_model("people", "orgunit")._meta, option)] == others
    seen: list[set[str]] = []
    forwards(migrations.RunPython(lambda apps, _editor: seen.append(led_elsewhere(apps))), after)
    assert seen == [set()]
