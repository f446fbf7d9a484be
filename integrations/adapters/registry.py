"""The adapters there are. A new one is a folder and a line here."""

from collections.abc import Mapping

from .base import Adapter

ADAPTERS: Mapping[str, Adapter] = {}


def adapter_named(name: str) -> Adapter:
    """Raises KeyError for one that is not installed."""
    return ADAPTERS[name]
