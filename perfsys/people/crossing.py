"""What an account is, over all tenants: asked before a tenant is entered. Each question is one listed database function
(docs/threats.md) and answers with ids, slugs and names of the account's own companies."""

from datetime import datetime
from typing import NamedTuple

from perfsys.tenancy.scope import all_tenants


class Company(NamedTuple):
    slug: str
    name: str


def memberships_of(account_id: int) -> list[Company]:
    """The companies an account may enter, by name."""
    with all_tenants("the companies of an account") as ask:
        return [Company(*row) for row in ask("memberships_of", account_id)]


def is_privileged(account_id: int) -> bool:
    """Whether the account has a role somewhere for which the second step is compulsory (security.md §3, item 4)."""
    with all_tenants("strength of a sign-in") as ask:
        return bool(ask("is_privileged", account_id)[0][0])


def sole_tenant(account_id: int) -> int | None:
    """The tenant of an account that has been in exactly one, ever."""
    with all_tenants("whose account this is alone") as ask:
        rows = ask("sole_tenant", account_id)
    return rows[0][0] if rows else None


def invitation_for(slug: str, token_hash: str, *, now: datetime) -> tuple[int, int] | None:
    """(tenant, invitation) of a link that can still be used."""
    with all_tenants("an invitation link") as ask:
        rows = ask("invitation_for", slug, token_hash, now)
    return (rows[0][0], rows[0][1]) if rows else None


def create_tenant_row(slug: str, name: str) -> int:
    """The new tenant's id. Raises IntegrityError for a slug that is taken."""
    with all_tenants("set up a company") as ask:
        created: int = ask("create_tenant", slug, name)[0][0]
    return created


def tenant_named(slug: str) -> int | None:
    with all_tenants("a command for one company") as ask:
        rows = ask("tenant_named", slug)
    return rows[0][0] if rows else None
