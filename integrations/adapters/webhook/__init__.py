"""What another system sends to an address of ours, signed (`signature`), described as data.

{"records": "data.items", "event": "type",
 "streams": [{"name": "orders", "events": ["order.changed"], "key": ["id"], "cursor": "changed_at", ...}]}

At "records" stands a list of records or a single one; "" is the whole body. Without "event" there is one stream, and
all of it is that stream's. What nobody reads, a delivery of another event or without records, is set aside with the
rows of the first stream: nothing that was accepted is dropped. Where nothing at all comes for "quiet_hours", that is
told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import UNREADABLE, WHY, Context, File, NeedsReconnect, Page, Stream
from ..declared import declared_as, stream_schema, streams_of
from ..signing import PATH
from ..values import at_path, finite, storable
from .signature import SHORTEST

_EVENT = {"type": "string", "minLength": 1, "maxLength": 100}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "records": PATH,
        "event": PATH,
        "quiet_hours": {"type": "integer", "minimum": 1, "maximum": 24 * 30},
        "streams": stream_schema(
            own={"events": {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 50}}, required=[]
        ),
    },
    "required": ["streams"],
    "if": {"properties": {"streams": {"minItems": 2}}},
    "then": {"required": ["event"], "properties": {"streams": {"items": {"required": ["events"]}}}},
    "additionalProperties": False,
}


class Webhook:
    name = "webhook"
    title: Promise | str = _("Signed messages to an address here")
    says: Promise | str = _("The other system sends what has changed as soon as it changes. Each message is signed.")
    icon = "inbox"
    schema: Mapping[str, Any] = SCHEMA
    takes_files = False
    takes_deliveries = True

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return ()

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        return {"secret": _("Signing secret")}

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return streams_of(config, pushed=True)

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """There is a secret that nobody guesses; whether something comes is the other side's."""
        secret = context.secret.get("secret")
        if not secret:
            raise NeedsReconnect("secret_missing")
        if len(secret) < SHORTEST:
            raise NeedsReconnect("secret_short", letters=SHORTEST)

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """A page for each delivery that brings something for this stream; `position` is the name of the last one."""
        if not context.secret.get("secret"):
            raise NeedsReconnect("secret_missing")
        here = declared_as(config, stream)
        is_first = config["streams"][0]["name"] == stream.name
        before: Page | None = None
        for delivery in context.delivered:
            if position is not None and delivery.name <= position:
                continue
            if rows := _rows(config, here, delivery, takes_the_rest=is_first):
                if before is not None:
                    yield before
                before = Page(rows, delivery.name)
        if before is not None:
            yield replace(before, position=None)


def _rows(
    config: Mapping[str, Any], here: Mapping[str, Any], delivery: File, *, takes_the_rest: bool
) -> Sequence[Mapping[str, Any]]:
    body = body_of(delivery.content)
    event = at_path(body, config["event"]) if config.get("event") else None
    events = here.get("events")
    if events is None or event in events:
        return _records(body, config.get("records", ""))
    known = {each for stream in config["streams"] for each in stream.get("events", ())}
    if takes_the_rest and (not isinstance(event, str) or event not in known):
        return [_unread(body, "event_unknown")]
    return []


def _records(body: Any, path: str) -> Sequence[Mapping[str, Any]]:
    found = at_path(body, path)
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list):
        return [_unread(body, "no_record")]
    return [each if isinstance(each, dict) else _unread(each, "no_record") for each in found]


def _unread(body: Any, code: str) -> Mapping[str, Any]:
    return {UNREADABLE: [json.dumps(body, ensure_ascii=False)], WHY: code}


def body_of(content: bytes) -> Any:
    """Raises ValueError or RecursionError for what is no JSON."""
    return storable(json.loads(content.decode("utf-8-sig"), parse_float=finite, parse_constant=finite))
