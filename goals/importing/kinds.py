"""Goals and check-ins as kinds of import (product.md §1.6): what the database knows goes in, verdicts come out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.actions.imported_check_ins import apply_imported_check_ins, comparison_of_check_ins
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import ImportedEntry, ImportedGoal
from goals.actions.imported_standing import differing, standing_for
from goals.actions.periods import ensure_period, quarter_of
from goals.actions.undoing import take_back_goals
from goals.actions.undoing_entries import take_back_entries
from goals.extra_columns import Column, specs_of
from goals.extras import fields_of
from goals.importing import titles, wording
from goals.importing.check_in_fields import CHECK_IN_FIELDS
from goals.importing.check_in_rows import CheckInRow, judge_check_ins
from goals.importing.extra_answers import Answering, Asked
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.goal_judgement import GoalJudgement, GoalRow
from goals.importing.goal_rows import judge_goals
from goals.importing.issues import Action
from goals.importing.known_goals import GoalIndex, KnownGoal, number_key
from goals.importing.owners import KnownPerson, Owners
from goals.importing.words import CANCELLED, COMMENT, DONE, DRAFT, EVIDENCE, MISSED, PROGRESS, PUBLISHED
from goals.models import Direction, Goal, Layer, Period, PeriodState
from goals.queries import extra_columns, undoing, undoing_entries
from goals.queries.periods import current_period
from goals.queries.settings import bounds, goal_settings
from integrations.models import EvidenceType
from perfsys.imports.columns import FieldSpec
from perfsys.imports.kinds import Applied, Change, Compare, Effect, Judged, JudgedRow, Outcome, Undoing
from perfsys.imports.known import colleagues_on, unit_paths
from perfsys.imports.reading import Cell, SourceRow
from perfsys.imports.text import clean
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant

SAMPLE = 500  # rows
_FULL_DATE = re.compile(r"(20\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")


class _OfAPeriod:
    """A kind whose rows lie in the period that the report names."""

    def hindrance(self, report: Mapping[str, Any], *, hold: bool = False) -> str:
        starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
        periods = Period.objects.filter(starts_on=starts_on, ends_on=ends_on)
        period = (periods.select_for_update(no_key=True) if hold else periods).first()
        if period is None or period.state != PeriodState.CLOSED:
            return ""
        return wording.plain_sentence("period_closed", {"period": period.title})


class GoalImport(_OfAPeriod):
    name = "goals"
    title: Promise | str = _("Goals")
    says: Promise | str = _("Company, department and position goals with weights, evidence and obstacles.")
    icon = "target"
    next_page = "imports:list"
    next_label: Promise | str = _("To the imports")
    good = frozenset({"accept", "accept_with_warning"})
    bad = frozenset({"reject"})
    words: Mapping[str, Mapping[str, Promise]] = {
        "status": {
            PUBLISHED: _("Published"),
            DRAFT: _("Draft"),
            DONE: _("Achieved"),
            MISSED: _("Not achieved"),
            CANCELLED: _("Cancelled"),
        },
        "direction": {code: label for code, label in Direction.choices if code != Direction.HOLD},
        "evidence_type": dict(EvidenceType.choices),
        "layer": dict(Layer.choices),
    }

    @cached_property
    def fields(self) -> Sequence[FieldSpec]:
        """With the extra fields of the company's templates."""
        return (*GOAL_FIELDS, *specs_of(self._extra))

    @cached_property
    def _extra(self) -> list[Column]:
        return extra_columns.all_columns()

    def field_title(self, field_name: str) -> Promise | str:
        if field_name in titles.GOALS:
            return titles.GOALS[field_name]
        own = next((one for one in self._extra if one.name == field_name), None)
        if own is None:
            return field_name.rpartition("/")[2]  # its template is gone since the file was read
        if own.is_computed:
            return _("%(field)s (worked out, not read)") % {"field": own.heading}
        return own.heading

    def reason(self, code: str, words: Mapping[str, str]) -> str:
        return wording.plain_sentence(code, words)

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        shown = ("key", "owner", "title", "parents", "weight", "target", "unit", "evidence_no", "due", "status")
        return [(name, self.field_title(name)) for name in (*shown, *report.get("extra", ()))]

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """With the cells of extra fields as they stand in the file."""
        return {**values, **dict(values.get("said", ()))}

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        return [str(wording.owner_sentence(remark["code"])) % remark for remark in report["owners"]]

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged:
        tenant = Tenant.objects.get()
        starts_on, ends_on = _span(_usual_date(rows, "due") or _today(tenant, now))
        standing = Goal.objects.filter(period__starts_on=starts_on, period__ends_on=ends_on)
        limits = {_layer_name(layer): (least.lower, least.upper) for layer, least in bounds(goal_settings()).items()}
        judgement = judge_goals(
            rows,
            period_start=starts_on,
            period_end=ends_on,
            company_name=tenant.name,
            owners=_owners(_today(tenant, now)),
            limits=limits,
            known_goals=_known_goals(standing),
        )
        if self._extra:
            judgement = _answering(standing, self._extra).judged(judgement)
        report = {
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
            "extra": self._filled(judgement),
            "owners": [
                {
                    "code": code,
                    "owner": issue.owner,
                    "count": issue.count,
                    "sum": f"{issue.weight_sum:f}",
                    "least": limits[issue.layer][0],
                    "most": limits[issue.layer][1],
                }
                for issue in judgement.owner_issues
                for code in issue.codes
            ],
        }
        judged = _unless_closed(map(_judged_goal, judgement.rows), starts_on, ends_on)
        return Judged(rows=judged, report=report, document=judgement.as_json)

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        period = _period_of(report)

        def compare(rows: Sequence[Mapping[str, Any]]) -> list[Effect]:
            if period is None:
                return [Effect(Outcome.CREATED)] * len(rows)
            goals = [ImportedGoal.from_json(values) for values in rows]
            standing = standing_for(goals, period)
            met = [(one, found) for one in goals if (found := standing.get(one.known or one.key))]
            other = {found.pk: tuple(differs) for _one, found, differs in differing(met, period)}
            found_by = (standing.get(one.known or one.key) for one in goals)
            return [
                Effect(Outcome.CREATED)
                if found is None
                else Effect(Outcome.CHANGED, other[found.pk])
                if found.pk in other
                else Effect(Outcome.UNCHANGED)
                for found in found_by
            ]

        return compare

    def _filled(self, judgement: GoalJudgement) -> list[str]:
        """Columns of extra fields that hold something."""
        told = {name for row in judgement.rows if row.values for name, text in row.values.extra if text}
        return [one.name for one in self._extra if one.name in told]

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
        period = ensure_period(starts_on=starts_on, ends_on=ends_on, actor=actor, now=now)
        goals = map(ImportedGoal.from_json, rows)
        changes: list[Change] = []
        done = apply_imported_goals(
            rows=goals, period=period, actor=actor, now=now, progress=progress, remember=changes.extend
        )
        return Applied(*done, changes=changes, marks=undoing.marks() if changes else {})

    def outlook(self, changes: Sequence[Change], *, report: Mapping[str, Any]) -> Undoing:
        return undoing.outlook(changes, report)

    def undo(
        self, changes: Sequence[Change], *, report: Mapping[str, Any], actor: Employee | None, now: datetime
    ) -> Undoing:
        starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
        period = Period.objects.get(starts_on=starts_on, ends_on=ends_on)
        return take_back_goals(changes=changes, report=report, period=period, actor=actor, now=now)

    def called(self, targets: Sequence[int]) -> Mapping[int, str]:
        return undoing.called(targets)

    def why_left(self, code: str) -> Promise | str:
        return undoing.WHY[code]


