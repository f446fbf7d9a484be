"""Two figures that should agree, day by day (product.md §5.6). Pure: no database, no clock.

`a` is the figure checked, `b` what it is checked against. Amounts are exact decimals in the figures' own unit; a
subject is whatever tells one person, unit or region from another, and None the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

Subject = Hashable | None
Figures = Mapping[tuple[date, Subject], Decimal]

ZERO = Decimal(0)
PERCENT = Decimal("0.0001")  # what a relative difference is shown to; it is judged exactly


class Side(StrEnum):
    A = "a"
    B = "b"


class Verdict(StrEnum):
    AGREES = "agrees"
    OVER = "over"
    MISSING_SIDE = "missing_side"  # one of them has a figure for this subject, the other none, and none is not nought
    LOST_DAY = "lost_day"  # nothing of that day came from one of them
    NOT_DUE = "not_due"


TO_HOLD = frozenset({Verdict.OVER, Verdict.MISSING_SIDE, Verdict.LOST_DAY})
"""What stops automatic scoring until a person has looked."""


class CauseKind(StrEnum):
    ATTRIBUTION = "attribution"  # counted for another subject by the other side's rule
    RETURNS = "returns"
    UNSETTLED = "unsettled"  # in `a`, and not in the settled figure: cancelled, or settled later
    ONLY_A = "only_a"
    ONLY_B = "only_b"
    AMOUNTS = "amounts"  # the same record on both sides with another amount
    MISSING_DAY = "missing_day"


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of one subject on one day. `percent` is signed, None where the base is nought or nothing is
    compared; `lost` the side that is missing on a lost day or without a figure."""

    on: date
    subject: Subject
    a: Decimal | None
    b: Decimal | None
    difference: Decimal | None
    percent: Decimal | None
    verdict: Verdict
    lost: Side | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pair is compared. `has_reference`: `b` is the base of the percentage, else the larger of the two.
    `empty_is_nought`: a subject without a row counts as nought (sums and counts), not as unknown (means, ratios)."""

    tolerance: Decimal = Decimal(5)
    has_reference: bool = True
    empty_is_nought: bool = True


@dataclass(frozen=True, slots=True)
class DayState:
    """Whether a day can be compared: with `verdict` None it can."""

    verdict: Verdict | None = None
    lost: Side | None = None


def compare(on: date, subject: Subject, a: Decimal | None, b: Decimal | None, terms: Terms) -> Line:
    """Over means strictly over; against a base of nought every difference is over."""
    if terms.empty_is_nought:
        a, b = a or ZERO, b or ZERO
    if a is None or b is None:
        return Line(on, subject, a, b, None, None, Verdict.MISSING_SIDE, Side.A if a is None else Side.B)
    difference = a - b
    base = abs(b) if terms.has_reference else max(abs(a), abs(b))
    is_over = abs(difference) * 100 > terms.tolerance * base
    percent = (difference * 100 / base).quantize(PERCENT, ROUND_HALF_EVEN) if base else None
    return Line(on, subject, a, b, difference, percent, Verdict.OVER if is_over else Verdict.AGREES)


def state_of_day(on: date, *, has_a: bool, has_b: bool, due_a: date, due_b: date) -> DayState | None:
    """None where neither has anything of a day that is due: a day nobody worked is not a lost one. `due_a` and `due_b`
    are the last days that each of the figures can be asked for."""
    if on > min(due_a, due_b):
        return DayState(Verdict.NOT_DUE)
    if not has_a and not has_b:
        return None
    if not has_a or not has_b:
        return DayState(Verdict.LOST_DAY, Side.B if has_a else Side.A)
    return DayState()


def last_due(as_of: date, *, settle_days: int) -> date:
    """The last day that is settled on `as_of`: T+2 of the 18th comes with the batch of the 20th."""
    return as_of - timedelta(days=settle_days)


def lines_of_day(
    on: date, state: DayState, a: Mapping[Subject, Decimal], b: Mapping[Subject, Decimal], terms: Terms
) -> Iterator[Line]:
    """The line of the whole first, where both know the whole, then one for each subject that either side names. A day
    that cannot be compared is one line, of the whole."""
    if state.verdict is not None:
        yield Line(on, None, None, None, None, None, state.verdict, state.lost)
        return
    if None in a or None in b:
        yield compare(on, None, a.get(None), b.get(None), terms)
    for subject in sorted((set(a) | set(b)) - {None}, key=str):
        yield compare(on, subject, a.get(subject), b.get(subject), terms)


def days_of(first: date, last: date) -> Iterator[date]:
    """Both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# --- where a difference comes from ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record adds to a figure. `match` is the number both systems know it by ("" where none is declared);
    `moved_to` the subject it would count for by the other side's rule of attribution (the same where both agree or
    nobody can tell). `returned` is what was taken off within the record itself; `amount` is without it."""

    ref: str
    match: str
    subject: Subject
    moved_to: Subject
    amount: Decimal
    is_return: bool = False
    returned: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.amount + self.returned


@dataclass(frozen=True, slots=True)
class Cause:
    """`amount` is its share of the difference a - b, and all causes together are the difference. `a` and `b` are the
    records behind it, by `Entry.ref`."""

    kind: CauseKind
    amount: Decimal
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()


def moved_as_matched(a: Iterable[Entry], b: Iterable[Entry]) -> list[Entry]:
    """Entries of `a` whose counterpart in `b` counts for another subject count there by its rule, whatever a rule by
    field names says: one name may mean the address of delivery in one system and that of registration in the other."""
    known: dict[str, set[Subject]] = {}
    for one in b:
        if one.match:
            known.setdefault(one.match, set()).add(one.subject)
    found = []
    for one in a:
        of_it = known.get(one.match, set())
        is_told = one.moved_to == one.subject and len(of_it) == 1
        found.append(replace(one, moved_to=next(iter(of_it))) if is_told else one)
    return found


def causes(a: Iterable[Entry], b: Iterable[Entry], subject: Subject, *, b_is_settled: bool) -> list[Cause]:
    """Of the entries of a day, what makes `subject` differ: first what one side counts elsewhere, then returns, then
    the records that only one side has and those whose amounts differ. The largest first; causes of nought are left
    out unless records stand behind them. For the whole (None) nothing is counted elsewhere."""
    mine_a = [one for one in a if subject is None or subject in (one.subject, one.moved_to)]
    mine_b = [one for one in b if subject is None or one.subject == subject]
    found = [_attribution(mine_a, subject)] if subject is not None else []
    stays = [one for one in mine_a if subject is None or one.moved_to == subject]
    found.append(_returns(stays, mine_b))
    found += _by_record([e for e in stays if not e.is_return], [e for e in mine_b if not e.is_return], b_is_settled)
    told = [one for one in found if one.amount or one.a or one.b]
    return sorted(told, key=lambda one: (-abs(one.amount), one.kind))


def _attribution(entries: Sequence[Entry], subject: Subject) -> Cause:
    moved = [one for one in entries if one.subject != one.moved_to]
    amount = sum((one.amount if one.subject == subject else -one.amount for one in moved), ZERO)
    return Cause(CauseKind.ATTRIBUTION, amount, a=tuple(one.ref for one in moved))


def _returns(a: Sequence[Entry], b: Sequence[Entry]) -> Cause:
    """Whole records of returns, and what was taken off within others."""
    back_a, back_b = ([one for one in side if one.is_return or one.returned] for side in (a, b))
    amount = sum(map(_taken_off, back_b), ZERO) - sum(map(_taken_off, back_a), ZERO)
    return Cause(CauseKind.RETURNS, amount, tuple(e.ref for e in back_a), tuple(e.ref for e in back_b))


def _taken_off(entry: Entry) -> Decimal:
    return -entry.amount if entry.is_return else entry.returned


def _by_record(a: Sequence[Entry], b: Sequence[Entry], b_is_settled: bool) -> Iterator[Cause]:
    """Records are matched by the number both know; several of one number are taken together, before returns."""
    here, there = _by_match(a), _by_match(b)
    only_a = [one for match, of_it in here.items() if match not in there for one in of_it]
    only_b = [one for match, of_it in there.items() if match not in here for one in of_it]
    kind = CauseKind.UNSETTLED if b_is_settled else CauseKind.ONLY_A
    yield Cause(kind, _total(only_a), a=tuple(one.ref for one in only_a))
    yield Cause(CauseKind.ONLY_B, -_total(only_b), b=tuple(one.ref for one in only_b))
    differing = [match for match in here if match in there and _total(here[match]) != _total(there[match])]
    yield Cause(
        CauseKind.AMOUNTS,
        sum((_total(here[match]) - _total(there[match]) for match in differing), ZERO),
        tuple(one.ref for match in differing for one in here[match]),
        tuple(one.ref for match in differing for one in there[match]),
    )


def _by_match(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Without a number all are one: then only their totals can be told apart."""
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.match, []).append(one)
    return found


