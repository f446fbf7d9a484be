"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from . import actions


def turn_the_day(*, payload: dict[str, Any], now: datetime) -> None:
    actions.refresh_for_today(now=now)
