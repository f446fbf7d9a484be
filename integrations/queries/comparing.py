"""The days of a pair, compared as its figures stand now (product.md §5.6). Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integrations.metrics import EXACT, PLACES, Figure
from integrations.models import ReconciliationPair
from integrations.reconciling import (
    Cause,
    CauseKind,
    DayState,
    Entry,
    Line,
    Side,
    Subject,
    Terms,
    Unequal,
    Verdict,
    causes,
    last_due,
    lines_of_day,
    moved_as_matched,
    state_of_day,
    unequal,
)

from .sides import DAY, WHOLE, Asked, MetricSide, Named, sides_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A line with the name of its subject, and where its difference comes from."""

    line: Line
    named: Named
    causes: Sequence[Cause] = ()


class Comparison:
    """A pair, ready to compare days as of a day. `a` and `b` of the pair are loaded."""

    def __init__(self, pair: ReconciliationPair, *, as_of: date) -> None:
        self.pair, self.as_of = pair, as_of
        self.a, self.b = sides_of(pair)
        self._spans = {side: side.span(as_of) for side in (self.a, self.b)}

    @property
    def terms(self) -> Terms:
        is_additive = self.a.is_additive and self.b.is_additive
        return Terms(self.pair.tolerance, self.pair.has_reference, empty_is_nought=is_additive)

    @property
    def written_terms(self) -> dict[str, Any]:
        """What a comparison depends on beside the figures; as it is kept with a run."""
        return {
            "pair": self.pair.version,
            "a": [one.pk for one in self.a.versions],
            "b": [one.pk for one in self.b.versions],
            "links": self.a.links + self.b.links,
        }

    def unequal(self, on: date) -> list[Unequal]:
        a, b = self.a.contract(on), self.b.contract(on)
        return unequal(a, b, by_subject=self.pair.by_subject) if a and b else []

    @property
    def span(self) -> tuple[date, date] | None:
        """From the first day that either has a figure to the day it is compared as of."""
        known = [span for span in self._spans.values() if span]
        return (min(first for first, _last in known), self.as_of) if known else None

    def days(self, days: Sequence[date]) -> Iterator[tuple[date, list[Compared]]]:
        """Each with its lines: none for a day that neither side knows."""
        figures = self.a.figures(days), self.b.figures(days)
        states = {on: self._state(on, bool(figures[0].get(on)), bool(figures[1].get(on))) for on in days}
        entries = self._entries([on for on, state in states.items() if state is not None and state.verdict is None])
        for on in days:
            state, a, b = states[on], figures[0].get(on, {}), figures[1].get(on, {})
            yield on, [] if state is None else list(self._lines(on, state, a, b, entries.get(on, ([], []))))

    def entries(self, on: date) -> tuple[list[Entry], list[Entry]]:
        """What each record of a day adds to either side."""
        return self._entries([on]).get(on, ([], []))

    def causes(self, entries: tuple[list[Entry], list[Entry]], key: str) -> list[Cause]:
        settled = any(self.b.rule(one).basis == "settled" for one in self.b.versions)
        return causes(*entries, key or None, b_is_settled=settled)

    def _state(self, on: date, has_a: bool, has_b: bool) -> DayState | None:
        stops = {one.name for one in self.unequal(on) if one.stops}
        if stops - {"subject_kind"}:
            return None  # figures of such calibers say nothing about each other
        return state_of_day(on, has_a=has_a, has_b=has_b, due_a=self._due(self.a, on), due_b=self._due(self.b, on))

    def _due(self, side: MetricSide, on: date) -> date:
        """The last day that counts as lost when nothing came: the newest may still be on its way, unless a later one
        has come already."""
        last = last_due(self.as_of, settle_days=side.settle_days(on))
        span = self._spans[side]
        return min(last, max(span[1], last - DAY)) if span else last - DAY

    def _entries(self, days: Sequence[date]) -> dict[date, tuple[list[Entry], list[Entry]]]:
        if not (self.a.is_additive and self.b.is_additive):
            return {}
        a = self.a.entries(days, Asked(self.pair.match_a, self.pair.returned_a), self.b)
        b = self.b.entries(days, Asked(self.pair.match_b, self.pair.returned_b), self.a)
        return {on: (moved_as_matched(a.get(on, ()), b.get(on, ())), b.get(on, [])) for on in days}

    def _lines(
        self,
        on: date,
        state: DayState,
        a: Mapping[Named, Figure],
        b: Mapping[Named, Figure],
        entries: tuple[list[Entry], list[Entry]],
    ) -> Iterator[Compared]:
        names = {named.key: named for named in (*b, *a)} | {"": WHOLE}
        wanted = self._wanted(on)
        amounts = _amounts(a, wanted), _amounts(b, wanted)
        for line in lines_of_day(on, state, *amounts, self.terms):
            key = str(line.subject or "")
            found: list[Cause] = []
            if line.verdict == Verdict.LOST_DAY:
                there = (b if line.lost == Side.A else a).get(WHOLE)
                found = [Cause(CauseKind.MISSING_DAY, there.amount)] if there and there.amount is not None else []
            elif line.difference:
                found = self.causes(entries, key)
            yield Compared(line, names[key], found)

    def _wanted(self, on: date) -> bool:
        """Whether subjects can be held against each other, or only the whole."""
        return self.pair.by_subject and not any(one.stops for one in self.unequal(on))


def _amounts(figures: Mapping[Named, Figure], by_subject: bool) -> dict[Subject, Decimal]:
    """By key, the whole under None; without those that have nothing to divide by. To the places that a line keeps, so
    that a quotient is the same when it is compared again."""
    found: dict[Subject, Decimal] = {}
    for named, figure in figures.items():
        if figure.amount is not None and (by_subject or named == WHOLE):
            found[named.key or None] = figure.amount.quantize(PLACES, ROUND_HALF_UP, context=EXACT)
    return found
