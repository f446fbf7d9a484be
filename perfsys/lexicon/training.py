"""How the head of `opinion` is trained. Convex, so that the same texts give the same head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perfsys.common.logistic import even, logistic
from perfsys.common.vectors import MemoryStore, VectorStore, vectors_of

from .opinion import Head, read_part
from .standard import ENTRIES

TEXTS_FILE = Path(__file__).parent / "data" / "vague_texts.jsonl"

STRENGTH = 30.0
ENTRY_COUNTS = 0.15  # of a sentence of the dictionary, against a text written for this: they are more and more alike
MIX_COUNTS = 0.3
_BIAS = 3.0  # a constant feature: large, so that its weight costs next to nothing


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    is_vague: bool
    counts: float = 1.0


def written() -> list[Example]:
    lines = TEXTS_FILE.read_text(encoding="utf-8").splitlines()
    return [Example(held["text"], held["label"] == "vague") for held in map(json.loads, lines)]


def with_the_rest(texts: Sequence[Example]) -> list[Example]:
    """`texts`, each vague one also beside something seen, which makes it tell; and the sentences of the dictionary."""
    entries = [Example(text, False, ENTRY_COUNTS) for one in ENTRIES for text in (one.text, one.text_en)]
    return [*texts, *_mixed(texts), *entries]


def _mixed(texts: Sequence[Example]) -> list[Example]:
    found = []
    for is_latin in (True, False):
        of_language = sorted((one for one in texts if one.text.isascii() == is_latin), key=lambda one: _hash(one.text))
        vague = [one.text for one in of_language if one.is_vague]
        seen = [one.text for one in of_language if not one.is_vague]
        for at, text in enumerate(vague if seen else ()):
            both = (text, seen[at % len(seen)])
            mark = ". " if is_latin else "，"
            found.append(Example(mark.join(both if at % 2 else both[::-1]), False, MIX_COUNTS))
    return found


def train(examples: Iterable[Example], *, store: VectorStore | None = None) -> Head:
    """Needs the encoder. Examples are taken in an order of their own, whatever theirs is."""
    ordered = sorted(set(examples), key=lambda one: (one.text, one.is_vague))
    held = vectors_of(dict.fromkeys(read_part(one.text) for one in ordered), store or MemoryStore(most=100_000))
    labels = np.array([float(one.is_vague) for one in ordered])
    x = np.hstack([np.array([held[read_part(one.text)] for one in ordered]), np.full((len(ordered), 1), _BIAS)])
    counted = even(labels, np.array([one.counts for one in ordered]))
    solved = logistic(x, labels, strength=STRENGTH, counted=counted)
    return Head(tuple(map(float, solved[:-1])), float(solved[-1]) * _BIAS, fingerprint(ordered), len(ordered))


def fingerprint(examples: Iterable[Example]) -> str:
    lines = sorted(f"{one.text}\t{one.is_vague}\t{one.counts}" for one in set(examples))
    return _hash("\n".join(lines))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
