"""The words files use for praise and for what could be better, in Chinese and English."""

from perfsys.lexicon.models import Nature

_LISTED = {
    Nature.POSITIVE: (
        "正向|正面|积极|表扬|赞扬|肯定|认可|点赞|优点|亮点|好的|做得好|正|positive|"
        "praise|recognition|well done|strength|"
        "kudos|appreciation|reinforcing|good|+"
    ),
    Nature.CONSTRUCTIVE: (
        "改进|改善|待改进|需改进|建议|建设性|改进建议|负向|负面|批评|不足|提升|待提升|可以更好|负|constructive|"
        "improvement|"
        "could be better|improve|negative|suggestion|corrective|development|developmental|redirecting|criticism|-"
    ),
}


def _folded(text: str) -> str:
    folded = "".join(text.casefold().split())
    return folded.removesuffix("反馈").removesuffix("feedback") or folded


_NATURES = {_folded(word): nature for nature, listed in _LISTED.items() for word in listed.split("|")}


def nature_of(text: str) -> Nature | None:
    return _NATURES.get(_folded(text))
