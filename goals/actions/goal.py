"""Writing goals while they are drafts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F

from goals import events
from goals.models import (
    Alignment,
    Direction,
    Goal,
    GoalSettings,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Obstacle,
    ObstacleCause,
    Period,
    ResourceLine,
    Scoring,
    Source,
    TemplateVersion,
)
from goals.queries.settings import local_date
from perfsys.audit.actions import record, record_many
from perfsys.people.models import Employee, OrgUnit

from .matching import look_again

AT_ONCE = 500  # rows a statement


class StaleVersion(Exception):
    """Somebody saved it meanwhile: look at it as it is now, then decide again."""


class NotADraft(Exception):
    """It is published: ask for a change instead."""


class AlreadyWritten(Exception):
    """The same form came twice: look at the goal that the first one made."""


class WouldCloseACircle(Exception):
    """The goal named as the one above stands, over others, below this one: choose another."""


@dataclass(frozen=True)
class Place:
    """Whose goal: a person's, a unit's, or with neither the company's. `unit` of a person is the primary one."""

    layer: Layer
    owner: Employee | None = None
    unit: OrgUnit | None = None

    @classmethod
    def of_person(cls, owner: Employee, unit: OrgUnit | None) -> "Place":
        return cls(Layer.POSITION, owner, unit)

    @classmethod
    def of_unit(cls, unit: OrgUnit) -> "Place":
        return cls(Layer.DEPARTMENT, None, unit)

    @classmethod
    def of_company(cls) -> "Place":
        return cls(Layer.COMPANY)


@dataclass(frozen=True)
class KeyResultWords:
    """One key result of an objective. Without a target it goes from 0 to 100 %."""

    title: str
    measure: str = ""
    unit_of_measure: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    direction: str = Direction.RAISE
    weight: Decimal = Decimal(1)

    @property
    def columns(self) -> dict[str, Any]:
        whole = {"target": Decimal(100), "unit_of_measure": self.unit_of_measure or "%"}
        return {
            "measure": self.measure,
            "unit_of_measure": self.unit_of_measure,
            "baseline": self.baseline,
            "target": self.target,
            "direction": self.direction,
            "weight": self.weight,
        } | (whole if self.target is None else {})


@dataclass(frozen=True)
class GoalWords:
    """All that the owner says about a goal. `new_causes` are obstacles in own words, `resources` planned amounts over
    the period by kind, `milestones` (title, due); `key_results` only of an objective. `made_from` counts for a new
    goal, `extra` are the answers to its fields as goals.extras keeps them."""

    title: str
    starts_on: date
    due_on: date
    kind: str = Kind.KPI
    weight: Decimal | None = None
    is_core: bool = False
    is_private: bool = False
    measure: str = ""
    unit_of_measure: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    hold_low: Decimal | None = None
    hold_high: Decimal | None = None
    direction: str = "raise"
    cadence_times: int | None = None
    cadence_per: str = ""
    delivers: str = ""
    evidence_type: str = ""
    evidence_number: str = ""
    evidence_plan: str = ""
    parent: Goal | None = None
    causes: Sequence[ObstacleCause] = ()
    new_causes: Sequence[str] = ()
    milestones: Sequence[tuple[str, date]] = ()
    resources: Mapping[str, Decimal] = field(default_factory=dict)
    scoring: str = Scoring.LINEAR
    scoring_figure: Decimal | None = None
    key_results: Sequence[KeyResultWords] = ()
    made_from: TemplateVersion | None = None
    extra: Sequence[Mapping[str, Any]] = ()


COLUMNS = [
    "title",
    "starts_on",
    "due_on",
    "kind",
    "weight",
    "is_core",
    "is_private",
    "measure",
    "unit_of_measure",
    "baseline",
    "target",
    "hold_low",
    "hold_high",
    "direction",
    "cadence_times",
    "cadence_per",
    "delivers",
    "evidence_type",
    "evidence_number",
    "evidence_plan",
    "scoring",
    "scoring_figure",
]


