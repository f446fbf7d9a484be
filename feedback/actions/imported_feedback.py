"""Feedback of the past from files, written by sets (product.md §1.6, §3.1).

The same file again changes nothing: a feedback keeps the key of the record it came from, and a corrected record
replaces what it said before. What is imported is history. Nobody is told of it; receiver and direct manager read it,
as they read what is sent without another choice; and what could be better comes *closed*, as talked about at its own
time: years of it must not lie before people as open questions, nor be counted as unanswered. Whoever wants to come back
to one still answers it or turns it into an action.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F

from feedback import events
from feedback.importing.feedback_rows import FeedbackRow
from feedback.models import Closing, Feedback, Source, Visibility
from goals.actions.imported_rows import plain
from goals.queries.settings import tenant_zone
from perfsys.audit.actions import record
from perfsys.common.bulk import plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change, Effect, Outcome
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import Row, insert_rows

BATCH = 1000  # rows a statement
SAID = (
    "giver_id",
    "receiver_id",
    "nature",
    "tag_id",
    "text",
    "expected_action",
    "at",
    "local_on",
    "is_vague",
)
"""Columns a file fills, and a corrected record replaces."""
CALLED = {
    "giver_id": "giver",
    "receiver_id": "receiver",
    "nature": "nature",
    "tag_id": "tag",
    "text": "text",
    "expected_action": "expected_action",
    "at": "time",
}
"""The same as fields of the file; what follows from others is left out."""


class Applied(NamedTuple):
    """Rows of one import by what became of them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportedFeedback:
    """A good row of a feedback file; people by employee number, `tag` by its name."""

    key: str
    giver_no: str
    receiver_no: str
    nature: str
    tag: str
    text: str
    expected_action: str
    at: datetime
    on: date
    is_vague: bool = False

    @classmethod
    def of_row(cls, row: FeedbackRow) -> ImportedFeedback:
        if row.values is None:
            raise ValueError(f"row {row.number} of {row.sheet} is not to be imported")
        return cls(key=row.key, **asdict(row.values))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat(), "on": self.on.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ImportedFeedback:
        said = {spec.name: values[spec.name] for spec in fields(cls)}
        return cls(**{**said, "at": datetime.fromisoformat(said["at"]), "on": date.fromisoformat(said["on"])})


@transaction.atomic
@writing_in_bulk()
def apply_imported_feedback(
    *,
    rows: Iterable[ImportedFeedback],
    actor: Employee | None,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
    remember: Callable[[Sequence[Change]], None] = lambda changes: None,
) -> Applied:
    """Write good rows, 1,000 at a time. Whose person or tag has gone since they were judged is left out.
    `remember` is told what was new and what stood there before."""
    people: dict[str, int] = dict(Employee.objects.values_list("employee_no", "pk"))
    tags: dict[str, int] = dict(BehaviourTag.objects.values_list("name", "pk"))
    givers = dict(Feedback.objects.filter(source=Source.IMPORT).values_list("key", "giver_id"))
    created = changed = unchanged = done = 0
    for chunk in _chunks(rows):
        plan_anew()
        made = [
            _made(row, people, tags)
            for row in chunk
            if row.giver_no in people and row.receiver_no in people and row.tag in tags
        ]
        standing = _standing([row["key"] for row in made], givers)
        new = [row for row in made if row["key"] not in standing]
        other = [row for row in made if row["key"] in standing and _differs(row, standing[row["key"]])]
        ids = insert_rows(Feedback, new, returning=["id"])
        remember([*(Change(pk) for (pk,) in ids), *(_former(standing[row["key"]]) for row in other)])
        for row in other:
            _correct(row, standing[row["key"]])
        created, changed = created + len(new), changed + len(other)
        unchanged += len(made) - len(new) - len(other)
        done += len(chunk)
        progress(done)
    applied = Applied(created, changed, unchanged)
    record(events.FEEDBACK_IMPORTED, subject=Tenant.objects.get(), actor=actor, at=now, details=applied._asdict())
    return applied


