"""Telling a worker that there is something to do. Nothing but a hint: the row is the truth, and the tick, every
30 s, finds what a lost hint did not."""

import structlog
from celery import current_app

log = structlog.get_logger(__name__)
WAKE = "perfsys.jobs.tasks.wake"


def poke(times: int = 1) -> None:
    """Runs after a commit, so it must not fail: the caller's work is saved, whatever the broker says."""
    try:
        for _ in range(times):
            current_app.send_task(WAKE, retry=False, ignore_result=True)
    except Exception as error:  # whatever it is: a broker out of reach, or one that refuses
        log.warning("nobody was woken", reason=type(error).__name__)
