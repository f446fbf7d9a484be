"""What somebody was told in the last 90 days, counted by competency (product.md §3.4). Pure; knows no database.

Days are the tenant's. Today is the last of the 90; a day counts from its first moment to its last, so the window is
`first_day <= on < last_day + 1`. A week begins on Monday; the first one of the window may be cut short by it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

DAYS = 90
LEAST_AXES, MOST_AXES = 5, 8
MOST_SUGGESTED = 3
ENOUGH_TO_COMPARE = 5  # so many feedbacks have to be there before silence about something tells anything
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """Feedbacks of one day that are alike; `tag` and `competency` are ids."""

    competency: int
    tag: int
    is_positive: bool
    on: date
    number: int = 1


@dataclass
class Line:
    """One competency: how often, of which kind, in which week (by its Monday), through which tags."""

    competency: int
    positive: int = 0
    constructive: int = 0
    weeks: Counter[date] = field(default_factory=Counter)
    tags: Counter[int] = field(default_factory=Counter)
    hoped: Counter[int] = field(default_factory=Counter)  # tags of what could be better

    @property
    def total(self) -> int:
        return self.positive + self.constructive


class Reason(StrEnum):
    HOPED = "hoped"  # colleagues hope for more of it at least as often as they praise it
    QUIET = "quiet"  # hardly anybody has said anything about it


@dataclass(frozen=True)
class Suggestion:
    line: Line
    reason: Reason


@dataclass(frozen=True)
class Radar:
    """`lines` are in the order the competencies were given in, every one of them, also those nobody spoke of."""

    lines: Sequence[Line]
    mondays: Sequence[date]

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def positive(self) -> int:
        return sum(line.positive for line in self.lines)

    @property
    def constructive(self) -> int:
        return sum(line.constructive for line in self.lines)

    @property
    def most_in_a_week(self) -> int:
        return max((number for line in self.lines for number in line.weeks.values()), default=0)

    @property
    def axes(self) -> list[Line]:
        """Which are drawn: five to eight, those most spoken of, filled up with quiet ones; as far as there are so many.
        In their own order, so that the shape can be compared with the one of last month."""
        spoken = sum(line.total > 0 for line in self.lines)
        drawn = max(LEAST_AXES, min(MOST_AXES, spoken))
        loudest = sorted(self.lines, key=lambda line: -line.total)[:drawn]  # sorted() keeps the order of equals
        chosen = {line.competency for line in loudest}
        return [line for line in self.lines if line.competency in chosen]

    @property
    def suggestions(self) -> list[Suggestion]:
        """What to strengthen next: first where more is hoped for than praised, then what is quiet beside the rest. At
        most three."""
        hoped = [line for line in self.lines if line.constructive and line.constructive >= line.positive]
        hoped.sort(key=lambda line: (line.positive - line.constructive, -line.constructive))
        quiet: list[Line] = []
        if self.total >= ENOUGH_TO_COMPARE:
            few = self.total / len(self.lines) / 2
            quiet = [line for line in self.lines if line not in hoped and line.total <= few]
            quiet.sort(key=lambda line: line.total)
        found = [Suggestion(line, Reason.HOPED) for line in hoped] + [Suggestion(line, Reason.QUIET) for line in quiet]
        return found[:MOST_SUGGESTED]


def first_day(on: date) -> date:
    return on - (DAYS - 1) * DAY


def monday_of(on: date) -> date:
    return on - on.weekday() * DAY


def count(told: Iterable[Told], competencies: Collection[int], on: date) -> Radar:
    """Each of `told` in the window counts once; what is about a competency not given gets a line at the end."""
    lines = {competency: Line(competency) for competency in competencies}
    further: defaultdict[int, Line] = defaultdict(lambda: Line(0))
    for one in told:
        if not first_day(on) <= one.on <= on:
            continue
        line = lines.get(one.competency) or further[one.competency]
        line.competency = one.competency
        _add(line, one)
    mondays = [monday_of(first_day(on))]
    while mondays[-1] + WEEK <= on:
        mondays.append(mondays[-1] + WEEK)
    return Radar([*lines.values(), *(further[competency] for competency in sorted(further))], mondays)


def _add(line: Line, one: Told) -> None:
    if one.is_positive:
        line.positive += one.number
    else:
        line.constructive += one.number
        line.hoped[one.tag] += one.number
    line.weeks[monday_of(one.on)] += one.number
    line.tags[one.tag] += one.number
