"""Due dates and times as people type them into spreadsheets."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from perfsys.imports.reading import Cell
from perfsys.imports.text import clean, number

# Excel counts days from here; its day 60 never existed, which touches no date after February 1900.
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall-clock origin, not a moment
_LARGEST_SERIAL = 100_000

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: index for index, name in enumerate(_MONTH_NAMES, start=1)}
_YEAR_FIRST = re.compile(r"(\d{4}|\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_MONTH_END = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*月?\s*(?:份|底|末|月底|月末)?")
_NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+)?([A-Za-z]{3,9})\.?[\s-]*(\d{1,2})?(?:st|nd|rd|th)?,?(?:[\s-]+(\d{4}))?"
)
_PERIOD_END = re.compile(r"(?:本|该)?(?:季度?|期)(?:底|末)|end of (?:the )?(?:quarter|period)", re.I)
_QUARTER_END = re.compile(r"Q([1-4])(?:底|末)?", re.I)
_YEAR_END = re.compile(r"(?:本|年)?年度?(?:底|末)|end of (?:the )?year", re.I)
_CLOCK = re.compile(
    r"(上午|下午|中午|晚上|凌晨|am|pm)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*[:分]?\s*(\d{1,2})?(?:\.\d+)?\s*秒?\s*(am|pm)?",
    re.I,
)
_OFFSET = re.compile(r"\s*(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)$", re.I)
_FOURTEEN_DIGITS = re.compile(r"(\d{8})(\d{2})(\d{2})(\d{2})?")


def due_date(cell: Cell, *, start: date, end: date) -> date | None:
    """The date a due-date cell means; None where it holds none that can be read ("30 Feb" too).

    A date without a year is the one inside the period, else the one in the year of its start. A month alone
    means its last day, "季度末" the period's.
    """
    held = cell.value
    if isinstance(held, datetime):
        return held.date()
    if isinstance(held, date):
        return held
    serial = number(cell)
    if serial is not None and 366 < serial < _LARGEST_SERIAL:
        return _from_serial(serial).date()
    return _date_in(_short(cell), start=start, end=end)


def moment(cell: Cell, *, zone: ZoneInfo, start: date, end: date) -> datetime | None:
    """The aware moment in UTC that a time cell means; None where it cannot be read.

    Without an offset it is wall-clock time in `zone`; with `Z` it is UTC. A date alone is its first moment.
    """
    held = cell.value
    if isinstance(held, date) and not _plausible(held):
        return None
    if isinstance(held, datetime):
        return _in_utc(held, zone)
    if isinstance(held, date):
        return _in_utc(datetime(held.year, held.month, held.day), zone)  # noqa: DTZ001 - the zone is put on inside
    serial = number(cell)
    if serial is not None and 366 < serial < _LARGEST_SERIAL:
        return _in_utc(_from_serial(serial), zone)
    text = _short(cell)
    offset = _OFFSET.search(text) if ":" in text else None
    wall = _wall_clock(text[: offset.start()] if offset else text, start=start, end=end)
    if wall is None or not _plausible(wall):
        return None
    if offset is None:
        return _in_utc(wall, zone)
    if offset[1]:
        return wall.replace(tzinfo=UTC)
    shift = timedelta(hours=int(offset[3]), minutes=int(offset[4] or 0))
    return (wall - shift if offset[2] == "+" else wall + shift).replace(tzinfo=UTC)


def _short(cell: Cell) -> str:
    # Nothing longer is a date, and the patterns below are cheap on short text only.
    text = clean(cell)
    return text if len(text) <= 40 else ""


def _in_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)


def _plausible(day: date) -> bool:
    # Before and after, a slip of the hand; and near the calendar's ends a change of zone has no answer at all.
    return 1970 <= day.year <= 2100


def _from_serial(serial: Decimal) -> datetime:
    return _EXCEL_EPOCH + timedelta(seconds=int((serial * 86_400).to_integral_value()))


def _wall_clock(text: str, *, start: date, end: date) -> datetime | None:
    digits = _FOURTEEN_DIGITS.fullmatch(text)
    if digits:
        text = f"{digits[1]} {digits[2]}:{digits[3]}:{digits[4] or '00'}"
    clock = next((found for found in _CLOCK.finditer(text) if found.end() == len(text)), None)
    day = _date_in(text[: clock.start()].rstrip(" T,，") if clock else text, start=start, end=end, whole_month=False)
    if day is None:
        return None
    hour, minute, second = _clock_parts(clock) if clock else (0, 0, 0)
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - the caller knows the zone
    except ValueError:
        return None


def _clock_parts(clock: re.Match[str]) -> tuple[int, int, int]:
    half = (clock[1] or clock[5] or "").lower()
    hour = int(clock[2])
    if half in {"下午", "晚上", "pm", "中午"} and hour < 12 and not (half == "中午" and hour == 11):
        hour += 12
    elif half in {"上午", "凌晨", "am"} and hour == 12:
        hour = 0
    return hour, int(clock[3] or 0), int(clock[4] or 0)


def _date_in(text: str, *, start: date, end: date, whole_month: bool = True) -> date | None:
    text = text.strip().rstrip("前止")
    for reader in (_full_date, _named_month):
        if (found := reader(text, start, end)) is not None:
            return found
    if month_day := _MONTH_DAY.fullmatch(text):
        return _in_period(int(month_day[1]), int(month_day[2]), start, end)
    if not whole_month:
        return None
    if _PERIOD_END.fullmatch(text):
        return end
    if _YEAR_END.fullmatch(text):
        return date(end.year, 12, 31)
    if quarter := _QUARTER_END.fullmatch(text):
        return _last_of_month(None, 3 * int(quarter[1]), start, end)
    if (month := _MONTH_END.fullmatch(text)) and ("月" in text or month[1]):
        return _last_of_month(month[1], int(month[2]), start, end)
    return None


def _full_date(text: str, start: date, end: date) -> date | None:
    # A clock behind the date ("2026-12-31 00:00:00") is cut off: some systems export due dates as moments.
    text = re.sub(r"[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", text)
    if found := _YEAR_FIRST.fullmatch(text):
        if len(found[1]) == 4:
            return _day(int(found[1]), int(found[2]), int(found[3]))
        # "10/8/26" is the 8th of October 2026 in some offices: a short year must be near the period to be one.
        year = 2000 + int(found[1])
        return _day(year, int(found[2]), int(found[3])) if start.year - 1 <= year <= end.year + 1 else None
    if found := _EIGHT_DIGITS.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        # 12/31/2026 and 31/12/2026 read one way only; 3/4/2026 reads two ways and is left to a person.
        if first > 12 or first == second:
            return _day(year, second, first)
        return _day(year, first, second) if second > 12 else None
    return None


def _named_month(text: str, start: date, end: date) -> date | None:
    found = _NAMED_MONTH.fullmatch(text)
    month = _MONTHS.get(found[2][:3].lower()) if found else None
    if found is None or month is None or bool(found[1]) == bool(found[3]):
        return None
    day = int(found[1] or found[3])
    return _day(int(found[4]), month, day) if found[4] else _in_period(month, day, start, end)


def _in_period(month: int, day: int, start: date, end: date) -> date | None:
    years = dict.fromkeys((start.year, end.year))
    candidates = [found for year in years if (found := _day(year, month, day)) is not None]
    inside = [found for found in candidates if start <= found <= end]
    return next(iter(inside or candidates), None)


def _last_of_month(year: str | None, month: int, start: date, end: date) -> date | None:
    if not 1 <= month <= 12:
        return None
    if year:
        return date(int(year), month, monthrange(int(year), month)[1])
    return _in_period(month, monthrange(start.year, month)[1], start, end)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
