"""Feedback as a kind of import (product.md §1.6): what the database knows goes in, verdicts come out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback.actions.imported_feedback import ImportedFeedback, apply_imported_feedback, comparison_of_feedback
from feedback.actions.undoing import take_back_feedback
from feedback.importing import titles, wording
from feedback.importing.feedback_fields import FEEDBACK_FIELDS
from feedback.importing.feedback_rows import REJECTING, FeedbackRow, judge_feedback
from feedback.importing.known_tags import KnownTag, TagIndex
from feedback.queries import undoing
from goals.importing.owners import KnownPerson, Owners
from perfsys.imports.columns import FieldSpec
from perfsys.imports.kinds import Applied, Change, Compare, Judged, JudgedRow, Undoing
from perfsys.imports.known import colleagues_on, unit_paths
from perfsys.imports.reading import SourceRow
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant


class FeedbackImport:
    name = "feedback"
    title: Promise | str = _("Feedback")
    says: Promise | str = _("What people told each other before: who to whom, a tag, the fact, what was hoped for.")
    icon = "talk"
    next_page = "imports:list"
    next_label: Promise | str = _("To the imports")
    fields: Sequence[FieldSpec] = FEEDBACK_FIELDS
    good = frozenset({"accept", "accept_with_warning"})
    bad = frozenset({"reject"})
    words: Mapping[str, Mapping[str, Promise | str]] = {"nature": {one.value: one.label for one in Nature}}

    def field_title(self, field_name: str) -> Promise | str:
        return titles.FEEDBACK[field_name]

    def reason(self, code: str, words: Mapping[str, str]) -> str:
        return wording.plain_sentence(code, words)

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        shown = ("shown_no", "shown_at", "giver", "receiver", "shown_nature", "tag", "text", "expected_action")
        return [(name, titles.FEEDBACK[name]) for name in shown]

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        return []

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged:
        tenant = Tenant.objects.get()
        zone = ZoneInfo(tenant.time_zone)
        people = [
            KnownPerson(one.employee_no, one.name, units=one.units, active=not one.has_left)
            for one in colleagues_on(now.astimezone(zone).date())
        ]
        judgement = judge_feedback(
            rows,
            people=Owners(people, unit_paths()),
            tags=TagIndex(KnownTag(*names) for names in BehaviourTag.objects.values_list("name", "name_en")),
            zone=zone,
            now=now,
            company=tenant.name,
        )
        return Judged(rows=map(_judged, judgement.rows), report={}, document=judgement.as_json)

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        compare = comparison_of_feedback()
        return lambda rows: compare([ImportedFeedback.from_json(values) for values in rows])

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        feedback = map(ImportedFeedback.from_json, rows)
        changes: list[Change] = []
        done = apply_imported_feedback(rows=feedback, actor=actor, now=now, progress=progress, remember=changes.extend)
        return Applied(*done, changes=changes, marks=undoing.marks(now) if changes else {})

    def outlook(self, changes: Sequence[Change], *, report: Mapping[str, Any]) -> Undoing:
        return undoing.outlook(changes, report)

    def undo(
        self, changes: Sequence[Change], *, report: Mapping[str, Any], actor: Employee | None, now: datetime
    ) -> Undoing:
        return take_back_feedback(changes=changes, report=report, actor=actor, now=now)

    def called(self, targets: Sequence[int]) -> Mapping[int, str]:
        return undoing.called(targets)

    def why_left(self, code: str) -> Promise | str:
        return undoing.WHY[code]


def _judged(row: FeedbackRow) -> JudgedRow:
    """A row left out has values for the eye alone; `apply` is given none of it. What keeps it out is told first."""
    if not row.is_feedback:  # as it stands in the file: none of its cells is what its heading says
        return JudgedRow(row.sheet, row.number, str(row.action), [("no_feedback", {})], None)
    imported = ImportedFeedback.of_row(row).as_json() if row.values else {}
    issues = sorted(row.issues, key=lambda issue: issue.code not in REJECTING)
    reasons = [(issue.code, dict(issue.params)) for issue in issues]
    return JudgedRow(row.sheet, row.number, str(row.action), reasons, {**_shown(row), **imported})


def _shown(row: FeedbackRow) -> dict[str, str]:
    """For the preview: names, the time of the company's clocks, and what else the file says in its own words."""
    shown = asdict(row.shown)
    at, nature = shown.pop("at"), shown.pop("nature")
    return {**shown, "shown_no": row.record_no or "", "shown_at": at, "shown_nature": nature}
