"""The roles of product.md §1.4. Manager and HRBP follow from the organisation; the others are granted by name."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    EMPLOYEE = "employee", _("Employee")
    MANAGER = "manager", _("Manager")
    HRBP = "hrbp", _("HRBP")
    ADMIN = "admin", _("Administrator")
    INTEGRATION_OWNER = "integration_owner", _("Integration owner")
    EXECUTIVE = "executive", _("Executive")
    COMPENSATION_ADMIN = "compensation_admin", _("Compensation administrator")


EVERYONE = tuple(Role)
DERIVED = frozenset({Role.EMPLOYEE, Role.MANAGER, Role.HRBP})
GRANTABLE = frozenset(Role) - DERIVED
