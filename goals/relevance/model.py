"""The trained head: two questions about a pair, and how their answers combine (docs/decisions/0007).

*Effect*: does the child's text read like something that changes a result, or like an activity? *Subject*: is it about
what the parent is about? A pair supports when both hold; so the probability is the product of the two. One linear head
over both texts cannot say this: activities share the parent's words, children of another parent do not, and a weight
for shared words is wrong for one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfsys.common.vectors import ENCODER

from .subjects import likeness, subjects_of
from .texts import wordings

if TYPE_CHECKING:
    from perfsys.common.vectors import Floats

MODEL_FILE = Path(__file__).parent / "data" / "model.json"
FORMAT = 1

KNOWN_SUBJECT = 0.5  # added for a subject that words speak for, on what the vector says


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Two probabilities; `supports` is the one of the pair."""

    effect: float
    subject: float

    @property
    def supports(self) -> float:
        return self.effect * self.subject


@dataclass(frozen=True, slots=True)
class Words:
    """The head that needs no vectors: weights of wordings, and the likeness of subjects."""

    weights: Mapping[str, float]
    bias: float
    combine: tuple[float, float, float, float]

    def effect(self, child: str) -> float:
        return self.bias + wording_value(child, self.weights)

    def judge(self, child: str, parent: str) -> Likelihood:
        a, b, c, d = self.combine
        alike = likeness(subjects_of(child), subjects_of(parent))
        return Likelihood(sigmoid(a * self.effect(child) + b), sigmoid(c * alike + d))


@dataclass(frozen=True, slots=True)
class Vectors:
    """The head over sentence vectors and wordings. `subject` maps a vector to how much it is about each subject."""

    effect_weights: Floats
    weights: Mapping[str, float]
    bias: float
    subject: Floats
    subject_bias: Floats
    mean_child: Floats
    mean_parent: Floats
    subject_weights: tuple[float, float, float]
    combine: tuple[float, float, float, float]

    def effect(self, child: str, vector: Floats) -> float:
        return self.bias + float(vector @ self.effect_weights) + wording_value(child, self.weights)

    def subject_features(self, child: str, parent: str, of_child: Floats, of_parent: Floats) -> tuple[float, ...]:
        """Likeness of subjects by words, by words and vectors, and the cosine around the mean child and parent."""
        one, other = subjects_of(child), subjects_of(parent)
        return (
            likeness(one, other),
            _cosine(self._about(one, of_child), self._about(other, of_parent)),
            _cosine(of_child - self.mean_child, of_parent - self.mean_parent),
        )

    def _about(self, counts: tuple[int, ...], vector: Floats) -> Floats:
        import numpy as np

        said: Floats = np.clip(vector @ self.subject + self.subject_bias, 0, 1)
        return said + KNOWN_SUBJECT * (np.array(counts) > 0)

    def judge(self, child: str, parent: str, of_child: Floats, of_parent: Floats) -> Likelihood:
        a, b, c, d = self.combine
        alike = self.subject_features(child, parent, of_child, of_parent)
        fit = sum(weight * value for weight, value in zip(self.subject_weights, alike, strict=True))
        return Likelihood(sigmoid(a * self.effect(child, of_child) + b), sigmoid(c * fit + d))


@dataclass(frozen=True, slots=True)
class Model:
    trained_on: str
    pairs: int
    words: Words
    vectors: Vectors


def wording_value(text: str, weights: Mapping[str, float]) -> float:
    """The weights of a text's wordings, over the root of their number: a long text must not win by its length."""
    found = wordings(text)
    return sum(weights.get(one, 0.0) for one in sorted(found)) / sqrt(len(found)) if found else 0.0


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, value))))


def _cosine(one: Floats, other: Floats) -> float:
    size = sqrt(float(one @ one)) * sqrt(float(other @ other))
    return float(one @ other) / size if size else 0.0


# --- the file ---------------------------------------------------------------------------------------------------------


class OtherModelFormat(Exception):
    """The model file is of another version of the program: run `manage.py train_alignment`."""


@cache
def read_words(file: Path = MODEL_FILE) -> Words:
    """The head without vectors; reading it needs no numpy."""
    held = _read(file)["words"]
    return Words(held["weights"], held["bias"], tuple(held["combine"]))


@cache
def read_vectors(file: Path = MODEL_FILE) -> Vectors:
    import numpy as np

    held = _read(file)["vectors"]
    arrays = {
        name: np.array(held[name], dtype=np.float64)
        for name in ("effect_weights", "subject", "subject_bias", "mean_child", "mean_parent")
    }
    return Vectors(
        weights=held["weights"],
        bias=held["bias"],
        subject_weights=tuple(held["subject_weights"]),
        combine=tuple(held["combine"]),
        **arrays,
    )


def _read(file: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if held.get("format") != FORMAT or held.get("encoder") != ENCODER:
        raise OtherModelFormat(str(file))
    return held


def write_model(model: Model, file: Path) -> None:
    """The same model is the same bytes; a number has four figures, which is more than the labels can bear."""
    held = {
        "format": FORMAT,
        "encoder": ENCODER,
        "trained_on": model.trained_on,
        "pairs": model.pairs,
        "words": _rounded(model.words),
        "vectors": _rounded(model.vectors),
    }
    text = json.dumps(held, ensure_ascii=False, sort_keys=True, indent=0)
    file.write_text(text + "\n", encoding="utf-8")
    read_words.cache_clear()
    read_vectors.cache_clear()


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items() if _rounded(one) != 0}
    if isinstance(value, int | float):
        return float(f"{value:.4g}") + 0.0
    if isinstance(value, Sequence):
        return [_rounded(one) for one in value]
    if hasattr(value, "tolist"):
        return _rounded(value.tolist())
    return {name: _rounded(getattr(value, name)) for name in value.__slots__}
