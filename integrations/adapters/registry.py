"""The adapters there are: those built in, a folder and a line here; and those of packages installed beside the product
that name one under the entry point group `perfsys.adapters` (docs/adapters/README.md).

What such a package says is looked at before it is believed. One that cannot be loaded, or is no adapter, is left out
and named by a system check: a connection that reads with it says that it is gone, and everything else goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from jsonschema import Draft202012Validator

from .base import Adapter
from .csv_drop import CsvDrop
from .odata import OData
from .rest_json import RestJson
from .sql import Sql, SqlFile
from .webhook import Webhook

GROUP = "perfsys.adapters"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ATTRIBUTES = ("title", "says", "icon", "schema", "takes_files")
_METHODS = ("secrets", "streams", "takes", "test", "pages")


@dataclass(frozen=True)
class Broken:
    """A plug-in that is left out, of which package, and why."""

    name: str
    package: str
    why: str


class NoAdapter(Exception):
    """What is wrong with something that calls itself one."""


def with_plugins(ours: Iterable[Adapter], found: Iterable[EntryPoint]) -> tuple[dict[str, Adapter], list[Broken]]:
    """All that can be used, by name, and what cannot."""
    adapters, broken = {adapter.name: adapter for adapter in ours}, []
    for point in found:
        try:
            if point.name in adapters:
                raise NoAdapter("there is another adapter of this name")
            adapters[point.name] = _loaded(point)
        except (Exception, SystemExit) as error:  # a package of somebody else's: it may raise anything
            package = point.dist.name if point.dist else "?"
            broken.append(Broken(point.name, package, f"{type(error).__name__}: {error}"))
    return adapters, broken


def _loaded(point: EntryPoint) -> Adapter:
    """Raises NoAdapter, and whatever its module raises."""
    found: Any = point.load()
    adapter: Any = found() if isinstance(found, type) else found
    if not _NAME.fullmatch(point.name) or getattr(adapter, "name", "") != point.name:
        raise NoAdapter("its name is not that of its entry point, in small letters, digits and _")
    missing = [name for name in _ATTRIBUTES if not hasattr(adapter, name)]
    missing += [name for name in _METHODS if not callable(getattr(adapter, name, None))]
    if missing:
        raise NoAdapter(f"it lacks {', '.join(missing)}")
    Draft202012Validator.check_schema(adapter.schema)
    checked: Adapter = adapter
    return checked


ADAPTERS: Mapping[str, Adapter]
BROKEN: list[Broken]
BUILT_IN = (RestJson(), OData(), CsvDrop(), Sql(), SqlFile(), Webhook())
ADAPTERS, BROKEN = with_plugins(BUILT_IN, entry_points(group=GROUP))


def adapter_named(name: str) -> Adapter:
    """Raises KeyError for one that is not installed."""
    return ADAPTERS[name]


def takes_deliveries(name: str) -> bool:
    """Whether the other side sends to an address of ours: an adapter says so itself."""
    return bool(getattr(ADAPTERS.get(name), "takes_deliveries", False))
