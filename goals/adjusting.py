"""What may be asked of a published goal, and when (product.md §2.9). Pure: no database, no clock.

Weights only of goals that are not core, only in the first work days of a month, and so that the owner's stay at 100 %
together; where a part of the set is not published yet, at the sum of what is. Targets, ranges and due dates at any
time, with a reason. Nothing of what is closed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfsys.jobs.workdays import NoSuchWorkDay, WorkCalendar

WEIGHT, TARGET, HOLD_LOW, HOLD_HIGH, DUE_ON = "weight", "target", "hold_low", "hold_high", "due_on"
FIGURES = (TARGET, HOLD_LOW, HOLD_HIGH)
FULL = Decimal(100)
UNBOUNDED = Decimal("Infinity")
LOOK_AHEAD = timedelta(days=62)  # how far a calendar must reach past the day asked about

Value = Decimal | date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal as it stands. `owner` is the key of whose set it belongs to: weights add up over one owner's."""

    key: str
    title: str
    owner: str
    weight: Decimal | None
    due_on: date
    starts_on: date
    is_core: bool = False
    is_open: bool = True
    lowers: bool = False
    target: Decimal | None = None
    hold_low: Decimal | None = None
    hold_high: Decimal | None = None

    def value(self, name: str) -> Value:
        found: Value = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """`field` of the goal `goal` is to be `new`."""

    goal: str
    field: str
    new: Value


@dataclass(frozen=True, slots=True)
class Problem:
    """What is in the way, and beside which field; `goal` None where it is the whole request."""

    code: str
    goal: str | None = None
    field: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code]) % self.params


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a month on which weights may be asked about, both inside."""

    first: date
    last: date

    def holds(self, on: date) -> bool:
        return self.first <= on <= self.last


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions of the approval steps look at: the largest move of a weight in points, whether a core goal
    is touched, how much easier a target gets at most (percent of what it was), whether a day lies past the period."""

    weight_points: Decimal = Decimal(0)
    touches_core: bool = False
    eased_percent: Decimal = Decimal(0)
    is_late: bool = False


def window_of(month: date, days: int, calendar: WorkCalendar) -> Window | None:
    """The first `days` work days of the month that `month` lies in, fewer where it has fewer; None where none."""
    try:
        first = calendar.nth_work_day(month.year, month.month, 1)
    except NoSuchWorkDay:
        return None
    for number in range(days, 0, -1):
        try:
            return Window(first, calendar.nth_work_day(month.year, month.month, number))
        except NoSuchWorkDay:
            continue
    return None


def window_at(on: date, days: int, calendar: WorkCalendar) -> Window:
    """The window that is open on that day, else the next one. `calendar` reaches LOOK_AHEAD past `on`."""
    month = on.replace(day=1)
    while True:
        found = window_of(month, days, calendar)
        if found is not None and on <= found.last:
            return found
        month = (month + timedelta(days=32)).replace(day=1)


def needs_window(changes: Sequence[Change]) -> bool:
    return any(change.field == WEIGHT for change in changes)


def real_changes(goals: Sequence[Standing], changes: Sequence[Change]) -> list[Change]:
    """Those that change something."""
    standing = {goal.key: goal for goal in goals}
    return [change for change in changes if standing[change.goal].value(change.field) != change.new]


def problems(
    goals: Sequence[Standing], changes: Sequence[Change], *, reason: str, period_is_open: bool = True
) -> list[Problem]:
    """All that stands between these changes and being sent. `goals` are the whole sets they belong to, without what
    was cancelled and without drafts; what changes nothing counts as not asked for."""
    wanted = real_changes(goals, changes)
    found: list[Problem] = []
    if not wanted:
        found.append(Problem("nothing_changed"))
    if not period_is_open:
        found.append(Problem("period_closed"))
    if wanted and not reason.strip():
        found.append(Problem("reason_missing"))
    standing = {goal.key: goal for goal in goals}
    for change in wanted:
        goal = standing[change.goal]
        if code := _refusal(goal, change):
            found.append(Problem(code, goal.key, change.field, {"goal": goal.title}))
    return [*found, *_ranges(standing, wanted), *_sums(goals, wanted)]


def facts(goals: Sequence[Standing], changes: Sequence[Change], *, period_ends_on: date) -> Facts:
    standing = {goal.key: goal for goal in goals}
    wanted = real_changes(goals, changes)
    return Facts(
        weight_points=max((_points(standing[one.goal], one) for one in wanted), default=Decimal(0)),
        touches_core=any(standing[one.goal].is_core for one in wanted),
        eased_percent=max(
            (_eased(goal, wanted) for goal in goals if any(one.goal == goal.key for one in wanted)), default=Decimal(0)
        ),
        is_late=any(one.field == DUE_ON and isinstance(one.new, date) and one.new > period_ends_on for one in wanted),
    )


