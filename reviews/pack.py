"""What a prep pack holds (product.md §4.1). Pure values, kept as JSON for good: a field may be added, never changed.

Figures and titles are as of the moment it was made; feedback stands in it as ids alone and is read where it stands.
Percentages are numbers of 0..100 with one decimal, days are ISO.
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class GoalLine:
    """`pace` is progress - expected in points; the counts are since the last interview. While the metric a goal's
    figure comes from is being checked (`is_held`) it has no pace and has not moved; `is_disputed`: somebody contests
    it."""

    public_id: str
    title: str
    health: str
    progress: float | None
    expected: float
    pace: float | None
    progress_then: float | None
    check_ins: int
    evidence: int
    stages: int
    is_held: bool = False
    is_disputed: bool = False


@dataclass(frozen=True)
class WordLine:
    word: str
    frequency: int
    givers: int
    is_wish: bool
    feedback_ids: list[int]


@dataclass(frozen=True)
class AxisLine:
    """A competency: how often it was praised and how often wished for, in these 90 days and in the 90 before."""

    name: str
    name_en: str
    positive: int
    constructive: int
    before: int


@dataclass(frozen=True)
class ClearItem:
    """Something to clear up. `kind`: feedback, action, promise, alert or dispute; `since` tells how long it has waited,
    `title` is empty where it would be somebody's words."""

    kind: str
    id: int
    since: str
    title: str = ""
    url_id: str = ""


@dataclass(frozen=True)
class Pack:
    """`since` is the day of the last interview, empty where there was none; then the period's beginning counts."""

    as_of: str
    since: str
    goals: list[GoalLine] = field(default_factory=list)
    words: list[WordLine] = field(default_factory=list)
    feedback_count: int = 0
    giver_count: int = 0
    radar: list[AxisLine] = field(default_factory=list)
    items: list[ClearItem] = field(default_factory=list)
    feedback_ids: list[int] = field(default_factory=list)  # of the 90 days, the latest last

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(kept: dict[str, Any]) -> Pack:
    """What was kept, also by an older release: what it does not name is as if there were none."""
    return Pack(
        as_of=kept["as_of"],
        since=kept.get("since", ""),
        goals=[GoalLine(**line) for line in kept.get("goals", [])],
        words=[WordLine(**line) for line in kept.get("words", [])],
        feedback_count=kept.get("feedback_count", 0),
        giver_count=kept.get("giver_count", 0),
        radar=[AxisLine(**line) for line in kept.get("radar", [])],
        items=[ClearItem(**line) for line in kept.get("items", [])],
        feedback_ids=kept.get("feedback_ids", []),
    )
