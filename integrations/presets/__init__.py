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
    """`config` fits the adapter's schema once the fields named in `asks` are filled in, dots between levels; one that
    is "" there may stay so where the schema lets it. `schedule` is a rule of `perfsys.jobs.schedules`."""

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
            name="orders",
            title=_("Orders and settlements"),
            says=_("What BI counts each day and what was settled two days later, with customers and sales regions."),
            icon="board",
            adapter="csv_drop",
            config=_config("orders"),
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
            says=_("Production and sales orders, out of its SQL Server. By what is commonly known of it, not tried."),
            icon="flow",
            adapter="sql",
            config=_config("kingdee"),
            schedule="daily 02:00",  # the orders of production say nowhere when they changed: all are read each time
            asks=_OF_A_DATABASE,
        ),
        Preset(
            name="yonyou",
            title=_("Yonyou U8"),
            says=_("Production and sales orders, out of its SQL Server. By what is commonly known of it, not tried."),
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
        Preset(
            name="odoo",
            title="Odoo",
            says=_("Orders, opportunities and production orders, over JSON-RPC."),
            icon="plug",
            adapter="rest_json",
            config=_config("odoo"),
            schedule="every 60 minutes",
            asks=("base_url", "session.body.params.db"),
        ),
        Preset(
            name="erpnext",
            title="ERPNext",
            says=_("Orders, opportunities and work orders, over its REST interface."),
            icon="plug",
            adapter="rest_json",
            config=_config("erpnext"),
            schedule="every 60 minutes",
            asks=("base_url",),
        ),
        Preset(
            name="sap",
            title="SAP S/4HANA",
            says=_("Sales orders, over OData 4; other entity sets by configuration."),
            icon="plug",
            adapter="odata",
            config=_config("sap"),
            schedule="every 60 minutes",
            asks=("base_url", "auth", "token_url", "scope"),
        ),
        Preset(
            name="jira",
            title="Jira",
            says=_("Issues of its projects, over the REST interface of a server of your own."),
            icon="flag",
            adapter="rest_json",
            config=_config("jira"),
            schedule="every 60 minutes",
            asks=("base_url", "auth"),
        ),
        Preset(
            name="webhook",
            title=_("Messages from another system"),
            says=_("It sends what has changed, signed, to an address you get here."),
            icon="inbox",
            adapter="webhook",
            config=_config("webhook"),
            schedule="every 60 minutes",
            asks=("records", "quiet_hours"),
        ),
        Preset(
            name="rest",
            title=_("Another interface with JSON"),
            says=_(
                "Any system that answers with JSON: how it signs in and pages is chosen, the fields are written down."
            ),
            icon="plug",
            adapter="rest_json",
            config=_config("rest"),
            schedule="every 60 minutes",
            asks=(
                *("base_url", "auth", "auth_header", "token_url", "scope"),
                *("session.path", "session.user", "session.password", "session.token"),
                *("records", "paging.kind", "paging.param", "paging.size", "paging.size_param", "paging.next"),
            ),
        ),
        Preset(
            name="odata",
            title=_("Another OData service"),
            says=_("Any service of OData 4: its entity sets and fields are written down."),
            icon="plug",
            adapter="odata",
            config=_config("odata"),
            schedule="every 60 minutes",
            asks=("base_url", "auth", "token_url", "scope", "paging"),
        ),
    )
}
_PLUGINS = [adapter for name, adapter in ADAPTERS.items() if name not in {one.name for one in BUILT_IN}]
PRESETS: Mapping[str, Preset] = {**{one.name: of_plugin(one) for one in _PLUGINS}, **_BUILT_IN}
