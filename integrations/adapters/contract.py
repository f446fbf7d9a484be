"""What every adapter keeps, as tests to inherit (docs/adapters/README.md): a subclass names an adapter, a configuration
and a small source of its own, and pytest does the rest.

    class TestRestJson(AdapterContract):
        adapter = RestJson()
        ...
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

from integrations.mapping import BEGINNING, Cursor, Mapper, begin_at
from integrations.wording import CODES

from .base import UNREADABLE, Adapter, Context, NeedsReconnect, Page, Stream, SyncProblem
from .values import at_path, storable

CANARY = "canary-7f3d1c-do-not-sing"


class AdapterContract:
    """`repeats`: how often the source brings a record more than once, by stream, where it does so by itself."""

    adapter: Adapter
    config: Mapping[str, Any]
    repeats: Mapping[str, int] = {}

    def context(self) -> Context:
        """To read the test's source with, its secret included."""
        raise NotImplementedError

    def expected(self) -> Mapping[str, int]:
        """By stream, how many different records the source holds."""
        raise NotImplementedError

    def correct(self) -> tuple[str, Any] | None:
        """Changes one record at the source, the way it changes there, and says its stream and its new row's key as
        `keys` does. None where the test's source cannot."""
        return None

    def troubles(self) -> Iterable[tuple[Mapping[str, Any], Context, type[SyncProblem]]]:
        """Configurations and contexts that fail, and by what next step: RetryLater for a source that is away,
        NeedsReconnect for a wrong secret, AdapterBroken for what is not there any more."""
        return ()

    # --- what it declares

    def test_its_schema_is_one_and_its_configuration_fits(self) -> None:
        Draft202012Validator.check_schema(self.adapter.schema)
        assert [error.message for error in Draft202012Validator(self.adapter.schema).iter_errors(self.config)] == []

    def test_its_streams_speak_of_fields_they_map(self) -> None:
        streams = self.streams()
        assert streams and len({stream.name for stream in streams}) == len(streams)
        for stream in streams:
            mapped = {field.name for field in stream.fields}
            places = {*stream.key, stream.title, stream.happened, stream.cursor, stream.fallback, stream.deleted}
            assert places | {name.field for name in stream.names} <= mapped | {""}, stream.name
            assert stream.key, stream.name

    def test_no_secret_is_part_of_the_configuration(self) -> None:
        names = set(self.adapter.secrets(self.config))
        assert not names & self.config.keys()
        assert set(self.context().secret) == names

    # --- what it reads

    def test_it_can_be_tried_out(self) -> None:
        self.adapter.test(self.config, self.context())

    def test_it_brings_every_record_of_the_source(self) -> None:
        found = {stream.name: len(self.keys(stream, self.pages(stream))) for stream in self.streams()}
        assert found == dict(self.expected())

    def test_a_record_comes_once_in_a_reading(self) -> None:
        """Also where several are of one moment and a page ends between them."""
        for stream in self.streams():
            pages = [page for page in self.pages(stream) if page.batch is None]
            if pages:
                rows = sum(UNREADABLE not in row for page in pages for row in page.rows)
                assert rows - len(self.keys(stream, pages)) == self.repeats.get(stream.name, 0), stream.name

    def test_a_correction_comes_with_the_next_reading(self) -> None:
        """Read from where the last one came to."""
        streams = {stream.name: stream for stream in self.streams()}
        since = {name: self.watermark(stream) for name, stream in streams.items()}
        if (corrected := self.correct()) is None:
            return
        name, key = corrected
        found = list(self.adapter.pages(self.config, streams[name], self.context(), since=since[name], position=None))
        assert key in self.keys(streams[name], found)

    def test_each_trouble_is_named_after_the_next_step(self) -> None:
        for config, context, kind in self.troubles():
            found: Exception | None = None
            try:
                self.adapter.test(config, context)
            except Exception as error:
                found = error
            assert type(found) is kind and isinstance(found, SyncProblem), (found, kind)
            assert found.code in CODES, found.code

    def test_the_source_counts_as_many_where_it_counts(self) -> None:
        for stream in self.streams():
            pages = self.pages(stream)
            totals = {page.total for page in pages if page.total is not None}
            assert totals <= {len(self.keys(stream, pages))}, stream.name

    def test_a_second_reading_says_the_same(self) -> None:
        for stream in self.streams():
            assert self.pages(stream) == self.pages(stream)

    def test_only_the_last_page_ends_the_stream(self) -> None:
        for stream in self.streams():
            *before, last = self.pages(stream)
            assert last.position is None
            assert all(page.position is not None for page in before)

    def test_a_reading_that_was_cut_off_goes_on_where_it_stopped(self) -> None:
        for stream in self.streams():
            whole = self.pages(stream)
            for done, page in enumerate(whole[:-1], 1):
                position = json.loads(json.dumps(page.position))  # as a run keeps it
                assert self.pages(stream, position=position) == whole[done:], (stream.name, done)

    def test_it_reads_no_further_than_it_is_asked(self) -> None:
        """A page is a transaction; a source of a million rows must not be in memory at once."""
        for stream in self.streams():
            assert len(list(islice(self.reading(stream), 1))) == 1

    def test_a_database_can_keep_what_it_brings(self) -> None:
        for stream in self.streams():
            for page in self.pages(stream):
                for row in page.rows:
                    assert storable(row) == row
                    assert json.loads(json.dumps(row, allow_nan=False)) == row

    # --- what it keeps to itself

    def test_its_secret_reaches_no_log_and_no_error(self) -> None:
        context = self.with_secret(CANARY)
        said = [repr(context)]
        with everything_logged() as lines:
            for stream in self.streams():
                try:
                    list(islice(self.adapter.pages(self.config, stream, context, since="", position=None), 2))
                except NeedsReconnect as refused:  # this one is not the source's
                    said.append(f"{refused!r}{refused.words}{refused.__cause__!r}")
        assert [line for line in said + lines if CANARY in line] == []

    def test_without_its_secret_it_asks_for_a_person(self) -> None:
        if not self.adapter.secrets(self.config):
            return
        code = ""
        try:
            self.adapter.test(self.config, replace(self.context(), secret={}))
        except NeedsReconnect as error:
            code = error.code
        assert code == "secret_missing"

    # --- for the tests above

    def streams(self) -> Sequence[Stream]:
        return self.adapter.streams(self.config)

    def reading(self, stream: Stream, *, position: Any = None) -> Iterator[Page]:
        return self.adapter.pages(self.config, stream, self.context(), since="", position=position)

    def pages(self, stream: Stream, *, position: Any = None) -> list[Page]:
        return list(self.reading(stream, position=position))

    def keys(self, stream: Stream, pages: Sequence[Page]) -> set[tuple[str, ...]]:
        """Of all rows of files that were not refused; every row has one, and what cannot be read says so."""
        paths = [field.path for name in stream.key for field in stream.fields if field.name == name]
        taken = [row for page in pages if not (page.batch and page.batch.refused) for row in page.rows]
        found = [tuple(str(at_path(row, path) or "") for path in paths) for row in taken if UNREADABLE not in row]
        assert all(any(key) for key in found), stream.name
        return set(found)

    def watermark(self, stream: Stream) -> str:
        """The greatest cursor value of the stream, less its overlap, as a sync would begin its next run."""
        zone = self.context().zone
        rows = [row for page in self.pages(stream) for row in page.rows if UNREADABLE not in row]
        mapper = Mapper(stream, zone)
        greatest = max((Cursor.read(mapper.row(row).cursor, zone) for row in rows), default=BEGINNING)
        return begin_at(greatest.text, stream.overlap, zone)

    def with_secret(self, secret: str) -> Context:
        return replace(self.context(), secret=dict.fromkeys(self.adapter.secrets(self.config), secret))


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Every line any library would write at its most talkative."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.args!r} {record.exc_info!r}")

    root, handler = logging.getLogger(), Keep()
    loggers = [root, *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
