"""A job whose doubled effect shows: a day in the company's calendar can be written once."""

import time
from datetime import date, datetime, timedelta
from typing import Any

from perfsys.jobs.models import CalendarOverride

FIRST = date(2040, 1, 1)


def mark(*, payload: dict[str, Any], now: datetime) -> None:
    CalendarOverride.objects.create(on=FIRST + timedelta(days=payload["n"]), is_work_day=True)
    time.sleep(0.1)  # written, not yet committed: the moment a fault is meant for
