"""Number formats: which cells are dates, percentages, or numbers shown with leading zeros."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

PLAIN, DATE, TIME, PERCENT = "plain", "date", "time", "percent"
ZEROS = "zeros:"
"""Followed by the width: format 00000 shows 123 as 00123, which for a number of employees is the number."""

# Ids without a format string; 27-36 and 50-58 are the East Asian dates (ECMA-376 part 1, 18.8.30).
_BUILT_IN = {
    **dict.fromkeys((9, 10), PERCENT),
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), *range(56, 59)), DATE),
    **dict.fromkeys((*range(18, 22), *range(32, 36), *range(45, 48), 55), TIME),
}
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a cell's date carries no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001


def kind_of_format(format_id: int, code: str | None) -> str:
    """PLAIN, DATE, TIME, PERCENT or ZEROS + width, for a numFmtId and its format string if the workbook has one."""
    if code is None:
        return _BUILT_IN.get(format_id, PLAIN)
    first = _LITERALS.sub("", code.partition(";")[0]).lower()
    if "%" in first:
        return PERCENT
    if re.fullmatch(r"0{2,30}", first):
        return f"{ZEROS}{len(first)}"
    if "general" in first or not re.search("[ymdhs]", first):
        return PLAIN
    return TIME if re.search("[hs]", first) and not re.search("[yd]", first) else DATE


def date_of_serial(serial: float, *, from_1904: bool) -> datetime | None:
    """The moment an Excel serial stands for, to the second; None outside the years 1900-9999."""
    if not 0 <= serial < 2_958_466:
        return None
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    # Excel counts a 29 February 1900 that never was: serials before it are one day off.
    days = serial + 1 if not from_1904 and serial < 60 else serial
    return epoch + timedelta(seconds=round(days * 86_400))
