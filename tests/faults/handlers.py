"""Jobs that can be killed at a moment of the test's choice: a doubled effect of theirs shows."""

import time
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from feedback import tasks
from feedback.actions import retro_week
from feedback.events import RETRO_OPEN
from feedback.models import Retro, RetroWeek
from integrations.actions import page, sync
from integrations.adapters import registry
from integrations.models import RawRecord, Record
from perfsys.jobs.handlers import Again, Running, own_transactions
from perfsys.jobs.models import CalendarOverride
from perfsys.notices.models import Notice
from tests.integrations.fakes import Shelf, visit

FIRST = date(2040, 1, 1)
RETRO_STEP = 50  # people
SYNC_PAGE, SYNC_PAGES = 20, 6  # rows; every page ends with a row that does not fit


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


def shelf() -> Shelf:
    """A source of pages, of which each begins with the last row of the one before."""
    found = Shelf()
    starts = [number * (SYNC_PAGE - 2) for number in range(SYNC_PAGES)]
    found.hold(
        *[
            [*(visit(start + number) for number in range(SYNC_PAGE - 1)), visit(start, id=f"X{start}", at="")]
            for start in starts
        ]
    )
    return found


@own_transactions
def sync_page_by_page(*, job: Running, now: datetime) -> Again | None:
    """The product's own, from a source of the tests. Each page, written and not yet committed, passes a gate: an
    advisory lock that bears the number of raw rows it has come to."""
    registry.ADAPTERS["shelf"] = shelf()  # type: ignore[index]  # a dict, and typed as less
    sync.TOGETHER = 1
    write_pages = page.write_pages

    def gated(*arguments: Any, **named: Any) -> Any:
        over = write_pages(*arguments, **named)
        assert RawRecord.objects.count() == Record.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [RawRecord.objects.count()])
        return over

    sync.write_pages = gated
    return sync.run_sync(job, now)
