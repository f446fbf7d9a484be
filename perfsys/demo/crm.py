"""A CRM to connect to: `python -m perfsys.demo.crm --port 8091`. Standard library only, on 127.0.0.1 alone.

It hands out the pages in data/crm the way such systems do, behind a cursor; as they were handed over, with an item that
stands on two pages, customers that are deleted and amounts that are missing. Below an address that ends in a number,
http://127.0.0.1:8091/14/visits, every time is so many days later.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGES = Path(__file__).parent / "data" / "crm"
STREAMS = ("customers", "opportunities", "visits")
TOKEN = "demo-crm-token"  # noqa: S105 it opens invented data on this machine
MOMENTS = ("created_at", "entered_at", "visit_at")


class SampleCrm(ThreadingHTTPServer):
    """Without `token` anybody may read."""

    daemon_threads = True

    def __init__(self, port: int = 0, *, token: str = "") -> None:
        super().__init__(("127.0.0.1", port), Asked)
        self.token = token

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and body for one request."""
        if self.token and asked.headers["Authorization"] != f"Bearer {self.token}":
            return 401, {}, {"code": 40101, "msg": "unauthorized"}
        place = urlsplit(asked.path)
        days, _, stream = place.path.strip("/").rpartition("/")
        pages = pages_of(stream) if not days or days.isdecimal() else {}
        page = pages.get(parse_qs(place.query).get("cursor", [""])[-1])
        if not pages or page is None:
            return 404 if not pages else 400, {}, {"code": 40001, "msg": "unknown"}
        return 200, {}, moved(page, timedelta(days=int(days))) if days else page

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of this terminal's business."""


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or head and body wait 40 ms for each other
    server: SampleCrm

    def do_GET(self) -> None:
        status, headers, body = self.server.answer(self)
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(HTTPStatus(status))
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: it runs beside what is looked at."""


@contextmanager
def serving(server: SampleCrm) -> Iterator[SampleCrm]:
    """In a thread, for as long as the block lasts."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def pages_of(stream: str) -> Mapping[str, Any]:
    """By the cursor that leads to it; "" is the first."""
    pages, cursor = {}, ""
    for file in sorted(PAGES.glob(f"{stream}_page_*.json")) if stream in STREAMS else ():
        pages[cursor] = json.loads(file.read_text(encoding="utf-8"))
        cursor = pages[cursor]["data"]["next_cursor"]
    return pages


def moved(value: Any, by: timedelta) -> Any:
    """The same with every time in it `by` later."""
    if isinstance(value, list):
        return [moved(each, by) for each in value]
    if isinstance(value, dict):
        return {
            name: (datetime.fromisoformat(each) + by).isoformat() if name in MOMENTS and each else moved(each, by)
            for name, each in value.items()
        }
    return value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perfsys.demo.crm", description="A CRM to connect to.")
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--token", default=TOKEN, help="what it is signed in to with; empty lets anybody in")
    options = parser.parse_args()
    with SampleCrm(options.port, token=options.token) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
