"""The roster as a kind of import: who works here, where, under whom (product.md §1.3, §1.6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfsys.people import undoing
from perfsys.people.actions.roster import apply_roster, fill
from perfsys.people.actions.undoing import take_back_roster
from perfsys.people.formers import TOLD, Node, Replaced, What, plain
from perfsys.people.models import Employee
from perfsys.people.roster import RosterRow
from perfsys.tenancy.models import Tenant

from . import people_wording as wording
from .columns import FieldSpec
from .kinds import Applied, Change, Compare, Effect, Judged, JudgedRow, Outcome, Undoing
from .known import Colleague, colleagues_on
from .people_fields import PEOPLE_FIELDS
from .people_rows import KnownEmployee, PeopleJudgement, PersonRow, judge_people
from .people_values import LEFT
from .reading import SourceRow

REPORTED = ("root", "detached", "summary", "ignored_sheets")


class PeopleImport:
    name = "people"
    title: Promise | str = _("People")
    says: Promise | str = _("People, departments, managers and HRBPs: the roster.")
    icon = "people"
    next_page = "people:list"
    next_label: Promise | str = _("See the people")
    fields: Sequence[FieldSpec] = PEOPLE_FIELDS
    good = frozenset({"accept", "accept_with_warning"})
    bad = frozenset({"reject"})
    words: Mapping[str, Mapping[str, Promise]] = {
        "status": {Employee.Status.ACTIVE: _("Works here"), Employee.Status.LEFT: _("Left")}
    }

    def field_title(self, field_name: str) -> Promise | str:
        return wording.FIELDS[field_name]

    def reason(self, code: str, words: Mapping[str, str]) -> Promise | str:
        return wording.REASONS[code]

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        titles = wording.FIELDS
        return [
            ("employee_no", titles["employee_no"]),
            ("name", titles["name"]),
            ("departments", titles["department"]),
            ("position", titles["position"]),
            ("manager_no", titles["manager_no"]),
            ("hire_date", titles["hire_date"]),
            ("email", titles["email"]),
            ("mobile", titles["mobile"]),
        ]

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        if not report["detached"]:
            return []
        text = _("%(count)d active people have no manager above them yet: %(some)s.")
        return [str(text) % {"count": len(report["detached"]), "some": ", ".join(report["detached"][:5])}]

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged:
        tenant = Tenant.objects.get()
        today = timezone.localdate(now, timezone=ZoneInfo(tenant.time_zone))
        judgement = judge_people(rows, known=_known(today), as_of=today, ignored_sheets=ignored_sheets)
        return Judged(
            rows=[_judged(row) for row in judgement.rows],
            report={**_picked(judgement), "today": today.isoformat()},
            document=lambda: judgement.as_json(company=tenant.name),
        )

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        replaced: list[Replaced] = []
        done = apply_roster(
            [_roster_row(values) for values in rows],
            effective_on=date.fromisoformat(report["today"]),
            actor=actor,
            now=now,
            progress=progress,
            remember=replaced.extend,
        )
        changes = [Change(_target(one.node), one.former, one.became) for one in replaced]
        return Applied(len(done.created), len(done.changed), len(done.unchanged), changes=changes)

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        """Of a person's HR partner nothing: a unit's follows from all its people. Four queries for all."""
        on = date.fromisoformat(report["today"])
        people = {one.employee_no: one for one in Employee.objects.iterator(chunk_size=2000)}
        colleagues = {one.employee_no: one for one in colleagues_on(on)} if people else {}

        def effect(row: RosterRow) -> Effect:
            person = people.get(row.employee_no)
            if person is None:
                return Effect(Outcome.CREATED)
            differs = [*_other_fields(person, row, on), *_other_place(colleagues, row)]
            return Effect(Outcome.CHANGED, differs) if differs else Effect(Outcome.UNCHANGED)

        return lambda rows: [effect(_roster_row(values)) for values in rows]

    def outlook(self, changes: Sequence[Change], *, report: Mapping[str, Any]) -> Undoing:
        return _undoing(undoing.outlook(_replaced(changes)))

    def undo(
        self, changes: Sequence[Change], *, report: Mapping[str, Any], actor: Employee | None, now: datetime
    ) -> Undoing:
        return _undoing(take_back_roster(replaced=_replaced(changes), actor=actor, now=now))

    def called(self, targets: Sequence[int]) -> Mapping[int, str]:
        return {_target(node): line for node, line in undoing.called([_node(one) for one in targets]).items()}

    def why_left(self, code: str) -> Promise | str:
        return undoing.WHY[code]


# Ids are each table's own, and an import keeps one number for what it wrote.
_WRITTEN = (What.PERSON, What.UNIT)


# By what they are called in files, where that is another name.
_CALLED = {"grade": "level", "hired_on": "hire_date", "left_on": "leave_date"}


def _other_fields(person: Employee, row: RosterRow, on: date) -> Iterator[tuple[str, Any, Any]]:
    before = [getattr(person, name) for name in TOLD]
    fill(person, row, on)
    for name, stands in zip(TOLD, before, strict=True):
        says = getattr(person, name)
        if says != stands:
            yield _CALLED.get(name, name), *plain(str(one) if isinstance(one, str) else one for one in (stands, says))


def _other_place(colleagues: Mapping[str, Colleague], row: RosterRow) -> Iterator[tuple[str, Any, Any]]:
    """Where and below whom; of whoever leaves both end with the leaving."""
    stands = colleagues[row.employee_no]
    if row.has_left:
        return
    if row.units and (stands.units[:1], {*stands.units}) != (row.units[:1], {*row.units}):
        yield "department", list(stands.units), list(row.units)
    manager = colleagues.get(row.manager_no) if row.manager_no else None
    says = None if row.manager_no == row.employee_no or (manager and manager.has_left) else row.manager_no
    if stands.manager_no != says and (says or row.is_top):
        yield "manager_no", stands.manager_no, says


def _target(node: Node) -> int:
    what, pk = node
    return pk * len(_WRITTEN) + _WRITTEN.index(what)


def _node(target: int) -> Node:
    return _WRITTEN[target % len(_WRITTEN)], target // len(_WRITTEN)


def _replaced(changes: Sequence[Change]) -> list[Replaced]:
    return [Replaced(_node(one.target), one.former, one.became) for one in changes]


def _undoing(found: undoing.Outlook) -> Undoing:
    return Undoing(
        removed=[_target(node) for node in found.removed],
        restored=[_target(node) for node in found.restored],
        left={_target(node): code for node, code in found.left.items()},
    )


def _known(on: date) -> dict[str, KnownEmployee]:
    return {
        one.employee_no: KnownEmployee(
            one.employee_no,
            one.name,
            departments=one.units,
            active=not one.has_left,
            manager_no=one.manager_no,
            email=one.email,
            mobile=one.mobile,
        )
        for one in colleagues_on(on)
    }


def _picked(judgement: PeopleJudgement) -> dict[str, Any]:
    return {name: getattr(judgement, name) for name in REPORTED}


def _judged(row: PersonRow) -> JudgedRow:
    values = None if row.normalized is None else {**row.normalized, "absent": sorted(row.absent)}
    return JudgedRow(row.sheet, row.number, row.action, [(code, {}) for code in row.reasons], values)


def _roster_row(values: Mapping[str, Any]) -> RosterRow:
    """A file without employee numbers names people by what identified them; see `people_identity`."""
    return RosterRow(
        employee_no=values["employee_no"] or values["key"],
        name=values["name"],
        units=tuple(values["departments"]),
        position=values["position"],
        grade=values["level"],
        job_family=values.get("job_family"),
        manager_no=values.get("effective_manager_no", values["manager_no"]),
        is_top=bool(values.get("is_root")),
        hrbp_no=values["hrbp_no"],
        hired_on=_day(values["hire_date"]),
        left_on=_day(values.get("leave_date")),
        has_left=values["status"] == LEFT,
        email=values["email"],
        mobile=values["mobile"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
