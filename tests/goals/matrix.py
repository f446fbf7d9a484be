"""One goal of everything for the sweep over addresses; the goals' own addresses get their rows with their pages."""

from datetime import date
from typing import Any

from django.utils import timezone

from goals.actions.periods import ensure_period
from goals.models import (
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    GoalSet,
    GoalTemplate,
    Milestone,
    Obstacle,
    ObstacleCause,
    TemplateGoal,
)
from tests.matrix import Company

STARTS_ON, ENDS_ON = date(2026, 10, 1), date(2026, 12, 31)


def populate(company: Company) -> None:
    now, owner = timezone.now(), company.owner.employee
    moment: dict[str, Any] = {"at": now, "local_on": STARTS_ON}
    period = ensure_period(starts_on=STARTS_ON, ends_on=ENDS_ON, actor=None, now=now)
    goal = Goal.objects.create(
        number="GW-1",
        period=period,
        layer="position",
        title=f"{company.canary} 合格率",
        owner=owner,
        starts_on=STARTS_ON,
        due_on=ENDS_ON,
        made_at=now,
    )
    company.goal = goal
    GoalSet.objects.create(period=period, layer="position", owner=owner, published_at=now)
    CheckIn.objects.create(goal=goal, note=company.canary, **moment)
    EvidenceItem.objects.create(goal=goal, number=company.canary, **moment)
    Comment.objects.create(goal=goal, text=company.canary, **moment)
    Milestone.objects.create(goal=goal, title=company.canary, due_on=ENDS_ON)
    cause = ObstacleCause.objects.create(name=f"{company.canary} 跨系统数据不通")
    Obstacle.objects.create(goal=goal, cause=cause)
    GoalAlert.objects.create(goal=goal, rule="stale", opened_on=STARTS_ON)
    template = GoalTemplate.objects.create(name=f"{company.canary} 研发", made_at=now)
    TemplateGoal.objects.create(template=template, title=company.canary)


MATRIX: list[Any] = []
