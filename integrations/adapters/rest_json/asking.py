"""What is asked for a page: since when, and where in the request each value stands. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..base import AdapterBroken, Request
from ..values import put_at

# What a value may hold that is written between other words: nothing that could end them.
_HARMLESS = re.compile(r"[\w.:+ -]{1,80}", re.ASCII)


def _blank(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


# How a time is written, by what a system expects; "as_it_came" is as it stands in the rows.
FORMS: Mapping[str, Callable[[datetime, ZoneInfo], str]] = {
    "as_it_came": lambda moment, zone: "",
    "utc": lambda moment, zone: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "utc_blank": lambda moment, zone: _blank(moment.astimezone(UTC)),
    "local_blank": lambda moment, zone: _blank(moment.astimezone(zone)),
    "minutes": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    "day": lambda moment, zone: moment.astimezone(zone).date().isoformat(),
    "seconds": lambda moment, zone: str(int(moment.timestamp())),
    "milliseconds": lambda moment, zone: str(int(moment.timestamp()) * 1000),
}


def written_since(here: Mapping[str, Any], since: str, zone: ZoneInfo) -> str:
    """The cursor value as this system expects it; "" asks for everything. What cannot be written asks for everything
    too: reading too much loses nothing."""
    value = _formed(here.get("since_form", "as_it_came"), since, zone) or here.get("since_begin", "")
    around = here.get("since_prefix", ""), here.get("since_suffix", "")
    if not value or (any(around) and not _HARMLESS.fullmatch(value)):
        return ""
    return value.join(around)


def _formed(form: str, since: str, zone: ZoneInfo) -> str:
    """A time without zone is the company's. What is no time, a number, stays as it is."""
    if form == "as_it_came" or not since:
        return since
    try:
        moment = datetime.fromisoformat(since.strip().replace("/", "-"))
    except ValueError:
        return since
    return FORMS[form](moment if moment.tzinfo else moment.replace(tzinfo=zone), zone)


def request_for(
    config: Mapping[str, Any], here: Mapping[str, Any], url: str, asked: Mapping[str, Any], since: str
) -> Request:
    """`asked` is what the paging wants, `since` as it is written. Raises AdapterBroken for a place in the body that
    there is not."""
    headers, params = config.get("headers", {}), dict(here.get("params", {}))
    wanted = {**({here["since"]: since} if since and here.get("since") else {}), **asked}
    if here.get("method", "GET") == "GET" or here.get("asks_in") == "query":
        params |= {name: str(value) for name, value in wanted.items()}
        wanted = {}
    if here.get("method", "GET") == "GET":
        return Request(url, params, headers)
    body = copy.deepcopy(here.get("body", {}))
    try:
        for path, value in wanted.items():
            put_at(body, path, value)
    except KeyError:
        raise AdapterBroken("config_unfit") from None
    return Request(url, params, headers, "POST", json=body)
