"""Tables and views: PostgreSQL over a port of its own, SQLite out of a file; their contracts and what goes wrong."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from integrations.adapters.base import (
    AdapterBroken,
    Context,
    Field,
    HandedIn,
    NeedsReconnect,
    RetryLater,
    Stream,
    SyncProblem,
)
from integrations.adapters.contract import AdapterContract
from integrations.adapters.sql import FILE_BYTES, Sql, SqlFile, file, reading
from integrations.adapters.sql.asking import Question
from integrations.reach import Reach
from tests.integrations.adapters.conftest import Source
from tests.integrations.adapters.databases import ORDERS, PER_ORDER, STREAM, numbers, reach_of, sqlite_file
from tests.integrations.adapters.sources import NOW, SHANGHAI

CORRECTED = """UPDATE ORDERS SET QTY = 1, CHANGED = '2026-11-12 00:00:00' WHERE "ORDER" = 'WO-0000' AND STEP = 0"""


class TestPostgres(AdapterContract):
    adapter = Sql()

    @pytest.fixture(autouse=True)
    def _source(self, source: Source) -> None:
        self.source, self.config = source, source.config(page_rows=10)

    def context(self) -> Context:
        return self.source.context()

    def expected(self) -> Mapping[str, int]:
        return {"steps": 60, "orders": 30}

    def correct(self) -> tuple[str, Any]:
        self.source.connect().cursor().execute(CORRECTED)
        return "steps", ("WO-0000", "")

    def troubles(self) -> Any:
        here = self.context()
        yield self.config, replace(here, outside=reach_of("127.0.0.1:1")), NeedsReconnect
        yield {**self.config, "port": 1}, replace(here, outside=reach_of("127.0.0.1:1")), RetryLater
        yield {**self.config, "database": "nowhere"}, here, NeedsReconnect
        yield {**self.config, "user": "nobody"}, here, NeedsReconnect
        yield self.config, replace(here, secret={"password": "wrong"}), NeedsReconnect
        yield {**self.config, "tls": True}, here, NeedsReconnect
        yield {**self.config, "streams": [{**STREAM, "table": "NOWHERE"}]}, here, AdapterBroken
        yield {**self.config, "streams": [{**STREAM, "table": "pg_catalog.pg_authid"}]}, here, AdapterBroken


class TestFile(AdapterContract):
    adapter = SqlFile()
    config: Mapping[str, Any] = {"folder": "mes", "file": "mes.sqlite", "page_rows": 10, "streams": [STREAM, PER_ORDER]}

    @pytest.fixture(autouse=True)
    def _source(self, tmp_path: Path, settings: Any) -> None:
        settings.INTEGRATION_DROPS = tmp_path
        self.file = tmp_path / "acme" / "mes" / "mes.sqlite"
        self.file.parent.mkdir(parents=True)
        sqlite_file(self.file)

    def context(self) -> Context:
        return Context(outside=reach_of(), zone=SHANGHAI, now=NOW, tenant="acme")

    def expected(self) -> Mapping[str, int]:
        return {"steps": 60, "orders": 30}

    def correct(self) -> tuple[str, Any]:
        sqlite_file(self.file, CORRECTED)
        return "steps", ("WO-0000", "")

    def troubles(self) -> Any:
        here = self.context()
        yield {**self.config, "folder": "gone"}, here, NeedsReconnect
        yield {**self.config, "file": "other.sqlite"}, here, NeedsReconnect
        yield {**self.config, "streams": [{**STREAM, "table": "NOWHERE"}]}, here, AdapterBroken
        fields = [*STREAM["fields"], {"name": "x", "path": "没有 这一列"}]  # SQLite takes a quoted name for a text
        yield {**self.config, "streams": [{**STREAM, "fields": fields}]}, here, AdapterBroken


# --- portions


@pytest.fixture
def in_small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PORTION_ROWS", 20)


def read(config: Mapping[str, Any], context: Context, **where: Any) -> list[Any]:
    stream = Sql().streams(config)[0]
    given = {"since": "", "position": None, **where}
    return [row for page in Sql().pages(config, stream, context, **given) for row in page.rows]


def test_rows_of_one_moment_come_once_wherever_a_portion_ends(source: Source, in_small_portions: None) -> None:
    source.connect().cursor().execute("UPDATE orders SET changed = '2026-11-20 08:00+08' WHERE changed IS NOT NULL")
    found = numbers(read(source.config(page_rows=10), source.context()))
    assert len(found) == len(set(found)) == len(ORDERS)


def test_rows_without_a_cursor_value_come_every_time(source: Source, in_small_portions: None) -> None:
    source.connect().cursor().execute("UPDATE orders SET made = NULL WHERE changed IS NULL")
    config = source.config(page_rows=10)
    found = read(config, source.context())
    blank = [row for row in found if row["CHANGED"] is None]
    assert found[:20] == blank and len(numbers(found)) == len({*numbers(found)}) == 60
    later = read(config, source.context(), since="2026-11-07 09:30:00+08:00")
    assert later[:20] == blank and 20 < len(later) < 60


def test_columns_nobody_mapped_never_leave_the_other_side(source: Source) -> None:
    source.connect().cursor().execute("ALTER TABLE orders ADD pay numeric DEFAULT 9000")
    assert {name for row in read(source.config(), source.context()) for name in row} == {
        field["path"] for field in STREAM["fields"]
    }


def test_numbers_stay_exact_and_moments_keep_their_zone(source: Source) -> None:
    row = read(source.config(), source.context())[-1]
    assert (row["QTY"], row["MADE"], row["CHANGED"]) == ("59.50", "2026-11-03 08:00:00", "2026-11-07 09:30:00+08:00")


def test_a_million_rows_are_a_page_at_a_time(source: Source) -> None:
    """Of a source that never ends a page is asked for and no more: the rest would take this machine for minutes."""
    endless = {
        "name": "endless",
        "select": "SELECT n FROM generate_series(1, 1000000) AS n",
        "key": ["n"],
        "fields": [{"name": "n", "type": "whole"}],
    }
    config = source.config(streams=[endless], count=False)
    stream = Sql().streams(config)[0]
    pages = Sql().pages(config, stream, source.context(), since="", position=None)
    assert [page.rows[0]["n"] for page in islice(pages, 2)] == [1, 1001]
    pages.close()


def test_a_key_that_is_empty_somewhere_is_no_key(source: Source) -> None:
    config = source.config(streams=[{**STREAM, "key": ["order", "changed"]}])
    with pytest.raises(AdapterBroken, match="key_empty"):
        read(config, source.context())


@pytest.mark.parametrize("number", ["WO-0000", "WO-0029"])
@pytest.mark.parametrize("kind", ["server", "file"])
def test_rows_with_an_empty_key_are_not_passed_over_where_none_are_counted(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, number: str
) -> None:
    """One kind of database puts what is empty before everything else, the other behind it."""
    monkeypatch.setattr(reading, "PORTION_ROWS", 10)
    select = f"""SELECT "ORDER" AS NO, NULLIF("ORDER", '{number}') AS N FROM ORDERS"""
    config = {"streams": [{**PER_ORDER, "select": select, "key": ["steps", "number"]}], "count": False, "page_rows": 10}
    with pytest.raises(AdapterBroken, match="key_empty"):
        if kind == "file":
            read_file(handed(sqlite_file(tmp_path / "f")), **config)
        else:
            read(source.config(**config), source.context())


# --- what it may do over there


def test_it_writes_nothing_whatever_its_account_may_do(source: Source) -> None:
    cursor = source.connect().cursor()
    cursor.execute(f'GRANT ALL ON orders TO "{source.user}"')
    cursor.execute("CREATE FUNCTION tidy() RETURNS int LANGUAGE sql AS 'DELETE FROM orders RETURNING 1'")
    try:
        select = {**PER_ORDER, "select": "SELECT 'x' AS no, tidy() AS n"}
        with pytest.raises(AdapterBroken, match="sql_refused"):
            read(source.config(streams=[select], count=False), source.context())
    finally:
        cursor.execute("DROP FUNCTION tidy")
    cursor.execute("SELECT count(*) FROM orders")
    assert cursor.fetchone() == (60,)


def test_a_table_it_may_not_read_is_said_to_be_one(source: Source) -> None:
    source.connect().cursor().execute(f'REVOKE ALL ON orders FROM "{source.user}"')
    with pytest.raises(NeedsReconnect, match="not_granted"):
        read(source.config(), source.context())


def test_a_question_has_its_time(source: Source) -> None:
    slow = {**PER_ORDER, "select": "SELECT 'x' AS no, count(*) AS n FROM generate_series(1, 1000000000)"}
    with pytest.raises(RetryLater, match="query_too_slow"):
        read(source.config(streams=[slow], count=False, timeout_seconds=1), source.context())


def test_a_line_that_goes_dead_is_tried_later_and_from_there_on(source: Source) -> None:
    config = source.config(page_rows=10)
    stream, rows, position = Sql().streams(config)[0], list[Any](), None
    source.door.breaks_after = 6000
    with pytest.raises(RetryLater, match="cut_off"):
        for page in Sql().pages(config, stream, source.context(), since="", position=None):
            rows, position = [*rows, *page.rows], page.position
    source.door.breaks_after = -1
    assert 0 < len(rows) < 60
    rows += read(config, source.context(), position=position)
    assert len(rows) == len({*numbers(rows)}) == 60


@pytest.mark.parametrize("host", ["169.254.169.254", "2130706433", "0.0.0.0"])  # noqa: S104 none is bound
def test_an_address_that_is_none_of_a_database_is_refused_even_if_it_is_listed(source: Source, host: str) -> None:
    context = source.context(outside=reach_of(f"{host}:5432"))
    with pytest.raises(NeedsReconnect, match="address_not_allowed"):
        read(source.config(host=host, port=5432), context)


def test_a_host_is_called_on_the_port_that_was_listed_and_by_the_company_it_was_listed_for(source: Source) -> None:
    port = source.door.port
    for listed in ("acme=127.0.0.1", f"acme=127.0.0.1:{port + 1}", f"globex=127.0.0.1:{port}"):
        with pytest.raises(NeedsReconnect, match="host_not_listed"):
            read(source.config(), source.context(outside=Reach("acme", intranet=[listed])))


def test_no_log_says_what_it_was_asked_with(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read(source.config(), source.context())
    assert source.password not in caplog.text


# --- files


def handed(content: bytes, **changes: Any) -> Context:
    files = [HandedIn("mes.sqlite", b"an older one"), HandedIn("mes.sqlite", content)]
    given = {"outside": reach_of(), "zone": SHANGHAI, "now": NOW, "tenant": "acme", "handed_in": files}
    return Context(**{**given, **changes})


FILE: Mapping[str, Any] = {"file": "mes.sqlite", "streams": [STREAM]}


def read_file(context: Context, **changes: Any) -> list[Any]:
    config = {**FILE, **changes}
    stream = SqlFile().streams(config)[0]
    return [row for page in SqlFile().pages(config, stream, context, since="", position=None) for row in page.rows]


def test_the_file_handed_in_last_is_read(tmp_path: Path) -> None:
    assert len(read_file(handed(sqlite_file(tmp_path / "f")))) == 60


def test_a_file_that_was_kept_with_a_log_beside_it_is_read_without(tmp_path: Path) -> None:
    content = sqlite_file(tmp_path / "f")
    assert len(read_file(handed(content[:18] + b"\2\2" + content[20:]))) == 60


@pytest.mark.parametrize("content", [b"", b"PK\3\4 a spreadsheet", b"SQLite format 3\0" + b"\xff" * 4000])
def test_what_is_no_database_is_told_apart(content: bytes) -> None:
    with pytest.raises(AdapterBroken, match="file_damaged"):
        read_file(handed(content))


def test_a_file_that_is_cut_off_is_not_read_in_part(tmp_path: Path) -> None:
    more = 'INSERT INTO ORDERS SELECT "ORDER" || {}, STEP, QTY, MADE, CHANGED, SAYS FROM ORDERS LIMIT 60'
    content = sqlite_file(tmp_path / "f", *(more.format(n) for n in range(20)))
    with pytest.raises(AdapterBroken, match="file_damaged"):
        read_file(handed(content[: len(content) // 2]))


@pytest.mark.parametrize(
    ("makes", "code"),
    [
        ("hex(zeroblob(200000000)) AS NO", "value_too_large"),
        ("group_concat(x) AS NO FROM (SELECT hex(zeroblob(1000000)) AS x FROM ORDERS)", "value_too_large"),
        ("hex(zeroblob(200000)) AS NO FROM ORDERS", "too_large"),
    ],
)
def test_a_select_that_makes_much_out_of_nothing_takes_no_memory(tmp_path: Path, makes: str, code: str) -> None:
    stream = {**PER_ORDER, "select": f"SELECT 1 AS N, {makes}"}
    content = sqlite_file(tmp_path / "f")
    tracemalloc.start()
    try:
        with pytest.raises(AdapterBroken, match=f"^{code}$"):
            read_file(handed(content), streams=[stream])
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_picture_in_a_column_nobody_mapped_keeps_no_row_away(tmp_path: Path) -> None:
    content = sqlite_file(
        tmp_path / "f", "ALTER TABLE ORDERS ADD P", "UPDATE ORDERS SET P = zeroblob(6000000) WHERE QTY = '3.50'"
    )
    assert len(read_file(handed(content))) == 60


def test_pages_of_a_server_are_not_held_whatever_their_size(source: Source) -> None:
    large = {**PER_ORDER, "select": "SELECT n AS n, repeat('x', 200000) AS no FROM generate_series(1, 200) AS n"}
    with pytest.raises(AdapterBroken, match="too_large"):
        read(source.config(streams=[{**large, "key": ["steps"]}]), source.context())


def test_one_that_is_still_written_is_waited_for(tmp_path: Path, settings: Any) -> None:
    settings.INTEGRATION_DROPS = tmp_path
    (tmp_path / "acme" / "mes").mkdir(parents=True)
    sqlite_file(tmp_path / "acme" / "mes" / "mes.sqlite")
    now = dt.datetime.now(dt.UTC)
    with pytest.raises(RetryLater, match="still_written"):
        read_file(handed(b"", now=now), folder="mes")


def test_one_that_is_too_large_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.adapters.sql.FILE_BYTES", 4000)
    assert FILE_BYTES == 64 * 1024 * 1024
    with pytest.raises(NeedsReconnect, match="database_too_large"):
        read_file(handed(sqlite_file(tmp_path / "f")))


@pytest.mark.parametrize(
    ("trap", "code"),
    [
        ("SELECT load_extension('x') AS NO", "not_only_read"),
        ("SELECT name AS NO FROM pragma_database_list", "not_only_read"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS NO FROM n", "query_too_slow"),
    ],
)
def test_what_a_file_says_of_itself_does_no_harm(tmp_path: Path, trap: str, code: str) -> None:
    stream = {"name": "t", "table": "TRAP", "key": ["no"], "fields": [{"name": "no", "path": "NO"}]}
    content = sqlite_file(tmp_path / "f", f"CREATE VIEW TRAP AS {trap}")
    with pytest.raises(SyncProblem, match=code):
        read_file(handed(content), streams=[stream], timeout_seconds=1)


def test_time_counts_for_each_statement_and_only_while_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock by which SQLite takes a twentieth of a second between two looks, and writing a page a hundred seconds."""
    monkeypatch.setattr(reading, "PORTION_ROWS", 20)
    monkeypatch.setattr(file, "_STEPS", 50)
    ticks = count()
    waited, read_for = 0, 0.0

    def monotonic() -> float:
        nonlocal read_for
        read_for = next(ticks) / 20
        return read_for + waited

    monkeypatch.setattr(file, "time", SimpleNamespace(monotonic=monotonic))
    config = {**FILE, "page_rows": 10, "timeout_seconds": 5}
    context, stream = handed(sqlite_file(tmp_path / "f")), SqlFile().streams(config)[0]
    rows = 0
    for page in SqlFile().pages(config, stream, context, since="", position=None):
        rows, waited = rows + len(page.rows), waited + 100
    assert rows == 60 and read_for > 5


