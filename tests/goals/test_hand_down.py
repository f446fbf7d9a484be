"""A department's goal as drafts of many people: what each takes, for whom, once, and for thousands."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from goals.actions import cascading as actions
from goals.cascading import can_be_split, parts
from goals.models import Alignment, Goal, Milestone
from goals.tasks import cascade as job
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people.models import Assignment, Employee
from perfsys.tenancy.scope import use_tenant
from tests.conftest import assert_page_queries
from tests.goals.conftest import HIRED, NOW

pytestmark = pytest.mark.usefixtures("counts_stay_right")

# --- without a database -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "number", "found"),
    [
        ("100", 3, ["34", "33", "33"]),
        ("90", 3, ["30", "30", "30"]),
        ("1E+2", 4, ["25", "25", "25", "25"]),
        ("2", 5, ["0.4"] * 5),
        ("1.5", 2, ["0.8", "0.7"]),
        ("-3", 2, ["-1", "-2"]),
        ("0", 2, ["0", "0"]),
        (None, 2, [None, None]),
        ("7", 0, []),
    ],
)
def test_the_parts_are_as_alike_as_whole_figures_allow_and_add_up(figure, number, found):
    figure = None if figure is None else Decimal(figure)
    made = parts(figure, number)
    assert made == [None if one is None else Decimal(one) for one in found]
    assert figure is None or not number or sum(made) == figure


def test_a_rate_is_not_split():
    amount = {"target": Decimal(100), "unit_of_measure": "台", "raises": True}
    assert can_be_split(**amount)
    for other in ({"unit_of_measure": " % "}, {"raises": False}, {"target": None}):
        assert not can_be_split(**amount | other)


# --- what each gets ---------------------------------------------------------------------------------------------------


@pytest.fixture
def above(company):
    _top, middle, leaf = company.tree()
    Goal.objects.filter(pk=leaf.pk).delete()
    Goal.objects.filter(pk=middle.pk).update(target=7, baseline=1, unit_of_measure="款")
    return Goal.objects.get(pk=middle.pk)


def hand_down(company, above, people, **more):
    given = {"title": above.title, "share": "equal", "weight": None, "actor": company.marta, "now": NOW}
    return actions.cascade(goal=above, people=[one.pk for one in people], period=company.period, **given | more)


def test_each_gets_a_draft_that_supports_it_and_one_notice(company, above):
    run = hand_down(company, above, [company.ada, company.ben, company.marta], share="split", weight=Decimal(40))
    drafts = Goal.objects.filter(layer="position").order_by("number")
    assert [(one.owner.name, one.target, one.baseline, one.weight, one.status) for one in drafts] == [
        ("Ada", 3, Decimal("0.4"), 40, "draft"),
        ("Ben", 2, Decimal("0.3"), 40, "draft"),
        ("Marta", 2, Decimal("0.3"), 40, "draft"),
    ]
    assert drafts[0].unit == company.units["设计组"]
    assert (drafts[0].starts_on, drafts[0].due_on, drafts[0].unit_of_measure) == (above.starts_on, above.due_on, "款")
    assert set(
        Alignment.objects.filter(child__layer="position").values_list("child__owner__name", "parent", "is_primary")
    ) == {(name, above.pk, True) for name in ("Ada", "Ben", "Marta")}
    assert (run.made, run.left, run.finished_at) == (3, 0, NOW)
    told = Notice.objects.filter(kind="goals.drafts_to_complete").values_list("to__name", flat=True)
    assert sorted(told) == ["Ada", "Ben"]  # she who did it knows
    assert {one.events.count() for one in drafts} == {1}
    again = hand_down(company, above, [company.ada, company.ben], title="换个名字")
    assert (again.made, again.left) == (0, 2)
    assert Notice.objects.filter(kind="goals.drafts_to_complete").count() == 2


def test_left_open_each_says_their_own_and_stages_come_along(company, above):
    Goal.objects.filter(pk=above.pk).update(kind="milestone")
    Milestone.objects.create(goal=above, title="试产", due_on=above.due_on)
    Milestone.objects.create(goal=above, title="立项", due_on=above.due_on, done_on=above.starts_on)
    above.refresh_from_db()
    hand_down(company, above, [company.ada], share="open")
    ours = Goal.objects.get(layer="position")
    assert (ours.target, ours.baseline, ours.kind) == (None, None, "milestone")
    assert list(Milestone.objects.filter(goal=ours).values_list("title", flat=True)) == ["试产"]
    Goal.objects.filter(pk=above.pk).update(status="closed", outcome="achieved")
    with pytest.raises(actions.NotOpen):
        hand_down(company, above, [company.ben])


@pytest.mark.django_db(transaction=True)
def test_the_job_does_not_wait_for_whoever_presses_again(founded, monkeypatch):
    """The second press holds the goal, which the job's drafts name, and names the period, which the job holds."""
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    with use_tenant(1):
        above = founded.tree()[1]
        run = hand_down(founded, above, [founded.ben])

    def work():
        try:
            with use_tenant(1):
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '5s'")
                return job(payload={"run": run.pk}, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, use_tenant(1), transaction.atomic():
        hand_down(founded, above, [founded.ben])
        pool.submit(work).result(30)
        assert Goal.objects.filter(owner=founded.ben).count() == 1


def test_the_job_does_it_once_however_often_it_runs(company, above, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    monkeypatch.setattr(actions, "STEP", 2)
    run = hand_down(company, above, [company.ada, company.ben, company.cleo], share="split")
    assert Job.objects.get(kind="goals.cascade").payload == {"run": run.pk}
    assert [bool(job(payload={"run": run.pk}, now=NOW)) for _time in range(4)] == [True, True, False, False]
    assert sorted(Goal.objects.filter(layer="position").values_list("target", flat=True)) == [2, 2, 3]
    assert Notice.objects.filter(kind="goals.drafts_to_complete").count() == 3


def test_a_thousand_take_as_many_statements_as_ten(company, above):
    many = Employee.objects.bulk_create(
        Employee(employee_no=f"M{n:04}", name=f"多{n}", name_key="", search_key="", hired_on=HIRED) for n in range(510)
    )
    asked = []
    for some in (many[:10], many[10:]):
        run = actions.Cascade.objects.create(
            goal=above,
            period=company.period,
            title="良品",
            share="equal",
            people=[one.pk for one in some],
            asked_at=NOW,
        )
        with CaptureQueriesContext(connection) as found:
            assert not actions.cascade_some(run_id=run.pk, now=NOW)
        run.refresh_from_db()
        assert run.made == len(some)
        asked.append(len(found))
    # notices are written in batches; everything else is one statement whatever the number
    assert asked[1] <= asked[0] + 4


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("that_day")
def test_each_hands_down_to_whom_he_may_write_for(line, ada, marta, henk, anna, otto):
    middle = line[1]
    url = f"/t/acme/goals/{middle.public_id}/hand-down/"
    asked = {"title": "密封结构", "share": "equal", "into": "2026-10-01/2026-12-31", "people": "Ben"}
    assert ada.client.get(url).status_code == 403
    assert otto.client.get(url).status_code == 404
    assert marta.client.get(f"/t/acme/goals/{line[0].public_id}/hand-down/").status_code == 403  # the company's
    assert marta.client.post(url, {**asked, "people": "Cleo"}).status_code == 422
    seen = marta.client.post(url, asked)
    assert (seen.status_code, seen.context["come"][0].name, seen.context["left"]) == (200, "Ben", [])
    done = marta.client.post(url, {**asked, "seen": "1"})
    assert marta.client.get(done["Location"]).context["run"].made == 1
    assert henk.client.get(done["Location"]).status_code == 404
    assert marta.client.post(url, {**asked, "seen": "1"}).status_code == 422  # he has it
    with anna.scope:
        Assignment.objects.filter(employee__name="Cleo").update(position="质检员")
        Assignment.objects.filter(employee__name="Ada").update(position="质检员")
    by_post = anna.client.post(url, {**asked, "people": "", "post": "质检员"})
    assert [one.name for one in by_post.context["come"]] == ["Cleo"]  # Ada has a goal that supports it
    assert list(by_post.context["found"].left.values()) == ["supports"]
    inside = anna.client.post(url, {**asked, "people": "", "post": "质检员", "unit": "生产中心"})
    assert [one.name for one in inside.context["come"]] == ["Cleo"]
    assert anna.client.post(url, {**asked, "people": "", "post": "没有"}).status_code == 422


@pytest.mark.usefixtures("that_day")
def test_the_page_asks_as_many_queries_for_many_people_as_for_few(line, anna):
    url = f"/t/acme/goals/{line[1].public_id}/hand-down/"
    # 1 session, 1 account, 1 scope, 1 employee, 1 goal, 1 spans, 1 positions, 1 inbox and 1 gaps of the shell
    assert_page_queries(anna.client, url, 9)
    with anna.scope:
        Employee.objects.bulk_create(
            Employee(employee_no=f"M{n}", name=f"多{n}", name_key="", search_key="", hired_on=HIRED) for n in range(20)
        )
    assert_page_queries(anna.client, url, 9)