def _refusal(goal: Standing, change: Change) -> str:
    if not goal.is_open:
        return "goal_closed"
    if change.field == WEIGHT:
        if goal.is_core:
            return "core_weight"
        inside = isinstance(change.new, Decimal) and 0 <= change.new <= FULL
        return "" if inside else "weight_range"
    if change.new is None:
        return "figure_missing" if change.field in FIGURES else "day_missing"
    if change.field in FIGURES and goal.value(change.field) is None:
        return "no_figure"
    if change.field == DUE_ON and isinstance(change.new, date) and change.new < goal.starts_on:
        return "due_before_start"
    return ""


def _ranges(standing: Mapping[str, Standing], wanted: Sequence[Change]) -> Iterator[Problem]:
    for key in dict.fromkeys(change.goal for change in wanted if change.field in (HOLD_LOW, HOLD_HIGH)):
        low, high = _after(standing[key], HOLD_LOW, wanted), _after(standing[key], HOLD_HIGH, wanted)
        if isinstance(low, Decimal) and isinstance(high, Decimal) and high < low:
            yield Problem("range_upside_down", key, HOLD_HIGH, {"goal": standing[key].title})


def _sums(goals: Sequence[Standing], wanted: Sequence[Change]) -> Iterator[Problem]:
    """Of each owner whose weights are touched. What is closed keeps its weight and counts. Less than 100 % together are
    those of a set of which the rest is a draft or was cancelled: they may stay at what they are."""
    owner = {goal.key: goal.owner for goal in goals}
    for touched in dict.fromkeys(owner[change.goal] for change in wanted if change.field == WEIGHT):
        weights = [_after(goal, WEIGHT, wanted) for goal in goals if goal.owner == touched]
        total = sum((weight for weight in weights if isinstance(weight, Decimal)), Decimal(0))
        before = sum((goal.weight or Decimal(0) for goal in goals if goal.owner == touched), Decimal(0))
        if total != FULL and total != whole(before):
            first = next(change.goal for change in wanted if change.field == WEIGHT and owner[change.goal] == touched)
            told = {"sum": f"{total.normalize():f}", "whole": f"{whole(before).normalize():f}"}
            yield Problem("weights_not_100", first, WEIGHT, told)


def whole(before: Decimal) -> Decimal:
    """What weights that stand at `before` together come to after a change."""
    return min(before, FULL) or FULL


def _after(goal: Standing, name: str, wanted: Sequence[Change]) -> Value:
    asked = [change.new for change in wanted if change.goal == goal.key and change.field == name]
    return asked[-1] if asked else goal.value(name)


def _points(goal: Standing, change: Change) -> Decimal:
    if change.field != WEIGHT or not isinstance(change.new, Decimal):
        return Decimal(0)
    return abs(change.new - (goal.weight or Decimal(0)))


def _eased(goal: Standing, wanted: Sequence[Change]) -> Decimal:
    """By how many percent of what it was the target is easier to reach: lower where it is to be raised, higher where
    it is to be lowered, a wider range where it is to be held. Of a target of 0, any of it is beyond all bounds."""
    if goal.hold_low is not None and goal.hold_high is not None:
        before = goal.hold_high - goal.hold_low
        low, high = _after(goal, HOLD_LOW, wanted), _after(goal, HOLD_HIGH, wanted)
        easier = high - low - before if isinstance(low, Decimal) and isinstance(high, Decimal) else Decimal(0)
    else:
        after = _after(goal, TARGET, wanted)
        if goal.target is None or not isinstance(after, Decimal):
            return Decimal(0)
        before = goal.target
        easier = after - before if goal.lowers else before - after
    if easier <= 0:
        return Decimal(0)
    return 100 * easier / abs(before) if before else UNBOUNDED


SENTENCES: Mapping[str, Promise] = {
    "nothing_changed": _("Nothing is changed yet. Change a weight, a target or a day first."),
    "reason_missing": _("Say in a sentence why, so that whoever answers can follow it."),
    "period_closed": _("This period is closed. A correction of it goes through a dispute, not a request."),
    "goal_closed": _("“%(goal)s” is closed: it stays as it is."),
    "core_weight": _("“%(goal)s” is a core goal: its weight stays as it is during the period."),
    "weight_range": _("A weight lies between 0 and 100."),
    "weights_not_100": _("The weights would add up to %(sum)s %%. Change them until the sum is %(whole)s %%."),
    "figure_missing": _("Say the figure it is to be."),
    "day_missing": _("Choose a day."),
    "no_figure": _("“%(goal)s” has no such figure: there is nothing to change in it."),
    "due_before_start": _("This day lies before the goal begins. Choose a later one."),
    "range_upside_down": _("The upper limit lies below the lower one."),
    "moved": _("Somebody has changed this meanwhile: it is %(now)s now. Look at it again, then send."),
    "asked_already": _("A change of this waits for an answer already. Wait for it, or take that request back."),
}
