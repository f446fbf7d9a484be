"""When a goal is stale, deviating or idle (product.md §2.8, §6.2): the rules over values.

The application asks the database the same questions set-based; these functions are what its answers are tested against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from goals.progress import Track, track

STALE_DAYS = 14

_ZERO = Decimal(0)


class ActivityKind(StrEnum):
    """What can happen on a goal. Automatic check-ins from a bound metric are check-ins like any other."""

    CHECK_IN = "check_in"
    MILESTONE = "milestone"
    TICK = "tick"
    EVIDENCE = "evidence"
    COMMENT = "comment"


KEEPS_FRESH = frozenset(ActivityKind) - {ActivityKind.COMMENT}
"""What counts against stale. Against idle only a check-in counts."""


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """`published_on` in the tenant's zone, the period's start for imported goals; None while unpublished.

    Resources are the amounts of the goal itself: money, people and hours, 0 where none was given.
    """

    number: str
    layer: str
    published_on: date | None
    status: str
    budget: Decimal = _ZERO
    headcount: Decimal = _ZERO
    hours: Decimal = _ZERO

    @property
    def is_watched(self) -> bool:
        """Health is a matter of published, unfinished position goals; drafts and finished goals rest."""
        return self.layer == "position" and self.status == "published" and self.published_on is not None

    @property
    def has_resources(self) -> bool:
        return any((self.budget, self.headcount, self.hours))


@dataclass(frozen=True, slots=True)
class Activity:
    """`on` is the day in the tenant's zone: 2026-11-05T16:30Z is the 6th in Shanghai."""

    goal: str
    kind: str
    on: date


def stale_window(day: date) -> tuple[date, date]:
    """First and last day, both included, in which something must have happened on a goal that is not stale on `day`."""
    return day - timedelta(days=STALE_DAYS), day


def is_stale(goal: GoalFacts, active_days: Iterable[date], day: date) -> bool:
    """Published before `day` - 14, and none of its `active_days` (comments left out) in [`day` - 14, `day`].

    Days after `day` are ignored, so that an evaluation of a past day gives what it gave then.
    """
    first, last = stale_window(day)
    if not goal.is_watched or goal.published_on is None or goal.published_on >= first:
        return False
    return not any(first <= active <= last for active in active_days)


def reading_days(day: date) -> tuple[date, date]:
    """The last two days on which progress was read before `day`: Sundays, so that a week's readings are whole."""
    latest = day - timedelta(days=day.isoweekday())
    return latest - timedelta(days=7), latest


def is_deviating(goal: GoalFacts, paces: Sequence[Decimal], day: date, now: Decimal) -> bool:
    """Off track at both weekly readings before `day` (`paces`), and still so `now`: what has caught up since needs no
    reminder. A goal published after the first of them was not there to be read."""
    first, _last = reading_days(day)
    if not goal.is_watched or goal.published_on is None or goal.published_on > first:
        return False
    return all(track(pace) is Track.OFF_TRACK for pace in (*paces, now))


def is_idle(goal: GoalFacts, check_in_days: Iterable[date], *, month: date, as_of: date) -> bool:
    """No resource and no check-in in the month of `month`, looked at on `as_of`; evidence and comments do not count.

    A goal published after what is looked at, or a month that has not begun, has nothing to answer for.
    """
    first, last = month_span(month, as_of)
    if not goal.is_watched or goal.published_on is None or goal.published_on > last or last < first:
        return False
    return not goal.has_resources and not any(first <= active <= last for active in check_in_days)


def month_span(month: date, as_of: date) -> tuple[date, date]:
    """The first day of the month and its last, or `as_of` where that is earlier."""
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first, min(following - timedelta(days=1), as_of)


def stale_goals(goals: Iterable[GoalFacts], activities: Iterable[Activity], day: date) -> list[str]:
    """Numbers of the goals that are stale on `day`, sorted."""
    days = _days_by_goal(activities, KEEPS_FRESH)
    return sorted(goal.number for goal in goals if is_stale(goal, days.get(goal.number, ()), day))


def idle_goals(goals: Iterable[GoalFacts], activities: Iterable[Activity], *, month: date, as_of: date) -> list[str]:
    """Numbers of the goals that are idle in the month of `month` as seen on `as_of`, sorted."""
    days = _days_by_goal(activities, {ActivityKind.CHECK_IN})
    return sorted(goal.number for goal in goals if is_idle(goal, days.get(goal.number, ()), month=month, as_of=as_of))


def _days_by_goal(activities: Iterable[Activity], kinds: Collection[str]) -> Mapping[str, list[date]]:
    days: defaultdict[str, list[date]] = defaultdict(list)
    for activity in activities:
        if activity.kind in kinds:
            days[activity.goal].append(activity.on)
    return days
