"""What every company begins with; each may rename, retire and add to it. Data alone: `actions.add_standard_terms`
writes it. The keys stay when words are improved, so that a company's copy is known to be one."""

from dataclasses import dataclass


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
            StandardTag("cross-team", "跨部门协同", "Works across teams"),
            StandardTag("step-in", "主动补位", "Steps in unasked"),
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
            StandardTag("guards-safety", "安全守护", "Guards safety"),
        ),
    ),
)
