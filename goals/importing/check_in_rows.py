"""Judges the rows of an imported check-in file: progress, evidence and comments on goals (product.md §1.6, §2.6, §2.8).

Rows come from `perfsys.imports.columns.source_rows`, recognised with `CHECK_IN_FIELDS`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from goals.importing import figures, words
from goals.importing.dates import moment
from goals.importing.goal_drafts import NUMBER_LENGTH
from goals.importing.goal_values import text_in
from goals.importing.issues import Action, Issue, action_for
from goals.importing.known_goals import DERIVED, GoalIndex, KnownGoal, number_key
from goals.importing.owners import Owners
from goals.importing.words import COMMENT, EVIDENCE, POSITION, PROGRESS
from perfsys.imports.reading import BLANK, SourceRow
from perfsys.imports.text import clean, compact, line

REJECTING = frozenset(
    {
        "goal_missing",
        "goal_not_found",
        "goal_ambiguous",
        "person_missing",
        "person_not_found",
        "person_ambiguous",
        "time_missing",
        "time_unreadable",
        "kind_unknown",
        "percent_unreadable",
        "nothing_said",
        "evidence_empty",
        "comment_empty",
        "record_no_too_long",
        "duplicate_record_no",
    }
)
"""Codes that keep a row out. `duplicate_record` skips it: the same record is in the file already."""

LARGEST_PERCENT = 1000
NOTE_LENGTH = 2000
EVIDENCE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class CheckInValues:
    goal: str
    """The goal's key: its number, or the derived key of one without."""
    employee_no: str
    at: datetime
    """Aware, UTC."""
    on: date
    """The day in the tenant's zone: what the stale and idle rules count (product.md §2.8)."""
    kind: str
    """check_in, evidence or comment."""
    percent: Decimal | None
    """0..100, above 100 when overfulfilled; kept raw."""
    note: str
    evidence_no: str

    def as_json(self) -> dict[str, object]:
        return {
            "goal_no": self.goal,
            "employee_no": self.employee_no,
            "at": self.at.isoformat(),
            "on": self.on.isoformat(),
            "kind": self.kind,
            "percent": None if self.percent is None else float(self.percent),
            "note": self.note,
            "evidence_no": self.evidence_no,
        }


@dataclass(frozen=True, slots=True)
class CheckInRow:
    sheet: str
    number: int
    record_no: str | None
    key: str
    """`record_no`, else derived from the content: the same line gives the same key in every import."""
    action: Action
    issues: tuple[Issue, ...]
    values: CheckInValues | None
    """None on rows that are rejected or skipped."""

    def as_json(self) -> dict[str, object]:
        return {
            "sheet": self.sheet,
            "row": self.number,
            "record_no": self.record_no,
            "action": str(self.action),
            "issues": [issue.code for issue in self.issues],
            "normalized": self.values.as_json() if self.values else None,
        }


@dataclass(frozen=True, slots=True)
class CheckInJudgement:
    rows: tuple[CheckInRow, ...]

    def summary(self) -> dict[str, object]:
        actions = Counter(row.action for row in self.rows)
        kinds = Counter(row.values.kind for row in self.rows if row.values)
        return {
            "rows": len(self.rows),
            "accept": actions[Action.ACCEPT],
            "warn": actions[Action.WARN],
            "reject": actions[Action.REJECT],
            "skip": actions[Action.SKIP],
            "by_kind": {kind: kinds[kind] for kind in (PROGRESS, EVIDENCE, COMMENT)},
        }

    def as_json(self) -> dict[str, object]:
        return {"summary": self.summary(), "rows": [row.as_json() for row in self.rows]}


@dataclass(slots=True)
class _Draft:
    sheet: str
    number: int
    record_no: str | None
    goal: KnownGoal | None
    employee_no: str | None
    at: datetime | None
    kind: str | None
    percent: figures.Share
    note: str
    evidence_no: str
    issues: list[Issue] = field(default_factory=list)


