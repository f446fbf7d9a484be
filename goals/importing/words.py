"""The words files use for layers, states, evidence types and yes or no, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

COMPANY, DEPT, POSITION = "company", "dept", "position"
LAYERS = (COMPANY, DEPT, POSITION)
LAYER_ABOVE: Mapping[str, str] = {DEPT: COMPANY, POSITION: DEPT}

PUBLISHED, DRAFT, DONE, MISSED, CANCELLED = "published", "draft", "done", "missed", "cancelled"

EXTRA = "extra/"
"""Begins the name of every column that is an extra field's."""

# The evidence types of product.md §2.3.
EVIDENCE_KINDS = ("project", "customer", "system_log", "work_order", "document", "report", "proposal")

PROGRESS, EVIDENCE, COMMENT = "check_in", "evidence", "comment"


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The form in which words are looked up: no blanks, punctuation or case."""
    return re.sub(r"[\W_]", "", text).casefold()


def _folded_words(listed: str) -> frozenset[str]:
    return frozenset(map(folded, listed.split()))


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, listed in words.items() for word in _folded_words(listed)}


_LAYER_WORDS = _table(
    {
        COMPANY: (
            "公司 公司级 公司层 公司层面 公司目标 集团 集团级 集团层面 企业 企业级 组织级 一级 一级目标 L1 company "
            "corporate "
            "company-level companygoal enterprise group organization organisation"
        ),
        DEPT: (
            "部门 部门级 部门层 部门层面 部门目标 部级 车间 车间级 科室 科室级 中心 中心级 事业部 事业部级 团队 "
            "团队级 二级 二级目标 L2 "
            "department dept department-level departmental unit team division business-unit"
        ),
        POSITION: (
            "岗位 岗位级 岗位层 岗位目标 个人 个人级 个人层 个人层面 个人目标 员工 员工级 员工目标 职位 全员 三级 "
            "三级目标 L3 "
            "position individual employee personal person staff individual-level position-level role job"
        ),
    }
)
# In a sheet's name the words stand among others; the more particular layer is asked first: "各部门员工目标" is about
# people.
_SHEET_WORDS = (
    (POSITION, re.compile(r"岗位|个人|员工|职员|全员|人员|individual|personal|employee|position|staff|people", re.I)),
    (DEPT, re.compile(r"部门(?!$)|各部|部级|科室|车间级|department|dept|team|division|^部门$", re.I)),
    (
        COMPANY,
        re.compile(r"公司级|公司层|公司目标|公司战略|集团级|集团目标|战略目标|^公司$|^集团$|company|corporate", re.I),
    ),
)

_STATUS_WORDS = _table(
    {
        PUBLISHED: (
            "已发布 发布 进行中 执行中 实施中 生效 已生效 有效 已确认 已审批 审批通过 已下达 在途 正常 published "
            "active ongoing inprogress "
            "in-progress approved effective confirmed open live started running"
        ),
        DRAFT: (
            "草稿 草拟 拟定 未发布 待发布 待审批 待确认 待提交 编制中 未生效 未提交 计划中 未开始 draft unpublished "
            "pending planned planning "
            "proposed new notstarted not-started todo"
        ),
        DONE: (
            "已完成 完成 达成 已达成 已结束 结束 已关闭 关闭 结项 已验收 done completed complete finished closed "
            "achieved"
        ),
        MISSED: "未达成 notachieved missed",
        CANCELLED: (
            "已取消 取消 作废 已作废 终止 已终止 中止 暂停 已暂停 撤销 已撤销 cancelled canceled dropped void "
            "withdrawn abandoned paused"
        ),
    }
)

_EVIDENCE_WORDS = _table(
    {
        "project": "项目 项目编号 项目号 项目名称 立项编号 project projectno projectid projectnumber",
        "customer": (
            "客户 客户ID 客户编号 客户号 客户代码 客户名称 商机 商机编号 customer customerid customerno client "
            "clientid opportunity account"
        ),
        "system_log": "系统日志 日志 日志编号 系统记录 操作日志 系统 埋点 systemlog log logid systemrecord",
        "work_order": (
            "工单 工单号 工单编号 MES工单 生产工单 派工单 生产订单 维修工单 workorder workorderno wo ticket ticketid "
            "mesorder"
        ),
        "document": (
            "图纸 图纸号 图号 文件 文件号 文件编号 文档 文档编号 ECO编号 ECO ECN ECN编号 变更单 变更单号 工程变更 "
            "作业指导书 drawing drawingno "
            "document documentno doc file eco ecn changeorder engineeringchange"
        ),
        "report": (
            "报告 报告编号 报告号 报表 检测报告 检验报告 单据 单据号 单据编号 凭证 凭证号 发票 发票号 收据 回执 "
            "签收单 合同 合同号 合同编号 订单号 report reportno receipt "
            "receiptno invoice voucher contract"
        ),
        "proposal": (
            "提案 提案编号 提案号 改善提案 合理化建议 建议 建议编号 改善 proposal proposalno suggestion kaizen idea"
        ),
    }
)
# Tried in this order on words the table does not hold: "客户验收报告" is a report, "项目变更单" a document.
_EVIDENCE_HINTS = (
    ("report", re.compile(r"报告|报表|单据|凭证|发票|回执|report|receipt|invoice", re.I)),
    ("work_order", re.compile(r"工单|work.?order|ticket", re.I)),
    ("document", re.compile(r"图纸|图号|文件|文档|变更|ec[on]\b|drawing|document", re.I)),
    ("proposal", re.compile(r"提案|建议|proposal|suggestion", re.I)),
    ("system_log", re.compile(r"日志|系统|\blog\b", re.I)),
    ("customer", re.compile(r"客户|商机|customer|client", re.I)),
    ("project", re.compile(r"项目|project", re.I)),
)

_YES = frozenset({*_folded_words("是 核心 核心目标 重点 关键 对 有 y yes true 1 core key"), *"√✓✔☑●"})
_NO = _folded_words("否 非核心 一般 普通 常规 非重点 不是 无 n no false 0 noncore minor normal x") | {""} | set("×✗✘☐○")

_KIND_WORDS = _table(
    {
        PROGRESS: (
            "进度更新 进度 进展 更新 打卡 签到 进度汇报 进展更新 周报 过程记录 progress checkin check-in update "
            "progressupdate status"
        ),
        EVIDENCE: (
            "证据提交 证据 凭证 佐证 提交证据 上传证据 附件 证明材料 成果 成果提交 evidence proof attachment upload "
            "evidencesubmitted"
        ),
        COMMENT: "评论 留言 备注 点评 反馈 讨论 批注 回复 comment note remark reply discussion feedback",
    }
)


def layer_word(text: str) -> str | None:
    return _LAYER_WORDS.get(folded(text))


@lru_cache(maxsize=512)
def layer_in_sheet_name(name: str) -> str | None:
    """The layer a sheet's name speaks of; None where it speaks of none."""
    return next((layer for layer, pattern in _SHEET_WORDS if pattern.search(name)), None)


def status_word(text: str) -> str | None:
    return _STATUS_WORDS.get(folded(text))


@lru_cache(maxsize=4096)
def evidence_kind(text: str) -> str | None:
    """The type of product.md §2.3 that a file's own word means; None where it cannot be told."""
    known = _EVIDENCE_WORDS.get(folded(text))
    return known or next((kind for kind, pattern in _EVIDENCE_HINTS if pattern.search(text)), None)


@lru_cache(maxsize=512)
def yes_or_no(text: str) -> bool | None:
    """Blank is no; None for what is neither."""
    spellings = {text.strip().casefold(), folded(text)} if folded(text) else {text.strip()}
    if spellings & _YES:
        return True
    return False if spellings & _NO else None


def entry_kind(text: str) -> str | None:
    return _KIND_WORDS.get(folded(text))
