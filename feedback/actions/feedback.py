"""Giving feedback, and what its receiver makes of it (product.md §3.1, §3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from feedback import events, rules
from feedback.access import CORRECTED_WITHIN, FOLLOWED_UP_AFTER
from feedback.audio import Recording
from feedback.models import (
    ActionItem,
    ActionState,
    Closing,
    FactKind,
    Feedback,
    FeedbackFact,
    FeedbackLike,
    FeedbackNote,
    FeedbackReaction,
    NoteKind,
    RequestRecipient,
    Source,
    Visibility,
)
from goals.models import EvidenceItem, Goal
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record
from perfsys.common.pictures import Picture
from perfsys.lexicon import vagueness
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.lexicon.queries import known_expressions
from perfsys.notices.actions import ask_again, forget, notify, settle
from perfsys.people.models import Employee
from perfsys.people.queries import levels_between

from . import request as requests
from .files import keep_picture, keep_recording

MOST_AN_HOUR = 60  # of one giver (security.md §3, item 21)


class Refused(Exception):
    """A feedback that cannot be sent like this; the form says which part."""


class ToOneself(Refused):
    """Choose a colleague: notes to oneself belong on the goal."""


class TooLong(Refused):
    """At most three sentences, an expected action of at most 20 characters."""


class NoFact(Refused):
    """Say where the fact is recorded."""


class NotForEveryone(Refused):
    """What could be better is for the receiver, not for the wall."""


class RetryLater(Refused):
    """More than 60 in an hour."""


class AlreadyWithdrawn(Exception):
    """The giver took it back meanwhile."""


class ChangedMeanwhile(Exception):
    """It was corrected since it was read: look at it again."""


class TooLateToCorrect(Exception):
    """After 24 hours it can only be added to."""


class TooEarly(Exception):
    """Give it a week; then ask how it is going."""


class AskedAlready(Exception):
    """The question before is not answered yet."""


@dataclass(frozen=True)
class Fact:
    """One thing that shows what happened; the field that belongs to `kind` is filled, `summary` goes with any."""

    kind: FactKind
    goal: Goal | None = None
    evidence: EvidenceItem | None = None
    url: str = ""
    summary: str = ""
    picture: Picture | None = None
    recording: Recording | None = None


@transaction.atomic
def give_feedback(
    *,
    giver: Employee,
    receiver: Employee,
    nature: str,
    tag: BehaviourTag,
    text: str,
    expected_action: str,
    facts: Sequence[Fact],
    visibility: str,
    key: str,
    now: datetime,
    is_vague: bool | None = None,
    answers: RequestRecipient | None = None,
) -> Feedback:
    """`key` comes with the form: sent twice, by a double tap or from a phone that was offline, it is one feedback, the
    first. `is_vague` where somebody looked already; else the words decide. `answers`: the receiver asked the giver for
    it; a request that was answered or taken back meanwhile stays as it is. Raises ToOneself, TooLong, NoFact,
    NotForEveryone, RetryLater."""
    if earlier := Feedback.objects.filter(giver=giver, key=key).first():
        return earlier
    _check(giver, receiver, nature, text, expected_action, visibility)
    if not facts:
        raise NoFact
    sent = Feedback.objects.filter(giver=giver, at__gt=now - timedelta(hours=1), source=Source.TYPED)
    if sent.count() >= MOST_AN_HOUR:
        raise RetryLater
    local_on = local_date(now)
    is_recognition = visibility == Visibility.EVERYONE
    feedback = Feedback(
        giver=giver,
        receiver=receiver,
        nature=nature,
        tag=tag,
        text=text.strip(),
        expected_action=expected_action.strip(),
        visibility=visibility,
        at=now,
        local_on=local_on,
        key=key,
        is_vague=_reads_vague(text) if is_vague is None else is_vague,
        levels_apart=levels_between(giver, receiver, local_on) if is_recognition else 0,
    )
    try:
        with transaction.atomic():
            feedback.save()
    except IntegrityError:  # the other tap was faster
        return Feedback.objects.get(giver=giver, key=key)
    for fact in facts:
        _keep_fact(feedback, fact)
    if answers is not None:
        requests.answer(recipient=answers, feedback=feedback, now=now)
    _tell_receiver(feedback, now)
    record(events.FEEDBACK_GIVEN, subject=feedback, about=receiver, actor=giver, at=now)
    return feedback


@transaction.atomic
def like(*, feedback: Feedback, actor: Employee, now: datetime) -> None:
    """ "This helped." From the receiver it closes the feedback; a second time is nothing."""
    locked = _locked(feedback)
    _like, is_new = FeedbackLike.objects.get_or_create(feedback=locked, person=actor, defaults={"at": now})
    if not is_new:
        return
    record(events.FEEDBACK_LIKED, subject=locked, about=locked.receiver, actor=actor, at=now)
    if locked.receiver_id == actor.pk:
        _close(locked, Closing.LIKED, actor, now)


@transaction.atomic
def unlike(*, feedback: Feedback, actor: Employee, now: datetime) -> None:
    """Taken back; a feedback that nothing else has closed is open again."""
    locked = _locked(feedback)
    FeedbackLike.objects.filter(feedback=locked, person=actor).delete()
    if locked.receiver_id == actor.pk and locked.closed_how == Closing.LIKED:
        locked.closed_at, locked.closed_how = None, ""
        _save(locked, "closed_at", "closed_how")
        ask_again(events.HOPE_RECEIVED, [locked.pk])
        record(events.FEEDBACK_REOPENED, subject=locked, about=locked.receiver, actor=actor, at=now)


@transaction.atomic
def react(*, feedback: Feedback, kind: str, actor: Employee, now: datetime) -> None:
    """A word beside a recognition; the same again is nothing. Raises AlreadyWithdrawn."""
    locked = _locked(feedback)
    said, is_new = FeedbackReaction.objects.get_or_create(
        feedback=locked, person=actor, kind=kind, defaults={"at": now}
    )
    if is_new:
        record(
            events.FEEDBACK_REACTED,
            subject=locked,
            about=locked.receiver,
            actor=actor,
            at=now,
            details={"kind": said.kind},
        )


@transaction.atomic
def unreact(*, feedback: Feedback, kind: str, actor: Employee, now: datetime) -> None:
    """Taken back. Raises AlreadyWithdrawn."""
    FeedbackReaction.objects.filter(feedback=_locked(feedback), person=actor, kind=kind).delete()


@transaction.atomic
def answer(*, feedback: Feedback, text: str, actor: Employee, key: str, now: datetime) -> FeedbackNote:
    """The receiver's words; they close it. `key` makes a double tap one answer."""
    locked = _locked(feedback)
    note, is_new = _noted(locked, NoteKind.ANSWER, text.strip(), actor, key, now)
    if is_new:
        _close(locked, Closing.ANSWERED, actor, now)
        _settle_question(locked, now)
    return note


