"""A sync beside a plain script that reads the same pages: python -m benchmarks.sync [--rows 200000] [--page 500]

The script is what one would write in an afternoon: it reads the pages and inserts key and row with execute_values, a
page a transaction. The sync maps, types, compares, keeps the raw row and its history, and can be killed at any moment.
Each in a process of its own, so that each has its own peak of memory; the pages come over http from a third.
"""

import argparse
import json
import multiprocessing
import resource
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg2.extras import Json, execute_values

from benchmarks.ground import TENANTS, ground
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
    rows = page = 0

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
    """Seconds and MB."""
    outside = outside_of(SLUG)
    place = connection.settings_dict
    link = psycopg2.connect(
        host=place["HOST"], port=place["PORT"], user=place["USER"], password=place["PASSWORD"], dbname=place["NAME"]
    )
    cursor = link.cursor()
    cursor.execute("CREATE TEMP TABLE visits (id text PRIMARY KEY, row jsonb NOT NULL)")
    link.commit()
    began = time.perf_counter()
    place_of_next: str | None = ""
    while place_of_next is not None:
        params = {"cursor": place_of_next} if place_of_next else {}
        data = outside.get_json(f"{address}/visits", params=params, headers={})["data"]
        execute_values(
            cursor,
            "INSERT INTO visits VALUES %s ON CONFLICT (id) DO UPDATE SET row = excluded.row",
            [(row["visit_id"], Json(row)) for row in data["items"]],
            page_size=1_000,
        )
        link.commit()
        place_of_next = data["next_cursor"] if data["has_more"] else None
    return time.perf_counter() - began, memory()


def whole_sync(connection_id: int) -> tuple[float, float]:
    """As the worker does it, stretch by stretch."""
    now = timezone.now()
    with use_tenant(TENANTS[SLUG]):
        one = Connection.objects.get(pk=connection_id)
        run = syncing.ask_for_sync(connection=one, actor=None, now=now, key=now.isoformat())
        job = Job.objects.get(kind=syncing.JOB, key=str(run.pk))
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, fence=1, lease_until=now + timedelta(days=1))
    claimed = Running(TENANTS[SLUG], job.pk, 1, job.kind, job.payload, renew)
    began = time.perf_counter()
    while syncing.run_sync(claimed, timezone.now()) is not None:
        pass
    took = time.perf_counter() - began
    with use_tenant(TENANTS[SLUG]):
        run = SyncRun.objects.get(pk=run.pk)
        assert run.state == "done", run.error
    return took, memory()


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def connect(address: str) -> int:
    preset = PRESETS["crm"]
    config = {**preset.config, "base_url": address, "auth": "none"}
    config["streams"] = [stream for stream in preset.config["streams"] if stream["name"] == "visits"]
    with use_tenant(TENANTS[SLUG]):
        now = timezone.now()
        owner = Employee.objects.create(employee_no="S1", name="S1", name_key="s1")
        same = {"state": ConnectionState.ON, "made_at": now, "next_due_at": now + timedelta(days=9)}
        made = Connection.objects.create(name="CRM", adapter=preset.adapter, config=config, owner=owner, **same)
        return int(made.pk)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=500)
    options = parser.parse_args()
    Source.rows, Source.page = options.rows, options.page
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    source = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    source.start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.INTEGRATION_INTRANET = [f"{SLUG}=127.0.0.1:{server.server_port}"]
    try:
        with ground() as analyze:
            pk = connect(address)
            took = {"plain script": apart(plain_script, address), "sync, first": apart(whole_sync, pk)}
            analyze()
            took["sync, nothing new"] = apart(whole_sync, pk)
    finally:
        source.terminate()
    fastest = took["plain script"][0]
    print(f"{options.rows} rows in pages of {options.page}\n\n| | seconds | rows/s | / script | peak memory, MB |")
    print("|---|---|---|---|---|")
    for name, (seconds, peak) in took.items():
        print(
            f"| {name} | {seconds:.1f} | {options.rows / seconds:,.0f} | {fastest / seconds:.2f} | {peak:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
