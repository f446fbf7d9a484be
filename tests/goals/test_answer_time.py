"""Working hours between a question and its answer (product.md §2.5)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.answer_time import hours, whole_weeks, work_minutes
from perfsys.jobs.workdays import WorkCalendar

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
# Saturday the 10th of October 2026 is worked; Thursday the 1st to Wednesday the 7th are holidays.
OCTOBER = WorkCalendar(2026, 2026, {date(2026, 10, 10): True} | {date(2026, 10, day): False for day in (1, 2, 5, 6, 7)})
minutes_on = st.integers(0, 360 * 24 * 60)
moments = minutes_on.map(lambda minutes: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes))


def between(first, second, zone=SHANGHAI):
    asked, answered = (datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=zone) for moment in (first, second))
    return work_minutes(asked, answered, zone=zone, calendar=OCTOBER)


@pytest.mark.parametrize(
    ("asked", "answered", "minutes"),
    [
        ("11-02T09:00", "11-02T10:30", 90),
        ("11-02T11:30", "11-02T13:30", 60),  # noon is nobody's
        ("11-02T17:00", "11-03T10:00", 120),
        ("11-06T17:00", "11-09T10:00", 120),  # a Friday and the Monday after
        ("11-02T20:00", "11-03T08:00", 0),
        ("11-02T09:00", "11-04T09:00", 960),
        ("09-30T17:00", "10-08T10:00", 120),  # over the national holiday
        ("10-09T17:00", "10-10T10:00", 120),  # a Saturday that is worked
        ("11-07T10:00", "11-08T10:00", 0),
        ("11-02T10:00", "11-02T10:00", 0),
        ("11-02T12:00", "11-02T10:00", 0),
    ],
)
def test_only_working_hours_count(asked, answered, minutes):
    assert between(asked, answered) == minutes


def test_the_night_the_clocks_change_adds_and_takes_nothing():
    assert between("10-30T17:00", "11-02T10:00", NEW_YORK) == 120  # the 1st of November has 25 hours there


@given(moments, moments, moments)
def test_two_stretches_add_up_to_the_whole(a, b, c):
    first, middle, last = sorted([a, b, c])

    def minutes(start, end):
        return work_minutes(start, end, zone=SHANGHAI, calendar=OCTOBER)

    assert minutes(first, last) == minutes(first, middle) + minutes(middle, last)
    assert 0 <= minutes(first, last) <= (last - first) / timedelta(minutes=1) + 1


@pytest.mark.parametrize(("minutes", "shown"), [(0, 0), (20, 0.3), (75, 1.5), (480, 8), (4800, 80)])
def test_hours_are_shown_as_people_say_them(minutes, shown):
    assert hours(minutes) == shown


def test_whole_weeks_end_before_this_one():
    assert whole_weeks(date(2026, 11, 4), 12) == (date(2026, 8, 10), date(2026, 11, 2))
