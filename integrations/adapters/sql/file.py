"""A database in one file (SQLite), opened out of memory so that it can only be read.

What was handed in, or stands in the drop folder, is read whole and given to SQLite as a database of memory: there is
no path it could write to or attach, whatever the file says of itself. What a statement may do is decided before it
runs: read tables and views, and call functions that only calculate.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from ..base import AdapterBroken
from .drivers import errors_of, judge_sqlite

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
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as database, errors_of(judge_sqlite, name):
        database.deserialize(_without_log(content))
        _only_reads(database, _limit(seconds))
        engine = create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool)
        with engine.connect() as connection:
            yield connection


def _without_log(content: bytes) -> bytes:
    """A file that keeps a log beside it (-wal) cannot be opened out of memory; what stands in the file itself can."""
    return content[:18] + b"\1\1" + content[20:] if content[18:20] == b"\2\2" else content


def _only_reads(database: sqlite3.Connection, is_late: Callable[[], bool]) -> None:
    database.text_factory = _letters
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")
    database.set_progress_handler(is_late, _STEPS)

    def may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        calls = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _MAY_NOT_CALL
        asks = action == sqlite3.SQLITE_PRAGMA and first == _SQLALCHEMY_ASKS and second is None
        return sqlite3.SQLITE_OK if action in _MAY or calls or asks else sqlite3.SQLITE_DENY

    database.set_authorizer(may)


def _limit(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _letters(text: bytes) -> str:
    """UTF-8 as SQLite has it, or what older programs here write into it all the same."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("gb18030", "replace")