def _total(entries: Sequence[Entry]) -> Decimal:
    return sum((one.gross for one in entries), ZERO)


# --- contracts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contract:
    """What a definition promises, as far as two can be held against each other. `attribution` is the way to whom a
    record is put down to, `filter` which records count."""

    unit_of_measure: str
    measure: str
    subject_kind: str
    basis: str
    settle_days: int
    returns: str
    attribution: Any
    filter: Any = None


@dataclass(frozen=True, slots=True)
class Unequal:
    """A field of the two contracts that differs. `stops`: figures of such contracts cannot be compared at all."""

    name: str
    a: Any
    b: Any
    stops: bool = False


ADDITIVE = frozenset({"sum", "count"})
LIKELY = {
    "attribution": CauseKind.ATTRIBUTION,
    "returns": CauseKind.RETURNS,
    "basis": CauseKind.UNSETTLED,
    "settle_days": CauseKind.UNSETTLED,
}
"""The cause that an unequal field makes likely, before any row is looked at."""


def unequal(a: Contract, b: Contract, *, by_subject: bool) -> list[Unequal]:
    """Those that stop the comparison first. The kind of subject matters only where subjects are compared."""
    names = ("unit_of_measure", "measure", "subject_kind", "basis", "settle_days", "returns", "attribution", "filter")
    stops = {"unit_of_measure", "measure"} | ({"subject_kind"} if by_subject else set())
    found = [
        Unequal(name, getattr(a, name), getattr(b, name), name in stops)
        for name in names
        if getattr(a, name) != getattr(b, name) and not (name == "subject_kind" and not by_subject)
    ]
    return sorted(found, key=lambda one: not one.stops)


def summed(figures: Iterable[tuple[Subject, Decimal]]) -> dict[Subject, Decimal]:
    """By subject, over any days."""
    total: dict[Subject, Decimal] = {}
    for subject, amount in figures:
        total[subject] = total.get(subject, ZERO) + amount
    return total


def over_a_range(lines: Collection[Line], terms: Terms, *, on: date) -> dict[Subject, Line]:
    """Each subject over all compared days together, judged like a day; `on` stands for the range."""
    compared = [one for one in lines if one.difference is not None]
    a = summed((one.subject, one.a or ZERO) for one in compared)
    b = summed((one.subject, one.b or ZERO) for one in compared)
    return {subject: compare(on, subject, a[subject], b[subject], terms) for subject in a}
