"""How the head is trained. Everything is convex or started at one place, so that the same pairs give the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perfsys.common.logistic import even, logistic, sigmoid
from perfsys.common.vectors import MemoryStore, VectorStore, vectors_of

from .model import Model, Vectors, Words
from .pairs import ELSEWHERE, Pair, fingerprint, folds, swapped
from .subjects import likeness, subjects_of
from .texts import plain, wordings

if TYPE_CHECKING:
    from perfsys.common.vectors import Floats

INNER_FOLDS = 5
SWAPS = 3  # other parents a supporting child is shown under
SWAPS_COUNT = 0.7  # all of them together, against one written pair
ELSEWHERE_COUNTS = 0.3  # for the effect: what belongs to another parent may have one there
SEEN_TWICE = 2
STRENGTH = 10.0
WORDING_SCALE = 4.0
WORDS_STRENGTH = 0.5
SUBJECT_RIDGE = 3.0
_BIAS = 3.0  # a constant feature: large, so that its weight costs next to nothing


@dataclass(frozen=True, slots=True)
class Example:
    pair: Pair
    child: str
    parent: str
    of_child: Floats
    of_parent: Floats


def train(pairs: Sequence[Pair], *, store: VectorStore | None = None) -> Model:
    """A model of `pairs`; needs the encoder. Pairs are taken in an order of their own, whatever theirs is."""
    ordered = sorted(pairs, key=lambda pair: (pair.parent, pair.child, pair.supports))
    examples = _examples([*ordered, *swapped(ordered, SWAPS)], MemoryStore(most=100_000) if store is None else store)
    written, swaps = examples[: len(ordered)], examples[len(ordered) :]
    return Model(fingerprint(pairs), len(pairs), _train_words(written, swaps), _train_vectors(written, swaps))


def _examples(pairs: Sequence[Pair], store: VectorStore) -> list[Example]:
    texts = [(plain(pair.child), plain(pair.parent)) for pair in pairs]
    vectors = vectors_of(dict.fromkeys(text for both in texts for text in both), store)
    return [
        Example(pair, child, parent, vectors[child], vectors[parent])
        for pair, (child, parent) in zip(pairs, texts, strict=True)
    ]


# --- effect -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Effect:
    """A linear head over [vector, wordings]; without vectors over wordings alone."""

    vector: Floats | None
    weights: dict[str, float]
    bias: float

    def of(self, examples: Sequence[Example]) -> Floats:
        from .model import wording_value

        values = np.array([wording_value(one.child, self.weights) for one in examples]) + self.bias
        if self.vector is not None:
            values = values + np.array([one.of_child for one in examples]) @ self.vector
        result: Floats = values
        return result


def _fit_effect(examples: Sequence[Example], *, with_vectors: bool) -> _Effect:
    found = [wordings(one.child) for one in examples]
    counts = Counter(wording for one in found for wording in one)
    known = {wording: at for at, wording in enumerate(sorted(w for w, n in counts.items() if n >= SEEN_TWICE))}
    said = np.zeros((len(examples), len(known)))
    for row, one in enumerate(found):
        for wording in one & known.keys():
            said[row, known[wording]] = WORDING_SCALE / np.sqrt(len(one))
    constant = np.full((len(examples), 1), _BIAS)
    parts = [said, constant]
    if with_vectors:
        parts.insert(0, np.array([one.of_child for one in examples]))
    labels = np.array([float(one.pair.supports) for one in examples])
    counted = np.array([ELSEWHERE_COUNTS if one.pair.why == ELSEWHERE else 1.0 for one in examples])
    strength = STRENGTH if with_vectors else WORDS_STRENGTH
    solved = logistic(np.hstack(parts), labels, strength=strength, counted=even(labels, counted))
    size = solved.size - len(known) - 1
    weights = {wording: float(solved[size + at]) * WORDING_SCALE for wording, at in known.items()}
    return _Effect(solved[:size] if with_vectors else None, weights, float(solved[-1]) * _BIAS)


def _unseen_effects(examples: Sequence[Example], *, with_vectors: bool) -> Floats:
    """What a head says that was trained without the example's parent: what it will say of a new text."""
    part = np.array(folds([one.pair for one in examples], INNER_FOLDS))
    values = np.zeros(len(examples))
    for fold in range(INNER_FOLDS):
        inside = [one for one, at in zip(examples, part, strict=True) if at != fold]
        asked = [one for one, at in zip(examples, part, strict=True) if at == fold]
        if asked and inside:
            values[part == fold] = _fit_effect(inside, with_vectors=with_vectors).of(asked)
    return values


# --- the two heads ----------------------------------------------------------------------------------------------------


