"""Goals started from a template, for one owner or for a thousand in one go (product.md §2.12)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from goals import events
from goals.models import Goal, GoalTemplate, KeyResult, Layer, Milestone, Outcome, Period, TemplateGoal
from goals.queries.settings import local_date, tenant_slug
from goals.queries.templates import Result, goals_of, results_of, stages_of
from perfsys.audit.actions import record, record_many
from perfsys.notices.actions import notify
from perfsys.people.models import Employee
from perfsys.people.queries import primary_units

from .goal import KeyResultWords, Place, next_numbers
from .templates import GOAL_COLUMNS, version_of

BATCH = 500


class OfAnotherLayer(Exception):
    """A template for departments makes no goals of a person."""


@dataclass(frozen=True)
class Started:
    """`goals` are new; `owners` how many got some, `had_them` how many had all of them before."""

    goals: list[Goal]
    owners: int
    had_them: int


def start_for_people(
    *,
    template: GoalTemplate,
    people: Collection[Employee],
    period: Period,
    tell: bool = True,
    actor: Employee | None,
    now: datetime,
) -> Started:
    """For each of `people` in the unit of their primary post. Raises OfAnotherLayer."""
    unit_of = primary_units([one.pk for one in people], local_date(now))
    places = [Place.of_person(one, unit_of.get(one.pk)) for one in people]
    return start_for_many(template=template, places=places, period=period, tell=tell, actor=actor, now=now)


@transaction.atomic
def start_for_many(
    *,
    template: GoalTemplate,
    places: Collection[Place],
    period: Period,
    tell: bool = True,
    actor: Employee | None,
    now: datetime,
) -> Started:
    """A draft of each of its goals that an owner does not have yet, so that a second press adds nothing.

    The number of statements does not depend on how many owners there are, but for batches of 500 rows. With `tell` the
    owners hear of it: for goals that are not published at once. Raises OfAnotherLayer.
    """
    if any(place.layer != template.layer for place in places):
        raise OfAnotherLayer
    Period.objects.select_for_update(no_key=True).get(
        pk=period.pk
    )  # two presses at once: the second sees the first one's goals
    wanted = _missing(template, places, period)
    if not wanted:
        return Started([], 0, len(places))
    made_from = version_of(template, actor=actor, now=now)
    numbers = next_numbers(len(wanted))
    goals = Goal.objects.bulk_create(
        [
            Goal(
                number=number,
                period=period,
                layer=place.layer,
                owner=place.owner,
                unit=place.unit,
                starts_on=period.starts_on,
                due_on=period.ends_on,
                made_from=made_from,
                made_at=now,
                **{column: getattr(line, column) for column in GOAL_COLUMNS},
            )
            for number, (place, line) in zip(numbers, wanted, strict=True)
        ],
        batch_size=BATCH,
    )
    Milestone.objects.bulk_create(
        [
            Milestone(goal=goal, title=stage.title, due_on=stage.due_on(period.starts_on, period.ends_on))
            for goal, (_place, line) in zip(goals, wanted, strict=True)
            for stage in stages_of(line)
        ],
        batch_size=BATCH,
    )
    KeyResult.objects.bulk_create(
        [
            KeyResult(goal=goal, title=result.title, **_words_of(result).columns)
            for goal, (_place, line) in zip(goals, wanted, strict=True)
            for result in results_of(line)
        ],
        batch_size=BATCH,
    )
    owners = {_key(place): place.owner for place, _line in wanted}
    record_many(events.GOAL_DRAFTED, subjects=[(goal, goal.owner) for goal in goals], actor=actor, at=now)
    about = next(iter(owners.values())) if len(owners) == 1 else None
    said = {"n": len(goals), "owners": len(owners)}
    record(events.TEMPLATE_USED, subject=template, about=about, actor=actor, at=now, details=said)
    if tell:
        _tell(template, period, [one for one in owners.values() if one and one != actor], actor, now)
    return Started(goals, len(owners), len({_key(place) for place in places}) - len(owners))


def _words_of(result: Result) -> KeyResultWords:
    """Without a target it goes from 0 to 100 %, whatever it will be counted in."""
    if result.target is None:
        return KeyResultWords(result.title, result.measure)
    return KeyResultWords(**vars(result))


def _missing(template: GoalTemplate, places: Iterable[Place], period: Period) -> list[tuple[Place, TemplateGoal]]:
    once = {_key(place): place for place in places}
    standing = Goal.objects.filter(period=period, layer=template.layer).exclude(outcome=Outcome.CANCELLED)
    if template.layer == Layer.POSITION:
        standing = standing.filter(owner__in=[owner for owner, _unit in once])
    elif template.layer == Layer.DEPARTMENT:
        standing = standing.filter(unit__in=[unit for _owner, unit in once])
    lines = goals_of(template)
    titles = {
        (owner, unit if owner is None else None, title)
        for owner, unit, title in standing.filter(title__in=[line.title for line in lines]).values_list(
            "owner", "unit", "title"
        )
    }
    return [(place, line) for key, place in once.items() for line in lines if (*key, line.title) not in titles]


def _key(place: Place) -> tuple[int | None, int | None]:
    """Whose they are: a person's whatever the unit, a unit's, the company's."""
    if place.owner is not None:
        return place.owner.pk, None
    return None, place.unit.pk if place.unit else None


def _tell(
    template: GoalTemplate, period: Period, people: Collection[Employee], actor: Employee | None, now: datetime
) -> None:
    if not people:
        return
    notify(
        events.DRAFTS_TO_COMPLETE,
        to=people,
        at=now,
        subject=template,
        params={"name": actor.name if actor else template.name, "period": period.name},
        url=reverse("goals:publish", kwargs={"tenant": tenant_slug()}) + f"?{urlencode({'period': period.name})}",
        key=f"{template.pk} {period.pk}",
    )
