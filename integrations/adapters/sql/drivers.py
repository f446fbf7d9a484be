"""How each kind of database is called: signed in, read only, with a limit of time; and what its errors mean.

A connection goes to an address that was checked (`base.Outside.addresses`), never to a name that is looked up again.
Nothing of what a database says in its errors goes on: only its codes are looked at.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import certifi
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.pool import NullPool

from ..base import AdapterBroken, NeedsReconnect, RetryLater, SyncProblem

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """Where it is and how to sign in. `address` is the one that was checked for `host`; `seconds` a statement may
    take. `password` is never shown."""

    dialect: str
    address: str
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    encoding: str
    is_encrypted: bool
    seconds: int
    zone: ZoneInfo


@contextmanager
def connected(server: Server) -> Iterator[Connection]:
    """A connection that reads and does nothing else. What goes wrong is raised as a SyncProblem."""
    driver = DRIVERS[server.dialect]
    with errors_of(driver.judge, server.host):
        if driver.package:
            _extra(driver.package)
        engine = create_engine(f"{driver.name}://", creator=lambda: driver.open(server), poolclass=NullPool)
        connection = engine.connect()
        try:
            yield connection
        finally:
            with suppress(DBAPIError, OSError):  # the line may be dead: nothing is lost with it, it only read
                connection.close()


@contextmanager
def errors_of(judge: Callable[[BaseException], SyncProblem | None], host: str) -> Iterator[None]:
    """Errors of a driver as what is next; of one that nobody knows it is said that the database refused."""
    try:
        yield
    except (DBAPIError, InterfaceError) as error:
        raise named(judge(error.orig or error), host) from None
    except UnicodeDecodeError:
        raise AdapterBroken("other_letters", host=host) from None
    except OSError:
        raise RetryLater("unreachable", host=host) from None


def named(problem: SyncProblem | None, host: str) -> SyncProblem:
    found = problem or AdapterBroken("sql_refused")
    found.words.setdefault("host", host)
    return found


# --- PostgreSQL ---


def _open_postgresql(server: Server) -> Any:
    import psycopg2

    # `hostaddr` is where it goes, `host` whose certificate it must be.
    return psycopg2.connect(
        host=server.host,
        hostaddr=server.address,
        port=server.port,
        dbname=server.database,
        user=server.user,
        password=server.password,
        passfile="",
        connect_timeout=CONNECT_SECONDS,
        sslmode="verify-full" if server.is_encrypted else "prefer",
        sslrootcert=ssl.get_default_verify_paths().cafile or certifi.where(),
        gssencmode="disable",
        client_encoding={"gbk": "GB18030"}.get(server.encoding, "UTF8"),
        application_name="perfsys",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        options=f"-c default_transaction_read_only=on -c statement_timeout={server.seconds * 1000}"
        f" -c lock_timeout={server.seconds * 1000} -c datestyle=ISO -c timezone={server.zone.key}",
    )


_POSTGRESQL: Mapping[str, tuple[type[SyncProblem], str]] = {
    "28": (NeedsReconnect, "sign_in_refused"),
    "3D": (NeedsReconnect, "no_database"),
    "42501": (NeedsReconnect, "not_granted"),
    "42P01": (AdapterBroken, "no_table"),
    "42703": (AdapterBroken, "no_column"),
    "57014": (RetryLater, "query_too_slow"),
    "57P03": (RetryLater, "busy"),
    "57": (RetryLater, "cut_off"),
    "08": (RetryLater, "cut_off"),
    "53": (RetryLater, "busy"),
    "40": (RetryLater, "busy"),
    "55": (RetryLater, "busy"),
    "58": (RetryLater, "busy"),
    "22021": (AdapterBroken, "other_letters"),
    "22P05": (AdapterBroken, "other_letters"),
}
# Before it is signed in there is no code, and words in the language of the server.
_POSTGRESQL_SAID = (
    (re.compile(r"password|authentication|pg_hba|认证|口令|密码|\brole\b|角色"), NeedsReconnect, "sign_in_refused"),
    (re.compile(r"database \"|数据库 \""), NeedsReconnect, "no_database"),
    (re.compile(r"certificate|SSL|TLS", re.IGNORECASE), NeedsReconnect, "certificate"),
    (re.compile(r"starting up|too many|启动|过多"), RetryLater, "busy"),
    (re.compile(r"closed the connection|terminating|reset|终止|中断"), RetryLater, "cut_off"),
)


def _judge_postgresql(error: BaseException) -> SyncProblem | None:
    code = getattr(error, "pgcode", None) or ""
    for length in (5, 2):
        if found := _POSTGRESQL.get(code[:length]):
            return found[0](found[1])
    if code:
        return None
    for said, kind, word in _POSTGRESQL_SAID:
        if said.search(str(error)):
            return kind(word)
    return RetryLater("unreachable")


# --- MySQL and MariaDB ---


def _open_mysql(server: Server) -> Any:
    import pymysql
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import conversions

    seconds = server.seconds
    connection = pymysql.Connection(
        host=server.host,
        port=server.port,
        database=server.database,
        user=server.user,
        password=server.password.encode(),  # of a text the driver takes Latin letters alone
        charset={"gbk": "gbk"}.get(server.encoding, "utf8mb4"),
        conv={**conversions, FIELD_TYPE.BIT: _number_of_bits},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=seconds + 5,
        write_timeout=seconds + 5,
        local_infile=False,
        ssl=_trust() if server.is_encrypted else None,
        init_command="SET SESSION TRANSACTION READ ONLY",
        defer_connect=True,
    )
    # The socket is ours: `host` is only whose certificate it must be.
    connection.connect(socket.create_connection((server.address, server.port), CONNECT_SECONDS))
    # Each kind has a word of its own for it, and moments of type TIMESTAMP come in the zone of the session.
    is_mariadb = "mariadb" in str(connection.get_server_info()).lower()
    limit = f"max_statement_time={seconds}" if is_mariadb else f"max_execution_time={seconds * 1000}"
    for statement in (f"SET SESSION {limit}", f"SET SESSION time_zone='{_offset(server.zone)}'"):
        connection.query(statement)
    return connection


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _number_of_bits(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _offset(zone: ZoneInfo) -> str:
    """As a server without tables of zones understands it: +08:00."""
    said = datetime.now(UTC).astimezone(zone).strftime("%z")
    return f"{said[:3]}:{said[3:]}"


_MYSQL: Mapping[int, tuple[type[SyncProblem], str]] = {
    **dict.fromkeys(
        (1044, 1045, 1130, 1227, 1251, 1524, 1698, 1820, 1862, 3118, 4151), (NeedsReconnect, "sign_in_refused")
    ),
    1049: (NeedsReconnect, "no_database"),
    **dict.fromkeys((1142, 1143, 1370), (NeedsReconnect, "not_granted")),
    1146: (AdapterBroken, "no_table"),
    1054: (AdapterBroken, "no_column"),
    **dict.fromkeys((1317, 1969, 3024), (RetryLater, "query_too_slow")),
    **dict.fromkeys((1040, 1041, 1129, 1203, 1205, 1213, 1226), (RetryLater, "busy")),
    **dict.fromkeys((1053, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2014, 2027, 2055), (RetryLater, "cut_off")),
    **dict.fromkeys((2002, 2003, 2005), (RetryLater, "unreachable")),
    2026: (NeedsReconnect, "certificate"),
    **dict.fromkeys((1300, 1366, 1267, 3854), (AdapterBroken, "other_letters")),
}


def _judge_mysql(error: BaseException) -> SyncProblem | None:
    if isinstance(getattr(error, "original_exception", None), ssl.SSLError):
        return NeedsReconnect("certificate")
    code = error.args[0] if error.args else 0
    found = _MYSQL.get(code) if isinstance(code, int) else None
    return found[0](found[1]) if found else None


# --- SQL Server and Oracle: written after their drivers' documentation, not tried (docs/adapters/tried-sql.md) ---


def _open_mssql(server: Server) -> Any:
    pyodbc = _extra("pyodbc")
    words = {
        "DRIVER": "ODBC Driver 18 for SQL Server",
        "SERVER": f"tcp:{server.address},{server.port}",
        "HostNameInCertificate": server.host,
        "DATABASE": server.database,
        "UID": server.user,
        "PWD": server.password,
        "ApplicationIntent": "ReadOnly",
        "Encrypt": "yes" if server.is_encrypted else "optional",
        "TrustServerCertificate": "no" if server.is_encrypted else "yes",
    }
    braced = {name: "{" + word.replace("}", "}}") + "}" for name, word in words.items()}
    connection = pyodbc.connect(";".join(f"{name}={word}" for name, word in braced.items()), timeout=CONNECT_SECONDS)
    connection.timeout = server.seconds
    return connection


_MSSQL: Mapping[str, tuple[type[SyncProblem], str]] = {
    "28000": (NeedsReconnect, "sign_in_refused"),
    "42S02": (AdapterBroken, "no_table"),
    "42S22": (AdapterBroken, "no_column"),
    "HYT00": (RetryLater, "query_too_slow"),
    "HYT01": (RetryLater, "unreachable"),
    "40001": (RetryLater, "busy"),
    "08001": (RetryLater, "unreachable"),
    "08S01": (RetryLater, "cut_off"),
}


def _judge_mssql(error: BaseException) -> SyncProblem | None:
    found = _MSSQL.get(str(error.args[0])) if error.args else None
    return found[0](found[1]) if found else None


def _open_oracle(server: Server) -> Any:
    oracledb = _extra("oracledb")
    oracledb.defaults.fetch_lobs = False
    connection = oracledb.connect(
        host=server.address,
        port=server.port,
        service_name=server.database,
        user=server.user,
        password=server.password,
        tcp_connect_timeout=CONNECT_SECONDS,
        **({"protocol": "tcps", "ssl_server_dn_match": True} if server.is_encrypted else {}),
    )
    connection.call_timeout = server.seconds * 1000
    return connection


_ORACLE: Mapping[str, tuple[type[SyncProblem], str]] = {
    **dict.fromkeys(("ORA-01017", "ORA-28000", "ORA-28001", "ORA-01045"), (NeedsReconnect, "sign_in_refused")),
    **dict.fromkeys(("ORA-12514", "DPY-6001"), (NeedsReconnect, "no_database")),
    **dict.fromkeys(("ORA-01031", "ORA-41900"), (NeedsReconnect, "not_granted")),
    "ORA-00942": (AdapterBroken, "no_table"),
    "ORA-00904": (AdapterBroken, "no_column"),
    "DPY-4024": (RetryLater, "query_too_slow"),
    **dict.fromkeys(("ORA-03113", "ORA-03114", "DPY-4011", "DPY-1001"), (RetryLater, "cut_off")),
    **dict.fromkeys(("DPY-6005", "ORA-12541"), (RetryLater, "unreachable")),
}


def _judge_oracle(error: BaseException) -> SyncProblem | None:
    code = getattr(error.args[0], "full_code", "") if error.args else ""
    found = _ORACLE.get(code)
    return found[0](found[1]) if found else None


def _extra(package: str) -> Any:
    """A driver that the product does not bring. Raises NeedsReconnect."""
    try:
        return import_module(package)
    except ImportError:
        raise NeedsReconnect("driver_missing", package=package) from None


# --- SQLite, of a file ---

VALUE_BYTES = 5 * 1024 * 1024  # of one value: some functions make gigabytes out of nothing


def judge_sqlite(error: BaseException) -> SyncProblem | None:
    said = str(error)
    if "no such table" in said:
        return AdapterBroken("no_table")
    if "no such column" in said:
        return AdapterBroken("no_column")
    if "too big" in said:
        return AdapterBroken("value_too_large", limit=VALUE_BYTES // 1024**2)
    if "interrupted" in said:
        return RetryLater("query_too_slow")
    if any(words in said for words in ("not authorized", "prohibited", "unsafe use")):
        return AdapterBroken("not_only_read")
    if "not a database" in said or "malformed" in said or "unable to open" in said:
        return AdapterBroken("file_damaged")
    return None


@dataclass(frozen=True)
class Driver:
    """`name` is SQLAlchemy's, `package` what has to be installed beside the product."""

    name: str
    open: Callable[[Server], Any]
    judge: Callable[[BaseException], SyncProblem | None]
    package: str = ""


DRIVERS: Mapping[str, Driver] = {
    "mysql": Driver("mysql+pymysql", _open_mysql, _judge_mysql),
    "postgresql": Driver("postgresql+psycopg2", _open_postgresql, _judge_postgresql),
    "mssql": Driver("mssql+pyodbc", _open_mssql, _judge_mssql, "pyodbc"),
    "oracle": Driver("oracle+oracledb", _open_oracle, _judge_oracle, "oracledb"),
}
