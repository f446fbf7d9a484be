"""The people tests speak as, made by calling the real actions.

In 甲公司 (acme) Ada is an employee of 制造中心, Marta manages her, Henk is the HR partner of the unit, Bob a colleague
who also reports to Marta, Anna the administrator. Otto is administrator, manager and employee of 乙公司 (globex).
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from perfsys.people import actions, standing
from perfsys.people.models import Account, OrgUnit
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import DERIVED, Role
from perfsys.tenancy.scope import Seat, open_as_member, use_tenant

TENANTS = {"acme": 1, "globex": 2}
FOUNDED = date(2020, 1, 1)
UNIT = "制造中心"


@dataclass
class Person:
    """One of the cast. `account` is global; `employee` and `membership` are rows of the tenant."""

    tenant_id: int
    slug: str
    name: str
    account: Account
    membership: Membership
    employee: Any = None
    token: str = ""  # of the API, where a test has made one

    @cached_property
    def client(self) -> Client:
        """Signed in, at its first use: most of the cast never open a page, and signing in is a third of a hire."""
        client = Client()
        client.force_login(self.account)
        return client

    @property
    def seat(self) -> Seat:
        """What pages see of this person now; the roles are read anew each time."""
        with open_as_member(self.slug, self.account.pk) as seat:
            return seat

    @property
    def scope(self) -> AbstractContextManager[None]:
        """`with ada.scope:` is `with use_tenant(1):`."""
        return use_tenant(self.tenant_id)


def take_seat(slug: str, name: str, *roles: str) -> Person:
    """An account with a seat in the tenant and no employee behind it; roles as given."""
    account = Account.objects.create_user(email=f"{name}@{slug}.example", password=name)
    with use_tenant(TENANTS[slug]):
        membership = Membership.objects.create(
            account=account,
            derived=[role for role in roles if role in DERIVED],
            granted=[role for role in roles if role not in DERIVED],
        )
    return Person(TENANTS[slug], slug, name, account, membership)


def employ(slug: str, name: str, *, manager: Person | None = None, hrbp: bool = False, admin: bool = False) -> Person:
    """Hire into the unit 制造中心, with an account; the roles of the seat follow from the organisation."""
    person, now = take_seat(slug, name), timezone.now()
    with person.scope:
        unit = the_unit()
        person.employee = actions.add_employee(
            employee_no=f"E-{name}",
            name=name.title(),
            hired_on=FOUNDED,
            unit=unit,
            manager=manager.employee if manager else None,
            position="工程师",
            email=person.account.email or "",
            actor=None,
            now=now,
        )
        person.employee.membership = person.membership
        person.employee.save(update_fields=["membership"])
        if hrbp:
            actions.set_hrbp(unit=unit, hrbp=person.employee, on=FOUNDED, actor=None, now=now)
        if admin:
            actions.grant_role(membership=person.membership, role=Role.ADMIN, actor=None, now=now)
        standing.refresh_derived_roles(today())
        person.employee.refresh_from_db()
        person.membership.refresh_from_db()
    return person


def today() -> date:
    """The day it is in both companies. From 16:00 UTC on that is the next one already: what the server's date calls
    today was yesterday for the pages."""
    return timezone.localdate(timezone=ZoneInfo("Asia/Shanghai"))


def the_unit() -> OrgUnit:
    found = OrgUnit.objects.filter(path=UNIT).first()
    return found or actions.add_unit(name=UNIT, parent=None, starts_on=FOUNDED, actor=None, now=timezone.now())
