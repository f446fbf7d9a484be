"""Databases to read from: an SQLite file of memory's making, and a way on the loopback address to the tests' own
PostgreSQL, which listens on a socket in a folder alone."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from integrations.reach import Reach

# A cursor that many rows share, one that is empty until the first edit, and a key of two parts.
ORDERS = [
    {
        "ORDER": f"WO-{n // 2:04}",
        "STEP": n % 2,
        "QTY": f"{n}.50",
        "MADE": f"2026-11-{1 + n // 20:02} 08:00:00",
        "CHANGED": f"2026-11-{5 + n // 20:02} 09:30:00" if n % 3 else None,
        "SAYS": f"第{n}道",
    }
    for n in range(60)
]
STREAM = {
    "name": "steps",
    "table": "ORDERS",
    "key": ["order", "step"],
    "title": "says",
    "happened": "made",
    "cursor": "changed",
    "fallback": "made",
    "overlap_minutes": 60,
    "fields": [
        {"name": "order", "path": "ORDER", "required": True},
        {"name": "step", "path": "STEP", "type": "whole", "required": True},
        {"name": "quantity", "path": "QTY", "type": "decimal"},
        {"name": "made", "path": "MADE", "type": "time"},
        {"name": "changed", "path": "CHANGED", "type": "time"},
        {"name": "says", "path": "SAYS"},
    ],
}
# Without a cursor, by a SELECT of its own.
PER_ORDER = {
    "name": "orders",
    "select": """SELECT "ORDER" AS NO, COUNT(*) AS N FROM ORDERS WHERE SAYS LIKE '第%' GROUP BY "ORDER\"""",
    "key": ["number"],
    "fields": [
        {"name": "number", "path": "NO", "required": True},
        {"name": "steps", "path": "N", "type": "whole"},
    ],
}


def sqlite_file(path: Path, *more: str) -> bytes:
    """A file with ORDERS in it; `more` statements after that."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            'CREATE TABLE ORDERS ("ORDER" TEXT, STEP INTEGER, QTY TEXT, MADE TEXT, CHANGED TEXT, SAYS TEXT)'
        )
        database.executemany("INSERT INTO ORDERS VALUES (?, ?, ?, ?, ?, ?)", [tuple(row.values()) for row in ORDERS])
        for statement in more:
            database.execute(statement)
    return path.read_bytes()


def fill_postgres(cursor: Any) -> None:
    cursor.execute(
        'CREATE TABLE orders ("ORDER" text, step int, qty numeric(12, 2), made timestamp, changed timestamptz, '
        'says text, PRIMARY KEY ("ORDER", step))'
    )
    rows = [tuple(row.values()) for row in ORDERS]
    cursor.executemany(
        "INSERT INTO orders VALUES (%s, %s, %s, %s, %s::timestamp AT TIME ZONE 'Asia/Shanghai', %s)", rows
    )


class Door:
    """A port on 127.0.0.1 behind which a socket in a folder is. `breaks_after`: so many bytes of an answer, and then
    the line goes dead, once."""

    def __init__(self, path: Path) -> None:
        self.path, self.breaks_after = path, -1
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.path))
                self._open += [near, far]
                Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
                if is_answer and self.breaks_after >= 0:
                    self.breaks_after -= len(data)
                    if self.breaks_after < 0:
                        break
            for end in (here, there):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in (self.listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def door_to(path: Path) -> Iterator[Door]:
    door = Door(path)
    try:
        yield door
    finally:
        door.close()


def reach_of(*places: str) -> Reach:
    return Reach("acme", intranet=[f"acme={place}" for place in places])


def numbers(rows: Sequence[Any]) -> list[Any]:
    return [(row["ORDER"], row["STEP"]) for row in rows]
