"""What is asked and suggested, whatever the week was (product.md §6.1). Pure."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from feedback import retro_wording
from feedback.retro import (
    LETTERS,
    Action,
    Ask,
    Did,
    Figures,
    GoalFacts,
    Option,
    PersonWeek,
    Stage,
    Suggestion,
    as_data,
    figures,
    from_data,
    questions,
    suggest,
)

MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)
WORDS = st.text(alphabet="样件交付 周期abc", max_size=90)
TITLES = WORDS.map("件{}".format)  # never empty
IDS = st.sampled_from(["g1", "g2", "g3", "g4", "g5"])
DAYS = st.integers(-30, 30).map(lambda n: MONDAY + n * DAY)
GOALS = st.lists(
    st.builds(GoalFacts, IDS, TITLES, st.integers(-100, 100).map(Decimal), st.booleans(), st.booleans()),
    max_size=5,
    unique_by=lambda g: g.goal,
)
WEEKS = st.builds(
    PersonWeek,
    goals=GOALS,
    actions=st.lists(st.builds(Action, st.sampled_from(Did), IDS, DAYS, WORDS), max_size=8),
    stages=st.lists(st.builds(Stage, IDS, TITLES, DAYS), max_size=6),
    obstacles=st.lists(TITLES, max_size=5),
    common=st.lists(TITLES, max_size=4),
    is_new=st.booleans(),
)


@given(WEEKS)
def test_three_questions_of_three_or_four_different_options_the_last_neutral(week):
    asked = questions(week, monday=MONDAY)
    assert len({question.ask for question in asked}) == 3
    for question in asked:
        options = question.options
        assert 3 <= len(options) <= 4
        assert [option.is_neutral for option in options] == [False] * (len(options) - 1) + [True]
        assert len({option.key for option in options}) == len(options)
        assert len({(option.say, option.title, option.text) for option in options}) == len(options)
        assert all(len(option.title) <= LETTERS and len(option.text) <= LETTERS for option in options)


@given(WEEKS)
def test_every_option_about_a_goal_is_about_one_of_the_persons_own(week):
    own = {goal.goal for goal in week.goals} | {""}
    assert all(option.goal in own for question in questions(week, monday=MONDAY) for option in question.options)


@given(WEEKS, st.sampled_from(["zh-hans", "en"]))
def test_everything_that_can_be_asked_has_words(week, language):
    with translation.override(language):
        for question in questions(week, monday=MONDAY):
            assert retro_wording.asked(question.ask)
            for option in question.options:
                assert retro_wording.option_text(option).strip()
                assert option.text in retro_wording.option_text(option)


@given(WEEKS)
def test_it_is_stored_and_read_back_the_same(week):
    asked = list(questions(week, monday=MONDAY))
    assert from_data(json.loads(json.dumps(as_data(asked)))) == asked


@given(WEEKS, st.integers(0, 3), st.integers(0, 3))
def test_there_is_always_one_suggestion_with_its_reason(week, slowed, following):
    asked = questions(week, monday=MONDAY)
    chosen = {
        question.ask: question.options[min(place, len(question.options) - 1)]
        for question, place in zip(asked[1:], (slowed, following), strict=True)
    }
    say, why = retro_wording.suggestion(suggest(figures(week), chosen))
    assert say and why and "%(" not in say + why


@given(WEEKS)
def test_the_figures_stay_within_the_goals(week):
    found = figures(week)
    assert 0 <= found.goals_moved <= found.goals and 0 <= found.on_plan <= found.goals
    assert found.share_on_plan is None or 0 <= found.share_on_plan <= 100


def option_texts(week, place):
    return [option.text or option.title or option.say for option in questions(week, monday=MONDAY)[place].options]


GOAL, OTHER = GoalFacts("g1", "样件交付", Decimal(-30)), GoalFacts("g2", "一次合格率", Decimal(5))


def test_of_a_goals_actions_the_most_telling_is_offered():
    actions = [
        Action(Did.CHECK_IN, "g1", MONDAY + 2 * DAY, "还在等客户"),
        Action(Did.MILESTONE, "g1", MONDAY, "样件评审"),
        Action(Did.CHECK_IN, "g2", MONDAY + DAY, "做完 6 组"),
    ]
    assert option_texts(PersonWeek([OTHER, GOAL], actions), 0) == ["样件评审", "做完 6 组", "none_of_these"]


def test_goals_without_an_action_fill_up():
    assert option_texts(PersonWeek([GOAL, OTHER]), 0) == ["样件交付", "一次合格率", "none_of_these"]


def test_own_obstacles_stand_before_common_ones_and_none_twice():
    week = PersonWeek([GOAL], obstacles=["台架排期紧"], common=["台架排期紧", "人手不足", "图纸变更", "客户"])
    assert option_texts(week, 1) == ["台架排期紧", "人手不足", "图纸变更", "nothing"]


def test_the_next_step_goes_to_a_stage_that_is_due_then_to_what_is_behind():
    third = GoalFacts("g3", "备件响应", Decimal(-60))
    stages = [Stage("g2", "小批量", MONDAY + 10 * DAY), Stage("g1", "量产", MONDAY + 40 * DAY)]
    week = PersonWeek([OTHER, GOAL, third], stages=stages)
    assert option_texts(week, 2) == ["小批量", "备件响应", "样件交付", "not_yet"]


def test_a_finished_goal_asks_for_no_next_step():
    week = PersonWeek([GoalFacts("g1", "样件交付", Decimal(0), is_finished=True), OTHER])
    assert option_texts(week, 2) == ["一次合格率", "clear_the_way", "not_yet"]


STUCK = {Ask.SLOWED: Option("1", "obstacle", text="台架排期紧")}
NEUTRAL = {Ask.SLOWED: Option("0", "nothing"), Ask.NEXT: Option("0", "not_yet")}
TO_GOAL = {Ask.NEXT: Option("1", "goal", "g1", "样件交付")}


@pytest.mark.parametrize(
    ("of", "chosen", "code"),
    [
        (Figures(0, 0, 0, 0), STUCK, "agree_on_goals"),
        (Figures(4, 2, 1, 3), STUCK, "name_the_obstacle"),
        (Figures(4, 2, 2, 3), NEUTRAL | TO_GOAL, "one_goal"),
        (Figures(4, 2, 2, 3), NEUTRAL, "choose_one"),
        (Figures(4, 0, 3, 0), NEUTRAL, "a_line_on_wednesday"),
        (Figures(4, 3, 3, 3), NEUTRAL, "a_fixed_hour"),
        (Figures(4, 4, 4, 9), NEUTRAL, "keep_on"),
    ],
)
def test_a_rhythm_is_suggested_from_the_facts(of, chosen, code):
    assert suggest(of, chosen).code == code


def test_a_suggestion_names_its_reason():
    with translation.override("en"):
        say, why = retro_wording.suggestion(Suggestion("one_goal", {"behind": 2, "goals": 4, "goal": "样件交付"}))
    assert "样件交付" in say and "2 of your 4 goals" in why
