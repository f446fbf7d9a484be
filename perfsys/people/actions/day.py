"""What a new day brings: changes planned for it come true."""

from datetime import datetime

from django.db import transaction

from perfsys.audit.actions import record

from .. import events, standing
from .core import changing_the_organisation, no_circle_of_managers, tenant_now, today_at
from .leaving import part_from_those_due


@transaction.atomic
def refresh_for_today(*, now: datetime) -> standing.Standing:
    """Leavings, posts, places of units, and roles that begin or end today; run once a day in each tenant's scope, and
    harmless when run again. Returns rows written."""
    with changing_the_organisation(), no_circle_of_managers():
        part_from_those_due(today_at(now))
        written = standing.settle(today_at(now))
        if written.total:
            record(events.DAY_TURNED, subject=tenant_now(), actor=None, at=now, details=written._asdict())
        return written
