"""What may be asked of a published goal, and when (product.md §2.9). Pure: no database, no clock.

Weights only of goals that are not core, only in the first work days of a month, and so that the owner's stay at 100 %
together; where a part of the set is not published yet, at the sum of what is. Targets, ranges and due dates at any
time, with a reason. Nothing of what is closed. The key results of an objective likewise: target and weight (against
each other, so at any time), a new one, one that no longer counts; one at least stays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.progress import LONGEST, leads_away
from perfsys.jobs.workdays import NoSuchWorkDay, WorkCalendar

WEIGHT, TARGET, HOLD_LOW, HOLD_HIGH, DUE_ON = "weight", "target", "hold_low", "hold_high", "due_on"
FIGURES = (TARGET, HOLD_LOW, HOLD_HIGH)
RESULT_TARGET, RESULT_WEIGHT, RESULT_NEW, RESULT_GONE = "kr_target", "kr_weight", "kr_new", "kr_gone"
RESULT_FIGURES = (RESULT_TARGET, RESULT_WEIGHT)
OF_RESULTS = (*RESULT_FIGURES, RESULT_NEW, RESULT_GONE)
HEAVIEST_RESULT = Decimal(1000)
FULL = Decimal(100)
UNBOUNDED = Decimal("Infinity")
LOOK_AHEAD = timedelta(days=62)  # how far a calendar must reach past the day asked about

Value = Decimal | date | None


@dataclass(frozen=True, slots=True)
class Result:
    """A key result as it stands, or is to be; one that was retired keeps its name."""

    key: str
    title: str
    target: Decimal | None
    weight: Decimal | None
    lowers: bool = False
    is_standing: bool = True


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
    baseline: Decimal | None = None
    target: Decimal | None = None
    hold_low: Decimal | None = None
    hold_high: Decimal | None = None
    results: tuple[Result, ...] = ()
    last_stage_on: date | None = None  # of those that are not done

    def result(self, key: str) -> Result | None:
        return next((one for one in self.results if one.key == key and one.is_standing), None)

    def value(self, name: str) -> Value:
        found: Value = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """`field` of the goal `goal` is to be `new`; of its key result `result`, where the field is of one, or `added` is
    to be one of them."""

    goal: str
    field: str
    new: Value = None
    result: str = ""
    added: Result | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is in the way, and beside which field; `goal` None where it is the whole request. `result` is the key of a
    key result, of a new one its title."""

    code: str
    goal: str | None = None
    field: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    result: str = ""

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
    return [change for change in changes if _says_something(standing[change.goal], change)]


def _says_something(goal: Standing, change: Change) -> bool:
    if change.field not in OF_RESULTS:
        return goal.value(change.field) != change.new
    found = goal.result(change.result)
    if found is None or change.field not in RESULT_FIGURES:
        return True
    return change.new != (found.target if change.field == RESULT_TARGET else found.weight)


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
            result = change.added.title if change.added else change.result
            found.append(Problem(code, goal.key, change.field, {"goal": goal.title}, result))
    return [*found, *_ranges(standing, wanted), *_sums(goals, wanted), *_results(standing, wanted)]


def facts(goals: Sequence[Standing], changes: Sequence[Change], *, period_ends_on: date) -> Facts:
    standing = {goal.key: goal for goal in goals}
    wanted = real_changes(goals, changes)
    return Facts(
        weight_points=max((_points(standing[one.goal], one, wanted) for one in wanted), default=Decimal(0)),
        touches_core=any(standing[one.goal].is_core for one in wanted),
        eased_percent=max(
            (_eased(goal, wanted) for goal in goals if any(one.goal == goal.key for one in wanted)), default=Decimal(0)
        ),
        is_late=any(one.field == DUE_ON and isinstance(one.new, date) and one.new > period_ends_on for one in wanted),
    )


def _refusal(goal: Standing, change: Change) -> str:
    if not goal.is_open:
        return "goal_closed"
    if change.field in OF_RESULTS:
        return _result_refusal(goal, change)
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
    if change.field == DUE_ON and isinstance(change.new, date) and change.new - goal.starts_on > LONGEST:
        return "due_far"
    if change.field == DUE_ON and isinstance(change.new, date) and _leaves_a_stage_behind(goal, change.new):
        return "due_before_stage"
    if change.field == TARGET and isinstance(change.new, Decimal) and _turns_away(goal, change.new):
        return "target_behind"
    return ""


def _leaves_a_stage_behind(goal: Standing, due_on: date) -> bool:
    return goal.last_stage_on is not None and due_on < goal.last_stage_on


def _turns_away(goal: Standing, target: Decimal) -> bool:
    """One that lay behind the baseline before may be mended step by step."""
    if goal.baseline is None or goal.target is None:
        return False
    before, after = (
        leads_away(baseline=goal.baseline, target=one, lowers=goal.lowers) for one in (goal.target, target)
    )
    return after and not before


