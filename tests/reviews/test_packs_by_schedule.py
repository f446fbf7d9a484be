"""The job that makes packs a day before (product.md §4.1, §6.5)."""

from datetime import timedelta
from typing import Any

from reviews import actions, tasks
from reviews.models import PrepPack
from tests.jobs.three_times import run_three_times

from .conftest import NOW


def test_run_three_times_it_makes_one(marta: Any, interview: Any) -> None:
    run_three_times(tasks.make_packs, payload={}, now=NOW + timedelta(days=2, hours=1))
    with marta.scope:
        assert PrepPack.objects.count() == 1


def test_one_that_was_missed_is_made_as_soon_as_it_runs_even_after_the_talk_began(marta: Any, interview: Any) -> None:
    with marta.scope:
        assert tasks.make_packs(payload={}, now=interview.at + timedelta(hours=2)) is None
        assert PrepPack.objects.get().made_at == interview.at + timedelta(hours=2)


def test_one_of_days_ago_is_left_alone(marta: Any, interview: Any) -> None:
    with marta.scope:
        tasks.make_packs(payload={}, now=interview.at + timedelta(hours=25))
        assert not PrepPack.objects.exists()


def test_many_are_made_in_portions(ada: Any, marta: Any, bob: Any, interview: Any) -> None:
    with marta.scope:
        actions.plan_interview(
            employee=bob.employee,
            manager=marta.employee,
            at=interview.at,
            minutes=30,
            place="",
            key="second",
            now=NOW,
        )
        eve = NOW + timedelta(days=2, hours=1)
        assert actions.make_due_packs(now=eve, most=1) is True
        assert actions.make_due_packs(now=eve, most=1) is False
        assert PrepPack.objects.count() == 2
