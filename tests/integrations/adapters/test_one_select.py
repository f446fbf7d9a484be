"""What may stand in a configuration as a SELECT."""

import pytest

from integrations.adapters.sql.one_select import NotOneSelect, check_select


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("mysql", "SELECT WO_NO, `数量` FROM MES.T_ORDER WHERE ITEM LIKE '6205%' AND AT > '12:30' LIMIT 5"),
        ("mysql", "(SELECT 1 AS n)"),
        ("postgresql", "WITH x AS (SELECT a::int FROM t) SELECT a, sum(b) FILTER (WHERE c) FROM x GROUP BY a"),
        ("postgresql", "SELECT lower(a), log(b), to_char(c, 'YYYY'), xmlelement(name d) FROM t"),
        ("mssql", "SELECT TOP 10 [单 号], b FROM dbo.t WITH (NOLOCK, INDEX(i)) WHERE c = N'是;--'"),
        ("oracle", "SELECT a, NVL(b, 0) AS b FROM s.t WHERE ROWNUM < 3"),
        ("sqlite", "SELECT 单号 FROM 工单 UNION ALL SELECT '一'"),
    ],
)
def test_a_select_that_only_reads_may(dialect: str, text: str) -> None:
    check_select(text, dialect)


@pytest.mark.parametrize(
    ("dialect", "text", "what"),
    [
        ("mysql", "SELECT 1; DROP TABLE t", ";"),
        ("mysql", "SELECT 1;", ";"),
        ("mysql", "DROP TABLE t", ""),
        ("mysql", "SELECT * FROM t INTO OUTFILE '/tmp/x'", ""),
        ("mysql", "SELECT /*!50000 sleep(9) */ 1", "/* */ --"),
        ("mysql", "SELECT 1 -- the rest", "/* */ --"),
        ("mysql", "SELECT SLEEP(9) FROM t", "sleep"),
        ("mysql", "SELECT LOAD_FILE('/etc/passwd')", "load_file"),
        ("mysql", "CALL tidy_up()", ""),
        ("mysql", "SELECT " + "(" * 3000 + "1" + ")" * 3000, ""),
        ("postgresql", "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "DELETE"),
        ("postgresql", "SELECT * INTO copy FROM t", "INTO"),
        ("postgresql", "SELECT * FROM t FOR UPDATE", "LOCK"),
        ("postgresql", "SELECT pg_catalog.pg_sleep(9)", "pg_sleep"),
        ("postgresql", "SELECT query_to_xml_and_xmlschema('SELECT 1', true, true, '')", "query_to_xml_and_xmlschema"),
        ("postgresql", "SELECT cursor_to_xml('c', 1, true, true, '')", "cursor_to_xml"),
        ("postgresql", "SELECT public.DBLINK_OPEN('c', 'SELECT 1')", "dblink_open"),
        ("postgresql", "SELECT * FROM pg_ls_logdir()", "pg_ls_logdir"),
        ("postgresql", "SELECT lo_get(4711)", "lo_get"),
        ("postgresql", "SELECT pg_advisory_xact_lock(1)", "pg_advisory_xact_lock"),
        ("postgresql", 'SELECT "pg_try_advisory_lock"(1)', "pg_try_advisory_lock"),
        ("mysql", "SELECT RELEASE_ALL_LOCKS()", "release_all_locks"),
        ("mssql", "SELECT a FROM dbo.t WITH (NOLOCK, TABLOCKX)", "TABLOCKX"),
        ("mssql", "SELECT a FROM dbo.t AS x WITH (HOLDLOCK) JOIN u ON u.a = x.a", "HOLDLOCK"),
        ("postgresql", "SELECT 1) AS q; DELETE FROM t WHERE (true", ";"),
        ("postgresql", "COPY t TO PROGRAM 'x'", ""),
        ("mssql", "SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'y')", "openrowset"),
        ("mssql", "EXEC xp_cmdshell 'x'", ""),
        ("mssql", "SELECT 1; WAITFOR DELAY '0:0:9'", ";"),
        ("oracle", "SELECT UTL_HTTP.REQUEST('http://x') FROM dual", "request"),
        ("oracle", "SELECT s.NEXTVAL FROM dual", "nextval"),
        ("sqlite", "SELECT load_extension('x')", "load_extension"),
        ("sqlite", "ATTACH 'x' AS y", ""),
        ("sqlite", "PRAGMA writable_schema = 1", ""),
    ],
)
def test_what_does_more_is_refused_with_the_part_that_does(dialect: str, text: str, what: str) -> None:
    with pytest.raises(NotOneSelect) as refused:
        check_select(text, dialect)
    assert refused.value.what == what
