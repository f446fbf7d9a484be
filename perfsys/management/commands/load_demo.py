"""The demo company and four people to sign in as. `manage.py demo` runs it at each start and repeats what it prints."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from perfsys.people.models import Account
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import all_tenants, use_tenant

SLUG, NAME = "demo", "启明制造"
PASSWORD = "perfsys-demo-2026"  # noqa: S105 served on 127.0.0.1 only
# Sign-in name, roles granted by name, roles that follow from the organisation.
PERSONAS = {
    "employee": ([], [Role.EMPLOYEE]),
    "manager": ([], [Role.EMPLOYEE, Role.MANAGER]),
    "hrbp": ([], [Role.EMPLOYEE, Role.HRBP]),
    "admin": ([Role.ADMIN], [Role.EMPLOYEE]),
}


class Command(BaseCommand):
    help = "Make the demo company where it is missing, and print its sign-ins."

    @transaction.atomic
    def handle(self, *_: Any, **__: Any) -> None:
        with all_tenants("the demo's company is looked up by name") as call:
            found = call("tenant_named", SLUG) or call("create_tenant", SLUG, NAME)
        with use_tenant(found[0][0]):
            for name, (granted, derived) in PERSONAS.items():
                email = f"{name}@demo.example"
                account = Account.objects.filter(email=email).first()
                account = account or Account.objects.create_user(email=email, password=PASSWORD)
                Membership.objects.get_or_create(account=account, defaults={"granted": granted, "derived": derived})
                self.stdout.write(f"  {name:<10}{email:<24}{PASSWORD}")
