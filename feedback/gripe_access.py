"""Who does what on gripe day (product.md §6.4). Everybody in the company reads and votes, whoever works here suggests;
HR partners and administrators answer and join, administrators set the days (the routes say so). Nobody, whatever the
office, reads who is for what or who wrote an unnamed one."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role

from .models import Gripe, GripeDay, GripeSettings, GripeState

KEEPERS = (Role.HRBP, Role.ADMIN)


def gripes_of(day: GripeDay) -> QuerySet[Gripe]:
    """On the list: what was joined with another is read there."""
    return Gripe.objects.filter(day=day, joined_with=None)


def adopted_gripes() -> QuerySet[Gripe]:
    return Gripe.objects.filter(state=GripeState.ADOPTED)


def gripe_to_read(public_id: UUID) -> Gripe:
    found: Gripe | None = (
        Gripe.objects.filter(public_id=public_id).select_related("day", "author", "owner", "joined_with").first()
    )
    if found is None:
        raise Http404
    return found


def gripe_to_withdraw(who: Viewer, public_id: UUID) -> Gripe:
    """One's own, with one's name on it; of an unnamed one nobody knows whose it is."""
    found = gripe_to_read(public_id)
    if who.employee_id is None or found.author_id != who.employee_id:
        raise PermissionDenied
    return found


def gripe_day_to_move(public_id: UUID) -> GripeDay:
    found: GripeDay | None = GripeDay.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def gripe_settings() -> GripeSettings:
    """The tenant's settings, or the defaults where nobody has set any."""
    found: GripeSettings | None = GripeSettings.objects.first()
    return found or GripeSettings()


@dataclass(frozen=True)
class Keepers:
    """Who can look after a suggestion that is taken up: those who can set that part of the process, and the others."""

    setters: Sequence[Employee]
    others: Sequence[Employee]


def who_keeps(roles: AbstractSet[str]) -> Keepers:
    """`roles` set that part of the process."""
    every = list(keepers().select_related("membership"))
    can = {one.pk for one in every if one.membership and roles & {*one.membership.granted, *one.membership.derived}}
    return Keepers([one for one in every if one.pk in can], [one for one in every if one.pk not in can])


def keepers() -> QuerySet[Employee]:
    """HR partners and administrators who work here."""
    roles = [str(role) for role in KEEPERS]
    holds_one = Q(membership__granted__overlap=roles) | Q(membership__derived__overlap=roles)
    here = Employee.objects.filter(holds_one, status=Employee.Status.ACTIVE, membership__is_active=True)
    return here.order_by("name_key", "employee_no")
