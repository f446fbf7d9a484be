"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from feedback.actions import files, gripe_days, reminders, retro_week
from perfsys.common.files import ASK_AGAIN
from perfsys.jobs.handlers import Again


def open_retro(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Friday afternoon, or the work day before; in steps, one after the other."""
    more = retro_week.go_on(due_at=datetime.fromisoformat(payload["due_at"]), now=now)
    return Again(payload) if more else None


def remind(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Every work day's morning: actions that are due, requests that wait."""
    return Again(payload) if reminders.remind(now=now) else None


def nudge_managers(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Once a week, with a day of the week left."""
    last = reminders.nudge_managers(after=payload.get("after", 0), now=now)
    return Again({**payload, "after": last}) if last else None


def close_retro(*, payload: dict[str, Any], now: datetime) -> None:
    """Monday noon."""
    retro_week.close_weeks(now=now)


def turn_gripe_day(*, payload: dict[str, Any], now: datetime) -> None:
    """After midnight: gripe days that lie ahead get their days, unnamed suggestions of one that is over go on the
    list."""
    gripe_days.turn_the_day(now=now)


def tell_of_gripe_day(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """In the morning; in steps, one after the other."""
    return Again(payload) if gripe_days.tell_some(now=now) else None


def scan_file(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """What was attached, before anybody may open it."""
    is_to_wait = files.scan(public_id=payload["fact"], now=now)
    return Again(payload, after=ASK_AGAIN) if is_to_wait else None


def remove_orphans(*, payload: dict[str, Any], now: datetime) -> None:
    """Each night."""
    files.remove_orphans(now=now)
