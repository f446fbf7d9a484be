"""Reading the record."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise

from .models import AuditEntry
from .verbs import BETWEEN_TWO, THINGS, VERBS, WITHHELD, WITHHELD_SUBJECTS

PER_PAGE = 50
DAYS = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b")


@dataclass(frozen=True)
class Filters:
    """Empty ones let everything through; `until` is the last day that counts. Dates are the tenant's."""

    verb: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """An entry as its reader sees it. `who` is empty for the system itself, `about` where it is nobody, or not told."""

    at: datetime
    who: str
    what: str | Promise
    which: str
    about: str


@dataclass(frozen=True)
class Page:
    """`older` is what to ask for as `before` to see the entries before these; None on the last page."""

    lines: list[Line]
    older: int | None


def page(filters: Filters, *, zone: ZoneInfo, before: int | None = None) -> Page:
    """Newest first, from the entry before `before`, without what is withheld; one query, however long the record is."""
    found = AuditEntry.objects.exclude(_withheld()).order_by("-pk")
    if filters.verb:
        found = found.filter(verb=filters.verb)
    if filters.person:
        about = Q(about_name__icontains=filters.person) & ~Q(verb__in=BETWEEN_TWO)
        found = found.filter(Q(actor_name__icontains=filters.person) | about)
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since, zone))
    if filters.until:
        found = found.filter(at__lt=_midnight(filters.until + timedelta(days=1), zone))
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found[: PER_PAGE + 1])
    return Page([_line(entry) for entry in rows[:PER_PAGE]], rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else None)


def _line(entry: AuditEntry) -> Line:
    about = "" if entry.verb in BETWEEN_TWO else entry.about_name
    what = VERBS.get(entry.verb, entry.verb)
    return Line(entry.at, entry.actor_name, what, _which(entry), about)


def _which(entry: AuditEntry) -> str:
    """The label where it is a name or a title; else the kind of thing and the days that tell it from others."""
    if (words := THINGS.get(entry.subject_type)) is None:
        return entry.subject_label
    if callable(words):
        return words(entry.subject_label)
    return " ".join([str(words), *DAYS.findall(entry.subject_label)])


def _withheld() -> Q:
    kept_back = Q(verb__in=WITHHELD)
    for subject_type, label in WITHHELD_SUBJECTS:
        kept_back |= Q(subject_type=subject_type, subject_label__startswith=label)
    return kept_back


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone)
