"""Who a subject of another system probably is here (product.md §5.3). Pure: no database."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

NUMBER, EMAIL, NAME = "number", "email", "name"  # `models.LinkedBy`


@dataclass(frozen=True, slots=True)
class Named:
    """A subject as the source speaks of it."""

    key: int
    value: str
    name: str = ""
    email: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody, or a unit, of the company; a unit has its path alone."""

    key: int
    name: str
    number: str = ""
    email: str = ""
    paths: Sequence[str] = ()  # of the units somebody works in, or of the unit itself


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`is_sure`: nothing speaks against it, so it may be accepted together with others."""

    known: int
    how: str
    is_sure: bool


def folded(text: str) -> str:
    """One way of writing a number, a name or an address: no blanks, no capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def people_suggested(subjects: Iterable[Named], people: Iterable[Known]) -> dict[int, Suggestion]:
    """By the subject's key: the one with the same number, else with the same address, else the only one of that name
    in that unit. Where two come into question nobody is suggested; where the source gives another name than the
    number's owner has, or only the name tells, it is not sure."""
    held = list(people)
    by_number = _index(held, lambda one: [one.number, *([one.email] if one.email else [])])
    by_email = _index(held, lambda one: [one.email])
    by_name = _index(held, lambda one: [one.name])
    found: dict[int, Suggestion] = {}
    for subject in subjects:
        number = _only(by_number, subject.value)
        email = _only(by_email, subject.email)
        if number is not None:
            disagrees = email is not None and email.key != number.key
            how = NUMBER if folded(number.number) == folded(subject.value) else EMAIL
            found[subject.key] = Suggestion(number.key, how, _is_called(number, subject) and not disagrees)
        elif email is not None:
            found[subject.key] = Suggestion(email.key, EMAIL, _is_called(email, subject))
        elif subject.name and subject.unit:
            there = [one for one in by_name.get(folded(subject.name), ()) if _works_in(one, subject.unit)]
            if len(there) == 1:
                found[subject.key] = Suggestion(there[0].key, NAME, is_sure=False)
    return found


def units_suggested(subjects: Iterable[Named], units: Iterable[Known]) -> dict[int, Suggestion]:
    """The one unit of that name or path."""
    held = list(units)
    by_path = _index(held, lambda one: list(one.paths))
    by_name = _index(held, lambda one: [one.name])
    found: dict[int, Suggestion] = {}
    for subject in subjects:
        for said in (subject.value, subject.name):
            unit = _only(by_path, said) or _only(by_name, said)
            if unit is not None:
                found[subject.key] = Suggestion(unit.key, NAME, is_sure=True)
                break
    return found


def _index(held: Sequence[Known], said: Callable[[Known], list[str]]) -> Mapping[str, list[Known]]:
    found: dict[str, list[Known]] = defaultdict(list)
    for one in held:
        for word in dict.fromkeys(map(folded, said(one))):
            if word:
                found[word].append(one)
    return found


def _only(index: Mapping[str, list[Known]], said: str) -> Known | None:
    among = index.get(folded(said), []) if said else []
    return among[0] if len(among) == 1 else None


def _is_called(one: Known, subject: Named) -> bool:
    return not subject.name or folded(subject.name) == folded(one.name)


def _works_in(one: Known, unit: str) -> bool:
    said = folded(unit)
    return any(said in (folded(path), *map(folded, path.split("/"))) for path in one.paths)
