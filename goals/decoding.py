"""What is missing and what is there twice when company goals are taken apart (product.md §2.13). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from goals.relevance.texts import plain, says_nothing, wordings

if TYPE_CHECKING:
    from perfsys.common.vectors import Floats

NEAR_IN_MEANING = 0.72
"""The cosine from which two proposals read alike: the same result in other words has 0.73 and more, two figures of one
process (pass rate, delivery rate) at most 0.70."""
SHARED_WORDING = 0.5
"""The same without the encoder: how much of the shorter one's wording stands in the other as well."""
MOST_PAIRS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A proposal: its id, which department's it is, its words."""

    key: int
    department: int
    text: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """Ids, in the order they were given in."""

    unsupported: tuple[int, ...]  # company goals that no department supports
    silent: tuple[int, ...]  # departments without a proposal


def gaps(objectives: Iterable[int], departments: Iterable[int], proposals: Collection[tuple[int | None, int]]) -> Gaps:
    """`proposals` are (objective, department); what was proposed for an objective that is gone fills no gap in the
    company's goals, but its department has spoken."""
    supported, spoken = {objective for objective, _ in proposals}, {department for _, department in proposals}
    return Gaps(
        tuple(one for one in objectives if one not in supported),
        tuple(one for one in departments if one not in spoken),
    )


def pairs_alike(
    proposals: Sequence[Said], vectors: Mapping[str, Floats] | None = None, *, most: int = MOST_PAIRS
) -> list[tuple[int, int]]:
    """Ids of two proposals of different departments that read alike, the smaller one first; the nearest pairs come
    first. `vectors` by plain text as `perfsys.common.vectors` makes them; without them single words have to do."""
    texts = {one.key: plain(one.text) for one in proposals}
    telling = sorted((one for one in proposals if not says_nothing(texts[one.key])), key=lambda one: one.key)
    least = SHARED_WORDING if vectors is None else NEAR_IN_MEANING
    found = [
        (near, one.key, other.key)
        for one, other in combinations(telling, 2)
        if one.department != other.department and (near := likeness(texts[one.key], texts[other.key], vectors)) >= least
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1:]))
    return [(one, other) for _near, one, other in found[:most]]


def likeness(one: str, other: str, vectors: Mapping[str, Floats] | None) -> float:
    """Of two plain texts, at most 1."""
    if one == other:
        return 1.0
    if vectors is not None:
        return float(vectors[one] @ vectors[other])
    ours, theirs = wordings(one), wordings(other)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))
