"""Roles given by name. Employee, manager and HRBP are not: they follow from the organisation (product.md §1.4)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from perfsys.audit.actions import record
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import GRANTABLE, Role

from .. import events, spans
from ..models import Employee, OrgUnit, RoleGrant
from .core import Refused, today_at


class NotGrantable(Refused):
    """The role follows from the organisation, or the unit does not fit it."""


class AlreadyGranted(Refused):
    """The person has the role already."""


class LastAdministrator(Refused):
    """Nobody would be left to administer the company."""


@transaction.atomic
def grant_role(
    *,
    membership: Membership,
    role: Role,
    unit: OrgUnit | None = None,
    reason: str = "",
    ends_on: date | None = None,
    actor: Employee | None,
    now: datetime,
) -> RoleGrant:
    """From today until `ends_on`. `unit` bounds an executive's reading; without one it is the whole company.
    Raises NotGrantable, AlreadyGranted."""
    today = today_at(now)
    if role not in GRANTABLE or (unit is not None and role != Role.EXECUTIVE):
        raise NotGrantable(_("This role cannot be given like this."))
    if ends_on is not None and ends_on <= today:
        raise NotGrantable(_("The role must end after today."))
    membership = Membership.objects.select_for_update().get(pk=membership.pk)  # two open tabs, one grant
    held = RoleGrant.objects.filter(spans.ends_after(today), membership=membership, role=role, unit=unit)
    if held.exists():
        raise AlreadyGranted(_("This person has the role already."))
    grant = RoleGrant.objects.create(
        membership=membership, role=role, unit=unit, reason=reason, granted_by=actor, starts_on=today, ends_on=ends_on
    )
    Membership.objects.filter(pk=membership.pk).update(
        granted=sorted({*membership.granted, role.value}), version=F("version") + 1
    )
    details = {"role": role.value, "unit": unit.path if unit else "", "reason": reason}
    record(events.ROLE_GRANTED, subject=grant, about=_employee(membership), actor=actor, at=now, details=details)
    return grant


@transaction.atomic
def revoke_role(*, grant: RoleGrant, actor: Employee | None, now: datetime) -> None:
    """The role ends today. Raises LastAdministrator."""
    today = today_at(now)
    membership = Membership.objects.select_for_update().get(pk=grant.membership_id)
    if grant.role == Role.ADMIN and not _others_administer(membership):
        raise LastAdministrator(_("Name another administrator first: nobody else could give the role back."))
    given = RoleGrant.objects.filter(pk=grant.pk)
    if grant.starts_on == today:
        given.delete()
    else:
        given.update(ends_on=today)
    same = RoleGrant.objects.filter(spans.holds(today), membership=membership, role=grant.role)
    if not same.exists():  # an executive may have several units
        granted = [role for role in membership.granted if role != grant.role]
        Membership.objects.filter(pk=membership.pk).update(granted=granted, version=F("version") + 1)
    details = {"role": grant.role}
    record(events.ROLE_REVOKED, subject=grant, about=_employee(membership), actor=actor, at=now, details=details)


def _others_administer(membership: Membership) -> bool:
    """All administrators are locked: two who dismiss each other at the same moment come one after the other."""
    seats = Membership.objects.select_for_update().filter(granted__contains=[Role.ADMIN], is_active=True)
    return any(seat.pk != membership.pk for seat in seats.order_by("pk"))


def _employee(membership: Membership) -> Employee | None:
    found: Employee | None = Employee.objects.filter(membership=membership).first()
    return found
