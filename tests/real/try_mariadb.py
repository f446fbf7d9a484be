"""A MariaDB of one's own, tables in GBK: `pytest tests/real/try_mariadb.py -s`. Needs mariadb-server (apt), its daemon
not running; prints what it measured."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrations.actions import sync as syncing
from integrations.adapters.base import AdapterBroken, Context, NeedsReconnect, RetryLater
from integrations.adapters.contract import AdapterContract
from integrations.adapters.sql import Sql
from integrations.models import Connection, Record, RunState, Secret
from integrations.reach import Reach
from integrations.sealing import seal
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.sources import NOW, SHANGHAI
from tests.integrations.conftest import ask, work_on

ROWS = int(os.environ.get("ROWS", "60000"))
READER, PASSWORD = "perfsys_read", "只读-口令-7"
TABLE = """
CREATE TABLE 工单 (
  工单号 VARCHAR(40) NOT NULL, 工序 INT NOT NULL, 名称 VARCHAR(80), 数量 DECIMAL(18, 4), 完工 BIT(1), 附件 BLOB,
  步骤 JSON, 班次 TIME, 建立 DATETIME(6) NOT NULL, 修改 TIMESTAMP(6) NULL, PRIMARY KEY (工单号, 工序), KEY (修改)
) CHARACTER SET gbk
"""
STREAM = {
    "name": "work_orders",
    "table": "工单",
    "key": ["number", "step"],
    "title": "says",
    "happened": "made",
    "cursor": "changed",
    "fallback": "made",
    "overlap_minutes": 60,
    "fields": [
        {"name": "number", "path": "工单号", "required": True},
        {"name": "step", "path": "工序", "type": "whole", "required": True},
        {"name": "says", "path": "名称"},
        {"name": "quantity", "path": "数量", "type": "decimal"},
        {"name": "done", "path": "完工", "type": "yes"},
        {"name": "steps", "path": "步骤", "type": "list"},
        {"name": "shift", "path": "班次"},
        {"name": "made", "path": "建立", "type": "time"},
        {"name": "changed", "path": "修改", "type": "time"},
    ],
}


class MariaDb:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        shutil.chown(folder, "mysql")
        install = ["mariadb-install-db", "--user=mysql", f"--datadir={folder}/data", "--skip-test-db"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        self.start()

    def start(self) -> None:
        Path(f"{self.folder}/sock").unlink(missing_ok=True)
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=mysql", f"--datadir={self.folder}/data", f"--port={self.port}",
             "--bind-address=127.0.0.1", f"--socket={self.folder}/sock", f"--pid-file={self.folder}/pid"],
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
        log.close()
        for _ in range(300):
            if Path(f"{self.folder}/sock").exists():
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def run(self, *statements: str, rows: Any = None) -> list[Any]:
        import pymysql

        found: list[Any] = []
        link = pymysql.connect(unix_socket=f"{self.folder}/sock", user="root", charset="utf8mb4", autocommit=True)
        with closing(link), link.cursor() as cursor:
            for statement in statements:
                if rows is not None:
                    cursor.executemany(statement, rows)
                else:
                    cursor.execute(statement)
                found = list(cursor.fetchall())
        return found

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def config(self, **changes: Any) -> dict[str, Any]:
        at = {"dialect": "mysql", "host": "127.0.0.1", "port": self.port, "database": "mes", "user": READER}
        return {**at, "streams": [STREAM], **changes}

    def context(self, **changes: Any) -> Context:
        outside = Reach("acme", intranet=[f"acme=127.0.0.1:{self.port}"])
        given = {"outside": outside, "zone": SHANGHAI, "now": NOW, "tenant": "acme"}
        return Context(**{**given, "secret": {"password": PASSWORD}, **changes})


@pytest.fixture(scope="session")
def server() -> Iterator[MariaDb]:
    folder = Path(tempfile.mkdtemp(prefix="perfsys-mariadb-"))
    server = MariaDb(folder)
    server.run(
        "CREATE DATABASE mes CHARACTER SET gbk",
        f"CREATE USER '{READER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON mes.* TO '{READER}'@'127.0.0.1'",
    )
    yield server
    server.kill()
    shutil.rmtree(folder)


def fill(server: MariaDb, rows: int) -> None:
    """Every moment is shared by 500 rows; a third has never been changed."""
    server.run("USE mes", "DROP TABLE IF EXISTS 工单", TABLE)
    fast = f"""
    INSERT INTO mes.工单
    SELECT CONCAT('WO-', LPAD(seq DIV 2, 7, '0')), seq MOD 2, CONCAT('轴承内圈磨削，第', seq, '道'), seq / 7, seq MOD 2,
           X'FFD8', JSON_ARRAY(seq, '装配'), SEC_TO_TIME(seq MOD 86400),
           '2026-06-01 08:00:00.000001' + INTERVAL (seq DIV 500) MINUTE,
           IF(seq MOD 3, '2026-07-01 08:00:00.5' + INTERVAL (seq DIV 500) MINUTE, NULL)
    FROM seq_1_to_{rows}
    """
    server.run("USE mes", "SET SESSION time_zone = '+08:00'", fast)


class TestMariaDb(AdapterContract):
    adapter = Sql()

    @pytest.fixture(autouse=True)
    def _source(self, server: MariaDb) -> None:
        fill(server, 1200)
        self.server, self.config = server, server.config(page_rows=100)

    def context(self) -> Context:
        return self.server.context()

    def expected(self) -> dict[str, int]:
        return {"work_orders": 1200}

    def correct(self) -> tuple[str, Any]:
        which = "工单号 = 'WO-0000001' AND 工序 = 1"
        self.server.run(f"UPDATE mes.工单 SET 数量 = 1, 修改 = '2026-11-20 08:00' WHERE {which}")
        return "work_orders", ("WO-0000001", "1")

    def troubles(self) -> Any:
        here = self.context()
        yield self.config, self.server.context(secret={"password": "wrong"}), NeedsReconnect
        yield {**self.config, "user": "nobody"}, here, NeedsReconnect
        yield {**self.config, "database": "nowhere"}, here, NeedsReconnect
        yield {**self.config, "tls": True}, here, NeedsReconnect
        yield {**self.config, "streams": [{**STREAM, "table": "没有"}]}, here, AdapterBroken
        yield {**self.config, "streams": [{**STREAM, "table": "mysql.user"}]}, here, NeedsReconnect
        fields = [*STREAM["fields"], {"name": "x", "path": "没有"}]  # type: ignore[misc]
        yield {**self.config, "streams": [{**STREAM, "fields": fields}]}, here, AdapterBroken
        slow = {**STREAM, "select": "SELECT a.* FROM 工单 a, 工单 b, 工单 c WHERE a.数量 + b.数量 + c.数量 < 0"}
        del slow["table"]
        yield {**self.config, "streams": [slow], "timeout_seconds": 1}, here, RetryLater


def read(server: MariaDb, **changes: Any) -> list[Any]:
    config = server.config(**changes)
    stream = Sql().streams(config)[0]
    return [row for page in Sql().pages(config, stream, server.context(), since="", position=None) for row in page.rows]


@pytest.mark.parametrize("encoding", ["utf8", "gbk"])
def test_letters_numbers_and_moments_of_a_table_in_gbk(server: MariaDb, encoding: str) -> None:
    fill(server, 1200)
    row = read(server, encoding=encoding)[-1]
    assert row == {
        "工单号": "WO-0000599", "工序": 1, "名称": "轴承内圈磨削，第1199道", "数量": "171.2857", "完工": 1,
        "步骤": [1199, "装配"], "班次": "00:19:59", "建立": "2026-06-01 08:02:00.000001",
        "修改": "2026-07-01 08:02:00.500000",
    }  # fmt: skip
    assert Decimal(row["数量"]) == Decimal("171.2857")


def test_it_writes_nothing_whatever_its_account_may_do(server: MariaDb) -> None:
    fill(server, 10)
    who = f"'{READER}'@'127.0.0.1'"
    server.run(
        f"GRANT ALL ON mes.* TO {who}",
        "CREATE OR REPLACE FUNCTION mes.tidy() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM mes.工单; RETURN 1; END",
    )
    stream = {"name": "t", "select": "SELECT tidy() AS n", "key": ["n"], "fields": [{"name": "n"}]}
    with pytest.raises(AdapterBroken, match="sql_refused"):
        read(server, streams=[stream], count=False)
    server.run(f"REVOKE ALL ON mes.* FROM {who}", f"GRANT SELECT ON mes.* TO {who}")
    assert server.run("SELECT COUNT(*) FROM mes.工单") == [(10,)]


@pytest.fixture
def connection(server: MariaDb, connect: Callable[..., Connection], settings: Any) -> Connection:
    settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{server.port}"]
    settings.INTEGRATION_RUN_ROWS = 10**9
    made: Connection = connect(adapter="sql", config=server.config())
    with use_tenant(1):
        sealed = seal({"password": PASSWORD}, tenant_id=1, connection_id=made.pk)
        Secret.objects.create(connection=made, set_at=NOW, **sealed._asdict())
    return made


@pytest.mark.django_db
def test_a_sync_of_many_rows(server: MariaDb, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(server, ROWS)
    began = time.monotonic()
    alone = sum(1 for _ in read(server))
    reading = time.monotonic() - began
    run, began = ask(connection), time.monotonic()
    while work_on(run) is not None:
        pass
    took = time.monotonic() - began
    with use_tenant(1):
        run.refresh_from_db()
        held = Record.objects.count()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{ROWS} rows: read alone {alone / reading:.0f}/s, synced {held / took:.0f}/s, {memory} MB at most")
    assert (run.state, held) == (RunState.DONE, ROWS), run.error


@pytest.mark.django_db
def test_a_server_that_is_killed_in_the_middle(
    server: MariaDb, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of an answer, started again: put off, then gone on with behind the last page written."""
    fill(server, 12_000)
    monkeypatch.setattr(syncing, "write_pages", _then(syncing.write_pages, at=3, do=server.kill))
    run = ask(connection)
    again = work_on(run)
    with use_tenant(1):
        run.refresh_from_db()
        halfway = Record.objects.count()
    assert 0 < halfway < 12_000 and again is not None and run.error["code"] in ("cut_off", "unreachable")
    print(f"\nkilled after {halfway} rows: {run.state}, {run.error['code']}, again in {again.after}")
    server.start()
    while work_on(run) is not None:
        pass
    with use_tenant(1):
        run.refresh_from_db()
        assert (run.state, Record.objects.count()) == (RunState.DONE, 12_000), run.error
    print(f"counts: {run.counts}")


def _then(real: Callable[..., Any], *, at: int, do: Callable[[], None]) -> Callable[..., Any]:
    calls = iter(range(1, 10**6))

    def both(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        if next(calls) == at:
            do()
        return found

    return both
