"""The alignment match of a goal with the one above it, 0..100 (product.md §2.7). Pure.

Each part has points, applies or not, and says in words what it found and what would raise it. The match is the points
found over those of the parts that apply, so that a company without a connected source is not marked down for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.relevance import Relevance

WEAK_BELOW = Decimal(70)
FULL = Decimal(100)

RELEVANCE, EVIDENCE_RESOLVES, EVIDENCE_IS_RECENT, MEASURE, TIME, CONTRIBUTION = 40, 15, 10, 15, 10, 10
RECENT_DAYS = 28
SHARED_AT_LEAST, SHARED_AT_MOST = Decimal(60), Decimal(100)
NEAR_DAYS = 14  # as far as a goal may begin before the one above, or end after it
TIME_IN_PART = 5  # at least half of its days are those of the goal above
SURE_OF_MEANING = 70  # texts that fit so well make another kind of figure a hint alone

_PLACES = 6


class Part(StrEnum):
    RELEVANCE = "relevance"
    EVIDENCE = "evidence"
    MEASURE = "measure"
    TIME = "time"
    CONTRIBUTION = "contribution"


POINTS: Mapping[Part, int] = {
    Part.RELEVANCE: RELEVANCE,
    Part.EVIDENCE: EVIDENCE_RESOLVES + EVIDENCE_IS_RECENT,
    Part.MEASURE: MEASURE,
    Part.TIME: TIME,
    Part.CONTRIBUTION: CONTRIBUTION,
}

NAMES: Mapping[Part, Promise] = {
    Part.RELEVANCE: _("Meaning"),
    Part.EVIDENCE: _("Evidence"),
    Part.MEASURE: _("Measure"),
    Part.TIME: _("Time"),
    Part.CONTRIBUTION: _("Contribution"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`resolves`: type and number lead to a record in a connected system or to an attached proof. `latest_on` is the
    tenant-local day of the latest record."""

    source_connected: bool = False
    proof_attached: bool = False
    has_type: bool = False
    has_number: bool = False
    resolves: bool = False
    latest_on: date | None = None

    @property
    def can_be_asked_for(self) -> bool:
        return self.source_connected or self.proof_attached


@dataclass(frozen=True, slots=True)
class Measures:
    """Metric families; "" where a goal has no measure. A parent's may be several: its own and its key results'."""

    child_family: str = ""
    parent_families: Collection[str] = ()
    parent_has_key_results: bool = False
    names_key_result: bool = False

    @property
    def can_be_asked_for(self) -> bool:
        return self.parent_has_key_results or any(self.parent_families)


def names_one_of(results: Collection[str], *, title: str, measure: str) -> bool:
    """Whether a goal names a key result of the one above: it stands in its title or in its measure, in its own words.
    A single letter or character is no name, and "rate" is not named by "separate"."""
    said = [_even(title), _even(measure)]
    return any(_stands_in(_even(result), words) for result in results for words in said)


def _even(words: str) -> str:
    return " ".join(words.casefold().split())


def _stands_in(name: str, words: str) -> bool:
    """Latin words and figures have an end to be looked at, Chinese ones none."""
    before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", name) else ""
    after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", name) else ""
    return len(name) > 1 and re.search(before + re.escape(name) + after, words) is not None


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def holds(self, other: Span) -> bool:
        return self.first <= other.first and other.last <= self.last

    def shared_with(self, other: Span) -> int:
        """How many days are of both."""
        return max(0, (min(self.last, other.last) - max(self.first, other.first)).days + 1)

    def nearly_holds(self, other: Span) -> bool:
        """The two meet, and each end of `other` is inside, a few days off or in the same quarter."""
        near = timedelta(days=NEAR_DAYS)
        begins = other.first >= self.first - near or _quarter(other.first) == _quarter(self.first)
        ends = other.last <= self.last + near or _quarter(other.last) == _quarter(self.last)
        return begins and ends and self.shared_with(other) > 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A manager's word that the alignment is right, with the reason given."""

    by: str
    reason: str
    on: date


@dataclass(frozen=True, slots=True)
class AlignmentFacts:
    """What is known of one alignment on a day. `contribution` is this child's, None where nobody stated it;
    `siblings_sum` that of all children of the parent, this one included."""

    relevance: Relevance
    evidence: Evidence = field(default_factory=Evidence)
    measures: Measures = field(default_factory=Measures)
    child_span: Span | None = None
    parent_span: Span | None = None
    contribution: Decimal | None = None
    siblings_sum: Decimal = Decimal(0)
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence by its code, with what fills it."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code]) % self.params


