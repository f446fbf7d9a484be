"""The eight norms a figure should keep before people are judged by it (product.md §5.8): met or not, from facts alone.

Pure: no database, no clock. Nobody ticks a norm; each is judged by what happened, and by why it was judged so.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

RECENT = timedelta(days=7)
"""How long ago two figures may last have been compared: a source that rests over a holiday gives nothing to compare."""


class Norm(StrEnum):
    """In the order they are shown."""

    FIELDS = "fields"
    HEALTH = "health"
    CHANGES = "changes"
    INTERPRETER = "interpreter"
    OWNER = "owner"
    ALARM = "alarm"
    RECONCILED = "reconciled"
    DISPUTES = "disputes"


class Because(StrEnum):
    """Why a norm is met or not; `integrations.governance_words` has the sentence and the next step of each."""

    SIGNED = "signed"
    NO_VERSION = "no_version"
    NOT_SIGNED = "not_signed"
    HEALTHY = "healthy"
    NOT_ON = "not_on"
    NEVER_READ = "never_read"
    LATE = "late"
    GAPS_OPEN = "gaps_open"
    FIRST_VERSION = "first_version"
    ANNOUNCED = "announced"
    NOT_ANNOUNCED = "not_announced"
    NAMED = "named"
    HAS_LEFT = "has_left"
    TRIED = "tried"
    NO_RETRY = "no_retry"
    NO_ALARM = "no_alarm"
    NEITHER = "neither"
    COMPARED = "compared"
    NO_PAIR = "no_pair"
    PAIR_OFF = "pair_off"
    NOT_COMPARED = "not_compared"
    OPEN = "open"
    OPEN_TO_PARTNERS = "open_to_partners"
    NO_ACCOUNT = "no_account"
    NOBODY_DECIDES = "nobody_decides"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who answers for something; whether they still work here, and can sign in."""

    name: str
    works_here: bool = True
    has_account: bool = True


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version that counts or counted. `announced_on` is a day of the tenant's; `missing` the sides that have not
    signed."""

    number: int
    effective_on: date
    announced_on: date
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """The connection a metric is made of. `missed_at` is a due time that nothing was read at or after, long enough ago
    to be late. `carried_on_at` is when a run that had been put off came to its end, `told_at` when somebody was told
    that something had not come; None where that never happened."""

    name: str
    is_on: bool
    read_at: datetime | None = None
    missed_at: datetime | None = None
    open_gaps: int = 0
    carried_on_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PairFacts:
    """A pair that compares the metric with `other`. `compared_at` is when a run of it last ended."""

    other: str
    is_on: bool
    compared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """`versions` that were announced and have begun, the oldest first: the last one is in force. `has_partners`: there
    is an HR partner or an administrator to decide what its owner cannot, within `work_days`."""

    owner: Named
    interpreter: Named
    versions: Sequence[VersionFacts] = ()
    connection: ConnectionFacts | None = None
    pairs: Sequence[PairFacts] = ()
    has_partners: bool = True
    work_days: int = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` fill the sentence."""

    norm: Norm
    is_met: bool
    because: Because
    words: Mapping[str, object]


def findings(facts: MetricFacts, *, now: datetime) -> list[Finding]:
    """One for each norm, in their order."""
    return [judge(norm, facts, now) for norm, judge in JUDGES.items()]


def met(found: Collection[Finding]) -> int:
    return sum(one.is_met for one in found)


