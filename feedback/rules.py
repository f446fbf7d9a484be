"""How long a feedback may be, counted as its reader counts (product.md §3.1). Pure; knows no database.

A sentence ends with 。！？!? or …, with a line break, or with a full stop before a blank or the end, so that the one in
3.5, 3.2% or W2.1 does not end one; several marks together end it once. An expected action has at most 20 characters
where it holds a Han character, else at most 12 words; blanks at its ends and marks that nobody sees (of writing
direction, of no width) do not count, and an emoji counts once, however it is put together. static/js/lengths.js counts
alike.
"""

import re
import unicodedata
from collections.abc import Iterator

MOST_SENTENCES = 3
MOST_CHARACTERS = 20
MOST_WORDS = 12
MOST_LETTERS = 120  # twelve words of whatever length must fit the column

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]")
_END = re.compile(r"[。｡！？!?…‼⁇⁈⁉]+|\.(?=\s|$)|[\n\r\u2028\u2029]+")
_SAID = re.compile(r"\w", re.UNICODE)
_JOINER = "\u200d"


def sentences(text: str) -> int:
    """How many sentences of `text` say something; marks and emoji alone are none."""
    return sum(1 for part in _END.split(text) if _SAID.search(part))


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def characters(text: str) -> int:
    """As a reader counts them: accents and the parts of an emoji belong to the character before."""
    return sum(1 for _ in _clusters(text.strip()))


def words(text: str) -> int:
    return sum(1 for word in text.split() if characters(word))


def action_length(text: str) -> tuple[int, int]:
    """(how long an expected action is, how long it may be), in characters or in words."""
    return (characters(text), MOST_CHARACTERS) if has_han(text) else (words(text), MOST_WORDS)


def action_fits(text: str) -> bool:
    length, most = action_length(text)
    return 0 < length <= most and len(text) <= MOST_LETTERS


def _clusters(text: str) -> Iterator[str]:
    cluster = ""
    for letter in text:
        category = unicodedata.category(letter)
        goes_on = category in {"Mn", "Me"} or "\U0001f3fb" <= letter <= "\U0001f3ff"  # accents, skin tones
        is_second_of_a_flag = _is_flag_letter(letter) and len(cluster) == 1 and _is_flag_letter(cluster)
        if category == "Cf":  # seen by nobody
            cluster += letter if cluster else ""
        elif cluster and (goes_on or is_second_of_a_flag or cluster.endswith(_JOINER)):
            cluster += letter
        else:
            if cluster:
                yield cluster
            cluster = letter
    if cluster:
        yield cluster


def _is_flag_letter(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"
