"""A month's report: by the schedule, on demand, by the command; kept as it was issued (product.md §6.2, §6.5)."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from dashboards import actions, tasks
from dashboards.models import PenetrationPart, PenetrationReport
from dashboards.penetration import UNIT
from dashboards.penetration_queries import facts_of, flows_of
from goals.actions.imported_check_ins import apply_imported_check_ins
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import ImportedEntry, ImportedGoal
from goals.actions.periods import ensure_period
from goals.models import Alignment, Goal, ResourceLine
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people.actions.roster import apply_roster
from tests.goals.imported_files import END, START, expected, judged_check_ins, judged_file
from tests.goals.test_import_goals import roster
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
DUE = datetime(2026, 11, 9, 22, tzinfo=UTC)  # Tuesday 10 November, 06:00 in Shanghai


@pytest.fixture
def spent(world):
    """Resources over the quarter, and hours typed for October: 30 heads at the company, 12 of them at the department,
    5 at Ada's goal, which used 40.5 hours."""
    with world.scope.scope:
        for goal, kind, planned in ((world.top, "people", 30), (world.middle, "people", 12), (world.leaf, "people", 5)):
            ResourceLine.objects.create(goal=goal, kind=kind, planned=planned)
        ResourceLine.objects.create(goal=world.top, kind="money", planned=100)
        ResourceLine.objects.create(goal=world.leaf, kind="hours", planned=60)
        ResourceLine.objects.create(goal=world.leaf, kind="hours", month=OCTOBER, actual=Decimal("40.5"))
    return world


def issue(world, key="a", month=OCTOBER, as_of=TODAY, **more):
    with world.scope.scope:
        return actions.issue_report(month=month, as_of=as_of, key=key, actor=None, now=NOW, **more)


def nodes(report, kind):
    return {(node[0], node[1]): node for node in report.content["kinds"][kind]["nodes"]}


def test_heads_flow_from_the_company_to_the_position_and_the_rest_is_not_broken_down(spent):
    found = nodes(issue(spent), "people")
    assert found["goal", spent.top.pk][3:8] == [30 * UNIT, 12 * UNIT, 0, 18 * UNIT, 30 * UNIT]
    assert found["goal", spent.leaf.pk][3:6] == [5 * UNIT, 0, 5 * UNIT]


def test_money_over_the_quarter_gives_each_month_its_part_and_loses_none(spent):
    totals = [issue(spent, f"{month}", month).content["kinds"]["money"]["total"] for month in (OCTOBER, NOVEMBER)]
    with spent.scope.scope:
        december = flows_of(facts_of(date(2026, 12, 1), date(2026, 12, 31)))["money"].total
    assert sum(totals) + december == 100 * UNIT
    assert max(totals) - min(totals) <= 1


def test_what_was_typed_for_the_month_stands_before_the_plan_of_the_period(spent):
    report = issue(spent)
    assert report.content["kinds"]["hours"]["total"] == 405_000
    assert report.content["kinds"]["hours"]["plan_only"] == 0
    assert issue(spent, "b", NOVEMBER).content["kinds"]["hours"]["total"] == 20 * UNIT


def test_of_a_cancelled_goal_only_what_was_used_counts(spent):
    with spent.scope.scope:
        Goal.objects.filter(pk=spent.leaf.pk).update(status="closed", outcome="cancelled")
    report = issue(spent)
    assert ("goal", spent.leaf.pk) not in nodes(report, "people")
    assert report.content["kinds"]["hours"]["total"] == 405_000


def test_a_goal_with_two_parents_is_divided_and_counted_once(spent):
    with spent.scope.scope:
        second = spent.company.draft(None, "降本")
        Goal.objects.filter(pk=second.pk).update(status="published", published_at=NOW, published_on=START)
        Alignment.objects.filter(child=spent.middle).update(split=Decimal(75))
        Alignment.objects.create(child=spent.middle, parent=second, is_primary=False, split=Decimal(25))
    found = nodes(issue(spent), "people")
    assert found["goal", second.pk][3] == 3 * UNIT and found["goal", spent.top.pk][4] == 9 * UNIT
    assert found["root", None][4] == 33 * UNIT


