"""Goals of a period as drafts of another: what comes along, for whom, once, and for a whole company."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import carrying as actions
from goals.actions.goal import KeyResultWords
from goals.actions.periods import ensure_period
from goals.carrying import CANCELLED, CARRIED, GONE, STANDING, Candidate, Days, left_behind, moved
from goals.models import Alignment, CarryOver, Goal, KeyResult, Milestone, Obstacle, Period, ResourceLine
from goals.queries.carrying import outlook
from goals.tasks import carry_over as job
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from tests.conftest import assert_page_queries
from tests.goals.conftest import HIRED, NOW

pytestmark = pytest.mark.usefixtures("counts_stay_right")

Q4 = Days(date(2026, 10, 1), date(2026, 12, 31))
Q1 = Days(date(2027, 1, 1), date(2027, 3, 31))
YEAR = Days(date(2027, 1, 1), date(2027, 12, 31))
INTO = "2027-01-01/2027-03-31"


# --- without a database -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "after", "found"),
    [
        (date(2026, 10, 1), Q1, date(2027, 1, 1)),
        (date(2026, 12, 31), Q1, date(2027, 3, 31)),
        (date(2026, 11, 15), Q1, date(2027, 2, 15)),
        (date(2026, 11, 30), Q1, date(2027, 2, 28)),  # the last day of a month stays one
        (date(2026, 11, 29), Q1, date(2027, 2, 28)),
        (date(2027, 2, 1), Q1, date(2027, 3, 31)),  # due after its period: at the end of the next
        (date(2026, 11, 15), YEAR, date(2027, 6, 30)),  # as far along
    ],
)
def test_a_day_moves_to_where_it_lies_in_the_other_period(on, after, found):
    assert moved(on, Q4, after) == found


def candidate(pk, title="良品率", **more):
    plain = {"layer": "position", "owner_id": 1, "unit_id": 7, "is_cancelled": False}
    return Candidate(pk, title, **{**plain, "is_owner_here": True, "is_unit_open": True, **more})


def test_what_stays_behind_says_why():
    found = [
        candidate(1),
        candidate(2),  # called like the one before
        candidate(3, owner_id=2, is_owner_here=False),
        candidate(4, "交付", is_cancelled=True),
        candidate(5, "回款"),
        candidate(6, "拜访"),
        candidate(7, layer="dept", owner_id=1),  # a department's goal is not its owner's
    ]
    standing = {("position", 1, None, "拜访")}
    assert left_behind(found, carried={5}, standing=standing) == {
        2: STANDING,
        3: GONE,
        4: CANCELLED,
        5: CARRIED,
        6: STANDING,
    }


# --- what comes along -------------------------------------------------------------------------------------------------


@pytest.fixture
def after(company):
    return ensure_period(starts_on=Q1.starts_on, ends_on=Q1.ends_on, actor=None, now=NOW)


def carry(company, after, goals, **more):
    return actions.carry_over(
        goals=[one.pk for one in goals], from_period=company.period, into=after, **{"actor": None, "now": NOW, **more}
    )


def test_a_line_comes_along_with_all_that_belongs_to_it(company, after):
    top = company.draft(None, "突破海外市场")
    middle = company.draft(company.units["研发中心"], "三款轴承定型", parent=top)
    leaf = company.draft(
        company.ada,
        "密封结构定型",
        parent=middle,
        kind="objective",
        milestones=[("试产", date(2026, 11, 15)), ("定型", date(2026, 12, 31))],
        key_results=[KeyResultWords("漏油率", target=Decimal(2), baseline=Decimal(5), direction="lower")],
        resources={"money": Decimal(3)},
        extra=[{"key": "f1", "label": "产线", "kind": "text", "value": "二线", "listed": True}],
    )
    for of in (None, company.units["研发中心"], company.ada):
        company.publish(of)
    Milestone.objects.filter(goal=leaf, title="试产").update(done_on=date(2026, 11, 14))
    Alignment.objects.filter(child=leaf).update(contribution=60, split=100)
    KeyResult.objects.create(goal=leaf, title="旧口径", retired_on=date(2026, 11, 1))  # stays behind
    run = carry(company, after, [leaf, middle, top], actor=company.anna)
    assert (run.made, run.left, run.finished_at) == (3, 0, NOW)
    ours = Goal.objects.get(period=after, carried_from=leaf)
    assert (ours.title, ours.status, ours.weight, ours.owner, ours.unit) == (
        "密封结构定型",
        "draft",
        Decimal(100),
        company.ada,
        company.units["设计组"],
    )
    assert (ours.starts_on, ours.due_on, ours.extra) == (Q1.starts_on, Q1.ends_on, leaf.extra)
    assert ours.number not in ("", leaf.number)
    assert list(Milestone.objects.filter(goal=ours).values_list("title", "due_on")) == [("定型", Q1.ends_on)]
    assert KeyResult.objects.get(goal=ours).baseline == 5
    assert Obstacle.objects.filter(goal=ours).count() == 1
    assert not ResourceLine.objects.filter(goal=ours).exists()
    line = Alignment.objects.get(child=ours)
    assert (line.parent.carried_from_id, line.is_primary, line.contribution, line.split) == (middle.pk, True, 60, 100)
    assert ours.events.count() == 1
    assert list(Notice.objects.filter(kind="goals.drafts_to_complete").values_list("to__name", flat=True)) == ["Ada"]
    assert AuditEntry.objects.filter(verb="goals.carried", about_id=company.ada.pk).count() == 1


def test_a_goal_above_is_the_one_carried_before_or_called_the_same_or_none(company, after):
    _top, middle, leaf = company.tree()
    same = Goal.objects.create(
        number="G-900",
        period=after,
        layer="dept",
        unit=company.units["研发中心"],
        title=middle.title,
        starts_on=Q1.starts_on,
        due_on=Q1.ends_on,
        made_at=NOW,
    )
    days = (Q1.starts_on, Q1.ends_on)
    seen = outlook(Goal.objects.filter(pk=leaf.pk), after, days)
    assert (seen.come, seen.left, seen.loose, seen.owners) == ((leaf.pk,), {}, 0, 1)
    same.delete()
    assert outlook(Goal.objects.filter(pk=leaf.pk), after, days).loose == 1
    carry(company, after, [middle])
    carry(company, after, [leaf])
    assert Alignment.objects.get(child__carried_from=leaf).parent.carried_from_id == middle.pk


def test_the_job_does_it_once_however_often_it_runs(company, after, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    monkeypatch.setattr(actions, "STEP", 2)
    run = carry(company, after, company.tree())
    assert Job.objects.get(kind="goals.carry").payload == {"run": run.pk}
    steps = 0
    while job(payload={"run": run.pk}, now=NOW):
        steps += 1
    assert steps == 4  # two steps of goals, two of what they support; the one that tells of it says that it is done
    assert [job(payload={"run": run.pk}, now=NOW) for _time in range(2)] == [None, None]
    assert Goal.objects.filter(period=after).count() == 3
    assert Alignment.objects.filter(child__period=after).count() == 2
    again = carry(company, after, list(Goal.objects.filter(period=company.period)))
    while job(payload={"run": again.pk}, now=NOW):
        continue
    again.refresh_from_db()
    assert (again.made, again.left) == (0, 3)


def test_a_thousand_take_as_many_statements_as_ten(company, after):
    many = Employee.objects.bulk_create(
        Employee(employee_no=f"M{n:04}", name=f"多{n}", name_key="", search_key="", hired_on=HIRED) for n in range(510)
    )
    plain = {"layer": "position", "status": "published", "published_at": NOW, "published_on": Q4.starts_on}
    goals = Goal.objects.bulk_create(
        Goal(
            number=f"M-{n}",
            period=company.period,
            title="良品率",
            owner=one,
            starts_on=Q4.starts_on,
            due_on=Q4.ends_on,
            made_at=NOW,
            **plain,
        )
        for n, one in enumerate(many)
    )
    asked = []
    for some in (goals[:10], goals[10:]):
        run = CarryOver.objects.create(
            from_period=company.period, into_period=after, goals=[one.pk for one in some], asked_at=NOW
        )
        with CaptureQueriesContext(connection) as found:
            while actions.carry_some(run_id=run.pk, now=NOW):
                continue
        run.refresh_from_db()
        assert run.made == len(some)
        asked.append(len(found))
    assert asked[1] <= asked[0]  # the first one makes the row that counts numbers


# --- the page ---------------------------------------------------------------------------------------------------------


def post(person, whose, **more):
    """As it was seen before."""
    data = {"of": "2026Q4", "into": INTO, "whose": whose, "seen": "1", **more}
    return person.client.post("/t/acme/goals/carry/", data)


def made(person):
    with person.scope:
        drafts = Goal.objects.filter(carried_from__isnull=False).order_by("layer", "pk")
        return [(one.layer, one.owner.name if one.owner else "") for one in drafts.select_related("owner")]


@pytest.fixture
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


@pytest.mark.usefixtures("_on_that_day")
def test_each_carries_what_is_his_to_write(published_line, ada, marta, henk, anna):
    assert post(henk, "own").status_code == 422
    assert post(ada, "team").status_code == 422 == post(ada, "all").status_code
    assert post(henk, "chosen", people="Cleo").status_code == 422
    assert made(ada) == []
    assert post(marta, "team").status_code == 302
    assert made(ada) == [("position", "Ada")]
    with ada.scope:
        run = CarryOver.objects.get()
        draft = Goal.objects.get(carried_from__isnull=False)
        assert not Alignment.objects.filter(child=draft).exists()  # nobody has carried the one above yet
    (waiting,) = marta.client.get(f"/t/acme/goals/carry/{run.public_id}/").context["waiting"]
    assert (waiting["name"], waiting["number"]) == ("Ada", 1)
    assert marta.client.get(waiting["url"]).context["owner"]["name"] == "Ada"
    assert post(ada, "own").status_code == 422  # her manager did already
    assert post(anna, "all").status_code == 302
    assert made(ada) == [("company", ""), ("dept", ""), ("position", "Ada")]
    with ada.scope:
        above = Alignment.objects.get(child=draft).parent
        assert (above.layer, above.period_id) == ("dept", run.into_period_id)


@pytest.mark.usefixtures("_on_that_day")
def test_the_page_begins_with_ones_own_goals_and_the_next_period(published_line, ada, marta):
    page = ada.client.get("/t/acme/goals/carry/")
    assert page.status_code == 200
    assert [goal.title for goal in page.context["come"]] == ["6308-2RZ 低噪音密封结构定型"]
    assert page.context["form"]["into"].value() == INTO
    assert page.context["found"].loose == 1
    choice = {"of": "2026Q4", "into": INTO, "whose": "own"}
    wrong = ada.client.post("/t/acme/goals/carry/", choice | {"into": "no"})
    assert (wrong.status_code, wrong.context["found"]) == (422, None)
    seen = ada.client.post("/t/acme/goals/carry/", choice)
    assert (seen.status_code, len(seen.context["come"])) == (200, 1)
    with ada.scope:
        assert not CarryOver.objects.exists()  # to look makes nothing
    found = post(ada, "own")
    assert ada.client.get(found["Location"]).context["run"].made == 1
    assert marta.client.get(found["Location"]).status_code == 404


@pytest.mark.usefixtures("_on_that_day")
def test_the_page_asks_as_many_queries_for_twenty_goals_as_for_one(published_line, ada):
    url = "/t/acme/goals/carry/"
    # 1 session, 1 account, 1 scope, 1 employee, 1 periods, 1 spans, 1 period of the name, 1 hidden goals, 1 goals,
    # 1 goals above, 1 those of a period that runs on, 1 goals shown, 1 inbox of the shell
    assert_page_queries(ada.client, url, 13)
    with ada.scope:
        leaf = Goal.objects.get(layer="position")
        for number in range(19):
            leaf.pk, leaf.number, leaf.title = None, f"X-{number}", f"目标 {number}"
            leaf.public_id, leaf.is_aligned = uuid4(), False
            leaf._state.adding = True
            leaf.save()
        assert Period.objects.count() == 1
    assert_page_queries(ada.client, url, 13)
