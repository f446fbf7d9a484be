"""What the source itself must not say. Read as syntax trees, so comments and docstrings may speak of it freely."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Modules that send SQL of their own: row security still binds them, the ORM does not. A new one is argued in a review.
CURSORS = {
    "goals/actions/evidence.py",  # set-based, over all that a sync brought
    "goals/actions/imported_check_ins.py",  # set-based writes of an import
    "goals/actions/own_progress.py",  # objectives and commitments, level with the roll-up
    "goals/actions/matching.py",  # the match of a whole company
    "goals/actions/rollup.py",
    "goals/actions/standing.py",
    "goals/actions/support.py",  # counts of a whole company, put in order
    "goals/queries/health.py",  # readings of two weeks
    "goals/queries/lines.py",  # the way up, however many levels
    "goals/queries/match.py",  # the facts of many alignments
    "goals/queries/obstacles.py",  # sums of sums, over tens of thousands
    "integrations/adapters/sql/file.py",  # of a database of memory, whose content was handed in
    "perfsys/audit/chain.py",  # hashes rows as the database sees them
    "perfsys/common/bulk.py",
    "perfsys/deployment.py",  # asks for the role's powers
    "perfsys/embedded/postgres.py",  # makes the roles
    "perfsys/notices/delivering.py",
    "perfsys/people/closure.py",
    "perfsys/people/standing.py",
    "perfsys/tenancy/checks.py",
    "perfsys/tenancy/rows.py",  # inserts into the open scope's tenant
    "perfsys/tenancy/scope.py",
}
SETTERS = {
    "integrations/adapters/sql/drivers.py",  # limits of somebody else's database, before it is read
    "perfsys/common/bulk.py",  # planner options
    "perfsys/embedded/postgres.py",  # roles' defaults
}
EDGES = {"views", "api", "forms", "templatetags"}
FIRST_PARTY = ("perfsys", "goals", "feedback", "reviews", "growth", "integrations", "dashboards")


@cache
def trees() -> dict[str, ast.Module]:
    """By path, migrations left out: they are the owner's."""
    files = [path for top in FIRST_PARTY for path in (ROOT / top).rglob("*.py") if "migrations" not in path.parts]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in files}


def attributes(tree: ast.Module) -> Iterator[str]:
    yield from (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def strings(tree: ast.Module) -> Iterator[str]:
    """All string constants but docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and node.body
                  and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def files_where(found: Callable[[ast.Module], bool]) -> set[str]:
    return {name for name, tree in trees().items() if found(tree)}


def test_edges_fetch_through_access_alone():
    """A view, form or tag that asks a manager decides by itself who may see what (style.md §3)."""
    managers = {"objects", "_base_manager", "_default_manager"}
    edges = {name: tree for name, tree in trees().items() if EDGES & set(Path(name).with_suffix("").parts)}
    assert edges
    assert {name for name, tree in edges.items() if managers & set(attributes(tree))} == set()


def test_only_tenancy_sets_the_tenant():
    words = re.compile(r"set_config|app\.tenant_id|open_scope", re.I)
    found = files_where(lambda tree: any(map(words.search, strings(tree))))
    refuses = {"integrations/adapters/sql/one_select.py"}  # names what no query of a company may call
    assert all(name.startswith("perfsys/tenancy/") for name in found - refuses)


def test_only_listed_modules_set_anything():
    statement = re.compile(r"(^|;)\s*(SET|RESET)\s+(LOCAL|SESSION|ROLE|ALL|CONSTRAINTS|\w+\s*(=|TO))", re.I)
    found = files_where(lambda tree: any(map(statement.search, strings(tree))))
    assert {name for name in found if not name.startswith("perfsys/tenancy/")} <= SETTERS


def test_raw_sql_stands_in_listed_modules_only():
    ways = {"cursor", "callproc", "RawSQL", "raw", "extra", "execute_values", "copy_expert"}
    calls = files_where(
        lambda tree: any(
            getattr(node.func, "attr", getattr(node.func, "id", "")) in ways
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        )
    )
    assert calls - {"perfsys/tenancy/models.py"} == CURSORS  # the exception: where raw() is refused


def test_nobody_writes_the_scope_variable_but_scope():
    assert files_where(lambda tree: "_current" in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}) == {
        "perfsys/tenancy/scope.py"
    }


def test_every_crossing_gives_its_reason():
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "all_tenants":
                (reason,) = node.args
                assert isinstance(reason, ast.Constant) and len(reason.value) > 8


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("cursor.execute(\"SELECT set_config('app.tenant_id', '1', false)\")", "set_config"),
        ("class A:\n    '''Says set_config.'''\n    x = 1", None),
    ],
)
def test_the_rules_read_strings_and_not_docstrings(code, rule):
    assert any("set_config" in text for text in strings(ast.parse(code))) is (rule is not None)
