"""Goals of a period as the lines of a file: five queries, however many there are, and three for extra fields."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import QuerySet

from goals.exporting import GoalLine
from goals.extra_columns import answers_by_column
from goals.importing import words
from goals.models import Alignment, Direction, Goal, Layer, Obstacle, Outcome, ResourceKind, ResourceLine, Status
from perfsys.people.models import OrgUnit

from .extra_columns import origin_keys, people_answered

ORDER = {Layer.COMPANY: 0, Layer.DEPARTMENT: 1, Layer.POSITION: 2}
ENDED = {Outcome.ACHIEVED: words.DONE, Outcome.MISSED: words.MISSED, Outcome.CANCELLED: words.CANCELLED}


def lines_of(
    goals: QuerySet[Goal], *, with_extra: bool = False, named: QuerySet[Goal] | None = None
) -> Iterator[GoalLine]:
    """From the company's down, each owner's together. `parents` names goals that are not among them too, all of them or
    those of `named`."""
    found = goals.select_related("owner")
    people, origins = (people_answered(goals), origin_keys(goals)) if with_extra else ({}, {})
    paths: dict[int, str] = dict(OrgUnit.objects.values_list("pk", "path"))
    parents, obstacles, resources = _parents(goals, named), _obstacles(goals), _resources(goals)
    for goal in sorted(found, key=lambda goal: _place(goal, paths)):
        amounts = resources[goal.pk]
        yield GoalLine(
            layer=goal.layer,
            number=goal.number,
            title=goal.title,
            status=ENDED[Outcome(goal.outcome)] if goal.status == Status.CLOSED else goal.status,
            owner=goal.owner.employee_no if goal.owner else "",
            name=goal.owner.name if goal.owner else "",
            department=paths.get(goal.unit_id or 0, ""),
            parents=tuple(parents[goal.pk]),
            weight=goal.weight,
            core=goal.is_core,
            measure=goal.measure,
            target=goal.target,
            lowers=goal.direction == Direction.LOWER,
            unit=goal.unit_of_measure,
            evidence_type=goal.evidence_type,
            evidence_label=goal.evidence_label,
            evidence_number=goal.evidence_number,
            budget=amounts[ResourceKind.MONEY],
            headcount=amounts[ResourceKind.PEOPLE],
            hours=amounts[ResourceKind.HOURS],
            due=goal.due_on,
            obstacles=tuple(obstacles[goal.pk]),
            extra=answers_by_column(origins.get(goal.made_from_id or 0, ""), goal.extra, people) if with_extra else {},
        )


def _place(goal: Goal, paths: dict[int, str]) -> tuple[int, str, str, int]:
    return (
        ORDER[Layer(goal.layer)],
        paths.get(goal.unit_id or 0, ""),
        goal.owner.employee_no if goal.owner else "",
        goal.pk,
    )


def _parents(goals: QuerySet[Goal], named: QuerySet[Goal] | None) -> defaultdict[int, list[str]]:
    """Numbers of the goals above, the primary one first."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    lines = Alignment.objects.filter(child__in=goals.values("pk")).order_by("-is_primary", "pk")
    if named is not None:
        lines = lines.filter(parent__in=named.values("pk"))
    for child, parent in lines.values_list("child_id", "parent__number"):
        found[child].append(parent)
    return found


def _obstacles(goals: QuerySet[Goal]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    named = Obstacle.objects.filter(goal__in=goals.values("pk")).order_by("pk")
    for goal, cause in named.values_list("goal_id", "cause__name"):
        found[goal].append(cause)
    return found


def _resources(goals: QuerySet[Goal]) -> defaultdict[int, defaultdict[str, Decimal]]:
    """What is planned over the whole period; a file has no column for months."""
    found: defaultdict[int, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    lines = ResourceLine.objects.filter(goal__in=goals.values("pk"), month=None).exclude(planned=None)
    for goal, kind, planned in lines.values_list("goal_id", "kind", "planned"):
        found[goal][kind] += planned or 0
    return found