@transaction.atomic
def clarify(*, feedback: Feedback, actor: Employee, now: datetime) -> None:
    """It was talked about and is clear; a second time is nothing."""
    locked = _locked(feedback)
    _close(locked, Closing.CLARIFIED, actor, now)
    _settle_question(locked, now)


@transaction.atomic
def take_on(*, feedback: Feedback, text: str, due_on: date, actor: Employee, key: str, now: datetime) -> ActionItem:
    """Turn it into an action of one's own with a date; closes it."""
    locked = _locked(feedback)
    said = {"feedback": locked, "text": text.strip(), "due_on": due_on}
    item, is_new = ActionItem.objects.get_or_create(owner=actor, key=key, defaults={**said, "made_at": now})
    if not is_new and (item.feedback_id, item.text) != (locked.pk, said["text"]):
        key = key_of_other_words(key, said["text"])
        item, is_new = ActionItem.objects.get_or_create(owner=actor, key=key, defaults={**said, "made_at": now})
    if not is_new:
        put_off(item=item, due_on=due_on, why="", actor=actor, now=now)  # sent again, with another day or the same
    else:
        record(events.ACTION_TAKEN_ON, subject=item, about=actor, actor=actor, at=now)
        _close(locked, Closing.ACTION, actor, now)
        _settle_question(locked, now)
    return item


