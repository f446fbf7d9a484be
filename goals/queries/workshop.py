"""The decoding workshop (product.md §2.13): what its page shows, and what becomes of it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.access import departments
from goals.decoding import gaps
from goals.models import Goal, Layer, Outcome, Overlap, PositionAction, Proposal, Status, Workshop
from goals.wording import plain
from perfsys.people.models import Employee, OrgUnit

from .heads import head_by_unit

# What is written of a proposal and of an action, by the name in forms: for the second of two editors.
COLUMNS: Mapping[str, Promise] = {
    "title": _("Key result"),
    "measure": _("Measured by"),
    "target": _("Target"),
    "unit_of_measure": _("Unit of measure"),
    "weight": _("Weight"),
}
ACTION_COLUMNS: Mapping[str, Promise] = {"title": _("Action")}
OVERLAP_COLUMNS: Mapping[str, Promise] = {"note": _("How you split it")}


@dataclass(frozen=True)
class Page:
    """Everything on the workshop's page, in the order it is shown; six queries whatever its size."""

    objectives: list[Goal]
    proposals: list[Proposal]
    actions: Mapping[int, list[PositionAction]]  # by proposal
    unsupported: list[Goal]
    silent: list[OrgUnit]
    overlaps: list[Overlap]

    def for_objective(self, objective: Goal | None) -> list[Proposal]:
        """With None: what was proposed for a goal that is no longer there."""
        shown = {one.pk for one in self.objectives}
        if objective is None:
            return [one for one in self.proposals if one.objective_id not in shown]
        return [one for one in self.proposals if one.objective_id == objective.pk]


@dataclass
class Step:
    """What becomes of an action item: a draft for its owner, or what keeps it from being one."""

    action: PositionAction
    lacks: list[str] = field(default_factory=list)


@dataclass
class Line:
    """The same of a proposal: a draft of the department, whose head owns it."""

    proposal: Proposal
    head: Employee | None
    lacks: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return not self.lacks

    @property
    def is_new(self) -> bool:
        """It becomes a goal now."""
        return self.is_ready and self.proposal.goal_id is None

    @property
    def new_steps(self) -> list[Step]:
        return [step for step in self.steps if not step.lacks and step.action.goal_id is None]


def listed(workshops: QuerySet[Workshop]) -> QuerySet[Workshop]:
    """The latest period first, each with `proposed`, how many proposals it has."""
    counted: Any = Count("proposals", filter=Q(proposals__dropped_at=None))
    return workshops.annotate(proposed=counted).order_by("-period__starts_on", "pk")


def objectives_of(workshop: Workshop) -> QuerySet[Goal]:
    """The company's goals of its period, drafts among them: they are what is being taken apart."""
    return (
        Goal.objects.filter(period=workshop.period_id, layer=Layer.COMPANY, is_private=False)
        .exclude(outcome=Outcome.CANCELLED)
        .order_by("-weight", "pk")
    )


def mark_of(workshop: Workshop) -> str:
    """Changes with everything the page shows of the workshop. One query."""
    counted = objectives_of(workshop).order_by().aggregate(goals=Count("pk"), versions=Sum("version"))
    return f"{workshop.version}.{counted['goals']}.{counted['versions'] or 0}"


def page_of(workshop: Workshop, on: date) -> Page:
    objectives = list(objectives_of(workshop))
    proposals = list(_proposals(workshop))
    units = list(departments(on))
    found = gaps(
        [one.pk for one in objectives],
        [one.pk for one in units],
        [(one.objective_id, one.unit_id) for one in proposals],
    )
    overlaps = Overlap.objects.filter(workshop=workshop, one__dropped_at=None, other__dropped_at=None)
    return Page(
        objectives,
        proposals,
        _actions(workshop),
        [one for one in objectives if one.pk in found.unsupported],
        [one for one in units if one.pk in found.silent],
        list(overlaps.select_related("one__unit", "other__unit", "said_by").order_by("resolved_at", "pk")),
    )


def outcome_of(workshop: Workshop, on: date) -> list[Line]:
    """What each proposal and action becomes, or lacks. Three queries."""
    proposals = list(_proposals(workshop))
    heads = head_by_unit({one.unit_id for one in proposals}, on)
    actions = _actions(workshop)
    lines = []
    for one in proposals:
        line = Line(one, heads.get(one.unit_id))
        if one.goal_id is None:  # else it is a goal since an earlier time, whatever was said of it since
            line.lacks = [str(LACKS[code]) % {"title": one.title} for code in _lacks(one, line.head)]
        for action in actions.get(one.pk, []):
            step = Step(action)
            if action.goal_id is not None:
                pass  # a goal since an earlier time
            elif not line.is_ready:
                step.lacks = [str(LACKS["proposal"]) % {"title": action.title}]
            elif action.owner is None or action.owner.status != Employee.Status.ACTIVE:
                step.lacks = [str(LACKS["owner"]) % {"title": action.title}]
            line.steps.append(step)
        lines.append(line)
    return lines


def actions_of(proposal: Proposal) -> list[PositionAction]:
    found = PositionAction.objects.filter(proposal=proposal, dropped_at=None)
    return list(found.select_related("owner", "goal").order_by("pk"))


def changed_meanwhile_in(now: Any, version: int, columns: Mapping[str, Promise]) -> list[dict[str, str]]:
    """Label, what it was in `version`, what it is `now`. One query."""
    then = now.events.filter(version=version).order_by("-pgh_id").first()
    if then is None:
        return []
    return [
        {"label": str(label), "was": _told(getattr(then, name)), "now": _told(getattr(now, name))}
        for name, label in columns.items()
        if getattr(then, name) != getattr(now, name)
    ]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else plain(value)


def _lacks(one: Proposal, head: Employee | None) -> list[str]:
    found = []
    if one.objective is None or one.objective.outcome == Outcome.CANCELLED or one.objective.status == Status.CLOSED:
        found.append("objective")
    if not one.measure:
        found.append("measure")
    if one.weight is None:
        found.append("weight")
    if head is None:
        found.append("head")
    return found


def _proposals(workshop: Workshop) -> QuerySet[Proposal]:
    found = Proposal.objects.filter(workshop=workshop, dropped_at=None)
    return found.select_related("unit", "objective", "goal", "written_by").order_by("unit__path", "pk")


def _actions(workshop: Workshop) -> dict[int, list[PositionAction]]:
    found = PositionAction.objects.filter(proposal__workshop=workshop, dropped_at=None, proposal__dropped_at=None)
    by_proposal: defaultdict[int, list[PositionAction]] = defaultdict(list)
    for one in found.select_related("owner", "goal").order_by("pk"):
        by_proposal[one.proposal_id].append(one)
    return by_proposal


LACKS: Mapping[str, Promise] = {
    "objective": _("“%(title)s”: the company goal it is for is no longer there. Choose another."),
    "measure": _("“%(title)s” does not say what it is measured by. Fill it in."),
    "weight": _("“%(title)s” has no weight yet. Give it one."),
    "head": _("“%(title)s”: nobody leads this department today, so nobody would own it."),
    "proposal": _("“%(title)s” waits for the key result above it."),
    "owner": _("“%(title)s” names nobody yet who does it. Name somebody of the department."),
}
