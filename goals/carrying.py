"""What becomes of a goal in the next period: its days there, and why some cannot come along. No database."""

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

A_FEW_DAYS = timedelta(days=3)  # quarters differ by two

CANCELLED, CARRIED, STANDING, GONE, CLOSED_UNIT = "cancelled", "carried", "standing", "gone", "unit"
WHY = {
    CARRIED: _("They were carried over already."),
    STANDING: _("A goal of the same owner is called that there already."),
    CANCELLED: _("They were cancelled."),
    GONE: _("Their owners no longer work here."),
    CLOSED_UNIT: _("Their departments no longer exist."),
}
WHY_THIS = {
    CARRIED: _("It was carried over already."),
    STANDING: _("A goal of the same owner is called that there already."),
    CANCELLED: _("It was cancelled."),
    GONE: _("Its owner no longer works here."),
    CLOSED_UNIT: _("Its department no longer exists."),
}
Named = tuple[str, int | None, int | None, str]  # layer, owner, unit, title: what one owner has once


@dataclass(frozen=True)
class Days:
    """First and last day of a period."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Candidate:
    """A goal as far as it decides whether it can be carried over."""

    pk: int
    title: str
    layer: str
    owner_id: int | None
    unit_id: int | None
    is_cancelled: bool
    is_owner_here: bool
    is_unit_open: bool

    @property
    def named(self) -> Named:
        """A person's goals are his whatever the unit; a department's and the company's have no owner that counts."""
        is_persons = self.layer == "position"
        return self.layer, self.owner_id if is_persons else None, None if is_persons else self.unit_id, self.title


def left_behind(found: Iterable[Candidate], *, carried: Collection[int], standing: Collection[Named]) -> dict[int, str]:
    """By goal, why it cannot come along; of two that are called the same the first can."""
    taken, left = set(standing), {}
    for one in found:
        if reason := _reason(one, carried, taken):
            left[one.pk] = reason
        else:
            taken.add(one.named)
    return left


def _reason(one: Candidate, carried: Collection[int], taken: Collection[Named]) -> str:
    if one.pk in carried:
        return CARRIED
    if one.is_cancelled:
        return CANCELLED
    if one.layer == "position" and not one.is_owner_here:
        return GONE
    if one.layer == "dept" and not one.is_unit_open:
        return CLOSED_UNIT
    return STANDING if one.named in taken else ""


def moved(on: date, before: Days, after: Days) -> date:
    """Where a day of one period lies in another: its first and last day there too, else as many months later where both
    are equally long, else as far along. Never outside."""
    if on <= before.starts_on:
        return after.starts_on
    if on >= before.ends_on:
        return after.ends_on
    was, will_be = before.ends_on - before.starts_on, after.ends_on - after.starts_on
    if abs(was - will_be) <= A_FEW_DAYS and before.starts_on.day == after.starts_on.day:
        months = 12 * (after.starts_on.year - before.starts_on.year) + after.starts_on.month - before.starts_on.month
        found = months_later(on, months)
    else:
        found = after.starts_on + will_be * (on - before.starts_on).days // max(was.days, 1)
    return min(max(found, after.starts_on), after.ends_on)


def months_later(on: date, months: int) -> date:
    """The last day of a month stays the last; the 30th of a short month is its last, too."""
    year, month = divmod(12 * on.year + on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_last = on.day == calendar.monthrange(on.year, on.month)[1]
    return date(year, month + 1, last if is_last else min(on.day, last))
