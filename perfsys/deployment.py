"""The half of production's refusals that only the database can answer. Settings hold the other half.

Row-level security does not bind a superuser, a role with BYPASSRLS or the owner of a table. With such a role every page
would still look right, and one of the two walls would be gone.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

log = structlog.get_logger(__name__)

# MEMBER, not USAGE: what the role could become by SET ROLE counts as well.
POWERS = """
SELECT current_user,
       EXISTS (SELECT FROM pg_roles r WHERE r.rolsuper AND pg_has_role(current_user, r.oid, 'MEMBER')),
       EXISTS (SELECT FROM pg_roles r WHERE r.rolbypassrls AND pg_has_role(current_user, r.oid, 'MEMBER')),
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)'
                 AND pg_has_role(current_user, c.relowner, 'MEMBER'))
"""


def role_faults(alias: str = "default") -> list[str]:
    """Why the role we sign in with may not serve anyone, as sentences; empty when it may. One query."""
    with connections[alias].cursor() as cursor:
        return faults_of(cursor)


def faults_of(cursor: Any) -> list[str]:
    cursor.execute(POWERS)
    role, superuser, bypasses, owns = cursor.fetchone()
    if superuser:
        return [f"the database role {role} is, or can become, a superuser"]
    reasons = {"bypasses row-level security": bypasses, "owns tables, which their policies do not bind": owns}
    return [f"the database role {role} {reason}" for reason, is_so in reasons.items() if is_so]


def refuse_unsafe_role() -> None:
    """For the start of a process that serves: web, worker and beat. Commands that change the schema are the owner's.

    A database that cannot be reached is no reason to die: a worker recycled while it restarts would take the whole
    server along. `/health/ready/` asks again before anyone sends requests here.
    """
    try:
        faults = role_faults()
    except OperationalError:
        log.warning("database_unreachable_at_start")
        return
    finally:
        connections.close_all()  # a pool forks after this, and a connection must not be shared
    if faults:
        raise ImproperlyConfigured(f"perfsys refuses to start: {'; '.join(faults)}. Sign in as pm_app.")


@register(Tags.database, deploy=True)
def check_role(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`manage.py check --deploy --database default`."""
    return [Error(fault, id="perfsys.E001") for alias in databases or () for fault in role_faults(alias)]
