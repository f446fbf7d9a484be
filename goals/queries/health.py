"""Stale, weakly aligned, deviating and idle goals, asked of the database as sets; `goals.health` states the same rules
over values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from goals import progress, standing
from goals.alignment import WEAK_BELOW
from goals.health import STALE_DAYS, month_span, reading_days
from goals.models import Alignment, CheckIn, Goal, Kind, Layer, Milestone, ResourceLine, Status
from goals.queries.evidence import standing_evidence
from goals.queries.figures import calendar_over, expectations
from goals.queries.suggestions import entries
from goals.suggestions import Missing
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.scope import current_tenant_id

# Progress as it stood on two days, against what was expected then; only of goals that are off track today, which is
# the short question. Entries tell it, so a reading is the same whenever it is asked for.
_DEVIATING = """
WITH span AS (
    SELECT * FROM unnest(%(starts)s::date[], %(dues)s::date[], %(at_first)s::numeric[], %(at_last)s::numeric[],
                         %(now)s::numeric[]) AS span(starts_on, due_on, at_first, at_last, now)
), absent AS (
    SELECT * FROM unnest(%(absent)s::bigint[], %(absent_first)s::numeric[], %(absent_last)s::numeric[],
                         %(absent_now)s::numeric[]) AS absent(goal_id, at_first, at_last, now)
), stage AS (
    SELECT goal_id,
        100 * coalesce(sum(weight) FILTER (WHERE due_on <= %(first)s), 0) / sum(weight) AS at_first,
        100 * coalesce(sum(weight) FILTER (WHERE due_on <= %(last)s), 0) / sum(weight) AS at_last,
        100 * coalesce(sum(weight) FILTER (WHERE due_on <= %(day)s), 0) / sum(weight) AS now,
        100 * coalesce(sum(weight) FILTER (WHERE done_on <= %(first)s), 0) / sum(weight) AS done_first,
        100 * coalesce(sum(weight) FILTER (WHERE done_on <= %(last)s), 0) / sum(weight) AS done_last
    FROM goals_milestone WHERE tenant_id = %(tenant)s AND adopted = '' GROUP BY goal_id
), candidate AS (
    SELECT g.id, g.kind, CASE WHEN g.own_progress IS NULL THEN g.rolled_progress END AS rolled,
        coalesce(a.at_first, s.at_first, span.at_first) AS at_first,
        coalesce(a.at_last, s.at_last, span.at_last) AS at_last,
        s.done_first, s.done_last
    FROM goals_goal g
    JOIN goals_period p ON p.tenant_id = g.tenant_id AND p.id = g.period_id
        AND %(day)s BETWEEN p.starts_on AND p.ends_on
    JOIN span ON span.starts_on = g.starts_on AND span.due_on = g.due_on
    LEFT JOIN stage s ON s.goal_id = g.id
    LEFT JOIN absent a ON a.goal_id = g.id
    WHERE g.tenant_id = %(tenant)s AND g.layer = 'position' AND g.status = 'published' AND g.published_on <= %(first)s
        AND coalesce(g.own_progress, g.rolled_progress, 0) - coalesce(a.now, s.now, span.now) < %(off)s
), entry AS (
    SELECT e.goal_id, e.percent, e.local_on, e.at, e.id FROM goals_checkin e JOIN candidate c ON c.id = e.goal_id
    WHERE e.tenant_id = %(tenant)s AND e.percent IS NOT NULL AND e.local_on <= %(last)s
    UNION ALL
    SELECT e.goal_id, e.percent, e.local_on, e.at, e.id FROM goals_evidenceitem e JOIN candidate c ON c.id = e.goal_id
    WHERE e.tenant_id = %(tenant)s AND e.percent IS NOT NULL AND e.local_on <= %(last)s AND e.gone_at IS NULL
), reading AS (
    SELECT goal_id, (array_agg(percent ORDER BY at DESC, id DESC) FILTER (WHERE local_on <= %(first)s))[1] AS at_first,
        (array_agg(percent ORDER BY at DESC, id DESC))[1] AS at_last
    FROM entry GROUP BY goal_id
)
SELECT c.id FROM candidate c LEFT JOIN reading r ON r.goal_id = c.id
WHERE coalesce(CASE WHEN c.kind = 'milestone' THEN c.done_first END, r.at_first, c.rolled, 0) - c.at_first < %(off)s
    AND coalesce(CASE WHEN c.kind = 'milestone' THEN c.done_last END, r.at_last, c.rolled, 0) - c.at_last < %(off)s
