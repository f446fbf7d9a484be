"""Reading the record."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from .models import AuditEntry
from .verbs import WITHHELD, WITHHELD_SUBJECTS

PER_PAGE = 50


@dataclass(frozen=True)
class Filters:
    """Empty ones let everything through; `until` is the last day that counts. Dates are the tenant's."""

    verb: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Page:
    """`older` is what to ask for as `before` to see the entries before these; None on the last page."""

    entries: list[AuditEntry]
    older: int | None


def entries(filters: Filters, *, zone: ZoneInfo, before: int | None = None) -> Page:
    """Newest first, from the entry before `before`, without what is withheld; one query, however long the record is."""
    found = AuditEntry.objects.exclude(_withheld()).order_by("-pk")
    if filters.verb:
        found = found.filter(verb=filters.verb)
    if filters.person:
        found = found.filter(Q(actor_name__icontains=filters.person) | Q(about_name__icontains=filters.person))
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since, zone))
    if filters.until:
        found = found.filter(at__lt=_midnight(filters.until + timedelta(days=1), zone))
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found[: PER_PAGE + 1])
    return Page(rows[:PER_PAGE], rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else None)


def _withheld() -> Q:
    kept_back = Q(verb__in=WITHHELD)
    for subject_type, label in WITHHELD_SUBJECTS:
        kept_back |= Q(subject_type=subject_type, subject_label__startswith=label)
    return kept_back


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone)
