"""What is known of a goal's resources."""

from datetime import date

from goals.models import Goal, ResourceLine


def lines_of(goal: Goal, month: date) -> list[ResourceLine]:
    """Stated for the month itself."""
    return list(ResourceLine.objects.filter(goal=goal, month=month))


def months_of(goal: Goal, on: date) -> list[date]:
    """The months of the goal's period that have begun, the newest first; the period's first where none has."""
    first, last = goal.period.starts_on.replace(day=1), min(on, goal.period.ends_on)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]
    return months[::-1] or [first]
