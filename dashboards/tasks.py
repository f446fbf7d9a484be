"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import date, datetime
from typing import Any

from dashboards import actions


def issue_penetration(*, payload: dict[str, Any], now: datetime) -> None:
    """The month before, when the schedule asks; else the month somebody asked for."""
    if "due_at" in payload:
        actions.issue_when_due(due_at=datetime.fromisoformat(payload["due_at"]), now=now)
        return
    month = date.fromisoformat(payload["month"])
    actions.issue_when_asked(month=month, key=payload["key"], actor_id=payload["by"], now=now)


def tell_of_penetration(*, payload: dict[str, Any], now: datetime) -> None:
    actions.tell_readers(report_id=payload["report"], now=now)
