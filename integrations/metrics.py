"""From records to figures by a rule (product.md §5.4). Pure: no database, no clock.

A rule says which rows count, what of them is measured, on which business day, and whom it is put down to:

    {"filter": [{"field": "state", "op": "eq", "value": "closed"}],
     "measure": {"kind": "sum", "field": "net", "of": "", "where": [], "times": "1"},
     "day": "ordered_on", "basis": "settled", "settle_days": 2,
     "returns": "in", "return_lines": [{"field": "line_type", "op": "eq", "value": "退货冲销"}],
     "attribution": {"field": "customer_no", "through": [{"stream": "customers", "key": "no", "field": "province"}]},
     "kind": "sales_region", "of": "unit"}

`sum` adds `field` up, `count` counts rows, `mean` is the mean of `field`, `ratio` is what rows `where` holds bring (of
`field`, or the rows themselves where it is "") over what all of them bring (of `of`, or the rows). `times` is a factor
for another unit of measure: 10000 makes yuan of 万元. An `attribution` whose field is "" puts figures down to nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from .adapters.base import Stream
from .mapping import READERS, YEARS

Data = Mapping[str, Any]
NONE = Decimal(0)
PLACES = Decimal(1).scaleb(-10)  # as `models.MetricValue` holds figures
EXACT = Context(prec=60)

OPS = ("eq", "ne", "in", "gt", "ge", "lt", "le", "blank", "not_blank")
MEASURES = ("sum", "count", "mean", "ratio")
BASES = ("snapshot", "settled")
RETURNS = ("none", "in", "out")
MOST_CONDITIONS, MOST_LOOKUPS, MOST_SETTLE_DAYS = 10, 3, 90
LONGEST_VALUE = 120

NO_DAY, NO_NUMBER = "no_day", "no_number"  # problems of a row: see `Reading`


class UnfitRule(ValueError):
    """What is written is no rule; `.field` names the part."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Condition:
    """`value` is a text, for `in` several; nothing for blank and not_blank."""

    field: str
    op: str
    value: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Measure:
    kind: str
    field: str = ""
    of: str = ""
    where: tuple[Condition, ...] = ()
    times: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Lookup:
    """In `stream` of the same connection, the record whose `key` is the value at hand, and its `field` instead."""

    stream: str
    key: str
    field: str


@dataclass(frozen=True, slots=True)
class Rule:
    measure: Measure
    day: str
    filter: tuple[Condition, ...] = ()
    basis: str = "snapshot"
    settle_days: int = 0
    returns: str = "none"
    return_lines: tuple[Condition, ...] = ()
    attribution: str = ""
    through: tuple[Lookup, ...] = ()
    kind: str = ""
    of: str = "other"

    @property
    def streams(self) -> tuple[str, ...]:
        """Those looked up in."""
        return tuple(dict.fromkeys(one.stream for one in self.through))

    def as_json(self) -> dict[str, Any]:
        return {
            "filter": _conditions_json(self.filter),
            "measure": {
                "kind": self.measure.kind,
                "field": self.measure.field,
                "of": self.measure.of,
                "where": _conditions_json(self.measure.where),
                "times": f"{self.measure.times:f}",
            },
            "day": self.day,
            "basis": self.basis,
            "settle_days": self.settle_days,
            "returns": self.returns,
            "return_lines": _conditions_json(self.return_lines),
            "attribution": {
                "field": self.attribution,
                "through": [{"stream": one.stream, "key": one.key, "field": one.field} for one in self.through],
            },
            "kind": self.kind,
            "of": self.of,
        }


def read_rule(written: Any) -> Rule:
    """Raises UnfitRule."""
    try:
        measure, attribution = written["measure"], written.get("attribution") or {}
        rule = Rule(
            measure=Measure(
                kind=measure["kind"],
                field=measure.get("field", ""),
                of=measure.get("of", ""),
                where=_conditions(measure.get("where", ())),
                times=_factor(measure.get("times", "1")),
            ),
            day=written["day"],
            filter=_conditions(written.get("filter", ())),
            basis=written.get("basis", "snapshot"),
            settle_days=int(written.get("settle_days", 0)),
            returns=written.get("returns", "none"),
            return_lines=_conditions(written.get("return_lines", ())),
            attribution=attribution.get("field", ""),
            through=tuple(Lookup(one["stream"], one["key"], one["field"]) for one in attribution.get("through", ())),
            kind=written.get("kind", ""),
            of=written.get("of", "other"),
        )
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise UnfitRule(str(error)) from None
    for name, holds in _sound(rule):
        if not holds:
            raise UnfitRule(name)
    return rule