def _fields(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    if not facts.versions:
        return Finding(norm, False, Because.NO_VERSION, {})
    current = facts.versions[-1]
    words = {"number": current.number, "on": current.effective_on}
    if current.missing:
        return Finding(norm, False, Because.NOT_SIGNED, {**words, "sides": tuple(current.missing)})
    return Finding(norm, True, Because.SIGNED, words)


def _health(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    source = facts.connection
    if source is None:
        return Finding(norm, False, Because.NO_VERSION, {})
    words = {"source": source.name}
    if not source.is_on:
        return Finding(norm, False, Because.NOT_ON, words)
    if source.read_at is None:
        return Finding(norm, False, Because.NEVER_READ, words)
    if source.open_gaps:
        return Finding(norm, False, Because.GAPS_OPEN, {**words, "number": source.open_gaps})
    if source.missed_at is not None:
        return Finding(norm, False, Because.LATE, {**words, "at": source.missed_at})
    return Finding(norm, True, Because.HEALTHY, {**words, "at": source.read_at})


def _changes(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    """The first version changes nothing, so it may begin in the past; the last change is told before its day."""
    if not facts.versions:
        return Finding(norm, False, Because.NO_VERSION, {})
    last = facts.versions[-1]
    words = {"number": last.number, "on": last.effective_on, "told_on": last.announced_on}
    if len(facts.versions) == 1:
        return Finding(norm, True, Because.FIRST_VERSION, words)
    is_told = last.announced_on < last.effective_on
    return Finding(norm, is_told, Because.ANNOUNCED if is_told else Because.NOT_ANNOUNCED, words)


def _interpreter(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    return _named(norm, facts.interpreter)


def _owner(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    return _named(norm, facts.owner)


def _named(norm: Norm, person: Named) -> Finding:
    because = Because.NAMED if person.works_here else Because.HAS_LEFT
    return Finding(norm, person.works_here, because, {"name": person.name})


def _alarm(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    """Both have been seen to work on this very connection: a promise that they would is no fact."""
    source = facts.connection
    if source is None:
        return Finding(norm, False, Because.NO_VERSION, {})
    words = {"source": source.name, "at": source.carried_on_at, "told_at": source.told_at}
    if source.carried_on_at is None and source.told_at is None:
        return Finding(norm, False, Because.NEITHER, words)
    if source.carried_on_at is None:
        return Finding(norm, False, Because.NO_RETRY, words)
    if source.told_at is None:
        return Finding(norm, False, Because.NO_ALARM, words)
    return Finding(norm, True, Because.TRIED, words)


def _reconciled(norm: Norm, facts: MetricFacts, now: datetime) -> Finding:
    """By the pair that was compared last, of those that are on."""
    if not facts.pairs:
        return Finding(norm, False, Because.NO_PAIR, {})
    on = [one for one in facts.pairs if one.is_on]
    if not on:
        return Finding(norm, False, Because.PAIR_OFF, {"other": facts.pairs[0].other})
    compared = [(one.compared_at, one.other) for one in on if one.compared_at is not None]
    if not compared:
        return Finding(norm, False, Because.NOT_COMPARED, {"other": on[0].other, "at": None})
    at, other = max(compared)
    is_recent = now - at <= RECENT
    because = Because.COMPARED if is_recent else Because.NOT_COMPARED
    return Finding(norm, is_recent, because, {"other": other, "at": at})


def _disputes(norm: Norm, facts: MetricFacts, _now: datetime) -> Finding:
    """What is contested goes to the owner who works here, whether they can open it or not; else to the claimant's HR
    partner or an administrator."""
    words = {"name": facts.owner.name, "days": facts.work_days}
    if facts.owner.works_here:
        because = Because.OPEN if facts.owner.has_account else Because.NO_ACCOUNT
        return Finding(norm, facts.owner.has_account, because, words)
    because = Because.OPEN_TO_PARTNERS if facts.has_partners else Because.NOBODY_DECIDES
    return Finding(norm, facts.has_partners, because, words)


JUDGES: Mapping[Norm, Callable[[Norm, MetricFacts, datetime], Finding]] = {
    Norm.FIELDS: _fields,
    Norm.HEALTH: _health,
    Norm.CHANGES: _changes,
    Norm.INTERPRETER: _interpreter,
    Norm.OWNER: _owner,
    Norm.ALARM: _alarm,
    Norm.RECONCILED: _reconciled,
    Norm.DISPUTES: _disputes,
}
