"""How far a goal is, and how far it should be (product.md §2.6).

All figures are percentages as exact decimals, rounded once to a millionth of a point. Raw values are kept (below 0,
above 100); `shown` clamps them for the screen. Where several figures are combined, each counts as shown: an
overfulfilled part does not cover for one that lies still.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

WorkDays = Callable[[date, date], int]
"""Counts the tenant's working days from the first date to the second, both included; 0 where the second is earlier."""

ZERO, FULL = Decimal(0), Decimal(100)
AT_RISK_BELOW = Decimal(-10)
OFF_TRACK_BELOW = Decimal(-25)
GOOD_DATA_GAP = Decimal(30)

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


@dataclass(frozen=True, slots=True)
class Part:
    """A key result of an objective, or a goal that supports another: its raw progress, and what it counts."""

    progress: Decimal
    weight: Decimal
    contribution: Decimal | None = None
    """The part of the parent's result that this child carries, in percent; None where nobody said."""


# --- progress ---------------------------------------------------------------------------------------------------------


def kpi_progress(
    readings: Sequence[Decimal], *, target: Decimal, direction: Direction, baseline: Decimal | None = None
) -> Decimal:
    """Raise and lower: (latest reading - baseline) / (target - baseline). `readings` are in the order they were taken.

    Without a baseline it is 0 for raise and the first reading for lower; without a reading the progress is 0. Where the
    target does not lie beyond the baseline in the good direction there is no way to go: done or not.
    For hold within use `hold_progress`.
    """
    if direction is Direction.HOLD:
        raise ValueError("hold within has no target to move to: use hold_progress")
    if not readings:
        return ZERO
    current = readings[-1]
    start = baseline if baseline is not None else ZERO if direction is Direction.RAISE else readings[0]
    way = target - start
    if way <= 0 if direction is Direction.RAISE else way >= 0:
        reached = current >= target if direction is Direction.RAISE else current <= target
        return FULL if reached else ZERO
    return _percent(Fraction(current - start), Fraction(way))


def hold_progress(readings: Sequence[Decimal], *, low: Decimal, high: Decimal) -> Decimal:
    """Hold within: the share of readings in [`low`, `high`]; 0 without a reading."""
    inside = sum(low <= reading <= high for reading in readings)
    return _percent(Fraction(inside), Fraction(len(readings))) if readings else ZERO


def objective_progress(key_results: Iterable[Part]) -> Decimal:
    """The mean of the key results by weight; 0 without any."""
    return _weighted_mean((part.weight, part.progress) for part in key_results) or ZERO


def milestone_progress(milestones: Iterable[Milestone]) -> Decimal:
    """The weight that is done; 0 without any milestone."""
    parts = ((milestone.weight, FULL if milestone.done else ZERO) for milestone in milestones)
    return _weighted_mean(parts) or ZERO


def cadence_progress(*, done: int, due: int) -> Decimal | None:
    """Ticks done of those due so far; None while none is due, as nothing can be said yet."""
    return _percent(Fraction(done), Fraction(due)) if due > 0 else None


def shown(raw: Decimal) -> Decimal:
    """A raw progress as screens show it: clamped to 0..100."""
    return min(max(raw, ZERO), FULL)


# --- expectation ------------------------------------------------------------------------------------------------------


def expected_progress(day: date, *, start: date, due: date, work_days: WorkDays) -> Decimal:
    """What is expected by the end of `day`: the share of the working days from `start` to `due`, both included.

    0 before `start`, 100 from `due` on. A span without a working day asks for nothing until its last day.
    """
    if day < start:
        return ZERO
    if day >= due:
        return FULL
    whole = work_days(start, due)
    return _percent(Fraction(work_days(start, day)), Fraction(whole)) if whole > 0 else ZERO


def expected_by_milestones(day: date, milestones: Iterable[Milestone]) -> Decimal:
    """What is expected by the end of `day` where there are milestones: the weight of those due by then."""
    parts = ((milestone.weight, FULL if milestone.due_on <= day else ZERO) for milestone in milestones)
    return _weighted_mean(parts) or ZERO


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
    scaled = Decimal(round(part / whole * 100 * 10**_PLACES))
    return scaled.scaleb(-_PLACES).normalize() + ZERO