def unknown_fields(rule: Rule, stream: Stream | None, streams: Mapping[str, Stream]) -> list[str]:
    """What the rule names and the connection has not, or not of a type that can be used so: "stream.field"."""
    if stream is None:
        return ["stream"]
    types = types_of(stream)
    wanted: list[tuple[str, tuple[str, ...]]] = [
        (one.field, ()) for one in (*rule.filter, *rule.return_lines, *rule.measure.where)
    ]
    wanted += [(rule.day, ("day", "time")), (rule.attribution, ())]
    wanted += [(rule.measure.field, ("whole", "decimal")), (rule.measure.of, ("whole", "decimal"))]
    found = [
        f"{stream.name}.{name}"
        for name, kinds in wanted
        if name and (name not in types or (kinds and types[name] not in kinds))
    ]
    for one in rule.through:
        held = types_of(streams[one.stream]) if one.stream in streams else {}
        found += [f"{one.stream}.{name}" for name in (one.key, one.field) if name not in held]
    return list(dict.fromkeys(found))


def types_of(stream: Stream) -> dict[str, str]:
    return {one.name: one.type for one in stream.fields}


# --- one row ---


class Place(NamedTuple):
    """Where a figure stands: the business day, and whom it is put down to: "" nobody was found, None nobody asked."""

    on: date
    subject: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """`numerator` over `denominator`; a sum or a count has no denominator."""

    numerator: Decimal
    denominator: Decimal | None
    rows: int

    @property
    def amount(self) -> Decimal | None:
        """None where there is nothing to divide by."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: Figure) -> Figure:
        with localcontext(EXACT):
            both = (self.denominator, other.denominator)
            return Figure(
                self.numerator + other.numerator,
                None if both == (None, None) else (both[0] or NONE) + (both[1] or NONE),
                self.rows + other.rows,
            )


def total(figures: Iterable[Figure]) -> Figure | None:
    """Of several days or subjects; None of none."""
    found: Figure | None = None
    for one in figures:
        found = one if found is None else found + one
    return found


class Reading(NamedTuple):
    """What a row is to the metric. `problem`: NO_DAY, it stands on no business day and counts nowhere; NO_NUMBER, what
    is to be measured is empty or no number, and it brings nothing. `counts` False: the filter leaves it out."""

    counts: bool
    on: date | None = None
    subject: str | None = None
    numerator: Decimal = NONE
    denominator: Decimal | None = None
    problem: Literal["", "no_day", "no_number"] = ""


class Meter:
    """A rule made ready for the rows of its stream. `tables` has for each lookup of the chain what it leads to."""

    def __init__(
        self, rule: Rule, types: Mapping[str, str], zone: ZoneInfo, tables: Sequence[Mapping[str, str]] = ()
    ) -> None:
        if len(tables) != len(rule.through):
            raise UnfitRule("through")
        self.rule, self.zone, self.tables = rule, zone, tables
        self._filter = [_test(one, types, zone) for one in rule.filter]
        lines = [_test(one, types, zone) for one in rule.return_lines]
        self._leaves_out = (lambda data: all(test(data) for test in lines)) if rule.returns == "out" and lines else None
        self._where = [_test(one, types, zone) for one in rule.measure.where]
        self._days: dict[Any, date | None] = {}

    def day(self, data: Data) -> date | None:
        """The business day in the company's time; None where there is none to be read."""
        value = data.get(self.rule.day)
        if value not in self._days:
            if len(self._days) > 100_000:
                self._days.clear()
            self._days[value] = _day(value, self.zone)
        return self._days[value]

    def is_meant(self, data: Data) -> bool:
        if not all(test(data) for test in self._filter):
            return False
        return not (self._leaves_out and self._leaves_out(data))

    def subject(self, data: Data) -> str | None:
        if not self.rule.attribution:
            return None
        found = as_key(data.get(self.rule.attribution))
        for table in self.tables:
            if not found:
                return ""
            found = table.get(found, "")
        return found

    def read(self, data: Data) -> Reading:
        if not self.is_meant(data):
            return Reading(counts=False)
        on = self.day(data)
        if on is None:
            return Reading(counts=True, problem="no_day")
        brought = self._brought(data)
        subject = self.subject(data)
        if brought is None:
            return Reading(True, on, subject, NONE, self._empty(), "no_number")
        return Reading(True, on, subject, *brought)

    def _empty(self) -> Decimal | None:
        return None if self.rule.measure.kind in ("sum", "count") else NONE

    def _brought(self, data: Data) -> tuple[Decimal, Decimal | None] | None:
        """To numerator and denominator; None where a number is missing: then it brings nothing to either."""
        measure = self.rule.measure
        if measure.kind == "count":
            return measure.times, None
        number = _number(data.get(measure.field)) if measure.field else Decimal(1)
        if measure.kind == "sum":
            return None if number is None else (EXACT.multiply(number, measure.times), None)
        if measure.kind == "mean":
            return None if number is None else (EXACT.multiply(number, measure.times), Decimal(1))
        below = _number(data.get(measure.of)) if measure.of else Decimal(1)
        if number is None or below is None:
            return None
        above = number if all(test(data) for test in self._where) else NONE
        return EXACT.multiply(above, measure.times), below


