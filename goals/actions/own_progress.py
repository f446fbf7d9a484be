"""A goal's own progress, from what was said about it (product.md §2.6): readings, key results, ticks.

Objectives and commitments are kept by sets, like the roll-up above them: the same figures as `goals.progress` gives.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from goals import progress
from goals.models import IN_WORDS, Cadence, CheckIn, Goal, KeyResult, Kind, Status
from goals.queries.bound import readings_told
from goals.queries.counting import bounded, from_readings, key_result_progress, share_of
from perfsys.tenancy.scope import current_tenant_id

_AWAY = """
WITH gone AS (
    SELECT g.id, range_agg(daterange(greatest(s.starts_on, g.starts_on),
                                     least(coalesce(s.ends_on, g.due_on + 1), g.due_on + 1))) AS spans
    FROM people_employeespan s JOIN goals_goal g ON g.tenant_id = s.tenant_id AND g.owner_id = s.employee_id
    WHERE s.tenant_id = %(tenant)s AND s.starts_on <= g.due_on AND (s.ends_on IS NULL OR s.ends_on > g.starts_on)
        AND g.layer = 'position' AND g.status = 'published' AND (%(all)s OR g.id = ANY(%(goals)s::bigint[]))
    GROUP BY g.id
), told AS (
    SELECT gone.id, array_agg(edge.day ORDER BY edge.day) AS away
    FROM gone, unnest(gone.spans) AS span, LATERAL (VALUES (lower(span)), (upper(span))) AS edge(day) GROUP BY gone.id
)
UPDATE goals_goal goal SET away = coalesce(told.away, '{}')
FROM goals_goal known LEFT JOIN told ON told.id = known.id
WHERE known.tenant_id = %(tenant)s AND known.status = 'published' AND (%(all)s OR known.id = ANY(%(goals)s::bigint[]))
    AND goal.tenant_id = known.tenant_id AND goal.id = known.id AND known.away <> coalesce(told.away, '{}')
RETURNING goal.id
"""
_OBJECTIVES = """
WITH part AS (
    SELECT r.goal_id, CASE WHEN r.retired_on IS NULL THEN r.weight END AS weight, r.progress AS raw,
           CASE WHEN r.retired_on IS NULL THEN least(greatest(coalesce(r.progress, 0), 0), 100) END AS progress
    FROM goals_keyresult r WHERE r.tenant_id = %(tenant)s AND (%(all)s OR r.goal_id = ANY(%(goals)s::bigint[]))
), mean AS (
    SELECT goal_id, round(CASE WHEN sum(weight) > 0 THEN sum(weight * progress) / sum(weight) ELSE avg(progress) END, 6)
           AS progress
    FROM part GROUP BY goal_id HAVING count(raw) > 0
)
UPDATE goals_goal goal SET own_progress = mean.progress FROM mean
WHERE goal.tenant_id = %(tenant)s AND goal.id = mean.goal_id AND goal.status = 'published'
    AND goal.own_progress IS DISTINCT FROM mean.progress
RETURNING goal.id
"""
_CADENCES = """
WITH rhythm AS (
    SELECT * FROM unnest(%(starts)s::date[], %(dues)s::date[], %(times)s::smallint[], %(pers)s::text[],
                         %(aways)s::text[], %(due)s::numeric[], %(of)s::numeric[])
        AS r(starts_on, due_on, times, per, away, due, of)
), done AS (
    SELECT g.id, r.due, r.of, (SELECT count(*) FROM goals_checkin c WHERE c.tenant_id = g.tenant_id AND c.goal_id = g.id
                               AND c.local_on <= %(day)s
                               AND (c.source <> 'typed' OR c.note = '' AND c.confidence = '')) AS ticks
    FROM goals_goal g JOIN rhythm r ON r.starts_on = g.starts_on AND r.due_on = g.due_on AND r.times = g.cadence_times
        AND r.per = g.cadence_per AND r.away = g.away::text
    WHERE g.tenant_id = %(tenant)s AND g.kind = 'behaviour' AND g.status = 'published' AND r.due > 0
        AND (%(all)s OR g.id = ANY(%(goals)s::bigint[]))
)
UPDATE goals_goal goal SET own_progress = round(100 * done.ticks * done.of / done.due, 6) FROM done
WHERE goal.tenant_id = %(tenant)s AND goal.id = done.id
    AND goal.own_progress IS DISTINCT FROM round(100 * done.ticks * done.of / done.due, 6)
