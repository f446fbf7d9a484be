"""A million rows of a PostgreSQL, read and not kept: `pytest tests/real/try_a_million_rows.py -s`.

Prints rows a second, and the memory of the process at the first page and at most."""

import secrets
import time
from contextlib import closing
from pathlib import Path

from integrations.adapters.base import Context
from integrations.adapters.sql import Sql
from tests.cluster import Cluster
from tests.integrations.adapters.databases import door_to, reach_of
from tests.integrations.adapters.sources import NOW, SHANGHAI

ROWS = 1_000_000
TABLE = f"""
CREATE TABLE big AS SELECT 'WO-' || lpad(n::text, 8, '0') AS no, '轴承内圈磨削 ' || n AS says, n / 7.0 AS quantity,
    timestamp '2026-01-01' + (n / 50) * interval '1 minute' AS at FROM generate_series(1, {ROWS}) AS n
"""
FIELDS = [{"name": "no"}, {"name": "says"}, {"name": "quantity", "type": "decimal"}, {"name": "at", "type": "time"}]


def megabytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 1024**2


def test_memory_stays_as_it_is(cluster: Cluster) -> None:
    user, password = f"reader_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    with closing(cluster.connect()) as link, door_to(cluster.folder / ".s.PGSQL.5432") as door:
        cursor = link.cursor()
        for statement in (TABLE, "CREATE UNIQUE INDEX ON big (at, no)", "ANALYZE big"):
            cursor.execute(statement)
        cursor.execute(f"CREATE ROLE {user} LOGIN PASSWORD %s", [password])
        cursor.execute(f"GRANT SELECT ON big TO {user}")
        at = {"dialect": "postgresql", "host": "127.0.0.1", "port": door.port, "database": "postgres", "user": user}
        config = {**at, "streams": [{"name": "big", "table": "big", "key": ["no"], "cursor": "at", "fields": FIELDS}]}
        outside, secret = reach_of(f"127.0.0.1:{door.port}"), {"password": password}
        context = Context(outside=outside, zone=SHANGHAI, now=NOW, tenant="acme", secret=secret)
        began, memory, rows = time.monotonic(), list[int](), 0
        for page in Sql().pages(config, Sql().streams(config)[0], context, since="", position=None):
            rows += len(page.rows)
            memory.append(megabytes())
        took = time.monotonic() - began
        cursor.execute("DROP TABLE big")
        cursor.execute(f"DROP ROLE {user}")
    print(
        f"\n{rows} rows in {took:.0f} s, {rows / took:.0f} a second; {memory[0]} MB at first, {max(memory)} MB at most"
    )
    assert rows == ROWS and max(memory) - memory[0] < 30