# --- many rows ---


@dataclass
class Figures:
    """By place; `whole` adds up each day. `problems` counts rows by what is wrong with them, `unattributed` those that
    were put down to nobody though the rule asks whom."""

    by_place: dict[Place, Figure] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    unattributed: int = 0

    def whole(self) -> dict[date, Figure]:
        found: dict[date, Figure] = {}
        for place, figure in self.by_place.items():
            found[place.on] = found[place.on] + figure if place.on in found else figure
        return found

    def everything(self) -> dict[Place, Figure]:
        """The figures of subjects, and of each day the whole with None as its subject."""
        return self.by_place | {Place(on, None): figure for on, figure in self.whole().items()}


def measure(rows: Iterable[Data], meter: Meter, *, days: Container[date] | None = None) -> Figures:
    """Reads the rows one by one: what is held is a figure for each day and subject. `days`: of these alone."""
    found = Figures()
    sums: dict[tuple[date, str | None], list[Any]] = {}
    add = EXACT.add
    for data in rows:
        read = meter.read(data)
        if not read.counts:
            continue
        if read.on is None:
            found.problems[read.problem] += 1
            continue
        if days is not None and read.on not in days:
            continue
        found.rows += 1
        if read.problem:
            found.problems[read.problem] += 1
        if read.subject == "":
            found.unattributed += 1
        held = sums.get((read.on, read.subject))
        if held is None:
            sums[read.on, read.subject] = [read.numerator, read.denominator, 1]
            continue
        held[0] = add(held[0], read.numerator)
        if read.denominator is not None:
            held[1] = add(held[1], read.denominator)
        held[2] += 1
    found.by_place = {
        Place(on, subject): Figure(_held(above), None if below is None else _held(below), number)
        for (on, subject), (above, below, number) in sums.items()
    }
    return found


def table_of(rows: Iterable[Data], lookup: Lookup) -> dict[str, str]:
    """What each key leads to. Of two records with one key the later one stands, as `rows` come."""
    found = ((as_key(data.get(lookup.key)), as_key(data.get(lookup.field))) for data in rows)
    return {key: value for key, value in found if key}


def is_settled(on: date, rule: Rule, as_of: datetime, zone: ZoneInfo) -> bool:
    """Whether the figure of a day is final by its basis, the source having been read up to `as_of`: a snapshot once its
    day is over, a settled one `settle_days` later. Corrections may still come, and are taken in."""
    today = as_of.astimezone(zone).date()
    if rule.basis == "settled":
        return on + timedelta(days=rule.settle_days) <= today
    return on < today


def as_key(value: Any) -> str:
    """By which a value is looked up, and a subject is known: no blanks around it, one way of writing."""
    if value is None or isinstance(value, list | dict):
        return ""
    text = value if isinstance(value, str) else str(value)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.strip()[:LONGEST_VALUE]


