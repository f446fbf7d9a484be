"""Any API that hands out JSON in pages behind a cursor, described as data: no code and no template language.

{"base_url": "https://crm.example.com/api", "auth": "bearer",
 "records": "data.items", "total": "data.total", "ok": {"path": "code", "equals": 0},
 "paging": {"param": "cursor", "next": "data.next_cursor", "more": "data.has_more"},
 "streams": [{"name": "visits", "path": "/visits", "params": {"size": "200"}, "since": "updated_after", ...}]}

With "auth": "api_key" the key goes into the header named by "auth_header" (X-API-Key), or where a system knows no other
way into the query parameter named by "auth_param".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import AdapterBroken, Context, NeedsReconnect, Page, RetryLater, Stream
from ..declared import declared_as, stream_schema, streams_of
from ..values import at_path

_TAKEN = "host|connection|content-length|transfer-encoding|accept-encoding|authorization|cookie"
_HEADER = rf"^(?!(?i:{_TAKEN})$)[A-Za-z0-9-]{{1,60}}\Z"
_VALUE = {"type": "string", "maxLength": 500, "pattern": r"^[\x20-\x7e]*\Z"}
_PATH = {"type": "string", "maxLength": 200}
_PARAM = {"type": "string", "minLength": 1, "maxLength": 60}
_PARAMS = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}, "maxProperties": 30}
_CODES = {"type": "array", "items": {"type": ["integer", "string"]}, "maxItems": 50}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {
            "type": "string",
            "minLength": 1,
            "maxLength": 500,
            "pattern": r"^https?://[^\s/?#@]+(/[^\s?#]*)?\Z",
        },
        "auth": {"enum": ["none", "bearer", "api_key"]},
        "auth_header": {"type": "string", "pattern": _HEADER},
        "auth_param": _PARAM,
        "headers": {"type": "object", "propertyNames": {"pattern": _HEADER}, "additionalProperties": _VALUE},
        "ok": {
            "type": "object",
            "properties": {"path": _PATH, "equals": {}, "reconnect": _CODES, "later": _CODES},
            "required": ["path", "equals"],
            "additionalProperties": False,
        },
        "records": _PATH,
        "total": _PATH,
        "paging": {
            "type": "object",
            "properties": {"param": _PARAM, "next": {**_PATH, "minLength": 1}, "more": _PATH},
            "required": ["param", "next"],
            "additionalProperties": False,
        },
        "streams": stream_schema(
            own={
                "path": {"type": "string", "pattern": r"^/[^\s?#]*\Z", "maxLength": 300},
                "params": _PARAMS,
                "since": _PARAM,
            },
            required=["path"],
        ),
    },
    "required": ["base_url", "streams"],
    "dependentRequired": {"auth_header": ["auth"], "auth_param": ["auth"]},
    "additionalProperties": False,
}


class RestJson:
    name = "rest_json"
    title: Promise | str = _("Interface with JSON pages")
    says: Promise | str = _("Fetches pages over https, as most systems with an open interface hand them out.")
    icon = "plug"
    schema: Mapping[str, Any] = SCHEMA
    takes_files = False

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return ()

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        by_kind: Mapping[str, Mapping[str, Promise | str]] = {
            "bearer": {"token": _("Access token")},
            "api_key": {"key": _("API key")},
        }
        return by_kind.get(config.get("auth", "none"), {})

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return streams_of(config)

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """The first page of each stream: a key may open one and not the other."""
        for stream in self.streams(config):
            next(self.pages(config, stream, context, since="", position=None))

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """`position` is the cursor of the next page, with the `since` it belongs to: a source may refuse a cursor
        together with another filter than the one it was given for."""
        here = declared_as(config, stream)
        url = config["base_url"].rstrip("/") + here["path"]
        signed = self._signed(config, context)
        headers = {**config.get("headers", {}), **signed.headers}
        cursor = str(position["cursor"]) if position else ""
        since = str(position["since"]) if position else since
        asked = {cursor}
        while True:
            params = {**here.get("params", {}), **signed.params}
            if since and (name := here.get("since")):
                params[name] = since
            if cursor:
                params[config["paging"]["param"]] = cursor
            body = context.outside.get_json(url, params=params, headers=headers)
            _check_said(config, body)
            rows, total = _rows(config, body), _count(config, body)
            cursor = _next_cursor(config, body)
            if cursor in asked and cursor:
                raise AdapterBroken("goes_round", stream=stream.name)
            asked.add(cursor)
            yield Page(rows, {"cursor": cursor, "since": since} if cursor else None, total)
            if not cursor:
                return

    def _signed(self, config: Mapping[str, Any], context: Context) -> _Signed:
        wanted = self.secrets(config)
        if not all(context.secret.get(name) for name in wanted):
            raise NeedsReconnect("secret_missing")
        if config.get("auth") == "bearer":
            return _Signed(headers={"Authorization": f"Bearer {context.secret['token']}"})
        if config.get("auth") != "api_key":
            return _Signed()
        if name := config.get("auth_param"):
            return _Signed(params={name: context.secret["key"]})
        return _Signed(headers={config.get("auth_header", "X-API-Key"): context.secret["key"]})


class _Signed(NamedTuple):
    """What it signs in with, where each request carries it."""

    headers: Mapping[str, str] = MappingProxyType({})
    params: Mapping[str, str] = MappingProxyType({})


def _check_said(config: Mapping[str, Any], body: Any) -> None:
    """Many interfaces answer 200 to everything and say inside how it went."""
    if not (ok := config.get("ok")):
        return
    said = at_path(body, ok["path"])
    if said == ok["equals"] and isinstance(said, bool) == isinstance(ok["equals"], bool):
        return
    words: dict[str, Any] = {"said": said} if isinstance(said, int) else {}  # a text of the other side's stays there
    if said in ok.get("reconnect", ()):
        raise NeedsReconnect("sign_in_refused", **words)
    if said in ok.get("later", ()):
        raise RetryLater("busy", **words)
    raise AdapterBroken("says_no", **words)


def _rows(config: Mapping[str, Any], body: Any) -> list[Mapping[str, Any]]:
    path = config.get("records", "")
    rows = at_path(body, path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AdapterBroken("no_records", path=path or "–")
    return rows


def _count(config: Mapping[str, Any], body: Any) -> int | None:
    found = at_path(body, config["total"]) if config.get("total") else None
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _next_cursor(config: Mapping[str, Any], body: Any) -> str:
    """ "" at the end."""
    if not (paging := config.get("paging")):
        return ""
    if paging.get("more"):
        more = at_path(body, paging["more"])
        if not isinstance(more, bool):
            raise AdapterBroken("no_cursor", path=paging["more"])
        if not more:
            return ""
    found = at_path(body, paging["next"])
    if found is None or found == "":
        if paging.get("more"):  # it says there is more, and not where
            raise AdapterBroken("no_cursor", path=paging["next"])
        return ""
    if isinstance(found, bool) or not isinstance(found, (str, int)) or len(str(found)) > 2000:
        raise AdapterBroken("no_cursor", path=paging["next"])
    return str(found)
