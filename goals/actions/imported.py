"""Goals and check-ins from a file, set-based: what is there already, letter by letter, is not written again."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from goals.models import (
    Alignment,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    Layer,
    Obstacle,
    Outcome,
    Period,
    ResourceKind,
    ResourceLine,
    Source,
    Status,
)
from goals.queries.settings import tenant_zone
from perfsys.people.models import Assignment, Employee, OrgUnit
from perfsys.people.spans import holds
from perfsys.tenancy.scope import current_tenant_id

from .goal import causes_named
from .rollup import roll_up_period

BATCH = 1000
Progress = Callable[[int], None]
Values = Mapping[str, Any]
RESOURCES = {
    "budget_wan": ResourceKind.MONEY,
    "headcount": ResourceKind.PEOPLE,
    "hours": ResourceKind.HOURS,
}
COLUMNS = [
    "layer", "title", "owner", "unit", "weight", "is_core", "measure", "unit_of_measure", "target", "direction",
    "due_on", "evidence_type", "evidence_number", "evidence_label", "status", "outcome", "published_at",
    "published_on", "closed_at", "flags", "import_digest", "version",
]  # fmt: skip


@dataclass
class GoalsApplied:
    """Goals by what happened to them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class _Known:
    """What the rows name, looked up once: ids by employee number, unit path and goal key."""

    period: Period
    published_at: datetime
    people: dict[str, int]
    units: dict[str, int]
    units_of: dict[int, int]
    goals: dict[str, tuple[int, str]] = field(default_factory=dict)  # key -> id, digest


@transaction.atomic
def apply_imported_goals(
    rows: Iterable[Values], *, period: Period, actor: Employee | None, now: datetime, progress: Progress
) -> GoalsApplied:
    """`rows`: values of accepted rows (see `goals.importing.kinds`). Goals already there by key change where the row
    does; goals that the file does not name stay. Imported goals count as published at the period's start
    (product.md §1.6). Rules a row breaks are kept as `flags`."""
    known = _look_up(period)
    done = GoalsApplied()
    parents: dict[int, list[str]] = {}
    seen = 0
    for chunk in _chunks(rows):
        written = _write_goals(chunk, known, done, now)
        _write_obstacles(written)
        _write_resources(written)
        parents.update({goal.pk: _parents(values) for goal, values in written})
        seen += len(chunk)
        progress(seen)
    _write_alignments(parents, known)
    roll_up_period(period)
    return done


@transaction.atomic
def apply_imported_check_ins(
    rows: Iterable[Values], *, actor: Employee | None, now: datetime, progress: Progress
) -> GoalsApplied:
    """Entries of goals' trails. A record that is there already, by goal and key, is unchanged, whatever it says now:
    a trail is history. Own progress follows the latest entry that names a percentage."""
    done = GoalsApplied()
    people = dict(Employee.objects.values_list("employee_no", "pk"))
    goals = dict(Goal.objects.order_by("period__starts_on").values_list("number", "pk"))
    touched: set[int] = set()
    seen = 0
    for chunk in _chunks(rows):
        for model, kind in ((CheckIn, "check_in"), (EvidenceItem, "evidence"), (Comment, "comment")):
            entries = [_entry(model, values, goals, people) for values in chunk if values["kind"] == kind]
            standing = _standing_keys(model, entries)
            fresh = [entry for entry in entries if (entry.goal_id, entry.source_key) not in standing]
            model.objects.bulk_create(fresh, batch_size=BATCH)
            done.created += len(fresh)
            done.unchanged += len(entries) - len(fresh)
            if kind != "comment":
                touched.update(entry.goal_id for entry in fresh)
        seen += len(chunk)
        progress(seen)
    _follow_trails(touched)
    for period in Period.objects.filter(goals__in=touched).distinct() if touched else ():
        roll_up_period(period)
    return done


def _chunks(rows: Iterable[Values]) -> Iterator[list[Values]]:
    source = iter(rows)
    while chunk := list(islice(source, BATCH)):
        yield chunk


