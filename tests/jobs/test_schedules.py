"""T11: the list of due times of every kind of rule, in the zones and weeks that go wrong."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsys.jobs.calendar import assemble, region_days
from perfsys.jobs.schedules import REACH, BadSchedule, Missed, parse_missed, parse_rule, parse_schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
REGION = region_days()
CHINA = assemble(2025, 2027, [row for row in REGION if 2025 <= row[0].year <= 2027], {})


def due(rule: str, since: datetime, until: datetime, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """In the zone's own time, which is how the golden lists below read."""
    found = parse_rule(rule).due_between(since, until, zone, CHINA)
    assert all(moment.tzinfo == UTC for moment in found)
    return [f"{moment.astimezone(zone):%Y-%m-%d %a %H:%M}" for moment in found]


def local(*parts: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc,arg-type]


YEAR = (local(2026, 1, 1), local(2027, 1, 1))


def test_daily():
    assert due("daily 02:00", local(2026, 2, 27, 2), local(2026, 3, 2, 2)) == [
        "2026-02-28 Sat 02:00",
        "2026-03-01 Sun 02:00",
        "2026-03-02 Mon 02:00",
    ]


def test_working_days_of_a_week_with_a_holiday_and_a_make_up_saturday():
    assert due("work days 09:00", local(2026, 2, 13), local(2026, 3, 1)) == [
        "2026-02-13 Fri 09:00",
        "2026-02-14 Sat 09:00",
        "2026-02-24 Tue 09:00",
        "2026-02-25 Wed 09:00",
        "2026-02-26 Thu 09:00",
        "2026-02-27 Fri 09:00",
        "2026-02-28 Sat 09:00",
    ]


def test_weekly_without_moving_is_every_friday():
    assert len(due("weekly fri 15:00", *YEAR)) == 52


def test_the_micro_retro_of_holiday_weeks_moves_back_or_is_left_out():
    """product.md §6.1: not a working day: the previous working day of that week at 15:00, else none."""
    moved = due("weekly fri 15:00 or previous work day of the week", local(2025, 12, 29), local(2026, 12, 28))
    assert len(moved) == 51  # of 52 weeks: the spring festival has no working day
    assert [line for line in moved if "Fri" not in line] == [
        "2025-12-31 Wed 15:00",
        "2026-04-30 Thu 15:00",
        "2026-06-18 Thu 15:00",
        "2026-09-24 Thu 15:00",
        "2026-09-30 Wed 15:00",
    ]
    assert not [line for line in moved if line[:10] in ("2026-01-02", "2026-02-20")]


def test_the_tenth_of_each_month():
    assert [line[:10] for line in due("monthly 10 06:00", *YEAR)] == [f"2026-{month:02}-10" for month in range(1, 13)]


def test_the_tenth_or_the_next_working_day():
    moved = due("monthly 10 06:00 or next work day", *YEAR)
    assert len(moved) == 12
    assert [line for line in moved if "-10 " not in line] == ["2026-01-12 Mon 06:00", "2026-05-11 Mon 06:00"]


def test_a_date_that_moves_into_the_next_month_is_due_once():
    moved = due("monthly 31 06:00 or next work day", local(2026, 1, 15), local(2026, 4, 2))
    assert moved == ["2026-02-02 Mon 06:00", "2026-02-28 Sat 06:00", "2026-03-31 Tue 06:00"]


def test_the_last_day_stands_in_for_a_thirty_first():
    assert [line[5:10] for line in due("monthly 31 06:00", local(2026, 2, 1), local(2026, 7, 1))] == [
        "02-28",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
    ]


def test_the_fifth_working_day_of_each_month():
    assert [line[5:10] for line in due("monthly work day 5 18:00", *YEAR)] == [
        "01-08",
        "02-06",
        "03-06",
        "04-08",
        "05-11",
        "06-05",
        "07-07",
        "08-07",
        "09-07",
        "10-13",
        "11-06",
        "12-07",
    ]


def test_a_month_with_too_few_working_days_is_left_out():
    assert [line[5:7] for line in due("monthly work day 22 18:00", *YEAR)] == ["03", "07", "09", "12"]


def test_every_quarter_of_an_hour():
    since = datetime(2026, 3, 1, 23, 44, 59, tzinfo=UTC)
    assert due("every 15 minutes", since, since + timedelta(minutes=31), ZoneInfo("UTC")) == [
        "2026-03-01 Sun 23:45",
        "2026-03-02 Mon 00:00",
        "2026-03-02 Mon 00:15",
    ]


SPRING_AND_AUTUMN = [
    # 02:30 is skipped: one hour later, once
    ("Europe/Berlin", (2026, 3, 28, 12), (2026, 3, 30, 12), ["2026-03-29 03:30+0200", "2026-03-30 02:30+0200"]),
    # 02:30 comes twice: the first
    ("Europe/Berlin", (2026, 10, 24, 12), (2026, 10, 26, 12), ["2026-10-25 02:30+0200", "2026-10-26 02:30+0100"]),
    ("America/New_York", (2026, 3, 7, 12), (2026, 3, 9, 12), ["2026-03-08 03:30-0400", "2026-03-09 02:30-0400"]),
    ("America/New_York", (2026, 10, 31, 12), (2026, 11, 2, 12), ["2026-11-01 02:30-0500", "2026-11-02 02:30-0500"]),
    ("America/New_York", (2026, 3, 8, 4), (2026, 3, 8, 23), []),
    # half an hour only: 02:15 of that morning does not exist
    ("Australia/Lord_Howe", (2026, 10, 3, 12), (2026, 10, 5, 12), ["2026-10-04 02:45+1100", "2026-10-05 02:30+1100"]),
]


