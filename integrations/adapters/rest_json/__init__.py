"""Any API that hands out JSON in pages, described as data: no code and no template language.

{"base_url": "https://crm.example.com/api", "auth": "bearer",
 "records": "data.items", "total": "data.total", "ok": {"path": "code", "equals": 0},
 "paging": {"param": "cursor", "next": "data.next_cursor", "more": "data.has_more"},
 "streams": [{"name": "visits", "path": "/visits", "params": {"size": "200"}, "since": "updated_after", ...}]}

`integrations.adapters.signing` has the ways to sign in, `paging` how pages follow each other. A stream may be asked for
by POST: then "body" holds plain values, and "since" and what pages are asked by are places in it
("params.kwargs.offset"; "asks_in": "query" puts them behind the address all the same). "since_form" is how a time is
written there, "since_begin" the value of the first reading where there must be one, "since_prefix" and "since_suffix"
stand around it. "per_minute" is how often it may be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import AdapterBroken, Context, NeedsReconnect, Page, Request, RetryLater, Stream
from ..declared import declared_as, streams_of
from ..signing import ask_signed, secrets_of, without_key
from ..values import at_path
from .asking import request_for, written_since
from .paging import Came, Pager, Place, pager_of, put_together
from .schema import SCHEMA


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
        return secrets_of(config)

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return streams_of(config)

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """The first page of each stream: a key may open one and not the other."""
        for stream in self.streams(config):
            next(self.pages(config, stream, context, since="", position=None))

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """`position` is the place of the next page, with the `since` it belongs to: a source may refuse a cursor
        together with another filter than the one it was given for."""
        here, how = declared_as(config, stream), config.get("paging", {})
        pager = pager_of(how)
        place, since = _begin(pager, how, position, since)
        written = written_since(here, since, stream.zone_or(context.zone))
        been = {_known_by(place)}
        last: Sequence[Any] = ()
        while True:
            request = _asked(config, here, pager, place, written)
            answer = ask_signed(config, context, request, check=lambda answer: _check_said(config, answer.body))
            rows, total = _rows(config, here, answer.body), _count(config, here, answer.body)
            following = pager.after(how, place, Came(answer, rows, put_together(request.url, request.params)))
            if following is not None:
                following = _without_key(config, following)
                # The same place twice, or the next one with the very rows of the last: it does not listen.
                if _known_by(following) in been or (pager.counts and rows and rows == last):
                    raise AdapterBroken("goes_round", stream=stream.name)
                been.add(_known_by(following))
            yield Page(rows, None if following is None else {**following, "since": since}, total)
            if following is None:
                return
            place, last = following, rows


def _begin(pager: Pager, how: Mapping[str, Any], position: Any | None, since: str) -> tuple[Place, str]:
    if not position:
        return pager.first(how), since
    return {name: value for name, value in position.items() if name != "since"}, str(position.get("since", ""))


def _known_by(place: Place) -> str:
    return repr(sorted((name, str(value)) for name, value in place.items() if name != "end"))


def _asked(config: Mapping[str, Any], here: Mapping[str, Any], pager: Pager, place: Place, since: str) -> Request:
    if url := place.get("url"):
        if here.get("method", "GET") == "GET":
            return Request(url, {}, config.get("headers", {}))
        again = request_for(config, {**here, "params": {}}, url, {}, since)
        return Request(url, {}, again.headers, "POST", json=again.json)
    url = config["base_url"].rstrip("/") + here["path"]
    return request_for(config, here, url, pager.asked(config.get("paging", {}), place), since)


def _without_key(config: Mapping[str, Any], place: Place) -> Place:
    """What a run keeps is no place for a key that the other side wrote into its next address."""
    return {**place, "url": without_key(config, place["url"])} if place.get("url") else place


def _check_said(config: Mapping[str, Any], body: Any) -> None:
    """Many interfaces answer 200 to everything and say inside how it went."""
    if not (ok := config.get("ok")):
        return
    said = at_path(body, ok["path"])
    if said == ok["equals"] and isinstance(said, bool) == isinstance(ok["equals"], bool):
        return
    if path := ok.get("code"):
        said = at_path(body, path)
    words: dict[str, Any] = {"said": said} if isinstance(said, int) else {}  # a text of the other side's stays there
    if said in ok.get("reconnect", ()):
        raise NeedsReconnect("sign_in_refused", **words)
    if said in ok.get("later", ()):
        raise RetryLater("busy", **words)
    raise AdapterBroken("says_no", **words)


def _rows(config: Mapping[str, Any], here: Mapping[str, Any], body: Any) -> list[Mapping[str, Any]]:
    path = here.get("records", config.get("records", ""))
    rows = at_path(body, path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AdapterBroken("no_records", path=path or "–")
    return rows


def _count(config: Mapping[str, Any], here: Mapping[str, Any], body: Any) -> int | None:
    path = here.get("total", config.get("total", ""))
    found = at_path(body, path) if path else None
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
