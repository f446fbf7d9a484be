"""Judged rows become goals and what happened on them, by sets; the same rows again change nothing (product.md §1.6)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions.imported_check_ins import apply_imported_check_ins
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import BATCH, ImportedEntry, ImportedGoal
from goals.actions.periods import ensure_period
from goals.importing.kinds import GoalImport
from goals.models import Alignment, CheckIn, Comment, EvidenceItem, Goal, GoalEvent, ObstacleCause, Period, ResourceLine
from goals.queries.health import health_report
from perfsys.imports.kinds import Effect, Outcome
from perfsys.people.actions.roster import apply_roster
from perfsys.people.roster import RosterRow

from .conftest import NOW
from .imported_files import END, START, expected, judged_check_ins, judged_file

pytestmark = pytest.mark.usefixtures("counts_stay_right")

AS_OF = datetime(2026, 11, 20, 10, tzinfo=UTC)


def given(key, layer, owner, **more):
    return ImportedGoal(key=key, layer=layer, owner=owner, title=f"目标 {key}", **more)


@pytest.fixture
def rows():
    """A small file: parents below those who name them, one goal of each layer, obstacles and resources."""
    return [
        given("GW-1", "position", "HR0003", parents=("BM-1",), weight=Decimal(100), obstacles=("样件周期长", "缺人")),
        given("BM-1", "dept", "恒锐/研发中心", parents=("GS-1",), hours=Decimal(40)),
        given("GS-1", "company", "", target=Decimal(95), unit="%"),
    ]


@pytest.fixture
def put(company):
    return lambda rows, **more: apply_imported_goals(
        rows=rows, period=company.period, actor=company.anna, now=NOW, **more
    )


def goal(number):
    return Goal.objects.get(number=number)


def test_a_goal_counts_as_published_at_the_periods_start(company, rows, put):
    assert put(rows) == (3, 0, 0)
    leaf = goal("GW-1")
    assert (leaf.status, leaf.published_on, leaf.due_on) == ("published", date(2026, 10, 1), date(2026, 12, 31))
    assert (leaf.owner_id, leaf.unit_id, goal("BM-1").owner_id) == (company.ada.pk, company.units["设计组"].pk, None)


def test_parents_may_stand_below_the_goals_that_name_them(rows, put):
    put(rows)
    drawn = Alignment.objects.values_list("child__number", "parent__number", "is_primary")
    assert set(drawn) == {("GW-1", "BM-1", True), ("BM-1", "GS-1", True)}


def test_the_same_rows_again_change_nothing(rows, put):
    put(rows)
    models = (Goal, GoalEvent, Alignment, ResourceLine, ObstacleCause)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert put(rows) == (0, 0, 3)
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_before_an_import_each_row_says_what_it_would_change(company, rows, put):
    report = {"starts_on": str(company.period.starts_on), "ends_on": str(company.period.ends_on)}
    put(rows)
    Goal.objects.filter(number="BM-1").update(title="我改过")  # its row is the same as at the last import
    leaf = replace(
        rows[0],
        weight=Decimal("62.5"),
        core=True,
        parents=(),
        obstacles=("缺人",),
        due=date(2026, 11, 30),
        hours=Decimal(8),
    )
    later = [
        leaf,
        rows[1],
        replace(rows[2], target=Decimal(97), direction="lower"),
        given("GW-9", "position", "HR0003"),
    ]
    compare = GoalImport().comparison(report)
    with CaptureQueriesContext(connection) as asked:
        effects = compare([row.as_json() for row in later])
    assert [one.outcome for one in effects] == ["changed", "unchanged", "changed", "created"]
    assert set(map(repr, effects[0].differs)) == set(
        map(
            repr,
            [
                ("weight", "100", "62.5"),
                ("core", False, True),
                ("parents", ["BM-1"], []),
                ("obstacles", ["样件周期长", "缺人"], ["缺人"]),
                ("due", "2026-12-31", "2026-11-30"),
                ("hours", "0", "8"),
            ],
        )
    )
    assert effects[2].differs == (("target", "95", "97"), ("direction", "raise", "lower"))
    assert put(later) == (1, 2, 1)
    many = [*later, *(given(f"GW-{n}", "position", "HR0003", weight=Decimal(5)) for n in range(20, 40))]
    put(many)
    many[4:] = [replace(row, weight=Decimal(6)) for row in many[4:]]
    with CaptureQueriesContext(connection) as asked_of_many:
        compare([row.as_json() for row in many])
    assert len(asked_of_many) == len(asked)  # one for what stands, five for what of it differs
    nowhere = GoalImport().comparison({"starts_on": "2031-01-01", "ends_on": "2031-03-31"})
    assert nowhere([leaf.as_json()]) == [Effect(Outcome.CREATED)]


def test_an_edit_made_here_survives_the_same_file(rows, put):
    put(rows)
    Goal.objects.filter(number="GW-1").update(title="自己改的")
    put(rows)
    assert goal("GW-1").title == "自己改的"


def test_a_row_that_says_something_else_changes_its_goal(company, rows, put):
    put(rows)
    rows[0] = replace(rows[0], title="改了", owner="HR0004", obstacles=("缺人",), parents=("BM-1", "GS-1"))
    rows[1] = replace(rows[1], hours=Decimal(0), headcount=Decimal(2))
    assert put(rows) == (0, 2, 1)
    leaf = goal("GW-1")
    assert (leaf.title, leaf.owner_id, leaf.version) == ("改了", company.ben.pk, 2)
    assert list(leaf.obstacles.values_list("cause__name", flat=True)) == ["缺人"]
    assert list(leaf.parents.order_by("-is_primary").values_list("parent__number", flat=True)) == ["BM-1", "GS-1"]
    assert list(goal("BM-1").resources.values_list("kind", "planned")) == [("people", 2)]


def test_what_was_said_about_an_alignment_here_is_kept(rows, put):
    put(rows)
    Alignment.objects.filter(child__number="GW-1").update(contribution=60)
    rows[0] = replace(rows[0], title="改了")
    put(rows)
    assert Alignment.objects.get(child__number="GW-1").contribution == 60


def test_a_goal_that_came_without_a_number_keeps_itself_when_it_gets_one(rows, put):
    put([replace(rows[2], key="auto-0123456789abcdef")])
    first = Goal.objects.get()
    assert first.shown_number == ""
    assert put([replace(rows[2], known="auto-0123456789abcdef")]) == (0, 1, 0)
    assert (goal("GS-1").pk, goal("GS-1").shown_number) == (first.pk, "GS-1")


def test_done_and_cancelled_goals_come_closed_and_drafts_stay_drafts(rows, put):
    put([replace(rows[2], key=state, status=state) for state in ("done", "cancelled", "draft")])
    found = Goal.objects.values_list("number", "status", "outcome", "published_on")
    started = date(2026, 10, 1)
    assert set(found) == {
        ("done", "closed", "achieved", started),
        ("cancelled", "closed", "cancelled", started),
        ("draft", "draft", "", None),
    }


def test_an_obstacle_named_often_is_offered_to_everybody(rows, put):
    put([replace(rows[0], key=f"GW-{n}", obstacles=("缺人", *(("样件周期长",) if n else ()))) for n in range(3)])
    assert dict(ObstacleCause.objects.values_list("name", "is_listed")) == {"缺人": True, "样件周期长": False}


def test_progress_is_told_and_big_files_are_written_in_pieces(company, rows, put):
    told = []
    many = [replace(rows[2], key=f"GS-{n}") for n in range(BATCH + 1)]
    put(iter(many), progress=told.append)
    assert told == [BATCH, BATCH + 1]
    assert Period.objects.get().company_goals == BATCH + 1


def test_rows_survive_the_time_they_lie_as_json(rows):
    for row in (*rows, given("x", "position", "HR0003", due=date(2026, 12, 1), target=Decimal("0.8"))):
        again = ImportedGoal.from_json(row.as_json())
        assert (again, again.digest()) == (row, row.digest())
    said = entry("P1", percent=Decimal("12.5"))
    assert ImportedEntry.from_json(said.as_json()) == said


# --- check-ins --------------------------------------------------------------------------------------------------------


def entry(key, kind="check_in", day=2, **more):
    at = datetime(2026, 11, day, 1, tzinfo=UTC)
    return ImportedEntry(key=key, goal="GW-1", employee_no="HR0003", at=at, on=at.date(), kind=kind, **more)


@pytest.fixture
def say(company, rows, put):
    put(rows)
    return lambda entries: apply_imported_check_ins(
        rows=entries, period=company.period, actor=company.anna, now=NOW + timedelta(days=10)
    )


def test_entries_become_check_ins_evidence_and_comments(company, say):
    said = [
        entry("P1", percent=Decimal(30)),
        entry("P2", "evidence", evidence_no="RPT-1"),
        entry("P3", "comment", note="好"),
    ]
    assert say(said) == (3, 0, 0)
    assert CheckIn.objects.get().author_id == company.ada.pk
    assert (EvidenceItem.objects.get().number, Comment.objects.get().text) == ("RPT-1", "好")
    assert (goal("GW-1").own_progress, goal("BM-1").rolled_progress) == (30, 30)


def test_the_same_entries_again_change_nothing_and_a_corrected_one_replaces(say):
    say([entry("P1", percent=Decimal(30)), entry("P2", "comment", note="好")])
    assert say([entry("P1", percent=Decimal(40)), entry("P2", "comment", note="好")]) == (0, 1, 1)
    assert (CheckIn.objects.get().percent, goal("GW-1").own_progress) == (40, 40)


def test_the_latest_figure_counts_in_whatever_order_the_file_has_it(say):
    say([entry("P2", day=9, percent=Decimal(60)), entry("P1", day=3, percent=Decimal(20))])
    assert (goal("GW-1").own_progress, goal("GW-1").last_activity_on) == (60, date(2026, 11, 9))


def test_entries_of_days_to_come_are_kept_but_count_later(say):
    say([entry("P1", day=3, percent=Decimal(20)), entry("P2", day=25, percent=Decimal(90))])
    assert (goal("GW-1").own_progress, goal("GW-1").last_activity_on) == (20, date(2026, 11, 3))
    assert CheckIn.objects.count() == 2


def test_evidence_may_say_a_figure_and_a_comment_is_no_sign_of_life(say):
    say([entry("P1", "evidence", day=3, percent=Decimal(45)), entry("P2", "comment", day=9, note="好")])
    assert (goal("GW-1").own_progress, goal("GW-1").last_activity_on) == (45, date(2026, 11, 3))
    assert EvidenceItem.objects.get().note == "45%"


def test_record_numbers_of_any_length_are_told_apart(say):
    assert say([entry("长" * 200 + "1", percent=Decimal(1)), entry("长" * 200 + "2", percent=Decimal(2))]) == (2, 0, 0)


# --- the company of the data set --------------------------------------------------------------------------------------


def roster():
    for row in expected("people.expected.json")["rows"]:
        said = row["normalized"]
        if row["action"] in ("accept", "accept_with_warning") and said:
            yield RosterRow(
                said["employee_no"], said["name"], tuple(said["departments"]), has_left=said["status"] == "left"
            )


def test_the_company_of_the_data_set_has_the_stale_and_idle_goals_it_should(ada):
    with ada.scope:
        about = {"actor": None, "now": AS_OF}
        apply_roster(list(roster()), effective_on=START, **about)
        period = ensure_period(starts_on=START, ends_on=END, **about)
        goals = [ImportedGoal.of_row(row) for row in judged_file().rows if row.values]
        assert apply_imported_goals(rows=goals, period=period, **about) == (len(goals), 0, 0)
        entries = [ImportedEntry.of_row(row) for row in judged_check_ins().rows if row.values]
        assert apply_imported_check_ins(rows=entries, period=period, **about) == (len(entries), 0, 0)
        report = health_report(date(2026, 11, 20), [date(2026, 10, 1), date(2026, 11, 1)])
        health = expected("expected_health.json")
        assert (report["stale"], report["idle"]) == (health["stale"], health["idle"])
        assert apply_imported_goals(rows=goals, period=period, **about) == (0, 0, len(goals))
        assert apply_imported_check_ins(rows=entries, period=period, **about) == (0, 0, len(entries))
