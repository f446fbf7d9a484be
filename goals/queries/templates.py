"""Goal templates as pages show them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from goals.gallery import GALLERY, GalleryGoal, GalleryTemplate
from goals.models import Direction, GoalTemplate, Kind, TemplateGoal
from goals.wording import cadence, plain
from integrations.models import EvidenceType


def listed(templates: QuerySet[GoalTemplate]) -> QuerySet[Any]:
    """With `size`, how many goals each holds; the company's before those of units. One query."""
    return (
        templates.select_related("unit")
        .annotate(size=Count("goals"))
        .order_by("layer", "line", "name", "unit__path", "id")
    )


def ready_made(templates: QuerySet[GoalTemplate]) -> list[GalleryTemplate]:
    """What none of `templates` was taken from yet."""
    taken = set(templates.exclude(gallery_key="").values_list("gallery_key", flat=True))
    return [one for one in GALLERY if one.key not in taken]


def goals_of(template: GoalTemplate) -> list[TemplateGoal]:
    return list(TemplateGoal.objects.filter(template=template).order_by("position", "id"))


@dataclass(frozen=True)
class Stage:
    """A stage of a template: after what percent of the goal's days it is due."""

    title: str
    after: int

    def due_on(self, starts_on: date, ends_on: date) -> date:
        return starts_on + timedelta(days=(ends_on - starts_on).days * self.after // 100)


def stages_of(goal: TemplateGoal) -> list[Stage]:
    return [Stage(str(stage["title"]), int(stage["after"])) for stage in goal.milestones]


@dataclass(frozen=True)
class Line:
    """A goal of a template, or of a ready-made one, in words."""

    title: str
    facts: list[str]
    measure: str
    delivers: str
    evidence: str
    stages: list[Stage]


def told(goal: TemplateGoal | GalleryGoal) -> Line:
    if isinstance(goal, GalleryGoal):
        stages = [Stage(str(title), after) for title, after in goal.stages]
        times, per = goal.cadence or (None, "")
        weight: Any = goal.weight
    else:
        stages, weight = stages_of(goal), goal.weight
        times, per = goal.cadence_times, goal.cadence_per
    facts = [str(Kind(goal.kind).label)]
    if weight is not None:
        facts.append(f"{plain(Decimal(weight))}%")
    if goal.is_core:
        facts.append(_("core"))
    if often := cadence(times, per):
        facts.append(often)
    unit = f" ({goal.unit_of_measure})" if goal.unit_of_measure else ""
    way = f"{Direction(goal.direction).label} · " if goal.measure and goal.kind == Kind.KPI else ""
    evidence = [str(EvidenceType(goal.evidence_type).label)] if goal.evidence_type else []
    return Line(
        title=str(goal.title),
        facts=facts,
        measure=f"{way}{goal.measure}{unit}" if goal.measure else "",
        delivers=str(goal.delivers),
        evidence=" · ".join([*evidence, *([str(goal.evidence_plan)] if goal.evidence_plan else [])]),
        stages=stages,
    )
