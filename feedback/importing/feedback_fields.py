"""The columns of a feedback file: what companies call them, and what their cells look like under a heading new to us.

Of giver and receiver no content tells which is which: those columns are found by their heading alone.
"""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from feedback.importing.known_tags import STANDARD_TAGS
from feedback.importing.words import nature_of
from goals.importing.dates import moment
from goals.importing.goal_fields import headings
from perfsys.imports.columns import FieldSpec
from perfsys.imports.reading import Cell
from perfsys.imports.text import clean, compact, number

_RECORD_NO = re.compile(r"[A-Za-z]{1,4}-?\d{4,12}")
_SOME_DAY, _SOME_ZONE = date(2024, 1, 1), ZoneInfo("UTC")


def _is_record_no(cell: Cell) -> bool:
    return bool(_RECORD_NO.fullmatch(compact(cell)))


def _is_time(cell: Cell) -> bool:
    return number(cell) is None and moment(cell, zone=_SOME_ZONE, start=_SOME_DAY, end=_SOME_DAY) is not None


def _is_nature(cell: Cell) -> bool:
    return nature_of(clean(cell)) is not None


def _is_tag(cell: Cell) -> bool:
    return STANDARD_TAGS.find(clean(cell)) is not None


FEEDBACK_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="record_no",
        headings=headings(
            "反馈编号|反馈单号|反馈ID|反馈号|记录编号|记录号|编号|流水号|单号|feedback no|feedback number|feedback id|"
            "record no|record number|record id|id"
        ),
        looks_like=_is_record_no,
        distinct=(0.95, 1.0),
    ),
    FieldSpec(
        name="time",
        headings=headings(
            "时间|反馈时间|反馈日期|日期|提交时间|提交日期|发送时间|记录时间|发生时间|time|date|timestamp|given at|"
            "given on|sent at|submitted at|created at|feedback date|date and time"
        ),
        looks_like=_is_time,
        required=True,
    ),
    FieldSpec(
        name="giver_no",
        headings=headings(
            "反馈人工号|反馈者工号|反馈人编号|提交人工号|评价人工号|发送人工号|发起人工号|填写人工号|给出人工号|"
            "giver no|giver number|giver id|giver employee no|from id|from no|sender id|sender no|author id|author no|"
            "reviewer id|given by id"
        ),
        identifies=True,
    ),
    FieldSpec(
        name="giver",
        headings=headings(
            "反馈人|反馈者|反馈人姓名|提交人|提交人姓名|评价人|评价人姓名|发送人|发送人姓名|发起人|填写人|给出人|"
            "giver|giver name|given by|from|sender|author|reviewer|submitted by"
        ),
        identifies=True,
    ),
    FieldSpec(
        name="giver_department",
        headings=headings("反馈人部门|反馈者部门|提交人部门|评价人部门|发送人部门|giver department|from department"),
        identifies=True,
    ),
    FieldSpec(
        name="receiver_no",
        headings=headings(
            "被反馈人工号|被反馈者工号|被反馈人编号|接收人工号|收件人工号|被评价人工号|反馈对象工号|对象工号|"
            "receiver no|receiver number|receiver id|receiver employee no|recipient id|recipient no|to id|to no|"
            "employee id|employee no|about id"
        ),
        identifies=True,
    ),
    FieldSpec(
        name="receiver",
        headings=headings(
            "被反馈人|被反馈者|被反馈人姓名|接收人|接收人姓名|收件人|被评价人|被评价人姓名|反馈对象|对象|receiver|"
            "receiver name|recipient|recipient name|to|employee|employee name|about"
        ),
        identifies=True,
    ),
    FieldSpec(
        name="receiver_department",
        headings=headings(
            "被反馈人部门|被反馈者部门|接收人部门|被评价人部门|对象部门|receiver department|recipient department|"
            "to department"
        ),
        identifies=True,
    ),
    FieldSpec(
        name="nature",
        headings=headings(
            "性质|反馈性质|反馈类型|类型|类别|正负向|正向/改进|nature|kind|type|feedback type|sentiment|category"
        ),
        looks_like=_is_nature,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="tag",
        headings=headings(
            "行为标签|标签|行为|行为项|能力标签|能力项|胜任力|素质项|价值观|behaviour tag|behavior tag|tag|tags|"
            "behaviour|behavior|competency|value"
        ),
        looks_like=_is_tag,
        distinct=(0.0, 0.5),
    ),
    FieldSpec(
        name="text",
        headings=headings(
            "事实|事实描述|反馈内容|内容|具体事实|具体事例|事例|行为事实|事实依据|描述|反馈|评语|fact|facts|"
            "what happened|"
            "feedback|feedback text|text|content|comment|comments|description|details|observation"
        ),
        required=True,
    ),
    FieldSpec(
        name="expected_action",
        headings=headings(
            "期待动作|期望动作|期待行动|期望行动|期望|期待|下一步|下一步行动|改进建议|建议|建议动作|行动建议|"
            "expected action|next step|next action|suggested action|suggestion|action|request|ask"
        ),
    ),
)