def judge_check_ins(
    rows: Iterable[SourceRow],
    *,
    goals: GoalIndex,
    people: Owners,
    zone: ZoneInfo,
    period_start: date,
    period_end: date,
    now: datetime | None = None,
) -> CheckInJudgement:
    """What an import of these rows would do, in one walk and a look back at shares and doubles.

    `goals` are those that stand; the period gives the year to dates without one. Entries after `now` come with a
    warning: they count from their day on.
    """
    drafts = [
        draft for row in rows if (draft := _read(row, goals, people, zone, (period_start, period_end), now)) is not None
    ]
    _scale_fractions(drafts)
    return CheckInJudgement(tuple(_without_doubles(drafts, zone)))


def _read(
    row: SourceRow, goals: GoalIndex, people: Owners, zone: ZoneInfo, period: tuple[date, date], now: datetime | None
) -> _Draft | None:
    record_no = compact(row.cells.get("record_no", BLANK)) or None
    if not _is_record(row):
        return None
    issues: list[Issue] = []
    person = _person(row, people, issues)
    goal = _goal(row, goals, person, issues)
    if person is None and not issues:
        person = _owner_of(goal, issues)
    percent = figures.share(row.cells.get("percent"))
    evidence_no, note = text_in(row, "evidence_no")[:EVIDENCE_LENGTH], _note(row, issues)
    return _Draft(
        sheet=row.sheet,
        number=row.number,
        record_no=record_no,
        goal=goal,
        employee_no=person,
        at=_at(row, zone, period, now, issues),
        kind=_kind(row, percent, evidence_no, issues),
        percent=percent,
        note=note,
        evidence_no=evidence_no,
        issues=issues,
    )


def _is_record(row: SourceRow) -> bool:
    """A footer or heading repeated on the next page names neither goal nor time in a form that could be one."""
    goal = text_in(row, "goal_no") or text_in(row, "goal_title")
    return bool(goal or text_in(row, "time")) and len([name for name in row.cells if text_in(row, name)]) > 1


def _person(row: SourceRow, people: Owners, issues: list[Issue]) -> str | None:
    number, name = compact(row.cells.get("employee_no", BLANK)), text_in(row, "name")
    match = people.find_person(number=number, name=name, unit=text_in(row, "department"))
    if match is None:
        return None
    if match.person is None:
        issues.append(Issue("person_ambiguous" if match.ambiguous else "person_not_found", {"person": match.given}))
        return None
    return match.person.number


def _goal(row: SourceRow, goals: GoalIndex, person: str | None, issues: list[Issue]) -> KnownGoal | None:
    number, title = text_in(row, "goal_no"), text_in(row, "goal_title")
    if not number and not title:
        issues.append(Issue("goal_missing"))
        return None
    found = _meant(goals, number) if number else []
    if not found and title:
        found = _meant(goals, title)
    # Colleagues often share a goal's wording: then the person's own is meant.
    found = [goal for goal in found if goal.owner == person] or found
    if len(found) != 1:
        issues.append(Issue("goal_ambiguous" if found else "goal_not_found", {"goal": number or title}))
        return None
    return found[0]


def _meant(goals: GoalIndex, text: str) -> list[KnownGoal]:
    return goals.find(text)[0]


def _owner_of(goal: KnownGoal | None, issues: list[Issue]) -> str | None:
    """A row that names nobody is the goal owner's own, where the owner is a person."""
    if goal is not None and goal.layer == POSITION:
        return goal.owner
    issues.append(Issue("person_missing"))
    return None


def _at(
    row: SourceRow, zone: ZoneInfo, period: tuple[date, date], now: datetime | None, issues: list[Issue]
) -> datetime | None:
    cell = row.cells.get("time", BLANK)
    if figures.is_nothing(cell):
        issues.append(Issue("time_missing"))
        return None
    at = moment(cell, zone=zone, start=period[0], end=period[1])
    if at is None:
        issues.append(Issue("time_unreadable", {"time": line(cell)}))
    elif now is not None and at > now:
        issues.append(Issue("time_in_future", {"time": f"{at.astimezone(zone):%Y-%m-%d %H:%M}"}))
    return at


