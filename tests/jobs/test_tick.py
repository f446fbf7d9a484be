"""T10, T12: what is due is inserted once, whoever asks and however late; missed times follow product.md §6.5."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from perfsys.jobs import rhythm
from perfsys.jobs.models import CalendarOverride, Heartbeat, Job, Occurrence
from perfsys.jobs.rhythm import tick
from perfsys.jobs.worker import claim, run
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import all_tenants, use_tenant
from tests.jobs.conftest import jobs, marked
from tests.jobs.three_times import repeat

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.fixture
def schedule(settings, db):
    """schedule("daily 02:00", "collapse"): the one schedule there is."""

    def only(rule: str, missed: str) -> None:
        settings.SCHEDULES = {"tests.mark": (rule, missed)}

    return only


def down(since: datetime, until: datetime) -> int:
    """A tick, no tick for a while, and the tick that comes then; returns the number of jobs."""
    tick(now=since)
    return tick(now=until)


def occurrences(tenant_id: int = 1) -> list[tuple[str, str]]:
    with use_tenant(tenant_id):
        rows = Occurrence.objects.order_by("due_at").values_list("due_at", "state")
        return [(f"{due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", state) for due, state in rows]


def test_the_first_tick_of_all_starts_the_record_and_inserts_nothing(schedule):
    schedule("daily 02:00", "every")
    assert tick(now=local(2026, 3, 2, 12)) == 0
    assert occurrences() == []
    assert Heartbeat.objects.get(name="tick").at == local(2026, 3, 2, 12)


def test_what_is_due_becomes_an_occurrence_and_a_job_in_every_company(schedule):
    schedule("daily 02:00", "collapse")
    assert down(local(2026, 3, 2, 1, 59, 45), local(2026, 3, 2, 2, 0, 15)) == 2
    for tenant_id in (1, 2):
        assert occurrences(tenant_id) == [("2026-03-02 02:00", "queued")]
        [row] = jobs(tenant_id)
        assert (row.kind, row.key, row.state) == ("tests.mark", "2026-03-01T18:00Z", "ready")
        assert datetime.fromisoformat(row.payload["due_at"]) == local(2026, 3, 2, 2)


def test_each_company_lives_in_its_own_time_and_calendar(schedule):
    schedule("work days 09:00", "every")
    with use_tenant(1):
        CalendarOverride.objects.create(on=date(2026, 3, 3), is_work_day=False)
    with use_tenant(2):
        Tenant.objects.update(time_zone="Europe/Berlin")
    down(local(2026, 3, 2), local(2026, 3, 4))
    assert [due for due, _ in occurrences(1)] == ["2026-03-02 09:00"]
    assert [due for due, _ in occurrences(2)] == ["2026-03-02 16:00", "2026-03-03 16:00"]


def test_ticking_again_for_the_same_time_inserts_nothing(schedule):
    schedule("every 15 minutes", "every")
    tick(now=local(2026, 3, 2, 12))
    repeat(lambda: tick(now=local(2026, 3, 2, 13)))
    assert len(occurrences()) == 4


def test_a_second_beat_with_a_clock_behind_and_the_record_lost_changes_nothing(schedule):
    """T11: the clock ten minutes off, back and forth; the occurrences themselves refuse what was there before."""
    schedule("every 15 minutes", "every")
    tick(now=local(2026, 3, 2, 12))
    assert tick(now=local(2026, 3, 2, 12, 30)) == 4
    assert tick(now=local(2026, 3, 2, 12, 20)) == 0
    Heartbeat.objects.update(at=local(2026, 3, 2, 12))
    assert tick(now=local(2026, 3, 2, 12, 30)) == 0
    assert tick(now=local(2026, 3, 2, 12, 40)) == 0
    assert tick(now=local(2026, 3, 2, 12, 45)) == 2


@pytest.mark.django_db(transaction=True)
def test_four_racing_ticks_over_three_missed_fridays_insert_each_once(settings):
    settings.SCHEDULES = {"tests.mark": ("weekly fri 15:00", "every")}
    tick(now=local(2026, 3, 1))

    def race(n: int) -> int:
        try:
            return tick(now=local(2026, 3, 22, 9, 0, n))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(race, range(4))) == 6
    for tenant_id in (1, 2):
        assert len(occurrences(tenant_id)) == len(jobs(tenant_id)) == 3


@pytest.mark.django_db(transaction=True)
def test_racing_ticks_that_do_not_know_of_each_other_insert_each_once(settings, monkeypatch):
    """Without the record of the last tick that makes them take turns: the unique key alone."""
    settings.SCHEDULES = {"tests.mark": ("weekly fri 15:00", "every")}
    monkeypatch.setattr(rhythm, "_beat", lambda name, now: local(2026, 3, 1))

    def race(_: int) -> int:
        try:
            return tick(now=local(2026, 3, 22))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(race, range(4))) == 6
    assert len(occurrences()) == len(jobs()) == 3


WEEKEND_DOWN = (local(2026, 3, 6, 14, 50), local(2026, 3, 9, 9))  # Friday afternoon to Monday morning
MICRO_RETRO = "weekly fri 15:00 or previous work day of the week"


def test_a_micro_retro_missed_by_less_than_two_days_runs_late(schedule):
    schedule(MICRO_RETRO, "late 48h")
    assert down(WEEKEND_DOWN[0], local(2026, 3, 8, 14)) == 2
    assert occurrences() == [("2026-03-06 15:00", "queued")]


def test_a_micro_retro_missed_over_the_weekend_is_visibly_skipped(schedule):
    schedule(MICRO_RETRO, "late 48h")
    assert down(*WEEKEND_DOWN) == 0
    assert occurrences() == [("2026-03-06 15:00", "skipped")]


def test_a_micro_retro_queued_in_time_is_skipped_where_the_workers_were_down(schedule):
    schedule(MICRO_RETRO, "late 48h")
    down(WEEKEND_DOWN[0], local(2026, 3, 6, 15, 0, 10))
    with use_tenant(1):
        Job.objects.update(run_after=local(2026, 3, 6, 15))
    with use_tenant(2):
        Job.objects.all().delete()
    run(claim(now=WEEKEND_DOWN[1]), now=WEEKEND_DOWN[1])
    assert occurrences() == [("2026-03-06 15:00", "skipped")]
    assert ([row.state for row in jobs()], marked()) == (["done"], [])


def test_a_report_missed_over_the_tenth_runs_with_its_own_date(schedule):
    schedule("monthly 10 06:00", "every")
    assert down(local(2026, 3, 9, 12), local(2026, 3, 12, 9)) == 2
    [row] = jobs()
    assert datetime.fromisoformat(row.payload["due_at"]) == local(2026, 3, 10, 6)


def test_reports_of_two_missed_months_both_run(schedule):
    schedule("monthly 10 06:00", "every")
    down(local(2026, 3, 9), local(2026, 4, 11))
    assert [due for due, _ in occurrences()] == ["2026-03-10 06:00", "2026-04-10 06:00"]
    assert len(jobs()) == 2


def test_missed_reminders_collapse_to_one(schedule):
    schedule("daily 08:00", "collapse")
    assert down(*WEEKEND_DOWN) == 2
    assert occurrences() == [
        ("2026-03-07 08:00", "merged"),
        ("2026-03-08 08:00", "merged"),
        ("2026-03-09 08:00", "queued"),
    ]
    assert len(jobs()) == 1


def test_scoring_more_than_a_day_late_waits_for_a_person(schedule):
    schedule("daily 06:00", "ask 24h")
    assert down(local(2026, 3, 6, 7), local(2026, 3, 8, 12)) == 2
    assert occurrences() == [("2026-03-07 06:00", "waiting"), ("2026-03-08 06:00", "queued")]


def test_a_month_of_one_schedule_over_daylight_saving_equals_the_golden_list(schedule):
    schedule("daily 02:30", "every")
    with use_tenant(1):
        Tenant.objects.update(time_zone="Europe/Berlin")
    tick(now=datetime(2026, 3, 27, 12, tzinfo=UTC))
    for hours in range(1, 73):
        tick(now=datetime(2026, 3, 27, 12, tzinfo=UTC) + timedelta(hours=hours))
    with use_tenant(1):
        dues = list(Occurrence.objects.order_by("due_at").values_list("due_at", flat=True))
    assert [f"{due:%d %H:%M}" for due in dues] == ["28 01:30", "29 01:30", "30 00:30"]


def test_a_tick_asks_the_same_number_of_queries_for_any_number_of_companies(schedule, monkeypatch):
    """1 insert, 1 select and 1 update of the heartbeat, 1 work days, and the test's savepoint, 2. The calls of
    functions are counted apart: 1 overrides, 1 zones, 1 insert."""
    schedule("every 15 minutes", "every")
    tick(now=local(2026, 3, 2, 12))
    called: list[str] = []

    @contextmanager
    def counting(reason):
        with all_tenants(reason) as call:
            yield lambda name, *arguments: called.append(name) or call(name, *arguments)

    monkeypatch.setattr(rhythm, "all_tenants", counting)
    asked = []
    for hour, companies in ((13, 2), (14, 22)):
        with CaptureQueriesContext(connection) as queries:
            assert tick(now=local(2026, 3, 2, hour)) == 4 * companies
        asked.append((len(queries), called[:]))
        called.clear()
        with all_tenants("more companies") as call:
            for n in range(20):
                call("create_tenant", f"company-{hour}-{n}", "公司")
    assert asked == [(6, ["calendar_overrides", "tenant_zones", "insert_occurrences"])] * 2
