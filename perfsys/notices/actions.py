"""Telling people, and what they answer."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string

from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.people.models import Employee
from perfsys.tenancy.rows import Row, insert_rows

from . import events
from .kinds import kind_of
from .models import Delivery, Notice, NoticePreferences

DELIVER = "notices.deliver"
BATCH = 1_000  # rows a statement
Params = Mapping[str, str | int]


@dataclass(frozen=True)
class Telling:
    """One thing to tell one person; `params`, `url` and `key` as for `notify`, people and subject by id."""

    to_id: int
    about_id: int | None = None
    subject_id: int | None = None
    params: Params = field(default_factory=dict)
    url: str = ""
    key: str = ""


@transaction.atomic
def notify(
    kind: str,
    *,
    to: Employee | Iterable[Employee],
    at: datetime,
    subject: models.Model | None = None,
    about: Employee | None = None,
    params: Params | None = None,
    url: str = "",
    key: str = "",
    bundle: str = "",
) -> None:
    """Tell each of `to` something, in the caller's transaction; one statement however many they are.

    `params` fill the kind's sentence, `url` is the path of the page it leads to. With a `key`, the same kind and key
    to the same person is told once; with a `bundle`, a person's notices of it leave the app in one message. Raises
    UndeclaredKind.
    """
    people = [to] if isinstance(to, Employee) else list(to)
    told = [
        Telling(
            to_id=person.pk,
            about_id=about.pk if about else None,
            subject_id=subject.pk if subject else None,
            params=params or {},
            url=url,
            key=key,
        )
        for person in people
    ]
    _tell(kind, told, subject._meta.label_lower if subject else "", at, bundle)


@transaction.atomic
def notify_all(kind: str, told: Sequence[Telling], *, of: type[models.Model], on: date, at: datetime) -> None:
    """Tell many people many things of one kind, each about a row of `of`: a statement for each 1,000. They are
    digestable (see below): a person's share of the day (the tenant's) is one message. Raises UndeclaredKind."""
    _tell(kind, told, of._meta.label_lower, at, bundle_of_day(kind, on))


def notify_digestable(
    kind: str,
    *,
    to: Employee | Iterable[Employee],
    on: date,
    at: datetime,
    subject: models.Model | None = None,
    about: Employee | None = None,
    params: Params | None = None,
    url: str = "",
    key: str = "",
) -> None:
    """The same for what comes in numbers, such as goal alerts: whatever a person is told of one app on one day
    (the tenant's) is one message, however many notices it holds (product.md §2.8)."""
    notify(
        kind,
        to=to,
        at=at,
        subject=subject,
        about=about,
        params=params,
        url=url,
        key=key,
        bundle=bundle_of_day(kind, on),
    )


@transaction.atomic
def confirm(notice: Notice, *, actor: Employee, note: str = "", now: datetime) -> None:
    """ "Normal, a deliberate change": closes the reminder for everyone who was told the same, and says so to the app
    it came from. A second press, by anyone, is nothing. The caller has fetched it by `access.reminder_to_confirm`."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != Notice.State.OPEN:
        return
    same = Notice.objects.filter(pk=notice.pk)
    if notice.subject_id is not None:
        same = Notice.objects.filter(kind=notice.kind, subject_id=notice.subject_id)
    _close(same, actor, note, now)
    if notice.declared.on_record:
        record(events.REMINDER_CONFIRMED, subject=notice, about=notice.about, actor=actor, at=now)
    if path := notice.declared.on_confirm:
        import_string(path)(subject_id=notice.subject_id, actor=actor, note=note, now=now)


@transaction.atomic
def undo(notice: Notice, *, actor: Employee, now: datetime) -> None:
    """Take the answer back, for everyone who was told the same; the app it came from may say that it is too late. The
    caller has fetched it by `access.reminder_to_undo`."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != Notice.State.CONFIRMED:
        return
    path = notice.declared.on_undo
    if path and not import_string(path)(subject_id=notice.subject_id, actor=actor, now=now):
        return
    same = Notice.objects.filter(pk=notice.pk)
    if notice.subject_id is not None:
        same = Notice.objects.filter(kind=notice.kind, subject_id=notice.subject_id)
    _reopen(same)
    if notice.declared.on_record:
        record(events.CONFIRMATION_UNDONE, subject=notice, about=notice.about, actor=actor, at=now)


def confirm_subject(kind: str, subject: models.Model, *, actor: Employee, note: str = "", now: datetime) -> None:
    """For an app whose own page has the switch: close what people were told about `subject`. The app records it."""
    _close(Notice.objects.filter(kind=kind, subject_id=subject.pk), actor, note, now)


def reopen_subject(kind: str, subject: models.Model) -> None:
    """For the app's own page: the answer was taken back. The app records it."""
    _reopen(Notice.objects.filter(kind=kind, subject_id=subject.pk))


def settle(kind: str, subject_ids: Iterable[int]) -> int:
    """The facts have changed, or what was owed is done: close what people were told; returns how many notices."""
    return Notice.objects.filter(kind=kind, subject_id__in=list(subject_ids), state=Notice.State.OPEN).update(
        state=Notice.State.DONE
    )


@transaction.atomic
def forget(kinds: Iterable[str], subject_id: int) -> None:
    """What people were told about was taken back and opens for none of them any more: nor do they read that it was. A
    message on its way that would hold nothing else is not sent."""
    told = Notice.objects.filter(kind__in=list(kinds), subject_id=subject_id)
    messages = [pk for pk in told.values_list("delivery", flat=True) if pk]
    told.delete()
    if messages:
        Delivery.objects.filter(pk__in=messages, state=Delivery.State.WAITING, notices=None).delete()


def settle_before(kind: str, moment: datetime) -> int:
    """What is told next takes their place: close what people were told of it before; returns how many notices."""
    return Notice.objects.filter(kind=kind, at__lt=moment, state=Notice.State.OPEN).update(state=Notice.State.DONE)


def ask_again(kind: str, subject_ids: Iterable[int]) -> int:
    """What was done was taken back: what people were told waits for them again; returns how many notices."""
    return Notice.objects.filter(kind=kind, subject_id__in=list(subject_ids), state=Notice.State.DONE).update(
        state=Notice.State.OPEN
    )


def mark_read(person: Employee, *, now: datetime) -> None:
    Notice.objects.filter(to=person, read_at=None, at__lte=now).update(read_at=now)


@transaction.atomic
def change_preferences(person: Employee, *, by_mail: bool, digest: bool, by_text: bool = False, now: datetime) -> None:
    chosen = {"by_mail": by_mail, "digest": digest, "by_text": by_text}
    wanted, _ = NoticePreferences.objects.update_or_create(employee=person, defaults=chosen)
    record(
        events.PREFERENCES_CHANGED,
        subject=wanted,
        about=person,
        actor=person,
        at=now,
        details=chosen,
    )


def _close(same: models.QuerySet[Notice], actor: Employee, note: str, now: datetime) -> None:
    same.filter(state=Notice.State.OPEN).update(
        state=Notice.State.CONFIRMED, confirmed_by=actor, confirmed_by_name=actor.name, confirmed_at=now, note=note
    )


def _reopen(same: models.QuerySet[Notice]) -> None:
    same.filter(state=Notice.State.CONFIRMED).update(
        state=Notice.State.OPEN, confirmed_by=None, confirmed_by_name="", confirmed_at=None, note=""
    )


def bundle_of_day(kind: str, on: date) -> str:
    return f"{kind.partition('.')[0]}:{on.isoformat()}"


def _tell(kind: str, told: Sequence[Telling], subject_type: str, at: datetime, bundle: str) -> None:
    declared = kind_of(kind)
    if not told:
        return
    same = {
        "kind": kind,
        "asks": declared.asks,
        "is_reminder": declared.reminder,
        "at": at,
        "mail": Notice.Mail.WAITING if declared.by_mail else Notice.Mail.NONE,
    }
    for first in range(0, len(told), BATCH):
        rows = [_row(one, subject_type, bundle) for one in told[first : first + BATCH]]
        insert_rows(Notice, [same | row for row in rows], ignore_conflicts=True)
    if declared.by_mail:
        enqueue_once_per_transaction(DELIVER)
    if declared.by_text:
        _offer_texts(kind, [one.to_id for one in told], at)


def _offer_texts(kind: str, people: Collection[int], at: datetime) -> None:
    """What was told just now, to those who chose to have it as a text message and have a number: whoever sends those
    takes it from there (settings.NOTICE_TEXTS), in the caller's transaction."""
    willing = NoticePreferences.objects.filter(employee__in=people, by_text=True).values("employee")
    reached = Employee.objects.filter(pk__in=willing, status=Employee.Status.ACTIVE).exclude(mobile="")
    told = Notice.objects.filter(kind=kind, at=at, to__in=reached.values("pk"), state=Notice.State.OPEN)
    if found := list(told.order_by("pk")):
        for path in settings.NOTICE_TEXTS:
            import_string(path)(found, at=at)


def _row(one: Telling, subject_type: str, bundle: str) -> Row:
    public_id = str(uuid.uuid4())
    return {
        "public_id": public_id,
        "to_id": one.to_id,
        "about_id": one.about_id,
        "subject_type": subject_type if one.subject_id is not None else "",
        "subject_id": one.subject_id,
        "params": dict(one.params),
        "url": one.url,
        "key": one.key or public_id,
        "bundle": bundle or public_id,
    }
