"""How long an answer took in working hours (product.md §2.5): a night and a weekend are nobody's delay.

A working day counts eight hours, 9:00 to 12:00 and 13:00 to 18:00 of the tenant's clock, on the tenant's working days.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from perfsys.jobs.workdays import WorkCalendar

SPANS = ((time(9), time(12)), (time(13), time(18)))
MINUTES_A_DAY = 480
DAY = timedelta(days=1)


def work_minutes(asked: datetime, answered: datetime, *, zone: tzinfo, calendar: WorkCalendar) -> int:
    """Working minutes from one moment to the other; 0 where the second is not later. Seconds are left out of both, so
    that two stretches add up to the whole. `calendar` holds both dates."""
    if answered <= asked:
        return 0
    start, end = asked.astimezone(zone), answered.astimezone(zone)
    whole = calendar.work_days_between(start.date(), end.date()) * MINUTES_A_DAY
    return whole - _until(start, calendar) + _until(end, calendar)


def _until(moment: datetime, calendar: WorkCalendar) -> int:
    """Working minutes of the day that are over by then."""
    if not calendar.is_work_day(moment.date()):
        return 0
    now = _minutes(moment.time())
    return sum(max(0, min(now, _minutes(closes)) - _minutes(opens)) for opens, closes in SPANS)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def hours(minutes: float) -> float:
    """As screens show it: to half an hour, and a tenth where it is less."""
    exact = minutes / 60
    return round(exact, 1) if exact < 1 else int(exact * 2 + 0.5) / 2


def whole_weeks(on: date, number: int) -> tuple[date, date]:
    """The last `number` full weeks before that of `on`, as a half-open span. A figure over them stays the same all
    week: no single answer can be told from the difference of two days."""
    end = on - timedelta(days=on.weekday())
    return end - number * 7 * DAY, end
