"""A goal split over many people: whole figures stay whole, and the parts add up to the figure again."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

FINEST = Decimal("0.000001")  # what the database keeps


def parts(figure: Decimal | None, number: int) -> Sequence[Decimal | None]:
    """`number` parts as alike as the figure's own decimals allow, the larger ones first: 100 over 3 is 34, 33, 33. A
    figure too small for that (2 over 5) is cut finer."""
    if figure is None:
        return [None] * number
    if number < 1:
        return []
    step = Decimal(1).scaleb(min(0, int(figure.normalize().as_tuple().exponent)))
    while abs(figure) < step * number and step > FINEST:
        step /= 10
    small = (figure / number / step).to_integral_value(ROUND_FLOOR) * step
    more = int((figure - small * number) / step)
    return [small + step] * more + [small] * (number - more)


def can_be_split(*, target: Decimal | None, unit_of_measure: str, raises: bool) -> bool:
    """Amounts can; a rate cannot: nobody reaches a tenth of 95 %, nor of a figure to bring down."""
    return target is not None and raises and unit_of_measure.strip() not in ("%", "％", "‰")