@transaction.atomic
def finish_action(*, item: ActionItem, state: str, outcome: str = "", actor: Employee, now: datetime) -> None:
    """Done, or dropped with a reason; ActionState.OPEN takes that back. The same state again is nothing."""
    locked: ActionItem = ActionItem.objects.select_for_update(of=["self"]).get(pk=item.pk)
    if locked.state == state:
        return
    locked.state, locked.outcome = state, outcome.strip()
    locked.finished_at = None if state == ActionState.OPEN else now
    locked.version += 1
    locked.save(update_fields=["state", "outcome", "finished_at", "version"])
    if state != ActionState.OPEN:
        settle(events.ACTION_DUE, [locked.pk])
        settle(events.ACTION_LATE, [locked.pk])
    verbs = {
        ActionState.OPEN: events.ACTION_REOPENED,
        ActionState.DONE: events.ACTION_FINISHED,
        ActionState.DROPPED: events.ACTION_DROPPED,
    }
    record(verbs[ActionState(state)], subject=locked, about=actor, actor=actor, at=now)


@transaction.atomic
def put_off(*, item: ActionItem, due_on: date, why: str, actor: Employee, now: datetime) -> bool:
    """Not yet: another day, and why. The owner is told of that day anew. Of one that is finished, or due on that day
    already, it is nothing; whether it is due on that day now."""
    locked: ActionItem = ActionItem.objects.select_for_update(of=["self"]).get(pk=item.pk)
    if not locked.is_open or locked.due_on == due_on:
        return locked.is_open
    days = [locked.due_on.isoformat(), due_on.isoformat()]
    locked.due_on, locked.why_later = due_on, why.strip()
    locked.told_soon_on = locked.told_late_on = None
    locked.version += 1
    locked.save(update_fields=["due_on", "why_later", "told_soon_on", "told_late_on", "version"])
    settle(events.ACTION_DUE, [locked.pk])
    settle(events.ACTION_LATE, [locked.pk])
    record(events.ACTION_PUT_OFF, subject=locked, about=actor, actor=actor, at=now, details={"due_on": days})
    return True


@transaction.atomic
def correct(
    *,
    feedback: Feedback,
    text: str,
    expected_action: str,
    actor: Employee,
    now: datetime,
    is_vague: bool | None = None,
    version: int | None = None,
) -> Feedback:
    """Other words within 24 hours; every version is kept. To whom and who reads it stays. A receiver who took it up
    before hears of it once. `version` where they are to replace that one alone; words that stand already are nothing.
    Raises TooLateToCorrect, AlreadyWithdrawn, ChangedMeanwhile, TooLong."""
    locked = _to_correct(feedback, now)
    said = text.strip(), expected_action.strip()
    if said == (locked.text, locked.expected_action):
        return locked  # pressed twice, the second press has the version of before
    if version is not None and locked.version != version:
        raise ChangedMeanwhile
    _check(actor, locked.receiver, locked.nature, text, expected_action, locked.visibility)
    taken_up, before = _taken_up_at(locked), locked.corrected_at
    locked.text, locked.expected_action = said
    locked.is_vague = _reads_vague(text) if is_vague is None else is_vague
    locked.corrected_at = now
    _save(locked, "text", "expected_action", "is_vague", "corrected_at")
    record(events.FEEDBACK_CORRECTED, subject=locked, about=locked.receiver, actor=actor, at=now)
    if taken_up is not None and (before is None or before <= taken_up):
        _tell_of_other_words(locked, now)
    return locked


