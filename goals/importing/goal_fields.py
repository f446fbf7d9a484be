"""The columns of a goal file: what companies call them, and what their cells look like under a heading new to us."""

from __future__ import annotations

import re
from datetime import date

from goals.importing import words
from goals.importing.dates import due_date
from perfsys.imports.columns import FieldSpec
from perfsys.imports.reading import Cell
from perfsys.imports.text import clean, compact, number


def headings(listed: str) -> tuple[str, ...]:
    return tuple(heading.strip() for heading in listed.split("|"))


# Bare figures of three or four digits are amounts more often than people.
_EMPLOYEE_NO = re.compile(r"[A-Za-z]{1,4}-?\d{3,10}|0\d{2,9}|[1-9]\d{4,9}")
_GOAL_NO = re.compile(r"[A-Za-z\u4e00-\u9fff]{1,8}\d{0,6}(?:[-_./][A-Za-z0-9]{1,8}){1,5}", re.ASCII)
_EVIDENCE_NO = re.compile(r"[A-Za-z]{1,6}\d{3,10}|[A-Za-z0-9]{1,8}(?:[-/][A-Za-z0-9]{1,8}){1,5}")
_CHINESE_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_UNITS_OF_MEASURE = frozenset(
    headings(
        "-|%|‰|ppm|hrc|元|万元|千元|亿元|个|件|万件|项|天|日|工作日|小时|分钟|分|秒|月|周|年|季度|次|人次|班次|炉次|批次|"
        "家|份|条|套|批|张|台|片|处|场|起|"
        "度|期|轮|类|名|笔|组|人|点|页|单|箱|本|篇|户|只|支|根|块|颗|吨|千克|公斤|克|米|千米|公里|平方米|立方米|项目|"
        "kg|g|t|m|km|mm|cm|h|d|min|s|kw|kwh|usd|cny|rmb|pcs|days|hours|times|people|items|percent|pct"
    )
)
_PATH = re.compile(
    r"(?:[^/\d]{2,20}/)*[^/\d]{1,20}(?:部|室|组|班|中心|车间|处|科|办|厂|所|院|团队|公司|dept|department|team)", re.I
)
_TROUBLE = re.compile(
    r"不足|不够|不通|不稳|不清|冲突|紧张|短缺|缺乏|延迟|滞后|频繁|单一|停工|波动|风险|阻力|瓶颈|链长|周期长|限制|依赖|"
    r"shortage|conflict|delay|lack|unstable|bottleneck|risk|turnover|slow|not connected",
    re.I,
)
# Any day will do to tell whether a cell holds a date at all.
_SOME_DAY = date(2024, 1, 1)


def is_employee_no(cell: Cell) -> bool:
    return bool(_EMPLOYEE_NO.fullmatch(compact(cell)))


def is_person_name(cell: Cell) -> bool:
    text = compact(cell)
    if not _CHINESE_NAME.fullmatch(text) or is_unit_name(cell):
        return False
    return words.status_word(text) is None and words.layer_word(text) is None and words.evidence_kind(text) is None


def is_unit_name(cell: Cell) -> bool:
    return bool(_PATH.fullmatch(compact(cell)))


def is_goal_no(cell: Cell) -> bool:
    return bool(_GOAL_NO.fullmatch(compact(cell)))


def is_evidence_no(cell: Cell) -> bool:
    return bool(_EVIDENCE_NO.fullmatch(compact(cell)))


def _is_title(cell: Cell) -> bool:
    text = compact(cell)
    return len(text) >= 10 and number(cell) is None


def _is_weight(cell: Cell) -> bool:
    value = number(cell)
    return value is not None and 0 < value <= 100 and ("%" in clean(cell) or cell.percent or value % 5 == 0)


def _is_date(cell: Cell) -> bool:
    # Bare numbers are amounts far more often than Excel's day counts.
    return number(cell) is None and due_date(cell, start=_SOME_DAY, end=_SOME_DAY) is not None


def _is_layer(cell: Cell) -> bool:
    return words.layer_word(clean(cell)) is not None


