"""The adapters there are. A new one is a folder and a line here."""

from collections.abc import Mapping

from .base import Adapter
from .csv_drop import CsvDrop
from .odata import OData
from .rest_json import RestJson
from .webhook import Webhook

ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in (RestJson(), OData(), CsvDrop(), Webhook())}


def adapter_named(name: str) -> Adapter:
    """Raises KeyError for one that is not installed."""
    return ADAPTERS[name]


def takes_deliveries(name: str) -> bool:
    """Whether the other side sends to an address of ours: an adapter says so itself."""
    return bool(getattr(ADAPTERS.get(name), "takes_deliveries", False))
