"""That goals left as a file, and what for (security.md §3, item 33)."""

from datetime import datetime

from django.db import transaction

from goals import events
from goals.models import Period
from perfsys.audit.actions import record
from perfsys.people.models import Employee


@transaction.atomic
def write_down_export(
    *, period: Period, whose: str, goals: int, reason: str, actor: Employee | None, now: datetime
) -> None:
    """Before the file is written, so that none leaves unrecorded."""
    details = {"whose": whose, "goals": goals, "reason": reason}
    record(events.GOALS_EXPORTED, subject=period, actor=actor, at=now, details=details)
