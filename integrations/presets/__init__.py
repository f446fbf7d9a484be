"""Ready-made connections: what is usual of a kind of system, as data beside this file. A person adds what they know."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.adapters.base import Adapter
from integrations.adapters.registry import ADAPTERS, BUILT_IN


@dataclass(frozen=True)
class Preset:
    """`config` fits the adapter's schema once the fields named in `asks` are filled in; one that is "" there may stay
    so where the schema lets it. `schedule` is a rule of `perfsys.jobs.schedules`."""

    name: str
    title: Promise | str
    says: Promise | str
    icon: str
    adapter: str
    config: Mapping[str, Any]
    schedule: str
    asks: Sequence[str]


_OF_A_DATABASE = ("dialect", "host", "port", "database", "user")


def _config(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
    return found


def of_plugin(adapter: Adapter) -> Preset:
    """To begin with an adapter of another package: what its schema cannot do without is asked, as far as that is a line
    of text, a number or a choice; the rest is typed as text later."""
    properties = adapter.schema.get("properties", {})
    asks = [name for name in adapter.schema.get("required", ()) if _is_plain(properties.get(name, {}))]
    return Preset(
        adapter.name, adapter.title, adapter.says, adapter.icon, adapter.name, {}, "every 60 minutes", tuple(asks)
    )


def _is_plain(schema: Mapping[str, Any]) -> bool:
    return "enum" in schema or schema.get("type") in ("string", "integer")


_BUILT_IN: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="crm",
            title=_("CRM"),
            says=_("Customers, opportunities and visits, over an interface with JSON pages."),
            icon="people",
            adapter="rest_json",
            config=_config("crm"),
            schedule="every 60 minutes",
            asks=("base_url", "auth"),
        ),
        Preset(
            name="plm",
            title=_("PLM"),
            says=_("Drawings, versions, requirements, sign-offs and rework, as one CSV file a day."),
            icon="file",
            adapter="csv_drop",
            config=_config("plm"),
            schedule="every 60 minutes",
            asks=("folder",),
        ),
        Preset(
            name="mes",
            title=_("MES"),
            says=_("Work orders, scrap and rework, shifts with their OEE, out of the tables of its database."),
            icon="pulse",
            adapter="sql",
            config=_config("mes"),
            schedule="every 60 minutes",
            asks=_OF_A_DATABASE,
        ),
        Preset(
            name="mes_file",
            title=_("MES, as a file"),
            says=_("The same tables, out of an SQLite file that you hand in or that lies in a folder."),
            icon="file",
            adapter="sql_file",
            config={"folder": "", "file": "mes.sqlite", "streams": _config("mes")["streams"]},
            schedule="every 60 minutes",
            asks=("folder", "file"),
        ),
        Preset(
            name="kingdee",
            title=_("Kingdee Cloud (Xingkong)"),
            says=_("Production and sales orders, out of its SQL Server. Made after public documentation, not tried."),
            icon="flow",
            adapter="sql",
            config=_config("kingdee"),
            schedule="daily 02:00",  # the orders of production say nowhere when they changed: all are read each time
            asks=_OF_A_DATABASE,
        ),
        Preset(
            name="yonyou",
            title=_("Yonyou U8"),
            says=_("Production and sales orders, out of its SQL Server. Made after public documentation, not tried."),
            icon="flow",
            adapter="sql",
            config=_config("yonyou"),
            schedule="daily 02:00",
            asks=_OF_A_DATABASE,
        ),
        Preset(
            name="tryton_sql",
            title=_("Tryton"),
            says=_("Opportunities and productions, out of the tables of its database (PostgreSQL)."),
            icon="flow",
            adapter="sql",
            config=_config("tryton_sql"),
            schedule="every 60 minutes",
            asks=_OF_A_DATABASE,
        ),
    )
}
_PLUGINS = [adapter for name, adapter in ADAPTERS.items() if name not in {one.name for one in BUILT_IN}]
PRESETS: Mapping[str, Preset] = {**{one.name: of_plugin(one) for one in _PLUGINS}, **_BUILT_IN}
