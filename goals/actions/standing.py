"""How goals stand, in one word each, written by sets. The same words as `goals.standing.badge`: confirmed is what
somebody has called a deliberate change, or what a request has changed, and has shown no sign of life since. An alert
grows no older on days on which the owner is away."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from goals import progress, standing
from goals.models import Goal, Status
from goals.queries.bound import held_among
from goals.queries.figures import calendar_over, expectations
from goals.queries.settings import goal_settings
from perfsys.tenancy.scope import current_tenant_id

_WRITE = """
WITH stage AS (
    SELECT m.goal_id,
           100 * coalesce(sum(m.weight) FILTER (WHERE m.due_on <= %(day)s), 0) / sum(m.weight) AS expected
    FROM goals_milestone m WHERE m.tenant_id = %(tenant)s AND m.adopted = ''
        AND (%(all)s OR m.goal_id = ANY(%(goals)s::bigint[])) GROUP BY m.goal_id
), opened AS (
    SELECT a.goal_id, min(a.opened_on) AS since, count(*) FILTER (WHERE a.rule <> 'deviating') AS signs
    FROM goals_goalalert a
    WHERE a.tenant_id = %(tenant)s AND a.state = 'open' GROUP BY a.goal_id
), confirmed AS (
    SELECT a.goal_id, array_agg(coalesce(a.seen_activity_on, '-infinity'::date)) AS seen,
        bool_or(a.rule <> 'stale') AS is_of_another_fact
    FROM goals_goalalert a
    WHERE a.tenant_id = %(tenant)s AND a.state = 'confirmed' AND a.quiet_until > %(day)s GROUP BY a.goal_id
), changed AS (
    SELECT l.goal_id, max(r.decided_on) AS changed_on
    FROM goals_adjustmentrequest r JOIN goals_adjustmentline l ON l.tenant_id = r.tenant_id AND l.request_id = r.id
    WHERE r.tenant_id = %(tenant)s AND r.state = 'approved' AND r.decided_on BETWEEN %(changed_since)s AND %(day)s
    GROUP BY l.goal_id
), fact AS (
    SELECT g.id, g.layer,
        coalesce(c.is_of_another_fact OR coalesce(g.last_activity_on, '-infinity'::date) = ANY(c.seen), false)
            OR coalesce(coalesce(g.last_activity_on, '-infinity'::date) <= w.changed_on, false) AS is_confirmed,
        %(day)s::date - o.since - coalesce((
            SELECT sum(greatest(least(g.away[n + 1], %(day)s::date) - greatest(g.away[n], o.since), 0))::integer
            FROM generate_series(1, cardinality(g.away), 2) AS n
        ), 0) AS days_open, coalesce(o.signs, 0) AS signs,
        coalesce(g.own_progress, g.rolled_progress, 0)
            - coalesce(absent.expected, s.expected, span.expected, 0) < %(off)s
            AND g.id <> ALL(%(held)s::bigint[]) AS is_off,
        g.layer = 'position' AND g.published_on < %(this_month)s
            AND NOT EXISTS (SELECT FROM goals_checkin e WHERE e.tenant_id = g.tenant_id AND e.goal_id = g.id
                            AND e.local_on BETWEEN %(last_month)s AND %(day)s)
            AND NOT EXISTS (SELECT FROM goals_resourceline r WHERE r.tenant_id = g.tenant_id AND r.goal_id = g.id
                            AND (r.planned > 0 OR r.actual > 0)
                            AND (r.month IS NULL OR r.month >= %(last_month)s)) AS is_idle
    FROM goals_goal g
    LEFT JOIN unnest(%(starts)s::date[], %(dues)s::date[], %(expected)s::numeric[]) AS span(starts_on, due_on, expected)
        ON span.starts_on = g.starts_on AND span.due_on = g.due_on
    LEFT JOIN unnest(%(absent)s::bigint[], %(of_absent)s::numeric[]) AS absent(goal_id, expected)
        ON absent.goal_id = g.id
    LEFT JOIN stage s ON s.goal_id = g.id
    LEFT JOIN opened o ON o.goal_id = g.id
    LEFT JOIN confirmed c ON c.goal_id = g.id
    LEFT JOIN changed w ON w.goal_id = g.id
    WHERE g.tenant_id = %(tenant)s AND g.status = 'published' AND (%(all)s OR g.id = ANY(%(goals)s::bigint[]))
), word AS (
    SELECT id, CASE
        WHEN is_confirmed AND days_open IS NULL THEN 'adjusted'
        WHEN days_open IS NOT NULL AND (signs + is_off::int > 1 OR days_open >= %(unanswered)s) THEN 'talk'
        WHEN days_open IS NOT NULL OR is_off THEN 'watch'
        WHEN is_idle THEN 'idle'
        ELSE 'ok' END AS health
    FROM fact
)
UPDATE goals_goal goal SET health = word.health FROM word
WHERE goal.tenant_id = %(tenant)s AND goal.id = word.id AND goal.health <> word.health
"""


# A sign of life may be dated ahead: an appointment in the CRM, a check-in of an import. It counts once its day comes.
COME_DUE = timedelta(days=62)  # looked back over, so that nights nobody worked are made up for
_RETELL = """
WITH sign AS (
    SELECT goal_id, max(day) AS latest FROM (
        SELECT goal_id, local_on AS day FROM goals_checkin
        WHERE tenant_id = %(tenant)s AND local_on BETWEEN %(first)s AND %(day)s
        UNION ALL SELECT goal_id, local_on FROM goals_evidenceitem
        WHERE tenant_id = %(tenant)s AND local_on BETWEEN %(first)s AND %(day)s AND gone_at IS NULL
        UNION ALL SELECT goal_id, done_on FROM goals_milestone
        WHERE tenant_id = %(tenant)s AND done_on BETWEEN %(first)s AND %(day)s
    ) AS entry GROUP BY goal_id
)
UPDATE goals_goal goal SET last_activity_on = sign.latest FROM sign
WHERE goal.tenant_id = %(tenant)s AND goal.id = sign.goal_id AND goal.status = 'published'
    AND coalesce(goal.last_activity_on, '-infinity'::date) < sign.latest
