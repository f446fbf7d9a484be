"""What an administrator decides about: jobs that gave up, and runs that came too late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from perfsys.audit.models import AuditEntry
from perfsys.jobs import queries
from perfsys.jobs.actions import discard, enqueue, retry, run_late
from perfsys.jobs.models import Job, Occurrence
from perfsys.jobs.worker import claim, run
from tests.jobs.conftest import NOW, job, jobs, marked

PAGE = "/t/acme/admin/jobs/"


@pytest.fixture
def dead(anna):
    with anna.scope:
        enqueue("tests.mark", "a", {"n": 7, "words": "somebody's own"})
        Job.objects.update(state="dead", attempts=5, last_error="Poisoned at goals/health.py:12")
    return job()


def test_it_shows_the_error_and_of_the_payload_the_keys_alone(anna, dead):
    text = anna.client.get(PAGE).content.decode()
    assert "Poisoned at goals/health.py:12" in text
    assert "n, words" in text
    assert "somebody&#x27;s own" not in text and "somebody's own" not in text


def test_administrators_come_to_it_and_to_the_record_from_any_page(anna):
    page = anna.client.get("/t/acme/company/").content.decode()
    assert f'href="{PAGE}"' in page and 'href="/t/acme/admin/audit/"' in page


def test_trying_again_gives_it_five_new_attempts_and_is_recorded(anna, dead):
    assert anna.client.post(f"{PAGE}{dead.pk}/retry/").status_code == 302
    row = job()
    assert (row.state, row.attempts) == ("ready", 0)
    with anna.scope:
        entry = AuditEntry.objects.get(verb="jobs.retried")
    assert (entry.actor_name, entry.subject_id) == ("Anna", dead.pk)
    assert entry.details == {"kind": "tests.mark", "error": "Poisoned at goals/health.py:12"}


def test_dropping_it_is_recorded_and_final(anna, dead):
    assert anna.client.post(f"{PAGE}{dead.pk}/discard/").status_code == 302
    assert job().state == "discarded"
    assert anna.client.post(f"{PAGE}{dead.pk}/retry/").status_code == 404
    with anna.scope:
        assert AuditEntry.objects.filter(verb__startswith="jobs.").count() == 1


def test_two_who_decide_at_once_decide_once(anna, dead):
    with anna.scope:
        assert retry(dead, actor=None, now=NOW)
        assert not discard(dead, actor=None, now=NOW)
        assert job().state == "ready"


def test_only_what_is_dead_can_be_decided_about(anna):
    with anna.scope:
        enqueue("tests.mark", "a")
    for verb in ("retry", "discard"):
        assert anna.client.post(f"{PAGE}{job().pk}/{verb}/").status_code == 404


def test_an_employee_may_not_and_a_stranger_does_not_find_it(ada, anna, otto, dead):
    assert ada.client.get(PAGE).status_code == 403
    assert ada.client.post(f"{PAGE}{dead.pk}/retry/").status_code == 403
    assert otto.client.post(f"/t/globex/admin/jobs/{dead.pk}/retry/").status_code in {403, 404}
    assert job().state == "dead"


def test_a_late_run_is_shown_and_done_when_somebody_says_so(anna, settings):
    settings.SCHEDULES = {"tests.mark": ("daily 06:00", "ask 24h")}
    due_at = NOW - timedelta(days=3)
    with anna.scope:
        late = Occurrence.objects.create(kind="tests.mark", due_at=due_at, state="waiting")
        Occurrence.objects.create(kind="tests.retro", due_at=due_at, state="skipped")
    text = anna.client.get(PAGE).content.decode()
    assert "tests.mark" in text and "tests.retro" in text and text.count(f"late/{late.pk}/run/") == 1
    for expected in (302, 404):
        assert anna.client.post(f"{PAGE}late/{late.pk}/run/").status_code == expected
    run(claim(now=NOW), now=NOW)  # three days late, and not asked again
    assert [row.state for row in jobs(kind="tests.mark")] == ["done"]
    assert len(marked()) == 1
    with anna.scope:
        assert not run_late(late, actor=None, now=NOW)
        assert AuditEntry.objects.filter(verb="jobs.late_run_confirmed").count() == 1


def test_a_year_whose_holidays_are_a_guess_is_named(anna, monkeypatch):
    assert "not announced yet" not in anna.client.get(PAGE).content.decode()
    monkeypatch.setattr(queries, "guessed_year", lambda today: 2027)
    text = anna.client.get(PAGE).content.decode()
    assert "2027" in text


@pytest.mark.parametrize(("today", "year"), [("2026-11-30", None), ("2026-12-02", 2027), ("2027-06-01", 2027)])
def test_it_is_named_from_a_month_before(anna, today, year):
    with anna.scope:
        assert queries.guessed_year(timezone.datetime.fromisoformat(today).date()) == year


def test_the_page_asks_the_same_number_of_queries_for_1_and_40(anna, dead):
    from tests.conftest import assert_page_queries

    # 1 session, 1 account, 1 scope, 1 person and 1 inbox, 1 gaps count of the shell; 1 count, 1 page of jobs, 1 late,
    # 1 calendar
    assert_page_queries(anna.client, PAGE, QUERIES)
    with anna.scope:
        for n in range(39):
            enqueue("tests.mark", f"b{n}")
        Job.objects.update(state="dead")
    assert_page_queries(anna.client, PAGE, QUERIES)


QUERIES = 10
