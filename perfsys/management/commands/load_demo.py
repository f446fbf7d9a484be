"""The demo company and four people to sign in as. `manage.py demo` runs it at each start and repeats what it prints."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from perfsys.demo import company, systems
from perfsys.lexicon.actions import add_standard_terms
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import all_tenants, use_tenant

SLUG, NAME = "demo", "恒锐精密"
SMALL_SLUG, SMALL_NAME = "demo-2", "启明电子"
# Roles granted by name and roles that follow from the organisation, for a company without one.
PERSONAS = {
    "employee": ([], [Role.EMPLOYEE]),
    "manager": ([], [Role.EMPLOYEE, Role.MANAGER]),
    "hrbp": ([], [Role.EMPLOYEE, Role.HRBP]),
    "admin": ([Role.ADMIN], [Role.EMPLOYEE]),
}


class Command(BaseCommand):
    help = "Make the demo company where it is missing, and print its sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--empty", action="store_true", help="a company without people, for files of one's own")
        parser.add_argument("--crm", type=int, metavar="PORT", help="where perfsys.demo.crm answers: connect it")

    @transaction.atomic
    def handle(self, *_: Any, empty: bool, crm: int | None = None, **__: Any) -> None:
        """All or nothing: a start that is broken off leaves no half company behind."""
        if settings.PRODUCTION:
            raise CommandError("The demo's sign-ins are known to everybody: it is not loaded in production.")
        now = timezone.now()
        tenant_id = _tenant(SLUG, NAME)
        try:
            with use_tenant(tenant_id):
                add_standard_terms(now=now)  # also where an older release has loaded the rest
                if empty:
                    self._seats()
                elif not Employee.objects.exists():
                    company.fill(now, self.stdout.write, crm)
                elif crm is not None:
                    systems.lead_to_crm(crm)
            if not empty:
                self._small(now)
        except (company.CannotLoad, systems.CannotRead) as error:
            raise CommandError(str(error)) from error
        with use_tenant(tenant_id):
            self._print()

    def _small(self, now: datetime) -> None:
        with use_tenant(_tenant(SMALL_SLUG, SMALL_NAME)):
            add_standard_terms(now=now)
            if not Employee.objects.exists():
                company.fill_small(now, self.stdout.write)

    def _seats(self) -> None:
        for persona, (granted, derived) in PERSONAS.items():
            account = company.account_of(persona)
            Membership.objects.get_or_create(account=account, defaults={"granted": granted, "derived": derived})

    def _print(self) -> None:
        for persona in PERSONAS:
            account = company.account_of(persona)
            person = Employee.objects.filter(membership__account=account).first()
            who = f"  {person.name} {person.position}" if person else ""
            self.stdout.write(f"  {persona:<10}{account.email:<24}{company.PASSWORD}{who}")


def _tenant(slug: str, name: str) -> int:
    with all_tenants("the demo's companies are looked up by name") as call:
        found = call("tenant_named", slug) or call("create_tenant", slug, name)
    tenant_id: int = found[0][0]
    return tenant_id
