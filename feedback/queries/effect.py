"""What became of the feedback somebody has given: never how many talks were held (product.md, house rules).

Each figure is counted over the rows that `feedback_with` lists, so that it opens what it counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from feedback.access import given_by
from feedback.models import ActionItem, Feedback, FeedbackLike
from perfsys.lexicon.models import Nature
from perfsys.people.models import Employee

ANSWERED_WITHIN = timedelta(days=7)
OVER = timedelta(days=29)  # and today: on the first of a month there is something to say as well


class Outcome(models.TextChoices):
    HELPED = "helped", _("Found helpful")
    ACTION = "action", _("Became an action")
    ANSWERED = "answered", _("Answered within seven days")


@dataclass(frozen=True)
class Effect:
    """Since a day: what was given and how much of it was found helpful; of the suggestions (constructive ones), how
    many became actions, and how many were answered within seven days, out of those that have had the time or
    the answer."""

    given: int = 0
    helped: int = 0
    hopes: int = 0
    became_actions: int = 0
    had_time: int = 0
    answered: int = 0


def effect_of(me: Employee, *, since: date, now: datetime) -> Effect:
    """One query."""
    return effects_of([me.pk], since=since, now=now).get(me.pk, Effect())


def effects_of(giver_ids: Collection[int], *, since: date, now: datetime) -> dict[int, Effect]:
    """By giver; who has given nothing is missing. One query."""
    given = _lately(Feedback.objects.filter(giver__in=giver_ids), since, now).order_by()
    hope = Q(nature=Nature.CONSTRUCTIVE)
    answered = _IS[Outcome.ANSWERED]
    counted = (
        _marked(given)
        .values("giver")
        .annotate(
            given=Count("pk"),
            helped=Count("pk", filter=_IS[Outcome.HELPED]),
            hopes=Count("pk", filter=hope),
            became_actions=Count("pk", filter=_IS[Outcome.ACTION]),
            had_time=Count("pk", filter=hope & (answered | Q(at__lte=now - ANSWERED_WITHIN))),
            answered=Count("pk", filter=answered),
        )
    )
    return {row.pop("giver"): Effect(**row) for row in counted}


def feedback_with(me: Employee, outcome: str, *, since: date, now: datetime) -> QuerySet[Feedback]:
    """The rows behind a figure, the newest first: one's own, which one may read."""
    given = _lately(given_by(me), since, now)
    return _marked(given).filter(_IS[Outcome(outcome)]).order_by("-at", "-pk")


def _lately(given: QuerySet[Feedback], since: date, now: datetime) -> QuerySet[Feedback]:
    """A file may date one in the future: it counts from that day on."""
    return given.filter(local_on__gte=since, at__lte=now, withdrawn_at=None)


_IS = {
    Outcome.HELPED: Q(was_liked=True),
    Outcome.ACTION: Q(nature=Nature.CONSTRUCTIVE, was_taken_on=True),
    Outcome.ANSWERED: Q(nature=Nature.CONSTRUCTIVE, closed_at__lte=F("at") + ANSWERED_WITHIN),
}


def _marked(given: QuerySet[Feedback]) -> QuerySet[Feedback]:
    return given.annotate(
        was_liked=Exists(FeedbackLike.objects.filter(feedback=OuterRef("pk"))),
        was_taken_on=Exists(ActionItem.objects.filter(feedback=OuterRef("pk"))),
    )
