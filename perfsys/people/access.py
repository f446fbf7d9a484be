"""Who asks, and whom they may see. Every page that shows a person fetches the person here.

Everybody in a company sees every colleague's card (name, unit, position). What lies behind the card follows from
the relation: oneself, the manager and the chain above, the HR partner of the unit, the administrator, an executive
from a unit down. `perfsys.people.visibility` says what each relation may do with what.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from perfsys.tenancy.models import Tenant
from perfsys.tenancy.prepared import prepared, with_only
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import Seat

from .features import Feature
from .models import (
    Assignment,
    Employee,
    FeaturePilot,
    HrbpAssignment,
    Invitation,
    InvitationRun,
    OrgUnit,
    OrgUnitClosure,
    Preferences,
    ReportingClosure,
    RoleGrant,
)
from .spans import ends_after, holds

P = ParamSpec("P")


class Relation(StrEnum):
    """How a viewer stands to a person; the columns of the visibility matrix (security.md §2)."""

    SELF = "self"
    MANAGER = "manager"  # the direct one
    CHAIN = "chain"  # a manager at any level above him, or an executive from a unit above
    HRBP = "hrbp"
    ADMIN = "admin"
    COMPENSATION = "compensation"
    PEER = "peer"


@dataclass(frozen=True)
class Viewer:
    """Who asks, as what, and about which day. `employee` is None for an administrator who is no employee."""

    employee: Employee | None
    seat: Seat
    on: date

    @property
    def employee_id(self) -> int | None:
        return self.employee.pk if self.employee else None

    def has(self, *roles: Role) -> bool:
        return bool(self.seat.roles & set(roles))

    def lacks(self, feature: Feature) -> bool:
        """It is not switched on for this person; a seat without an employee lacks nothing."""
        return self.employee is not None and feature in self.employee.withheld


def person(request: HttpRequest) -> Employee:
    """The employee behind the request, asked for once. 404 for a seat without one."""
    found = _employee_of_seat(request)
    if found is None:
        raise Http404("this seat belongs to no employee")
    return found


def viewer(request: HttpRequest) -> Viewer:
    """Who asks, today in the tenant's zone. One query, shared with `person`."""
    seat: Seat = request.seat  # type: ignore[attr-defined]  # open_to put it there
    return Viewer(_employee_of_seat(request), seat, timezone.localdate(timezone=seat.zone))


def anybody(employee: Any, membership: Any, on: Any, roles: frozenset[str] = frozenset()) -> Viewer:
    """Whoever has these roles, while a question is prepared (perfsys.tenancy.prepared): the others are its slots."""
    return Viewer(with_only(Employee, id=employee), Seat(0, membership, roles, "", "", "UTC", "", 0), on)


def owner_in_browser(request: HttpRequest) -> str:
    """Whose the things are that a browser keeps: one person's in one company, and never the next one's."""
    who = viewer(request)
    seat: Seat = request.seat  # type: ignore[attr-defined]  # open_to put it there
    return f"{seat.slug}:{who.employee.public_id if who.employee else seat.membership_id}"


