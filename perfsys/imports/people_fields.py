"""The columns of a roster: what companies call them, and what their cells look like under a heading new to us."""

from __future__ import annotations

import re

from perfsys.imports import people_values as values
from perfsys.imports.columns import FieldSpec
from perfsys.imports.reading import Cell
from perfsys.imports.text import clean, compact, day

UNITS = tuple(f"unit_{level}" for level in range(1, 6))
"""Departments spread over columns, from the top down; a `department` column stands between unit_1 and unit_2."""

_EMPLOYEE_NO = re.compile(r"[A-Z]{0,5}[-_]?\d{3,10}[A-Z]?")
_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,10}|[A-Z][a-z]+(?: [A-Z][a-z]*\.?){1,3}"
)
_UNIT = re.compile(
    r"[^\d@]{0,40}(?:部|中心|车间|班|组|室|科|处|厂|办|局|队|所|公司|分院|工段|department|dept|team|center|office)",
    re.IGNORECASE,
)
_POSITION = re.compile(
    r".{0,16}(?:员|工|师|长|经理|总监|主任|主管|助理|文员|专家|代表|会计|司机|出纳|技师|顾问|秘书|干事|组长|总裁|副总"
    r"|engineer|manager|operator|director|assistant|clerk|specialist)(?:[(].{1,6}[)])?",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"[A-Z]{1,2}\d{1,2}(?:[-.]\d)?[A-Z]?|[初中高]级|[一二三四五六七八九十]{1,2}级|\d{1,2}级")


def is_employee_no(cell: Cell) -> bool:
    text = compact(cell).upper()
    return bool(_EMPLOYEE_NO.fullmatch(text)) and values.mobile_in(cell) is None and not _is_day(cell)


def is_name(cell: Cell) -> bool:
    text = clean(cell)
    return bool(_NAME.fullmatch(compact(text) if not text.isascii() else text)) and not _is_word(text)


def _is_word(text: str) -> bool:
    return bool(_UNIT.fullmatch(text)) or values.status_in(text) is not None or bool(_POSITION.fullmatch(text))


def is_person(cell: Cell) -> bool:
    """A reference to somebody: name, number, or both."""
    reference = values.reference_in(clean(cell))
    return is_employee_no(cell) or bool(reference.name and is_name(Cell(reference.name))) or clean(cell) == "/"


def is_unit(cell: Cell) -> bool:
    parts = values.path_in(clean(cell))
    return bool(parts) and len(clean(cell)) >= 2 and bool(_UNIT.fullmatch(parts[-1])) and "·" not in clean(cell)


def is_position(cell: Cell) -> bool:
    return bool(_POSITION.fullmatch(clean(cell)))


def _is_level(cell: Cell) -> bool:
    return isinstance(cell.value, str) and bool(_LEVEL.fullmatch(compact(cell).upper()))


def _is_day(cell: Cell) -> bool:
    found = day(cell)
    return found is not None and 1950 <= found.year <= 2100


def _is_mail(cell: Cell) -> bool:
    return values.email_in(cell) is not None


def _is_mobile(cell: Cell) -> bool:
    return values.mobile_in(cell) is not None


def _is_status(cell: Cell) -> bool:
    return values.status_in(clean(cell)) is not None


def _headings(listed: str) -> tuple[str, ...]:
    return tuple(heading.strip() for heading in listed.split("|"))


