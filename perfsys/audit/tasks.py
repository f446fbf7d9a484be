"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from . import chain


def seal(*, payload: dict[str, Any], now: datetime) -> None:
    chain.seal()
