"""What a goal counts for, and how that comes about (product.md §2.6): an input to a review, never a rating by itself.

Points, 100 for a goal that is reached. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.progress import FULL, ZERO, shown

LIMIT = FULL
_CENT = Decimal("0.01")


class Rule(StrEnum):
    LINEAR = "linear"
    CAPPED = "capped"
    VETO = "veto"
    DEDUCTION = "deduction"


@dataclass(frozen=True, slots=True)
class Score:
    """`points`, and in a sentence how they came about."""

    points: Decimal
    told: Promise | str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return str(self.told) % self.params


def score(
    rule: Rule, progress: Decimal, *, figure: Decimal | None = None, missing: Decimal | None = None, unit: str = ""
) -> Score:
    """The score of a goal with this own progress (percent, raw).

    Linear: the progress, nothing below 0. Capped: the same up to `figure` percent, 100 where none is set. Veto: nothing
    below `figure` percent, from there on linear. Deduction: 100 less `figure` points for each `unit` that is `missing`
    to the target, for each point of progress where no figure is missing; not below 0.
    """
    counted = max(progress, ZERO)
    at = {"progress": _plain(progress)}
    if rule is Rule.DEDUCTION:
        return _deducted(shown(progress), figure or ZERO, missing, unit)
    if rule is Rule.CAPPED:
        limit = LIMIT if figure is None else figure
        if counted > limit:
            told = _("Progress %(progress)s %%, counted up to %(limit)s.")
            return Score(_points(limit), told, at | {"limit": _plain(limit)})
    if rule is Rule.VETO and figure is not None:
        limits = at | {"limit": _plain(figure)}
        if progress < figure:
            return Score(ZERO, _("Progress %(progress)s %% lies below %(limit)s %%: it does not count."), limits)
        return Score(_points(counted), _("Progress %(progress)s %% reaches %(limit)s %%: it counts as it is."), limits)
    if progress < 0:
        return Score(ZERO, _("It stands below where it began (%(progress)s %%): that counts as 0."), at)
    return Score(_points(counted), _("Progress %(progress)s %%, counted as it is."), at)


def _deducted(progress: Decimal, each: Decimal, missing: Decimal | None, unit: str) -> Score:
    short = FULL - progress if missing is None else max(missing, ZERO)
    if not short:
        return Score(FULL, _("Nothing is missing, so nothing is taken off."))
    less = _points(short * each)
    params = {"short": _plain(short), "each": _plain(each), "less": _plain(less), "unit": unit}
    if missing is None:
        told = _("%(short)s points of progress are missing, %(each)s taken off for each: 100 − %(less)s.")
    elif unit:
        told = _("%(short)s %(unit)s short of the target, %(each)s taken off for each: 100 − %(less)s.")
    else:
        told = _("%(short)s short of the target, %(each)s taken off for each: 100 − %(less)s.")
    return Score(max(FULL - less, ZERO), told, params)


def _points(figure: Decimal) -> Decimal:
    return figure.quantize(_CENT).normalize() + ZERO


def _plain(figure: Decimal) -> str:
    return f"{_points(figure):f}"
