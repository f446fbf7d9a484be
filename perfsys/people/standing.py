"""What follows from the dated rows today: roles of seats, who has left, where a unit hangs. Written by sets, and only
where it differs, so that running it twice changes nothing. Called by every action that changes the organisation and
once a day, because planned changes come true by themselves."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from perfsys.tenancy.scope import current_tenant_id


class Standing(NamedTuple):
    """Rows written."""

    left: int
    positions: int
    parents: int
    paths: int
    granted: int
    derived: int
    withheld: int

    @property
    def total(self) -> int:
        return sum(self)


_HOLDS = "{0}.starts_on <= %(today)s AND ({0}.ends_on IS NULL OR {0}.ends_on > %(today)s)"

_LEFT = """
    WITH gone AS (
        UPDATE people_employee SET status = 'left', version = version + 1
        WHERE tenant_id = %(tenant)s AND status = 'active' AND left_on <= %(today)s RETURNING 1
    ), closed AS (
        UPDATE tenancy_membership m SET is_active = false, derived = '{{}}'
        FROM people_employee e
        WHERE m.tenant_id = %(tenant)s AND e.tenant_id = %(tenant)s AND e.membership_id = m.id AND m.is_active
          AND (e.status = 'left' OR e.left_on <= %(today)s)
    )
    SELECT count(*) FROM gone
"""
_POSITIONS = """
    WITH changed AS (
        UPDATE people_employee e SET position = a.position, version = e.version + 1
        FROM people_assignment a
        WHERE e.tenant_id = %(tenant)s AND a.tenant_id = %(tenant)s AND a.employee_id = e.id AND a.is_primary
          AND {a_holds} AND a.position <> e.position RETURNING 1
    )
    SELECT count(*) FROM changed
"""
_PARENTS = """
    WITH wanted AS (
        SELECT u.id, l.parent_id FROM people_orgunit u LEFT JOIN people_unitline l
            ON l.tenant_id = %(tenant)s AND l.unit_id = u.id AND {l_holds}
        WHERE u.tenant_id = %(tenant)s AND {u_holds}
    ), changed AS (
        UPDATE people_orgunit u SET parent_id = w.parent_id, version = u.version + 1 FROM wanted w
        WHERE u.tenant_id = %(tenant)s AND u.id = w.id AND u.parent_id IS DISTINCT FROM w.parent_id RETURNING 1
    )
    SELECT count(*) FROM changed
"""
_PATHS = """
    WITH RECURSIVE named AS (
        SELECT id, name::text AS path FROM people_orgunit WHERE tenant_id = %(tenant)s AND parent_id IS NULL
        UNION ALL
        SELECT u.id, named.path || '/' || u.name FROM people_orgunit u JOIN named ON u.parent_id = named.id
        WHERE u.tenant_id = %(tenant)s
    ), changed AS (
        UPDATE people_orgunit u SET path = named.path FROM named
        WHERE u.tenant_id = %(tenant)s AND u.id = named.id AND u.path <> named.path RETURNING 1
    )
    SELECT count(*) FROM changed
"""
# A role that no row speaks of is left alone.
_GRANTED = """
    WITH known AS (
        SELECT g.membership_id AS id, array_agg(g.role) AS ever, array_agg(g.role) FILTER (WHERE {g_holds}) AS held
        FROM people_rolegrant g WHERE g.tenant_id = %(tenant)s GROUP BY g.membership_id
    ), wanted AS (
        SELECT m.id, ARRAY(
            (SELECT unnest(m.granted) EXCEPT SELECT unnest(k.ever)) UNION SELECT unnest(k.held) ORDER BY 1
        ) AS roles
        FROM known k JOIN tenancy_membership m ON m.tenant_id = %(tenant)s AND m.id = k.id
    ), changed AS (
        UPDATE tenancy_membership m SET granted = w.roles, version = m.version + 1 FROM wanted w
        WHERE m.tenant_id = %(tenant)s AND m.id = w.id AND NOT (m.granted @> w.roles AND m.granted <@ w.roles)
        RETURNING 1
    )
    SELECT count(*) FROM changed
