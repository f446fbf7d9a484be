"""Working days as plain values: no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

DAY = timedelta(days=1)


class OutsideCalendar(LookupError):
    """Load a calendar for a span that holds the date."""


class NoSuchWorkDay(LookupError):
    """The month has fewer working days than that."""


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are working days, for every date of the whole years `first_year`..`last_year`.

    Monday to Friday, except where `exceptions` says otherwise. `guessed_years`: their holidays have not been
    announced, so a page that shows such a date says so.
    """

    first_year: int
    last_year: int
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    guessed_years: frozenset[int] = frozenset()

    def is_work_day(self, on: date) -> bool:
        if not self.first_year <= on.year <= self.last_year:
            raise OutsideCalendar(f"{on} is not in {self.first_year}..{self.last_year}")
        return self.exceptions.get(on, on.weekday() < 5)

    def work_days(self, start: date, end: date) -> list[date]:
        """Half-open: `start` counts, `end` does not."""
        return [on for on in _days(start, end) if self.is_work_day(on)]

    def work_days_between(self, start: date, end: date) -> int:
        """How many `work_days` would find; 0 when `end` is not after `start`. Costs the same for any span."""
        return max(0, self._before(end) - self._before(start))

    def nth_work_day(self, year: int, month: int, n: int) -> date:
        """The n-th working day of a month, counted from 1. Raises NoSuchWorkDay."""
        first = date(year, month, 1)
        days = self.work_days(first, _next_month(first))
        if not 1 <= n <= len(days):
            raise NoSuchWorkDay(f"{year}-{month:02} has {len(days)} working days, asked for number {n}")
        return days[n - 1]

    def next_work_day(self, on: date) -> date:
        """`on` itself where it is one."""
        while not self.is_work_day(on):
            on += DAY
        return on

    def previous_work_day_of_week(self, on: date) -> date | None:
        """`on` or the nearest working day before it since Monday of its week; None where there is none."""
        for back in range(on.weekday() + 1):
            if self.is_work_day(on - back * DAY):
                return on - back * DAY
        return None

    def is_guess(self, start: date, end: date) -> bool:
        """Whether the half-open span touches a year whose holidays are not announced."""
        return any(start.year <= year <= (end - DAY).year for year in self.guessed_years)

    def _before(self, on: date) -> int:
        """Working days of the calendar before `on`, which may be the day after its last one."""
        index = (on - date(self.first_year, 1, 1)).days
        if not 0 <= index < len(self._counts):
            raise OutsideCalendar(f"{on} is not in {self.first_year}..{self.last_year}")
        return self._counts[index]

    @cached_property
    def _counts(self) -> list[int]:
        counts = [0]
        for on in _days(date(self.first_year, 1, 1), date(self.last_year + 1, 1, 1)):
            counts.append(counts[-1] + self.is_work_day(on))
        return counts


def _days(start: date, end: date) -> list[date]:
    return [start + n * DAY for n in range((end - start).days)]


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
