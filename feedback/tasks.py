"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from feedback.actions import files, retro_week
from perfsys.jobs.handlers import Again


def open_retro(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Friday afternoon, or the work day before; in steps, one after the other."""
    more = retro_week.go_on(due_at=datetime.fromisoformat(payload["due_at"]), now=now)
    return Again(payload) if more else None


def close_retro(*, payload: dict[str, Any], now: datetime) -> None:
    """Monday noon."""
    retro_week.close_weeks(now=now)


def scan_file(*, payload: dict[str, Any], now: datetime) -> None:
    """What was attached, before anybody may open it."""
    files.scan(public_id=payload["fact"])


def remove_orphans(*, payload: dict[str, Any], now: datetime) -> None:
    """Each night."""
    files.remove_orphans(now=now)
