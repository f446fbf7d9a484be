"""Setting up a company, and its settings (product.md §1.1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from perfsys.audit.actions import record
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import use_tenant

from .. import crossing, events
from ..models import Employee, Invitation
from .core import Refused, StaleVersion, tenant_now
from .invitations import Invited, write_invitation

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
SMALLEST_GROUP = 3


class SlugTaken(Refused):
    """Another company has this word in its address."""


class BadSetting(Refused):
    """A value that cannot be used."""


@dataclass(frozen=True)
class NewTenant:
    tenant_id: int
    slug: str
    invited: Invited | None  # the first administrator's


def create_tenant(
    *, slug: str, name: str, admin_email: str = "", link_to: Callable[[str, str], str], now: datetime
) -> NewTenant:
    """A company of its own, with an invitation for its first administrator where an address is given.

    `link_to(slug, token)` is the address of the invitation page. Called outside a scope. Raises SlugTaken, BadSetting.
    """
    if not SLUG.fullmatch(slug):
        raise BadSetting(_("Use small letters, digits and hyphens for the address: %(slug)s.") % {"slug": slug})
    if not name.strip():
        raise BadSetting(_("The company needs a name."))
    with transaction.atomic():
        try:
            with transaction.atomic():
                tenant_id = crossing.create_tenant_row(slug, name.strip()[:120])
        except IntegrityError as error:
            raise SlugTaken(_("There is a company called %(slug)s already.") % {"slug": slug}) from error
        with use_tenant(tenant_id):
            record(events.TENANT_CREATED, subject=tenant_now(), actor=None, at=now)
            for step in settings.NEW_TENANT_STEPS:
                import_string(step)(now=now)
            invited = None
            if admin_email:
                invited = write_invitation(
                    Invitation(email=admin_email, roles=[Role.ADMIN]),
                    link_to=lambda token: link_to(slug, token),
                    actor=None,
                    now=now,
                )
        return NewTenant(tenant_id, slug, invited)


@transaction.atomic
def change_company(
    *,
    name: str,
    time_zone: str,
    locale: str,
    min_group_size: int,
    version: int,
    actor: Employee | None,
    now: datetime,
) -> Tenant:
    """The company's name, zone, language and the smallest group of which figures show.
    Raises StaleVersion, BadSetting."""
    if time_zone not in available_timezones() or not ZoneInfo(time_zone):
        raise BadSetting(_("There is no time zone called %(zone)s.") % {"zone": time_zone})
    if locale not in dict(settings.LANGUAGES):
        raise BadSetting(_("Choose one of the languages."))
    if min_group_size < SMALLEST_GROUP:
        raise BadSetting(_("Figures about fewer than %(n)d people would show single persons.") % {"n": SMALLEST_GROUP})
    wanted = {"name": name, "time_zone": time_zone, "locale": locale, "min_group_size": min_group_size}
    tenant = tenant_now()
    changed = {field: value for field, value in wanted.items() if getattr(tenant, field) != value}
    if not changed and tenant.version == version:
        return tenant
    if not Tenant.objects.filter(version=version).update(**wanted, version=version + 1):
        raise StaleVersion
    record(events.SETTINGS_CHANGED, subject=tenant, actor=actor, at=now, details=changed)
    return tenant_now()