"""


def retell_activity(day: date) -> int:
    """Move the last sign of life of goals for which one has come due by `day`; how many. Only forward: whatever takes
    a sign back says so itself."""
    with connection.cursor() as cursor:
        cursor.execute(_RETELL, {"tenant": current_tenant_id(), "day": day, "first": day - COME_DUE})
        return int(cursor.rowcount)


def write_standing(day: date, goal_ids: Collection[int] | None = None) -> int:
    """Write the word of every published goal, or of `goal_ids`; returns how many changed.

    Goals mostly share their dates, so what is expected is worked out once for each pair of dates and joined; one by one
    only where the owner is away for some of the time.
    """
    goals = Goal.objects.filter(status=Status.PUBLISHED)
    if goal_ids is not None:
        goals = goals.filter(pk__in=goal_ids)
    spans = list(goals.order_by().values_list("starts_on", "due_on").distinct())
    work_days = standing.counter(calendar_over(spans, day))
    of_absent = _expected_of_absent(goals, day)
    this_month = day.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "tenant": current_tenant_id(),
                "day": day,
                # As long as an answer to an alert keeps quiet, and no longer than until the goal moves on.
                "changed_since": day - timedelta(days=goal_settings().quiet_days - 1),
                "this_month": this_month,
                "last_month": (this_month - timedelta(days=1)).replace(day=1),
                "all": goal_ids is None,
                "goals": list(goal_ids or ()),
                "starts": [span[0] for span in spans],
                "dues": [span[1] for span in spans],
                "expected": [
                    progress.expected_progress(day, start=span[0], due=span[1], work_days=work_days) for span in spans
                ],
                "absent": list(of_absent),
                "of_absent": list(of_absent.values()),
                "off": progress.OFF_TRACK_BELOW,
                # Nobody is judged by data that is being checked.
                "held": held_among(goals, day),
                "unanswered": standing.UNANSWERED_DAYS,
            },
        )
        return int(cursor.rowcount)


def _expected_of_absent(goals: QuerySet[Goal], day: date) -> dict[int, Decimal]:
    """What is expected of the goals whose owners are on probation or a long leave for some of their days."""
    absent = list(goals.exclude(away=[]))
    if not absent:
        return {}
    expected = expectations(absent, day)
    return {goal.pk: expected.of(goal) for goal in absent}
