"""The goals of one owner as a set, and what stands between it and its publication."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from goals.extras import fields_of, missing_in
from goals.models import Alignment, Direction, Goal, GoalSet, Kind, Layer, Milestone, Obstacle, Outcome, Period, Status
from goals.publishing import (
    CADENCE,
    FULL_WEIGHT,
    RANGE,
    STAGES,
    GoalDraft,
    Parent,
    Problem,
    may_publish,
    publish_problems,
)
from perfsys.people.models import Employee, OrgUnit, OrgUnitClosure
from perfsys.people.spans import holds

from .settings import bounds, goal_settings


@dataclass(frozen=True)
class Candidate:
    goal: Goal
    parent: Goal | None
    causes: tuple[str, ...]
    has_stages: bool = False


@dataclass(frozen=True)
class Publication:
    """Drafts and the goals published before, which count for weights and bounds but are judged no more."""

    drafts: tuple[Candidate, ...]
    published: tuple[Candidate, ...]
    problems: tuple[Problem, ...]

    @property
    def is_ready(self) -> bool:
        return may_publish(self.problems)

    def of_goal(self, goal: Goal) -> list[Problem]:
        return [problem for problem in self.problems if problem.goal == str(goal.pk)]

    @property
    def of_set(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.goal is None]


def goals_of(
    *, layer: str, period: Period | None, owner: Employee | None = None, unit: OrgUnit | None = None
) -> QuerySet[Goal]:
    """All goals of one set that are not cancelled: of a person, of a unit, or with neither the company's. Without a
    `period`, of all of them."""
    goals = Goal.objects.filter(layer=layer).exclude(outcome=Outcome.CANCELLED)
    goals = goals.filter(period=period) if period else goals
    if layer == Layer.POSITION:
        return goals.filter(owner=owner)
    return goals.filter(unit=unit) if layer == Layer.DEPARTMENT else goals


def weights_above_100(goals: Iterable[Goal]) -> Decimal | None:
    """What the published ones of a set come to together, where that is more than they may."""
    published = [goal.weight or Decimal(0) for goal in goals if not goal.is_draft]
    together = sum(published, Decimal(0))
    return together if together > FULL_WEIGHT else None


def set_waiting_for(me: Employee, period: Period | None) -> GoalSet | None:
    """My published goals of the period that I have not said anything to yet."""
    waiting = GoalSet.objects.filter(owner=me, layer=Layer.POSITION, acknowledged_at=None, refused_at=None)
    found: GoalSet | None = waiting.filter(period=period).first()
    return found


def answer_of(owner: Employee, period: Period) -> GoalSet | None:
    """The set of a person's goals that was published, with what he said to it."""
    sets = GoalSet.objects.filter(owner=owner, layer=Layer.POSITION, period=period)
    found: GoalSet | None = sets.first()
    return found


def publication(goals: QuerySet[Goal], on: date) -> Publication:
    """Four queries, whatever the number of goals."""
    stages = Milestone.objects.filter(goal=OuterRef("pk"), adopted="")
    read: Any = goals.select_related("unit", "made_from").annotate(has_stages=Exists(stages))
    listed = list(read.order_by("id"))
    candidates = _candidates(listed)
    limits = bounds(goal_settings())
    drafts = tuple(one for one in candidates if one.goal.is_draft)
    published = tuple(one for one in candidates if not one.goal.is_draft)
    if not drafts:
        return Publication(drafts, published, tuple(publish_problems([], limits)))
    above = _units_above(
        [unit for one in drafts if one.goal.layer == Layer.DEPARTMENT and (unit := one.goal.unit_id) is not None], on
    )
    judged = {str(one.goal.pk) for one in drafts}
    found = publish_problems([_as_draft(one, above) for one in candidates], limits)
    return Publication(drafts, published, tuple(p for p in found if p.goal is None or p.goal in judged))


def _candidates(goals: list[Any]) -> list[Candidate]:
    alignments = Alignment.objects.filter(child__in=goals, is_primary=True).select_related("parent")
    parents = {alignment.child_id: alignment.parent for alignment in alignments}
    causes: defaultdict[int, list[str]] = defaultdict(list)
    for goal_id, name in Obstacle.objects.filter(goal__in=goals).order_by("id").values_list("goal", "cause__name"):
        causes[goal_id].append(name)
    return [Candidate(goal, parents.get(goal.pk), tuple(causes[goal.pk]), goal.has_stages) for goal in goals]


def _as_draft(candidate: Candidate, units_above: set[tuple[int, int]]) -> GoalDraft:
    goal, parent = candidate.goal, candidate.parent
    return GoalDraft(
        key=str(goal.pk),
        title=goal.title,
        layer=goal.layer,
        weight=goal.weight,
        parent=Parent(
            key=str(parent.pk),
            layer=parent.layer,
            is_published=parent.status != Status.DRAFT,
            of_ancestor_unit=(goal.unit_id, parent.unit_id) in units_above,
        )
        if parent
        else None,
        evidence_type=goal.evidence_type,
        evidence_no=goal.evidence_number,
        evidence_source=goal.evidence_plan,
        obstacles=candidate.causes,
        lacks=_lacks(candidate),
        unanswered=[str(one.label) for one in missing_in(fields_of(goal.made_from.fields), goal.extra)]
        if goal.made_from
        else [],
    )


def _lacks(candidate: Candidate) -> str:
    """What would make its progress a question without an answer: nothing to tick, nothing due, nothing to be inside."""
    goal = candidate.goal
    if goal.kind == Kind.MILESTONE:
        return "" if candidate.has_stages else STAGES
    if goal.kind == Kind.BEHAVIOUR:
        return "" if goal.cadence_times and goal.cadence_per else CADENCE
    is_held = goal.kind == Kind.KPI and goal.direction == Direction.HOLD
    return RANGE if is_held and goal.hold_low is goal.hold_high is None else ""


def _units_above(unit_ids: list[int], on: date) -> set[tuple[int, int]]:
    """(unit, ancestor) of these units."""
    if not unit_ids:
        return set()
    above = OrgUnitClosure.objects.filter(holds(on), descendant__in=unit_ids, depth__gt=0)
    return set(above.values_list("descendant_id", "ancestor_id"))
