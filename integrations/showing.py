"""A record in words: its mapped fields with their labels, and what was different in it before.

Only what the connection maps is shown. A row may bring more, a phone number or a price that nobody has asked for, and a
goal's page is read by the whole company. Nor do those who keep the connection read beyond the mapping (product.md
§9.2): of a row set aside they see the mapped fields as they came, of all others the names.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .adapters.base import UNREADABLE, Field, Stream
from .adapters.values import at_path
from .mapping import Mapper, Unreadable, read_time
from .models import Connection, RawRecord, Record
from .reading import streams_of

LONGEST = 500  # letters of one value
LONGEST_ROW = 4000  # of a row that is shown as it came

_LETTER = re.compile(r"\w")


@dataclass(frozen=True)
class Shown:
    label: str
    text: str


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """What the source said at a time, beside what it had said before. The first one has nothing before it."""

    at: datetime
    changes: Sequence[Change] = ()
    is_first: bool = False


def stream_title(name: str) -> str:
    """What people call a kind of record; a name of the company's own stays as it is."""
    known = {
        "customers": _("Customers"),
        "opportunities": _("Opportunities"),
        "visits": _("Visits"),
        "changes": _("Changes over there"),
        "bi_snapshot": _("Orders as BI counts them"),
        "settlement_t2": _("Settled orders"),
        "customers_registered": _("Registered customers"),
        "region_map": _("Map of sales regions"),
        "work_orders": _("Work orders"),
        "defects": _("Scrap and rework"),
        "shifts": _("Shifts of the lines (OEE)"),
        "lines": _("Production lines"),
        "sales_orders": _("Sales orders"),
    }
    return known.get(name, name)


def stream_named(connection: Connection, name: str) -> Stream | None:
    """As the configuration declares it now; None where it no longer does, or fits its adapter no more."""
    return next((one for one in streams_of(connection) if one.name == name), None)


def fields_of(record: Record, stream: Stream | None, zone: ZoneInfo) -> list[Shown]:
    """What it says now, in the order of the declaration; what is empty is left out."""
    fields = stream.fields if stream else [Field(name, name) for name in record.data]
    shown = (Shown(one.label or one.name, said(record.data.get(one.name), one.type, zone)) for one in fields)
    return [one for one in shown if one.text]


def as_it_came(payload: Any, stream: Stream | None) -> str:
    """A row that does not fit: its mapped fields letter by letter, the names of the rest. Of a line that could not be
    cut into fields nobody knows which cell is which: its shape alone, where a comma too many still shows."""
    if not isinstance(payload, Mapping):
        return ""
    if isinstance(cells := payload.get(UNREADABLE), list):
        return " ┊ ".join(_LETTER.sub("•", str(cell)) for cell in cells)[:LONGEST_ROW]
    paths = [one.path for one in stream.fields] if stream else []
    lines = [f"{path}: {json.dumps(at_path(payload, path), ensure_ascii=False)}" for path in paths]
    mapped = {name for path in paths for name in (path, path.partition(".")[0])}
    if rest := [str(name) for name in payload if name not in mapped]:
        lines.append(_("Not mapped, so not shown: %(names)s") % {"names": _(", ").join(rest)})
    return "\n".join(lines)[:LONGEST_ROW]


def versions_of(raws: Sequence[RawRecord], stream: Stream | None, zone: ZoneInfo, *, more: bool) -> list[Version]:
    """Of `raws`, the newest first. With `more` there are older ones, and the oldest given only serves to compare."""
    read = _filled([_read(raw.payload, stream, zone) for raw in raws], stream)
    found = [
        Version(raw.received_at, tuple(_changes(before, after, stream, zone)))
        for raw, after, before in zip(raws, read, read[1:], strict=False)
    ]
    return found if more or not raws else [*found, Version(raws[-1].received_at, is_first=True)]


def said(value: Any, kind: str, zone: ZoneInfo) -> str:
    """A mapped value as people write it; what its type says it should be, and is not, stands as it came."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_line(one, zone) for one in value)[:LONGEST]
    if kind == "time" and (moment := _moment(value, zone)):
        return date_format(moment, "DATETIME_FORMAT")
    if kind == "day" and (day := _day(value)):
        return date_format(day, "DATE_FORMAT")
    return str(value)[:LONGEST]


def _read(payload: Any, stream: Stream | None, zone: ZoneInfo) -> Mapping[str, Any]:
    """By field; what could not be read stands as it came."""
    if stream is None:
        return {}
    return {cell.field.name: cell.raw if cell.problem else cell.value for cell in Mapper(stream, zone).cells(payload)}


def _filled(read: Sequence[Mapping[str, Any]], stream: Stream | None) -> list[Mapping[str, Any]]:
    """A tombstone that brings its key alone took nothing back: each says what the one before it said."""
    found: list[Mapping[str, Any]] = []
    for one in reversed(read):
        if found and stream and stream.deleted and one.get(stream.deleted) is True:
            one = {name: found[-1].get(name) if value in (None, "") else value for name, value in one.items()}
        found.append(one)
    return found[::-1]


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any], stream: Stream | None, zone: ZoneInfo
) -> Iterable[Change]:
    for one in stream.fields if stream else ():
        was, now = before.get(one.name), after.get(one.name)
        if was != now:
            yield Change(one.label or one.name, said(was, one.type, zone), said(now, one.type, zone))


def _line(value: Any, zone: ZoneInfo) -> str:
    """One of a list: its values beside each other, times among them as times."""
    parts = value.values() if isinstance(value, Mapping) else [value]
    return " · ".join(said(one, "time" if ":" in str(one) else "text", zone) for one in parts if one not in (None, ""))


def _moment(value: Any, zone: ZoneInfo) -> datetime | None:
    try:
        return read_time(value, zone).astimezone(zone)
    except Unreadable:
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