RETURNING goal.id
"""


def keep_figures(day: date) -> None:
    """What the night works out anew: who is away, what that changes, and ticks against those due by now."""
    for goal in Goal.objects.filter(pk__in=keep_away()):
        tell_anew(goal, day)
    keep_objectives()
    keep_cadences(day)


def keep_away(goal_ids: Collection[int] | None = None) -> list[int]:
    """Bring `Goal.away` of published goals, or of `goal_ids`, up to the owners' probations and leaves; the ids of those
    that changed."""
    return _ids(_AWAY, _of(goal_ids))


def keep_objectives(goal_ids: Collection[int] | None = None) -> list[int]:
    """The weighted mean of their key results, one that nobody has said anything about counting as 0. What was retired
    has no part in it."""
    return _ids(_OBJECTIVES, _of(goal_ids))


def keep_cadences(day: date, goal_ids: Collection[int] | None = None) -> list[int]:
    """Ticks done of those due by `day`. Commitments mostly share their dates and rhythm: each is worked out once."""
    goals = Goal.objects.filter(kind=Kind.BEHAVIOUR, status=Status.PUBLISHED, cadence_times__gt=0)
    if goal_ids is not None:
        goals = goals.filter(pk__in=goal_ids)
    shared = ("starts_on", "due_on", "cadence_times", "cadence_per", "away")
    rhythms = [Goal(**dict(zip(shared, row, strict=True))) for row in goals.order_by().values_list(*shared).distinct()]
    if not rhythms:
        return []
    due = [ticks_due(one, day) for one in rhythms]
    return _ids(
        _CADENCES,
        _of(goal_ids)
        | {
            "day": day,
            "starts": [one.starts_on for one in rhythms],
            "dues": [one.due_on for one in rhythms],
            "times": [one.cadence_times for one in rhythms],
            "pers": [one.cadence_per for one in rhythms],
            "aways": ["{" + ",".join(day.isoformat() for day in one.away) + "}" for one in rhythms],
            "due": [ticks.numerator for ticks in due],
            "of": [ticks.denominator for ticks in due],
        },
    )


def ticks_due(goal: Goal, today: date) -> Fraction:
    """Ticks of a behaviour commitment that are due by the end of `today`: of the weeks or months that are over."""
    return progress.cadence_due(
        today,
        start=goal.starts_on,
        due=goal.due_on,
        times=goal.cadence_times or 0,
        monthly=goal.cadence_per == Cadence.MONTH,
        away=goal.spans_away,
    )


def progress_after(goal: Goal, percent: Decimal | None, value: Decimal | None, today: date) -> Decimal | None:
    """The goal's own progress with its latest check-in, which said `percent` or `value`."""
    if goal.kind == Kind.BEHAVIOUR and goal.cadence_times:
        ticks = CheckIn.objects.filter(goal=goal, local_on__lte=today).exclude(IN_WORDS).count()
        return bounded(progress.cadence_progress(done=ticks, due=ticks_due(goal, today)))
    if value is None or not goal.counts_values:
        return bounded(percent)
    return bounded(from_readings(goal, readings_of(goal, None, today), share_of(goal), percent))


def tell_anew(goal: Goal, today: date) -> None:
    """After its owner's leave was noted or changed: the same readings against the target as it is prorated now."""
    share = share_of(goal)
    results = list(KeyResult.objects.filter(goal=goal, progress__isnull=False))
    for one in results:
        one.progress = key_result_progress(one, readings_of(goal, one, today), share)
    KeyResult.objects.bulk_update(results, ["progress"])
    if not goal.counts_values or goal.last_value is None:
        return
    Goal.objects.filter(pk=goal.pk).update(
        own_progress=bounded(from_readings(goal, readings_of(goal, None, today), share, goal.own_progress))
    )


def retell_result(result: KeyResult, today: date) -> None:
    """The same readings against the figures it has now."""
    if result.progress is not None:
        readings = readings_of(result.goal, result, today)
        result.progress = key_result_progress(result, readings, share_of(result.goal))
        result.save(update_fields=["progress"])


def goal_progress(goal: Goal, readings: list[Decimal]) -> Decimal | None:
    """Of a goal measured by a figure, from all its readings; as it was where there is nothing to measure against."""
    if not goal.counts_values:
        return goal.own_progress
    return bounded(from_readings(goal, readings, share_of(goal), goal.own_progress))


def readings_of(goal: Goal, result: KeyResult | None, today: date) -> list[Decimal]:
    """Of the goal itself, or of a key result."""
    return readings_told([goal.pk], today).get((goal.pk, result.pk if result else None), [])


def _of(goal_ids: Collection[int] | None) -> dict[str, Any]:
    return {"tenant": current_tenant_id(), "all": goal_ids is None, "goals": list(goal_ids or ())}


def _ids(statement: str, params: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [row[0] for row in cursor.fetchall()]
