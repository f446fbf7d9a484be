"""Requests for feedback, as the pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from feedback.access import own_requests, requests_of
from feedback.models import FeedbackRequest, RequestRecipient, RequestState
from goals.access import readable_of
from goals.models import Goal
from perfsys.people.access import Viewer
from perfsys.people.models import Employee

SHOWN = 30


@dataclass(frozen=True)
class Asked:
    """A request with the goal it names, where `who` may read that."""

    line: RequestRecipient
    goal: Goal | None


@dataclass(frozen=True)
class Sent:
    request: FeedbackRequest
    lines: list[RequestRecipient]


def waiting_requests(who: Viewer, me: Employee) -> list[Asked]:
    """What I was asked and have not answered, the oldest first. One query, and one more for a private goal."""
    lines = requests_of(me).filter(state=RequestState.OPEN).select_related("request__asker", "request__goal")
    return with_goals(who, lines.order_by("request__at", "pk")[:SHOWN])


def sent_requests(me: Employee) -> list[Sent]:
    """The newest first. Two queries."""
    requests = list(own_requests(me).select_related("goal").order_by("-at", "-pk")[:SHOWN])
    lines: dict[int, list[RequestRecipient]] = {request.pk: [] for request in requests}
    found = RequestRecipient.objects.filter(request__in=list(lines)).select_related("person", "feedback")
    for line in found.order_by("pk"):
        lines[line.request_id].append(line)
    return [Sent(request, lines[request.pk]) for request in requests]


def says_the_same(
    request: FeedbackRequest,
    asker: Employee,
    *,
    people: Iterable[Employee],
    event: str,
    question: str,
    goal: Goal | None,
    **_other: object,
) -> bool:
    """Whether it stands and asks the same people the same. One query."""
    if request.withdrawn_at is not None or (request.event, request.question) != (event.strip(), question.strip()):
        return False
    if request.goal_id != (goal.pk if goal else None):
        return False
    asked = RequestRecipient.objects.filter(request=request).values_list("person", flat=True)
    return set(asked) == {one.pk for one in people} - {asker.pk}


def with_goals(who: Viewer, lines: Iterable[RequestRecipient]) -> list[Asked]:
    """Of rows with their request and its goal. One query for a private goal, else none."""
    listed = list(lines)
    readable = readable_of(who, [line.request.goal for line in listed if line.request.goal])
    return [
        Asked(line, line.request.goal if line.request.goal and line.request.goal.pk in readable else None)
        for line in listed
    ]