def comparison_of_feedback() -> Callable[[Sequence[ImportedFeedback]], list[Effect]]:
    """What rows would do: one query however many, four for all of them."""
    zone = tenant_zone()
    people = {number: (pk, name) for number, pk, name in Employee.objects.values_list("employee_no", "pk", "name")}
    tags: dict[str, int] = dict(BehaviourTag.objects.values_list("name", "pk"))
    givers = dict(Feedback.objects.filter(source=Source.IMPORT).values_list("key", "giver_id"))
    ids = {number: pk for number, (pk, _name) in people.items()}
    names: dict[str, dict[int, str]] = {
        "giver_id": dict(people.values()),
        "receiver_id": dict(people.values()),
        "tag_id": {pk: name for name, pk in tags.items()},
    }

    def compare(rows: Sequence[ImportedFeedback]) -> list[Effect]:
        made = [_made(row, ids, tags) for row in rows]
        standing = _standing([row["key"] for row in made], givers)
        return [effect(row, standing.get(row["key"])) for row in made]

    def effect(row: Row, found: Row | None) -> Effect:
        if found is None:
            return Effect(Outcome.CREATED)
        if not _differs(row, found):
            return Effect(Outcome.UNCHANGED)
        other = [name for name in CALLED if found[name] != row[name]]
        return Effect(
            Outcome.CHANGED, [(CALLED[name], told(name, found[name]), told(name, row[name])) for name in other]
        )

    def told(name: str, value: Any) -> str:
        if isinstance(value, datetime):
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        return names[name].get(value, "") if name in names else str(value)

    return compare


def _standing(keys: list[str], givers: Mapping[str, int]) -> dict[str, Row]:
    """What stands under these keys. They are unique for a giver, whose index finds them."""
    known = {givers[key] for key in keys if key in givers}
    found = Feedback.objects.filter(giver__in=known, key__in=keys, source=Source.IMPORT)
    return {row["key"]: row for row in found.values("pk", "key", "closed_at", "closed_how", "corrected_at", *SAID)}


def _former(standing: Row) -> Change:
    kept = {name: plain(standing[name]) for name in (*SAID, "closed_at", "closed_how")}
    return Change(standing["pk"], kept)


def _differs(row: Row, standing: Row) -> bool:
    """What its giver has put in other words since stays as the giver wants it."""
    return standing["corrected_at"] is None and any(standing[name] != row[name] for name in SAID)


def _correct(row: Row, standing: Row) -> None:
    """What the receiver has done with it since stays; only what the file closed itself moves with the file."""
    said = {name: row[name] for name in SAID}
    if standing["closed_at"] in (None, standing["at"]):
        said |= {"closed_at": row["closed_at"], "closed_how": row["closed_how"]}
    Feedback.objects.filter(pk=standing["pk"]).update(**said, version=F("version") + 1)


def _made(row: ImportedFeedback, people: Mapping[str, int], tags: Mapping[str, int]) -> Row:
    is_talked_about = row.nature == Nature.CONSTRUCTIVE
    return {
        "giver_id": people[row.giver_no],
        "receiver_id": people[row.receiver_no],
        "nature": row.nature,
        "tag_id": tags[row.tag],
        "text": row.text,
        "expected_action": row.expected_action,
        "visibility": Visibility.MANAGER,
        "at": row.at,
        "local_on": row.on,
        "source": Source.IMPORT,
        "key": _key(row.key),
        "is_vague": row.is_vague,
        "closed_at": row.at if is_talked_about else None,
        "closed_how": Closing.CLARIFIED if is_talked_about else "",
    }


def _key(key: str) -> str:
    """A record's own number, or its digest where that is too long for the column."""
    whole = f"import:{key}"
    return whole if len(whole) <= 80 else f"import:{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"


def _chunks(rows: Iterable[ImportedFeedback]) -> Iterator[list[ImportedFeedback]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, BATCH)):
        yield chunk
