"""What a goal was given and used, stated by hand (product.md §2.15)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from goals import events
from goals.models import Goal, ResourceKind, ResourceLine, Source
from goals.queries.resources import version_of
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .goal import StaleVersion
from .trail import GoalNotOpen

Stated = Mapping[str, tuple[Decimal | None, Decimal | None]]  # planned and actual by kind


@transaction.atomic
def state_resources(
    *, goal: Goal, month: date, stated: Stated, actor: Employee | None, now: datetime, version: int | None = None
) -> None:
    """Planned and actual of a month, of every kind: what is left empty is taken out. Figures for the whole period stay.
    Of what is measured only the plan is typed. `version` is what the editor saw (`queries.resources.version_of`).
    Raises GoalNotOpen, StaleVersion."""
    locked: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=goal.pk)
    if locked.is_draft:
        raise GoalNotOpen
    first = month.replace(day=1)
    lines = {line.kind: line for line in ResourceLine.objects.filter(goal=locked, month=first)}
    if version is not None and version != version_of(lines.values()):
        raise StaleVersion
    for kind in ResourceKind.values:
        planned, actual = stated.get(kind, (None, None))
        line = lines.get(kind) or ResourceLine(goal=locked, month=first, kind=kind)
        line.planned = planned
        if line.source != Source.AUTOMATIC:
            line.actual, line.source = actual, Source.TYPED
        if line.planned is not None or line.actual is not None:
            line.save()
        elif line.pk:
            line.delete()
    record(
        events.RESOURCES_CHANGED,
        subject=locked,
        about=locked.owner,
        actor=actor,
        at=now,
        details={"month": f"{first:%Y-%m}"},
    )
