"""How the figures of days become the one figure of a goal, and its readings (product.md §2.6, §5.4). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Literal, NamedTuple

from integrations.metrics import EXACT, Figure, total
from integrations.reconciling import ADDITIVE

Making = Literal["sum", "mean", "latest", "ratio"]

PLACES = Decimal(1).scaleb(-6)  # as `CheckIn.value` holds a reading
LARGEST = Decimal(10) ** 14  # the column's


def figure_of(days: Sequence[Figure], making: str) -> Decimal | None:
    """Of the days in order; None where no day says anything, or it is more than a reading holds. A mean counts each day
    alike, a ratio each record."""
    amounts = [one.amount for one in days if one.amount is not None]
    if not amounts:
        return None
    with localcontext(EXACT):
        if making == "sum":
            found: Decimal | None = sum(amounts, Decimal(0))
        elif making == "mean":
            found = sum(amounts, Decimal(0)) / len(amounts)
        elif making == "latest":
            found = amounts[-1]
        else:
            whole = total(days)
            found = whole.amount if whole is not None else None
        return _held(found)


def _held(found: Decimal | None) -> Decimal | None:
    """As a reading holds it."""
    if found is None or abs(found) >= LARGEST:
        return None
    return found.quantize(PLACES, rounding=ROUND_HALF_EVEN)


def makings_of(measure: str) -> Collection[Making]:
    """Those that make sense for a measure of `integrations.metrics`: means and rates do not add up, and amounts have
    nothing to be divided by. The usual one first."""
    return ("sum", "mean", "latest") if measure in ADDITIVE else ("ratio", "mean", "latest")


# --- readings: one a day ---


class Reading(NamedTuple):
    """What the figure was by the end of a day, by what its days say now: a day that was corrected reads so."""

    on: date
    value: Decimal


def is_over(day: date, today: date, making: str) -> bool:
    """Whether a day counts by the tenant's date `today`. What has come of the running day adds up, but it is no day to
    be the latest one yet, nor a full one among others."""
    return day < today or (day == today and making in ("sum", "ratio"))


def readings_of(days: Iterable[tuple[date, Figure]], making: str) -> list[Reading]:
    """Of the days in order, one for each that says something; the last is what `figure_of` makes of them all."""
    found: list[Reading] = []
    amounts, number, whole = Decimal(0), 0, None
    with localcontext(EXACT):
        for on, figure in days:
            whole = figure if whole is None else whole + figure
            if figure.amount is None:
                continue
            amounts, number = amounts + figure.amount, number + 1
            so_far = {"sum": amounts, "mean": amounts / number, "latest": figure.amount, "ratio": whole.amount}
            if (value := _held(so_far[making])) is not None:
                found.append(Reading(on, value))
    return found


@dataclass(frozen=True, slots=True)
class Typed:
    """A reading that people told."""

    at: datetime
    on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Measuring:
    """The readings of a metric while a goal was bound to it, the last way being open. While it is held, those up to
    `sound_until` are good."""

    readings: Sequence[Reading]
    ended_at: datetime | None = None
    is_held: bool = False
    sound_until: date = date.max

    def sound(self) -> list[Reading]:
        return [one for one in self.readings if not self.is_held or one.on <= self.sound_until]


def in_order(typed: Iterable[Typed], measuring: Iterable[Measuring]) -> list[Decimal]:
    """All readings of a figure, the earliest first: what progress is worked out from.

    From the first day on that a metric speaks of it is the metric's alone, whoever told what before; until it is ended,
    or, while it is held, up to the last sound day: what is told with proof meanwhile counts until it is held no more.
    Of two bindings the later one has the word about the days of both.
    """
    told = [(one.on, one.at, one.value) for one in typed]
    read: list[Reading] = []
    for one in measuring:
        sound = one.sound()
        if not sound:
            continue
        first = sound[0].on
        upto = one.sound_until if one.is_held else (date.max if one.ended_at is None else sound[-1].on)
        told = [
            entry
            for entry in told
            if not first <= entry[0] <= upto or (one.ended_at is not None and entry[1] > one.ended_at)
        ]
        read = [before for before in read if not first <= before.on <= upto] + sound
    # On one day the metric spoke first: what is left of people's words came after it.
    listed = [(one.on, 0, index, one.value) for index, one in enumerate(sorted(read))]
    listed += [(on, 1, index, value) for index, (on, _at, value) in enumerate(sorted(told, key=lambda entry: entry[1]))]
    return [value for *_place, value in sorted(listed)]
