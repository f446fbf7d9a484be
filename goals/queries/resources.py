"""What is known of a goal's resources."""

from collections.abc import Iterable
from datetime import date
from zlib import crc32

from django.db.models import F

from goals.models import Goal, ResourceLine


def stated(goal: Goal) -> list[ResourceLine]:
    """Everything: what stands for the whole period, then month by month. One query."""
    in_order = ResourceLine.objects.filter(goal=goal).order_by(F("month").asc(nulls_first=True), "kind")
    return list(in_order)


def version_of(lines: Iterable[ResourceLine]) -> int:
    """A number that is another one as soon as a figure of the month is."""
    figures = sorted((line.kind, str(line.planned), str(line.actual)) for line in lines)
    return crc32(repr(figures).encode())


def months_of(goal: Goal) -> list[date]:
    """Every month that the goal's period touches: what is to come can be planned."""
    first, last = goal.period.starts_on.replace(day=1), goal.period.ends_on
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def month_to_begin_with(months: list[date], on: date) -> date:
    """The newest that has begun; the first where none has."""
    return max((one for one in months if one <= on), default=months[0])
