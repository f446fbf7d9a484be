"""When one owner's goals may be published as a set (product.md §2.1-2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COMPANY, DEPT, POSITION = "company", "dept", "position"

FULL_WEIGHT = Decimal(100)
MOST_OBSTACLES = 3

STAGES, CADENCE, RANGE = "stages_missing", "cadence_missing", "range_missing"

HINTS = frozenset({"too_few_goals"})
"""Codes the owner is told without being held back; every other code refuses the publication."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many goals one owner has on a layer: a setting of the tenant (3-5 / 5-8 / 3-5 by default)."""

    lower: int
    upper: int


DEFAULT_BOUNDS: Mapping[str, Bounds] = {COMPANY: Bounds(3, 5), DEPT: Bounds(5, 8), POSITION: Bounds(3, 5)}


@dataclass(frozen=True, slots=True)
class Parent:
    """The goal above that a draft names first."""

    key: str
    layer: str
    is_published: bool = True
    of_ancestor_unit: bool = False
    """A department goal whose unit lies above the unit of the draft's owner."""


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """What the rules look at. Weights are percentages; `evidence_source` says how a number will come to be
    ("the project is opened in week 42") where there is none yet."""

    key: str
    title: str
    layer: str
    weight: Decimal | None
    parent: Parent | None = None
    evidence_type: str = ""
    evidence_no: str = ""
    evidence_source: str = ""
    obstacles: Sequence[str] = ()
    lacks: str = ""
    """What its kind cannot go without (product.md §2.2): STAGES, CADENCE, RANGE or nothing."""
    unanswered: Sequence[str] = ()
    """Required extra fields of its template that nothing was said to, by label."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`goal` is the key of the goal concerned, None where it is the set; `params` fill the sentence of `code`."""

    code: str
    goal: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        return self.code not in HINTS

    @property
    def sentence(self) -> str:
        """What is missing and what to do about it, in the reader's language."""
        return str(SENTENCES[self.code]) % self.params


def publish_problems(goals: Sequence[GoalDraft], bounds: Mapping[str, Bounds]) -> list[Problem]:
    """Everything that stands between one owner's goals of one layer and period and their publication, hints included.

    The set comes first, then the goals in their order. Raises ValueError where the goals are of several layers.
    """
    if not goals:
        return [Problem("nothing_to_publish")]
    layers = {goal.layer for goal in goals}
    if len(layers) > 1:
        raise ValueError(f"goals of several layers are no set: {sorted(layers)}")
    return [*_set_problems(goals, bounds[goals[0].layer]), *(found for goal in goals for found in _goal_problems(goal))]


def may_publish(problems: Iterable[Problem]) -> bool:
    return not any(problem.refuses for problem in problems)


def _set_problems(goals: Sequence[GoalDraft], bounds: Bounds) -> Iterator[Problem]:
    if len(goals) > bounds.upper:
        yield Problem("too_many_goals", params={"count": str(len(goals)), "upper": str(bounds.upper)})
    elif len(goals) < bounds.lower:
        yield Problem("too_few_goals", params={"count": str(len(goals)), "lower": str(bounds.lower)})
    weights = sum((goal.weight or Decimal(0) for goal in goals), Decimal(0))
    if weights != FULL_WEIGHT:
        yield Problem("weights_not_100", params={"sum": f"{weights.normalize():f}"})


def _goal_problems(goal: GoalDraft) -> Iterator[Problem]:
    names = {"goal": goal.title or goal.key}
    if not goal.title.strip():
        yield Problem("title_missing", goal.key)
    if goal.weight is None or not 0 <= goal.weight <= FULL_WEIGHT:
        yield Problem("weight_missing", goal.key, names)
    if goal.lacks:
        yield Problem(goal.lacks, goal.key, names)
    for label in goal.unanswered:
        yield Problem("field_missing", goal.key, {**names, "field": label})
    if goal.layer == COMPANY:
        return
    if code := _alignment_problem(goal):
        yield Problem(code, goal.key, names)
    if not goal.evidence_type:
        yield Problem("evidence_type_missing", goal.key, names)
    elif not goal.evidence_no.strip() and not goal.evidence_source.strip():
        yield Problem("evidence_number_missing", goal.key, names)
    if goal.layer == POSITION:
        yield from _obstacle_problems(goal, names)


def _alignment_problem(goal: GoalDraft) -> str | None:
    parent = goal.parent
    if parent is None:
        return "alignment_missing"
    if goal.layer == POSITION and parent.layer != DEPT:
        return "alignment_not_to_unit"
    if goal.layer == DEPT and parent.layer != COMPANY and not (parent.layer == DEPT and parent.of_ancestor_unit):
        return "alignment_not_above_unit"
    return None if parent.is_published else "alignment_to_draft"


def _obstacle_problems(goal: GoalDraft, names: Mapping[str, str]) -> Iterator[Problem]:
    count = len({obstacle.strip() for obstacle in goal.obstacles} - {""})
    if count == 0:
        yield Problem("obstacles_missing", goal.key, names)
    elif count > MOST_OBSTACLES:
        yield Problem("obstacles_too_many", goal.key, {**names, "count": str(count), "most": str(MOST_OBSTACLES)})


SENTENCES: Mapping[str, Promise] = {
    "period_closed": _("The period is closed: nothing is published in it any more."),
    "nothing_to_publish": _("There is no goal to publish yet. Write the first one."),
    "too_many_goals": _(
        "There are %(count)s goals, at most %(upper)s are possible. Merge some or leave the least important out."
    ),
    "too_few_goals": _(
        "There are %(count)s goals, usually it is at least %(lower)s. You can publish them all the same."
    ),
    "weights_not_100": _("The weights add up to %(sum)s %%. Change them until the sum is 100 %%."),
    "title_missing": _("A goal has no title. Say in one sentence what is to be reached."),
    "weight_missing": _("“%(goal)s” has no weight between 0 and 100 %%. Give it one."),
    "stages_missing": _("“%(goal)s” goes by stages and has none yet. Write the first, with its day."),
    "cadence_missing": _("“%(goal)s” does not say how often it is done. Say how many times, and in what time."),
    "range_missing": _("“%(goal)s” is to be held within a range and names none. Say a lower or an upper limit."),
    "field_missing": _("“%(goal)s” does not say “%(field)s” yet. Fill it in."),
    "alignment_missing": _("“%(goal)s” does not say which goal above it supports. Choose that goal."),
    "alignment_not_to_unit": _(
        "“%(goal)s” must support a goal of a department. Choose one, of another department too."
    ),
    "alignment_not_above_unit": _(
        "“%(goal)s” must support a goal of the company or of a unit above its own. Choose one of these."
    ),
    "alignment_to_draft": _(
        "The goal that “%(goal)s” supports is not published yet. Publish that one first, or choose another."
    ),
    "evidence_type_missing": _("“%(goal)s” does not say what will prove it. Choose an evidence type."),
    "evidence_number_missing": _("“%(goal)s” has no evidence number. Enter it, or say how you will get one."),
    "obstacles_missing": _(
        "“%(goal)s” names no expected obstacle. Choose one to three, so that help can come in time."
    ),
    "obstacles_too_many": _("“%(goal)s” names %(count)s obstacles. Keep the %(most)s that matter most."),
}