def test_files_of_another_name_or_beside_a_folder_are_nobody_s() -> None:
    adapter = SqlFile()
    assert adapter.takes(FILE, "MES.sqlite") == ["steps"]
    assert not adapter.takes(FILE, "mes.db") and not adapter.takes({**FILE, "folder": "mes"}, "mes.sqlite")


def test_nothing_handed_in_yet_is_no_error() -> None:
    context = handed(b"", handed_in=())
    SqlFile().test(FILE, context)
    assert read_file(context) == []


# --- kinds of database that nobody started here: what is said of them, and how they are asked


@pytest.mark.parametrize("dialect", ["mssql", "oracle"])
def test_a_driver_that_is_not_installed_is_named(source: Source, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    monkeypatch.setitem(sys.modules, "oracledb", None)
    with pytest.raises(NeedsReconnect, match="driver_missing"):
        read(source.config(dialect=dialect), source.context())


ASKED = {
    mysql: "SELECT s.T.NO AS `NO`, s.T.`数 量` AS `数 量` \nFROM s.T ORDER BY s.T.NO \n LIMIT 5",
    postgresql: 'SELECT s.T.NO AS "NO", s.T."数 量" AS "数 量" \nFROM s.T ORDER BY s.T.NO \n LIMIT 5',
    mssql: "SELECT TOP 5 s.T.NO AS [NO], s.T.[数 量] AS [数 量] \nFROM s.T ORDER BY s.T.NO",
    oracle: 'SELECT s.T.NO AS "NO", s.T."数 量" AS "数 量" \nFROM s.T ORDER BY s.T.NO\n FETCH FIRST 5 ROWS ONLY',
}


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_each_kind_is_asked_in_its_own_words(kind: Any) -> None:
    fields = [Field("no", "NO"), Field("quantity", "数 量")]
    question = Question(Stream("s", ["no"], fields), {"table": "s.T"}, frozenset())
    asked = question.portion("dated", rows=5).compile(dialect=kind.dialect(), compile_kwargs={"literal_binds": True})
    assert str(asked) == ASKED[kind]


def test_a_select_is_taken_letter_by_letter() -> None:
    text = "SELECT a::int AS no FROM t WHERE b LIKE '%:x%' AND c = '12:30\\:'"
    question = Question(Stream("s", ["no"], [Field("no", "NO")]), {"select": text}, frozenset())
    assert f"FROM ({text}) AS q" in str(question.count().compile(dialect=sqlite.dialect()))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60))
def test_whatever_stands_in_a_select_stays_as_it_is(text: str) -> None:
    question = Question(Stream("s", ["no"], [Field("no", "NO")]), {"select": text}, frozenset())
    assert f"({text})" in str(question.count().compile(dialect=sqlite.dialect()))


def test_a_start_loads_none_of_what_reading_needs() -> None:
    code = "import sys, integrations.adapters.registry; print({'sqlalchemy', 'sqlglot', 'pymysql'} & {*sys.modules})"
    root = Path(__file__).parents[3]
    said = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "set()"