def _kind(row: SourceRow, percent: figures.Share, evidence_no: str, issues: list[Issue]) -> str | None:
    text = text_in(row, "kind")
    if not text:
        return PROGRESS if percent.value is not None else EVIDENCE if evidence_no else COMMENT
    kind = words.entry_kind(text)
    if kind is None:
        issues.append(Issue("kind_unknown", {"kind": text}))
    return kind


def _note(row: SourceRow, issues: list[Issue]) -> str:
    note = clean(row.cells.get("note", BLANK))
    if len(note) > NOTE_LENGTH:
        issues.append(Issue("note_cut", {"length": str(NOTE_LENGTH)}))
    return note[:NOTE_LENGTH]


def _scale_fractions(drafts: Sequence[_Draft]) -> None:
    fractions = figures.sheets_of_fractions((draft.sheet, draft.percent) for draft in drafts)
    for draft in drafts:
        share = draft.percent
        if share.plain and share.value and draft.sheet in fractions:
            draft.percent = figures.Share(figures.exact(share.value * 100))


def _without_doubles(drafts: Sequence[_Draft], zone: ZoneInfo) -> Iterator[CheckInRow]:
    """The first of each record; a line sent twice is skipped, a number used twice for different things rejected."""
    seen: dict[str, tuple[int, bytes]] = {}
    for draft in drafts:
        row = _judged(draft, zone)
        content = _digest(draft)
        first = seen.get(number_key(row.key))
        if first is None:
            seen[number_key(row.key)] = (draft.number, content)
            yield row
        elif first[1] == content:
            issue = Issue("duplicate_record", {"row": str(first[0])})
            yield replace(row, action=Action.SKIP, issues=(issue,), values=None)
        else:
            issue = Issue("duplicate_record_no", {"record": row.key, "row": str(first[0])})
            yield replace(row, action=Action.REJECT, issues=(*row.issues, issue), values=None)


def _judged(draft: _Draft, zone: ZoneInfo) -> CheckInRow:
    _check_content(draft)
    action = action_for(draft.issues, rejecting=REJECTING)
    return CheckInRow(
        sheet=draft.sheet,
        number=draft.number,
        record_no=draft.record_no,
        key=draft.record_no or DERIVED + _digest(draft).hex()[:24],
        action=action,
        issues=tuple(draft.issues),
        values=_values(draft, zone) if action is not Action.REJECT else None,
    )


def _check_content(draft: _Draft) -> None:
    share = draft.percent
    if share.unreadable or (share.value is not None and not 0 <= share.value <= LARGEST_PERCENT):
        draft.issues.append(Issue("percent_unreadable"))
    elif draft.kind == EVIDENCE and not draft.note and not draft.evidence_no:
        draft.issues.append(Issue("evidence_empty"))
    elif draft.kind == COMMENT and not draft.note:
        draft.issues.append(Issue("comment_empty"))
    elif share.value is None and not draft.note and not draft.evidence_no:
        draft.issues.append(Issue("nothing_said"))
    if draft.record_no and len(draft.record_no) > NUMBER_LENGTH:
        draft.issues.append(Issue("record_no_too_long"))


def _values(draft: _Draft, zone: ZoneInfo) -> CheckInValues | None:
    if draft.goal is None or draft.employee_no is None or draft.at is None or draft.kind is None:
        return None
    return CheckInValues(
        goal=draft.goal.key,
        employee_no=draft.employee_no,
        at=draft.at,
        on=draft.at.astimezone(zone).date(),
        kind=draft.kind,
        percent=draft.percent.value,
        note=draft.note,
        evidence_no=draft.evidence_no,
    )


def _digest(draft: _Draft) -> bytes:
    """What the record says, whoever numbers it: the same goal, person, time, kind and words are the same record."""
    said = (draft.goal.key if draft.goal else "", draft.employee_no, draft.at, draft.kind, draft.percent.value)
    whole = "\x1f".join(map(str, (*said, draft.note, draft.evidence_no)))
    return hashlib.sha256(whole.encode()).digest()
