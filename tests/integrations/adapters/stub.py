"""Servers on the loopback address that answer as a test says, and remember what they were asked."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

Answered = tuple[int, Mapping[str, str], Any]


@dataclass(frozen=True)
class Asked:
    """One request. `params` are those behind the address, decoded; `query` is as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reset(Exception):
    """Raised by an answer: the connection is cut instead."""


class Stub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Asked], Answered]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[Asked] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What it does to its clients is the test's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Stub

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, unquote(parts.path), parts.query, dict(self.headers), body)
        self.server.asked.append(asked)
        try:
            status, headers, answer = self.server.answer(asked)
        except Reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            raise
        content = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(answer: Callable[[Asked], Answered]) -> Iterator[Stub]:
    """In a thread, for as long as the block lasts."""
    server = Stub(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_GE = re.compile(r"(\w+) ge ([^\s()]+)(?P<null> or \1 eq null)?")


@dataclass
class ODataService:
    """As much of OData 4 as is asked of one: entity sets with $select, $orderby, $count, $top, $skip, a $filter of
    `field ge value`, with or without `or field eq null`, joined by `and`, and pages of `page` rows with a relative
    @odata.nextLink. It refuses what such services refuse: a + for a blank, a property nobody knows, an unsigned
    request."""

    sets: Mapping[str, Sequence[Mapping[str, Any]]]
    page: int = 4
    links: bool = True
    authorization: str = ""

    def __call__(self, asked: Asked) -> Answered:
        if self.authorization and asked.headers.get("Authorization") != self.authorization:
            return 401, {}, {"error": {"code": "401"}}
        name = asked.path.rpartition("/")[2]
        if name not in self.sets:
            return 404, {}, {"error": {"code": "404"}}
        if "+" in asked.query or not asked.headers["Accept"].startswith("application/json"):
            return 400, {}, {"error": {"code": "400"}}
        options, rows = asked.params, list(self.sets[name])
        known = {key for row in rows for key in row}
        wanted = options.get("$select", ",".join(known)).split(",")
        order = options.get("$orderby", "").split(",")
        if not {*wanted, *filter(None, order)} <= known:
            return 400, {}, {"error": {"code": "400"}}
        for field, value, or_null in _GE.findall(options.get("$filter", "")):
            rows = [row for row in rows if (or_null if row.get(field) is None else row[field] >= value)]
        total = len(rows)
        rows.sort(key=lambda row: [str(row.get(each) or "") for each in order if each])
        start = int(options.get("$skiptoken", 0)) + int(options.get("$skip", 0))
        most = min(self.page, int(options.get("$top", self.page)))
        body: dict[str, Any] = {"@odata.context": "$metadata#" + name, "@odata.count": total}
        body["value"] = [
            {"@odata.etag": f'W/"{place}"', **{key: row[key] for key in wanted if key in row}}
            for place, row in enumerate(rows[start : start + most])
        ]
        if self.links and start + most < total:
            link = {**options, "$skiptoken": str(start + most)}
            body["@odata.nextLink"] = f"{name}?{urlencode(link).replace('+', '%20')}"
        return 200, {"OData-Version": "4.0"}, body
