"""Who and what may own a goal: people by number or name, units by path or name, as imported files write them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from perfsys.imports.text import compact

_NUMBER_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PATH_SEPARATORS = re.compile(r"\s*[/\\>→|]\s*")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """`units` are paths ("制造中心/一车间"), the primary one first."""

    number: str
    name: str
    units: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """`person` is None where nobody, or more than one (`ambiguous`), answers to what the row says."""

    person: KnownPerson | None
    given: str
    """What the row says, for messages: the number where there is one, else the name."""
    ambiguous: bool = False
    name_differs: bool = False
    """The number is known, but the row writes another name beside it."""


class Owners:
    """What is known of people and units when a file is judged; built once, asked for every row."""

    def __init__(self, people: Iterable[KnownPerson], units: Iterable[str]) -> None:
        self._by_number: dict[str, KnownPerson] = {}
        self._by_name: defaultdict[str, list[KnownPerson]] = defaultdict(list)
        for person in people:
            self._by_number[employee_key(person.number)] = person
            self._by_name[_folded(person.name)].append(person)
        self._by_bare_number = _unambiguous((number.lstrip("0"), one) for number, one in self._by_number.items())
        self._units: defaultdict[str, list[str]] = defaultdict(list)
        for path in units:
            for ending in _endings(_parts(path)):
                self._units["/".join(ending)].append(path)
        self._unit_cache: dict[str, tuple[str, ...]] = {}

    def person(self, number: str) -> KnownPerson | None:
        """By employee number. Excel drops leading zeros, so "96" finds "0096" where that is the only reading."""
        key = employee_key(number)
        return self._by_number.get(key) or self._by_bare_number.get(key.lstrip("0"))

    def find_person(self, *, number: str = "", name: str = "", unit: str = "") -> PersonMatch | None:
        """The person a row names by number, name, or both in one cell; None where the row names nobody.

        The number decides. Namesakes are told apart by the row's unit, the active ones first.
        """
        for text in (number, name):
            found = self._person_in(text)
            if found is not None:
                return PersonMatch(found, found.number, name_differs=_other_name(name or number, found))
        if number:
            return PersonMatch(None, number)
        if not name:
            return None
        candidates = self._by_name.get(_folded(name), [])
        candidates = [one for one in candidates if one.active] or candidates
        if len(candidates) > 1 and unit:
            candidates = [one for one in candidates if self._belongs(one, unit)] or candidates
        if len(candidates) == 1:
            return PersonMatch(candidates[0], candidates[0].number)
        return PersonMatch(None, name, ambiguous=bool(candidates))

    def find_units(self, text: str) -> tuple[str, ...]:
        """Paths of the units that `text` may mean: a whole path, its end, or a path below the company's name."""
        if text not in self._unit_cache:
            self._unit_cache[text] = self._look_up_units(text)
        return self._unit_cache[text]

    def unit_label(self, path: str) -> str:
        """The unit's own name, or its path where several units share the name."""
        name = _parts(path)[-1]
        return path.rsplit("/", 1)[-1] if len(self._units[name]) == 1 else path

    def _look_up_units(self, text: str) -> tuple[str, ...]:
        parts = _parts(text)
        for dropped, ending in enumerate(_endings(parts)):
            if dropped and parts[dropped - 1] in self._units:
                break  # only what is no unit of ours, the company's name say, may stand before the path
            if found := self._units.get("/".join(ending)):
                whole = [path for path in found if _parts(path) == ending]
                return tuple(whole or found)
        # A hyphen is a separator in some files and part of a name in others: tried last.
        return self._look_up_units(text.replace("-", "/")) if "-" in text else ()

    def _person_in(self, text: str) -> KnownPerson | None:
        if not text:
            return None
        whole = self.person(text)
        if whole is not None:
            return whole
        tokens = _NUMBER_LIKE.findall(text)
        known = [one for token in tokens if (one := self._by_number.get(employee_key(token))) is not None]
        return known[0] if len(known) == 1 else None

    def _belongs(self, person: KnownPerson, unit: str) -> bool:
        return any(related(path, own) for path in self.find_units(unit) for own in person.units)


def related(one: str, other: str) -> bool:
    """The same unit, or one of the two paths lies above the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


@lru_cache(maxsize=8192)
def employee_key(number: str) -> str:
    """The form in which employee numbers are compared."""
    return compact(number).upper()


def _folded(name: str) -> str:
    return compact(name).casefold()


def _other_name(text: str, person: KnownPerson) -> bool:
    """Whether the words beside the number in "韩桂雪(HR0398)" name somebody else; a title there does no harm."""
    beside = employee_key(text).replace(employee_key(person.number), "")
    if beside == person.name:
        return False
    written, known = _letters(beside), _letters(person.name)
    return bool(written) and known not in written and written not in known


def _letters(text: str) -> str:
    return "".join(mark for mark in _folded(text) if mark.isalpha())


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for piece in _PATH_SEPARATORS.split(path) if (part := _folded(piece)))


def _endings(parts: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """("a", "b", "c"), ("b", "c"), ("c",)."""
    return (parts[start:] for start in range(len(parts)))


def _unambiguous(pairs: Iterable[tuple[str, KnownPerson]]) -> dict[str, KnownPerson]:
    seen: dict[str, KnownPerson] = {}
    twice: set[str] = set()
    for key, person in pairs:
        if key in seen:
            twice.add(key)
        seen[key] = person
    return {key: person for key, person in seen.items() if key and key not in twice}
