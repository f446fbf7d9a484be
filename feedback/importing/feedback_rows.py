"""Judges the rows of an imported feedback file (product.md §1.6, §3.1).

Rows come from `perfsys.imports.columns.source_rows`, recognised with `FEEDBACK_FIELDS`. Where a fact is recorded no
file of the past says, so that is not asked of it; and its words are kept as they were written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feedback import rules
from feedback.importing.known_tags import TagIndex
from feedback.importing.words import nature_of
from goals.importing.dates import moment
from goals.importing.goal_drafts import NUMBER_LENGTH
from goals.importing.goal_values import text_in
from goals.importing.issues import Action, Issue, action_for
from goals.importing.known_goals import DERIVED, number_key
from goals.importing.owners import KnownPerson, Owners
from perfsys.imports.reading import BLANK, Cell, SourceRow
from perfsys.imports.text import clean, compact, line
from perfsys.lexicon.vagueness import is_vague

REJECTING = frozenset(
    {
        "giver_missing",
        "giver_not_found",
        "giver_ambiguous",
        "receiver_missing",
        "receiver_not_found",
        "receiver_ambiguous",
        "self_feedback",
        "time_missing",
        "time_unreadable",
        "nature_missing",
        "nature_unknown",
        "missing_tag",
        "several_tags",
        "tag_unknown",
        "missing_fact",
        "text_too_long",
        "missing_action",
        "action_too_long",
        "record_no_too_long",
        "duplicate_record_no",
    }
)
"""Codes that keep a row out. `duplicate_record` and `no_feedback` skip it; `vague` is a label, others are warnings."""

TEXT_LENGTH = 600
_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
_YEAR = timedelta(days=364)


@dataclass(frozen=True, slots=True)
class FeedbackValues:
    giver_no: str
    receiver_no: str
    nature: str
    tag: str
    """The name of a tag the company has."""
    text: str
    expected_action: str
    at: datetime
    """Aware, UTC."""
    on: date
    """The day in the tenant's zone."""
    is_vague: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a row for the eye, also where it is rejected."""

    giver: str
    receiver: str
    at: str
    """In the tenant's zone."""
    nature: str
    """As the file writes it, like the rest."""
    tag: str
    text: str
    expected_action: str


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    sheet: str
    number: int
    record_no: str | None
    giver_no: str
    """The employee's number, else what the row says; so too the receiver's."""
    receiver_no: str
    nature: str
    """"" where it is not known."""
    key: str
    """`record_no`, else derived from the content: the same line gives the same key in every import."""
    action: Action
    issues: tuple[Issue, ...]
    values: FeedbackValues | None
    """None on rows that are rejected or skipped."""
    shown: Shown

    @property
    def is_feedback(self) -> bool:
        """A sum or a note below the table is none: it is for the eye alone."""
        return all(issue.code != "no_feedback" for issue in self.issues)

    def as_json(self) -> dict[str, object]:
        """Warnings are left out: they are for the eye of whoever imports."""
        told = [issue.code for issue in self.issues if issue.code in REJECTING or issue.code == "vague"]
        return {
            "id": self.record_no or self.key,
            "giver": self.giver_no,
            "receiver": self.receiver_no,
            "nature": self.nature,
            "at": self.shown.at,
            "issues": told,
        }


@dataclass(frozen=True, slots=True)
class FeedbackJudgement:
    rows: tuple[FeedbackRow, ...]
    company: str

    def as_json(self) -> dict[str, object]:
        told = [row for row in self.rows if row.is_feedback]
        return {
            "company": self.company,
            "rows": len(told),
            "valid": sum(1 for row in told if row.values),
            "items": [row.as_json() for row in told],
        }


@dataclass(slots=True)
class _Draft:
    row: SourceRow
    record_no: str | None
    giver: KnownPerson | None = None
    receiver: KnownPerson | None = None
    at: datetime | None = None
    nature: str | None = None
    tag: str | None = None
    text: str = ""
    expected_action: str = ""
    is_vague: bool = False
    issues: list[Issue] = field(default_factory=list)


def judge_feedback(
    rows: Iterable[SourceRow], *, people: Owners, tags: TagIndex, zone: ZoneInfo, now: datetime, company: str = ""
) -> FeedbackJudgement:
    """What an import of these rows would do. A date without its year is the last such day before `now`."""
    drafts = (_read(row, people, tags, zone, now) for row in rows if any(text_in(row, name) for name in row.cells))
    return FeedbackJudgement(tuple(_without_doubles(drafts, zone)), company)


