"""Promises on goals (product.md §2.10): who finishes first is served first, and no place is ever given twice.

A place belongs to a verified completion. Where that is taken back while the promise runs the place is free again, and
the next who finishes has it; once a promise has ended the places that were given stay.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse

from goals import events
from goals.models import Alignment, For, Goal, Incentive, IncentivePlace, Outcome, Status
from goals.queries.settings import tenant_slug
from perfsys.audit.actions import record
from perfsys.notices.actions import notify
from perfsys.people.models import Employee


def is_verified_completion(goal: Goal) -> bool:
    """Whether it is over, with its result, by the word of whoever closes it. A progress of 100 alone is not."""
    return goal.status == Status.CLOSED and goal.outcome == Outcome.ACHIEVED


@transaction.atomic
def make_promise(
    *, goal: Goal, is_for: str, promise: str, quota: int | None, key: str, actor: Employee | None, now: datetime
) -> Incentive:
    """A form brings the `key`: sent twice it is one. It counts for what is finished from now on."""
    made: Incentive
    made, is_new = Incentive.objects.get_or_create(
        goal=goal,
        key=key,
        defaults={"is_for": is_for, "promise": promise, "quota": quota, "made_by": actor, "made_at": now},
    )
    if is_new:
        record(events.INCENTIVE_PROMISED, subject=goal, about=goal.owner, actor=actor, at=now)
    return made


@transaction.atomic
def end_promise(*, incentive: Incentive, actor: Employee | None, now: datetime) -> None:
    """No further places; those that were given stay."""
    locked: Incentive = Incentive.objects.select_for_update(of=["self"]).select_related("goal").get(pk=incentive.pk)
    if locked.ended_at is not None:
        return
    locked.ended_at = now
    locked.save(update_fields=["ended_at"])
    record(events.INCENTIVE_ENDED, subject=locked.goal, actor=actor, at=now)


@transaction.atomic
def give_places(*, goal: Goal, actor: Employee | None, now: datetime) -> list[IncentivePlace]:
    """Called by whatever closes a goal, in its transaction: the owner's places in the promises on it and on the goals
    it carries. Their rows are locked one after the other by id: of two who finish at one moment, the second waits until
    it is known whether there is a place left. An owner has one place in a promise, however many goals he finishes."""
    finished = Goal.objects.select_related("owner").get(pk=goal.pk)
    owner = finished.owner
    if owner is None or not is_verified_completion(finished):
        return []
    above = Alignment.objects.filter(child=finished).values("parent")
    promised = Incentive.objects.filter(
        Q(goal=finished, is_for=For.OWNER) | Q(goal__in=above, goal__status=Status.PUBLISHED, is_for=For.CHILDREN),
        ended_at=None,
    )
    given = []
    for incentive in promised.order_by("pk").select_for_update(of=["self"]):
        if incentive.left == 0 or IncentivePlace.objects.filter(incentive=incentive, owner=owner).exists():
            continue
        number = _first_free(incentive)
        incentive.taken += 1
        incentive.save(update_fields=["taken"])
        place = IncentivePlace.objects.create(
            incentive=incentive, number=number, owner=owner, goal=finished, completed_at=now
        )
        given.append(place)
        record(events.PLACE_GIVEN, subject=finished, about=owner, actor=actor, at=now, details={"place": place.number})
        _say(events.PLACE_TAKEN, place, incentive, finished, now)
    return given


@transaction.atomic
def take_places_back(*, goal: Goal, actor: Employee | None, now: datetime) -> None:
    """Called by whatever opens a closed goal again, in its transaction: it is not finished, so the places that were
    given for it in running promises are free for whoever finishes next."""
    places = IncentivePlace.objects.filter(goal=goal, incentive__ended_at=None)
    promised = Incentive.objects.filter(pk__in=places.values("incentive"), ended_at=None)
    for incentive in promised.order_by("pk").select_for_update(of=["self"]):
        place = IncentivePlace.objects.select_related("owner").get(incentive=incentive, goal=goal)
        place.delete()
        incentive.taken -= 1
        incentive.save(update_fields=["taken"])
        details = {"place": place.number}
        record(events.PLACE_TAKEN_BACK, subject=goal, about=place.owner, actor=actor, at=now, details=details)
        _say(events.PLACE_FREE_AGAIN, place, incentive, goal, now)


def _first_free(incentive: Incentive) -> int:
    """One beyond those given, or the lowest of which the goal was opened again. The row of `incentive` is locked."""
    given = IncentivePlace.objects.filter(incentive=incentive)
    last = given.aggregate(last=Max("number"))["last"] or 0
    if last == incentive.taken:
        return last + 1
    numbers = set(given.values_list("number", flat=True))
    return next(number for number in range(1, last) if number not in numbers)


def _say(kind: str, place: IncentivePlace, incentive: Incentive, goal: Goal, now: datetime) -> None:
    owner = place.owner
    if owner.status != Employee.Status.ACTIVE:
        return
    notify(
        kind,
        to=owner,
        about=owner,
        subject=incentive,
        at=now,
        params={"goal": goal.title, "number": place.number, "promise": incentive.promise},
        url=reverse("goals:goal", kwargs={"tenant": tenant_slug(), "public_id": goal.public_id}) + "#promises",
        key=f"{incentive.pk} {place.pk}",
    )
