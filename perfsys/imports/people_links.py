"""Who reports to whom in a roster: references resolved, loops opened, departed managers stepped over.

Works on people of the file and, for a partial file, people the company knows already. Linear in the number of people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from perfsys.imports.people_draft import ROOT_MARK, Draft, KnownEmployee, Path
from perfsys.imports.people_values import Reference, name_key, path_in


class Candidate(NamedTuple):
    key: str
    departments: tuple[Path, ...]
    active: bool


class Found(NamedTuple):
    key: str | None
    reason: str
    """"" or missing, not_found, ambiguous, mismatch (number and name of two people: the number's is taken)."""


class Directory:
    """People by key (employee number, or what stands for it) and by name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._by_name: defaultdict[str, list[Candidate]] = defaultdict(list)

    def add(self, candidate: Candidate, name: str) -> None:
        folded = name_key(name)
        self._names[candidate.key] = folded
        self._by_name[folded].append(candidate)

    def find(self, text: str, reference: Reference, *, departments: Iterable[Path], own_key: str) -> Found:
        """The person meant by `text`, read as `reference`, in the row of `own_key` in `departments`."""
        if not text:
            return Found(None, "missing")
        if reference.number in self._names:
            named_otherwise = reference.name and name_key(reference.name) != self._names[reference.number]
            return Found(reference.number, "mismatch" if named_otherwise else "")
        # 张伟2 tells two namesakes apart in some rosters: there it is the name.
        whole = self._by_name.get(name_key(text))
        candidates = whole or self._by_name.get(name_key(reference.name), [])
        found = _chosen(candidates, tuple(departments), own_key)
        if found.key and reference.number and not whole:
            return Found(found.key, "mismatch")
        return found


def _chosen(candidates: list[Candidate], departments: tuple[Path, ...], own_key: str) -> Found:
    """The active one, else the departed one; of several, the single one at or above the row's department."""
    pool = [candidate for candidate in candidates if candidate.active] or candidates
    if len(pool) > 1:
        pool = [candidate for candidate in pool if candidate.key != own_key]
    if len(pool) > 1:
        pool = [candidate for candidate in pool if _at_or_above(candidate.departments, departments)]
        if len(pool) != 1:
            return Found(None, "ambiguous")
    return Found(pool[0].key, "") if pool else Found(None, "not_found")


def _at_or_above(upper: tuple[Path, ...], lower: tuple[Path, ...]) -> bool:
    return any(above == below[: len(above)] for above in upper for below in lower)


def members_of_cycles(manager_of: Mapping[str, str | None]) -> set[str]:
    """Everybody who is, over some steps, their own manager."""
    in_cycle: set[str] = set()
    done: set[str] = set()
    for start in manager_of:
        trail: dict[str, int] = {}
        person: str | None = start
        while person is not None and person not in done and person not in trail:
            trail[person] = len(trail)
            person = manager_of.get(person)
        if person is not None and person in trail:
            in_cycle.update(key for key, step in trail.items() if step >= trail[person])
        done.update(trail)
    return in_cycle


def next_active(key: str | None, *, manager_of: Mapping[str, str | None], active: Callable[[str], bool]) -> str | None:
    """`key` if active, else the nearest active superior of `key`; None where the line ends first."""
    seen: set[str] = set()
    while key is not None and not active(key):
        if key in seen:
            return None
        seen.add(key)
        key = manager_of.get(key)
    return key


class Links:
    """Managers, HRBPs and the tree of a roster's people. Adds reasons to the people's verdicts."""

    def __init__(self, people: Sequence[Draft], known: Mapping[str, KnownEmployee]) -> None:
        self._people = people
        keys = {person.key for person in people}
        self._outside = {key: employee for key, employee in known.items() if key not in keys}
        self._active = {person.key for person in people if person.is_active}
        self._active.update(key for key, employee in self._outside.items() if employee.active)
        self._directory = self._make_directory()
        self.manager_of: dict[str, str | None] = {}
        self.hrbp_of: dict[str, str | None] = {}
        self.extras: dict[str, dict[str, Any]] = defaultdict(dict)
        """is_root, raw_manager_no, effective_manager_no of those who have them."""
        self._effective: dict[str, str | None] = {}
        found = {person.key: self._find(person, person.manager_text, person.manager) for person in people}
        self.root = self._choose_root(found)
        for person in people:
            self._set_manager(person, found[person.key])
            self._set_hrbp(person)
        self._open_cycles()
        self._step_over_departed()

    def tree(self) -> dict[str, list[str]]:
        """Effective manager -> active reports, both sorted."""
        reports: defaultdict[str, list[str]] = defaultdict(list)
        for person in self._people:
            manager = self._effective[person.key]
            if person.is_active and manager is not None:
                reports[manager].append(person.key)
        return {manager: sorted(reports[manager]) for manager in sorted(reports)}

    def detached(self) -> list[str]:
        """Active people without an active superior, the root left out; sorted."""
        return sorted(
            person.key
            for person in self._people
            if person.is_active and self._effective[person.key] is None and person.key != self.root
        )

    def _make_directory(self) -> Directory:
        directory = Directory()
        for person in self._people:
            directory.add(Candidate(person.key, tuple(person.departments), person.is_active), person.name)
        for key, employee in self._outside.items():
            paths = tuple(path_in(path) for path in employee.departments)
            directory.add(Candidate(key, paths, employee.active), employee.name)
        return directory

    def _find(self, person: Draft, text: str, reference: Reference) -> Found:
        if text == ROOT_MARK:
            return Found(None, "missing")
        return self._directory.find(text, reference, departments=person.departments, own_key=person.key)

    def _choose_root(self, found: Mapping[str, Found]) -> str | None:
        """The active one marked with /; of several, the one most people report to; else a sole own manager.

        Where nobody is marked and the file is the whole company, a sole active person who has reports and no manager.
        """
        reports = Counter(link.key for link in found.values() if link.key)
        active = [person for person in self._people if person.is_active]
        marked = [person for person in active if person.manager_text == ROOT_MARK]
        if marked:
            return max(marked, key=lambda person: reports[person.key]).key
        own = [person.key for person in active if found[person.key].key == person.key]
        if len(own) == 1:
            return own[0]
        if any(employee.active for employee in self._outside.values()):
            return None
        headless = [person for person in active if not person.manager_text and reports[person.key]]
        if len(headless) != 1 or not _tells_manager(headless[0]):
            return None
        headless[0].verdict.reasons.append("root_assumed")
        return headless[0].key

    def _set_manager(self, person: Draft, link: Found) -> None:
        if person.key == self.root:
            self.manager_of[person.key] = None
            self.extras[person.key]["is_root"] = True
            return
        self.manager_of[person.key] = link.key
        if link.reason and _tells_manager(person):
            person.verdict.reasons.append(f"manager_{link.reason}")

    def _set_hrbp(self, person: Draft) -> None:
        link = self._find(person, person.hrbp_text, person.hrbp)
        if link.key is not None and link.key not in self._active:
            link = Found(None, "departed")
        self.hrbp_of[person.key] = link.key
        if link.reason and not {"hrbp", "hrbp_no"} <= person.verdict.absent:
            person.verdict.reasons.append(f"hrbp_{link.reason}")

    def _open_cycles(self) -> None:
        # A later file may close a loop through people it does not list.
        outside = {key: employee.manager_no for key, employee in self._outside.items()}
        cycle = members_of_cycles(outside | self.manager_of)
        for person in self._people:
            if person.key in cycle:
                self.extras[person.key]["raw_manager_no"] = self.manager_of[person.key]
                self.manager_of[person.key] = None
                person.verdict.reasons.append("manager_cycle")

    def _step_over_departed(self) -> None:
        lines = {key: employee.manager_no for key, employee in self._outside.items()} | self.manager_of
        for person in self._people:
            manager = self.manager_of[person.key]
            effective = next_active(manager, manager_of=lines, active=self._active.__contains__)
            self._effective[person.key] = effective
            if manager is not None and effective != manager:
                person.verdict.reasons.append("manager_departed")
                self.extras[person.key]["effective_manager_no"] = effective


def _tells_manager(person: Draft) -> bool:
    """Whether the sheet has a column for the manager at all."""
    return not {"manager", "manager_no"} <= person.verdict.absent
