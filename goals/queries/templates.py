"""Goal templates as pages show them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from goals.gallery import GALLERY, GalleryTemplate
from goals.models import GoalTemplate, TemplateGoal


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