"""


def signs_of_life() -> tuple[tuple[QuerySet[Any], str], ...]:
    """What shows that somebody works on a goal, and the column with its day."""
    return (
        (CheckIn.objects.all(), "local_on"),
        (standing_evidence(), "local_on"),
        (Milestone.objects.all(), "done_on"),
    )


def watched_goals() -> QuerySet[Goal]:
    """Published, unfinished position goals: what health is about (product.md §2.8)."""
    return Goal.objects.filter(layer=Layer.POSITION, status=Status.PUBLISHED)


def running_on(goals: QuerySet[Goal], day: date) -> QuerySet[Goal]:
    return goals.filter(period__starts_on__lte=day, period__ends_on__gte=day)


def stale_goals(day: date, days: int = STALE_DAYS) -> QuerySet[Goal]:
    """Published before `day` - `days` and without a sign of life in [`day` - `days`, `day`]; later ones are ignored."""
    first = day - timedelta(days=days)
    found = watched_goals().filter(published_on__lt=first)
    for signs, on in signs_of_life():
        found = found.exclude(Exists(signs.filter(goal=OuterRef("pk"), **{f"{on}__range": (first, day)})))
    return found


def weak_goals(day: date) -> dict[int, tuple[int, str]]:
    """Goals of the periods that run on `day` whose alignment with the one above is below a match of 70, each with the
    match and with what was judged: the texts. One query."""
    goals = running_on(watched_goals(), day)
    weak = Alignment.objects.filter(is_primary=True, match__lt=WEAK_BELOW, child__in=goals)
    return {child: (match or 0, judged) for child, match, judged in weak.values_list("child_id", "match", "judged")}


def deviating_goals(day: date) -> set[int]:
    """Off track at the two weekly readings before `day`, and still. Of whom probation or a leave keeps away for some of
    the time that much less is expected: their goals are worked out one by one. Four queries, and two more for them."""
    first, last = reading_days(day)
    goals = watched_goals().filter(published_on__lte=first)
    spans = list(goals.order_by().values_list("starts_on", "due_on").distinct())
    if not spans:
        return set()
    work_days = standing.counter(calendar_over(spans, day))

    def expected(on: date) -> list[Any]:
        return [progress.expected_progress(on, start=start, due=due, work_days=work_days) for start, due in spans]

    absent = list(goals.exclude(away=[]))
    of_absent = [expectations(absent, on) for on in (first, last, day)] if absent else []
    with connection.cursor() as cursor:
        cursor.execute(
            _DEVIATING,
            {
                "tenant": current_tenant_id(),
                "day": day,
                "first": first,
                "last": last,
                "starts": [start for start, _due in spans],
                "dues": [due for _start, due in spans],
                "at_first": expected(first),
                "at_last": expected(last),
                "now": expected(day),
                "absent": [goal.pk for goal in absent],
                "absent_first": [of_absent[0].of(goal) for goal in absent],
                "absent_last": [of_absent[1].of(goal) for goal in absent],
                "absent_now": [of_absent[2].of(goal) for goal in absent],
                "off": progress.OFF_TRACK_BELOW,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def idle_goals(month: date, as_of: date) -> QuerySet[Goal]:
    """No resource and no check-in in the month of `month`, looked at on `as_of` (product.md §6.2)."""
    first, last = month_span(month, as_of)
    if last < first:
        return Goal.objects.none()
    used = ResourceLine.objects.filter(Q(planned__gt=0) | Q(actual__gt=0), goal=OuterRef("pk"))
    used = used.filter(Q(month=None) | Q(month=first))
    check_ins = CheckIn.objects.filter(goal=OuterRef("pk"), local_on__range=(first, last))
    return watched_goals().filter(published_on__lte=last).exclude(Exists(used)).exclude(Exists(check_ins))


def with_last_activity(goals: QuerySet[Goal], day: date) -> QuerySet[Goal]:
    """Adds `active_on`: the last sign of life up to `day`, or None."""
    latest = [
        Subquery(
            signs.filter(goal=OuterRef("pk"), **{f"{on}__lte": day})
            .order_by()
            .values("goal")
            .annotate(latest=Max(on))
            .values("latest")
        )
        for signs, on in signs_of_life()
    ]
    return goals.annotate(active_on=Greatest(*latest))


@dataclass(frozen=True)
class Wants:
    """What a goal lacks, the codes of suggestions that were taken up for it, and what the company made of the library:
    the same for all of them, and no query of its own."""

    missing: frozenset[Missing] = frozenset()
    adopted: frozenset[str] = frozenset()
    entries: Sequence[Mapping[str, Any]] = ()


def wants_of(goal_ids: Collection[int]) -> dict[int, Wants]:
    """For the suggestions of each of the goals. One query."""
    found = {}
    for goal in _with_what_stands(tuple(goal_ids)) if goal_ids else ():
        has = {
            Missing.STAGES: goal.has_stages,
            Missing.EVIDENCE: goal.has_evidence,
            Missing.MEASURE: goal.kind != Kind.KPI or goal.counts_values,
            Missing.PARENT: goal.has_parent,
        }
        missing = frozenset(what for what, is_there in has.items() if not is_there)
        found[goal.pk] = Wants(missing, frozenset(goal.taken_up), goal.entries)
    return found


@prepared
def _with_what_stands(goals: tuple[int, ...]) -> QuerySet[Any]:
    stages = Milestone.objects.filter(goal=OuterRef("pk"))
    found: QuerySet[Any] = Goal.objects.filter(pk__in=goals).annotate(
        has_stages=Exists(stages.filter(adopted="")),
        has_evidence=Exists(standing_evidence().filter(goal=OuterRef("pk"))),
        has_parent=Exists(Alignment.objects.filter(child=OuterRef("pk"))),
        taken_up=ArraySubquery(stages.exclude(adopted="").order_by("pk").values("adopted")),
        entries=ArraySubquery(entries()),
    )
    return found


def missing_on(goal_ids: Collection[int]) -> dict[int, frozenset[Missing]]:
    return {pk: wants.missing for pk, wants in wants_of(goal_ids).items()}


def health_report(as_of: date, months: list[date]) -> dict[str, Any]:
    """The figures of `manage.py goal_health`: goal numbers, sorted as text."""
    return {
        "stale": sorted(stale_goals(as_of).values_list("number", flat=True)),
        "idle": {
            f"{month:%Y-%m}": sorted(idle_goals(month, as_of).values_list("number", flat=True)) for month in months
        },
    }
