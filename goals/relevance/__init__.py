"""Whether doing the child would move the parent, from their texts in Chinese or English (product.md §2.7).

    relevance("换型压到32分钟", "设备综合效率OEE达到76%").score

A score of 70 means: of as many pairs that support as do not, those scored 70 are as often one as the other. Below, the
score falls in step with the probability down to 0; above, it rises to 100. docs/decisions/0007 has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfsys.common import vectors
from perfsys.common.vectors import MemoryStore, VectorStore

from .model import MODEL_FILE, Likelihood, read_vectors, read_words
from .reasons import Code, Reason
from .subjects import main_subject, shared_subject, subjects_of
from .texts import plain, says_nothing, says_the_same

__all__ = ["ENOUGH", "Code", "Reason", "Relevance", "VectorStore", "relevance", "relevances", "score_of"]

ENOUGH = 70
_EVEN = 0.5  # the probability that reads as ENOUGH

_of_this_process = MemoryStore()


@dataclass(frozen=True, slots=True)
class Relevance:
    """`score` 0..100. `is_sure` is False where single words had to do: the encoder is not installed."""

    score: int
    reasons: tuple[Reason, ...]
    is_sure: bool = True

    @property
    def is_enough(self) -> bool:
        return self.score >= ENOUGH


def relevance(child: str, parent: str, *, store: VectorStore | None = None) -> Relevance:
    return relevances([(child, parent)], store=store)[0]


def relevances(
    pairs: Iterable[tuple[str, str]],
    *,
    store: VectorStore | None = None,
    words_only: bool = False,
    model: Path = MODEL_FILE,
) -> list[Relevance]:
    """The relevance of each (child, parent), in their order. One call for many is several times faster.

    Vectors come from `store` and go there; without one they live as long as the process. `words_only` asks for the
    judgement that a machine without the encoder gives.
    """
    texts = [(plain(child), plain(parent)) for child, parent in pairs]
    likelihoods = _judge([both for both in texts if not _is_settled(*both)], store, words_only, model)
    return [_by_rule(*both) if _is_settled(*both) else _judged(*both, *next(likelihoods)) for both in texts]


def score_of(probability: float) -> int:
    """An even chance is ENOUGH; linear on either side. Rounded down, so that 70 is never less than even."""
    if probability < _EVEN:
        return int(probability / _EVEN * ENOUGH)
    return min(100, int(ENOUGH + (probability - _EVEN) / (1 - _EVEN) * (100 - ENOUGH)))


def _judge(
    texts: Sequence[tuple[str, str]], store: VectorStore | None, words_only: bool, model: Path
) -> Iterator[tuple[Likelihood, bool]]:
    if words_only or not vectors.available():
        words = read_words(model)
        return iter([(words.judge(child, parent), False) for child, parent in texts])
    if not texts:  # nothing to load the encoder for
        return iter([])
    kept = _of_this_process if store is None else store
    found = vectors.vectors_of(dict.fromkeys(text for both in texts for text in both), kept)
    head = read_vectors(model)
    return iter([(head.judge(child, parent, found[child], found[parent]), True) for child, parent in texts])


def _is_settled(child: str, parent: str) -> bool:
    return says_nothing(child) or says_nothing(parent) or says_the_same(child, parent)


def _by_rule(child: str, parent: str) -> Relevance:
    if says_nothing(child) or says_nothing(parent):
        return Relevance(0, (Reason(Code.NOTHING_SAID),))
    # A figure handed down is a goal like any other, but copying the goal above must not be the way to a full match.
    return Relevance(ENOUGH, (Reason(Code.REPEATS),))


def _judged(child: str, parent: str, likelihood: Likelihood, is_sure: bool) -> Relevance:
    score = score_of(likelihood.supports)
    reasons = list(_reasons(child, parent, likelihood, enough=score >= ENOUGH))
    if not is_sure:
        reasons.append(Reason(Code.BY_WORDS_ALONE))
    return Relevance(score, tuple(reasons), is_sure)


def _reasons(child: str, parent: str, likelihood: Likelihood, *, enough: bool) -> Iterable[Reason]:
    """Which of the two questions decided. Subjects are named by words in the texts, never by vectors alone."""
    one, other = subjects_of(child), subjects_of(parent)
    shared = shared_subject(one, other)
    if enough:
        yield Reason(Code.MOVES)
        if shared:
            yield Reason(Code.SAME_SUBJECT, (shared,))
        return
    weakest = min(likelihood.effect, likelihood.subject)
    if likelihood.effect == weakest or likelihood.effect < _EVEN:
        yield Reason(Code.ACTIVITY)
    if likelihood.subject == weakest or likelihood.subject < _EVEN:
        yield Reason(Code.ELSEWHERE)
        own, above = main_subject(one), main_subject(other)
        if own and above and not shared:
            yield Reason(Code.OTHER_SUBJECT, (own, above))