"""
_DERIVED = """
    WITH wanted AS (
        SELECT e.membership_id, array_remove(ARRAY[
            'employee',
            CASE WHEN EXISTS (SELECT FROM people_reportingline l WHERE l.tenant_id = %(tenant)s AND l.manager_id = e.id
                              AND {l_holds}) THEN 'manager' END,
            CASE WHEN EXISTS (SELECT FROM people_hrbpassignment h WHERE h.tenant_id = %(tenant)s AND h.hrbp_id = e.id
                              AND {h_holds}) THEN 'hrbp' END
        ], NULL)::varchar(24)[] AS roles
        FROM people_employee e
        WHERE e.tenant_id = %(tenant)s AND e.membership_id IS NOT NULL AND e.status = 'active'
          AND (%(only)s::bigint[] IS NULL OR e.id = ANY(%(only)s))
    ), changed AS (
        UPDATE tenancy_membership m SET derived = w.roles FROM wanted w
        WHERE m.tenant_id = %(tenant)s AND m.id = w.membership_id AND m.derived <> w.roles RETURNING 1
    )
    SELECT count(*) FROM changed
"""
# A unit chosen for a part of the product has it with all below it, and everybody with a post in one of them.
_WITHHELD = """
    WITH reached AS (
        SELECT p.switch_id, p.employee_id AS id FROM people_featurepilot p
        WHERE p.tenant_id = %(tenant)s AND p.employee_id IS NOT NULL
        UNION
        SELECT p.switch_id, a.employee_id FROM people_featurepilot p
        JOIN people_orgunitclosure c ON c.tenant_id = %(tenant)s AND c.ancestor_id = p.unit_id AND {c_holds}
        JOIN people_assignment a ON a.tenant_id = %(tenant)s AND a.unit_id = c.descendant_id AND {a_holds}
        WHERE p.tenant_id = %(tenant)s
    ), without AS (
        SELECT e.id, array_agg(s.feature ORDER BY s.feature) AS features
        FROM people_featureswitch s CROSS JOIN people_employee e
        LEFT JOIN reached r ON r.switch_id = s.id AND r.id = e.id
        WHERE s.tenant_id = %(tenant)s AND e.tenant_id = %(tenant)s AND e.status = 'active'
          AND (s.reach = 'nobody' OR s.reach = 'some' AND r.id IS NULL)
        GROUP BY e.id
    ), wanted AS (
        SELECT e.id, coalesce(w.features, '{{}}') AS features FROM people_employee e LEFT JOIN without w ON w.id = e.id
        WHERE e.tenant_id = %(tenant)s AND e.status = 'active'
    ), changed AS (
        UPDATE people_employee e SET withheld = w.features FROM wanted w
        WHERE e.tenant_id = %(tenant)s AND e.id = w.id AND e.withheld <> w.features RETURNING 1
    )
    SELECT count(*) FROM changed
"""


def settle(today: date) -> Standing:
    """Bring everything that repeats what holds today after the dated rows."""
    return Standing(*(_run(sql, today) for sql in (_LEFT, _POSITIONS, _PARENTS, _PATHS, _GRANTED, _DERIVED, _WITHHELD)))


def refresh_derived_roles(today: date, *, only: Collection[int] | None = None) -> int:
    """Employee, manager (has reports), HRBP (has units), for every seat or those of the employees (ids) in `only`
    (product.md §1.4). Returns seats changed."""
    return _run(_DERIVED, today, only)


def refresh_withheld(today: date) -> int:
    """Which parts of the product are not switched on for whom. Returns people changed."""
    return _run(_WITHHELD, today)


def _run(sql: str, today: date, only: Collection[int] | None = None) -> int:
    names = {f"{alias}_holds": _HOLDS.format(alias) for alias in "acghlu"}
    values: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "today": today,
        "only": None if only is None else list(only),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**names), values)
        return int(cursor.fetchone()[0])
