"""Whether what is being written says anything one could have seen, and what could be said instead (product.md §3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.models import Feedback
from perfsys.lexicon.models import BehaviourTag
from perfsys.lexicon.opinion import Judge
from perfsys.lexicon.queries import better_words, known_expressions
from perfsys.lexicon.rewording import clause_with, reworded
from perfsys.lexicon.vagueness import find_vague


@dataclass(frozen=True)
class Offer:
    """A sentence of the dictionary, and the writer's text with it in place of what says nothing."""

    key: int
    sentence: str
    whole: str


@dataclass(frozen=True)
class Doubt:
    """`words`: the clause that is to blame, as it was typed, where it holds a known expression; else empty."""

    words: str
    offers: tuple[Offer, ...]


def doubt_about(text: str, *, tag: BehaviourTag | None, nature: str, judge: Judge | None) -> Doubt | None:
    """None where the text tells something, or nothing is written. Three queries at most."""
    if not text.strip():
        return None
    known = known_expressions()
    why = find_vague(text, known=known, judge=judge)
    if why is None:
        return None
    longest = Feedback._meta.get_field("text").max_length or 0
    offers = (
        Offer(one.pk, one.shown_text, reworded(text, why, one.shown_text, known=known))
        for one in better_words(why, text, tag=tag, nature=nature)
    )
    words = clause_with(text, why.expressions[0]) if why.expressions else ""
    return Doubt(words, tuple(one for one in offers if len(one.whole) <= longest))
