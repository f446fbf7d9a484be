"""What colleagues' feedback says most, as words that each lead back to it (product.md §4.1). Pure; knows no database.

The weight of a word is its frequency times the number of different people who used it: one person who repeats himself
does not make a theme. Words come from rjieba with their part of speech; function words, figures, times, names of people
and what is too general to say anything stay out.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

# Parts of speech (ICTCLAS) that say something: nouns, verbs, adjectives, set phrases, and foreign words.
TELLING = frozenset({"n", "nz", "ng", "vn", "v", "vi", "a", "an", "ad", "i", "l", "j", "eng"})
SHORTEST_LATIN = 3  # letters
_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]*")
_TOO_GENERAL = """
    没有 可以 需要 进行 知道 觉得 认为 希望 建议 可能 应该 能够 开始 继续 已经 还有 以后 之前 发现 出现 看到 收到 做到
    成为 作为 通过 使用 情况 问题 时候 时间 事情 东西 方面 工作 同事 大家 部门 公司 领导 小时 分钟 今天 昨天 明天 本周
    上周 本月 上午 下午 要求 提出 完成 一下 不能 不会 不要 就是 还是 比较 非常 超过 左右 有点 下次 这次 上次 以上 以下
    the and for with that this was were are has have had not you your his her him our they them from into when which who
    will would could should can did does done been being about after before again more most very just than then there
    """
STOP_WORDS = frozenset(_TOO_GENERAL.split())


@dataclass(frozen=True)
class Said:
    """One feedback: by whom, what, and whether it praises."""

    feedback_id: int
    giver_id: int
    text: str
    is_praise: bool


@dataclass(frozen=True)
class HotWord:
    """`feedback_ids` are those it stands in, the latest of the input last; `praise` of them praise."""

    word: str
    frequency: int
    givers: int
    praise: int
    feedback_ids: tuple[int, ...]

    @property
    def weight(self) -> int:
        return self.frequency * self.givers

    @property
    def is_wish(self) -> bool:
        """Mostly said about what could be better."""
        return self.praise * 2 < len(self.feedback_ids)


def hot_words(said: Sequence[Said], *, names: Collection[str] = (), most: int = 20) -> list[HotWord]:
    """The heaviest first, at most `most`; words used once in all are no theme and stay out. `names` are people's."""
    uses: dict[str, list[Said]] = defaultdict(list)
    banned = _parts_of(names)
    for one in said:
        for word in words_of(one.text):
            if word not in banned:
                uses[word].append(one)
    found = [_hot_word(word, used) for word, used in uses.items() if len(used) > 1]
    return sorted(found, key=lambda hot: (-hot.weight, -hot.givers, hot.word))[:most]


def words_of(text: str) -> Iterable[str]:
    """Those that say something, as often as they stand in `text`; Latin ones in small letters."""
    import rjieba  # reads its dictionary, 0.3 s: not at the start of every process, of which few come here

    for word, part in rjieba.tag(text, True):
        if part not in TELLING:
            continue
        if _LATIN.fullmatch(word):
            word = word.lower()
            if len(word) < SHORTEST_LATIN:
                continue
        elif len(word) < 2 or not word.isalpha():
            continue
        if word not in STOP_WORDS:
            yield word


def _hot_word(word: str, used: Sequence[Said]) -> HotWord:
    of_feedback = {one.feedback_id: one for one in used}
    return HotWord(
        word=word,
        frequency=len(used),
        givers=len({one.giver_id for one in used}),
        praise=sum(one.is_praise for one in of_feedback.values()),
        feedback_ids=tuple(of_feedback),
    )


def _parts_of(names: Collection[str]) -> frozenset[str]:
    """Names, and what one is called by without the first character: 周启明, 启明."""
    return frozenset({name.lower() for name in names} | {name[1:] for name in names if len(name) > 2})
