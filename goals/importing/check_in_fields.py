"""The columns of a check-in file; headings and contents as in `goal_fields`."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from goals.importing import words
from goals.importing.dates import moment
from goals.importing.goal_fields import (
    headings,
    is_employee_no,
    is_evidence_no,
    is_goal_no,
    is_person_name,
    is_unit_name,
)
from perfsys.imports.columns import FieldSpec
from perfsys.imports.reading import Cell
from perfsys.imports.text import clean, compact, number

_RECORD_NO = re.compile(r"[A-Za-z]{1,4}-?\d{4,12}")
_SOME_DAY, _SOME_ZONE = date(2024, 1, 1), ZoneInfo("UTC")


def _is_record_no(cell: Cell) -> bool:
    return bool(_RECORD_NO.fullmatch(compact(cell)))


def _is_time(cell: Cell) -> bool:
    return number(cell) is None and moment(cell, zone=_SOME_ZONE, start=_SOME_DAY, end=_SOME_DAY) is not None


def _is_kind(cell: Cell) -> bool:
    return words.entry_kind(clean(cell)) is not None


def _is_percent(cell: Cell) -> bool:
    value = number(cell)
    return value is not None and 0 <= value <= 100


CHECK_IN_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="record_no",
        headings=headings(
            "记录编号|记录号|编号|流水号|记录ID|单号|record no|record number|record id|entry id|id|check-in id"
        ),
        looks_like=_is_record_no,
        distinct=(0.9, 1.0),
    ),
    FieldSpec(
        name="goal_no",
        headings=headings(
            "目标编号|目标编码|目标号|目标ID|目标代码|KPI编号|goal no|goal no.|goal id|goal number|goal code|"
            "objective id"
        ),
        looks_like=is_goal_no,
    ),
    FieldSpec(
        name="goal_title",
        headings=headings(
            "目标内容|目标|目标名称|目标描述|绩效目标|工作目标|goal|goal title|goal name|objective|title"
        ),
    ),
    FieldSpec(
        name="employee_no",
        headings=headings(
            "工号|员工编号|员工工号|人员编号|填报人工号|提交人工号|更新人工号|employee no|employee number|"
            "employee id|emp no|emp id|staff no|"
            "staff id|author id"
        ),
        looks_like=is_employee_no,
        identifies=True,
        distinct=(0.0, 0.9),
    ),
    FieldSpec(
        name="name",
        headings=headings(
            "姓名|员工姓名|填报人|提交人|更新人|员工|责任人|作者|记录人|name|employee|employee name|author|"
            "submitted by|owner|by"
        ),
        looks_like=is_person_name,
        identifies=True,
    ),
    FieldSpec(
        name="department",
        headings=headings("部门|所属部门|部门名称|所在部门|department|dept|team|org unit"),
        looks_like=is_unit_name,
        identifies=True,
    ),
    FieldSpec(
        name="time",
        headings=headings(
            "时间|提交时间|更新时间|填报时间|记录时间|日期|提交日期|更新日期|填报日期|time|date|timestamp|"
            "submitted at|created at|updated at|date and time"
        ),
        looks_like=_is_time,
        required=True,
    ),
    FieldSpec(
        name="kind",
        headings=headings("类型|记录类型|类别|操作类型|动态类型|type|kind|entry type|record type|category"),
        looks_like=_is_kind,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="percent",
        headings=headings(
            "进度|进度%|完成度|完成进度|完成率|完成百分比|当前进度|进展%|progress|percent|percentage|% complete|"
            "progress %|completion|% done"
        ),
        looks_like=_is_percent,
    ),
    FieldSpec(
        name="note",
        headings=headings(
            "说明|备注|内容|进展说明|进展|更新内容|描述|情况说明|note|notes|comment|comments|description|details|"
            "remark|text|update"
        ),
    ),
    FieldSpec(
        name="evidence_no",
        headings=headings(
            "证据编号|证据|佐证编号|证据号|凭证编号|附件编号|关联单号|evidence no|evidence number|evidence id|"
            "evidence|proof|proof no"
        ),
        looks_like=is_evidence_no,
    ),
)