def rounded(amount: Decimal, digits: int) -> Decimal:
    """As it is shown: halves away from nought, as people round."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=EXACT)


def _held(number: Decimal) -> Decimal:
    return number.quantize(PLACES, rounding=ROUND_HALF_UP, context=EXACT)


def _number(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool | list | dict):
        return None
    try:
        found = Decimal(value if isinstance(value, str) else str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _day(value: Any, zone: ZoneInfo) -> date | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value)
        return (found.astimezone(zone) if found.tzinfo else found).date()
    except (ValueError, OverflowError):
        return None


# --- conditions ---


def _test(one: Condition, types: Mapping[str, str], zone: ZoneInfo) -> Callable[[Data], bool]:
    name = one.field
    if one.op == "blank":
        return lambda data: _is_blank(data.get(name))
    if one.op == "not_blank":
        return lambda data: not _is_blank(data.get(name))
    kind = types.get(name, "text")
    read = _reader(kind, zone)
    if one.op == "in":
        among = {_compared(value, read, kind) for value in one.value}
        if kind == "time":
            return lambda data: (found := read(data.get(name))) in among or (found or "")[:10] in among
        return lambda data: read(data.get(name)) in among
    assert isinstance(one.value, str)  # noqa: S101  # `_sound` has looked
    than = _compared(one.value, read, kind)
    if kind == "time" and len(than) == 10:  # a day of a moment: the whole of it
        moment = read
        read = lambda value: (moment(value) or "")[:10] or None  # noqa: E731
    if one.op == "eq":
        return lambda data: read(data.get(name)) == than
    if one.op == "ne":
        return lambda data: read(data.get(name)) != than
    return lambda data: _holds(one.op, read(data.get(name)), than)


def _compared(text: str, read: Callable[[Any], Any], kind: str) -> Any:
    """What a condition compares with. Raises UnfitRule where that is no value of the field's type: it would be equal
    to everything that is empty."""
    if kind == "time" and len(text.strip()) == 10 and read(text):
        return text.strip()
    found = read(text)
    if found is None and kind in ("whole", "decimal", "time", "yes"):
        raise UnfitRule("filter")
    return found


def condition_value(kind: str, typed: str) -> str | None:
    """What was typed to compare a field of this type with, as a condition holds it: 2026/11/1 as 2026-11-01; None where
    it is no such value. A day may stand for the moments of it."""
    text = typed.strip()
    if kind in ("whole", "decimal"):
        number = _number(text)
        return None if number is None else f"{number:f}"
    if kind == "yes":
        return text if read_yes(text) is not None else None
    if kind not in ("day", "time"):
        return text or None
    text = re.sub(r"(?<!\d)(\d)(?!\d)", r"0\1", text)  # 2026/11/1
    try:
        if kind == "time" and len(text) > 10:
            at = datetime.fromisoformat(text.replace("/", "-"))
            return at.isoformat() if at.year in YEARS else None
        found: str = READERS["day"](text, ZoneInfo("UTC"))
    except ValueError:
        return None
    return found


def _holds(op: str, value: Any, than: Any) -> bool:
    """Nothing is neither more nor less than anything."""
    if value is None or than is None:
        return False
    if op == "gt":
        return bool(value > than)
    if op == "ge":
        return bool(value >= than)
    if op == "lt":
        return bool(value < than)
    return bool(value <= than)


def _reader(kind: str, zone: ZoneInfo) -> Callable[[Any], Any]:
    if kind in ("whole", "decimal"):
        return _number
    if kind == "time":
        return lambda value: _local(value, zone)
    if kind == "yes":
        return read_yes
    return lambda value: as_key(value) or None


def _local(value: Any, zone: ZoneInfo) -> str | None:
    """A moment in the company's time, to the second; what was typed without a zone is in it already."""
    try:
        found = datetime.fromisoformat(str(value).strip())
        return (found.astimezone(zone) if found.tzinfo else found).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return None


def read_yes(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = as_key(value).lower()
    return True if text in ("true", "yes", "1", "是") else False if text in ("false", "no", "0", "否") else None


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


# --- what is written ---


def _conditions(written: Iterable[Any]) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            one["field"],
            one["op"],
            tuple(map(str, one["value"])) if one["op"] == "in" else str(one.get("value", "")),
        )
        for one in written
    )


def _conditions_json(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "op": one.op, "value": list(one.value) if isinstance(one.value, tuple) else one.value}
        for one in conditions
    ]


def _factor(written: Any) -> Decimal:
    found = Decimal(str(written))
    if not found.is_finite() or not found or abs(found.adjusted()) > 9:
        raise ValueError("times")
    return found


def _sound(rule: Rule) -> Iterator[tuple[str, bool]]:
    names = (rule.day, rule.attribution, rule.measure.field, rule.measure.of, rule.kind)
    yield "names", all(isinstance(one, str) for one in names)
    conditions = (*rule.filter, *rule.return_lines, *rule.measure.where)
    yield "filter", all(isinstance(one.field, str) and one.field and one.op in OPS for one in conditions)
    yield "filter", max(len(rule.filter), len(rule.return_lines), len(rule.measure.where)) <= MOST_CONDITIONS
    yield "measure", rule.measure.kind in MEASURES
    yield "measure", bool(rule.measure.field) or rule.measure.kind in ("count", "ratio")
    yield "measure", rule.measure.kind != "ratio" or bool(rule.measure.of or rule.measure.where)
    yield "day", bool(rule.day)
    yield "basis", rule.basis in BASES and 0 <= rule.settle_days <= MOST_SETTLE_DAYS
    yield "returns", rule.returns in RETURNS and (rule.returns == "none") == (not rule.return_lines)
    yield "attribution", bool(rule.attribution) or not rule.through
    yield "attribution", len(rule.through) <= MOST_LOOKUPS
    yield "kind", bool(rule.attribution) == bool(rule.kind)
