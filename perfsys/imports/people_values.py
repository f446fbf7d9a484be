"""What the cells of a roster mean, one by one (product.md §1.3, §1.6)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from perfsys.imports.reading import Cell, CellValue
from perfsys.imports.text import clean, compact, line

ACTIVE, PROBATION, LEAVE, LEFT = "active", "probation", "leave", "left"

_STATUS = {
    ACTIVE: "在岗 在职 正式 正式员工 转正 已转正 在编 正常 待离职 返聘 退休返聘 实习 实习生 劳务 外派 借调 是 "
    "active employed working regular permanent current onduty fulltime parttime intern",
    PROBATION: "试用 试用期 试用期内 试用员工 见习 见习期 probation onprobation probationary trial",
    LEAVE: "产假 病假 病休 长病假 长期病假 休假 事假 停薪留职 工伤 工伤假 哺乳假 陪产假 离岗 内退 待岗 长假 休养 "
    "leave onleave maternityleave sickleave suspended",
    LEFT: "离职 已离职 辞职 已辞职 退休 已退休 辞退 已辞退 开除 除名 解除 已解除 解聘 终止 死亡 自离 "
    "left resigned terminated retired inactive departed dismissed former",
}
_STATUS_OF = {word: status for status, words in _STATUS.items() for word in words.split()}

_MOBILE = re.compile(r"(?:\+?(?:00)?86)?(1[3-9]\d{9})", re.ASCII)
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+", re.ASCII)
_SEPARATORS = re.compile(r"[/\\>→\-–—|]+")
_NUMBER_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,6}[-_]?\d[A-Za-z0-9_-]*", re.ASCII)
_IN_BRACKETS = re.compile(r"[(\[【{<][^)\]】}>]*[)\]】}>]?")
_AROUND_NAME = " ()[]【】{}<>/\\-_,，、:;·|#"
_CONCURRENT = re.compile(r"兼(?:任|职|岗)?|concurrent|secondary post", re.IGNORECASE)
_CONCURRENT_POSITION = re.compile(r"[(\[]\s*(?:兼任?|兼职|兼岗|concurrent)\s*[)\]]", re.IGNORECASE)


class Reference(NamedTuple):
    """Somebody named in a cell; either part may be ""."""

    number: str
    name: str


def employee_no_in(value: CellValue | Cell) -> str:
    """Upper case, without blanks; a number kept as 10023.0 by some exports is 10023."""
    text = compact(value).upper()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def name_in(value: CellValue | Cell) -> str:
    """Chinese names without inner blanks (陈　悦 is 陈悦), others with single ones."""
    text = line(value)
    return text if text.isascii() else compact(text)


def name_key(name: str) -> str:
    """What two spellings of a name share."""
    return compact(name).casefold()


@lru_cache(maxsize=8192)
def path_in(text: str) -> tuple[str, ...]:
    """Parts of a department path from the top: "制造中心／一车间 - 磨工班" -> (制造中心, 一车间, 磨工班)."""
    parts = (name_in(part) for part in _SEPARATORS.split(line(text)))
    return tuple(part for part in parts if part)


def mobile_in(value: CellValue | Cell) -> str | None:
    """Eleven digits, or None: also for what Excel turned into 1.86E+10."""
    text = re.sub(r"[\s()-]", "", clean(value))
    found = _MOBILE.fullmatch(text.removesuffix(".0"))
    return found[1] if found else None


def email_in(value: CellValue | Cell) -> str | None:
    text = compact(value).lower()
    return text if len(text) <= 254 and _EMAIL.fullmatch(text) and ".." not in text else None


@lru_cache(maxsize=1024)
def status_in(text: str) -> str | None:
    """ACTIVE, PROBATION, LEAVE or LEFT; None for a word nobody has used yet."""
    return _STATUS_OF.get(re.sub(r"[\s_-]|[(].*[)]", "", clean(text).lower()))


def is_concurrent(position: str, remark: str) -> bool:
    """Whether a row is a person's further post: 兼任 in the remark, (兼) in the position."""
    return bool(_CONCURRENT.search(remark)) or bool(_CONCURRENT_POSITION.search(position))


@lru_cache(maxsize=8192)
def reference_in(text: str) -> Reference:
    """Number and name out of `万琪欣(HR0003)`, `HR0003 万琪欣`, `HR0003`, `万琪欣` or `万琪欣(研发部)`."""
    text = line(text)
    token = _NUMBER_TOKEN.search(text)
    number = employee_no_in(token[0].strip("-_")) if token else ""
    remainder = text.replace(token[0], " ") if token else text
    bare = _IN_BRACKETS.sub(" ", remainder).strip(_AROUND_NAME) or remainder.strip(_AROUND_NAME)
    return Reference(number, name_in(bare))
