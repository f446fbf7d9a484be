"""Looking at a connection before it is switched on (product.md §5.1): reached, signed in to, read a little. Nothing is
written. A person waits, so all of it has ten seconds. What is prepared needs the database; what is asked with it does
not, and belongs outside any transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from .adapters.base import UNREADABLE, WHY, AdapterBroken, BatchInfo, Field, Page, SkipRow
from .mapping import Cell, Mapper
from .models import Connection
from .reading import Reading, prepare

MOST_PAGES = 5  # files that are not whole may stand before the first one that is
SECONDS = 10.0  # whatever is asked, and however often


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would be held. `problem` is why it would be set aside, if it would; `cells` say what each field
    became, in the order of `Preview.fields`."""

    external_id: str
    title: str
    happened_at: datetime | None
    cells: Sequence[Cell]
    problem: SkipRow | None
    is_deleted: bool = False


@dataclass(frozen=True)
class Preview:
    """The first rows of a stream. `unknown` are fields that came and are not mapped, `total` is the source's own count
    and `batch` the file they stand in, where there is one; `refused` are files that would not be loaded."""

    fields: Sequence[Field]
    rows: Sequence[PreviewRow] = ()
    unknown: Sequence[str] = ()
    total: int | None = None
    batch: BatchInfo | None = None
    refused: Sequence[BatchInfo] = field(default_factory=list)

    @property
    def unfit(self) -> int:
        return sum(row.problem is not None for row in self.rows)


def to_try_out(connection: Connection, *, now: datetime) -> Reading:
    """What `try_out` asks with. Raises NeedsReconnect, AdapterBroken."""
    return prepare(connection, now=now, newest_files=1, within=SECONDS)


def try_out(connection: Connection, reading: Reading) -> None:
    """Whether it can be reached and signed in to. Raises SyncProblem."""
    reading.adapter.test(connection.config, reading.context)


def to_preview(connection: Connection, *, now: datetime) -> Reading:
    """What `preview` asks with. Raises NeedsReconnect, AdapterBroken."""
    return prepare(connection, now=now, newest_files=MOST_PAGES, within=SECONDS)


def preview(connection: Connection, reading: Reading, *, stream: str, rows: int = 20) -> Preview:
    """The first `rows` of a stream, mapped and typed, with what does not fit. Raises SyncProblem."""
    chosen = next((one for one in reading.streams if one.name == stream), None)
    if chosen is None:
        raise AdapterBroken("config_unfit")
    mapper = Mapper(chosen, reading.context.zone)
    pages = reading.adapter.pages(connection.config, chosen, reading.context_of(chosen), since="", position=None)
    if chosen.pushed:  # each message is a page, often of one row
        pages = iter([Page(list(islice((row for page in pages for row in page.rows), rows)), None)])
    refused: list[BatchInfo] = []
    for page in islice(pages, MOST_PAGES):
        if page.batch is not None and page.batch.refused:
            refused.append(page.batch)
            continue
        came = {name for row in page.rows for name in row} - {UNREADABLE, WHY}
        mapped = {name for one in chosen.fields for name in (one.path, one.path.partition(".")[0])}
        shown = [_row(mapper, raw) for raw in page.rows[:rows]]
        return Preview(chosen.fields, shown, sorted(came - mapped), page.total, page.batch, refused)
    return Preview(chosen.fields, refused=refused)


def _row(mapper: Mapper, raw: Any) -> PreviewRow:
    cells = mapper.cells(raw)
    try:
        mapped = mapper.row(raw)
    except SkipRow as problem:
        return PreviewRow(mapper.external_id_if_any(raw), "", None, cells, problem)
    return PreviewRow(mapped.external_id, mapped.title, mapped.happened_at, cells, None, mapped.is_deleted)
