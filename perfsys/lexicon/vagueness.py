"""Whether a text says what was seen, or only what somebody thinks of it (product.md §3.3). Pure; knows no database.

Vague expressions are found first and taken out. What is left is searched for traces of something observable: figures
with what they count, record numbers, words quoted, acts, things, moments. A figure, a number or a quotation is enough;
of the others it takes two. Where there are fewer, a text is vague when it holds a vague expression, or hardly anything
else: of words the lists do not know nothing is claimed, unless a `Judge` is given, who is asked where words leave a
doubt.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from . import vague_words as words
from .opinion import Judge, reads_whole
from .standard import VAGUE_EXPRESSIONS

ENOUGH = 2
LEFT_OVER = 8
"""Han characters (a Latin word counts as two) beyond which a text without any known word is given the benefit."""

# How likely an opinion a text must be to be called one, by what the words say of it (docs/decisions/0009).
_THOUGH_ACTS_ARE_NAMED = 0.75
_OF_NO_KNOWN_WORD = 0.5
_OF_FEW_WORDS = 0.35

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u00ad]")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# 十分认真 and 四处奔波 count nothing.
_NO_COUNT = "十分(?!钟)|百分百|百分之百|半点|四处|百折|[百千]倍"
_LATIN_UNITS = (
    r"mm|cm|um|kg|km|min|h\b|hours?\b|minutes?\b|days?\b|weeks?\b|times\b|pcs\b|pieces?\b|boxes\b|parts?\b|people\b|"
    r"orders?\b|customers?\b|rows?\b|pages?\b|steps?\b"
)
_FIGURE = re.compile(
    rf"\d[\d.,]*\s*(?:%|‰|℃|{words.UNITS}|{_LATIN_UNITS})"
    rf"|(?!{_NO_COUNT})(?<!第)[二两三四五六七八九十百千半][一二两三四五六七八九十百千半几多数]*(?:{words.UNITS})"
    rf"|一(?:{words.UNITS_OF_ONE})(?!次性)"
    r"|百分之[零一二三四五六七八九十百\d]+|\d[\d.]*\s*[比:]\s*\d|\bv?\d+\.\d+\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|twice)\s+[a-z]+"
)
_RECORD = re.compile(r"(?<![a-z0-9])(?=[a-z0-9/_-]*\d)(?=[a-z0-9/_-]*[a-z])[a-z0-9]+(?:[-/_][a-z0-9]+)*(?![a-z0-9])")
_QUOTED = re.compile(
    r"(?:写|说|回|问|答|称|喊|标|叫|讲|wrote|said|asked|replied)[^\"“”「」]{0,6}[\"“「][^\"“”「」]{2,}[\"”」]"
)
_DATE = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]|\d{1,2}:\d{2}|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\s*[点时]半?(?![候间])")
# A period alone is no figure, nor is "100 %".
_LONE_PERIOD = re.compile(
    r"\d{2,4}\s*(?:年度?|财年)|(?:第?[一二三四1-4]|上|本|这)\s*(?:个)?季度?|q[1-4]\b|\d{1,2}\s*月份?(?!\s*\d)"
    r"|[上下]半年|100\s*%|百分之百"
)
_DONE = re.compile(r"[写发改换拆贴查找填报送补装修画讲停打漏签调录拍扫借领收买卖搬删][了出成完错反掉]")
# Chinese puts the thing first when something is done to it: 把旧图发给了车间.
_HANDLED = re.compile(rf"把[{_HAN}\w]{{1,12}}?[完好成到给在上下出掉回起]")
_MISSED = re.compile(r"(?:没有?|未|忘记?)(?:及时)?[写发改换拆贴查找填报送退补装修画讲停打签测调录拍扫问回交]")
_LATIN_WORD = re.compile(r"[a-z][a-z'’-]*")
_SAYING = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Vague:
    """Why a text is vague. `expressions` are the known ones in the order of the text, as `plain_text` writes them;
    `hint` is the competency the first telling one has in mind, as `Expressions` names it, or "". `reason`:
    vague_expression, or nothing_observable where no known one is to blame."""

    reason: str
    expressions: tuple[str, ...] = ()
    hint: str = ""


class Expressions:
    """The vague expressions a company knows, each with the competency the writer probably has in mind, or ""."""

    def __init__(self, hints: Mapping[str, str]) -> None:
        self._hints = hints
        self._listed = _Listed(hints)

    def said_in(self, plain: str) -> list[tuple[int, str]]:
        return list(self._listed.found_in(plain))

    def hint_of(self, said: Iterable[tuple[int, str]]) -> str:
        return next((self._hints[word] for _at, word in said if self._hints[word]), "")


@cache
def standard_expressions() -> Expressions:
    """What every company begins with; a hint is the standard key of a competency."""
    return Expressions({one.text: one.competency for one in VAGUE_EXPRESSIONS})


def is_vague(text: str, *, known: Expressions | None = None, judge: Judge | None = None) -> bool:
    """Whether `text` says nothing that anybody could have seen. An empty text says nothing vague either."""
    return find_vague(text, known=known, judge=judge) is not None


def find_vague(text: str, *, known: Expressions | None = None, judge: Judge | None = None) -> Vague | None:
    """Why `text` is vague; None where it tells of something observable, or is empty. `known`: without it the standard
    expressions. `judge` is asked of the text where words leave a doubt; without one they decide alone."""
    plain = plain_text(text)
    if not plain:
        return None
    if _whole_pattern().fullmatch(plain):
        return Vague("vague_expression", (plain,))
    expressions = known or standard_expressions()
    said = expressions.said_in(plain)
    rest = _without(_LONE_PERIOD.sub(lambda period: " " * len(period[0]), plain), said)
    strong, weak = _traces(rest)
    if strong:
        return None
    if weak >= ENOUGH:
        # Of a long text the judge knows the beginning alone: the acts may stand behind it.
        is_opinion = judge is not None and reads_whole(text) and judge(text) >= _THOUGH_ACTS_ARE_NAMED
        return Vague("nothing_observable", (), expressions.hint_of(said)) if is_opinion else None
    is_little = not weak and not said and _left_over(rest) < LEFT_OVER
    if judge is not None and (weak or not said):
        if judge(text) < (_OF_FEW_WORDS if is_little else _OF_NO_KNOWN_WORD):
            return None
    elif not said and not is_little:
        return None
    found = tuple(word for _at, word in said)
    return Vague("vague_expression" if said else "nothing_observable", found, expressions.hint_of(said))


def tells_something(text: str) -> bool:
    """Whether there is any trace of something seen in it, be it one word."""
    return any(_traces(plain_text(text)))


def plain_text(text: str) -> str:
    """What the rules read: half-width, lower case, without emoji, and with one blank where there were several."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    kept = "".join(" " if unicodedata.category(mark) in {"So", "Sk", "Cs", "Co", "Cc"} else mark for mark in plain)
    kept = re.sub(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])", "", re.sub(r"\s+", " ", kept.lower())).strip()
    return kept if _SAYING.search(kept) else ""


