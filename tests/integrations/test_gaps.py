"""The rules that say when something is missing: told where it matters, quiet where it is only noise."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.gaps import DAY, LATEST, SOONEST, drift, is_late, is_small, missing_days, patience, rows_short

ON = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
COUNTS = st.lists(st.integers(0, 500), min_size=7, max_size=70)
EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "plm.expected.json").read_text())


def before(counts):
    """So many rows on each of the days before ON, the latest last."""
    return {ON - (len(counts) - place) * DAY: number for place, number in enumerate(counts)}


# --- days ---


def test_a_day_is_missing_until_yesterday_and_yesterday_once_it_was_due():
    have = {ON - 5 * DAY, ON - 3 * DAY}
    early, late = NOW.replace(hour=8), NOW.replace(hour=9)
    assert missing_days(have, due="09:00", local_now=early) == [ON - 4 * DAY, ON - 2 * DAY]
    assert missing_days(have, due="09:00", local_now=late) == [ON - 4 * DAY, ON - 2 * DAY, ON - DAY]
    assert missing_days(set(), due="09:00", local_now=late) == []


def test_where_nothing_ever_came_it_is_missed_from_the_day_it_was_switched_on():
    since = ON - 2 * DAY
    assert missing_days(set(), due="09:00", local_now=NOW.replace(hour=9), since=since) == [since, ON - DAY]
    assert missing_days({ON - 9 * DAY, since}, due="09:00", local_now=NOW.replace(hour=9), since=since) == [ON - DAY]
    assert missing_days(set(), due="09:00", local_now=NOW.replace(hour=8), since=ON - DAY) == []


def test_one_file_of_a_wrong_year_does_not_open_thousands_of_days():
    missing = missing_days({ON - 4000 * DAY, ON - DAY}, due="09:00", local_now=NOW.replace(hour=9))
    assert len(missing) == 400
    assert missing[-1] == ON - 2 * DAY


@given(st.sets(st.integers(0, 60)), st.times())
def test_every_day_either_came_or_is_missing(ages, clock):
    have = {ON - age * DAY for age in ages}
    local_now = datetime.combine(ON, clock, tzinfo=UTC)
    missing = missing_days(have, due="09:00", local_now=local_now)
    assert not set(missing) & have
    assert sorted(missing) == missing
    assert all(min(have) < on < ON for on in missing)
    settled = {on for on in have if on < ON - DAY}
    if settled:
        span = (ON - DAY - min(have)).days
        assert len(set(missing) | settled) >= span - (ON - DAY in have)


# --- few rows ---


def test_the_files_of_four_months_are_taken_for_usual():
    """PLM's own counts fall from twelve a day to two or three on quiet ones, and nobody needs a call for that."""
    of_day = {date.fromisoformat(on): number for on, number in EXPECTED["rows_by_day"].items()}
    assert [on for on, number in of_day.items() if is_small(on, number, of_day)] == []
    assert all(is_small(on, 0, of_day) for on in list(of_day)[7:])


def test_half_of_the_least_is_small_and_a_weekend_is_no_week_day():
    assert is_small(ON, 49, before([100, 120, 110] * 10))
    assert not is_small(ON, 50, before([100, 120, 110] * 10))
    weekly = {on: 20 if on.weekday() >= 5 else 1_000 for on in before([0] * 56)}
    friday, saturday, sunday = ON, ON - 6 * DAY, ON - 5 * DAY
    assert is_small(friday, 300, weekly)
    assert not is_small(saturday, 18, weekly)
    assert is_small(sunday, 3, weekly)


def test_nobody_knows_what_is_usual_in_the_first_week():
    assert not is_small(ON, 0, before([100] * 6))
    assert is_small(ON, 0, before([100] * 7))


@given(COUNTS, st.integers(0, 500))
def test_fewer_rows_are_never_less_alarming(counts, rows):
    if is_small(ON, rows, before(counts)):
        assert rows == 0 or is_small(ON, rows - 1, before(counts))
        assert rows < max(counts[-56:])


@given(COUNTS)
def test_as_many_as_the_least_ever_are_not_few(counts):
    assert not is_small(ON, max(counts[-56:]), before(counts))


# --- the source's own count ---


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_what_is_held_already_is_not_missed(total, seen, held):
    short = rows_short(total=total, seen=seen, held=held)
    assert short == max(0, total - max(seen, held))
    assert rows_short(total=None, seen=seen, held=held) == 0


# --- fields ---


def test_a_new_field_is_noticed_and_a_mapped_one_that_stays_away():
    known, mapped = {"id", "at", "old"}, {"id", "at", "extra"}
    assert drift(known, {"id", "at", "new"}, mapped, 3, 1).added == ("new",)
    assert drift(known, {"id", "old"}, mapped, 3, 1).gone == ("at",)
    assert not drift(known, {"id", "at", "extra"}, mapped, 3, 1)  # not mapped: nobody misses "old"
    assert not drift(known, {"id", "old"}, mapped, 3, 50)  # too few to tell
    assert not drift(known, {"id", "old"}, mapped, 3, None)
    assert not drift(set(), {"id"}, mapped, 3, 1)


# --- late ---


@pytest.mark.parametrize(
    ("minutes", "allowed"), [(5, SOONEST), (15, SOONEST), (60, timedelta(hours=1)), (1440, LATEST)]
)
def test_a_sync_may_be_an_interval_late(minutes, allowed):
    interval = timedelta(minutes=minutes)
    assert patience(interval) == allowed
    assert not is_late(NOW, interval=interval, now=NOW + allowed)
    assert is_late(NOW, interval=interval, now=NOW + allowed + timedelta(seconds=1))


def test_a_long_reading_that_comes_on_is_not_late():
    hour = timedelta(hours=1)
    assert not is_late(NOW, interval=hour, now=NOW + 5 * hour, moved_at=NOW + 4.5 * hour)
    assert is_late(NOW, interval=hour, now=NOW + 5 * hour, moved_at=NOW - hour)
    assert not is_late(None, interval=hour, now=NOW)
