"""Names of files that carry a day and the number of a re-sending: `PLM_{yyyymmdd}[_R{n}].csv`.

In a pattern {yyyymmdd}, or {yyyy}, {mm} and {dd} in this order, stand for the day and after them {n} for the number.
One part in [...] may be missing, and then the number is 0. Everything else is meant as it stands; capitals do not
matter.

A pattern without a day, `customers[_R{n}].csv`, is of a list that is sent whole each time: the newest is the list.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ..base import UNDATED

_TEXT = r"[^/\\\x00-\x1f{}\[\]]*"
# What a pattern is, for the schema of a configuration too. One optional part: with many, a name could be read in so
# many ways that reading it never ends.
GRAMMAR = (
    rf"^(?!\Z){_TEXT}(\{{yyyymmdd\}}|\{{yyyy\}}{_TEXT}\{{mm\}}{_TEXT}\{{dd\}})?{_TEXT}"
    rf"(\[{_TEXT}(\{{n\}}{_TEXT})?\]|\{{n\}})?{_TEXT}\Z"
)
_PARTS = {
    "{yyyymmdd}": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    "{yyyy}": r"(?P<year>[0-9]{4})",
    "{mm}": r"(?P<month>[0-9]{2})",
    "{dd}": r"(?P<day>[0-9]{2})",
    "{n}": r"(?P<number>[0-9]{1,4})",
    "[": "(?:",
    "]": ")?",
}
_SPLIT = re.compile("(" + "|".join(re.escape(part) for part in _PARTS) + ")")


YEARS = range(2000, 2101)  # a day outside is a slip of the pen, and the days between would all be missed


class Sent(NamedTuple):
    """Which day a file is of, UNDATED where its name tells none, and which sending: 0 is the first."""

    on: date
    revision: int


class UnfitPattern(ValueError):
    """A pattern that GRAMMAR does not know."""


def read_name(pattern: str, name: str) -> Sent | None:
    """None for a name that is none of the pattern's, or of a day that does not exist. Raises UnfitPattern."""
    found = _compiled(pattern).fullmatch(name)
    if not found:
        return None
    said = found.groupdict()
    if "year" not in said:
        return Sent(UNDATED, int(said.get("number") or 0))
    try:
        on = date(int(said["year"]), int(said["month"]), int(said["day"]))
    except ValueError:
        return None
    if on.year not in YEARS:
        return None
    return Sent(on, int(said.get("number") or 0))


def write_name(pattern: str, sent: Sent) -> str:
    """What the pattern calls the file; without its optional part at revision 0."""
    name = re.sub(r"\[([^\]]*)\]", r"\1" if sent.revision else "", pattern)
    year, month, day = sent.on.isoformat().split("-")
    parts = {"{yyyymmdd}": year + month + day, "{yyyy}": year, "{mm}": month, "{dd}": day, "{n}": str(sent.revision)}
    for part, text in parts.items():
        name = name.replace(part, text)
    return name


def is_dated(pattern: str) -> bool:
    return "{yyyy" in pattern


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if not re.fullmatch(GRAMMAR, pattern):
        raise UnfitPattern(pattern)
    regex = "".join(_PARTS.get(part, re.escape(part)) for part in _SPLIT.split(pattern))
    return re.compile(regex, re.IGNORECASE)