def _result_refusal(goal: Standing, change: Change) -> str:
    if change.added is not None:
        if not change.added.title:
            return "result_nameless"
        return "result_twice" if change.added.title in {one.title for one in goal.results} else ""
    if goal.result(change.result) is None:
        return "result_gone"
    if change.field == RESULT_TARGET and change.new is None:
        return "figure_missing"
    if change.field == RESULT_WEIGHT:
        inside = isinstance(change.new, Decimal) and 0 <= change.new <= HEAVIEST_RESULT
        return "" if inside else "result_weight_range"
    return ""


def _results(standing: Mapping[str, Standing], wanted: Sequence[Change]) -> Iterator[Problem]:
    """What an objective comes to: two new key results of one name, or none left at all."""
    for key in dict.fromkeys(change.goal for change in wanted if change.field in OF_RESULTS):
        told = {"goal": standing[key].title}
        added = [one.added.title for one in wanted if one.goal == key and one.added is not None]
        for title in dict.fromkeys(title for title in added if title and added.count(title) > 1):
            yield Problem("result_twice", key, RESULT_NEW, told, title)
        gone = [change.result for change in wanted if change.goal == key and change.field == RESULT_GONE]
        if gone and not _results_after(standing[key], wanted):
            yield Problem("result_last", key, RESULT_GONE, told, gone[-1])


def _results_after(goal: Standing, wanted: Sequence[Change]) -> list[Result]:
    """The key results that stand when all of it is agreed."""
    asked = [change for change in wanted if change.goal == goal.key]
    gone = {change.result for change in asked if change.field == RESULT_GONE}
    weights = {
        change.result: change.new
        for change in asked
        if change.field == RESULT_WEIGHT and isinstance(change.new, Decimal)
    }
    kept = [
        dataclasses.replace(one, weight=weights.get(one.key, one.weight))
        for one in goal.results
        if one.is_standing and one.key not in gone
    ]
    return [*kept, *(change.added for change in asked if change.added is not None)]


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


def _points(goal: Standing, change: Change, wanted: Sequence[Change]) -> Decimal:
    """Of a key result by what its share of the objective changes."""
    if change.field == RESULT_WEIGHT:
        before = _share(change.result, [one for one in goal.results if one.is_standing])
        return abs(_share(change.result, _results_after(goal, wanted)) - before)
    if change.field != WEIGHT or not isinstance(change.new, Decimal):
        return Decimal(0)
    return abs(change.new - (goal.weight or Decimal(0)))


def _share(key: str, results: Sequence[Result]) -> Decimal:
    """In percent; all weigh the same where none weighs anything."""
    weights = {one.key: one.weight or Decimal(0) for one in results}
    if key not in weights:
        return Decimal(0)
    total = sum((one.weight or Decimal(0) for one in results), Decimal(0))
    return 100 * weights[key] / total if total else FULL / len(results)


def _eased(goal: Standing, wanted: Sequence[Change]) -> Decimal:
    """By how many percent of what it was the goal, or a key result of it, is easier to reach."""
    asked = [change for change in wanted if change.goal == goal.key and change.field in (RESULT_TARGET, RESULT_GONE)]
    return max(_eased_target(goal, wanted), *(_eased_result(goal, change) for change in asked), Decimal(0))


def _eased_result(goal: Standing, change: Change) -> Decimal:
    """One that no longer counts is as easy as can be."""
    if change.field == RESULT_GONE:
        return FULL
    found = goal.result(change.result)
    if found is None or found.target is None or not isinstance(change.new, Decimal):
        return Decimal(0)
    return _in_percent(change.new - found.target if found.lowers else found.target - change.new, found.target)


def _eased_target(goal: Standing, wanted: Sequence[Change]) -> Decimal:
    """Lower where it is to be raised, higher where it is to be lowered, a wider range where it is to be held."""
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
    return _in_percent(easier, before)


def _in_percent(easier: Decimal, before: Decimal) -> Decimal:
    """Of a target of 0, any of it is beyond all bounds."""
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
    "due_before_stage": _("A stage of the goal lies after this day. Move the stage first, or choose a later day."),
    "due_far": _("A goal runs for ten years at most. Choose an earlier last day."),
    "target_behind": _("This target lies behind where “%(goal)s” began: it would be reached before anything is done."),
    "range_upside_down": _("The upper limit lies below the lower one."),
    "result_gone": _("This key result no longer counts: somebody has changed it meanwhile."),
    "result_weight_range": _("The weight of a key result lies between 0 and 1000."),
    "result_nameless": _("Say what the key result is."),
    "result_twice": _("There is a key result of this name already, or was one. Tell them apart."),
    "result_last": _("An objective keeps at least one key result. Add the new one in the same request."),
    "moved": _("Somebody has changed this meanwhile: it is %(now)s now. Look at it again, then send."),
    "asked_already": _("A change of this waits for an answer already. Wait for it, or take that request back."),
}
