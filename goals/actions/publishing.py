"""Publishing the goals of one owner as a set, and the owner's answer to it (product.md §2.1)."""

from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from goals import events
from goals.models import Goal, GoalSet, Layer, Period, PeriodState, Status
from goals.publishing import Problem
from goals.queries.publishing import goals_of, publication
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record, record_many
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.people.queries import hrbp_of, managers_of

from .evidence import look_for_records
from .goal import Place
from .own_progress import keep_away
from .periods import count_more
from .rollup import roll_up_above


class NotReady(Exception):
    """`problems` say what is missing and what to do; nothing was published."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


class AlreadyAnswered(Exception):
    """The owner has agreed to these goals or refused them: look at them again."""


@transaction.atomic
def publish_set(*, place: Place, period: Period, actor: Employee | None, now: datetime) -> GoalSet:
    """Publish every draft of the set. A set that its owner publishes, or proposed as it stands, is agreed to by that;
    the owner of any other is asked. Raises NotReady."""
    _look_whether_it_is_open(period)
    today = local_date(now)
    goals = goals_of(layer=place.layer, period=period, owner=place.owner, unit=place.unit)
    list(
        goals.select_for_update(no_key=True).values_list("pk", flat=True)
    )  # an edit from another tab waits, or has ended
    found = publication(goals, on=today)
    if not found.is_ready:
        raise NotReady([problem for problem in found.problems if problem.refuses])
    drafts = [candidate.goal for candidate in found.drafts]
    Goal.objects.filter(pk__in=[goal.pk for goal in drafts]).update(
        status=Status.PUBLISHED, published_at=now, published_on=today, version=F("version") + 1
    )
    if place.layer == Layer.POSITION:
        keep_away([goal.pk for goal in drafts])
    owner_id = place.owner.pk if place.owner else None
    is_agreed = all(goal.is_proposed and goal.proposed_by_id == owner_id for goal in drafts)
    published = _note_set(place, period, actor, now, is_agreed=is_agreed)
    if owner_id is not None:
        settle(events.SET_TO_PUBLISH, [owner_id])
    record(events.SET_PUBLISHED, subject=published, about=place.owner, actor=actor, at=now)
    record_many(events.GOAL_PUBLISHED, subjects=[(goal, place.owner) for goal in drafts], actor=actor, at=now)
    _ask_the_owner(published, actor, now)
    roll_up_above([goal.pk for goal in drafts])
    count_more(period, place.layer, sum(not goal.is_private for goal in drafts))
    if naming := [goal.pk for goal in drafts if goal.evidence_number]:
        look_for_records(f"set {published.pk} {published.version}", goals=naming)
    return published


@transaction.atomic
def propose_set(*, place: Place, period: Period, actor: Employee, now: datetime) -> int:
    """The owner asks the manager to publish the drafts as they stand; returns how many they are. Whoever changes one
    afterwards takes it out again. Raises NotReady."""
    _look_whether_it_is_open(period)
    goals = goals_of(layer=place.layer, period=period, owner=place.owner, unit=place.unit)
    list(goals.select_for_update(no_key=True).values_list("pk", flat=True))
    found = publication(goals, on=local_date(now))
    if not found.is_ready:
        raise NotReady([problem for problem in found.problems if problem.refuses])
    manager = managers_of([actor.pk], local_date(now)).get(actor.pk)
    drafts = [one.goal for one in found.drafts if not one.goal.is_proposed]
    if manager is None or not drafts:
        return 0
    Goal.objects.filter(pk__in=[goal.pk for goal in drafts]).update(
        proposed_at=now, proposed_by=actor, version=F("version") + 1
    )
    record(events.SET_PROPOSED, subject=period, about=place.owner, actor=actor, at=now)
    record_many(events.GOAL_PROPOSED, subjects=[(goal, place.owner) for goal in drafts], actor=actor, at=now)
    settle(events.SET_TO_PUBLISH, [actor.pk])
    asked = urlencode({"owner": str(actor.public_id), "period": period.name})
    notify(
        events.SET_TO_PUBLISH,
        to=manager,
        about=actor,
        subject=actor,
        at=now,
        params={"name": actor.name, "period": period.name},
        url=reverse("goals:publish", kwargs={"tenant": tenant_slug()}) + f"?{asked}",
    )
    return len(drafts)


def _look_whether_it_is_open(period: Period) -> None:
    if Period.objects.filter(pk=period.pk, state=PeriodState.CLOSED).exists():
        raise NotReady([Problem("period_closed")])


@transaction.atomic
def acknowledge_set(*, goal_set: GoalSet, actor: Employee, now: datetime) -> None:
    """The owner agrees, or does so after all: why he did not at first stays. Raises AlreadyAnswered."""
    _answer(goal_set, GoalSet.objects.filter(acknowledged_at=None), acknowledged_at=now, refused_at=None)
    settle(events.SET_NOT_AGREED, [goal_set.pk])
    record(events.SET_ACKNOWLEDGED, subject=goal_set, about=goal_set.owner, actor=actor, at=now)


@transaction.atomic
def refuse_set(*, goal_set: GoalSet, reason: str, actor: Employee, now: datetime) -> None:
    """The owner does not agree, and says why; the trace stays, manager and HR partner are told. Raises
    AlreadyAnswered."""
    unanswered = GoalSet.objects.filter(acknowledged_at=None, refused_at=None)
    _answer(goal_set, unanswered, refused_at=now, refusal=reason)
    record(events.SET_REFUSED, subject=goal_set, about=goal_set.owner, actor=actor, at=now)
    today = local_date(now)
    told = {*managers_of([actor.pk], today).values(), *hrbp_of([actor.pk], today).values()} - {actor}
    notify(
        events.SET_NOT_AGREED,
        to=sorted(told, key=lambda person: person.pk),
        about=actor,
        subject=goal_set,
        at=now,
        params={"name": actor.name, "period": goal_set.period.name, "reason": reason},
        url=reverse("goals:agree", kwargs={"tenant": tenant_slug(), "public_id": goal_set.public_id}),
    )


def _ask_the_owner(goal_set: GoalSet, actor: Employee | None, now: datetime) -> None:
    if goal_set.owner is None or goal_set.acknowledged_at is not None:
        return
    notify(
        events.SET_TO_ANSWER,
        to=goal_set.owner,
        about=goal_set.owner,
        subject=goal_set,
        at=now,
        params={"name": actor.name if actor else "", "period": goal_set.period.name},
        url=reverse("goals:agree", kwargs={"tenant": tenant_slug(), "public_id": goal_set.public_id}),
    )


def _answer(goal_set: GoalSet, waiting: QuerySet[GoalSet], **answer: object) -> None:
    if not waiting.filter(pk=goal_set.pk).update(version=F("version") + 1, **answer):
        raise AlreadyAnswered
    settle(events.SET_TO_ANSWER, [goal_set.pk])


def _note_set(place: Place, period: Period, actor: Employee | None, now: datetime, *, is_agreed: bool) -> GoalSet:
    of_whom = {"period": period, "layer": place.layer, "owner": place.owner}
    of_whom["unit"] = place.unit if place.owner is None else None
    is_own = place.owner is None or (actor is not None and actor.pk == place.owner.pk)
    # What was not agreed to before, and why, is kept: it was talked about.
    answer = {"acknowledged_at": now if is_own or is_agreed else None, "refused_at": None}
    made: GoalSet
    made, is_new = GoalSet.objects.select_for_update().get_or_create(
        **of_whom, defaults={"published_at": now, "published_by": actor, **answer}
    )
    if not is_new:
        for name, value in {"published_at": now, "published_by": actor, **answer}.items():
            setattr(made, name, value)
        made.version += 1
        made.save(update_fields=["published_at", "published_by", *answer, "version"])
    return made
