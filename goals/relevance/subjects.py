"""What a text is about, by the words it uses. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from math import sqrt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .subject_words import WORDS_EN, WORDS_ZH

NAMES: Mapping[str, Promise] = {
    "quality": _("quality"),
    "delivery": _("delivery"),
    "cost": _("cost"),
    "sales": _("sales"),
    "service": _("service"),
    "development": _("development"),
    "staff": _("staff"),
    "feedback": _("leading and feedback"),
    "finance": _("finance"),
    "safety": _("safety"),
    "energy": _("energy and environment"),
    "systems": _("systems and data"),
    "stock": _("stock"),
    "equipment": _("equipment"),
    "supplier": _("suppliers"),
    "export": _("markets abroad"),
    "project": _("projects and construction"),
    "marketing": _("marketing and users"),
    "compliance": _("contracts and rules"),
    "training": _("training"),
}
SUBJECTS = tuple(NAMES)

MOST = 2  # words of one subject that count: a list of five defects is not more about quality than two
_TOKEN = re.compile(r"[a-z][a-z0-9-]*")


@cache
def _han_words() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """By first character: (word, its subjects)."""
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for subject, block in WORDS_ZH.items():
        for word in block.split():
            subjects[word].append(subject)
    by_first: defaultdict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for word, listed in subjects.items():
        by_first[word[0]].append((word, tuple(listed)))
    return {first: tuple(words) for first, words in by_first.items()}


@cache
def _latin_beginnings() -> Mapping[str, tuple[str, ...]]:
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for subject, block in WORDS_EN.items():
        for word in block.split():
            subjects[word.replace("_", " ")].append(subject)
    return {word: tuple(listed) for word, listed in subjects.items()}


def subjects_of(plain_text: str) -> tuple[int, ...]:
    """How many words speak for each subject, in the order of SUBJECTS, `MOST` at most."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word, subjects in _words_in(plain_text):
        for subject in subjects:
            found[subject].add(word)
    return tuple(min(len(found[subject]), MOST) for subject in SUBJECTS)


def _words_in(plain_text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    han, latin = _han_words(), _latin_beginnings()
    for at, mark in enumerate(plain_text):
        for word, subjects in han.get(mark, ()):
            if plain_text.startswith(word, at):
                yield word, subjects
    tokens = _TOKEN.findall(plain_text)
    for at, token in enumerate(tokens):
        phrase = " ".join(tokens[at : at + 2])
        for end in range(2, len(phrase) + 1):
            # A phrase counts from its second word's beginning on; a single word from its own.
            if (end <= len(token) or end > len(token) + 1) and phrase[:end] in latin:
                yield phrase[:end], latin[phrase[:end]]


def likeness(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """0 where they share no subject, towards 1 where they speak of the same; few words make it less sure."""
    shared = sum(a * b for a, b in zip(one, other, strict=True))
    return shared / (sqrt(sum(a * a for a in one)) * sqrt(sum(b * b for b in other)) + 0.5)


def shared_subject(one: tuple[int, ...], other: tuple[int, ...]) -> str | None:
    """The subject both speak of most; None where there is none."""
    return _strongest([a * b for a, b in zip(one, other, strict=True)])


def main_subject(counts: tuple[int, ...]) -> str | None:
    return _strongest(counts)


def _strongest(values: list[int] | tuple[int, ...]) -> str | None:
    best = max(values)
    return SUBJECTS[values.index(best)] if best else None
