"""How far a goal is, and how far it should be (product.md §2.6).

All figures are percentages as exact decimals, rounded once to a millionth of a point. Raw values are kept (below 0,
above 100); `shown` clamps them for the screen. Where several figures are combined, each counts as shown: an
overfulfilled part does not cover for one that lies still.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

WorkDays = Callable[[date, date], int]
"""Counts the tenant's working days from the first date to the second, both included; 0 where the second is earlier."""

Away = Sequence[tuple[date, date]]
"""Spans in which the owner is on probation or a long leave: first day and the day after the last, in order, apart."""

ZERO, FULL = Decimal(0), Decimal(100)
WHOLE = Fraction(1)
AT_RISK_BELOW = Decimal(-10)
OFF_TRACK_BELOW = Decimal(-25)
GOOD_DATA_GAP = Decimal(30)
LONGEST = timedelta(days=3660)  # of a goal: the calendar is counted day by day, for everybody, every night

_PLACES = 6


class Direction(StrEnum):
    RAISE = "raise"
    LOWER = "lower"
    HOLD = "hold"


class Track(StrEnum):
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"


@dataclass(frozen=True, slots=True)
class Milestone:
    due_on: date
    weight: Decimal
    done: bool = False

    def asked_on(self, away: Away = ()) -> date:
        """The day it is due; where the owner is away then, the day he is back."""
        return next((back for first, back in away if first <= self.due_on < back), self.due_on)


@dataclass(frozen=True, slots=True)
class Part:
    """A key result of an objective, or a goal that supports another: its raw progress, and what it counts."""

    progress: Decimal
    weight: Decimal
    contribution: Decimal | None = None
    """The part of the parent's result that this child carries, in percent; None where nobody said."""


# --- progress ---------------------------------------------------------------------------------------------------------


def kpi_progress(
    readings: Sequence[Decimal],
    *,
    target: Decimal,
    direction: Direction,
    baseline: Decimal | None = None,
    share: Fraction = WHOLE,
) -> Decimal:
    """Raise and lower: (latest reading - baseline) / (target - baseline). `readings` are in the order they were taken.

    Without a baseline it is 0 for raise and the first reading for lower; without a reading the progress is 0. A reading
    worse than the baseline is less than 0. Where the target does not lie beyond the baseline in the good direction
    there is no way to go: done or not. `share` is the part of the way that is asked of an owner who is away for the
    rest of the time (`share_present`). For hold within use `hold_progress`.
    """
    if direction is Direction.HOLD:
        raise ValueError("hold within has no target to move to: use hold_progress")
    if not readings:
        return ZERO
    current = readings[-1]
    start = start_of(readings, direction=direction, baseline=baseline)
    way = target - start
    if way <= 0 if direction is Direction.RAISE else way >= 0:
        reached = current >= target if direction is Direction.RAISE else current <= target
        return FULL if reached else ZERO
    return _percent(Fraction(current - start), Fraction(way) * (share or WHOLE))


def leads_away(*, baseline: Decimal, target: Decimal, lowers: bool) -> bool:
    """Whether a target lies on the other side of where one stands: 1.8 from 3.2 is nothing to raise. There would be no
    way to go, and the goal done with its first reading."""
    return target > baseline if lowers else target < baseline


def start_of(readings: Sequence[Decimal], *, direction: Direction, baseline: Decimal | None) -> Decimal:
    """From where the way is measured: the baseline, else 0 for raise and the first reading for lower."""
    if baseline is not None:
        return baseline
    return readings[0] if direction is Direction.LOWER and readings else ZERO


def prorated_target(target: Decimal, start: Decimal, share: Fraction) -> Decimal:
    """Where the way ends of which only `share` is asked."""
    return _rounded(Fraction(start) + (Fraction(target) - Fraction(start)) * (share or WHOLE))


def hold_progress(readings: Sequence[Decimal], *, low: Decimal | None, high: Decimal | None) -> Decimal:
    """Hold within: the share of readings in [`low`, `high`]; 0 without a reading. A limit that nobody set holds."""
    inside = sum((low is None or low <= one) and (high is None or one <= high) for one in readings)
    return _percent(Fraction(inside), Fraction(len(readings))) if readings else ZERO


def objective_progress(key_results: Iterable[Part]) -> Decimal:
    """The mean of the key results by weight; 0 without any."""
    return _weighted_mean((part.weight, part.progress) for part in key_results) or ZERO


def milestone_progress(milestones: Iterable[Milestone]) -> Decimal:
    """The weight that is done; 0 without any milestone."""
    parts = ((milestone.weight, FULL if milestone.done else ZERO) for milestone in milestones)
    return _weighted_mean(parts) or ZERO


def cadence_progress(*, done: int, due: int | Fraction) -> Decimal | None:
    """Ticks done of those due so far; None while none is due, as nothing can be said yet."""
    return _percent(Fraction(done), Fraction(due)) if due > 0 else None