def test_goals_and_departments_have_their_own_page_behind_them(spent):
    report = issue(spent)
    with spent.scope.scope:
        of = {str(part.of) for part in PenetrationPart.objects.filter(report=report)}
        unit = spent.company.units["研发中心"]
        part = PenetrationPart.objects.get(report=report, of=unit.public_id).content
    assert {str(spent.top.public_id), str(spent.middle.public_id), str(unit.public_id)} <= of
    assert str(spent.leaf.public_id) not in of
    assert part["kinds"]["people"]["below"] == [[spent.middle.pk, 12 * UNIT]]


def test_it_names_company_goals_nobody_supports_and_goals_without_one_above(spent):
    with spent.scope.scope:
        lonely = spent.company.draft(None, "降本")
        Goal.objects.filter(pk=lonely.pk).update(status="published", published_at=NOW, published_on=START)
        Alignment.objects.filter(child=spent.leaf).delete()
    content = issue(spent).content
    assert content["unsupported"] == [lonely.pk]
    assert content["loose"] == [spent.leaf.pk]
    assert content["kinds"]["hours"]["loose"] == 405_000


def test_claims_beyond_the_plan_are_named(spent):
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=spent.leaf, kind="people").update(planned=50)
    content = issue(spent).content["kinds"]["people"]
    assert [row[0] for row in content["over"]] == [spent.middle.pk, spent.top.pk]
    assert content["over"][0] == [spent.middle.pk, 12 * UNIT, 38 * UNIT]


def test_the_month_before_stands_beside_it_as_it_was_issued(spent):
    issue(spent)
    before = issue(spent, "b", NOVEMBER).content["before"]
    assert (before["month"], before["version"], before["idle_count"]) == ("2026-10", 1, 0)
    assert before["kinds"]["hours"]["total"] == 405_000
    assert before["kinds"]["people"]["company"] == {str(spent.top.pk): 30 * UNIT}


def test_a_correction_is_a_new_version_and_the_old_one_stays(spent):
    first = issue(spent)
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=spent.leaf, month=OCTOBER).update(actual=50)
    second = issue(spent, "b", only_if_new=True)
    assert (first.version, second.version) == (1, 2)
    with spent.scope.scope:
        totals = [one.content["kinds"]["hours"]["total"] for one in PenetrationReport.objects.order_by("version")]
    assert totals == [405_000, 500_000]


def test_nothing_new_is_no_new_version_for_who_asks(spent):
    assert issue(spent) == issue(spent, "b", only_if_new=True)


