"""How likely a text is an opinion and nothing that was seen, by its sentence vector: asked second, of what the words
do not settle (`vagueness`, docs/decisions/0009). numpy and the encoder are imported when the first text is asked of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path

from perfsys.common import vectors

HEAD_FILE = Path(__file__).parent / "data" / "opinion.json"
FORMAT = 1
LONGEST, LONGEST_LATIN = 100, 400  # characters

Judge = Callable[[str], float]

_kept = vectors.MemoryStore(2048)


@dataclass(frozen=True, slots=True)
class Head:
    weights: tuple[float, ...]
    bias: float
    trained_on: str
    texts: int

    def judge(self, vector: Sequence[float]) -> float:
        value = self.bias + float(sum(a * b for a, b in zip(self.weights, vector, strict=True)))
        return 1 / (1 + exp(-max(-30.0, min(30.0, value))))


class OtherHeadFormat(Exception):
    """The file is of another version of the program: run `manage.py train_vagueness`."""


def read_part(text: str) -> str:
    """What of a text is read: by its beginning one knows how it speaks, and time grows with length."""
    plain = vectors.plain(text)
    return plain[: LONGEST_LATIN if plain.isascii() else LONGEST]


def reads_whole(text: str) -> bool:
    """Whether `likelihood` knows all of it."""
    return read_part(text) == vectors.plain(text)


def likelihood(text: str) -> float:
    """0..1; the first call of a process takes a second or two to load the encoder."""
    part = read_part(text)
    vector: list[float] = vectors.vectors_of([part], _kept)[part].tolist()
    return read_head().judge(vector)


def prepare(texts: Iterable[str]) -> None:
    """Many at once are made several times faster; `likelihood` then finds them."""
    vectors.vectors_of(dict.fromkeys(map(read_part, texts)), _kept)


def judge_at_hand() -> Judge | None:
    """`likelihood` where it answers at once. Where the encoder is not loaded yet, this begins to load it, and whoever
    asks has the words alone until it is there."""
    return likelihood if vectors.is_warm() else None


def judge_if_installed() -> Judge | None:
    """`likelihood` for what may wait: commands and jobs."""
    return likelihood if vectors.available() else None


@cache
def read_head(file: Path = HEAD_FILE) -> Head:
    held = json.loads(file.read_text(encoding="utf-8"))
    if held.get("format") != FORMAT or held.get("encoder") != vectors.ENCODER:
        raise OtherHeadFormat(str(file))
    return Head(tuple(held["weights"]), held["bias"], held["trained_on"], held["texts"])


def write_head(head: Head, file: Path) -> None:
    """The same head is the same bytes; four figures of a number are more than the labels can bear."""
    held = {
        "format": FORMAT,
        "encoder": vectors.ENCODER,
        "trained_on": head.trained_on,
        "texts": head.texts,
        "weights": [float(f"{weight:.4g}") for weight in head.weights],
        "bias": float(f"{head.bias:.4g}"),
    }
    file.write_text(json.dumps(held, indent=0) + "\n", encoding="utf-8")
    read_head.cache_clear()