def cadence_due(on: date, *, start: date, due: date, times: int, monthly: bool, away: Away = ()) -> Fraction:
    """Ticks due by the end of `on`: `times` for each week or month, counted from `start`, that is over by then.

    A month runs to the day before the same day of the next one, or to that month's last day. A span that the owner was
    away for in part asks for the part of its days that is left.
    """
    last, whole, first = min(on, due), Fraction(0), start
    number = 0
    while first <= last:
        number += 1
        following = _months_after(start, number) if monthly else start + timedelta(weeks=number)
        if following - timedelta(days=1) > last:
            break
        missed = sum(max(0, (min(back, following) - max(gone, first)).days) for gone, back in away)
        whole += times * Fraction((following - first).days - missed, (following - first).days)
        first = following
    return whole


def shown(raw: Decimal) -> Decimal:
    """A raw progress as screens show it: clamped to 0..100."""
    return min(max(raw, ZERO), FULL)


# --- expectation ------------------------------------------------------------------------------------------------------


def expected_progress(day: date, *, start: date, due: date, work_days: WorkDays, away: Away = ()) -> Decimal:
    """What is expected by the end of `day`: the share of the working days from `start` to `due`, both included.

    0 before `start`, 100 from `due` on. A span without a working day asks for nothing until its last day. Days on which
    the owner is `away` do not count; who is away all the time is asked for nothing.
    """
    if day < start:
        return ZERO
    present = days_present(work_days, away) if away else work_days
    whole = present(start, due)
    if away and whole == 0 < work_days(start, due):
        return ZERO
    if day >= due:
        return FULL
    return _percent(Fraction(present(start, day)), Fraction(whole)) if whole > 0 else ZERO


def expected_by_milestones(day: date, milestones: Iterable[Milestone], away: Away = ()) -> Decimal:
    """What is expected by the end of `day` where there are milestones: the weight of those due by then. One that falls
    into a time `away` is asked for when the owner is back."""
    parts = ((milestone.weight, FULL if milestone.asked_on(away) <= day else ZERO) for milestone in milestones)
    return _weighted_mean(parts) or ZERO


def days_present(work_days: WorkDays, away: Away) -> WorkDays:
    """The working days on which the owner is there."""

    def counted(first: date, last: date) -> int:
        gone = ((max(first, begins), min(last, back - timedelta(days=1))) for begins, back in away)
        return work_days(first, last) - sum(work_days(*span) for span in gone if span[0] <= span[1])

    return counted


def share_present(start: date, due: date, *, work_days: WorkDays, away: Away) -> tuple[int, int]:
    """Working days from `start` to `due` on which the owner is there, and all of them: what a target is prorated to."""
    return days_present(work_days, away)(start, due), work_days(start, due)


def apart(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same days as spans in order that do not meet: a probation and a leave may overlap."""
    found: list[tuple[date, date]] = []
    for first, back in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], back))
        elif first < back:
            found.append((first, back))
    return found


def work_days_in(days: Sequence[date]) -> WorkDays:
    """A counter over a sorted sequence of working days that covers every span it will be asked about."""
    return lambda first, last: max(0, bisect_right(days, last) - bisect_left(days, first))


def pace(progress: Decimal, expected: Decimal) -> Decimal:
    """Points ahead (above 0) or behind, from the raw progress: falling below the baseline counts too."""
    return progress - expected


def track(points: Decimal) -> Track:
    """On track from -10 points up, at risk from -25, off track below."""
    if points >= AT_RISK_BELOW:
        return Track.ON_TRACK
    return Track.AT_RISK if points >= OFF_TRACK_BELOW else Track.OFF_TRACK


# --- roll-up ----------------------------------------------------------------------------------------------------------


def roll_up(children: Iterable[Part]) -> Decimal | None:
    """The mean of the supporting goals by contribution, by weight for those without one; None without children."""
    return _weighted_mean(
        (child.weight if child.contribution is None else child.contribution, child.progress) for child in children
    )


def is_good_data_without_result(own: Decimal, rolled_up: Decimal | None) -> bool:
    """The supporting goals stand 30 points or more above the parent: figures move, the result does not."""
    return rolled_up is not None and shown(rolled_up) - shown(own) >= GOOD_DATA_GAP


def _weighted_mean(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of the second by the first, each as shown; weights of 0 throughout count alike; None without parts."""
    listed = [(Fraction(weight), Fraction(shown(value))) for weight, value in parts]
    if not listed:
        return None
    if not any(weight for weight, _ in listed):
        listed = [(Fraction(1), value) for _, value in listed]
    whole = sum(weight for weight, _ in listed)
    return _percent(sum((weight * value for weight, value in listed), Fraction(0)) / 100, Fraction(whole))


def _percent(part: Fraction, whole: Fraction) -> Decimal:
    # Fractions until here: a third of a third must not drift over a threshold.
    return _rounded(part / whole * 100)


def _rounded(figure: Fraction) -> Decimal:
    return Decimal(round(figure * 10**_PLACES)).scaleb(-_PLACES).normalize() + ZERO


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))
