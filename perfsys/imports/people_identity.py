"""Which rows of a roster are the same person: duplicates, further posts, people without a number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from perfsys.imports.people_draft import Draft, KnownEmployee
from perfsys.imports.people_values import name_key


def people_in(drafts: Iterable[Draft], *, numbered: bool) -> list[Draft]:
    """One draft a person, in the order of the file; further posts add their department to it.

    Sets the verdict of every other row: reject, skip (duplicate_row) or merge (secondary_department).
    """
    people = _People(numbered=numbered)
    for draft in drafts:
        people.add(draft)
    found = people.found()
    _give_keys(found)
    return found


class _People:
    def __init__(self, *, numbered: bool) -> None:
        self._numbered = numbered
        self._people: list[Draft] = []
        self._by_number: dict[str, int] = {}
        """Position in `_people`; a draft is replaced there when a later row turns out to be the primary post."""
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)

    def found(self) -> list[Draft]:
        return self._people

    def add(self, draft: Draft) -> None:
        missing = [
            reason
            for reason, lacking in (
                ("missing_employee_no", self._numbered and not draft.employee_no),
                ("missing_name", not draft.name),
            )
            if lacking
        ]
        if missing:
            draft.verdict.refuse("reject", *missing)
            return
        position, problem = self._same(draft)
        if problem:
            draft.verdict.refuse("reject", problem)
        elif position is None:
            self._add_new(draft)
        else:
            self._add_post(position, draft)

    def _same(self, draft: Draft) -> tuple[int | None, str]:
        """Position of the person `draft` is about, or why it cannot be told."""
        if draft.employee_no:
            position = self._by_number.get(draft.employee_no)
            if position is not None and self._people[position].name_key != draft.name_key:
                return None, "duplicate_employee_no"
            return position, ""
        namesakes = self._by_name[draft.name_key]
        for position in namesakes:
            if _share_contact(self._people[position], draft):
                return position, ""
        if len(namesakes) == 1 and (draft.concurrent or self._people[namesakes[0]].concurrent):
            return namesakes[0], ""
        for position in namesakes:
            other = self._people[position]
            if set(other.departments) & set(draft.departments) and not _differ_in_contact(other, draft):
                alike = (other.position, other.hire_date) == (draft.position, draft.hire_date)
                return (position, "") if alike else (None, "namesake_indistinct")
        return None, ""

    def _add_new(self, draft: Draft) -> None:
        position = len(self._people)
        self._people.append(draft)
        if draft.employee_no:
            self._by_number[draft.employee_no] = position
        self._by_name[draft.name_key].append(position)

    def _add_post(self, position: int, draft: Draft) -> None:
        person = self._people[position]
        if set(draft.departments) <= set(person.departments):
            draft.verdict.refuse("skip", "duplicate_row")
            return
        primary, further = (draft, person) if person.concurrent and not draft.concurrent else (person, draft)
        primary.posts = [*person.posts, further]
        primary.departments = list(dict.fromkeys([*primary.departments, *person.departments, *further.departments]))
        self._people[position] = primary
        further.verdict.action, further.verdict.reasons = "merge", ["secondary_department"]


def _share_contact(one: Draft, other: Draft | KnownEmployee) -> bool:
    return bool((one.mobile and one.mobile == other.mobile) or (one.email and one.email == other.email))


def _differ_in_contact(one: Draft, other: Draft | KnownEmployee) -> bool:
    return bool(
        (one.mobile and other.mobile and one.mobile != other.mobile)
        or (one.email and other.email and one.email != other.email)
    )


def _give_keys(people: Sequence[Draft]) -> None:
    """The number, else name@department; every namesake of one department gets his contact behind it."""
    for person in people:
        person.key = person.employee_no or f"{person.name}@{person.department or ''}"
    shared = Counter(person.key for person in people)
    for person in people:
        if shared[person.key] > 1:
            person.key = f"{person.key}#{person.mobile or person.email or ''}".rstrip("#")


def drop_taken_contacts(people: Iterable[Draft]) -> None:
    """Mail and mobile are sign-ins: of active people who give the same, the first keeps it."""
    mails: set[str] = set()
    mobiles: set[str] = set()
    for person in people:
        if not person.is_active:
            continue
        if person.email in mails:
            person.email = None
            person.verdict.reasons.append("email_taken")
        if person.mobile in mobiles:
            person.mobile = None
            person.verdict.reasons.append("mobile_taken")
        mails.update(filter(None, [person.email]))
        mobiles.update(filter(None, [person.mobile]))


def recognise_known(drafts: Sequence[Draft], known: Mapping[str, KnownEmployee]) -> None:
    """Give a known employee's number to the row of a file without numbers that is certainly about him.

    By mail or mobile, else by department, else by a name that is unique in the company and in the file.
    """
    by_name: defaultdict[str, list[KnownEmployee]] = defaultdict(list)
    for employee in known.values():
        by_name[name_key(employee.name)].append(employee)
    named = Counter(draft.name_key for draft in drafts if not draft.concurrent)
    for draft in drafts:
        candidates = by_name.get(draft.name_key, [])
        units = {"/".join(path) for path in draft.departments}
        same = [employee for employee in candidates if _share_contact(draft, employee)]
        if not same and named[draft.name_key] <= 1:
            fitting = [employee for employee in candidates if not _differ_in_contact(draft, employee)]
            same = [employee for employee in fitting if units & set(employee.departments)]
            if not same and len(candidates) == 1:
                same = fitting
        if len(same) == 1:
            draft.employee_no = same[0].employee_no