@transaction.atomic
def withdraw(*, feedback: Feedback, actor: Employee, now: datetime) -> None:
    """Nobody but the giver reads it any more. Raises TooLateToCorrect, AlreadyWithdrawn."""
    locked = _to_correct(feedback, now)
    locked.withdrawn_at = now
    _save(locked, "withdrawn_at")
    forget((events.HOPE_RECEIVED, events.PRAISE_RECEIVED, events.WORDS_CORRECTED), locked.pk)
    requests.ask_again(feedback=locked)
    record(events.FEEDBACK_WITHDRAWN, subject=locked, about=locked.receiver, actor=actor, at=now)


@transaction.atomic
def annotate(*, feedback: Feedback, text: str, actor: Employee, key: str, now: datetime) -> FeedbackNote:
    """What the giver adds after a day: the words that were sent stay."""
    locked = _locked(feedback)
    note, is_new = _noted(locked, NoteKind.ANNOTATION, text.strip(), actor, key, now)
    if is_new:
        record(events.FEEDBACK_ANNOTATED, subject=locked, about=locked.receiver, actor=actor, at=now)
    return note


@transaction.atomic
def follow_up(*, feedback: Feedback, text: str, actor: Employee, key: str, now: datetime) -> FeedbackNote:
    """The giver asks how it is going, a week after the feedback or the last question; the receiver's next answer
    settles it. Raises TooEarly, AskedAlready, AlreadyWithdrawn."""
    locked = _locked(feedback)
    asked = FeedbackNote.objects.filter(feedback=locked, kind=NoteKind.FOLLOW_UP).order_by("at", "pk")
    last: FeedbackNote | None = asked.last()
    if last is not None and last.text == text.strip() and last.key in (key, key_of_other_words(key, last.text)):
        return last
    if last is not None and last.answered_at is None:
        raise AskedAlready
    if now - (last.at if last else locked.at) < FOLLOWED_UP_AFTER:
        raise TooEarly
    note, _is_new = _noted(locked, NoteKind.FOLLOW_UP, text.strip(), actor, key, now)
    params = {"name": actor.name, "tag": locked.tag.name}
    notify(
        events.FOLLOW_UP_ASKED,
        to=locked.receiver,
        at=now,
        subject=locked,
        about=locked.receiver,
        params=params,
        url=_url(locked),
    )
    record(events.FOLLOWED_UP, subject=locked, about=locked.receiver, actor=actor, at=now)
    return note


def key_of_other_words(key: str, *words: object) -> str:
    """Of a form that was sent, gone back to, and sent again with other words: they are said as well, and once."""
    return str(uuid5(NAMESPACE_OID, " ".join((key, *map(str, words)))))


def _noted(
    feedback: Feedback, kind: NoteKind, text: str, author: Employee, key: str, now: datetime
) -> tuple[FeedbackNote, bool]:
    """The note, and whether it is new."""
    said = {"kind": kind, "text": text, "at": now}
    notes = FeedbackNote.objects
    note, is_new = notes.get_or_create(feedback=feedback, author=author, key=key, defaults=said)
    if is_new or note.text == text:
        return note, is_new
    return notes.get_or_create(feedback=feedback, author=author, key=key_of_other_words(key, text), defaults=said)


def _taken_up_at(feedback: Feedback) -> datetime | None:
    """When the receiver last said or did something with it: answered, liked, made an action of it, closed it."""
    own = feedback.receiver_id
    moments = (
        FeedbackNote.objects.filter(feedback=feedback, author=own).aggregate(at=Max("at"))["at"],
        FeedbackLike.objects.filter(feedback=feedback, person=own).aggregate(at=Max("at"))["at"],
        ActionItem.objects.filter(feedback=feedback, owner=own).aggregate(at=Max("made_at"))["at"],
        feedback.closed_at,
    )
    return max((at for at in moments if at is not None), default=None)


