"""The product's settings with a quicker clock, jobs that take a moment, and a batch in small steps."""

from perfsys.settings import *  # noqa: F403  # all of them, by definition
from perfsys.settings import CELERY_BEAT_SCHEDULE as SCHEDULE
from perfsys.settings import JOB_HANDLERS as HANDLERS

JOB_HANDLERS = {
    **HANDLERS,
    "faults.mark": "tests.faults.handlers.mark",
    "feedback.retro": "tests.faults.handlers.open_retro_by_fifty",
    "integrations.sync": "tests.faults.handlers.sync_page_by_page",
}
CELERY_BEAT_SCHEDULE = {name: {**entry, "schedule": 1.0} for name, entry in SCHEDULE.items()}
