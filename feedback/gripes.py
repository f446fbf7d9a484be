"""When gripe day is, and what a suggestion can be about (product.md §6.4). Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DAY = timedelta(days=1)
AHEAD = timedelta(days=3)  # people are told so long before it opens
VOTES_AFTER = timedelta(days=7)  # unnamed suggestions appear when it has closed
LONGEST = 31  # days
FEWEST_WORK_DAYS = 3  # who was there on one day is known to everybody


class Area(TextChoices):
    """The part of the process. Each but the last has a page where it is set (`feedback.views.gripes`)."""

    GOALS = "goals", _("Setting and publishing goals")
    PERIODS = "periods", _("Periods and deadlines")
    TEMPLATES = "templates", _("Goal templates")
    ADJUSTMENTS = "adjustments", _("Adjusting goals")
    FEEDBACK = "feedback", _("Giving feedback")
    TAGS = "tags", _("Behaviour tags and competencies")
    LANGUAGE = "language", _("Performance language")
    RETRO = "retro", _("Weekly retro")
    INTERVIEWS = "interviews", _("Interviews and reviews")
    DATA = "data", _("Data and connected systems")
    ROLES = "roles", _("Roles and who sees what")
    GRIPES = "gripes", _("Gripe day itself")
    OTHER = "other", pgettext_lazy("part of the process", "Something else")


@dataclass(frozen=True)
class Days:
    """Half-open: the last day is the one before `ends_on`."""

    starts_on: date
    ends_on: date

    @property
    def last_on(self) -> date:
        return self.ends_on - DAY


class Calendar(Protocol):
    def next_work_day(self, on: date) -> date: ...


def usual_days(quarter_on: date, month: int, length: int, calendar: Calendar) -> Days:
    """Of the quarter that begins on `quarter_on`: from the first Monday of its `month`-th month (1 to 3) on, or the
    next work day where that is none, for `length` days, and longer where fewer than three of them are worked."""
    first = (quarter_on + (month - 1) * 31 * DAY).replace(day=1)
    monday = first + ((-first.weekday()) % 7) * DAY
    starts_on = calendar.next_work_day(monday)
    return Days(starts_on, max(starts_on + length * DAY, earliest_end(starts_on, calendar)))


def earliest_end(starts_on: date, calendar: Calendar) -> date:
    """The day after its third work day: before that it may not be over."""
    day = starts_on
    for _number in range(FEWEST_WORK_DAYS):
        day = calendar.next_work_day(day) + DAY
    return day


def words_of(title: str, text: str) -> str:
    """The same for what somebody would read as the same: neither blanks nor capitals make it another."""
    return "\0".join(" ".join(part.split()).casefold() for part in (title, text))