@pytest.mark.parametrize("table", ["dashboards_penetrationreport", "dashboards_penetrationpart"])
@pytest.mark.parametrize("change", ["UPDATE {} SET content = '{{}}'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_issued(spent, table, change):
    issue(spent)
    with (
        spent.scope.scope,
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


def test_the_schedule_issues_the_month_before_once_however_often_its_job_runs(spent):
    run_three_times(tasks.issue_penetration, payload={"due_at": DUE.isoformat()}, now=DUE + timedelta(minutes=1))
    with spent.scope.scope:
        [report] = PenetrationReport.objects.all()
    assert (report.month, report.version, report.as_of, report.made_by) == (OCTOBER, 1, date(2026, 11, 10), None)


def test_a_late_run_keeps_its_right_date(spent):
    with spent.scope.scope:
        report = actions.issue_when_due(due_at=DUE, now=DUE + timedelta(days=9))
    assert (report.month, report.as_of) == (OCTOBER, date(2026, 11, 10))


@pytest.mark.parametrize(
    ("due_at", "told_at"),
    [
        (DUE, datetime(2026, 11, 10, 1, tzinfo=UTC)),
        (datetime(2027, 1, 9, 22, tzinfo=UTC), datetime(2027, 1, 11, 1, tzinfo=UTC)),  # Sunday: told on Monday
    ],
)
def test_its_readers_are_told_on_the_next_work_day(spent, due_at, told_at):
    with spent.scope.scope:
        actions.issue_when_due(due_at=due_at, now=due_at)
        assert Job.objects.get(kind=actions.TELL).run_after == told_at


def test_partners_and_administrators_are_told_once(spent):
    with spent.scope.scope:
        report = actions.issue_when_due(due_at=DUE, now=DUE)
    run_three_times(tasks.tell_of_penetration, payload={"report": report.pk}, now=DUE)
    with spent.scope.scope:
        told = Notice.objects.filter(kind="dashboards.report_ready")
        assert sorted(told.values_list("to__name", flat=True)) == ["Anna", "Henk"]
        assert told[0].url == "/t/acme/reports/penetration/2026-10/"


def test_asking_twice_with_one_form_is_one_job_and_one_version(spent, henk):
    with spent.scope.scope:
        for _press in range(2):
            actions.ask_for_report(month=OCTOBER, key="k", actor=henk.employee, now=NOW)
        job = Job.objects.get(kind=actions.ISSUE)
    run_three_times(tasks.issue_penetration, payload=job.payload, now=NOW)
    with spent.scope.scope:
        assert PenetrationReport.objects.get().made_by == henk.employee


def test_a_month_that_has_not_begun_is_refused(spent):
    with spent.scope.scope, pytest.raises(actions.MonthNotBegun):
        actions.ask_for_report(month=date(2026, 12, 1), key="k", actor=None, now=NOW)


# --- the command ------------------------------------------------------------------------------------------------------


def run(tmp_path, month="2026-10", *more):
    out = tmp_path / "report.json"
    call_command("penetration_report", "--tenant=acme", f"--month={month}", f"--json={out}", *more, stdout=StringIO())
    return json.loads(out.read_text())


def test_the_command_writes_nodes_links_and_idle_goals_and_issues_nothing(spent, tmp_path):
    found = run(tmp_path)
    top, middle, leaf = spent.top.number, spent.middle.number, spent.leaf.number
    assert found["totals"] == {"money": "33.3333", "people": "30", "hours": "40.5"}
    assert {"kind": "people", "from": middle, "to": leaf, "amount": "5"} in found["links"]
    assert {"kind": "people", "from": None, "to": top, "amount": "30"} in found["links"]
    [node] = [node for node in found["nodes"] if node["goal"] == middle]
    assert node["people"] == {
        "in": "12", "out": "5", "own": "0", "not_broken_down": "7", "planned": "12", "over": "0",
    }  # fmt: skip
    assert found["idle"] == []
    with spent.scope.scope:
        assert not PenetrationReport.objects.exists()


def test_the_command_issues_where_it_is_told_to(spent, tmp_path):
    run(tmp_path, "2026-10", "--issue", "--as-of=2026-10-31")
    with spent.scope.scope:
        assert PenetrationReport.objects.get().as_of == date(2026, 10, 31)


def test_the_command_knows_no_such_tenant(founded, tmp_path):
    with pytest.raises(CommandError, match="nobody"):
        call_command("penetration_report", "--tenant=nobody", "--month=2026-10", f"--json={tmp_path / 'x'}")


def test_the_command_refuses_what_is_no_month(founded, tmp_path):
    with pytest.raises(CommandError, match="no month"):
        run(tmp_path, "2026-13")


def test_the_command_issues_nothing_that_it_cannot_hand_over(spent, tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        run(tmp_path / "nowhere", "2026-10", "--issue")
    with spent.scope.scope:
        assert not PenetrationReport.objects.exists()


def test_idle_goals_of_the_data_set_are_those_they_should_be(ada, tmp_path):
    with ada.scope:
        about = {"actor": None, "now": datetime(2026, 11, 20, 10, tzinfo=UTC)}
        apply_roster(list(roster()), effective_on=START, **about)
        period = ensure_period(starts_on=START, ends_on=END, **about)
        goals = [ImportedGoal.of_row(row) for row in judged_file().rows if row.values]
        apply_imported_goals(rows=goals, period=period, **about)
        entries = [ImportedEntry.of_row(row) for row in judged_check_ins().rows if row.values]
        apply_imported_check_ins(rows=entries, period=period, **about)
        flows = flows_of(facts_of(OCTOBER, date(2026, 11, 20)))
    assert all(flow.unbalanced() == [] for flow in flows.values())
    idle = expected("expected_health.json")["idle"]
    for month in ("2026-10", "2026-11"):
        assert run(tmp_path, month, "--as-of=2026-11-20")["idle"] == idle[month]