class CheckInImport(_OfAPeriod):
    name = "check_ins"
    title: Promise | str = _("Check-ins")
    says: Promise | str = _("Progress, evidence and comments on goals that are in already.")
    icon = "check"
    next_page = "imports:list"
    next_label: Promise | str = _("To the imports")
    fields: Sequence[FieldSpec] = CHECK_IN_FIELDS
    good = frozenset({"accept", "accept_with_warning"})
    bad = frozenset({"reject"})
    words: Mapping[str, Mapping[str, Promise]] = {
        "kind": {PROGRESS: _("Progress"), EVIDENCE: _("Evidence"), COMMENT: _("Comment")}
    }

    def field_title(self, field_name: str) -> Promise | str:
        return titles.CHECK_INS[field_name]

    def reason(self, code: str, words: Mapping[str, str]) -> str:
        return wording.plain_sentence(code, words, kind="check_ins")

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        shown = ("key", "goal", "employee_no", "at", "kind", "percent", "note", "evidence_no")
        return [(name, titles.CHECK_INS[name]) for name in shown]

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        return []

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged:
        tenant = Tenant.objects.get()
        today = _today(tenant, now)
        starts_on, ends_on = _span(_usual_date(rows, "time") or today)
        standing = Goal.objects.filter(period__starts_on=starts_on, period__ends_on=ends_on)
        judgement = judge_check_ins(
            rows,
            goals=GoalIndex(_known_goals(standing)),
            people=_owners(today),
            zone=ZoneInfo(tenant.time_zone),
            period_start=starts_on,
            period_end=ends_on,
            now=now,
        )
        report = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        judged = _unless_closed(map(_judged_check_in, judgement.rows), starts_on, ends_on)
        return Judged(rows=judged, report=report, document=judgement.as_json)

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
        period = ensure_period(starts_on=starts_on, ends_on=ends_on, actor=actor, now=now)
        entries = map(ImportedEntry.from_json, rows)
        changes: list[Change] = []
        marks = undoing_entries.marks(now)
        done = apply_imported_check_ins(
            rows=entries, period=period, actor=actor, now=now, progress=progress, remember=changes.extend
        )
        return Applied(*done, changes=changes, marks=marks)

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        period = _period_of(report)
        if period is None:
            return lambda rows: [Effect(Outcome.CREATED)] * len(rows)
        compare = comparison_of_check_ins(period)
        return lambda rows: compare([ImportedEntry.from_json(values) for values in rows])

    def outlook(self, changes: Sequence[Change], *, report: Mapping[str, Any]) -> Undoing:
        return undoing_entries.outlook(changes, report)

    def undo(
        self, changes: Sequence[Change], *, report: Mapping[str, Any], actor: Employee | None, now: datetime
    ) -> Undoing:
        starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
        period = Period.objects.get(starts_on=starts_on, ends_on=ends_on)
        return take_back_entries(changes=changes, report=report, period=period, actor=actor, now=now)

    def called(self, targets: Sequence[int]) -> Mapping[int, str]:
        return undoing_entries.called(targets)

    def why_left(self, code: str) -> Promise | str:
        return undoing_entries.WHY[code]


