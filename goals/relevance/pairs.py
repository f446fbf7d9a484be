"""Labelled pairs: does doing the child move the parent? (product.md §2.7)"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .texts import plain

DATA = Path(__file__).parent / "data"
TRAINING_FILES = (DATA / "alignment_pairs.jsonl", DATA / "own_pairs.jsonl")

ACTIVITY, ELSEWHERE = "activity", "elsewhere"


@dataclass(frozen=True, slots=True)
class Pair:
    """`why` says of a pair that does not support what is wrong with it: the child is only activity, or belongs to
    another parent. `area` is the field of business its parent is about, "" where nobody wrote it down."""

    id: str
    child: str
    parent: str
    supports: bool
    kind: str = ""
    why: str = ""
    area: str = ""


class UnreadablePairs(Exception):
    """A line is no labelled pair; the message says which and what is needed."""


def read_pairs(file: Path) -> list[Pair]:
    """One JSON object a line: id, child, parent, label 1 or 0, optionally kind, why, area."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadablePairs(f"{file} cannot be read: give a UTF-8 file.") from error
    return [_pair(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _pair(number: int, line: str) -> Pair:
    try:
        held = json.loads(line)
        label = held["label"]
        if label not in (0, 1) or not isinstance(held["child"], str) or not isinstance(held["parent"], str):
            raise ValueError
        kind = str(held.get("kind", ""))
        why = "" if label else str(held.get("why", "")) or (ELSEWHERE if kind == "easy_negative" else ACTIVITY)
        return Pair(str(held["id"]), held["child"], held["parent"], bool(label), kind, why, str(held.get("area", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadablePairs(f"line {number}: an object with id, child, parent and label 1 or 0 is needed.") from error


def swapped(pairs: Sequence[Pair], times: int) -> list[Pair]:
    """Each supporting child under `times` parents of another area and the same language: what is right in one place is
    no reason to be right in another. Chosen by hash, so that a new pair changes few of them."""
    parents: dict[str, str] = {}
    for pair in pairs:
        parents[pair.parent] = parents.get(pair.parent) or pair.area
    made = []
    for pair in pairs:
        if not pair.supports:
            continue
        others = [
            parent
            for parent, area in parents.items()
            if parent != pair.parent
            and parent.isascii() == pair.parent.isascii()
            and (not area or not parents[pair.parent] or area != parents[pair.parent])
        ]
        others.sort(key=lambda parent: _draw(pair.child, parent))
        made += [
            Pair(f"{pair.id}-{nth}", pair.child, parent, False, "swapped", ELSEWHERE)
            for nth, parent in enumerate(others[:times], start=1)
        ]
    return made


def folds(pairs: Iterable[Pair], count: int) -> list[int]:
    """Which of `count` parts each pair is in: all of a parent in one, so that none is both learnt and asked."""
    return [int(_draw("", plain(pair.parent)), 16) % count for pair in pairs]


def fingerprint(pairs: Iterable[Pair]) -> str:
    """Names the data a model was made of."""
    lines = sorted(f"{pair.child}\t{pair.parent}\t{int(pair.supports)}\t{pair.why}" for pair in pairs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _draw(one: str, other: str) -> str:
    return hashlib.sha256(f"{one}\t{other}".encode()).hexdigest()
