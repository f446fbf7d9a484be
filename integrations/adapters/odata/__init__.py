"""Any OData 4.0 service, described as data (OASIS OData 4.01: Protocol, URL Conventions, JSON Format).

{"base_url": "https://erp.example.com/odata/v4/sales", "auth": "basic",
 "streams": [{"name": "orders", "entity_set": "SalesOrder", "key": ["SalesOrder"], "cursor": "changed_at", ...}]}

What is mapped is what is asked for ($select, and $expand of what "expand" names), what has changed since the last time
($filter on the cursor, with its fallback where it is null), in an order that stays ($orderby: the cursor, then the
key). Rows that have neither come every time; "never_null" names fields that the service refuses to compare with null.
The next page is @odata.nextLink; "paging": "skip" asks a service that gives none with $top and $skip, by key alone: a
row that is changed meanwhile would move to the end, and the one behind it to a place that was passed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import AdapterBroken, Context, Page, Request, Stream
from ..declared import declared_as, stream_schema, streams_of
from ..rest_json.paging import next_url, put_together
from ..signing import HEADER, URL, ask_signed, secrets_of, signing_rules, signing_schema, without_key
from .asking import options_of

_WAYS = ("none", "basic", "bearer", "api_key", "oauth2")
_NAME = r"[^\W\d]\w{0,127}"  # an identifier (CSDL §15.2)
_OPTION = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"^[^\x00-\x1f]*\Z"}
ROWS = 200  # a page, where a service does as it is asked
AGAIN = 20  # rows

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": URL},
        **signing_schema(*_WAYS),
        "headers": {
            "type": "object",
            "propertyNames": {"pattern": HEADER},
            "additionalProperties": {"type": "string", "maxLength": 500, "pattern": r"^[\x20-\x7e]*\Z"},
        },
        "paging": {"enum": ["server", "skip"]},
        "page_rows": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "count": {"type": "boolean"},
        "per_minute": {"type": "integer", "minimum": 6, "maximum": 6_000},
        "streams": stream_schema(
            own={
                "entity_set": {"type": "string", "pattern": rf"^{_NAME}([./]{_NAME}){{0,5}}\Z", "maxLength": 300},
                "expand": {"type": "array", "items": _OPTION, "maxItems": 20},
                "filter": _OPTION,
                "never_null": {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": 2},
                "select": {"enum": ["mapped", "all"]},
            },
            required=["entity_set"],
        ),
    },
    "required": ["base_url", "streams"],
    **signing_rules(*_WAYS),
    "additionalProperties": False,
}


class OData:
    name = "odata"
    title: Promise | str = _("OData service")
    says: Promise | str = _("Reads entity sets of an OData 4 service, as SAP, Dynamics and many others offer them.")
    icon = "plug"
    schema: Mapping[str, Any] = SCHEMA
    takes_files = False

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return ()

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        return secrets_of(config)

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return streams_of(config)

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """The first page of each stream: a reader may see one and not the other."""
        for stream in self.streams(config):
            next(self.pages(config, stream, context, since="", position=None))

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """`position` is the address of the next page, or how many rows were skipped, and since when."""
        here = declared_as(config, stream)
        by_skip, rows_a_page = config.get("paging") == "skip", config.get("page_rows", ROWS)
        place: Mapping[str, Any] = position or {"since": since}
        been: set[str] = set()
        last: Sequence[Any] = ()
        while True:
            url, params = _asked(config, here, stream, context, place)
            headers = {**config.get("headers", {}), **_headers(rows_a_page, by_skip=by_skip)}
            answer = ask_signed(config, context, Request(url, params, headers))
            rows, total = _rows(answer.body), _count(answer.body)
            following = _following(config, answer.body, place, rows, put_together(url, params))
            if following is not None:
                key = str(following.get("url") or following.get("skip"))
                if key in been or (by_skip and rows == last):
                    raise AdapterBroken("goes_round", stream=stream.name)
                been.add(key)
            yield Page(rows, following, total)
            if following is None:
                return
            place, last = following, rows


def _asked(
    config: Mapping[str, Any], here: Mapping[str, Any], stream: Stream, context: Context, place: Mapping[str, Any]
) -> tuple[str, dict[str, str]]:
    if place.get("url"):
        return place["url"], {}
    by_skip = config.get("paging") == "skip"
    count, since = config.get("count", True), place.get("since", "")
    options = options_of(here, stream, since, stream.zone_or(context.zone), count=count, by_key=by_skip)
    if by_skip:
        options["$top"] = str(config.get("page_rows", ROWS))
        if place.get("skip"):
            options["$skip"] = str(place["skip"])
    return f"{config['base_url'].rstrip('/')}/{here['entity_set']}", options


def _following(
    config: Mapping[str, Any], body: Any, place: Mapping[str, Any], rows: Sequence[Any], url: str
) -> Mapping[str, Any] | None:
    """A link goes before everything: a service may cut a page off that was asked for with $top too."""
    link = body.get("@odata.nextLink", body.get("@nextLink"))
    if link is not None:
        if not isinstance(link, str) or not link:
            raise AdapterBroken("no_cursor", path="@odata.nextLink")
        return {"url": without_key(config, next_url(url, link)), "since": place.get("since", "")}
    skip = place.get("skip", 0)
    end = skip + len(rows)
    if config.get("paging") != "skip" or place.get("url") or end <= place.get("end", 0):
        return None
    # A few rows once more: those behind a row that is deleted meanwhile move up.
    again = min(AGAIN, len(rows) // 2)
    return {"skip": end - again, "end": end, "since": place.get("since", "")}


def _headers(rows_a_page: int, *, by_skip: bool) -> dict[str, str]:
    wanted = {
        "Accept": "application/json;odata.metadata=minimal;IEEE754Compatible=true",
        "OData-MaxVersion": "4.01",
        "OData-Version": "4.0",
    }
    return wanted if by_skip else {**wanted, "Prefer": f"odata.maxpagesize={rows_a_page}"}


def _rows(body: Any) -> list[Mapping[str, Any]]:
    rows = body.get("value") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AdapterBroken("no_records", path="value")
    return [_plain(row) for row in rows]


def _plain(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what is said about it: an @odata.etag is another one after each change of things nobody reads."""
    return {name: _plain_value(value) for name, value in row.items() if "@" not in name}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    return [_plain_value(each) for each in value] if isinstance(value, list) else value


def _count(body: Mapping[str, Any]) -> int | None:
    """A number, or one as text (IEEE754Compatible)."""
    found = body.get("@odata.count", body.get("@count"))
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
