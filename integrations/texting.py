"""A text message as a gateway takes it, what its answer means, and when one may go (product.md §5.3, §8). Pure.

No templating language: what a gateway asks for is fields by name. Names lead down by dots where the body is JSON, and
"phones[]" is a list of one.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from .adapters.values import at_path, finite

FORM, JSON, QUERY = "form", "json", "query"
NATIONAL, PLUS, PLAIN = "national", "plus", "plain"
BEARER, BASIC, HEADER, FIELD = "bearer", "basic", "header", "field"
LIST = "[]"
HOME = "+86"
_NUMBERS = re.compile(r"\d(?:[\s\-]?\d){6,}")


class NamesClash(ValueError):
    """Two fields of one name, or a name that leads through another's value."""


@dataclass(frozen=True)
class Asks:
    """What a gateway asks for: names of fields, and the values that are always the same.

    `shape` is FORM, JSON or QUERY, `phone_form` how a number is written. Where `signature` has no field of its own it
    stands before the text, as 【…】. `secret_in` says where `secret` goes, "" for nowhere, under `secret_name` where
    that is a header or a field; for BASIC that is the user. `ok_field` holds `ok_value` in an answer that means yes;
    without a field the answer begins with it, without either the status alone counts.
    """

    shape: str
    phone_field: str
    text_field: str
    phone_form: str = NATIONAL
    signature: str = ""
    signature_field: str = ""
    template: str = ""
    template_field: str = ""
    id_field: str = ""
    fixed: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    secret_in: str = ""
    secret_name: str = ""
    ok_field: str = ""
    ok_value: str = ""


@dataclass(frozen=True)
class Parcel:
    """What is sent; `query` goes behind the address, and `method` is GET where that is all there is."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def parcel_of(asks: Asks, *, phone: str, text: str, message_id: str, secret: str) -> Parcel:
    """`phone` as "+8613800000000". Raises NamesClash."""
    given = fields_of(asks, phone=phone, text=text, message_id=message_id, secret=secret)
    headers = {**(asks.headers or {}), **_signed_in(asks, secret)}
    if asks.shape == QUERY:
        return Parcel("GET", given, headers, b"")
    if asks.shape == FORM:
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Parcel("POST", {}, kind | headers, urlencode(given, quote_via=quote).encode())
    body = json.dumps(nested(given), ensure_ascii=False).encode()
    return Parcel("POST", {}, {"Content-Type": "application/json; charset=utf-8"} | headers, body)


def fields_of(asks: Asks, *, phone: str, text: str, message_id: str, secret: str) -> dict[str, str]:
    """By the gateway's names. Raises NamesClash where two are the same."""
    if asks.signature and not asks.signature_field:
        text = f"【{asks.signature}】{text}"
    told = [
        (asks.phone_field, written(phone, asks.phone_form)),
        (asks.text_field, text),
        (asks.signature_field, asks.signature),
        (asks.template_field, asks.template),
        (asks.id_field, message_id),
        (asks.secret_name if asks.secret_in == FIELD else "", secret),
        *(asks.fixed or {}).items(),
    ]
    named = [(name, value) for name, value in told if name]
    if len({name.removesuffix(LIST) for name, _value in named}) < len(named):
        raise NamesClash
    return dict(named)


def nested(given: Mapping[str, str]) -> dict[str, Any]:
    """The body of JSON. Raises NamesClash."""
    body: dict[str, Any] = {}
    for name, value in given.items():
        *before, last = name.removesuffix(LIST).split(".")
        inner = body
        for step in before:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise NamesClash
        if last in inner:
            raise NamesClash
        inner[last] = [value] if name.endswith(LIST) else value
    return body


def written(phone: str, form: str) -> str:
    """+8613800000000 as 13800000000, as it is, or as 8613800000000. A number of another country keeps its code."""
    if form == NATIONAL and phone.startswith(HOME):
        return phone.removeprefix(HOME)
    return phone if form == PLUS else phone.removeprefix("+")


def means_taken(asks: Asks, status: int, answer: str) -> bool:
    """Whether the gateway says that it has taken the message."""
    if not 200 <= status < 300:
        return False
    if not asks.ok_field:
        return answer.strip().startswith(asks.ok_value)
    return said_in(asks, answer) == asks.ok_value


def said_in(asks: Asks, answer: str) -> str:
    """What stands in `ok_field` of an answer, "" where there is none: true and false as JSON has them."""
    if not asks.ok_field:
        return ""
    try:
        found = at_path(json.loads(answer, parse_float=finite, parse_constant=finite), asks.ok_field)
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, bool):
        return str(found).lower()
    return str(found).strip() if isinstance(found, str | int | float) else ""


def to_show(said: str) -> str:
    """A gateway's code for people to look up, at most 40 letters, without anything that could be a phone number."""
    return "".join(one for one in _NUMBERS.sub("…", said) if one.isprintable())[:40]


def is_quiet(now: datetime, quiet_from: time | None, quiet_until: time | None, zone: ZoneInfo) -> bool:
    """Whether the clock of `zone` stands between the two, the second left out; over midnight where it is the earlier
    one. Without either, and where both are the same, it never is."""
    if quiet_from is None or quiet_until is None:
        return False
    at = now.astimezone(zone).time()
    if quiet_from <= quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def day_began(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight in `zone` before `now`."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _signed_in(asks: Asks, secret: str) -> dict[str, str]:
    if asks.secret_in == BEARER:
        return {"Authorization": f"Bearer {secret}"}
    if asks.secret_in == BASIC:
        return {"Authorization": "Basic " + b64encode(f"{asks.secret_name}:{secret}".encode()).decode()}
    return {asks.secret_name: secret} if asks.secret_in == HEADER else {}


BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
