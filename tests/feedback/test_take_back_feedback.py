"""An import of feedback taken back: all is as before, and what somebody took up since stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from feedback.actions import feedback as actions
from feedback.actions.imported_feedback import ImportedFeedback
from feedback.importing.kinds import FeedbackImport
from feedback.models import Feedback
from feedback.queries.undoing import CHANGED, GONE, USED
from perfsys.audit.models import AuditEntry
from perfsys.imports import actions as imports
from perfsys.imports.models import ImportRow, ImportRun, State

from .conftest import NOW
from .test_import_feedback import row

__all__ = ["row"]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def scope(ada: Any) -> Iterator[None]:
    with ada.scope:
        yield


def put(*rows: ImportedFeedback) -> ImportRun:
    run: ImportRun = ImportRun.objects.create(
        kind="feedback",
        state=State.PREVIEW,
        file_name="反馈.csv",
        file_size=1,
        file_hash="",
        by_name="",
        counts={"accept": len(rows)},
        report={},
        uploaded_at=NOW,
    )
    ImportRow.objects.bulk_create(
        ImportRow(run=run, position=place, sheet="", number=place, action="accept", values=one.as_json())
        for place, one in enumerate(rows)
    )
    imports.write_judged(run=run, now=NOW)
    run.refresh_from_db()
    return run


def take_back(run: ImportRun) -> list[int]:
    imports.undo(run=run, actor=None, now=LATER)
    for _time in range(3):
        imports.take_back(run_id=run.pk, actor_id=None, now=LATER)
    run.refresh_from_db()
    return [run.counts[name] for name in ("removed", "restored", "left")]


def contents() -> list[Any]:
    return list(Feedback.objects.order_by("pk").values_list("key", "text", "tag", "at", "closed_at", "closed_how"))


def test_all_is_as_it_was_before(scope: None, row: ImportedFeedback) -> None:
    put(row, replace(row, key="FB00002"))
    before = contents()
    run = put(replace(row, text="返工 61 箱。", at=LATER), replace(row, key="FB00002"), replace(row, key="FB00003"))
    assert contents() != before
    assert take_back(run) == [1, 1, 0]
    assert contents() == before
    taken = AuditEntry.objects.get(verb="feedback.taken_back")
    assert taken.details == {"removed": 1, "restored": 1, "left": 0}


def test_what_was_taken_up_since_stays_with_its_reason(scope: None, row: ImportedFeedback, bob: Any) -> None:
    keys = [f"FB0000{place}" for place in range(2, 8)]
    standing = put(row)
    run = put(replace(row, text="返工 61 箱。"), *(replace(row, key=key) for key in keys))
    said: dict[str, Any] = {"actor": bob.employee, "now": LATER}
    old, liked, answered, taken, corrected, gone, alone = Feedback.objects.order_by("key")
    actions.answer(feedback=old, text="知道了", key="a", **said)
    actions.like(feedback=liked, **said)
    actions.answer(feedback=answered, text="好", key="b", **said)
    actions.take_on(feedback=taken, text="对照", due_on=LATER.date(), key="c", **said)
    put(replace(row, key=keys[3], text="返工 62 箱。"))
    lost = gone.pk
    gone.delete()
    found = FeedbackImport().outlook(imports.changes_of(run), report=run.report)
    assert found.left == {
        old.pk: USED,
        liked.pk: USED,
        answered.pk: USED,
        taken.pk: USED,
        corrected.pk: CHANGED,
        lost: GONE,
    }
    assert (found.removed, found.restored) == ([alone.pk], [])
    told = FeedbackImport().called([alone.pk, lost])
    assert told == {alone.pk: "Ada → Bob · 主动补位 · 2026 年 11 月 3 日", lost: ""}
    assert str(FeedbackImport().why_left(USED)) == "之后有人回应或补充过"
    assert take_back(run) == [1, 0, 6]
    assert take_back(standing) == [0, 0, 1]  # its only one was corrected by the second file


def test_the_page_says_what_would_go_and_what_stays(anna: Any, bob: Any, row: ImportedFeedback) -> None:
    with anna.scope:
        run = put(row, replace(row, key="FB00002"))
        actions.like(feedback=Feedback.objects.order_by("key")[0], actor=bob.employee, now=LATER)
    page = anna.client.get(f"/t/acme/admin/imports/{run.public_id}/undo/").content.decode()
    assert "之后有人回应或补充过" in page and row.text[:6] not in page
