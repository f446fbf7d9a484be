"""Records of other systems attach themselves to the open goals that name them (product.md §5.5).

The thing itself does so whatever its age: a goal about customer C10008 is about that customer. What merely refers to
it, a visit or an opportunity, shows something from the first day of the goal's period on. Deleted in its system, or
corrected to be about something else, the evidence is gone. The records of a proposal show something together: once
its trail has all three steps, and for as long as it has.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from goals import events
from goals.models import AlertRule, AlertState, EvidenceItem, Goal, GoalAlert, PeriodState, Source, Status
from goals.queries.health import stale_goals
from goals.queries.match import WHOLE_PROPOSAL
from goals.queries.settings import goal_settings, tenant_zone
from integrations.models import EvidenceType, Record, RecordReference
from perfsys.audit.actions import record, record_many
from perfsys.jobs.actions import enqueue
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import current_tenant_id

from .standing import write_standing
from .telling import end_alerts

JOB = "goals.evidence"
# Hundreds of goals may name one customer, who is visited a thousand times.
RECORDS_AT_ONCE, GOALS_AT_ONCE = 500, 100

# Rows are written in one order, so that two jobs that meet wait for each other and do not lock each other out. `xmax`
# is 0 in a row that this statement inserted, and not in one that it changed.
_ATTACH = """
WITH due AS (
    SELECT goal.id AS goal_id, line.id AS record_id, named.type, named.number, line.title,
           coalesce(line.happened_at, line.first_seen_at) AS at,
           (coalesce(line.happened_at, line.first_seen_at) AT TIME ZONE %(zone)s)::date AS local_on
    FROM integrations_record line
    JOIN integrations_recordreference named ON named.tenant_id = line.tenant_id AND named.record_id = line.id
    JOIN goals_goal goal ON goal.tenant_id = line.tenant_id AND goal.status = 'published'
        AND goal.evidence_number <> '' AND goal.evidence_type = named.type AND goal.evidence_number = named.number
    JOIN goals_period period ON period.tenant_id = line.tenant_id AND period.id = goal.period_id
    WHERE line.tenant_id = %(tenant)s AND line.deleted_at IS NULL AND {due}
        AND (named.type <> 'proposal' OR {whole})
        AND (named.is_own OR named.type = 'proposal'
             OR (coalesce(line.happened_at, line.first_seen_at) AT TIME ZONE %(zone)s)::date >= period.starts_on)
), written AS (
    INSERT INTO goals_evidenceitem AS item (tenant_id, public_id, goal_id, record_id, at, local_on, source, source_key,
                                            type, number, note)
    SELECT %(tenant)s, gen_random_uuid(), goal_id, record_id, at, local_on, %(source)s, '', type, number, title
    FROM due ORDER BY goal_id, record_id
    ON CONFLICT (tenant_id, record_id, goal_id) WHERE record_id IS NOT NULL
    DO UPDATE SET at = excluded.at, local_on = excluded.local_on, type = excluded.type, number = excluded.number,
                  note = excluded.note, gone_at = NULL
    WHERE (item.at, item.local_on, item.type, item.number, item.note, item.gone_at)
        IS DISTINCT FROM (excluded.at, excluded.local_on, excluded.type, excluded.number, excluded.note, NULL)
    RETURNING item.goal_id, item.xmax = 0 AS is_new
), gone AS (
    UPDATE goals_evidenceitem item SET gone_at = %(now)s FROM goals_goal goal
    WHERE item.tenant_id = %(tenant)s AND item.record_id IS NOT NULL AND item.gone_at IS NULL AND {standing}
        AND goal.tenant_id = item.tenant_id AND goal.id = item.goal_id AND goal.status = 'published'
        AND NOT EXISTS (SELECT FROM due WHERE due.goal_id = item.goal_id AND due.record_id = item.record_id)
    RETURNING item.goal_id
)
SELECT goal_id, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), 0 FROM written GROUP BY goal_id
UNION ALL SELECT goal_id, 0, 0, count(*) FROM gone GROUP BY goal_id
"""
_WHOLE = WHOLE_PROPOSAL.format(number="named.number")
_OF_RECORDS = _ATTACH.format(
    whole=_WHOLE, due="line.id = ANY(%(ids)s::bigint[])", standing="item.record_id = ANY(%(ids)s::bigint[])"
)
_OF_GOALS = _ATTACH.format(
    whole=_WHOLE, due="goal.id = ANY(%(ids)s::bigint[])", standing="item.goal_id = ANY(%(ids)s::bigint[])"
)

_RETELL = """
WITH sign AS (
    SELECT goal_id, max(day) AS latest FROM (
        SELECT goal_id, local_on AS day FROM goals_checkin
        WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[])
        UNION ALL SELECT goal_id, local_on FROM goals_evidenceitem
        WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND gone_at IS NULL
        UNION ALL SELECT goal_id, done_on FROM goals_milestone
        WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[])
    ) AS entry WHERE day <= %(today)s GROUP BY goal_id
)
UPDATE goals_goal goal SET last_activity_on = sign.latest
FROM unnest(%(goals)s::bigint[]) AS asked(id) LEFT JOIN sign ON sign.goal_id = asked.id
WHERE goal.tenant_id = %(tenant)s AND goal.id = asked.id AND goal.last_activity_on IS DISTINCT FROM sign.latest
"""


@dataclass(frozen=True)
class Attached:
    """Pieces of evidence that came, were corrected, and are gone. `upto` is where the next part begins, None at the
    end."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    upto: int | None = None

    def plus(self, more: "Attached") -> "Attached":
        return Attached(self.new + more.new, self.changed + more.changed, self.gone + more.gone, more.upto)