@dataclass(frozen=True, slots=True)
class PartOfMatch:
    """`points` of `of`. A part that does not apply has neither, and its words say why it is not asked for."""

    part: Part
    applies: bool
    points: Decimal
    of: int
    words: tuple[str, ...]
    would_raise: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(NAMES[self.part])


@dataclass(frozen=True, slots=True)
class Match:
    """`worked_out` is the figure of the parts; `value` the one that counts: 100 where a manager confirmed."""

    worked_out: Decimal
    parts: tuple[PartOfMatch, ...]
    confirmation: Confirmation | None = None

    @property
    def value(self) -> Decimal:
        return FULL if self.confirmation else self.worked_out

    @property
    def shown(self) -> int:
        """Rounded down: what is shown as 70 is not weak."""
        return int(self.value.to_integral_value(ROUND_FLOOR))

    @property
    def is_weak(self) -> bool:
        return self.value < WEAK_BELOW

    @property
    def words(self) -> str:
        """What is to be said of the whole; empty where the parts say it."""
        if self.confirmation is None:
            return ""
        said = {"by": self.confirmation.by, "reason": self.confirmation.reason, "figure": f"{int(self.worked_out)}"}
        return Finding("confirmed", said).sentence


def alignment_match(facts: AlignmentFacts, *, today: date) -> Match:
    """The match on `today`, a day in the tenant's zone."""
    parts = (
        _relevance(facts.relevance),
        _evidence(facts.evidence, today),
        _measure(facts.measures, facts.relevance.score),
        _time(facts.child_span, facts.parent_span),
        _contribution(facts.contribution, facts.siblings_sum),
    )
    asked = sum(part.of for part in parts)
    found = sum((Fraction(part.points) for part in parts), Fraction(0))
    scaled = Decimal(round(found / asked * 100 * 10**_PLACES)).scaleb(-_PLACES)
    return Match(scaled.normalize() + Decimal(0), parts, facts.confirmation)


# --- parts ------------------------------------------------------------------------------------------------------------


def _relevance(relevance: Relevance) -> PartOfMatch:
    points = Decimal(RELEVANCE * relevance.score) / 100
    advice = tuple(dict.fromkeys(reason.advice for reason in relevance.reasons if reason.advice))
    words = tuple(reason.sentence for reason in relevance.reasons)
    return PartOfMatch(Part.RELEVANCE, True, points, RELEVANCE, words, advice)


def _evidence(evidence: Evidence, today: date) -> PartOfMatch:
    if not evidence.can_be_asked_for:
        return _not_asked(Part.EVIDENCE, "evidence_not_asked", "evidence_connect")
    points, codes, raises = 0, [], []
    # Half a number is none: a type alone, or a number of no type, leads to no record.
    if evidence.resolves and evidence.has_type and evidence.has_number:
        points += EVIDENCE_RESOLVES
        codes.append("evidence_found")
    elif not evidence.has_type or not evidence.has_number:
        codes.append("evidence_unnamed")
        raises.append("evidence_name")
    else:
        codes.append("evidence_not_found")
        raises.append("evidence_check")
    if evidence.latest_on and today - timedelta(days=RECENT_DAYS) <= evidence.latest_on <= today:
        points += EVIDENCE_IS_RECENT
        codes.append("evidence_recent")
    else:
        codes.append("evidence_old")
        raises.append("evidence_add")
    return _part(Part.EVIDENCE, points, codes, raises)


def _measure(measures: Measures, relevance: int) -> PartOfMatch:
    if not measures.can_be_asked_for:
        return _not_asked(Part.MEASURE, "measure_not_asked", "measure_above")
    if measures.names_key_result and measures.parent_has_key_results:
        return _part(Part.MEASURE, MEASURE, ["measure_key_result"], [])
    if measures.child_family and measures.child_family in measures.parent_families:
        return _part(Part.MEASURE, MEASURE, ["measure_same"], [])
    raises = "measure_name_key_result" if measures.parent_has_key_results else "measure_choose"
    # What moves a goal is seldom counted like it: inspection time moves complaints. Where the texts tell that it does,
    # they speak for the figure too.
    if measures.child_family and any(measures.parent_families) and relevance >= SURE_OF_MEANING:
        points = Decimal(MEASURE * relevance) / 100
        advice = (Finding(raises).sentence,) if points < MEASURE else ()
        return PartOfMatch(Part.MEASURE, True, points, MEASURE, (Finding("measure_other_fits").sentence,), advice)
    found = "measure_other" if measures.child_family else "measure_none"
    return _part(Part.MEASURE, 0, [found], [raises])


