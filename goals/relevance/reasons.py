"""Why two texts match as they do, and what would raise it, in words (product.md §2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .subjects import NAMES


class Code(StrEnum):
    MOVES = "moves"
    SAME_SUBJECT = "same_subject"
    ACTIVITY = "activity"
    ELSEWHERE = "elsewhere"
    OTHER_SUBJECT = "other_subject"
    REPEATS = "repeats"
    NOTHING_SAID = "nothing_said"
    BY_WORDS_ALONE = "by_words_alone"


@dataclass(frozen=True, slots=True)
class Reason:
    """`subjects` fill the sentence: keys of `subjects.NAMES`, the child's first."""

    code: Code
    subjects: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        names = {place: str(NAMES[key]) for place, key in zip(("subject", "above"), self.subjects, strict=False)}
        return str(SENTENCES[self.code]) % names

    @property
    def advice(self) -> str:
        """What would raise the match; empty where nothing has to."""
        return str(ADVICE.get(self.code, ""))


SENTENCES: Mapping[Code, Promise] = {
    Code.MOVES: _("Reads like something that moves the goal above."),
    Code.SAME_SUBJECT: _("Both are about %(subject)s."),
    Code.ACTIVITY: _("Reads like an activity: nothing says what changes for the goal above."),
    Code.ELSEWHERE: _("Reads like it belongs to another goal: little connects it with this one."),
    Code.OTHER_SUBJECT: _("It speaks of %(subject)s, the goal above of %(above)s."),
    Code.REPEATS: _("Says the same as the goal above."),
    Code.NOTHING_SAID: _("One of the two goals has no words to compare."),
    Code.BY_WORDS_ALONE: _("Judged by single words only, so it is less sure than usual."),
}

ADVICE: Mapping[Code, Promise] = {
    Code.ACTIVITY: _("Say what will be different once it is done, for example a figure that moves."),
    Code.ELSEWHERE: _("Say how it reaches the goal above, or choose the goal that it really carries."),
    Code.REPEATS: _("Say what your own part of it is."),
    Code.NOTHING_SAID: _("Say in one sentence what is to be reached."),
}
