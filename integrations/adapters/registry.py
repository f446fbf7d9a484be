"""The adapters there are. A new one is a folder and a line here."""

from collections.abc import Mapping

from .base import Adapter
from .csv_drop import CsvDrop
from .rest_json import RestJson
from .sql import Sql, SqlFile

ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in (RestJson(), CsvDrop(), Sql(), SqlFile())}


def adapter_named(name: str) -> Adapter:
    """Raises KeyError for one that is not installed."""
    return ADAPTERS[name]
