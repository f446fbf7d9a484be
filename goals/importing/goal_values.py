"""What the cells of one goal row say, apart from layer, owner and parent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING

from goals.importing import figures, words
from goals.importing.dates import due_date
from goals.importing.goal_judgement import GoalValues
from goals.importing.issues import Issue
from goals.importing.words import COMPANY, POSITION, PUBLISHED
from perfsys.imports.reading import SourceRow
from perfsys.imports.text import clean, line

if TYPE_CHECKING:
    from goals.importing.goal_drafts import Owner

TITLE_LENGTH = 500
# What the database keeps of a cell; text behind it is of no use as a name.
_LENGTHS = {"measure": 200, "unit": 40, "evidence_type": 60, "evidence_no": 120, "obstacles": 120}
MOST_OBSTACLES = 3
_OBSTACLES_KEPT = 20

_APART = r"、,，;；/|\n\r"
# One in quotes is one whatever stands in it; that is how a file of ours writes a name with a comma.
_OBSTACLE = re.compile(rf'\s*"(?P<whole>(?:[^"]|"")+)"\s*(?=[{_APART}]|$)|(?P<part>[^{_APART}]+)')
_LIST_MARK = re.compile(r"^(?:[(（]?\d{1,2}[)）.、]|[-*·•])\s*")
_TYPE_AND_NUMBER = re.compile(r"(?P<kind>[^\s:：]{2,20})(?:\s*[:：]\s*|\s+)(?P<number>[A-Za-z0-9][\w./#-]{2,60})")
_NOTHING = Decimal(0)
_BUDGET = {"budget": Decimal(1), "budget_yuan": Decimal("0.0001")}
_HEADS = {"headcount": Decimal(1)}
# A person's day is eight hours.
_HOURS = {"hours": Decimal(1), "person_days": Decimal(8)}


def read_values(
    row: SourceRow, *, layer: str | None, owner: Owner, title: str, start: date, end: date, issues: list[Issue]
) -> GoalValues:
    """The row's values; what is wrong with them is appended to `issues`. Weight and parents are settled later."""
    _check_title(title, issues)
    target = _target(row, issues)
    evidence_type, evidence_no = _evidence(row, layer, issues)
    kind = words.evidence_kind(evidence_type) if evidence_type else None
    if evidence_type and kind is None:
        issues.append(Issue("evidence_type_unknown", {"evidence": evidence_type}))
    return GoalValues(
        layer=layer or "",
        owner=owner.shown,
        owner_key=owner.key or "",
        title=title,
        parent=None,
        further_parents=(),
        weight=None,
        core=_core(row, issues),
        measure=_fitting(text_in(row, "measure"), "measure", issues),
        target=target.value,
        unit=intern(_fitting(target.unit, "unit", issues)),
        direction=target.direction or (None if target.value is None else figures.direction_in(title, target.value)),
        evidence_type=intern(evidence_type),
        evidence_kind=kind,
        evidence_no=evidence_no,
        budget_wan=_resource(row, _BUDGET, issues),
        headcount=_resource(row, _HEADS, issues),
        hours=_resource(row, _HOURS, issues),
        due=_due(row, start, end, issues),
        obstacles=_obstacles(row, layer, issues),
        status=_status(row, issues),
    )


def text_in(row: SourceRow, name: str) -> str:
    """A cell's text on one line; "" where the column or the cell is missing."""
    cell = row.cells.get(name)
    return "" if cell is None else line(cell)


def _fitting(text: str, name: str, issues: list[Issue]) -> str:
    length = _LENGTHS[name]
    if len(text) > length:
        issues.append(Issue("text_cut", {"text": f"{text[:20]}…", "length": str(length)}))
    return text[:length]


def _check_title(title: str, issues: list[Issue]) -> None:
    if not title:
        issues.append(Issue("title_missing"))
    elif len(title) > TITLE_LENGTH:
        issues.append(Issue("title_too_long", {"length": str(TITLE_LENGTH)}))


def _target(row: SourceRow, issues: list[Issue]) -> figures.Target:
    cell = row.cells.get("target")
    target = figures.target(cell, text_in(row, "unit"))
    if target.unreadable:
        issues.append(Issue("target_unreadable", {"target": text_in(row, "target")}))
    elif target.value is not None and target.value < 0:
        issues.append(Issue("target_negative", {"target": f"{target.value}"}))
    elif target.scaled:
        issues.append(Issue("percent_scaled", {"written": text_in(row, "target"), "target": f"{target.value}"}))
    return target


