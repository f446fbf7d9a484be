"""How long an answer took in work hours."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsys.jobs.workdays import WorkCalendar
from perfsys.jobs.workhours import work_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(2026, 2027, {date(2026, 11, 7): True, date(2026, 11, 11): False})
MONDAY = datetime(2026, 1, 5, 0, 20, tzinfo=SHANGHAI)
moments = st.integers(0, 8_000).map(lambda hours: MONDAY + timedelta(hours=hours))


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(2, 9), at(2, 18), "8.00"),
        (at(2, 11, 30), at(2, 13, 30), "1.00"),  # lunch is not work
        (at(2, 7), at(2, 9), "0.00"),
        (at(2, 17), at(3, 10), "2.00"),
        (at(6, 17), at(7, 10), "2.00"),  # a Saturday that is worked
        (at(7, 19), at(9, 9), "0.00"),
        (at(10, 12), at(12, 12), "8.00"),  # a day off between
        (at(3, 10), at(3, 10), "0.00"),
        (at(3, 10), at(2, 10), "0.00"),
    ],
)
def test_only_work_hours_count(start, end, hours):
    assert work_hours(start, end, SHANGHAI, CALENDAR) == Decimal(hours)


@given(moments, st.integers(0, 400), st.integers(0, 400))
def test_two_spans_are_as_long_as_the_whole(start, first, second):
    middle = start + timedelta(hours=first)
    end = min(middle + timedelta(hours=second), datetime(2027, 6, 1, tzinfo=SHANGHAI))
    parts = work_hours(start, middle, SHANGHAI, CALENDAR) + work_hours(middle, end, SHANGHAI, CALENDAR)
    assert abs(parts - work_hours(start, end, SHANGHAI, CALENDAR)) <= Decimal("0.02")  # each is rounded to a hundredth
    assert 0 <= parts <= 8 * CALENDAR.work_days_between(start.date(), end.date() + timedelta(days=1))
