"""What of a text counts for its relevance: its words, not its figures, and not how it is written. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from perfsys.common.vectors import plain

__all__ = ["plain", "says_nothing", "says_the_same", "wordings"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]+|[a-z][a-z'’-]*")
_LATIN = re.compile(r"[a-z][a-z'’-]*")


def says_nothing(plain_text: str) -> bool:
    return _RUN.search(plain_text) is None


def says_the_same(one: str, other: str) -> bool:
    """Whether two plain texts differ in figures and punctuation at most."""
    return _RUN.findall(one) == _RUN.findall(other)


def wordings(plain_text: str) -> frozenset[str]:
    """Two and three Han characters in a row, Latin words and pairs of them."""
    found: set[str] = set()
    for run in _RUN.findall(plain_text):
        if run[0].isascii():
            found.add(run)
        else:
            found.update(run[at : at + size] for size in (2, 3) for at in range(len(run) - size + 1))
    words = _LATIN.findall(plain_text)
    found.update(f"{first} {second}" for first, second in pairwise(words))
    return frozenset(found)
