"""The query options of a page. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..base import Field, Stream

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


def options_of(
    here: Mapping[str, Any], stream: Stream, since: str, zone: ZoneInfo, *, count: bool, by_key: bool
) -> dict[str, str]:
    """By name, as they are before they are encoded. A cursor value that does not fit its type asks for everything."""
    expanded = list(here.get("expand", ()))
    options = {"$orderby": ",".join(_order(stream, by_key=by_key))}
    if count:
        options["$count"] = "true"
    if here.get("select", "mapped") == "mapped":
        options["$select"] = ",".join(_selected(stream, {each.partition("(")[0] for each in expanded}))
    if expanded:
        options["$expand"] = ",".join(expanded)
    never_null = here.get("never_null", ())
    filters = [each for each in (here.get("filter", ""), _since(stream, since, zone, never_null)) if each]
    if filters:
        options["$filter"] = filters[0] if len(filters) == 1 else " and ".join(f"({each})" for each in filters)
    return options


def _order(stream: Stream, *, by_key: bool) -> list[str]:
    """The cursor, and the key as what decides between equals: without it a row may stand on two pages or on none."""
    names = [name for name in ("" if by_key else stream.cursor, *stream.key) if name]
    return list(dict.fromkeys(_path(stream, name) for name in names))


def _selected(stream: Stream, expanded: set[str]) -> list[str]:
    tops = [one.path.partition(".")[0] for one in stream.fields]
    return [name for name in dict.fromkeys(tops) if name not in expanded]


def _since(stream: Stream, since: str, zone: ZoneInfo, never_null: Collection[str]) -> str:
    """Rows without a cursor value come every time: nothing says whether they are new. A service may refuse to compare
    with null what its metadata calls not nullable; such fields are named in `never_null`."""
    if not since or not stream.cursor:
        return ""
    value = literal(_field(stream, stream.cursor).type, since, zone)
    if not value:
        return ""
    asked = ""
    for name in filter(None, (stream.fallback, stream.cursor)):
        path = _path(stream, name)
        ways = [f"{path} ge {value}"]
        if name not in never_null:
            ways.append(f"({path} eq null and ({asked}))" if asked else f"{path} eq null")
        asked = " or ".join(ways)
    return asked


def literal(kind: str, value: str, zone: ZoneInfo) -> str:
    """A value of a field of this type as OData writes it (ABNF, primitiveLiteral); "" for what is none."""
    if kind in ("time", "day"):
        try:
            moment = datetime.fromisoformat(value.strip().replace("/", "-"))
        except ValueError:
            return ""
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        if kind == "day":
            return moment.astimezone(zone).date().isoformat()
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if kind in ("whole", "decimal"):
        return value if _NUMBER.fullmatch(value) else ""
    return "'" + value.replace("'", "''") + "'"


def _field(stream: Stream, name: str) -> Field:
    return next((one for one in stream.fields if one.name == name), Field(name, name))


def _path(stream: Stream, name: str) -> str:
    return _field(stream, name).path.replace(".", "/")
