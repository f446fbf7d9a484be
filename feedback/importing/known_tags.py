"""The behaviour tags a company has, as imported files name them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from perfsys.imports.text import compact
from perfsys.lexicon import standard

_APART = re.compile(r"\s*[、,，;；/／|｜\n\r+＋&＆]+\s*")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class KnownTag:
    name: str
    name_en: str = ""


class TagIndex:
    """Built once, asked for every row."""

    def __init__(self, tags: Iterable[KnownTag]) -> None:
        self._by_word: dict[str, str] = {}
        for tag in tags:
            for word in filter(None, (tag.name_en, tag.name)):
                self._by_word[_folded(word)] = tag.name

    def find(self, text: str) -> str | None:
        """The name of the tag that `text` is, in either language."""
        return self._by_word.get(_folded(text)) if len(text) <= _LONGEST else None

    def parts(self, text: str) -> list[str]:
        """What a cell names apart from each other; one where the whole of it is a tag, though it holds a slash."""
        if self.find(text):
            return [text]
        return [part for part in _APART.split(text) if part]

    def nearest(self, text: str) -> str | None:
        """The tag that was probably meant."""
        found = get_close_matches(_folded(text[:_LONGEST]), self._by_word, n=1, cutoff=0.4)
        return self._by_word[found[0]] if found else None


def _folded(text: str) -> str:
    return compact(text).strip("#＃「」[]【】").casefold()  # "#质量意识#", as chats mark them


STANDARD_TAGS = TagIndex(
    KnownTag(tag.name, tag.name_en) for competency in standard.COMPETENCIES for tag in competency.tags
)
"""What every company begins with: the content by which a column is known."""
