"""Reads SAP's OData 4 server (CAP, from npm) with the adapter `odata`, and says what came.

    cd tests/real/odata && npm install && cd - && python -m tests.real.try_odata

Not part of the test suite, which has no npm; docs/adapters/tried.md says what came of it. The service has 2,500 orders,
of which a fifth has never been changed (LastChangeDateTime null), hands out 250 a page by relative @odata.nextLink, and
lets nobody in without Basic. Needs no database: the adapter reads pages, and what happens to them is the test suite's.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django

HERE = Path(__file__).parent / "odata"
PORT = 4104
PASSWORD = "perf-2026"
ORDERS, CUSTOMERS = 2_500, 40
LARGEST = 2**53 - 1  # its database driver keeps none beyond
BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
CONFIG: dict[str, Any] = {
    "base_url": f"http://127.0.0.1:{PORT}/odata/v4/sales",
    "auth": "basic",
    "streams": [
        {
            "name": "orders",
            "entity_set": "SalesOrder",
            "key": ["order"],
            "cursor": "changed",
            "fallback": "created",
            "expand": ["SoldToParty($select=Customer,CustomerName)"],
            "fields": [
                {"name": "order", "path": "SalesOrder", "required": True},
                {"name": "customer", "path": "SoldToParty.CustomerName", "required": True},
                {"name": "net", "path": "TotalNetAmount", "type": "decimal", "required": True},
                {"name": "items", "path": "Items", "type": "whole"},
                {"name": "day", "path": "CreationDate", "type": "day", "required": True},
                {"name": "created", "path": "CreatedAt", "type": "time", "required": True},
                {"name": "changed", "path": "LastChangeDateTime", "type": "time"},
            ],
        }
    ],
}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://x@127.0.0.1:1/none")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
    django.setup()
    write_rows()
    command = ["node", "node_modules/@sap/cds/bin/serve.js", "all", "--port", str(PORT)]
    server = subprocess.Popen(
        command,
        cwd=HERE,
        env={**os.environ, "NODE_ENV": "development"},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return look()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def write_rows() -> None:
    data = HERE / "db" / "data"
    data.mkdir(parents=True, exist_ok=True)
    with (data / "Sales-Customer.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Customer", "CustomerName"])
        writer.writerows([f"C{number:03}", f"甬江客户 {number} O'Neil"] for number in range(CUSTOMERS))
    with (data / "Sales-SalesOrder.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        names = "SalesOrder SoldToParty_Customer TotalNetAmount Items CreationDate CreatedAt LastChangeDateTime Note"
        writer.writerow(names.split())
        for number in range(ORDERS):
            at = BEGIN + timedelta(hours=number // 3)  # three with one and the same time: the key decides
            changed = "" if number % 5 == 0 else f"{at:%Y-%m-%dT%H:%M:%S.123Z}"
            writer.writerow(
                [f"{45_000 + number}", f"C{number % CUSTOMERS:03}", f"{number}.05", LARGEST, at.date(),
                 f"{at:%Y-%m-%dT%H:%M:%SZ}", changed, "not asked for"]
            )  # fmt: skip


def look() -> int:
    from integrations.adapters.base import Context, NeedsReconnect
    from integrations.adapters.odata import OData
    from integrations.checking import check_config
    from integrations.mapping import Mapper
    from integrations.reach import Reach

    zone, adapter = ZoneInfo("Asia/Shanghai"), OData()
    assert check_config("odata", CONFIG) == []
    [stream] = adapter.streams(CONFIG)

    def context(password: str = PASSWORD) -> Context:
        outside = Reach("acme", intranet=[f"acme=127.0.0.1:{PORT}"])
        return Context(outside, zone, datetime.now(UTC), "acme", {"user": "perf", "password": password})

    wait_for(lambda: adapter.test(CONFIG, context()))
    try:
        adapter.test(CONFIG, context("wrong"))
        refused = "let in with a wrong password"
    except NeedsReconnect as problem:
        refused = problem.code
    began = time.monotonic()
    pages = list(adapter.pages(CONFIG, stream, context(), since="", position=None))
    took = time.monotonic() - began
    rows = [Mapper(stream, zone).row(row) for page in pages for row in page.rows]
    half = list(adapter.pages(CONFIG, stream, context(), since="", position=pages[4].position))
    since = (BEGIN + timedelta(hours=ORDERS // 6)).isoformat()
    later = [row for page in adapter.pages(CONFIG, stream, context(), since=since, position=None) for row in page.rows]
    skipping = {**CONFIG, "paging": "skip", "page_rows": 100}
    skipped = [row for page in adapter.pages(skipping, stream, context(), since="", position=None) for row in page.rows]
    due = sum(number // 3 >= ORDERS // 6 for number in range(ORDERS))
    found = {
        "wrong password": (refused, "sign_in_refused"),
        "orders": (len({row.external_id for row in rows}), ORDERS),
        "rows": (len(rows), ORDERS),
        "pages": (len(pages), ORDERS // 250 + 1),  # it links to an empty one behind the last full one
        "counted by the service": (pages[0].total, ORDERS),
        "never changed": (sum(row.data["changed"] is None for row in rows), ORDERS // 5),
        "a large whole number": (rows[0].data["items"], LARGEST),
        "after a stop behind page 5": (sum(len(page.rows) for page in half), ORDERS - 5 * 250),
        f"since {since}": (len(later), due),
        "by $skip": (len({row["SalesOrder"] for row in skipped}), ORDERS),
    }
    for what, (came, wanted) in found.items():
        print(f"{'ok ' if came == wanted else 'BAD'} {what}: {came}" + ("" if came == wanted else f", not {wanted}"))
    print(f"{len(rows) / took:,.0f} rows/s over {took:.2f} s")
    return int(any(came != wanted for came, wanted in found.values()))


def wait_for(ask: Any) -> None:
    from integrations.adapters.base import SyncProblem

    for _ in range(60):
        try:
            return ask()
        except SyncProblem as problem:
            last = problem
        time.sleep(1)
    raise SystemExit(f"the service does not answer: {last!r}")


if __name__ == "__main__":
    sys.exit(main())
