"""Keeps the two closures equal to the dated lines they follow from, by sets.

After lines have changed, the rows of everybody at or below a changed one are computed again from the lines and
compared with what stands in the table; only differences are written. So a reorganisation of 5,000 people writes
thousands of rows, and an operation that changes nothing writes none. Past and planned spans come out right because the
whole time of a chain is walked, not a day of it.

Call only inside `one_change_at_a_time`: two changes that are harmless alone may close a circle together.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from django.db import OperationalError, connection
from psycopg2 import sql
from psycopg2.errors import LockNotAvailable

from perfsys.common.bulk import matching_many
from perfsys.tenancy.scope import current_tenant_id

FEW = 100  # people or units whose rows are found fastest one by one
DEEPEST = 60  # levels; the deepest real organisations have about 15
_LOCK_SPACE = 0x70656F70  # "peop": keeps the number apart from other users of advisory locks


class OrganisationBusy(Exception):
    """Another change of the organisation is running: try again in a moment."""


class Circle(Exception):
    """The lines would lead back to where they began. `members`: ids on a circle, sorted."""

    def __init__(self, members: list[int]) -> None:
        super().__init__(members)
        self.members = members


class TooDeep(Exception):
    """A chain longer than DEEPEST levels."""


class Touched(NamedTuple):
    """Rows written."""

    added: int
    ended: int
    dropped: int

    @property
    def total(self) -> int:
        return sum(self)

    def plus(self, other: "Touched") -> "Touched":
        return Touched(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True)
class _Tree:
    lines: str
    line_child: str
    line_top: str
    closure: str
    child: str
    top: str
    nodes: str = ""  # the table of the nodes themselves, where the closure holds each node at depth 0


_REPORTING = _Tree(
    lines="people_reportingline",
    line_child="employee_id",
    line_top="manager_id",
    closure="people_reportingclosure",
    child="employee_id",
    top="manager_id",
)
_UNITS = _Tree(
    lines="people_unitline",
    line_child="unit_id",
    line_top="parent_id",
    closure="people_orgunitclosure",
    child="descendant_id",
    top="ancestor_id",
    nodes="people_orgunit",
)

_AFFECTED = """
    SELECT {child} FROM {closure} WHERE tenant_id = %(tenant)s AND {top} = ANY(%(ids)s)
    UNION SELECT unnest(%(ids)s::bigint[])
"""
# Nobody has two tops on one day, so the rows of one (child, top, depth) never overlap: they only need joining up.
_CHAINS = """
    WITH RECURSIVE up (child, top, depth, starts_on, ends_on) AS (
        SELECT {line_child}, {line_top}, 1, starts_on, coalesce(ends_on, 'infinity')
        FROM {lines} WHERE tenant_id = %(tenant)s AND {line_child} = ANY(%(ids)s)
        UNION ALL
        SELECT up.child, l.{line_top}, up.depth + 1, greatest(up.starts_on, l.starts_on),
               least(up.ends_on, coalesce(l.ends_on, 'infinity'))
        FROM up JOIN {lines} l ON l.tenant_id = %(tenant)s AND l.{line_child} = up.top
             AND l.starts_on < up.ends_on AND coalesce(l.ends_on, 'infinity') > up.starts_on
        WHERE up.top <> up.child AND up.depth < %(deepest)s
    )
"""
_CIRCLES = """
    SELECT DISTINCT child, top = child FROM up WHERE top = child OR depth = %(deepest)s ORDER BY child
"""
_NODES = """
    UNION ALL SELECT id, id, 0, starts_on, coalesce(ends_on, 'infinity')
    FROM {nodes} WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
