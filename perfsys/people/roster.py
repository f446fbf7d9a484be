"""What a roster says about an organisation, before anything is written. Pure.

A roster names people by number and units by path. What it does not say stays as it is: None means "not told".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person, already read and checked. None everywhere: the file does not say, so it stays.

    `units`: paths ("制造中心/一车间"), the primary one first; empty stays. `manager_no`: number of the direct manager,
    an active one; `is_top`: nobody stands above. `hrbp_no`: the person's HR partner, from whom the unit's follows.
    """

    employee_no: str
    name: str
    units: tuple[str, ...] = ()
    position: str | None = None
    grade: str | None = None
    job_family: str | None = None
    manager_no: str | None = None
    is_top: bool = False
    hrbp_no: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    has_left: bool = False
    email: str | None = None
    mobile: str | None = None


def with_ancestors(paths: Iterable[str]) -> list[str]:
    """Every path and all above it, each after the one above."""
    found: set[str] = set()
    for path in paths:
        parts = path.split(SEPARATOR)
        found.update(SEPARATOR.join(parts[:length]) for length in range(1, len(parts) + 1))
    return sorted(found, key=lambda path: (path.count(SEPARATOR), path))


def above(path: str) -> str | None:
    """The path of the unit above; None for a top unit."""
    head, _, _ = path.rpartition(SEPARATOR)
    return head or None


def circles(manager_of: Mapping[int, int | None]) -> set[int]:
    """Everybody who stands on a circle of managers (not who merely reports into one)."""
    state: dict[int, int] = {}  # number of the walk that saw the person
    found: set[int] = set()
    for walk, start in enumerate(manager_of):
        here: int | None = start
        path = []
        while here is not None and here not in state:
            state[here] = walk
            path.append(here)
            here = manager_of.get(here)
        if here is not None and state[here] == walk:
            found.update(path[path.index(here) :])
    return found


def partners_by_unit(people: Iterable[tuple[str, int]]) -> dict[str, int | None]:
    """HR partner by unit path from (primary unit, partner) of each person: the most frequent one among the unit's own
    people; for a unit without people of its own the one all units below agree on. None where the nearest unit above
    says the same, for partners are inherited downward (product.md §1.3). Units nobody spoke for are missing."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for path, partner in people:
        votes[path][partner] += 1
    chosen = {path: min(counts, key=lambda pk: (-counts[pk], pk)) for path, counts in votes.items()}
    for path in sorted(with_ancestors(chosen), key=lambda path: -path.count(SEPARATOR)):
        if path not in chosen:
            below = {partner for other, partner in chosen.items() if other.startswith(path + SEPARATOR)}
            if len(below) == 1:
                chosen[path] = below.pop()
    return {path: None if partner == _inherited(chosen, path) else partner for path, partner in chosen.items()}


def _inherited(chosen: Mapping[str, int], path: str) -> int | None:
    parent = above(path)
    while parent is not None:
        if parent in chosen:
            return chosen[parent]
        parent = above(parent)
    return None
