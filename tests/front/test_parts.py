"""The small parts of a page (perfsys/templatetags/ui.py): what they say for odd values as well as for even ones."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from perfsys.common import drawing
from perfsys.templatetags import ui

NOW = datetime(2026, 3, 13, 8, 30, tzinfo=UTC)  # Friday, 16:30 in Shanghai
percents = st.one_of(st.none(), st.floats(-1e6, 1e6), st.decimals(-1000, 1000, places=3), st.integers(-500, 500))


@given(percents)
def test_a_width_is_always_one_the_stylesheet_knows(value: float | Decimal | int | None) -> None:
    assert ui.clamp(value) in range(101)


@given(st.integers(0, 100))
def test_whole_percents_stay_as_they_are(value: int) -> None:
    assert ui.clamp(value) == value


def test_an_unknown_progress_reads_as_a_dash_and_not_as_zero() -> None:
    assert (ui.percent(None), ui.percent(0), ui.percent(Decimal("72.5")), ui.percent(130)) == ("–", "0%", "73%", "130%")


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_of_nothing_is_nothing(part: int, whole: int) -> None:
    assert ui.share(part, whole) == (ui.clamp(100 * part / whole) if whole else 0)


def test_a_bar_tells_its_plan_to_those_who_cannot_see_the_tick() -> None:
    with translation.override("en"):
        told = ui.bar(72.4, 68, "Seal")
    assert 'aria-valuenow="72"' in told and 'class="v-72"' in told and 'class="p-68"' in told
    assert 'aria-valuetext="72%, the plan for today is 68%"' in told and 'aria-label="Seal"' in told


def test_a_bar_without_a_plan_has_no_tick() -> None:
    assert "<s " not in ui.bar(10)


def test_what_people_wrote_cannot_become_markup() -> None:
    hostile = '"><script>alert(1)</script>'
    for drawn in (ui.bar(1, 2, hostile), ui.avatar(hostile), ui.icon(hostile)):
        assert "<script" not in drawn


@pytest.mark.parametrize("health", ["ok", "watch", "talk", "adjusted", "idle"])
def test_every_state_has_a_word_beside_its_colour(health: str) -> None:
    assert re.fullmatch(r'<span class="badge \w+">\S.*</span>', ui.badge(health))


def test_a_state_nobody_defined_is_a_fault() -> None:
    with pytest.raises(KeyError):
        ui.badge("red")


@given(st.dictionaries(st.sampled_from(list(ui.HEALTH)), st.integers(0, 2000)))
def test_the_strip_of_states_shows_every_state_there_is(counts: dict[str, int]) -> None:
    drawn = ui.mix(counts)
    assert drawn.count("<i ") == sum(1 for number in counts.values() if number)
    assert all(1 <= int(width) <= 100 for width in re.findall(r"v-(\d+)", drawn))


def test_a_person_keeps_one_tint_and_the_first_character() -> None:
    assert ui.avatar("林晓雯") == ui.avatar("林晓雯")
    assert ">林<" in ui.avatar("林晓雯") and ">A<" in ui.avatar(" ada")


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (NOW - timedelta(hours=1), "15:30", "today 15:30"),
        (NOW - timedelta(days=1), "16:30", "yesterday 16:30"),
        (NOW - timedelta(hours=17), "23:30", "yesterday 23:30"),  # the reader's midnight counts, not UTC's
        (NOW - timedelta(days=3), "3", "3 days ago"),
        (NOW - timedelta(days=8), "5", "5 March"),
        (date(2026, 3, 14), "", "tomorrow"),
        (date(2026, 3, 27), "27", "27 March"),
        (date(2025, 12, 31), "2025", "31 December 2025"),
        (None, "", ""),
    ],
)
def test_a_moment_is_told_as_people_say_it(value: date | None, chinese: str, english: str) -> None:
    with translation.override("en"):
        assert ui.when(value, NOW) == english
    with translation.override("zh-hans"):
        assert chinese in ui.when(value, NOW)


def test_days_since_are_days_of_the_reader() -> None:
    assert ui.days_since(NOW - timedelta(hours=17), NOW) == 1
    assert ui.days_since(date(2026, 2, 25), NOW) == 16
    assert ui.days_since(None, NOW) is None


def test_a_day_has_its_short_name_in_both_languages() -> None:
    with translation.override("en"):
        assert ui.day(date(2026, 3, 13)) == "Fri 13 March"
    with translation.override("zh-hans"):
        week = [ui.day(date(2026, 3, 9 + number)) for number in range(7)]
        assert (week[4], [day[-1] for day in week]) == ("3 月 13 日 周五", list("一二三四五六日"))


sizes = st.lists(st.integers(1, 6), min_size=1, max_size=8)


@given(sizes)
def test_wires_of_the_line_of_sight_meet_in_the_middle(blocks: list[int]) -> None:
    rows, paths = drawing.fan_in(blocks)
    assert rows == sum(blocks) and len(paths) == len(blocks)
    for path in paths:
        end = float(re.findall(r"-?\d+\.?\d*", path)[1 if "H" in path else -1])
        assert end == pytest.approx(rows / 2)


@given(st.integers(0, 9), st.integers(1, 9))
def test_wires_of_the_board_reach_every_card(start: int, count: int) -> None:
    drawn = ui.wires(start, count, count - 1)
    assert drawn.count("<path") == count
    assert drawn.count('class="on"') == 1


def test_a_board_without_a_chosen_card_has_no_wires() -> None:
    assert ui.wires(None, 4) == ui.wires(1, 0) == ""


@given(st.lists(st.tuples(st.integers(0, 400), percents), min_size=2, max_size=30, unique_by=lambda pair: pair[0]))
def test_a_trail_stays_within_its_box(days: list[tuple[int, float | Decimal | int | None]]) -> None:
    start = date(2026, 1, 5)
    points = [
        SimpleNamespace(on=start + timedelta(days=day), actual=value, expected=value)
        for day, value in sorted(days, key=lambda pair: pair[0])
    ]
    drawn = ui.trail(points, "Trail")
    fact = re.findall(r'class="fact" d="([^"]*)"', drawn)[0]
    numbers = [float(number) for number in re.findall(r"[\d.]+", fact)]
    assert all(0 <= number <= 100 for number in numbers)


def test_a_trail_of_one_day_draws_nothing() -> None:
    point = SimpleNamespace(on=date(2026, 1, 5), actual=1, expected=1)
    assert ui.trail([point], "Trail") == ui.trail([point, point], "Trail") == ""


def test_what_was_reached_is_drawn_on_to_today_and_stages_stay_within_the_box() -> None:
    days = [(date(2026, 1, 5), 0), (date(2026, 1, 15), 40), (date(2026, 1, 25), None)]
    points = [SimpleNamespace(on=on, actual=actual, expected=50) for on, actual in days]
    drawn = ui.trail(points, "Trail", date(2026, 1, 20))
    assert 'class="fact" d="M0 100H50V60H75V60"' in drawn and 'class="today" d="M75 0V100"' in drawn
    assert 'class="today" d=""' in ui.trail(points, "Trail", date(2026, 2, 20))
    late = SimpleNamespace(due_on=date(2026, 1, 15), done_on=date(2026, 2, 20))
    lane = ui.stages(points, [late, SimpleNamespace(due_on=date(2026, 1, 5), done_on=None)], "Stages")
    assert 'class="moved" d="M50 50H100"' in lane and 'class="dots" d="M100 50h0"' in lane
    assert ui.stages(points, [], "Stages") == ui.stages(points[:1], [late], "Stages") == ""
