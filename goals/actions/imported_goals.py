"""Goals from files, written by sets (product.md §1.6). Judging the rows is `goals.importing`'s work.

The same file again changes nothing: a goal keeps a digest of the row it came from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from goals import events
from goals.importing import words
from goals.models import (
    Alignment,
    Direction,
    Goal,
    Kind,
    Layer,
    Obstacle,
    ObstacleCause,
    Outcome,
    Period,
    ResourceKind,
    ResourceLine,
    Source,
    Status,
)
from goals.queries.settings import tenant_zone
from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change
from perfsys.people.models import Assignment, Employee, OrgUnit
from perfsys.people.spans import holds
from perfsys.tenancy.rows import Row, insert_rows

from .closing import tell_of_endings
from .evidence import look_for_records
from .imported_rows import BATCH, Applied, ImportedGoal, Remember, Tick, chunks
from .imported_standing import Standing, differing, standing_for
from .matching import look_for_matches
from .periods import count_goals
from .rollup import roll_up_period
from .standing import write_standing
from .support import put_counts_in_order
from .undoing import formers

LISTED_FROM = 3  # an obstacle the file names so often is offered to everybody


@transaction.atomic
@writing_in_bulk()
def apply_imported_goals(
    *,
    rows: Iterable[ImportedGoal],
    period: Period,
    actor: Employee | None,
    now: datetime,
    progress: Tick = lambda done: None,
    remember: Remember = lambda changes: None,
) -> Applied:
    """Write good rows into `period`, 1,000 at a time. Parents may stand below the goals that name them.

    What a row breaks stays with the goal as `flags`. A goal that was edited here since the last import keeps the edit
    as long as its row stays the same. `remember` is told what was new and what stood there before.
    """
    writer = _GoalWriter(period, now, remember)
    applied = Applied()
    done = 0
    for chunk in chunks(rows):
        plan_anew()
        applied = applied.plus(*writer.write(chunk))
        done += len(chunk)
        progress(done)
    writer.align()
    writer.list_causes()
    count_goals(period)
    roll_up_period(period)
    write_standing(writer.today)
    tell_of_endings(writer.was, now=now)
    if applied.created or applied.changed:
        look_for_records(f"import {period.pk} {now.isoformat()}", period=period.pk)
        look_for_matches()
    record(events.GOALS_IMPORTED, subject=period, actor=actor, at=now, details=applied._asdict())
    put_counts_in_order()  # last: another import of the same company does without meanwhile
    return applied


ENDED = {
    words.DONE: Outcome.ACHIEVED,
    words.MISSED: Outcome.MISSED,
    words.CANCELLED: Outcome.CANCELLED,
}
NOT_IN_FILES = {Kind.MILESTONE, Kind.BEHAVIOUR}
FROM_FILE = (
    "title kind owner unit weight is_core measure unit_of_measure target direction due_on evidence_type "
    "evidence_label evidence_number status outcome published_at published_on closed_at extra flags "
    "import_digest version"
)


@dataclass
class _GoalWriter:
    """What one import knows while it writes; lives for one transaction."""

    period: Period
    now: datetime
    remember: Remember
    links: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)  # of goals that are new or changed
    changed_ids: set[int] = field(default_factory=set)
    was: dict[int, str] = field(default_factory=dict)  # the status before, of goals that are closed or were
    causes: dict[str, int] = field(default_factory=dict)
    named: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        zone = tenant_zone()
        self.today = self.now.astimezone(zone).date()
        self.published_at = _midnight(self.period.starts_on, zone)
        self.people: dict[str, int] = dict(Employee.objects.values_list("employee_no", "pk"))
        self.units: dict[str, int] = dict(OrgUnit.objects.filter(ends_on=None).values_list("path", "pk"))
        posts = Assignment.objects.filter(holds(self.today), is_primary=True)
        self.unit_of: dict[int, int] = dict(posts.values_list("employee_id", "unit_id"))
        self.causes = dict(ObstacleCause.objects.values_list("name", "pk"))

    def write(self, rows: list[ImportedGoal]) -> tuple[int, int, int]:
        """Created, changed, unchanged."""
        standing = standing_for(rows, self.period)
        new = [row for row in rows if (row.known or row.key) not in standing]
        met = [(row, found) for row in rows if (found := standing.get(row.known or row.key))]
        changed = [(row, found) for row, found, _differs in differing(met, self.period)]
        before = formers([found.pk for _, found in changed])
        self._rename(changed)
        made = dict(insert_rows(Goal, [self._values(row) for row in new], returning=["number", "id"]))
        self._update(changed)
        pairs = [(made[row.key], row) for row in new]
        again = [(found.pk, row) for row, found in changed]
        self.remember([*(Change(pk) for pk in made.values()), *(Change(pk, said) for pk, said in before.items())])
        self.changed_ids.update(pk for pk, _ in again)
        self.was |= {pk: "" for pk, row in pairs if row.status in ENDED}
        statuses = {pk: said["goal"]["status"] for pk, said in before.items()}
        self.was |= {pk: statuses[pk] for pk, row in again if row.status in ENDED or statuses[pk] == Status.CLOSED}
        self._keep_obstacles(pairs, again)
        self._keep_resources(pairs, again)
        self.links += [(pk, row.parents) for pk, row in (*pairs, *again)]
        return len(new), len(changed), len(rows) - len(new) - len(changed)

    def _rename(self, changed: list[tuple[ImportedGoal, Standing]]) -> None:
        renamed = [Goal(pk=found.pk, number=row.key) for row, found in changed if row.key != found.number]
        Goal.objects.bulk_update(renamed, ["number"], batch_size=BATCH)

    def _update(self, changed: list[tuple[ImportedGoal, Standing]]) -> None:
        goals = []
        for row, found in changed:
            kept: dict[str, Any] = {"layer": found.layer, "version": found.version + 1}
            if row.answers is None:
                kept["extra"] = found.extra
            if found.kind in NOT_IN_FILES:
                kept["kind"] = found.kind
            if found.direction == Direction.HOLD and not row.direction:
                kept["direction"] = found.direction
            goals.append(Goal(**{**self._values(row), **kept}))
        Goal.objects.bulk_create(
            goals,
            update_conflicts=True,
            unique_fields=["tenant", "period", "number"],
            update_fields=FROM_FILE.split(),
        )

    def _values(self, row: ImportedGoal) -> Row:
        owner = self.people.get(row.owner) if row.layer == Layer.POSITION else None
        unit = self.unit_of.get(owner or 0) if row.layer == Layer.POSITION else self.units.get(row.owner)
        is_draft = row.status == words.DRAFT
        closed = ENDED.get(row.status)
        return {
            "number": row.key,
            "period_id": self.period.pk,
            "layer": row.layer,
            "kind": Kind.KPI if row.target is not None else Kind.OBJECTIVE,
            "title": row.title,
            "owner_id": owner,
            "unit_id": unit,
            "weight": row.weight,
            "is_core": row.core,
            "measure": row.measure[:200],
            "unit_of_measure": row.unit[:40],
            "target": row.target,
            "direction": row.direction or Direction.RAISE,
            "starts_on": self.period.starts_on,
            "due_on": row.due or self.period.ends_on,
            "evidence_type": row.evidence_kind or "",
            "evidence_label": row.evidence_label[:60],
            "evidence_number": row.evidence_no[:120],
            "status": Status.DRAFT if is_draft else Status.CLOSED if closed else Status.PUBLISHED,
            "outcome": closed or "",
            "published_at": None if is_draft else self.published_at,
            "published_on": None if is_draft else self.period.starts_on,
            "closed_at": self.now if closed else None,
            "made_from_id": row.made_from,
            "extra": list(row.answers or ()),
            "flags": list(row.flags),
            "import_digest": row.digest(),
            "made_at": self.now,
            "is_aligned": bool(row.parents),  # `align` says so of those whose goal above is not there
        }

    def _keep_obstacles(self, new: Collection[tuple[int, ImportedGoal]], again: list[tuple[int, ImportedGoal]]) -> None:
        for _, row in (*new, *again):
            self.named.update(row.obstacles)
        self._know_causes({name[:120] for _, row in (*new, *again) for name in row.obstacles})
        standing = set(Obstacle.objects.filter(goal__in=[pk for pk, _ in again]).values_list("goal_id", "cause_id"))
        wanted = {(pk, self.causes[name[:120]]) for pk, row in (*new, *again) for name in row.obstacles}
        gone = standing - wanted
        if gone:
            of_these = Obstacle.objects.filter(goal__in=[pk for pk, _ in gone], helper=None, resolution="")
            stay = {
                pk for pk, goal, cause in of_these.values_list("pk", "goal_id", "cause_id") if (goal, cause) in gone
            }
            Obstacle.objects.filter(pk__in=stay).delete()
        # With their owner at once, where they have one: the database would write each a second time.
        owner = {
            pk: self.people.get(row.owner)
            for pk, row in (*new, *again)
            if row.layer == Layer.POSITION and row.status == words.PUBLISHED
        }
        missing = [
            {"goal_id": goal, "cause_id": cause, "owner_id": owner.get(goal)}
            for goal, cause in sorted(wanted - standing)
        ]
        insert_rows(Obstacle, missing)

    def _know_causes(self, names: set[str]) -> None:
        missing = sorted(names - set(self.causes))
        if missing:
            ObstacleCause.objects.bulk_create([ObstacleCause(name=name, is_listed=False) for name in missing])
            self.causes |= dict(ObstacleCause.objects.filter(name__in=missing).values_list("name", "pk"))

    def list_causes(self) -> None:
        """Offer to everybody what the file names often."""
        often = [name[:120] for name, count in self.named.items() if count >= LISTED_FROM]
        ObstacleCause.objects.filter(name__in=often, is_listed=False).update(is_listed=True)

    def _keep_resources(self, new: Collection[tuple[int, ImportedGoal]], again: list[tuple[int, ImportedGoal]]) -> None:
        if again:
            ResourceLine.objects.filter(goal__in=[pk for pk, _ in again], month=None, source=Source.IMPORT).delete()
        lines = [
            {"goal_id": pk, "kind": kind, "planned": amount}
            for pk, row in (*new, *again)
            for kind, amount in _resources(row)
        ]
        insert_rows(ResourceLine, lines, same={"source": Source.IMPORT}, ignore_conflicts=bool(again))

    def align(self) -> None:
        """Draw the lines upward, when every goal of the file has its id."""
        ids: dict[str, int] = dict(Goal.objects.filter(period=self.period).values_list("number", "pk"))
        for chunk in chunks(self.links):
            wanted = [
                (child, ids[parent], place == 0)
                for child, parents in chunk
                for place, parent in enumerate(dict.fromkeys(parents))
                if parent in ids and ids[parent] != child
            ]
            self._align(wanted, [child for child, _ in chunk if child in self.changed_ids])
            aligned = {child for child, _, is_primary in wanted if is_primary}
            loose = {child for child, parents in chunk if parents} - aligned - self.changed_ids
            if loose:
                Goal.objects.filter(AnyOf(F("id"), list(loose))).update(is_aligned=False)

    def _align(self, wanted: list[tuple[int, int, bool]], changed: list[int]) -> None:
        standing: defaultdict[int, set[tuple[int, int, bool]]] = defaultdict(set)
        rows = Alignment.objects.filter(child__in=changed).values_list("child_id", "parent_id", "is_primary")
        for child, parent, is_primary in rows:
            standing[child].add((child, parent, is_primary))
        asked: defaultdict[int, set[tuple[int, int, bool]]] = defaultdict(set)
        for line in wanted:
            asked[line[0]].add(line)
        redrawn = {child for child in changed if standing[child] != asked[child]}
        Alignment.objects.filter(child__in=redrawn).delete()
        kept = set(changed) - redrawn
        insert_rows(
            Alignment,
            [
                {"child_id": child, "parent_id": parent, "is_primary": is_primary}
                for child, parent, is_primary in wanted
                if child not in kept
            ],
        )


def _resources(row: ImportedGoal) -> Iterator[tuple[str, Decimal]]:
    amounts = (
        (ResourceKind.MONEY, row.budget),
        (ResourceKind.PEOPLE, row.headcount),
        (ResourceKind.HOURS, row.hours),
    )
    return ((kind, amount) for kind, amount in amounts if amount)


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)
