"""How well relevance tells pairs apart, on labelled ones (product.md §2.7). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .pairs import Pair

ENOUGH = 70


def auc(scored: Sequence[tuple[float, bool]]) -> float | None:
    """The chance that a supporting pair scores above another, a tie counting half; None where either kind lacks."""
    positives = sum(supports for _score, supports in scored)
    negatives = len(scored) - positives
    if not positives or not negatives:
        return None
    ordered = sorted(scored, key=lambda one: one[0])
    wins = 0.0
    below = at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        tied = ordered[at:end]
        supporting = sum(supports for _score, supports in tied)
        others = len(tied) - supporting
        wins += supporting * (below + others / 2)
        below += others
        at = end
    return wins / (positives * negatives)


def evaluate(pairs: Sequence[Pair], scores: Sequence[int]) -> dict[str, object]:
    """n, auc, accuracy_at_70 and the pairs that 70 puts on the wrong side; null where there is nothing to divide by."""
    scored = [(float(score), pair.supports) for pair, score in zip(pairs, scores, strict=True)]
    area = auc(scored)
    misses = [
        {
            "id": pair.id,
            "child": pair.child,
            "parent": pair.parent,
            "label": int(pair.supports),
            "kind": pair.kind,
            "score": score,
        }
        for pair, score in zip(pairs, scores, strict=True)
        if (score >= ENOUGH) != pair.supports
    ]
    return {
        "n": len(pairs),
        "auc": None if area is None else round(area, 4),
        "accuracy_at_70": round(1 - len(misses) / len(pairs), 4) if pairs else None,
        "misses": misses,
    }
