"""What every company begins with; each may rename, retire and add to it. Data alone: `actions.add_standard_terms`
writes it. The keys stay when words are improved, so that a company's copy is known to be one."""

import csv
from dataclasses import dataclass
from pathlib import Path

from .standard_entries import ENTRIES, StandardEntry

__all__ = [
    "COMPETENCIES",
    "ENTRIES",
    "VAGUE_EXPRESSIONS",
    "StandardCompetency",
    "StandardEntry",
    "StandardExpression",
    "StandardTag",
]


@dataclass(frozen=True)
class StandardTag:
    key: str
    name: str
    name_en: str


@dataclass(frozen=True)
class StandardCompetency:
    key: str
    name: str
    name_en: str
    meaning: str
    meaning_en: str
    tags: tuple[StandardTag, ...]


COMPETENCIES: tuple[StandardCompetency, ...] = (
    StandardCompetency(
        "collaboration",
        "协同",
        "Collaboration",
        "把别人的事当成一件事来做，让信息和人手到该到的地方",
        "Makes one piece of work out of many people's parts, and gets information and hands to where they are needed",
        (
            StandardTag("step-in", "主动补位", "Steps in unasked"),
            StandardTag("cross-team", "跨部门协同", "Works across teams"),
            StandardTag("tells-in-time", "及时同步", "Tells others in time"),
        ),
    ),
    StandardCompetency(
        "quality",
        "质量",
        "Quality",
        "第一次就做对，发现问题不往下流",
        "Does it right the first time, and passes no fault on",
        (
            StandardTag("quality-mind", "质量意识", "Minds quality"),
            StandardTag("holds-quality", "守住质量", "Holds the quality line"),
        ),
    ),
    StandardCompetency(
        "safety",
        "安全",
        "Safety",
        "先看清危险再动手，也替旁边的人看一眼",
        "Looks for the danger before beginning, and looks out for the next person too",
        (
            StandardTag("guards-safety", "安全守护", "Guards safety"),
            StandardTag("works-by-rule", "规范作业", "Works by the standard"),
        ),
    ),
    StandardCompetency(
        "customer",
        "客户",
        "Customer focus",
        "弄清客户怎么用、为什么急，答应的事有回音",
        "Finds out how the customer uses it and why it is urgent, and comes back on every promise",
        (
            StandardTag("customer-empathy", "客户同理", "Feels with the customer"),
            StandardTag("quick-response", "快速响应", "Responds quickly"),
        ),
    ),
    StandardCompetency(
        "execution",
        "执行",
        "Execution",
        "选准最要紧的事，按说好的时间做完",
        "Chooses what matters most and finishes it when it was promised",
        (
            StandardTag("goal-focus", "目标聚焦", "Keeps to the goal"),
            StandardTag("keeps-word", "说到做到", "Keeps promises"),
        ),
    ),
    StandardCompetency(
        "ownership",
        "担当",
        "Ownership",
        "结果算自己的，先说自己能改的那一部分",
        "Takes the result as one's own, and speaks first of what oneself can change",
        (
            StandardTag("takes-responsibility", "责任担当", "Takes responsibility"),
            StandardTag("faces-problems", "直面问题", "Faces problems"),
        ),
    ),
    StandardCompetency(
        "facts",
        "用事实说话",
        "Facts and analysis",
        "用数据判断，把原因追到能改的那一层",
        "Judges by data, and follows a cause down to where it can be changed",
        (
            StandardTag("data-speaks", "数据说话", "Lets data speak"),
            StandardTag("digs-for-cause", "追根究底", "Digs for the cause"),
        ),
    ),
    StandardCompetency(
        "improvement",
        "改善",
        "Improvement",
        "每次比上次省一点、快一点，并让它保持住",
        "Makes it a little leaner and faster than last time, and makes it last",
        (
            StandardTag("lean", "精益改善", "Improves step by step"),
            StandardTag("cost-mind", "成本意识", "Minds the cost"),
        ),
    ),
    StandardCompetency(
        "foresight",
        "预见",
        "Foresight",
        "看到还没发生的事，提前留好余地",
        "Sees what has not happened yet, and leaves room for it",
        (
            StandardTag("sees-risk", "风险预判", "Sees risks early"),
            StandardTag("plans-ahead", "计划周全", "Plans ahead"),
        ),
    ),
    StandardCompetency(
        "learning",
        "学习与传承",
        "Learning and teaching",
        "自己学会，写下来，再教会下一个人",
        "Learns it, writes it down, and teaches the next one",
        (
            StandardTag("keeps-knowledge", "知识沉淀", "Keeps knowledge"),
            StandardTag("teaches", "带教新人", "Teaches newcomers"),
        ),
    ),
    StandardCompetency(
        "communication",
        "沟通",
        "Communication",
        "把话说清楚，也让别人把话说完",
        "Says it clearly, and lets others finish",
        (
            StandardTag("says-clearly", "把话说清", "Says it clearly"),
            StandardTag("listens", "认真倾听", "Listens"),
        ),
    ),
    StandardCompetency(
        "innovation",
        "创新",
        "Innovation",
        "用小的代价试新的办法，不行就及时停",
        "Tries new ways at small cost, and stops in time where they fail",
        (
            StandardTag("quick-trial", "快速试错", "Tries and learns fast"),
            StandardTag("digs-into-technology", "技术钻研", "Digs into technology"),
        ),
    ),
)


@dataclass(frozen=True)
class StandardExpression:
    """Words that say nothing one could have seen. `competency` is the key of the one the writer probably has in mind,
    "" where they hint at none."""

    text: str
    competency: str


def _expressions() -> tuple[StandardExpression, ...]:
    file = Path(__file__).parent / "data" / "vague_expressions.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(StandardExpression(row["expression"], row["competency"]) for row in csv.DictReader(lines))


VAGUE_EXPRESSIONS = _expressions()
