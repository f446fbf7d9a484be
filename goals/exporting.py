"""Goals as rows of a file that our own import reads back (product.md §1.6): its columns, its words, in zh or en."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from goals.extra_columns import Column
from goals.importing import figures, words
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.goal_values import obstacles_told
from perfsys.imports.reading import Cell, CellValue

COLUMNS = [
    "layer",
    "employee_no",
    "name",
    "department",
    "goal_no",
    "title",
    "parent",
    "weight",
    "core",
    "measure",
    "target",
    "unit",
    "evidence_type",
    "evidence_no",
    "budget",
    "headcount",
    "hours",
    "due",
    "obstacles",
    "status",
]
_PERCENT = {"%", "percent", "pct"}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ZH, _EN = 0, 1
_WORDS: dict[str, tuple[str, str]] = {
    words.COMPANY: ("公司", "Company"),
    words.DEPT: ("部门", "Department"),
    words.POSITION: ("岗位", "Position"),
    words.DRAFT: ("草稿", "Draft"),
    words.PUBLISHED: ("已发布", "Published"),
    words.DONE: ("已完成", "Achieved"),
    words.MISSED: ("未达成", "Not achieved"),
    words.CANCELLED: ("已取消", "Cancelled"),
    "project": ("项目", "Project"),
    "customer": ("客户", "Customer"),
    "system_log": ("系统日志", "System log"),
    "work_order": ("工单", "Work order"),
    "document": ("文件", "Document"),
    "report": ("报告", "Report"),
    "proposal": ("提案", "Proposal"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
}
# Two columns a file may both call 单位.
_HEADINGS = {"unit": ("计量单位", "unit of measure")}


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal as a file tells it. `owner` and `parents` are numbers, `department` a path; amounts in 10,000 yuan, heads
    and hours; `weight` 0..100."""

    layer: str
    number: str
    title: str
    status: str
    owner: str = ""
    name: str = ""
    department: str = ""
    parents: tuple[str, ...] = ()
    weight: Decimal | None = None
    core: bool = False
    measure: str = ""
    target: Decimal | None = None
    lowers: bool = False
    unit: str = ""
    evidence_type: str = ""
    evidence_label: str = ""
    evidence_number: str = ""
    budget: Decimal = Decimal(0)
    headcount: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    due: date | None = None
    obstacles: tuple[str, ...] = ()
    extra: Mapping[str, CellValue] = field(default_factory=dict)
    """What it answers to extra fields, by name of their column."""


def headings(*, chinese: bool, extra: Iterable[Column] = ()) -> list[str]:
    """Those of COLUMNS, each one that the import knows, and the `extra` ones."""
    specs = {spec.name: spec for spec in GOAL_FIELDS}
    found = []
    for name in COLUMNS:
        known = _HEADINGS.get(name, specs[name].headings)
        heading = next(heading for heading in known if bool(_HAN.search(heading)) == chinese)
        found.append(heading if chinese else heading.capitalize())
    return [*found, *(one.heading for one in extra)]


def cells(
    lines: Iterable[GoalLine], *, chinese: bool, extra: Sequence[Column] = ()
) -> Iterable[Sequence[CellValue | Cell]]:
    """The rows below `headings`."""
    tongue = _ZH if chinese else _EN
    for line in lines:
        yield [
            _WORDS[line.layer][tongue],
            line.owner,
            line.name,
            line.department,
            line.number,
            line.title,
            "、".join(line.parents),
            None if line.weight is None else Cell(float(line.weight / 100), percent=True),
            _WORDS["yes" if line.core else "no"][tongue],
            line.measure,
            _target(line),
            line.unit,
            _evidence(line, tongue),
            line.evidence_number,
            *(figures.cell(amount) if amount else None for amount in (line.budget, line.headcount, line.hours)),
            line.due,
            obstacles_told(line.obstacles),
            _WORDS[line.status][tongue],
            *(line.extra.get(one.name) for one in extra),
        ]


def _target(line: GoalLine) -> CellValue:
    """A figure; text with its sign where the import would not see the direction in the title, and with its percent
    where 0.5 % would be taken for a half."""
    if line.target is None:
        return None
    seen = figures.direction_in(line.title, line.target)
    sign = ("" if seen == figures.LOWER else "≤") if line.lowers else "≥" if seen == figures.LOWER else ""
    is_share = line.unit.casefold() in _PERCENT and 0 < line.target <= 1
    return (
        f"{sign}{figures.exact(line.target):f}{'%' if is_share else ''}"
        if sign or is_share
        else figures.cell(line.target)
    )


def _evidence(line: GoalLine, tongue: int) -> str:
    """The company's own word, as long as it still means the type."""
    if not line.evidence_type:
        return line.evidence_label
    own = line.evidence_label
    return own if own and words.evidence_kind(own) == line.evidence_type else _WORDS[line.evidence_type][tongue]
