"""Which goals above a row supports (product.md §2.3; data rules, "Goals")."""

from __future__ import annotations

from goals.importing.goal_drafts import Draft
from goals.importing.issues import Issue
from goals.importing.known_goals import GoalIndex, KnownGoal
from goals.importing.owners import related
from goals.importing.words import COMPANY, DEPT, LAYER_ABOVE
from perfsys.imports.text import line


def find_parents(draft: Draft, index: GoalIndex) -> tuple[KnownGoal, ...]:
    """The goals it supports, the primary one first; () with an issue noted where they cannot be told."""
    layer, issues = draft.layer, draft.issues
    text, title = draft.parent_text, draft.parent_title
    if layer is None or layer == COMPANY:
        return ()
    if not text and not title:
        issues.append(Issue("parent_missing", {"above": LAYER_ABOVE[layer]}))
        return ()
    found = index.find(text) if text else [[]]
    if found == [[]] and title:
        found = index.find(title)
    given = {"parent": line(text or title)}
    if not all(found):
        issues.append(Issue("parent_not_found", given))
        return ()
    above = [[goal for goal in meant if _supports(draft, goal)] for meant in found]
    if not all(above):
        issues.append(Issue("parent_wrong_layer", {**given, "above": LAYER_ABOVE[layer]}))
        return ()
    nearest = [_nearest(meant, draft.owner.unit) for meant in above]
    if any(len(meant) > 1 for meant in nearest):
        issues.append(Issue("parent_ambiguous", given))
        return ()
    return tuple(dict.fromkeys(goal for (goal,) in nearest))


def _supports(draft: Draft, goal: KnownGoal) -> bool:
    """One layer up, or for a unit the goal of a unit above it (product.md §2.3)."""
    if goal.layer == LAYER_ABOVE[draft.layer or COMPANY]:
        return True
    return draft.layer == goal.layer == DEPT and (draft.owner.key or "").startswith(f"{goal.owner}/")


def _nearest(goals: list[KnownGoal], unit: str) -> list[KnownGoal]:
    """Of goals that share a title: the own unit's, else those of units above or below it, else all."""
    if len(goals) == 1 or not unit:
        return goals
    own = [goal for goal in goals if goal.owner == unit]
    return own or [goal for goal in goals if related(goal.owner, unit)] or goals
