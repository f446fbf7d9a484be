"""A system made of lists, to read from: what it answers, and what it refuses, is in the hands of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from integrations.adapters.base import BatchInfo, Context, Field, Names, Page, Stream

VISITS = Stream(
    name="visits",
    key=["id"],
    fields=[
        Field("id", "id", required=True),
        Field("customer", "customer"),
        Field("at", "at", "time", required=True),
        Field("amount", "amount", "decimal"),
        Field("says", "note.text"),
        Field("gone", "gone", "yes"),
    ],
    title="says",
    happened="at",
    cursor="at",
    overlap=timedelta(hours=1),
    deleted="gone",
    names=[Names("customer", "customer")],
)
FILES = Stream(
    name="files",
    key=["id"],
    fields=[Field("id", "id", required=True), Field("n", "n", "whole", required=True), Field("drawing", "drawing")],
    names=[Names("document", "drawing", own=True)],
    daily=True,
)


def visit(number: int, **more: Any) -> dict[str, Any]:
    """One an hour from 2026-11-01 08:00 Chinese time on."""
    return {
        "id": f"V{number:03}",
        "customer": f"C{number % 3}",
        "at": f"2026-11-{1 + number // 24:02}T{number % 24:02}:00:00+08:00",
        "amount": 1.5,
        "note": {"text": f"拜访 {number}"},
        **more,
    }


def file_of(
    on: date, *rows: Mapping[str, Any], revision: int = 0, refused: str = "", number: int | None = None
) -> Page:
    """The file of a day; `number` is how many rows it has, where that is not what it brings."""
    name = f"F_{on:%Y%m%d}_R{revision}.csv"
    digest = sha256(f"{name} {rows} {refused} {number}".encode()).hexdigest()
    count = len(rows) if number is None else number
    return Page(rows, None, batch=BatchInfo(on, revision, name, digest, count, count, refused))


@dataclass
class Shelf:
    """Gives `pages` of each stream as they stand; an exception among them is raised in its place, once. `asked` is what
    it was asked for: stream, since, position."""

    name: str = "shelf"
    title: str = "Shelf"
    says: str = ""
    icon: str = "plug"
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    takes_files: bool = False
    declared: Sequence[Stream] = (VISITS,)
    pages_of: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    before_page: Callable[[int], None] = lambda place: None
    context: Context | None = None

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, str]:
        return {}

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return self.declared

    def takes(self, config: Mapping[str, Any], file_name: str) -> Sequence[str]:
        return [stream.name for stream in self.declared if stream.daily and file_name.startswith("F")]

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        self.context = context
        next(iter(self.pages(config, self.declared[0], context, since="", position=None)), None)

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """`position` is the place of the next page."""
        self.asked.append((stream.name, since, position))
        self.context = context
        shelf = self.pages_of.get(stream.name, [])
        place = position or 0
        while place < len(shelf):
            self.before_page(place)
            found = shelf[place]
            if isinstance(found, Exception):
                del shelf[place]
                raise found
            if found.batch is not None and found.batch.digest in context.seen_batches:
                place += 1
                continue
            last = place + 1 == len(shelf)
            yield Page(found.rows, None if last else place + 1, found.total, found.batch)
            place += 1

    def hold(self, *pages: Any, stream: str = "visits") -> None:
        """Lists of rows stand for pages without a count."""
        self.pages_of[stream] = [Page(page, None) if isinstance(page, list) else page for page in pages]
