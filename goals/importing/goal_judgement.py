"""What judging a goal file ends in: rows with their action, reasons and values, and the sets that do not add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from goals.importing.issues import Action, Issue
from goals.importing.words import LAYERS

Limits = Mapping[str, tuple[int, int]]
"""Layer -> least and most goals of one owner."""

REJECTING = frozenset(
    {
        "title_missing",
        "title_too_long",
        "goal_no_too_long",
        "layer_unknown",
        "owner_missing",
        "owner_not_found",
        "owner_ambiguous",
        "duplicate_goal_no",
        "duplicate_goal",
        "parent_missing",
        "parent_not_found",
        "parent_ambiguous",
        "parent_wrong_layer",
        "target_negative",
        "due_out_of_period",
    }
)
"""Codes that keep a row out; every other code is a warning on a row that goes in."""

# The order in which a row's reasons are told: the data rules' own, then what they do not name.
_ORDER = (
    "parent_missing",
    "parent_not_found",
    "parent_wrong_layer",
    "target_negative",
    "due_out_of_period",
    "duplicate_goal_no",
    "owner_not_found",
    "obstacle_missing",
    "obstacle_too_many",
    "percent_scaled",
)
_RANK = {code: rank for rank, code in enumerate(_ORDER)}


def in_order(issues: list[Issue]) -> tuple[Issue, ...]:
    return tuple(sorted(issues, key=lambda issue: _RANK.get(issue.code, len(_RANK))))


@dataclass(frozen=True, slots=True)
class GoalValues:
    """What a good row says. Percentages are 0..100, money in 10,000 yuan, labour in heads and hours."""

    layer: str
    owner: str
    """As shown: an employee number, a unit's name, the company's short name."""
    owner_key: str
    """As looked up: an employee number, a unit's path, "" for the company."""
    title: str
    parent: str | None
    """The key of the goal it supports first."""
    further_parents: tuple[str, ...]
    weight: Decimal | None
    core: bool
    measure: str
    target: Decimal | None
    unit: str
    direction: str | None
    """raise or lower where the target's cell or the goal's wording says so."""
    evidence_type: str
    """The file's own word; `evidence_kind` is the type of product.md §2.3 it means, None where that is unclear."""
    evidence_kind: str | None
    evidence_no: str
    budget_wan: Decimal
    headcount: Decimal
    hours: Decimal
    due: date | None
    obstacles: tuple[str, ...]
    status: str
    extra: tuple[tuple[str, str], ...] = ()
    """What its columns of extra fields hold, by name of the column; judged by `extra_answers`."""

    def as_json(self) -> dict[str, object]:
        return {
            "layer": self.layer,
            "owner": self.owner,
            "title": self.title,
            "parent": self.parent,
            "weight": _plain(self.weight),
            "core": self.core,
            "measure": self.measure,
            "target": None if self.target is None else float(self.target),
            "unit": self.unit,
            "evidence_type": self.evidence_type,
            "evidence_no": self.evidence_no,
            "budget_wan": _plain(self.budget_wan),
            "headcount": _plain(self.headcount),
            "hours": _plain(self.hours),
            "due": self.due.isoformat() if self.due else None,
            "obstacles": list(self.obstacles),
            "status": self.status,
        }

    def as_record(self) -> dict[str, object]:
        """Everything, as JSON: `as_json` and what an import needs beside it. `from_record` is the way back."""
        return {
            **self.as_json(),
            "owner_key": self.owner_key,
            "further_parents": list(self.further_parents),
            "target": None if self.target is None else f"{self.target:f}",
            "direction": self.direction,
            "evidence_kind": self.evidence_kind,
            "extra": [list(one) for one in self.extra],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> GoalValues:
        figures = {name: _decimal(record[name]) for name in ("weight", "target")}
        resources = {name: _decimal(record[name]) or Decimal(0) for name in ("budget_wan", "headcount", "hours")}
        lists = {name: tuple(record[name]) for name in ("further_parents", "obstacles")}
        due = date.fromisoformat(record["due"]) if record["due"] else None
        extra = tuple((name, text) for name, text in record["extra"])
        return cls(**{**record, **figures, **resources, **lists, "due": due, "extra": extra})


@dataclass(frozen=True, slots=True)
class GoalRow:
    sheet: str
    number: int
    goal_no: str | None
    """As the file writes it; None where the file numbers no goals."""
    key: str
    """`goal_no`, else the number of the known goal this row means, else a key derived from layer, owner and title."""
    known: str | None
    """The key of the known goal that this row repeats or changes; None for a new one."""
    action: Action
    issues: tuple[Issue, ...]
    values: GoalValues | None
    """None on rejected rows."""
    answers: tuple[Mapping[str, Any], ...] | None = None
    """What the goal keeps of its extra fields once the row is in; None where the row tells nothing new."""
    made_from: int | None = None
    """Of a new goal, the id of the version of a template whose fields the row answers."""

    def as_json(self) -> dict[str, object]:
        return {
            "sheet": self.sheet,
            "row": self.number,
            "goal_no": self.goal_no,
            "action": str(self.action),
            "issues": [issue.code for issue in self.issues],
            "normalized": self.values.as_json() if self.values else None,
        }


@dataclass(frozen=True, slots=True)
class OwnerIssue:
    """A set of goals that does not add up, counted over all rows as delivered, rejected ones included."""

    layer: str
    owner: str
    count: int
    weight_sum: Decimal
    codes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "layer": self.layer,
            "owner": self.owner,
            "count": self.count,
            "weight_sum": _plain(self.weight_sum),
            "issues": list(self.codes),
        }


@dataclass(frozen=True, slots=True)
class GoalJudgement:
    company: str
    period_start: date
    period_end: date
    limits: Limits
    rows: tuple[GoalRow, ...]
    by_layer: Mapping[str, int]
    owner_issues: tuple[OwnerIssue, ...]

    def summary(self) -> dict[str, object]:
        actions = Counter(row.action for row in self.rows)
        return {
            "rows": len(self.rows),
            "accept": actions[Action.ACCEPT],
            "warn": actions[Action.WARN],
            "reject": actions[Action.REJECT],
            "by_layer": dict(self.by_layer),
        }

    def as_json(self) -> dict[str, object]:
        """The whole judgement in the shape of `goals.expected.json`."""
        return {
            "company": self.company,
            "period": period_name(self.period_start, self.period_end),
            "period_start": self.period_start.isoformat(),
            "period_end": self.period_end.isoformat(),
            "limits": {layer: list(self.limits[layer]) for layer in LAYERS},
            "summary": self.summary(),
            "owner_issues": [issue.as_json() for issue in self.owner_issues],
            "rows": [row.as_json() for row in self.rows],
        }


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _decimal(value: str | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def period_name(start: date, end: date) -> str:
    """2026Q4 for a quarter, 2026 for a year, else both ends."""
    quarter = (start.month - 1) // 3 + 1
    if start.day == 1 and start.month % 3 == 1 and (end.year, end.month) == (start.year, start.month + 2):
        return f"{start.year}Q{quarter}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return str(start.year)
    return f"{start.isoformat()}/{end.isoformat()}"
