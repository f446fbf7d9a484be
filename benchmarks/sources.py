"""Where `benchmarks.sync` reads from: the same visits of a CRM by each adapter, and as a plain script would read them.

Each source has the configuration of a connection, and a reader that hands out pages of rows as dictionaries.
"""

import csv
import json
import multiprocessing
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from django.conf import settings
from psycopg2.extras import RealDictCursor

from integrations.presets import PRESETS
from integrations.reach import outside_of
from tests.cluster import Cluster
from tests.integrations.adapters.databases import door_to

SLUG = "acme"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("visit_id", "customer_id", "visitor_no", "visit_at", "type", "contact_role", "summary", "next_step")
OWN_OF_REST = {"path", "params", "since"}  # what the ready-made stream says of the interface alone
FILE_ROWS = 5_000  # of a day
OLD = 1_700_000_000  # when files were written last: what is young may not be complete

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Ready:
    """A source that answers. `read` is what the script reads, page by page."""

    adapter: str
    config: dict[str, Any]
    read: Callable[[], Iterator[Rows]]
    secret: dict[str, str] = field(default_factory=dict)


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


def stream(**more: Any) -> dict[str, Any]:
    [visits] = (each for each in PRESETS["crm"].config["streams"] if each["name"] == "visits")
    return {name: value for name, value in visits.items() if name not in OWN_OF_REST} | more


