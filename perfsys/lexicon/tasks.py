"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from . import actions


def add_standard_terms(*, payload: dict[str, Any], now: datetime) -> None:
    """Nightly, so that companies that stand already get what a release adds."""
    actions.add_standard_terms(now=now)
