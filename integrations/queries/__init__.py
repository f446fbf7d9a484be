"""Reads for the pages and reports of integrations, one module a noun."""

from .connection import (
    LIVE,
    ConnectionHealth,
    ConnectionRow,
    connection_health,
    connections_page,
    name_of_record,
    record_named,
)

__all__ = [
    "LIVE",
    "ConnectionHealth",
    "ConnectionRow",
    "connection_health",
    "connections_page",
    "name_of_record",
    "record_named",
]
