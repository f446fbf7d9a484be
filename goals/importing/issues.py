"""What a judgement says about a row: an action and reason codes with the words that fill their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    ACCEPT = "accept"
    WARN = "accept_with_warning"
    REJECT = "reject"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Issue:
    """One reason. `wording.sentence(issue)` says it in the reader's language."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


def action_for(issues: Iterable[Issue], *, rejecting: frozenset[str]) -> Action:
    """One rejecting code rejects the row; any other code is a warning."""
    action = Action.ACCEPT
    for issue in issues:
        if issue.code in rejecting:
            return Action.REJECT
        action = Action.WARN
    return action
