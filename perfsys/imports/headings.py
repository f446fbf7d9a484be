"""How well a heading fits a field, and which headings are known to mean something else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from perfsys.imports.text import clean

LONGEST = 40
"""Characters; a longer text is a title, an instruction or data."""
STRONG = 0.9
_EXACT, _WITHOUT_UNIT, _CONTAINED, _SIMILAR = 1.0, 0.95, 0.6, 0.7
_MOSTLY_SIMILAR = 0.82
"""Above what two headings of four characters reach that differ in one: 入职日期 and 离职日期 are not alike."""
_MOSTLY_COVERED = 0.6

# Their content may well look like a field: a birthday is a date, a mentor a name.
_MEANING_SOMETHING_ELSE = """
    序号 行号 no nr 性别 民族 年龄 出生日期 出生年月 生日 籍贯 户籍 住址 家庭住址 学历 学位 毕业院校 毕业学校 专业
    政治面貌 婚姻状况 转正日期 试用期截止日期 合同开始日期 合同到期日期 合同终止日期 合同期限 司龄 工龄
    参加工作日期 参加工作时间 紧急联系人 紧急联系电话 紧急联系人电话 办公电话 分机 分机号 座机 微信 微信号 qq qq号
    工位 办公地点 工作地点 班次 导师 师傅 带教人 介绍人 推荐人 部门编码 部门编号 部门代码 部门负责人 部门经理
    部门主管 岗位编码 岗位编号 职位编码 上级岗位 上级部门 上级职位 上级邮箱 上级手机 审批人 审核人 审核 制表人
    填表人 填表日期 创建时间 创建人 修改时间 修改人 更新人
    birthday dateofbirth gender sex age education degree mentor buddy createdat updatedat createdby updatedby
    departmentcode departmentid deptcode departmenthead officephone extension location office
"""
_SOMETHING_ELSE = frozenset(_MEANING_SOMETHING_ELSE.split())
_SENSITIVE = re.compile(
    "工资|薪|奖金|津贴|补贴|基数|银行|卡号|账号|身份证|证件|社保|公积金|salary|bonus|wage|payroll|bank|iban|idcard"
)
"""What nobody asked us to read: such a column is taken only when a person maps it by hand."""

_BRACKETED = re.compile(r"[(\[{<【《〔][^)\]}>】》〕]*[)\]}>】》〕]")
_PUNCTUATION = re.compile(r"[\s_*#:;,./\\|()\[\]{}<>【】《》〔〕、。·?!'\"“”‘’-]+")


@lru_cache(maxsize=4096)
def folded_heading(heading: str) -> str:
    """What two spellings of a heading share: no blanks, punctuation, case or full-width forms."""
    return _PUNCTUATION.sub("", clean(heading).lower())


def is_foreign_heading(heading: str) -> bool:
    """Whether a heading is known to mean something no import kind reads, so that content must not be guessed from."""
    folded = _without_unit(heading) or folded_heading(heading)
    return folded in _SOMETHING_ELSE or bool(_SENSITIVE.search(folded))


class KnownHeadings:
    """The headings of each field of one import kind; those of `verbatim` fields mean them as they stand, however long,
    and nothing that merely resembles them does."""

    def __init__(
        self, headings: Mapping[str, Iterable[str]], verbatim: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._verbatim = {folded_heading(one): name for name, known in (verbatim or {}).items() for one in known}
        self._longest = max([LONGEST, *(len(one) for known in (verbatim or {}).values() for one in known)])
        self._by_field = {name: {folded_heading(heading) for heading in known} for name, known in headings.items()}
        self._fields_called: defaultdict[str, list[str]] = defaultdict(list)
        for name, known in self._by_field.items():
            for word in known:
                self._fields_called[word].append(name)
        self._seen: dict[str, dict[str, float]] = {}

    def fitness(self, heading: str) -> dict[str, float]:
        """Field -> 0..1 for every field `heading` could mean; STRONG and above is what the field is really called."""
        if heading not in self._seen:
            self._seen[heading] = self._fitness(heading)
        return self._seen[heading]

    def called(self, heading: str) -> dict[str, float]:
        """Field -> STRONG or more for the fields that are called so; cheap enough to ask of any cell."""
        if not heading or len(heading) > self._longest:
            return {}
        if self._verbatim and (own := self._verbatim.get(folded_heading(heading))):
            return {own: _EXACT}
        if len(heading) > LONGEST:
            return {}
        if names := self._fields_called.get(folded_heading(heading)):
            return dict.fromkeys(names, _EXACT)
        return dict.fromkeys(self._fields_called.get(_without_unit(heading), ()), _WITHOUT_UNIT)

    def _fitness(self, heading: str) -> dict[str, float]:
        called = self.called(heading)
        if called or not heading or len(heading) > LONGEST or is_foreign_heading(heading):
            return called
        folded = _without_unit(heading) or folded_heading(heading)
        likeness = {
            name: max((_likeness(folded, word) for word in known), default=0.0)
            for name, known in self._by_field.items()
        }
        best = max(likeness.values(), default=0.0)
        return {name: score for name, score in likeness.items() if score and score >= best - 0.1}


def _without_unit(heading: str) -> str:
    return folded_heading(_BRACKETED.sub("", clean(heading)))


def _likeness(heading: str, word: str) -> float:
    if len(word) >= 2 and word in heading:
        covered = len(word) / len(heading)
        return _CONTAINED + 0.3 * covered if covered >= _MOSTLY_COVERED else 0.0
    if len(heading) < 4 or 2 * min(len(heading), len(word)) < _MOSTLY_SIMILAR * (len(heading) + len(word)):
        return 0.0
    ratio = SequenceMatcher(None, heading, word, autojunk=False).ratio()
    return _SIMILAR if ratio >= _MOSTLY_SIMILAR else 0.0