"""
_REBUILD = """,
    pieces AS (SELECT * FROM up {own_rows}),
    marked AS (
        SELECT *, CASE WHEN starts_on = lag(ends_on) OVER w THEN 0 ELSE 1 END AS is_new FROM pieces
        WINDOW w AS (PARTITION BY child, top, depth ORDER BY starts_on)
    ),
    numbered AS (
        SELECT *, sum(is_new) OVER (PARTITION BY child, top, depth ORDER BY starts_on) AS island FROM marked
    ),
    wanted AS MATERIALIZED (
        SELECT child, top, depth, min(starts_on) AS starts_on, nullif(max(ends_on), 'infinity') AS ends_on
        FROM numbered GROUP BY child, top, depth, island
    ),
    standing AS MATERIALIZED (
        SELECT id, {child} AS child, {top} AS top, depth, starts_on, ends_on
        FROM {closure} WHERE tenant_id = %(tenant)s AND {child} = ANY(%(ids)s)
    ),
    compared AS MATERIALIZED (
        SELECT s.id, w.child, w.top, w.depth, w.starts_on, w.ends_on
        FROM standing s FULL JOIN wanted w USING (child, top, depth, starts_on)
        WHERE s.id IS NULL OR w.child IS NULL OR s.ends_on IS DISTINCT FROM w.ends_on
    ),
    dropped AS (
        DELETE FROM {closure} c USING compared x WHERE c.tenant_id = %(tenant)s AND c.id = x.id AND x.child IS NULL
        RETURNING 1
    ),
    ended AS (
        UPDATE {closure} c SET ends_on = x.ends_on FROM compared x
        WHERE c.tenant_id = %(tenant)s AND c.id = x.id AND x.child IS NOT NULL RETURNING 1
    ),
    added AS (
        INSERT INTO {closure} (tenant_id, {child}, {top}, depth, starts_on, ends_on)
        SELECT %(tenant)s, child, top, depth, starts_on, ends_on FROM compared WHERE id IS NULL RETURNING 1
    )
    SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM ended), (SELECT count(*) FROM dropped)
"""


@contextmanager
def one_change_at_a_time() -> Iterator[None]:
    """Holds the tenant's organisation until the transaction ends. Raises OrganisationBusy after the lock timeout."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, current_tenant_id()])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise OrganisationBusy from error
        raise
    yield


def follow_reporting_lines(employee_ids: Collection[int]) -> Touched:
    """The lines of these employees have changed: bring the closure after them. Raises Circle, TooDeep."""
    return _follow(_REPORTING, employee_ids)


def follow_unit_lines(unit_ids: Collection[int]) -> Touched:
    """The lines or the spans of these units have changed. Raises Circle, TooDeep."""
    return _follow(_UNITS, unit_ids)


def _follow(tree: _Tree, ids: Collection[int]) -> Touched:
    if not ids:
        return Touched(0, 0, 0)
    # Who stood below a changed one still stands below a changed one: the lines between have not moved. So the old
    # closure names everybody concerned, and any new circle runs through one of `ids`.
    found = _rows(tree, _CHAINS + _CIRCLES, ids)
    if circle := [child for child, is_circle in found if is_circle]:
        raise Circle(circle)
    if found:
        raise TooDeep
    affected = [child for (child,) in _rows(tree, _AFFECTED, ids)]
    with matching_many() if len(affected) > FEW else nullcontext():
        return Touched(*_rows(tree, _CHAINS + _REBUILD, affected)[0])


def _rows(tree: _Tree, template: str, ids: Collection[int]) -> list[tuple[int, ...]]:
    own_rows = sql.SQL(_NODES).format(nodes=sql.Identifier(tree.nodes)) if tree.nodes else sql.SQL("")
    names = {
        name: sql.Identifier(getattr(tree, name))
        for name in ("lines", "line_child", "line_top", "closure", "child", "top")
    }
    with connection.cursor() as cursor:
        statement = sql.SQL(template).format(own_rows=own_rows, **names).as_string(cursor.cursor)
        cursor.execute(statement, {"tenant": current_tenant_id(), "ids": list(ids), "deepest": DEEPEST})
        return list(cursor.fetchall())
