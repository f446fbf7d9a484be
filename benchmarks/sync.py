"""A sync beside a plain script that reads the same pages: python -m benchmarks.sync [--page 500] [--wait 0.05]

The script is what one would write in an afternoon: it reads the pages and inserts with execute_values, a page a
transaction; once key and row into one bare table, once into the product's own three. The sync maps, types, compares,
keeps the raw row and its history, and can be killed at any moment. Each in a process of its own, so that each has its
own peak of memory; the pages come over http from a third.
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg2.extras import Json, execute_values

from benchmarks.ground import TENANTS, ground, timed
from benchmarks.imports import apart
from integrations.actions import sync as syncing
from integrations.models import Connection, ConnectionState, SyncRun
from integrations.presets import PRESETS
from integrations.reach import outside_of
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.jobs.worker import renew
from perfsys.people.models import Employee
from perfsys.tenancy.scope import use_tenant

SLUG = "acme"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Source(BaseHTTPRequestHandler):
    """Visits, as the sample CRM hands them out, made while they are asked for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a small answer waits 40 ms for the other side's word
    rows = page = 0
    wait = 0.0

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        start = int(asked.get("cursor", ["0"])[0])
        until = min(start + self.page, self.rows)
        items = [visit(number) for number in range(start, until)]
        data = {"items": items, "total": self.rows, "has_more": until < self.rows, "next_cursor": str(until)}
        body = json.dumps({"code": 0, "data": data}, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        time.sleep(self.wait)
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def visit(number: int) -> dict[str, Any]:
    return {
        "visit_id": f"V{number:07}",
        "customer_id": f"C{number % 5_000:05}",
        "visitor_no": f"HR{number % 527:04}",
        "visit_at": (FIRST + timedelta(seconds=17 * number)).isoformat(),
        "type": "现场" if number % 3 else "视频",
        "contact_role": "采购经理",
        "summary": f"客户抱怨上批包装标签贴反，当场道歉并约定整改，第 {number} 次",
        "next_step": "约研发技术澄清",
    }


def plain_script(address: str) -> tuple[float, float]:
    """Into one bare table, a temporary one, which writes no log: the floor. Seconds and MB."""
    link = linked()
    cursor = link.cursor()
    cursor.execute("CREATE TEMP TABLE visits (id text PRIMARY KEY, row jsonb NOT NULL)")
    link.commit()

    def write(rows: list[dict[str, Any]]) -> None:
        execute_values(
            cursor,
            "INSERT INTO visits VALUES %s ON CONFLICT (id) DO UPDATE SET row = excluded.row",
            [(row["visit_id"], Json(row)) for row in rows],
            page_size=1_000,
        )
        link.commit()

    return timed(lambda: read_all(address, write)), memory()


def script_into_our_tables(address: str, connection_id: int, run_id: int) -> tuple[float, float]:
    """Records, raw rows and references as the sync leaves them, with their keys and walls, and none of its thought: no
    types, no look at what is held, nothing to go on from."""
    link = linked()
    cursor = link.cursor()
    same = f"{TENANTS[SLUG]}, {connection_id}, 'script'"

    def write(rows: list[dict[str, Any]]) -> None:
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

    return timed(lambda: read_all(address, write)), memory()


def read_all(address: str, write: Callable[[list[dict[str, Any]]], None]) -> None:
    outside = outside_of(SLUG)
    cursor: str | None = ""
    while cursor is not None:
        data = outside.get_json(f"{address}/visits", params={"cursor": cursor} if cursor else {}, headers={})["data"]
        write(data["items"])
        cursor = data["next_cursor"] if data["has_more"] else None


def linked() -> Any:
    place = connection.settings_dict
    return psycopg2.connect(
        host=place["HOST"], port=place["PORT"], user=place["USER"], password=place["PASSWORD"], dbname=place["NAME"]
    )


def whole_sync(connection_id: int) -> tuple[float, float]:
    """As the worker does it, stretch by stretch."""
    now = timezone.now()
    with use_tenant(TENANTS[SLUG]):
        one = Connection.objects.get(pk=connection_id)
        run = syncing.ask_for_sync(connection=one, actor=None, now=now, key=now.isoformat())
        job = Job.objects.get(kind=syncing.JOB, key=str(run.pk))
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, fence=1, lease_until=now + timedelta(days=1))
    claimed = Running(TENANTS[SLUG], job.pk, 1, job.kind, job.payload, renew)

    def worked() -> None:
        while syncing.run_sync(claimed, timezone.now()) is not None:
            pass

    took = timed(worked)
    with use_tenant(TENANTS[SLUG]):
        run = SyncRun.objects.get(pk=run.pk)
        assert run.state == "done", run.error
    return took, memory()


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def connect(address: str) -> tuple[int, int]:
    """A connection, and a run for the script to name."""
    preset = PRESETS["crm"]
    config = {**preset.config, "base_url": address, "auth": "none"}
    config["streams"] = [stream for stream in preset.config["streams"] if stream["name"] == "visits"]
    with use_tenant(TENANTS[SLUG]):
        now = timezone.now()
        owner = Employee.objects.create(employee_no="S1", name="S1", name_key="s1")
        same = {"state": ConnectionState.ON, "made_at": now, "next_due_at": now + timedelta(days=9)}
        made = Connection.objects.create(name="CRM", adapter=preset.adapter, config=config, owner=owner, **same)
        run = SyncRun.objects.create(connection=made, key="script", asked_at=now, state="done")
        return made.pk, run.pk


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=500)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds the source takes for a page")
    options = parser.parse_args()
    Source.rows, Source.page, Source.wait = options.rows, options.page, options.wait
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    source = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    source.start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.INTEGRATION_INTRANET = [f"{SLUG}=127.0.0.1:{server.server_port}"]
    try:
        with ground() as analyze:
            pk, run = connect(address)
            analyze()
            took = {"script, one bare table": apart(plain_script, address)}
            took["script, our three tables"] = apart(script_into_our_tables, address, pk, run)
            analyze()
            took["sync, first"] = apart(whole_sync, pk)
            analyze()
            took["sync, nothing new"] = apart(whole_sync, pk)
    finally:
        source.terminate()
    bare, ours = (seconds for seconds, _peak in list(took.values())[:2])
    print(f"{options.rows} rows in pages of {options.page}, each of which takes the source {options.wait} s more\n")
    print("| | seconds | rows/s | speed / bare | speed / our tables | peak memory, MB |\n|---|---|---|---|---|---|")
    for name, (seconds, peak) in took.items():
        figures = f"{seconds:.1f} | {options.rows / seconds:,.0f} | {bare / seconds:.2f} | {ours / seconds:.2f}"
        print(f"| {name} | {figures} | {peak:.0f} |")


if __name__ == "__main__":
    main()
