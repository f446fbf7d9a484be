"""Goal templates: writing them, copying one into a department, starting goals from one (product.md §2.12)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from goals import events
from goals.gallery import GalleryGoal, GalleryTemplate
from goals.models import BusinessLine, Goal, GoalTemplate, Kind, Layer, Period, TemplateGoal
from goals.queries.publishing import goals_of as goals_of_set
from goals.queries.templates import goals_of, stages_of
from perfsys.audit.actions import record
from perfsys.people.models import Employee, OrgUnit

from .goal import GoalWords, Place, StaleVersion, write_goal


class NameTaken(Exception):
    """The company, or this department, has a template of this name: choose another."""


class OfAnotherLayer(Exception):
    """A template for departments makes no goals of a person."""


@dataclass(frozen=True)
class TemplateWords:
    name: str
    line: str = BusinessLine.OTHER
    layer: str = Layer.POSITION
    summary: str = ""


@dataclass(frozen=True)
class TemplateGoalWords:
    """`milestones`: {"title": str, "after": percent of the goal's days}."""

    title: str
    kind: str = Kind.KPI
    weight: Decimal | None = None
    is_core: bool = False
    measure: str = ""
    unit_of_measure: str = ""
    target: Decimal | None = None
    direction: str = "raise"
    cadence_times: int | None = None
    cadence_per: str = ""
    delivers: str = ""
    evidence_type: str = ""
    evidence_plan: str = ""
    milestones: Sequence[dict[str, Any]] = ()


COLUMNS = ("name", "line", "layer", "summary")
GOAL_COLUMNS = (
    "title",
    "kind",
    "weight",
    "is_core",
    "measure",
    "unit_of_measure",
    "target",
    "direction",
    "cadence_times",
    "cadence_per",
    "delivers",
    "evidence_type",
    "evidence_plan",
)
"""Columns a line of a template and a goal have under the same name."""

T = TypeVar("T")


@transaction.atomic
def write_template(
    *,
    words: TemplateWords,
    goals: Sequence[TemplateGoalWords],
    unit: OrgUnit | None,
    gallery_key: str = "",
    actor: Employee | None,
    now: datetime,
) -> GoalTemplate:
    """A template of the company, or with a unit that department's own. Raises NameTaken."""
    template = _named(
        lambda: GoalTemplate.objects.create(
            unit=unit, gallery_key=gallery_key, made_at=now, **{column: getattr(words, column) for column in COLUMNS}
        )
    )
    _keep_goals(template, goals)
    record(events.TEMPLATE_WRITTEN, subject=template, actor=actor, at=now)
    return template


@transaction.atomic
def edit_template(
    *,
    template: GoalTemplate,
    version: int,
    words: TemplateWords,
    goals: Sequence[TemplateGoalWords],
    actor: Employee | None,
    now: datetime,
) -> GoalTemplate:
    """Goals written from it, and copies, stay as they are. Raises StaleVersion, NameTaken."""
    locked: GoalTemplate = GoalTemplate.objects.select_for_update().get(pk=template.pk)
    if locked.version != version:
        raise StaleVersion
    for column in COLUMNS:
        setattr(locked, column, getattr(words, column))
    locked.version += 1
    _named(lambda: locked.save(update_fields=[*COLUMNS, "version"]))
    _keep_goals(locked, goals)
    record(events.TEMPLATE_WRITTEN, subject=locked, actor=actor, at=now, details={"version": locked.version})
    return locked


@transaction.atomic
def copy_template(
    *, template: GoalTemplate, name: str, unit: OrgUnit | None, actor: Employee | None, now: datetime
) -> GoalTemplate:
    """A template of its own, for `unit`: what happens to the first no longer touches it. Raises NameTaken."""
    copy = _named(
        lambda: GoalTemplate.objects.create(
            name=name,
            line=template.line,
            layer=template.layer,
            summary=template.summary,
            unit=unit,
            copied_from=template,
            made_at=now,
        )
    )
    TemplateGoal.objects.bulk_create(
        TemplateGoal(
            template=copy,
            position=goal.position,
            milestones=goal.milestones,
            **{column: getattr(goal, column) for column in GOAL_COLUMNS},
        )
        for goal in goals_of(template)
    )
    record(events.TEMPLATE_COPIED, subject=copy, actor=actor, at=now, details={"from": template.pk})
    return copy


def take_from_gallery(
    *, ready: GalleryTemplate, name: str, unit: OrgUnit | None, actor: Employee | None, now: datetime
) -> GoalTemplate:
    """A ready-made template, in the language of whoever takes it. Raises NameTaken."""
    return write_template(
        words=TemplateWords(name, ready.line, ready.layer, str(ready.summary)),
        goals=[_taken(goal) for goal in ready.goals],
        unit=unit,
        gallery_key=ready.key,
        actor=actor,
        now=now,
    )


def _taken(goal: GalleryGoal) -> TemplateGoalWords:
    times, per = goal.cadence or (None, "")
    return TemplateGoalWords(
        title=str(goal.title),
        kind=goal.kind,
        weight=goal.share,
        is_core=goal.is_core,
        measure=str(goal.measure),
        unit_of_measure=str(goal.unit_of_measure),
        direction=goal.direction,
        cadence_times=times,
        cadence_per=per,
        delivers=str(goal.delivers),
        evidence_type=goal.evidence_type,
        evidence_plan=str(goal.evidence_plan),
        milestones=[{"title": str(title), "after": after} for title, after in goal.stages],
    )


@transaction.atomic
def drop_template(*, template: GoalTemplate, actor: Employee | None, now: datetime) -> None:
    """Goals written from it stay."""
    record(events.TEMPLATE_DROPPED, subject=template, actor=actor, at=now, details={"name": template.name})
    template.delete()


@transaction.atomic
def start_from_template(
    *, template: GoalTemplate, place: Place, period: Period, actor: Employee | None, now: datetime
) -> list[Goal]:
    """A draft of each of its goals that this owner does not have yet, so that a second press adds nothing. Raises
    OfAnotherLayer."""
    if template.layer != place.layer:
        raise OfAnotherLayer
    Period.objects.select_for_update().get(pk=period.pk)  # two presses at once: the second sees the first one's goals
    standing = goals_of_set(layer=place.layer, period=period, owner=place.owner, unit=place.unit)
    titles = set(standing.values_list("title", flat=True))
    made = [
        write_goal(place=place, period=period, words=words_of(goal, period), actor=actor, now=now)
        for goal in goals_of(template)
        if goal.title not in titles
    ]
    if made:
        record(events.TEMPLATE_USED, subject=template, about=place.owner, actor=actor, at=now, details={"n": len(made)})
    return made


def words_of(goal: TemplateGoal, period: Period) -> GoalWords:
    """What a draft from this line of a template says; parent and obstacles are the owner's to name."""
    stages = [(stage.title, stage.due_on(period.starts_on, period.ends_on)) for stage in stages_of(goal)]
    return GoalWords(
        starts_on=period.starts_on,
        due_on=period.ends_on,
        milestones=stages,
        **{column: getattr(goal, column) for column in GOAL_COLUMNS},
    )


def _named(keep: Callable[[], T]) -> T:
    try:
        with transaction.atomic():
            return keep()
    except IntegrityError as error:
        if "goals_template_name" not in str(error):
            raise
        raise NameTaken from error


def _keep_goals(template: GoalTemplate, wanted: Sequence[TemplateGoalWords]) -> None:
    """Line by line: a line that stays keeps its address, which a page open elsewhere may hold."""
    standing = goals_of(template)
    lines = []
    for position, words in enumerate(wanted):
        line = standing[position] if position < len(standing) else TemplateGoal(template=template)
        line.position, line.milestones = position, list(words.milestones)
        for column in GOAL_COLUMNS:
            setattr(line, column, getattr(words, column))
        lines.append(line)
    TemplateGoal.objects.filter(pk__in=[line.pk for line in standing[len(lines) :]]).delete()
    TemplateGoal.objects.bulk_update(lines[: len(standing)], ["position", "milestones", *GOAL_COLUMNS])
    TemplateGoal.objects.bulk_create(lines[len(standing) :])
