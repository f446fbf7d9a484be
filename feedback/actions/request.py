"""Asking colleagues for feedback, and what becomes of it (product.md §3.6).

None of it is recorded: administrators read the record, and no request. When it was asked, settled and taken back stands
in its own rows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback import events
from feedback.models import Feedback, FeedbackRequest, RequestRecipient, RequestState
from goals.models import Goal
from goals.queries.settings import tenant_slug
from perfsys.notices import actions as notices
from perfsys.people.models import Employee

MOST_PEOPLE = 5
MOST_A_DAY = 20  # people asked by one person


class NobodyAsked(Exception):
    """Choose one to five colleagues, not oneself."""


class RetryLater(Exception):
    """More than 20 people in a day."""


class SettledAlready(Exception):
    """It was answered, declined or taken back meanwhile."""


@transaction.atomic
def ask(
    *,
    people: Sequence[Employee],
    event: str,
    question: str,
    goal: Goal | None,
    asker: Employee,
    key: str,
    now: datetime,
) -> FeedbackRequest:
    """`key` makes a double tap one request. Raises NobodyAsked, RetryLater."""
    asked = list(dict.fromkeys(one for one in people if one != asker))
    if not 0 < len(asked) <= MOST_PEOPLE:
        raise NobodyAsked
    if earlier := FeedbackRequest.objects.filter(asker=asker, key=key).first():
        return earlier
    lately = RequestRecipient.objects.filter(request__asker=asker, request__at__gt=now - timedelta(days=1)).count()
    if lately + len(asked) > MOST_A_DAY:
        raise RetryLater
    request = FeedbackRequest(asker=asker, event=event.strip(), question=question.strip(), goal=goal, at=now, key=key)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:  # the other tap was faster
        return FeedbackRequest.objects.get(asker=asker, key=key)
    lines = RequestRecipient.objects.bulk_create(RequestRecipient(request=request, person=one) for one in asked)
    for line in lines:
        notices.notify(
            events.REQUEST_RECEIVED,
            to=line.person,
            at=now,
            subject=line,
            about=line.person,
            params={"name": asker.name, "event": request.event},
            url=requests_url(),
        )
    return request


@transaction.atomic
def answer(*, recipient: RequestRecipient, feedback: Feedback, now: datetime) -> None:
    """By a feedback to the asker, who hears of it as of any other. One that is settled stays as it is."""
    locked = _locked(recipient)
    if locked.state != RequestState.OPEN or locked.request.withdrawn_at is not None:
        return
    locked.state, locked.settled_at, locked.feedback = RequestState.ANSWERED, now, feedback
    _save(locked, "state", "settled_at", "feedback")
    _settle([locked.pk])


@transaction.atomic
def decline(*, recipient: RequestRecipient, reason: str, actor: Employee, now: datetime) -> None:
    """Rather not, and why, which the asker alone reads. The same again is nothing. Raises SettledAlready."""
    locked = _locked(recipient)
    if (locked.state, locked.reason) == (RequestState.DECLINED, reason.strip()):
        return
    if locked.state != RequestState.OPEN or locked.request.withdrawn_at is not None:
        raise SettledAlready
    locked.state, locked.settled_at, locked.reason = RequestState.DECLINED, now, reason.strip()
    _save(locked, "state", "settled_at", "reason")
    _settle([locked.pk])
    notices.notify(
        events.REQUEST_SETTLED,
        to=locked.request.asker,
        at=now,
        subject=locked,
        about=locked.request.asker,
        params={"name": actor.name, "event": locked.request.event},
        url=requests_url(),
        key=f"{locked.pk}:declined",
    )


@transaction.atomic
def withdraw(*, request: FeedbackRequest, now: datetime) -> None:
    """No longer needed: whoever has not answered is asked no more. A second time is nothing."""
    locked: FeedbackRequest = FeedbackRequest.objects.select_for_update(of=["self"]).get(pk=request.pk)
    if locked.withdrawn_at is not None:
        return
    locked.withdrawn_at = now
    locked.version += 1
    locked.save(update_fields=["withdrawn_at", "version"])
    _settle(RequestRecipient.objects.filter(request=locked).values_list("pk", flat=True))


@transaction.atomic
def ask_again(*, feedback: Feedback) -> None:
    """The feedback that answered it was taken back: it waits again."""
    line = RequestRecipient.objects.select_for_update(of=["self"]).filter(feedback=feedback).first()
    if line is None:
        return
    line.state, line.settled_at, line.feedback = RequestState.OPEN, None, None
    _save(line, "state", "settled_at", "feedback")
    notices.ask_again(events.REQUEST_RECEIVED, [line.pk])


def requests_url() -> str:
    return reverse("feedback:requests", kwargs={"tenant": tenant_slug()})


def _locked(recipient: RequestRecipient) -> RequestRecipient:
    """The request first, as `withdraw` does, so that the two never wait for each other."""
    FeedbackRequest.objects.select_for_update(of=["self"]).get(pk=recipient.request_id)
    locked: RequestRecipient = (
        RequestRecipient.objects.select_for_update(of=["self"])
        .select_related("request__asker", "person")
        .get(pk=recipient.pk)
    )
    return locked


def _settle(ids: Iterable[int]) -> None:
    listed = list(ids)
    for kind in (events.REQUEST_RECEIVED, events.REQUEST_REMINDER):
        notices.settle(kind, listed)


def _save(line: RequestRecipient, *names: str) -> None:
    line.version += 1
    line.save(update_fields=[*names, "version"])