def _time(child: Span | None, parent: Span | None) -> PartOfMatch:
    if child is None or parent is None:
        return _not_asked(Part.TIME, "time_not_asked")
    if parent.holds(child):
        return _part(Part.TIME, TIME, ["time_inside"], [])
    if parent.nearly_holds(child):
        return _part(Part.TIME, TIME, ["time_near"], [])
    if 2 * parent.shared_with(child) >= child.days:
        return _part(Part.TIME, TIME_IN_PART, ["time_half"], ["time_move"])
    late = child.last > parent.last
    return _part(Part.TIME, 0, ["time_late" if late else "time_early"], ["time_move"])


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def _contribution(stated: Decimal | None, siblings_sum: Decimal) -> PartOfMatch:
    if stated is None:
        return _not_asked(Part.CONTRIBUTION, "contribution_not_asked")
    said = {"sum": f"{siblings_sum.normalize():f}"}
    if SHARED_AT_LEAST <= siblings_sum <= SHARED_AT_MOST:
        return _part(Part.CONTRIBUTION, CONTRIBUTION, ["contribution_fits"], [], said)
    if siblings_sum > SHARED_AT_MOST:
        return _part(Part.CONTRIBUTION, 0, ["contribution_much"], ["contribution_lower"], said)
    return _part(Part.CONTRIBUTION, 0, ["contribution_little"], ["contribution_raise"], said)


def _part(
    part: Part, points: int, found: list[str], raises: list[str], params: Mapping[str, str] | None = None
) -> PartOfMatch:
    words = tuple(Finding(code, params or {}).sentence for code in found)
    return PartOfMatch(
        part, True, Decimal(points), POINTS[part], words, tuple(Finding(code).sentence for code in raises)
    )


def _not_asked(part: Part, found: str, *raises: str) -> PartOfMatch:
    return PartOfMatch(
        part, False, Decimal(0), 0, (Finding(found).sentence,), tuple(Finding(code).sentence for code in raises)
    )


SENTENCES: Mapping[str, Promise] = {
    "confirmed": _(
        "%(by)s confirmed this alignment, so it counts as 100: “%(reason)s”. Its parts alone come to %(figure)s."
    ),
    "evidence_not_asked": _("Not counted: no system is connected and no proof is attached."),
    "evidence_connect": _("Attach a proof, or ask for the system to be connected that holds it."),
    "evidence_found": _("The evidence number leads to its record."),
    "evidence_unnamed": _("Evidence type or number is missing."),
    "evidence_name": _("Enter evidence type and number."),
    "evidence_not_found": _("Nothing was found under this evidence number."),
    "evidence_check": _("Check the evidence number, or attach the proof itself."),
    "evidence_recent": _("There is a record of the last 28 days."),
    "evidence_old": _("No record is from the last 28 days."),
    "evidence_add": _("Add the latest record."),
    "measure_not_asked": _("Not counted: the goal above has neither a measure nor key results."),
    "measure_above": _("Ask for a measure on the goal above."),
    "measure_key_result": _("It names the key result above that it moves."),
    "measure_same": _("Both are measured by the same kind of figure."),
    "measure_other": _("It is measured by another kind of figure than the goal above."),
    "measure_other_fits": _(
        "It is measured by another kind of figure than the goal above; the texts fit well and speak for it."
    ),
    "measure_none": _("It has no measure of its own."),
    "measure_name_key_result": _("Name the key result above that it moves."),
    "measure_choose": _("Choose a measure of the kind the goal above has."),
    "time_not_asked": _("Not counted: one of the two goals has no dates."),
    "time_inside": _("It lies within the time of the goal above."),
    "time_near": _("It lies within the time of the goal above, but for a few days or within the same quarter."),
    "time_half": _("At least half of its days lie within the time of the goal above."),
    "time_late": _("It ends after the goal above."),
    "time_early": _("It begins before the goal above."),
    "time_move": _("Move its dates into those of the goal above."),
    "contribution_not_asked": _("Not counted: no contribution is stated yet."),
    "contribution_fits": _("The supporting goals carry %(sum)s %% of the goal above together."),
    "contribution_little": _("The supporting goals carry only %(sum)s %% of the goal above together."),
    "contribution_raise": _("State what is missing, or add a goal that carries it: 60 to 100 %% is right."),
    "contribution_much": _("The supporting goals claim %(sum)s %% of the goal above together."),
    "contribution_lower": _("Agree on lower contributions: 60 to 100 %% is right."),
}