def _is_feedback(row: SourceRow) -> bool:
    """A footer names neither people nor a time, or nothing beside."""
    telling = ("time", "giver_no", "giver", "receiver_no", "receiver", "text")
    return any(text_in(row, name) for name in telling) and len([name for name in row.cells if text_in(row, name)]) > 1


def _read(row: SourceRow, people: Owners, tags: TagIndex, zone: ZoneInfo, now: datetime) -> _Draft:
    draft = _Draft(row, compact(row.cells.get("record_no", BLANK)) or None)
    if not _is_feedback(row):
        draft.issues.append(Issue("no_feedback"))
        return draft
    _read_text(draft)
    _read_tag(draft, tags)
    _read_action(draft)
    draft.giver = _person(draft, "giver", people)
    draft.receiver = _person(draft, "receiver", people)
    if draft.giver and draft.giver == draft.receiver:
        draft.issues.append(Issue("self_feedback"))
    _read_nature(draft)
    _read_time(draft, zone, now)
    if draft.record_no and len(draft.record_no) > NUMBER_LENGTH:
        draft.issues.append(Issue("record_no_too_long"))
    return draft


def _read_text(draft: _Draft) -> None:
    draft.text = as_written(draft.row.cells.get("text", BLANK))
    sentences = rules.sentences(draft.text)
    if not draft.text or not (sentences or is_vague(draft.text)):
        draft.issues.append(Issue("missing_fact"))
        return
    if len(draft.text) > TEXT_LENGTH:
        draft.issues.append(Issue("text_too_long", {"count": str(len(draft.text))}))
        return
    draft.is_vague = is_vague(draft.text)
    if draft.is_vague:
        draft.issues.append(Issue("vague"))
    if sentences > rules.MOST_SENTENCES:
        draft.issues.append(Issue("many_sentences", {"count": str(sentences)}))


def _read_tag(draft: _Draft, tags: TagIndex) -> None:
    cell = draft.row.cells.get("tag", BLANK)
    named = tags.parts(clean(cell))
    known = list(dict.fromkeys(tags.find(one) or one for one in named if re.search(r"\w", one)))
    if not known:
        draft.issues.append(Issue("missing_tag"))
    elif len(known) > 1:
        draft.issues.append(Issue("several_tags", {"count": str(len(known))}))
    elif draft_tag := tags.find(known[0]):
        draft.tag = draft_tag
    else:
        nearest = tags.nearest(known[0])
        written = {"tag": known[0][:40]}
        draft.issues.append(Issue("tag_unknown", {**written, "nearest": nearest} if nearest else written))


def _read_action(draft: _Draft) -> None:
    action = as_written(draft.row.cells.get("expected_action", BLANK))
    draft.expected_action = " ".join(action.split())
    length, most = rules.action_length(draft.expected_action)
    if not re.search(r"\w", action):
        draft.issues.append(Issue("missing_action"))
    elif not rules.action_fits(draft.expected_action):
        words = {"length": str(length), "most": str(most)} if length > most else {}
        draft.issues.append(Issue("action_too_long", words))


def _person(draft: _Draft, role: str, people: Owners) -> KnownPerson | None:
    row = draft.row
    number, name = compact(row.cells.get(f"{role}_no", BLANK)), text_in(row, role)
    match = people.find_person(number=number, name=name, unit=text_in(row, f"{role}_department"))
    if match is None:
        draft.issues.append(Issue(f"{role}_missing"))
        return None
    if match.person is None:
        draft.issues.append(Issue(f"{role}_{'ambiguous' if match.ambiguous else 'not_found'}", {"person": match.given}))
        return None
    if match.name_differs:
        draft.issues.append(Issue("name_differs", {"person": match.person.number, "name": match.person.name}))
    return match.person


def _read_nature(draft: _Draft) -> None:
    text = text_in(draft.row, "nature")
    draft.nature = nature_of(text) if text else None
    if not text:
        draft.issues.append(Issue("nature_missing"))
    elif draft.nature is None:
        draft.issues.append(Issue("nature_unknown", {"nature": text[:40]}))


