"""When something is due, and what becomes of a time that was missed. Pure: no database, no clock.

A schedule is two strings in `settings.SCHEDULES`: `{"goals.health": ("daily 02:00", "collapse")}`. Rules, in the
tenant's own time and working days:

    every 15 minutes
    daily 02:00                          work days 09:00
    weekly fri 15:00                     weekly fri 15:00 or previous work day of the week
    monthly 10 06:00                     monthly 10 06:00 or next work day
    monthly work day 5 18:00

What becomes of missed times (product.md §6.5): `every` runs each of them with its own date, `collapse` runs the
latest alone, `late 48h` runs what is at most that late and skips the rest visibly, `ask 24h` lets what is later
than that wait for a person.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from .workdays import DAY, NoSuchWorkDay, WorkCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REACH = timedelta(days=90)  # how far around its span a rule looks: two months, and the longest holidays
Verdict = Literal["queued", "skipped", "merged", "waiting"]


class BadSchedule(ValueError):
    """The rule or the policy is none of the forms named above."""


class Rule(Protocol):
    def due_between(self, since: datetime, until: datetime, zone: ZoneInfo, days: WorkCalendar) -> list[datetime]:
        """UTC times with since < due <= until, in order. `days` must reach REACH to both sides."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EveryMinutes:
    """At multiples of so many minutes since 1970 in UTC: zones, daylight saving and midnight do not touch it."""

    minutes: int

    def due_between(self, since: datetime, until: datetime, zone: ZoneInfo, days: WorkCalendar) -> list[datetime]:
        step = timedelta(minutes=self.minutes)
        due = EPOCH + ((since - EPOCH) // step + 1) * step
        found = []
        while due <= until:
            found.append(due)
            due += step
        return found


@dataclass(frozen=True)
class LocalRule:
    """Due at a time of the tenant's day, on the dates that `dates` names."""

    at: time

    def dates(self, first: date, last: date, days: WorkCalendar) -> Iterator[date]:
        raise NotImplementedError

    def due_between(self, since: datetime, until: datetime, zone: ZoneInfo, days: WorkCalendar) -> list[datetime]:
        first, last = since.astimezone(zone).date() - DAY, until.astimezone(zone).date() + DAY
        dues = (to_utc(on, self.at, zone) for on in self.dates(first, last, days))
        return sorted({due for due in dues if since < due <= until})


@dataclass(frozen=True)
class Daily(LocalRule):
    work_days_only: bool = False

    def dates(self, first: date, last: date, days: WorkCalendar) -> Iterator[date]:
        for on in _every_day(first, last):
            if not self.work_days_only or days.is_work_day(on):
                yield on


@dataclass(frozen=True)
class Weekly(LocalRule):
    """Not a working day: the nearest one before it in the same week, else none, where `move` says so."""

    weekday: int
    move: bool = False

    def dates(self, first: date, last: date, days: WorkCalendar) -> Iterator[date]:
        for on in _every_day(first - 7 * DAY, last + 7 * DAY):
            if on.weekday() != self.weekday:
                continue
            held_on = days.previous_work_day_of_week(on) if self.move else on
            if held_on is not None:
                yield held_on


@dataclass(frozen=True)
class Monthly(LocalRule):
    """On a day of the month, the last one in months too short for it; or the next working day where `move` says so."""

    day: int
    move: bool = False

    def dates(self, first: date, last: date, days: WorkCalendar) -> Iterator[date]:
        for month in _months(first, last):
            on = min(month + (self.day - 1) * DAY, _end_of(month))
            yield days.next_work_day(on) if self.move else on


@dataclass(frozen=True)
class MonthlyWorkDay(LocalRule):
    """On the n-th working day of the month; a month that has fewer is left out."""

    n: int

    def dates(self, first: date, last: date, days: WorkCalendar) -> Iterator[date]:
        for month in _months(first, last):
            try:
                yield days.nth_work_day(month.year, month.month, self.n)
            except NoSuchWorkDay:
                continue


@dataclass(frozen=True)
class Missed:
    """What becomes of missed times; `hours` belongs to late and ask."""

    policy: Literal["every", "collapse", "late", "ask"]
    hours: int = 0

    def verdicts(self, dues: Iterable[datetime], now: datetime) -> list[tuple[datetime, Verdict]]:
        """One verdict for each due time, which are in order and none of them after `now`."""
        dues = list(dues)
        if self.policy == "collapse":
            return [*((due, "merged") for due in dues[:-1]), *((due, "queued") for due in dues[-1:])]
        return [(due, self.verdict(due, now)) for due in dues]

    def verdict(self, due: datetime, now: datetime) -> Verdict:
        """For one due time; asked again when its job starts, which may be long after it was queued."""
        if self.policy == "late" and now - due > timedelta(hours=self.hours):
            return "skipped"
        if self.policy == "ask" and now - due > timedelta(hours=self.hours):
            return "waiting"
        return "queued"


@dataclass(frozen=True)
class Schedule:
    rule: Rule
    missed: Missed


def parse_schedule(words: tuple[str, str]) -> Schedule:
    """Raises BadSchedule."""
    return Schedule(parse_rule(words[0]), parse_missed(words[1]))


CLOCK = r"(?P<clock>\d\d:\d\d)"
FORMS: dict[str, Callable[[re.Match[str]], Rule]] = {
    r"every (?P<minutes>\d+) minutes?": lambda m: EveryMinutes(_within(m, "minutes", 1, 1440)),
    rf"daily {CLOCK}": lambda m: Daily(_clock(m)),
    rf"work days {CLOCK}": lambda m: Daily(_clock(m), work_days_only=True),
    rf"weekly (?P<weekday>{'|'.join(WEEKDAYS)}) {CLOCK}(?P<move> or previous work day of the week)?": lambda m: Weekly(
        _clock(m), WEEKDAYS.index(m["weekday"]), move=bool(m["move"])
    ),
    rf"monthly (?P<day>\d+) {CLOCK}(?P<move> or next work day)?": lambda m: Monthly(
        _clock(m), _within(m, "day", 1, 31), move=bool(m["move"])
    ),
    rf"monthly work day (?P<n>\d+) {CLOCK}": lambda m: MonthlyWorkDay(_clock(m), _within(m, "n", 1, 23)),
}


def parse_rule(words: str) -> Rule:
    """One of the forms named above. Raises BadSchedule."""
    for form, make in FORMS.items():
        if match := re.fullmatch(form, words):
            return make(match)
    raise BadSchedule(f"no rule reads {words!r}")


def parse_missed(words: str) -> Missed:
    """One of the policies named above. Raises BadSchedule."""
    if words in ("every", "collapse"):
        return Missed("every" if words == "every" else "collapse")
    if match := re.fullmatch(r"(late|ask) (\d+)h", words):
        return Missed("late" if match[1] == "late" else "ask", int(match[2]))
    raise BadSchedule(f"no policy reads {words!r}")


def to_utc(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local time. One that is skipped in spring is moved on by the gap (02:30 is 03:30 then); of
    one that comes twice in autumn it is the first."""
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)


def _clock(match: re.Match[str]) -> time:
    try:
        return time.fromisoformat(match["clock"])
    except ValueError as error:
        raise BadSchedule(str(error)) from None


def _within(match: re.Match[str], name: str, least: int, most: int) -> int:
    number = int(match[name])
    if not least <= number <= most:
        raise BadSchedule(f"{name} must be {least} to {most}, not {number}")
    return number


def _every_day(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def _months(first: date, last: date) -> Iterator[date]:
    """The first days of the months around the span, one more on each side: a date may move across."""
    month = (first.replace(day=1) - DAY).replace(day=1)
    while month <= last + 31 * DAY:
        yield month
        month = _end_of(month) + DAY


def _end_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - DAY
