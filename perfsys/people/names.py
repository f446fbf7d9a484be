"""Names and numbers of people as keys: to sort by, to find by, to sign in with. Pure."""

import os
import re
import unicodedata

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # idioms that no name needs: 43 MB a process

from pypinyin import lazy_pinyin

_SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "黑": "he",
    "洗": "xian",
    "乐": "yue",
    "覃": "qin",
    "缪": "miao",
    "翟": "zhai",
    "秘": "bi",
    "繁": "po",
    "员": "yun",
    "贠": "yun",
    "重": "chong",
    "折": "she",
    "卜": "bu",
    "隗": "wei",
    "薄": "bo",
    "炅": "gui",
    "召": "shao",
    "祭": "zhai",
    "种": "chong",
    "能": "nai",
    "都": "du",
    "阚": "kan",
    "郇": "xun",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "澹台": "tan tai",
    "单于": "chan yu",
}
"""Surnames that are read otherwise than the character by itself."""

_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}")


def name_key(name: str) -> str:
    """Sorts a name by pinyin, syllable by syllable: "wan qi xin". Latin names by their lower-case letters."""
    return " ".join(_syllables(name))[:200]


def search_key(name: str) -> str:
    """What is typed to find a name: the pinyin in one word and its initials, "wanqixin wqx"."""
    syllables = _syllables(name)
    return f"{''.join(syllables)} {''.join(syllable[0] for syllable in syllables)}"[:240]


def _syllables(name: str) -> list[str]:
    name = unicodedata.normalize("NFKC", name).strip()
    for length in (2, 1):
        if read := _SURNAMES.get(name[:length]):
            return read.split() + _plain(name[length:])
    return _plain(name)


def _plain(text: str) -> list[str]:
    words = (re.sub(r"[^\w]+", " ", part).split() for part in lazy_pinyin(text))
    return [word.lower() for part in words for word in part]


def phone_key(typed: str) -> str | None:
    """A phone number as +<country><number>, for sign-in; a Chinese mobile number needs no +86. None for no number."""
    digits = re.sub(r"[\s\-().·]", "", unicodedata.normalize("NFKC", typed))
    digits = re.sub(r"^00", "+", digits)
    national = re.sub(r"^(\+?86)", "", digits)
    if _CHINESE_MOBILE.fullmatch(national):
        return f"+86{national}"
    return digits if _INTERNATIONAL.fullmatch(digits) and not digits.startswith("+86") else None


def masked(phone: str) -> str:
    """138****0000: enough to know one's own by. "" for none."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 8 else "****" if phone else ""


def email_key(typed: str) -> str:
    """An address as it is compared and stored: without blanks around, lower case."""
    return unicodedata.normalize("NFKC", typed).strip().lower()
