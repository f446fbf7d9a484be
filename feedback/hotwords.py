"""What colleagues' feedback says most, as words and phrases that each lead back to it (product.md §4.1). Pure; knows no
database: `feedback.queries.hot_words` reads what it is given.

The weight of a term is its frequency times the number of different people who used it: one person who repeats himself
does not make a theme. A term is a word, or two that stand side by side. Words come from rjieba with their part of
speech; function words, figures, times, names of people and what is too general to say anything stay out, and part
phrases.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
    """`parts` are the word itself, or the two of a phrase. `feedback_ids` are those it stands in, the latest of the
    input last; `praise` of them praise."""

    word: str
    parts: tuple[str, ...]
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


@dataclass(frozen=True)
class Uses:
    """Where each term stands, once for each time; of a phrase the two words. Counted once, asked as often as one
    likes."""

    of: Mapping[str, Sequence[Said]]
    halves: Mapping[str, tuple[str, str]]

    def parts(self, term: str) -> tuple[str, ...]:
        return self.halves.get(term) or (term,)

    def heaviest(self, *, names: Collection[str] = (), most: int = 20) -> list[HotWord]:
        """At most `most`; terms used once in all are no theme and stay out, and so does a word that stands nowhere but
        in one phrase. `names` are people's."""
        banned = _parts_of(names)
        repeated = {
            term: used for term, used in self.of.items() if len(used) > 1 and banned.isdisjoint(self.parts(term))
        }
        covered = {
            half
            for phrase, both in self.halves.items()
            if phrase in repeated
            for half in both
            if len(repeated[half]) == len(repeated[phrase])
        }
        found = [_hot_word(term, self.parts(term), used) for term, used in repeated.items() if term not in covered]
        return sorted(found, key=lambda hot: (-hot.weight, -hot.givers, hot.word))[:most]


def count(said: Iterable[Said]) -> Uses:
    uses: defaultdict[str, list[Said]] = defaultdict(list)
    halves: dict[str, tuple[str, str]] = {}
    for one in said:
        before = ""
        for word, is_beside in _words(one.text):
            uses[word].append(one)
            if is_beside and before != word:
                phrase = before + " " + word if _is_latin(before) and _is_latin(word) else before + word
                halves[phrase] = before, word
                uses[phrase].append(one)
            before = word
    return Uses(uses, halves)


def hot_words(said: Iterable[Said], *, names: Collection[str] = (), most: int = 20) -> list[HotWord]:
    return count(said).heaviest(names=names, most=most)


def words_of(text: str) -> Iterator[str]:
    """Those that say something, as often as they stand in `text`; Latin ones in small letters."""
    return (word for word, _is_beside in _words(text))


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """With whether each stands right beside the one before; a blank may part two of which one is Latin."""
    import rjieba  # reads its dictionary, 0.3 s: not at the start of every process, of which few come here

    before, is_parted = "", False
    for piece in rjieba.cut(text, True):
        word = _telling(piece)
        if word:
            yield word, bool(before) and (not is_parted or _is_latin(before) or _is_latin(word))
            before, is_parted = word, False
        elif piece == " " and not is_parted:
            is_parted = True
        else:
            before = ""


@lru_cache(maxsize=50_000)
def _telling(piece: str) -> str:
    """Its word, or nothing where it says nothing. What part of speech it is the dictionary says of the word alone, so
    each is looked up once and not in every text."""
    import rjieba

    tagged = rjieba.tag(piece, True)
    if len(tagged) > 1 or tagged[0][1] not in TELLING:
        return ""
    if _LATIN.fullmatch(piece):
        word = piece.lower()
        return "" if len(word) < SHORTEST_LATIN or word in STOP_WORDS else word
    return "" if len(piece) < 2 or not piece.isalpha() or piece in STOP_WORDS else piece


def _is_latin(word: str) -> bool:
    return word[0].isascii()


def _hot_word(word: str, parts: tuple[str, ...], used: Sequence[Said]) -> HotWord:
    of_feedback = {one.feedback_id: one for one in used}
    return HotWord(
        word=word,
        parts=parts,
        frequency=len(used),
        givers=len({one.giver_id for one in used}),
        praise=sum(one.is_praise for one in of_feedback.values()),
        feedback_ids=tuple(of_feedback),
    )


def _parts_of(names: Collection[str]) -> frozenset[str]:
    """Names, and what one is called by: 周启明 without the first character, Ada Lovelace by either part."""
    parts = {part for name in names for part in name.lower().split()}
    return frozenset(parts | {part[1:] for part in parts if len(part) > 2 and not _is_latin(part)})
