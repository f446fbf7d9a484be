"""Reads of the organisation. Every answer is about one day, `on`: a report about March asks for March.

Here nobody asks who is asking; `perfsys.people.access` does.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant

from . import crossing
from .models import (
    Account,
    Assignment,
    Employee,
    EmployeeSpan,
    HrbpAssignment,
    Invitation,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
)
from .spans import holds


def reports_of(employee: Employee, on: date, *, direct: bool = False) -> QuerySet[Employee]:
    """Those below `employee`, or only those directly below, sorted by pinyin."""
    below = ReportingClosure.objects.filter(holds(on), manager=employee)
    if direct:
        below = below.filter(depth=1)
    return Employee.objects.filter(pk__in=below.values("employee")).order_by("name_key", "employee_no")


def chain_above(employee: Employee, on: date) -> list[Employee]:
    """The managers above, the direct one first. One query."""
    above = ReportingClosure.objects.filter(holds(on), employee=employee).select_related("manager").order_by("depth")
    return [row.manager for row in above]


def managers_of(employee_ids: Collection[int], on: date) -> dict[int, Employee]:
    """Direct manager by employee id; who has none is missing. One query."""
    lines = ReportingClosure.objects.filter(holds(on), employee__in=employee_ids, depth=1).select_related("manager")
    return {line.employee_id: line.manager for line in lines}


def has_reports(employee: Employee, on: date) -> bool:
    return ReportingClosure.objects.filter(holds(on), manager=employee, depth=1).exists()


def units_under(unit: OrgUnit, on: date) -> QuerySet[OrgUnit]:
    """The unit and all below it, sorted by path."""
    below = OrgUnitClosure.objects.filter(holds(on), ancestor=unit).values("descendant")
    return OrgUnit.objects.filter(pk__in=below).order_by("path")


def units_above(unit: OrgUnit, on: date) -> list[OrgUnit]:
    """The ancestors, the nearest first, without the unit itself."""
    above = OrgUnitClosure.objects.filter(holds(on), descendant=unit, depth__gt=0)
    return [row.ancestor for row in above.select_related("ancestor").order_by("depth")]


def members_of(units: QuerySet[OrgUnit] | Iterable[OrgUnit], on: date) -> QuerySet[Employee]:
    """Whose primary post is in one of `units` (pass `units_under` for a whole branch), sorted by pinyin."""
    posts = Assignment.objects.filter(holds(on), is_primary=True, unit__in=units)
    return Employee.objects.filter(pk__in=posts.values("employee")).order_by("name_key", "employee_no")


def primary_units(employee_ids: Collection[int], on: date) -> dict[int, OrgUnit]:
    """Unit of the primary post by employee id; who has no post is missing. One query."""
    posts = Assignment.objects.filter(holds(on), employee__in=employee_ids, is_primary=True).select_related("unit")
    return {post.employee_id: post.unit for post in posts}


def hrbp_of(employee_ids: Collection[int], on: date) -> dict[int, Employee]:
    """HR partner by employee id: of the primary unit, else of the nearest unit above that has one. Two queries."""
    nearest = (
        HrbpAssignment.objects.filter(
            holds(on), holds(on, "unit__closure_below__"), unit__closure_below__descendant=OuterRef("unit")
        )
        .order_by("unit__closure_below__depth")
        .values("hrbp")[:1]
    )
    posts = Assignment.objects.filter(holds(on), employee__in=employee_ids, is_primary=True)
    partner = dict(posts.annotate(partner=Subquery(nearest)).values_list("employee", "partner"))
    partners = Employee.objects.in_bulk({pk for pk in partner.values() if pk})
    return {employee: partners[pk] for employee, pk in partner.items() if pk}


def hrbp_units(hrbp: Employee, on: date) -> QuerySet[OrgUnit]:
    """The units an HR partner looks after: those given by name and all below them, whoever else has a part of them."""
    given = HrbpAssignment.objects.filter(holds(on), hrbp=hrbp).values("unit")
    below = OrgUnitClosure.objects.filter(holds(on), ancestor__in=given).values("descendant")
    return OrgUnit.objects.filter(pk__in=below).order_by("path")


def away(employee_ids: Collection[int], on: date) -> set[int]:
    """Those on probation or a long leave: their alerts pause (product.md §1.3)."""
    spans = EmployeeSpan.objects.filter(holds(on), employee__in=employee_ids)
    return set(spans.values_list("employee_id", flat=True))


def matching(people: QuerySet[Employee], typed: str) -> QuerySet[Employee]:
    """`people` found by what was typed: part of the name, the start of the pinyin ("wanqi", "wqx") or of the
    number. Sorted by pinyin."""
    wanted = "".join(typed.split())
    if wanted:
        key = wanted.lower()
        people = people.filter(
            Q(name__contains=wanted)
            | Q(search_key__startswith=key)
            | Q(search_key__contains=f" {key}")  # the initials stand after the whole pinyin
            | Q(employee_no__startswith=wanted.upper())
        )
    return people.order_by("name_key", "employee_no")


@dataclass(frozen=True)
class OpenInvitation:
    """What the invitation page shows. `must_sign_in`: the address has an account, and the link may not touch it."""

    invitation: Invitation
    company: str
    name: str
    must_sign_in: bool


def open_invitation(slug: str, token: str, *, now: datetime) -> OpenInvitation | None:
    """The invitation behind a link, None for one that cannot be used. Called outside a scope."""
    found = crossing.invitation_for(slug, hash_of(token), now=now)
    if found is None:
        return None
    tenant_id, invitation_id = found
    with use_tenant(tenant_id):
        invitation = Invitation.objects.select_related("employee__membership").get(pk=invitation_id)
        account = account_at(invitation)
        return OpenInvitation(
            invitation=invitation,
            company=Tenant.objects.get().name,
            name=invitation.employee.name if invitation.employee else "",
            must_sign_in=account is not None and not resets_password(invitation, account),
        )


def hash_of(token: str) -> str:
    """What the row keeps of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_at(invitation: Invitation) -> Account | None:
    """The account that signs in with the invitation's address or number."""
    reached = Q(email=invitation.email) if invitation.email else Q(phone=invitation.phone)
    return Account.objects.filter(reached).first()


def resets_password(invitation: Invitation, account: Account) -> bool:
    """Whether the link may set a new password for an account that exists: of somebody without e-mail, by the one
    company the account has ever belonged to. Otherwise an administrator could take over an account of elsewhere."""
    seat = invitation.employee.membership if invitation.employee else None
    return (
        not account.email
        and seat is not None
        and seat.account_id == account.pk
        and crossing.sole_tenant(account.pk) == invitation.tenant_id
    )
