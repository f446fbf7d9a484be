"""What a micro-retro asks, and what it makes of the answers (product.md §6.1). Pure; knows no database, no language.

Three questions of three or four options each: which of the week's own actions came closest to a goal, what slowed one
down, where the next step goes. The options are the person's own goals, check-ins, stages and obstacles; whoever has no
goals, or is new here, is asked what can be answered. The last option is always neutral: nobody is made to say more.

An option is a code, put into words by `feedback.retro_wording` in the reader's language, and the person's own texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from goals.progress import AT_RISK_BELOW

MOST = 3  # options before the neutral one
LEAST = 2
SOON = timedelta(days=14)
LETTERS = 60  # of a note or a title: an option is read at a glance
NEUTRAL = "0"  # the key of every neutral option


class Ask(StrEnum):
    CLOSEST = "closest"
    CLOSEST_WITHOUT_GOALS = "closest_without_goals"
    ARRIVING = "arriving"
    SLOWED = "slowed"
    NEXT = "next"
    NEXT_WITHOUT_GOALS = "next_without_goals"


class Did(StrEnum):
    """What happened on a goal this week, the most telling first."""

    FINISHED = "finished"
    MILESTONE = "milestone"
    EVIDENCE = "evidence"
    CHECK_IN = "check_in"


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """A goal of the person: `goal` is its public id, `pace` progress minus expectation in points. Of one whose figure
    is being checked (`is_held`, product.md §5.6) nobody says that it is behind."""

    goal: str
    title: str
    pace: Decimal = Decimal(0)
    is_finished: bool = False
    is_held: bool = False

    @property
    def is_on_plan(self) -> bool:
        return self.is_finished or self.is_held or self.pace >= AT_RISK_BELOW


@dataclass(frozen=True, slots=True)
class Action:
    """`text` is the note, the stage's title, or the record's number; it may be empty."""

    did: Did
    goal: str
    on: date
    text: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that is not done."""

    goal: str
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """What is known of one person's week. Goals come heaviest first; obstacles are the names of causes: of the own
    goals, and the company's most common ones."""

    goals: Sequence[GoalFacts] = ()
    actions: Sequence[Action] = ()
    stages: Sequence[Stage] = ()
    obstacles: Sequence[str] = ()
    common: Sequence[str] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """`say` is the code of its words; `title` is the goal's, `text` the person's or the company's own; either may be
    missing. `goal` is a public id."""

    key: str
    say: str
    goal: str = ""
    title: str = ""
    text: str = ""
    on: str = ""  # an ISO date

    @property
    def is_neutral(self) -> bool:
        return self.key == NEUTRAL


@dataclass(frozen=True, slots=True)
class Question:
    ask: Ask
    options: tuple[Option, ...]

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True, slots=True)
class Figures:
    """A person's week in numbers."""

    goals: int
    goals_moved: int
    on_plan: int
    check_ins: int

    @property
    def share_on_plan(self) -> Decimal | None:
        """Percent; None without goals."""
        return Decimal(100 * self.on_plan) / self.goals if self.goals else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to try next week, by code, and the facts that are its reason."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


def questions(week: PersonWeek, *, monday: date) -> tuple[Question, Question, Question]:
    return (_closest(week), _slowed(week), _next(week, monday))


def figures(week: PersonWeek) -> Figures:
    moved = {action.goal for action in week.actions} | {goal.goal for goal in week.goals if goal.is_finished}
    return Figures(
        goals=len(week.goals),
        goals_moved=sum(goal.goal in moved for goal in week.goals),
        on_plan=sum(goal.is_on_plan for goal in week.goals),
        check_ins=sum(action.did == Did.CHECK_IN for action in week.actions),
    )


def suggest(of: Figures, chosen: Mapping[Ask, Option]) -> Suggestion:
    """A rhythm for the next week, from facts alone and never from others' figures; the first that applies.

    `chosen` are the answers so far; what was skipped or is neutral says nothing.
    """
    told = {ask: option for ask, option in chosen.items() if not option.is_neutral}
    next_step = told.get(Ask.NEXT)
    goal = next_step.title if next_step else ""
    if not of.goals:
        return Suggestion("agree_on_goals")
    if (slowed := told.get(Ask.SLOWED)) and slowed.text:
        return Suggestion("name_the_obstacle", {"obstacle": slowed.text})
    behind = of.goals - of.on_plan
    if behind * 2 >= of.goals:
        facts: dict[str, str | int] = {"behind": behind, "goals": of.goals}
        return Suggestion("one_goal", {**facts, "goal": goal}) if goal else Suggestion("choose_one", facts)
    if not of.goals_moved:
        return Suggestion("a_line_on_wednesday", {"goals": of.goals})
    if of.goals_moved < of.goals:
        return Suggestion("a_fixed_hour", {"still": of.goals - of.goals_moved, "goals": of.goals})
    return Suggestion("keep_on", {"goals": of.goals})


