"""Which talks there are, and with whom it would be good to talk; each in a fixed number of queries."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from perfsys.people.access import Viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.people.queries import having, matching, reports_of
from perfsys.tenancy.prepared import prepared
from reviews.access import visible_interviews
from reviews.models import Interview, InterviewState

QUIET = timedelta(days=60)
MOST_QUIET = 8
PER_PAGE = 25


def planned(who: Viewer) -> list[Interview]:
    """Those still to come or still to be signed, the next one first. One query."""
    found = visible_interviews(who).filter(state=InterviewState.PLANNED).select_related("employee", "manager")
    return list(found.order_by("at", "pk"))


def past(who: Viewer, page: int) -> tuple[list[Interview], bool]:
    """The others, the latest first, and whether there are more: how many there are is nobody's figure. One query."""
    found = visible_interviews(who).exclude(state=InterviewState.PLANNED).select_related("employee", "manager")
    first = (page - 1) * PER_PAGE
    rows = list(found.order_by("-at", "-pk")[first : first + PER_PAGE + 1])
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def worth_a_talk(who: Viewer, *, now: datetime) -> list[Employee]:
    """Direct reports without a planned talk whose last one was long ago (`talked_at`, None: never); those first with
    whom nobody talked for longest, a handful. One query."""
    if who.employee is None:
        return []
    talks = Interview.objects.filter(employee=OuterRef("pk"))
    last = talks.filter(state=InterviewState.HELD).order_by("-at").values("at")[:1]
    reports: Any = reports_of(who.employee, who.on, direct=True).filter(
        Q(hired_on=None) | Q(hired_on__lt=who.on - QUIET),
        ~Exists(talks.filter(state=InterviewState.PLANNED, manager=who.employee)),
        having(Feature.INTERVIEWS),
        status=Employee.Status.ACTIVE,
    )
    reports = reports.annotate(talked_at=Subquery(last, output_field=DateTimeField()))
    long_ago = reports.filter(Q(talked_at=None) | Q(talked_at__lt=now - QUIET))
    return list(long_ago.order_by(F("talked_at").asc(nulls_first=True), "name_key", "employee_no")[:MOST_QUIET])


def reports_to_choose(who: Viewer, typed: str, most: int) -> list[Employee]:
    """Direct reports by name, narrowed by what is typed (a name, its pinyin, a number). One query."""
    if who.employee is None:
        return []
    reports = reports_of(who.employee, who.on, direct=True).filter(
        having(Feature.INTERVIEWS), status=Employee.Status.ACTIVE
    )
    if typed:
        reports = matching(reports, typed)
    return list(reports[:most])


def next_talk(me: Employee) -> Interview | None:
    """The next one of mine with my manager. One query."""
    return next(iter(_planned_with(me.pk)), None)


@prepared
def _planned_with(me: int) -> QuerySet[Interview]:
    mine = Interview.objects.filter(employee=me, state=InterviewState.PLANNED)
    return mine.select_related("manager").order_by("at")[:1]


def next_talks(manager: Employee, employee_ids: Collection[int]) -> dict[int, Interview]:
    """What `manager` has planned, by employee id. One query."""
    led: QuerySet[Interview] = Interview.objects.filter(
        manager=manager, employee__in=employee_ids, state=InterviewState.PLANNED
    )
    return {interview.employee_id: interview for interview in led}