def _look_up(period: Period) -> _Known:
    units_of = dict(
        Assignment.objects.filter(holds(period.ends_on) | Q(ends_on=None), is_primary=True).values_list(
            "employee_id", "unit_id"
        )
    )
    start = datetime.combine(period.starts_on, time.min, tzinfo=tenant_zone())
    goals = Goal.objects.filter(period=period).values_list("number", "pk", "import_digest")
    return _Known(
        period=period,
        published_at=start,
        people=dict(Employee.objects.values_list("employee_no", "pk")),
        units=dict(OrgUnit.objects.filter(ends_on=None).values_list("path", "pk")),
        units_of=units_of,
        goals={number: (pk, digest) for number, pk, digest in goals},
    )


def _write_goals(
    chunk: Collection[Values], known: _Known, done: GoalsApplied, now: datetime
) -> list[tuple[Goal, Values]]:
    """Goals made or changed, with their rows; unchanged ones are not among them."""
    fresh: list[tuple[Goal, Values]] = []
    changed: list[tuple[Goal, Values]] = []
    standing = Goal.objects.in_bulk([known.goals[v["key"]][0] for v in chunk if v["key"] in known.goals])
    for values in chunk:
        digest = _digest(values)
        pk, before = known.goals.get(values["key"], (None, ""))
        if before == digest:
            done.unchanged += 1
        elif pk is None:
            goal = Goal(number=values["key"], period=known.period, starts_on=known.period.starts_on, made_at=now)
            fresh.append((_filled(goal, values, digest, known), values))
        else:
            goal = standing[pk]
            goal.version += 1
            changed.append((_filled(goal, values, digest, known), values))
    Goal.objects.bulk_create([goal for goal, _ in fresh])
    if changed:
        Goal.objects.bulk_update([goal for goal, _ in changed], COLUMNS)
    known.goals.update({goal.number: (goal.pk, goal.import_digest) for goal, _ in fresh})
    done.created += len(fresh)
    done.changed += len(changed)
    return [*fresh, *changed]


def _filled(goal: Goal, values: Values, digest: str, known: _Known) -> Goal:
    owner = known.people.get(values["owner_key"]) if values["layer"] == Layer.POSITION else None
    goal.layer = values["layer"]
    goal.title = values["title"]
    goal.owner_id = owner
    goal.unit_id = known.units_of.get(owner) if owner else known.units.get(values["owner_key"])
    goal.weight = _decimal(values["weight"])
    goal.is_core = values["core"]
    goal.measure = values["measure"]
    goal.unit_of_measure = values["unit"]
    goal.target = _decimal(values["target"])
    goal.direction = values["direction"] or "raise"
    goal.due_on = date.fromisoformat(values["due"]) if values["due"] else known.period.ends_on
    goal.evidence_type = values["evidence_kind"] or ""
    goal.evidence_number = values["evidence_no"]
    goal.evidence_label = values["evidence_type"]
    goal.flags = values["flags"]
    goal.import_digest = digest
    _set_status(goal, values["status"], known)
    return goal


def _set_status(goal: Goal, word: str, known: _Known) -> None:
    if word == "draft":
        goal.status, goal.outcome = Status.DRAFT, ""
        goal.published_at = goal.published_on = goal.closed_at = None
        return
    goal.published_at, goal.published_on = known.published_at, known.period.starts_on
    outcomes = {"done": Outcome.DONE, "cancelled": Outcome.CANCELLED}
    goal.outcome = outcomes.get(word, "")
    goal.status = Status.CLOSED if goal.outcome else Status.PUBLISHED
    goal.closed_at = known.published_at if goal.outcome else None


def _parents(values: Values) -> list[str]:
    return [key for key in (values["parent"], *values["further_parents"]) if key]


