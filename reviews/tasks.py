"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from perfsys.jobs.handlers import Again
from reviews import actions


def make_packs(*, payload: dict[str, Any], now: datetime) -> Again | None:
    return Again(payload) if actions.make_due_packs(now=now) else None