def part_of(feature: Feature) -> Callable[[Callable[P, HttpResponse]], Callable[P, HttpResponse]]:
    """For a view under `open_to`: refused to whom this part of the product is not switched on for (product.md §1.4).
    No query beside that of `viewer`."""

    def decorate(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
        @wraps(view)
        def within(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            request: Any = args[0]
            if viewer(request).lacks(feature):
                raise PermissionDenied(_("%(part)s is not switched on for you yet.") % {"part": feature.label})
            return view(*args, **kwargs)

        return within

    return decorate


def viewer_of(employee: Employee, on: date) -> Viewer:
    """What `employee` would be on opening a page, for what is made beforehand. Two queries. Who has no seat has the
    roles that follow from the organisation."""
    tenant = Tenant.objects.get()
    membership = employee.membership if employee.membership_id else None
    if membership is not None:
        roles = frozenset(membership.granted) | frozenset(membership.derived)
    else:
        leads = ReportingClosure.objects.filter(holds(on), manager=employee, depth=1).exists()
        roles = frozenset({Role.EMPLOYEE, Role.MANAGER}) if leads else frozenset({Role.EMPLOYEE})
    seat = Seat(
        tenant.pk,
        membership.pk if membership else 0,
        frozenset(str(role) for role in roles),
        tenant.slug,
        tenant.name,
        tenant.time_zone,
        tenant.locale,
        tenant.min_group_size,
    )
    return Viewer(employee, seat, on)


def _employee_of_seat(request: HttpRequest) -> Employee | None:
    if not hasattr(request, "_employee"):
        seat: Seat = request.seat  # type: ignore[attr-defined]
        request._employee = next(iter(_of_seat(seat.membership_id)), None)  # type: ignore[attr-defined]
    found: Employee | None = request._employee  # type: ignore[attr-defined]
    return found


@prepared
def _of_seat(membership: int) -> QuerySet[Employee]:
    return Employee.objects.filter(membership=membership)


def colleagues() -> QuerySet[Employee]:
    """Everybody who works here: what each of them may know of the others is on the card."""
    return Employee.objects.filter(status=Employee.Status.ACTIVE)


def visible_people(who: Viewer) -> QuerySet[Employee]:
    """Those whose profile `who` may open: the list that `person_to_read` agrees with."""
    if who.has(Role.ADMIN) or _reads_all(who):
        return Employee.objects.all()
    # Uncorrelated on purpose: PostgreSQL hashes each part once; under OR it cannot turn EXISTS into a join.
    seen = Q(pk__in=_below(who).values("employee"))
    seen |= Q(pk__in=_posts_in(_hrbp_units(who), who.on).values("employee"))
    if who.has(Role.EXECUTIVE):
        seen |= Q(pk__in=_posts_in(_executive_units(who), who.on).values("employee"))
    if who.employee_id:
        seen |= Q(pk=who.employee_id)
    return Employee.objects.filter(seen)


def relations_to(who: Viewer, employee_ids: Collection[int]) -> dict[int, frozenset[Relation]]:
    """How `who` stands to each of them, never empty: a colleague is a peer. At most four queries."""
    depth = dict(_below(who).filter(employee__in=employee_ids).values_list("employee_id", "depth"))
    partnered = _members(employee_ids, _hrbp_units(who), who.on)
    led: set[int] = set()
    if _reads_all(who):
        led = set(employee_ids)
    elif who.has(Role.EXECUTIVE):
        led = _members(employee_ids, _executive_units(who), who.on)
    return {pk: _relations(who, pk, depth.get(pk, 0), pk in partnered, pk in led) for pk in employee_ids}


def relation_to(who: Viewer, employee: Employee) -> frozenset[Relation]:
    return relations_to(who, [employee.pk])[employee.pk]


def led_people(who: Viewer) -> QuerySet[Employee]:
    """Whom an executive reads like a manager of the chain above (product.md §9.2): from the unit of the grant down."""
    if not who.has(Role.EXECUTIVE) or who.employee_id is None:
        return Employee.objects.none()
    if _reads_all(who):
        return Employee.objects.exclude(pk=who.employee_id)
    led = _posts_in(_executive_units(who), who.on).exclude(employee=who.employee_id)
    return Employee.objects.filter(pk__in=led.values("employee"))


def listed_people(who: Viewer) -> QuerySet[Employee]:
    """Whom the list of people shows, and whose page opens: everybody who works here; who has left only to those who
    read the whole company."""
    if who.has(Role.ADMIN) or _reads_all(who):
        return Employee.objects.all()
    return colleagues()


def person_to_see(who: Viewer, public_id: UUID) -> Employee:
    """A person's page: the card for a colleague, more by relation (`relation_to`, `visibility`)."""
    return _found(listed_people(who), public_id)


def person_to_read(who: Viewer, public_id: UUID) -> Employee:
    """A person whose profile `who` may open. Who has left is not found, a colleague's profile is refused."""
    found = person_to_see(who, public_id)
    if not visible_people(who).filter(pk=found.pk).exists():
        raise PermissionDenied
    return found


def person_to_edit(who: Viewer, public_id: UUID) -> Employee:
    """A person whose record `who` keeps: the administrator's work."""
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    return _found(Employee.objects.all(), public_id)


def unit_to_see(public_id: UUID) -> OrgUnit:
    """The tree of units is known to everybody in the company."""
    found: OrgUnit | None = OrgUnit.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def grant_to_revoke(who: Viewer, public_id: UUID) -> RoleGrant:
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    found: RoleGrant | None = RoleGrant.objects.filter(ends_after(who.on), public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def pilot_to_drop(who: Viewer, public_id: UUID) -> FeaturePilot:
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    found: FeaturePilot | None = FeaturePilot.objects.filter(public_id=public_id).select_related("switch").first()
    if found is None:
        raise Http404
    return found


def invitation_to_withdraw(who: Viewer, public_id: UUID) -> Invitation:
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    found: Invitation | None = Invitation.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _found(people: QuerySet[Employee], public_id: UUID) -> Employee:
    found: Employee | None = people.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _below(who: Viewer) -> QuerySet[ReportingClosure]:
    return ReportingClosure.objects.filter(holds(who.on), manager=who.employee_id)


def _hrbp_units(who: Viewer) -> QuerySet[OrgUnitClosure]:
    given = HrbpAssignment.objects.filter(holds(who.on), hrbp=who.employee_id).values("unit")
    return OrgUnitClosure.objects.filter(holds(who.on), ancestor__in=given)


def _executive_units(who: Viewer) -> QuerySet[OrgUnitClosure]:
    given = _executive_grants(who).values("unit")
    return OrgUnitClosure.objects.filter(holds(who.on), ancestor__in=given)


def _executive_grants(who: Viewer) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(holds(who.on), membership=who.seat.membership_id, role=Role.EXECUTIVE)


def _reads_all(who: Viewer) -> bool:
    """An executive of the whole company. Without a grant that says so, an executive reads nothing more."""
    return who.has(Role.EXECUTIVE) and _executive_grants(who).filter(unit=None).exists()


def _posts_in(units: QuerySet[OrgUnitClosure], on: date) -> QuerySet[Assignment]:
    return Assignment.objects.filter(holds(on), is_primary=True, unit__in=units.values("descendant"))


def _members(employee_ids: Collection[int], units: QuerySet[OrgUnitClosure], on: date) -> set[int]:
    return set(_posts_in(units, on).filter(employee__in=employee_ids).values_list("employee_id", flat=True))


def _relations(who: Viewer, pk: int, depth: int, is_partner: bool, is_led: bool) -> frozenset[Relation]:
    found = set()
    if pk == who.employee_id:
        found.add(Relation.SELF)  # nobody is his own manager or HR partner
    else:
        if depth == 1:
            found.add(Relation.MANAGER)
        if depth > 1 or is_led:
            found.add(Relation.CHAIN)
        if is_partner:
            found.add(Relation.HRBP)
    if who.has(Role.ADMIN):
        found.add(Relation.ADMIN)
    if who.has(Role.COMPENSATION_ADMIN):
        found.add(Relation.COMPENSATION)
    return frozenset(found or {Relation.PEER})


def preferences_of(seat: Seat) -> Preferences | None:
    """One's own, for the screen; None while nothing was chosen."""
    found: Preferences | None = Preferences.objects.filter(membership=seat.membership_id).first()
    return found


def invitation_run_to_read(public_id: UUID) -> InvitationRun:
    """For routes open to administrators alone: they see each other's."""
    found: InvitationRun = get_object_or_404(InvitationRun.objects.select_related("unit"), public_id=public_id)
    return found
