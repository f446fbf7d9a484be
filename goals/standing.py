"""Where a goal stands in one word, and what it takes to say so. Pure: the nightly job asks the same in SQL."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from goals.progress import WorkDays
from perfsys.jobs.workdays import WorkCalendar

OK, WATCH, TALK, ADJUSTED, IDLE = "ok", "watch", "talk", "adjusted", "idle"
UNANSWERED_DAYS = 7  # an alert nobody answered for so long is worth a talk


def badge(*, confirmed: bool, days_open: int | None, off_track: bool, idle: bool, signs: int = 1) -> str:
    """The word of design.md §4 "Health badge". `days_open` counts from the day its first alert opened, None without
    one; `signs` are the open alerts that tell of something else than being off track: silence, a weak alignment.

    One sign asks for an eye, two or a week without an answer for a talk; a deliberate change outranks all but another
    alert that waits.
    """
    if confirmed and days_open is None:
        return ADJUSTED
    if days_open is not None and (signs + off_track > 1 or days_open >= UNANSWERED_DAYS):
        return TALK
    if days_open is not None or off_track:
        return WATCH
    return IDLE if idle else OK


def counter(calendar: WorkCalendar) -> WorkDays:
    """The tenant's working days as `goals.progress` asks for them: both ends included."""
    return lambda first, last: calendar.work_days_between(first, last + timedelta(days=1))


def effective(own: Decimal | None, rolled: Decimal | None) -> Decimal | None:
    """What a goal contributes upward: its own progress, else that of the goals that carry it."""
    return own if own is not None else rolled


def days_between(first: date, last: date) -> int:
    return (last - first).days
