"""Who has not heard from the own manager for a while: for that manager alone, on the page and in the weekly word
(product.md §3.5)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from feedback.models import Feedback
from perfsys.people.features import Feature
from perfsys.people.models import Employee, EmployeeSpan, ReportingClosure
from perfsys.people.spans import holds
from perfsys.tenancy.prepared import prepared

SILENT_AFTER = timedelta(days=14)
SILENT_SHOWN = 5


@dataclass(frozen=True)
class Unheard:
    """A report who has not heard from the manager for a while; `last_on` is None for never."""

    person: Employee
    last_on: date | None


def long_unheard(me: Employee, on: date) -> list[Unheard]:
    """Reports that `me` has told nothing for 14 days, the longest silence first. At most one query."""
    if Feature.FEEDBACK in me.withheld:
        return []
    return [Unheard(line.employee, line.last_on) for line in _unheard_by(me.pk, on, on - SILENT_AFTER)]


@prepared
def _unheard_by(me: int, on: date, since: date) -> QuerySet[Any]:
    told = Feedback.objects.filter(giver=me, receiver=OuterRef("employee"), withdrawn_at=None, local_on__lte=on)
    told = told.order_by()
    last_on = told.values("receiver").annotate(last=Max("local_on")).values("last")
    lines: Any = _silent_lines(on, since).filter(manager=me).annotate(last_on=Subquery(last_on))
    ordered = lines.order_by(F("last_on").asc(nulls_first=True), "employee__name_key", "employee__employee_no")
    found: QuerySet[Any] = ordered.select_related("employee")[:SILENT_SHOWN]
    return found


def managers_with_silence(on: date, *, after: int, most: int) -> dict[int, int]:
    """The next managers by id, and how many of their reports it is. One query."""
    leads = Q(manager__status=Employee.Status.ACTIVE) & _has_feedback("manager") & ~Q(manager__in=_away(on))
    silent = _silent_lines(on, on - SILENT_AFTER).filter(leads, manager__gt=after)
    counted = silent.values("manager").annotate(number=Count("pk"))
    return dict(counted.order_by("manager").values_list("manager", "number")[:most])


def _silent_lines(on: date, since: date) -> QuerySet[ReportingClosure]:
    """Without a word after `since`. Who is away or new, or new to this manager, is left in peace."""
    told = Feedback.objects.filter(
        giver=OuterRef("manager"),
        receiver=OuterRef("employee"),
        withdrawn_at=None,
        local_on__gt=since,
        local_on__lte=on,  # a file may date one ahead
    )
    return ReportingClosure.objects.filter(
        holds(on),
        Q(employee__hired_on=None) | Q(employee__hired_on__lte=since),
        _has_feedback("employee"),
        ~Q(employee__in=_away(on)),
        ~Exists(told),
        depth=1,
        starts_on__lte=since,
        employee__status=Employee.Status.ACTIVE,
    )


def _away(on: date) -> QuerySet[Any]:
    return EmployeeSpan.objects.filter(holds(on)).values("employee")


def _has_feedback(name: str) -> Q:
    return ~Q(**{f"{name}__withheld__contains": [Feature.FEEDBACK.value]})
