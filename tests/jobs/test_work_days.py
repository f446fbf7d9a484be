"""security.md §4.3: the days themselves, as announced for 2026, and what happens where nothing is announced yet."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from perfsys.jobs import calendar
from perfsys.jobs.calendar import assemble, calendar_for, load_work_days, region_days
from perfsys.jobs.models import CalendarOverride, WorkDay
from perfsys.jobs.workdays import NoSuchWorkDay, OutsideCalendar, WorkCalendar
from perfsys.tenancy.scope import NoTenantScope, use_tenant

DAY = timedelta(days=1)
REGION = region_days()
CHINA_2026 = assemble(2026, 2026, [row for row in REGION if row[0].year == 2026], {})

FRIDAYS_OFF_2026 = [(1, 2), (2, 20), (5, 1), (6, 19), (9, 25), (10, 2)]
WEEKEND_WORK_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]


def in_2026(*days: tuple[int, int]) -> list[date]:
    return [date(2026, month, day) for month, day in days]


def every_day(start: date, end: date) -> list[date]:
    return [start + n * DAY for n in range((end - start).days)]


def test_six_fridays_of_2026_are_off():
    off = [
        d for d in every_day(date(2026, 1, 1), date(2027, 1, 1)) if d.weekday() == 4 and not CHINA_2026.is_work_day(d)
    ]
    assert off == in_2026(*FRIDAYS_OFF_2026)


def test_six_weekend_days_of_2026_are_worked():
    worked = [d for d in every_day(date(2026, 1, 1), date(2027, 1, 1)) if d.weekday() > 4 and CHINA_2026.is_work_day(d)]
    assert worked == in_2026(*WEEKEND_WORK_2026)


def test_the_tenth_of_january_and_may_2026_are_off_and_the_report_is_told_the_next_working_day():
    tenths = [date(2026, month, 10) for month in range(1, 13)]
    assert [d.month for d in tenths if not CHINA_2026.is_work_day(d)] == [1, 5]
    assert [CHINA_2026.next_work_day(d) for d in tenths if not CHINA_2026.is_work_day(d)] == in_2026((1, 12), (5, 11))


def test_our_table_says_what_the_library_says_on_every_day_it_knows():
    known = assemble(2004, 2026, REGION, {})
    days = every_day(date(2004, 1, 1), date(2027, 1, 1))[::3]
    assert [d for d in days if known.is_work_day(d) != chinese_calendar.is_workday(d)] == []


def test_a_year_not_announced_is_a_guess_with_computed_holidays():
    days = assemble(2026, 2027, [row for row in REGION if row[0].year in (2026, 2027)], {})
    assert not days.is_work_day(date(2027, 2, 8))  # the spring festival can be computed
    assert days.is_guess(date(2027, 1, 1), date(2027, 1, 2))
    assert not days.is_guess(date(2026, 12, 1), date(2027, 1, 1))


def test_a_year_nobody_computes_is_monday_to_friday_and_a_guess():
    days = assemble(2090, 2090, [], {})
    assert days.is_work_day(date(2090, 10, 2)) and not days.is_work_day(date(2090, 10, 1) + 6 * DAY)
    assert days.guessed_years == {2090}


@pytest.mark.parametrize(
    ("year", "month", "n", "expected"),
    [(2026, 1, 1, (1, 4)), (2026, 10, 1, (10, 8)), (2026, 3, 5, (3, 6)), (2026, 2, 16, (2, 28))],
)
def test_the_nth_working_day_of_a_month(year, month, n, expected):
    assert CHINA_2026.nth_work_day(year, month, n) == date(year, *expected)


def test_a_month_has_no_more_working_days_than_it_has():
    with pytest.raises(NoSuchWorkDay, match="16 working days"):
        CHINA_2026.nth_work_day(2026, 2, 17)


def test_the_friday_of_a_holiday_week_moves_back_to_its_last_working_day_or_away():
    days = assemble(2025, 2026, REGION, {})
    moved = [days.previous_work_day_of_week(friday) for friday in in_2026(*FRIDAYS_OFF_2026)]
    assert moved == [date(2025, 12, 31), None, *in_2026((4, 30), (6, 18), (9, 24), (9, 30))]


def test_a_date_outside_the_loaded_years_is_refused():
    for ask in (CHINA_2026.is_work_day, CHINA_2026.next_work_day):
        with pytest.raises(OutsideCalendar):
            ask(date(2027, 1, 1))
    with pytest.raises(OutsideCalendar):
        CHINA_2026.work_days_between(date(2025, 12, 31), date(2026, 1, 5))


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_counting_is_the_length_of_the_list(start, end):
    assert CHINA_2026.work_days_between(start, end) == len(CHINA_2026.work_days(start, end))


@given(
    st.dictionaries(st.dates(date(2031, 1, 1), date(2031, 12, 31)), st.booleans(), max_size=40),
    st.dates(date(2031, 1, 1), date(2031, 12, 31)),
)
def test_exceptions_decide_and_the_week_decides_the_rest(exceptions, on):
    days = WorkCalendar(2031, 2031, exceptions)
    assert days.is_work_day(on) == exceptions.get(on, on.weekday() < 5)


def test_the_table_is_filled_by_migrate(db):
    rows = WorkDay.objects.filter(on__year=2026).values_list("on", "is_work_day", "is_provisional")
    assert sorted(rows) == [row for row in REGION if row[0].year == 2026]


def test_one_query_loads_the_years_that_a_span_touches(db, django_assert_num_queries):
    with use_tenant(1):
        CalendarOverride.objects.create(on=date(2026, 3, 2), is_work_day=False, reason="inventory")
        CalendarOverride.objects.create(on=date(2026, 10, 1), is_work_day=True)
        with django_assert_num_queries(1):
            days = calendar_for(date(2025, 12, 30), date(2026, 1, 4))
    assert (days.first_year, days.last_year, days.guessed_years) == (2025, 2026, frozenset())
    assert not days.is_work_day(date(2026, 3, 2)) and days.is_work_day(date(2026, 10, 1))
    assert not days.is_work_day(date(2026, 10, 2))


def test_the_days_of_one_company_are_not_those_of_another(db):
    with use_tenant(1):
        CalendarOverride.objects.create(on=date(2026, 3, 2), is_work_day=False)
        assert not calendar.is_work_day(date(2026, 3, 2))
        assert calendar.work_days(date(2026, 3, 2), date(2026, 3, 4)) == [date(2026, 3, 3)]
    with use_tenant(2):
        assert calendar.is_work_day(date(2026, 3, 2))


def test_without_a_company_there_is_no_calendar(db):
    with pytest.raises(NoTenantScope):
        calendar_for(date(2026, 1, 1), date(2026, 1, 2))


def test_loading_again_changes_nothing_and_a_newer_library_replaces_the_guess(transactional_db, owner, monkeypatch):
    """As the owner would at `migrate`, here with the rights lent for the test."""
    owner.execute("GRANT INSERT, DELETE ON jobs_workday TO pm_app")
    owner.connection.commit()
    before = sorted(WorkDay.objects.values_list("pk", flat=True))
    load_work_days(sender=apps.get_app_config("jobs"))
    assert sorted(WorkDay.objects.values_list("pk", flat=True)) == before
    monkeypatch.setattr(calendar, "region_days", lambda: [(date(2027, 2, 6), True, False)])
    load_work_days(sender=apps.get_app_config("jobs"))
    assert list(WorkDay.objects.values_list("on", "is_work_day")) == [(date(2027, 2, 6), True)]