@pytest.mark.parametrize(("name", "since", "until", "expected"), SPRING_AND_AUTUMN)
def test_the_days_the_clocks_change(name, since, until, expected):
    zone = ZoneInfo(name)
    rule = parse_rule("daily 02:15" if "Lord_Howe" in name else "daily 02:30")
    found = rule.due_between(local(*since, zone=zone), local(*until, zone=zone), zone, CHINA)
    shown = [f"{moment.astimezone(zone):%Y-%m-%d %H:%M%z}" for moment in found]
    if "Lord_Howe" in name:
        expected = [expected[0], expected[1].replace("02:30", "02:15")]
    assert shown == expected


RULES = [
    "every 7 minutes",
    "daily 02:30",
    "work days 09:00",
    "weekly sun 00:30",
    "weekly fri 15:00 or previous work day of the week",
    "monthly 1 00:00 or next work day",
    "monthly 31 23:59",
    "monthly work day 2 08:00",
]
starts = st.integers(0, 1200 * 24 * 60).map(
    lambda minutes: datetime(2024, 4, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
steps = st.lists(st.timedeltas(timedelta(0), timedelta(days=25)), min_size=1, max_size=4)


@given(st.sampled_from(RULES), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Pacific/Apia"]), starts, steps)
def test_however_the_time_is_cut_each_due_time_comes_once(rule, name, start, steps):
    """Ticks are cuts: a late, a doubled or a lost one neither adds nor loses a due time. And no rule looks further
    than REACH for a working day."""
    zone, parsed, cuts = (
        ZoneInfo(name),
        parse_rule(rule),
        [start, *(start + sum(steps[: n + 1], timedelta(0)) for n in range(len(steps)))],
    )
    years = ((cuts[0] - REACH).year, (cuts[-1] + REACH).year)
    days = assemble(*years, [row for row in REGION if years[0] <= row[0].year <= years[1]], {})
    whole = parsed.due_between(cuts[0], cuts[-1], zone, days)
    parts = [due for a, b in pairwise(cuts) for due in parsed.due_between(a, b, zone, days)]
    assert parts == whole == sorted(set(whole))


HOUR = timedelta(hours=1)
FRIDAYS = [local(2026, 3, day, 15).astimezone(UTC) for day in (6, 13, 20)]


@pytest.mark.parametrize(
    ("policy", "late", "verdicts"),
    [
        ("every", 48 * HOUR, ["queued", "queued", "queued"]),
        ("collapse", 48 * HOUR, ["merged", "merged", "queued"]),
        ("late 48h", 48 * HOUR, ["skipped", "skipped", "queued"]),
        ("late 48h", 48 * HOUR + timedelta(seconds=1), ["skipped", "skipped", "skipped"]),
        ("ask 24h", 24 * HOUR, ["waiting", "waiting", "queued"]),
        ("ask 24h", 24 * HOUR + timedelta(seconds=1), ["waiting", "waiting", "waiting"]),
    ],
)
def test_what_becomes_of_missed_times(policy, late, verdicts):
    """product.md §6.5, three Fridays missed and the server back so long after the last."""
    assert parse_missed(policy).verdicts(FRIDAYS, FRIDAYS[-1] + late) == list(zip(FRIDAYS, verdicts, strict=True))


def test_nothing_missed_is_nothing_done():
    assert parse_missed("collapse").verdicts([], FRIDAYS[0]) == []


def test_a_schedule_is_a_rule_and_a_policy():
    schedule = parse_schedule(("monthly 10 06:00", "every"))
    assert schedule.missed == Missed("every")
    assert schedule.rule.due_between(*YEAR, SHANGHAI, CHINA)[0] == datetime(2026, 1, 9, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "daily",
        "daily 2:00",
        "daily 24:00",
        "daily 02:00 sharp",
        "every 0 minutes",
        "every 1441 minutes",
        "weekly friday 15:00",
        "monthly 0 06:00",
        "monthly 32 06:00",
        "monthly work day 24 06:00",
        "weekly fri 15:00 or next work day",
        "monthly 10 06:00 or previous work day of the week",
    ],
)
def test_a_rule_that_does_not_read_is_refused(words):
    with pytest.raises(BadSchedule):
        parse_rule(words)


@pytest.mark.parametrize("words", ["", "never", "late", "late 48", "ask 2 days", "collapse 3h"])
def test_a_policy_that_does_not_read_is_refused(words):
    with pytest.raises(BadSchedule):
        parse_missed(words)


def test_the_date_is_the_tenants_and_not_that_of_the_server():
    apia = ZoneInfo("Pacific/Apia")  # 13 hours ahead: its Monday begins on a Sunday in UTC
    [found] = parse_rule("weekly mon 00:30").due_between(
        *(local(2026, 3, day, zone=apia) for day in (1, 3)), apia, CHINA
    )
    assert found == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