def _due(row: SourceRow, start: date, end: date, issues: list[Issue]) -> date | None:
    cell = row.cells.get("due")
    if cell is None or (figures.is_nothing(cell) and not cell.formula):
        issues.append(_due_missing(end))
        return None
    due = due_date(cell, start=start, end=end)
    if due is None:
        issues.append(Issue("due_unreadable", {"due": line(cell), "end": end.isoformat()}))
    elif not start <= due <= end:
        issues.append(
            Issue("due_out_of_period", {"due": due.isoformat(), "start": start.isoformat(), "end": end.isoformat()})
        )
    return due


@lru_cache(maxsize=64)
def _due_missing(end: date) -> Issue:
    """One for all rows: a file without such a column says it of each."""
    return Issue("due_missing", {"end": end.isoformat()})


def _core(row: SourceRow, issues: list[Issue]) -> bool:
    text = text_in(row, "core")
    core = words.yes_or_no(text)
    if core is None:
        issues.append(Issue("core_unreadable", {"core": text}))
    return bool(core)


def _status(row: SourceRow, issues: list[Issue]) -> str:
    """Imported goals count as published where the file says nothing else (product.md §1.6)."""
    text = text_in(row, "status")
    status = words.status_word(text) if text else PUBLISHED
    if status is None:
        issues.append(Issue("status_unknown", {"status": text}))
    return status or PUBLISHED


def _resource(row: SourceRow, columns: Mapping[str, Decimal], issues: list[Issue]) -> Decimal:
    """The first of the columns that is filled, in the first one's unit; 0 where none is."""
    for name, factor in columns.items():
        cell = row.cells.get(name)
        value = figures.amount(cell)
        if value is None:
            issues.append(Issue("resource_unreadable", {"resource": text_in(row, name)}))
        elif value:
            return figures.exact(value * factor)
    return _NOTHING


def _evidence(row: SourceRow, layer: str | None, issues: list[Issue]) -> tuple[str, str]:
    """Type and number; a cell that holds both ("项目编号: PRJ-26-015") is taken apart."""
    kind, number = text_in(row, "evidence_type"), text_in(row, "evidence_no")
    if (not number and (both := _TYPE_AND_NUMBER.fullmatch(kind))) or (
        not kind and (both := _TYPE_AND_NUMBER.fullmatch(number)) and words.evidence_kind(both["kind"])
    ):
        kind, number = both["kind"], both["number"]
    if not kind and layer not in {COMPANY, None}:
        issues.append(Issue("evidence_missing"))
    return _fitting(kind, "evidence_type", issues), _fitting(number, "evidence_no", issues)


def obstacles_in(text: str) -> list[str]:
    """The names a cell holds; also the one that `obstacles_told` wrote."""
    found = []
    for one in _OBSTACLE.finditer(text):
        if (whole := one["whole"]) is not None:
            found.append(" ".join(whole.replace('""', '"').split()))
        else:
            found.append(_LIST_MARK.sub("", " ".join(one["part"].split())))
    return [name for name in found if name]


def obstacles_told(names: Iterable[str]) -> str:
    """In one cell, in quotes where a name would be taken apart or for something else."""
    written = []
    for name in names:
        is_plain = obstacles_in(name) == [name] and not name.startswith('"') and not figures.says_nothing(name)
        written.append(name if is_plain else '"' + name.replace('"', '""') + '"')
    return "、".join(written)


def _obstacles(row: SourceRow, layer: str | None, issues: list[Issue]) -> tuple[str, ...]:
    """Position goals name 1 to 3 (product.md §2.5); the other layers may name any number."""
    cell = row.cells.get("obstacles")
    text = "" if cell is None or figures.is_nothing(cell) else clean(cell)
    parts = obstacles_in(text)
    obstacles = tuple(dict.fromkeys(intern(_fitting(part, "obstacles", issues)) for part in parts if part))
    if len(obstacles) > _OBSTACLES_KEPT:
        issues.append(Issue("text_cut"))
        obstacles = obstacles[:_OBSTACLES_KEPT]
    if layer == POSITION and not obstacles:
        issues.append(Issue("obstacle_missing"))
    elif layer == POSITION and len(obstacles) > MOST_OBSTACLES:
        issues.append(Issue("obstacle_too_many", {"count": str(len(obstacles))}))
    return obstacles
