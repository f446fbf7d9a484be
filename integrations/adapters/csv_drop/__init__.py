"""Files that arrive once a day in a folder, or are handed in on the page: `PLM_20261014.csv`, sent again as `_R1`.

    {"folder": "plm", "streams": [{"name": "changes", "pattern": "PLM_{yyyymmdd}[_R{n}].csv",
                                   "trailer": "#EOF,rows={n}", "due": "09:00", "key": [...], "fields": [...]}]}

A pattern without a day is of a list that is sent whole each time (`customers.csv`): what the newest file does not hold
is gone.

A file is one batch: loaded whole or not at all. All sendings of a day are handed on, the lower number first; which of
them stands for the day is the sync's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import BatchInfo, Context, File, NeedsReconnect, Page, Stream, digest_of
from ..declared import declared_as, stream_of, stream_schema
from .folder import Folder, opened
from .names import GRAMMAR, Sent, is_dated, read_name
from .reading import FILE_BYTES, read_content

STILL_WRITTEN = timedelta(minutes=1)  # without a last line to tell, a file changed within it may not be complete

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "folder": {"type": "string", "pattern": r"^(\w[\w.-]{0,63})?\Z"},
        "streams": stream_schema(
            own={
                "pattern": {"type": "string", "pattern": GRAMMAR, "maxLength": 120},
                "trailer": {"type": "string", "pattern": r"^([^{}\x00-\x1f]*\{n\}[^{}\x00-\x1f]*)?\Z", "maxLength": 80},
                "separator": {"enum": [",", ";", "\t", "|"]},
                "due": {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"},
            },
            required=["pattern"],
        ),
    },
    "required": ["streams"],
    "additionalProperties": False,
}


class _File(NamedTuple):
    """Where files stand in line: by day, then number, then name; one handed in behind one of the folder."""

    on: str
    revision: int
    name: str
    place: int  # among those handed in, from 1; 0 is the folder


class CsvDrop:
    name = "csv_drop"
    title: Promise | str = _("Files of a day (CSV)")
    says: Promise | str = _("Reads one file a day from a folder, or from what you hand in. UTF-8 and GB18030.")
    icon = "file"
    schema: Mapping[str, Any] = SCHEMA
    takes_files = True

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
        return {}

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        return [
            replace(stream_of(each, daily=is_dated(each["pattern"])), due=each.get("due", "09:00"))
            for each in config["streams"]
        ]

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return [each["name"] for each in config["streams"] if read_name(each["pattern"], file_name)]

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """The folder is there; a connection without one lives on what is handed in."""
        with ExitStack() as stack:
            if folder := _folder(config, context, stack):
                folder.names()

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """One page a file. `since` is not asked: a correction comes when it comes. `position` is the file read last."""
        here = declared_as(config, stream)
        done = _File(*position) if position else None
        with ExitStack() as stack:
            folder = _folder(config, context, stack)
            before: Page | None = None  # a page is held back until it is known whether another follows
            judged = set(context.seen_batches)
            for file in _in_line(here["pattern"], folder, context.handed_in):
                if done and file <= done:
                    continue
                page = _page(file, folder, here, stream, context, judged)
                if page and before:
                    yield before
                before = page or before
            if before:
                yield replace(before, position=None)


def _folder(config: Mapping[str, Any], context: Context, stack: ExitStack) -> Folder | None:
    if not (name := config.get("folder", "")):
        return None
    if settings.INTEGRATION_DROPS is None:
        raise NeedsReconnect("no_drop_folders", folder=name)
    return stack.enter_context(opened(settings.INTEGRATION_DROPS, context.tenant, name))


def _in_line(pattern: str, folder: Folder | None, handed_in: Sequence[File]) -> list[_File]:
    names = [(name, 0) for name in folder.names()] if folder else []
    names += [(file.name, place) for place, file in enumerate(handed_in, 1)]
    found = [(read_name(pattern, name), name, place) for name, place in names]
    return sorted(_File(sent.on.isoformat(), sent.revision, name, place) for sent, name, place in found if sent)


def _page(
    file: _File,
    folder: Folder | None,
    here: Mapping[str, Any],
    stream: Stream,
    context: Context,
    judged: set[str],
) -> Page | None:
    """None for what was judged before, is still being written, or went away meanwhile."""
    trailer = here.get("trailer", "")
    if file.place:
        content = context.handed_in[file.place - 1].content
    else:
        read = folder.read(file.name, at_most=FILE_BYTES) if folder else None
        if read is None or (not trailer and abs(context.now - read[1]) < STILL_WRITTEN):
            return None
        content = read[0]
    digest = digest_of(file.name, content)
    if digest in judged:
        return None
    judged.add(digest)
    needed = [field.path for field in stream.fields if field.required or field.name in stream.key]
    found = read_content(content, separator=here.get("separator", ","), trailer=trailer, needed=needed)
    sent = read_name(here["pattern"], file.name) or Sent(context.now.date(), 0)
    batch = BatchInfo(sent.on, file.revision, file.name, digest, found.declared, found.counted, found.refused)
    return Page(found.rows, list(file), None, batch)