def _train_words(written: Sequence[Example], swaps: Sequence[Example]) -> Words:
    effect = _fit_effect(written, with_vectors=False)
    every = [*written, *swaps]
    alike = np.array([likeness(subjects_of(one.child), subjects_of(one.parent)) for one in every])
    combine = _combine(written, swaps, _unseen_effects(written, with_vectors=False), alike)
    return Words(effect.weights, effect.bias, combine)


def _train_vectors(written: Sequence[Example], swaps: Sequence[Example]) -> Vectors:
    effect = _fit_effect(written, with_vectors=True)
    subject, subject_bias = _fit_subjects(written)
    blank = Vectors(
        effect_weights=effect.vector if effect.vector is not None else np.zeros(0),
        weights=effect.weights,
        bias=effect.bias,
        subject=subject,
        subject_bias=subject_bias,
        mean_child=np.mean([one.of_child for one in written], axis=0),
        mean_parent=np.mean([one.of_parent for one in written], axis=0),
        subject_weights=(0.0, 0.0, 0.0),
        combine=(1.0, 0.0, 1.0, 0.0),
    )
    every = [*written, *swaps]
    features = np.array([blank.subject_features(one.child, one.parent, one.of_child, one.of_parent) for one in every])
    weights = _fit_subject_weights(every, features)
    combine = _combine(written, swaps, _unseen_effects(written, with_vectors=True), features @ weights)
    first, second, third = (float(weight) for weight in weights)
    return Vectors(
        **{name: getattr(blank, name) for name in blank.__slots__ if name not in ("subject_weights", "combine")},
        subject_weights=(first, second, third),
        combine=combine,
    )


def _fit_subjects(examples: Sequence[Example]) -> tuple[Floats, Floats]:
    """Ridge regression from a vector to the subjects its words speak for: it carries over to texts without them."""
    vectors = {one.child: one.of_child for one in examples} | {one.parent: one.of_parent for one in examples}
    texts = sorted(vectors)
    x = np.array([vectors[text] for text in texts])
    y = np.array([[float(count > 0) for count in subjects_of(text)] for text in texts])
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    x = x - mean_x
    weights = np.linalg.solve(x.T @ x + SUBJECT_RIDGE * np.eye(x.shape[1]), x.T @ (y - mean_y))
    return weights, mean_y - mean_x @ weights


def _fit_subject_weights(examples: Sequence[Example], features: Floats) -> Floats:
    """Supporting pairs against the same children under other parents."""
    asked = np.array([one.pair.supports or one.pair.kind == "swapped" for one in examples])
    labels = np.array([float(one.pair.supports) for one in examples])[asked]
    x = np.hstack([features[asked], np.full((int(asked.sum()), 1), _BIAS)])
    return logistic(x, labels, strength=1.0, counted=even(labels))[:-1]


def _combine(
    written: Sequence[Example], swaps: Sequence[Example], effects: Floats, subject: Floats
) -> tuple[float, float, float, float]:
    """a, b, c, d of sigmoid(a * effect + b) * sigmoid(c * subject + d), the likeliest for pairs of which half support.

    So a probability of a half means: of a balanced set, as many such pairs support as do not.
    """
    by_child = {one.child: value for one, value in zip(written, effects, strict=True)}
    effect = np.array([*effects, *(by_child[one.child] for one in swaps)])
    labels = np.array([float(one.pair.supports) for one in (*written, *swaps)])
    counted = even(labels, np.array([1.0] * len(written) + [SWAPS_COUNT / SWAPS] * len(swaps)))

    def slopes(point: Floats) -> tuple[float, Floats]:
        first = sigmoid(point[0] * effect + point[1])
        second = sigmoid(point[2] * subject + point[3])
        both = np.clip(first * second, 1e-9, 1 - 1e-9)
        loss = -float(counted @ (labels * np.log(both) + (1 - labels) * np.log(1 - both))) + float(point @ point) / 2
        pull = counted * (labels - both) / (1 - both)
        by_first, by_second = pull * (1 - first), pull * (1 - second)
        down = -np.array([by_first @ effect, by_first.sum(), by_second @ subject, by_second.sum()]) + point
        return loss, down

    a, b, c, d = (float(value) for value in _descend(slopes, np.array([1.0, 0.0, 1.0, 1.0])))
    return a, b, c, d


def _descend(slopes: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Damped Newton steps with differences of the slopes as curvature; four unknowns need nothing cleverer."""
    point, damping = start, 1.0
    loss, down = slopes(point)
    for _step in range(500):
        curve = np.array([(slopes(point + one)[1] - slopes(point - one)[1]) / 2e-5 for one in np.eye(4) * 1e-5])
        step = np.linalg.solve((curve + curve.T) / 2 + damping * np.eye(4), -down)
        next_loss, next_down = slopes(point + step)
        if next_loss > loss:
            damping *= 4
            if damping > 1e12:
                break
            continue
        point, loss, down, damping = point + step, next_loss, next_down, damping / 3
        if float(np.abs(down).max()) < 1e-7:
            break
    return point
