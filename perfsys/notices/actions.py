"""Telling people, and what they answer."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import models, transaction
from django.utils.module_loading import import_string

from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.people.models import Employee

from . import events
from .kinds import kind_of
from .models import Notice, NoticePreferences

DELIVER = "notices.deliver"
Params = Mapping[str, str | int]


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
    declared = kind_of(kind)
    people = [to] if isinstance(to, Employee) else list(to)
    if not people:
        return
    notices = []
    for person in people:
        public_id = uuid.uuid4()
        notices.append(
            Notice(
                public_id=public_id,
                kind=kind,
                to=person,
                about=about,
                subject_type=subject._meta.label_lower if subject else "",
                subject_id=subject.pk if subject else None,
                params=dict(params or {}),
                url=url,
                key=key or str(public_id),
                bundle=bundle or str(public_id),
                asks=declared.asks,
                is_reminder=declared.reminder,
                at=at,
                mail=Notice.Mail.WAITING if declared.by_mail else Notice.Mail.NONE,
            )
        )
    Notice.objects.bulk_create(notices, batch_size=1_000, ignore_conflicts=True)
    if declared.by_mail:
        enqueue_once_per_transaction(DELIVER)


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
    bundle = f"{kind.partition('.')[0]}:{on.isoformat()}"
    notify(kind, to=to, at=at, subject=subject, about=about, params=params, url=url, key=key, bundle=bundle)


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
    record(events.REMINDER_CONFIRMED, subject=notice, about=notice.about, actor=actor, at=now)
    if path := notice.declared.on_confirm:
        import_string(path)(subject_id=notice.subject_id, actor=actor, note=note, now=now)


def confirm_subject(kind: str, subject: models.Model, *, actor: Employee, note: str = "", now: datetime) -> None:
    """For an app whose own page has the switch: close what people were told about `subject`. The app records it."""
    _close(Notice.objects.filter(kind=kind, subject_id=subject.pk), actor, note, now)


def settle(kind: str, subject_ids: Iterable[int]) -> int:
    """The facts have changed, or what was owed is done: close what people were told; returns how many notices."""
    return Notice.objects.filter(kind=kind, subject_id__in=list(subject_ids), state=Notice.State.OPEN).update(
        state=Notice.State.DONE
    )


def mark_read(person: Employee, *, now: datetime) -> None:
    Notice.objects.filter(to=person, read_at=None, at__lte=now).update(read_at=now)


@transaction.atomic
def change_preferences(person: Employee, *, by_mail: bool, digest: bool, now: datetime) -> None:
    wanted, _ = NoticePreferences.objects.update_or_create(
        employee=person, defaults={"by_mail": by_mail, "digest": digest}
    )
    record(
        events.PREFERENCES_CHANGED,
        subject=wanted,
        about=person,
        actor=person,
        at=now,
        details={"by_mail": by_mail, "digest": digest},
    )


def _close(same: models.QuerySet[Notice], actor: Employee, note: str, now: datetime) -> None:
    same.filter(state=Notice.State.OPEN).update(
        state=Notice.State.CONFIRMED, confirmed_by=actor, confirmed_by_name=actor.name, confirmed_at=now, note=note
    )
