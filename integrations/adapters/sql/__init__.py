"""Tables and views of a database, described as data: MySQL, MariaDB, PostgreSQL, SQL Server, Oracle, and SQLite files.

{"dialect": "mysql", "host": "mes.acme.lan", "port": 3306, "database": "MES", "user": "perfsys_read",
 "streams": [{"name": "work_orders", "table": "T_MES_WIP_ORDER", "key": ["number"], "cursor": "changed_at",
              "fields": [{"name": "number", "path": "WO_NO", "required": true}, ...]},
             {"name": "daily", "select": "SELECT DAY, LINE, SUM(QTY) AS QTY FROM T GROUP BY DAY, LINE", ...}]}

Only the columns that are mapped are asked for. Reading it needs SQLAlchemy, which takes a quarter of a second to load:
so not before somebody reads, nor the grammars of SQL before somebody writes a SELECT.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..base import Context, NeedsReconnect, Page, RetryLater, Stream
from ..csv_drop import STILL_WRITTEN
from ..csv_drop.folder import opened
from ..declared import declared_as, stream_schema, streams_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .asking import Question

SECONDS, MOST_SECONDS = 30, 60  # of one statement; within a job's lease
FILE_BYTES = 64 * 1024 * 1024
PORTS = {"mysql": 3306, "postgresql": 5432, "mssql": 1433, "oracle": 1521}

_PART = r"(\"[^\"\x00-\x1f]{1,128}\"|[^\s\"'`;.,()\[\]\x00-\x1f-]{1,128})"
_STREAMS = stream_schema(
    own={
        "table": {"type": "string", "pattern": rf"^{_PART}(\.{_PART}){{0,2}}\Z"},
        "select": {"type": "string", "minLength": 1, "maxLength": 8000},
    },
    required=[],
)
_READING: Mapping[str, Any] = {
    "count": {"type": "boolean"},
    "page_rows": {"type": "integer", "minimum": 10, "maximum": 5000},
    "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": MOST_SECONDS},
    "streams": _STREAMS,
}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "dialect": {"enum": list(PORTS)},
        "host": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\s/?#@\\,;:\[\]]+\Z"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "database": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": r"^[^\x00-\x1f;{}=']+\Z"},
        "user": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": r"^[^\x00-\x1f;{}]+\Z"},
        "encoding": {"enum": ["utf8", "gbk"]},
        "tls": {"type": "boolean"},
        **_READING,
    },
    "required": ["dialect", "host", "port", "database", "user", "streams"],
    "additionalProperties": False,
}
FILE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "folder": {"type": "string", "pattern": r"^(\w[\w.-]{0,63})?\Z"},
        "file": {"type": "string", "minLength": 1, "pattern": r"^[^/\\\x00-\x1f]{1,120}\Z"},
        **_READING,
    },
    "required": ["file", "streams"],
    "additionalProperties": False,
}


class _Tables:
    """What both have in common: streams over tables. `_open` is where they lie."""

    takes_files = False
    fetched = 200  # rows at once

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        return {}

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return streams_of(config)

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return ()

    def problems(self, config: Mapping[str, Any]) -> list[str]:
        """What no schema can say of a configuration that fits it, in sentences."""
        return [found for each in config["streams"] if (found := _problem(each, self._dialect(config)))]

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """A row of each stream: a grant may cover one table and not the other."""
        from . import reading

        with self._open(config, context) as connection:
            for stream in self.streams(config):
                reading.first_row(connection, self._question(config, stream, connection))

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """`position` is the last row that was read, by its cursor and key."""
        from . import reading

        page = config.get("page_rows", reading.PAGE_ROWS)
        portion, counts = reading.PORTION_ROWS // page * page, config.get("count", True)
        how = reading.How(page, portion, counts, self.fetched)
        with self._open(config, context) as connection:
            question = self._question(config, stream, connection)
            yield from reading.pages(connection, question, since=since, position=position, zone=context.zone, how=how)

    def _question(self, config: Mapping[str, Any], stream: Stream, connection: Connection) -> Question:
        reserved = frozenset(connection.dialect.identifier_preparer.reserved_words)
        from .asking import Question

        return Question(stream, declared_as(config, stream), reserved)

    def _dialect(self, config: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def _open(self, config: Mapping[str, Any], context: Context) -> AbstractContextManager[Connection]:
        raise NotImplementedError


class Sql(_Tables):
    name = "sql"
    title: Promise | str = _("Database (SQL)")
    says: Promise | str = _("Reads tables and views of a database: MySQL, MariaDB, PostgreSQL, SQL Server, Oracle.")
    icon = "template"
    schema: Mapping[str, Any] = SCHEMA

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        return {"password": _("Password")}

    def _dialect(self, config: Mapping[str, Any]) -> str:
        return str(config["dialect"])

    @contextmanager
    def _open(self, config: Mapping[str, Any], context: Context) -> Iterator[Connection]:
        from . import drivers

        if not context.secret.get("password"):
            raise NeedsReconnect("secret_missing")
        host, port = config["host"], config["port"]
        address = context.outside.addresses(host, port)[0]
        server = drivers.Server(
            dialect=config["dialect"],
            address=address,
            host=host,
            port=port,
            database=config["database"],
            user=config["user"],
            password=context.secret["password"],
            encoding=config.get("encoding", "utf8"),
            is_encrypted=config.get("tls", False),
            seconds=max(1, int(context.outside.seconds(config.get("timeout_seconds", SECONDS)))),
            zone=context.zone,
        )
        with drivers.connected(server) as connection:
            yield connection


class SqlFile(_Tables):
    name = "sql_file"
    title: Promise | str = _("Database in a file (SQLite)")
    says: Promise | str = _("Reads tables of a database file from a folder, or of the one you hand in.")
    icon = "file"
    schema: Mapping[str, Any] = FILE_SCHEMA
    takes_files = True
    fetched = 20  # nothing between them and the file: more at once would save no time

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        """Where it is read from a folder, what lies there counts, and nothing is handed in."""
        is_it = not config.get("folder") and file_name.casefold() == config["file"].casefold()
        return [each["name"] for each in config["streams"]] if is_it else ()

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """The file is there and can be read; a connection without a folder lives on what is handed in."""
        if config.get("folder") or context.handed_in:
            super().test(config, context)

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """The file as it is now. One not handed in yet has nothing."""
        if config.get("folder") or context.handed_in:
            yield from super().pages(config, stream, context, since=since, position=position)

    def _dialect(self, config: Mapping[str, Any]) -> str:
        return "sqlite"

    @contextmanager
    def _open(self, config: Mapping[str, Any], context: Context) -> Iterator[Connection]:
        from .file import opened_file

        content = _content(config, context)
        if len(content) > FILE_BYTES:
            raise NeedsReconnect("database_too_large", limit=FILE_BYTES // 1024**2, file=config["file"])
        seconds = context.outside.seconds(config.get("timeout_seconds", SECONDS))
        with opened_file(content, config["file"], seconds) as connection:
            yield connection


def _content(config: Mapping[str, Any], context: Context) -> bytes:
    """What lies in the folder, or without one what was handed in last."""
    folder, file = config.get("folder", ""), config["file"]
    if not folder:
        return context.handed_in[-1].content
    if settings.INTEGRATION_DROPS is None:
        raise NeedsReconnect("no_drop_folders", folder=folder)
    with opened(settings.INTEGRATION_DROPS, context.tenant, folder) as there:
        read = there.read(file, at_most=FILE_BYTES)
    if read is None:
        raise NeedsReconnect("no_such_file", file=file, folder=folder)
    content, written_at = read
    if abs(context.now - written_at) < STILL_WRITTEN:
        raise RetryLater("still_written", file=file, after=STILL_WRITTEN)
    return content


def _problem(declared: Mapping[str, Any], dialect: str) -> str:
    words = {"stream": declared["name"]}
    if ("table" in declared) == ("select" in declared):
        return gettext("“%(stream)s” needs either a “table” or a “select”, one of the two.") % words
    if "select" not in declared:
        return ""
    from . import one_select

    try:
        one_select.check_select(declared["select"], dialect)
    except one_select.NotOneSelect as error:
        if not error.what:
            sentence = gettext("“%(stream)s”: the text cannot be understood as one SELECT of this kind of database.")
            return sentence % words
        sentence = gettext("“%(stream)s”: a SELECT that only reads is needed, and this one holds “%(what)s”.")
        return sentence % {**words, "what": error.what}
    return ""
