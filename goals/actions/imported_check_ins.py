"""Check-ins, evidence and comments from files, written by sets (product.md §1.6).

The same file again changes nothing: an entry keeps the key of the record it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from goals import events
from goals.importing import words
from goals.models import CheckIn, Comment, EvidenceItem, Goal, Kind, Period, Source
from goals.queries.bound import measured_since
from goals.queries.settings import tenant_zone
from goals.queries.undoing_entries import target_of
from goals.wording import plain as without_zeros
from perfsys.audit.actions import record
from perfsys.common.bulk import plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change, Effect, Outcome
from perfsys.people.models import Employee
from perfsys.tenancy.rows import Row, insert_rows
from perfsys.tenancy.scope import current_tenant_id

from .imported_rows import Applied, ImportedEntry, Remember, Tick, chunks, plain
from .own_progress import keep_cadences, keep_objectives, tell_anew
from .rollup import roll_up_period
from .standing import write_standing

RETOLD = 25_000  # goals a statement: while an import goes on each of them reads the check-ins from end to end
# The latest figure and sign of life of goals that got entries, from the entries themselves: files come in any order.
_RETELL = """
WITH entry AS (
    SELECT goal_id, percent, local_on AS happened_on, at, id FROM goals_checkin
    WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND local_on <= %(today)s
    UNION ALL SELECT goal_id, percent, local_on, at, id FROM goals_evidenceitem
    WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND local_on <= %(today)s AND gone_at IS NULL
    UNION ALL SELECT goal_id, NULL, done_on, NULL, id FROM goals_milestone
    WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND done_on <= %(today)s
), figure AS (
    SELECT DISTINCT ON (goal_id) goal_id, percent FROM entry
    WHERE percent IS NOT NULL ORDER BY goal_id, at DESC, id DESC
), sign AS (
    SELECT goal_id, max(happened_on) AS latest FROM entry GROUP BY goal_id
)
UPDATE goals_goal goal
SET own_progress = coalesce(figure.percent, goal.own_progress), last_activity_on = sign.latest
FROM unnest(%(goals)s::bigint[]) AS asked(id)
LEFT JOIN figure ON figure.goal_id = asked.id LEFT JOIN sign ON sign.goal_id = asked.id
WHERE goal.tenant_id = %(tenant)s AND goal.id = asked.id
    AND (goal.own_progress IS DISTINCT FROM coalesce(figure.percent, goal.own_progress)
         OR goal.last_activity_on IS DISTINCT FROM sign.latest)
