"""A sync beside a plain script that reads the same rows: python -m benchmarks.sync [--source rest] [--wait 0.05]

The script is what one would write in an afternoon: it reads the pages and inserts with execute_values, a page a
transaction; once key and row into one bare table, once into the product's own three. The sync maps, types, compares,
keeps the raw row and its history, and can be killed at any moment. Each in a process of its own, so that each has its
own peak of memory; what the sources are stands in `benchmarks.sources`. Time on the clock says something only on a
machine that does nothing else; the processor's time of the process and of its PostgreSQL says what a row costs.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg2.extras import Json, execute_values

from benchmarks.ground import TENANTS, ground
from benchmarks.imports import apart
from benchmarks.sources import SLUG, SOURCES, Ready, Rows
from integrations.actions import sync as syncing
from integrations.models import Connection, ConnectionState, Secret, SyncRun
from integrations.sealing import seal
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.jobs.worker import renew
from perfsys.people.models import Employee
from perfsys.tenancy.scope import use_tenant


class Took(NamedTuple):
    """Seconds on the clock, of this process's processor and of its PostgreSQL's; the peak of memory in MB."""

    seconds: float
    own: float
    database: float
    memory: float


class Clock:
    """Measures from its making to `took`."""

    def __init__(self, link: Any) -> None:
        self.backend = Path(f"/proc/{link.info.backend_pid}/stat")
        self.began = (time.perf_counter(), time.process_time(), self._worked())

    def took(self) -> Took:
        seconds, own, database = self.began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Took(time.perf_counter() - seconds, time.process_time() - own, self._worked() - database, memory)

    def _worked(self) -> float:
        fields = self.backend.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain_script(read: Callable[[], Iterator[Rows]]) -> Took:
    """Into one bare table, a temporary one, which writes no log: the floor."""
    link = linked()
    cursor, clock = link.cursor(), Clock(link)
    cursor.execute("CREATE TEMP TABLE visits (id text PRIMARY KEY, row jsonb NOT NULL)")
    link.commit()

    for rows in read():
        execute_values(
            cursor,
            "INSERT INTO visits VALUES %s ON CONFLICT (id) DO UPDATE SET row = excluded.row",
            [(row["visit_id"], Json(row)) for row in rows],
            page_size=1_000,
        )
        link.commit()
    return clock.took()


def script_into_our_tables(read: Callable[[], Iterator[Rows]], connection_id: int, run_id: int) -> Took:
    """Records, raw rows and references as the sync leaves them, with their keys and walls, and none of its thought: no
    types, no look at what is held, nothing to go on from."""
    link = linked()
    cursor, clock = link.cursor(), Clock(link)
    same = f"{TENANTS[SLUG]}, {connection_id}, 'script'"

    for rows in read():
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(TENANTS[SLUG])])
        written = execute_values(
            cursor,
            "INSERT INTO integrations_record (tenant_id, connection_id, stream, run_id, public_id, external_id, title,"
            " happened_at, data, digest, first_seen_at, changed_at) VALUES %s RETURNING id",
            [(row["visit_id"], row["summary"], row["visit_at"], Json(row), row["visit_id"]) for row in rows],
            template=f"({same}, {run_id}, gen_random_uuid(), %s, %s, %s, %s, %s, now(), now())",
            page_size=1_000,
            fetch=True,
        )
        together = list(zip(written, rows, strict=True))
        execute_values(
            cursor,
            "INSERT INTO integrations_rawrecord (tenant_id, record_id, run_id, payload, digest, received_at) VALUES %s",
            [(pk, Json(row), row["visit_id"]) for (pk,), row in together],
            template=f"({TENANTS[SLUG]}, %s, {run_id}, %s, %s, now())",
            page_size=1_000,
        )
        execute_values(
            cursor,
            "INSERT INTO integrations_recordreference (tenant_id, record_id, type, number, is_own) VALUES %s",
            [(pk, row["customer_id"]) for (pk,), row in together],
            template=f"({TENANTS[SLUG]}, %s, 'customer', %s, false)",
            page_size=1_000,
        )
        link.commit()
        cursor.execute("DISCARD PLANS")  # or each row looks for its keys in plans made for empty tables
    return clock.took()


def linked() -> Any:
    place = connection.settings_dict
    return psycopg2.connect(
        host=place["HOST"], port=place["PORT"], user=place["USER"], password=place["PASSWORD"], dbname=place["NAME"]
    )


def whole_sync(connection_id: int) -> Took:
    """As the worker does it, stretch by stretch."""
    now = timezone.now()
    with use_tenant(TENANTS[SLUG]):
        one = Connection.objects.get(pk=connection_id)
        run = syncing.ask_for_sync(connection=one, actor=None, now=now, key=now.isoformat())
        job = Job.objects.get(kind=syncing.JOB, key=str(run.pk))
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, fence=1, lease_until=now + timedelta(days=1))
    claimed = Running(TENANTS[SLUG], job.pk, 1, job.kind, job.payload, renew)
    clock = Clock(connection.connection)
    while syncing.run_sync(claimed, timezone.now()) is not None:
        pass
    took = clock.took()
    with use_tenant(TENANTS[SLUG]):
        run = SyncRun.objects.get(pk=run.pk)
        assert run.state == "done", run.error
    return took


def connect(source: Ready, name: str) -> tuple[int, int]:
    """A connection, and a run for the script to name."""
    with use_tenant(TENANTS[SLUG]):
        now = timezone.now()
        owner, _ = Employee.objects.get_or_create(employee_no="S1", name="S1", name_key="s1")
        same = {"state": ConnectionState.ON, "made_at": now, "next_due_at": now + timedelta(days=9)}
        made = Connection.objects.create(name=name, adapter=source.adapter, config=source.config, owner=owner, **same)
        if source.secret:
            key_id, nonce, sealed = seal(source.secret, tenant_id=TENANTS[SLUG], connection_id=made.pk)
            Secret.objects.create(connection=made, key_id=key_id, nonce=nonce, sealed=sealed, set_at=now)
        run = SyncRun.objects.create(connection=made, key="script", asked_at=now, state="done")
        return made.pk, run.pk


def measure(name: str, rows: int, page: int, wait: float, analyze: Callable[[], None]) -> dict[str, Took]:
    with SOURCES[name](rows, page, wait) as source:
        pk, run = connect(source, name)
        analyze()
        took = {"script, one bare table": apart(plain_script, source.read)}
        took["script, our three tables"] = apart(script_into_our_tables, source.read, pk, run)
        analyze()
        took["sync, first"] = apart(whole_sync, pk)
        analyze()
        took["sync, nothing new"] = apart(whole_sync, pk)
        with use_tenant(TENANTS[SLUG]):
            held = SyncRun.objects.filter(connection=pk).exclude(key="script").order_by("pk").values_list("counts")
            assert [counts["visits"].get("created", 0) for (counts,) in held] == [rows, 0], list(held)
        connection.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", choices=[*SOURCES, "all"], default="all")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--page", type=int, default=500)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds a service takes for a page")
    options = parser.parse_args()
    settings.INTEGRATION_RUN_ROWS = options.rows + 1  # else a run ends there, and the next one goes on
    print(f"{options.rows} rows in pages of {options.page}, each of which takes a service {options.wait} s more\n")
    print(
        "| source | | seconds | rows/s | speed / bare | speed / our tables | own processor, us a row | PostgreSQL's |"
        " peak memory, MB |\n|---|---|---|---|---|---|---|---|---|"
    )
    with ground() as analyze:
        for name in SOURCES if options.source == "all" else [options.source]:
            took = measure(name, options.rows, options.page, options.wait, analyze)
            bare, ours = (one.seconds for one in list(took.values())[:2])
            for what, one in took.items():
                per_row = [f"{1e6 * seconds / options.rows:.0f}" for seconds in (one.own, one.database)]
                speeds = f"{options.rows / one.seconds:,.0f} | {bare / one.seconds:.2f} | {ours / one.seconds:.2f}"
                print(
                    f"| {name} | {what} | {one.seconds:.1f} | {speeds} | {' | '.join(per_row)} | {one.memory:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
