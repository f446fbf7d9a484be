"""Handlers as the apps above write them. Their effect is a day in the tenant's calendar: a row with a unique key."""

from datetime import date, datetime, timedelta
from typing import Any

from perfsys.jobs.handlers import Again, Running, own_transactions
from perfsys.jobs.models import CalendarOverride
from perfsys.tenancy.scope import scope_is_open

FIRST = date(2040, 1, 1)
HANDLERS = {
    "tests.mark": "tests.jobs.handlers.mark",
    "tests.poison": "tests.jobs.handlers.poison",
    "tests.chunks": "tests.jobs.handlers.chunks",
    "tests.outside": "tests.jobs.handlers.outside",
    "jobs.dead": "tests.jobs.handlers.alarm",
}


class Poisoned(Exception):
    pass


def mark(*, payload: dict[str, Any], now: datetime) -> None:
    """Not idempotent on purpose: done twice, it breaks the unique key."""
    CalendarOverride.objects.create(on=FIRST + timedelta(days=payload.get("n", 0)), is_work_day=True)


def poison(*, payload: dict[str, Any], now: datetime) -> None:
    mark(payload=payload, now=now)
    raise Poisoned("somebody's words")


def chunks(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Two days a chunk, up to `last`."""
    start = payload.get("start", 0)
    for n in (start, start + 1):
        mark(payload={"n": n}, now=now)
    return Again({**payload, "start": start + 2}) if start + 2 < payload["last"] else None


@own_transactions
def outside(*, job: Running, now: datetime) -> None:
    assert not scope_is_open()
    for n in range(job.payload["days"]):
        with job.step():
            CalendarOverride.objects.get_or_create(on=FIRST + timedelta(days=n), defaults={"is_work_day": True})
        if n == job.payload.get("fails_after"):
            raise Poisoned


def alarm(*, payload: dict[str, Any], now: datetime) -> None:
    if "fails" in payload:
        raise Poisoned