"""

# Of these goals, those where the latest figure is a reading: what it comes to is told from the target in force, which
# may be another than when it was written down.
_TOLD_BY_A_READING = """
SELECT goal_id FROM (
    SELECT DISTINCT ON (goal_id) goal_id, value FROM (
        SELECT goal_id, value, at, id FROM goals_checkin
        WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND local_on <= %(today)s
            AND percent IS NOT NULL
        UNION ALL SELECT goal_id, NULL, at, id FROM goals_evidenceitem
        WHERE tenant_id = %(tenant)s AND goal_id = ANY(%(goals)s::bigint[]) AND local_on <= %(today)s
            AND percent IS NOT NULL AND gone_at IS NULL
    ) AS entry ORDER BY goal_id, at DESC, id DESC
) AS latest WHERE value IS NOT NULL
"""


@transaction.atomic
@writing_in_bulk()
def apply_imported_check_ins(
    *,
    rows: Iterable[ImportedEntry],
    period: Period,
    actor: Employee | None,
    now: datetime,
    progress: Tick = lambda done: None,
    remember: Remember = lambda changes: None,
) -> Applied:
    """Write good rows onto the goals of `period`, 1,000 at a time. A corrected record replaces what it said before.

    Entries after today are kept and count from their day on. `remember` is told what was new and what stood there
    before.
    """
    today = now.astimezone(tenant_zone()).date()
    goals: dict[str, int] = dict(Goal.objects.filter(period=period).values_list("number", "pk"))
    people: dict[str, int] = dict(Employee.objects.values_list("employee_no", "pk"))
    measured = measured_since(period)
    applied, done = Applied(), 0
    touched: set[int] = set()
    for chunk in chunks(rows):
        plan_anew()
        for kind, (model, made_of) in ENTRIES.items():
            entries = [
                _in_words(made_of(row, goals[row.goal], people.get(row.employee_no)), measured)
                for row in chunk
                if row.kind == kind
            ]
            applied = applied.plus(*_write_entries(model, entries, remember))
            touched.update(entry["goal_id"] for entry in entries)
        done += len(chunk)
        progress(done)
    retell(touched, today)
    roll_up_period(period)
    write_standing(today)
    record(events.CHECK_INS_IMPORTED, subject=period, actor=actor, at=now, details=applied._asdict())
    return applied


def retell(goal_ids: Iterable[int], today: date) -> None:
    """Progress and last sign of life of these goals, from their entries up to `today`."""
    for ids in chunks(sorted(goal_ids), RETOLD):
        with connection.cursor() as cursor:
            about: dict[str, Any] = {"tenant": current_tenant_id(), "goals": ids, "today": today}
            cursor.execute(_RETELL, about)
            cursor.execute(_TOLD_BY_A_READING, about)
            told_by_a_reading = [row[0] for row in cursor.fetchall()]
        for goal in Goal.objects.filter(pk__in=told_by_a_reading, kind=Kind.KPI):
            tell_anew(goal, today)
        keep_objectives(ids)
        keep_cadences(today, ids)  # a file tells what stood at each tick; by now more of them are due


def comparison_of_check_ins(period: Period) -> Callable[[Sequence[ImportedEntry]], list[Effect]]:
    """What rows would do in `period`, in three queries however many; four for all of them."""
    zone = tenant_zone()
    goals: dict[str, int] = dict(Goal.objects.filter(period=period).values_list("number", "pk"))
    people: dict[str, int] = dict(Employee.objects.values_list("employee_no", "pk"))
    numbers = {pk: number for number, pk in people.items()}
    measured = measured_since(period)

    def compare(rows: Sequence[ImportedEntry]) -> list[Effect]:
        made = [
            _in_words(ENTRIES[row.kind][1](row, goals.get(row.goal, 0), people.get(row.employee_no)), measured)
            for row in rows
        ]
        standing: dict[tuple[str, int, str], Row] = {}
        for kind, (model, _made_of) in ENTRIES.items():
            entries = [entry for row, entry in zip(rows, made, strict=True) if row.kind == kind]
            standing |= {(kind, *key): found for key, found in _standing(model, entries).items()}
        return [
            _effect(SAID[ENTRIES[row.kind][0]], standing.get((row.kind, entry["goal_id"], entry["source_key"])), entry)
            for row, entry in zip(rows, made, strict=True)
        ]

    def _effect(said: Sequence[str], found: Row | None, entry: Row) -> Effect:
        if found is None:
            return Effect(Outcome.CREATED)
        other = [name for name in said if found[name] != entry[name]]
        differs = [(CALLED[name], told(name, found[name]), told(name, entry[name])) for name in other if name in CALLED]
        return Effect(Outcome.CHANGED, differs) if other else Effect(Outcome.UNCHANGED)

    def told(name: str, value: Any) -> Any:
        if name in ("author_id", "by_id"):
            return numbers.get(value, "")
        if isinstance(value, datetime):
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        return without_zeros(value) if isinstance(value, Decimal) else plain(value)

    return compare


def _standing(model: type[CheckIn | EvidenceItem | Comment], entries: Sequence[Row]) -> dict[tuple[int, str], Row]:
    """By goal and key. One query, none without entries."""
    manager: Any = model.objects
    found = manager.filter(
        goal__in={entry["goal_id"] for entry in entries}, source_key__in={entry["source_key"] for entry in entries}
    )
    rows = found.values("pk", "goal_id", "source_key", *SAID[model]) if entries else ()
    return {(row["goal_id"], row["source_key"]): row for row in rows}


def _write_entries(
    model: type[CheckIn | EvidenceItem | Comment], entries: list[Row], remember: Remember
) -> tuple[int, int, int]:
    """Created, changed, unchanged. Keys are unique per goal, so the goals find the rows by their index."""
    said = SAID[model]
    manager: Any = model.objects
    standing = _standing(model, entries)
    new, changed = [], []
    before: list[Change] = []
    for entry in entries:
        found = standing.get((entry["goal_id"], entry["source_key"]))
        if found is None:
            new.append(entry)
        elif any(found[name] != entry[name] for name in said):
            changed.append(entry)
            former = {name: plain(found[name]) for name in said}
            before.append(Change(target_of(model, found["pk"]), former))
    made = insert_rows(model, new, returning=["id"])
    remember([*(Change(target_of(model, pk)) for (pk,) in made), *before])
    for entry in changed:
        row = manager.filter(goal=entry["goal_id"], source_key=entry["source_key"])
        row.update(**{name: entry[name] for name in said})
    return len(new), len(changed), len(entries) - len(new) - len(changed)


def _in_words(entry: Row, measured: Mapping[int, datetime]) -> Row:
    """A figure that a file tells of a goal since that takes its own from a metric: it stays, in words, and counts for
    nothing (product.md §2.6)."""
    since, percent = measured.get(entry["goal_id"]), entry.get("percent")
    if since is None or percent is None or entry["at"] < since:
        return entry
    return entry | {"percent": None, "note": f"{percent.normalize():f}% {entry['note']}".strip()[:2000]}


def _common(row: ImportedEntry, goal_id: int) -> Row:
    return {
        "goal_id": goal_id,
        "at": row.at,
        "local_on": row.on,
        "source": Source.IMPORT,
        "source_key": _source_key(row.key),
    }


def _check_in(row: ImportedEntry, goal_id: int, person: int | None) -> Row:
    note = " ".join(filter(None, (row.note, row.evidence_no)))[:2000]
    return {"author_id": person, "percent": row.percent, "note": note, **_common(row, goal_id)}


def _evidence(row: ImportedEntry, goal_id: int, person: int | None) -> Row:
    note = row.note or ("" if row.evidence_no or row.percent is None else f"{row.percent.normalize():f}%")
    number = row.evidence_no[:120]
    return {"by_id": person, "number": number, "note": note, "percent": row.percent, **_common(row, goal_id)}


def _comment(row: ImportedEntry, goal_id: int, person: int | None) -> Row:
    text = row.note or row.evidence_no or (f"{row.percent.normalize():f}%" if row.percent is not None else "")
    return {"author_id": person, "text": text[:2000], **_common(row, goal_id)}


Made = Callable[[ImportedEntry, int, int | None], Row]
ENTRIES: dict[str, tuple[type[CheckIn | EvidenceItem | Comment], Made]] = {
    words.PROGRESS: (CheckIn, _check_in),
    words.EVIDENCE: (EvidenceItem, _evidence),
    words.COMMENT: (Comment, _comment),
}
SAID: dict[type[CheckIn | EvidenceItem | Comment], tuple[str, ...]] = {
    CheckIn: ("at", "local_on", "percent", "note", "author_id"),
    EvidenceItem: ("at", "local_on", "number", "note", "percent", "by_id"),
    Comment: ("at", "local_on", "text", "author_id"),
}
# By what they are called in files; the day follows from the time.
CALLED = {
    "at": "at",
    "percent": "percent",
    "note": "note",
    "text": "note",
    "number": "evidence_no",
    "author_id": "employee_no",
    "by_id": "employee_no",
}


def _source_key(key: str) -> str:
    """A record's own number, or its digest where that is too long for the column."""
    whole = f"import:{key}"
    return whole if len(whole) <= 80 else f"import:{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"
