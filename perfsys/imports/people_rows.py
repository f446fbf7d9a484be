"""Which rows of a roster are people, who they are and whom they report to (product.md §1.3, §1.6).

Pure: rows in, verdicts out. `manage.py import_people --json` writes `PeopleJudgement.as_json()`.

Where a whole file has no employee numbers, a person is name and primary department, namesakes of one department told
apart by mobile or mail. The person's `key` says so ("张伟@质量部", "张伟@质量部#13800000000") and stands wherever a
number would: in manager_no, hrbp_no, root, org_tree and detached. No number is made up here, because one made from a
department would change with the next transfer: whoever stores such people decides, and a known employee who fits keeps
the number he has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from perfsys.imports import skipped
from perfsys.imports.people_draft import (
    Draft,
    KnownEmployee,
    Path,
    PersonRow,
    absent_columns,
    has_department,
    read_draft,
)
from perfsys.imports.people_fields import is_unit
from perfsys.imports.people_identity import drop_taken_contacts, people_in, recognise_known
from perfsys.imports.people_links import Links
from perfsys.imports.people_values import LEFT, path_in
from perfsys.imports.reading import Cell, SourceRow
from perfsys.imports.text import compact

__all__ = ["KnownEmployee", "PeopleJudgement", "PersonRow", "judge_people"]

RULES_VERSION = 1

REJECTIONS = ("missing_employee_no", "missing_name", "duplicate_employee_no", "namesake_indistinct")
WARNINGS = (
    "department_missing",
    "unknown_status",
    "invalid_leave_date",
    "invalid_hire_date",
    "invalid_email",
    "invalid_mobile",
    "email_taken",
    "mobile_taken",
    "root_assumed",
    "manager_missing",
    "manager_not_found",
    "manager_ambiguous",
    "manager_mismatch",
    "manager_cycle",
    "manager_departed",
    "hrbp_missing",
    "hrbp_not_found",
    "hrbp_ambiguous",
    "hrbp_mismatch",
    "hrbp_departed",
)
OTHER_REASONS = ("duplicate_row", "secondary_department", skipped.SUBTOTAL_ROW, skipped.FOOTER_NOTE)
"""Every code that `PersonRow.reasons` can hold stands in one of these three."""

_NO_UNIT = re.compile(
    r"sheet\d*|工作表\d*|[\d年月日.\-_]+"
    r"|.*(?:名单|名册|员工|人员|通讯录|在职|离职|汇总|数据|roster|staff|people|employees).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PeopleJudgement:
    """What a roster says. People are named by `key`: the employee number wherever there is one."""

    rows: list[PersonRow]
    """In the order of the file; blank rows are not among them."""
    identified_by: Literal["employee_no", "name"]
    root: str | None
    org_units: list[str]
    """Paths, each with all above it, sorted by their parts."""
    org_tree: dict[str, list[str]]
    """Effective manager -> active reports."""
    detached: list[str]
    """Active people without an active superior, the root left out."""
    summary: dict[str, int]
    ignored_sheets: list[str]

    def report(self, *, company: str) -> dict[str, Any]:
        """All of people.expected.json but its rows."""
        return {
            "company": company,
            "rules_version": RULES_VERSION,
            "summary": self.summary,
            "root": self.root,
            "ignored_sheets": self.ignored_sheets,
            "detached": self.detached,
            "org_units": self.org_units,
            "org_tree": self.org_tree,
        }

    def as_json(self, *, company: str) -> dict[str, Any]:
        return {**self.report(company=company), "rows": [row.as_json() for row in self.rows]}


def judge_people(
    rows: Iterable[SourceRow],
    *,
    known: Mapping[str, KnownEmployee] | None = None,
    as_of: date | None = None,
    ignored_sheets: Sequence[str] = (),
) -> PeopleJudgement:
    """Judge every row of a roster, in time linear in its length.

    `known`: people the company has already, by employee number; a partial file may name them as managers and HRBPs.
    `as_of`: from when a leave date means that somebody has left; without it any leave date does.
    """
    verdicts, drafts = _read(rows, as_of)
    numbered = not drafts or any(draft.employee_no for draft in drafts)
    if not numbered:
        recognise_known(drafts, known or {})
    people = people_in(drafts, numbered=numbered)
    drop_taken_contacts(people)
    links = Links(people, known or {})
    for person in people:
        _settle(person, links, numbered=numbered)
    return PeopleJudgement(
        rows=verdicts,
        identified_by="employee_no" if numbered else "name",
        root=links.root,
        org_units=_units_of(people),
        org_tree=links.tree(),
        detached=links.detached(),
        summary=_summary(verdicts, people),
        ignored_sheets=list(ignored_sheets),
    )


def _read(rows: Iterable[SourceRow], as_of: date | None) -> tuple[list[PersonRow], list[Draft]]:
    """Each row on its own. A workbook without a column for the department has a sheet for each."""
    verdicts: list[PersonRow] = []
    drafts: list[Draft] = []
    absent: dict[str, frozenset[str]] = {}
    without_unit: list[Draft] = []
    for row in rows:
        skip = skipped.why_skipped(row, telling=("name", "employee_no"))
        if skip == skipped.BLANK_ROW:
            continue
        verdict = PersonRow(row.sheet, row.number, absent=absent.setdefault(row.sheet, absent_columns(row)))
        verdicts.append(verdict)
        if skip:
            verdict.refuse("skip", skip)
            continue
        draft = read_draft(row, verdict, as_of=as_of)
        drafts.append(draft)
        if not has_department(row):
            without_unit.append(draft)
    _take_units_from_sheets(without_unit)
    return verdicts, drafts


def _take_units_from_sheets(drafts: Sequence[Draft]) -> None:
    paths = {draft.verdict.sheet: path_in(draft.verdict.sheet) for draft in drafts}
    several = len(paths) > 1
    units = {
        sheet
        for sheet, path in paths.items()
        if path and (is_unit(Cell(path[-1])) or (several and not _NO_UNIT.fullmatch(compact(sheet))))
    }
    for draft in drafts:
        if draft.verdict.sheet in units:
            draft.departments = [paths[draft.verdict.sheet]]
        else:
            draft.verdict.reasons.insert(0, "department_missing")


def _settle(person: Draft, links: Links, *, numbered: bool) -> None:
    """The final verdicts on a person's row and on those of further posts."""
    identity: dict[str, Any] = {"employee_no": person.employee_no or None}
    if not numbered:
        identity["key"] = person.key
    person.verdict.normalized = {
        **identity,
        "name": person.name,
        "departments": ["/".join(path) for path in person.departments],
        "position": person.position or None,
        "level": person.level or None,
        "manager_no": links.manager_of[person.key],
        "hire_date": person.hire_date.isoformat() if person.hire_date else None,
        "email": person.email,
        "mobile": person.mobile,
        "hrbp_no": links.hrbp_of[person.key],
        "status": person.status,
        **person.told,
        **links.extras.get(person.key, {}),
    }
    if person.verdict.reasons:
        person.verdict.action = "accept_with_warning"
    for post in person.posts:
        post.verdict.normalized = {**identity, "department": post.department, "position": post.position or None}


def _units_of(people: Iterable[Draft]) -> list[str]:
    units: set[Path] = set()
    for person in people:
        for path in person.departments:
            units.update(path[:depth] for depth in range(1, len(path) + 1))
    return ["/".join(path) for path in sorted(units)]


def _summary(verdicts: Iterable[PersonRow], people: Sequence[Draft]) -> dict[str, int]:
    actions = Counter(verdict.action for verdict in verdicts)
    left = sum(1 for person in people if person.status == LEFT)
    return {
        "accepted": len(people),
        "active": len(people) - left,
        "left": left,
        "with_warning": actions["accept_with_warning"],
        "merged": actions["merge"],
        "rejected": actions["reject"],
        "skipped": actions["skip"],
    }