PEOPLE_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="employee_no",
        headings=_headings(
            "工号|员工编号|员工工号|人员编号|人员编码|员工编码|职工号|职工编号|员工号|人员工号|职员代码|编号|员工代码|"
            "employee no|employee number|employee id|emp no|emp id|emp code|staff no|staff id|personnel no|"
            "personnel number|id|badge no|user id|工号 employee id"
        ),
        looks_like=is_employee_no,
        identifies=True,
        distinct=(0.9, 1.0),
    ),
    FieldSpec(
        name="name",
        headings=_headings(
            "姓名|员工姓名|人员姓名|名字|职工姓名|中文名|中文姓名|员工|员工名称|人员|"
            "name|full name|employee name|employee|staff name|chinese name|display name"
        ),
        looks_like=is_name,
        required=True,
        identifies=True,
        distinct=(0.7, 1.0),
    ),
    FieldSpec(
        name="email",
        headings=_headings(
            "邮箱|电子邮箱|公司邮箱|邮箱地址|邮件|电子邮件|工作邮箱|企业邮箱|e-mail|email|mail|email address|work email"
        ),
        looks_like=_is_mail,
    ),
    FieldSpec(
        name="mobile",
        headings=_headings(
            "手机|手机号|手机号码|联系电话|移动电话|电话|电话号码|联系方式|本人手机|个人手机|联系手机|"
            "mobile|mobile phone|mobile no|phone|phone number|cell phone|cell|tel|telephone"
        ),
        looks_like=_is_mobile,
        distinct=(0.5, 1.0),
    ),
    FieldSpec(
        name="hire_date",
        headings=_headings(
            "入职日期|入职时间|入职日|入司日期|入司时间|进厂日期|进厂时间|到岗日期|报到日期|入厂日期|入职年月日|到职日期|"
            "hire date|hired on|join date|joining date|date of joining|start date|entry date|onboarding date|date hired"
        ),
        looks_like=_is_day,
    ),
    FieldSpec(
        name="leave_date",
        headings=_headings(
            "离职日期|离职时间|离司日期|最后工作日|离厂日期|"
            "leave date|termination date|last working day|resignation date|date left"
        ),
    ),
    FieldSpec(
        name="status",
        headings=_headings(
            "状态|员工状态|在职状态|人员状态|用工状态|在岗状态|任职状态|在职情况|"
            "status|employment status|employee status|work status|state"
        ),
        looks_like=_is_status,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="department",
        headings=_headings(
            "部门|所属部门|所在部门|部门名称|部门全称|组织|组织单元|所属组织|部门/班组|部门路径|组织架构|单位|所属单位|部门班组|"
            "department|dept|dept.|org unit|organization|organisation|business unit|department name|department path"
        ),
        looks_like=is_unit,
        distinct=(0.0, 0.8),
    ),
    FieldSpec(name="unit_1", headings=_headings("一级部门|一级组织|中心|事业部|一级单位|level 1 department|division")),
    FieldSpec(name="unit_2", headings=_headings("二级部门|二级组织|二级单位|level 2 department")),
    FieldSpec(name="unit_3", headings=_headings("三级部门|三级组织|科室|车间|工段|section|level 3 department")),
    FieldSpec(name="unit_4", headings=_headings("四级部门|四级组织|班组|小组|team|level 4 department")),
    FieldSpec(name="unit_5", headings=_headings("五级部门|五级组织|level 5 department")),
    FieldSpec(
        name="level",
        headings=_headings(
            "职级|级别|职等|岗级|等级|职级等级|岗位等级|职务等级|grade|level|job grade|job level|rank|band"
        ),
        looks_like=_is_level,
        distinct=(0.0, 0.5),
    ),
    FieldSpec(
        name="position",
        headings=_headings(
            "岗位|职位|职务|岗位名称|职位名称|职务名称|工种|任职岗位|现任职务|"
            "position|job title|title|post|role|job|job position"
        ),
        looks_like=is_position,
        distinct=(0.0, 0.9),
    ),
    FieldSpec(
        name="job_family",
        headings=_headings("职族|岗位序列|职位序列|序列|岗位类别|职类|职系|job family|job category|job function"),
    ),
    FieldSpec(
        name="manager_no",
        headings=_headings(
            "直属上级工号|上级工号|主管工号|经理工号|直接上级工号|汇报人工号|领导工号|上级编号|直接主管工号|上级员工编号|"
            "manager id|manager no|manager number|manager employee id|supervisor id|reports to id|manager employee no"
        ),
    ),
    FieldSpec(
        name="manager",
        headings=_headings(
            "直属上级|直接上级|上级|上级领导|直接领导|直属领导|主管|直属主管|直接主管|汇报对象|汇报给|汇报人|领导|上级姓名|"
            "直接上级姓名|直属上级姓名|主管姓名|上级主管|"
            "manager|line manager|direct manager|supervisor|reports to|reporting to|manager name|reporting manager|boss"
        ),
        looks_like=is_person,
        distinct=(0.0, 0.7),
    ),
    FieldSpec(
        name="hrbp_no",
        headings=_headings("hrbp工号|hrbp编号|bp工号|hrbp id|hrbp no|hrbp employee id"),
    ),
    FieldSpec(
        name="hrbp",
        headings=_headings(
            "HRBP负责人|HRBP|HRBP姓名|对口HRBP|对接HRBP|人事BP|人力BP|BP|hr bp|负责HRBP|对应HRBP|人事负责人|"
            "hr business partner|hr partner|hrbp name|hr contact"
        ),
        looks_like=is_person,
        distinct=(0.0, 0.3),
    ),
    FieldSpec(
        name="remark",
        headings=_headings("备注|说明|备注说明|其他|remark|remarks|note|notes|comment|comments"),
    ),
)
