"""Values of a database as JSON can hold them, and places in a reading as a run keeps them. Pure.

Numbers stay exact (a decimal is written as text, with every digit it has), times and days are ISO 8601; a time without
a zone stays without one, which the mapping reads as the tenant's own. Bytes are no value anybody could check or show:
`BYTES` stands for them, and a field that maps them sets the row aside.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ..values import storable

BYTES = {"#": "bytes"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")


def as_json(value: Any) -> Any:
    """Of one cell. What no type here knows becomes its text."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return storable(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():  # how one driver gives a time of day
            return _clock(value)
        case bytes() | bytearray() | memoryview():
            return BYTES
        case list() | tuple():
            return [as_json(each) for each in value]
        case dict():
            return {storable(str(name)): as_json(each) for name, each in value.items()}
        case _:
            return storable(str(value))


def as_list(value: Any) -> Any:
    """Of a cell whose field is a list: a column of type JSON comes as text from most databases."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return as_json(json.loads(value))
        except (ValueError, RecursionError):
            pass
    return as_json(value)


def size_of(value: Any) -> int:
    """Of one cell, about: letters, bytes, or the letters of a list as text; what is no longer than a number is 0."""
    match value:
        case str() | bytes() | bytearray():
            return len(value)
        case memoryview():
            return value.nbytes
        case list() | tuple() | dict():
            return len(str(value))
        case _:
            return 0


def _clock(value: timedelta) -> str:
    seconds = abs(value) // timedelta(seconds=1)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


# --- places ---


def kept(values: Sequence[Any]) -> list[Any]:
    """Values of one row by which its stream is ordered, as JSON from which `opened` makes the very same."""
    return [_kept(value) for value in values]


def _kept(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return {"float": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case bytes() | bytearray() | memoryview():
            return {"bytes": bytes(value).hex()}
        case _:
            return str(value)


def opened(values: Sequence[Any]) -> list[Any]:
    return [_opened(value) for value in values]


def _opened(value: Any) -> Any:
    match value:
        case {"float": text}:
            return float.fromhex(text)
        case {"decimal": text}:
            return Decimal(text)
        case {"time": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
        case {"bytes": text}:
            return bytes.fromhex(text)
        case _:
            return value


def typed_like(text: str, sample: Any, zone: ZoneInfo) -> Any:
    """A watermark, which is text, as a value to compare with a column that holds values like `sample`; None where it
    cannot be one, and then everything is read."""
    try:
        match sample:
            case bool() | None:
                return None
            case datetime():
                return _moment(text, sample, zone)
            case date():
                return date.fromisoformat(_dashed(text)[:10])
            case int():
                return int(text) if _WHOLE.fullmatch(text) else None
            case float():
                return float(text)
            case Decimal():
                return Decimal(text)
            case str():
                return text
    except (ValueError, OverflowError, InvalidOperation):
        pass
    return None


def _moment(text: str, sample: datetime, zone: ZoneInfo) -> datetime:
    found = datetime.fromisoformat(_dashed(text))
    if sample.tzinfo and not found.tzinfo:
        return found.replace(tzinfo=zone)
    if found.tzinfo and not sample.tzinfo:
        return found.astimezone(zone).replace(tzinfo=None)
    return found


def _dashed(text: str) -> str:
    return text.strip().replace("/", "-")