@transaction.atomic
def write_goal(
    *,
    place: Place,
    period: Period,
    words: GoalWords,
    public_id: UUID | None = None,
    actor: Employee | None,
    now: datetime,
) -> Goal:
    """A new draft. A form brings the `public_id`, so that sent twice it makes one goal. Raises AlreadyWritten,
    WouldCloseACircle."""
    number = _next_number()  # the second of two at once waits here, and then finds the first one's goal
    if public_id and Goal.objects.filter(public_id=public_id).exists():
        raise AlreadyWritten
    goal: Goal = Goal.objects.create(
        public_id=public_id or uuid4(),
        number=number,
        period=period,
        layer=place.layer,
        owner=place.owner,
        unit=place.unit,
        made_at=now,
        made_from=words.made_from,
        extra=list(words.extra),
        **{name: getattr(words, name) for name in COLUMNS},
    )
    _keep_parts(goal, words, is_new=True)
    if words.parent:
        look_again([goal.pk], today=local_date(now))
    record(events.GOAL_DRAFTED, subject=goal, about=place.owner, actor=actor, at=now)
    return goal


@transaction.atomic
def write_goals(
    *, period: Period, drafts: Sequence[tuple[Place, GoalWords]], actor: Employee | None, now: datetime
) -> list[Goal]:
    """New drafts in one go, each with the goal it supports; of their words what stands in the goal itself. As many
    statements for two as for two hundred."""
    if not drafts:
        return []
    goals: list[Goal] = Goal.objects.bulk_create(
        [
            Goal(
                number=number,
                period=period,
                layer=place.layer,
                owner=place.owner,
                unit=place.unit,
                made_at=now,
                **{name: getattr(words, name) for name in COLUMNS},
            )
            for number, (place, words) in zip(next_numbers(len(drafts)), drafts, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    supports = [
        Alignment(child=goal, parent=words.parent)
        for goal, (_place, words) in zip(goals, drafts, strict=True)
        if words.parent is not None
    ]
    Alignment.objects.bulk_create(supports, batch_size=AT_ONCE)
    look_again([goal.pk for goal in goals], today=local_date(now))
    record_many(events.GOAL_DRAFTED, subjects=[(goal, goal.owner) for goal in goals], actor=actor, at=now)
    return goals


@transaction.atomic
def edit_goal(*, goal: Goal, version: int, words: GoalWords, actor: Employee | None, now: datetime) -> Goal:
    """Change a draft. `version` is what the editor saw. Raises StaleVersion, NotADraft, WouldCloseACircle."""
    locked: Goal = Goal.objects.select_for_update(no_key=True).get(pk=goal.pk)
    if locked.version != version:
        raise StaleVersion
    if not locked.is_draft:
        raise NotADraft
    for name in COLUMNS:
        setattr(locked, name, getattr(words, name))
    locked.extra = list(words.extra)
    locked.version += 1
    locked.proposed_at = locked.proposed_by = None  # what was proposed is no longer what stands there
    locked.save(update_fields=[*COLUMNS, "extra", "version", "proposed_at", "proposed_by"])
    _keep_parts(locked, words)
    look_again([locked.pk], today=local_date(now))
    record(events.GOAL_EDITED, subject=locked, about=locked.owner, actor=actor, at=now)
    return locked


@transaction.atomic
def drop_draft(*, goal: Goal, actor: Employee | None, now: datetime) -> None:
    """Throw a draft away; its history stays. Raises NotADraft."""
    # The lines of the goals below go along, and are kept with those: locked first, as whoever divides the shares does.
    below = Goal.objects.filter(parents__parent=goal.pk).order_by("pk")
    list(below.select_for_update(of=["self"], no_key=True).values_list("pk", flat=True))
    locked: Goal = Goal.objects.select_for_update().get(pk=goal.pk)
    if not locked.is_draft:
        raise NotADraft
    record(events.GOAL_DROPPED, subject=locked, about=locked.owner, actor=actor, at=now)
    locked.delete()


def _keep_parts(goal: Goal, words: GoalWords, *, is_new: bool = False) -> None:
    """Of a new goal nothing stands yet, and of most kinds of parts it has none: five times nothing to look for."""
    results = words.key_results if goal.kind == Kind.OBJECTIVE else ()
    if words.parent or not is_new:
        _keep_parent(goal, words.parent)
    if words.causes or words.new_causes or not is_new:
        _keep_obstacles(goal, words)
    if words.milestones or not is_new:
        _keep_milestones(goal, words.milestones)
    if words.resources or not is_new:
        _keep_resources(goal, words.resources)
    if results or not is_new:
        _keep_key_results(goal, results)


def _keep_parent(goal: Goal, parent: Goal | None) -> None:
    standing = Alignment.objects.filter(child=goal, is_primary=True).first()
    if (standing.parent_id if standing else None) == (parent.pk if parent else None):
        return
    Alignment.objects.filter(child=goal, is_primary=True).delete()
    if parent is None:
        return
    Alignment.objects.filter(child=goal, parent=parent).delete()  # a further one becomes the primary one
    try:
        with transaction.atomic():
            Alignment.objects.create(child=goal, parent=parent, is_primary=True)
    except IntegrityError as refused:
        raise WouldCloseACircle from refused


def _keep_obstacles(goal: Goal, words: GoalWords) -> None:
    wanted = {cause.pk for cause in words.causes} | {cause.pk for cause in causes_named(words.new_causes)}
    standing = dict(Obstacle.objects.filter(goal=goal).values_list("cause_id", "pk"))
    Obstacle.objects.filter(pk__in=[pk for cause, pk in standing.items() if cause not in wanted]).delete()
    Obstacle.objects.bulk_create(Obstacle(goal=goal, cause_id=cause) for cause in sorted(wanted - set(standing)))


def causes_named(names: Collection[str]) -> list[ObstacleCause]:
    """The tenant's causes with these names; what is new comes into being unlisted: an administrator may list it."""
    wanted = {" ".join(name.split())[:120] for name in names} - {""}
    ObstacleCause.objects.bulk_create(
        [ObstacleCause(name=name, is_listed=False) for name in sorted(wanted)], ignore_conflicts=True
    )
    return list(ObstacleCause.objects.filter(name__in=wanted))


def _keep_milestones(goal: Goal, wanted: Sequence[tuple[str, date]]) -> None:
    standing = {(stage.title, stage.due_on): stage.pk for stage in Milestone.objects.filter(goal=goal, adopted="")}
    gone = [pk for key, pk in standing.items() if key not in set(wanted)]
    Milestone.objects.filter(pk__in=gone, done_on=None).delete()
    Milestone.objects.bulk_create(
        Milestone(goal=goal, title=title, due_on=due_on)
        for title, due_on in dict.fromkeys(wanted)
        if (title, due_on) not in standing
    )


def _keep_resources(goal: Goal, planned: Mapping[str, Decimal]) -> None:
    wanted = {kind: amount for kind, amount in planned.items() if amount}
    ResourceLine.objects.filter(goal=goal, month=None, actual=None).exclude(kind__in=wanted).delete()
    ResourceLine.objects.bulk_create(
        [ResourceLine(goal=goal, kind=kind, planned=amount, source=Source.TYPED) for kind, amount in wanted.items()],
        update_conflicts=True,
        unique_fields=["tenant", "goal", "kind", "month"],
        update_fields=["planned", "source"],
    )


def _keep_key_results(goal: Goal, wanted: Sequence[KeyResultWords]) -> None:
    KeyResult.objects.filter(goal=goal).exclude(title__in=[one.title for one in wanted]).delete()
    KeyResult.objects.bulk_create(
        [KeyResult(goal=goal, title=title, **one.columns) for title, one in {one.title: one for one in wanted}.items()],
        update_conflicts=True,
        unique_fields=["tenant", "goal", "title"],
        update_fields=["measure", "unit_of_measure", "baseline", "target", "direction", "weight"],
    )


def _next_number() -> str:
    return next_numbers(1)[0]


def next_numbers(count: int) -> list[str]:
    """Numbers nobody else has. Makes writers of one tenant wait for each other, for as long as their inserts take."""
    if not GoalSettings.objects.update(last_number=F("last_number") + count):
        GoalSettings.objects.bulk_create([GoalSettings()], ignore_conflicts=True)
        GoalSettings.objects.update(last_number=F("last_number") + count)
    last: int = GoalSettings.objects.values_list("last_number", flat=True).get()
    return [f"G-{number:04d}" for number in range(last - count + 1, last + 1)]
