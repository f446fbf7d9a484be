"""When something that should have come did not (product.md §5.3). Pure: no database, no clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)
LOOKED_BACK = timedelta(weeks=8)
FARTHEST_BACK = timedelta(days=400)
RECENT = timedelta(weeks=4)
KNOWN_AFTER = 7  # batches; before that nobody knows what is usual
SAME_WEEKDAYS = 4
SPREADS = 3
ENOUGH_ROWS = 50  # to say that a field is gone, and not merely empty
SOONEST, LATEST = timedelta(minutes=15), timedelta(hours=2)


@dataclass(frozen=True)
class Drift:
    """Fields nobody knew, and fields that are mapped and no longer come."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.gone)


def missing_days(have: Collection[date], *, due: str, local_now: datetime, since: date | None = None) -> list[date]:
    """Days without a batch, from `since` or else the first one there was until yesterday; until the day before while
    yesterday's is not due yet (`due` is "HH:MM" of the day after). At most the last FARTHEST_BACK: a file with a wrong
    year would open thousands."""
    begins = since or min(have, default=None)
    if begins is None:
        return []
    last = local_now.date() - DAY
    if local_now.time().replace(tzinfo=None) < time.fromisoformat(due):
        last -= DAY
    first, known = max(begins, last - FARTHEST_BACK), set(have)
    days = ((first + n * DAY) for n in range((last - first).days + 1))
    return [on for on in days if on not in known]


def is_small(on: date, rows: int, before: Mapping[date, int]) -> bool:
    """Whether a batch has unusually few rows: under half the smallest of the last four weeks; or under half the
    smallest of its own weekday, and by more than chance explains. Counts of a dozen vary by half from day to day, so
    those must come to nothing, or almost, before anybody is called."""
    known = {day: number for day, number in before.items() if on - LOOKED_BACK <= day < on}
    if len(known) < KNOWN_AFTER:
        return False
    recent = [number for day, number in known.items() if day >= on - RECENT]
    if recent and 2 * rows < min(recent):
        return True
    alike = [number for day, number in known.items() if day.weekday() == on.weekday()]
    if len(alike) < SAME_WEEKDAYS:
        return False
    least: int = min(alike)
    # A count of rows that come by chance spreads by the root of it.
    return 2 * rows < least and (least - rows) ** 2 > SPREADS**2 * least


def rows_short(*, total: int | None, seen: int, held: int) -> int:
    """How many rows the source counts that never came. What is held from before counts as come: a run that begins at
    the watermark sees only what is new."""
    return 0 if total is None else max(total - max(seen, held), 0)


def drift(
    known: Collection[str], came: Collection[str], mapped: Collection[str], rows: int, at_least: int | None
) -> Drift:
    """What changed in the fields of so many rows; nothing for the first ones ever. Those that are mapped are no news
    when they come; when they stay away they are, with `at_least` so many rows to say so (None: not from these)."""
    if not known:
        return Drift()
    is_told = at_least is not None and rows >= at_least
    gone = set(mapped) & set(known) - set(came) if is_told else set()
    return Drift(tuple(sorted(set(came) - set(known) - set(mapped))), tuple(sorted(gone)))


def patience(interval: timedelta) -> timedelta:
    """How long a sync may be late before somebody is told: an interval of its schedule, at most two hours."""
    return min(max(interval, SOONEST), LATEST)


def is_late(due_at: datetime | None, *, interval: timedelta, now: datetime, moved_at: datetime | None = None) -> bool:
    """`moved_at` is when the work that was due last came on: a long first reading is slow, not late."""
    if due_at is None:
        return False
    return now - max(due_at, moved_at or due_at) > patience(interval)