def _settle_question(feedback: Feedback, now: datetime) -> None:
    """What the receiver does with it says how it is going."""
    asked = FeedbackNote.objects.filter(feedback=feedback, kind=NoteKind.FOLLOW_UP, answered_at=None)
    if question := asked.first():
        question.answered_at = now
        question.save(update_fields=["answered_at"])
        settle(events.FOLLOW_UP_ASKED, [feedback.pk])
        _tell_giver(feedback, f"question {question.pk}", now)


def _reads_vague(text: str) -> bool:
    return vagueness.is_vague(text, known=known_expressions())


def _check(giver: Employee, receiver: Employee, nature: str, text: str, expected_action: str, visibility: str) -> None:
    if giver.pk == receiver.pk:
        raise ToOneself
    if not 0 < rules.sentences(text) <= rules.MOST_SENTENCES or not rules.action_fits(expected_action):
        raise TooLong
    if visibility == Visibility.EVERYONE and nature != Nature.POSITIVE:
        raise NotForEveryone


def _keep_fact(feedback: Feedback, fact: Fact) -> None:
    kept = FeedbackFact(
        feedback=feedback,
        kind=fact.kind,
        goal=fact.goal,
        evidence=fact.evidence,
        url=fact.url,
        summary=fact.summary.strip(),
    )
    if fact.picture is not None:
        keep_picture(kept, fact.picture)
    if fact.recording is not None:
        keep_recording(kept, fact.recording)
    kept.save()


def _tell_receiver(feedback: Feedback, now: datetime) -> None:
    notify(
        events.PRAISE_RECEIVED if feedback.nature == Nature.POSITIVE else events.HOPE_RECEIVED,
        to=feedback.receiver,
        at=now,
        subject=feedback,
        about=feedback.receiver,
        params={"name": feedback.giver.name, "tag": feedback.tag.name},
        url=_url(feedback),
    )


def _tell_of_other_words(feedback: Feedback, now: datetime) -> None:
    notify(
        events.WORDS_CORRECTED,
        to=feedback.receiver,
        at=now,
        subject=feedback,
        about=feedback.receiver,
        params={"name": feedback.giver.name},
        url=_url(feedback),
    )


def _tell_giver(feedback: Feedback, how: str, now: datetime) -> None:
    notify(
        events.FEEDBACK_MOVED,
        to=feedback.giver,
        at=now,
        subject=feedback,
        about=feedback.receiver,
        params={"name": feedback.receiver.name},
        url=_url(feedback),
        key=f"{feedback.pk}:{how}",
    )


def _url(feedback: Feedback) -> str:
    return reverse("feedback:one", kwargs={"tenant": tenant_slug(), "public_id": feedback.public_id})


def _locked(feedback: Feedback) -> Feedback:
    """Raises AlreadyWithdrawn."""
    locked: Feedback = (
        Feedback.objects.select_for_update(of=["self"]).select_related("giver", "receiver", "tag").get(pk=feedback.pk)
    )
    if locked.withdrawn_at is not None:
        raise AlreadyWithdrawn
    return locked


def _to_correct(feedback: Feedback, now: datetime) -> Feedback:
    locked = _locked(feedback)
    if now - locked.at >= CORRECTED_WITHIN:
        raise TooLateToCorrect
    return locked


def _close(feedback: Feedback, how: Closing, actor: Employee, now: datetime) -> None:
    """The first answer counts; what else the receiver does later changes nothing about that."""
    if feedback.closed_at is not None:
        return
    feedback.closed_at, feedback.closed_how = now, how
    _save(feedback, "closed_at", "closed_how")
    settle(events.HOPE_RECEIVED, [feedback.pk])
    _tell_giver(feedback, how, now)
    record(events.FEEDBACK_CLOSED, subject=feedback, about=feedback.receiver, actor=actor, at=now, details={"how": how})


def _save(feedback: Feedback, *names: str) -> None:
    feedback.version += 1
    feedback.save(update_fields=[*names, "version"])
