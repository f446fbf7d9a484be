"""A database in one file (SQLite), opened out of memory so that it can only be read.

What was handed in, or stands in the drop folder, is read whole and given to SQLite as a database of memory: there is
no path it could write to or attach, whatever the file says of itself. What a statement may do is decided before it
runs: read tables and views, and call functions that only calculate.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from ..base import AdapterBroken
from .drivers import VALUE_BYTES, errors_of, judge_sqlite

_MAY = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION}
_MAY_NOT_CALL = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}
_SQLALCHEMY_ASKS = "read_uncommitted"
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock
_HEADER = b"SQLite format 3\0"


@contextmanager
def opened_file(content: bytes, name: str, seconds: float) -> Iterator[Connection]:
    """A connection to the database that `content` is; a statement has `seconds`. Raises AdapterBroken, RetryLater."""
    if not content.startswith(_HEADER):
        raise AdapterBroken("file_damaged", file=name)
    with _memory(seconds) as database, errors_of(judge_sqlite, name):
        database.deserialize(_without_log(content))
        _only_reads(database)
        engine = create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool)
        with engine.connect() as connection:
            yield connection


def _without_log(content: bytes) -> bytes:
    """A file that keeps a log beside it (-wal) cannot be opened out of memory; what stands in the file itself can."""
    return content[:18] + b"\1\1" + content[20:] if content[18:20] == b"\2\2" else content


def _memory(seconds: float) -> closing[sqlite3.Connection]:
    """An empty database whose statements have `seconds` each."""
    clock = _Clock(seconds)

    class Timed(sqlite3.Cursor):
        def execute(self, *given: Any) -> Self:
            clock.wind()
            with clock:
                return super().execute(*given)

        def fetchone(self) -> Any:
            with clock:
                return super().fetchone()

        def fetchmany(self, *given: Any) -> list[Any]:
            with clock:
                return super().fetchmany(*given)

        def fetchall(self) -> list[Any]:
            with clock:
                return super().fetchall()

    class Database(sqlite3.Connection):
        def cursor(self, *_: Any) -> Any:
            return super().cursor(Timed)

    database = sqlite3.connect(":memory:", check_same_thread=False, factory=Database)
    database.set_progress_handler(clock.is_late, _STEPS)
    return closing(database)


class _Clock:
    """What a statement has left. It runs while SQLite is at it, not while its rows are being written down here."""

    def __init__(self, seconds: float) -> None:
        self._seconds = self._left = seconds
        self._until = math.inf

    def wind(self) -> None:
        self._left = self._seconds

    def __enter__(self) -> None:
        self._until = time.monotonic() + self._left

    def __exit__(self, *_: object) -> None:
        self._left, self._until = self._until - time.monotonic(), math.inf

    def is_late(self) -> bool:
        return time.monotonic() > self._until


def _only_reads(database: sqlite3.Connection) -> None:
    database.text_factory = _letters
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
    for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")

    def may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        calls = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _MAY_NOT_CALL
        asks = action == sqlite3.SQLITE_PRAGMA and first == _SQLALCHEMY_ASKS and second is None
        return sqlite3.SQLITE_OK if action in _MAY or calls or asks else sqlite3.SQLITE_DENY

    database.set_authorizer(may)


def _letters(text: bytes) -> str:
    """UTF-8 as SQLite has it, or what older programs here write into it all the same."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("gb18030", "replace")
