"""Whether a text is one SELECT that only reads. Parsed with the grammar of its database, not searched for words.

This keeps mistakes and mischief out of a configuration. It is no wall: functions of a database may do anything, and no
list names them all. The wall is the other side's own: an account that may only SELECT, and a read-only transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import ErrorLevel, TokenType, exp, parse, tokenize
from sqlglot.errors import SqlglotError

GRAMMARS = {
    "mysql": "mysql",
    "postgresql": "postgres",
    "mssql": "tsql",
    "oracle": "oracle",
    "sqlite": "sqlite",
}
# What may stand in a tree below a SELECT and does more than read.
_ACTS = (
    exp.Alter,
    exp.Command,
    exp.Create,
    exp.Delete,
    exp.Drop,
    exp.Insert,
    exp.Into,  # SELECT INTO makes a table
    exp.Lock,  # FOR UPDATE stops whoever works there
    exp.Merge,
    exp.NextValueFor,
    exp.Set,
    exp.Update,
)
# Functions that wait, lock, write, read the server's files, or go out from it.
_FUNCTIONS = {
    "benchmark", "sleep", "get_lock", "release_lock", "release_all_locks", "master_pos_wait", "source_pos_wait",
    "wait_for_executed_gtid_set", "load_file", "sys_exec", "sys_eval", "nextval", "setval", "set_config",
    "pg_stat_file", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile", "pg_notify",
    "pg_logical_emit_message", "pg_switch_wal", "pg_promote", "pg_export_snapshot", "loread", "lowrite", "openrowset",
    "openquery", "opendatasource", "openxml", "load_extension", "readfile", "writefile", "edit", "httpuritype",
}  # fmt: skip
# The same by how their names begin: of PostgreSQL, and packages of Oracle and SQL Server.
_BEGINNINGS = (
    "dblink", "lo_", "pg_advisory", "pg_try_advisory", "pg_sleep", "pg_ls_", "pg_read_", "pg_file_", "pg_create_",
    "pg_drop_", "pg_logical_slot_", "pg_replication_", "pg_backup_", "pg_start_", "pg_stop_", "pg_wal_replay_",
    "query_to_xml", "cursor_to_xml", "database_to_xml", "schema_to_xml", "table_to_xml",
    "utl_", "dbms_", "sys.", "xp_", "sp_",
)  # fmt: skip
# Of SQL Server, those that neither lock nor leave rows out.
_HINTS = {"nolock", "readuncommitted", "index", "forceseek", "forcescan", "noexpand"}


class NotOneSelect(ValueError):
    """`what` is the part of it that is refused; "" where it is no SELECT at all."""

    def __init__(self, what: str = "") -> None:
        super().__init__(what)
        self.what = what


def check_select(text: str, dialect: str) -> None:
    """Raises NotOneSelect."""
    try:
        tokens = tokenize(text, read=GRAMMARS[dialect])
        if any(token.comments for token in tokens):
            raise NotOneSelect("/* */ --")  # some databases carry out what stands in one
        if any(token.token_type == TokenType.SEMICOLON for token in tokens):
            raise NotOneSelect(";")
        statements = parse(text, read=GRAMMARS[dialect], error_level=ErrorLevel.IMMEDIATE)
    except (SqlglotError, RecursionError):
        raise NotOneSelect from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise NotOneSelect
    for what in _more_than_reading(statements[0]):
        raise NotOneSelect(what)


def _more_than_reading(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        if isinstance(node, _ACTS):
            yield node.key.upper()
        elif isinstance(node, exp.Column) and node.name.lower() == "nextval":  # of a sequence, as Oracle writes it
            yield node.name.lower()
        elif isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name in _FUNCTIONS or name.startswith(_BEGINNINGS) or _qualified(node, name).startswith(_BEGINNINGS):
                yield name
        elif isinstance(node, exp.WithTableHint):
            yield from (hint.sql() for hint in node.expressions if hint.name.lower() not in _HINTS)


def _qualified(node: exp.Expr, name: str) -> str:
    """With the package it is of, as Oracle calls them: utl_http.request(...)."""
    parent = node.parent
    return parent.sql().lower() if isinstance(parent, exp.Dot) else name
