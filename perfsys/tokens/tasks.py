"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from . import actions


def forget_old(*, payload: dict[str, Any], now: datetime) -> None:
    actions.forget_old(now=now)
