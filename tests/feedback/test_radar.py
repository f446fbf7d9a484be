"""Counting a radar (product.md §3.4): the window, the axes, what to strengthen next. No database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedback.radar import DAYS, LEAST_AXES, MOST_AXES, Radar, Reason, Told, count, first_day

TODAY = date(2026, 11, 20)  # a Friday
COMPETENCIES = range(1, 11)
told = st.builds(
    Told,
    competency=st.integers(1, 12),  # two of them are not in the list
    tag=st.integers(1, 30),
    is_positive=st.booleans(),
    on=st.dates(TODAY - timedelta(days=120), TODAY + timedelta(days=5)),
    number=st.integers(1, 4),
)
many = st.lists(told, max_size=60)


def in_window(one: Told) -> bool:
    return TODAY - timedelta(days=90) < one.on <= TODAY


def days_ago(days: int, competency: int = 1, *, praise: bool = True, number: int = 1) -> Told:
    return Told(competency, competency * 10, praise, TODAY - timedelta(days=days), number)


@given(many)
def test_each_feedback_of_the_window_counts_once_wherever_one_looks(given_: list[Told]) -> None:
    radar = count(given_, COMPETENCIES, TODAY)
    expected = sum(one.number for one in given_ if in_window(one))
    assert radar.total == radar.positive + radar.constructive == expected
    assert sum(sum(line.weeks.values()) for line in radar.lines) == expected
    assert sum(sum(line.tags.values()) for line in radar.lines) == expected
    assert sum(sum(line.hoped.values()) for line in radar.lines) == radar.constructive
    assert {monday for line in radar.lines for monday in line.weeks} <= set(radar.mondays)
    assert len({line.competency for line in radar.lines}) == len(radar.lines)


@given(many, st.randoms())
def test_the_order_they_come_in_changes_nothing(given_: list[Told], dice: object) -> None:
    shuffled = list(given_)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = count(given_, COMPETENCIES, TODAY), count(shuffled, COMPETENCIES, TODAY)
    assert (one, one.axes, one.suggestions) == (other, other.axes, other.suggestions)


@given(many)
def test_five_to_eight_axes_and_the_loudest_are_among_them(given_: list[Told]) -> None:
    radar = count(given_, COMPETENCIES, TODAY)
    axes = radar.axes
    assert LEAST_AXES <= len(axes) <= MOST_AXES
    left_out = [line.total for line in radar.lines if line not in axes]
    assert max(left_out, default=0) <= min(line.total for line in axes)
    assert axes == [line for line in radar.lines if line in axes], "in the order of the catalogue"


@given(many)
def test_a_suggestion_has_its_reason_in_the_counts(given_: list[Told]) -> None:
    radar = count(given_, COMPETENCIES, TODAY)
    assert len(radar.suggestions) <= 3
    for suggestion in radar.suggestions:
        line = suggestion.line
        if suggestion.reason == Reason.HOPED:
            assert line.constructive >= max(1, line.positive)
        else:
            assert 2 * line.total * len(radar.lines) <= radar.total


def test_the_window_is_ninety_days_with_today() -> None:
    assert (TODAY - first_day(TODAY)).days + 1 == DAYS == 90
    counted = {days: count([days_ago(days)], COMPETENCIES, TODAY).total for days in (-1, 0, 89, 90)}
    assert counted == {-1: 0, 0: 1, 89: 1, 90: 0}


def test_weeks_begin_on_monday_and_cover_the_window() -> None:
    mondays = count([], COMPETENCIES, TODAY).mondays
    assert mondays[0] <= first_day(TODAY) and mondays[-1] == date(2026, 11, 16)
    assert len(mondays) == 14 and all(day.weekday() == 0 for day in mondays)
    assert len(count([], COMPETENCIES, date(2026, 11, 22)).mondays) == 13, "from a Tuesday to a Sunday"


def test_a_company_with_four_competencies_has_four_axes() -> None:
    assert [line.competency for line in count([days_ago(0, 3)], range(1, 5), TODAY).axes] == [1, 2, 3, 4]


def suggested(radar: Radar) -> list[tuple[int, Reason]]:
    return [(one.line.competency, one.reason) for one in radar.suggestions]


def test_what_is_hoped_for_comes_before_what_is_quiet() -> None:
    given_ = [
        days_ago(1, 1, number=6),
        days_ago(2, 2, praise=False, number=1),
        days_ago(3, 3, praise=False, number=3),
        days_ago(3, 3, number=1),
    ]
    hoped = [(3, Reason.HOPED), (2, Reason.HOPED)]
    assert suggested(count(given_, range(1, 5), TODAY)) == [*hoped, (4, Reason.QUIET)]


def test_four_feedbacks_are_too_few_to_speak_of_silence() -> None:
    assert suggested(count([days_ago(1, 1, number=4)], range(1, 5), TODAY)) == []
    assert suggested(count([days_ago(1, 1, number=5)], range(1, 3), TODAY)) == [(2, Reason.QUIET)]
