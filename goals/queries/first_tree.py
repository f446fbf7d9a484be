"""What a new company begins with: its departments, and the tree of drafts laid out for it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from goals.models import Alignment, Goal, Layer, Period, Status
from perfsys.people.models import Assignment, Employee, OrgUnit
from perfsys.people.spans import holds

MOST_DEPARTMENTS = 60


@dataclass(frozen=True)
class Department:
    """A unit where people have their primary posts, and how many."""

    unit: OrgUnit
    people: int


@dataclass(frozen=True)
class Branch:
    goal: Goal
    depth: int


def departments(on: date) -> list[Department]:
    """The first sixty by path. Two queries."""
    posts = Assignment.objects.filter(holds(on), is_primary=True, employee__status=Employee.Status.ACTIVE)
    counted = dict(posts.order_by().values_list("unit").annotate(number=Count("pk")))
    units = OrgUnit.objects.filter(pk__in=counted, ends_on=None).order_by("path")[:MOST_DEPARTMENTS]
    return [Department(unit, counted[unit.pk]) for unit in units]


def next_place() -> int:
    """The first number that no employee has been given by counting (P0001, P0002 ...)."""
    counted = Employee.objects.filter(employee_no__regex=r"^P[0-9]{1,8}$").values_list("employee_no", flat=True)
    return max((int(number[1:]) for number in counted), default=0) + 1


def drafts_of(period: Period | None) -> list[Goal]:
    """Drafts of the period that were made from a template, the company's first. One query."""
    found = Goal.objects.filter(period=period, status=Status.DRAFT, made_from__isnull=False)
    return list(found.select_related("owner", "unit").order_by("id"))


def tree_of(drafts: list[Goal]) -> list[Branch]:
    """Top down, each below what it supports. One query."""
    parent = dict(Alignment.objects.filter(child__in=drafts, is_primary=True).order_by().values_list("child", "parent"))
    below: defaultdict[int | None, list[Goal]] = defaultdict(list)
    ids = {goal.pk for goal in drafts}
    for goal in drafts:
        above = parent.get(goal.pk)
        below[above if above in ids else None].append(goal)

    def walk(above: int | None, depth: int) -> list[Branch]:
        return [
            one
            for goal in below[above]
            for one in (Branch(goal, depth), *(walk(goal.pk, depth + 1) if depth < len(Layer) else ()))
        ]

    return walk(None, 0)
