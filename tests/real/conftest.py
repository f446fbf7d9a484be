"""Tries against real software, each started here: run by name, no part of the suite (docs/adapters/tried-sql.md)."""

from tests import running
from tests.integrations.conftest import addresses, connect, shelf

__all__ = ["addresses", "connect", "shelf"]
running.LIMIT = 1800.0  # seconds; an ERP takes minutes to set itself up
