"""Goals that rows name by number, by title, or by both in one cell; the stable key of a goal without a number."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import takewhile

from perfsys.imports.text import compact

# A decimal point is kept: 98.5 and 985 are two goals.
_NOT_WORD = re.compile(r"[^\w.]+|_+|(?<!\d)\.+|\.+(?!\d)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_NUMBER_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_ENUMERATION = re.compile(r"\s*[(（【\[]?[A-Za-z0-9._/-]+[)）】\]]?[\s.、:：)）-]+")
_SEVERAL = re.compile(r"[、,，;；\n|]+")
# A shorter piece of a title says too little to be taken for the whole of it.
_SHORTEST_PIECE = 4
# A shorter token is as likely a figure in the wording ("Q4", "95") as a goal's number.
_SHORTEST_TOKEN = 3
# The caller tells the candidates apart by layer and unit; beyond this many the piece says nothing.
_MOST_BEGINNINGS = 20

DERIVED = "auto-"


@dataclass(frozen=True, slots=True)
class KnownGoal:
    """`key` is the goal's number, else what `derived_key` made; `owner` an employee number, a unit path, or ""."""

    key: str
    layer: str
    owner: str
    title: str
    due: date | None = None

    @property
    def is_derived(self) -> bool:
        return self.key.startswith(DERIVED)


class GoalIndex:
    """Finds goals as files name them. Exact keys first, then what a person would still recognise."""

    def __init__(self, goals: Iterable[KnownGoal] = ()) -> None:
        self._by_key: dict[str, KnownGoal] = {}
        self._by_title: defaultdict[str, list[KnownGoal]] = defaultdict(list)
        self._by_place: dict[tuple[str, str, str], KnownGoal] = {}
        self._sorted_titles: list[str] | None = None
        for goal in goals:
            self.add(goal)

    def add(self, goal: KnownGoal) -> None:
        """The first goal with a number keeps it."""
        if number_key(goal.key) in self._by_key:
            return
        self._by_key[number_key(goal.key)] = goal
        title = title_key(goal.title)
        self._by_title[title].append(goal)
        self._by_place.setdefault((goal.layer, goal.owner, title), goal)
        self._sorted_titles = None

    def goals(self) -> Iterable[KnownGoal]:
        return self._by_key.values()

    def by_number(self, number: str) -> KnownGoal | None:
        return self._by_key.get(number_key(number))

    def at(self, layer: str, owner: str, title: str) -> KnownGoal | None:
        """The goal of this owner with this title, whatever its number."""
        return self._by_place.get((layer, owner, title_key(title)))

    def find(self, text: str) -> list[list[KnownGoal]]:
        """The goals a cell names, in its order; each as the list of goals it may mean, empty where nothing fits.

        "GS-04", "GS-04 降本与组织能力", "降本与组织能力:单位制造成本...", its beginning, or several divided by 、.
        """
        whole = self._exactly(text)
        if whole:
            return [whole]
        pieces = [piece for piece in _SEVERAL.split(text) if piece.strip()]
        if len(pieces) > 1:
            several = [self._exactly(piece) for piece in pieces]
            if all(several):
                return several
        return [self._loosely(text)]

    def _exactly(self, text: str) -> list[KnownGoal]:
        numbered = self.by_number(text)
        return [numbered] if numbered else list(self._by_title.get(title_key(text), ()))

    def _loosely(self, text: str) -> list[KnownGoal]:
        numbered = self._by_number_inside(text)
        if numbered:
            return numbered
        behind = _ENUMERATION.sub("", text, count=1) if _ENUMERATION.match(text) else ""
        for wording in filter(None, (behind, text)):
            if found := self._by_title.get(title_key(wording)) or self._by_beginning(title_key(wording)):
                return list(found)
        return []

    def _by_number_inside(self, text: str) -> list[KnownGoal]:
        head = re.split(r"[\s:：(（]", text.strip(), maxsplit=1)[0]
        if head != text.strip() and (goal := self.by_number(head)) is not None and any(map(str.isdigit, head)):
            return [goal]
        tokens = dict.fromkeys(token.rstrip("._/-") for token in _NUMBER_LIKE.findall(text.translate(_DASHES)))
        goals = [
            goal
            for token in tokens
            if len(token) >= _SHORTEST_TOKEN and any(map(str.isdigit, token)) and (goal := self.by_number(token))
        ]
        return goals if len(goals) == 1 else []

    def _by_beginning(self, piece: str) -> Sequence[KnownGoal]:
        if len(piece) < _SHORTEST_PIECE:
            return ()
        if self._sorted_titles is None:
            self._sorted_titles = sorted(self._by_title)
        at = bisect_left(self._sorted_titles, piece)
        nearest = self._sorted_titles[at : at + _MOST_BEGINNINGS]
        found = takewhile(lambda title: title.startswith(piece), nearest)
        return [goal for title in found for goal in self._by_title[title]]


@lru_cache(maxsize=8192)
def number_key(number: str) -> str:
    """The form in which goal numbers are compared: NFKC, no blanks, one kind of dash, upper case."""
    return compact(number).translate(_DASHES).upper()


@lru_cache(maxsize=1024)
def title_key(title: str) -> str:
    """The form in which titles are compared: letters and digits alone, as punctuation changes from copy to copy."""
    return _NOT_WORD.sub("", compact(title)).casefold()


def derived_key(layer: str, owner: str, title: str, measure: str = "") -> str:
    """The key of a goal whose file numbers none: the same row gives the same key in every import.

    `measure` tells two goals of one owner apart that share their title.
    """
    place = "\x1f".join(filter(None, (layer, owner, title_key(title), title_key(measure))))
    return DERIVED + hashlib.sha256(place.encode()).hexdigest()[:16]
