"""An import of check-ins taken back: goals stand where they stood without it, and what was answered since stays."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from goals.actions import trail
from goals.actions.imported_rows import ImportedEntry
from goals.importing.kinds import CheckInImport
from goals.models import CheckIn, Comment, EvidenceItem, Goal
from goals.queries.undoing_entries import CHANGED, GONE, USED, by_model, target_of
from perfsys.audit.models import AuditEntry
from perfsys.imports import actions as imports
from perfsys.imports.models import ImportRow, ImportRun, State

from .conftest import NOW, TODAY

AT = datetime(2026, 10, 20, 2, tzinfo=UTC)


def test_each_table_has_numbers_of_its_own():
    targets = [target_of(model, 7) for model in (CheckIn, EvidenceItem, Comment)]
    assert len(set(targets)) == 3
    assert by_model(targets) == {CheckIn: [7], EvidenceItem: [7], Comment: [7]}


@pytest.fixture
def leaf(company):
    return company.tree()[2]


def entry(leaf, key, kind="check_in", **more):
    return ImportedEntry(key, leaf.number, "HR0003", AT, AT.date(), kind, **more)


def rows_of(leaf):
    return [
        entry(leaf, "R1", percent=Decimal(40), note="到样"),
        entry(leaf, "R2", "evidence", evidence_no="PRJ-9"),
        entry(leaf, "R3", "comment", note="继续"),
    ]


def put(company, rows):
    run = ImportRun.objects.create(
        kind="check_ins",
        state=State.PREVIEW,
        file_name="进展.csv",
        file_size=1,
        file_hash="",
        by_name="",
        counts={"accept": len(rows)},
        report={"starts_on": str(company.period.starts_on), "ends_on": str(company.period.ends_on)},
        uploaded_at=NOW,
    )
    ImportRow.objects.bulk_create(
        ImportRow(run=run, position=place, sheet="", number=place, action="accept", values=row.as_json())
        for place, row in enumerate(rows)
    )
    imports.write_judged(run=run, now=NOW)
    run.refresh_from_db()
    return run


def take_back(run):
    imports.undo(run=run, actor=None, now=NOW)
    for _time in range(2):
        imports.take_back(run_id=run.pk, actor_id=None, now=NOW)
    run.refresh_from_db()
    return [run.counts[name] for name in ("removed", "restored", "left")]


def left_of(run):
    found = CheckInImport().outlook(imports.changes_of(run), report=run.report)
    return sorted(found.left.values())


def state_of(leaf):
    return Goal.objects.values("own_progress", "rolled_progress", "last_activity_on", "health").get(pk=leaf.pk)


def test_goals_stand_where_they_stood(company, leaf):
    put(company, [])
    before = state_of(leaf)
    run = put(company, rows_of(leaf))
    assert state_of(leaf)["own_progress"] == 40
    assert take_back(run) == [3, 0, 0]
    assert state_of(leaf) == before
    assert not any(model.objects.exists() for model in (CheckIn, EvidenceItem, Comment))
    assert AuditEntry.objects.filter(verb="goals.check_ins_taken_back").count() == 1
    assert put(company, rows_of(leaf)).counts["created"] == 3


def test_what_a_file_corrected_says_again_what_it_said(company, leaf):
    first = rows_of(leaf)
    early = put(company, first)
    late = put(company, [replace(first[0], percent=Decimal(70), note="通过"), *first[1:]])
    assert left_of(early) == [CHANGED]
    assert take_back(late) == [0, 1, 0]
    assert (CheckIn.objects.get().note, state_of(leaf)["own_progress"]) == ("到样", 40)
    assert left_of(early) == []


def test_what_somebody_answered_stays_and_so_does_what_was_typed(company, leaf):
    run = put(company, [*rows_of(leaf), entry(leaf, "R4", percent=Decimal(10), note="起步")])
    trail.acknowledge_check_in(check_in=CheckIn.objects.get(note="到样"), actor=company.marta, now=NOW)
    CheckIn.objects.create(goal=leaf, note="我自己写的", percent=Decimal(55), at=NOW, local_on=TODAY)
    Comment.objects.all().delete()
    assert left_of(run) == [GONE, USED]
    kind = CheckInImport()
    targets = [one.target for one in imports.changes_of(run)]
    assert f"{leaf.title} · 2026 年 10 月 20 日 · 40%" in kind.called(targets).values()
    assert str(kind.why_left(USED)) == "之后有人回应或引用了它"
    assert take_back(run) == [2, 0, 2]
    assert sorted(CheckIn.objects.values_list("note", flat=True)) == ["到样", "我自己写的"]
    assert state_of(leaf)["own_progress"] == 55