def attach_records(
    *, now: datetime, run_id: int | None = None, goal_ids: Collection[int] | None = None, period_id: int | None = None
) -> Attached:
    """What one sync brought, or all that these goals, or those of a period, name. Part by part, as the job does it."""
    whole = attach_some(now=now, run_id=run_id, goal_ids=goal_ids, period_id=period_id)
    while whole.upto is not None:
        some = attach_some(now=now, run_id=run_id, goal_ids=goal_ids, period_id=period_id, after=whole.upto)
        whole = whole.plus(some)
    return whole


@transaction.atomic
def attach_some(
    *,
    now: datetime,
    run_id: int | None = None,
    goal_ids: Collection[int] | None = None,
    period_id: int | None = None,
    after: int = 0,
) -> Attached:
    """The next records of the run, or the next goals, whose ids are past `after`. Done again it changes nothing."""
    found: QuerySet[Any]
    if run_id is not None:
        found, most, statement = Record.objects.filter(run=run_id), RECORDS_AT_ONCE, _OF_RECORDS
    else:
        asked = Q(period=period_id) if period_id is not None else Q(pk__in=goal_ids or ())
        found, most, statement = _naming_a_record(Goal.objects.filter(asked)), GOALS_AT_ONCE, _OF_GOALS
    ids = list(found.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])
    if not ids:
        return Attached()
    together = ids if run_id is None else _with_their_proposals(ids)
    counts = _write(statement, together, now)
    upto = ids[-1] if len(ids) == most else None
    new, changed, gone = (sum(count[place] for count in counts.values()) for place in range(3))
    if counts:
        evidence_changed(counts, gone_from=sorted(goal for goal, count in counts.items() if count[2]), now=now)
        details = {"run": run_id, "new": new, "changed": changed, "gone": gone}
        record(events.EVIDENCE_LOOKED_FOR, subject=Tenant.objects.get(), actor=None, at=now, details=details)
    return Attached(new, changed, gone, upto)


def _with_their_proposals(records: list[int]) -> list[int]:
    """Also the records that stand in one trail with them, or stood: one step that comes or goes makes all three count,
    or none."""
    proposals = RecordReference.objects.filter(type=EvidenceType.PROPOSAL)
    held = EvidenceItem.objects.filter(record__in=records, type=EvidenceType.PROPOSAL, gone_at=None)
    numbers = {
        *proposals.filter(record__in=records).values_list("number", flat=True),
        *held.values_list("number", flat=True),
    }
    if not numbers:
        return records
    others = proposals.filter(number__in=numbers).values_list("record_id", flat=True)
    return sorted({*records, *others})


def look_for_records(key: str, **of: Any) -> None:
    """Have `goals.evidence` look for what goals name that are open now: `goals=[ids]` or `period=id`."""
    enqueue(JOB, key, of)


def _naming_a_record(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Open ones for which something is to be done, or may be."""
    named = RecordReference.objects.filter(type=OuterRef("evidence_type"), number=OuterRef("evidence_number"))
    holding = EvidenceItem.objects.filter(goal=OuterRef("pk"), record__isnull=False)
    running = goals.filter(status=Status.PUBLISHED).exclude(period__state=PeriodState.CLOSED)
    return running.filter(Exists(named) | Exists(holding))


def _write(statement: str, ids: list[int], now: datetime) -> dict[int, tuple[int, int, int]]:
    """New, changed and gone by goal."""
    words: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "zone": str(tenant_zone()),
        "source": Source.AUTOMATIC.value,
        "ids": ids,
        "now": now,
    }
    counts: dict[int, tuple[int, int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, words)
        for goal, *count in cursor.fetchall():
            new, changed, gone = counts.get(goal, (0, 0, 0))
            counts[goal] = (new + count[0], changed + count[1], gone + count[2])
    return counts


def evidence_changed(goal_ids: Iterable[int], *, gone_from: Collection[int], now: datetime) -> None:
    """Of goals whose evidence is another now: the last sign of life, alerts that are over, the word, and on the goals
    that lost some a line that says so."""
    # From the positions up, as a check-in locks a goal and then those above it.
    locked = Goal.objects.filter(pk__in=list(goal_ids)).order_by("-layer", "pk").select_related("owner")
    goals = {goal.pk: goal for goal in locked.select_for_update(of=["self"], no_key=True)}
    today = now.astimezone(tenant_zone()).date()
    with connection.cursor() as cursor:
        cursor.execute(_RETELL, {"tenant": current_tenant_id(), "goals": list(goals), "today": today})
    _end_what_moved(goals, today)
    write_standing(today, goal_ids=list(goals))
    lost: list[Any] = [(goals[pk], goals[pk].owner) for pk in gone_from]
    record_many(events.EVIDENCE_GONE, subjects=lost, actor=None, at=now)


def _end_what_moved(goal_ids: Collection[int], today: date) -> None:
    still = stale_goals(today, goal_settings().stale_days).filter(pk__in=list(goal_ids))
    alerts = GoalAlert.objects.filter(goal__in=list(goal_ids), state=AlertState.OPEN, rule=AlertRule.STALE)
    end_alerts(alerts.exclude(goal__in=still.order_by().values("pk")), on=today)
