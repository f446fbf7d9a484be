"""Many threads, two tenants in turn on each connection: nobody may ever see the other's row (T5).

4,000 requests through 16 threads, directly and through pgbouncer; in a quick run (-m "not slow") the first 400 of them.
"""

import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections

from perfsys.boot.preflight import free_port
from perfsys.boot.processes import dies_with_parent
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import NoTenantScope, OtherTenant, use_tenant
from tests.cluster import Cluster
from tests.probe.models import Note

THREADS = 16
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def requests(request: pytest.FixtureRequest) -> int:
    return 400 if request.config.option.markexpr == "not slow" else 4000


def foreign_rows(people: list[Any], requests: int) -> int:
    """Reads, lists, writes, refusals and strangers' visits, mixed; how many answers held another tenant's row."""

    def browse(seed: int) -> int:
        dice, wrong = random.Random(seed), 0
        for _ in range(requests // THREADS):
            person = dice.choice(people)
            stranger = next(other for other in people if other is not person)
            notes, note = f"/t/{person.slug}/notes/", f"/t/{person.slug}/notes/{person.note.public_id}/"
            what = dice.random()
            if what < 0.1:
                wrong += stranger.client.get(note).status_code != 404
            elif what < 0.2:
                wrong += person.client.post(f"{note}rename/", {"title": ""}).status_code != 400
            elif what < 0.3:
                wrong += person.client.post(f"{note}rename/", {"title": person.name}).status_code != 302
            else:
                page = person.client.get(note if what < 0.5 else notes).content.decode()
                wrong += set(re.findall(r'data-tenant="(\d+)"', page)) != {str(person.tenant_id)}
        connections.close_all()
        return wrong

    for person in people:
        person.client  # noqa: B018  # signs in here, not in all threads at once
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(browse, range(THREADS)))


def test_interleaved_requests_never_mix_tenants(requests, ada, otto):
    connection.settings_dict["CONN_MAX_AGE"] = None  # keep connections: each serves both tenants in turn
    assert foreign_rows([ada, otto], requests) == 0


def pgbouncer() -> str:
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        pytest.fail("pgbouncer is not installed: apt-get install pgbouncer", pytrace=False)
    return program


@pytest.fixture
def transaction_pool(cluster: Cluster, transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Django behind pgbouncer with 3 servers for all threads, handed over at every transaction."""
    program, port, name = pgbouncer(), free_port(), connection.settings_dict["NAME"]
    run_as = cluster.postgres.run_as
    folder = cluster.folder / f"pool-{port}"
    folder.mkdir()
    (folder / "users").write_text(f'"pm_app" "{cluster.passwords["pm_app"]}"\n')
    (folder / "ini").write_text(
        f"[databases]\n{name} = host={cluster.folder} port=5432 dbname={name}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n"
        f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 3\n"
    )
    pool = subprocess.Popen(
        [*run_as.prefix, program, "-q", str(folder / "ini")],
        user=run_as.uid,
        group=run_as.uid,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    try:
        _wait_for(port)
        connections.close_all()
        connection.settings_dict.update(HOST="127.0.0.1", PORT=str(port))
        yield
    finally:
        connections.close_all()
        pool.terminate()
        pool.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("pgbouncer does not answer")


def settings_left_behind() -> set[str]:
    """On each of the pool's three servers, each held by a transaction of its own while it is asked."""
    meeting, found = threading.Barrier(3), set()

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT coalesce(current_setting('app.tenant_id', true), '')")
            found.add(cursor.fetchone()[0])
            meeting.wait(10)
            cursor.execute("COMMIT")
        connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: look(), range(3)))
    return found


def test_a_transaction_pool_never_mixes_tenants(requests, ada, otto, transaction_pool, no_orm_wall):
    """Without the ORM's filter, so that the setting alone decides."""
    assert foreign_rows([ada, otto], requests) == 0
    assert settings_left_behind() == {""}


def test_a_session_wide_setting_would_stay_on_the_pooled_server(ada, transaction_pool):
    """Why the setting is transaction-local (trap 1 of security.md §1.4): this is what the test above would catch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', '1', false)")
    assert "1" in settings_left_behind()


def test_a_thread_does_not_inherit_the_scope_and_a_copied_one_reads_nothing(ada):
    def count() -> int:
        try:
            return Note.objects.count()
        finally:
            connections.close_all()

    with use_tenant(1), ThreadPoolExecutor(1) as pool:
        with pytest.raises(NoTenantScope):
            pool.submit(count).result()
        with pytest.raises(ProgrammingError, match="tenant context not set"):
            pool.submit(copy_context().run, count).result()


def test_two_threads_serve_two_tenants_at_once(ada, otto):
    both_inside = threading.Barrier(2)

    def look(tenant_id: int) -> list[str]:
        with use_tenant(tenant_id):
            both_inside.wait(10)
            seen = [*list(Note.objects.values_list("title", flat=True)), Tenant.objects.get().slug]
            both_inside.wait(10)
        connections.close_all()
        return seen

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(look, [1, 2])) == [["note of ada", "acme"], ["note of otto", "globex"]]


def test_a_request_opens_its_scope_once(ada):
    with use_tenant(1), pytest.raises(OtherTenant):
        ada.client.get("/t/acme/notes/")
