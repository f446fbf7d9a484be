"""Tryton on PostgreSQL, by the ready-made configuration: `TRYTON=/path/to/venv pytest tests/real/try_tryton.py -s`.

The environment is Tryton's own (trytond, trytond_sale_opportunity, trytond_production, proteus and psycopg[binary,pool]
of PyPI), and nothing of it is imported here."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from integrations.models import Connection, QuarantinedRow, RawRecord, Record, RecordReference, RunState, Secret
from integrations.presets import PRESETS
from integrations.sealing import seal
from perfsys.tenancy.scope import use_tenant
from tests.cluster import Cluster
from tests.integrations.adapters.databases import door_to
from tests.integrations.conftest import sync

HOME = Path(os.environ.get("TRYTON", "/nowhere"))
PASSWORD = "tryton-of-the-test"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not HOME.exists(), reason="TRYTON names no environment")]


@pytest.fixture
def tryton(cluster: Cluster, tmp_path: Path) -> Iterator[Any]:
    """Its database, made by its own tools, and a way to run its program."""
    with closing(cluster.connect()) as link, door_to(cluster.folder / ".s.PGSQL.5432") as door:
        cursor = link.cursor()
        for statement in (
            f"CREATE ROLE tryton LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE tryton OWNER tryton",
        ):
            cursor.execute(statement)
        uri = f"postgresql://tryton:{PASSWORD}@127.0.0.1:{door.port}/"
        config = tmp_path / "trytond.conf"
        config.write_text(f"[database]\nuri = {uri}\n")
        (tmp_path / "word").write_text("admin-of-the-test\n")

        def run(program: str, *words: str) -> None:
            environment = {**os.environ, "TRYTONPASSFILE": str(tmp_path / "word"), "TRYTOND_DATABASE_URI": uri}
            subprocess.run([HOME / "bin" / program, *words], check=True, env=environment, cwd=tmp_path)

        admin = ("-c", str(config), "-d", "tryton")
        run("trytond-admin", *admin, "--all", "--email", "admin@example.com")
        run("trytond-admin", *admin, "-u", "sale_opportunity", "production", "--activate-dependencies")
        fill = str(Path(__file__).with_name("tryton_fill.py"))
        yield SimpleNamespace(port=door.port, fill=lambda *words: run("python", fill, str(config), *words))
        door.close()
        cursor.execute("DROP DATABASE tryton WITH (FORCE)")
        cursor.execute("DROP ROLE tryton")


def test_opportunities_and_productions(tryton: Any, connect: Callable[..., Connection], settings: Any) -> None:
    tryton.fill("make", "60")
    settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{tryton.port}"]
    preset = PRESETS["tryton_sql"]
    at = {"host": "127.0.0.1", "port": tryton.port, "database": "tryton", "user": "tryton"}
    connection = connect(adapter=preset.adapter, preset=preset.name, config={**preset.config, **at})
    with use_tenant(1):
        sealed = seal({"password": PASSWORD}, tenant_id=1, connection_id=connection.pk)
        Secret.objects.create(connection=connection, set_at=datetime.now(UTC), **sealed._asdict())
    first = sync(connection, now=datetime.now(UTC) + timedelta(minutes=1))
    tryton.fill("edit", "7")
    second = sync(connection, now=datetime.now(UTC) + timedelta(minutes=2))
    print(f"\nfirst: {first.counts}\nsecond: {second.counts}")
    assert (first.state, second.state) == (RunState.DONE, RunState.DONE), (first.error, second.error)
    for stream in ("opportunities", "work_orders"):
        assert (first.counts[stream]["created"], first.counts[stream]["source"]) == (60, 60)
        assert second.counts[stream]["changed"] == 7
    with use_tenant(1):
        held = Record.objects.filter(stream="opportunities")
        assert Counter(held.values_list("data__changed_at", flat=True))[None] == 53  # never edited: no write_date
        assert RawRecord.objects.filter(record__stream="opportunities").count() == 67
        assert not QuarantinedRow.objects.exists()
        assert set(RecordReference.objects.values_list("type", flat=True)) == {"customer", "work_order"}
        newest = max(record.happened_at for record in held)  # it keeps moments in UTC and says no zone
        assert timedelta(0) < datetime.now(UTC) - newest < timedelta(hours=1)
        print(Record.objects.filter(stream="work_orders").order_by("-changed_at").first().data)
