"""A stream of a database in pages: portion by portion in the order of its cursor and key, each a query of its own.

A portion is streamed, so a page is all that is ever held; and it ends soon, so no statement and no transaction stays
open over there for as long as a reading takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..base import AdapterBroken, Page
from .asking import Question
from .cells import as_json, as_list, kept, opened, size_of, typed_like

PAGE_ROWS, PORTION_ROWS = 1_000, 20_000
PAGE_BYTES = 20 * 1024 * 1024  # about, in the cells of a page: a letter counts as one


@dataclass(frozen=True)
class How:
    """How many rows a page and a portion have; whether the source is asked how many it has; how many rows are fetched
    at once, whose size is known only when they are here."""

    page: int = PAGE_ROWS
    portion: int = PORTION_ROWS
    counts: bool = True
    fetched: int = 200


Row = tuple[Sequence[Any], str, list[Any]]  # with its phase and its place in it


def pages(
    connection: Connection, question: Question, *, since: str, position: Any | None, zone: ZoneInfo, how: How
) -> Iterator[Page]:
    """`position` is {"phase": ..., "after": values of the last row, "total": ..., "since": ...}."""
    if position is None:
        total = _total(connection, question, how)
        position = {"phase": question.phases[0], "after": None, "total": total, "since": since}
    total = position["total"]
    rows = _rows(connection, question, position, zone, how)
    lists = {field.path for field in question.stream.fields if field.type == "list"}
    readers = [(path, as_list if path in lists else as_json) for path in question.paths]
    some = _page_of(rows, how.page)
    while some:
        behind = _page_of(rows, how.page)
        _row, phase, place = some[-1]
        found = [{path: read(value) for (path, read), value in zip(readers, row, strict=False)} for row, _, _ in some]
        yield Page(found, {**position, "phase": phase, "after": kept(place)} if behind else None, total)
        some = behind


def _page_of(rows: Iterator[Row], most: int) -> list[Row]:
    """The next of them. Raises AdapterBroken where they are more than may be held."""
    some, size = [], 0
    for row in islice(rows, most):
        size += sum(map(size_of, row[0]))
        if size > PAGE_BYTES:
            raise AdapterBroken("too_large", limit=PAGE_BYTES // 1024**2)
        some.append(row)
    return some


def first_row(connection: Connection, question: Question) -> None:
    """Whether it can be read at all."""
    for phase in question.phases:
        connection.execute(question.portion(phase, rows=1)).first()


def _total(connection: Connection, question: Question, how: How) -> int | None:
    """Raises AdapterBroken where a part of the key is empty: such a row is behind no other, and would be passed over
    at the border of a portion without a word."""
    if not how.counts:
        return None
    numbers: Any = connection.execute(question.count()).one()
    total, *filled = map(int, numbers)
    for name, number in zip(question.key_names, filled, strict=True):
        if number != total:
            raise AdapterBroken("key_empty", stream=question.stream.name, field=name)
    return total


def _rows(connection: Connection, question: Question, position: Any, zone: ZoneInfo, how: How) -> Iterator[Row]:
    size = min(how.portion, 2 * how.page)  # the first is small: who only looks at a page does not leave the rest unread
    since = _since(connection, question, position["since"], zone)
    after = None if position["after"] is None else opened(position["after"])
    is_filled = how.counts
    for phase in question.phases[question.phases.index(position["phase"]) :]:
        while True:
            count, before = 0, after
            if after is not None:
                is_filled = _check_key(connection, question, after, is_filled=is_filled)
            asked = question.portion(phase, since=since, after=after, rows=size)
            for row in connection.execute(
                asked, execution_options={"stream_results": True, "yield_per": min(how.fetched, how.page)}
            ):
                count += 1
                after = question.place_of(row, phase)
                yield row, phase, after
            connection.rollback()  # the transaction of this portion; nothing was written
            asked_for, size = size, how.portion
            if count < asked_for:
                break
            if after == before:
                raise AdapterBroken("goes_round", stream=question.stream.name)
        after = None


def _check_key(connection: Connection, question: Question, after: Sequence[Any], *, is_filled: bool) -> bool:
    """True; raises AdapterBroken where a part of the key is empty, in the last row or, unless the count has told that
    it `is_filled`, anywhere. Asked at the first border of a portion alone: what ends before it passes nothing over."""
    keys: list[Sequence[Any]] = [after[-len(question.key_names) :]]
    if not is_filled:
        keys += connection.execute(question.with_empty_key()).all()
    for key in keys:
        for name, value in zip(question.key_names, key, strict=True):
            if value is None:
                raise AdapterBroken("key_empty", stream=question.stream.name, field=name)
    return True


def _since(connection: Connection, question: Question, since: str, zone: ZoneInfo) -> Any:
    sample = question.sample() if since else None
    if sample is None:
        return None
    return typed_like(since, connection.execute(sample).scalar(), zone)
