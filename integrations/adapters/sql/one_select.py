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
# Functions that wait, write, read the server's files, or go out from it.
_FUNCTIONS = {
    "benchmark", "sleep", "get_lock", "release_lock", "master_pos_wait", "load_file", "sys_exec", "sys_eval",
    "pg_sleep", "pg_sleep_for", "pg_sleep_until", "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file",
    "lo_import", "lo_export", "lo_create", "lo_put", "lo_unlink", "lo_from_bytea", "dblink", "dblink_exec",
    "dblink_connect", "dblink_send_query", "nextval", "setval", "set_config", "pg_terminate_backend",
    "pg_cancel_backend", "pg_reload_conf", "pg_advisory_lock", "pg_notify", "query_to_xml", "database_to_xml",
    "table_to_xml", "pg_logical_emit_message", "pg_switch_wal", "openrowset", "openquery", "opendatasource",
    "xp_cmdshell", "xp_dirtree", "load_extension", "readfile", "writefile", "edit", "httpuritype",
}  # fmt: skip
_PACKAGES = ("utl_", "dbms_", "sys.", "xp_", "sp_")  # of Oracle and SQL Server, by how their names begin


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
            if name in _FUNCTIONS or _qualified(node, name).startswith(_PACKAGES):
                yield name


def _qualified(node: exp.Expr, name: str) -> str:
    """With the package it is of, as Oracle calls them: utl_http.request(...)."""
    parent = node.parent
    return parent.sql().lower() if isinstance(parent, exp.Dot) else name
