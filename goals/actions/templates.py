"""Goal templates: writing them and copying one into a department (product.md §2.12)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from goals import events
from goals.extras import ExtraField
from goals.gallery import GalleryGoal, GalleryTemplate
from goals.models import BusinessLine, GoalTemplate, Kind, Layer, TemplateGoal, TemplateVersion
from goals.queries.template_versions import OF_GOAL, content_of
from goals.queries.templates import Result, goals_of
from perfsys.audit.actions import record
from perfsys.people.models import Employee, OrgUnit

from .goal import StaleVersion


class NameTaken(Exception):
    """The company, or this department, has a template of this name: choose another."""


@dataclass(frozen=True)
class TemplateWords:
    name: str
    line: str = BusinessLine.OTHER
    layer: str = Layer.POSITION
    summary: str = ""


@dataclass(frozen=True)
class TemplateGoalWords:
    """`milestones`: {"title": str, "after": percent of the goal's days}; `key_results` of an objective."""

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
    key_results: Sequence[Result] = ()


COLUMNS = ("name", "line", "layer", "summary")
GOAL_COLUMNS = ("title", *OF_GOAL)

T = TypeVar("T")


@transaction.atomic
def write_template(
    *,
    words: TemplateWords,
    goals: Sequence[TemplateGoalWords],
    unit: OrgUnit | None,
    fields: Sequence[ExtraField] = (),
    gallery_key: str = "",
    actor: Employee | None,
    now: datetime,
) -> GoalTemplate:
    """A template of the company, or with a unit that department's own. Raises NameTaken."""
    template = _named(
        lambda: GoalTemplate.objects.create(
            unit=unit,
            gallery_key=gallery_key,
            fields=[field.kept for field in fields],
            made_at=now,
            **{column: getattr(words, column) for column in COLUMNS},
        )
    )
    _keep_goals(template, goals)
    _keep_version(template, actor, now)
    record(events.TEMPLATE_WRITTEN, subject=template, actor=actor, at=now)
    return template


@transaction.atomic
def edit_template(
    *,
    template: GoalTemplate,
    version: int,
    words: TemplateWords,
    goals: Sequence[TemplateGoalWords],
    fields: Sequence[ExtraField] = (),
    actor: Employee | None,
    now: datetime,
) -> GoalTemplate:
    """A new version. Goals written from an older one, and copies, stay as they are. Raises StaleVersion, NameTaken."""
    locked: GoalTemplate = GoalTemplate.objects.select_for_update().get(pk=template.pk)
    if locked.version != version:
        raise StaleVersion
    version_of(locked, actor=None, now=locked.made_at)  # one written before versions were kept has its first one now
    for column in COLUMNS:
        setattr(locked, column, getattr(words, column))
    locked.fields = [field.kept for field in fields]
    locked.version += 1
    _named(lambda: locked.save(update_fields=[*COLUMNS, "fields", "version"]))
    _keep_goals(locked, goals)
    _keep_version(locked, actor, now)
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
            fields=template.fields,
            made_at=now,
        )
    )
    TemplateGoal.objects.bulk_create(
        TemplateGoal(
            template=copy,
            position=goal.position,
            milestones=goal.milestones,
            key_results=goal.key_results,
            **{column: getattr(goal, column) for column in GOAL_COLUMNS},
        )
        for goal in goals_of(template)
    )
    _keep_version(copy, actor, now)
    record(events.TEMPLATE_COPIED, subject=copy, actor=actor, at=now, details={"from": template.pk})
    return copy


def take_from_gallery(
    *, ready: GalleryTemplate, name: str, unit: OrgUnit | None, actor: Employee | None, now: datetime
) -> GoalTemplate:
    """A ready-made template, in the language of whoever takes it. Raises NameTaken."""
    return write_template(
        words=TemplateWords(name, ready.line, ready.layer, str(ready.summary)),
        goals=[_taken(goal) for goal in ready.goals],
        fields=ready.asked,
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


def version_of(template: GoalTemplate, *, actor: Employee | None, now: datetime) -> TemplateVersion:
    """The newest version, which goals made from the template keep."""
    found = TemplateVersion.objects.filter(template=template, number=template.version).first()
    return found or _keep_version(template, actor, now)


def _keep_version(template: GoalTemplate, actor: Employee | None, now: datetime) -> TemplateVersion:
    kept: TemplateVersion = TemplateVersion.objects.create(
        template=template,
        number=template.version,
        name=template.name,
        fields=template.fields,
        content=content_of(template, goals_of(template)),
        made_at=now,
        made_by=actor,
    )
    return kept


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
        line.key_results = [one.kept for one in words.key_results]
        for column in GOAL_COLUMNS:
            setattr(line, column, getattr(words, column))
        lines.append(line)
    TemplateGoal.objects.filter(pk__in=[line.pk for line in standing[len(lines) :]]).delete()
    TemplateGoal.objects.bulk_update(lines[: len(standing)], ["position", "milestones", "key_results", *GOAL_COLUMNS])
    TemplateGoal.objects.bulk_create(lines[len(standing) :])
