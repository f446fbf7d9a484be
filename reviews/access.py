"""Who reads and who writes which interview (security.md §2: a draft is the manager's; the HR partner reads what was
signed).

The employee and the manager who led it read it, the manager for as long as the line holds; the employee's manager of
today and the HR partner read what both have signed. A pack is read by the two it was made for, each their own side.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from goals.access import people_partnered
from perfsys.people.access import Viewer, anybody
from perfsys.people.features import Feature
from perfsys.people.models import Employee, ReportingClosure
from perfsys.people.spans import holds
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.roles import Role

from .models import Interview, InterviewState


@dataclass(frozen=True)
class Rights:
    """What a viewer may do with an interview that he reads. Neither side: the HR partner, or a later manager."""

    is_manager: bool = False
    is_employee: bool = False
    prepares: bool = False  # reads the pack, makes a new one
    writes: bool = False  # modules and actions: the manager, until somebody has signed
    plans: bool = False  # the employee's own words, likewise
    signs: bool = False
    declines: bool = False  # the employee, the talk or the record, until the own signature
    cancels: bool = False  # the manager, until the employee has signed


def visible_interviews(who: Viewer) -> QuerySet[Interview]:
    """All that `who` may open; the list that `interview_to_read` agrees with."""
    if who.employee_id is None:
        return Interview.objects.none()
    led = _reports(who)
    seen = Q(employee=who.employee_id) | Q(manager=who.employee_id, employee__in=led)
    held = Q(state=InterviewState.HELD)
    if who.has(Role.MANAGER):
        seen |= held & Q(employee__in=led)
    if who.has(Role.HRBP):
        seen |= held & Q(employee__in=people_partnered(who).exclude(employee=who.employee_id).values("employee"))
    return Interview.objects.filter(seen)


def interview_to_read(who: Viewer, public_id: UUID) -> tuple[Interview, Rights]:
    roles = who.seat.roles & {Role.MANAGER, Role.HRBP}  # that `visible_interviews` asks about
    rows = _to_read(public_id, who.employee_id, who.on, roles=roles) if who.employee_id is not None else []
    found = next(iter(rows), None)
    if found is None:
        raise Http404
    return found, rights_to(who, found)


@prepared
def _to_read(public_id: UUID, employee: int, on: date, *, roles: frozenset[str]) -> QuerySet[Interview]:
    found = visible_interviews(anybody(employee, 0, on, roles)).filter(public_id=public_id)
    return found.select_related("employee", "manager")


def interview_to_prepare(who: Viewer, public_id: UUID) -> tuple[Interview, Rights]:
    """With its pack: of the two alone."""
    found, rights = interview_to_read(who, public_id)
    if not rights.prepares:
        raise PermissionDenied
    return found, rights


def interview_to_lead(who: Viewer, public_id: UUID) -> Interview:
    """To write modules and actions, move or cancel: the manager's."""
    found, rights = interview_to_read(who, public_id)
    if not rights.is_manager:
        raise PermissionDenied
    return found


def interview_of_mine(who: Viewer, public_id: UUID) -> Interview:
    """To add one's own words, or to decline: the employee's."""
    found, rights = interview_to_read(who, public_id)
    if not rights.is_employee:
        raise PermissionDenied
    return found


def interview_to_sign(who: Viewer, public_id: UUID) -> Interview:
    found, rights = interview_to_read(who, public_id)
    if not (rights.is_manager or rights.is_employee):
        raise PermissionDenied
    return found


def report_to_talk_with(who: Viewer, public_id: UUID) -> Employee:
    """A direct report who works here and takes part in talks. A colleague is refused, a stranger not found."""
    found: Employee | None = Employee.objects.filter(public_id=public_id, status=Employee.Status.ACTIVE).first()
    if found is None:
        raise Http404
    if not _reports(who).filter(employee=found).exists() or Feature.INTERVIEWS in found.withheld:
        raise PermissionDenied
    return found


def rights_to(who: Viewer, interview: Interview) -> Rights:
    """Asks no query: `visible_interviews` has looked at the line already."""
    is_manager = who.employee_id is not None and interview.manager_id == who.employee_id
    is_employee = who.employee_id is not None and interview.employee_id == who.employee_id
    is_open = interview.is_planned and not interview.is_signed
    return Rights(
        is_manager=is_manager,
        is_employee=is_employee,
        prepares=is_manager or is_employee,
        writes=is_manager and is_open,
        plans=is_employee and is_open,
        declines=is_employee and interview.is_planned and interview.employee_signed_at is None,
        cancels=is_manager and interview.is_planned and interview.employee_signed_at is None,
        signs=interview.is_planned
        and (
            (is_manager and interview.manager_signed_at is None)
            or (is_employee and interview.employee_signed_at is None)
        ),
    )


def _reports(who: Viewer) -> QuerySet[ReportingClosure]:
    below = ReportingClosure.objects.filter(holds(who.on), manager=who.employee_id, depth=1)
    return below.values("employee")  # type: ignore[return-value]  # one column, to be used as a subquery
