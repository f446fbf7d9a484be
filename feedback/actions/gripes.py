"""Suggesting, voting, answering (product.md §6.4)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac

from feedback import events
from feedback.models import Gripe, GripeDay, GripeState, GripeVote, GripeWaiting
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record
from perfsys.notices.actions import notify
from perfsys.people.actions import StaleVersion
from perfsys.people.models import Employee


class NotOpen(Exception):
    """Gripe day is over, or has not begun."""


class AlreadyAnswered(Exception):
    """Open it again first."""


class HasVotes(Exception):
    """Others are for it by now: it stays."""


class NotTheSame(Exception):
    """Choose an open suggestion of the same gripe day."""


@transaction.atomic
def suggest(
    *, day: GripeDay, area: str, title: str, text: str, author: Employee, key: str, now: datetime
) -> Gripe | None:
    """With a name, at once on the list. None where it was sent before and is gone since. Raises NotOpen."""
    if not day.is_open(local_date(now)):
        raise NotOpen
    made = Gripe(day=day, area=area, title=title, text=text, author=author, key=key)
    Gripe.objects.bulk_create([made], ignore_conflicts=True)
    found: Gripe | None = Gripe.objects.filter(author=author, key=key).first()
    if found is not None and found.pk == made.pk:
        record(events.GRIPE_POSTED, subject=found, about=author, actor=author, at=now)
    return found


@transaction.atomic
def suggest_unnamed(*, day: GripeDay, area: str, title: str, text: str, key: str, on: date) -> None:
    """Without a name: nothing here knows who, so nothing can keep it. Not recorded either, for the record has an
    address and a moment. On the list when the day is over (`gripe_days.turn_the_day`). Raises NotOpen."""
    if not day.is_open(on):
        raise NotOpen
    # Who goes back to the form and sends it again with a name leaves the form's key beside the name.
    kept = salted_hmac("feedback.gripe_waiting", key, algorithm="sha256").hexdigest()
    waiting = GripeWaiting(day=day, area=area, title=title, text=text, key=kept)
    GripeWaiting.objects.bulk_create([waiting], ignore_conflicts=True)


@transaction.atomic
def withdraw(*, gripe: Gripe, actor: Employee, now: datetime) -> None:
    """Nothing of it is left. Raises HasVotes, AlreadyAnswered."""
    locked = _locked(gripe)
    if locked.state != GripeState.OPEN or locked.joined_with_id or locked.joined.exists():
        raise AlreadyAnswered
    if locked.votes.exclude(voter=actor).exists():
        raise HasVotes
    record(events.GRIPE_WITHDRAWN, subject=locked, about=actor, actor=actor, at=now)
    locked.delete()


@transaction.atomic
def vote(*, gripe: Gripe, voter: Employee, on: date) -> None:
    """For it, once; neither recorded nor told to anybody. Raises NotOpen."""
    head = _taking_votes(gripe, on)
    if not _votes_for(head, voter).exists():
        GripeVote.objects.bulk_create([GripeVote(gripe=head, voter=voter)], ignore_conflicts=True)


@transaction.atomic
def unvote(*, gripe: Gripe, voter: Employee, on: date) -> None:
    """Raises NotOpen."""
    _votes_for(_taking_votes(gripe, on), voter).delete()


@transaction.atomic
def adopt(*, gripe: Gripe, answer: str, owner: Employee, version: int, actor: Employee | None, now: datetime) -> Gripe:
    """It goes on the change list with `owner` and today's date; whoever proposed it by name is thanked, the others on
    the list. Raises AlreadyAnswered, StaleVersion."""
    decided = _decide(gripe, GripeState.ADOPTED, answer, owner, version, now)
    record(events.GRIPE_ADOPTED, subject=decided, about=owner, actor=actor, at=now)
    _tell_authors(events.GRIPE_THANKED, decided, now, name=owner.name)
    if actor is None or owner.pk != actor.pk:
        about: dict[str, str] = {"title": decided.title}
        notify(events.GRIPE_TO_CARRY_OUT, to=owner, subject=decided, params=about, url=url_of(decided), at=now)
    return decided


@transaction.atomic
def decline(*, gripe: Gripe, answer: str, version: int, actor: Employee | None, now: datetime) -> Gripe:
    """Not taken up, with the reason. Raises AlreadyAnswered, StaleVersion."""
    decided = _decide(gripe, GripeState.DECLINED, answer, None, version, now)
    record(events.GRIPE_DECLINED, subject=decided, actor=actor, at=now)
    _tell_authors(events.GRIPE_ANSWERED, decided, now)
    return decided


@transaction.atomic
def reopen(*, gripe: Gripe, actor: Employee | None, now: datetime) -> None:
    """Take an answer back, or a joining: its votes are its own again. Of an open one there is nothing to take back."""
    locked = _locked(gripe)
    if locked.state == GripeState.OPEN and locked.joined_with_id is None:
        return
    was = "joined" if locked.joined_with_id else locked.state
    locked.state, locked.joined_with, locked.answer = GripeState.OPEN, None, ""
    locked.decided_on, locked.owner = None, None
    _save(locked)
    record(events.GRIPE_REOPENED, subject=locked, actor=actor, at=now, details={"was": was})


@transaction.atomic
def join(*, gripe: Gripe, to: Gripe, actor: Employee | None, now: datetime) -> None:
    """The same as `to`: read there, and whoever voted for both counts once. What was joined with `gripe` comes along.
    Raises NotTheSame."""
    rows = Gripe.objects.select_for_update().filter(pk__in=[gripe.pk, to.pk], state=GripeState.OPEN, joined_with=None)
    found = {one.pk: one for one in rows.order_by("pk")}
    if len(found) != 2 or gripe.day_id != to.day_id:
        raise NotTheSame
    joined = found[gripe.pk]
    Gripe.objects.filter(joined_with=joined).update(joined_with=found[to.pk])
    joined.joined_with = found[to.pk]
    _save(joined)
    record(events.GRIPES_JOINED, subject=joined, actor=actor, at=now, details={"with": to.pk})


def url_of(gripe: Gripe) -> str:
    return reverse("feedback:gripe", kwargs={"tenant": tenant_slug(), "public_id": gripe.public_id})


def _decide(gripe: Gripe, state: GripeState, answer: str, owner: Employee | None, version: int, now: datetime) -> Gripe:
    locked = _locked(gripe)
    if locked.state != GripeState.OPEN or locked.joined_with_id:
        raise AlreadyAnswered
    if locked.version != version:
        raise StaleVersion
    locked.state, locked.answer, locked.owner, locked.decided_on = state, answer, owner, local_date(now)
    _save(locked)
    return locked


def _tell_authors(kind: str, decided: Gripe, now: datetime, **params: str) -> None:
    for one in [decided, *Gripe.objects.filter(joined_with=decided).select_related("author")]:
        if one.author is not None and one.author.is_active:
            told: dict[str, str] = {"title": one.title, **params}
            notify(kind, to=one.author, about=one.author, subject=one, params=told, url=url_of(decided), at=now)


def _locked(gripe: Gripe) -> Gripe:
    locked: Gripe = Gripe.objects.select_for_update(of=["self"]).get(pk=gripe.pk)
    return locked


def _taking_votes(gripe: Gripe, on: date) -> Gripe:
    """The one whose page counts; its row is locked, so that two taps at once are one vote."""
    head = _locked(gripe.joined_with or gripe)
    if head.state != GripeState.OPEN or not gripe.day.takes_votes(on):
        raise NotOpen
    return head


def _votes_for(head: Gripe, voter: Employee) -> QuerySet[GripeVote]:
    return GripeVote.objects.filter(Q(gripe=head) | Q(gripe__joined_with=head), voter=voter)


def _save(gripe: Gripe) -> None:
    gripe.version += 1
    gripe.save(update_fields=["state", "joined_with", "answer", "decided_on", "owner", "version"])
