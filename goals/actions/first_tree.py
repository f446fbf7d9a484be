"""The first three layers of a new company: laid out as drafts from ready-made templates, published together (product.md
§2.12)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from goals.gallery import GalleryTemplate, gallery_template
from goals.models import Alignment, Goal, GoalTemplate, Layer, Obstacle, Period, Status
from goals.queries.first_tree import drafts_of
from goals.queries.settings import local_date
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import members_of

from .goal import Place, causes_named
from .matching import look_again
from .publishing import publish_set
from .template_drafts import start_for_many, start_for_people
from .templates import NameTaken, take_from_gallery

COMPANY, DEPARTMENT = "company", "department"  # of the gallery


class HasGoals(Exception):
    """The company has published goals in this period: it is past its beginning."""


@dataclass(frozen=True)
class Published:
    goals: int
    sets: int


@transaction.atomic
def lay_out_tree(
    *, ready: GalleryTemplate, units: Collection[OrgUnit], period: Period, actor: Employee | None, now: datetime
) -> list[Goal]:
    """Drafts for the company, for each of `units`, and for everybody whose primary post is in one of them.

    Each supports one above it. What is there already is not made again. Raises HasGoals.
    """
    if Goal.objects.filter(period=period, layer=Layer.COMPANY).exclude(status=Status.DRAFT).exists():
        raise HasGoals
    above, middle = _ready(COMPANY), _ready(DEPARTMENT)
    place = [Place.of_company()]
    top = start_for_many(template=_taken(above, actor, now), places=place, period=period, actor=actor, now=now)
    of_units = start_for_many(
        template=_taken(middle, actor, now),
        places=[Place.of_unit(unit) for unit in units],
        period=period,
        actor=actor,
        now=now,
    )
    people = list(members_of(units, local_date(now)).filter(status=Employee.Status.ACTIVE))
    of_people = start_for_people(
        template=_taken(ready, actor, now), people=people, period=period, tell=False, actor=actor, now=now
    )
    made = [*top.goals, *of_units.goals, *of_people.goals]
    drafts = drafts_of(period)
    _align(of_units.goals, middle, above, {(None, goal.title): goal for goal in drafts if goal.layer == Layer.COMPANY})
    by_unit = {(goal.unit_id, goal.title): goal for goal in drafts if goal.layer == Layer.DEPARTMENT}
    _align(of_people.goals, ready, middle, by_unit)
    _name_obstacles(of_people.goals, ready)
    look_again([goal.pk for goal in made], today=local_date(now))
    return made


@transaction.atomic
def publish_tree(*, period: Period, actor: Employee | None, now: datetime) -> Published:
    """Publish what was laid out, from the company down; each owner is asked whether he agrees. Raises NotReady."""
    drafts = drafts_of(period)
    places = {
        (goal.layer, goal.owner_id, None if goal.owner_id else goal.unit_id): Place(
            Layer(goal.layer), goal.owner, goal.unit
        )
        for goal in drafts
    }
    order = [Layer.COMPANY, Layer.DEPARTMENT, Layer.POSITION]
    for place in sorted(places.values(), key=lambda one: order.index(one.layer)):
        publish_set(place=place, period=period, actor=actor, now=now)
    return Published(len(drafts), len(places))


def _ready(key: str) -> GalleryTemplate:
    found = gallery_template(key)
    if found is None:
        raise LookupError(key)
    return found


def _taken(ready: GalleryTemplate, actor: Employee | None, now: datetime) -> GoalTemplate:
    """The company's own, where it has taken it already."""
    kept: GoalTemplate | None = GoalTemplate.objects.filter(gallery_key=ready.key, unit=None).first()
    if kept is not None:
        return kept
    try:
        return take_from_gallery(ready=ready, name=str(ready.name), unit=None, actor=actor, now=now)
    except NameTaken:
        return take_from_gallery(ready=ready, name=f"{ready.name} · {ready.key}", unit=None, actor=actor, now=now)


def _align(
    goals: Sequence[Goal],
    ready: GalleryTemplate,
    above: GalleryTemplate,
    parents: Mapping[tuple[int | None, str], Goal],
) -> None:
    """Each goal supports the one that the gallery names for it, of the own unit for a person; one that somebody wrote
    into the template since is left for its owner to align."""
    lines = []
    for goal in goals:
        wanted = next((one for one in ready.goals if str(one.title) == goal.title), None)
        unit = goal.unit_id if goal.layer == Layer.POSITION else None
        title = str(above.goals[wanted.supports].title) if wanted else ""
        if parent := parents.get((unit, title)):
            lines.append(Alignment(child=goal, parent=parent, is_primary=True))
    Alignment.objects.bulk_create(lines)


def _name_obstacles(goals: Sequence[Goal], ready: GalleryTemplate) -> None:
    by_title = {str(one.title): str(one.obstacle) for one in ready.goals}
    causes = {cause.name: cause for cause in causes_named(set(by_title.values()))}
    named = [(goal, causes.get(by_title.get(goal.title, ""))) for goal in goals]
    Obstacle.objects.bulk_create(Obstacle(goal=goal, cause=cause) for goal, cause in named if cause)