_NAMES = tuple(part.name for part in fields(Option))  # asdict() copies deep, which 20,000 people feel


def as_data(asked: Iterable[Question]) -> list[dict[str, Any]]:
    """What is stored; empty texts are left out."""
    return [
        {
            "ask": question.ask.value,
            "options": [{name: v for name in _NAMES if (v := getattr(option, name))} for option in question.options],
        }
        for question in asked
    ]


def from_data(data: Iterable[Mapping[str, Any]]) -> list[Question]:
    return [
        Question(Ask(question["ask"]), tuple(Option(**option) for option in question["options"])) for question in data
    ]


# --- the three questions ----------------------------------------------------------------------------------------------


def _closest(week: PersonWeek) -> Question:
    if not week.goals:
        if week.is_new:
            return _question(Ask.ARRIVING, [], ("met_people", "learned_the_work", "first_piece"), "none_of_these")
        return _question(
            Ask.CLOSEST_WITHOUT_GOALS, [], ("daily_work", "helped_a_colleague", "learned_something"), "none_of_these"
        )
    order = list(Did)
    best: dict[str, Action] = {}
    for action in sorted(
        week.actions, key=lambda action: (order.index(action.did), not action.text, -action.on.toordinal())
    ):
        best.setdefault(action.goal, action)
    acted = [
        (
            order.index(best[goal.goal].did),
            Option("", best[goal.goal].did, goal.goal, _cut(goal.title), _cut(_said(best[goal.goal]))),
        )
        for goal in week.goals
        if goal.goal in best
    ]
    offered = [option for _rank, option in sorted(acted, key=lambda ranked: ranked[0])]
    offered += [Option("", "worked_on", goal.goal, _cut(goal.title)) for goal in week.goals if goal.goal not in best]
    return _question(Ask.CLOSEST, offered, ("daily_work", "helped_a_colleague"), "none_of_these")


def _slowed(week: PersonWeek) -> Question:
    offered = [Option("", "obstacle", text=_cut(name)) for name in (*week.obstacles, *week.common)]
    return _question(Ask.SLOWED, offered, ("waiting_for_others", "too_much_at_once"), "nothing")


def _next(week: PersonWeek, monday: date) -> Question:
    """Stages that are due by the end of the next week first, the earliest before; then goals behind their plan, the
    furthest before; then the others."""
    if not week.goals:
        first = "know_the_work" if week.is_new else "learn_something"
        return _question(Ask.NEXT_WITHOUT_GOALS, [], ("agree_on_goals", first, "help_the_team"), "not_yet")
    running = {goal.goal: goal for goal in week.goals if not goal.is_finished}
    due = sorted((stage for stage in week.stages if stage.due_on < monday + SOON), key=lambda stage: stage.due_on)
    taken: dict[str, Option] = {}
    for stage in due:
        if goal := running.get(stage.goal):
            made = Option("", "stage", goal.goal, _cut(goal.title), _cut(stage.title), stage.due_on.isoformat())
            taken.setdefault(goal.goal, made)
    behind = sorted((goal for goal in running.values() if not goal.is_on_plan), key=lambda goal: goal.pace)
    for goal in (*behind, *running.values()):
        say = "goal" if goal.is_on_plan else "goal_behind"
        taken.setdefault(goal.goal, Option("", say, goal.goal, _cut(goal.title)))
    return _question(Ask.NEXT, list(taken.values()), ("clear_the_way", "daily_work_first"), "not_yet")


def _question(ask: Ask, offered: Iterable[Option], fill: Sequence[str], neutral: str) -> Question:
    """At most three that read differently; codes of `fill` up to two where there are too few, all where there are
    none; the neutral one last."""
    found: dict[tuple[str, str, str], Option] = {}
    for option in offered:
        found.setdefault(
            (option.say if not option.text else "", option.title.casefold(), option.text.casefold()), option
        )
    distinct = list(found.values())[:MOST]
    wanted = MOST if not distinct else LEAST
    distinct += [Option("", say) for say in fill][: max(0, wanted - len(distinct))]
    numbered = [Option(str(n), o.say, o.goal, o.title, o.text, o.on) for n, o in enumerate(distinct, 1)]
    return Question(ask, (*numbered, Option(NEUTRAL, neutral)))


def _said(action: Action) -> str:
    """A finished goal is told by its own title."""
    return "" if action.did == Did.FINISHED else action.text


def _cut(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LETTERS else said[: LETTERS - 1].rstrip() + "…"
