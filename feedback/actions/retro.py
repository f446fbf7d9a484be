"""What a person does with the own week: answer, skip, show it to the manager (product.md §6.1).

Who answered and who skipped is not recorded: administrators read the record, and of a week they are to know counts of
groups (security.md §2). Whom it is shown to is.
"""

from datetime import datetime

from django.db import transaction

from feedback import events
from feedback.models import Retro
from feedback.retro import Ask, from_data
from perfsys.audit.actions import record
from perfsys.notices.actions import settle
from perfsys.people.models import Employee


class TooLate(Exception):
    """The week closed on Monday at noon; what was answered until then stays, and the next one comes on Friday."""


class NoSuchOption(Exception):
    """Choose one of the options."""


class AnswerFirst(Exception):
    """There is nothing to show before the questions are answered."""


@transaction.atomic
def answer(*, retro: Retro, ask: str, key: str, now: datetime) -> Retro:
    """Choose an option of one question; another one may be chosen while the week is open. With the third the weekly
    report is there. The same again is nothing. Raises TooLate, NoSuchOption."""
    locked = _open(retro, now)
    asked = {question.ask: question for question in from_data(locked.questions)}
    if ask not in asked or asked[Ask(ask)].option(key) is None:
        raise NoSuchOption
    if locked.answers.get(ask) == key and locked.skipped_at is None:
        return locked
    locked.answers[ask] = key
    is_first = locked.answered_at is None and set(locked.answers) == set(asked)
    if is_first:
        locked.answered_at = now
    locked.skipped_at = None
    _save(locked, "answers", "answered_at", "skipped_at")
    if is_first:
        settle(events.RETRO_OPEN, [locked.pk])
    return locked


@transaction.atomic
def skip(*, retro: Retro, now: datetime) -> None:
    """Not this week, and nobody asks why. Of one that is answered nothing is left to skip. Raises TooLate."""
    locked = _open(retro, now)
    if locked.answered_at is not None or locked.skipped_at is not None:
        return
    locked.skipped_at = now
    _save(locked, "skipped_at")
    settle(events.RETRO_OPEN, [locked.pk])


@transaction.atomic
def resume(*, retro: Retro, now: datetime) -> None:
    """After all. Raises TooLate."""
    locked = _open(retro, now)
    if locked.skipped_at is not None:
        locked.skipped_at = None
        _save(locked, "skipped_at")


@transaction.atomic
def share(*, retro: Retro, manager: Employee, actor: Employee, now: datetime) -> None:
    """Show it to the direct manager of now, to nobody who comes after. Raises TooLate, AnswerFirst."""
    locked = _open(retro, now)
    if locked.answered_at is None:
        raise AnswerFirst
    if locked.shared_with_manager_at is not None and locked.shared_with_id == manager.pk:
        return
    locked.shared_with, locked.shared_with_manager_at = manager, now
    _save(locked, "shared_with", "shared_with_manager_at")
    record(events.RETRO_SHARED, subject=locked, about=actor, actor=actor, at=now)


@transaction.atomic
def unshare(*, retro: Retro, actor: Employee, now: datetime) -> None:
    """Until the week closes. Raises TooLate."""
    locked = _open(retro, now)
    if locked.shared_with_manager_at is None:
        return
    locked.shared_with, locked.shared_with_manager_at = None, None
    _save(locked, "shared_with", "shared_with_manager_at")
    record(events.RETRO_UNSHARED, subject=locked, about=actor, actor=actor, at=now)


def skip_from_inbox(*, subject_id: int, actor: Employee, note: str, now: datetime) -> None:
    """The switch of the reminder. What is answered or closed meanwhile needs no word."""
    retro = _own(subject_id, actor)
    if retro is not None and retro.week.closes_at > now:
        skip(retro=retro, now=now)


def resume_from_inbox(*, subject_id: int, actor: Employee, now: datetime) -> bool:
    """Whether it asks again: while the week is open and not answered."""
    retro = _own(subject_id, actor)
    if retro is None or retro.answered_at is not None or retro.week.closes_at <= now:
        return False
    resume(retro=retro, now=now)
    return True


def _own(retro_id: int, person: Employee) -> Retro | None:
    found: Retro | None = Retro.objects.filter(pk=retro_id, person=person).select_related("week").first()
    return found


def _open(retro: Retro, now: datetime) -> Retro:
    """Locked. Raises TooLate."""
    locked: Retro = Retro.objects.select_for_update(of=["self"]).select_related("week").get(pk=retro.pk)
    if locked.week.closes_at <= now:
        raise TooLate
    return locked


def _save(retro: Retro, *names: str) -> None:
    retro.version += 1
    retro.save(update_fields=[*names, "version"])