def _traces(text: str) -> tuple[int, int]:
    """How much in a `plain_text` could have been seen: (figures, numbers and quotations, everything else)."""
    strong = sum(1 for pattern in (_FIGURE, _RECORD, _QUOTED) if pattern.search(text))
    weak = sum(len({word for _at, word in listed().found_in(text)}) for listed in (_deeds, _things))
    weak += any(True for _found in _moments().found_in(text))
    weak += sum(1 for pattern in (_DATE, _DONE, _HANDLED, _MISSED) if pattern.search(text))
    return strong, weak


def _left_over(rest: str) -> int:
    """How much is said beside vague and empty words."""
    rest = _without(rest, _fillers().found_in(rest))
    return len(re.findall(f"[{_HAN}]", rest)) + 2 * len(_LATIN_WORD.findall(rest))


def _without(text: str, found: Iterable[tuple[int, str]]) -> str:
    kept = list(text)
    for at, word in found:
        kept[at : at + len(word)] = " " * len(word)
    return "".join(kept)


class _Listed:
    """Finds words of a list in a text, the longest at each place; several times faster than one long pattern."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._by_start: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(set(listed), key=len, reverse=True):
            self._by_start[word[0]].append(word)

    def found_in(self, text: str) -> Iterator[tuple[int, str]]:
        """(where it begins, the word); none inside another."""
        free = 0
        for at, mark in enumerate(text):
            if at < free or mark not in self._by_start:
                continue
            for word in self._by_start[mark]:
                if text.startswith(word, at) and (not word.isascii() or _stands_alone(text, at, at + len(word))):
                    yield at, word
                    free = at + len(word)
                    break


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether Latin letters end where the word does: "great" is none of "greater"."""
    return not (text[end : end + 1].isascii() and text[end : end + 1].isalnum()) and not (
        start and text[start - 1].isascii() and text[start - 1].isalnum()
    )


@cache
def _whole_pattern() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{words.WHOLE})\W*")


def _both(chinese: str, english: str) -> _Listed:
    return _Listed([*chinese.split(), *english.split("|")])


@cache
def _fillers() -> _Listed:
    return _both(words.FILLERS_ZH, words.FILLERS_EN)


@cache
def _deeds() -> _Listed:
    return _both(words.DEEDS_ZH, words.DEEDS_EN)


@cache
def _things() -> _Listed:
    return _both(words.THINGS_ZH, words.THINGS_EN)


@cache
def _moments() -> _Listed:
    return _both(words.MOMENTS_ZH, words.MOMENTS_EN)


def evaluate(labelled: Iterable[tuple[str, str, bool]], *, judge: Judge | None = None) -> dict[str, object]:
    """Figures over (id, text, whether it is labelled vague); 0 where there is nothing to divide by. `misses` are the
    texts that were taken for the other."""
    texts = [(key, text, label, is_vague(text, judge=judge)) for key, text, label in labelled]
    right = sum(1 for _key, _text, label, found in texts if label and found)
    called = sum(found for *_, found in texts)
    vague = sum(label for _key, _text, label, _found in texts)
    return {
        "n": len(texts),
        "precision": round(right / called, 4) if called else 0.0,
        "recall": round(right / vague, 4) if vague else 0.0,
        "f1": round(2 * right / (called + vague), 4) if called + vague else 0.0,
        "misses": [
            {"id": key, "text": text, "label": "vague" if label else "behavioural"}
            for key, text, label, found in texts
            if label != found
        ],
    }
