"""The counts of what carries each goal, put in order: triggers keep them, a row for each change."""

import structlog
from django.db import connection

from perfsys.tenancy.scope import current_tenant_id

log = structlog.get_logger(__name__)

# Whoever is first does it: a second one would replace rows that the first has just written.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('goals_supportcount', %s))"
# All of it is of one moment: what others have changed and not committed yet adds its own rows afterwards.
_PUT_IN_ORDER = """
WITH kept AS (
    SELECT of_goal, in_period, layer, health, sum(lines) AS lines, sum(primary_lines) AS primary_lines, count(*) AS rows
    FROM goals_supportcount WHERE tenant_id = %(tenant)s GROUP BY of_goal, in_period, layer, health
), counted AS (
    SELECT line.parent_id AS of_goal, child.period_id AS in_period, child.layer, child.health,
        count(*) AS lines, count(*) FILTER (WHERE line.is_primary) AS primary_lines
    FROM goals_alignment line JOIN goals_goal child ON child.tenant_id = line.tenant_id AND child.id = line.child_id
    WHERE line.tenant_id = %(tenant)s AND child.status <> 'draft' AND child.outcome <> 'cancelled'
        AND NOT child.is_private
    GROUP BY line.parent_id, child.period_id, child.layer, child.health
), other AS (
    SELECT of_goal, in_period, layer, health, counted.lines, counted.primary_lines, coalesce(kept.rows, 0) AS rows,
        ROW(coalesce(kept.lines, 0), coalesce(kept.primary_lines, 0))
            IS DISTINCT FROM ROW(coalesce(counted.lines, 0), coalesce(counted.primary_lines, 0)) AS is_wrong
    FROM kept FULL JOIN counted USING (of_goal, in_period, layer, health)
), touched AS (
    SELECT * FROM other WHERE is_wrong OR rows > 1 OR lines IS NULL
), gone AS (
    DELETE FROM goals_supportcount held USING touched
    WHERE held.tenant_id = %(tenant)s AND held.of_goal = touched.of_goal AND held.in_period = touched.in_period
        AND held.layer = touched.layer AND held.health = touched.health
), made AS (
    INSERT INTO goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
    SELECT %(tenant)s, of_goal, in_period, layer, health, lines, primary_lines FROM touched WHERE lines IS NOT NULL
)
SELECT count(*) FROM touched WHERE is_wrong
"""


def put_counts_in_order() -> int:
    """One row for each count of which there are several, and none for those that ended at nothing; by the night and
    after an import. They are counted once more by the way: how many were wrong, which nothing known makes them."""
    tenant = current_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [tenant])
        if not cursor.fetchone()[0]:
            log.info("somebody else puts the counts of what carries a goal in order")
            return 0
        cursor.execute(_PUT_IN_ORDER, {"tenant": tenant})
        wrong = int(cursor.fetchone()[0])
    if wrong:
        log.error("counts of what carries a goal were wrong", number=wrong)
    return wrong
