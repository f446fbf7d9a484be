"""Goal templates as pages show them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from goals.gallery import GALLERY, GalleryGoal, GalleryTemplate
from goals.models import Direction, GoalTemplate, Kind, TemplateGoal
from goals.wording import cadence, plain, with_unit
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
class Result:
    """A key result of an objective in a template; what it starts from, and mostly its target, its owner says."""

    title: str
    measure: str = ""
    target: Decimal | None = None
    unit_of_measure: str = ""
    direction: str = Direction.RAISE

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        said = {**asdict(self), "direction": str(self.direction)}
        return said | {"target": None if self.target is None else plain(self.target)}

    @property
    def figure(self) -> str:
        if self.target is None:
            return f"({self.unit_of_measure})" if self.unit_of_measure else ""
        told = with_unit(plain(self.target), self.unit_of_measure)
        return f"≤ {told}" if self.direction == Direction.LOWER else told


def results_of(goal: TemplateGoal) -> list[Result]:
    return [result_of(kept) for kept in goal.key_results]


def result_of(kept: Mapping[str, Any]) -> Result:
    return Result(**{**kept, "target": None if kept["target"] is None else Decimal(kept["target"])})


@dataclass(frozen=True)
class Line:
    """A goal of a template, or of a ready-made one, in words."""

    title: str
    facts: list[str]
    measure: str
    delivers: str
    evidence: str
    stages: list[Stage]
    results: list[Result]


def told(goal: TemplateGoal | GalleryGoal) -> Line:
    if isinstance(goal, GalleryGoal):
        stages = [Stage(str(title), after) for title, after in goal.stages]
        times, per = goal.cadence or (None, "")
        weight: Any = goal.weight
        results: list[Result] = []
    else:
        stages, weight = stages_of(goal), goal.weight
        times, per = goal.cadence_times, goal.cadence_per
        results = results_of(goal)
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
        results=results,
    )
