"""What the penetration report is worked out from, read as sets: eight queries whatever the number of goals."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q

from dashboards.models import PenetrationReport
from dashboards.penetration import (
    Flow,
    GoalAmounts,
    Support,
    flow_of,
    in_units,
    month_part,
    months_between,
)
from goals.health import month_span
from goals.models import Alignment, Goal, Outcome, Period, ResourceKind, ResourceLine, Status
from goals.queries.health import idle_goals
from perfsys.jobs.models import Job
from perfsys.people.models import OrgUnit, OrgUnitClosure
from perfsys.people.spans import holds

Amounts = tuple[int, int | None]  # planned, actual


class GoalRow(NamedTuple):
    id: int
    public_id: str
    number: str
    title: str
    layer: str
    unit: int | None
    period: int
    is_cancelled: bool


class UnitRow(NamedTuple):
    id: int
    public_id: str
    name: str


@dataclass  # not frozen: what follows from it is kept
class Facts:
    """A month as it is known on `as_of`. `department_of` gives the upper unit a unit belongs to, in that month."""

    month: date
    as_of: date
    goals: dict[int, GoalRow]
    supports: list[Support]
    amounts: dict[str, dict[int, Amounts]]
    units: dict[int, UnitRow]
    department_of: dict[int, int]
    idle: dict[int, str]  # numbers by id

    @cached_property
    def carried(self) -> set[int]:
        """Goals that others support."""
        return {line.parent for line in self.supports if line.child in self.goals and line.parent in self.goals}

    def department(self, goal: int) -> int | None:
        unit = self.goals[goal].unit
        return None if unit is None else self.department_of.get(unit, unit)


def facts_of(month: date, as_of: date) -> Facts:
    """Published and finished goals of the periods that touch the month. Of a cancelled goal only what was used counts,
    its plan is off."""
    first, last = month_span(month, as_of)
    periods = {
        period.pk: period for period in Period.objects.filter(starts_on__lte=max(first, last), ends_on__gte=first)
    }
    standing = Goal.objects.filter(period__in=list(periods), published_on__lte=last).exclude(status=Status.DRAFT)
    columns = ("pk", "public_id", "number", "title", "layer", "unit", "period", "outcome")
    goals = {
        pk: GoalRow(pk, str(public_id), number, title, layer, unit, period, outcome == Outcome.CANCELLED)
        for pk, public_id, number, title, layer, unit, period, outcome in standing.values_list(*columns).order_by("pk")
    }
    # By the span of ids, not by period: right after an import the planner knows nothing yet, and loops over a join.
    first_id, last_id = min(goals, default=0), max(goals, default=0)
    lines = Alignment.objects.filter(child__gte=first_id, child__lte=last_id).order_by("child", "pk")
    supports = [Support(*row) for row in lines.values_list("child", "parent", "is_primary", "split")]
    return Facts(
        month=first,
        as_of=as_of,
        goals=goals,
        supports=supports,
        amounts=_amounts(first, goals, periods),
        units={
            pk: UnitRow(pk, str(public_id), name)
            for pk, public_id, name in OrgUnit.objects.values_list("pk", "public_id", "name")
        },
        department_of=_departments(max(first, last)),
        idle=dict(idle_goals(first, as_of).order_by("pk").values_list("pk", "number")),
    )


def flows_of(facts: Facts) -> dict[str, Flow]:
    """By kind of resource."""
    flows = {}
    for kind in ResourceKind.values:
        amounts = facts.amounts[kind]
        goals = [GoalAmounts(row.id, row.layer, *amounts.get(row.id, (0, None))) for row in facts.goals.values()]
        flows[kind] = flow_of(goals, facts.supports)
    return flows


def _amounts(month: date, goals: dict[int, GoalRow], periods: dict[int, Period]) -> dict[str, dict[int, Amounts]]:
    """By kind and goal. A line of the month stands before one over the whole period, of which money and hours give
    each month its part; heads are as many in each."""
    of_month: dict[str, dict[int, list[int | None]]] = {kind: {} for kind in ResourceKind.values}
    first_id, last_id = min(goals, default=0), max(goals, default=0)
    lines = ResourceLine.objects.filter(Q(month=None) | Q(month=month), goal__gte=first_id, goal__lte=last_id)
    rows = lines.order_by("month").values_list("goal", "kind", "month", "planned", "actual")  # None comes last
    for pk, kind, on, *said in rows.iterator(chunk_size=10_000):
        goal = goals.get(pk)
        if goal is None:
            continue
        period = periods[goal.period]
        held = of_month[kind].setdefault(pk, [None, None])
        for place, amount in enumerate(said):
            if amount is None or held[place] is not None:
                continue
            whole = in_units(amount)
            if on is None and kind != ResourceKind.PEOPLE:
                months = months_between(period.starts_on, period.ends_on) + 1
                whole = month_part(whole, months_between(period.starts_on, month), months)
            held[place] = whole
    return {
        kind: {pk: (0 if goals[pk].is_cancelled else planned or 0, actual) for pk, (planned, actual) in held.items()}
        for kind, held in of_month.items()
    }


def _departments(on: date) -> dict[int, int]:
    """The upper unit of each unit on that day: those below the only unit at the top, else the ones at the top."""
    above: defaultdict[int, list[int]] = defaultdict(list)
    pairs = OrgUnitClosure.objects.filter(holds(on)).order_by("-depth").values_list("descendant", "ancestor")
    for unit, ancestor in pairs:  # the highest first, itself last
        above[unit].append(ancestor)
    tops = {line[0] for line in above.values()}
    level = 1 if len(tops) == 1 and any(len(line) > 1 for line in above.values()) else 0
    return {unit: line[min(level, len(line) - 1)] for unit, line in above.items()}


# --- reports there are ------------------------------------------------------------------------------------------------

AT_WORK, GAVE_UP = "at work", "gave up"


def reported_months(most: int) -> list[date]:
    """The newest first."""
    months = PenetrationReport.objects.order_by("-month").values_list("month", flat=True).distinct()
    return list(months[:most])


def versions_of(month: date) -> list[int]:
    """The newest first."""
    found = PenetrationReport.objects.filter(month=month).order_by("-version")
    return list(found.values_list("version", flat=True))


class Asked(NamedTuple):
    """The last time somebody asked for the month: the job, and whether it is at work or was given up."""

    job: int = 0
    state: str = ""


def last_asked(month: date) -> Asked:
    jobs = Job.objects.filter(kind="dashboards.penetration", payload__month=month.isoformat())
    found = jobs.order_by("-pk").values_list("pk", "state").first()
    if found is None:
        return Asked()
    pk, state = found
    if state in (Job.State.READY, Job.State.RUNNING):
        return Asked(pk, AT_WORK)
    return Asked(pk, GAVE_UP if state == Job.State.DEAD else "")