def _is_core(cell: Cell) -> bool:
    return bool(clean(cell)) and not isinstance(cell.value, int | float) and words.yes_or_no(clean(cell)) is not None


def _is_status(cell: Cell) -> bool:
    return words.status_word(clean(cell)) is not None


def _is_evidence_type(cell: Cell) -> bool:
    return len(compact(cell)) <= 12 and not is_evidence_no(cell) and words.evidence_kind(clean(cell)) is not None


def _is_obstacle(cell: Cell) -> bool:
    return len(compact(cell)) <= 60 and bool(_TROUBLE.search(clean(cell)))


def _is_unit_of_measure(cell: Cell) -> bool:
    """件/万件 and 次/人/月 as well as %."""
    return all(part in _UNITS_OF_MEASURE for part in compact(cell).casefold().split("/"))


GOAL_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="layer",
        headings=headings("层级|目标层级|目标级别|级别|目标类别|目标分级|layer|level|goal level|tier"),
        looks_like=_is_layer,
        identifies=True,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="employee_no",
        headings=headings(
            "工号|员工编号|员工工号|人员编号|人员编码|职工号|员工号|责任人工号|负责人工号|责任人编号|姓名/工号|"
            "employee no|employee number|"
            "employee id|emp no|emp id|staff no|staff id|personnel no|owner no|owner id"
        ),
        looks_like=is_employee_no,
        identifies=True,
    ),
    FieldSpec(
        name="name",
        headings=headings(
            "姓名|员工姓名|责任人|负责人|目标责任人|目标负责人|承担人|被考核人|员工|责任人姓名|归属人|目标归属|"
            "责任主体|承接人|"
            "name|employee name|employee|owner|goal owner|responsible|responsible person|assignee|full name"
        ),
        looks_like=is_person_name,
        identifies=True,
    ),
    FieldSpec(
        name="department",
        headings=headings(
            "部门|所属部门|部门名称|责任部门|所在部门|归属部门|承接部门|主责部门|单位|组织|所属单位|组织单元|科室|"
            "车间|班组|"
            "department|dept|dept.|org unit|organization|organisation|division|business unit|team"
        ),
        looks_like=is_unit_name,
        identifies=True,
    ),
    FieldSpec(
        name="goal_no",
        headings=headings(
            "目标编号|目标编码|目标号|目标代码|目标ID|指标编号|编号|KPI编号|goal no|goal no.|goal id|goal number|"
            "goal code|kpi no|id|ref|objective id"
        ),
        looks_like=is_goal_no,
        # Every goal has its own number, while several support the same one.
        distinct=(0.9, 1.0),
    ),
    FieldSpec(
        name="title",
        headings=headings(
            "目标内容|目标|目标名称|目标描述|绩效目标|工作目标|目标标题|目标说明|重点工作|关键任务|工作内容|目标事项|"
            "年度目标|季度目标|个人目标|岗位目标|本人目标|"
            "goal|goal title|goal name|goal description|objective|title|description|target description"
        ),
        looks_like=_is_title,
        distinct=(0.4, 1.0),
        required=True,
    ),
    FieldSpec(
        name="parent",
        headings=headings(
            "支撑上级目标|上级目标|上级目标编号|支撑目标|支撑目标编号|对齐目标|承接目标|承接上级目标|父目标|父级目标|"
            "父目标编号|分解自|上级目标号|来源目标|关联上级目标|承接部门目标|承接公司目标|承接的部门目标|承接的公司目标|"
            "支撑部门目标|支撑公司目标|对应上级目标|对应部门目标|对应公司目标|"
            "parent|parent goal|parent goal no|parent no|parent id|supports|aligned to|aligns to|alignment|"
            "supported goal|contributes to"
        ),
        looks_like=is_goal_no,
        distinct=(0.0, 0.9),
    ),
    FieldSpec(
        name="parent_title",
        headings=headings(
            "上级目标名称|上级目标内容|上级目标描述|支撑目标名称|支撑目标内容|父目标名称|承接目标内容|"
            "parent goal title|parent title|parent goal name|parent name"
        ),
    ),
    FieldSpec(
        name="weight",
        headings=headings("权重|权重%|目标权重|比重|占比|权重占比|考核权重|weight|weight %|weighting|goal weight"),
        looks_like=_is_weight,
    ),
    FieldSpec(
        name="core",
        headings=headings(
            "是否核心|核心目标|核心|是否核心目标|重点目标|是否重点|是否关键|core|is core|core goal|key goal"
        ),
        looks_like=_is_core,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="measure",
        headings=headings(
            "衡量标准|衡量指标|指标|指标名称|考核指标|KPI|KPI指标|评价指标|衡量方式|度量指标|measure|metric|"
            "indicator|kpi name|measurement|key metric"
        ),
    ),
    FieldSpec(
        name="target",
        headings=headings(
            "目标值|指标值|目标数值|挑战值|达标值|考核值|目标量|target|target value|goal value|target number"
        ),
    ),
    FieldSpec(
        name="unit",
        headings=headings("单位|计量单位|指标单位|度量单位|unit|unit of measure|uom|measure unit"),
        looks_like=_is_unit_of_measure,
        distinct=(0.0, 0.5),
    ),
    FieldSpec(
        name="evidence_type",
        headings=headings(
            "证据类型|佐证类型|证据类别|证明类型|凭证类型|数据来源类型|evidence type|proof type|evidence kind|"
            "type of evidence"
        ),
        looks_like=_is_evidence_type,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="evidence_no",
        headings=headings(
            "证据编号|佐证编号|证据|证据号|证明编号|凭证编号|证据单号|关联单号|evidence no|evidence number|"
            "evidence id|evidence|proof no|proof number|evidence ref"
        ),
        looks_like=is_evidence_no,
    ),
    FieldSpec(
        name="budget",
        headings=headings(
            "预算(万元)|预算|资金预算|投入资金(万元)|预算金额(万元)|经费(万元)|资金(万元)|预算万元|budget|"
            "budget (10k)|budget wan|funding"
        ),
    ),
    FieldSpec(
        name="budget_yuan",
        headings=headings("预算(元)|预算金额(元)|资金(元)|经费(元)|投入资金(元)|budget (cny)|budget (rmb)|budget yuan"),
    ),
    FieldSpec(
        name="headcount",
        headings=headings(
            "人力(人)|人力|人力投入|投入人数|人数|人力投入(人)|编制|headcount|people|fte|staff needed|heads"
        ),
    ),
    FieldSpec(
        name="hours",
        headings=headings(
            "工时(小时)|工时|投入工时|计划工时|预计工时|工作小时|hours|man-hours|work hours|planned hours|"
            "effort (hours)"
        ),
    ),
    FieldSpec(
        name="person_days",
        headings=headings("人天|工时(人天)|投入人天|计划人天|人日|工作量(人天)|person-days|man-days|effort (days)"),
    ),
    FieldSpec(
        name="due",
        headings=headings(
            "截止日期|完成日期|完成时间|到期日|截止时间|计划完成时间|计划完成日期|要求完成时间|结束日期|交付日期|"
            "完成期限|期限|完成时限|时限|due|due date|deadline|end date|due on|completion date|finish date"
        ),
        looks_like=_is_date,
    ),
    FieldSpec(
        name="obstacles",
        headings=headings(
            "障碍因子|障碍|预期障碍|障碍因素|风险|主要风险|风险点|困难|难点|卡点|风险与障碍|预计障碍|obstacles|obstacle|"
            "expected obstacles|risks|blockers|barriers|risk"
        ),
        looks_like=_is_obstacle,
    ),
    FieldSpec(
        name="status",
        headings=headings("状态|目标状态|当前状态|发布状态|status|state|goal status"),
        looks_like=_is_status,
        distinct=(0.0, 0.3),
    ),
)

TITLE_HEADINGS = frozenset(
    words.folded(heading) for spec in GOAL_FIELDS if spec.name in {"title", "goal_no"} for heading in spec.headings
)
"""Folded headings of the title column: a row that repeats one is the heading of the next printed page."""
