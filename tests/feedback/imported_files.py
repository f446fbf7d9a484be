"""The feedback file of the data set as plain values, and whom and what its rows are judged against."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from feedback.importing.feedback_fields import FEEDBACK_FIELDS
from feedback.importing.feedback_rows import FeedbackJudgement, judge_feedback
from feedback.importing.known_tags import STANDARD_TAGS
from perfsys.imports.reading import SourceRow
from tests.goals.imported_files import COMPANY, SHANGHAI, known_owners, rows_of, sheets_of

FILE = "feedback_history.csv"
AS_OF = datetime(2026, 11, 20, 10, tzinfo=UTC)


def judged(rows: Iterable[SourceRow]) -> FeedbackJudgement:
    return judge_feedback(rows, people=known_owners(), tags=STANDARD_TAGS, zone=SHANGHAI, now=AS_OF, company=COMPANY)


@cache
def judged_file() -> FeedbackJudgement:
    return judged(rows_of(sheets_of(FILE), FEEDBACK_FIELDS))
