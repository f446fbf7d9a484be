"""Jobs that can be killed at a moment of the test's choice: a doubled effect of theirs shows."""

import time
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from feedback import tasks
from feedback.actions import retro_week
from feedback.events import RETRO_OPEN
from feedback.models import Retro, RetroWeek
from perfsys.jobs.handlers import Again
from perfsys.jobs.models import CalendarOverride
from perfsys.notices.models import Notice

FIRST = date(2040, 1, 1)
RETRO_STEP = 50  # people


def mark(*, payload: dict[str, Any], now: datetime) -> None:
    """A day in the company's calendar can be written once."""
    CalendarOverride.objects.create(on=FIRST + timedelta(days=payload["n"]), is_work_day=True)
    time.sleep(0.1)  # written, not yet committed: the moment a fault is meant for


def open_retro_by_fifty(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """The product's own, in small steps. Each, written and not yet committed, passes a gate: an advisory lock that
    bears the number of people it has come to, the week's opening counted as a step of its own."""
    retro_week.AT_ONCE = RETRO_STEP
    more = tasks.open_retro(payload=payload, now=now)
    come_to = Retro.objects.count() + Notice.objects.filter(kind=RETRO_OPEN).count()
    come_to += RETRO_STEP * RetroWeek.objects.exclude(opened_at=None).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [come_to])
    return more