def _period_of(report: Mapping[str, Any]) -> Period | None:
    starts_on, ends_on = date.fromisoformat(report["starts_on"]), date.fromisoformat(report["ends_on"])
    found: Period | None = Period.objects.filter(starts_on=starts_on, ends_on=ends_on).first()
    return found


def _today(tenant: Tenant, now: datetime) -> date:
    return timezone.localdate(now, timezone=ZoneInfo(tenant.time_zone))


def _span(on: date) -> tuple[date, date]:
    """The period that runs on that day, else its quarter: a company's first file opens its first period."""
    period: Period | None = current_period(on)
    return (period.starts_on, period.ends_on) if period and period.covers(on) else quarter_of(on)


def _usual_date(rows: Iterable[SourceRow], field: str) -> date | None:
    """A day of the period the file is about: the middle one of its first dates that name their year."""
    found = sorted(filter(None, (_dated(row.cells.get(field)) for row in islice(rows, SAMPLE))))
    return found[len(found) // 2] if found else None


def _dated(cell: Cell | None) -> date | None:
    if cell is None or cell.value is None:
        return None
    written = _FULL_DATE.search(clean(cell))
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def _layer_name(layer: Any) -> str:
    return str(Layer(layer))


def _owners(on: date) -> Owners:
    people = [
        KnownPerson(one.employee_no, one.name, units=one.units, active=not one.has_left) for one in colleagues_on(on)
    ]
    return Owners(people, unit_paths())


def _known_goals(goals: Any) -> Iterator[KnownGoal]:
    rows = goals.values_list("number", "layer", "owner__employee_no", "unit__path", "title", "due_on")
    for number, layer, owner, path, title, due_on in rows.iterator(chunk_size=2000):
        yield KnownGoal(number, layer, (owner if layer == Layer.POSITION else path) or "", title, due_on)


def _answering(goals: Any, columns: Sequence[Column]) -> Answering:
    versions: dict[int, Asked] = {}
    of_goals = {}
    for number, origin, version, kept in extra_columns.asked_of_goals(goals):
        asked = versions.setdefault(version.pk, Asked(origin, fields_of(version.fields), version.pk))
        of_goals[number_key(number)] = (asked, kept)
    newest = extra_columns.newest_versions()
    return Answering(
        of_goals=of_goals,
        of_new={origin: Asked(origin, fields_of(one.fields), one.pk) for origin, one in newest.items()},
        labels={one.name: one.heading for one in columns},
        people=extra_columns.people_answered(goals),
    )


def _judged_goal(row: GoalRow) -> JudgedRow:
    values = ImportedGoal.of_row(row).as_json() if row.values else None
    return JudgedRow(row.sheet, row.number, str(row.action), [(i.code, dict(i.params)) for i in row.issues], values)


def _unless_closed(rows: Iterable[JudgedRow], starts_on: date, ends_on: date) -> Iterable[JudgedRow]:
    """A period that was closed takes nothing from a file: each row says so."""
    period = Period.objects.filter(starts_on=starts_on, ends_on=ends_on, state=PeriodState.CLOSED).first()
    if period is None:
        return rows
    why = [("period_closed", {"period": period.title})]
    return (JudgedRow(row.sheet, row.number, str(Action.REJECT), why, None) for row in rows)


def _judged_check_in(row: CheckInRow) -> JudgedRow:
    values = ImportedEntry.of_row(row).as_json() if row.values else None
    return JudgedRow(row.sheet, row.number, str(row.action), [(i.code, dict(i.params)) for i in row.issues], values)
