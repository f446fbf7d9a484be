"""Tries against real software, each started here: run by name, no part of the suite (docs/adapters/tried.md)."""

from tests.integrations.conftest import addresses, connect, shelf

__all__ = ["addresses", "connect", "shelf"]
