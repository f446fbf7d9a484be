"""A goal's own progress kept by sets: key results, commitments, owners who are away (product.md §1.3, §2.6)."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from goals.actions.alerts import check_health
from goals.actions.goal import KeyResultWords
from goals.actions.own_progress import keep_away, keep_cadences, keep_objectives, ticks_due
from goals.actions.trail import check_in
from goals.models import CheckIn, Goal, GoalAlert, KeyResult
from goals.progress import Part, cadence_progress, objective_progress
from goals.queries.figures import expectations
from perfsys.people.models import EmployeeSpan

from .conftest import NOW, TODAY

STARTS_ON, DUE_ON = date(2026, 10, 1), date(2026, 12, 31)


@pytest.fixture
def line(company):
    return company.tree()


def publish(company, line, **words):
    goal = company.draft(company.ben, parent=line[1], **words)
    company.publish(company.ben)
    return Goal.objects.get(pk=goal.pk)


def own(goal):
    return Goal.objects.get(pk=goal.pk).own_progress


def bulk(company, number, **more):
    about = {
        "period": company.period,
        "layer": "position",
        "owner": company.ada,
        "title": "目标",
        "status": "published",
    }
    dates = {"starts_on": STARTS_ON, "due_on": DUE_ON, "made_at": NOW, "published_at": NOW, "published_on": STARTS_ON}
    return Goal.objects.create(number=f"O-{number}", **about, **{**dates, **more})


def test_an_objective_is_the_weighted_mean_of_its_key_results(company, line):
    results = [
        KeyResultWords("三家客户签认", target=Decimal(3), unit_of_measure="家", weight=Decimal(3)),
        KeyResultWords("噪声降下来", baseline=Decimal(40), target=Decimal(30), direction="lower"),
    ]
    goal = publish(company, line, kind="objective", key_results=results)
    first, second = KeyResult.objects.filter(goal=goal).order_by("id")
    made = check_in(goal=goal, key_result=first, actor=company.ben, now=NOW, value=Decimal(3), key="a")
    check_in(goal=goal, key_result=first, actor=company.ben, now=NOW, value=Decimal(3), key="a")
    assert (made.percent, own(goal)) == (75, 75)
    check_in(goal=goal, key_result=second, actor=company.ben, now=NOW, value=Decimal(45))
    assert KeyResult.objects.get(pk=second.pk).progress == -50  # kept raw, and counted as shown
    assert own(goal) == 75
    check_in(goal=goal, key_result=second, actor=company.ben, now=NOW, value=Decimal(35))
    assert own(goal) == Decimal("87.5")
    assert Goal.objects.get(pk=line[1].pk).rolled_progress is not None
    assert CheckIn.objects.filter(goal=goal).count() == 3


def test_key_results_without_a_target_are_told_in_percent_and_go_with_another_kind(company, line):
    goal = company.draft(company.ben, parent=line[1], kind="objective", key_results=[KeyResultWords("方案评审通过")])
    result = KeyResult.objects.get()
    assert (result.target, result.unit_of_measure) == (100, "%")
    company.draft(company.ada, kind="kpi", key_results=[KeyResultWords("与我无关")])
    assert list(KeyResult.objects.values_list("goal", flat=True)) == [goal.pk]


@pytest.mark.parametrize("seed", range(2))
def test_the_sets_say_what_the_formulas_say(company, seed):
    dice = random.Random(seed)
    for number in range(12):
        goal = bulk(company, number, kind="objective")
        for part in range(dice.randint(1, 4)):
            KeyResult.objects.create(
                goal=goal,
                title=f"{part}",
                weight=dice.choice([Decimal(0), Decimal(1), Decimal("2.5")]),
                progress=dice.choice([None, Decimal(dice.randint(-50, 150)), Decimal(dice.randint(0, 999)) / 7]),
            )
    rhythms = [(2, "week"), (3, "month"), (1, "week")]
    for number in range(12, 24):
        times, per = dice.choice(rhythms)
        away = dice.choice([[], [], [date(2026, 10, 10), date(2026, 10, 24)]])
        starts_on = STARTS_ON + timedelta(days=dice.randint(0, 20))
        goal = bulk(
            company, number, kind="behaviour", cadence_times=times, cadence_per=per, away=away, starts_on=starts_on
        )
        for tick in range(dice.randint(0, 9)):
            CheckIn.objects.create(goal=goal, at=NOW, local_on=TODAY + timedelta(days=tick - 6))
    keep_objectives()
    keep_cadences(TODAY)
    for goal in Goal.objects.filter(kind="objective"):
        results = list(goal.key_results.all())
        said = any(one.progress is not None for one in results)
        mean = objective_progress([Part(one.progress or Decimal(0), one.weight) for one in results])
        assert goal.own_progress == (mean if said else None)
    for goal in Goal.objects.filter(kind="behaviour"):
        ticks = goal.check_ins.filter(local_on__lte=TODAY).count()
        assert goal.own_progress == cadence_progress(done=ticks, due=ticks_due(goal, TODAY))
    assert keep_objectives() == keep_cadences(TODAY) == []  # a second look changes nothing


def test_a_commitment_nobody_kept_falls_behind_by_night(company, line):
    goal = publish(company, line, kind="behaviour", cadence_times=2, cadence_per="week")
    for _ in range(8):
        check_in(goal=goal, actor=company.ben, now=NOW)
    assert own(goal) == 100
    later = TODAY + timedelta(days=28)
    check_health(as_of=later, now=NOW + timedelta(days=28))
    assert own(goal) == 50


def test_a_leave_prorates_the_target_and_lets_expectation_and_reminders_rest(company, line):
    goal = publish(company, line, target=Decimal(60), unit_of_measure="套")
    check_in(goal=goal, actor=company.ben, now=NOW, value=Decimal(20))
    assert own(goal) == Decimal("33.333333")
    expected = expectations([goal], TODAY).of(goal)
    EmployeeSpan.objects.create(
        employee=company.ben, kind="long_leave", starts_on=date(2026, 10, 19), ends_on=date(2026, 12, 1)
    )
    check_health(as_of=TODAY, now=NOW)
    goal.refresh_from_db()
    assert goal.spans_away == [(date(2026, 10, 19), date(2026, 12, 1))]
    assert goal.own_progress > 50  # half of the work days are left, and so is half of the target
    before = expectations([goal], date(2026, 10, 18)).of(goal)
    assert expectations([goal], TODAY).of(goal) == before < expected
    check_health(as_of=date(2026, 11, 29), now=NOW + timedelta(days=27))
    assert not GoalAlert.objects.filter(goal=goal).exists()
    EmployeeSpan.objects.all().delete()
    assert keep_away() == [goal.pk]


def test_a_probation_and_a_leave_that_overlap_count_once_and_only_between_the_dates_of_the_goal(company, line):
    goal = line[2]
    EmployeeSpan.objects.create(
        employee=company.ada, kind="probation", starts_on=date(2026, 8, 1), ends_on=date(2026, 10, 20)
    )
    EmployeeSpan.objects.create(employee=company.ada, kind="long_leave", starts_on=date(2026, 10, 12))
    keep_away()
    assert Goal.objects.get(pk=goal.pk).spans_away == [(STARTS_ON, date(2027, 1, 1))]


def test_holding_within_one_limit_alone_counts_too(company, line):
    goal = publish(company, line, direction="hold", hold_high=Decimal(5))
    for value in (4, 6):
        check_in(goal=goal, actor=company.ben, now=NOW, value=Decimal(value))
    assert own(goal) == 50
