"""Three different, specific suggestions for a goal that needs a hand (product.md §2.8). Pure.

Each names a small step that could be shown within two weeks: first what the goal lacks, then what fits the owner's job
family, then the kind of goal, then what fits anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OFFERED = 3


class Missing(StrEnum):
    """What a goal lacks."""

    STAGES = "stages"
    EVIDENCE = "evidence"
    MEASURE = "measure"
    PARENT = "parent"


@dataclass(frozen=True)
class Suggestion:
    """`text` is a step. Empty sets fit everywhere; `families` are parts of the words companies use for job families."""

    code: str
    text: Promise
    missing: frozenset[Missing] = frozenset()
    families: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()


def _of(
    code: str, text: Promise, *, missing: Collection[Missing] = (), families: str = "", kinds: Collection[str] = ()
) -> Suggestion:
    return Suggestion(code, text, frozenset(missing), tuple(families.split()), frozenset(kinds))


SALES = "销售 市场 客户 商务 sales market account"
RESEARCH = "研发 技术 设计 工艺 工程 软件 research design engineer develop"
MAKING = "制造 生产 车间 操作 设备 供应 采购 production manufactur supply operat"
QUALITY = "质量 检验 品质 quality inspect"
SERVICE = "服务 售后 客服 service support"
OFFICE = "人力 财务 行政 职能 hr finance admin"

LIBRARY: tuple[Suggestion, ...] = (
    _of("first_stage", _("Set a first stage that can be shown within two weeks"), missing=[Missing.STAGES]),
    _of("first_record", _("Attach the record that shows where it stands"), missing=[Missing.EVIDENCE]),
    _of("one_number", _("Write down the one number that would show it works"), missing=[Missing.MEASURE]),
    _of("ask_what_for", _("Ask your manager which goal above it carries"), missing=[Missing.PARENT]),
    _of("customer_tiers", _("Add a customer tier standard"), families=SALES),
    _of("three_customers", _("Name the three customers who decide it, and the next date with each"), families=SALES),
    _of("quote_to_order", _("List the open quotes and what each is waiting for"), families=SALES, kinds=["kpi"]),
    _of("verification", _("Add a technical verification step"), families=RESEARCH),
    _of("smallest_trial", _("Run the smallest trial that could prove the idea wrong"), families=RESEARCH),
    _of("design_review", _("Fix the date of the next design review"), families=RESEARCH, kinds=["milestone"]),
    _of("first_piece", _("Add a first-piece check before the batch"), families=MAKING),
    _of("worst_station", _("Follow the slowest station for one shift and note the stops"), families=MAKING),
    _of("top_defect", _("Take the most frequent defect of the month and find its cause"), families=QUALITY),
    _of("check_standard", _("Agree on the inspection standard with whoever receives the part"), families=QUALITY),
    _of("return_visit", _("Call back the last three customers who complained"), families=SERVICE),
    _of("answer_library", _("Write the answer to the most frequent question once, for everybody"), families=SERVICE),
    _of("one_process", _("Draw the process on one page and mark where it waits"), families=OFFICE),
    _of("smaller_reading", _("Split the target into a reading for each month"), kinds=["kpi"]),
    _of("one_result", _("Choose one result to show by the end of the month"), kinds=["objective"]),
    _of("half_stage", _("Split the next stage in two, the first within two weeks"), kinds=["milestone"]),
    _of("fixed_time", _("Give the commitment a fixed hour in the calendar"), kinds=["behaviour"]),
    _of("next_delivery", _("Agree on the next delivery and its date with whoever waits for it")),
    _of("unblock", _("Name one person who can remove the obstacle, and ask for a quarter of an hour")),
    _of("one_step_less", _("Say what can be left out this month, and tell your manager")),
)


def three(*, kind: str, job_family: str, missing: Collection[Missing]) -> list[Suggestion]:
    """Exactly three, each once; the same for the same goal, so that nobody has to look twice."""
    fitting = [one for one in LIBRARY if _fits(one, kind, job_family.lower(), missing)]
    fitting.sort(key=lambda one: -_closeness(one))
    lacking = [one for one in fitting if one.missing][:1]
    rest = [one for one in fitting if not one.missing]
    return (lacking + rest)[:OFFERED]


def _fits(suggestion: Suggestion, kind: str, job_family: str, missing: Collection[Missing]) -> bool:
    if suggestion.missing and not suggestion.missing & set(missing):
        return False
    if suggestion.families and not any(word in job_family for word in suggestion.families):
        return False
    return not suggestion.kinds or kind in suggestion.kinds


def _closeness(suggestion: Suggestion) -> int:
    """What is missing is named once: three of them would be an inspection."""
    return 2 * bool(suggestion.families) + bool(suggestion.kinds)