def _write_alignments(parents: Mapping[int, list[str]], known: _Known) -> None:
    """After all goals stand: a parent may follow its children in the file. The first one named is the primary."""
    ids = {key: pk for key, (pk, _) in known.goals.items()}
    owners = list(parents)
    for start in range(0, len(owners), BATCH):
        batch = owners[start : start + BATCH]
        Alignment.objects.filter(child__in=batch).delete()
        Alignment.objects.bulk_create(
            Alignment(child_id=child, parent_id=ids[key], is_primary=place == 0)
            for child in batch
            for place, key in enumerate(key for key in dict.fromkeys(parents[child]) if ids.get(key, child) != child)
        )


def _write_obstacles(written: Collection[tuple[Goal, Values]]) -> None:
    names = {name for _, values in written for name in values["obstacles"]}
    if not written:
        return
    causes = {cause.name: cause.pk for cause in causes_named(names)}
    Obstacle.objects.filter(goal__in=[goal.pk for goal, _ in written]).exclude(cause__in=causes.values()).delete()
    wanted = {
        (goal.pk, causes[" ".join(name.split())[:120]]) for goal, values in written for name in values["obstacles"]
    }
    Obstacle.objects.bulk_create(
        [Obstacle(goal_id=goal, cause_id=cause) for goal, cause in sorted(wanted)], ignore_conflicts=True
    )


def _write_resources(written: Collection[tuple[Goal, Values]]) -> None:
    ids = [goal.pk for goal, _ in written]
    ResourceLine.objects.filter(goal__in=ids, month=None, actual=None, source=Source.IMPORT).delete()
    ResourceLine.objects.bulk_create(
        [
            ResourceLine(goal_id=goal.pk, kind=kind, planned=amount, source=Source.IMPORT)
            for goal, values in written
            for column, kind in RESOURCES.items()
            if (amount := _decimal(values[column]))
        ],
        ignore_conflicts=True,
    )


def _entry(model: Any, values: Values, goals: Mapping[str, int], people: Mapping[str, int]) -> Any:
    shared = {
        "goal_id": goals[values["goal_no"]],
        "at": datetime.fromisoformat(values["at"]),
        "local_on": date.fromisoformat(values["on"]),
        "source": Source.IMPORT,
        "source_key": values["key"][:80],
    }
    by = people.get(values["employee_no"])
    if model is CheckIn:
        return CheckIn(**shared, author_id=by, percent=_decimal(values["percent"]), note=values["note"])
    if model is EvidenceItem:
        return EvidenceItem(**shared, by_id=by, number=values["evidence_no"], note=values["note"])
    return Comment(**shared, author_id=by, text=values["note"])


def _standing_keys(model: Any, entries: Collection[Any]) -> set[tuple[int, str]]:
    standing = model.objects.filter(
        goal__in={entry.goal_id for entry in entries}, source_key__in={entry.source_key for entry in entries}
    )
    return set(standing.values_list("goal_id", "source_key"))


_FOLLOW = """
UPDATE goals_goal g SET own_progress = coalesce(s.percent, g.own_progress), last_activity_on = s.last_on
FROM (
    SELECT t.id,
        (SELECT c.percent FROM goals_checkin c WHERE c.tenant_id = %(tenant)s AND c.goal_id = t.id
            AND c.percent IS NOT NULL ORDER BY c.at DESC, c.id DESC LIMIT 1) AS percent,
        greatest(
            (SELECT max(c.local_on) FROM goals_checkin c WHERE c.tenant_id = %(tenant)s AND c.goal_id = t.id),
            (SELECT max(e.local_on) FROM goals_evidenceitem e WHERE e.tenant_id = %(tenant)s AND e.goal_id = t.id)
        ) AS last_on
    FROM unnest(%(goals)s) AS t (id)
) s WHERE g.tenant_id = %(tenant)s AND g.id = s.id
"""


def _follow_trails(goal_ids: Collection[int]) -> None:
    if goal_ids:
        with connection.cursor() as cursor:
            cursor.execute(_FOLLOW, {"tenant": current_tenant_id(), "goals": sorted(goal_ids)})


def _digest(values: Values) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