def _read_time(draft: _Draft, zone: ZoneInfo, now: datetime) -> None:
    cell = draft.row.cells.get("time", BLANK)
    text = line(cell)
    if not re.search(r"\w", text):
        draft.issues.append(Issue("time_missing"))
        return
    today = now.astimezone(zone).date()
    draft.at = moment(cell, zone=zone, start=today - _YEAR, end=today)
    if draft.at is None:
        draft.issues.append(Issue("time_unreadable", {"time": text[:40]}))
    elif draft.at > now:
        draft.issues.append(Issue("time_in_future", {"time": f"{draft.at.astimezone(zone):%Y-%m-%d %H:%M}"}))


def as_written(cell: Cell) -> str:
    """The words with their marks, lines and emoji as somebody typed them; `clean` would rewrite what a person said."""
    if not isinstance(cell.value, str) or cell.formula:
        return clean(cell)
    return _HARMFUL.sub("", cell.value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _without_doubles(drafts: Iterable[_Draft], zone: ZoneInfo) -> Iterator[FeedbackRow]:
    """The first of each feedback; a line sent twice is skipped, a number used twice for different things rejected."""
    seen: dict[str, tuple[int, bytes]] = {}
    for draft in drafts:
        content = _digest(draft)
        row = _judged(draft, content, zone)
        if not row.is_feedback:
            yield replace(row, action=Action.SKIP, values=None)
            continue
        first = seen.get(number_key(row.key))
        if first is None:
            seen[number_key(row.key)] = (row.number, content)
            yield row
        elif first[1] == content:
            issue = Issue("duplicate_record", {"row": str(first[0])})
            yield replace(row, action=Action.SKIP, issues=(issue,), values=None)
        else:
            issue = Issue("duplicate_record_no", {"record": row.key, "row": str(first[0])})
            yield replace(row, action=Action.REJECT, issues=(*row.issues, issue), values=None)


def _judged(draft: _Draft, content: bytes, zone: ZoneInfo) -> FeedbackRow:
    action = action_for(draft.issues, rejecting=REJECTING)
    local = draft.at.astimezone(zone) if draft.at else None
    return FeedbackRow(
        sheet=draft.row.sheet,
        number=draft.row.number,
        record_no=draft.record_no,
        giver_no=_number_of(draft, "giver", draft.giver),
        receiver_no=_number_of(draft, "receiver", draft.receiver),
        nature=str(draft.nature or ""),
        key=draft.record_no or DERIVED + content.hex()[:24],
        action=action,
        issues=tuple(draft.issues),
        values=_values(draft, zone) if action is not Action.REJECT else None,
        shown=Shown(
            giver=draft.giver.name if draft.giver else _number_of(draft, "giver", None),
            receiver=draft.receiver.name if draft.receiver else _number_of(draft, "receiver", None),
            at=f"{local:%Y-%m-%d %H:%M}" if local else "",
            nature=text_in(draft.row, "nature"),
            tag=text_in(draft.row, "tag"),
            text=draft.text[:TEXT_LENGTH],
            expected_action=draft.expected_action[:TEXT_LENGTH],
        ),
    )


def _number_of(draft: _Draft, role: str, person: KnownPerson | None) -> str:
    return person.number if person else text_in(draft.row, f"{role}_no") or text_in(draft.row, role)


def _values(draft: _Draft, zone: ZoneInfo) -> FeedbackValues | None:
    if not (draft.giver and draft.receiver and draft.nature and draft.tag and draft.at):
        return None
    return FeedbackValues(
        giver_no=draft.giver.number,
        receiver_no=draft.receiver.number,
        nature=str(draft.nature),
        tag=draft.tag,
        text=draft.text,
        expected_action=draft.expected_action,
        at=draft.at,
        on=draft.at.astimezone(zone).date(),
        is_vague=draft.is_vague,
    )


def _digest(draft: _Draft) -> bytes:
    """What it says, whoever numbers it: the same people, time, nature, tag and words are the same feedback."""
    people = (one.number if one else "" for one in (draft.giver, draft.receiver))
    said: Sequence[object] = (*people, draft.at, draft.nature, draft.tag)
    whole = "\x1f".join(map(str, (*said, draft.text, draft.expected_action)))
    return hashlib.sha256(whole.encode(errors="replace")).digest()
