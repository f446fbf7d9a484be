"""Three different, specific suggestions for a goal that needs a hand (product.md §2.8). Pure.

Each names a small step that could be shown within two weeks: first what the goal lacks, then what fits the owner's job
family, then the kind of goal, then what fits anywhere; and each says why it is offered. The ready-made ones are data
(`data/suggestions.jsonl`); what a company makes of them stands in its own table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

OFFERED = 3
DATA = Path(__file__).parent / "data" / "suggestions.jsonl"


class Missing(StrEnum):
    """What a goal lacks."""

    PARENT = "parent"
    STAGES = "stages"
    EVIDENCE = "evidence"
    MEASURE = "measure"


LACKS: Mapping[Missing, Promise] = {
    Missing.PARENT: _("how it carries the goal above"),
    Missing.STAGES: _("stages"),
    Missing.EVIDENCE: pgettext_lazy("lacking", "evidence"),
    Missing.MEASURE: _("a figure to go by"),
}

# Parts of the words that companies use for job families.
GROUPS: Mapping[str, str] = {
    "sales": "销售 市场 客户经理 商务 sales market account",
    "research": "研发 技术 设计 工艺 工程 软件 research design engineer develop",
    "making": "制造 生产 车间 操作 设备 production manufactur operat",
    "buying": "供应 采购 物流 仓储 supply purchas logist",
    "quality": "质量 检验 品质 quality inspect",
    "service": "服务 售后 客服 service support",
    "office": "人力 财务 行政 职能 hr financ admin",
    "systems": "信息 数据 系统 运维 information data system",
}


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


@dataclass(frozen=True)
class Suggestion:
    """A step, in one language or both. Empty sets fit everywhere; `families` are parts of the words companies use for
    job families. `adjusts` names what of a published goal it would change: that is asked for, others are stages."""

    code: str
    zh: str = ""
    en: str = ""
    missing: str = ""
    families: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    is_offered: bool = True
    adjusts: str = ""

    @property
    def text(self) -> str:
        """In the reader's language, else in the other."""
        first, second = (self.zh, self.en) if _is_chinese() else (self.en, self.zh)
        return first or second

    @property
    def families_told(self) -> list[str]:
        """Those in the reader's language, else all."""
        own = [word for word in self.families if word.isascii() != _is_chinese()]
        return own or list(self.families)

    @property
    def fits_anywhere(self) -> bool:
        return not (self.missing or self.families or self.kinds)


@dataclass(frozen=True)
class Offer:
    """`why` names what made it fit: what is missing, the family, the kind, or nothing."""

    suggestion: Suggestion
    missing: str = ""
    family: str = ""
    kind: str = ""

    @property
    def code(self) -> str:
        return self.suggestion.code

    @property
    def text(self) -> str:
        return self.suggestion.text

    @property
    def why(self) -> str:
        if self.missing:
            return str(_("missing: %(what)s")) % {"what": LACKS[Missing(self.missing)]}
        if self.family:
            return str(_("from the work of %(family)s")) % {"family": self.family}
        return str(_("for a goal of this kind")) if self.kind else str(_("helps with most goals"))


@cache
def ready_made() -> tuple[Suggestion, ...]:
    """What is shipped, in the order of the file."""
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return tuple(_read(json.loads(line)) for line in lines if line)


COLUMNS = ("code", "text_zh", "text_en", "missing", "families", "kinds", "is_offered")  # of a company's row


def as_kept(row: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        code=row["code"],
        zh=row["text_zh"],
        en=row["text_en"],
        missing=row["missing"],
        families=tuple(row["families"]),
        kinds=frozenset(row["kinds"]),
        is_offered=row["is_offered"],
        adjusts=next((one.adjusts for one in ready_made() if one.code == row["code"]), ""),
    )


def three(
    *,
    kind: str,
    job_family: str,
    missing: Collection[Missing],
    library: Sequence[Suggestion] | None = None,
    of: str = "",
) -> list[Offer]:
    """Exactly three, each once; the same for the same goal (`of`), so that nobody has to look twice, and others for
    another. The library holds three that fit anywhere."""
    listed = [one for one in (ready_made() if library is None else library) if one.is_offered]
    fitting = [one for one in listed if _fits(one, kind, job_family.lower(), missing)]
    drawn = {one.code: _draw(of, one.code) if of else "" for one in fitting}
    fitting.sort(key=lambda one: (-_closeness(one), drawn[one.code]))
    wanted = [what for what in Missing if what in missing]
    lacking = [one for what in wanted for one in fitting if one.missing == what][:1]
    rest = [one for one in fitting if not one.missing]
    return [_offer(one, job_family) for one in (lacking + rest)[:OFFERED]]


def _offer(one: Suggestion, job_family: str) -> Offer:
    family = job_family if one.families else ""
    return Offer(one, missing=one.missing, family=family, kind="" if family else next(iter(one.kinds), ""))


def _fits(suggestion: Suggestion, kind: str, job_family: str, missing: Collection[Missing]) -> bool:
    if suggestion.missing and suggestion.missing not in set(missing):
        return False
    if suggestion.families and not any(word.lower() in job_family for word in suggestion.families):
        return False
    return not suggestion.kinds or kind in suggestion.kinds


def _closeness(suggestion: Suggestion) -> int:
    """What is missing is named once: three of them would be an inspection."""
    return 2 * bool(suggestion.families) + bool(suggestion.kinds)


def _draw(of: str, code: str) -> str:
    return hashlib.sha256(f"{of} {code}".encode()).hexdigest()


def _read(held: dict[str, Any]) -> Suggestion:
    return Suggestion(
        code=held["code"],
        zh=held["zh"],
        en=held["en"],
        missing=held.get("missing", ""),
        families=tuple(GROUPS[held["group"]].split()) if "group" in held else (),
        kinds=frozenset(held.get("kinds", ())),
        adjusts=held.get("adjusts", ""),
    )
