"""Systems to read from, well-behaved and otherwise; all of them real servers on the loopback address."""

import gzip
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.adapters.base import Answer, Context, Request
from integrations.presets import PRESETS
from integrations.reach import Reach
from perfsys.demo.crm import Asked, SampleCrm, serving

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI)
TOKEN = "tok-4711"
Fault = str | tuple[int, Mapping[str, str]] | bytes | Mapping[str, Any]


class FaultyCrm(SampleCrm):
    """`faults` are used up one a request, "" lets one through; `asked` is each request's path and headers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.faults: deque[Fault] = deque()
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def answer(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        self.asked.append((asked.path, dict(asked.headers)))
        fault = self.faults.popleft() if self.faults else ""
        match fault:
            case "":
                return super().answer(asked)
            case "reset":
                asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                asked.connection.close()
                asked.close_connection = True
                raise ConnectionResetError
            case "cut":
                return 200, {"Content-Length": "5000", "Connection": "close"}, b'{"code": 0, "data": {"items": ['
            case "drip":
                return self._drip(asked)
            case "large":
                return 200, {}, b'"' + b"x" * (5 * 1024 * 1024) + b'"'
            case "packed":
                return 200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}")
            case bytes():
                return 200, {}, fault
            case (int(status), headers):
                return status, headers, {"msg": "a body nobody may see"}
            case _:
                return 200, {}, fault

    def _drip(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for _ in range(200):  # a header that goes on and on, faster than any single timeout
                asked.wfile.write(b"x")
                asked.wfile.flush()
                time.sleep(0.02)
        finally:
            asked.close_connection = True
        raise ConnectionAbortedError


@contextmanager
def faulty_crm(**kwargs: Any) -> Iterator[FaultyCrm]:
    with serving(FaultyCrm(**kwargs)) as server:
        yield server


def reach_to(server: SampleCrm, slug: str = "acme") -> Reach:
    """As the operator would allow it."""
    return Reach(slug, intranet=[f"{slug}=127.0.0.1:{server.server_port}"])


def context_to(server: SampleCrm, **changes: Any) -> Context:
    secret = {"token": server.token} if server.token else {}
    return Context(
        **{"outside": reach_to(server), "zone": SHANGHAI, "now": NOW, "tenant": "acme", "secret": secret} | changes
    )


def crm_config(server: SampleCrm, **changes: Any) -> dict[str, Any]:
    return {**PRESETS["crm"].config, "base_url": server.address, **changes}


class Nowhere:
    """An `Outside` for adapters that never go out."""

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        raise AssertionError(f"went to {url}")

    def ask(self, request: Request) -> Answer:
        raise AssertionError(f"went to {request.url}")
