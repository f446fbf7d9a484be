"""What a bound goal's progress counts: one reading a day, as the days read now (product.md §2.6)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals import tasks
from goals.actions import binding as actions
from goals.actions import trail
from goals.bound import Measuring, Reading, Typed, figure_of, in_order, is_over, readings_of
from goals.models import BoundFigure, CheckIn, Goal, MetricBinding
from goals.progress import hold_progress
from goals.queries.bound import marks_of, measured, readings_told
from integrations.metrics import Figure
from integrations.queries.standing import key_of_person
from perfsys.tenancy.models import Tenant
from tests.goals.conftest import NOW, TODAY
from tests.jobs.three_times import run_three_times

BEGIN = date(2026, 10, 1)
DAY = timedelta(days=1)
makings = st.sampled_from(["sum", "mean", "latest", "ratio"])
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


@st.composite
def days(draw, most=15):
    """Some days in order that the source spoke of: amounts, or shares, where a day may have nothing to divide by."""
    offsets = sorted(draw(st.sets(st.integers(0, 40), max_size=most)))
    spoken = st.tuples(amounts, st.integers(0, 9) if draw(st.booleans()) else st.none())
    return [
        (BEGIN + offset * DAY, Figure(above, None if below is None else Decimal(below), 1))
        for offset, (above, below) in ((offset, draw(spoken)) for offset in offsets)
    ]


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@given(days(), makings)
def test_each_day_that_says_something_is_one_reading_and_the_last_is_the_figure(listed, making):
    found = readings_of(listed, making)
    assert [one.on for one in found] == [on for on, figure in listed if figure.amount is not None]
    for index, (on, figure) in enumerate(listed):
        if figure.amount is not None:
            upto = figure_of([one for _on, one in listed[: index + 1]], making)
            assert next(one.value for one in found if one.on == on) == upto


@given(days(), st.data())
def test_a_corrected_or_late_day_reads_as_if_it_had_been_right_from_the_start(listed, data):
    """Whatever stood there before: what was told wrong leaves nothing behind."""
    if not listed:
        return
    index = data.draw(st.integers(0, len(listed) - 1))
    right = [*listed[:index], (listed[index][0], Figure(Decimal(7), None, 1)), *listed[index + 1 :]]
    late = readings_of([*listed[:index], *listed[index + 1 :]], "latest")
    after = readings_of(right, "latest")
    assert in_order([], [Measuring(after)]) == [one.value for one in after]
    assert [one for one in after if one.on != listed[index][0]] == late


@given(st.lists(amounts, min_size=1, max_size=30), amounts, amounts)
def test_hold_within_is_the_share_of_days_inside(listed, one, other):
    low, high = min(one, other), max(one, other)
    readings = [Reading(BEGIN + number * DAY, value) for number, value in enumerate(listed)]
    inside = sum(low <= value <= high for value in listed)
    found = hold_progress(in_order([], [Measuring(readings)]), low=low, high=high)
    assert abs(found - Decimal(100 * inside) / len(listed)) < Decimal("0.000001")


@given(days(), st.lists(st.tuples(st.integers(-5, 45), amounts), max_size=6), st.integers(-2, 42))
def test_people_have_the_word_before_the_metric_speaks_and_while_it_is_held(listed, words, doubtful):
    readings = readings_of(listed, "latest")
    typed = [Typed(noon(BEGIN + day * DAY), BEGIN + day * DAY, value) for day, value in words]
    before = [one for one in typed if not readings or one.on < readings[0].on]
    plain = in_order(typed, [Measuring(readings)])
    assert sorted(plain) == sorted([*(one.value for one in before), *(one.value for one in readings)])
    assert plain[len(before) :] == [one.value for one in readings]

    until = BEGIN + doubtful * DAY
    sound = [one for one in readings if one.on <= until]
    held = in_order(typed, [Measuring(readings, is_held=True, sound_until=until)])
    later = [one for one in typed if not sound or one.on > until]
    told = [one for one in typed if one in later or one.on < sound[0].on]
    assert sorted(held) == sorted([*(one.value for one in told), *(one.value for one in sound)])


@given(days(), days(), st.integers(0, 40))
def test_bound_anew_the_later_metric_has_the_word_about_the_days_of_both(one, other, ended):
    first, second = readings_of(one, "latest"), readings_of(other, "latest")
    found = in_order([], [Measuring(first, ended_at=noon(BEGIN + ended * DAY)), Measuring(second)])
    early = [reading for reading in first if not second or reading.on < second[0].on]
    assert found == [reading.value for reading in [*early, *second]]


def test_after_it_was_ended_what_people_tell_counts_again():
    readings = [Reading(BEGIN, Decimal(1)), Reading(BEGIN + DAY, Decimal(2))]
    ended = noon(BEGIN + DAY)
    typed = [
        Typed(ended - timedelta(hours=1), BEGIN + DAY, Decimal(8)),
        Typed(ended + timedelta(hours=1), BEGIN + DAY, Decimal(9)),
    ]
    assert in_order(typed, [Measuring(readings, ended_at=ended)]) == [1, 2, 9]


def test_the_running_day_adds_up_but_is_no_day_of_its_own():
    every = ("sum", "ratio", "mean", "latest")
    assert [is_over(TODAY, TODAY, making) for making in every] == [True, True, False, False]
    assert all(is_over(TODAY - DAY, TODAY, making) for making in every)
    assert not any(is_over(TODAY + DAY, TODAY, making) for making in every)


@pytest.fixture
def held_within(goal):
    """Between 90 and 100, by the day."""
    Goal.objects.filter(pk=goal.pk).update(direction="hold", target=None, hold_low=90, hold_high=100)
    return Goal.objects.get(pk=goal.pk)


def share(goal):
    return Goal.objects.get(pk=goal.pk).own_progress


def test_a_steady_figure_is_read_every_day_and_a_wrong_day_is_put_right(company, metric, held_within, bind):
    saturday = date(2026, 10, 10)  # worked, to make up for a holiday; the days between say nothing
    for on, amount in ((date(2026, 10, 8), "95"), (date(2026, 10, 9), "95"), (saturday, "95"), (TODAY - DAY, "80")):
        metric.say(on, amount, now=NOW)
    bound = bind("latest", goal=held_within)
    run_three_times(tasks.check_in_bound, payload={}, now=NOW)
    assert (share(held_within), CheckIn.objects.filter(goal=held_within).count()) == (Decimal(75), 1)

    metric.say(TODAY - DAY, "91", now=NOW)  # corrected
    metric.say(date(2026, 10, 12), "120", now=NOW)  # late
    actions.check_in_some(now=NOW)
    assert share(held_within) == Decimal(80)
    assert len(MetricBinding.objects.get(pk=bound.pk).readings) == 5

    metric.say(TODAY - DAY, "70", now=NOW)
    metric.version.computing = {"key": "1", "bounds": [], "done": 0}
    metric.version.save(update_fields=["computing"])
    actions.check_in_some(now=NOW)  # some of its days are what they were, others not
    assert CheckIn.objects.filter(goal=held_within).count() == 2
    metric.version.computing = {}
    metric.version.save(update_fields=["computing"])
    metric.say(TODAY - DAY, "91", now=NOW)

    metric.say(TODAY, "91", now=NOW)  # the same again: a reading, and no check-in
    actions.check_in_some(now=NOW)
    assert share(held_within) == Decimal(80)
    actions.check_in_some(now=NOW + DAY)
    assert share(held_within) == Decimal("83.333333")
    assert CheckIn.objects.filter(goal=held_within).count() == 2
    assert BoundFigure.objects.latest("pk").last_on == TODAY


def test_without_a_baseline_the_way_begins_at_the_first_day_as_it_reads_now(company, metric, goal, bind):
    Goal.objects.filter(pk=goal.pk).update(direction="lower", target=10, baseline=None)
    metric.say(date(2026, 10, 8), "90", now=NOW)
    metric.say(date(2026, 10, 20), "30", now=NOW)
    bind("latest", goal=Goal.objects.get(pk=goal.pk))
    actions.check_in_some(now=NOW)
    assert share(goal) == Decimal(75)
    metric.say(date(2026, 10, 8), "50", now=NOW)
    actions.check_in_some(now=NOW)
    assert share(goal) == Decimal(50)


def test_what_was_told_with_proof_counts_until_the_doubt_is_over(company, metric, held_within, bind):
    for on in (date(2026, 10, 8), date(2026, 10, 9)):
        metric.say(on, "95", now=NOW)
    metric.say(date(2026, 10, 20), "10", now=NOW)
    bound = bind("latest", goal=held_within)
    actions.check_in_some(now=NOW)
    assert share(held_within) == Decimal("66.666667")
    held = metric.hold(key_of_person(company.ada.public_id), date(2026, 10, 20), NOW)
    trail.check_in(goal=held_within, actor=company.ada, now=NOW, value=Decimal(92), proof="质检单 12")
    assert share(held_within) == Decimal(100)
    assert measured([bound], TODAY)[bound.pk].sound_readings == [95, 95]
    held.released_at = NOW
    held.save(update_fields=["released_at"])
    actions.check_in_some(now=NOW)
    assert share(held_within) == Decimal("66.666667")


def test_while_it_is_held_the_way_begins_where_people_began_to_tell_it(company, metric, goal, bind):
    Goal.objects.filter(pk=goal.pk).update(direction="lower", target=10, baseline=None)
    lowered = Goal.objects.get(pk=goal.pk)
    trail.check_in(goal=lowered, actor=company.ada, now=NOW - 30 * DAY, value=Decimal(110))
    for day, amount in ((2, "60"), (1, "30")):
        metric.say(TODAY - day * DAY, amount, now=NOW)
    bind("latest", goal=lowered)
    actions.check_in_some(now=NOW)
    assert share(goal) == Decimal(80)
    metric.hold(key_of_person(company.ada.public_id), TODAY - DAY, NOW)
    trail.check_in(goal=lowered, actor=company.ada, now=NOW, value=Decimal(20), proof="质检单 12")
    assert share(goal) == Decimal(90)
    good = marks_of([Goal.objects.get(pk=goal.pk)], TODAY)[goal.pk].good
    assert good is not None and (good.value, good.progress) == (Decimal(60), Decimal(50))


def test_ended_while_it_is_held_its_days_in_doubt_do_not_come_back(company, metric, held_within, bind):
    for on, amount in ((date(2026, 10, 8), "95"), (date(2026, 10, 9), "95"), (date(2026, 10, 20), "0")):
        metric.say(on, amount, now=NOW)
    bound = bind("latest", goal=held_within)
    actions.check_in_some(now=NOW)
    metric.hold(key_of_person(company.ada.public_id), date(2026, 10, 20), NOW)
    trail.check_in(goal=held_within, actor=company.ada, now=NOW, value=Decimal(92), proof="质检单 12")
    actions.unbind_metric(binding=MetricBinding.objects.get(pk=bound.pk), because="换口径", actor=None, now=NOW + DAY)
    assert share(held_within) == Decimal(100)
    trail.check_in(goal=held_within, actor=company.ada, now=NOW + 2 * DAY, value=Decimal(93))
    assert share(held_within) == Decimal(100)
    assert readings_told([held_within.pk], TODAY + 2 * DAY)[held_within.pk, None] == [95, 95, 92, 93]


def test_a_day_is_over_when_it_is_over_where_the_company_is(company, metric, held_within, bind):
    """In New York 1 November 2026 has 25 hours."""
    Tenant.objects.update(time_zone="America/New_York")
    metric.say(date(2026, 10, 31), "95", now=NOW)
    metric.say(date(2026, 11, 1), "10", now=NOW)
    bound = bind("latest", goal=held_within)
    actions.check_in_some(now=datetime(2026, 11, 2, 4, 59, tzinfo=UTC))
    assert share(held_within) == Decimal(100)
    assert measured([bound], date(2026, 11, 1))[bound.pk].running.on == date(2026, 11, 1)
    actions.check_in_some(now=datetime(2026, 11, 2, 5, 1, tzinfo=UTC))
    assert share(held_within) == Decimal(50)
