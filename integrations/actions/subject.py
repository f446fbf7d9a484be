"""Subjects: found after each sync, linked by people, by date (product.md §5.3)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import F

from integrations import events
from integrations.models import Connection, LinkedBy, Subject, SubjectLink, SubjectLinkEvent
from integrations.queries.subject import Counted, count_subjects, declared, never_linked, suggestions
from perfsys.audit.actions import Person, record, record_many
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.rows import Row, insert_rows, update_rows

from .connection import StaleVersion

AT_ONCE = 1_000  # rows a statement


class LinkedAlready(Exception):
    """The subject is this very person or unit on that day: nothing to do."""


class NeedsADay(Exception):
    """Somebody else is linked: say from which day the new one holds, so that what was before stays theirs."""


@transaction.atomic
def find_subjects(*, connection: Connection, streams: Collection[str], zone: ZoneInfo, now: datetime) -> int:
    """Whom the records name now, and how many name each; after rows of `streams` came. How many are new. Those that no
    record names any more stay, with none."""
    kinds = {about.kind for stream, about in declared(connection) if stream.name in streams}
    if not kinds:
        return 0
    counted = count_subjects(connection, kinds, zone)
    held = Subject.objects.filter(connection=connection, kind__in=kinds).exclude(value="")
    known = {
        (kind, value): (pk, tuple(said))
        for pk, kind, value, *said in held.values_list(
            "pk", "kind", "value", "of", "records", "first_on", "name", "email", "unit"
        )
    }
    new = [
        {"kind": kind, "value": value, **_columns(one)} for (kind, value), one in counted.items()
        if (kind, value) not in known
    ]  # fmt: skip
    changed = [
        {"id": known[key][0], **_columns(one)} for key, one in counted.items()
        if key in known and known[key][1] != tuple(_columns(one).values())
    ]  # fmt: skip
    for some in _chunks(new):
        same = {"connection_id": connection.pk, "first_seen_at": now, "counted_at": now}
        insert_rows(Subject, some, same=same, ignore_conflicts=True)
    for some in _chunks(changed):
        update_rows(Subject, some, same={"counted_at": now})
    gone = [known[key][0] for key in known.keys() - counted.keys() if known[key][1][1]]
    for start in range(0, len(gone), AT_ONCE):
        Subject.objects.filter(pk__in=gone[start : start + AT_ONCE]).update(records=0, counted_at=now)
    return len(new)


@transaction.atomic
def link_subject(
    *,
    subject: Subject,
    version: int,
    to: Employee | OrgUnit | None,
    starts_on: date | None,
    actor: Employee | None,
    now: datetime,
    how: str = LinkedBy.HAND,
) -> None:
    """From `starts_on` on the subject is this one, or (None) nobody; what was before stays as it was, and so does what
    was already decided for later. Without a day it holds from the beginning. Raises StaleVersion, LinkedAlready,
    NeedsADay."""
    locked = _locked(subject, version)
    links = list(SubjectLink.objects.filter(subject=locked).order_by(F("starts_on").asc(nulls_first=True)))
    if starts_on is None and links:
        raise NeedsADay
    covering = next((link for link in links if _covers(link, starts_on)), None)
    until = min((on for link in links if (on := link.starts_on) and _is_later(link, starts_on)), default=None)
    before = covering.pk if covering else None  # deleting it takes its id
    if covering is not None:
        if to is not None and _is_of(covering, to):
            raise LinkedAlready
        until = covering.ends_on
        _end(covering, starts_on)
    elif to is None:
        raise LinkedAlready
    if to is not None:
        ended, replaced = (None, before) if covering and covering.starts_on == starts_on else (before, None)
        made = _link(locked, to, starts_on, until, ended, replaced, how, actor, now)
        next_ones = SubjectLink.objects.filter(subject=locked, starts_on=until) if until else SubjectLink.objects.none()
        if covering is not None:  # what ended that one ends this one now
            next_ones = next_ones.filter(ended=before)
        next_ones.update(ended=made.pk)
    Subject.objects.filter(pk=locked.pk).update(version=F("version") + 1)
    about = to if isinstance(to, Employee) else None
    details = {"to": to.name if to else "", "starts_on": starts_on.isoformat() if starts_on else ""}
    record(events.SUBJECT_LINKED, subject=locked, about=about, actor=actor, at=now, details=details)


@transaction.atomic
def take_back_link(*, link: SubjectLink, actor: Employee | None, now: datetime) -> None:
    """As if it had never been made: whoever it ended is linked on, whoever it replaced again. A second press is
    nothing."""
    subject: Subject = Subject.objects.select_for_update().get(pk=link.subject_id)
    found = SubjectLink.objects.filter(pk=link.pk).first()
    if found is None:
        return
    SubjectLink.objects.filter(pk=found.pk).delete()
    before = _restored(found) if found.replaced is not None else _continued(found)
    SubjectLink.objects.filter(subject=subject, ended=found.pk).update(ended=before)
    Subject.objects.filter(pk=subject.pk).update(version=F("version") + 1)
    record(events.LINK_TAKEN_BACK, subject=subject, about=found.employee, actor=actor, at=now)


@transaction.atomic
def accept_sure_suggestions(*, connection: Connection, on: date, actor: Employee | None, now: datetime) -> int:
    """Link all that have never been linked and of which nothing speaks against the suggestion; how many."""
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)  # two presses, one set of links
    waiting = {one.pk: one for one in never_linked(connection)}
    sure = [(waiting[pk], found) for pk, found in suggestions(waiting.values(), on).items() if found.is_sure]
    rows: list[Row] = [
        {
            "subject_id": subject.pk,
            "employee_id": found.who.pk if isinstance(found.who, Employee) else None,
            "unit_id": found.who.pk if isinstance(found.who, OrgUnit) else None,
            "how": found.how,
        }
        for subject, found in sure
    ]
    for some in _chunks(rows):
        insert_rows(SubjectLink, some, same={"by_id": actor.pk if actor else None, "at": now})
    Subject.objects.filter(pk__in=[subject.pk for subject, _found in sure]).update(version=F("version") + 1)
    told: list[tuple[models.Model, Person | None]] = [
        (subject, found.who if isinstance(found.who, Employee) else None) for subject, found in sure
    ]
    record_many(events.SUBJECT_LINKED, subjects=told, actor=actor, at=now)
    return len(sure)


def _columns(one: Counted) -> Row:
    return {name: getattr(one, name) for name in ("of", "records", "first_on", "name", "email", "unit")}


def _chunks(rows: list[Row]) -> Iterable[list[Row]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _locked(subject: Subject, version: int) -> Subject:
    locked: Subject = Subject.objects.select_for_update().get(pk=subject.pk)
    if locked.version != version:
        raise StaleVersion
    return locked


def _covers(link: SubjectLink, on: date | None) -> bool:
    if on is None:
        return link.starts_on is None
    return (link.starts_on is None or link.starts_on <= on) and (link.ends_on is None or on < link.ends_on)


def _is_later(link: SubjectLink, on: date | None) -> bool:
    return link.starts_on is not None and (on is None or link.starts_on > on)


def _is_of(link: SubjectLink, to: Employee | OrgUnit) -> bool:
    return to.pk == (link.employee_id if isinstance(to, Employee) else link.unit_id)


def _end(link: SubjectLink, on: date | None) -> None:
    """An empty span is a row that never held."""
    if link.starts_on == on:
        link.delete()
    else:
        link.ends_on = on
        link.save(update_fields=["ends_on"])


def _restored(link: SubjectLink) -> int:
    """The one whose place `link` took, as its history has it, for as long as `link` held. Its id."""
    history: Any = SubjectLinkEvent.objects
    was = history.filter(pgh_obj=link.replaced, pgh_label="delete").order_by("-pgh_id")
    kept = was.values(*(field.attname for field in SubjectLink._meta.concrete_fields if field.name != "tenant"))[0]
    restored = SubjectLink(**kept | {"ends_on": link.ends_on})
    restored.save(force_insert=True)
    return restored.pk


def _continued(link: SubjectLink) -> int | None:
    """The one that `link` ended, if it still ends there, goes on. Its id."""
    if link.ended is None:
        return None
    before = SubjectLink.objects.filter(pk=link.ended, ends_on=link.starts_on).first()
    if before is None:
        return None
    before.ends_on = link.ends_on
    before.save(update_fields=["ends_on"])
    return before.pk


def _link(
    subject: Subject,
    to: Employee | OrgUnit,
    starts_on: date | None,
    ends_on: date | None,
    ended: int | None,
    replaced: int | None,
    how: str,
    actor: Employee | None,
    now: datetime,
) -> SubjectLink:
    employee, unit = (to, None) if isinstance(to, Employee) else (None, to)
    made: SubjectLink = SubjectLink.objects.create(
        subject=subject,
        employee=employee,
        unit=unit,
        starts_on=starts_on,
        ends_on=ends_on,
        how=how,
        by=actor,
        at=now,
        ended=ended,
        replaced=replaced,
    )
    return made
