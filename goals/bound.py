"""How the figures of days become the one figure of a goal (product.md §5.4). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Literal

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
        if found is None or abs(found) >= LARGEST:
            return None
        return found.quantize(PLACES, rounding=ROUND_HALF_EVEN)


def makings_of(measure: str) -> Collection[Making]:
    """Those that make sense for a measure of `integrations.metrics`: means and rates do not add up, and amounts have
    nothing to be divided by. The usual one first."""
    return ("sum", "mean", "latest") if measure in ADDITIVE else ("ratio", "mean", "latest")