class _Service(BaseHTTPRequestHandler):
    """Visits as the sample CRM hands them out (/visits), and as OData does (/Visits), made while they are asked for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a small answer waits 40 ms for the other side's word
    rows = page = 0
    wait = 0.0

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        is_odata = path.endswith("/Visits")
        start = int(asked.get("$skiptoken" if is_odata else "cursor", ["0"])[0])
        until = min(start + self.page, self.rows)
        items = [visit(number) for number in range(start, until)]
        if is_odata:
            said: dict[str, Any] = {"@odata.count": self.rows, "value": items}
            if until < self.rows:
                said["@odata.nextLink"] = f"http://{self.headers['Host']}{path}?$skiptoken={until}"
        else:
            data = {"items": items, "total": self.rows, "has_more": until < self.rows, "next_cursor": str(until)}
            said = {"code": 0, "data": data}
        body = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        time.sleep(self.wait)
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def _served(rows: int, page: int, wait: float) -> Iterator[str]:
    """The address; the service in a process of its own, so that it takes no time of who reads it."""
    _Service.rows, _Service.page, _Service.wait = rows, page, wait
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    settings.INTEGRATION_INTRANET = [f"{SLUG}=127.0.0.1:{server.server_port}"]
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        process.terminate()
        server.server_close()


@contextmanager
def rest(rows: int, page: int, wait: float) -> Iterator[Ready]:
    with _served(rows, page, wait) as address:

        def read() -> Iterator[Rows]:
            outside, cursor = outside_of(SLUG), ""
            while cursor is not None:
                asked = {"cursor": cursor} if cursor else {}
                data = outside.get_json(f"{address}/visits", params=asked, headers={})["data"]
                yield data["items"]
                cursor = data["next_cursor"] if data["has_more"] else None

        [visits] = (each for each in PRESETS["crm"].config["streams"] if each["name"] == "visits")
        yield Ready(
            "rest_json", {**PRESETS["crm"].config, "base_url": address, "auth": "none", "streams": [visits]}, read
        )


@contextmanager
def odata(rows: int, page: int, wait: float) -> Iterator[Ready]:
    with _served(rows, page, wait) as address:

        def read() -> Iterator[Rows]:
            outside, url = outside_of(SLUG), f"{address}/Visits"
            while url:
                said = outside.get_json(url, params={}, headers={})
                yield said["value"]
                url = said.get("@odata.nextLink")

        config = {"base_url": address, "auth": "none", "page_rows": page, "streams": [stream(entity_set="Visits")]}
        yield Ready("odata", config, read)


@contextmanager
def sql(rows: int, page: int, wait: float) -> Iterator[Ready]:
    """A PostgreSQL of its own, behind a port, by an index on cursor and key."""
    cluster = Cluster.temporary()
    try:
        with closing(cluster.connect()) as link, door_to(cluster.folder / ".s.PGSQL.5432") as door:
            cursor, password = link.cursor(), secrets.token_urlsafe(12)
            columns = ", ".join(f"{name} {'timestamptz' if name == 'visit_at' else 'text'}" for name in COLUMNS)
            cursor.execute(f"CREATE TABLE visits ({columns}, PRIMARY KEY (visit_at, visit_id))")
            for start in range(0, rows, FILE_ROWS):
                some = [tuple(visit(number).values()) for number in range(start, min(start + FILE_ROWS, rows))]
                marks = ",".join(["(" + ",".join(["%s"] * len(COLUMNS)) + ")"] * len(some))
                cursor.execute(f"INSERT INTO visits VALUES {marks}", [value for row in some for value in row])
            cursor.execute("CREATE ROLE reader LOGIN PASSWORD %s", [password])
            cursor.execute("GRANT SELECT ON visits TO reader")
            cursor.execute("VACUUM ANALYZE visits")
            settings.INTEGRATION_INTRANET = [f"{SLUG}=127.0.0.1:{door.port}"]
            place = {"host": "127.0.0.1", "port": door.port, "user": "reader"}

            def read() -> Iterator[Rows]:
                with closing(psycopg2.connect(**place, dbname="postgres", password=password)) as there:
                    asked = there.cursor("visits", cursor_factory=RealDictCursor)
                    asked.itersize = page
                    asked.execute("SELECT * FROM visits ORDER BY visit_at, visit_id")
                    while some := asked.fetchmany(page):
                        yield [{**row, "visit_at": row["visit_at"].isoformat()} for row in some]

            config = {**place, "dialect": "postgresql", "database": "postgres", "page_rows": page}
            yield Ready("sql", {**config, "streams": [stream(table="visits")]}, read, {"password": password})
    finally:
        cluster.stop()


@contextmanager
def sqlite(rows: int, page: int, wait: float) -> Iterator[Ready]:
    """A database in a file, as a MES leaves it in a folder; 64 MB at most, which are 250,000 visits."""
    with _dropped() as folder:
        file = folder / "MES.sqlite"
        with closing(sqlite3.connect(file)) as database, database:
            database.execute(f"CREATE TABLE visits ({', '.join(COLUMNS)}, PRIMARY KEY (visit_at, visit_id))")
            marks = ", ".join("?" * len(COLUMNS))
            made = (tuple(visit(number).values()) for number in range(rows))
            database.executemany(f"INSERT INTO visits VALUES ({marks})", made)  # question marks
        os.utime(file, (OLD, OLD))

        def read() -> Iterator[Rows]:
            with closing(sqlite3.connect(file)) as database:
                database.row_factory = sqlite3.Row
                asked = database.execute("SELECT * FROM visits ORDER BY visit_at, visit_id")
                while some := asked.fetchmany(page):
                    yield [dict(row) for row in some]

        config = {"folder": folder.name, "file": file.name, "page_rows": page, "streams": [stream(table="visits")]}
        yield Ready("sql_file", config, read)


@contextmanager
def csv_drop(rows: int, page: int, wait: float) -> Iterator[Ready]:
    """A file a day, FILE_ROWS in each."""
    with _dropped() as folder:
        starts = range(0, rows, FILE_ROWS)
        for before, start in zip(range(len(starts), 0, -1), starts, strict=True):  # yesterday's is the last
            file = folder / f"VISITS_{datetime.now(UTC) - timedelta(days=before):%Y%m%d}.csv"
            with file.open("w", encoding="utf-8", newline="") as opened:
                writer = csv.DictWriter(opened, COLUMNS)
                writer.writeheader()
                writer.writerows(visit(number) for number in range(start, min(start + FILE_ROWS, rows)))
            os.utime(file, (OLD, OLD))

        def read() -> Iterator[Rows]:
            for file in sorted(folder.iterdir()):
                with file.open(encoding="utf-8", newline="") as opened:
                    yield list(csv.DictReader(opened))

        visits = stream(pattern="VISITS_{yyyymmdd}.csv")
        yield Ready("csv_drop", {"folder": folder.name, "streams": [visits]}, read)


@contextmanager
def _dropped() -> Iterator[Path]:
    with TemporaryDirectory() as root:
        settings.INTEGRATION_DROPS = Path(root)
        folder = Path(root) / SLUG / "visits"
        folder.mkdir(parents=True)
        yield folder


SOURCES: Mapping[str, Callable[[int, int, float], AbstractContextManager[Ready]]] = {
    "rest": rest,
    "odata": odata,
    "sql": sql,
    "sqlite": sqlite,
    "csv": csv_drop,
}
