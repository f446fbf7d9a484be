"""Writing the record."""

from datetime import datetime
from typing import Any, Protocol

import structlog
from django.db import models

from perfsys.tenancy.rows import insert_rows

from .models import AuditEntry
from .verbs import VERBS, UndeclaredVerb

AT_ONCE = 1_000  # rows a statement
ALIKE = ("verb", "actor_id", "actor_name", "at", "details", "request_id", "address")  # in all entries of a bulk write


class Person(Protocol):
    """Whoever can act or be acted upon: an Employee. The record copies id and name, it holds no key."""

    @property
    def pk(self) -> Any: ...

    @property
    def name(self) -> str: ...


def record(
    verb: str,
    *,
    subject: models.Model,
    about: Person | None = None,
    actor: Person | None,
    at: datetime,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Say that `actor` (None: the system) did `verb` to `subject`, in the caller's transaction.

    `details` holds what changed as plain values, never texts of feedback, ratings or pay (security.md §3 item
    34). Request id and address come from the log context of the request or job. Raises UndeclaredVerb.
    """
    return AuditEntry.objects.create(**_entry(verb, subject, about, actor, at, details))


def record_many(
    verb: str, *, subjects: list[tuple[models.Model, Person | None]], actor: Person | None, at: datetime
) -> None:
    """The same for a bulk write: one entry per (subject, about), 1,000 a statement."""
    entries = [_entry(verb, subject, about, actor, at, None) for subject, about in subjects]
    same = {name: entries[0][name] for name in ALIKE} if entries else {}
    rows = [{name: value for name, value in entry.items() if name not in same} for entry in entries]
    for first in range(0, len(rows), AT_ONCE):
        insert_rows(AuditEntry, rows[first : first + AT_ONCE], same=same)


def _entry(
    verb: str,
    subject: models.Model,
    about: Person | None,
    actor: Person | None,
    at: datetime,
    details: dict[str, Any] | None,
) -> dict[str, Any]:
    if verb not in VERBS:
        raise UndeclaredVerb(verb)
    context = structlog.contextvars.get_contextvars()
    return {
        "verb": verb,
        "subject_type": subject._meta.label_lower,
        "subject_id": subject.pk,
        "subject_label": str(subject)[:200],
        "about_id": about.pk if about else None,
        "about_name": about.name if about else "",
        "actor_id": actor.pk if actor else None,
        "actor_name": actor.name if actor else "",
        "at": at,
        "details": details or {},
        "request_id": str(context.get("request_id", "")),
        "address": context.get("ip") or None,
    }
