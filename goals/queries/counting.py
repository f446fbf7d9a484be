"""What readings of a figure come to against what was asked for (product.md §2.6)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from goals import progress, standing
from goals.models import Direction, Goal, KeyResult

from .figures import calendar_over

FARTHEST = Decimal(999_999_999)  # percent


def key_result_progress(result: KeyResult, readings: list[Decimal], share: Fraction) -> Decimal | None:
    return bounded(
        progress.kpi_progress(
            readings,
            target=result.target,
            direction=progress.Direction(result.direction),
            baseline=result.baseline,
            share=share,
        )
    )


def progress_by(goal: Goal, readings: list[Decimal]) -> Decimal | None:
    """What these readings of it come to; None where there is nothing to measure against."""
    return bounded(from_readings(goal, readings, share_of(goal), None)) if goal.counts_values else None


def from_readings(goal: Goal, readings: list[Decimal], share: Fraction, percent: Decimal | None) -> Decimal | None:
    if goal.direction == Direction.HOLD and not goal.hold_low is goal.hold_high is None:
        return progress.hold_progress(readings, low=goal.hold_low, high=goal.hold_high)
    if goal.target is None:
        return percent
    direction = progress.Direction(goal.direction if goal.direction != Direction.HOLD else Direction.RAISE)
    return progress.kpi_progress(readings, target=goal.target, direction=direction, baseline=goal.baseline, share=share)


def mean_of_results(parts: Sequence[tuple[Decimal | None, Decimal | None]]) -> Decimal | None:
    """Of (weight, progress) of key results, as `goals.actions.own_progress` keeps objectives by sets; None where nobody
    has said anything about any of them."""
    if all(at is None for _weight, at in parts):
        return None
    weights = [weight or Decimal(0) for weight, _at in parts]
    if not sum(weights):
        weights = [Decimal(1)] * len(parts)
    clamped = [min(max(at or Decimal(0), Decimal(0)), Decimal(100)) for _weight, at in parts]
    return round(sum((w * at for w, at in zip(weights, clamped, strict=True)), Decimal(0)) / sum(weights), 6)


def share_of(goal: Goal) -> Fraction:
    """The part of its working days on which the owner is there; no query unless he is away for some of them."""
    if not goal.away:
        return progress.WHOLE
    work_days = standing.counter(calendar_over([(goal.starts_on, goal.due_on)], goal.starts_on))
    there, whole = progress.share_present(goal.starts_on, goal.due_on, work_days=work_days, away=goal.spans_away)
    return Fraction(there, whole) if whole else progress.WHOLE


def bounded(percent: Decimal | None) -> Decimal | None:
    """What the column holds: a reading far off, against a target close to the baseline, passes every bound."""
    return None if percent is None else min(max(percent, -FARTHEST), FARTHEST)
