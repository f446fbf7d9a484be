"""Targets, weights and resources as people type them: percentages in three disguises, figures with their unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfsys.imports.reading import Cell, CellValue
from perfsys.imports.text import clean, compact, number

RAISE, LOWER = "raise", "lower"

_HUNDRED = Decimal(100)
# What fits the database's columns with room to spare; anything larger is a slip of the hand.
_LARGEST = Decimal(10) ** 12
_PERCENT_UNITS = frozenset({"%", "百分比", "百分数", "pct", "percent", "percentage"})
_NOTHING = frozenset({"", "-", "--", "—", "/", "无", "n/a", "na", "none", "nil", "不涉及", "不适用"})
_WITH_UNIT = re.compile(
    r"(?P<sign>>=|<=|≥|≤|⩾|⩽|>|<|=|不低于|不少于|不小于|至少|达到|不高于|不超过|不大于|不多于|至多|低于|小于|高于|大于|约)?"
    r"(?P<figure>[+-]?\d[\d,]*(?:\.\d+)?)(?P<unit>[^\d\s.,~-][^\d~]{0,15}?)?(?P<after>以上|以内|以下|及以上|及以下)?"
)
_LOWER_SIGNS = frozenset(
    {"<=", "≤", "⩽", "<", "不高于", "不超过", "不大于", "不多于", "至多", "低于", "小于", "以内", "以下", "及以下"}
)
_RAISE_SIGNS = frozenset(
    {">=", "≥", "⩾", ">", "不低于", "不少于", "不小于", "至少", "达到", "高于", "大于", "以上", "及以上"}
)
_FIGURE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LOWER_BEFORE = re.compile(
    r"(?:≤|<=?|不超过|不高于|不大于|不多于|(?<!不)低于|(?<!不)小于|(?:降|压缩|缩短|减少|控制|压降|下降|收窄)(?:到|至|在))$"
)
_RAISE_BEFORE = re.compile(
    r"(?:≥|>=?|不低于|不少于|不小于|至少|(?<!不)高于|(?<!不)大于|(?<!不)超过|达到|达|(?:提高|提升|增加|增长|扩大)(?:到|至))$"
)
_LOWER_AFTER = re.compile(r"[^\d,,。;]{0,3}?(?:以内|之内|以下|内(?!部|销|容))")
_RAISE_AFTER = re.compile(r"[^\d,,。;]{0,3}?以上")


@dataclass(frozen=True, slots=True)
class Target:
    value: Decimal | None
    unit: str
    direction: str | None = None
    """What a sign beside the figure says: "≤" lower, "≥" raise; None where the file says nothing."""
    scaled: bool = False
    """A plain number in (0, 1] beside the unit % was taken for a share: 0.95 became 95."""
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A weight or progress in percent. `plain`: a bare number, which a file of fractions writes as 0.3."""

    value: Decimal | None
    plain: bool = False
    unreadable: bool = False


def target(cell: Cell | None, unit: str) -> Target:
    """What a target cell means beside its unit (data rules, "Goals": percent-formatted x100, "95%" is 95)."""
    if cell is None or is_nothing(cell):
        return Target(None, unit, unreadable=cell is not None and cell.formula)
    if cell.percent and (value := _within_reach(number(cell))) is not None:
        return Target(exact(value * _HUNDRED), unit or "%")
    text = compact(cell) if isinstance(cell.value, str) else ""
    found = _WITH_UNIT.fullmatch(text) if len(text) <= 40 else None
    value = _within_reach(number(found["figure"]) if found else number(cell))
    if value is None:
        return Target(None, unit, unreadable=True)
    direction = _direction({found["sign"], found["after"]}) if found else None
    beside = (found["unit"] or "") if found else ""
    if compact(unit).casefold() in _PERCENT_UNITS and beside != "%" and 0 < value <= 1:
        return Target(exact(value * _HUNDRED), unit, direction, scaled=True)
    return Target(value, unit or beside, direction)


def _direction(signs: set[str | None]) -> str | None:
    if signs & _LOWER_SIGNS:
        return LOWER
    return RAISE if signs & _RAISE_SIGNS else None


def direction_in(title: str, value: Decimal) -> str | None:
    """What a goal's wording says beside its target: "降到7天以内" lower, "不低于95%" raise; None if nothing."""
    text = compact(title)
    for figure in _FIGURE.finditer(text):
        if Decimal(figure[0]) == value:
            before, after = text[max(0, figure.start() - 6) : figure.start()], text[figure.end() : figure.end() + 6]
            lower = _LOWER_BEFORE.search(before) or _LOWER_AFTER.match(after)
            higher = _RAISE_BEFORE.search(before) or _RAISE_AFTER.match(after)
            return None if bool(lower) == bool(higher) else LOWER if lower else RAISE
    return None


def share(cell: Cell | None) -> Share:
    """A percentage: 30, "30%", or 0.3 in a cell formatted as a percentage, all mean 30."""
    if cell is None or is_nothing(cell):
        return Share(None, unreadable=cell is not None and cell.formula)
    value = _within_reach(number(cell))
    if value is None:
        return Share(None, unreadable=True)
    if cell.percent:
        return Share(exact(value * _HUNDRED))
    return Share(value, plain="%" not in clean(cell))


def sheets_of_fractions(shares: Iterable[tuple[str, Share]]) -> set[str]:
    """The sheets in which no bare number is above 1: there 0.3 is 30 %, and 1 the whole."""
    largest: dict[str, Decimal] = {}
    for sheet, given in shares:
        if given.plain and given.value is not None:
            largest[sheet] = max(given.value, largest.get(sheet, Decimal(0)))
    return {sheet for sheet, value in largest.items() if 0 < value <= 1}


def amount(cell: Cell | None) -> Decimal | None:
    """A resource: blank, "-" and "无" are 0, "3.5万" is 3.5; None where it cannot be read or is below 0."""
    if cell is None or (is_nothing(cell) and not cell.formula):
        return Decimal(0)
    value = number(cell)
    if value is None and isinstance(cell.value, str) and (found := _WITH_UNIT.fullmatch(compact(cell)[:40])):
        value = number(found["figure"])
    value = _within_reach(value)
    return value if value is not None and value >= 0 else None


def is_nothing(cell: Cell) -> bool:
    """Blank, or one of the marks people put where nothing is."""
    if not isinstance(cell.value, str):
        return cell.value is None
    return says_nothing(compact(cell))


def says_nothing(text: str) -> bool:
    return text.casefold() in _NOTHING


def _within_reach(value: Decimal | None) -> Decimal | None:
    return None if value is None or abs(value) >= _LARGEST else exact(value)


@lru_cache(maxsize=8192)
def exact(value: Decimal) -> Decimal:
    """At most six decimals, without trailing zeros or an exponent: 30.0 and 3E+1 are 30."""
    value = round(value, 6)
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()


def cell(value: Decimal) -> CellValue:
    """A number where a spreadsheet keeps it whole, else its digits."""
    plain = exact(value)
    if plain == plain.to_integral_value():
        return int(plain)
    return float(plain) if Decimal(repr(float(plain))) == plain else f"{plain:f}"
