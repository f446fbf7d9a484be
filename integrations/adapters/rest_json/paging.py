"""How pages follow each other. Pure: a place is a small dictionary that a run can keep, and None behind the last page.

    {"kind": "cursor", "param": "cursor", "next": "data.next", "more": "data.has_more"}   what a page says comes next
    {"kind": "page", "param": "page", "first": 1, "size": 100, "size_param": "limit", "pages": "meta.pages"}
    {"kind": "offset", "param": "offset", "size": 100, "size_param": "limit", "again": 10}
    {"kind": "link"}                                                                      a Link header (RFC 8288)
    {"kind": "next_url", "next": "links.next"}                                            an address in the answer

A page with fewer rows than were asked for ends nothing: servers have limits of their own, and leave out what the reader
may not see. Where the answer itself does not say that there is no more, one page without anything new does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit, urlunsplit

from ..base import AdapterBroken, Answer
from ..values import at_path

Place = Mapping[str, Any]
_LONGEST = 2000  # of a cursor or an address
_PORTS = {"http": 80, "https": 443}
_MAY_STAND = "/%?:@!$&'()*+,;=~-._[]|"
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))', re.IGNORECASE)


class Came(NamedTuple):
    """A page as it came: `url` is the address it was asked from."""

    answer: Answer
    rows: Sequence[Any]
    url: str


class Pager(Protocol):
    """`needs` are the names it cannot do without; `counts`: it goes on by itself, whether the server listens or not."""

    needs: Sequence[str]
    counts: bool

    def first(self, how: Mapping[str, Any]) -> Place: ...

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        """Parameters by name: texts and numbers."""

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        """Where the next page is. Raises AdapterBroken where the answer says that there is one and not where."""


class ByCursor:
    needs: Sequence[str] = ("param", "next")
    counts = False

    def first(self, how: Mapping[str, Any]) -> Place:
        return {"cursor": ""}

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return {**_size(how), **({how["param"]: place["cursor"]} if place["cursor"] else {})}

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        if _says_no_more(how, came):
            return None
        found = at_path(came.answer.body, how["next"])
        if found is None or found == "":
            if how.get("more"):  # it says there is more, and not where
                raise AdapterBroken("no_cursor", path=how["next"])
            return None
        if isinstance(found, bool) or not isinstance(found, (str, int)) or len(str(found)) > _LONGEST:
            raise AdapterBroken("no_cursor", path=how["next"])
        return {"cursor": str(found)}


class ByPage:
    needs: Sequence[str] = ("param",)
    counts = True

    def first(self, how: Mapping[str, Any]) -> Place:
        return {"page": how.get("first", 1)}

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return {**_size(how), how["param"]: place["page"]}

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        if _says_no_more(how, came):
            return None
        if how.get("pages"):
            pages = at_path(came.answer.body, how["pages"])
            if isinstance(pages, bool) or not isinstance(pages, int):
                raise AdapterBroken("no_cursor", path=how["pages"])
            last = pages + how.get("first", 1) - 1
            return {"page": place["page"] + 1} if place["page"] < last else None
        return {"page": place["page"] + 1} if came.rows or how.get("more") else None


class ByOffset:
    """`again`: so many rows of the last page are asked for once more. Where rows go while it is read, those behind
    them move up, and would be passed over at the border of two pages."""

    needs: Sequence[str] = ("param",)
    counts = True

    def first(self, how: Mapping[str, Any]) -> Place:
        return {"offset": 0, "end": 0}

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return {**_size(how), how["param"]: place["offset"]}

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        end = place["offset"] + len(came.rows)
        if _says_no_more(how, came) or end <= place["end"]:
            return None
        return {"offset": max(end - how.get("again", 0), place["offset"] + 1), "end": end}


class ByLink:
    needs: Sequence[str] = ()
    counts = False

    def first(self, how: Mapping[str, Any]) -> Place:
        return {"url": ""}

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return {} if place["url"] else _size(how)

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        found = next(links_next(came.answer.header("link")), "")
        return {"url": next_url(came.url, found)} if found and not _says_no_more(how, came) else None


class ByNextUrl(ByLink):
    needs: Sequence[str] = ("next",)

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        if _says_no_more(how, came):
            return None
        found = at_path(came.answer.body, how["next"])
        if found is None or found == "":
            return None
        if not isinstance(found, str):
            raise AdapterBroken("no_cursor", path=how["next"])
        return {"url": next_url(came.url, found)}


class OnePage:
    needs: Sequence[str] = ()
    counts = False

    def first(self, how: Mapping[str, Any]) -> Place:
        return {}

    def asked(self, how: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return _size(how)

    def after(self, how: Mapping[str, Any], place: Place, came: Came) -> Place | None:
        return None


KINDS: Mapping[str, Pager] = {
    "none": OnePage(),
    "cursor": ByCursor(),
    "page": ByPage(),
    "offset": ByOffset(),
    "link": ByLink(),
    "next_url": ByNextUrl(),
}


def pager_of(how: Mapping[str, Any]) -> Pager:
    return KINDS[how.get("kind", "cursor") if how else "none"]


def links_next(header: str) -> Iterator[str]:
    """Targets of a Link header with the relation "next"."""
    for target, parameters in _LINK.findall(header):
        rel = _REL.search(parameters)
        if rel and "next" in (rel[1] or rel[2] or "").lower().split():
            yield target


def next_url(asked: str, found: str) -> str:
    """The address of the next page, which may be relative to the one that was asked. Raises AdapterBroken where it
    leads to another place: what signs in here is nobody else's."""
    try:
        url = urljoin(asked, found.strip())
        if len(url) > _LONGEST or origin_of(url) != origin_of(asked):
            raise ValueError
    except ValueError:
        raise AdapterBroken("leads_away", host=urlsplit(asked).hostname or "") from None
    parts = urlsplit(url)
    # What cannot stand in an address as it is, a blank or Chinese, is written in its way; all else is left alone.
    query = quote(parts.query, safe=_MAY_STAND)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def origin_of(url: str) -> tuple[str, str, int]:
    """Raises ValueError for what is no address, or one with a name before its host."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(url)
    return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]


def put_together(url: str, params: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params, quote_via=quote)}" if params else url


def _size(how: Mapping[str, Any]) -> dict[str, Any]:
    return {how["size_param"]: how["size"]} if how.get("size_param") and how.get("size") else {}


def _says_no_more(how: Mapping[str, Any], came: Came) -> bool:
    """Where the answer tells at all whether there is more. Raises AdapterBroken where it should and does not."""
    if not how.get("more"):
        return False
    more = at_path(came.answer.body, how["more"])
    if not isinstance(more, bool):
        raise AdapterBroken("no_cursor", path=how["more"])
    return not more
