"""How long an answer took, in work hours: eight on each working day, from nine to six with an hour for lunch.

Pure. Nights, lunch and days off do not count, so that a question asked on Friday evening and answered on Monday
morning was answered at once.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .workdays import DAY, WorkCalendar

HOURS = ((time(9), time(12)), (time(13), time(18)))
CENTS = Decimal("0.01")


def work_hours(start: datetime, end: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Decimal:
    """Between two moments, in the zone's hours; 0 where `end` is not after `start`. `calendar` holds both days."""
    start, end = start.astimezone(zone), end.astimezone(zone)
    if end <= start:
        return Decimal(0).quantize(CENTS)
    first, last = start.date(), end.date()
    whole = calendar.work_days_between(first + DAY, last)
    spent = whole * _between(time.min, time.max)
    if first == last:
        spent += _between(start.time(), end.time()) if calendar.is_work_day(first) else timedelta(0)
    else:
        spent += _between(start.time(), time.max) if calendar.is_work_day(first) else timedelta(0)
        spent += _between(time.min, end.time()) if calendar.is_work_day(last) else timedelta(0)
    return (Decimal(spent // timedelta(seconds=1)) / 3600).quantize(CENTS)


def _between(since: time, until: time) -> timedelta:
    """The part of a day's hours that lies in [since, until]."""
    return sum(
        (max(_of(min(closes, until)) - _of(max(opens, since)), timedelta(0)) for opens, closes in HOURS), timedelta(0)
    )


def _of(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
